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
    draw = draw_rigid_motion(np.random.default_rng(2))
    ours = batch_simulation.rigid_motion(
        torch.from_numpy(picture()).float(),
        torch.tensor(draw.angles_deg),
        torch.tensor(draw.shifts),
        torch.tensor(draw.times),
        axis,
    )
    assert np.abs(ours.numpy() - apply_rigid_motion(picture(), draw, axis=axis)).max() < 1e-4


@pytest.mark.parametrize("draw", [GhostingDraw(3, 0, 0.5, 0.015), GhostingDraw(0, 1, 0.5, 0.02)])
def test_ghosting(draw: GhostingDraw) -> None:
    ours = batch_simulation.ghosting(
        torch.from_numpy(picture()).float(), draw.count, draw.intensity, draw.restore, draw.axis
    )
    assert np.abs(ours.numpy() - apply_ghosting(picture(), draw)).max() < 1e-5


def test_structural_similarity() -> None:
    rng = np.random.default_rng(5)
    first, second = rng.random((3, 40, 52)), rng.random((3, 40, 52))
    ours = batch_simulation.structural_similarity(torch.from_numpy(first), torch.from_numpy(second))
    theirs = [similarity_label(a, b) for a, b in zip(first, second, strict=True)]
    assert np.abs(ours.numpy() - theirs).max() < 1e-12
