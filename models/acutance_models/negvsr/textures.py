"""Pictures made of nothing: leaves that cover each other, with edges and textures of every size.

References
----------
.. [1] Lee, Mumford, Huang, "Occlusion models for natural images", Int. J. Comput. Vis. 41, 2001:
   pictures of leaves whose sizes follow a power law have the statistics of natural ones.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage

if TYPE_CHECKING:
    from numpy.typing import NDArray

_LEAVES = 60
_RADII = (5.0, 90.0)  # pixels


def leaves(shape: tuple[int, int], rng: np.random.Generator) -> NDArray[np.float32]:
    """Paint discs, bars and polygons over each other.

    Parameters
    ----------
    shape : tuple of (int, int)
    rng : Generator

    Returns
    -------
    ndarray, shape (*shape, 3), float32, in [0, 1]
        Edges are one pixel soft.
    """
    picture = _surface(shape, rng)
    shares = rng.random(_LEAVES)
    # Radii whose density falls with the cube: inverse of the distribution function.
    low, high = (radius**-2.0 for radius in _RADII)
    for radius in np.sort((low + shares * (high - low)) ** -0.5)[::-1].tolist():
        row, column = rng.uniform(0.0, shape[0]), rng.uniform(0.0, shape[1])
        reach = 1.5 * radius + 1.0  # a square on its corner
        top, left = max(0, int(row - reach)), max(0, int(column - reach))
        part = picture[top : int(row + reach) + 1, left : int(column + reach) + 1]
        y, x = np.indices(part.shape[:2], dtype=np.float32)[:, :, :]
        distance = _leaf(y + np.float32(top - row), x + np.float32(left - column), radius, rng)
        cover = np.clip(0.5 - distance, 0.0, 1.0)[..., None]
        part += cover * (_surface((part.shape[0], part.shape[1]), rng) - part)
    return np.clip(picture, 0.0, 1.0)


def _leaf(
    y: NDArray[np.float32], x: NDArray[np.float32], radius: float, rng: np.random.Generator
) -> NDArray[np.float32]:
    """Return the signed distance in pixels from the edge of a leaf, negative inside."""
    angle = rng.uniform(0.0, np.pi)
    along = x * np.float32(np.cos(angle)) + y * np.float32(np.sin(angle))
    across = y * np.float32(np.cos(angle)) - x * np.float32(np.sin(angle))
    kind = rng.integers(3)
    if kind == 0:
        disc: NDArray[np.float32] = np.hypot(x, y) - np.float32(radius)
        return disc
    width = radius * (rng.uniform(0.4, 1.0) if kind == 1 else rng.uniform(0.03, 0.15))
    return np.maximum(np.abs(along) - np.float32(radius), np.abs(across) - np.float32(width))


def _surface(shape: tuple[int, int], rng: np.random.Generator) -> NDArray[np.float32]:
    """Return a colour that varies slowly, with a grating, a rough texture, or neither."""
    colour = rng.uniform(0.0, 1.0, 3)
    if rng.random() < 0.3:
        colour[:] = colour.mean()
    picture = np.broadcast_to(colour.astype(np.float32), (*shape, 3)).copy()
    kind = rng.random()
    if kind < 0.3:
        rows, columns = np.indices(shape, dtype=np.float32)
        angle, period = rng.uniform(0.0, np.pi), np.exp(rng.uniform(np.log(3.0), np.log(40.0)))
        phase = (rows * np.sin(angle) + columns * np.cos(angle)) * (2.0 * np.pi / period)
        wave = np.sin(phase + rng.uniform(0.0, 2.0 * np.pi))
        if rng.random() < 0.5:
            wave = np.clip(3.0 * wave, -1.0, 1.0)
        pattern = wave
    elif kind < 0.7:
        grain = np.exp(rng.uniform(np.log(0.6), np.log(6.0)))
        small = [int(side / max(1.0, grain / 1.5)) + 3 for side in shape]
        factors = [side / length for side, length in zip(shape, small, strict=True)]
        pattern = ndimage.zoom(rng.normal(size=small), factors, order=3)
    else:
        return picture
    strength = rng.uniform(0.02, 0.2) * rng.uniform(0.5, 1.0, 3)
    textured: NDArray[np.float32] = picture + (pattern[..., None] * strength).astype(np.float32)
    return textured
