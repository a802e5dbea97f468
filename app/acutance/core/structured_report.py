"""What the export of a verdict as DICOM SR is asked and what it answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from acutance.core.ledger import SeriesItem
    from acutance.core.quality import QualityResult

#: Worst slices that a structured report refers to.
SR_SLICES = 8


@dataclass(frozen=True)
class SrRequest:
    """Ask for the verdict on a series as a DICOM structured report.

    Parameters
    ----------
    item : SeriesItem
        The series that was scored.
    unused : tuple of str
        Files of it that were set aside.
    affine : tuple of 4 tuples of 4 float
        Voxel index to world mm, RAS+.
    shape : tuple of int
        Voxels along i, j, k.
    result : QualityResult
    created_utc : str
        When it was scored, ISO 8601.
    output : Path
        The file to write.
    """

    item: SeriesItem
    unused: tuple[str, ...]
    affine: tuple[tuple[float, ...], ...]
    shape: tuple[int, int, int]
    result: QualityResult
    created_utc: str
    output: Path


@dataclass(frozen=True)
class SrResult:
    """A structured report that was written, read again and checked.

    Parameters
    ----------
    path : str
    images : int
        Images of the series that it refers to.
    slices : int
        Worst slices that it refers to, each by its image.
    """

    path: str
    images: int
    slices: int

    def to_plain(self) -> dict[str, Any]:
        """Return the result as JSON-ready values."""
        return {"path": self.path, "images": self.images, "slices": self.slices}

    @classmethod
    def from_plain(cls, plain: dict[str, Any]) -> SrResult:
        """Rebuild a result."""
        return cls(str(plain["path"]), int(plain["images"]), int(plain["slices"]))
