"""Lenient parsing of raw DICOM elements, and names that name nobody."""

from __future__ import annotations

import math
import re
import struct
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Protocol

from pydicom.dataelem import RawDataElement
from pydicom.tag import Tag

from acutance.io._protocols import FOREIGN_ERRORS, clean_text
from acutance.io.values import is_usable_rescale

#: Private elements that hold a b-value, with the element and the name of their creator.
PRIVATE_B_VALUES: dict[int, tuple[int, str]] = {
    0x00431039: (0x00430010, "GEMS_PARM_01"),
    0x0019100C: (0x00190010, "SIEMENS MR HEADER"),
    0x20011003: (0x20010010, "PHILIPS IMAGING DD 001"),
}
#: Scale slope of Philips, to values that compare between series; not applied, but told of.
PHILIPS_SCALE = 0x2005100E
#: Diffusion direction of Philips, "I" for an image of no one direction.
PHILIPS_DIRECTION = 0x20011004
#: The elements that are read, and nothing else of a header.
HEADER_TAGS: tuple[str | int, ...] = (
    "SpecificCharacterSet",
    "ImageType",
    "SOPClassUID",
    "SOPInstanceUID",
    "StudyDate",
    "AccessionNumber",
    "Modality",
    "Manufacturer",
    "ManufacturerModelName",
    "SeriesDescription",
    "PatientName",
    "PatientID",
    "PatientBirthDate",
    "BodyPartExamined",
    "ScanningSequence",
    "SequenceVariant",
    "MRAcquisitionType",
    "SliceThickness",
    "KVP",
    "RepetitionTime",
    "EchoTime",
    "InversionTime",
    "MagneticFieldStrength",
    "SpacingBetweenSlices",
    "FlipAngle",
    "ProtocolName",
    "StationName",
    "ReceiveCoilName",
    "FrameOfReferenceUID",
    "TriggerTime",
    "DiffusionBValue",
    "DiffusionDirectionality",
    "DiffusionGradientOrientation",
    "SeriesInstanceUID",
    "SeriesNumber",
    "AcquisitionNumber",
    "InstanceNumber",
    "ImagePositionPatient",
    "ImageOrientationPatient",
    "TemporalPositionIdentifier",
    "SliceLocation",
    "SamplesPerPixel",
    "PlanarConfiguration",
    "RedPaletteColorLookupTableDescriptor",
    "PhotometricInterpretation",
    "NumberOfFrames",
    "Rows",
    "Columns",
    "PixelSpacing",
    "BitsAllocated",
    "BitsStored",
    "HighBit",
    "PixelRepresentation",
    "BurnedInAnnotation",
    "WindowCenter",
    "WindowWidth",
    "WindowCenterWidthExplanation",
    "VOILUTFunction",
    "VOILUTSequence",
    "RescaleIntercept",
    "RescaleSlope",
    "RescaleType",
    "ModalityLUTSequence",
    "LossyImageCompression",
    "Units",
    *PRIVATE_B_VALUES,
    *(creator for creator, _ in PRIVATE_B_VALUES.values()),
    PHILIPS_SCALE,
    PHILIPS_DIRECTION,
)
_BINARY_LENGTHS = (2, 4)
_TEXT_VRS = frozenset({"IS", "DS", "LO", "SH", "CS", "ST", "LT", "UT"})
_NO_TITLES = frozenset({"", "none", "null", "unknown", "n/a"})
_IDENTITY = ("PatientName", "PatientID", "PatientBirthDate", "AccessionNumber", "StudyDate")


@lru_cache(maxsize=256)
def tag_of(name: str | int) -> int:
    """Return the tag of an element by name."""
    return int(Tag(name))


class Elements(Protocol):
    """Raw elements of a header: a pydicom data set, or what the fast walk took."""

    @property
    def original_encoding(self) -> tuple[bool | None, bool | None]:
        """Whether implicit, whether little endian."""

    def __contains__(self, tag: Any, /) -> bool:
        """Whether there is an element with this tag."""

    def get_item(self, tag: Any, /) -> Any:
        """Return the element with this tag, not converted."""

    def get(self, name: Any, default: Any, /) -> Any:
        """Return the value of an element by name, converted."""


@dataclass(frozen=True)
class Rescale:
    """Slope and intercept; usable at once.

    Parameters
    ----------
    slope, intercept : float
        1 and 0 where the file states none or nothing usable.
    is_stated : bool
    problem : str
        What the file says where it cannot be used, else "".
    """

    slope: float = 1.0
    intercept: float = 0.0
    is_stated: bool = False
    problem: str = ""


def raw_bytes(dataset: Elements, name: str | int) -> bytes | None:
    """Return the value of an element as it stands in the file, None where absent or too long."""
    tag = tag_of(name)
    if tag not in dataset:
        return None
    element = dataset.get_item(tag)
    if isinstance(element, RawDataElement):
        return element.value if isinstance(element.value, bytes) else None
    value = element.value
    if value is None:
        return None
    parts = value if isinstance(value, (list, tuple)) else [value]
    return "\\".join(str(part) for part in parts).encode("utf-8", "replace")


def raw_text(dataset: Elements, name: str | int) -> str:
    """Return the value as text, stripped, `""` where absent."""
    raw = raw_bytes(dataset, name)
    return "" if raw is None else raw.decode("latin-1").strip("\x00 \t\r\n")


def texts(dataset: Elements, name: str) -> tuple[str, ...]:
    """Return the cleaned parts of a text of several values."""
    text = raw_text(dataset, name)
    return tuple(clean_text(part) for part in text.split("\\")) if text else ()


def decimals(dataset: Elements, name: str, count: int) -> tuple[float, ...] | None:
    """Return exactly `count` finite numbers, None where there is anything else."""
    raw = raw_bytes(dataset, name)
    if raw is None or len(raw) > 1024:
        return None
    parts = raw.decode("latin-1").strip("\x00 ").split("\\")
    if len(parts) != count:
        return None
    try:
        values = tuple(float(part) for part in parts)
    except ValueError:
        return None
    return values if all(math.isfinite(v) for v in values) else None


def integer(dataset: Elements, name: str | int, is_big_endian: bool) -> int | None:
    """Return a whole number, stored as binary or, against the rules, as text."""
    raw = raw_bytes(dataset, name)
    if not raw or len(raw) > 64:
        return None
    element = dataset.get_item(tag_of(name))
    vr = element.VR if isinstance(element, RawDataElement) else None
    is_text = vr in _TEXT_VRS or (vr not in ("US", "SS", "UL", "SL") and name in _STORED_AS_TEXT)
    if is_text or len(raw) not in _BINARY_LENGTHS:
        try:
            return int(float(raw.decode("latin-1").strip("\x00 ").split("\\")[0]))
        except (ValueError, OverflowError):
            return None
    return int.from_bytes(raw, "big" if is_big_endian else "little", signed=vr in ("SS", "SL"))


_STORED_AS_DOUBLE = frozenset({"DiffusionBValue", "DiffusionGradientOrientation"})
_STORED_AS_TEXT = frozenset(
    {"NumberOfFrames", "SeriesNumber", "InstanceNumber", "AcquisitionNumber"}
)


def value_text(dataset: Elements, name: str | int, is_big_endian: bool) -> str:
    """Return a value as text, binary floating point numbers too."""
    raw = raw_bytes(dataset, name) or b""
    element = dataset.get_item(tag_of(name)) if raw else None
    if not isinstance(element, RawDataElement) or name not in _STORED_AS_DOUBLE or len(raw) % 8:
        return raw_text(dataset, name)
    values = struct.unpack(f"{'>' if is_big_endian else '<'}{len(raw) // 8}d", raw)
    return "\\".join(f"{value:.6g}" for value in values)


def private_b_value(dataset: Elements, is_big_endian: bool) -> str:
    """Return the b-value in s/mm2 that a scanner keeps in an element of its own, "" without one.

    References
    ----------
    .. [1] GE, Siemens and Philips MR DICOM conformance statements, private elements (0043,1039),
       (0019,100C) and (2001,1003).
    """
    for tag, (creator, name) in PRIVATE_B_VALUES.items():
        raw = raw_bytes(dataset, tag)
        if not raw or name not in raw_text(dataset, creator).upper():
            continue
        if tag == 0x20011003 and len(raw) == 4:
            value = struct.unpack(">f" if is_big_endian else "<f", raw)[0]
        else:
            text = raw_text(dataset, tag).split("\\")[0]
            try:
                value = float(text)
            except ValueError:
                continue
        # GE adds multiples of 1e9 for sequences of several b-values.
        if math.isfinite(value) and value >= 0:
            return f"{value % 1e9:.6g}"
    return ""


def parse_rescale(dataset: Elements) -> Rescale:
    """Return slope and intercept, or why they cannot be used (PS3.3 C.11.1.1.2)."""
    slope_raw = raw_bytes(dataset, "RescaleSlope")
    intercept_raw = raw_bytes(dataset, "RescaleIntercept")
    if slope_raw is None and intercept_raw is None:
        return Rescale()
    slope = decimals(dataset, "RescaleSlope", 1)
    intercept = decimals(dataset, "RescaleIntercept", 1)
    if slope and intercept and is_usable_rescale(slope[0], intercept[0]):
        return Rescale(slope[0], intercept[0], is_stated=True)
    said = ", ".join(
        clean_text(raw_text(dataset, name), 24) or "nothing"
        for name in ("RescaleSlope", "RescaleIntercept")
    )
    return Rescale(problem=said)


def decoded(dataset: Elements, name: str) -> str:
    """Return text in the character set of the file, replacement characters where it fails."""
    try:
        return str(dataset.get(name, "") or "")
    except FOREIGN_ERRORS:
        return raw_text(dataset, name)


def safe_title(dataset: Elements, modality: str) -> str:
    """Return the series or protocol name, or a neutral one where it holds part of an identity."""
    identity = identity_words(dataset)
    for name in ("SeriesDescription", "ProtocolName"):
        if title := safe_words(dataset, name, identity):
            return title
    number = raw_text(dataset, "SeriesNumber")
    kind = modality if modality.isalnum() else ""
    return (
        f"{kind or 'Image'} series {number}" if number.isdecimal() else f"{kind or 'Image'} series"
    )


def safe_words(dataset: Elements, name: str, identity: set[str]) -> str:
    """Return the text of an element, or nothing where it holds part of `identity_words`."""
    words = clean_text(decoded(dataset, name))
    folded = words.casefold()
    if folded in _NO_TITLES or any(part in folded for part in identity):
        return ""
    return words


def identity_words(dataset: Elements) -> set[str]:
    """Return what may name the patient or the study, whole and in parts, in lower case."""
    found: set[str] = set()
    for name in _IDENTITY:
        for form in (decoded(dataset, name), raw_text(dataset, name)):
            parts = re.split(r"[\s^=,.;_\\/-]+", form)
            found.update(p.casefold() for p in (form, *parts) if len(p) >= 3)
    return found
