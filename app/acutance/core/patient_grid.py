"""Planes along the axes of the patient through voxels that lie oblique to them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from acutance.core.affine import (
    PLANE_NORMAL,
    PLANES,
    Affine,
    Plane,
    direction,
    spacing,
    to_index,
    to_world,
    world_axes,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from acutance.core.volume import Volume

Point = tuple[float, float, float]
#: Voxels whose axes are off those of the patient by less are straight: no slice looks otherwise.
OBLIQUE_DEGREES = 0.1
#: Pixels along a side of a plane, at most; beyond, pixels are larger than the smallest voxel.
MOST_PIXELS = 1024
#: A direction cosine that is rounding, and halvings after which nothing is left to halve.
_STILL, _HALVINGS = 1e-9, 80


@dataclass(frozen=True, eq=False)
class PatientGrid:
    """A grid along the patient's axes that a volume is shown in; it has no voxels of its own.

    Parameters
    ----------
    affine : ndarray, shape (4, 4), float64
        Index to mm, RAS+; diagonal but for its last column.
    shape : tuple of int
    orientation_known : bool
        Always true: unknown sides have no patient axes.
    """

    affine: Affine
    shape: tuple[int, int, int]
    orientation_known: bool = True


def is_oblique(volume: Volume) -> bool:
    """Whether an axis of the voxels is off that of the patient it follows; False if unknown."""
    if not volume.orientation_known:
        return False
    cosines = np.abs(direction(volume.affine))
    worst = min(cosines[world, axis] for axis, world in enumerate(world_axes(volume.affine)))
    return bool(worst < math.cos(math.radians(OBLIQUE_DEGREES)))


def patient_grid(volume: Volume, plane: Plane) -> PatientGrid:
    """Return the grid in which a plane of a volume is shown along the patient's axes.

    Its pixels are square and as small as the shortest side of a voxel; its slices are as far apart
    as those of the array axis that is nearest to the normal of the plane. It holds every voxel
    centre, and one of its points is the middle voxel.

    Raises
    ------
    ValueError
        If there is no such plane.
    """
    if plane not in PLANES:
        raise ValueError(f"plane must be one of {PLANES}, not {plane!r}")
    return _grid(volume.affine.tobytes(), volume.shape, plane)


def nearest_in_plane(volume: Volume, plane: Plane, point: Point) -> Point:
    """Return the point of a plane along the patient's axes, within the voxels, nearest to a point.

    The plane is the one that the point lies in. Where it meets no voxel it is moved to the nearest
    that does.

    Notes
    -----
    With a point p, in mm along the array axes, the nearest x in a box with a . x = d is
    clip(p + t a) for the t at which the sum, which never falls with t, is d; t is found by
    halving. Distances are those along the array axes; where these are not perpendicular the point
    lies in plane and box all the same.

    References
    ----------
    .. [1] Brucker, Operations Research Letters 3(3), 1984 (continuous quadratic knapsack).
    """
    normal = PLANE_NORMAL[plane]
    mm = np.array(spacing(volume.affine))
    along = volume.affine[normal, :3] / mm
    last = (np.array(volume.shape) - 1) * mm
    start = np.array(to_index(volume.affine, point)) * mm
    wanted = float(point[normal] - volume.affine[normal, 3])

    def moved(t: float) -> NDArray[np.float64]:
        place: NDArray[np.float64] = np.clip(start + t * along, 0.0, last)
        return place

    # So far on, every coordinate that moves at all has met an end of the box.
    slowest = float(np.abs(along[np.abs(along) > _STILL]).min())
    reach = float((np.abs(start) + last).max()) / slowest
    low, high = -reach, reach
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if float(along @ moved(middle)) < wanted:
            low = middle
        else:
            high = middle
    i, j, k = moved((low + high) / 2) / mm
    return to_world(volume.affine, (float(i), float(j), float(k)))


@lru_cache(maxsize=32)
def _grid(affine_bytes: bytes, shape: tuple[int, int, int], plane: Plane) -> PatientGrid:
    affine = np.frombuffer(affine_bytes, np.float64).reshape(4, 4)
    corners = np.array(list(product(*((0.0, n - 1.0) for n in shape))))
    world = corners @ affine[:3, :3].T + affine[:3, 3]
    low, high = world.min(axis=0), world.max(axis=0)
    middle = affine[:3, :3] @ np.array([n // 2 for n in shape], np.float64) + affine[:3, 3]
    mm, along = spacing(affine), world_axes(affine)
    fine = max(min(mm), float((high - low).max()) / (MOST_PIXELS - 2))
    normal = PLANE_NORMAL[plane]
    step = np.full(3, fine)
    step[normal] = mm[along.index(normal)]
    before = np.floor((middle - low) / step + 1e-6)
    after = np.floor((high - middle) / step + 1e-6)
    sides = [axis for axis in range(3) if axis != normal]
    # Pixels reach beyond the outermost centres, slices do not: each of them meets a voxel.
    before[sides] += 1
    after[sides] += 1
    grid = np.diag([*step, 1.0])
    grid[:3, 3] = middle - before * step
    i, j, k = (int(n) for n in before + after + 1)
    return PatientGrid(grid, (i, j, k))
