"""`acutance_models.r2unet.preprocess`."""

from __future__ import annotations

import numpy as np
import pytest

from acutance_models.r2unet.preprocess import normalise


@pytest.mark.parametrize("shape", [(60, 50), (40, 30, 3)])
def test_scale_and_offset_do_not_matter(shape: tuple[int, ...]) -> None:
    image = np.random.default_rng(0).gamma(2.0, 1.0, shape)
    prepared = normalise(image)
    assert prepared.dtype == np.float32
    assert prepared.shape == shape
    assert prepared.min() == 0.0
    assert prepared.max() == 1.0
    np.testing.assert_allclose(normalise(1e-3 * image - 7.0), prepared, atol=1e-5)
    np.testing.assert_allclose(normalise(1e300 * image), prepared, atol=1e-5)


def test_a_few_bright_pixels_decide_nothing() -> None:
    rng = np.random.default_rng(1)
    image = np.zeros((100, 100))
    image[30:70, 30:70] = rng.uniform(0.5, 1.0, (40, 40))
    bright = image.copy()
    bright[50, 50:53] = 100.0
    differs = np.abs(normalise(bright) - normalise(image)) > 0.02
    assert np.argwhere(differs).tolist() == [[50, 50], [50, 51], [50, 52]]


def test_more_background_hardly_matters() -> None:
    image = np.zeros((100, 100))
    image[30:70, 30:70] = np.random.default_rng(1).uniform(0.5, 1.0, (40, 40))
    wide = normalise(np.pad(image, 80))[80:-80, 80:-80]
    np.testing.assert_allclose(wide, normalise(image), atol=1e-6)


@pytest.mark.parametrize("value", [0.0, 5.0, np.nan])
def test_a_constant_image_is_black(value: float) -> None:
    assert not normalise(np.full((8, 8), value)).any()


def test_what_is_not_finite_counts_as_0() -> None:
    image = np.random.default_rng(2).uniform(0.0, 1.0, (30, 30))
    image[3, 3] = 0.0
    broken = image.copy()
    broken[3, 3] = np.inf
    np.testing.assert_array_equal(normalise(broken), normalise(image))


@pytest.mark.parametrize("shape", [(4,), (0, 4), (4, 4, 2), (2, 4, 4, 3)])
def test_other_shapes_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="Expected a shape"):
        normalise(np.zeros(shape))
