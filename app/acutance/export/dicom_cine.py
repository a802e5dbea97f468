"""Enlarged frames as a DICOM object derived from the one they were read from.

Patient, study and times are the source's; series and instance are new, the description says what
was done, and every spacing and ultrasound region is that of the larger pixels.

References
----------
.. [1] DICOM PS3.3, C.7.6.1.1.2 "Image Type" and C.12.4 "Derivation Image".
.. [2] DICOM PS3.3, C.8.5.5.1 "Ultrasound Region Calibration Attributes".
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
from pydicom import dcmread
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import UID, ExplicitVRLittleEndian

from acutance import NOT_FOR_DIAGNOSIS, __version__
from acutance.core.clip_export import ClipWritten
from acutance.core.foreign import quiet
from acutance.errors import ExportError
from acutance.export._dicom import FOREIGN_ERRORS
from acutance.export.atomic import replacing

if TYPE_CHECKING:
    from typing import BinaryIO

    from numpy.typing import NDArray

    from acutance.core.clip_export import ClipFinish
    from acutance.export.deidentify import CancelToken, Progress

#: Numbers of derived series begin here, so that they sort behind the originals.
SERIES_NUMBER = 9000
#: What one element may hold with a stated length (PS3.5, 7.1.1).
MAX_PIXEL_BYTES = 0xFFFFFFFE
_US_MULTIFRAME = "1.2.840.10008.5.1.4.1.1.3.1"
_US_MULTIFRAME_RETIRED = "1.2.840.10008.5.1.4.1.1.3"
#: Objects of these kinds stay what they are; others become a secondary capture.
_KEPT_CLASSES = frozenset(
    {
        _US_MULTIFRAME,
        "1.2.840.10008.5.1.4.1.1.12.1",  # X-ray angiography
        "1.2.840.10008.5.1.4.1.1.12.2",  # X-ray radiofluoroscopy
        "1.2.840.10008.5.1.4.1.1.7.2",  # multi-frame grey byte secondary capture
        "1.2.840.10008.5.1.4.1.1.7.3",  # word
        "1.2.840.10008.5.1.4.1.1.7.4",  # true colour
        "1.2.840.10008.5.1.4.1.1.77.1.1.1",  # video endoscopic
        "1.2.840.10008.5.1.4.1.1.77.1.2.1",  # video microscopic
        "1.2.840.10008.5.1.4.1.1.77.1.4.1",  # video photographic
    }
)
_CAPTURES = {
    (1, 8): "1.2.840.10008.5.1.4.1.1.7.2",
    (1, 16): "1.2.840.10008.5.1.4.1.1.7.3",
    (3, 8): "1.2.840.10008.5.1.4.1.1.7.4",
}
#: What would be false of the enlarged frames, or belongs to the pixels that were read.
_DROPPED = (
    "PixelData", "ExtendedOffsetTable", "ExtendedOffsetTableLengths", "IconImageSequence",
    "PerFrameFunctionalGroupsSequence", "SharedFunctionalGroupsSequence",
    "DimensionIndexSequence", "DimensionOrganizationSequence",
    "RedPaletteColorLookupTableDescriptor", "GreenPaletteColorLookupTableDescriptor",
    "BluePaletteColorLookupTableDescriptor", "RedPaletteColorLookupTableData",
    "GreenPaletteColorLookupTableData", "BluePaletteColorLookupTableData",
    "SegmentedRedPaletteColorLookupTableData", "SegmentedGreenPaletteColorLookupTableData",
    "SegmentedBluePaletteColorLookupTableData", "SmallestImagePixelValue",
    "LargestImagePixelValue", "SmallestPixelValueInSeries", "LargestPixelValueInSeries",
    "ImagePositionPatient", "ImageOrientationPatient", "StartTrim", "StopTrim",
    "RepresentativeFrameNumber", "DigitalSignaturesSequence", "MACParametersSequence",
    "PixelDataProviderURL",
)  # fmt: skip
_SPACINGS = ("PixelSpacing", "ImagerPixelSpacing", "NominalScannedPixelSpacing")


def write_cine(request: ClipFinish, progress: Progress, token: CancelToken) -> ClipWritten:
    """Write the object; it is complete or not there. Runs in the child of exports.

    Raises
    ------
    ExportError
        If the source is no DICOM file any more, the frames are too many for one object, or it
        cannot be written.
    JobCancelled
        If the user cancelled; looked at before each chunk.
    """
    length = pixel_bytes(
        len(request.times), request.height, request.width, request.channels, request.bits
    )
    if length > MAX_PIXEL_BYTES:
        raise too_large(length, request.target)
    dataset = _derived(request)
    bits = int(dataset.BitsStored)
    with replacing(request.target, sources=(request.source,)) as temporary:
        try:
            dataset.save_as(temporary, enforce_file_format=True)
        except FOREIGN_ERRORS as error:
            raise ExportError(
                f"The header of the source cannot be written again ({type(error).__name__}).",
                remedy="Write a video or a folder of pictures.",
                path=request.source,
            ) from error
        with temporary.open("ab") as file:
            _write_pixels(request, file, bits, length, progress, token)
    progress.report(1.0, "Written")
    return ClipWritten(str(request.target), len(request.times))


def pixel_bytes(count: int, height: int, width: int, channels: int, bits: int) -> int:
    """Return what the frames take in an object: colours have 8 bits there."""
    return count * height * width * channels * (1 if channels == 3 or bits <= 8 else 2)


def too_large(length: int, target: Any) -> ExportError:
    """Return the refusal of more than one object can hold."""
    return ExportError(
        f"The frames take {length / 1e9:.1f} GB; one DICOM object holds at most 4.3.",
        remedy="Use --scale 2, or write a video or a folder of pictures.",
        path=target,
    )


def _derived(request: ClipFinish) -> Dataset:
    try:
        with quiet():
            source = dcmread(request.source, stop_before_pixels=True)
            source.remove_private_tags()
            return _described(source, request)
    except FOREIGN_ERRORS as error:
        raise ExportError(
            f"The header of the source cannot be used ({type(error).__name__}).",
            remedy="Write a video or a folder of pictures.",
            path=request.source,
        ) from error


def _described(source: Dataset, request: ClipFinish) -> Dataset:
    """Return the header of the result, made of that of the source."""
    plan, grey = request.plan, request.channels == 1
    original = str(source.SOPClassUID), str(source.SOPInstanceUID)
    deep = grey and request.bits > 8
    kind = _US_MULTIFRAME if original[0] == _US_MULTIFRAME_RETIRED else original[0]
    if kind not in _KEPT_CLASSES:
        kind = _CAPTURES[request.channels, 16 if deep else 8]
    dataset = _without_pixels(source)
    dataset.SOPClassUID, dataset.SOPInstanceUID = UID(kind), plan["uids"][1]
    dataset.SeriesInstanceUID = plan["uids"][0]
    number = source.get("SeriesNumber")
    dataset.SeriesNumber = SERIES_NUMBER + (int(number) if number else 0) % 1000
    dataset.InstanceNumber = 1
    old = str(source.get("SeriesDescription", "") or "")
    dataset.SeriesDescription = f"AI-SR x{request.scale} {old}".strip()[:64]
    values = [str(v) for v in (source.get("ImageType") or [])]
    dataset.ImageType = ["DERIVED", "SECONDARY", *values[2:]]
    model = plan["model"]
    named = f"{model['name']} {model['version']} {model['sha256'][:12]}".strip()
    dataset.DerivationDescription = (
        f"Super-resolution x{request.scale} by {named}, Acutance {__version__}. "
        f"{NOT_FOR_DIAGNOSIS}."
    )
    dataset.ImageComments = f"Enhanced x{request.scale}. {NOT_FOR_DIAGNOSIS}."
    dataset.SourceImageSequence = Sequence([_reference(*original)])
    dataset.ContributingEquipmentSequence = Sequence(
        [*(source.get("ContributingEquipmentSequence") or []), _equipment()]
    )
    day, moment = plan["moment"][:8], plan["moment"][8:]
    dataset.InstanceCreationDate = dataset.ContentDate = day
    dataset.InstanceCreationTime = dataset.ContentTime = moment
    _set_pixels(dataset, source, request, is_deep=deep)
    _set_times(dataset, source, request)
    _set_places(dataset, request.scale)
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.file_meta.MediaStorageSOPClassUID = UID(kind)
    dataset.file_meta.MediaStorageSOPInstanceUID = plan["uids"][1]
    dataset.file_meta.ImplementationVersionName = f"ACUTANCE_{__version__}"[:16]
    return dataset


def _without_pixels(source: Dataset) -> Dataset:
    """Return a copy without what is false of other pixels, as overlays and curves are."""
    dataset = Dataset()
    for element in source:
        group = element.tag.group
        if 0x6000 <= group <= 0x60FF or 0x5000 <= group <= 0x50FF or group >= 0x7FE0:
            continue
        if element.keyword in _DROPPED or element.tag.element == 0:
            continue
        dataset.add(element)
    return dataset


def _reference(class_uid: str, instance_uid: str) -> Dataset:
    item = Dataset()
    item.ReferencedSOPClassUID = class_uid
    item.ReferencedSOPInstanceUID = instance_uid
    purpose = _code("121322", "Source image for image processing operation")
    item.PurposeOfReferenceCodeSequence = Sequence([purpose])
    return item


def _equipment() -> Dataset:
    item = Dataset()
    item.PurposeOfReferenceCodeSequence = Sequence([_code("109103", "Modifying Equipment")])
    item.Manufacturer = item.ManufacturerModelName = "Acutance"
    item.SoftwareVersions = __version__
    return item


def _code(value: str, meaning: str) -> Dataset:
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, "DCM", meaning
    return item


def _set_pixels(dataset: Dataset, source: Dataset, request: ClipFinish, *, is_deep: bool) -> None:
    dataset.Rows, dataset.Columns = request.height, request.width
    dataset.NumberOfFrames = len(request.times)
    dataset.SamplesPerPixel = request.channels
    if request.channels == 3:
        dataset.PhotometricInterpretation, dataset.PlanarConfiguration = "RGB", 0
        allocated = stored = 8
        is_signed = 0
        for name in ("RescaleSlope", "RescaleIntercept", "WindowCenter", "WindowWidth"):
            if name in dataset:
                delattr(dataset, name)
    else:
        inverted = request.look.inverted
        dataset.PhotometricInterpretation = "MONOCHROME1" if inverted else "MONOCHROME2"
        if "PlanarConfiguration" in dataset:
            del dataset.PlanarConfiguration
        allocated = 16 if is_deep else 8
        stored = min(allocated, int(source.get("BitsStored", allocated) or allocated))
        is_signed = int(source.get("PixelRepresentation", 0) or 0)
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = allocated, stored, stored - 1
    dataset.PixelRepresentation = is_signed


def _set_times(dataset: Dataset, source: Dataset, request: ClipFinish) -> None:
    """Keep the times of the frames that are there."""
    start, stop = int(request.plan["start"]), int(request.plan["stop"])
    vector = source.get("FrameTimeVector")
    if vector is not None:
        steps: list[Any] = list(vector) if isinstance(vector, Iterable) else [vector]
        kept = [float(step) for step in steps[start:stop]]
        dataset.FrameTimeVector = [0.0, *kept[1:]] if kept else None
    elif "FrameTime" not in dataset and "CineRate" not in dataset and len(request.times) > 1:
        step = 1000.0 * float(request.times[-1] - request.times[0]) / (len(request.times) - 1)
        dataset.FrameTime = f"{step:.6f}"[:16]
        dataset.FrameIncrementPointer = 0x00181063


def _set_places(dataset: Dataset, scale: int) -> None:
    """Give spacings and ultrasound regions in the larger pixels."""
    for name in _SPACINGS:
        if dataset.get(name):
            setattr(dataset, name, [_decimal(float(mm) / scale) for mm in dataset.get(name)])
    for region in dataset.get("SequenceOfUltrasoundRegions") or []:
        for axis in ("X", "Y"):
            for bound, extra in (("Min", 0), ("Max", scale - 1)):
                name = f"RegionLocation{bound}{axis}{0 if bound == 'Min' else 1}"
                if region.get(name) is not None:
                    setattr(region, name, int(region.get(name)) * scale + extra)
            _move_reference(region, axis, scale)


def _move_reference(region: Dataset, axis: str, scale: int) -> None:
    """Let the reference pixel, and what it stands for, be the first of those it became."""
    step, place = region.get(f"PhysicalDelta{axis}"), region.get(f"ReferencePixel{axis}0")
    if step is None:
        return
    if place is not None:
        setattr(region, f"ReferencePixel{axis}0", int(place) * scale)
        value = float(region.get(f"ReferencePixelPhysicalValue{axis}", 0.0) or 0.0)
        # Its centre lies before that of the larger pixel.
        moved = value + float(step) * (0.5 / scale - 0.5)
        setattr(region, f"ReferencePixelPhysicalValue{axis}", moved)
    setattr(region, f"PhysicalDelta{axis}", float(step) / scale)


def _decimal(value: float) -> str:
    """Return a number as a decimal string of at most 16 characters (PS3.5, 6.2)."""
    return f"{value:.10g}"[:16]


def _write_pixels(
    request: ClipFinish,
    file: BinaryIO,
    bits: int,
    length: int,
    progress: Progress,
    token: CancelToken,
) -> None:
    """Append the pixel data element, chunk by chunk."""
    kind = b"OW" if request.channels == 1 and request.bits > 8 else b"OB"
    padded = length + length % 2
    file.write(struct.pack("<HH2sHI", 0x7FE0, 0x0010, kind, 0, padded))
    stored = np.dtype(np.int16 if _is_signed(request) else np.uint16)
    dtype = stored if request.bits > 8 else np.dtype(np.int8 if _is_signed(request) else np.uint8)
    written = 0
    for number, part in enumerate(request.parts):
        token.raise_if_cancelled()
        progress.report(number / len(request.parts), "Writing frames")
        values: NDArray[Any] = np.fromfile(part, dtype)
        if request.channels == 3:
            data = values if request.bits <= 8 else (values >> 8).astype(np.uint8)
        else:
            data = _within(values, bits)
        file.write(data.astype(data.dtype.newbyteorder("<"), copy=False).tobytes())
        written += data.nbytes
    if written != length:
        raise ExportError(
            f"{written} of {length} bytes of pixels are there.",
            remedy="Run again without --resume.",
            path=request.target,
        )
    file.write(b"\0" * (length % 2))


def _is_signed(request: ClipFinish) -> bool:
    return bool(request.plan.get("is_signed", False))


def _within(values: Any, bits: int) -> Any:
    """Hold values to the bits that are stored: interpolation may go beyond by a little."""
    if values.dtype.kind == "i":
        return np.clip(values, -(1 << (bits - 1)), (1 << (bits - 1)) - 1)
    return np.minimum(values, (1 << bits) - 1)
