"""Slabs: the largest value along the way through several slices."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from acutance.core.slicing import drawn_view

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from acutance.core.slicing import SliceGeometry
    from acutance.core.volume import Volume


def slab_range(
    geometry: SliceGeometry, spacing_mm: float, index: int, thickness_mm: float
) -> range:
    """Return the slices of a slab about one of them; at the ends of the stack it is thinner.

    Parameters
    ----------
    spacing_mm : float
        Between slices.
    thickness_mm : float
        Of the slab; the slice itself always belongs to it.
    """
    half = max(0, round((thickness_mm / spacing_mm - 1.0) / 2.0))
    return range(max(0, index - half), min(geometry.count, index + half + 1))


def extract_slab(
    volume: Volume, geometry: SliceGeometry, index: int, thickness_mm: float
) -> NDArray[np.float32]:
    """Return the largest real-world value of each pixel in a slab, as drawn.

    Parameters
    ----------
    volume : Volume
        Not in colour.
    thickness_mm : float, > 0

    Returns
    -------
    ndarray, float32, shape `geometry.size`
        What is not a number counts only where nothing else is there.

    Raises
    ------
    ValueError
        If the volume is in colour.
    IndexError
        If there is no such slice.
    """
    if volume.is_colour:
        raise ValueError("colours have no largest value")
    if not 0 <= index < geometry.count:
        raise IndexError(f"slice {index} of {geometry.count}")
    slices = slab_range(geometry, volume.spacing[geometry.axis], index, thickness_mm)
    stored = drawn_view(volume.array, geometry)[slices.start : slices.stop]
    # A falling scale turns the order round.
    reduce = np.fmax if volume.slope >= 0 else np.fmin
    return np.ascontiguousarray(volume.to_real(reduce.reduce(stored, axis=0)))
