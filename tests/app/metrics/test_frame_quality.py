"""Frame by frame measures against clips whose faults are known, and the best stretch of them."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter, shift

from acutance.core.timeline import (
    STANDSTILL,
    FrameQuality,
    FrameQualityRequest,
    best_stretch,
    goodness,
)
from acutance.core.upscaling import ValueRange
from acutance.engines.frame_quality import FrameQualityEngine
from acutance.metrics.frame_quality import (
    blockiness,
    change,
    exposure,
    frame_noise,
    frame_sharpness,
)
from acutance.metrics.warping import estimate_flow, seen_in_both, warp, warping_error


class Silent:
    is_cancelled = False

    def report(self, fraction: float, message: str) -> None:
        assert 0 <= fraction <= 1
        assert message

    def raise_if_cancelled(self) -> None:
        return


def texture(seed: int = 0, size: int = 96) -> np.ndarray:
    noise = gaussian_filter(np.random.default_rng(seed).normal(size=(size, size)), 2.0)
    return 0.5 + 0.15 * noise / noise.std()


def test_blur_lowers_sharpness_and_contrast_does_not() -> None:
    sharp = texture()
    assert frame_sharpness(gaussian_filter(sharp, 3.0)) < 0.5 * frame_sharpness(sharp)
    assert frame_sharpness(0.3 * sharp + 0.1) == pytest.approx(frame_sharpness(sharp))
    assert frame_sharpness(np.full((8, 8), 0.5)) == 0.0


def test_noise_is_found_at_its_size() -> None:
    noisy = texture() + np.random.default_rng(1).normal(0, 0.04, (96, 96))
    assert frame_noise(noisy) == pytest.approx(0.04, rel=0.15)


def test_blocks_show_and_a_plain_picture_has_none() -> None:
    plain = texture(2)
    blocks = plain.reshape(12, 8, 12, 8).mean(axis=(1, 3)).repeat(8, 0).repeat(8, 1)
    assert blockiness(plain) == pytest.approx(1.0, abs=0.15)
    assert blockiness(0.5 * plain + 0.5 * blocks) > 1.8
    assert blockiness(np.zeros((4, 4))) == 1.0


def test_exposure_counts_what_is_clipped() -> None:
    frame = np.full((10, 10), 0.4)
    frame[:2], frame[9:] = 0.0, 1.0
    assert exposure(frame) == pytest.approx((0.38, 0.2, 0.1))


def test_a_copied_frame_stands_still_and_a_moved_one_does_not() -> None:
    frame = texture()
    assert change(frame, frame) < STANDSTILL < change(np.roll(frame, 1, 0), frame)


def test_flow_leads_a_shifted_frame_back() -> None:
    frame = texture(3)
    moved = shift(frame, (1.0, -2.0), order=1, mode="nearest")
    there, back = estimate_flow(frame, moved), estimate_flow(moved, frame)
    inner = (slice(16, -16), slice(16, -16))
    assert np.abs(there[0][inner] - 1.0).max() < 0.3
    assert np.abs(there[1][inner] + 2.0).max() < 0.3
    assert seen_in_both(there, back)[inner].mean() > 0.95
    error = warping_error(frame, moved, there, back)
    assert error is not None
    assert error < 0.02 * np.var(frame)
    flicker = warping_error(frame, moved + 0.1, there, back)
    assert flicker == pytest.approx(0.01, rel=0.2)


def test_a_flow_of_nothing_fetches_every_pixel_from_its_place() -> None:
    frame = texture(4, 24)
    nothing = np.zeros((2, 24, 24))
    np.testing.assert_allclose(warp(frame, nothing), frame)
    assert warping_error(frame, frame, nothing, nothing) == 0.0
    far = np.full((2, 24, 24), 99.0)
    assert warping_error(frame, frame, far, far) is None


def test_the_best_stretch_is_the_sharp_one_that_moves() -> None:
    frames = np.stack([np.roll(texture(5), n, 1) for n in range(30)])
    frames[:10] = gaussian_filter(frames[:10], (0, 2, 2))
    frames[20:] = frames[20]
    stored = (np.clip(frames, 0, 1) * 255).astype(np.uint8)[..., None]
    engine, silent = FrameQualityEngine("cpu"), Silent()
    parts = [
        engine.run(FrameQualityRequest(stored[a:b], a, ValueRange(0.0, 255.0)), silent, silent)
        for a, b in ((0, 12), (11, 30))
    ]
    found = FrameQuality.from_plain(parts[0].to_plain()).joined(parts[1])
    assert found.count == 30
    assert found.values["change"][0] is None
    assert found.values["change"][11] is not None
    good = goodness(found, STANDSTILL)
    assert good.min() == 0.0
    assert good.max() <= 1.0
    start, stop = best_stretch(np.arange(30) / 10.0, good, 0.5)
    assert start >= 10
    assert stop <= 21
    assert stop - start == 6


def test_a_short_clip_is_its_own_best_stretch() -> None:
    assert best_stretch(np.array([0.0, 0.1]), np.array([0.2, 0.3]), 5.0) == (0, 2)


def test_frames_too_small_or_too_flat_have_no_niqe() -> None:
    engine, silent = FrameQualityEngine("cpu"), Silent()
    for size in (32, 128):
        frames = np.full((2, size, size, 1), 90, np.uint8)
        request = FrameQualityRequest(frames, 0, ValueRange(0.0, 255.0), rates=True)
        assert engine.run(request, silent, silent).values["niqe"] == (None, None)
