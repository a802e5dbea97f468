"""Values of one volume at the places of a slice of another grid."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from acutance.core.slicing import extract_colour, extract_slice
from acutance.core.volume import luma

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from acutance.core.affine import Affine
    from acutance.core.slicing import Grid, SliceGeometry
    from acutance.core.volume import Volume

#: Pixels that are computed together: what lies between stays in the cache of a core.
_BLOCK = 32768


def share_space(one: Volume, other: Volume) -> bool:
    """Whether mm of both mean the same: sides are known, and no two frames of reference stated."""
    frames = {v.facts.get("frame_of_reference") for v in (one, other)} - {None}
    return one.orientation_known and other.orientation_known and len(frames) < 2


def same_grid(one: Grid, other: Grid) -> bool:
    """Whether two grids have their voxels at the same places, to a thousandth of a mm."""
    return one.shape == other.shape and bool(np.allclose(one.affine, other.affine, atol=1e-3))


def slice_on_grid(
    source: Volume, grid: Grid, geometry: SliceGeometry, index: int
) -> NDArray[np.float32]:
    """Return the values of `source` at the pixels of a slice of `grid`, linearly interpolated.

    Parameters
    ----------
    source : Volume
    grid : Grid
        In one space with the source; nothing checks that.
    geometry : SliceGeometry
        Of a plane of `grid`.
    index : int
        The slice, 0-based, in the order of the grid.

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
    places = _Places(source.affine, source.shape, grid, geometry, index)
    values = np.empty(geometry.size, np.float32)
    for rows in places.blocks():
        values[rows] = source.to_real(_interpolate(source.array, *places.of(rows)))
        values[rows][places.outside(rows)] = np.nan
    return values


def nearest_on_grid(
    array: NDArray[Any], affine: Affine, grid: Grid, geometry: SliceGeometry, index: int
) -> NDArray[Any]:
    """Return the voxels of an array that are nearest to the pixels of a slice of `grid`.

    Parameters
    ----------
    array : ndarray, shape (I, J, K, ...)
        Labels or colours, which nothing lies between.
    affine : ndarray, shape (4, 4)
        Of the array.

    Returns
    -------
    ndarray, shape (*geometry.size, ...), dtype of `array`
        Zero where the array has no voxels.

    Raises
    ------
    IndexError
        If there is no such slice.
    """
    i, j, k = array.shape[:3]
    places = _Places(affine, (i, j, k), grid, geometry, index)
    found = np.empty((*geometry.size, *array.shape[3:]), array.dtype)
    for rows in places.blocks():
        low, share = places.of(rows)
        near = [n + (s >= 0.5) for n, s in zip(low, share, strict=True)]
        found[rows] = array[near[0], near[1], near[2]]
        found[rows][places.outside(rows)] = 0
    return found


def colour_on_grid(
    source: Volume, grid: Grid, geometry: SliceGeometry, index: int
) -> NDArray[np.uint8]:
    """Return the colours of `source` that are nearest to the pixels of a slice of `grid`.

    Returns
    -------
    ndarray, shape (*geometry.size, 3), uint8
        Black where `source` has no voxels; 16-bit colours are cut to their upper 8 bits.

    Raises
    ------
    IndexError
        If there is no such slice.
    ValueError
        If the volume holds no colour.
    """
    if same_grid(source, grid):
        return extract_colour(source, geometry, index)
    if not source.is_colour:
        raise ValueError("the volume holds no colour")
    found = nearest_on_grid(source.array, source.affine, grid, geometry, index)
    if found.dtype.itemsize > 1:
        found = found >> (8 * (found.dtype.itemsize - 1))
    return np.ascontiguousarray(found, dtype=np.uint8)


class _Places:
    """Where the pixels of a slice of one grid lie in the voxels of another array.

    A place is a sum of what its row and its column add, so that nothing of the size of the slice is
    multiplied by a matrix.

    Raises
    ------
    IndexError
        If there is no such slice.
    """

    def __init__(
        self,
        affine: Affine,
        shape: tuple[int, int, int],
        grid: Grid,
        geometry: SliceGeometry,
        index: int,
    ) -> None:
        if not 0 <= index < geometry.count:
            raise IndexError(f"slice {index} of {geometry.count}")
        to_source = np.linalg.inv(affine) @ grid.affine
        origin = np.array(geometry.to_index(0.0, 0.0, index))
        row_step = np.array(geometry.to_index(1.0, 0.0, index)) - origin
        column_step = np.array(geometry.to_index(0.0, 1.0, index)) - origin
        start = to_source[:3, :3] @ origin + to_source[:3, 3]
        self._size = geometry.size
        self._last = [n - 1 for n in shape]
        along_rows = np.arange(geometry.size[0])[:, None] * (to_source[:3, :3] @ row_step)
        along_columns = np.arange(geometry.size[1])[:, None] * (to_source[:3, :3] @ column_step)
        self._rows = np.asarray((start + along_rows).T, np.float32)
        self._columns = np.asarray(along_columns.T, np.float32)

    def blocks(self) -> list[slice]:
        """Return the rows of the slice, some at a time."""
        count = max(1, _BLOCK // max(1, self._size[1]))
        return [slice(n, min(n + count, self._size[0])) for n in range(0, self._size[0], count)]

    def of(self, rows: slice) -> tuple[list[NDArray[np.intp]], list[NDArray[np.float32]]]:
        """Return, for each array axis, the voxel before each pixel and the share of the next.

        Pixels outside get the nearest voxel.
        """
        low, share = [], []
        for axis, last in enumerate(self._last):
            place = self._axis(axis, rows)
            np.clip(place, 0, last, out=place)
            before = np.minimum(place.astype(np.intp), max(last - 1, 0))
            low.append(before)
            share.append(np.subtract(place, before, out=place, casting="same_kind"))
        return low, share

    def outside(self, rows: slice) -> NDArray[np.bool_]:
        """Return which pixels lie beyond the voxels, half a voxel after the outermost centres."""
        found = np.zeros((rows.stop - rows.start, self._size[1]), bool)
        for axis, last in enumerate(self._last):
            place = self._axis(axis, rows)
            found |= place < -0.5
            found |= place > last + 0.5
        return found

    def _axis(self, axis: int, rows: slice) -> NDArray[np.float32]:
        place: NDArray[np.float32] = self._rows[axis, rows, None] + self._columns[axis, None, :]
        return place


def _interpolate(
    array: NDArray[Any], low: list[NDArray[np.intp]], share: list[NDArray[np.float32]]
) -> NDArray[np.float32]:
    """Return stored values between voxels, of colour the luma, linearly, float32.

    The eight neighbours are met one axis after the other: four lines, two planes, one value.
    """
    # Along the axis that lies densest in memory last, so that neighbours are read together.
    axes = sorted(range(3), key=lambda axis: -abs(array.strides[axis]))
    steps = [int(array.shape[axis] > 1) for axis in range(3)]
    flat, strides = _flat(array)
    if flat is None:
        offsets: list[Any] = [np.array([0, step]) for step in steps]

        def at(corner: tuple[int, int, int]) -> NDArray[np.float32]:
            place = tuple(low[axis] + offsets[axis][corner[axis]] for axis in range(3))
            stored = array[place]
            return luma(stored) if stored.ndim > 2 else stored.astype(np.float32)

    else:
        base = sum(low[axis] * strides[axis] for axis in range(3))

        def at(corner: tuple[int, int, int]) -> NDArray[np.float32]:
            shift = sum(corner[axis] * steps[axis] * strides[axis] for axis in range(3))
            return np.take(flat, base + shift, mode="clip").astype(np.float32)

    def along(number: int, corner: tuple[int, int, int]) -> NDArray[np.float32]:
        """Return the values with the axes from `number` on between their voxels."""
        if number == 3:
            return at(corner)
        axis = axes[number]
        before = along(number + 1, corner)
        if not steps[axis]:
            return before
        i, j, k = (1 if n == axis else corner[n] for n in range(3))
        after = along(number + 1, (i, j, k))
        after -= before
        after *= share[axis]
        before += after
        return before

    return along(0, (0, 0, 0))


def _flat(array: NDArray[Any]) -> tuple[NDArray[Any] | None, list[int]]:
    """Return the voxels as they lie in memory, and how many are between neighbours of each axis.

    None where they do not lie side by side.
    """
    if array.ndim > 3:
        return None, []
    order = sorted(range(3), key=lambda axis: -abs(array.strides[axis]))
    turned = array.transpose(order)
    strides = [array.strides[axis] // array.itemsize for axis in range(3)]
    return (turned.reshape(-1), strides) if turned.flags.c_contiguous else (None, strides)
