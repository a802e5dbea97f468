"""`acutance_models.negvsr.negatives`: noise, mixture and turned patches."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from acutance_models.negvsr.negatives import (
    GRID,
    SEQUENCE,
    TURN_RATES,
    TURNS,
    WINDOW,
    collect_noise,
    draw_noise,
    draw_turns,
    is_noise,
    make_negatives,
    mix,
    turn_patches,
)


def _window(sigma: float, *, level: float = 100.0) -> np.ndarray:
    rng = np.random.default_rng(0)
    return (level + rng.normal(0.0, sigma, (SEQUENCE, 8, 8, 1)) * np.ones(3)).astype(np.float64)


def test_a_window_is_noise_by_the_variance_rules() -> None:
    assert is_noise(_window(4.0))
    assert not is_noise(_window(9.0))  # variance of 81 in a frame
    assert not is_noise(np.zeros((SEQUENCE, 8, 8, 3)))  # a mean of 0
    fading = _window(2.0) + np.linspace(0.0, 40.0, SEQUENCE)[:, None, None, None]
    assert not is_noise(fading)  # the means vary
    flickering = _window(1.0)
    flickering[::2] = _window(6.0)[::2]
    grey = flickering[..., 0].var((1, 2))
    assert grey.max() < 50.0 < grey.var()  # only the variances vary
    assert not is_noise(flickering)


def test_windows_lie_on_a_grid_that_spares_the_last_row_and_column() -> None:
    rng = np.random.default_rng(0)
    clip = rng.integers(98, 103, (2 * SEQUENCE + 5, 2 * WINDOW, 2 * WINDOW + 1, 3), np.uint8)
    clip[:SEQUENCE, :WINDOW, :WINDOW] = rng.integers(0, 256, (SEQUENCE, WINDOW, WINDOW, 3))
    bank = collect_noise([clip])
    # One row of windows and two columns, twice; the first of them is no noise.
    assert bank.shape == (3, SEQUENCE, WINDOW, WINDOW, 3)
    assert np.array_equal(bank[0], clip[:SEQUENCE, :WINDOW, WINDOW : 2 * WINDOW])
    assert np.array_equal(bank[2], clip[SEQUENCE : 2 * SEQUENCE, :WINDOW, WINDOW : 2 * WINDOW])
    assert collect_noise([clip[: SEQUENCE - 1]]).shape == (0, SEQUENCE, WINDOW, WINDOW, 3)


def test_recordings_and_noise_are_mixed_in_equal_parts() -> None:
    frames, noise = torch.rand(2, 1, 2, 3, 16, 16)
    torch.testing.assert_close(mix(frames, noise), (frames + noise) / 2)


def test_frame_runs_with_frame_of_one_sequence() -> None:
    bank = np.zeros((4, SEQUENCE, WINDOW, WINDOW, 3), np.uint8)
    bank += (10 * np.arange(4, dtype=np.uint8))[:, None, None, None, None]
    bank += np.arange(SEQUENCE, dtype=np.uint8)[:, None, None, None]
    noise = draw_noise(bank, (3, SEQUENCE + 5, 32, 80), np.random.default_rng(1)) * 255.0
    assert noise.shape == (3, SEQUENCE + 5, 3, 32, 80)
    for clip in noise:
        assert float(clip[0].std()) == pytest.approx(0.0, abs=1e-4)
        steps = clip.mean((1, 2, 3)).diff()
        torch.testing.assert_close(steps[: SEQUENCE - 1], torch.ones(SEQUENCE - 1))
        torch.testing.assert_close(steps[SEQUENCE:], -torch.ones(5 - 1))  # and back


def test_a_rate_of_0_turns_nothing() -> None:
    frames = torch.rand(2, 3, 3, 32, 32)
    turns = draw_turns((2, 3), np.random.default_rng(0), rate=0.0)
    assert not turns.any()
    assert torch.equal(turn_patches(frames, turns), frames)


def test_a_turned_patch_keeps_its_pixels_and_its_place() -> None:
    frames = torch.rand(1, 2, 3, 64, 64)
    turns = draw_turns((1, 2), np.random.default_rng(0), rate=1.0)
    turned = turn_patches(frames, turns)
    side = 64 // GRID
    kept = 0
    for frame in range(2):
        for row in range(GRID):
            for column in range(GRID):
                place = (
                    ...,
                    slice(row * side, row * side + side),
                    slice(column * side, column * side + side),
                )
                before, after = frames[0, frame][place], turned[0, frame][place]
                k = int(turns[0, frame, row, column])
                assert torch.equal(after, torch.rot90(before, k, (-2, -1)))
                assert torch.equal(after.flatten(1).sort().values, before.flatten(1).sort().values)
                kept += torch.equal(after, before)
    assert kept / (2 * GRID**2) == pytest.approx(0.4, abs=0.07)  # two of the five turns are none


def test_rates_are_drawn_for_a_clip_and_turns_for_each_patch() -> None:
    turns = draw_turns((400, 2), np.random.default_rng(0))
    assert turns.shape == (400, 2, GRID, GRID)
    assert set(turns.unique().tolist()) == set(range(TURNS))
    shares = (turns != 0).float().mean((1, 2, 3)) * TURNS / (TURNS - 1)
    assert float(shares.mean()) == pytest.approx(np.mean(TURN_RATES), abs=0.03)
    assert float(shares.min()) == 0.0
    assert float(shares.max()) == pytest.approx(0.9, abs=0.08)
    assert not torch.equal(turns[:, 0], turns[:, 1])


def test_a_grid_that_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="16 x 16 squares"):
        turn_patches(torch.rand(1, 1, 3, 40, 40), torch.zeros(1, 1, 16, 16, dtype=torch.int64))
    with pytest.raises(ValueError, match="32 x 48"):
        turn_patches(torch.rand(1, 1, 3, 32, 48), torch.zeros(1, 1, 16, 16, dtype=torch.int64))


def test_a_negative_is_mixed_first_and_then_turned() -> None:
    bank = np.random.default_rng(0).integers(0, 255, (2, SEQUENCE, WINDOW, WINDOW, 3), np.uint8)
    frames = torch.rand(2, 3, 3, 32, 32)
    made = make_negatives(frames, bank, np.random.default_rng(7))
    rng = np.random.default_rng(7)
    mixed = mix(frames, draw_noise(bank, (2, 3, 32, 32), rng))
    assert torch.equal(made, turn_patches(mixed, draw_turns((2, 3), rng)))
    assert not torch.equal(made, mixed)
