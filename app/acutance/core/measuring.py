"""Measurements on slices: distances, angles, and the values inside a region the user drew.

Places are voxel indices, so that no flip, rotation or convention of a view changes a number.
Lengths and areas are those of the affine.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from acutance.core.volume import luma

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from acutance.core.volume import Volume

Index = tuple[float, float, float]
Kind = Literal["distance", "angle", "ellipse", "rectangle"]
#: How many places each kind has: ends; end, corner, end; opposite corners of the box around it.
POINTS: dict[Kind, int] = {"distance": 2, "angle": 3, "ellipse": 2, "rectangle": 2}
REGIONS: tuple[Kind, ...] = ("ellipse", "rectangle")
_PROFILE_STEP = 0.5


@dataclass(frozen=True)
class Measurement:
    """What the user measured on one slice.

    Parameters
    ----------
    kind : str
        "distance", "angle", "ellipse" or "rectangle".
    axis, index : int
        The slice: position `index` along the array axis `axis`.
    points : tuple of (float, float, float)
        Voxel indices, voxel centres at whole numbers; `POINTS` says how many.

    Raises
    ------
    ValueError
        If the number of points is another or one is not finite.
    """

    kind: Kind
    axis: int
    index: int
    points: tuple[Index, ...]

    def __post_init__(self) -> None:
        """Check the points."""
        if len(self.points) != POINTS[self.kind] or not np.isfinite(self.points).all():
            raise ValueError(f"{self.kind} needs {POINTS[self.kind]} finite points")

    def moved(self, number: int, point: Index) -> Measurement:
        """Return it with one of its points elsewhere."""
        points = (*self.points[:number], point, *self.points[number + 1 :])
        return Measurement(self.kind, self.axis, self.index, points)


@dataclass(frozen=True)
class RegionStatistics:
    """The values in a region.

    Parameters
    ----------
    count : int
        Pixels whose centre lies inside and whose value is finite.
    area_mm2 : float or None
        Of all pixels inside; None where the spacing is not known.
    mean, sd, median, low, high : float or None
        Real-world values, of colour the luma; `sd` with n - 1. None without a pixel, `sd` also
        with one alone.
    snr : float or None
        Mean over standard deviation; None where there is no spread.
    """

    count: int
    area_mm2: float | None
    mean: float | None = None
    sd: float | None = None
    median: float | None = None
    low: float | None = None
    high: float | None = None
    snr: float | None = None


def length_mm(volume: Volume, start: Index, end: Index) -> float:
    """Return the distance of two voxel indices, in mm; in voxels where spacing is not known."""
    step = np.subtract(end, start)
    return float(np.linalg.norm(volume.affine[:3, :3] @ step if volume.spacing_known else step))


def angle_deg(volume: Volume, points: tuple[Index, ...]) -> float | None:
    """Return the angle at the second of three points, in degrees in [0, 180].

    None where one of its sides has no length.
    """
    first, corner, last = (volume.affine[:3, :3] @ np.asarray(p, np.float64) for p in points)
    one, other = first - corner, last - corner
    lengths = float(np.linalg.norm(one) * np.linalg.norm(other))
    if lengths == 0.0:
        return None
    # The arc tangent is exact for small angles too, where the arc cosine is not.
    return float(np.degrees(np.arctan2(np.linalg.norm(np.cross(one, other)), one @ other)))


def region_mask(volume: Volume, region: Measurement) -> NDArray[np.bool_]:
    """Return which pixels of its slice a region holds: those whose centre lies inside.

    Returns
    -------
    ndarray, bool, shape of the slice
        Axes in the order of the array, less the axis of the slice.
    """
    first, second = (axis for axis in range(3) if axis != region.axis)
    grids = np.ogrid[: volume.shape[first], : volume.shape[second]]
    # From the middle, in half sizes: the edge of a rectangle lies at 1, and that of an ellipse.
    ways = []
    for axis, grid in zip((first, second), grids, strict=True):
        low, high = sorted(point[axis] for point in region.points)
        ways.append(np.abs(grid - (low + high) / 2) / max((high - low) / 2, 1e-9))
    if region.kind == "rectangle":
        return np.asarray(np.maximum(ways[0], ways[1]) <= 1.0)
    return np.asarray(ways[0] ** 2 + ways[1] ** 2 <= 1.0)


def region_values(volume: Volume, region: Measurement) -> NDArray[np.float64]:
    """Return the finite real-world values inside a region, of colour the luma."""
    place: list[int | slice] = [slice(None)] * 3
    place[region.axis] = region.index
    stored = volume.array[tuple(place)][region_mask(volume, region)]
    values = volume.to_real(luma(stored) if volume.is_colour else stored).astype(np.float64)
    finite: NDArray[np.float64] = values[np.isfinite(values)]
    return finite


def region_statistics(volume: Volume, region: Measurement) -> RegionStatistics:
    """Return area and values of a region."""
    values = region_values(volume, region)
    first, second = (volume.affine[:3, a] for a in range(3) if a != region.axis)
    pixel = float(np.linalg.norm(np.cross(first, second)))
    area = int(region_mask(volume, region).sum()) * pixel if volume.spacing_known else None
    if not values.size:
        return RegionStatistics(0, area)
    mean = float(values.mean())
    sd = float(values.std(ddof=1)) if values.size > 1 else None
    return RegionStatistics(
        int(values.size),
        area,
        mean,
        sd,
        float(np.median(values)),
        float(values.min()),
        float(values.max()),
        mean / sd if sd else None,
    )


def profile(volume: Volume, line: Measurement) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the values along a distance, interpolated between the four nearest pixels.

    Returns
    -------
    ndarray, shape (N,), float64
        Way from the start, in mm; in voxels where the spacing is not known.
    ndarray, shape (N,), float64
        Real-world values, of colour the luma; NaN outside the slice.
    """
    start, end = (np.asarray(point, np.float64) for point in line.points)
    axes = [axis for axis in range(3) if axis != line.axis]
    steps = float(np.abs(end - start).max())
    count = max(2, int(np.ceil(steps / _PROFILE_STEP)) + 1)
    share = np.linspace(0.0, 1.0, count)
    at = start[axes] + share[:, None] * (end - start)[axes]
    place: list[int | slice] = [slice(None)] * 3
    place[line.axis] = line.index
    stored = volume.array[tuple(place)]
    sizes = np.array(stored.shape[:2])
    low = np.clip(np.floor(at), 0, np.maximum(sizes - 2, 0)).astype(np.intp)
    part = at - low
    values = np.zeros(count)
    for corner in np.ndindex(2, 2):
        pixel = np.minimum(low + corner, sizes - 1)
        weight = np.prod(np.where(np.array(corner) == 1, part, 1.0 - part), axis=1)
        found = stored[pixel[:, 0], pixel[:, 1]]
        real = volume.to_real(luma(found) if volume.is_colour else found).astype(np.float64)
        # What does not count must not spoil the sum, were it not a number.
        values += np.where(weight == 0.0, 0.0, weight * np.where(weight == 0.0, 0.0, real))
    outside = ((at < -0.5) | (at > sizes - 0.5)).any(axis=1)
    way = share * length_mm(volume, line.points[0], line.points[1])
    return way, np.where(outside, np.nan, values)
