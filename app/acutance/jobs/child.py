"""A child process, seen from its parent."""

from __future__ import annotations

import contextlib
import json
import multiprocessing
import signal
import sys
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import psutil

from acutance.jobs import messages, worker

if TYPE_CHECKING:
    from collections.abc import Callable

_STOP_SECONDS = 1.0
_KILL_SECONDS = 5.0
#: How far a child steps back, of 19 at most.
_NICE = 5


@dataclass(frozen=True)
class Received:
    """A child said something."""

    child: Child
    message: dict[str, Any]


@dataclass(frozen=True)
class Ended:
    """A child says nothing more: it ended, or said something that no child of ours says.

    Parameters
    ----------
    fault : str
        What it said wrong; empty where it just ended.
    """

    child: Child
    fault: str


class Child:
    """One process and the thread that listens to it.

    Parameters
    ----------
    name : str
        What a list of processes shows.
    device : str
        Where engines compute; "" in a reader.
    is_limited : bool
        Whether calls are held to their memory budget.
    tell : callable
        Takes `Received` and, once, `Ended`; called on the listening thread.

    Raises
    ------
    OSError
        If the system starts no process.
    """

    def __init__(
        self, name: str, device: str, is_limited: bool, tell: Callable[[Received | Ended], None]
    ) -> None:
        context = multiprocessing.get_context("spawn")
        self._tell = tell
        self._connection, other = context.Pipe(duplex=True)
        self._process = context.Process(
            target=worker.main, args=(other, device, is_limited), name=name, daemon=True
        )
        try:
            self._process.start()
        except BaseException:
            self._connection.close()
            raise
        finally:
            other.close()
        self.pid = self._process.pid
        self._listener = threading.Thread(target=self._listen, name=f"{name}-pipe", daemon=True)
        self._listener.start()

    @property
    def is_alive(self) -> bool:
        """Whether the process runs; not to be asked after its end was taken."""
        return self._process.is_alive()

    def lower_priority(self) -> None:
        """Let the process of the window, and all others, go first where cores are short."""
        lower = _NICE
        if sys.platform == "win32":
            lower = psutil.BELOW_NORMAL_PRIORITY_CLASS
        # A child that has ended, or a system that does not allow it: then all are alike.
        with contextlib.suppress(psutil.Error):
            psutil.Process(self.pid).nice(lower)

    def run(self, job: int, budget: int, packed: bytes) -> None:
        """Send a call."""
        header = json.dumps({"job": job, "budget": budget}).encode("ascii")
        self._send(messages.RUN + header + b"\n" + packed)

    def warm(self, modules: list[str]) -> None:
        """Ask for imports ahead of need."""
        self._send(messages.WARM + json.dumps(modules).encode("ascii"))

    def cancel(self, job: int) -> None:
        """Ask for the end of a job."""
        self._send(messages.CANCEL + str(job).encode("ascii"))

    def set_paused(self, is_paused: bool) -> None:
        """Let work rest where it next looks for a cancel, or go on."""
        self._send(messages.PAUSE if is_paused else messages.RESUME)

    def reply(self, answer: dict[str, Any]) -> None:
        """Answer a request for room."""
        self._send(messages.REPLY + json.dumps(answer).encode("ascii"))

    def stop(self) -> str:
        """End the process, which has nothing to do; return how it ended, in words."""
        self._send(messages.STOP)
        return self.kill(grace=_STOP_SECONDS)

    def kill(self, *, grace: float = 0.0) -> str:
        """End the process; return how it ended, in words.

        Parameters
        ----------
        grace : float
            Seconds it has to end by itself.
        """
        if grace > 0.0:
            self._process.join(grace)
        if self._process.is_alive():
            self._process.kill()
        self._process.join(_KILL_SECONDS)
        code = self._process.exitcode
        self._listener.join(_KILL_SECONDS)
        self._connection.close()
        # Not `Process.close`: at exit multiprocessing joins every process it still lists, and one
        # that was closed meanwhile on this thread makes it print a traceback.
        return _describe(code)

    def _send(self, data: bytes) -> None:
        # A child that is gone is told by `Ended`.
        with contextlib.suppress(OSError):
            self._connection.send_bytes(data)

    def _listen(self) -> None:
        fault = ""
        try:
            while True:
                data = self._connection.recv_bytes(messages.MAX_MESSAGE_BYTES)
                self._tell(Received(self, messages.decode(data)))
        except EOFError:
            pass
        except ValueError:
            fault = "no valid message"
        except OSError as error:
            # Without a number it is not the system's but the pipe's: longer than may be.
            fault = "a message that is too long" if error.errno is None else ""
        finally:
            self._tell(Ended(self, fault))


def _describe(code: int | None) -> str:
    if code is None:
        return "no exit code"
    if code < 0:
        try:
            return f"signal {signal.Signals(-code).name}"
        except ValueError:
            return f"signal {-code}"
    return f"exit code {code}"
