"""`acutance_models.iqa_resnet.preprocess`."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from skimage.transform import resize

from acutance_models.iqa_resnet.preprocess import (
    NOISE_FLOOR,
    normalise,
    preprocess,
    preprocess_slices,
)


def head(height: int = 180, width: int = 200) -> np.ndarray:
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    inside = (x / 0.7) ** 2 + (y / 0.8) ** 2 < 1
    return np.where(inside, 2.0 + np.cos(4 * x) * np.sin(3 * y), 0.0)


def prepared(image: np.ndarray) -> np.ndarray:
    result = preprocess(image)
    assert result is not None
    return result


@settings(max_examples=30, deadline=None)
@given(
    height=st.integers(32, 400),
    width=st.integers(32, 400),
    scale=st.floats(1e-3, 1e6),
    offset=st.floats(-1e4, 1e4),
)
def test_one_form_whatever_the_unit(height: int, width: int, scale: float, offset: float) -> None:
    result = prepared(head(height, width) * scale + offset)
    assert result.shape == (256, 256)
    assert result.dtype == np.float32
    assert result.min() >= 0.0
    assert result.max() <= 1.0
    assert np.abs(result - prepared(head(height, width))).max() < 1e-4


@settings(max_examples=30, deadline=None)
@given(values=st.lists(st.floats(allow_nan=True, allow_infinity=True), min_size=16, max_size=16))
def test_no_value_gets_out_of_range(values: list[float]) -> None:
    result = preprocess(np.array(values).reshape(4, 4))
    assert result is None or (np.isfinite(result).all() and 0 <= result.min() <= result.max() <= 1)


def test_floor_comes_after_the_first_min_max() -> None:
    image = np.array([[0.0, 1000 * NOISE_FLOOR, 26.0, 1000.0]])
    assert normalise(image) == pytest.approx(np.array([[0.0, 0.0, 0.026, 1.0]]))


def test_a_square_of_256_is_not_resampled() -> None:
    image = head(256, 256)
    result = prepared(image)
    assert result == pytest.approx(np.where(image > 0, image / image.max(), 0.0), abs=1e-6)


def test_padding_is_centred_and_dark() -> None:
    result = prepared(np.pad(head(200, 100), ((28, 28), (0, 0))))
    assert not result[:, :78].any()
    assert not result[:, 178:].any()


@pytest.mark.parametrize("side", [128, 512])
def test_resizing_is_close_to_scikit_image(side: int) -> None:
    expected = resize(normalise(head(side, side)), (256, 256), order=1, anti_aliasing=side > 256)
    difference = np.abs(prepared(head(side, side)) - expected)
    assert difference.mean() < 0.005  # another anti-aliasing filter: differs along edges only


def test_turning_the_slice_turns_the_result() -> None:
    image = head(180, 200)
    assert np.allclose(prepared(np.rot90(image)), np.rot90(prepared(image)), atol=1e-5)


@pytest.mark.parametrize(
    "image",
    [
        np.zeros((64, 64)),
        np.full((64, 64), 7.0),
        np.full((64, 64), np.nan),
        np.pad(np.ones((2, 2)), 60),
        np.random.default_rng(0).rayleigh(5.0, (128, 128)),
        np.zeros((1, 1)),
    ],
    ids=["zeros", "constant", "nan", "a few pixels", "air", "one pixel"],
)
def test_without_anatomy_there_is_nothing_to_score(image: np.ndarray) -> None:
    assert preprocess(image) is None


def test_anatomy_in_noise_is_scored() -> None:
    noise = np.random.default_rng(0).normal(0.0, 0.2, (180, 200))
    assert preprocess(np.abs(head() + noise)) is not None


def test_what_is_no_number_counts_as_0() -> None:
    image = head()
    image[:20, :20] = np.nan
    image[0, 30] = np.inf
    assert np.array_equal(prepared(image), prepared(head()))


def test_a_stack_equals_its_slices() -> None:
    stack = np.stack([head(), np.zeros((180, 200)), head() ** 2])
    images, is_scored = preprocess_slices(stack)
    assert is_scored.tolist() == [True, False, True]
    assert np.array_equal(images[0], prepared(stack[0]))
    assert np.array_equal(images[1], prepared(stack[2]))
    nothing, none_scored = preprocess_slices(np.zeros((2, 8, 8)))
    assert nothing.shape == (0, 256, 256)
    assert not none_scored.any()


@pytest.mark.parametrize("shape", [(4, 4, 4), (9,), (0, 5)])
def test_another_shape_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="shape"):
        preprocess(np.zeros(shape))


def test_a_stack_of_another_shape_is_refused() -> None:
    with pytest.raises(ValueError, match="shape"):
        preprocess_slices(np.zeros((4, 4)))
