"""Computed images as DICOM: the study they came from, a new series, a mark in every image.

Each image is written in the form of its source, so that an archive and a viewer treat it alike,
and says in every place that the standard has for it that it is no acquired image.

References
----------
.. [1] DICOM PS3.3, C.7.6.1.1.2 (Image Type), C.7.6.1.1.3 (Derivation Description), C.7.6.2.1.1,
   C.7.6.16.2.9 (Pixel Value Transformation), C.12.1 (SOP Common: Contributing Equipment,
   Synthetic Data), C.8.16.1 (Image Type of enhanced images).
.. [2] DICOM PS3.16, CID 7202 (source image purposes of reference), CID 7005 (contributing
   equipment purposes of reference).
"""

from __future__ import annotations

from copy import deepcopy
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import pydicom
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sr.codedict import codes
from pydicom.sr.coding import Code
from pydicom.uid import ExplicitVRLittleEndian, generate_uid

from acutance import __version__
from acutance.core.derived_export import (
    IMAGE_TYPE_VALUE,
    SERIES_NUMBER_OFFSET,
    DerivedWritten,
)
from acutance.core.foreign import quiet
from acutance.errors import AcutanceError, ExportError
from acutance.export._dicom import FOREIGN_ERRORS
from acutance.export.atomic import replacing
from acutance.export.dicom_grid import functional_group, placed_frames, read_header, voxels_under
from acutance.export.mark import burn_in

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from acutance.core.derived_export import DerivedExport
    from acutance.export.deidentify import CancelToken, Progress

_SCHEME = "99ACUTANCE"
_REMEDY = "Export it as NIfTI or PNG."
#: What of a source is not true of what was computed from it, or no longer fits its pixels.
_DROPPED = (
    "SmallestImagePixelValue", "LargestImagePixelValue", "SmallestPixelValueInSeries",
    "LargestPixelValueInSeries", "IconImageSequence", "DigitalSignaturesSequence",
    "MACParametersSequence", "EncryptedAttributesSequence", "PixelDataProviderURL",
    "ExtendedOffsetTable", "ExtendedOffsetTableLengths", "ReferencedSOPSequence",
    "RedPaletteColorLookupTableDescriptor", "GreenPaletteColorLookupTableDescriptor",
    "BluePaletteColorLookupTableDescriptor", "RedPaletteColorLookupTableData",
    "GreenPaletteColorLookupTableData", "BluePaletteColorLookupTableData",
    "PaletteColorLookupTableUID",
)  # fmt: skip


def write_derived(request: DerivedExport, progress: Progress, token: CancelToken) -> DerivedWritten:
    """Write the images of a request, read each again and check it.

    Runs in a child process: the headers of the images are read again. Where it does not come to
    the end, what was written is removed.

    Raises
    ------
    ExportError
        If the images are no DICOM images on the grid of the array, if their pixels are stored in
        a way that computed values do not fit, or a file cannot be written or does not read back.
    JobCancelled
        If the user cancelled; looked at before each image.
    """
    is_file = request.output.suffix.lower() == ".dcm"
    if is_file and len(request.files) != 1:
        raise ExportError(
            f"The series has {len(request.files)} files, and one was named.",
            remedy="Name a folder.",
            path=request.output,
        )
    series_uid, frames, pixels = generate_uid(), 0, 0
    written: list[Path] = []
    try:
        with quiet():
            for number, file in enumerate(sorted(request.files), start=1):
                token.raise_if_cancelled()
                progress.report((number - 1) / len(request.files), "Writing images")
                path = request.output if is_file else request.output / f"image-{number:05d}.dcm"
                shape = _write_one(request, file, path, str(series_uid))
                written.append(path)
                frames, pixels = frames + shape[0], pixels + shape[0] * shape[1] * shape[2]
                if pixels > int(np.prod(request.array.shape[:3])):
                    raise ExportError(
                        "The files hold more images than the volume has slices: other volumes, "
                        "echoes or phases that were not computed.",
                        remedy=_REMEDY,
                    )
    except FOREIGN_ERRORS as error:
        _remove(written)
        raise ExportError(
            "The headers of the images do not let images be made of them "
            f"({type(error).__name__}).",
            remedy=_REMEDY,
        ) from error
    except AcutanceError:
        _remove(written)
        raise
    progress.report(1.0, "Written")
    return DerivedWritten(tuple(map(str, written)), frames, str(series_uid))


def _remove(written: list[Path]) -> None:
    for path in written:
        path.unlink(missing_ok=True)


def _write_one(
    request: DerivedExport, file: Path, path: Path, series_uid: str
) -> tuple[int, int, int]:
    """Write one file; return how many images of how many rows and columns."""
    source = read_header(file, "An export as DICOM", _REMEDY)
    planes = _planes(source, request)
    dataset = _copied(source)
    pixels = [
        _marked(_stored(plane, source, number), source, request.mark)
        for number, plane in enumerate(planes)
    ]
    _describe(dataset, source, request, series_uid)
    _fill(dataset, np.stack(pixels))
    with replacing(path, sources=request.files) as temporary:
        dataset.save_as(temporary, enforce_file_format=True)
        _check(temporary, dataset, source)
    return len(pixels), int(source.Rows), int(source.Columns)


def _planes(source: Dataset, request: DerivedExport) -> list[NDArray[Any]]:
    """Return the values under each image of a file, shape (rows, columns[, 3])."""
    shape = request.array.shape
    size = int(source.Columns), int(source.Rows)
    is_single = int(source.get("NumberOfFrames", 1) or 1) == 1
    lies = "ImagePositionPatient" in source or "PerFrameFunctionalGroupsSequence" in source
    if not lies and is_single and len(request.files) == 1 and shape[:3] == (*size, 1):
        return [np.swapaxes(request.array[:, :, 0], 0, 1)]  # columns are i, rows are j
    return [
        request.array[voxels_under(frame, request.affine, shape, "volume", _REMEDY)]
        for frame in placed_frames(source, _REMEDY)
    ]


def _stored(plane: NDArray[Any], source: Dataset, number: int) -> NDArray[Any]:
    """Return values as they are stored: through the rescale of the image, in its kind of pixels."""
    if plane.ndim == 3:
        return plane
    if "FloatPixelData" in source or "ModalityLUTSequence" in source:
        raise ExportError("Computed values do not fit pixels of this kind.", remedy=_REMEDY)
    slope, intercept = _rescale(source, number)
    bits, is_signed = int(source.BitsStored), bool(source.PixelRepresentation)
    low, high = (-(1 << bits - 1), (1 << bits - 1) - 1) if is_signed else (0, (1 << bits) - 1)
    values = np.nan_to_num((plane.astype(np.float64) - intercept) / slope)
    kind = f"<{'i' if is_signed else 'u'}{int(source.BitsAllocated) // 8}"
    return np.clip(np.rint(values), low, high).astype(kind)


def _rescale(source: Dataset, number: int) -> tuple[float, float]:
    groups = source.get("PerFrameFunctionalGroupsSequence")
    place: Dataset = source
    if groups:
        shared = source.SharedFunctionalGroupsSequence[0]
        name = "PixelValueTransformationSequence"
        if name in groups[number] or name in shared:
            place = functional_group(groups[number], shared, name)
    slope, intercept = place.get("RescaleSlope"), place.get("RescaleIntercept")
    return float(1 if slope is None else slope) or 1.0, float(intercept or 0)


def _marked(pixels: NDArray[Any], source: Dataset, word: str) -> NDArray[Any]:
    if pixels.ndim == 3:
        return burn_in(pixels, word, dark=0, bright=np.iinfo(pixels.dtype).max)
    dark, bright = int(pixels.min()), int(pixels.max())
    if bright == dark:  # a blank image is marked too
        limit = np.iinfo(pixels.dtype).max if not source.PixelRepresentation else bright + 1
        bright = min(int(limit), dark + max(1, (1 << int(source.BitsStored)) // 4))
    return burn_in(pixels, word, dark=dark, bright=bright)


def _copied(source: Dataset) -> Dataset:
    """Return the elements of a header that hold for an image computed from it."""
    dataset = Dataset()
    for element in source:
        is_overlay = 0x6000 <= element.tag.group <= 0x60FF
        if element.tag.is_private or is_overlay or element.keyword in _DROPPED:
            continue
        dataset[element.tag] = deepcopy(element)
    dataset.remove_private_tags()
    return dataset


def _describe(dataset: Dataset, source: Dataset, request: DerivedExport, series_uid: str) -> None:
    """Say what the image is and what it was made from."""
    now = datetime.now(UTC)
    dataset.SOPInstanceUID = generate_uid()
    dataset.SeriesInstanceUID = series_uid
    dataset.SeriesNumber = SERIES_NUMBER_OFFSET + int(source.get("SeriesNumber") or 0)
    described = str(source.get("SeriesDescription", ""))
    dataset.SeriesDescription = f"{request.prefix} {described}".strip()[:64]
    dataset.InstanceCreationDate = now.strftime("%Y%m%d")
    dataset.InstanceCreationTime = now.strftime("%H%M%S")
    dataset.DerivationDescription = _ascii(request.derivation)[:1024]
    dataset.DerivationCodeSequence = [_code(Code(request.code[0], _SCHEME, request.code[1]))]
    dataset.SourceImageSequence = [_reference(source)]
    dataset.ContributingEquipmentSequence = [
        *dataset.get("ContributingEquipmentSequence", []),
        _equipment(now),
    ]
    if request.is_synthetic:
        dataset.SyntheticData = "YES"
    _set_type(dataset, "ImageType")
    groups = [
        *dataset.get("SharedFunctionalGroupsSequence", []),
        *dataset.get("PerFrameFunctionalGroupsSequence", []),
    ]
    for group in groups:
        for element in group:
            if element.VR == "SQ" and element.keyword.endswith("ImageFrameTypeSequence"):
                _set_type(element.value[0], "FrameType")


def _set_type(place: Dataset, name: str) -> None:
    """Set the image type: DERIVED; of classic images SECONDARY and our own value, too.

    Enhanced images have exactly four values; the second is PRIMARY, the fourth says what was done.
    """
    told = place.get(name) or []
    values = [str(value) for value in ([told] if isinstance(told, str) else told)]
    if name == "FrameType" or "SharedFunctionalGroupsSequence" in place:
        setattr(place, name, ["DERIVED", "PRIMARY", (values + [""] * 3)[2] or "OTHER", "FILTERED"])
    else:
        setattr(place, name, ["DERIVED", "SECONDARY", *(values[2:] or ["OTHER"]), IMAGE_TYPE_VALUE])


def _reference(source: Dataset) -> Dataset:
    item = Dataset()
    item.ReferencedSOPClassUID = source.SOPClassUID
    item.ReferencedSOPInstanceUID = source.SOPInstanceUID
    purpose = codes.DCM.SourceImageForImageProcessingOperation
    item.PurposeOfReferenceCodeSequence = [_code(purpose)]
    return item


def _equipment(now: datetime) -> Dataset:
    item = Dataset()
    item.Manufacturer = "Acutance"
    item.ManufacturerModelName = "acutance"
    item.SoftwareVersions = __version__
    item.ContributionDateTime = now.strftime("%Y%m%d%H%M%S")
    item.ContributionDescription = "Computed these pixels"
    item.PurposeOfReferenceCodeSequence = [_code(codes.DCM.ProcessingEquipment)]
    return item


def _code(code: Any) -> Dataset:
    item = Dataset()
    item.CodeValue = code.value
    item.CodingSchemeDesignator = code.scheme_designator
    item.CodeMeaning = code.meaning
    return item


def _fill(dataset: Dataset, pixels: NDArray[Any]) -> None:
    """Put the pixels in, uncompressed, little endian."""
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.file_meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    if pixels.ndim == 4:
        bits = pixels.dtype.itemsize * 8
        dataset.PhotometricInterpretation, dataset.PlanarConfiguration = "RGB", 0
        dataset.SamplesPerPixel, dataset.PixelRepresentation = 3, 0
        dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = bits, bits, bits - 1
    data = np.ascontiguousarray(pixels.astype(pixels.dtype.newbyteorder("<"))).tobytes()
    dataset.PixelData = data + b"\0" * (len(data) % 2)
    dataset["PixelData"].VR = "OW" if int(dataset.BitsAllocated) > 8 else "OB"


def _check(path: Path, meant: Dataset, source: Dataset) -> None:
    """Read an image again and hold it against what it was meant to be.

    Raises
    ------
    ExportError
        If pixels, study, type or references are others.
    """
    read = pydicom.dcmread(path)
    is_meant = (
        read.PixelData == meant.PixelData
        and read.ImageType[0] == "DERIVED"
        and read.SOPInstanceUID == meant.SOPInstanceUID != source.SOPInstanceUID
        and read.SeriesInstanceUID == meant.SeriesInstanceUID != source.SeriesInstanceUID
        and read.get("StudyInstanceUID") == source.get("StudyInstanceUID")
        and read.SourceImageSequence[0].ReferencedSOPInstanceUID == source.SOPInstanceUID
    )
    if not is_meant:
        raise ExportError(
            "The image does not read back as it was written.", remedy="Please report this."
        )


def _ascii(text: str) -> str:
    """Return text in the characters that every specific character set has."""
    return text.encode("ascii", "backslashreplace").decode("ascii")
