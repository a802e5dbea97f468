"""`acutance upscale`: what is asked, what is told, and how it ends."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent / "io"))  # for `import video_factory`

import video_factory as factory

from acutance import cli
from acutance.jobs import runner as running
from acutance.upscale_commands import pace_words
from acutance.upscaling.run import UpscaleEvent


@pytest.fixture(autouse=True)
def _in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    honest = running.Runner

    def made(**options: Any) -> running.Runner:
        return honest(**options, synchronous=True)

    monkeypatch.setattr(running, "Runner", made)


def run(*words: str | Path) -> int:
    return cli.run(cli.parse(["upscale", *map(str, words)]))


def test_a_clip_becomes_pictures_and_a_record(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = factory.encode(tmp_path / "a.mp4", factory.moving(4, 32, 48))
    words = (source, "-o", tmp_path / "out", "--strength", "0", "--scale", "2")
    assert run(*words, "--chunk", "3", "--json", "-") == cli.DONE
    record = json.loads(capsys.readouterr().out)
    assert (record["frames"], record["size"], record["chunk"]) == (4, [64, 96], 3)
    assert run(*words, "--chunk", "3", "--resume") == cli.DONE
    told = capsys.readouterr().out
    assert "4 frames of 48 x 32 pixels are 96 x 64 now" in told
    assert "Not for diagnosis" in told


def test_without_a_network_cause_and_remedy_are_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from acutance.engines import video_network

    monkeypatch.setattr(video_network, "list_descriptors", lambda: ())
    source = factory.encode(tmp_path / "a.mp4", factory.moving(4, 32, 48))
    assert run(source, "-o", tmp_path / "b.mp4") == cli.NOTHING_DONE
    told = capsys.readouterr().err
    assert "No network that enlarges videos is installed" in told
    assert "--model FILE" in told
    assert not (tmp_path / "b.mp4").exists()


@pytest.mark.parametrize(
    "words",
    [
        ("a.mp4",),
        ("a.mp4", "-o", "b.mp4", "--scale", "3"),
        ("a.mp4", "-o", "b.mp4", "--strength", "1.5"),
        ("a.mp4", "-o", "b.mp4", "--tile", "7"),
        ("a.mp4", "-o", "b.mp4", "--chunk", "-1"),
        ("a.mp4", "-o", "b.mp4", "--codec", "x"),
        ("a.mp4", "-o", "b.mp4", "--model", "missing.safetensors"),
        ("a.mp4", "-o", "b.mp4", "--model", "old.pth"),
        ("a.mp4", "-o", "b.mp4", "--json", "a.mp4"),
    ],
)
def test_wrong_usage_ends_with_2(words: tuple[str, ...]) -> None:
    with pytest.raises(SystemExit) as caught:
        cli.parse(["upscale", *words])
    assert caught.value.code == cli.WRONG_USAGE


def test_a_missing_clip_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(tmp_path / "no.mp4", "-o", tmp_path / "b") == cli.NOTHING_DONE
    assert "no.mp4" in capsys.readouterr().err


def test_pace_is_told_in_frames_and_time_left() -> None:
    event = UpscaleEvent(30, 100, 2.0, 3695.0, "enlarging")
    assert pace_words(event) == "enlarging: 30 of 100 frames, 2.00 frames/s, 1:01:35 left"


def test_the_timeline_of_a_clip_names_its_best_seconds(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = factory.encode(tmp_path / "a.mp4", factory.moving(12, 96, 96))
    words = ["timeline", str(source), "--best", "0.2", "--niqe", "-o", str(tmp_path / "t.csv")]
    assert cli.run(cli.parse([*words, "--json", str(tmp_path / "t.json")])) == cli.DONE
    record = json.loads((tmp_path / "t.json").read_text())
    assert len(record["times"]) == len(record["values"]["sharpness"]) == 12
    assert 1 <= record["best"]["frames"] <= 6
    assert all(value > 0 for value in record["values"]["niqe"])
    rows = (tmp_path / "t.csv").read_text().splitlines()
    assert rows[0].startswith("frame,seconds,sharpness")
    assert len(rows) == 13
    told = capsys.readouterr().out
    assert "best 0.2 s: frames" in told
    assert "Not for diagnosis" in told
