"""Window and level."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from acutance.core.quantiles import sorted_quantile
from acutance.core.rescale import rescale
from acutance.core.window import (
    Window,
    apply,
    background_window,
    has_level_table,
    level_table,
    percentile_window,
)

if TYPE_CHECKING:
    from collections.abc import Callable


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


def _scalar_linear(x: float, c: float, w: float) -> float:
    """Restate PS3.3 C.11.2.1.2.1 with ymin 0 and ymax 255."""
    if x <= c - 0.5 - (w - 1) / 2:
        return 0.0
    if x > c - 0.5 + (w - 1) / 2:
        return 255.0
    return ((x - (c - 0.5)) / (w - 1) + 0.5) * 255


def _scalar_exact(x: float, c: float, w: float) -> float:
    """Restate PS3.3 C.11.2.1.3.2."""
    if x <= c - w / 2:
        return 0.0
    if x > c + w / 2:
        return 255.0
    return ((x - c) / w + 0.5) * 255


def _scalar_sigmoid(x: float, c: float, w: float) -> float:
    """Restate PS3.3 C.11.2.1.3.1."""
    return 255 / (1 + math.exp(-4 * (x - c) / w))


@pytest.mark.parametrize(("centre", "width"), [(40, 400), (2048, 4096), (0, 100), (0.5, 1), (3, 1)])
@pytest.mark.parametrize(
    ("function", "scalar"),
    [
        ("linear", _scalar_linear),
        ("linear_exact", _scalar_exact),
        ("sigmoid", _scalar_sigmoid),
    ],
)
def test_each_function_is_that_of_the_standard(
    function: Any, scalar: Callable[[float, float, float], float], centre: float, width: float
) -> None:
    values = np.linspace(centre - width, centre + width, 301).astype(np.float32)
    grey = apply(values, Window(centre, width, function=function))
    expected = [scalar(float(x), centre, width) for x in values]
    np.testing.assert_allclose(grey, expected, atol=0.51)


def test_a_sigmoid_of_extreme_values_stays_between_black_and_white() -> None:
    image = np.array([-np.inf, -3e38, 3e38, np.inf, np.nan], np.float32)
    assert apply(image, Window(0, 1, function="sigmoid")).tolist() == [0, 0, 255, 255, 0]


def test_a_table_is_looked_up_value_by_value_and_held_at_its_ends() -> None:
    table = bytes([200, 0, 30, 255])
    window = Window(11.5, 4, function="table", table=table)
    image = np.array([-99, 10, 11, 12, 13, 99, -np.inf, np.inf, np.nan], np.float32)
    assert apply(image, window).tolist() == [200, 200, 0, 30, 255, 255, 200, 255, 0]


def test_a_table_wider_than_the_data_can_be_narrowed() -> None:
    wide = Window(32767.5, 65536, function="table", table=bytes(range(256)))
    image = np.array([100, 150, 200], np.float32)
    assert apply(image, wide).tolist() == [0, 0, 0]
    narrow = wide.moved(150, 100)
    assert apply(image, narrow).tolist() == [0, 128, 255]
    assert narrow.function == "table"


@pytest.mark.parametrize(
    "window",
    [
        Window(1.5, 2.5, "a", "linear"),
        Window(1, 2, "b", "sigmoid"),
        Window(1, 2, "", "table", bytes(range(256))),
    ],
)
def test_a_window_survives_the_way_between_processes(window: Window) -> None:
    assert Window.from_plain(json.loads(json.dumps(window.to_plain()))) == window


@pytest.mark.parametrize(
    "plain",
    [
        [1, 2, "", "cubic", ""],
        [1, 2, "", "table", ""],
        [1, 2, "", "linear", "AAAA"],
        [1, 2, "", "table", "!!"],
        [1, 0.5, "", "linear", ""],
        [1, 2, ""],
    ],
)
def test_plain_values_of_no_window_are_refused(plain: list[Any]) -> None:
    with pytest.raises(ValueError, match=r"."):
        Window.from_plain(plain)


@pytest.mark.parametrize("dtype", ["uint8", "int8", "uint16", "int16"])
@pytest.mark.parametrize("scale", [(1.0, 0.0), (0.25, -1024.0)])
@pytest.mark.parametrize(
    "window",
    [
        Window(40.0, 400.0),
        Window(-7.0, 1.0, function="linear"),
        Window(9.0, 80.0, function="sigmoid"),
    ],
)
def test_the_table_of_levels_says_of_each_stored_value_what_apply_says(
    dtype: str, scale: tuple[float, float], window: Window
) -> None:
    kind = np.dtype(dtype)
    assert has_level_table(kind)
    limits = np.iinfo(kind)
    stored = np.linspace(limits.min, limits.max, 4001).astype(kind)
    stored = np.append(stored, np.arange(-100, 100).astype(kind))
    levels = level_table(kind, *scale, window)[stored.view(f"u{kind.itemsize}")]
    np.testing.assert_array_equal(levels, apply(rescale(stored, *scale), window))


@pytest.mark.parametrize("dtype", [">i2", "int32", "float32", "bool"])
def test_other_types_have_no_table_of_levels(dtype: str) -> None:
    assert not has_level_table(np.dtype(dtype))


@given(st.lists(st.integers(-30000, 30000), min_size=1, max_size=60), st.floats(0, 1))
def test_quantiles_of_sorted_values_are_those_of_numpy(values: list[int], share: float) -> None:
    ascending = np.sort(np.array(values, np.int16))
    expected = np.quantile(ascending.astype(np.float64), share)
    assert sorted_quantile(ascending, share) == pytest.approx(expected, abs=1e-6)
