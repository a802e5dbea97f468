"""A lane: one queue, one long-lived child, one job at a time."""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections import deque
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from acutance.errors import (
    AcutanceError,
    EngineError,
    JobCancelled,
    ReadError,
    error_from_plain,
    error_to_plain,
)
from acutance.jobs import messages, packing, tasks
from acutance.jobs.allocation import Allocator
from acutance.jobs.child import Child, Ended, Received
from acutance.jobs.packing import Packed
from acutance.jobs.patience import Silence

if TYPE_CHECKING:
    from acutance.jobs.job import Job
    from acutance.jobs.tasks import Call

_logger = logging.getLogger(__name__)

#: A child that does not heed a cancel for so long is killed.
CANCEL_GRACE_SECONDS = 1.5
#: A child that says nothing for so long after its start is taken for lost.
START_LIMIT_SECONDS = 60.0
MAX_ATTEMPTS = 2
#: How long a child whose pipe closed may take to end, before it is killed.
_END_SECONDS = 1.0
_CLOSE_SECONDS = 10.0


@dataclass(frozen=True)
class _Submitted:
    job: Job[Any]
    call: Call


@dataclass(frozen=True)
class _CancelAsked:
    job: Job[Any]


@dataclass(frozen=True)
class _PauseAsked:
    is_paused: bool


class _WarmAsked:
    pass


class _CloseAsked:
    pass


_Event = Received | Ended | _Submitted | _CancelAsked | _PauseAsked | _WarmAsked | _CloseAsked


@dataclass
class _Running:
    """The job the child works on."""

    job: Job[Any]
    call: Call
    packed: Packed
    allocator: Allocator
    cancel_deadline: float | None = None
    stall_deadline: float | None = None
    silence: Silence | None = None
    # Whether the child was there before the job, and has not yet said that it took it.
    is_untouched: bool = False

    def release(self) -> None:
        """Let go of all memory before anybody hears that the job is over."""
        self.call = replace(self.call, argument=None)
        self.packed = Packed(b"", ())
        self.allocator.release()


@dataclass(frozen=True)
class LaneSettings:
    """What one lane differs by from another.

    Parameters
    ----------
    name : str
        "reader" or "engine:<device>".
    device : str
        Where engines compute; "" in a reader.
    is_limited : bool
        Whether the child is held to the memory budget.
    budget_bytes : int or None
        What one job may allocate; see `Allocator`.
    stall_seconds : float or None
        A job that tells nothing for so long is ended.
    modules : tuple of str
        What a warm child has imported.
    yields : bool
        Whether the child lets others go first where there are more of them than cores.
    """

    name: str
    device: str = ""
    is_limited: bool = False
    budget_bytes: int | None = None
    stall_seconds: float | None = None
    modules: tuple[str, ...] = field(default=())
    yields: bool = False


class Lane:
    """Runs jobs one after the other in a child process that outlives them.

    All decisions are taken on one thread, event by event; whatever happens, every job that was
    submitted gets one outcome.
    """

    def __init__(self, settings: LaneSettings) -> None:
        self._settings = settings
        self._inbox: queue.SimpleQueue[_Event] = queue.SimpleQueue()
        self._door = threading.Lock()
        self._is_open = True
        self._thread: threading.Thread | None = None
        # Below: touched by the lane's thread only.
        self._waiting: deque[_Submitted] = deque()
        self._running: _Running | None = None
        self._child: Child | None = None
        self._is_ready = False
        self._is_paused = False

    @property
    def pid(self) -> int | None:
        """Process id of the child; None where there is none now."""
        child = self._child
        return None if child is None else child.pid

    def submit(self, job: Job[Any], call: Call) -> None:
        """Queue a job.

        Raises
        ------
        RuntimeError
            If the lane is closed.
        """
        self._put(_Submitted(job, call))

    def set_paused(self, is_paused: bool) -> None:
        """Let the running job rest and begin no other, or go on.

        A job rests where it next looks for a cancel; it can be cancelled meanwhile.
        """
        self._put(_PauseAsked(is_paused))

    def warm_up(self) -> None:
        """Start the child ahead of need."""
        self._put(_WarmAsked())

    def close(self) -> None:
        """Cancel every job and end the child."""
        self.begin_close()
        thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join(_CLOSE_SECONDS)

    def begin_close(self) -> None:
        """Close without waiting for the end."""
        with self._door:
            if self._is_open:
                self._is_open = False
                self._inbox.put(_CloseAsked())

    def _put(self, event: _Event) -> None:
        with self._door:
            if not self._is_open:
                raise RuntimeError("the runner is closed")
            if self._thread is None:
                name = f"lane {self._settings.name}"
                self._thread = threading.Thread(target=self._serve, name=name, daemon=True)
                self._thread.start()
            self._inbox.put(event)

    # From here on the lane's own thread.

    def _serve(self) -> None:
        try:
            while self._handle(self._next_event()):
                while self._running is None and self._waiting and not self._is_paused:
                    self._begin(self._waiting.popleft())
        finally:
            self._shut_down()

    def _next_event(self) -> _Event | None:
        """Wait for an event; return None when a deadline comes first."""
        running = self._running
        deadlines = []
        if running is not None:
            deadlines = [running.cancel_deadline, running.stall_deadline]
        set_ones = [deadline for deadline in deadlines if deadline is not None]
        try:
            if not set_ones:
                return self._inbox.get()
            return self._inbox.get(timeout=max(0.0, min(set_ones) - time.monotonic()))
        except queue.Empty:
            return None

    def _handle(self, event: _Event | None) -> bool:
        """Take one event; return False when it was the last."""
        match event:
            case None:
                self._on_deadline()
            case _Submitted():
                self._waiting.append(event)
            case _PauseAsked(is_paused):
                self._is_paused = is_paused
                if self._child is not None:
                    self._child.set_paused(is_paused)
            case _WarmAsked():
                self._warm()
            case _CancelAsked(job):
                self._on_cancel(job)
            case Received(child, message):
                if child is self._child:
                    self._on_message(child, message)
            case Ended(child, fault):
                if child is self._child:
                    self._on_ended(fault)
            case _CloseAsked():
                return False
        return True

    def _begin(self, submitted: _Submitted) -> None:
        job, call = submitted.job, submitted.call
        if not job._start(lambda job: self._inbox.put(_CancelAsked(job))):
            return
        try:
            packed = packing.pack(call)
        except MemoryError as fault:
            job._finish(error=tasks.explain(fault, call))
        except Exception:  # the job boundary: a request may refuse in any way
            _logger.exception("a request for %s cannot be pickled", job.task)
            job._finish(error=tasks.unsupported(call))
        else:
            self._running = _Running(job, call, packed, self._allocator())
            self._dispatch(self._running)

    def _allocator(self) -> Allocator:
        return Allocator(self._settings.budget_bytes)

    def _dispatch(self, running: _Running) -> None:
        """Give the job to the child, a new one where there is none."""
        if self._child is not None and not self._child.is_alive:
            # It died with nothing to do: no fault of this job.
            self._drop_child(grace=_END_SECONDS)
        running.is_untouched = self._child is not None
        try:
            child = self._child or self._start_child()
        except OSError as fault:
            error = EngineError(f"No child process can be started: {fault.strerror}.")
            self._finish(running, error=error)
            return
        self._extend(running)
        child.run(running.job.id, running.allocator.budget_bytes, running.packed.data)

    def _start_child(self) -> Child:
        settings = self._settings
        self._is_ready = False
        self._child = Child(
            f"acutance-{settings.name}", settings.device, settings.is_limited, self._inbox.put
        )
        if settings.yields:
            self._child.lower_priority()
        if self._is_paused:
            self._child.set_paused(True)
        return self._child

    def _drop_child(self, *, grace: float = 0.0) -> str:
        """End the child, if there is one; return how it ended."""
        child, self._child = self._child, None
        return "" if child is None else child.kill(grace=grace)

    def _warm(self) -> None:
        if self._child is None:
            try:
                self._start_child().warm(list(self._settings.modules))
            except OSError as fault:
                _logger.info("no child ahead of need: %s", fault.strerror)

    def _extend(self, running: _Running) -> None:
        """Give the child time until it must say something."""
        limit = self._limit
        running.stall_deadline = None if limit is None else time.monotonic() + limit
        if limit is not None and self._child is not None:
            running.silence = Silence.from_now(self._child.pid)

    @property
    def _limit(self) -> float | None:
        """How long the child may say nothing, in seconds."""
        return self._settings.stall_seconds if self._is_ready else START_LIMIT_SECONDS

    def _on_cancel(self, job: Job[Any]) -> None:
        running = self._running
        if running is None or running.job is not job or self._child is None:
            return
        running.cancel_deadline = time.monotonic() + CANCEL_GRACE_SECONDS
        self._child.cancel(job.id)

    def _on_deadline(self) -> None:
        running, now = self._running, time.monotonic()
        if running is None:
            return
        if running.cancel_deadline is not None and now >= running.cancel_deadline:
            self._drop_child()
            self._finish(running, error=JobCancelled())
        elif running.stall_deadline is not None and now >= running.stall_deadline:
            limit, silence = self._limit, running.silence
            if limit is not None and silence is not None and silence.is_starved(limit):
                running.stall_deadline = now + limit
                return
            self._drop_child()
            if self._is_ready:
                self._finish(running, error=self._stalled(running.call))
            else:
                self._again(running, "no sign of life")

    def _on_message(self, child: Child, message: dict[str, Any]) -> None:
        kind, running = message.get("kind"), self._running
        if kind == "ready":
            self._is_ready = True
            if running is not None:
                self._extend(running)
            return
        if running is None or message.get("job") != running.job.id:
            return
        self._extend(running)
        running.is_untouched = False
        try:
            if kind == "begun":
                pass
            elif kind == "progress":
                running.job._report(*messages.parse_progress(message))
            elif kind == "found" and running.call.kind == tasks.INDEX:
                running.job._show(messages.parse_found(message))
            elif kind == "allocate":
                child.reply(_allocate(running, message))
            elif kind == "failed":
                self._finish(running, error=error_from_plain(dict(message["error"])))
            elif kind == "done":
                result = tasks.conclude(running.call, message["result"], running.allocator.resolve)
                self._finish(running, result=result)
            else:
                raise ValueError("a message of no known kind")
        except Exception as fault:  # the job boundary: the answer of a child may be anything
            _logger.info("job %d: the answer of the child is refused", running.job.id)
            self._drop_child()
            self._finish(running, error=tasks.invalid_answer(running.call, fault))

    def _on_ended(self, fault: str) -> None:
        how = self._drop_child(grace=0.0 if fault else _END_SECONDS)
        running = self._running
        if running is None:
            _logger.info("the child of lane %s ended with %s", self._settings.name, how)
        elif fault:
            text = f"The process that did the work sent {fault}."
            self._finish(running, error=tasks.failure(running.call, text, "Try again."))
        else:
            self._again(running, how)

    def _again(self, running: _Running, how: str) -> None:
        """Retry a job whose child died, unless it had its chances or is unwanted."""
        job = running.job
        if job.is_cancel_requested:
            self._finish(running, error=JobCancelled())
        elif running.is_untouched:
            # It died with nothing to do, just before the job reached it.
            self._dispatch(running)
        elif job.attempts >= MAX_ATTEMPTS:
            self._finish(running, error=tasks.death(running.call, how))
        else:
            _logger.info("job %d: the child ended with %s; trying again", job.id, how)
            running.allocator = self._allocator()
            job._retry(f"the process ended with {how}; trying again")
            self._dispatch(running)

    def _finish(
        self, running: _Running, *, result: Any = None, error: AcutanceError | None = None
    ) -> None:
        self._running = None
        running.release()
        running.job._finish(result=result, error=error)

    def _stalled(self, call: Call) -> AcutanceError:
        text = f"No progress for {self._settings.stall_seconds:g} seconds."
        if call.kind == tasks.ENGINE:
            return EngineError(text, remedy="Try again.")
        remedy = "Copy the file to a local disk and try again; it may also be damaged."
        return ReadError(text, remedy=remedy, path=call.path or None)

    def _shut_down(self) -> None:
        """Give every job left its outcome, and end the child."""
        with self._door:
            self._is_open = False
        if self._running is not None:
            self._drop_child()
            self._finish(self._running, error=JobCancelled())
        child, self._child = self._child, None
        if child is not None:
            child.stop()
        while not self._inbox.empty():
            event = self._inbox.get()
            if isinstance(event, _Submitted):
                self._waiting.append(event)
        for submitted in self._waiting:
            submitted.job._finish(error=JobCancelled())
        self._waiting.clear()


def _allocate(running: _Running, message: dict[str, Any]) -> dict[str, Any]:
    """Make the room a child asks for; return the answer for it."""
    shape, dtype = messages.parse_allocate(message)
    try:
        segment = running.allocator.allocate(shape, dtype)
    except ReadError as error:
        return {"error": error_to_plain(error)}
    return {"path": segment.path, "size": len(segment)}
