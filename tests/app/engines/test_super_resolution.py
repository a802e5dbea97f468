"""`acutance.engines.super_resolution` with small random networks of the family."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch.nn import functional

from acutance.core.upscaling import (
    UpscaleRequest,
    UpscaleResult,
    UpscaleSettings,
    ValueRange,
    read_range,
    value_range,
)
from acutance.core.video import VideoSource
from acutance.core.window import Window
from acutance.engines import video_streaming
from acutance.engines.super_resolution import SuperResolutionEngine
from acutance.engines.video_pixels import departure
from acutance.engines.video_streaming import spans
from acutance.errors import JobCancelled, UnsupportedInputError
from acutance.jobs.runner import Runner
from acutance_models.negvsr.network import build_vsr

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

BYTES = ValueRange(0.0, 255.0)
LAYOUT = "vsr-w8-b2-shuffle-small-c8x2"


class Listener:
    """Progress and cancel token in one."""

    def __init__(self, checks: int = 1 << 30) -> None:
        self.fractions: list[float] = []
        self.checks = checks

    def report(self, fraction: float, message: str) -> None:
        assert message
        self.fractions.append(fraction)

    @property
    def is_cancelled(self) -> bool:
        return self.checks <= 0

    def raise_if_cancelled(self) -> None:
        self.checks -= 1
        if self.is_cancelled:
            raise JobCancelled


def network(layout: str = LAYOUT) -> Any:
    """A network that changes the picture, and whose pixels depend on their neighbours in time."""
    torch.manual_seed(11)
    made = build_vsr(layout).eval()
    with torch.no_grad():
        for name, weight in made.named_parameters():
            if "spynet" in name and weight.ndim == 4:
                weight.mul_(0.5)
        made.basicvsr.conv_last.weight.mul_(0.2)
        made.image_cleaning[1].weight.mul_(0.1)
    return made


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("weights") / "small.safetensors"
    save_file({k: v.contiguous() for k, v in network().state_dict().items()}, path)
    return str(path)


@pytest.fixture(scope="module")
def engine() -> SuperResolutionEngine:
    return SuperResolutionEngine("cpu")


def clip(count: int, height: int = 40, width: int = 48) -> NDArray[np.uint8]:
    """A textured square that moves over a textured ground, in colour."""
    generator = np.random.default_rng(5)
    ground = generator.uniform(60, 180, (height, width, 3))
    ground = (ground + np.roll(ground, 1, 0) + np.roll(ground, 1, 1)) / 3
    frames = np.repeat(ground[None], count, axis=0)
    patch = generator.uniform(0, 255, (12, 12, 3))
    for t in range(count):
        x = 4 + t % (width - 20)
        frames[t, 10:22, x : x + 12] = patch
    return np.clip(frames, 0, 255).astype(np.uint8)


def ask(frames: NDArray[Any], start: int, stop: int, **settings: Any) -> UpscaleRequest:
    """Ask for some frames of a clip as a run does: with context that fits `JUDGED_FRAMES`."""
    first, end = read_range(start, stop, len(frames))
    clip_id, whole = settings.pop("clip", ""), settings.pop("whole", False)
    values = settings.pop("range", BYTES)
    settings.setdefault("precision", "float32")
    return UpscaleRequest(
        frames[first:end], first, start, stop, UpscaleSettings(**settings), values, clip_id, whole
    )


def run(engine: SuperResolutionEngine, request: UpscaleRequest) -> UpscaleResult:
    listener = Listener()
    return engine.run(request, listener, listener)


def psnr(one: NDArray[Any], other: NDArray[Any]) -> float:
    error = np.mean((one.astype(np.float64) - other.astype(np.float64)) ** 2)
    return float("inf") if error == 0 else 10 * np.log10(255.0**2 / error)


@pytest.fixture
def guarded() -> None:
    """Ask for the guard as users have it."""


@pytest.fixture(autouse=True)
def _random_networks_pass(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    if "guarded" not in request.fixturenames:
        monkeypatch.setattr("acutance.engines.video_pixels.LARGEST_DEPARTURE", 1e9)
        monkeypatch.setattr("acutance.engines.video_pixels.LARGEST_CELL_DEPARTURE", 1e9)


def test_the_whole_clip_is_what_the_network_gives_by_itself(
    engine: SuperResolutionEngine, weights: str
) -> None:
    frames = clip(5)
    result = run(engine, ask(frames, 0, 5, weights=weights, whole=True))
    levels = torch.from_numpy(frames.astype(np.float32) / 255.0).permute(0, 3, 1, 2)[None]
    with torch.inference_mode():
        made = network()
        cleaned, passes = made.clean(levels, 5.0)
        expected = (made.upscale(cleaned)[0].clamp(0, 1) * 255).round()
    np.testing.assert_allclose(result.array, expected.permute(0, 2, 3, 1).numpy(), atol=1)
    assert np.mean(result.array != expected.permute(0, 2, 3, 1).numpy()) < 1e-3
    assert result.passes == (passes,) * 5
    plain = run(engine, ask(frames, 0, 5, strength=0.0))
    assert psnr(result.array, plain.array) < 40, "the network of these tests changes nothing"


def test_chunks_agree_with_the_whole_clip(engine: SuperResolutionEngine, weights: str) -> None:
    frames = clip(20, 24, 32)
    whole = run(engine, ask(frames, 0, 20, weights=weights))
    parts = [
        run(engine, ask(frames, n, min(n + 7, 20), weights=weights, clip="a"))
        for n in range(0, 20, 7)
    ]
    assert psnr(np.concatenate([p.array for p in parts]), whole.array) >= 50
    assert sum((p.passes for p in parts), ()) == whole.passes


@pytest.mark.parametrize("chunk", [3])
def test_passes_do_not_depend_on_the_length_of_chunks(
    engine: SuperResolutionEngine, weights: str, chunk: int
) -> None:
    frames = clip(20, 24, 32)
    frames[8:16] = 255 - frames[8:16] // 4
    settings = {"weights": weights, "theta": 0.4}
    found: tuple[int, ...] = ()
    for n in range(0, 20, chunk):
        found += run(engine, ask(frames, n, min(n + chunk, 20), **settings)).passes
    expected = run(engine, ask(frames, 0, 20, **settings)).passes
    assert found == expected
    assert all(len(set(expected[n : n + 8])) == 1 for n in (0, 8, 16))


def test_theta_decides_how_often_frames_are_cleaned(
    engine: SuperResolutionEngine, weights: str
) -> None:
    frames = clip(3, 24, 32)
    assert run(engine, ask(frames, 0, 3, weights=weights, theta=255.0)).passes == (1, 1, 1)
    assert run(engine, ask(frames, 0, 3, weights=weights, theta=0.0)).passes == (3, 3, 3)


def test_tiles_agree_with_the_whole_frame(engine: SuperResolutionEngine, weights: str) -> None:
    frames = clip(2, 60, 200)
    whole = run(engine, ask(frames, 0, 2, weights=weights, tile=4096))
    tiled = run(engine, ask(frames, 0, 2, weights=weights, tile=160))
    assert tiled.parameters["tile"] == 160
    assert psnr(tiled.array, whole.array) >= 50


def test_strips_change_nothing(
    engine: SuperResolutionEngine, weights: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    frames = clip(2, 60, 40)
    whole = run(engine, ask(frames, 0, 2, weights=weights))
    monkeypatch.setattr(video_streaming, "STRIP_BYTES", 1)
    strips = run(engine, ask(frames, 0, 2, weights=weights))
    assert psnr(strips.array, whole.array) > 60


def test_what_was_asked_for_before_changes_nothing(
    engine: SuperResolutionEngine, weights: str
) -> None:
    frames = clip(20, 24, 32)
    run(engine, ask(frames, 0, 8, weights=weights, clip="b"))
    after = run(engine, ask(frames, 8, 16, weights=weights, clip="b"))
    fresh = run(SuperResolutionEngine("cpu"), ask(frames, 8, 16, weights=weights, clip="b"))
    np.testing.assert_array_equal(after.array, fresh.array)
    assert after.passes == fresh.passes


def test_strength_blends_with_bicubic_interpolation(
    engine: SuperResolutionEngine, weights: str
) -> None:
    frames = clip(2, 24, 32)
    none = run(engine, ask(frames, 0, 2, strength=0.0))
    full = run(engine, ask(frames, 0, 2, weights=weights))
    half = run(engine, ask(frames, 0, 2, weights=weights, strength=0.5))
    mean = (none.array.astype(np.float64) + full.array) / 2
    saturated = (full.array == 0) | (full.array == 255)
    np.testing.assert_allclose(half.array[~saturated], mean[~saturated], atol=1.01)
    levels = torch.from_numpy(frames.astype(np.float32)).permute(0, 3, 1, 2)
    expected = functional.interpolate(levels, scale_factor=4.0, mode="bicubic").clamp(0, 255)
    np.testing.assert_array_equal(none.array, expected.round().permute(0, 2, 3, 1).numpy())
    assert none.model.name == "bicubic interpolation"


def test_two_times_is_the_mean_over_what_four_times_gives(
    engine: SuperResolutionEngine, weights: str
) -> None:
    frames = clip(2, 24, 32)
    four = run(engine, ask(frames, 0, 2, weights=weights)).array.astype(np.float64)
    two = run(engine, ask(frames, 0, 2, weights=weights, scale=2))
    means = four.reshape(2, 48, 2, 64, 2, 3).mean(axis=(2, 4))
    assert two.array.shape == (2, 48, 64, 3)
    # Four times is rounded, and clipped, before the mean is taken here.
    inside = (four.reshape(2, 48, 2, 64, 2, 3).min(axis=(2, 4)) > 0) & (
        four.reshape(2, 48, 2, 64, 2, 3).max(axis=(2, 4)) < 255
    )
    np.testing.assert_allclose(two.array[inside], means[inside], atol=1.01)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.int16])
def test_grey_goes_through_its_range_and_back(
    engine: SuperResolutionEngine, weights: str, dtype: type
) -> None:
    scale = 1 if dtype is np.uint8 else 14
    frames = (clip(2, 24, 32)[..., :1].astype(np.int32) * scale).astype(dtype)
    values = ValueRange(0.0, 255.0 * scale)
    result = run(engine, ask(frames, 0, 2, weights=weights, range=values))
    assert result.array.dtype == dtype
    assert result.array.shape == (2, 96, 128, 1)
    colour = np.repeat(frames // scale, 3, axis=3).astype(np.uint8)
    made = run(engine, ask(colour, 0, 2, weights=weights)).array
    seen = made.mean(axis=3, keepdims=True)
    inside = (made.min(axis=3, keepdims=True) > 0) & (made.max(axis=3, keepdims=True) < 255)
    np.testing.assert_allclose((result.array / scale)[inside], seen[inside], atol=1.2)


def test_values_beyond_the_window_are_kept(engine: SuperResolutionEngine, weights: str) -> None:
    frames = np.full((1, 24, 32, 1), 500, np.uint16)
    frames[:, :, 16:] = 3000
    result = run(engine, ask(frames, 0, 1, weights=weights, range=ValueRange(400.0, 600.0)))
    assert abs(int(np.median(result.array[0, :, 100:])) - 3000) < 60
    assert int(result.array.max()) > 2900


@pytest.mark.usefixtures("guarded")
def test_a_frame_that_departs_from_its_input_is_interpolated(
    engine: SuperResolutionEngine, tmp_path: Path
) -> None:
    made = network()
    with torch.no_grad():
        made.basicvsr.conv_last.bias.fill_(0.3)
    path = tmp_path / "brighter.safetensors"
    save_file({k: v.contiguous() for k, v in made.state_dict().items()}, path)
    frames = clip(3, 24, 32)
    result = run(engine, ask(frames, 1, 3, weights=str(path)))
    plain = run(engine, ask(frames, 1, 3, strength=0.0))
    assert result.fallbacks == (1, 2)
    assert min(result.departures) > 0.1
    np.testing.assert_array_equal(result.array, plain.array)


@pytest.mark.usefixtures("guarded")
def test_a_value_that_is_no_number_never_reaches_a_frame(
    engine: SuperResolutionEngine, weights: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from acutance.engines.video_network import Steps

    honest = Steps.reconstruct

    def spoilt(self: Steps, *parts: Any) -> torch.Tensor:
        made = honest(self, *parts)
        made[..., 3, 4] = float("nan")
        return made

    monkeypatch.setattr(Steps, "reconstruct", spoilt)
    frames = clip(1, 24, 32)
    result = run(engine, ask(frames, 0, 1, weights=weights))
    assert result.fallbacks == (0,)
    np.testing.assert_array_equal(result.array, run(engine, ask(frames, 0, 1, strength=0.0)).array)


@pytest.mark.usefixtures("guarded")
def test_noise_that_is_removed_is_no_departure() -> None:
    frame = np.full((64, 64, 3), 120, np.uint8)
    noisy = np.clip(frame + np.random.default_rng(1).normal(0, 20, frame.shape), 0, 255).astype(
        np.uint8
    )
    clean = np.full((256, 256, 3), 120, np.uint8)
    assert not departure(clean, noisy, BYTES).is_too_far
    blob = clean.copy()
    blob[64:128, 64:128, 0] = 240
    assert departure(blob, noisy, BYTES).is_too_far


def test_bfloat16_stays_close_to_float32(engine: SuperResolutionEngine, weights: str) -> None:
    frames = clip(3, 24, 32)
    exact = run(engine, ask(frames, 0, 3, weights=weights))
    short = run(engine, ask(frames, 0, 3, weights=weights, precision="bfloat16"))
    assert short.parameters["precision"] == "bfloat16"
    assert psnr(short.array, exact.array) > 40


def test_memory_that_ends_makes_tiles_smaller(
    engine: SuperResolutionEngine, weights: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from acutance.engines.video_network import Steps

    honest = Steps.backward

    def hungry(self: Steps, frame: torch.Tensor, *rest: Any) -> torch.Tensor:
        if frame.shape[-1] > 160:
            raise RuntimeError("DefaultCPUAllocator: can't allocate memory")
        return honest(self, frame, *rest)

    monkeypatch.setattr(Steps, "backward", hungry)
    result = run(engine, ask(clip(1, 24, 300), 0, 1, weights=weights))
    assert result.parameters["tile"] == 150


@pytest.mark.parametrize("checks", [1, 6, 12])
def test_cancel_is_heeded_at_every_step(
    engine: SuperResolutionEngine, weights: str, checks: int
) -> None:
    listener = Listener(checks)
    with pytest.raises(JobCancelled):
        engine.run(ask(clip(4, 24, 32), 0, 4, weights=weights), listener, listener)


def test_without_a_network_the_remedy_is_told(engine: SuperResolutionEngine) -> None:
    with pytest.raises(UnsupportedInputError) as caught:
        run(engine, ask(clip(1), 0, 1, model="no_such_vsr"))
    assert "--model" in caught.value.remedy


def test_frames_too_small_for_motion_are_refused(engine: SuperResolutionEngine) -> None:
    with pytest.raises(UnsupportedInputError, match="too small"):
        run(engine, ask(clip(1, 24, 32)[:, :12], 0, 1))


def test_a_result_crosses_to_another_process_whole(weights: str) -> None:
    with Runner(device="cpu", synchronous=True) as runner:
        request = ask(clip(2, 24, 32), 0, 2, weights=weights)
        result = runner.submit("super_resolution", request).value()
    assert isinstance(result, UpscaleResult)
    assert result.array.shape == (2, 96, 128, 3)
    assert set(result.stages) >= {"cleaning", "flow", "propagation", "reconstruction"}


def test_ranges_are_those_of_the_type_the_file_or_the_values() -> None:
    times = np.array([0.0])
    grey = VideoSource(times, 8, 8, 1, np.dtype(np.uint16), slope=2.0, intercept=-100.0)
    assert value_range(grey, 10, 900, None) == ValueRange(10.0, 900.0)
    window = Window(100.0, 400.0)
    assert value_range(grey, 10, 900, window) == ValueRange(0.0, 200.0)
    assert value_range(replace(grey, windows=(window,)), 10, 900, None) == ValueRange(0.0, 200.0)
    colour = VideoSource(times, 8, 8, 3, np.dtype(np.uint16))
    assert value_range(colour, 10, 900, window) == ValueRange(0.0, 65535.0)


@pytest.mark.parametrize(
    ("length", "largest", "context"), [(400, 160, 32), (129, 128, 48), (128, 128, 32)]
)
def test_pieces_cover_a_side_once(length: int, largest: int, context: int) -> None:
    pieces = spans(length, largest, context)
    assert [p.keep_begin for p in pieces] == [0, *(p.keep_end for p in pieces[:-1])]
    assert pieces[-1].keep_end == length
    for piece in pieces:
        assert piece.begin == max(0, piece.keep_begin - context) or len(pieces) == 1
        assert piece.end - piece.begin <= largest
