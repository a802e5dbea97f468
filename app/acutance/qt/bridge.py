"""From runner threads to the GUI thread."""

from __future__ import annotations

import contextlib
import threading
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from acutance.core.ledger import LoadedSeries
from acutance.session.windows import prepare

if TYPE_CHECKING:
    from acutance.jobs.job import Job

#: Progress of a job is told at most once in this time, in ms.
PROGRESS_INTERVAL_MS = 33


class JobBridge(QObject):
    """Tells what happens to jobs, on the GUI thread, never faster than a screen can show.

    Every watched job is told as finished exactly once, also one that had finished before it was
    watched. Nothing is told from inside `watch`.

    Signals
    -------
    progressed : Job
        It was queued, started, retried, or came further.
    finished : Job
        Its outcome is known.
    """

    progressed = Signal(object)
    finished = Signal(object)
    _woken = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lock = threading.Lock()
        self._changed: list[Job[Any]] = []
        self._watched: list[Job[Any]] = []
        self._is_closed = False
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PROGRESS_INTERVAL_MS)
        self._pause.timeout.connect(self._deliver)
        # Queued also on the same thread: a job of a synchronous lane is told later, too.
        self._woken.connect(self._on_woken, Qt.ConnectionType.QueuedConnection)

    @property
    def jobs(self) -> tuple[Job[Any], ...]:
        """The watched jobs whose end was not yet told, oldest first."""
        return tuple(self._watched)

    def watch(self, job: Job[Any]) -> None:
        """Begin to tell about a job."""
        self._watched.append(job)
        job.add_listener(self._on_event)
        self._note(job)

    def close(self) -> None:
        """Tell nothing more."""
        self._is_closed = True
        self._watched.clear()
        self._pause.stop()

    def _on_event(self, job: Job[Any], _event: object) -> None:
        """Take an event; runs on a thread of the runner.

        What a view asks of a new volume first is found here: the window would stand still for it.
        """
        if job.is_finished and isinstance(result := job.result, LoadedSeries):
            prepare(result.volume)
        self._note(job)

    def _note(self, job: Job[Any]) -> None:
        with self._lock:
            is_first = not self._changed
            if job not in self._changed:
                self._changed.append(job)
        if is_first and not self._is_closed:
            # The window may be gone while a thread of the runner still ends.
            with contextlib.suppress(RuntimeError):
                self._woken.emit()

    def _on_woken(self) -> None:
        if self._is_closed:
            return
        with self._lock:
            is_urgent = any(job.is_finished for job in self._changed)
        if is_urgent or not self._pause.isActive():
            self._deliver()
        # Otherwise the pause that is running delivers when it ends.

    def _deliver(self) -> None:
        with self._lock:
            changed, self._changed = self._changed, []
        if self._is_closed or not changed:
            return
        self._pause.start()
        for job in changed:
            if job not in self._watched:
                continue
            if job.is_finished:
                self._watched.remove(job)
                self.finished.emit(job)
            else:
                self.progressed.emit(job)
