"""`acutance.core.frames`: from stored values to what is shown."""

from typing import Any

import numpy as np
import pytest

from acutance.core.frames import (
    frame_levels,
    frame_values,
    initial_window,
    is_black,
    spread,
)
from acutance.core.video import VideoSource
from acutance.core.window import Window


def source(channels: int = 1, dtype: str = "u1", **values: Any) -> VideoSource:
    return VideoSource(np.arange(3.0), 4, 5, channels, np.dtype(dtype), **values)


def test_grey_values_are_rescaled() -> None:
    video = source(dtype="i2", slope=2.0, intercept=-7.0)
    frame = np.arange(-10, 10, dtype=np.int16).reshape(4, 5, 1)
    np.testing.assert_array_equal(frame_values(video, frame), frame[..., 0] * 2.0 - 7.0)


def test_the_window_is_that_of_the_file_then_eight_bits_then_the_values() -> None:
    frame = np.arange(20, dtype=np.uint16).reshape(4, 5, 1) * 100
    stored = Window(5, 3)
    assert initial_window(source(windows=(stored,)), frame) is stored
    assert initial_window(source(), frame) == Window(127.5, 255.0, "8 bits")
    found = initial_window(source(dtype="u2"), frame)
    assert found.low < 300
    assert found.high > 1600
    assert initial_window(source(3), frame).name == "colour"


def test_levels_of_grey_of_inverted_grey_and_of_colour() -> None:
    frame = np.full((4, 5, 1), 51, np.uint8)
    window = Window(127.5, 255.0)
    assert (frame_levels(source(), frame, window) == 51).all()
    inverted = source(facts={"photometric": "MONOCHROME1"})
    assert (frame_levels(inverted, frame, window) == 204).all()
    colour = np.full((4, 5, 3), 0xAB12, np.uint16)
    assert (frame_levels(source(3, "u2"), colour, window) == 0xAB).all()


def test_black_frames_are_told_from_dark_ones() -> None:
    frame = np.zeros((20, 20, 3), np.uint8)
    assert is_black(frame)
    frame[0, 0] = 255  # a hot pixel
    assert is_black(frame)
    large = np.zeros((2000, 3000, 1), np.uint8)
    assert is_black(large)
    large[500:900, 500:900] = 90
    assert not is_black(large)
    frame[5:10, 5:10] = 90
    assert not is_black(frame)
    assert is_black(np.full((4, 5, 1), 700, np.uint16))
    assert not is_black(np.arange(20, dtype=np.int16).reshape(4, 5, 1))


@pytest.mark.parametrize("count", [1, 2, 11, 12, 13, 1000])
def test_spread_numbers_are_different_and_inside(count: int) -> None:
    chosen = spread(count, 12)
    assert len(chosen) == min(count, 12)
    assert sorted(set(chosen)) == chosen
    assert chosen[0] >= 0
    assert chosen[-1] < count
    assert chosen[0] == pytest.approx(count - 1 - chosen[-1], abs=1)
