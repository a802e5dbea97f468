"""The child process: takes one call at a time, answers with plain data, ends with its parent.

Importing this module loads neither torch nor a reader; a child loads what its calls name.
"""

from __future__ import annotations

import contextlib
import faulthandler
import json
import logging
import os
import queue
import signal
import sys
import threading
import time
import warnings
from importlib import import_module
from typing import TYPE_CHECKING, Any

from acutance.errors import AcutanceError, EngineError, ReadError, error_from_plain, error_to_plain
from acutance.jobs import messages, scratch, shared, tasks
from acutance.jobs.packing import unpack

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

    import numpy as np
    from numpy.typing import NDArray

    from acutance.core.ledger import Index
    from acutance.jobs.shared import ArrayReference, Segment
    from acutance.jobs.tasks import Call

#: At most 20 progress messages a second.
_PROGRESS_INTERVAL = 0.05
#: How often paused work looks whether it was cancelled.
_PAUSE_LOOK_SECONDS = 0.1
#: Address space beyond the budget: libraries loaded later, stacks, buffers of codecs.
_HEADROOM_BYTES = 1 << 30


def main(connection: Connection, device: str, is_limited: bool) -> None:
    """Serve until the parent says stop or goes.

    Parameters
    ----------
    connection : Connection
        To the parent, both ways.
    device : str
        Where engines compute; "" in a reader.
    is_limited : bool
        Whether calls are held to their memory budget.
    """
    _settle()
    _Worker(connection, device, is_limited).serve()


def _settle() -> None:
    """Keep to ourselves: Ctrl-C is the parent's, and so are its output and error streams."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # A codec that prints must not mix with what the command line writes: a rejection is one
    # message on standard error, and the parent writes it. ACUTANCE_DEBUG keeps the noise.
    streams = (1,) if os.environ.get("ACUTANCE_DEBUG") else (1, 2)
    with contextlib.suppress(OSError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        for stream in streams:
            os.dup2(nowhere, stream)
        os.close(nowhere)
    sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 - for as long as we live
    with contextlib.suppress(OSError, ValueError, AttributeError):
        faulthandler.enable()
    # What libraries warn of may name patients; what the user must know is in the ledger.
    warnings.simplefilter("ignore")
    logging.getLogger().addHandler(logging.NullHandler())


class _Worker:
    """One child, on its main thread; a second thread listens to the parent."""

    def __init__(self, connection: Connection, device: str, is_limited: bool) -> None:
        self._connection = connection
        self._is_limited = is_limited
        self._engines = tasks.Engines(device)
        self._sending = threading.Lock()
        self._calls: queue.SimpleQueue[tuple[bytes, bytes]] = queue.SimpleQueue()
        self._replies: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        self._cancelled: set[int] = set()
        self._may_work = threading.Event()
        self._may_work.set()

    def serve(self) -> None:
        """Do what comes, in order."""
        threading.Thread(target=self._listen, name="listen", daemon=True).start()
        self.send({"kind": "ready"})
        while True:
            kind, body = self._calls.get()
            if kind == messages.WARM:
                self._warm(json.loads(body))
            else:
                header, _, packed = body.partition(b"\n")
                job = json.loads(header)
                self._answer(int(job["job"]), int(job["budget"]), packed)

    def send(self, message: dict[str, Any]) -> None:
        """Send a message; a parent that is gone ends this process.

        Raises
        ------
        ValueError
            If it cannot be sent; see `messages.encode`.
        """
        data = messages.encode(message)
        try:
            with self._sending:
                self._connection.send_bytes(data)
        except OSError:
            os._exit(0)

    def ask(self, message: dict[str, Any]) -> dict[str, Any]:
        """Send a message and wait for the reply."""
        self.send(message)
        return self._replies.get()

    def _listen(self) -> None:
        """Sort what the parent sends, also while the main thread works."""
        try:
            while True:
                data = self._connection.recv_bytes()
                kind, body = data[:1], data[1:]
                if kind == messages.CANCEL:
                    self._cancelled.add(int(body))
                elif kind == messages.PAUSE:
                    self._may_work.clear()
                elif kind == messages.RESUME:
                    self._may_work.set()
                elif kind == messages.REPLY:
                    self._replies.put(json.loads(body))
                elif kind == messages.STOP:
                    os._exit(0)
                else:
                    self._calls.put((kind, body))
        except (EOFError, OSError):
            # The parent is gone. Its files are ours to remove once the system has let go of them.
            for _ in range(10):
                if not scratch.sweep() + shared.sweep(minimum_age_seconds=0.0):
                    break
                time.sleep(0.05)
        finally:
            os._exit(0)

    def _warm(self, modules: list[str]) -> None:
        """Import ahead of need; what fails here fails again, and is told, when it is needed."""
        for name in modules:
            with contextlib.suppress(Exception):
                import_module(name)

    def _answer(self, job: int, budget: int, packed: bytes) -> None:
        call: Call | None = None
        self.send({"kind": "begun", "job": job})
        try:
            call = unpack(packed)
            if self._is_limited:
                _limit_address_space(budget)
            plain = tasks.perform(
                call,
                self._engines,
                _RemoteAllocation(self, job),
                _Reporter(self, job),
                tasks.Token(lambda: self._is_unwanted(job)),
            )
        except Exception as fault:  # the job boundary
            error = self._explain(fault, call)
            answer = {"kind": "failed", "job": job, "error": error_to_plain(error)}
        else:
            answer = {"kind": "done", "job": job, "result": plain}
        try:
            self.send(answer)
        except ValueError as fault:
            text = f"The answer cannot be handed over: {fault}."
            error = ReadError(text) if self._is_limited else EngineError(text)
            self.send({"kind": "failed", "job": job, "error": error_to_plain(error)})
        self._cancelled.discard(job)

    def _is_unwanted(self, job: int) -> bool:
        """Whether a job was cancelled; while work is paused this waits, and only for that."""
        while not self._may_work.wait(_PAUSE_LOOK_SECONDS):
            if job in self._cancelled:
                break
        return job in self._cancelled

    def _explain(self, fault: Exception, call: Call | None) -> AcutanceError:
        if call is None:
            call = tasks.Call(tasks.READ if self._is_limited else tasks.ENGINE, "", None)
        return tasks.explain(fault, call)


class _Reporter:
    """Tells the parent how far a job is, not oftener than anyone can look."""

    def __init__(self, worker: _Worker, job: int) -> None:
        self._worker = worker
        self._job = job
        self._next = 0.0

    def report(self, fraction: float, message: str) -> None:
        """Take progress; dropped when the last was told just now."""
        now = time.monotonic()
        if now < self._next and fraction < 1.0:
            return
        self._next = now + _PROGRESS_INTERVAL
        text = str(message)[: messages.MAX_PROGRESS_CHARACTERS]
        self._worker.send(
            {"kind": "progress", "job": self._job, "fraction": float(fraction), "message": text}
        )

    def found(self, index: Index) -> None:
        """Tell what was found so far; the answer at the end does not depend on it."""
        with contextlib.suppress(ValueError):  # longer than a message may be
            self._worker.send({"kind": "found", "job": self._job, "index": index.to_plain()})


class _RemoteAllocation:
    """Arrays in segments that the parent makes on request."""

    def __init__(self, worker: _Worker, job: int) -> None:
        self._worker = worker
        self._job = job
        self._segments: list[Segment] = []

    def array(self, shape: tuple[int, ...], dtype: np.dtype[Any]) -> NDArray[Any]:
        """Return an array of zeros.

        Raises
        ------
        ReadError
            If the parent refuses.
        """
        reply = self._worker.ask(
            {"kind": "allocate", "job": self._job, "shape": list(shape), "dtype": dtype.str}
        )
        if "error" in reply:
            raise error_from_plain(reply["error"])
        try:
            segment = shared.attach(reply["path"], reply["size"], is_private=False)
        except OSError as error:
            raise MemoryError("the segment cannot be mapped") from error
        self._segments.append(segment)
        return segment.array(shape, dtype)

    def locate(self, array: NDArray[Any]) -> ArrayReference:
        """Return where an array lies in the segments given; one that does not is copied."""
        for segment in self._segments:
            if (reference := segment.reference(array)) is not None:
                return reference
        copy = self.array(array.shape, array.dtype)
        copy[...] = array
        return self.locate(copy)


def _limit_address_space(budget: int) -> None:
    """Hold this process to a budget on top of what it has mapped now; on Linux only."""
    if sys.platform == "linux":
        import resource

        with open("/proc/self/statm", encoding="ascii") as file:
            mapped = int(file.read().split()[0]) * resource.getpagesize()
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        limit = mapped + budget + _HEADROOM_BYTES
        if hard != resource.RLIM_INFINITY:
            limit = min(limit, hard)
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_AS, (limit, hard))
