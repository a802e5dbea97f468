"""What an export of a verdict from the window is asked and what it answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from acutance.core.ledger import LoadedSeries
    from acutance.core.quality import QualityResult
    from acutance.core.review import Review

#: Kinds of files a verdict is exported as.
REPORT_KINDS = ("html", "pdf", "png", "json")


@dataclass(frozen=True, eq=False)
class ReportExport:
    """Ask for the verdict on a series as files.

    Parameters
    ----------
    loaded : LoadedSeries
    result : QualityResult
        What was predicted.
    folder : Path
        Where the files go; made where it is missing.
    kinds : tuple of str
        Of `REPORT_KINDS`.
    review : Review or None
        What a person decided.

    Raises
    ------
    ValueError
        If a kind is unknown, or there is none.
    """

    loaded: LoadedSeries
    result: QualityResult
    folder: Path
    kinds: tuple[str, ...] = REPORT_KINDS
    review: Review | None = None

    def __post_init__(self) -> None:
        """Check the kinds."""
        if not self.kinds or any(kind not in REPORT_KINDS for kind in self.kinds):
            raise ValueError(f"kinds are of {REPORT_KINDS}, not {self.kinds}")


@dataclass(frozen=True)
class ReportWritten:
    """What was written.

    Parameters
    ----------
    folder : str
    files : tuple of str
        Names in the folder.
    """

    folder: str
    files: tuple[str, ...]

    def to_plain(self) -> dict[str, Any]:
        """Return it as JSON-ready values."""
        return {"folder": self.folder, "files": list(self.files)}

    @classmethod
    def from_plain(cls, plain: dict[str, Any]) -> ReportWritten:
        """Rebuild it."""
        return cls(str(plain["folder"]), tuple(map(str, plain["files"])))
