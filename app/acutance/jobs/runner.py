"""The one way to get work done: ask a runner, hold a job."""

from __future__ import annotations

import contextlib
import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Self, TypeVar

from acutance.core.headers import HeaderRequest, StudyRequest
from acutance.engines.catalogue import ENGINES, EngineEntry
from acutance.jobs import tasks
from acutance.jobs.job import Job
from acutance.jobs.lane import Lane, LaneSettings
from acutance.jobs.scratch import Scratch
from acutance.jobs.synchronous import SynchronousLane
from acutance.jobs.tasks import Call

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from types import TracebackType

    from acutance.core.deidentification import DeidentificationRequest, DeidentificationResult
    from acutance.core.derived_export import DerivedExport, DerivedWritten
    from acutance.core.headers import HeaderTable, StudyList
    from acutance.core.ledger import Index, Loaded, SeriesItem
    from acutance.core.report_export import ReportExport, ReportWritten
    from acutance.core.segmentation_export import (
        RegionsExport,
        RegionsWritten,
        SegExport,
        SegWritten,
    )
    from acutance.core.structured_report import SrRequest, SrResult
    from acutance.core.video import Video
    from acutance.jobs.job import JobEvent, Listener

T = TypeVar("T")

READERS = "acutance.io.readers"
DEIDENTIFIER = "acutance.export.deidentify:deidentify_files"
_SEG_EXPORTER = "acutance.export.dicom_seg:write_seg"
_SEG_WRITTEN = "acutance.core.segmentation_export:SegWritten"
_REPORT_EXPORTER = "acutance.export.report_files:write_report_files"
_REPORT_WRITTEN = "acutance.core.report_export:ReportWritten"
_REGIONS_EXPORTER = "acutance.export.segmentation_files:write_regions"
_REGIONS_WRITTEN = "acutance.core.segmentation_export:RegionsWritten"
_DERIVED_EXPORTER = "acutance.export.dicom_derived:write_derived"
_DERIVED_WRITTEN = "acutance.core.derived_export:DerivedWritten"
_DEIDENTIFIED = "acutance.core.deidentification:DeidentificationResult"
SR_WRITER = "acutance.export.dicom_sr:write_sr"
_SR_RESULT = "acutance.core.structured_report:SrResult"
#: A read that tells nothing for so long is given up: a share that vanished, a file that loops.
READ_LIMIT_SECONDS = 30.0
#: The same for an export, which also writes and waits for the disk.
EXPORT_LIMIT_SECONDS = 120.0


class Runner:
    """Takes work and returns jobs at once.

    Files are read in one child process, in a second one while the first still looks for files, and
    exported in a third; engines run in another, the only one that imports torch. Children start
    when they are first needed and stay. May be used from any thread, and as a context manager.

    Parameters
    ----------
    device : str
        Where engines compute: "auto", "cpu" or "cuda:N".
    synchronous : bool
        Do the work at once, in this process; a job is finished when it is returned.
    memory_budget_bytes : int, optional
        What one job may allocate at most; never more than 0.6 of the memory that is free.
    warm : bool
        Start both children now.
    engines : tuple of EngineEntry
        The engines there are.
    readers : str
        The module with `index_paths` and `read_item`.
    read_limit_seconds : float
        A read that tells nothing for so long fails.
    yields : bool
        Let engines and exports go behind other processes where cores are short, so that a window
        answers while they work.
    """

    def __init__(
        self,
        *,
        device: str = "auto",
        synchronous: bool = False,
        memory_budget_bytes: int | None = None,
        warm: bool = False,
        engines: tuple[EngineEntry, ...] = ENGINES,
        readers: str = READERS,
        read_limit_seconds: float = READ_LIMIT_SECONDS,
        yields: bool = False,
    ) -> None:
        self._engines = {entry.id: entry for entry in engines}
        if len(self._engines) != len(engines):
            raise ValueError("an engine id stands twice in the list")
        self._readers = readers
        self._searching: set[Job[Any]] = set()
        self._scratch = Scratch()
        self._door = threading.Lock()
        self._is_paused = False
        self._reader: Lane | SynchronousLane
        self._second_reader: Lane | SynchronousLane
        self._engine: Lane | SynchronousLane
        self._exporter: Lane | SynchronousLane
        if synchronous:
            only = SynchronousLane(device, memory_budget_bytes)
            self._reader = self._second_reader = self._engine = self._exporter = only
            return
        reading = LaneSettings(
            "reader",
            is_limited=True,
            budget_bytes=memory_budget_bytes,
            stall_seconds=read_limit_seconds,
            modules=(readers,),
        )
        self._reader = Lane(reading)
        self._second_reader = Lane(replace(reading, name="second reader"))
        self._engine = Lane(
            LaneSettings(
                f"engine:{device}",
                device=device,
                budget_bytes=memory_budget_bytes,
                modules=tuple(entry.engine.partition(":")[0] for entry in engines),
                yields=yields,
            )
        )
        # Of its own, so that an export of thousands of files does not stop the opening of another.
        self._exporter = Lane(
            LaneSettings(
                "exporter",
                is_limited=True,
                budget_bytes=memory_budget_bytes,
                stall_seconds=EXPORT_LIMIT_SECONDS,
                yields=yields,
            )
        )
        if warm:
            self.warm_up("reader")
            self.warm_up("engine")

    @property
    def is_paused(self) -> bool:
        """Whether engines rest."""
        return self._is_paused

    def set_paused(self, is_paused: bool) -> None:
        """Let engines rest, or go on; files are still read and written.

        The job at work rests where it next looks for a cancel, at the latest after the batch or
        tile in hand; jobs that wait do not begin. Both can be cancelled.

        Raises
        ------
        RuntimeError
            If the runner is closed.
        """
        self._engine.set_paused(is_paused)
        self._is_paused = is_paused

    @property
    def reader_pid(self) -> int | None:
        """Process id of the child that reads; None where there is none now."""
        return self._reader.pid

    @property
    def engine_pid(self) -> int | None:
        """Process id of the child that runs engines; None where there is none now."""
        return self._engine.pid

    def index(
        self, paths: Sequence[Path], *, title: str = "", listener: Listener | None = None
    ) -> Job[Index]:
        """Find the series in files and folders.

        Raises
        ------
        RuntimeError
            If the runner is closed; so do `read`, `submit` and `warm_up`.
        """
        first = str(paths[0]) if paths else ""
        job: Job[Index] = Job(tasks.INDEX, title or "Looking for scans")
        scratch = ""
        with contextlib.suppress(OSError):  # without room for it archives are told as unreadable
            scratch = str(self._scratch.folder)
        call = Call(tasks.INDEX, self._readers, tuple(paths), path=first, scratch=scratch)
        with self._door:
            self._searching.add(job)
        return self._give(self._reader, job, call, listener)

    def read(self, item: SeriesItem, *, listener: Listener | None = None) -> Job[Loaded]:
        """Read the voxels of a series, or open a video."""
        job: Job[Loaded] = Job(tasks.READ, f"Opening {item.title}".strip())
        call = Call(tasks.READ, self._readers, item, path=item.path)
        return self._give(self._free_reader(), job, call, listener)

    def frames(
        self, item: SeriesItem, start: int, count: int, *, listener: Listener | None = None
    ) -> Job[Video]:
        """Read some frames of a video.

        Parameters
        ----------
        item : SeriesItem
            Of a video.
        start, count : int
            The first frame, from 0, and how many; fewer come where the video ends before.

        Raises
        ------
        ValueError
            If that can be no frames.
        """
        if item.kind != "video" or start < 0 or count < 1:
            raise ValueError(f"no frames {start} to {start + count} of a {item.kind}")
        job: Job[Video] = Job(tasks.FRAMES, f"Reading frames of {item.title}".strip())
        wanted = tasks.FrameRange(item, start, count)
        call = Call(tasks.FRAMES, self._readers, wanted, path=item.path)
        return self._give(self._free_reader(), job, call, listener)

    def submit(
        self,
        engine_id: str,
        request: Any,
        *,
        title: str = "",
        listener: Listener | None = None,
    ) -> Job[Any]:
        """Run an engine; the result of the job is the engine's result.

        Parameters
        ----------
        engine_id : str
            Id in the catalogue of engines.
        request : Any
            What that engine takes; not to be changed any more.
        title : str
            What the user reads in the queue; the engine's title by default.
        listener : callable, optional
            Hears the job from its beginning, as `Job.add_listener` does.

        Raises
        ------
        ValueError
            If there is no such engine.
        """
        entry = self._engines.get(engine_id)
        if entry is None:
            raise ValueError(f"no engine {engine_id!r}; there are {sorted(self._engines)}")
        job: Job[Any] = Job(entry.id, title or entry.title)
        call = Call(tasks.ENGINE, entry.engine, request, result=entry.result)
        return self._give(self._engine, job, call, listener)

    def deidentify(
        self,
        request: DeidentificationRequest,
        *,
        title: str = "",
        listener: Listener | None = None,
    ) -> Job[DeidentificationResult]:
        """Export files without the identity of patients, in a child of its own.

        However the job ends, no unfinished work is left in the output folder.

        Raises
        ------
        RuntimeError
            If the runner is closed.
        """
        job: Job[DeidentificationResult] = Job(tasks.DEIDENTIFY, title or "Exporting de-identified")
        path = str(request.paths[0]) if request.paths else ""
        call = Call(tasks.DEIDENTIFY, DEIDENTIFIER, request, result=_DEIDENTIFIED, path=path)

        def clear(job: Job[Any], event: JobEvent) -> None:
            # A child that was killed could not do it.
            if event.kind == "finished" and job.error is not None:
                request.clear()

        job.add_listener(clear)
        return self._give(self._exporter, job, call, listener)

    def structured_report(
        self, request: SrRequest, *, title: str = "", listener: Listener | None = None
    ) -> Job[SrResult]:
        """Write a verdict as a DICOM structured report, in the child that exports."""
        job: Job[SrResult] = Job(tasks.EXPORT, title or "Writing a structured report")
        path = request.item.path
        call = Call(tasks.EXPORT, SR_WRITER, request, result=_SR_RESULT, path=path)
        return self._give(self._exporter, job, call, listener)

    def export_seg(
        self, request: SegExport, *, title: str = "", listener: Listener | None = None
    ) -> Job[SegWritten]:
        """Write a segmentation as DICOM SEG, in the child of exports: it reads headers again.

        Raises
        ------
        RuntimeError
            If the runner is closed.
        """
        job: Job[SegWritten] = Job(tasks.EXPORT, title or "Exporting DICOM SEG")
        path = str(request.path)
        call = Call(tasks.EXPORT, _SEG_EXPORTER, request, result=_SEG_WRITTEN, path=path)
        return self._give(self._exporter, job, call, listener)

    def export_regions(
        self, request: RegionsExport, *, title: str = "", listener: Listener | None = None
    ) -> Job[RegionsWritten]:
        """Write a segmentation as label map, DICOM SEG, table and record, in the export child.

        Raises
        ------
        RuntimeError
            If the runner is closed.
        """
        job: Job[RegionsWritten] = Job(tasks.EXPORT, title or "Exporting the segmentation")
        path = str(request.folder)
        call = Call(tasks.EXPORT, _REGIONS_EXPORTER, request, result=_REGIONS_WRITTEN, path=path)
        return self._give(self._exporter, job, call, listener)

    def export(self, writer: str, request: Any, result: str, *, title: str, path: Path) -> Job[Any]:
        """Write something in the child of exports.

        Parameters
        ----------
        writer : str
            "module:function", called with request, progress and token.
        request : Any
            What it takes; not to be changed any more.
        result : str
            "module:Class" of its answer, torch-free.
        title : str
            What the user reads in the queue.
        path : Path
            What messages name.

        Raises
        ------
        RuntimeError
            If the runner is closed.
        """
        job: Job[Any] = Job(tasks.EXPORT, title)
        call = Call(tasks.EXPORT, writer, request, result=result, path=str(path))
        return self._give(self._exporter, job, call, None)

    def export_derived(
        self, request: DerivedExport, *, title: str = "", listener: Listener | None = None
    ) -> Job[DerivedWritten]:
        """Write computed images as DICOM, in the child of exports: it reads headers again."""
        job: Job[DerivedWritten] = Job(tasks.EXPORT, title or "Exporting DICOM")
        path = str(request.output)
        call = Call(tasks.EXPORT, _DERIVED_EXPORTER, request, result=_DERIVED_WRITTEN, path=path)
        return self._give(self._exporter, job, call, listener)

    def header(self, path: Path, *, title: str = "Listing a header") -> Job[HeaderTable]:
        """List the elements of a DICOM file, in the child of exports."""
        answer = "acutance.core.headers:HeaderTable"
        return self.export(
            "acutance.export.headers:list_header",
            HeaderRequest(path),
            answer,
            title=title,
            path=path,
        )

    def studies(
        self, paths: Sequence[Path], *, title: str = "Sorting series by study"
    ) -> Job[StudyList]:
        """Tell to which study each of some DICOM files belongs, in the child of exports."""
        answer = "acutance.core.headers:StudyList"
        return self.export(
            "acutance.export.headers:list_studies",
            StudyRequest(tuple(paths)),
            answer,
            title=title,
            path=paths[0],
        )

    def export_report(
        self, request: ReportExport, *, title: str = "", listener: Listener | None = None
    ) -> Job[ReportWritten]:
        """Write the verdict on a series with what a person decided, in the export child.

        Raises
        ------
        RuntimeError
            If the runner is closed.
        """
        job: Job[ReportWritten] = Job(tasks.EXPORT, title or "Exporting the report")
        path = str(request.folder)
        call = Call(tasks.EXPORT, _REPORT_EXPORTER, request, result=_REPORT_WRITTEN, path=path)
        return self._give(self._exporter, job, call, listener)

    def warm_up(self, lane: str) -> None:
        """Start the child of a lane ahead of need, and let it import what it will need.

        Raises
        ------
        ValueError
            If `lane` is none of "reader", "second reader", "engine".
        """
        lanes = {
            "reader": self._reader,
            "second reader": self._second_reader,
            "engine": self._engine,
        }
        if lane not in lanes:
            raise ValueError(f"lane must be one of {sorted(lanes)}, not {lane!r}")
        lanes[lane].warm_up()

    def close(self) -> None:
        """Cancel every job and end every child; closing again does nothing."""
        lanes = (self._reader, self._second_reader, self._engine, self._exporter)
        for lane in lanes:
            lane.begin_close()
        for lane in lanes:
            lane.close()
        self._scratch.remove()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _free_reader(self) -> Lane | SynchronousLane:
        """Return the lane that reads at once: the first, unless it looks for files.

        The first knows the headers of what it has found, so it is preferred.
        """
        with self._door:
            self._searching = {job for job in self._searching if not job.is_finished}
            return self._second_reader if self._searching else self._reader

    def _give(
        self, lane: Lane | SynchronousLane, job: Job[T], call: Call, listener: Listener | None
    ) -> Job[T]:
        if listener is not None:
            job.add_listener(listener)
            job._tell("queued")
        lane.submit(job, call)
        return job
