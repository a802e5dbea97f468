"""What the commands of the window do: open, load, score, cancel; answers go to the session."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from PySide6.QtCore import QObject, Signal

from acutance.core.deidentification import DeidentificationRequest
from acutance.errors import AcutanceError, JobCancelled
from acutance.qt.bridge import JobBridge
from acutance.qt.frame_loader import FrameLoader
from acutance.qt.scoring_choice import ScoringChoice
from acutance.qt.viewers.listening import listen
from acutance.session import SeriesState
from acutance.session.merging import is_same_series

if TYPE_CHECKING:
    from collections.abc import Sequence

    from acutance.core.ledger import Index, Loaded
    from acutance.core.quality import QualityResult
    from acutance.jobs.job import Job
    from acutance.jobs.runner import Runner
    from acutance.qt.settings import Settings
    from acutance.session import SeriesEntry, Session

#: Series read without being asked for, so that their thumbnails show: how many, how large.
AHEAD_LIMIT = 12
AHEAD_BYTES = 64_000_000


@dataclass(frozen=True)
class OpenProblem:
    """Why nothing came of an attempt to open something.

    Parameters
    ----------
    message : str
        What was expected and what came.
    remedy : str
        What the user can do.
    details : tuple of str
        One line per file concerned.
    """

    message: str
    remedy: str = ""
    details: tuple[str, ...] = ()


@dataclass
class _Opening:
    """A search for series, those it has found so far, and whether one of them was shown."""

    paths: tuple[Path, ...]
    ids: list[int] = field(default_factory=list)
    finds: Index | None = None
    is_shown: bool = False


class Controller(QObject):
    """Turns intentions into jobs and outcomes into session state.

    One outcome per job reaches the session; an answer for a series that was closed, or that was
    asked again since, is dropped.

    Parameters
    ----------
    session : Session
    runner : Runner
        Closed by `close`.
    settings : Settings

    Signals
    -------
    jobs_changed
        A job was added, came further, or ended.
    problem_changed : OpenProblem or None
        Why nothing could be opened; None when that is over.
    opened : int
        Number of series that an attempt to open added.
    exported : DeidentificationResult or AcutanceError
        What came of an export; not told where it was cancelled.
    job_ended : Job
        A job has its outcome, and the session knows of it.
    """

    jobs_changed = Signal()
    problem_changed = Signal(object)
    opened = Signal(int)
    exported = Signal(object)
    job_ended = Signal(object)

    def __init__(
        self,
        session: Session,
        runner: Runner,
        settings: Settings,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._runner = runner
        self._settings = settings
        self._problem: OpenProblem | None = None
        self._opening: dict[Job[Any], _Opening] = {}
        self._reading: dict[Job[Any], int] = {}
        self._scoring: dict[Job[Any], tuple[int, Loaded]] = {}
        self._exporting: set[Job[Any]] = set()
        self._ahead: list[int] = []
        self._is_closed = False
        self._is_engine_warm = False
        self.device = ""
        self.scoring = ScoringChoice(self)
        self.scoring.changed.connect(self._score_anew)
        self.bridge = JobBridge(self)
        self.frames = FrameLoader(session, runner, self)
        self.bridge.progressed.connect(self._on_progress)
        self.bridge.finished.connect(self._on_finished)
        listen(self, session.active_changed, self._on_active)
        listen(self, session.series_removed, self._on_removed)

    @property
    def problem(self) -> OpenProblem | None:
        """Why nothing came of the newest attempt to open something."""
        return self._problem

    @property
    def jobs(self) -> tuple[Job[Any], ...]:
        """Jobs without an outcome, oldest first."""
        return self.bridge.jobs

    @property
    def current_job(self) -> Job[Any] | None:
        """The job to show: the first that runs, else the first that waits."""
        jobs = self.bridge.jobs
        return next((job for job in jobs if job.state == "running"), jobs[0] if jobs else None)

    def is_scoring(self, id: int | None) -> bool:
        """Whether a score of this series is running or waits."""
        return any(scored == id for scored, _ in self._scoring.values())

    def open_paths(self, paths: Sequence[Path]) -> None:
        """Look for series in files and folders, list them, and read the first."""
        if not paths or self._is_closed:
            return
        self.dismiss_problem()
        job = self._runner.index(list(paths), title="Looking for series")
        self._opening[job] = _Opening(tuple(paths))
        self.watch(job)

    def dismiss_problem(self) -> None:
        """Forget why nothing could be opened."""
        self._set_problem(None)

    def load(self, id: int) -> None:
        """Read the voxels of a series, again where that failed."""
        entry = self._session.entry(id)
        if entry is None or self._is_closed:
            return
        if entry.state not in (SeriesState.LISTED, SeriesState.FAILED):
            return
        job = self._runner.read(entry.item)
        job.title = f"Loading {entry.title}"
        self._reading[job] = id
        self._session.mark_loading(id)
        self.watch(job)
        if self._settings.auto_score:
            self._warm_engine()

    def select(self, id: int, selection: Sequence[int]) -> None:
        """Read another volume of a series that has several; the one shown stays until then."""
        if self._is_closed:
            return
        item = self._session.select(id, selection)
        entry = self._session.entry(id)
        if item is None or entry is None:
            return
        self._read_again(entry)

    def _read_again(self, entry: SeriesEntry) -> None:
        """Read what the item of a loaded series names now; what it has stays until then."""
        id = entry.id
        older = [job for job, read in self._reading.items() if read == id]
        job = self._runner.read(entry.item)
        job.title = f"Loading {entry.title}"
        self._reading[job] = id
        for stale in older:
            stale.cancel()
        self.cancel_score(id)
        self.watch(job)

    def warm_reader(self) -> None:
        """Start the children that read files, so that the first scan need not wait for them."""
        if not self._is_closed:
            self._runner.warm_up("reader")
            self._runner.warm_up("second reader")

    def _warm_engine(self) -> None:
        """Start the child that scores while the first scan is still being read."""
        if not self._is_engine_warm:
            self._is_engine_warm = True
            self._runner.warm_up("engine")

    def score(self, id: int | None = None) -> None:
        """Ask for the verdict on a series, by default the active one."""
        entry = self._session.active if id is None else self._session.entry(id)
        if entry is None or entry.loaded is None or self._is_closed or self.is_scoring(entry.id):
            return
        content = entry.video or entry.volume
        if content is None:
            return
        try:
            request = self.scoring.policy().request(content)
            job = self._runner.submit("quality", request, title=f"Scoring {entry.title}")
        except AcutanceError as error:
            self._session.set_scoring_error(entry.id, error)
            return
        self._scoring[job] = (entry.id, entry.loaded)
        self.watch(job)

    def score_all(self) -> None:
        """Ask for the verdict on every loaded series that has none."""
        for entry in self._session.entries:
            if entry.loaded is not None and entry.result is None:
                self.score(entry.id)

    def export_deidentified(
        self,
        folder: Path,
        id: int | None = None,
        *,
        options: Sequence[str] = (),
        allows_burned_in: bool = False,
    ) -> None:
        """Write a series, by default the active one, without the identity of its patient.

        The files go into a new folder inside the one that was chosen.
        """
        entry = self._session.active if id is None else self._session.entry(id)
        if entry is None or self._is_closed:
            return
        files = tuple(map(Path, entry.item.files))
        token = secrets.token_hex(4)
        request = DeidentificationRequest(
            files,
            folder / f"deidentified-{token}",
            tuple(options),
            allows_burned_in=allows_burned_in,
        )
        job = self._runner.deidentify(request)
        self._exporting.add(job)
        self.watch(job)

    def cancel(self, job: Job[Any] | None = None) -> None:
        """Stop a job, by default the one that is shown."""
        target = self.current_job if job is None else job
        if target is not None:
            target.cancel()

    def cancel_score(self, id: int) -> None:
        """Stop scoring a series."""
        for job, (scored, _) in list(self._scoring.items()):
            if scored == id:
                job.cancel()

    def close(self) -> None:
        """Stop every job and end every child process."""
        if self._is_closed:
            return
        self._is_closed = True
        for job in self.bridge.jobs:
            job.cancel()
        self.frames.close()
        self.bridge.close()
        self._runner.close()

    # What the session tells.

    def _on_active(self, _id: int | None) -> None:
        entry = self._session.active
        if entry is None:
            return
        self.dismiss_problem()
        if entry.state is SeriesState.LISTED:
            self.load(entry.id)
        else:
            self._score_unasked(entry)

    def _on_removed(self, id: int) -> None:
        for job, (scored, _) in list(self._scoring.items()):
            if scored == id:
                job.cancel()
        for job, read in list(self._reading.items()):
            if read == id:
                job.cancel()

    def _score_unasked(self, entry: SeriesEntry) -> None:
        if not self._settings.auto_score or entry.loaded is None:
            return
        if any(entry.id in opening.ids for opening in self._opening.values()):
            return  # more images may come; when the search ends it is asked again
        if entry.result is None and entry.scoring_error is None:
            self.score(entry.id)

    def _score_anew(self) -> None:
        """Score the active series by what holds now; an answer by what held before is dropped."""
        for job in list(self._scoring):
            del self._scoring[job]
            job.cancel()
        self.score()

    # What jobs tell.

    def watch(self, job: Job[Any]) -> None:
        """Show a job in the queue; `job_ended` tells of its outcome."""
        self.bridge.watch(job)
        self.jobs_changed.emit()

    def _on_progress(self, job: Job[Any]) -> None:
        if job in self._reading:
            self._session.set_progress(self._reading[job], job.fraction)
        elif job in self._scoring:
            self._session.set_progress(self._scoring[job][0], job.fraction)
        elif job in self._opening and job.finds is not self._opening[job].finds:
            opening = self._opening[job]
            opening.finds = cast("Index", job.finds)
            self._list_finds(opening, opening.finds)
        self.jobs_changed.emit()

    def _on_finished(self, job: Job[Any]) -> None:
        if job in self._opening:
            self._finish_opening(job, self._opening.pop(job))
        elif job in self._reading:
            self._finish_reading(job, self._reading.pop(job))
        elif job in self._scoring:
            self._finish_scoring(job, *self._scoring.pop(job))
        elif job in self._exporting:
            self._finish_exporting(job)
        self.jobs_changed.emit()
        self.job_ended.emit(job)

    def _finish_opening(self, job: Job[Any], opening: _Opening) -> None:
        index = cast("Index | None", job.result)
        if isinstance(job.error, JobCancelled):
            index = cast("Index | None", job.finds)
            if index is not None and index.items:
                self._session.notice.emit("The search was cancelled; what was found stays.")
        elif job.error is not None:
            self._set_problem(_problem_of(job.error))
        elif index is not None and not index.items:
            self._set_problem(_nothing_found(index))
        if index is None or not index.items:
            for id in opening.ids:
                self._catch_up(id)
            self.opened.emit(len(opening.ids))
            return
        self._settings.add_recent(opening.paths)
        self.dismiss_problem()
        added = self._list_finds(opening, index)
        self._ahead += [
            id
            for id in added
            if (entry := self._session.entry(id)) is not None
            and entry is not self._session.active
            and 0 < entry.item.file_bytes < AHEAD_BYTES
        ][:AHEAD_LIMIT]
        if index.set_aside:
            count = len(index.set_aside)
            self._session.notice.emit(f"{count} file{'s' * (count != 1)} set aside; see the ledger")
        for id in opening.ids:
            self._catch_up(id)
        self.opened.emit(len(added))

    def _list_finds(self, opening: _Opening, index: Index) -> list[int]:
        """List what a search has found, and look at the first; return what was not open before.

        What was open before the search keeps its place in the list.
        """
        mine = set(opening.ids)
        others = [entry for entry in self._session.entries if entry.id not in mine]
        place = {(file, e.item.part): e.id for e in others for file in e.item.files}
        known = {replace(e.item, selection=()): e.id for e in others}
        new = []
        first: int | None = None
        for item in index.items:
            open_already = known.get(item)
            if open_already is None and item.is_partial:
                open_already = next(
                    (place[f, item.part] for f in item.files if (f, item.part) in place), None
                )
            if open_already is None:
                new.append(item)
            elif first is None:
                first = open_already
        opening.ids = self._session.merge_items(opening.ids, new)
        if opening.ids:
            first = opening.ids[0]
        if first is not None and not opening.is_shown:
            opening.is_shown = True
            self._session.activate(first)
        return opening.ids

    def _catch_up(self, id: int) -> None:
        """Read a series again that has grown since, or score one that is complete now."""
        entry = self._session.entry(id)
        if entry is None or self._is_closed or id in self._reading.values():
            return
        if entry.loaded is not None and not is_same_series(entry.loaded, entry.item):
            self._read_again(entry)
        elif entry is self._session.active:
            self._score_unasked(entry)

    def _finish_reading(self, job: Job[Any], id: int) -> None:
        entry = self._session.entry(id)
        if entry is not None and id not in self._reading.values():
            if job.error is not None and entry.loaded is not None:
                self._session.keep_loaded(id)
                if not isinstance(job.error, JobCancelled):
                    self._session.notice.emit(str(job.error))
            elif isinstance(job.error, JobCancelled):
                error = AcutanceError("Loading was cancelled.", remedy="Choose Try again.")
                self._session.set_failed(id, error)
            elif job.error is not None:
                self._session.set_failed(id, job.error)
            else:
                self._session.set_loaded(id, cast("Loaded", job.result))
                if not any(id in opening.ids for opening in self._opening.values()):
                    self._catch_up(id)
        self._read_ahead()

    def _finish_scoring(self, job: Job[Any], id: int, scored: Loaded) -> None:
        entry = self._session.entry(id)
        if entry is None or entry.loaded is not scored:
            return
        if isinstance(job.error, JobCancelled):
            self._session.set_progress(id, 0.0)
            self._session.notice.emit("Scoring was cancelled.")
        elif job.error is not None:
            self._session.set_scoring_error(id, job.error)
        else:
            result = cast("QualityResult", job.result)
            self.device = result.device
            self._session.set_result(id, result)

    def _finish_exporting(self, job: Job[Any]) -> None:
        self._exporting.remove(job)
        if isinstance(job.error, JobCancelled):
            self._session.notice.emit("The export was cancelled; nothing was written.")
        else:
            self.exported.emit(job.result if job.error is None else job.error)

    def _read_ahead(self) -> None:
        """Read one more series that was not asked for; only while nothing else is read."""
        while self._ahead and not self._reading and not self._is_closed:
            entry = self._session.entry(self._ahead.pop(0))
            if entry is not None and entry.state is SeriesState.LISTED:
                self.load(entry.id)

    def _set_problem(self, problem: OpenProblem | None) -> None:
        if problem != self._problem:
            self._problem = problem
            self.problem_changed.emit(problem)


def _problem_of(error: AcutanceError) -> OpenProblem:
    details = (str(error.path),) if error.path is not None else ()
    return OpenProblem(error.message, error.remedy, details)


def _nothing_found(index: Index) -> OpenProblem:
    aside = index.set_aside
    details = tuple(f"{s.file}: {s.reason}" for s in aside)
    if len(aside) == 1:
        name = aside[0].file.replace("\\", "/").rstrip("/").split("/")[-1]
        message = f"{name}: {aside[0].reason}".rstrip(".")
        return OpenProblem(f"{message}.", "Choose another file.", details)
    message = f"None of {len(aside)} files can be read." if aside else "There are no files here."
    return OpenProblem(
        message, "Choose a scan that Acutance reads, or a folder that holds some.", details
    )
