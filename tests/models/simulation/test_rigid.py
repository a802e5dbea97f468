"""`acutance_models.simulation.rigid` and `ghosting`."""

from __future__ import annotations

import numpy as np
import pytest

from acutance_models.simulation.ghosting import GhostingDraw, apply_ghosting, draw_ghosting
from acutance_models.simulation.rigid import (
    RigidMotionDraw,
    apply_rigid_motion,
    draw_rigid_motion,
)


def disc(height: int = 64, width: int = 48) -> np.ndarray:
    y, x = np.mgrid[:height, :width]
    return ((y - height / 2) ** 2 + (x - width / 2) ** 2 < 150).astype(float)


@pytest.mark.parametrize("axis", [0, 1])
def test_poses_that_are_all_at_rest_return_the_image(axis: int) -> None:
    draw = RigidMotionDraw((0.0,) * 3, ((0.0, 0.0),) * 3, (0.3, 0.7))
    assert np.abs(apply_rigid_motion(disc(), draw, axis=axis) - disc()).max() < 1e-12


def test_the_part_with_the_centre_of_k_space_stays() -> None:
    # The mean of the image is the centre of k-space: it cannot change.
    draw = RigidMotionDraw((0.0, 20.0, 5.0), ((9.0, 0.0), (9.0, 4.0), (0.0, 3.0)), (0.3, 0.7))
    moved = apply_rigid_motion(disc(), draw, axis=0)
    assert moved.mean() == pytest.approx(disc().mean(), abs=1e-12)
    assert np.abs(moved - disc()).max() > 0.05


def test_numbers_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="1 times"):
        apply_rigid_motion(disc(), RigidMotionDraw((1.0, 2.0), ((0.0, 0.0),) * 2, ()), axis=0)


def test_rigid_draws_are_in_range() -> None:
    rng = np.random.default_rng(0)
    for _ in range(200):
        draw = draw_rigid_motion(rng)
        assert 3 <= len(draw.angles_deg) == len(draw.shifts) == len(draw.times) + 1 <= 10
        assert max(map(abs, draw.angles_deg)) <= 10.0
        assert max(abs(value) for shift in draw.shifts for value in shift) <= 10.0
        assert list(draw.times) == sorted(draw.times)
        assert 0.0 < draw.times[0] <= draw.times[-1] < 1.0


@pytest.mark.parametrize("axis", [0, 1])
def test_ghosts_lie_an_equal_distance_apart(axis: int) -> None:
    image = np.zeros((64, 64))
    image[32, 32] = 1.0
    ghosted = np.abs(apply_ghosting(image, GhostingDraw(4, axis, 0.5, 0.0)))
    line = ghosted[:, 32] if axis == 0 else ghosted[32]
    assert sorted(np.argsort(line)[-4:].tolist()) == [0, 16, 32, 48]


@pytest.mark.parametrize("draw", [GhostingDraw(0, 0, 0.7, 0.01), GhostingDraw(3, 1, 0.0, 0.01)])
def test_no_ghosts_no_change(draw: GhostingDraw) -> None:
    assert np.abs(apply_ghosting(disc(), draw) - disc()).max() < 1e-12


def test_ghosting_draws_are_in_range() -> None:
    rng = np.random.default_rng(0)
    draws = [draw_ghosting(rng) for _ in range(300)]
    assert {draw.count for draw in draws} == {0, 1, 2, 3, 4}
    assert {draw.axis for draw in draws} == {0, 1}
    assert all(0.0 <= draw.intensity <= 0.75 for draw in draws)
    assert all(0.01 <= draw.restore <= 0.02 for draw in draws)
