"""Corrupt slices as the training does, each along an axis and by a family of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch

from acutance_models.iqa_resnet import batch_simulation
from acutance_models.iqa_resnet.preprocess import SIZE, to_square
from acutance_models.simulation.contrast import (
    ClaheDraw,
    GammaDraw,
    LogDraw,
    SigmoidDraw,
    apply_contrast,
)
from acutance_models.simulation.ghosting import draw_ghosting
from acutance_models.simulation.motion import draw_rotation_motion
from acutance_models.simulation.rigid import draw_rigid_motion

if TYPE_CHECKING:
    from torch import Tensor

    from acutance_models.simulation.contrast import ContrastDraw

MAGNITUDE_SHARE = 0.25  # of the slices whose simulation can turn negative
SIGMA_RANGE_DEG = (0.01, 5.0)


def corrupt(clean: Tensor, rng: np.random.Generator) -> Tensor:
    """Corrupt each slice by one of two families, equally likely, along an axis of its own.

    Parameters
    ----------
    clean : Tensor, shape (N, H, W), float32, in [0, 1]
    rng : numpy.random.Generator
        Advanced by the call.

    Returns
    -------
    Tensor, shape (N, H, W), float32
        Rotation motion, or rigid motion with ghosting, which may leave [0, 1].
    """
    corrupted = clean.clone()
    axes = rng.integers(2, size=len(clean))
    is_rotated = rng.random(len(clean)) < 0.5
    for axis in (0, 1):
        for family, simulate in ((is_rotated, _rotated), (~is_rotated, _moved)):
            chosen = torch.from_numpy(np.flatnonzero(family & (axes == axis)))
            if len(chosen):
                corrupted[chosen] = simulate(clean[chosen], axis, rng)
    moved = np.flatnonzero(~is_rotated)
    ghosts = [draw_ghosting(rng) for _ in moved]
    for axis in (0, 1):
        of_axis = [n for n, draw in enumerate(ghosts) if draw.axis == axis and draw.count]
        if of_axis:
            chosen = torch.from_numpy(moved[of_axis])
            corrupted[chosen] = batch_simulation.ghosting(
                corrupted[chosen],
                torch.tensor([ghosts[n].count for n in of_axis]),
                torch.tensor([ghosts[n].intensity for n in of_axis]),
                torch.tensor([ghosts[n].restore for n in of_axis]),
                axis,
            )
    # A scanner stores the magnitude; the published simulation keeps the sign.
    is_magnitude = torch.from_numpy(~is_rotated & (rng.random(len(clean)) < MAGNITUDE_SHARE))
    return torch.where(is_magnitude[:, None, None], corrupted.abs(), corrupted)


def to_square_signed(images: Tensor, side: int = SIZE) -> Tensor:
    """Do what `to_square` does to images that may leave [0, 1], without cutting them off there.

    Parameters
    ----------
    images : Tensor, shape (N, H, W), float
    side : int

    Returns
    -------
    Tensor, shape (N, side, side), same dtype
        `to_square` where that does not cut off.
    """
    scale = images.abs().amax((-2, -1), keepdim=True).clamp_min(1e-16)
    positive, negative = images.clamp_min(0.0), (-images).clamp_min(0.0)
    return (to_square(positive / scale, side) - to_square(negative / scale, side)) * scale


def _rotated(clean: Tensor, axis: int, rng: np.random.Generator) -> Tensor:
    lines = int(clean.shape[1 + axis])
    draws = [draw_rotation_motion(rng, lines, SIGMA_RANGE_DEG) for _ in range(len(clean))]
    return batch_simulation.rotation_motion(
        clean,
        torch.from_numpy(np.array([draw.directions for draw in draws], np.int64)),
        torch.tensor([draw.sigma_deg for draw in draws]),
        axis,
    )


def _moved(clean: Tensor, axis: int, rng: np.random.Generator) -> Tensor:
    draws = [draw_rigid_motion(rng) for _ in range(len(clean))]
    parts = max(len(draw.angles_deg) for draw in draws)
    angles, shifts = torch.zeros(len(draws), parts), torch.zeros(len(draws), parts, 2)
    times = torch.ones(len(draws), parts - 1)
    for n, draw in enumerate(draws):
        angles[n, : len(draw.angles_deg)] = torch.tensor(draw.angles_deg)
        shifts[n, : len(draw.shifts)] = torch.tensor(draw.shifts)
        times[n, : len(draw.times)] = torch.tensor(draw.times)
    return batch_simulation.rigid_motion(clean, angles, shifts, times, axis)


def vary_contrast(image: Tensor, draw: ContrastDraw) -> Tensor:
    """Do what `apply_contrast` does, in float32."""
    if isinstance(draw, ClaheDraw):
        changed = apply_contrast(image.double().numpy(), draw)
        return torch.from_numpy(changed.astype(np.float32))
    if isinstance(draw, GammaDraw):
        image = image**draw.exponent
    elif isinstance(draw, SigmoidDraw):
        image = torch.sigmoid(draw.gain * (image - draw.cutoff))
    elif isinstance(draw, LogDraw):
        image = torch.log2(1.0 + image)
    return batch_simulation.min_max(image)
