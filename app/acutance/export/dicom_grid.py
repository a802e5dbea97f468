"""Which voxels of a volume lie under the pixels of a DICOM image.

It is taken from where the image says it lies in the patient, not from any order of files or axes,
so that nothing can end up mirrored or on another slice.

References
----------
.. [1] DICOM PS3.3, C.7.6.2 "Image Plane Module".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from pydicom import dcmread

from acutance.core.affine import Affine, flip_lps_ras
from acutance.errors import ExportError
from acutance.export._dicom import FOREIGN_ERRORS

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray
    from pydicom.dataset import Dataset

#: An image whose pixels lie farther than this from the voxels is another's, in voxels.
GRID_TOLERANCE = 0.02
_REMEDY = "Export it as NIfTI."


@dataclass(frozen=True)
class PlacedFrame:
    """Where one image lies: from (column, row) to world mm, RAS+.

    Parameters
    ----------
    rows, columns : int
    affine : ndarray, shape (4, 4)
    """

    rows: int
    columns: int
    affine: Affine


def read_header(file: Path, what: str, remedy: str = _REMEDY) -> Dataset:
    """Return the header of an image, without its pixels.

    Parameters
    ----------
    file : Path
    what : str
        What is to be made of it, as a sentence begins: "A DICOM SEG".
    remedy : str

    Raises
    ------
    ExportError
        If it is no DICOM file.
    """
    try:
        return dcmread(file, stop_before_pixels=True)
    except FOREIGN_ERRORS as error:
        raise ExportError(
            f"{what} needs DICOM images to refer to; this file is none.",
            remedy=remedy,
            path=file,
        ) from error


def placed_frames(source: Dataset, remedy: str = _REMEDY) -> list[PlacedFrame]:
    """Return where the image, or each frame of it, lies.

    Raises
    ------
    ExportError
        If it does not say so.
    """
    try:
        size = int(source.Rows), int(source.Columns)
        if "PerFrameFunctionalGroupsSequence" not in source:
            if int(source.get("NumberOfFrames", 1) or 1) != 1:
                raise ExportError(
                    "The frames of this file do not say where they lie.", remedy=remedy
                )
            return [PlacedFrame(*size, _placed(source, source, source))]
        shared = source.SharedFunctionalGroupsSequence[0]
        return [
            PlacedFrame(
                *size,
                _placed(
                    functional_group(group, shared, "PlanePositionSequence"),
                    functional_group(group, shared, "PlaneOrientationSequence"),
                    functional_group(group, shared, "PixelMeasuresSequence"),
                ),
            )
            for group in source.PerFrameFunctionalGroupsSequence
        ]
    except FOREIGN_ERRORS as error:
        raise ExportError(
            "The images do not say where they lie in the patient.", remedy=remedy
        ) from error


def functional_group(own: Dataset, shared: Dataset, name: str) -> Dataset:
    """Return the item of a functional group of a frame, else the one all frames share."""
    group: Dataset = (own if name in own else shared)[name].value[0]
    return group


def voxels_under(
    frame: PlacedFrame, affine: Affine, shape: tuple[int, ...], what: str, remedy: str = _REMEDY
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Return the voxel index under each pixel of an image: three arrays of (rows, columns).

    Parameters
    ----------
    frame : PlacedFrame
    affine : ndarray, shape (4, 4)
        Of the volume: voxel index to world mm, RAS+.
    shape : tuple of int
        Of the volume, its first three axes.
    what : str
        What messages call the volume.
    remedy : str

    Raises
    ------
    ExportError
        If the pixels are not voxels of the volume.
    """
    to_voxel = np.linalg.inv(affine) @ frame.affine
    exact = to_voxel[:3, [0, 1, 3]]
    steps = np.rint(exact)
    ends = np.array([[0, 0, 1], [frame.columns - 1, frame.rows - 1, 1]], np.float64).T
    if np.abs((exact - steps) @ ends).max() > GRID_TOLERANCE:
        raise ExportError(f"The images do not lie on the grid of the {what}.", remedy=remedy)
    columns, rows = np.meshgrid(np.arange(frame.columns), np.arange(frame.rows))
    index = steps.astype(np.int64) @ np.stack(
        [columns.reshape(-1), rows.reshape(-1), np.ones(columns.size, np.int64)]
    )
    if (index < 0).any() or (index >= np.array(shape[:3])[:, None]).any():
        raise ExportError(f"The images reach beyond the {what}.", remedy=remedy)
    i, j, k = (part.reshape(frame.rows, frame.columns) for part in index)
    return i, j, k


def _placed(position: Dataset, orientation: Dataset, measures: Dataset) -> Affine:
    """Return the affine from (column, row, 0) to world mm, RAS+ (PS3.3 C.7.6.2.1.1)."""
    affine = np.eye(4)
    along_row = np.asarray(orientation.ImageOrientationPatient[:3], np.float64)
    along_column = np.asarray(orientation.ImageOrientationPatient[3:], np.float64)
    affine[:3, 0] = along_row * float(measures.PixelSpacing[1])
    affine[:3, 1] = along_column * float(measures.PixelSpacing[0])
    affine[:3, 2] = np.cross(along_row, along_column)
    affine[:3, 3] = np.asarray(position.ImagePositionPatient, np.float64)
    if not np.isfinite(affine).all():
        raise ValueError("a position is no number")
    return flip_lps_ras(affine)
