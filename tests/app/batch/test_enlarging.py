"""The task `upscale` of a batch: videos get more pixels, whatever interrupts."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file
from small_batches import finish, write_volume

pytest.importorskip("av", reason="the extra `video` is not installed")
sys.path.insert(0, str(Path(__file__).parents[1] / "io"))

import video_factory as factory

from acutance.batch import enlarging
from acutance.batch.settings import BatchSettings
from acutance.batch.tables import iter_ledger
from acutance.batch.tasks import TaskOptions
from acutance.errors import ExportError, JobCancelled, UnsupportedInputError
from acutance.io import video
from acutance.upscaling.run import Upscale
from acutance_models import catalogue
from acutance_models.negvsr.network import build_vsr

CANARY = "Canary^Patient"


@pytest.fixture(autouse=True)
def _closed_files() -> Any:
    yield
    video.open_readers.close()


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return a file of a small network that nobody trained."""
    torch.manual_seed(3)
    path = tmp_path_factory.mktemp("weights") / "small.safetensors"
    network = build_vsr("vsr-w8-b1-shuffle-small-c8x1")
    save_file({k: v.contiguous() for k, v in network.state_dict().items()}, path)
    return str(path)


@pytest.fixture
def clips(tmp_path: Path) -> Path:
    """Return a folder of a clip whose title names somebody, a cut one, and a volume."""
    folder = tmp_path / "clips"
    folder.mkdir()
    frames = factory.moving(10, 32, 48)
    whole = factory.encode(folder / f"{CANARY}.avi", frames, metadata={"title": CANARY})
    (folder / "cut.mp4").write_bytes(whole.read_bytes()[:300])
    write_volume(folder / "sub-01_T1w.nii", 1)
    return folder


def wish(clips: Path, weights: str, *tasks: str) -> dict[str, Any]:
    options = TaskOptions(upscale_scale=2, upscale_weights=weights)
    return {"tasks": tasks or ("upscale",), "options": options, "into": clips}


def lines(out: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (out / "results.jsonl").read_text().splitlines()]


def test_videos_are_enlarged_beside_their_objects(
    clips: Path, weights: str, make_batch: Any, tmp_path: Path
) -> None:
    outcome = finish(make_batch(**wish(clips, weights, "iqm", "upscale")))
    assert outcome.totals.items == {"done": 2}
    assert outcome.totals.files == {"done": 2, "set aside": 1}
    out = tmp_path / "out"
    told = {Path(line["path"]).suffix: line["upscaling"] for line in lines(out)}
    assert told[".nii"] == {"reason": "Only videos are enlarged; this is a volume.", "files": []}
    clip = told[".avi"]
    assert (clip["frames"], clip["size"], clip["is_marked"]) == (10, [64, 96], False)
    assert sum(clip["cleaned"].values()) == 10
    assert len(clip["model"]["sha256"]) == 64
    (name,) = clip["files"]
    assert [path.name for path in (out / "files").iterdir()] == [name]
    with factory.av.open(str(out / "files" / name)) as container:
        frames = list(container.decode(video=0))
    assert (len(frames), frames[0].width, frames[0].height) == (10, 96, 64)
    # Paths stand in the tables and the object alone, as everywhere; the title nowhere.
    for path in out.rglob("*"):
        assert CANARY not in path.name
        if path.is_file() and path.suffix not in (".json", ".jsonl"):
            assert CANARY.encode() not in path.read_bytes()


def test_a_batch_of_videos_alone_says_so_of_a_volume(
    clips: Path, weights: str, make_batch: Any, tmp_path: Path
) -> None:
    (clips / f"{CANARY}.avi").unlink()
    assert finish(make_batch(**wish(clips, weights))).totals.items == {"failed": 1}
    reasons = {Path(x.file).name: x.reason for x in iter_ledger(tmp_path / "out")}
    assert "this is a volume" in reasons["sub-01_T1w.nii"]


def test_what_an_interruption_leaves_is_gone_on_with_or_removed(
    clips: Path, weights: str, make_batch: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    finish(make_batch(tmp_path / "peace", **wish(clips, weights)))
    finishing, resumed = Upscale._finish, []
    started = Upscale.__init__

    def interrupt(*_: Any) -> Any:
        raise JobCancelled

    def note(self: Upscale, *arguments: Any, **named: Any) -> None:
        resumed.append(named.get("resumes", False))
        started(self, *arguments, **named)

    monkeypatch.setattr(Upscale, "_finish", interrupt)
    finish(make_batch(**wish(clips, weights)))
    (half,) = (out / "files").iterdir()
    assert half.name.endswith("-x2.mp4.upscaling")
    monkeypatch.setattr(Upscale, "_finish", finishing)
    monkeypatch.setattr(Upscale, "__init__", note)
    finish(make_batch(**wish(clips, weights), is_resumed=True))
    assert resumed == [True]
    assert not half.exists()
    for name in ("results.jsonl", "ledger.jsonl"):
        assert (out / name).read_bytes() == (tmp_path / "peace" / name).read_bytes()
    stray = out / "files" / ".video-00000000-x4.mp4.upscaling"
    stray.mkdir()
    make_batch(**wish(clips, weights), is_resumed=True).plan()
    assert not stray.exists()


def test_chunks_of_another_device_are_made_again(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[bool] = []

    class Run:
        def __init__(self, _runner: Any, _plan: Any, *, resumes: bool = False) -> None:
            self.resumes = resumes

        def run(self) -> str:
            tried.append(self.resumes)
            if self.resumes:
                raise ExportError("made on another device")
            return "done"

    for name, value in (("value_ends", (0, 1)), ("make_plan", None), ("has_work", True)):
        monkeypatch.setattr(enlarging, name, lambda *_, value=value: value)
    monkeypatch.setattr(enlarging, "Upscale", Run)
    work: Any = enlarging.Enlarging(None, None, Path("a.mp4"), None)  # type: ignore[arg-type]
    assert work.value() == "done"
    assert tried == [True, False]
    late: Any = enlarging.Enlarging(None, None, Path("a.mp4"), None)  # type: ignore[arg-type]
    late.cancel()
    with pytest.raises(JobCancelled):
        late.value()


def test_without_weights_it_is_refused_before_work_begins(
    clips: Path, make_batch: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalogue, "list_descriptors", lambda: ())
    with pytest.raises(UnsupportedInputError, match=r"no weights to enlarge.*--upscale-model FILE"):
        make_batch(into=clips, tasks=("upscale",)).plan()
    assert not (tmp_path / "out").exists()


def test_scale_and_weights_make_another_batch_and_the_plan_knows_their_size(
    clips: Path, weights: str, make_batch: Any
) -> None:
    def settings(**options: Any) -> BatchSettings:
        return BatchSettings(clips, clips / "o", tasks=("upscale",), options=TaskOptions(**options))

    keys = {
        settings().key("x"),
        settings(upscale_scale=2).key("x"),
        settings(upscale_weights=weights).key("x"),
    }
    assert len(keys) == 3
    small = make_batch(**wish(clips, weights, "score")).plan()
    assert make_batch(clips.parent / "o", **wish(clips, weights)).plan().seconds > small.seconds
