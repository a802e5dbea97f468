"""Who was scanned is in no byte of what batch, watched folder, history and reports leave behind."""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "io"))

from dicom_factory import make_slice, write

from acutance import __main__, watch_commands
from acutance.batch.pool import SynchronousPool
from acutance.jobs.runner import Runner
from commands import KeptRunner

if TYPE_CHECKING:
    from collections.abc import Iterator

#: What the headers tell of the patient; it may be nowhere.
IDENTITY = {
    "PatientName": "Zebedee^Florence",
    "PatientID": "PID-4711-Q",
    "PatientBirthDate": "19310207",
    "OtherPatientIDs": "OPID-0815",
    "AccessionNumber": "ACC-77-XYZ",
    "StudyID": "STUDY-9Z9",
    "StudyDate": "20240229",
    "ReferringPhysicianName": "Dougal^Doctor",
    "PatientAddress": "3 Roundabout Lane",
}
HEADER = ("zebedee", "florence", "pid-4711-q", "19310207", "opid-0815", "acc-77-xyz", "study-9z9",
          "20240229", "dougal", "roundabout")  # fmt: skip
#: What the names of files tell; it may be where a scan is named by its place, and nowhere else.
PLACE = "ermintrude"
#: What names scans by their place, as `acutance score --json` does.
NAMING = ("results.jsonl", "ledger.jsonl")


@pytest.fixture
def scans(tmp_path: Path) -> Path:
    folder = tmp_path / "in" / PLACE.title()
    folder.mkdir(parents=True)
    planes = np.random.default_rng(4).integers(0, 900, (4, 32, 32)).astype(np.uint16)
    planes[:, 8:24, 8:24] += 2000
    for n, plane in enumerate(planes):
        told = {
            **IDENTITY,
            "SeriesDescription": "t1 mprage Zebedee",
            "StationName": "MR PID-4711-Q",
            "ProtocolName": "T1 Florence",
        }
        dataset = make_slice(plane, position=(0.0, 0.0, 4.0 * n), instance=n + 1, **told)
        write(dataset, folder / f"{PLACE}_{n}.dcm")
    whole = (folder / f"{PLACE}_3.dcm").read_bytes()
    (folder / f"{PLACE}_4.dcm").write_bytes(whole[: len(whole) // 2])
    (folder.parent / f"{PLACE}.nii.gz").write_bytes(b"\x1f\x8b no scan")
    return folder.parent


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with Runner(device="cpu", synchronous=True) as runner:
        shared: Any = KeptRunner(runner)
        monkeypatch.setattr(watch_commands, "Runner", lambda **_: shared)
        monkeypatch.setattr("acutance.batch.run._make_pool", lambda _: SynchronousPool(shared))
        yield


def found(root: Path) -> dict[str, set[str]]:
    """Return which canaries are in which files below a folder, in bytes or in names."""
    everywhere: dict[str, set[str]] = {}
    for path in (path for path in root.rglob("*") if path.is_file()):
        text = path.read_bytes().lower() + str(path.relative_to(root)).lower().encode()
        there = {word for word in (*HEADER, PLACE) if word.encode() in text}
        if there:
            everywhere[path.relative_to(root).as_posix()] = there
    return everywhere


@pytest.mark.usefixtures("kept")
def test_who_was_scanned_is_nowhere(
    scans: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    caplog.set_level(logging.DEBUG)
    batch, watched = str(out / "batch"), str(out / "watched")
    assert __main__.main(["batch", str(scans), batch, "--tasks", "iqm", "--device", "cpu"]) == 0
    quick = ["--polling", "--quiet", "0.1", "--stop-after", "0.1", "--device", "cpu"]
    watch = ["watch", str(scans), watched, "--export", "html,pdf", *quick]
    assert __main__.main(watch) == 0
    kept_in = ["--database", str(out / "history.sqlite")]
    assert __main__.main(["history", "add", watched, *kept_in]) == 0
    assert __main__.main(["history", "export", "-o", str(out / "history.tsv"), *kept_in]) == 0
    assert __main__.main(["report", batch, watched, "-o", str(out / "report")]) == 0

    kinds = {path.suffix for path in out.rglob("*") if path.is_file()}
    assert kinds >= {".json", ".jsonl", ".sqlite", ".html", ".pdf", ".csv", ".tsv"}
    where = found(out)
    naming = {name for name in where if name.endswith(NAMING) or "/items/" in name}
    assert naming == {
        "batch/results.jsonl", "batch/ledger.jsonl", "watched/results.jsonl",
        *(f"batch/items/{path.name}" for path in (out / "batch" / "items").iterdir()),
    }  # fmt: skip
    assert {name: where[name] for name in naming} == {key: {PLACE} for key in naming}
    assert set(where) == naming
    said = caplog.text.lower()
    assert not [word for word in (*HEADER, PLACE) if word in said]
    # The test would see them: the inputs hold every one.
    assert {word for words in found(scans).values() for word in words} == {*HEADER, PLACE}
