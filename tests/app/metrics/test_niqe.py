"""`acutance.metrics.niqe`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy import ndimage, stats
from skimage import data

from acutance.metrics.niqe import (
    BLOCK,
    FEATURES,
    NiqeModel,
    block_features,
    fit_asymmetric_gaussian,
    fit_niqe_model,
    load_niqe_model,
    natural_image_quality,
    pristine_model,
)

if TYPE_CHECKING:
    from pathlib import Path


def _picture(seed: int = 0, side: int = 2 * BLOCK + 20) -> np.ndarray:
    """Return discs over each other with fine texture, 0 to 255."""
    rng = np.random.default_rng(seed)
    rows, columns = np.indices((side, side))
    picture = np.full((side, side), 128.0)
    for radius in np.sort(rng.pareto(1.5, 150) * 5 + 4)[::-1]:
        row, column = rng.uniform(0, side, 2)
        inside = (rows - row) ** 2 + (columns - column) ** 2 < radius**2
        picture[inside] = rng.uniform(20, 235)
    grain = ndimage.gaussian_filter(rng.normal(size=(side, side)), 0.7) * 12
    return np.clip(ndimage.gaussian_filter(picture, 0.5) + grain, 0, 255)


@pytest.mark.parametrize("shape", [0.6, 1.0, 2.0, 4.0])
def test_a_generalised_gaussian_is_recognised(shape: float) -> None:
    x = stats.gennorm.rvs(shape, scale=1.7, size=200_000, random_state=3)
    found, left, right = fit_asymmetric_gaussian(x)
    assert found == pytest.approx(shape, rel=0.05)
    assert left == pytest.approx(1.7, rel=0.05)
    assert right == pytest.approx(1.7, rel=0.05)


def test_sides_of_different_width_are_told_apart() -> None:
    rng = np.random.default_rng(0)
    x = np.abs(rng.normal(size=300_000))
    is_left = rng.random(x.size) < 1.0 / 3.0  # a continuous density: weights as the scales
    x = np.where(is_left, -x, 2.0 * x)
    shape, left, right = fit_asymmetric_gaussian(x)
    assert shape == pytest.approx(2.0, rel=0.05)
    assert right / left == pytest.approx(2.0, rel=0.03)
    assert left == pytest.approx(np.sqrt(2.0), rel=0.05)
    assert np.isnan(fit_asymmetric_gaussian(np.ones(5))).all()


def test_features_are_those_of_whole_blocks() -> None:
    picture = _picture()
    features, sharpness = block_features(picture, data_range=255.0)
    assert features.shape == (4, FEATURES)
    assert sharpness.shape == (4,)
    again, _ = block_features(picture[: 2 * BLOCK, : 2 * BLOCK] / 255.0, data_range=1.0)
    np.testing.assert_allclose(again, features, rtol=1e-6)
    coloured, _ = block_features(np.stack([picture] * 3, -1), data_range=255.0)
    np.testing.assert_allclose(coloured, features, rtol=1e-3)


def test_white_noise_has_the_features_of_a_gaussian() -> None:
    noise = 128.0 + 40.0 * np.random.default_rng(0).normal(size=(2 * BLOCK, 2 * BLOCK))
    features, sharpness = block_features(noise, data_range=255.0)
    assert features[:, 0] == pytest.approx(2.9, abs=0.4)  # bounded by its own window
    # Taking the local mean off leaves neighbours a little anticorrelated.
    assert -0.2 < features[:, 3].min() <= features[:, 3].max() < 0.0
    assert sharpness == pytest.approx(37.0, rel=0.1)


def test_the_distance_is_that_of_the_formula() -> None:
    features, _ = block_features(_picture(), data_range=255.0)
    model = NiqeModel(features.mean(0) + 0.5, np.eye(FEATURES))
    expected = np.full(FEATURES, 0.5)
    inverse = np.linalg.inv((np.eye(FEATURES) + np.cov(features.T)) / 2.0)
    assert natural_image_quality(_picture(), data_range=255.0, model=model) == pytest.approx(
        float(np.sqrt(expected @ inverse @ expected))
    )


def test_what_is_blurred_or_noisy_is_less_natural() -> None:
    picture = data.camera()[100:388, 100:388].astype(np.float64)
    noise = np.random.default_rng(1).normal(size=picture.shape)
    model = pristine_model()
    sharp, blurred, more, noisy = (
        natural_image_quality(image, data_range=255.0, model=model)
        for image in (
            picture,
            ndimage.gaussian_filter(picture, 1.5),
            ndimage.gaussian_filter(picture, 3.0),
            picture + 40.0 * noise,
        )
    )
    assert sharp < blurred < more
    assert sharp < noisy


def test_a_model_is_fitted_on_sharp_blocks_and_kept(tmp_path: Path) -> None:
    pictures = [_picture(seed) for seed in range(14)]
    model = fit_niqe_model(pictures, data_range=255.0)
    # A picture whose blocks are blurred but for one teaches only that one.
    partly = ndimage.gaussian_filter(pictures[0], 3.0)
    partly[:BLOCK, :BLOCK] = pictures[0][:BLOCK, :BLOCK]
    assert not np.allclose(
        fit_niqe_model([partly, *pictures[1:]], data_range=255.0).mean, model.mean
    )
    model.save(tmp_path / "model.npz")
    kept = load_niqe_model(tmp_path / "model.npz")
    np.testing.assert_array_equal(kept.covariance, model.covariance)
    np.savez(tmp_path / "other.npz", mean=np.zeros(3), covariance=np.eye(3))
    with pytest.raises(ValueError, match="36 features"):
        load_niqe_model(tmp_path / "other.npz")
    with pytest.raises(ValueError, match="more than 36 sharp blocks"):
        fit_niqe_model(pictures[:2], data_range=255.0)


@pytest.mark.parametrize(
    ("image", "message"),
    [
        (np.zeros((95, 200)), "96 pixels"),
        (np.zeros((200, 200, 4)), "96 pixels"),
        (np.full((100, 100), np.nan), "finite"),
        (np.full((100, 100), 7.0), "every block is flat"),
    ],
)
def test_what_cannot_be_judged_is_refused(image: np.ndarray, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        natural_image_quality(image, data_range=255.0)
    with pytest.raises(ValueError, match="range"):
        natural_image_quality(_picture(), data_range=0.0)
