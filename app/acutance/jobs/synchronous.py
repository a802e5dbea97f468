"""The lane without a child: the same steps, here and now, for tests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from acutance.errors import JobCancelled
from acutance.jobs import messages, tasks
from acutance.jobs.allocation import Allocator

if TYPE_CHECKING:
    from acutance.core.ledger import Index
    from acutance.jobs.job import Job
    from acutance.jobs.tasks import Call


class SynchronousLane:
    """Finishes each job before `submit` returns.

    Answers cross as plain data like those of a child, so that what cannot cross fails here too.

    Parameters
    ----------
    device : str
        Where engines compute.
    budget_bytes : int or None
        What one job may allocate; see `Allocator`.
    """

    pid = None

    def __init__(self, device: str, budget_bytes: int | None) -> None:
        self._engines = tasks.Engines(device)
        self._budget_bytes = budget_bytes
        self._is_open = True

    def submit(self, job: Job[Any], call: Call) -> None:
        """Do the work; raise RuntimeError if the lane is closed."""
        if not self._is_open:
            raise RuntimeError("the runner is closed")
        if not job._start(None):
            return
        allocator = Allocator(self._budget_bytes)
        token = tasks.Token(lambda: job.is_cancel_requested)
        try:
            plain = tasks.perform(call, self._engines, allocator, _Reporter(job), token)
            crossed = messages.decode(messages.encode({"result": plain}))
            result = tasks.conclude(call, crossed["result"], allocator.resolve)
        except Exception as fault:  # the job boundary
            # Without its frames, which would hold the voxels as long as the job lives.
            job._finish(error=tasks.explain(fault, call).with_traceback(None))
        except BaseException:
            job._finish(error=JobCancelled())
            raise
        else:
            job._finish(result=result)

    def warm_up(self) -> None:
        """Do nothing: there is no child to start."""

    def set_paused(self, is_paused: bool) -> None:
        """Do nothing: no job is at work while anybody could ask."""

    def begin_close(self) -> None:
        """Take no more jobs."""
        self._is_open = False

    def close(self) -> None:
        """Take no more jobs."""
        self._is_open = False


class _Reporter:
    """Passes every report on."""

    def __init__(self, job: Job[Any]) -> None:
        self._job = job

    def report(self, fraction: float, message: str) -> None:
        """Take progress."""
        text = str(message)[: messages.MAX_PROGRESS_CHARACTERS]
        self._job._report(messages.finite(fraction), text)

    def found(self, index: Index) -> None:
        """Pass finds on, as plain values like those of a child."""
        crossed = messages.decode(messages.encode({"index": index.to_plain()}))
        self._job._show(messages.parse_found(crossed))
