"""Build the network a recognised checkpoint of the U-Nets belongs to."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from acutance_models.errors import WeightsError
from acutance_models.r2unet.layout import parse_architecture
from acutance_models.r2unet.network import SegmentationNetwork

if TYPE_CHECKING:
    from torch import nn


def build_imported(architecture: str, t: int | None) -> nn.Module:
    """Build the network that `acutance_models.families` recognised.

    Parameters
    ----------
    architecture : str
        As `acutance_models.r2unet.layout.unet_architecture` returns it.
    t : int or None
        Steps of recurrence. Networks without recurrence leave it unread.

    Raises
    ------
    WeightsError
        If the network is recurrent and neither the file nor `t` says how many steps it has, or
        they disagree, or `t` is below 0.
    """
    parsed = parse_architecture(architecture)
    if not parsed.is_recurrent:
        return SegmentationNetwork(parsed)
    if t is None and parsed.t is None:
        raise WeightsError(
            f"{parsed.network}: the file does not say how many steps of recurrence its network "
            "has, and the result depends on it. Give t as in training; the distributed class "
            "uses 2 unless told otherwise, its training script 3."
        )
    if t is not None and t < 0:
        raise WeightsError(f"{parsed.network}: expected t of 0 or more; got {t}. Give another t.")
    if None not in (t, parsed.t) and t != parsed.t:
        raise WeightsError(
            f"{parsed.network}: the file has {parsed.t} steps of recurrence, not {t}. "
            "Leave t out, or give that number."
        )
    return SegmentationNetwork(replace(parsed, t=parsed.t if t is None else t))
