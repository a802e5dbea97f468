"""The export in its child process: the same account as without one, cancel, and what is left."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import nibabel
import numpy as np
import pytest

from acutance.core.deidentification import DeidentificationRequest
from acutance.errors import ExportError, ReadError
from acutance.jobs.job import JobState
from acutance.jobs.runner import Runner

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

LIMIT = 60.0
KEY = b"0123456789abcdef"


@pytest.fixture(scope="module")
def exporter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runner]:
    with Runner() as runner:
        # Its children run before a test begins, so that none of them counts as left behind.
        output = tmp_path_factory.mktemp("nothing") / "out"
        runner.deidentify(DeidentificationRequest((), output)).value(LIMIT)
        runner.index([]).value(LIMIT)
        yield runner


@pytest.fixture
def scans(tmp_path: Path) -> Path:
    folder = tmp_path / "Doe_John"
    folder.mkdir()
    for number in range(3):
        image = nibabel.Nifti1Image(np.full((4, 4, 4), number, np.int16), np.eye(4))
        image.header["descrip"] = b"Doe, John"
        nibabel.save(image, folder / f"Doe{number}.nii.gz")
    (folder / "notes.txt").write_text("Doe, John")
    return folder


def test_a_child_gives_the_same_files_as_this_process(
    exporter: Runner, make_runner: Callable[..., Runner], scans: Path, tmp_path: Path
) -> None:
    heard: list[float] = []

    def listener(_job: Any, event: Any) -> None:
        heard.append(event.fraction)

    request = DeidentificationRequest((scans,), tmp_path / "a", key=KEY)
    job = exporter.deidentify(request, listener=listener)
    result = job.value(LIMIT)
    assert job.title == "Exporting de-identified"
    assert (result.found, len(result.exported), result.refused) == (4, 3, 0)
    assert heard == sorted(heard)
    assert heard[-1] == 1.0
    again = make_runner(synchronous=True).deidentify(
        DeidentificationRequest((scans,), tmp_path / "b", key=KEY)
    )
    assert [e.name for e in again.value().exported] == [e.name for e in result.exported]
    for exported in result.exported:
        data = (tmp_path / "a" / exported.name).read_bytes()
        assert data == (tmp_path / "b" / exported.name).read_bytes()


def test_opening_goes_on_while_files_are_exported(exporter: Runner, scans: Path) -> None:
    folder = scans.parent / "many"
    folder.mkdir()
    for number in range(300):
        (folder / f"{number}.nii.gz").hardlink_to(scans / "Doe0.nii.gz")
    job = exporter.deidentify(DeidentificationRequest((folder,), scans.parent / "out"))
    assert len(exporter.index([scans]).value(LIMIT).items) == 3
    assert not job.is_finished, "the export was over before anything could wait for it"
    assert len(job.value(LIMIT).exported) == 300


def test_errors_keep_their_kind_and_place(exporter: Runner, scans: Path, tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="empty folder") as caught:
        exporter.deidentify(DeidentificationRequest((scans,), scans)).value(LIMIT)
    assert caught.value.path == scans
    missing = DeidentificationRequest((tmp_path / "nowhere",), tmp_path / "out")
    with pytest.raises(ReadError, match="no such file"):
        exporter.deidentify(missing).value(LIMIT)


def test_cancel_leaves_nothing(exporter: Runner, tmp_path: Path) -> None:
    folder = tmp_path / "many"
    folder.mkdir()
    voxels = np.random.default_rng(1).integers(0, 99, (96, 96, 96)).astype(np.int16)
    nibabel.save(nibabel.Nifti1Image(voxels, np.eye(4)), folder / "0.nii.gz")
    for number in range(1, 40):
        (folder / f"{number}.nii.gz").hardlink_to(folder / "0.nii.gz")
    request = DeidentificationRequest((folder,), tmp_path / "out")
    job = exporter.deidentify(request)
    while not request.staging.exists() and not job.is_finished:
        time.sleep(0.005)
    job.cancel()
    assert job.wait(10.0) is JobState.CANCELLED
    assert not request.staging.exists()
    assert not list((tmp_path / "out").glob("series-*"))


def test_a_job_that_fails_is_cleared_by_the_parent(
    make_runner: Callable[..., Runner], tmp_path: Path, scans: Path
) -> None:
    """As after the death of a child that could clear nothing."""
    request = DeidentificationRequest((tmp_path / "nowhere", scans), tmp_path / "out")
    request.staging.mkdir(parents=True)
    (request.staging / "draft.dcm").write_bytes(b"half")
    job = make_runner(synchronous=True).deidentify(request)
    assert job.state is JobState.FAILED
    assert not request.staging.exists()
