"""`acutance.core.k_space`: the transform has known answers."""

import time

import numpy as np
import pytest

from acutance.core.k_space import k_space_grey, log_k_space


def test_a_wave_along_the_rows_has_two_peaks_beside_the_middle() -> None:
    rows = np.arange(48, dtype=np.float32)[:, None]
    image = (np.cos(2 * np.pi * 5 * rows / 48) * np.ones((1, 32))).astype(np.float32)
    values = log_k_space(image)
    peaks = {tuple(p) for p in np.argwhere(values > values.max() - 1e-3).tolist()}
    assert peaks == {(24 - 5, 16), (24 + 5, 16)}
    assert values.max() == pytest.approx(np.log1p(48 * 32 / 2), rel=1e-5)


def test_the_mean_lies_in_the_middle_and_values_that_are_none_count_as_nothing() -> None:
    image = np.full((9, 8), 2.0, np.float32)
    image[0, 0] = np.nan
    values = log_k_space(image)
    assert np.unravel_index(values.argmax(), values.shape) == (4, 4)
    assert values.max() == pytest.approx(np.log1p(2.0 * 71), rel=1e-5)


def test_grey_levels_span_black_to_white_and_a_blank_slice_is_black() -> None:
    grey = k_space_grey(np.random.default_rng(0).random((64, 40)).astype(np.float32))
    assert (grey.min(), grey.max()) == (0, 255)
    assert not k_space_grey(np.zeros((16, 16), np.float32)).any()


def test_a_slice_of_512_takes_less_than_a_blink() -> None:
    image = np.random.default_rng(0).random((512, 512)).astype(np.float32)
    times = []
    for _ in range(5):
        started = time.thread_time()
        k_space_grey(image)
        times.append(time.thread_time() - started)
    assert min(times) < 0.03
