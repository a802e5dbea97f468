"""Build the network a recognised checkpoint of the video networks belongs to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from acutance_models.negvsr.network import build_vsr

if TYPE_CHECKING:
    from torch import nn


def build_imported(architecture: str, t: int | None) -> nn.Module:
    """Build the network that `acutance_models.families` recognised.

    Parameters
    ----------
    architecture : str
        As `acutance_models.negvsr.layout.vsr_layout` returns it.
    t : int or None
        Steps of recurrence; these networks have none and leave it unread.
    """
    del t
    return build_vsr(architecture)
