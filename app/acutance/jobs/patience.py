"""Whether a child that says nothing hangs, or only gets no processor on a busy machine."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field
from typing import Self

import psutil

#: A child that computed for less than this share of its time was kept from it by others.
STARVED_SHARE = 0.5
#: So many times the limit are waited for at most.
MOST_LIMITS = 20.0


@dataclass(frozen=True)
class Silence:
    """A child that says nothing, from a moment on.

    Parameters
    ----------
    pid : int or None
    cpu_seconds : float
        What it had computed by then.
    began : float
        The moment, in seconds of the monotonic clock.
    """

    pid: int | None
    cpu_seconds: float
    began: float = field(default_factory=time.monotonic)

    @classmethod
    def from_now(cls, pid: int | None) -> Self:
        """Begin to watch a child."""
        return cls(pid, _look(pid)[1])

    def is_starved(self, limit: float) -> bool:
        """Return whether the child wants to compute and others leave it hardly any time for it.

        A child that waits for a disk or a share is not starved, nor is one that computes without
        an end. On Windows the system does not tell the two apart, and none is starved.

        Parameters
        ----------
        limit : float
            Seconds after which a child that has a processor must have said something.
        """
        if os.name != "posix" or time.monotonic() - self.began > MOST_LIMITS * limit:
            return False
        is_runnable, cpu_seconds = _look(self.pid)
        return is_runnable and cpu_seconds - self.cpu_seconds < STARVED_SHARE * limit


def _look(pid: int | None) -> tuple[bool, float]:
    """Return whether a process would compute now, and for how many seconds it has."""
    try:
        process = psutil.Process(pid)
        with process.oneshot():
            times = process.cpu_times()
            return process.status() == psutil.STATUS_RUNNING, times.user + times.system
    except psutil.Error:
        return False, 0.0
