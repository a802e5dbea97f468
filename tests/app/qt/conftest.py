"""A runner without children, whose jobs end when a test says so, and small things to show."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from acutance.core.ledger import (
    Index,
    Ledger,
    LoadedSeries,
    LoadWarning,
    SeriesItem,
    SetAside,
)
from acutance.core.quality import (
    ModelFacts,
    QualityResult,
    SliceScore,
    Thresholds,
    Verdict,
    choose_planes,
    headline_range,
)
from acutance.core.volume import Volume
from acutance.errors import AcutanceError, CorruptFileError, JobCancelled
from acutance.jobs.job import Job
from acutance.qt.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from pytestqt.qtbot import QtBot

    from acutance.qt.main_window import MainWindow


def make_item(name: str = "head_T1w", *, aside: tuple[SetAside, ...] = ()) -> SeriesItem:
    path = f"/scans/{name}.nii.gz"
    return SeriesItem("nifti", path, (path,), title=name, modality="MR", set_aside=aside)


def make_volume(shape: tuple[int, int, int] = (24, 28, 20)) -> Volume:
    grid = np.indices(shape).astype(np.float32)
    centre = (np.array(shape, dtype=np.float32) - 1) / 2
    distance = sum(((grid[a] - centre[a]) / (shape[a] * 0.42)) ** 2 for a in range(3))
    array = np.where(distance < 1, 600 + 300 * np.cos(9 * distance), 0).astype(np.int16)
    return Volume(array, np.diag([2.0, 2.0, 2.0, 1.0]), modality="MR", name="head")


def make_loaded(
    item: SeriesItem | None = None,
    *,
    volume: Volume | None = None,
    aside: tuple[SetAside, ...] = (),
    warnings: tuple[LoadWarning, ...] = (),
    notes: tuple[str, ...] = (),
) -> LoadedSeries:
    item = make_item() if item is None else item
    ledger = Ledger(len(item.files) + len(aside), len(item.files), aside)
    return LoadedSeries(item, make_volume() if volume is None else volume, ledger, warnings, notes)


def make_result(
    volume: Volume | None = None,
    *,
    level: float = 0.93,
    verdict: Verdict | None = None,
    reason: str = "No motion artefact likely.",
    worst: int = 9,
) -> QualityResult:
    volume = make_volume() if volume is None else volume
    plane = choose_planes(volume, "auto")[0]
    count = volume.shape[2]
    middle = headline_range(count)
    slices = tuple(
        SliceScore(
            plane,
            k,
            max(0.02, level - 0.03 * abs(np.sin(k)) - (0.3 if k == worst else 0.0)),
            in_headline=k in middle,
        )
        if 0 < k < count - 1
        else SliceScore(plane, k, None, "no anatomy", in_headline=False)
        for k in range(count)
    )
    thresholds = Thresholds()
    return QualityResult(
        verdict or thresholds.verdict(level),
        reason,
        True,
        None if verdict is Verdict.NOT_ASSESSED else level,
        tuple(slices) if verdict is not Verdict.NOT_ASSESSED else (),
        (plane,),
        ModelFacts("iqa_resnet18", "0.1", "0" * 64),
        "cpu",
        {},
        1.4,
    )


def make_error(message: str = "The file is cut short.") -> CorruptFileError:
    return CorruptFileError(message, remedy="Copy it again.", path="/scans/head_T1w.nii.gz")


class FakeRunner:
    """Hands out jobs that wait for `finish`, or answers at once with what `answers` says."""

    def __init__(self, *, answers: dict[str, Callable[[Any], Any]] | None = None) -> None:
        self.jobs: list[Job[Any]] = []
        self.requests: list[Any] = []
        self.answers = answers or {}
        self.warmed: list[str] = []
        self.closed = False
        self.is_paused = False

    def set_paused(self, is_paused: bool) -> None:
        self.is_paused = is_paused

    def index(self, paths: Sequence[Path], *, title: str = "") -> Job[Index]:
        return self._add(Job("index", title), [Path(path) for path in paths])

    def read(self, item: SeriesItem) -> Job[LoadedSeries]:
        return self._add(Job("read", item.title), item)

    def frames(self, item: SeriesItem, start: int, count: int) -> Job[Any]:
        return self._add(Job("frames", item.title), (item, start, count))

    def submit(self, engine_id: str, request: Any, *, title: str = "") -> Job[Any]:
        return self._add(Job(engine_id, title), request)

    def deidentify(self, request: Any, *, title: str = "") -> Job[Any]:
        return self._add(Job("deidentify", title or "Exporting de-identified"), request)

    def export_regions(self, request: Any) -> Job[Any]:
        return self._add(Job("export", "Exporting the segmentation"), request)

    def header(self, path: Path, *, title: str = "") -> Job[Any]:
        return self._add(Job("header", title), path)

    def studies(self, paths: Sequence[Path], *, title: str = "") -> Job[Any]:
        return self._add(Job("studies", title), list(paths))

    def export_report(self, request: Any) -> Job[Any]:
        return self._add(Job("export", "Exporting the report"), request)

    def warm_up(self, lane: str) -> None:
        self.warmed.append(lane)

    def close(self) -> None:
        self.closed = True

    def running(self, task: str) -> list[Job[Any]]:
        return [job for job in self.jobs if job.task == task and not job.is_finished]

    def begin(self, job: Job[Any], fraction: float = 0.0) -> None:
        job._start(None)
        job._report(fraction, "")

    def finish(self, job: Job[Any], result: Any = None, error: AcutanceError | None = None) -> None:
        job._finish(result=result, error=error)

    def _add(self, job: Job[Any], request: Any) -> Job[Any]:
        self.jobs.append(job)
        self.requests.append(request)
        answer = self.answers.get(job.task)
        if answer is not None:
            job._start(None)
            try:
                self.finish(job, answer(request))
            except AcutanceError as error:
                self.finish(job, error=error)
        return job


def ready_runner(*items: SeriesItem, **answers: Callable[[Any], Any]) -> FakeRunner:
    """Return a runner that finds these series, loads a small head, and scores it usable."""
    found = items or (make_item(),)
    standard: dict[str, Callable[[Any], Any]] = {
        "index": lambda _paths: Index(tuple(found)),
        "read": lambda item: make_loaded(item),
        "quality": lambda request: make_result(request.volume),
    }
    return FakeRunner(answers=standard | answers)


@pytest.fixture
def kit() -> SimpleNamespace:
    """What tests of the window are made of: no plain import finds this file."""
    return SimpleNamespace(
        FakeRunner=FakeRunner,
        ready_runner=ready_runner,
        make_item=make_item,
        make_volume=make_volume,
        make_loaded=make_loaded,
        make_result=make_result,
        make_error=make_error,
        JobCancelled=JobCancelled,
        SCAN=Path("/scans/head_T1w.nii.gz"),
    )


@pytest.fixture
def open_window(qtbot: QtBot) -> Iterator[Callable[..., MainWindow]]:
    """Show a window with a fake runner and settings in memory; it is closed after the test."""
    from acutance.qt.application import create_main_window

    windows: list[MainWindow] = []

    def open_one(runner: Any = None, settings: Settings | None = None) -> MainWindow:
        window = create_main_window(
            runner=runner or ready_runner(), settings=settings or Settings()
        )
        windows.append(window)
        with qtbot.waitSignal(window.first_painted):
            window.show()
        return window

    yield open_one
    for window in windows:
        window.close()
        window.deleteLater()


@pytest.fixture
def open_scan(qtbot: QtBot, open_window: Callable[..., MainWindow]) -> Callable[..., MainWindow]:
    """Show a window in which a scan was opened, loaded and scored, as far as its runner goes."""

    def open_one(runner: Any = None, settings: Settings | None = None) -> MainWindow:
        window = open_window(runner, settings)
        with qtbot.waitSignal(window.controller.opened):
            window.open_paths([Path("/scans/head_T1w.nii.gz")])
        qtbot.waitUntil(
            lambda: (
                not window.controller.jobs
                or bool(window.runner.running("read"))
                or bool(window.runner.running("quality"))
            )
        )
        return window

    return open_one
