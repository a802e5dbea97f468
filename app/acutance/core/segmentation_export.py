"""What an export of a segmentation as DICOM SEG is asked and what it answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from acutance.core.affine import Affine
    from acutance.core.label_map import Label
    from acutance.core.quality import ModelFacts


@dataclass(frozen=True, eq=False)
class SegExport:
    """Ask for a DICOM SEG.

    Parameters
    ----------
    files : tuple of Path
        The images that were segmented.
    labels : ndarray, shape (I, J, K), uint8
    affine : ndarray, shape (4, 4)
        Voxel index to world mm, RAS+.
    table : tuple of Label
    model : ModelFacts
    path : Path
        Of the file to write.
    """

    files: tuple[Path, ...]
    labels: NDArray[np.uint8]
    affine: Affine
    table: tuple[Label, ...]
    model: ModelFacts
    path: Path


@dataclass(frozen=True)
class SegWritten:
    """What was written.

    Parameters
    ----------
    path : str
    frames : int
        Frames of the object; empty ones are left out.
    images : int
        Images of the series.
    """

    path: str
    frames: int
    images: int

    def to_plain(self) -> dict[str, Any]:
        """Return it as JSON-ready values."""
        return {"path": self.path, "frames": self.frames, "images": self.images}

    @classmethod
    def from_plain(cls, plain: dict[str, Any]) -> SegWritten:
        """Rebuild it."""
        return cls(str(plain["path"]), int(plain["frames"]), int(plain["images"]))
