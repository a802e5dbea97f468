"""What a batch tells whoever watches it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from acutance.batch import tables

if TYPE_CHECKING:
    from acutance.batch.plan import Entry


@dataclass(frozen=True)
class BatchEvent:
    """Something that happened to a batch.

    Parameters
    ----------
    kind : str
        "planning", "note", "begun", "done", "failed", "held" (waits for a disk or a folder),
        "paused", "going on" or "finished".
    message : str
        One line; may name a file.
    entry : Entry or None
        The series it is about.
    record : dict or None
        Its object, when it is done.
    finished, total : int
        Series with an outcome, and all of them.
    seconds_left : float or None
        By what was measured so far.
    """

    kind: str
    message: str = ""
    entry: Entry | None = None
    record: dict[str, Any] | None = None
    finished: int = 0
    total: int = 0
    seconds_left: float | None = None


@dataclass(frozen=True)
class BatchOutcome:
    """What a batch came to.

    Parameters
    ----------
    totals : Totals
        Series and files by state, and verdicts.
    is_cancelled : bool
        Whether something is left because it was cancelled.
    """

    totals: tables.Totals = field(default_factory=tables.Totals)
    is_cancelled: bool = False
