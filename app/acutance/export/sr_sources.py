"""The images behind a verdict: their headers, and which of them shows which slice."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pydicom

from acutance.core.affine import axis_plane
from acutance.errors import ExportError
from acutance.export._dicom import FOREIGN_ERRORS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray
    from pydicom.dataset import Dataset

    from acutance.core.structured_report import SrRequest

#: How far, in slices, an image may lie from the slice that it is taken for.
_TOLERANCE = 0.25
_LPS_TO_RAS = np.array([-1.0, -1.0, 1.0])
#: What the standard wants present, if empty, in every object of a study (type 2).
_REQUIRED = (
    "PatientID", "PatientName", "PatientBirthDate", "PatientSex", "AccessionNumber", "StudyID",
    "StudyDate", "StudyTime", "ReferringPhysicianName",
)  # fmt: skip
_SAME = ("StudyInstanceUID", "PatientID")
_UIDS = ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID", "SOPClassUID")


@dataclass(frozen=True)
class SliceImage:
    """The image, or the frame of an image, that shows a slice.

    Parameters
    ----------
    header : Dataset
    frame : int or None
        From 1; None where the file is one image.
    """

    header: Dataset
    frame: int | None


def read_headers(request: SrRequest) -> list[Dataset]:
    """Return the headers of the images that were used, without their pixels.

    Raises
    ------
    ExportError
        If one cannot be read, lacks an identifier, or belongs to another study or patient.
    """
    unused = set(request.unused)
    headers: dict[str, Dataset] = {}
    for path in request.item.files:
        if path in unused:
            continue
        try:
            header = pydicom.dcmread(path, stop_before_pixels=True, force=True)
            missing = [name for name in _UIDS if not header.get(name)]
            for name in _REQUIRED:
                if name not in header:
                    setattr(header, name, "")
            uid = str(header.get("SOPInstanceUID", ""))
        except FOREIGN_ERRORS as error:
            raise ExportError(
                "An image of the series cannot be read again.", path=request.item.path
            ) from error
        if missing:
            raise ExportError(
                f"An image of the series lacks its {missing[0]}, so nothing can refer to it.",
                remedy="A structured report needs the files as the scanner or archive sent them.",
                path=request.item.path,
            )
        headers.setdefault(uid, header)
    found = list(headers.values())
    for name in _SAME:
        if len({str(header.get(name)) for header in found}) > 1:
            raise ExportError(
                f"The images of the series differ in {name}; a report belongs to one study.",
                remedy="Export them study by study.",
                path=request.item.path,
            )
    return found


def slice_images(headers: list[Dataset], request: SrRequest) -> dict[tuple[str, int], SliceImage]:
    """Return which image shows which slice, by plane and index; empty where that is not sure.

    A slice that lies across the acquired images, or that several images show (echoes, phases,
    tiles of a mosaic), belongs to none of them.
    """
    inverse = np.linalg.inv(np.asarray(request.affine, dtype=np.float64))
    places: dict[tuple[str, int], list[SliceImage]] = defaultdict(list)
    for header in headers:
        for frame, position, orientation in _frames(header):
            place = _place(header, position, orientation, inverse, request)
            if place is not None:
                places[place].append(SliceImage(header, frame))
    if any(len(images) > 1 for images in places.values()):
        return {}
    return {place: images[0] for place, images in places.items()}


def _frames(header: Dataset) -> Iterator[tuple[int | None, Any, Any]]:
    """Yield number, position and orientation of each image in a file, as far as it states them."""
    groups = header.get("PerFrameFunctionalGroupsSequence")
    if not groups:
        if int(header.get("NumberOfFrames") or 1) == 1:
            yield None, header.get("ImagePositionPatient"), header.get("ImageOrientationPatient")
        return
    shared = header.get("SharedFunctionalGroupsSequence") or [pydicom.Dataset()]
    for number, group in enumerate(groups, start=1):
        yield (
            number,
            _macro(group, shared[0], "PlanePositionSequence", "ImagePositionPatient"),
            _macro(group, shared[0], "PlaneOrientationSequence", "ImageOrientationPatient"),
        )


def _macro(own: Dataset, shared: Dataset, sequence: str, name: str) -> Any:
    items = own.get(sequence) or shared.get(sequence)
    return items[0].get(name) if items else None


def _place(
    header: Dataset,
    position: Any,
    orientation: Any,
    inverse: NDArray[np.float64],
    request: SrRequest,
) -> tuple[str, int] | None:
    """Return plane and index of an image, None where it is no slice of the volume.

    References
    ----------
    .. [1] DICOM PS3.3, C.7.6.2.1.1 (image position and orientation, patient).
    """
    if position is None or orientation is None or len(position) != 3 or len(orientation) != 6:
        return None
    cosines = np.asarray([float(v) for v in orientation])
    point = np.asarray([float(v) for v in position]) * _LPS_TO_RAS
    steps = inverse[:3, :3] @ (np.cross(cosines[:3], cosines[3:]) * _LPS_TO_RAS)
    # Of a step of one mm along the normal: the axis that moves most, held against its spacing.
    lengths = np.linalg.norm(np.linalg.inv(inverse)[:3, :3], axis=0)
    axis = int(np.argmax(np.abs(steps) * lengths))
    exact = float((inverse @ np.append(point, 1.0))[axis])
    index = round(exact)
    others = [size for n, size in enumerate(request.shape) if n != axis]
    if sorted(others) != sorted((int(header.Rows), int(header.Columns))):
        return None
    if abs(exact - index) > _TOLERANCE or not 0 <= index < request.shape[axis]:
        return None
    return axis_plane(np.asarray(request.affine), axis), index
