"""The header of one DICOM file, as plain values; nothing of pydicom leaves this module.

Elements are read raw and parsed here, leniently and by name, because a wrong value representation
or a text in a number must cost a warning and not the series.

References
----------
.. [1] DICOM PS3.5, section 7.1 (data elements), A.4 (encapsulated pixel data), A.5 (deflated).
.. [2] DICOM PS3.3, C.7.6.2 (image plane), C.7.6.3 (image pixel).
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any, BinaryIO

from pydicom.uid import UID

from acutance.core.derived_export import IMAGE_TYPE_VALUE
from acutance.core.foreign import quiet
from acutance.core.restoration import RESTORED_WORD, SERIES_PREFIX
from acutance.io.dicom_codestream import frame_size
from acutance.io.dicom_colour import COLOURS, PALETTE
from acutance.io.dicom_dataset import (
    is_big_endian,
    named_refusal,
    read_elements,
    refuse_directory,
)
from acutance.io.dicom_elements import RawElements, walk
from acutance.io.dicom_slice import SliceHeader
from acutance.io.dicom_stream import (
    UNDEFINED_LENGTH,
    DamagedSlice,
    ManySlices,
    NotASlice,
    fragments_defect,
    pixel_element,
)
from acutance.io.dicom_syntax import (
    ENHANCED_CLASSES,
    JPEG_12_BIT,
    fallback_codecs,
    is_encapsulated,
    is_native,
    is_readable,
    is_video,
    lossy_words,
)
from acutance.io.dicom_text import (
    HEADER_TAGS,
    PHILIPS_DIRECTION,
    PHILIPS_SCALE,
    PRIVATE_B_VALUES,
    Elements,
    decimals,
    identity_words,
    integer,
    parse_rescale,
    private_b_value,
    raw_text,
    safe_title,
    safe_words,
    tag_of,
    texts,
    value_text,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from io import BufferedReader
    from pathlib import Path

    from pydicom.dataset import Dataset

    from acutance.core.window import Function


def read_header(path: Path) -> SliceHeader:
    """Read the header of one file; the pixels are not touched, only their length is checked.

    Raises
    ------
    NotASlice
        If the file is no classic single-frame grey image, with the reason.
    """
    with named_refusal(), open(path, "rb") as file:
        return _read(path, file)


#: Headers by what does not change from slice to slice; see `_read`.
_alike: dict[object, SliceHeader] = {}
_ALIKE_LIMIT = 1024


def _read(path: Path, file: BufferedReader) -> SliceHeader:
    """Return the header of an open file.

    Slices of a series differ in a few elements. Where all the others are those of a file read
    before, byte for byte, so is what they say.
    """
    raw = walk(file.raw)
    if raw is None:
        file.seek(0)
        with quiet():
            dataset, stream, syntax = read_elements(file, HEADER_TAGS)
            _refuse_unreadable(dataset, syntax)
            return with_defect(build_header(path, dataset, stream, syntax), stream)
    refuse_directory(raw.media_class)
    alike = _without(raw, _OWN)
    known = _alike.get(alike)
    if known is None:
        nearly = _without(raw, _VARYING)
        known = _alike.get(nearly)
        if known is None:
            with quiet():
                _refuse_unreadable(raw, raw.syntax)
                pixels = (raw.pixel_kind, raw.pixel_offset, raw.pixel_length)
                known = _describe(path, raw, raw.syntax, pixels)
        else:
            known = replace(known, **_varying(raw, False, known.image_type))
        if len(_alike) >= _ALIKE_LIMIT:
            _alike.clear()
        _alike[nearly] = _alike[alike] = known
    header = replace(
        known,
        path=str(path),
        pixel_offset=raw.pixel_offset,
        pixel_length=raw.pixel_length,
        **_own(raw, False),
    )
    return with_defect(header, file)


def _without(raw: RawElements, left_out: frozenset[int]) -> object:
    """Return everything a header says but some elements, to be looked up."""
    values = tuple(pair for pair in raw.values.items() if pair[0] not in left_out)
    return left_out is _OWN, raw.syntax, raw.pixel_kind, values


def _refuse_unreadable(dataset: Elements, syntax: str) -> None:
    if is_video(syntax):
        raise ManySlices("a video stream", raw_text(dataset, "SOPClassUID"))
    if syntax and not is_readable(syntax):
        raise NotASlice(f"its transfer syntax {syntax[:64]} is not read")
    sop_class = raw_text(dataset, "SOPClassUID")
    _refuse_several_slices(dataset, is_big_endian(dataset, syntax), sop_class)


def build_header(path: Path, dataset: Dataset, stream: BinaryIO, syntax: str) -> SliceHeader:
    """Return what the top level of a data set says; the stream stands at the pixel data.

    Raises
    ------
    NotASlice
        If the data set holds no grey image that can be read.
    """
    pixels = pixel_element(stream, is_big_endian(dataset, syntax))
    return _describe(path, dataset, syntax, pixels)


def _describe(
    path: Path, dataset: Elements, syntax: str, pixels: tuple[str | None, int, int]
) -> SliceHeader:
    """Return what elements say; `pixels` is what `pixel_element` returns."""
    is_big = is_big_endian(dataset, syntax)
    kind, offset, length = pixels
    modality = raw_text(dataset, "Modality")[:16]
    sop_class = raw_text(dataset, "SOPClassUID")
    image_type = texts(dataset, "ImageType")
    rows, columns = integer(dataset, "Rows", is_big), integer(dataset, "Columns", is_big)
    photometric = raw_text(dataset, "PhotometricInterpretation")[:16]
    samples = _samples(dataset, is_big, photometric)
    if kind is None:
        if rows is None and columns is None:
            if not sop_class:
                raise DamagedSlice("holds no image, or is cut before it")
            if "Image Storage" in UID(sop_class).name:
                raise DamagedSlice("ends before its image")
            raise NotASlice("holds no image (a report or other object)")
        # A series whose slice this is should say so, hence a defect and not a refusal.
        kind, offset, length = "integer", 0, 0
    if not rows or not columns or rows < 1 or columns < 1:
        raise DamagedSlice("states no size of its image (Rows and Columns)")
    bits = integer(dataset, "BitsAllocated", is_big)
    bits = {"float": 32, "double": 64}.get(kind, bits if bits is not None else 0)
    stored = integer(dataset, "BitsStored", is_big) if kind == "integer" else bits
    stored = bits if stored is None else stored
    if bits not in (8, 16, 32) and kind == "integer":
        raise NotASlice(f"has {bits} bits per pixel, which is not read")
    if not 1 <= stored <= bits:
        raise NotASlice(f"claims {stored} stored bits in {bits}")
    if samples == 3:
        _refuse_odd_colour(photometric, kind, bits, columns, syntax)
    if syntax in JPEG_12_BIT and stored > 8 and not fallback_codecs(syntax):
        raise NotASlice("12-bit lossy JPEG, for which no codec is installed")
    high_bit = integer(dataset, "HighBit", is_big)
    if high_bit is None or not stored - 1 <= high_bit < bits:
        high_bit = stored - 1
    identity = "\x00".join(raw_text(dataset, n) for n in ("PatientID", "PatientName"))
    return SliceHeader(
        path=str(path),
        series_uid=raw_text(dataset, "SeriesInstanceUID"),
        patient_hash=hashlib.sha256(identity.encode("utf-8", "replace")).hexdigest()[:16],
        series_number=integer(dataset, "SeriesNumber", is_big),
        modality=modality if modality.isalnum() else "",
        title=safe_title(dataset, modality),
        rows=rows,
        columns=columns,
        bits_allocated=bits,
        bits_stored=stored,
        high_bit=high_bit,
        is_signed=samples == 1 and integer(dataset, "PixelRepresentation", is_big) == 1,
        photometric=photometric,
        pixel_kind=kind,
        is_big_endian=is_big,
        syntax=syntax,
        pixel_offset=offset,
        pixel_length=length,
        orientation=decimals(dataset, "ImageOrientationPatient", 6),
        pixel_spacing=positive(decimals(dataset, "PixelSpacing", 2)),
        spacing_between=_one(dataset, "SpacingBetweenSlices"),
        thickness=_one(dataset, "SliceThickness"),
        has_lut=tag_of("ModalityLUTSequence") in dataset,
        unit=raw_text(dataset, "Units")[:16] or raw_text(dataset, "RescaleType")[:16],
        image_type=image_type,
        defect="",
        facts=_facts(dataset, syntax),
        samples=samples,
        planar=integer(dataset, "PlanarConfiguration", is_big) or 0,
        has_voi_table=tag_of("VOILUTSequence") in dataset,
        has_private_scale=PHILIPS_SCALE in dataset,
        **_own(dataset, is_big),
        **_varying(dataset, is_big, image_type),
    )


#: What every slice of a series has of its own.
_OWN = frozenset(
    map(tag_of, ("SOPInstanceUID", "InstanceNumber", "ImagePositionPatient", "SliceLocation"))
)
#: What else may differ between slices; all other elements are the same, or nearly always.
_VARYING = _OWN | frozenset(
    map(
        tag_of,
        (
            "RescaleSlope",
            "RescaleIntercept",
            "WindowCenter",
            "WindowWidth",
            "WindowCenterWidthExplanation",
            "TriggerTime",
            "TemporalPositionIdentifier",
            "AcquisitionNumber",
            "DiffusionBValue",
            "DiffusionGradientOrientation",
            "DiffusionDirectionality",
            PHILIPS_DIRECTION,
            *PRIVATE_B_VALUES,
        ),
    )
)


def _own(dataset: Elements, is_big: bool) -> dict[str, Any]:
    """Return the fields of a header that depend on the elements `_OWN`."""
    return {
        "sop_uid": raw_text(dataset, "SOPInstanceUID"),
        "instance": integer(dataset, "InstanceNumber", is_big),
        "position": decimals(dataset, "ImagePositionPatient", 3),
        "slice_location": _one(dataset, "SliceLocation"),
    }


def _varying(dataset: Elements, is_big: bool, image_type: tuple[str, ...]) -> dict[str, Any]:
    """Return the fields of a header that depend on the other elements of `_VARYING`."""
    return {
        "rescale": parse_rescale(dataset),
        "windows": stored_windows(dataset),
        "phases": tuple(_phases(dataset, image_type, is_big)),
    }


def _refuse_several_slices(dataset: Elements, is_big: bool, sop_class: str) -> None:
    modality = raw_text(dataset, "Modality")
    if modality in ("SEG", "RTDOSE"):
        raise NotASlice(f"a {modality} object, which is not read yet")
    if "MOSAIC" in texts(dataset, "ImageType"):
        raise ManySlices("a Siemens mosaic", sop_class, is_mosaic=True)
    frames_text = raw_text(dataset, "NumberOfFrames")
    frames = integer(dataset, "NumberOfFrames", is_big)
    if frames_text and (frames is None or frames < 1):
        raise NotASlice(f"claims {frames_text[:16]!r} frames, which is no count")
    # Enhanced classes keep their geometry per frame, even with one frame.
    is_enhanced = sop_class in ENHANCED_CLASSES
    if is_enhanced or (frames is not None and frames > 1):
        words = "an enhanced multi-frame image" if is_enhanced else "a multi-frame image"
        count = frames or 1
        raise ManySlices(f"{words} ({count} frames), which is not read yet", sop_class)


def _samples(dataset: Elements, is_big: bool, photometric: str) -> int:
    """Return 1 for grey and palette, 3 for colour."""
    samples = integer(dataset, "SamplesPerPixel", is_big)
    count = 1 if samples is None else samples
    if photometric == PALETTE and tag_of("RedPaletteColorLookupTableDescriptor") not in dataset:
        raise NotASlice("a palette colour image without its palette")
    if photometric not in (*_GREY, *COLOURS, PALETTE):
        raise NotASlice(f"a colour image ({photometric}), which is not read")
    wanted = 3 if photometric in COLOURS else 1
    if count != wanted:
        raise NotASlice(f"claims {count} samples per pixel of {photometric or 'grey'}")
    return wanted


_GREY = ("", "MONOCHROME1", "MONOCHROME2")


def _refuse_odd_colour(photometric: str, kind: str, bits: int, columns: int, syntax: str) -> None:
    if kind != "integer" or bits not in (8, 16):
        raise NotASlice(f"a colour image of {bits} bits per sample, which is not read")
    if bits == 16 and photometric.startswith("YBR_FULL"):
        raise NotASlice(f"a colour image ({photometric}) of 16 bits, which is not read")
    if photometric == "YBR_FULL_422" and columns % 2 and is_native(syntax):
        raise NotASlice("a colour image (YBR_FULL_422) of an odd number of columns")


def with_defect(header: SliceHeader, stream: BinaryIO) -> SliceHeader:
    """Return the header with the reason why its pixels cannot be read, if any."""
    left = stream.seek(0, 2) - header.pixel_offset
    defect = ""
    if not header.pixel_offset:
        defect = "ends before its pixels"
    elif header.pixel_length == 0 or left <= 0:
        defect = "its pixel data is empty"
    elif is_encapsulated(header.syntax):
        if header.pixel_length != UNDEFINED_LENGTH:
            defect = "its pixel data is not packed as its transfer syntax asks for"
        else:
            defect = fragments_defect(stream, header.pixel_offset)
            size = None if defect else frame_size(stream, header.pixel_offset)
            if size not in (None, (header.rows, header.columns)):
                defect = "its compressed image has another size than its header says"
    elif header.pixel_length == UNDEFINED_LENGTH:
        defect = "its pixel data has no stated length"
    elif header.pixel_length > left:
        defect = "cut inside its pixels"
    elif header.pixel_length < header.frame_bytes:
        defect = (
            f"holds {header.pixel_length} bytes of pixels where {header.rows} rows and "
            f"{header.columns} columns need {header.frame_bytes}"
        )
    if not defect:
        return header
    return replace(header, defect=defect)


def positive(values: tuple[float, ...] | None) -> tuple[float, ...] | None:
    """Return lengths in mm, None where one of them is none."""
    return values if values is not None and all(0 < v < 1e5 for v in values) else None


def _one(dataset: Elements, name: str) -> float | None:
    values = decimals(dataset, name, 1)
    return None if values is None else values[0]


def stored_windows(dataset: Elements) -> tuple[tuple[float, float, str, Function], ...]:
    """Return the valid windows; one that is no window is dropped, the others stay."""
    names = texts(dataset, "WindowCenterWidthExplanation")
    pairs = zip(texts(dataset, "WindowCenter"), texts(dataset, "WindowWidth"), strict=False)
    function = _FUNCTIONS.get(raw_text(dataset, "VOILUTFunction").upper(), "linear")
    windows = []
    for number, (centre_text, width_text) in enumerate(pairs):
        try:
            centre, width = float(centre_text), float(width_text)
        except ValueError:
            continue
        if math.isfinite(centre) and 0 < width < 1e9 and abs(centre) < 1e9:
            name = names[number][:32] if number < len(names) else ""
            # Below 1 the linear function is not defined (C.11.2.1.2.1).
            is_narrow = function == "linear" and width < 1
            windows.append((centre, width, name, "linear_exact" if is_narrow else function))
    return tuple(windows[:32])


#: VOI LUT Function (0028,1056).
_FUNCTIONS: dict[str, Function] = {"SIGMOID": "sigmoid", "LINEAR_EXACT": "linear_exact"}


def _phases(
    dataset: Elements, image_type: tuple[str, ...], is_big: bool
) -> Iterator[tuple[str, str]]:
    yield "image type", "\\".join(image_type)
    yield "echo time", value_text(dataset, "EchoTime", is_big)
    stated = value_text(dataset, "DiffusionBValue", is_big)
    yield "b", stated or private_b_value(dataset, is_big)
    is_isotropic = raw_text(dataset, PHILIPS_DIRECTION) == "I"
    directionality = value_text(dataset, "DiffusionDirectionality", is_big)
    yield "diffusion", directionality or ("ISOTROPIC" if is_isotropic else "")
    for words, name in (
        ("diffusion direction", "DiffusionGradientOrientation"),
        ("inversion time", "InversionTime"),
        ("time point", "TemporalPositionIdentifier"),
        ("trigger time", "TriggerTime"),
        ("acquisition", "AcquisitionNumber"),
    ):
        yield words, value_text(dataset, name, is_big)


def _facts(dataset: Elements, syntax: str) -> dict[str, Any]:
    """Return header facts that name no person or time; the station is the scanner's own name."""
    facts: dict[str, Any] = {}
    identity = identity_words(dataset)
    for key, name in (
        ("station", "StationName"),
        ("coil", "ReceiveCoilName"),
        ("protocol", "ProtocolName"),
    ):
        if text := safe_words(dataset, name, identity)[:64]:
            facts[key] = text
    for key, name in (
        ("manufacturer", "Manufacturer"),
        ("scanner", "ManufacturerModelName"),
        ("body_part", "BodyPartExamined"),
        ("scanning_sequence", "ScanningSequence"),
        ("sequence_variant", "SequenceVariant"),
        ("acquisition_type", "MRAcquisitionType"),
        ("photometric", "PhotometricInterpretation"),
        ("burned_in_annotation", "BurnedInAnnotation"),
    ):
        if text := " ".join(texts(dataset, name))[:64]:
            facts[key] = text
    for key, name in (
        ("field_strength_t", "MagneticFieldStrength"),
        ("repetition_time_ms", "RepetitionTime"),
        ("echo_time_ms", "EchoTime"),
        ("inversion_time_ms", "InversionTime"),
        ("flip_angle_deg", "FlipAngle"),
        ("slice_thickness_mm", "SliceThickness"),
        ("tube_voltage_kv", "KVP"),
    ):
        value = _one(dataset, name)
        if value is not None:
            facts[key] = value
    described = raw_text(dataset, "SeriesDescription")
    # Enhanced images have no room for a value of our own in their type.
    if IMAGE_TYPE_VALUE in texts(dataset, "ImageType") or described.startswith(SERIES_PREFIX):
        facts[RESTORED_WORD] = True
    if frame := raw_text(dataset, "FrameOfReferenceUID"):
        # Hashed: whether two series share it is all that is asked.
        facts["frame_of_reference"] = hashlib.sha256(frame.encode()).hexdigest()[:12]
    if syntax:
        facts["transfer_syntax"] = syntax
    lossy = lossy_words(syntax, raw_text(dataset, "LossyImageCompression"))
    if lossy:
        facts["lossy_compression"] = lossy
    return facts
