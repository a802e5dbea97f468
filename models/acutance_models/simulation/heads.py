"""Slices of made-up heads, sharp and moved, drawn from a seed alone: no picture of anybody.

They need not look real. They have to lead a scoring network through its whole range of scores, so
that two ways of computing it can be held against each other on any machine.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage

from acutance_models.iqa_resnet.preprocess import preprocess
from acutance_models.simulation.motion import apply_rotation_motion, draw_rotation_motion

if TYPE_CHECKING:
    from numpy.typing import NDArray

SIDE = 256
#: Angles of the motion, degrees, one for each slice in turn.
SIGMAS_DEG = (0.0, 0.25, 0.5, 1.0, 2.0, 4.0)


def draw_head(rng: np.random.Generator) -> NDArray[np.float64]:
    """Draw one slice: scalp, skull, folded grey matter, white matter, ventricles, noise.

    Parameters
    ----------
    rng : numpy.random.Generator
        Advanced by the call.

    Returns
    -------
    ndarray, shape (256, 256), float64, in [0, about 1.2]
    """
    down, across = np.meshgrid(*(np.linspace(-1.0, 1.0, SIDE),) * 2, indexing="ij")
    half = rng.uniform(0.62, 0.92), rng.uniform(0.5, 0.75)
    down, across = down - rng.uniform(-0.05, 0.05), across - rng.uniform(-0.05, 0.05)
    angle = np.arctan2(down / half[0], across / half[1])
    lobes = sum(
        rng.uniform(0.0, 0.03) * np.cos(k * angle + rng.uniform(0.0, 2 * np.pi))
        for k in range(2, 6)
    )
    radius = np.hypot(down / half[0], across / half[1]) * (1.0 + lobes)
    skin, bone, fluid, grey, white = rng.uniform(
        (0.6, 0.02, 0.05, 0.3, 0.45), (1.0, 0.2, 0.95, 0.65, 0.9)
    )
    folding = ndimage.gaussian_filter(rng.standard_normal((SIDE, SIDE)), rng.uniform(2.0, 5.0))
    folding /= folding.std()
    border = 0.68 + 0.05 * folding
    picture = np.zeros((SIDE, SIDE))
    for outer, value in ((1.0, skin), (0.94, bone), (0.88, fluid), (0.85, grey)):
        picture[radius < outer] = value
    picture[(radius < 0.85) & (folding > 1.2) & (radius > 0.55)] = fluid
    picture[radius < border] = white
    for side in (-1.0, 1.0):
        long, wide = rng.uniform(0.1, 0.28), rng.uniform(0.04, 0.1)
        inside = (down / long) ** 2 + ((across - side * rng.uniform(0.08, 0.14)) / wide) ** 2 < 1.0
        picture[inside] = fluid
        deep = (down / 0.12) ** 2 + ((across - side * 0.22) / 0.07) ** 2 < 1.0
        picture[deep] = 0.5 * (grey + white)
    picture = ndimage.gaussian_filter(picture, rng.uniform(0.5, 1.0))
    shade = 1.0 + rng.uniform(0.0, 0.25) * np.cos(rng.uniform(0.5, 1.5) * (down + across))
    sigma = rng.uniform(0.002, 0.02)
    real, imaginary = sigma * rng.standard_normal((2, SIDE, SIDE))
    noisy: NDArray[np.float64] = np.hypot(picture * shade + real, imaginary)
    return noisy


def trial_slices(count: int, *, seed: int = 0) -> NDArray[np.float32]:
    """Return slices as a scoring network takes them, the same ones for the same seed.

    Parameters
    ----------
    count : int
    seed : int

    Returns
    -------
    ndarray, shape (count, 1, 256, 256), float32, in [0, 1]
    """
    rng = np.random.default_rng(seed)
    found: list[NDArray[np.float32]] = []
    while len(found) < count:
        head = draw_head(rng)
        sigma, axis = SIGMAS_DEG[len(found) % len(SIGMAS_DEG)], int(rng.integers(2))
        draw = draw_rotation_motion(rng, SIDE, (sigma, sigma))
        image = preprocess(apply_rotation_motion(head, draw, axis=axis) if sigma else head)
        if image is not None:
            found.append(image)
    return np.stack(found)[:, None]
