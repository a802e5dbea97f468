"""`acutance.metrics.similarity` and `.ms_ssim`: second implementations, laws, refusals."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.signal import convolve2d
from skimage import metrics as oracle

from acutance import metrics


def pair(shape: tuple[int, ...], noise: float = 0.1) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(11)
    clean = rng.random(shape).cumsum(0).cumsum(1)
    clean /= clean.max()
    return clean, clean + noise * rng.standard_normal(shape)


def reference_ms_ssim(x: np.ndarray, y: np.ndarray, data_range: float) -> float:
    """Return the formula of Wang 2003 with two-dimensional windows and explicit sums."""
    axis = np.arange(11) - 5
    window = np.exp(-(axis[:, None] ** 2 + axis[None, :] ** 2) / (2 * 1.5**2))
    window /= window.sum()
    c1, c2 = (0.01 * data_range) ** 2, (0.03 * data_range) ** 2
    answer = 1.0
    for scale, weight in enumerate((0.0448, 0.2856, 0.3001, 0.2363, 0.1333)):
        if scale:
            x, y = (
                convolve2d(np.pad(image, (0, 1), "edge"), np.full((2, 2), 0.25), "valid")[::2, ::2]
                for image in (x, y)
            )
        mu_x, mu_y, xx, yy, xy = (
            convolve2d(image, window, mode="valid") for image in (x, y, x * x, y * y, x * y)
        )
        cs = (2 * (xy - mu_x * mu_y) + c2) / (xx - mu_x**2 + yy - mu_y**2 + c2)
        if scale == 4:
            cs = cs * (2 * mu_x * mu_y + c1) / (mu_x**2 + mu_y**2 + c1)
        answer *= max(cs.mean(), 0.0) ** weight
    return answer


@pytest.mark.parametrize("shape", [(40, 33), (12, 14, 11)])
def test_equal_to_scikit_image(shape: tuple[int, ...]) -> None:
    clean, noisy = pair(shape)
    assert metrics.structural_similarity(clean, noisy, data_range=1.0) == pytest.approx(
        oracle.structural_similarity(clean, noisy, data_range=1.0), abs=1e-12
    )
    assert metrics.peak_signal_noise_ratio(clean, noisy, data_range=1.0) == pytest.approx(
        oracle.peak_signal_noise_ratio(clean, noisy, data_range=1.0), abs=1e-12
    )
    assert metrics.normalized_root_mse(clean, noisy) == pytest.approx(
        oracle.normalized_root_mse(clean, noisy), abs=1e-12
    )


@pytest.mark.parametrize("shape", [(161, 161), (176, 200), (163, 191)])
def test_multi_scale_equals_the_second_implementation(shape: tuple[int, int]) -> None:
    for noise in (0.02, 0.5):
        clean, noisy = pair(shape, noise)
        found = metrics.multi_scale_structural_similarity(clean, noisy, data_range=1.0)
        assert found == pytest.approx(reference_ms_ssim(clean, noisy, 1.0), abs=1e-12)


def test_an_image_is_like_itself() -> None:
    image, _ = pair((161, 170))
    assert metrics.structural_similarity(image, image, data_range=1.0) == pytest.approx(1.0)
    assert metrics.multi_scale_structural_similarity(image, image, data_range=1.0) == pytest.approx(
        1.0
    )
    assert math.isinf(metrics.peak_signal_noise_ratio(image, image, data_range=1.0))
    assert metrics.normalized_root_mse(image, image) == 0.0


def test_an_inverted_image_is_like_nothing() -> None:
    image = np.random.default_rng(0).random((161, 161))
    assert metrics.multi_scale_structural_similarity(image, 1 - image, data_range=1.0) == 0.0


@pytest.mark.parametrize(
    ("first", "second", "data_range", "message"),
    [
        (np.ones((9, 9)), np.ones((9, 8)), 1.0, "shapes differ"),
        (np.ones((9, 9)), np.ones((9, 9)), 0.0, "range"),
        (np.ones((9, 9)), np.full((9, 9), np.nan), 1.0, "finite"),
        (np.ones((6, 9)), np.ones((6, 9)), 1.0, "7 pixels"),
    ],
)
def test_refusals(first: np.ndarray, second: np.ndarray, data_range: float, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        metrics.structural_similarity(first, second, data_range=data_range)


def test_too_small_or_empty_is_said() -> None:
    image = np.ones((160, 300))
    with pytest.raises(ValueError, match="161 pixels"):
        metrics.multi_scale_structural_similarity(image, image, data_range=1.0)
    with pytest.raises(ValueError, match="all 0"):
        metrics.normalized_root_mse(np.zeros((3, 3)), np.ones((3, 3)))
