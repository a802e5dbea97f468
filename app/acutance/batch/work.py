"""What is done with one series: the same steps for every front end, here or on another machine."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from acutance.core.iqm import IqmRequest, IqmResult
from acutance.core.ledger import LoadedVideo, SeriesItem
from acutance.core.scoring import ScoringPolicy
from acutance.errors import (
    AcutanceError,
    DeviceMemoryError,
    EngineError,
    JobCancelled,
    ReadError,
    UnsupportedInputError,
    error_to_plain,
)
from acutance.export.record import iqm_record, series_record

if TYPE_CHECKING:
    from collections.abc import Callable

    from acutance.core.ledger import Loaded
    from acutance.core.quality import QualityResult
    from acutance.jobs.job import Job
    from acutance.jobs.runner import Runner

T = TypeVar("T")
_IQM_FIELDS = ("iqms", "reasons", "definitions", "reference")
#: Faults of the machine or the network rather than of the file: worth a second try in calm.
_MAY_PASS = (ReadError, EngineError, DeviceMemoryError)


@dataclass(frozen=True)
class Work:
    """One series and what is to be done with it."""

    item: SeriesItem
    tasks: tuple[str, ...]
    plane: str = "auto"
    policy: ScoringPolicy = field(default_factory=ScoringPolicy)


@dataclass(frozen=True)
class Outcome:
    """What came of it: an object, an error, or neither where it was cancelled.

    Parameters
    ----------
    record : dict or None
        The JSON object of the series.
    error : dict of str to str
        As `error_to_plain` gives it; empty for none.
    seconds : float
    may_pass : bool
        Whether a second try may end otherwise.
    """

    record: dict[str, Any] | None = None
    error: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0
    may_pass: bool = False

    @property
    def is_cancelled(self) -> bool:
        """Whether there is no outcome, because nobody waits for it any more."""
        return self.record is None and not self.error


def _value(job: Job[T]) -> T:
    return job.value()


def work_on(
    work: Work, runner: Runner, wait: Callable[[Job[Any]], Any] = _value
) -> tuple[Loaded, QualityResult | None, dict[str, Any]]:
    """Read a series, do the tasks, and return what was loaded, the scores, and its JSON object.

    Parameters
    ----------
    work : Work
    runner : Runner
    wait : callable
        Gives the value of a job; may keep the job to cancel it.

    Raises
    ------
    AcutanceError
        If it cannot be read, or a task cannot be done.
    """
    started = time.monotonic()
    item = work.item
    loaded: Loaded = wait(runner.read(item))
    is_video = isinstance(loaded, LoadedVideo)
    if is_video and work.tasks == ("iqm",):
        raise UnsupportedInputError("The metrics are for volumes; this is a video.")
    result: QualityResult | None = None
    if "score" in work.tasks:
        content = loaded.video if isinstance(loaded, LoadedVideo) else loaded.volume
        request = work.policy.request(content, plane=work.plane)
        result = wait(runner.submit("quality", request, title=item.title))
    measured: dict[str, Any] = {}
    if "iqm" in work.tasks:
        measured = _measure(loaded, runner, wait)
    record = series_record(loaded, result, seconds=time.monotonic() - started)
    return loaded, result, record | measured


def perform(work: Work, runner: Runner, wait: Callable[[Job[Any]], Any] = _value) -> Outcome:
    """Do the work; whatever goes wrong with this series is its outcome and no exception."""
    started = time.monotonic()
    try:
        _, _, record = work_on(work, runner, wait)
    except JobCancelled:
        return Outcome()
    except AcutanceError as error:
        plain = error_to_plain(error)
        # Where it lies is told by the ledger alone.
        plain["path"] = ""
        return Outcome(None, plain, time.monotonic() - started, type(error) in _MAY_PASS)
    return Outcome(record, {}, time.monotonic() - started)


def _measure(loaded: Loaded, runner: Runner, wait: Callable[[Job[Any]], Any]) -> dict[str, Any]:
    if isinstance(loaded, LoadedVideo):
        reason = {"iqms": "The metrics are for volumes; this is a video."}
        return dict(zip(_IQM_FIELDS, ({}, reason, {}, None), strict=True))
    request = IqmRequest(loaded.volume)
    result: IqmResult = wait(runner.submit("iqm", request, title=loaded.item.title))
    record = iqm_record(loaded, result, reference=None, seconds=0.0)
    return {name: record[name] for name in _IQM_FIELDS}
