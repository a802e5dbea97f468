"""What every engine looks like from outside; no torch here."""

from __future__ import annotations

from typing import Any, Protocol


class Progress(Protocol):
    """Hears how far a job is."""

    def report(self, fraction: float, message: str) -> None:
        """Take a fraction in [0, 1] and one short line; cheap, may be called often."""


class CancelToken(Protocol):
    """Tells a job that the user no longer wants it."""

    @property
    def is_cancelled(self) -> bool:
        """Whether cancel was asked for."""

    def raise_if_cancelled(self) -> None:
        """Raise `acutance.errors.JobCancelled` when cancel was asked for."""


class Result(Protocol):
    """An answer that crosses the process boundary as plain values.

    One whose class sets `carries_array = True` has an `array` too, which crosses in shared memory;
    its `from_plain` takes the array, read-only, as second argument.
    """

    def to_plain(self) -> dict[str, Any]:
        """Return JSON-ready values."""


class Engine(Protocol):
    """One task. Made once per child process; keeps its network loaded between jobs."""

    def __init__(self, device: str) -> None:
        """Prepare for a device: "auto", "cpu" or "cuda:N"."""

    def run(self, request: Any, progress: Progress, token: CancelToken) -> Result:
        """Do the work; raise an `EngineError` or `JobCancelled`, never return half an answer."""
