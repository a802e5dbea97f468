"""What a DICOM file of frames in time says of itself: classes, sizes, times, scale.

References
----------
.. [1] DICOM PS3.3, C.7.6.5 (cine), C.7.6.6 (multi-frame), C.7.6.3 (image pixel).
.. [2] DICOM PS3.3, C.8.5.5 (ultrasound region calibration), 10.7 (imager pixel spacing).
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np
from pydicom.tag import Tag

from acutance.core.ledger import LoadWarning
from acutance.io._protocols import FOREIGN_ERRORS
from acutance.io.dicom_dataset import is_big_endian, read_elements
from acutance.io.dicom_header import positive, stored_windows
from acutance.io.dicom_stream import NotASlice, pixel_element
from acutance.io.dicom_syntax import is_readable, is_video, lossy_words
from acutance.io.dicom_text import (
    HEADER_TAGS,
    Rescale,
    decimals,
    integer,
    parse_rescale,
    raw_bytes,
    raw_text,
    safe_title,
    texts,
)

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray
    from pydicom.dataset import Dataset

    from acutance.core.window import Function

_STORAGE = "1.2.840.10008.5.1.4.1.1."
#: Ultrasound, X-ray angiography and fluoroscopy (biplane and enhanced too), secondary capture,
#: nuclear medicine, endoscopy, microscopy and photography, ophthalmic and intravascular images,
#: radiotherapy images: where these hold several frames, they follow in time.
CINE_CLASSES = frozenset(
    _STORAGE + end
    for end in (
        *("3.1", "3", "6.1", "6", "12.1", "12.2", "12.3", "12.1.1", "12.2.1"),
        *("7", "7.1", "7.2", "7.3", "7.4", "20", "5"),
        *("77.1.1", "77.1.1.1", "77.1.2", "77.1.2.1", "77.1.4", "77.1.4.1"),
        *("77.1.5.1", "77.1.5.2", "77.1.7", "14.1", "14.2", "481.1", "1", "1.1"),
    )
)
_TIME_TAGS = (
    "FrameTimeVector",
    "FrameTime",
    "RecommendedDisplayFrameRate",
    "CineRate",
)
_TAGS = (
    *HEADER_TAGS,
    *_TIME_TAGS,
    "PlanarConfiguration",
    "ImagerPixelSpacing",
    "SequenceOfUltrasoundRegions",
    "RedPaletteColorLookupTableDescriptor",
    "GreenPaletteColorLookupTableDescriptor",
    "BluePaletteColorLookupTableDescriptor",
    "RedPaletteColorLookupTableData",
    "GreenPaletteColorLookupTableData",
    "BluePaletteColorLookupTableData",
    "ExtendedOffsetTable",
    "ExtendedOffsetTableLengths",
    "TransducerType",
    "HeartRate",
)
#: No stated number of frames beyond this is believed.
MAX_FRAMES = 1_000_000
#: The pixels of a frame may not be more, as in video files.
MAX_PIXELS = 40_000_000
#: Frame times in ms that a recording can have: 100 000 a second to one in ten minutes.
_FRAME_MS = (0.01, 600_000.0)
_CENTIMETRE = 3
_COLOURS = frozenset(
    {"RGB", "YBR_FULL", "YBR_FULL_422", "YBR_PARTIAL_420", "YBR_ICT", "YBR_RCT", "YBR_PARTIAL_422"}
)
_GREYS = frozenset({"", "MONOCHROME1", "MONOCHROME2"})
PALETTE = "PALETTE COLOR"


class NotACine(NotASlice):
    """The frames of the file do not follow in time, as far as is known."""


@dataclass(frozen=True)
class CineHeader:
    """The header of a file of frames; the names are those of `SliceHeader`.

    `stated_frames` is what the header says, the file may hold another number. `dataset` keeps the
    palette and the offset tables; it does not leave the readers.
    """

    path: str
    key: str
    instance: int | None
    modality: str
    title: str
    rows: int
    columns: int
    samples: int
    planar: int
    bits_allocated: int
    bits_stored: int
    high_bit: int
    is_signed: bool
    photometric: str
    is_big_endian: bool
    syntax: str
    pixel_offset: int
    pixel_length: int
    stated_frames: int
    rescale: Rescale
    windows: tuple[tuple[float, float, str, Function], ...]
    unit: str
    dataset: Dataset
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def is_colour(self) -> bool:
        """Whether frames come as red, green and blue."""
        return self.samples == 3 or self.photometric == PALETTE

    @property
    def dtype(self) -> np.dtype[Any]:
        """Of the frames as they are read."""
        if self.is_colour:
            return np.dtype(np.uint8 if self.bits_allocated == 8 or self.samples == 1 else "u2")
        return np.dtype(f"{'i' if self.is_signed else 'u'}{self.bits_allocated // 8}")

    @property
    def stored_bytes(self) -> int:
        """Bytes of a frame as it stands uncompressed in the file."""
        if self.photometric == "YBR_FULL_422" and self.samples == 3:
            return 2 * self.rows * self.columns * (self.bits_allocated // 8)
        return self.rows * self.columns * self.samples * (self.bits_allocated // 8)

    @property
    def frame_bytes(self) -> int:
        """Bytes of a frame as it is handed over."""
        channels = 3 if self.is_colour else 1
        return self.rows * self.columns * channels * self.dtype.itemsize


def read_cine_header(path: Path, file: BinaryIO) -> tuple[CineHeader, BinaryIO]:
    """Return the header of a file of frames, and the stream that its offsets count in.

    Raises
    ------
    NotASlice
        If it holds no frames in time that can be read, with the reason.
    """
    dataset, stream, syntax = read_elements(file, _TAGS, None)
    is_big = is_big_endian(dataset, syntax)
    sop_class = raw_text(dataset, "SOPClassUID")
    modality = raw_text(dataset, "Modality")[:16]
    frames = integer(dataset, "NumberOfFrames", is_big)
    has_times = any(raw_text(dataset, name) for name in _TIME_TAGS)
    if sop_class not in CINE_CLASSES and not has_times and not is_video(syntax):
        raise NotACine(f"a multi-frame image ({frames or 1} frames) of a kind that is not read")
    if "RECON TOMO" in texts(dataset, "ImageType"):
        raise NotASlice("nuclear medicine slices that do not say where they lie")
    if syntax and not is_video(syntax) and not is_readable(syntax):
        raise NotASlice(f"its transfer syntax {syntax[:64]} is not read")
    kind, offset, length = pixel_element(stream, is_big)
    if kind != "integer":
        raise NotASlice("ends before its pixels" if kind is None else "holds no integer pixels")
    rows, columns = integer(dataset, "Rows", is_big), integer(dataset, "Columns", is_big)
    if not rows or not columns or rows < 1 or columns < 1:
        raise NotASlice("states no size of its image (Rows and Columns)")
    if rows * columns > MAX_PIXELS:
        raise NotASlice(f"claims frames of {columns} x {rows} pixels, more than are read")
    bits = integer(dataset, "BitsAllocated", is_big) or 0
    stored = integer(dataset, "BitsStored", is_big) or bits
    samples = integer(dataset, "SamplesPerPixel", is_big) or 1
    photometric = raw_text(dataset, "PhotometricInterpretation")[:16]
    _check_pixels(bits, stored, samples, photometric)
    high_bit = integer(dataset, "HighBit", is_big)
    if high_bit is None or not stored - 1 <= high_bit < bits:
        high_bit = stored - 1
    identity = raw_text(dataset, "SOPInstanceUID") or str(path)
    header = CineHeader(
        path=str(path),
        key=hashlib.sha256(identity.encode("utf-8", "replace")).hexdigest()[:16],
        instance=integer(dataset, "InstanceNumber", is_big),
        modality=modality if modality.isalnum() else "",
        title=safe_title(dataset, modality),
        rows=rows,
        columns=columns,
        samples=samples,
        planar=int(integer(dataset, "PlanarConfiguration", is_big) == 1),
        bits_allocated=bits,
        bits_stored=stored,
        high_bit=high_bit,
        is_signed=integer(dataset, "PixelRepresentation", is_big) == 1,
        photometric=photometric,
        is_big_endian=is_big,
        syntax=syntax,
        pixel_offset=offset,
        pixel_length=length,
        stated_frames=max(1, frames or 1),
        rescale=parse_rescale(dataset),
        windows=stored_windows(dataset),
        unit=raw_text(dataset, "RescaleType")[:16],
        dataset=dataset,
        facts=_facts(dataset, syntax, photometric, stored),
    )
    if header.stated_frames > MAX_FRAMES:
        raise NotASlice(f"claims {header.stated_frames} frames, more than are read")
    return header, stream


def _check_pixels(bits: int, stored: int, samples: int, photometric: str) -> None:
    if bits not in (8, 16, 32):
        raise NotASlice(f"has {bits} bits per pixel, which is not read")
    if not 1 <= stored <= bits:
        raise NotASlice(f"claims {stored} stored bits in {bits}")
    if samples == 3 and photometric in _COLOURS and bits in (8, 16):
        return
    if samples == 1 and (photometric in _GREYS or (photometric == PALETTE and bits in (8, 16))):
        return
    raise NotASlice(f"{samples} samples of {photometric or 'no stated kind'}, which is not read")


def _facts(dataset: Dataset, syntax: str, photometric: str, stored: int) -> dict[str, Any]:
    """Return header facts that name no person, place or time."""
    facts: dict[str, Any] = {}
    for key, name in (
        ("manufacturer", "Manufacturer"),
        ("scanner", "ManufacturerModelName"),
        ("body_part", "BodyPartExamined"),
        ("transducer", "TransducerType"),
    ):
        if text := " ".join(texts(dataset, name))[:64]:
            facts[key] = text
    for key, name in (("tube_voltage_kv", "KVP"), ("heart_rate", "HeartRate")):
        value = decimals(dataset, name, 1)
        if value is not None and value[0] > 0:
            facts[key] = value[0]
    said = raw_text(dataset, "BurnedInAnnotation").upper()[:3]
    facts["burned_in_annotation"] = said if said in ("YES", "NO") else "not stated"
    if photometric:
        facts["photometric"] = photometric
    if syntax:
        facts["transfer_syntax"] = syntax
    facts["bits"] = stored
    lossy = lossy_words(syntax, raw_text(dataset, "LossyImageCompression"))
    if lossy or is_video(syntax):
        facts["lossy_compression"] = lossy or "by transfer syntax"
    return facts


@dataclass(frozen=True)
class FrameTimes:
    """When frames are shown, where that is stated, and what is wrong with it.

    `times` is None where the header states nothing that can be used.
    """

    times: NDArray[np.float64] | None
    source: str = ""
    warnings: tuple[LoadWarning, ...] = ()


def frame_times(dataset: Dataset, count: int, stated: int) -> FrameTimes:
    """Return the times of `count` frames in seconds from the first one.

    In the order frame time vector, frame time, recommended display frame rate, cine rate; one
    that cannot be used is told, and the next one is taken.

    Parameters
    ----------
    dataset : Dataset
    count : int
        Frames that there are.
    stated : int
        Frames that the header claims: a vector of that length is cut to `count`.
    """
    problems = []
    for name, words, read in (
        ("FrameTimeVector", "frame time vector", _vector_times),
        ("FrameTime", "frame time", _interval_times),
        ("RecommendedDisplayFrameRate", "recommended display frame rate", _rate_times),
        ("CineRate", "cine rate", _rate_times),
    ):
        if not raw_text(dataset, name):
            continue
        found = read(dataset, name, count, stated)
        if isinstance(found, str):
            problems.append(f"{words} {found}")
            continue
        return FrameTimes(found, words, _time_warnings(problems, words))
    return FrameTimes(None, "", _time_warnings(problems, ""))


def _time_warnings(problems: list[str], source: str) -> tuple[LoadWarning, ...]:
    if not problems:
        return ()
    instead = f"the {source} is used" if source else "it is not used"
    return (
        LoadWarning(
            "bad_frame_times",
            f"The {' and the '.join(problems)}; {instead}. Speeds may be wrong.",
        ),
    )


def _vector_times(
    dataset: Dataset, name: str, count: int, stated: int
) -> NDArray[np.float64] | str:
    raw = raw_bytes(dataset, name) or b""
    parts = raw.decode("latin-1").strip("\x00 ").split("\\")
    if len(parts) not in (count, stated) or len(parts) < count:
        return f"has {len(parts)} values for {count} frames"
    try:
        steps = np.array([float(part) for part in parts[:count]])
    except ValueError:
        return "holds no numbers"
    if not np.isfinite(steps).all() or (count > 1 and not (steps[1:] >= _FRAME_MS[0]).all()):
        return "holds steps that are not positive"
    # The first value has nothing before it to be a step from (C.7.6.5.1.2).
    return np.concatenate(([0.0], np.cumsum(steps[1:]))) / 1000.0


def _interval_times(
    dataset: Dataset, name: str, count: int, stated: int
) -> NDArray[np.float64] | str:
    value = decimals(dataset, name, 1)
    if value is None or not _FRAME_MS[0] <= value[0] <= _FRAME_MS[1]:
        return "is no positive number"
    return np.arange(count, dtype=np.float64) * np.float64(value[0] / 1000.0)


def _rate_times(dataset: Dataset, name: str, count: int, stated: int) -> NDArray[np.float64] | str:
    value = decimals(dataset, name, 1)
    if value is None or not 1000 / _FRAME_MS[1] <= value[0] <= 1000 / _FRAME_MS[0]:
        return "is no positive number"
    return np.arange(count, dtype=np.float64) * np.float64(1.0 / value[0])


def pixel_spacing(dataset: Dataset) -> tuple[tuple[float, float] | None, list[str]]:
    """Return mm per pixel along rows and columns where there is one such pair, and remarks."""
    for name, note in (
        ("PixelSpacing", ""),
        ("ImagerPixelSpacing", "pixel spacing is that at the detector, not in the patient"),
    ):
        spacing = positive(decimals(dataset, name, 2))
        if spacing is not None:
            return (spacing[0], spacing[1]), [note] if note else []
    tag = Tag("SequenceOfUltrasoundRegions")
    if tag not in dataset:
        return None, []
    try:
        regions = [_region_spacing(region) for region in dataset[tag].value]
    except FOREIGN_ERRORS:
        return None, ["the ultrasound regions cannot be read; no pixel spacing"]
    known = [one for one in regions if one is not None]
    if regions and len(known) == len(regions):
        first = known[0]
        if all(
            math.isclose(a, b, rel_tol=1e-3) for o in known for a, b in zip(o, first, strict=True)
        ):
            return first, []
    if known:
        return None, ["the ultrasound regions have different scales; there is no one pixel spacing"]
    return None, []


def _region_spacing(region: Dataset) -> tuple[float, float] | None:
    """Return mm per pixel along rows and columns of one region, None where not a length."""
    units = {int(region.PhysicalUnitsXDirection), int(region.PhysicalUnitsYDirection)}
    down, across = abs(float(region.PhysicalDeltaY)), abs(float(region.PhysicalDeltaX))
    if units != {_CENTIMETRE} or not all(0 < v < 1e4 for v in (down, across)):
        return None
    return 10 * down, 10 * across
