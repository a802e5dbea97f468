"""What the commands of the window do: open, load, score, cancel; answers go to the session."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from PySide6.QtCore import QObject, Signal

from acutance.errors import AcutanceError, JobCancelled
from acutance.qt.bridge import JobBridge
from acutance.qt.frame_loader import FrameLoader
from acutance.qt.language import error_text, tr
from acutance.qt.opening import Opener
from acutance.qt.scoring_choice import ScoringChoice
from acutance.qt.viewers.listening import listen
from acutance.session import SeriesState
from acutance.session.merging import is_same_series

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from acutance.core.ledger import Loaded
    from acutance.core.quality import QualityResult
    from acutance.jobs.job import Job
    from acutance.jobs.runner import Runner
    from acutance.qt.opening import OpenProblem
    from acutance.qt.settings import Settings
    from acutance.session import SeriesEntry, Session

#: Series read without being asked for, so that their thumbnails show: how many, how large.
AHEAD_LIMIT = 12
AHEAD_BYTES = 64_000_000


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
    job_ended : Job
        A job has its outcome, and the session knows of it.
    """

    jobs_changed = Signal()
    problem_changed = Signal(object)
    opened = Signal(int)
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
        self._reading: dict[Job[Any], int] = {}
        self._scoring: dict[Job[Any], tuple[int, Loaded]] = {}
        self._ahead: list[int] = []
        self._is_closed = False
        self._is_engine_warm = False
        self.device = ""
        self.scoring = ScoringChoice(self)
        self.scoring.changed.connect(self._score_anew)
        self.opener = Opener(session, runner, self)
        self.opener.watched.connect(self.watch)
        self.opener.found.connect(self._on_found)
        self.opener.settled.connect(self._on_settled)
        self.opener.problem_changed.connect(self.problem_changed)
        self.opener.opened.connect(self.opened)
        self.bridge = JobBridge(self)
        self.frames = FrameLoader(session, runner, self)
        self.bridge.progressed.connect(self._on_progress)
        self.bridge.finished.connect(self._on_finished)
        listen(self, session.active_changed, self._on_active)
        listen(self, session.series_removed, self._on_removed)

    @property
    def problem(self) -> OpenProblem | None:
        """Why nothing came of the newest attempt to open something."""
        return self.opener.problem

    @property
    def is_closed(self) -> bool:
        """Whether the window is on its way out; nothing is begun any more."""
        return self._is_closed

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
        self.opener.open_paths(paths)

    def dismiss_problem(self) -> None:
        """Forget why nothing could be opened."""
        self.opener.dismiss_problem()

    def load(self, id: int) -> None:
        """Read the voxels of a series, again where that failed."""
        entry = self._session.entry(id)
        if entry is None or self._is_closed:
            return
        if entry.state not in (SeriesState.LISTED, SeriesState.FAILED):
            return
        job = self._runner.read(entry.item)
        job.title = tr("Loading {title}", title=entry.title)
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
        job.title = tr("Loading {title}", title=entry.title)
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
            job = self._runner.submit(
                "quality", request, title=tr("Scoring {title}", title=entry.title)
            )
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
        if self.opener.is_growing(entry.id):
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
        else:
            self.opener.take_progress(job)
        self.jobs_changed.emit()

    def _on_finished(self, job: Job[Any]) -> None:
        if self.opener.take_outcome(job):
            pass
        elif job in self._reading:
            self._finish_reading(job, self._reading.pop(job))
        elif job in self._scoring:
            self._finish_scoring(job, *self._scoring.pop(job))
        self.jobs_changed.emit()
        self.job_ended.emit(job)

    def _on_found(self, paths: tuple[Path, ...], added: tuple[int, ...]) -> None:
        self._settings.add_recent(paths)
        self._ahead += [
            id
            for id in added
            if (entry := self._session.entry(id)) is not None
            and entry is not self._session.active
            and 0 < entry.item.file_bytes < AHEAD_BYTES
        ][:AHEAD_LIMIT]

    def _on_settled(self, ids: tuple[int, ...]) -> None:
        for id in ids:
            self._catch_up(id)

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
                    self._session.notice.emit(error_text(job.error))
            elif isinstance(job.error, JobCancelled):
                error = AcutanceError(tr("Loading was cancelled."), remedy=tr("Choose Try again."))
                self._session.set_failed(id, error)
            elif job.error is not None:
                self._session.set_failed(id, job.error)
            else:
                self._session.set_loaded(id, cast("Loaded", job.result))
                if not self.opener.is_growing(id):
                    self._catch_up(id)
        self._read_ahead()

    def _finish_scoring(self, job: Job[Any], id: int, scored: Loaded) -> None:
        entry = self._session.entry(id)
        if entry is None or entry.loaded is not scored:
            return
        if isinstance(job.error, JobCancelled):
            self._session.set_progress(id, 0.0)
            self._session.notice.emit(tr("Scoring was cancelled."))
        elif job.error is not None:
            self._session.set_scoring_error(id, job.error)
        else:
            result = cast("QualityResult", job.result)
            self.device = result.device
            self._session.set_result(id, result)

    def _read_ahead(self) -> None:
        """Read one more series that was not asked for; only while nothing else is read."""
        while self._ahead and not self._reading and not self._is_closed:
            entry = self._session.entry(self._ahead.pop(0))
            if entry is not None and entry.state is SeriesState.LISTED:
                self.load(entry.id)
