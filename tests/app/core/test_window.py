"""Window and level."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from acutance.core.window import Window, apply, background_window, percentile_window


def test_edges_and_middle() -> None:
    image = np.array([-10, 0, 50, 100, 200], np.float32)
    assert apply(image, Window(50, 100)).tolist() == [0, 0, 128, 255, 255]


def test_what_is_no_number_is_black_and_infinity_white() -> None:
    image = np.array([np.nan, np.inf, -np.inf], np.float32)
    assert apply(image, Window(0, 1)).tolist() == [0, 255, 0]


@given(st.floats(-1e4, 1e4), st.floats(0.1, 1e4), st.lists(st.floats(-2e4, 2e4), min_size=2))
def test_brighter_never_becomes_darker(centre: float, width: float, values: list[float]) -> None:
    grey = apply(np.sort(np.array(values, np.float32)), Window(centre, width))
    assert (np.diff(grey.astype(int)) >= 0).all()


@pytest.mark.parametrize(
    ("centre", "width"), [(0, 0), (0, -1), (np.nan, 1), (0, np.inf), (np.inf, 1)]
)
def test_windows_that_are_none_raise(centre: float, width: float) -> None:
    with pytest.raises(ValueError, match="window"):
        Window(centre, width)


def test_apply_does_not_change_the_image() -> None:
    image = np.array([1.0, 2.0], np.float32)
    apply(image, Window(0, 1))
    assert image.tolist() == [1.0, 2.0]


def test_percentiles_of_a_ramp() -> None:
    window = percentile_window(np.arange(1001.0))
    assert window.low == pytest.approx(5, abs=2)
    assert window.high == pytest.approx(995, abs=2)


@pytest.mark.parametrize(
    "values", [np.full(10, 7.0), np.full(10, np.nan), np.array([]), np.array([3.0])]
)
def test_images_without_range_still_have_a_window(values: np.ndarray) -> None:
    assert percentile_window(values).width > 0
    assert background_window(values).width > 0
