"""What is done with one series: the same steps for every front end, here or on another machine."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from acutance.batch.tasks import BY_ID, TaskOptions, TaskRun, only_for_videos, only_for_volumes
from acutance.core.backends import AUTO
from acutance.core.ledger import LoadedVideo, SeriesItem
from acutance.core.scoring import ScoringPolicy
from acutance.errors import (
    AcutanceError,
    DeviceMemoryError,
    EngineError,
    ExportError,
    JobCancelled,
    ReadError,
    UnsupportedInputError,
    error_to_plain,
)
from acutance.export.record import series_record

if TYPE_CHECKING:
    from collections.abc import Callable

    from acutance.batch.tasks import Awaited
    from acutance.core.ledger import Loaded
    from acutance.core.quality import QualityResult
    from acutance.jobs.runner import Runner

#: Faults of the machine or the network rather than of the file: worth a second try in calm.
_MAY_PASS = (ReadError, EngineError, DeviceMemoryError)


@dataclass(frozen=True)
class Work:
    """One series and what is to be done with it.

    Parameters
    ----------
    item : SeriesItem
    tasks : tuple of str
        Ids of `tasks.TASKS`.
    plane : str
    policy : ScoringPolicy
    options : TaskOptions
    folder : str
        Where tasks write files; empty for nowhere.
    name : str
        What the names of these files begin with.
    """

    item: SeriesItem
    tasks: tuple[str, ...]
    plane: str = "auto"
    policy: ScoringPolicy = field(default_factory=ScoringPolicy)
    options: TaskOptions = field(default_factory=TaskOptions)
    folder: str = ""
    name: str = ""


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
    is_unwritten : bool
        Whether the fault is that of the output folder and not of the series.
    """

    record: dict[str, Any] | None = None
    error: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0
    may_pass: bool = False
    is_unwritten: bool = False

    @property
    def is_cancelled(self) -> bool:
        """Whether there is no outcome, because nobody waits for it any more."""
        return self.record is None and not self.error


def _value(job: Awaited) -> Any:
    return job.value()


def work_on(
    work: Work, runner: Runner, wait: Callable[[Awaited], Any] = _value
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
    if isinstance(loaded, LoadedVideo) and only_for_volumes(work.tasks):
        what = "The metrics are" if work.tasks == ("iqm",) else "These tasks are"
        raise UnsupportedInputError(f"{what} for volumes; this is a video.")
    if not isinstance(loaded, LoadedVideo) and only_for_videos(work.tasks):
        raise UnsupportedInputError("Only videos are enlarged; this is a volume.")
    result: QualityResult | None = None
    if "score" in work.tasks:
        content = loaded.video if isinstance(loaded, LoadedVideo) else loaded.volume
        request = work.policy.request(content, plane=work.plane)
        result = wait(runner.submit("quality", request, title=item.title))
    folder = Path(work.folder) if work.folder else None
    run = TaskRun(loaded, runner, wait, work.options, work.plane, folder, work.name)
    added: dict[str, Any] = {}
    for task in work.tasks:
        if (do := BY_ID[task].run) is not None:
            added |= do(run)
    record = series_record(loaded, result, seconds=time.monotonic() - started)
    return loaded, result, record | added


def _refuse_a_mixture(work: Work, result: QualityResult | None) -> None:
    """Raise where another backend scored than was named: one table holds the scores of one."""
    named = work.policy.named_backend
    used = named if result is None else str(result.parameters.get("backend", named))
    if named not in (AUTO, used):
        note = result.parameters.get("backend_note", "") if result is not None else ""
        raise EngineError(
            f"The scores would be those of {used}: {note}.",
            remedy=f"Run the batch with --backend {used}, into another folder.",
        )


def perform(work: Work, runner: Runner, wait: Callable[[Awaited], Any] = _value) -> Outcome:
    """Do the work; whatever goes wrong with this series is its outcome and no exception."""
    started = time.monotonic()
    try:
        _, result, record = work_on(work, runner, wait)
        _refuse_a_mixture(work, result)
    except JobCancelled:
        return Outcome()
    except AcutanceError as error:
        plain = error_to_plain(error)
        # Where it lies is told by the ledger alone.
        plain["path"] = ""
        is_unwritten = isinstance(error, ExportError)
        may_pass = type(error) in _MAY_PASS or is_unwritten
        return Outcome(None, plain, time.monotonic() - started, may_pass, is_unwritten)
    return Outcome(record, {}, time.monotonic() - started)
