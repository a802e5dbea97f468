"""The tasks of a batch: segmentations beside the objects, a full disk, what is missing."""

from __future__ import annotations

import gzip
import json
import logging
import shutil
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import nibabel
import numpy as np
import pydicom
import pytest
import torch
from pydicom.data import get_testdata_file
from safetensors.torch import save_file
from small_batches import finish, write_volume

from acutance.batch import run
from acutance.batch.merging import merge
from acutance.batch.settings import BatchSettings, Shard
from acutance.batch.tasks import BY_ID, TASKS, TaskOptions
from acutance.errors import ExportError, UnsupportedInputError
from acutance.export import segmentation as export
from acutance_models import catalogue
from acutance_models.r2unet.network import build

if TYPE_CHECKING:
    from pathlib import Path

    from acutance.batch.events import BatchEvent


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    torch.manual_seed(5)
    path = tmp_path / "five.safetensors"
    save_file(build("r2unet-w2-i1-o5-t1").state_dict(), path)
    return path


@pytest.fixture
def two(tmp_path: Path) -> Path:
    """Return a folder of two volumes, one of them twice."""
    folder = tmp_path / "two"
    first = write_volume(folder / "sub-01_T1w.nii", 1)
    write_volume(folder / "b.nii", 2)
    (folder / "copy.nii").write_bytes(first.read_bytes())
    return folder


def test_segmentations_lie_beside_their_objects(
    two: Path, weights: Path, make_batch: Any, tmp_path: Path
) -> None:
    wish = {"tasks": ("segment",), "options": TaskOptions(str(weights), 1), "into": two}
    assert finish(make_batch(**wish)).totals.items == {"done": 2}
    out = tmp_path / "out"
    lines = [json.loads(line) for line in (out / "results.jsonl").read_text().splitlines()]
    files = [name for line in lines for name in line["segmentation"]["files"]]
    assert sorted(files) == sorted(path.name for path in (out / "files").iterdir())
    assert len(files) == len(set(files))
    for line in lines:
        told = line["segmentation"]
        assert told["model"]["sha256"]
        assert told["note"] == "Not for diagnosis."
        (labels,) = [n for n in told["files"] if n.endswith("-segmentation.nii.gz")]
        image = nibabel.load(out / "files" / labels)
        source = nibabel.load(line["path"])
        assert image.shape == source.shape
        assert np.allclose(image.affine, source.affine)
        voxels = {r["value"]: r["voxels"] for r in told["statistics"]}
        array = np.asarray(image.dataobj)
        assert all((array == value).sum() == count for value, count in voxels.items())
    # A lost file is made again; nothing else is.
    before = {path.name: path.read_bytes() for path in (out / "files").iterdir()}
    table = (out / "results.jsonl").read_bytes()
    (out / "files" / files[0]).unlink()
    heard: list[BatchEvent] = []
    finish(make_batch(**wish, listener=heard.append, is_resumed=True))
    assert [event.kind for event in heard].count("done") == 1
    assert {path.name: path.read_bytes() for path in (out / "files").iterdir()} == before
    assert (out / "results.jsonl").read_bytes() == table
    # Shares joined are the whole, files included.
    parts = [tmp_path / f"part{n}" for n in (1, 2)]
    for number, part in enumerate(parts, start=1):
        finish(make_batch(part, **wish, shard=Shard(number, 2)))
    merge(parts, tmp_path / "joined")
    joined = {path.name: path.read_bytes() for path in (tmp_path / "joined" / "files").iterdir()}
    assert joined == before
    assert (tmp_path / "joined" / "results.jsonl").read_bytes() == table


def test_volumes_are_restored_and_missing_networks_told(
    two: Path, make_batch: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    torch.manual_seed(5)
    weights = tmp_path / "w.safetensors"
    save_file(build("unet-w2-i1-o1").state_dict(), weights)
    options = TaskOptions(restore_weights=str(weights))
    finish(make_batch(into=two, tasks=("restore",), options=options))
    lines = [json.loads(x) for x in (tmp_path / "out" / "results.jsonl").read_text().splitlines()]
    assert len(lines) == 2
    for line in lines:
        sidecar, volume = line["restoration"]["files"]
        restored = nibabel.load(tmp_path / "out" / "files" / volume)
        assert restored.shape == nibabel.load(line["path"]).shape
        beside = json.loads((tmp_path / "out" / "files" / sidecar).read_text())
        assert beside["restoration"]["model"] == line["restoration"]["model"]
        assert line["restoration"]["is_restored"]
    monkeypatch.setattr(catalogue, "list_descriptors", lambda: ())
    with pytest.raises(UnsupportedInputError, match=r"no weights to restore with.*--restore-model"):
        make_batch(tmp_path / "other", into=two, tasks=("restore",)).plan()


def test_a_full_disk_makes_the_batch_wait(
    two: Path, weights: Path, make_batch: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[str] = []
    full = {"is": True}
    write = export.write_csv

    def refuse(*arguments: Any) -> Any:
        if full["is"]:
            raise ExportError("The file could not be written: No space left on device.")
        return write(*arguments)

    def hear(event: BatchEvent) -> None:
        heard.append(event.kind)
        print(event.kind, event.message)
        if event.kind == "held":
            full["is"] = False

    def usage(path: Path) -> SimpleNamespace:
        return SimpleNamespace(free=0 if full["is"] else shutil.disk_usage(path).free)

    monkeypatch.setattr(export, "write_csv", refuse)
    batch = make_batch(
        listener=hear, into=two, tasks=("segment",), options=TaskOptions(str(weights), 1)
    )
    with batch:
        batch.plan()
        # Of the batch alone: reading asks for room as well.
        monkeypatch.setattr(run, "shutil", SimpleNamespace(disk_usage=usage))
        assert batch.run().totals.items == {"done": 2}
    assert heard.index("held") < heard.index("going on") < heard.index("done")
    assert "failed" not in heard
    assert len(list((tmp_path / "out" / "files").glob("*.csv"))) == 2
    assert not list((tmp_path / "out").rglob("*.part"))


def test_what_cannot_be_done_is_told_before_work_begins(
    make_batch: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalogue, "list_descriptors", lambda: ())
    with pytest.raises(UnsupportedInputError, match=r"no weights to segment with.*--segment-model"):
        make_batch(tasks=("iqm", "segment")).plan()
    assert not (tmp_path / "out").exists()


def test_every_task_tells_what_its_results_depend_on(tmp_path: Path, weights: Path) -> None:
    assert [task.id for task in TASKS] == list(BY_ID)
    one = BatchSettings(tmp_path, tmp_path / "o", tasks=("segment",))
    other = BatchSettings(
        tmp_path, tmp_path / "o", tasks=("segment",), options=TaskOptions(str(weights))
    )
    assert one.key("x") != other.key("x")
    moved = weights.rename(tmp_path / "moved.safetensors")
    again = BatchSettings(
        tmp_path, tmp_path / "o", tasks=("segment",), options=TaskOptions(str(moved))
    )
    assert again.key("x") == other.key("x")


def test_identity_in_a_header_reaches_no_file_of_any_task_and_no_log(
    weights: Path, make_batch: Any, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = tmp_path / "dicom"
    folder.mkdir()
    dataset = pydicom.dcmread(str(get_testdata_file("CT_small.dcm", download=False)))
    dataset.PatientName, dataset.PatientID = "Canary^=cmd|<script>", "CANARY-ID"
    dataset.PatientBirthDate = "19010203"
    dataset.save_as(folder / "1.dcm")
    restoring = tmp_path / "w.safetensors"
    save_file(build("unet-w2-i1-o1").state_dict(), restoring)
    options = TaskOptions(str(weights), 1, restore_weights=str(restoring))
    with caplog.at_level(logging.DEBUG):
        batch = make_batch(into=folder, tasks=("segment", "restore"), options=options)
        assert finish(batch).totals.items == {"done": 1}
    out = tmp_path / "out"
    files = [path for path in out.rglob("*") if path.is_file()]
    assert len(list((out / "files").iterdir())) >= 4
    for canary in (b"Canary", b"CANARY", b"19010203", b"=cmd", b"script"):
        for path in files:
            data = path.read_bytes()
            assert canary not in (gzip.decompress(data) if path.suffix == ".gz" else data)
            assert canary not in str(path).encode()
        assert canary.decode() not in caplog.text
