"""Build the network a recognised checkpoint of restorers or autoencoders belongs to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from acutance_models.ot_restore.autoencoder import build_autoencoder
from acutance_models.ot_restore.restorer import build_restorer

if TYPE_CHECKING:
    from torch import nn


def build_imported(architecture: str, t: int | None) -> nn.Module:
    """Build the network that `acutance_models.families` recognised.

    Parameters
    ----------
    architecture : str
        As `own_architecture`, `published_architecture` or `dncnn_architecture` of the layout
        modules beside this one returns it.
    t : int or None
        Steps of recurrence; these networks have none and leave it unread.
    """
    del t
    if architecture.startswith(("resunet", "dncnn")):
        return build_restorer(architecture)
    return build_autoencoder(architecture)
