"""Who does the work: pairs of child processes on this machine."""

from __future__ import annotations

import queue
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Protocol

from acutance.batch.work import Outcome, Work, perform
from acutance.errors import JobCancelled
from acutance.jobs.runner import Runner

if TYPE_CHECKING:
    from collections.abc import Callable

    from acutance.batch.tasks import Awaited

#: Series at work for each worker: while one is scored the next one is read.
AHEAD = 2


class Pool(Protocol):
    """Takes work and gives outcomes."""

    @property
    def runner(self) -> Runner:
        """A runner on this machine, to look for series with."""

    @property
    def capacity(self) -> int:
        """How many series are worth handing over at a time."""

    def submit(self, work: Work) -> Future[Outcome]:
        """Begin; the outcome never is an exception unless the pool itself broke."""

    def cancel(self) -> None:
        """End what is at work; its outcomes are "cancelled"."""

    def close(self) -> None:
        """Cancel everything and end every child."""


class LocalPool:
    """Pairs of child processes, one that reads and one that computes.

    Parameters
    ----------
    workers : int
    device : str
    make_runner : callable
        Makes a runner for a device.
    """

    def __init__(
        self, workers: int, device: str, *, make_runner: Callable[..., Runner] = Runner
    ) -> None:
        self._runners = [make_runner(device=device) for _ in range(workers)]
        self._free: queue.SimpleQueue[Runner] = queue.SimpleQueue()
        for _ in range(AHEAD):
            for runner in self._runners:
                self._free.put(runner)
        self._threads = ThreadPoolExecutor(self.capacity, thread_name_prefix="batch")
        self._door = threading.Lock()
        self._jobs: set[Awaited] = set()
        self._is_cancelled = False

    @property
    def runner(self) -> Runner:
        """The first runner."""
        return self._runners[0]

    @property
    def capacity(self) -> int:
        """Two series for each worker."""
        return AHEAD * len(self._runners)

    def submit(self, work: Work) -> Future[Outcome]:
        """Begin on a thread of the pool."""
        return self._threads.submit(self._perform, work)

    def cancel(self) -> None:
        """Cancel every job, and those that would follow."""
        with self._door:
            self._is_cancelled = True
            jobs = tuple(self._jobs)
        for job in jobs:
            job.cancel()

    def close(self) -> None:
        """Cancel and end the children."""
        self.cancel()
        self._threads.shutdown(cancel_futures=True)
        for runner in self._runners:
            runner.close()

    def _perform(self, work: Work) -> Outcome:
        runner = self._free.get()
        try:
            return perform(work, runner, self._wait)
        finally:
            self._free.put(runner)

    def _wait(self, job: Awaited) -> Any:
        with self._door:
            is_unwanted = self._is_cancelled
            self._jobs.add(job)
        try:
            if is_unwanted:
                job.cancel()
                raise JobCancelled
            return job.value()
        finally:
            with self._door:
                self._jobs.discard(job)


class SynchronousPool:
    """Does the work at once, in this process, for tests.

    Parameters
    ----------
    runner : Runner
        A synchronous one, or one whose children are shared; closed with the pool.
    """

    capacity = 1

    def __init__(self, runner: Runner) -> None:
        self.runner = runner
        self._is_cancelled = False

    def submit(self, work: Work) -> Future[Outcome]:
        """Do the work; the future is done when it is returned."""
        future: Future[Outcome] = Future()
        outcome = Outcome() if self._is_cancelled else perform(work, self.runner)
        future.set_result(outcome)
        return future

    def cancel(self) -> None:
        """Do no further work."""
        self._is_cancelled = True

    def close(self) -> None:
        """Close the runner."""
        self.cancel()
        self.runner.close()
