"""What is at work, how long it still takes, and what came of what was."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer, Signal

from acutance.core.pace import Pace
from acutance.errors import JobCancelled
from acutance.qt.language import error_text, tr, translated

if TYPE_CHECKING:
    from acutance.jobs.job import Job
    from acutance.jobs.runner import Runner
    from acutance.qt.controller import Controller
    from acutance.session import Session

#: Outcomes that are kept.
OUTCOME_LIMIT = 100
_TICK_MS = 500


@dataclass(frozen=True)
class Outcome:
    """What came of one job.

    Parameters
    ----------
    title : str
        As in the queue.
    state : str
        "succeeded", "failed" or "cancelled".
    seconds : float
        From its start to its end.
    provenance : str
        What its numbers rest on; why it failed; empty where there is neither.
    series : int or None
        Id of the series whose result it is.
    """

    title: str
    state: str
    seconds: float
    provenance: str = ""
    series: int | None = None


class JobLog(QObject):
    """Follows every job of the controller.

    Parameters
    ----------
    controller : Controller
    runner : Runner
    session : Session

    Signals
    -------
    changed
        Jobs came further, or half a second has passed while one is at work.
    ended
        There is another outcome.
    """

    changed = Signal()
    ended = Signal()

    def __init__(
        self,
        controller: Controller,
        runner: Runner,
        session: Session,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._controller = controller
        self._runner = runner
        self._session = session
        self._paces: dict[Job[Any], Pace] = {}
        self._outcomes: deque[Outcome] = deque(maxlen=OUTCOME_LIMIT)
        self._timer = QTimer(self)
        self._timer.setInterval(_TICK_MS)
        self._timer.timeout.connect(self.changed)
        controller.jobs_changed.connect(self._on_jobs)
        controller.job_ended.connect(self._on_ended)

    @property
    def jobs(self) -> tuple[Job[Any], ...]:
        """Jobs without an outcome, oldest first."""
        return self._controller.jobs

    @property
    def outcomes(self) -> tuple[Outcome, ...]:
        """What came of jobs, newest first."""
        return tuple(self._outcomes)

    @property
    def is_paused(self) -> bool:
        """Whether engines rest."""
        return self._runner.is_paused

    def set_paused(self, is_paused: bool) -> None:
        """Let engines rest, or go on; files are still read and written."""
        if is_paused == self._runner.is_paused or self._controller.is_closed:
            return
        self._runner.set_paused(is_paused)
        now = time.monotonic()
        for job, pace in self._paces.items():
            if is_paused and rests(job):
                pace.rest(now)
            else:
                pace.go_on(now)
        self.changed.emit()

    def seconds_left(self, job: Job[Any]) -> float | None:
        """Return how long a job still takes; None where that is not known."""
        pace = self._paces.get(job)
        return None if pace is None else pace.left(job.fraction, time.monotonic())

    def _on_jobs(self) -> None:
        now = time.monotonic()
        for job in self.jobs:
            if job.state == "running" and job not in self._paces:
                self._paces[job] = Pace(now - job.seconds)
        if self._paces and not self._timer.isActive():
            self._timer.start()
        self.changed.emit()

    def _on_ended(self, job: Job[Any]) -> None:
        self._paces.pop(job, None)
        if not self._paces:
            self._timer.stop()
        if job.task not in _QUIET or job.error is not None:
            self._outcomes.appendleft(self._outcome(job))
            self.ended.emit()

    def _outcome(self, job: Job[Any]) -> Outcome:
        if isinstance(job.error, JobCancelled):
            return Outcome(job.title, "cancelled", job.seconds)
        if job.error is not None:
            return Outcome(job.title, "failed", job.seconds, error_text(job.error))
        result = job.result
        series = next((e.id for e in self._session.entries if self._has(e, result)), None)
        return Outcome(job.title, "succeeded", job.seconds, provenance_of(result), series)

    def _has(self, entry: Any, result: object) -> bool:
        found = (entry.result, entry.loaded, self._session.segmentations.answer_of(entry))
        return any(result is one for one in found if one is not None)


#: Succeeds many times a minute, and shows in place.
_QUIET = ("index", "frames")


def rests(job: Job[Any]) -> bool:
    """Whether a job is one of an engine, which a pause holds."""
    return job.task not in ("index", "read", "frames", "export", "deidentify")


def provenance_of(result: object) -> str:
    """Return weights and device of a result, one line each; empty where it has none."""
    model, lines = getattr(result, "model", None), []
    if model is not None:
        lines.append(f"{model.name} {model.version} ({translated(model.status)})")
        lines.append(f"sha256 {model.sha256[:16]}")
    device = getattr(result, "device", "")
    if device:
        lines.append(tr("device {device}", device=device))
    return "\n".join(lines)
