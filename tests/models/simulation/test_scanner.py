"""`acutance_models.simulation.scanner`: analytic answers for each family."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from acutance_models.simulation.rigid import apply_rigid_motion
from acutance_models.simulation.scanner import (
    BiasDraw,
    NoiseDraw,
    SpikeDraw,
    ThroughPlaneDraw,
    WrapDraw,
    add_noise,
    add_spike,
    apply_through_plane,
    draw_bias,
    draw_noise,
    draw_spike,
    draw_sudden_motion,
    draw_through_plane,
    draw_wrap,
    shade,
    wrap,
)


def picture() -> np.ndarray:
    smooth = gaussian_filter(np.random.default_rng(0).random((48, 40)), 2)
    return np.pad((smooth - smooth.min()) / (smooth.max() - smooth.min()), 8)


def test_noise_of_an_empty_slice_is_rayleigh_distributed() -> None:
    image = np.zeros((256, 256))
    image[0, 0] = 1.0
    noisy = add_noise(image, NoiseDraw(0.1, 1))[1:]
    assert noisy.mean() == pytest.approx(0.1 * np.sqrt(np.pi / 2), rel=0.01)
    assert np.mean(noisy**2) == pytest.approx(2 * 0.1**2, rel=0.02)
    assert np.array_equal(add_noise(image, NoiseDraw(0.1, 1))[1:], noisy)


def test_shading_by_a_flat_field_changes_nothing() -> None:
    assert shade(picture(), BiasDraw(np.full((7, 7), 0.4))) == pytest.approx(picture(), abs=1e-6)


def test_a_spike_adds_stripes_of_its_strength() -> None:
    bright = np.full((64, 64), 5.0)
    striped = add_spike(bright, SpikeDraw(4 / 64, 0.0, 0.1, 0.3)) - bright
    assert striped.max() == pytest.approx(0.5, rel=0.02)
    spectrum = np.abs(np.fft.fft2(striped))
    spectrum[0, 0] = 0.0
    assert np.unravel_index(spectrum.argmax(), spectrum.shape)[0] in (4, 60)


@pytest.mark.parametrize("axis", [0, 1])
def test_wrap_folds_and_keeps_the_sum(axis: int) -> None:
    folded = wrap(picture(), WrapDraw(0.6, axis))
    assert folded.sum() == pytest.approx(picture().sum())
    assert np.count_nonzero(folded.sum(1 - axis)) <= round(0.6 * picture().shape[axis])
    assert wrap(picture(), WrapDraw(1.0, axis)) == pytest.approx(picture())


@pytest.mark.parametrize("axis", [0, 1])
def test_through_plane_motion_by_whole_slices_is_a_neighbour(axis: int) -> None:
    stack = np.stack([picture() ** power for power in (1.0, 2.0, 3.0)])
    lines = picture().shape[axis]
    still = apply_through_plane(stack, 1, ThroughPlaneDraw((0.0,) * lines), axis=axis)
    moved = apply_through_plane(stack, 1, ThroughPlaneDraw((1.0,) * lines), axis=axis)
    assert still == pytest.approx(stack[1], abs=1e-12)
    assert moved == pytest.approx(stack[2], abs=1e-12)
    beyond = apply_through_plane(stack, 1, ThroughPlaneDraw((9.0,) * lines), axis=axis)
    assert beyond == pytest.approx(stack[2], abs=1e-12)


def test_through_plane_motion_needs_an_offset_for_each_line() -> None:
    with pytest.raises(ValueError, match="56 offsets"):
        apply_through_plane(picture()[None], 0, ThroughPlaneDraw((0.0,)), axis=1)


def test_draws_are_seeded_and_change_the_slice() -> None:
    image = picture()
    stack = np.stack([image, image**2, image**3])
    for seed in range(3):
        rng, again = np.random.default_rng(seed), np.random.default_rng(seed)
        for draw in (draw_noise, draw_spike, draw_wrap, draw_sudden_motion):
            assert draw(rng) == draw(again)
        assert np.array_equal(draw_bias(rng).control, draw_bias(again).control)
        assert draw_through_plane(rng, 9) == draw_through_plane(again, 9)
        changed = [
            add_noise(image, draw_noise(rng)),
            shade(image, draw_bias(rng)),
            add_spike(image, draw_spike(rng)),
            apply_rigid_motion(image, draw_sudden_motion(rng), axis=0),
            apply_through_plane(stack, 1, draw_through_plane(rng, image.shape[0]), axis=0),
        ]
        assert all(np.abs(result - stack[n // 4]).max() > 1e-3 for n, result in enumerate(changed))
