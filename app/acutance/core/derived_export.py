"""What an export of computed images as DICOM is asked and what it answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from acutance.core.affine import Affine

#: Value of Image Type that tells an image of ours; in the conformance statement.
IMAGE_TYPE_VALUE = "ENHANCED_AI"
#: Added to the number of the series, so that results stand apart in a list.
SERIES_NUMBER_OFFSET = 9000


@dataclass(frozen=True, eq=False)
class DerivedExport:
    """Ask for computed images in the form of those they were computed from.

    Parameters
    ----------
    files : tuple of Path
        The images; each is written anew with other pixels.
    array : ndarray, shape (I, J, K), float32, real-world values, or (I, J, K, 3), uint8 or uint16
        On the grid of the volume that was read from the files.
    affine : ndarray, shape (4, 4)
        Voxel index to world mm, RAS+.
    output : Path
        A file where there is one image and the name ends in ".dcm", else a folder.
    mark : str
        Word that is burned into the pixels of every image.
    prefix : str
        What the series description begins with.
    derivation : str
        How they were made: method, model, parameters; at most 1024 characters are kept.
    code : (str, str)
        Value and meaning of the private derivation code.
    is_synthetic : bool
        Whether an image may hold content that was made, not acquired.
    """

    files: tuple[Path, ...]
    array: NDArray[np.generic]
    affine: Affine
    output: Path
    mark: str
    prefix: str
    derivation: str
    code: tuple[str, str]
    is_synthetic: bool = False


@dataclass(frozen=True)
class DerivedWritten:
    """What was written, read again and checked.

    Parameters
    ----------
    paths : tuple of str
    frames : int
        Images, those inside files of many counted singly.
    series_uid : str
    """

    paths: tuple[str, ...]
    frames: int
    series_uid: str

    def to_plain(self) -> dict[str, Any]:
        """Return it as JSON-ready values."""
        return {"paths": list(self.paths), "frames": self.frames, "series_uid": self.series_uid}

    @classmethod
    def from_plain(cls, plain: dict[str, Any]) -> DerivedWritten:
        """Rebuild it."""
        return cls(tuple(map(str, plain["paths"])), int(plain["frames"]), str(plain["series_uid"]))
