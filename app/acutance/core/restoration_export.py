"""What an export of a restored series is asked and what it answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from acutance.core.ledger import LoadedSeries
    from acutance.core.restoration import RestorationResult


@dataclass(frozen=True, eq=False)
class RestoredExport:
    """Ask for a restored series as files of the kind it was read from.

    Parameters
    ----------
    loaded : LoadedSeries
        The source.
    result : RestorationResult
        Of the whole of it.
    alpha : float
        Position of the slider.
    folder : Path
    warnings : tuple of str
        What is to be said against it; stands in the record.
    """

    loaded: LoadedSeries
    result: RestorationResult
    alpha: float
    folder: Path
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class RestoredWritten:
    """The files that were written, the sidecar among them."""

    paths: tuple[str, ...]

    def to_plain(self) -> dict[str, Any]:
        """Return it as JSON-ready values."""
        return {"paths": list(self.paths)}

    @classmethod
    def from_plain(cls, plain: dict[str, Any]) -> RestoredWritten:
        """Rebuild it."""
        return cls(tuple(map(str, plain["paths"])))
