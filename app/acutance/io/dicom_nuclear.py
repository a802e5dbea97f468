"""The slices of a reconstructed nuclear medicine image (SPECT): frames that follow a slice vector.

Its geometry stands where no other image keeps it: the position and orientation of the first slice
in the detector information, the way to the next one in the sign of the slice spacing, and what a
frame is in vectors with one number per frame. Frames without a slice vector follow in time.

References
----------
.. [1] DICOM PS3.3, C.8.4.8 (NM multi-frame), C.8.4.11 (NM detector), C.8.4.15 (NM reconstruction:
   spacing between slices, a positive one stacks behind the first slice).
"""

from __future__ import annotations

import struct
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from acutance.core.foreign import quiet
from acutance.io.dicom_dataset import is_big_endian, named_refusal, read_elements
from acutance.io.dicom_frames import MAX_FRAMES, frame_count, with_bytes
from acutance.io.dicom_geometry import valid_orientation
from acutance.io.dicom_groups import sequence_items
from acutance.io.dicom_header import build_header
from acutance.io.dicom_stream import ManySlices, NotASlice
from acutance.io.dicom_syntax import NUCLEAR_MEDICINE, is_readable
from acutance.io.dicom_text import HEADER_TAGS, decimals, raw_bytes

if TYPE_CHECKING:
    from pathlib import Path

    from pydicom.dataset import Dataset

    from acutance.io.dicom_slice import SliceHeader

#: What tells frames at the same place apart, in words, and the vector that says it.
_VECTORS = (
    ("energy window", "EnergyWindowVector"),
    ("R-R interval", "RRIntervalVector"),
    ("time slot", "TimeSlotVector"),
    ("phase", "PhaseVector"),
)
_TAGS = (
    "DetectorInformationSequence",
    "SliceVector",
    *(name for _, name in _VECTORS),
    "ExtendedOffsetTable",
    "ExtendedOffsetTableLengths",
)


def read_nuclear(path: Path) -> list[SliceHeader]:
    """Return the slices of a reconstructed image; no pixel is read.

    Returns
    -------
    list of SliceHeader
        In frame order; `frame` counts from 0.

    Raises
    ------
    ManySlices
        If the frames are no slices that have a place.
    NotASlice
        If the file cannot be read, with the reason.
    """
    with named_refusal(), path.open("rb") as file, quiet():
        dataset, stream, syntax = read_elements(file, (*HEADER_TAGS, *_TAGS), None)
        if syntax and not is_readable(syntax):
            raise NotASlice(f"its transfer syntax {syntax[:64]} is not read")
        is_big = is_big_endian(dataset, syntax)
        base = build_header(path, dataset, stream, syntax)
        count = frame_count(dataset, base, is_big, path.stat().st_size)
        return with_bytes(_slices(dataset, base, count, is_big), base, dataset, stream)


def _slices(dataset: Dataset, base: SliceHeader, count: int, is_big: bool) -> list[SliceHeader]:
    numbers = _vector(dataset, "SliceVector", count, is_big)
    detectors = sequence_items(dataset, "DetectorInformationSequence")
    detector = detectors[0] if detectors else dataset
    first = replace(
        base,
        orientation=decimals(detector, "ImageOrientationPatient", 6) or base.orientation,
        position=decimals(detector, "ImagePositionPatient", 3) or base.position,
    )
    frame, step = valid_orientation(first), base.spacing_between
    if not numbers or frame is None or first.position is None or not step:
        raise ManySlices(f"a multi-frame image ({count} frames) without slices", NUCLEAR_MEDICINE)
    vectors = {words: _vector(dataset, name, count, is_big) for words, name in _VECTORS}
    return [
        replace(
            first,
            frame=n,
            sop_uid=f"{base.sop_uid}#{n}" if base.sop_uid else "",
            instance=(base.instance or 0) * MAX_FRAMES + n,
            position=tuple(
                (np.array(first.position) + (numbers[n] - 1) * step * frame[2]).tolist()
            ),
            slice_location=None,
            phases=tuple(
                (words, str(values[n]) if values else "") for words, values in vectors.items()
            ),
        )
        for n in range(count)
    ]


def _vector(dataset: Dataset, name: str, count: int, is_big: bool) -> tuple[int, ...]:
    """Return a number per frame, () where the vector is absent or of another length."""
    raw = raw_bytes(dataset, name)
    if raw is None or len(raw) != 2 * count:
        return ()
    return struct.unpack(f"{'>' if is_big else '<'}{count}H", raw)
