from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nibabel
import numpy as np
import psutil
import pytest
from fake_readers import expected

import acutance_resources
from acutance.core.ledger import Ledger, LoadWarning
from acutance.core.window import Window
from acutance.errors import CorruptFileError, ReadError
from acutance.jobs import messages, shared
from acutance.jobs.job import JobState
from acutance.jobs.runner import Runner

if TYPE_CHECKING:
    from collections.abc import Callable

    from acutance.jobs.job import Job, JobEvent

LIMIT = 30.0


@pytest.fixture(params=["child", "synchronous"])
def any_runner(
    request: pytest.FixtureRequest, steady: Runner, make_runner: Callable[..., Runner]
) -> Runner:
    return steady if request.param == "child" else make_runner(synchronous=True)


def test_index_returns_the_items(any_runner: Runner) -> None:
    paths = [Path("a"), Path("folder/b")]
    job = any_runner.index(paths)
    assert [item.path for item in job.value(LIMIT).items] == ["a", str(Path("folder/b"))]
    assert (job.task, job.title) == ("index", "Looking for scans")


def test_voxels_are_given_in_the_order_of_files(make_runner: Callable[..., Runner]) -> None:
    runner = make_runner(synchronous=True, readers="acutance.io.readers")
    sample = acutance_resources.path("sample/sample_T1.nii.gz")
    volume = runner.read(runner.index([sample]).value().items[0]).value().volume
    assert volume.array.T.flags.c_contiguous


def test_a_path_that_is_no_utf8_goes_there_and_back(any_runner: Runner) -> None:
    path = b"scan\xff\xfe.nii".decode("utf-8", "surrogateescape")
    assert any_runner.index([Path(path)]).value(LIMIT).items[0].path == path


@pytest.mark.parametrize("kind", ["plain", "transposed", "reversed", "copied", "big-endian"])
def test_a_series_arrives_as_the_reader_made_it(any_runner: Runner, kind: str) -> None:
    item = any_runner.index([Path(kind)]).value(LIMIT).items[0]
    job = any_runner.read(item)
    loaded = job.value(LIMIT)
    volume = loaded.volume
    np.testing.assert_array_equal(volume.array, expected())
    assert volume.array.dtype.str == (">i2" if kind == "big-endian" else "<i2")
    assert not volume.array.flags.writeable
    np.testing.assert_array_equal(volume.affine, np.diag([1.0, 2.0, 3.0, 1.0]))
    assert (volume.slope, volume.intercept, volume.unit) == (2.0, -1.0, "HU")
    assert (volume.modality, volume.name, volume.acquisition_axis) == ("CT", kind, 2)
    assert (volume.orientation_known, volume.spacing_known) == (False, True)
    assert volume.windows == (Window(40, 80, "brain"),)
    assert volume.facts == {"manufacturer": "none", "sizes": [1, 2], "te": None}
    assert loaded.item == item
    assert loaded.ledger == Ledger(1, 1)
    assert loaded.warnings == (LoadWarning("gap", "A gap.", (kind,)),)
    assert loaded.notes == ("a note",)
    assert job.title == f"Opening {kind}"
    assert len(shared.living()) == 1
    del loaded, volume, job
    assert shared.living() == ()


def test_a_series_over_the_budget_is_refused_by_its_numbers(any_runner: Runner) -> None:
    item = any_runner.index([Path("large")]).value(LIMIT).items[0]
    job = any_runner.read(item)
    assert job.wait(LIMIT) is JobState.FAILED
    assert isinstance(job.error, ReadError)
    assert "needs 549.8 GB" in job.error.message
    assert job.error.path == Path("large")
    assert shared.living() == ()


@pytest.mark.parametrize("synchronous", [False, True])
def test_the_budget_can_be_set(make_runner: Callable[..., Runner], synchronous: bool) -> None:
    runner = make_runner(memory_budget_bytes=200, synchronous=synchronous)
    item = runner.index([Path("plain")]).value(LIMIT).items[0]
    with pytest.raises(ReadError, match=r"are available"):
        runner.read(item).value(LIMIT)


def test_a_read_error_keeps_its_type_and_gets_its_path(any_runner: Runner) -> None:
    item = any_runner.index([Path("corrupt")]).value(LIMIT).items[0]
    with pytest.raises(CorruptFileError) as caught:
        any_runner.read(item).value(LIMIT)
    assert str(caught.value) == "corrupt: The header is cut. Fetch it again."


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="limits need Linux")
def test_a_reader_that_takes_too_much_is_stopped_by_the_limit(
    make_runner: Callable[..., Runner],
) -> None:
    runner = make_runner(memory_budget_bytes=10_000_000)
    items = runner.index([Path("greedy"), Path("plain")]).value(LIMIT).items
    with pytest.raises(ReadError, match="more memory than it may take"):
        runner.read(items[0]).value(LIMIT)
    assert runner.read(items[1]).wait(LIMIT) is JobState.SUCCEEDED


def test_a_real_file_is_read_in_a_child_that_never_loads_torch(tmp_path: Path) -> None:
    values = np.arange(6 * 7 * 8, dtype="<i2").reshape(6, 7, 8)
    path = tmp_path / "scan.nii.gz"
    nibabel.save(nibabel.Nifti1Image(values, np.diag([-1.0, 1.0, 2.0, 1.0])), path)
    with Runner() as runner:
        runner.warm_up("reader")
        items = runner.index([tmp_path]).value(LIMIT).items
        loaded = runner.read(items[0]).value(LIMIT)
        mapped = [region.path for region in psutil.Process(runner.reader_pid).memory_maps()]
        assert runner.engine_pid is None
    np.testing.assert_array_equal(loaded.volume.array, values)
    np.testing.assert_array_equal(loaded.volume.affine, np.diag([-1.0, 1.0, 2.0, 1.0]))
    assert loaded.ledger == Ledger(1, 1)
    assert not any("torch" in name for name in mapped)
    with Runner(synchronous=True) as runner:
        again = runner.read(items[0]).value()
    np.testing.assert_array_equal(again.volume.array, values)
    assert again.warnings == loaded.warnings


def test_finds_are_told_and_read_while_the_search_goes_on(runner: Runner) -> None:
    found = threading.Event()

    def hear(_job: Job[Any], event: JobEvent) -> None:
        if event.kind == "found":
            found.set()

    job = runner.index([Path("endless")], listener=hear)
    assert found.wait(LIMIT)
    assert job.finds is not None
    (item,) = job.finds.items
    assert item.is_partial
    loaded = runner.read(item).value(LIMIT)  # by the second child: the first is busy
    np.testing.assert_array_equal(loaded.volume.array, expected())
    assert not job.is_finished
    job.cancel()
    assert job.wait(LIMIT) is JobState.CANCELLED
    assert job.finds is not None
    first = runner.reader_pid
    runner.read(item).value(LIMIT)
    assert runner.reader_pid == first


def test_finds_of_another_form_are_refused() -> None:
    for plain in (None, {}, {"items": [{}], "set_aside": []}, {"items": 3, "set_aside": []}):
        with pytest.raises(ValueError, match="index"):
            messages.parse_found({"index": plain})
