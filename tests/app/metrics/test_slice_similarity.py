"""`acutance.metrics.slice_similarity`, held against scikit-image slice by slice."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from skimage.metrics import structural_similarity

from acutance.metrics.slice_similarity import slice_wise_similarity


@settings(max_examples=40, deadline=None)
@given(
    shape=st.tuples(st.integers(1, 4), st.integers(7, 40), st.integers(7, 40)),
    seed=st.integers(0, 2**32 - 1),
    scale=st.sampled_from([1e-3, 1.0, 4096.0]),
    offset=st.sampled_from([0.0, -10.0, 100.0]),
    noise=st.sampled_from([0.0, 0.01, 0.3]),
)
def test_each_slice_agrees_with_scikit_image(
    shape: tuple[int, int, int], seed: int, scale: float, offset: float, noise: float
) -> None:
    rng = np.random.default_rng(seed)
    clean = rng.random(shape)
    moved = clean + noise * rng.standard_normal(shape)
    first, second = scale * (offset + clean), scale * (offset + moved)
    ours = slice_wise_similarity(first, second, data_range=scale)
    theirs = [
        structural_similarity(x, y, data_range=scale) for x, y in zip(first, second, strict=True)
    ]
    assert ours == pytest.approx(theirs, abs=1e-6)


def test_equal_slices_give_1_and_constant_ones_are_no_trouble() -> None:
    volume = np.zeros((3, 16, 16))
    volume[1] = 7.0
    assert slice_wise_similarity(volume, volume, data_range=1.0) == pytest.approx([1.0] * 3)


@pytest.mark.parametrize(
    ("shape", "data_range", "message"),
    [((2, 6, 9), 1.0, "7 pixels"), ((8, 8), 1.0, "7 pixels"), ((2, 8, 8), 0.0, "positive")],
)
def test_what_cannot_be_compared_is_refused(
    shape: tuple[int, ...], data_range: float, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        slice_wise_similarity(np.zeros(shape), np.zeros(shape), data_range=data_range)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("place", [(0, 0), (8, 11), (4, 6)])
def test_a_value_that_is_not_finite_is_refused_wherever_it_lies(
    value: float, place: tuple[int, int]
) -> None:
    volume = np.random.default_rng(0).random((2, 9, 12))
    spoilt = volume.copy()
    spoilt[1][place] = value
    for pair in ((volume, spoilt), (spoilt, volume), (spoilt, spoilt)):
        with pytest.raises(ValueError, match="finite"):
            slice_wise_similarity(*pair, data_range=1.0)


def test_values_too_large_for_float32_are_compared_all_the_same() -> None:
    rng = np.random.default_rng(0)
    first = rng.random((2, 12, 12))
    second = first + 0.1 * rng.standard_normal(first.shape)
    first[1, 5, 5] = second[1, 2, 2] = 1e30
    pairs = zip(first, second, strict=True)
    theirs = [structural_similarity(x, y, data_range=1.0) for x, y in pairs]
    ours = slice_wise_similarity(first, second, data_range=1.0)
    assert ours == pytest.approx(theirs, abs=1e-6)
