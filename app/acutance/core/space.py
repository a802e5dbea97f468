"""Which volumes lie in one space, and places in it."""

from __future__ import annotations

import hashlib
import math
from typing import TYPE_CHECKING

import numpy as np

from acutance.core.affine import plane_axis, to_index, to_world

if TYPE_CHECKING:
    from acutance.core.affine import Plane
    from acutance.core.slicing import Grid
    from acutance.core.volume import Volume

Point = tuple[float, float, float]
#: Mm below which two grids are one.
_GRID_TOLERANCE = 1e-3


def frame_key(volume: Volume) -> str:
    """Return what tells the space of a volume from others: its frame of reference, else its grid.

    Where a file names no frame of reference, only volumes of the very same grid are taken to lie
    in one space.

    References
    ----------
    .. [1] DICOM PS3.3 C.7.4.1 (Frame of Reference UID).
    """
    frame = volume.facts.get("frame_of_reference")
    if frame:
        return f"frame {frame}"
    grid = np.round(volume.affine / _GRID_TOLERANCE).astype(np.int64)
    return f"grid {hashlib.sha256(grid.tobytes() + repr(volume.shape).encode()).hexdigest()[:12]}"


def is_inside(volume: Volume, point: Point) -> bool:
    """Whether a point in mm lies within the voxels of a volume."""
    index = to_index(volume.affine, point)
    return all(-0.5 <= x <= n - 0.5 for x, n in zip(index, volume.shape, strict=True))


def middle_of(volume: Volume) -> Point:
    """Return the middle voxel of a volume, in mm."""
    i, j, k = (n // 2 for n in volume.shape)
    return to_world(volume.affine, (float(i), float(j), float(k)))


def clamped(volume: Volume, point: Point) -> Point:
    """Return the point among the voxel centres of a volume that is nearest to a point in mm.

    A point that was inside stays the same to the last bit.
    """
    wanted = to_index(volume.affine, point)
    inside = tuple(min(max(x, 0.0), n - 1.0) for x, n in zip(wanted, volume.shape, strict=True))
    if all(abs(a - b) <= 1e-6 for a, b in zip(inside, wanted, strict=True)):
        return float(point[0]), float(point[1]), float(point[2])
    return to_world(volume.affine, (inside[0], inside[1], inside[2]))


def slice_at(volume: Grid, plane: Plane, point: Point) -> int:
    """Return the slice of a plane that a point in mm lies in, 0-based, file order, clamped."""
    axis = plane_axis(volume.affine, plane)
    position = to_index(volume.affine, point)[axis]
    # The small offset keeps a point half-way between slices from flickering with round-off.
    return min(max(math.floor(position + 0.5 + 1e-6), 0), volume.shape[axis] - 1)


def on_slice(volume: Grid, plane: Plane, index: int, point: Point) -> Point:
    """Return a point moved to a slice of a plane, clamped; its place in the plane stays."""
    axis = plane_axis(volume.affine, plane)
    position = list(to_index(volume.affine, point))
    position[axis] = float(min(max(int(index), 0), volume.shape[axis] - 1))
    return to_world(volume.affine, (position[0], position[1], position[2]))
