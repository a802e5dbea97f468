"""`acutance.metrics.change`: noise of the air, and the map of what exceeds it."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

import phantoms
from acutance.core.change import (
    THRESHOLD,
    change_map,
    magnitude_lift,
    map_of_slice,
    slice_changes,
    standardised_changes,
)
from acutance.core.restoration import NoiseFacts
from acutance.core.slicing import extract_slice, volume_geometry
from acutance.core.volume import Volume
from acutance.metrics.change import anatomy_mask, measure_noise


def noisy_head(sigma: float, smooth: float = 0.0, shape=(96, 96, 12), seed: int = 3):
    """Return a head in much air, without noise and with that of two channels."""
    clean = np.zeros(shape, np.float32)
    inner = phantoms.head((64, 64, shape[2]))
    clean[16:80, 16:80] = inner
    rng = np.random.default_rng(seed)
    channels = rng.standard_normal((2, *shape))
    if smooth:
        channels = gaussian_filter(channels, (0, smooth, smooth, 0), mode="wrap")
    channels *= sigma / channels.std()
    return clean, np.hypot(clean + channels[0], channels[1]).astype(np.float32)


@pytest.mark.parametrize("sigma", [12.0, 40.0])
def test_the_noise_of_the_air_is_what_was_added(sigma: float) -> None:
    _, noisy = noisy_head(sigma)
    facts = measure_noise(Volume(noisy, np.eye(4), modality="MR"), "axial")
    assert facts.source == "air"
    assert facts.sigma == pytest.approx(sigma, rel=0.03)
    assert max(facts.widths) < 0.45  # neighbours that correlate by less than 0.3


def test_smoothed_noise_is_known_for_what_it_is() -> None:
    _, noisy = noisy_head(20.0, smooth=1.2)
    facts = measure_noise(Volume(noisy, np.eye(4), modality="MR"), "axial")
    assert facts.widths[0] == pytest.approx(1.2, rel=0.15)
    assert facts.widths[1] == pytest.approx(1.2, rel=0.15)
    assert facts.widths[2] == 0.0


def test_masked_air_sends_to_the_tissue_and_an_empty_volume_has_none() -> None:
    clean, noisy = noisy_head(20.0)
    masked = np.where(clean > 0, noisy, 0).astype(np.float32)
    facts = measure_noise(Volume(masked, np.eye(4), modality="MR"), "axial")
    assert facts.source == "tissue"
    assert facts.sigma == pytest.approx(20.0, rel=0.5)
    empty = measure_noise(Volume(np.zeros((30, 30, 4), np.float32), np.eye(4)), "axial")
    assert (empty.sigma, empty.source) == (0.0, "none")


@pytest.mark.parametrize("smooth", [0.0, 1.2])
def test_removed_noise_is_no_change_at_any_scale(smooth: float) -> None:
    rng = np.random.default_rng(0)
    noise = rng.standard_normal((256, 256))
    noise = gaussian_filter(noise, smooth, mode="wrap") if smooth else noise
    noise *= 7.0 / noise.std()
    found = standardised_changes(-noise, 7.0, widths=(smooth, smooth))
    for scale in found:
        assert scale.std() == pytest.approx(1.0, abs=0.12)
    assert (change_map(np.stack((found, found))) > THRESHOLD).mean() < 0.01


def test_a_change_is_linear_so_that_blends_are_exact() -> None:
    rng = np.random.default_rng(1)
    one, other = rng.standard_normal((2, 40, 50))
    kwargs = {"spacing": (0.9, 1.3), "widths": (0.5, 0.0)}
    blended = standardised_changes(0.3 * one + 0.7 * other, 2.0, **kwargs)
    parts = [standardised_changes(part, 2.0, **kwargs) for part in (one, other)]
    assert np.allclose(blended, 0.3 * parts[0] + 0.7 * parts[1], atol=1e-5)


def test_what_noise_lifts_may_go_or_stay() -> None:
    """Air whose floor was taken away, and air that was only smoothed, are both unchanged."""
    _, noisy = noisy_head(20.0)
    volume = Volume(noisy, np.eye(4), modality="MR")
    noise, geometry = measure_noise(volume, "axial"), volume_geometry(volume, "axial")
    image = extract_slice(volume, geometry, 6)
    air = slice(0, 14)
    for restored in (np.zeros_like(image), np.full_like(image, image[air].mean())):
        found = change_map(slice_changes(image, restored, noise, geometry, is_mm=True))
        assert (found[air, air] > THRESHOLD).mean() < 0.02
        assert (found[40:60, 40:60] > THRESHOLD).mean() > 0.9  # the head that is gone
    brighter = np.full_like(image, image[air].mean() + 30.0)
    found = change_map(slice_changes(image, brighter, noise, geometry, is_mm=True))
    assert (found[air, air] > THRESHOLD).all()


def test_the_lift_is_that_of_a_rician_mean() -> None:
    rng = np.random.default_rng(4)
    for amplitude in (0.0, 0.5, 1.0, 2.0, 4.0):
        draws = rng.standard_normal((2, 200000))
        mean = np.hypot(amplitude + draws[0], draws[1]).mean()
        lift = float(magnitude_lift(np.array(7.0 * amplitude), 7.0)) / 7.0
        assert lift == pytest.approx(mean - amplitude, abs=0.025)


def test_what_is_no_number_changes_by_nothing() -> None:
    _, noisy = noisy_head(20.0, shape=(96, 96, 3))
    noisy[40, 40, 1], noisy[60, 50, 1] = np.nan, np.inf
    volume = Volume(noisy, np.eye(4), modality="MR")
    restored = noisy.copy()
    restored[40:44, 60:64, 1] += 300.0
    found = map_of_slice(
        volume, volume_geometry(volume, "axial"), 1, restored, NoiseFacts(20.0, "air")
    )
    assert np.isfinite(found).all()
    flagged = np.argwhere(found > THRESHOLD)
    assert 16 <= len(flagged) <= 200
    # As drawn: rows from anterior to posterior, columns from right to left.
    assert np.abs(flagged - [95 - 61.5, 95 - 41.5]).max() < 8


def test_without_noise_nothing_can_be_told() -> None:
    with pytest.raises(ValueError, match="without noise"):
        standardised_changes(np.ones((4, 4)), 0.0)


def test_the_anatomy_is_the_head() -> None:
    clean, noisy = noisy_head(12.0)
    mask = anatomy_mask(noisy[:, :, 6])
    head = clean[:, :, 6] > 0
    assert (mask == head).mean() > 0.97
    assert anatomy_mask(np.zeros((5, 5))).all()
