"""Images with known answers, made of numpy alone; the same bytes on every call.

`import phantoms` works in every test: pytest puts this folder on the path.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Float32 = NDArray[np.float32]


def bar_pattern(
    shape: tuple[int, int] = (128, 128), period: int = 8, low: float = 0.0, high: float = 1.0
) -> Float32:
    """Make vertical bars: `period` columns per cycle, the first half of each `low`.

    Returns
    -------
    ndarray, shape (rows, columns), float32, values `low` and `high` only
    """
    if period < 2 or period % 2:
        raise ValueError(f"period must be an even number of columns >= 2, got {period}")
    column = np.arange(shape[1]) % period >= period // 2
    row = np.where(column, high, low).astype(np.float32)
    return np.ascontiguousarray(np.broadcast_to(row, shape))


def edge(
    shape: tuple[int, int] = (128, 128),
    angle_deg: float = 5.0,
    low: float = 0.0,
    high: float = 1.0,
    blur: float = 0.0,
) -> Float32:
    """Make one straight edge through the middle, `angle_deg` off the vertical.

    Parameters
    ----------
    blur : float, width of the linear ramp across the edge in pixels, >= 0; 0 is a hard step

    Returns
    -------
    ndarray, shape (rows, columns), float32, in [low, high]
    """
    rows, columns = np.indices(shape, dtype=np.float64)
    angle = np.deg2rad(angle_deg)
    distance = (columns - (shape[1] - 1) / 2) * np.cos(angle)
    distance += (rows - (shape[0] - 1) / 2) * np.sin(angle)
    step = distance > 0 if blur <= 0 else np.clip(distance / blur + 0.5, 0.0, 1.0)
    return (low + (high - low) * step).astype(np.float32)


def sphere(
    shape: tuple[int, int, int] = (48, 48, 48),
    radius: float = 15.0,
    centre: tuple[float, float, float] | None = None,
    value: float = 1.0,
) -> Float32:
    """Make a ball of `value` in a field of 0; its volume tends to 4/3 pi r^3 voxels.

    Parameters
    ----------
    radius : float, in voxels
    centre : three floats, in voxels; the middle of the grid where None

    Returns
    -------
    ndarray, shape `shape`, float32
    """
    middle = centre if centre is not None else tuple((n - 1) / 2 for n in shape)
    squared = sum(
        (axis - m) ** 2 for axis, m in zip(np.indices(shape, dtype=np.float64), middle, strict=True)
    )
    return np.where(np.asarray(squared) <= radius**2, value, 0.0).astype(np.float32)


def noise(
    shape: tuple[int, ...] = (128, 128), sigma: float = 1.0, mean: float = 0.0, seed: int = 0
) -> Float32:
    """Draw Gaussian noise of known standard deviation.

    Returns
    -------
    ndarray, shape `shape`, float32
    """
    draws = np.random.default_rng(seed).standard_normal(shape)
    return (mean + sigma * draws).astype(np.float32)


# (value added, centre R A S, half axes R A S, rotation about S in degrees), in units of the half
# extent of the grid. Larger first: each is added inside the ones before it.
_HEAD = (
    (600.0, (0.0, 0.0, 0.0), (0.72, 0.90, 0.86), 0.0),  # scalp and skull
    (-420.0, (0.0, 0.0, 0.01), (0.66, 0.84, 0.80), 0.0),  # CSF under it
    (520.0, (0.0, -0.01, 0.02), (0.61, 0.79, 0.75), 0.0),  # grey matter
    (170.0, (0.0, -0.02, 0.04), (0.50, 0.66, 0.60), 0.0),  # white matter
    (-560.0, (0.13, 0.02, 0.10), (0.07, 0.26, 0.16), 12.0),  # ventricle, subject's right
    (-560.0, (-0.13, 0.02, 0.10), (0.09, 0.32, 0.16), -12.0),  # ventricle, left: longer
    (-180.0, (0.30, 0.02, -0.05), (0.11, 0.18, 0.12), 20.0),  # putamen, right
    (-180.0, (-0.30, 0.02, -0.05), (0.11, 0.18, 0.12), -20.0),  # putamen, left
    (260.0, (-0.33, 0.36, 0.30), (0.12, 0.10, 0.13), 0.0),  # a bright lesion: left front above
    (-300.0, (0.36, -0.42, -0.22), (0.08, 0.12, 0.09), 0.0),  # a dark one: right back below
    (-120.0, (0.0, -0.52, -0.45), (0.34, 0.20, 0.18), 0.0),  # cerebellum
)


def head(
    shape: tuple[int, int, int] = (64, 72, 60),
    *,
    sulci: bool = True,
    noise_sigma: float = 0.0,
    seed: int = 0,
) -> Float32:
    """Make a brain-like head without any symmetry, in axis order R, A, S.

    Left differs from right, front from back and above from below, so a flipped or swapped axis
    changes the picture. The outermost voxels are air.

    Parameters
    ----------
    shape : three ints, voxels along right, anterior, superior
    sulci : bool, add the fine folds that make the picture sensitive to blur and motion
    noise_sigma : float, standard deviation of Rician noise, same units as the values

    Returns
    -------
    ndarray, shape `shape`, float32, in [0, about 1100], arbitrary units
    """
    grids = np.meshgrid(*(np.linspace(-1.0, 1.0, n) for n in shape), indexing="ij")
    volume = np.zeros(shape, dtype=np.float64)
    for value, centre, half, angle_deg in _HEAD:
        x, y, z = (grid - c for grid, c in zip(grids, centre, strict=True))
        cos, sin = np.cos(np.deg2rad(angle_deg)), np.sin(np.deg2rad(angle_deg))
        along, across = x * cos + y * sin, y * cos - x * sin
        inside = (along / half[0]) ** 2 + (across / half[1]) ** 2 + (z / half[2]) ** 2 <= 1.0
        volume += value * inside
    if sulci:
        x, y, z = grids
        radius = np.sqrt((x / 0.61) ** 2 + (y / 0.79) ** 2 + (z / 0.75) ** 2)
        rim = np.clip(1.0 - np.abs(radius - 0.9) / 0.12, 0.0, 1.0)
        folds = np.cos(11.0 * np.arctan2(y, x) + 5.0 * z) * np.cos(9.0 * z + 2.0 * x)
        volume += 130.0 * rim * folds
    volume = np.clip(volume, 0.0, None)
    if noise_sigma > 0:
        draws = np.random.default_rng(seed).standard_normal((2, *shape))
        volume = np.hypot(volume + noise_sigma * draws[0], noise_sigma * draws[1])
    return volume.astype(np.float32)
