"""`acutance_models.negvsr.degradation` and its blur kernels."""

from __future__ import annotations

import numpy as np
import pytest

from acutance_models.negvsr.degradation import (
    CODECS,
    FIRST,
    RATED_PIXELS,
    SECOND,
    add_noise,
    blur,
    compress_pictures,
    compress_video,
    convolve,
    degrade,
    resize,
    resize_at_random,
)
from acutance_models.negvsr.kernels import KINDS, SIZES, BlurKernel, draw_kernel, draw_sinc


def _clip(count: int = 3, side: int = 48) -> np.ndarray:
    rng = np.random.default_rng(0)
    rows, columns = np.indices((side, side)) / side
    waves = [0.5 + 0.4 * np.sin(9 * rows * (i + 1) + 7 * columns) for i in range(3)]
    clip = np.stack([np.stack(waves, -1)] * count) + rng.normal(0.0, 0.02, (count, side, side, 3))
    return np.clip(clip, 0.0, 1.0).astype(np.float32)


@pytest.mark.parametrize("kind", KINDS)
def test_kernels_add_up_to_1_and_look_the_same_turned_half(kind: str) -> None:
    kernel = BlurKernel(kind, 13, (2.0, 0.7 if kind.endswith("aniso") else 2.0), 0.6, 0.8, 2.0)
    drawn = kernel.draw()
    assert drawn.shape == (13, 13)
    assert drawn.sum() == pytest.approx(1.0)
    np.testing.assert_allclose(drawn, drawn[::-1, ::-1], atol=1e-15)
    assert drawn.argmax() == 13 * 13 // 2


def test_a_round_gaussian_is_that_of_the_formula() -> None:
    drawn = BlurKernel("iso", 7, (1.5, 1.5)).draw()
    profile = np.exp(-0.5 * (np.arange(-3, 4) / 1.5) ** 2)
    expected = np.outer(profile, profile)
    np.testing.assert_allclose(drawn, expected / expected.sum(), rtol=1e-12)


def test_a_long_axis_lies_along_its_angle() -> None:
    drawn = BlurKernel("aniso", 21, (3.0, 0.5), np.pi / 2).draw()
    assert drawn.sum(1).std() < drawn.sum(0).std()  # along the rows' axis: spread over rows


def test_a_sinc_passes_low_frequencies_and_stops_high_ones() -> None:
    drawn = BlurKernel("sinc", 21, omega=np.pi / 2).draw()
    response = np.abs(np.fft.fft2(drawn, (64, 64)))[0]
    assert response[4] == pytest.approx(1.0, abs=0.15)
    assert response[28] < 0.15


def test_drawn_kernels_have_all_kinds_and_walk_a_little() -> None:
    rng = np.random.default_rng(0)
    kernels = [draw_kernel(rng, (0.2, 3.0)) for _ in range(400)]
    counts = {kind: sum(kernel.kind == kind for kernel in kernels) / 400 for kind in KINDS}
    for kind, share in KINDS.items():
        assert counts[kind] == pytest.approx(share, abs=0.08)
    assert {kernel.size for kernel in kernels} == set(SIZES)
    for kernel in kernels[:40]:
        walked = kernel.walk(rng, (0.2, 3.0))
        assert (walked.kind, walked.size) == (kernel.kind, kernel.size)
        for before, after in zip(kernel.sigma, walked.sigma, strict=True):
            assert abs(before - after) <= 0.02 + 1e-9
            assert 0.2 <= after <= 3.0
        if kernel.sigma[0] == kernel.sigma[1]:
            assert walked.sigma[0] == walked.sigma[1]
    assert draw_sinc(rng).kind == "sinc"


def test_convolving_keeps_a_constant_and_the_size() -> None:
    kernel = BlurKernel("plateau_iso", 21, (2.0, 2.0), beta=1.5)
    for shape in ((30, 20, 3), (9, 8, 3)):  # smaller than the kernel, too
        flat = np.full(shape, 0.3, np.float32)
        np.testing.assert_allclose(convolve(flat, kernel), flat, atol=1e-6)


def test_the_average_of_areas_is_the_mean_of_blocks() -> None:
    frame = _clip(1, 32)[0]
    small = resize(frame, (8, 8), "area")
    blocks = frame.reshape(8, 4, 8, 4, 3).mean((1, 3))
    np.testing.assert_allclose(small, blocks, atol=1e-6)
    ramp = np.broadcast_to(np.linspace(0.1, 0.9, 32, dtype=np.float32)[:, None, None], (32, 32, 3))
    for mode in ("bilinear", "bicubic", "area"):
        there_and_back = resize(resize(ramp, (48, 48), mode), (32, 32), mode)
        np.testing.assert_allclose(there_and_back[4:-4], ramp[4:-4], atol=5e-3)  # nothing shifts


def test_noise_has_the_strength_that_was_drawn() -> None:
    frames = list(0.3 + 0.4 * _clip(2))  # far from black and white, where noise is clipped
    stds, greys = [], 0
    for seed in range(30):
        difference = np.stack(add_noise(frames, FIRST, np.random.default_rng(seed))) - frames
        stds.append(difference.std())
        greys += bool(np.allclose(difference[..., 0], difference[..., 1], atol=1e-6))
    # Gaussian noise of 1 to 30 grey levels; Poisson noise of 128 photons, times 0.05 to 3.
    assert 0.5 / 255.0 < min(stds) < max(stds) < 3.0 * (0.7 / 128.0) ** 0.5
    assert 5 <= greys <= 20


def test_sizes_walk_within_their_bounds() -> None:
    frames = list(_clip(12, 40))
    for seed in range(12):
        sides = [f.shape[0] for f in resize_at_random(frames, SECOND, np.random.default_rng(seed))]
        assert max(sides) <= 48
        assert min(sides) >= 12
        assert max(np.abs(np.diff(sides)), default=0) <= 1 + 0.015 * 40


def test_blurring_lowers_the_contrast_of_neighbours() -> None:
    frames = list(_clip())
    steps = [
        np.diff(np.stack(blur(frames, FIRST, np.random.default_rng(seed))), axis=2).std()
        for seed in range(8)
    ]
    assert np.median(steps) < 0.8 * np.diff(np.stack(frames), axis=2).std()


def test_pictures_come_back_from_jpeg_nearly_alike() -> None:
    frames = list(_clip())
    compressed = np.stack(compress_pictures(frames, np.random.default_rng(0)))
    assert 0.0 < np.abs(compressed - np.stack(frames)).mean() < 0.05


def test_a_codec_keeps_size_and_order_and_follows_its_rate() -> None:
    pytest.importorskip("av", reason="video codecs come with the extra `video`")
    levels = np.linspace(40, 200, 6)
    clip = np.stack([np.full((34, 21, 3), level) for level in levels]).astype(np.uint8)
    back = compress_video(clip, "mpeg4", 1e5)
    assert back.shape == clip.shape
    assert (np.diff(back.mean((1, 2, 3))) > 10).all()
    rough, fine = (
        np.abs(
            compress_video((_clip(6, 64) * 255).astype(np.uint8), "mpeg4", rate) / 255.0
            - _clip(6, 64)
        ).mean()
        for rate in (1e4, 1e6)
    )
    assert fine < rough


@pytest.mark.parametrize("codec", CODECS)
def test_the_smallest_frames_at_the_lowest_rates_can_be_encoded(codec: str) -> None:
    av = pytest.importorskip("av", reason="video codecs come with the extra `video`")
    if codec not in av.codecs_available:
        pytest.skip(f"this build of FFmpeg has no {codec}")
    clip = (_clip(2, 8) * 255).astype(np.uint8)
    assert compress_video(clip, codec, 1e4 * 64 / RATED_PIXELS).shape == clip.shape


def test_a_recording_is_decided_by_its_seed() -> None:
    pytest.importorskip("av", reason="video codecs come with the extra `video`")
    clip = _clip(4, 64)
    before = clip.copy()
    first, again, other = (
        degrade(clip, (16, 16), np.random.default_rng(seed)) for seed in (5, 5, 6)
    )
    assert first.shape == (4, 16, 16, 3)
    assert first.dtype == np.float32
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
    assert np.array_equal(clip, before)
    np.testing.assert_allclose(first * 255.0, np.rint(first * 255.0), atol=1e-4)
    assert 0.0 <= first.min() < first.max() <= 1.0


def test_on_the_mean_a_recording_lies_where_the_clip_does() -> None:
    pytest.importorskip("av", reason="video codecs come with the extra `video`")
    clip = np.zeros((3, 64, 64, 3), np.float32)
    clip[:, 24:40, 8:24] = 1.0  # a square whose centre is known
    centres = []
    for seed in range(12):
        small = degrade(clip, (16, 16), np.random.default_rng(seed)).mean((0, 3))
        weight = np.clip(small - 0.4, 0.0, None)
        if weight.sum() > 0.0:
            centres.append(
                np.tensordot(weight / weight.sum(), np.indices((16, 16)), ([0, 1], [1, 2]))
            )
    np.testing.assert_allclose(np.median(centres, 0), (7.5, 3.5), atol=0.3)
