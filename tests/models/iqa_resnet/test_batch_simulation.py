"""`acutance_models.iqa_resnet.batch_simulation` against the SciPy and scikit-image versions."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.ndimage import gaussian_filter

from acutance_models.iqa_resnet import batch_simulation
from acutance_models.simulation.ghosting import GhostingDraw, apply_ghosting
from acutance_models.simulation.label import similarity_label
from acutance_models.simulation.motion import apply_rotation_motion, draw_rotation_motion
from acutance_models.simulation.rigid import apply_rigid_motion, draw_rigid_motion


def picture(height: int = 90, width: int = 74) -> np.ndarray:
    smooth = gaussian_filter(np.random.default_rng(0).random((height, width)), 3)
    return np.pad((smooth - smooth.min()) / (smooth.max() - smooth.min()), 16)


@pytest.mark.parametrize("axis", [0, 1])
def test_rotation_motion(axis: int) -> None:
    image = picture()
    rng = np.random.default_rng(1)
    draws = [draw_rotation_motion(rng, image.shape[axis], (0.5, 3.0)) for _ in range(3)]
    batch = batch_simulation.rotation_motion(
        torch.from_numpy(image).float().repeat(3, 1, 1),
        torch.tensor([draw.directions for draw in draws]),
        torch.tensor([draw.sigma_deg for draw in draws]),
        axis,
    )
    for ours, draw in zip(batch.numpy(), draws, strict=True):
        # Bicubic convolution stands in for the cubic spline: alike, not equal.
        assert np.abs(ours - apply_rotation_motion(image, draw, axis=axis)).mean() < 0.004


@pytest.mark.parametrize("axis", [0, 1])
def test_rigid_motion(axis: int) -> None:
    draws = [draw_rigid_motion(np.random.default_rng(seed)) for seed in (2, 3, 5)]
    parts = max(len(draw.angles_deg) for draw in draws)
    assert len({len(draw.angles_deg) for draw in draws}) > 1
    angles, shifts = torch.zeros(3, parts), torch.zeros(3, parts, 2)
    times = torch.ones(3, parts - 1)
    for n, draw in enumerate(draws):
        angles[n, : len(draw.angles_deg)] = torch.tensor(draw.angles_deg)
        shifts[n, : len(draw.shifts)] = torch.tensor(draw.shifts)
        times[n, : len(draw.times)] = torch.tensor(draw.times)
    batch = batch_simulation.rigid_motion(
        torch.from_numpy(picture()).float().repeat(3, 1, 1), angles, shifts, times, axis
    )
    for ours, draw in zip(batch.numpy(), draws, strict=True):
        assert np.abs(ours - apply_rigid_motion(picture(), draw, axis=axis)).max() < 1e-4


@pytest.mark.parametrize("axis", [0, 1])
def test_ghosting(axis: int) -> None:
    draws = [GhostingDraw(3, axis, 0.5, 0.015), GhostingDraw(0, axis, 0.5, 0.02)]
    batch = batch_simulation.ghosting(
        torch.from_numpy(picture()).float().repeat(2, 1, 1),
        torch.tensor([draw.count for draw in draws]),
        torch.tensor([draw.intensity for draw in draws]),
        torch.tensor([draw.restore for draw in draws]),
        axis,
    )
    for ours, draw in zip(batch.numpy(), draws, strict=True):
        assert np.abs(ours - apply_ghosting(picture(), draw)).max() < 1e-5


def test_structural_similarity() -> None:
    rng = np.random.default_rng(5)
    first, second = rng.random((3, 40, 52)), rng.random((3, 40, 52))
    ours = batch_simulation.structural_similarity(torch.from_numpy(first), torch.from_numpy(second))
    theirs = [similarity_label(a, b) for a, b in zip(first, second, strict=True)]
    assert np.abs(ours.numpy() - theirs).max() < 1e-12
