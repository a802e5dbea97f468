"""One run of one piece of work, seen from the process that asked for it."""

from __future__ import annotations

import itertools
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Generic, TypeVar, cast

from acutance.errors import AcutanceError, JobCancelled

_logger = logging.getLogger(__name__)
_ids = itertools.count(1)

_WAIT_SECONDS = 0.5

T = TypeVar("T")


class JobState(StrEnum):
    """Where a job stands; the last three are outcomes and never change again."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_outcome(self) -> bool:
        """Whether a job in this state is over."""
        return self in (JobState.SUCCEEDED, JobState.FAILED, JobState.CANCELLED)


@dataclass(frozen=True)
class JobEvent:
    """Something that happened to a job.

    Parameters
    ----------
    kind : str
        "queued", "started", "progress", "found", "retried" or "finished".
    fraction : float
        How far the job is, in [0, 1].
    message : str
        One short line; may be empty.
    """

    kind: str
    fraction: float
    message: str


Listener = Callable[["Job[Any]", JobEvent], None]


class Job(Generic[T]):
    """A piece of work with exactly one outcome.

    Any thread may ask, wait, listen or cancel.

    Parameters
    ----------
    task : str
        "index", "read", or the id of an engine.
    title : str
        What the user reads in the queue.
    """

    def __init__(self, task: str, title: str) -> None:
        self.id = next(_ids)
        self.task = task
        self.title = title
        self._lock = threading.Lock()
        # Held while listeners are told, so that events arrive in order and "finished" last.
        self._telling = threading.RLock()
        self._is_told = False
        self._done = threading.Event()
        self._listeners: list[Listener] = []
        self._state = JobState.QUEUED
        self._fraction = 0.0
        self._message = ""
        self._attempts = 0
        self._result: T | None = None
        self._finds: T | None = None
        self._error: AcutanceError | None = None
        self._started: float | None = None
        self._seconds: float | None = None
        self._is_unwanted = False
        self._on_cancel: Callable[[Job[T]], None] | None = None

    @property
    def state(self) -> JobState:
        """Where the job stands."""
        return self._state

    @property
    def is_finished(self) -> bool:
        """Whether the outcome is known."""
        return self._state.is_outcome

    @property
    def fraction(self) -> float:
        """How far the job is, in [0, 1]."""
        return self._fraction

    @property
    def message(self) -> str:
        """What the job is doing, one short line."""
        return self._message

    @property
    def attempts(self) -> int:
        """How many times the work was begun; 2 after a retry."""
        return self._attempts

    @property
    def result(self) -> T | None:
        """The answer of a job that succeeded, else None."""
        return self._result

    @property
    def finds(self) -> T | None:
        """What a search that still goes on, or was cancelled, has found so far."""
        return self._finds

    @property
    def error(self) -> AcutanceError | None:
        """Why the job failed or was cancelled, else None."""
        return self._error

    @property
    def seconds(self) -> float:
        """Time since the job started, until its end; 0 while it waits. Monotonic."""
        if self._seconds is not None:
            return self._seconds
        return 0.0 if self._started is None else time.monotonic() - self._started

    @property
    def is_cancel_requested(self) -> bool:
        """Whether `cancel` was called before the outcome was known."""
        return self._is_unwanted

    def cancel(self) -> None:
        """Ask for the end of the job; returns at once.

        A job that waits is cancelled when this returns. One that runs ends as cancelled soon
        after, whatever its child still answers. A finished job stays as it is.
        """
        with self._lock:
            if self.is_finished or self._is_unwanted:
                return
            self._is_unwanted = True
            is_waiting = self._state is JobState.QUEUED
            on_cancel = self._on_cancel
        if is_waiting:
            self._finish(error=JobCancelled())
        elif on_cancel is not None:
            on_cancel(self)

    def wait(self, timeout: float | None = None) -> JobState:
        """Wait for the outcome, at most `timeout` seconds; return the state then."""
        if timeout is not None:
            self._done.wait(timeout)
        else:
            # Windows hears Ctrl-C only between waits.
            while not self._done.wait(_WAIT_SECONDS):
                pass
        return self._state

    def value(self, timeout: float | None = None) -> T:
        """Wait for the result and return it.

        Raises
        ------
        AcutanceError
            If the job failed.
        JobCancelled
            If the job was cancelled.
        TimeoutError
            If there is no outcome after `timeout` seconds.
        """
        if not self.wait(timeout).is_outcome:
            raise TimeoutError(f"job {self.id} ({self.task}) has no outcome after {timeout} s")
        if self._error is not None:
            raise self._error
        return cast("T", self._result)

    def add_listener(self, listener: Listener) -> None:
        """Tell `listener` every event from now on; "finished" at once if the job is over.

        Listeners are called one at a time on a thread of the runner, or on the caller's where
        the job is over, was cancelled while it waited, or runs synchronously. They must not
        block. What they raise is logged and goes no further.
        """
        with self._telling:
            if self._is_told:
                self._call(listener, self._event("finished"))
            else:
                self._listeners.append(listener)

    # The lanes of this package drive a job through the methods below; nobody else calls them.

    def _start(self, on_cancel: Callable[[Job[T]], None] | None) -> bool:
        """Begin; return False where the job was cancelled before."""
        with self._lock:
            if self._is_unwanted or self.is_finished:
                return False
            self._state = JobState.RUNNING
            self._attempts = 1
            self._started = time.monotonic()
            self._on_cancel = on_cancel
        self._tell("started")
        return True

    def _retry(self, message: str) -> None:
        """Begin again from nothing."""
        with self._lock:
            self._attempts += 1
            self._fraction = 0.0
            self._message = message
        self._tell("retried")

    def _report(self, fraction: float, message: str) -> None:
        """Take progress of a running job."""
        with self._lock:
            if self.is_finished:
                return
            self._fraction = min(1.0, max(0.0, fraction))
            self._message = message
        self._tell("progress")

    def _show(self, finds: T) -> None:
        """Take what was found so far."""
        with self._lock:
            if self.is_finished:
                return
            self._finds = finds
        self._tell("found")

    def _finish(self, *, result: T | None = None, error: AcutanceError | None = None) -> bool:
        """Fix the outcome; return False where there was one already.

        A job whose cancel was asked for ends as cancelled, whatever came back.
        """
        with self._lock:
            if self.is_finished:
                return False
            if self._is_unwanted and not isinstance(error, JobCancelled):
                result, error = None, JobCancelled()
            self._result, self._error = result, error
            self._seconds = 0.0 if self._started is None else time.monotonic() - self._started
            if error is None:
                self._fraction = 1.0
                self._state = JobState.SUCCEEDED
            elif isinstance(error, JobCancelled):
                self._state = JobState.CANCELLED
            else:
                self._state = JobState.FAILED
            self._on_cancel = None
        self._done.set()
        with self._telling:
            self._tell("finished")
            self._is_told = True
            self._listeners.clear()
        return True

    def _event(self, kind: str) -> JobEvent:
        return JobEvent(kind, self._fraction, self._message)

    def _tell(self, kind: str) -> None:
        with self._telling:
            event = self._event(kind)
            for listener in tuple(self._listeners):
                self._call(listener, event)

    def _call(self, listener: Listener, event: JobEvent) -> None:
        try:
            listener(self, event)
        except Exception:  # a listener's fault must never become the job's
            _logger.exception("a listener failed on %r of job %d", event.kind, self.id)
