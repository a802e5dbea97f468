"""`acutance.upscaling`: what a run leaves behind, and that interruptions change nothing of it."""

from __future__ import annotations

import json
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch
import video_factory as factory
from PIL import Image
from safetensors.torch import save_file
from torch.nn import functional

from acutance.core.upscaling import UpscaleSettings
from acutance.errors import ExportError, JobCancelled, ReadError
from acutance.upscaling.muxing import frame_stamps
from acutance.upscaling.plan import make_plan
from acutance.upscaling.run import Upscale, UpscaleEvent, UpscaleOutcome
from acutance.upscaling.source import FrameFeed, open_clip, value_ends
from acutance_models.negvsr.network import build_vsr

if TYPE_CHECKING:
    from pathlib import Path

    from acutance.jobs.runner import Runner

av = factory.av
BICUBIC = UpscaleSettings(strength=0.0, scale=2)


def enlarge(
    runner: Runner,
    source: Path,
    target: Path,
    settings: UpscaleSettings = BICUBIC,
    *,
    resumes: bool = False,
    stop_after: int | None = None,
    **plan: Any,
) -> UpscaleOutcome:
    clip = open_clip(runner, source)
    made = make_plan(clip, target, settings, value_ends(runner, clip), **plan)
    upscale: Upscale

    def listen(event: UpscaleEvent) -> None:
        assert 0.0 <= event.fraction <= 1.0
        if stop_after is not None and event.done >= stop_after:
            upscale.cancel()

    upscale = Upscale(runner, made, listener=listen, resumes=resumes)
    return upscale.run()


def stamps_of(path: Path) -> list[Fraction]:
    with av.open(str(path)) as container:
        return [frame.pts * frame.time_base for frame in container.decode(video=0)]


def sounds_of(path: Path) -> list[tuple[float, bytes]]:
    with av.open(str(path)) as container:
        unit = container.streams.audio[0].time_base
        return [(float(p.pts * unit), bytes(p)) for p in container.demux(audio=0) if p.size]


@pytest.fixture(scope="module")
def clip_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("clips") / "moving.mp4"
    return factory.encode(path, factory.moving(20, 32, 48))


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> str:
    torch.manual_seed(2)
    network = build_vsr("vsr-w8-b1-direct-small-c8x1")
    with torch.no_grad():
        network.basicvsr.conv_last.weight.normal_(0.0, 0.004)
    path = tmp_path_factory.mktemp("weights") / "small.safetensors"
    save_file({k: v.contiguous() for k, v in network.state_dict().items()}, path)
    return str(path)


def with_sound(path: Path) -> Path:
    """A clip with uneven times and a second of sound."""
    with av.open(str(path), "w") as container:
        video = container.add_stream("mpeg4", rate=25)
        video.width, video.height, video.pix_fmt = 48, 32, "yuv420p"
        video.time_base = video.codec_context.time_base = Fraction(1, 1000)
        audio = container.add_stream("aac", rate=16000)
        for number, pixels in enumerate(factory.moving(8, 32, 48)):
            frame = av.VideoFrame.from_ndarray(pixels, format="rgb24")
            frame.pts, frame.time_base = 40 * number + 11 * (number % 3), Fraction(1, 1000)
            container.mux(video.encode(frame))
        container.mux(video.encode(None))
        for start in range(0, 5120, 1024):
            tone = np.sin(np.arange(start, start + 1024) / 20.0).astype(np.float32)
            frame = av.AudioFrame.from_ndarray(tone[None], format="fltp", layout="mono")
            frame.pts, frame.sample_rate, frame.time_base = start, 16000, Fraction(1, 16000)
            container.mux(audio.encode(frame))
        container.mux(audio.encode(None))
    return path


@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_times_and_sound_are_those_of_the_source(
    suffix: str, runner: Runner, tmp_path: Path
) -> None:
    source = with_sound(tmp_path / "a.mp4")
    outcome = enlarge(runner, source, tmp_path / f"b{suffix}", chunk=3)
    assert (outcome.frames, outcome.sound_tracks, outcome.notes) == (8, 1, ())
    begin = stamps_of(source)[0]
    expected = [float(stamp - begin) for stamp in stamps_of(source)]
    found = stamps_of(outcome.path)
    np.testing.assert_allclose([float(s - found[0]) for s in found], expected, atol=6e-4)
    heard, before = sounds_of(outcome.path), sounds_of(source)
    assert [data for _, data in heard] == [data for _, data in before]
    ahead = heard[0][0] - float(found[0]), before[0][0] - float(begin)
    assert ahead[0] == pytest.approx(ahead[1], abs=2e-3)
    with av.open(str(outcome.path)) as container:
        told = {name.lower(): text for name, text in container.metadata.items()}
        assert "Not for diagnosis" in told["comment"]
        assert (container.streams.video[0].width, container.streams.video[0].height) == (96, 64)


@pytest.mark.parametrize("codec", ["vp9", "mpeg4", "ffv1"])
def test_frames_come_back_as_they_were_made(
    codec: str, runner: Runner, clip_path: Path, tmp_path: Path
) -> None:
    outcome = enlarge(runner, clip_path, tmp_path / "a.mkv", codec=codec, chunk=8)
    pictures = enlarge(runner, clip_path, tmp_path / "a")
    made = [np.asarray(Image.open(p)) for p in sorted(pictures.path.glob("*.png"))]
    for shown, exact in zip(factory.sequential(outcome.path), made, strict=True):
        error = np.mean((shown.astype(float) - exact) ** 2)
        assert 10 * np.log10(255**2 / max(error, 1e-9)) > (26 if codec != "ffv1" else 90)


def test_a_fine_clock_does_not_hinder_a_codec_that_knows_none(
    runner: Runner, tmp_path: Path
) -> None:
    (tmp_path / "in").mkdir()
    frames = factory.moving(6, 24, 32)
    for number, pixels in enumerate(frames):
        Image.fromarray(pixels).save(tmp_path / "in" / f"{number}.png")
    # Pictures are timed in 1/90000 s; MPEG-4 Part 2 cannot say that.
    outcome = enlarge(runner, tmp_path / "in", tmp_path / "a.mp4", codec="mpeg4", chunk=3)
    times = [float(stamp) for stamp in stamps_of(outcome.path)]
    np.testing.assert_allclose(np.diff(times), 0.04, atol=1e-5)
    for shown, pixels in zip(factory.sequential(outcome.path), frames, strict=True):
        reduced = shown.reshape(24, 2, 32, 2, 3).mean(axis=(1, 3))
        assert np.abs(reduced - pixels).mean() < 8


def test_avi_holds_as_many_frames(runner: Runner, clip_path: Path, tmp_path: Path) -> None:
    outcome = enlarge(runner, clip_path, tmp_path / "a.avi")
    assert len(factory.sequential(outcome.path)) == 20


def test_a_turned_clip_stays_upright(runner: Runner, tmp_path: Path) -> None:
    source = factory.encode(tmp_path / "a.mp4", factory.moving(3, 32, 48), rotation=90)
    outcome = enlarge(runner, source, tmp_path / "b.mp4")
    again = open_clip(runner, outcome.path)
    assert again.video.shape == (3, 96, 64, 3)
    assert "rotation_deg" not in again.video.facts


def test_a_folder_holds_only_pictures_and_one_record(
    runner: Runner, clip_path: Path, tmp_path: Path
) -> None:
    target = tmp_path / "out"
    outcome = enlarge(runner, clip_path, target, chunk=7)
    names = sorted(entry.name for entry in target.iterdir())
    assert names == [*(f"{n:06d}.png" for n in range(1, 21)), "acutance.json"]
    assert [entry.name for entry in tmp_path.iterdir()] == ["out"]
    record = json.loads((target / "acutance.json").read_text())
    assert record == outcome.record
    assert record["not_for_diagnosis"] == "Not for diagnosis"
    assert (record["frames"], len(record["times"]), record["size"]) == (20, 20, [64, 96])
    frame = FrameFeed(runner, open_clip(runner, clip_path)).get(4, 5)
    levels = torch.from_numpy(frame.astype(np.float32)).permute(0, 3, 1, 2)
    larger = functional.interpolate(levels, scale_factor=2.0, mode="bicubic").clamp(0, 255)
    expected = larger.round()[0].permute(1, 2, 0).numpy()
    np.testing.assert_array_equal(np.asarray(Image.open(target / "000005.png")), expected)


@pytest.mark.parametrize("name", ["out", "out.mp4"])
def test_an_interrupted_run_ends_as_if_it_had_not_been(
    name: str, runner: Runner, clip_path: Path, weights: str, tmp_path: Path
) -> None:
    settings = UpscaleSettings(weights=weights, scale=2, precision="float32")
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    enlarge(runner, clip_path, whole / name, settings, chunk=4)
    with pytest.raises(JobCancelled):
        enlarge(runner, clip_path, broken / name, settings, chunk=4, stop_after=12)
    assert not (broken / name).exists()
    (work,) = broken.iterdir()
    # A chunk that was written and not noted is made again.
    sorted(work.glob("chunk-*.json"))[-1].unlink()
    outcome = enlarge(runner, clip_path, broken / name, settings, chunk=4, resumes=True)
    assert 0 < outcome.reused < 20
    for path in sorted(p for p in whole.rglob("*") if p.is_file()):
        assert path.read_bytes() == (broken / path.relative_to(whole)).read_bytes(), path.name
    assert [entry.name for entry in broken.iterdir()] == [name]


def test_a_finished_folder_is_not_made_again(
    runner: Runner, clip_path: Path, tmp_path: Path
) -> None:
    first = enlarge(runner, clip_path, tmp_path / "a", chunk=8)
    again = enlarge(runner, clip_path, tmp_path / "a", chunk=8, resumes=True)
    assert (again.reused, again.record) == (20, first.record)


def test_other_settings_do_not_go_on_with_it(
    runner: Runner, clip_path: Path, tmp_path: Path
) -> None:
    with pytest.raises(JobCancelled):
        enlarge(runner, clip_path, tmp_path / "a.mkv", chunk=4, stop_after=8)
    other = UpscaleSettings(strength=0.0, scale=4)
    with pytest.raises(ExportError, match="other settings"):
        enlarge(runner, clip_path, tmp_path / "a.mkv", other, chunk=4, resumes=True)
    outcome = enlarge(runner, clip_path, tmp_path / "a.mkv", other, chunk=4)
    assert outcome.reused == 0


def test_a_part_of_a_clip_is_that_part(runner: Runner, clip_path: Path, tmp_path: Path) -> None:
    enlarge(runner, clip_path, tmp_path / "all", chunk=8)
    enlarge(runner, clip_path, tmp_path / "part", chunk=8, start=5, stop=9)
    for n in range(4):
        one, other = tmp_path / "all" / f"{n + 6:06d}.png", tmp_path / "part" / f"{n + 1:06d}.png"
        assert one.read_bytes() == other.read_bytes()


def test_a_pause_waits_and_changes_nothing(
    runner: Runner, clip_path: Path, weights: str, tmp_path: Path
) -> None:
    clip = open_clip(runner, clip_path)
    settings = UpscaleSettings(weights=weights, scale=2, precision="float32")
    plan = make_plan(clip, tmp_path / "a", settings, (0, 255), chunk=8)
    said: list[str] = []

    def listen(event: UpscaleEvent) -> None:
        said.append(event.message)
        if event.message == "paused":
            upscale.go_on()
        elif event.done >= 10 and "paused" not in said:
            upscale.pause()

    upscale = Upscale(runner, plan, listener=listen)
    upscale.run()
    assert said.count("paused") == 1
    enlarge(runner, clip_path, tmp_path / "b", settings, chunk=8)
    for path in sorted((tmp_path / "a").iterdir()):
        assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes()


@pytest.mark.parametrize("deep", [False, True])
def test_a_folder_of_pictures_is_a_clip(deep: bool, runner: Runner, tmp_path: Path) -> None:
    frames = factory.moving(11, 24, 32)[..., 0]
    if deep:
        frames = frames.astype(np.uint16) * 200
    (tmp_path / "in").mkdir()
    for number, pixels in enumerate(frames):
        Image.fromarray(pixels).save(tmp_path / "in" / f"f{number}.png")
    outcome = enlarge(runner, tmp_path / "in", tmp_path / "out", chunk=4)
    assert outcome.record["frame_time_source"] == "assumed"
    for number, pixels in enumerate(frames):
        made = np.asarray(Image.open(tmp_path / "out" / f"{number + 1:06d}.png"))
        assert made.dtype == pixels.dtype
        reduced = made.astype(float).reshape(24, 2, 32, 2).mean(axis=(1, 3))
        assert np.abs(reduced - pixels).mean() < 0.03 * np.ptp(pixels)


def test_slices_of_a_volume_are_warned_of(runner: Runner, tmp_path: Path) -> None:
    volume = (np.random.default_rng(0).random((20, 24, 5)) * 500).astype(np.int16)
    import nibabel

    nibabel.save(nibabel.Nifti1Image(volume, np.eye(4)), tmp_path / "v.nii")
    outcome = enlarge(runner, tmp_path / "v.nii", tmp_path / "out")
    assert "volume_as_video" in [w["name"] for w in outcome.record["warnings"]]
    assert outcome.record["marked"]
    assert outcome.frames == 5


def test_targets_that_would_harm_or_fail_are_refused_before_any_work(
    runner: Runner, clip_path: Path, tmp_path: Path
) -> None:
    before = clip_path.read_bytes()
    taken = tmp_path / "taken"
    taken.mkdir()
    (taken / "letter.txt").write_text("mine")
    (tmp_path / "note").write_text("mine")
    for target in (clip_path, taken, tmp_path / "note", tmp_path / "a.dcm"):
        with pytest.raises(ExportError):
            enlarge(runner, clip_path, target)
    assert clip_path.read_bytes() == before
    assert (taken / "letter.txt").read_text() == "mine"
    with pytest.raises(ExportError, match="codec"):
        enlarge(runner, clip_path, tmp_path / "a.avi", codec="vp9")
    (tmp_path / "empty").mkdir()
    with pytest.raises(ReadError, match="One clip"):
        enlarge(runner, tmp_path / "empty", tmp_path / "b")
    assert not [p for p in tmp_path.iterdir() if p.name.startswith(".")]


def test_a_clip_that_changed_is_not_gone_on_with(runner: Runner, tmp_path: Path) -> None:
    source = factory.encode(tmp_path / "a.mp4", factory.moving(12, 32, 48))
    with pytest.raises(JobCancelled):
        enlarge(runner, source, tmp_path / "b.mkv", chunk=4, stop_after=4)
    factory.encode(source, factory.moving(12, 32, 48, seed=5))
    with pytest.raises(ExportError, match="another source"):
        enlarge(runner, source, tmp_path / "b.mkv", chunk=4, resumes=True)


def test_stamps_increase_whatever_the_clock() -> None:
    times = np.array([0.0, 0.01, 0.011, 0.2])
    assert frame_stamps(times, Fraction(1, 1000), ".mkv").tolist() == [0, 10, 11, 200]
    assert frame_stamps(times, Fraction(1, 25), ".avi").tolist() == [0, 1, 2, 5]
    assert frame_stamps(times, Fraction(1, 25), ".mp4").tolist() == [0, 1, 2, 5]
