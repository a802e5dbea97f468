"""Who does the work: an existing Dask cluster, whose workers see the same files."""

from __future__ import annotations

import multiprocessing
import threading
from concurrent.futures import Future
from functools import cache
from importlib import import_module
from typing import Any

from acutance.batch.pool import AHEAD, LocalPool
from acutance.batch.work import Outcome, Work, perform
from acutance.errors import ExportError, WorkerDiedError, error_to_plain
from acutance.jobs.runner import Runner

#: How long to wait for the scheduler.
CONNECT_SECONDS = 15.0
_REMEDY = "Check the address and that the scheduler runs, or leave --scheduler out."


class DaskPool:
    """Hands series to a Dask scheduler; what lies in archives is done on this machine.

    Parameters
    ----------
    address : str
        Such as "tcp://host:8786".
    device : str
        Where each worker computes.

    Raises
    ------
    ExportError
        If dask.distributed is not installed, or the scheduler does not answer or has no workers.
    """

    def __init__(self, address: str, device: str) -> None:
        self._device = device
        self._client, threads = _connect(address)
        self._capacity = AHEAD * threads
        self._local = LocalPool(1, device)
        self._door = threading.Lock()
        self._running: set[Any] = set()
        self._is_cancelled = False

    @property
    def runner(self) -> Runner:
        """The runner of this machine."""
        return self._local.runner

    @property
    def capacity(self) -> int:
        """Two series for each thread of the cluster."""
        return self._capacity

    def submit(self, work: Work) -> Future[Outcome]:
        """Send the work to the cluster."""
        if work.item.mounts:
            return self._local.submit(work)
        promise: Future[Outcome] = Future()
        with self._door:
            if self._is_cancelled:
                promise.set_result(Outcome())
                return promise
            # Not pure: a second try must not be answered with what came of the first.
            remote = self._client.submit(perform_remotely, work, self._device, pure=False)
            self._running.add(remote)
        remote.add_done_callback(lambda done: self._conclude(done, promise))
        return promise

    def cancel(self) -> None:
        """Take back what waits; what is at work ends by itself and is not heard."""
        with self._door:
            self._is_cancelled = True
            running = tuple(self._running)
        self._local.cancel()
        for remote in running:
            remote.cancel()

    def close(self) -> None:
        """Leave the cluster as it was."""
        self.cancel()
        self._local.close()
        self._client.close()

    def _conclude(self, remote: Any, promise: Future[Outcome]) -> None:
        """Take an answer; runs on a thread of the client."""
        with self._door:
            self._running.discard(remote)
        promise.set_result(_outcome_of(remote))


def perform_remotely(work: Work, device: str) -> Outcome:
    """Do the work in a worker of the cluster.

    A worker that may have children reads and computes in children of its own. Dask's workers are
    by default daemons, which may not: such a worker does one series at a time in its own process,
    and the scheduler starts it anew when it dies (see `distributed.worker.daemon`).
    """
    runner, door = _remote_runner(device)
    with door:
        return perform(work, runner)


@cache
def _remote_runner(device: str) -> tuple[Runner, Any]:
    if multiprocessing.current_process().daemon:
        return Runner(device=device, synchronous=True), threading.Lock()
    return Runner(device=device), threading.BoundedSemaphore(AHEAD)


def _outcome_of(remote: Any) -> Outcome:
    if remote.status == "finished":
        outcome = remote.result()
        assert isinstance(outcome, Outcome)
        return outcome
    if remote.status != "error":
        return Outcome()  # cancelled, or the scheduler is gone
    fault = remote.exception()
    error = WorkerDiedError(
        f"The work ended on the cluster with {type(fault).__name__}.",
        remedy="The file may be damaged; try the others without it.",
    )
    return Outcome(None, error_to_plain(error))


def _connect(address: str) -> tuple[Any, int]:
    """Return a client and the number of threads of all workers."""
    try:
        # Not named as an import: it is an extra, and without types.
        make_client: Any = import_module("distributed").Client
    except ImportError as error:
        raise ExportError(
            "A scheduler needs dask.distributed, which is not installed.",
            remedy="Install the extra: pip install 'acutance[dask]'.",
        ) from error
    try:
        client = make_client(address, timeout=CONNECT_SECONDS, set_as_default=False)
    except (OSError, TimeoutError, ValueError) as error:
        raise ExportError(f"The scheduler at {address} does not answer.", remedy=_REMEDY) from error
    threads = sum(client.nthreads().values())
    if not threads:
        client.close()
        raise ExportError(f"The scheduler at {address} has no workers.", remedy=_REMEDY)
    return client, threads
