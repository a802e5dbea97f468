"""`acutance.metrics.noise`, `.sharpness` and `.head`: phantoms with known answers."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

import phantoms
from acutance.metrics.head import BINS, head_mask, head_threshold
from acutance.metrics.noise import noise_sigma, rayleigh_bound, rayleigh_sigma
from acutance.metrics.sharpness import fwhm, fwhm_from_variances, gradient_energy

ALL = np.ones((128, 128), dtype=bool)


@pytest.mark.parametrize("sigma", [0.5, 3.0, 20.0])
def test_noise_of_known_sigma_is_found(sigma: float) -> None:
    assert noise_sigma(phantoms.noise(sigma=sigma, mean=50.0), ALL) == pytest.approx(
        sigma, rel=0.03
    )


def test_a_ramp_holds_no_noise_and_edges_little() -> None:
    ramp = np.add.outer(np.arange(128.0), 2 * np.arange(128.0))
    assert noise_sigma(ramp, ALL) == pytest.approx(0.0, abs=1e-9)
    bars = phantoms.bar_pattern(period=16, high=100.0) + phantoms.noise(sigma=2.0)
    assert noise_sigma(bars, ALL) == pytest.approx(2.0, rel=0.35)


def test_noise_needs_a_mask() -> None:
    with pytest.raises(ValueError, match="mask"):
        noise_sigma(np.ones((5, 5)), np.zeros((5, 5), bool))


def test_rayleigh_noise_is_found_and_a_thousandth_lies_above() -> None:
    rng = np.random.default_rng(5)
    air = np.hypot(*(7.0 * rng.standard_normal((2, 400_000))))
    sigma = rayleigh_sigma(float(np.median(air)))
    assert sigma == pytest.approx(7.0, rel=0.01)
    assert np.mean(air > rayleigh_bound(sigma)) == pytest.approx(1e-3, rel=0.2)


@pytest.mark.parametrize("sigma", [1.0, 1.5, 2.5])
def test_width_of_smoothed_noise_is_that_of_the_filter(sigma: float) -> None:
    image = gaussian_filter(phantoms.noise((48, 160, 160)).astype(float), (0, sigma, 2 * sigma))
    widths = fwhm(image, np.ones(image.shape, bool), (1.0, 0.5, 2.0))
    full = 2 * math.sqrt(2 * math.log(2))
    assert widths[0] is None or widths[0] < 0.6
    assert widths[1] == pytest.approx(0.5 * full * sigma, rel=0.06)
    assert widths[2] == pytest.approx(2.0 * full * 2 * sigma, rel=0.06)


def test_width_is_not_defined_without_correlation_or_variance() -> None:
    assert fwhm_from_variances(0.0, 0.0, 1.0) is None
    assert fwhm_from_variances(1.0, 2.5, 1.0) is None
    assert fwhm_from_variances(1.0, 0.0, 1.0) is None
    assert fwhm(np.ones((4, 4)), np.zeros((4, 4), bool), (1.0, 1.0)) == (None, None)


def test_gradient_of_a_ramp_is_its_slope() -> None:
    ramp = np.add.outer(3.0 * np.arange(20), 4.0 * np.arange(20))
    inner = np.zeros((20, 20), bool)
    inner[2:-2, 2:-2] = True
    energy, pixels = gradient_energy(ramp, inner)
    assert energy / pixels == pytest.approx(25.0)


def test_blur_lowers_the_gradient() -> None:
    sharp, soft = (phantoms.edge(blur=blur).astype(float) for blur in (0.0, 6.0))
    assert gradient_energy(sharp, ALL)[0] > 2 * gradient_energy(soft, ALL)[0]


def test_head_is_one_filled_part_and_air_is_none() -> None:
    volume = phantoms.head((96, 108, 90), noise_sigma=8.0)
    high = float(np.percentile(volume, 99.9))
    counts = np.histogram(volume, bins=BINS, range=(0, high))[0]
    threshold = head_threshold(counts, high)
    mask = head_mask(volume[:, :, 45], threshold)
    truth = phantoms.head((96, 108, 90))[:, :, 45] > 0
    inside = head_mask(np.where(truth, 1.0, 0.0), 0.5)
    assert np.count_nonzero(mask ^ inside) < 0.02 * np.count_nonzero(inside)
    assert not head_mask(volume[:, :, 0], threshold).any()


def test_one_value_gives_a_threshold_above_zero() -> None:
    counts = np.zeros(BINS, np.int64)
    counts[-1] = 10
    assert 0 < head_threshold(counts, 5.0) < 5.0
