"""The phantoms themselves: their known answers have to be true."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

import phantoms


def test_bars_have_the_period_and_the_two_values() -> None:
    bars = phantoms.bar_pattern((6, 32), period=8, low=2.0, high=5.0)
    assert bars.dtype == np.float32
    assert set(np.unique(bars)) == {2.0, 5.0}
    np.testing.assert_array_equal(bars[:, 8:], bars[:, :-8])
    assert (np.diff(bars[0]) != 0).sum() == 32 // 4 - 1


def test_odd_period_is_refused() -> None:
    with pytest.raises(ValueError, match="even"):
        phantoms.bar_pattern(period=7)


def test_edge_splits_the_image_in_halves_at_its_angle() -> None:
    step = phantoms.edge((101, 101), angle_deg=5.0)
    assert step.mean() == pytest.approx(0.5, abs=0.01)
    crossing = (step > 0).argmax(axis=1)
    slope = np.polyfit(np.arange(101), crossing, 1)[0]
    # A line on whole pixels: half a pixel over 100 rows.
    assert np.rad2deg(np.arctan(-slope)) == pytest.approx(5.0, abs=0.3)


def test_sphere_has_the_volume_of_a_sphere() -> None:
    ball = phantoms.sphere((48, 48, 48), radius=15.0)
    # Counting voxel centres: the error falls with the radius; 1.4 % at 15 voxels.
    assert ball.sum() == pytest.approx(4 / 3 * np.pi * 15**3, rel=0.02)


def test_noise_has_its_standard_deviation_and_is_repeatable() -> None:
    draw = phantoms.noise((256, 256), sigma=3.0, mean=10.0, seed=4)
    # Standard error of the deviation: 3 / sqrt(2 * 65536) = 0.008.
    assert draw.std() == pytest.approx(3.0, abs=0.04)
    assert draw.mean() == pytest.approx(10.0, abs=0.05)
    np.testing.assert_array_equal(draw, phantoms.noise((256, 256), sigma=3.0, mean=10.0, seed=4))


def test_head_is_repeatable_and_surrounded_by_air() -> None:
    head = phantoms.head()
    np.testing.assert_array_equal(head, phantoms.head())
    assert head.dtype == np.float32
    for axis in range(3):
        ends = np.take(head, [0, -1], axis=axis)
        assert not ends.any()


def test_head_equals_none_of_its_48_flipped_and_turned_copies() -> None:
    head = phantoms.head((40, 40, 40))
    for order in itertools.permutations(range(3)):
        for flips in itertools.product((False, True), repeat=3):
            if order == (0, 1, 2) and not any(flips):
                continue
            other = np.flip(head.transpose(order), [n for n in range(3) if flips[n]])
            assert np.abs(head - other).mean() > 1.0, (order, flips)
