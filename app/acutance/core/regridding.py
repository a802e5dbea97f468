"""Values of one volume at the places of a slice of another."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from acutance.core.slicing import extract_slice
from acutance.core.volume import luma

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from acutance.core.slicing import SliceGeometry
    from acutance.core.volume import Volume


def share_space(one: Volume, other: Volume) -> bool:
    """Whether mm of both mean the same: sides are known, and no two frames of reference stated."""
    frames = {v.facts.get("frame_of_reference") for v in (one, other)} - {None}
    return one.orientation_known and other.orientation_known and len(frames) < 2


def same_grid(one: Volume, other: Volume) -> bool:
    """Whether two volumes have their voxels at the same places, to a thousandth of a mm."""
    return one.shape == other.shape and bool(np.allclose(one.affine, other.affine, atol=1e-3))


def slice_on_grid(
    source: Volume, grid: Volume, geometry: SliceGeometry, index: int
) -> NDArray[np.float32]:
    """Return the values of `source` at the pixels of a slice of `grid`, linearly interpolated.

    Parameters
    ----------
    source, grid : Volume
        In one space; nothing checks that.
    geometry : SliceGeometry
        Of a plane of `grid`.
    index : int
        The slice, 0-based, file order.

    Returns
    -------
    ndarray, shape geometry.size, float32, real-world units of `source`
        Not a number where `source` has no voxels; of colour it is the luma.

    Raises
    ------
    IndexError
        If there is no such slice.
    """
    if same_grid(source, grid):
        return extract_slice(source, geometry, index)
    if not 0 <= index < geometry.count:
        raise IndexError(f"slice {index} of {geometry.count}")
    to_source = np.linalg.inv(source.affine) @ grid.affine
    origin = _index_of(geometry, 0.0, 0.0, index)
    row_step = _index_of(geometry, 1.0, 0.0, index) - origin
    column_step = _index_of(geometry, 0.0, 1.0, index) - origin
    start = to_source[:3, :3] @ origin + to_source[:3, 3]
    rows = np.arange(geometry.size[0])[:, None, None] * (to_source[:3, :3] @ row_step)
    columns = np.arange(geometry.size[1])[None, :, None] * (to_source[:3, :3] @ column_step)
    return _interpolate(source, (start + rows + columns).astype(np.float32))


def _index_of(
    geometry: SliceGeometry, row: float, column: float, index: int
) -> NDArray[np.float64]:
    return np.array(geometry.to_index(row, column, index))


def _interpolate(source: Volume, places: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return values at fractional indices, shape (..., 3); not a number outside."""
    last = np.array(source.shape, np.float32) - 1
    # Half a voxel beyond the outermost centres still belongs to the volume.
    outside = np.any((places < -0.5) | (places > last + 0.5), axis=-1)
    places = np.clip(places, 0, last)
    low = np.minimum(places.astype(np.int32), np.maximum(last.astype(np.int32) - 1, 0))
    share = places - low
    high = np.minimum(low + 1, last.astype(np.int32))
    total = np.zeros(places.shape[:-1], np.float32)
    for corner in range(8):
        weight = np.ones(places.shape[:-1], np.float32)
        index = []
        for axis in range(3):
            is_high = bool(corner >> axis & 1)
            weight *= share[..., axis] if is_high else 1 - share[..., axis]
            index.append((high if is_high else low)[..., axis])
        stored = source.array[tuple(index)]
        total += weight * (luma(stored) if source.is_colour else stored.astype(np.float32))
    values = source.to_real(total)
    values[outside] = np.nan
    return values
