"""What exports of a segmentation are asked and what they answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from acutance.core.affine import Affine
    from acutance.core.label_edit import HandEdits
    from acutance.core.label_map import Label
    from acutance.core.ledger import LoadedSeries
    from acutance.core.quality import ModelFacts
    from acutance.core.segmentation import SegmentationResult

#: Kinds of files a segmentation is exported as.
NIFTI, SEG, CSV, JSON = "nifti", "seg", "csv", "json"
KINDS = (NIFTI, SEG, CSV, JSON)


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
    edits : HandEdits or None
        How far a person changed the labels; the object says so.
    """

    files: tuple[Path, ...]
    labels: NDArray[np.uint8]
    affine: Affine
    table: tuple[Label, ...]
    model: ModelFacts
    path: Path
    edits: HandEdits | None = None


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


@dataclass(frozen=True, eq=False)
class RegionsExport:
    """Ask for a segmentation as files.

    Parameters
    ----------
    loaded : LoadedSeries
        What was segmented.
    result : SegmentationResult
        As the network gave it.
    folder : Path
        Where the files go; made where it is missing.
    kinds : tuple of str
        Of `KINDS`.
    labels : ndarray, shape (I, J, K), uint8, or None
        The labels with the user's edits, where there are some.
    edits : HandEdits or None
        What these are; present exactly when `labels` is.

    Raises
    ------
    ValueError
        If a kind is unknown, or labels and edits do not come together.
    """

    loaded: LoadedSeries
    result: SegmentationResult
    folder: Path
    kinds: tuple[str, ...] = KINDS
    labels: NDArray[np.uint8] | None = None
    edits: HandEdits | None = None

    def __post_init__(self) -> None:
        """Check kinds and edits."""
        unknown = [kind for kind in self.kinds if kind not in KINDS]
        if unknown or not self.kinds:
            raise ValueError(f"kinds are of {KINDS}, not {self.kinds}")
        if (self.labels is None) != (self.edits is None):
            raise ValueError("edited labels and what was edited come together")


@dataclass(frozen=True)
class RegionsWritten:
    """What was written, and what could not be.

    Parameters
    ----------
    folder : str
    files : tuple of str
        Names in the folder.
    faults : tuple of str
        Why a kind was not written, with what to do; the other kinds were.
    """

    folder: str
    files: tuple[str, ...]
    faults: tuple[str, ...] = ()

    def to_plain(self) -> dict[str, Any]:
        """Return it as JSON-ready values."""
        return {"folder": self.folder, "files": list(self.files), "faults": list(self.faults)}

    @classmethod
    def from_plain(cls, plain: dict[str, Any]) -> RegionsWritten:
        """Rebuild it."""
        return cls(
            str(plain["folder"]),
            tuple(map(str, plain["files"])),
            tuple(map(str, plain["faults"])),
        )
