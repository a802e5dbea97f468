"""`acutance_models.simulation.motion` and `volume` against the definition, line by line."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from scipy import fft, ndimage

from acutance_models.simulation.label import similarity_label
from acutance_models.simulation.motion import (
    RotationMotionDraw,
    apply_rotation_motion,
    draw_rotation_motion,
)
from acutance_models.simulation.volume import corrupt_volume


def picture(height: int = 48, width: int = 40) -> np.ndarray:
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    return np.where(x**2 + 1.3 * y**2 < 0.6, 0.5 + 0.3 * np.sin(9 * x * y), 0.0)


@pytest.mark.parametrize("axis", [0, 1])
@pytest.mark.parametrize("seed", range(2))
def test_three_rotations_equal_one_per_line_to_the_last_bit(seed: int, axis: int) -> None:
    image = picture()
    draw = draw_rotation_motion(np.random.default_rng(seed), image.shape[axis], (0.01, 5.0))
    spectrum = np.zeros(image.shape, np.complex128)
    for line, direction in enumerate(draw.directions):
        turned = ndimage.rotate(image, direction * draw.sigma_deg, reshape=False, order=3)
        if axis == 0:
            spectrum[line] = fft.fft2(turned)[line]
        else:
            spectrum[:, line] = fft.fft2(turned)[:, line]
    expected = np.abs(fft.ifft2(spectrum))
    moved = apply_rotation_motion(image, draw, axis=axis)
    assert np.array_equal(moved, expected / expected.max())


def test_without_an_angle_the_image_returns() -> None:
    image = 700.0 * picture()
    draw = draw_rotation_motion(np.random.default_rng(0), 48, (0.0, 0.0))
    moved = apply_rotation_motion(image, draw, axis=0)
    assert np.abs(moved - image / image.max()).max() < 1e-12
    assert similarity_label(image / image.max(), moved) == pytest.approx(1.0, abs=1e-12)


def test_nothing_stays_nothing() -> None:
    draw = draw_rotation_motion(np.random.default_rng(0), 8, (2.0, 2.0))
    assert not apply_rotation_motion(np.zeros((8, 8)), draw, axis=0).any()


def test_draws_are_seeded_and_in_range() -> None:
    draws = [draw_rotation_motion(np.random.default_rng(1), 300, (0.01, 5.0)) for _ in range(2)]
    assert draws[0] == draws[1]
    assert set(draws[0].directions) == {-1, 0, 1}
    assert 0.01 <= draws[0].sigma_deg <= 5.0


@pytest.mark.parametrize(
    ("image", "axis", "directions"),
    [
        (np.zeros((4, 5)), 0, (0,) * 5),
        (np.zeros((4, 5)), 1, (0, 1, 2, 0, 0)),
        (np.zeros((4, 5)), 2, (0,) * 4),
        (np.zeros((4, 5, 6)), 0, (0,) * 4),
    ],
)
def test_draws_that_do_not_fit_are_refused(
    image: np.ndarray, axis: int, directions: tuple[int, ...]
) -> None:
    with pytest.raises(ValueError, match="Expected"):
        apply_rotation_motion(image, RotationMotionDraw(directions, 1.0), axis=axis)


def test_similarity_falls_as_the_angle_grows() -> None:
    volume = np.repeat(picture(64, 64)[None], 6, axis=0)
    means = []
    for sigma in (0.0, 0.25, 0.5, 1.0, 2.0, 4.0):
        moved = corrupt_volume(volume, 0, sigma, seed=2)
        means.append(np.mean([similarity_label(volume[0], image) for image in moved]))
    assert all(before > after for before, after in pairwise(means))


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_a_volume_keeps_its_unit_and_follows_its_seed(axis: int) -> None:
    slices = [900 * picture(), np.zeros((48, 40)), 300 * picture()]
    volume = np.stack(slices, axis=axis).astype(np.float32)
    moved = corrupt_volume(volume, axis, 1.5, seed=4)
    peaks = np.moveaxis(moved, axis, 0).max((1, 2))
    assert peaks == pytest.approx(np.moveaxis(volume, axis, 0).max((1, 2)))
    assert np.array_equal(moved, corrupt_volume(volume, axis, 1.5, seed=4))
    assert not np.array_equal(moved, corrupt_volume(volume, axis, 1.5, seed=5))
    assert np.abs(corrupt_volume(volume, axis, 0.0, seed=4) - volume).max() < 1e-9


def test_a_slice_is_no_volume() -> None:
    with pytest.raises(ValueError, match="volume"):
        corrupt_volume(picture(), 0, 1.0, seed=0)
