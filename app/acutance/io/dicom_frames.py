"""The slices of one DICOM file that holds several: enhanced multi-frame images.

Each frame becomes a `SliceHeader` of its own, so that whatever sorts, splits and doubts classic
slices does the same to frames; which frame is which is told by what it says of itself, never by
its number.

References
----------
.. [1] DICOM PS3.3, C.7.6.16 (multi-frame functional groups), C.8.13 (enhanced MR), C.8.15 (enhanced
   CT), C.7.6.16.2 (common macros: pixel measures, frame content, plane position and orientation,
   pixel value transformation, frame VOI LUT, real world value mapping).
.. [2] DICOM PS3.5, A.4 (encapsulated pixel data, offset tables).
"""

from __future__ import annotations

import struct
from dataclasses import replace
from typing import TYPE_CHECKING, Any, BinaryIO

from acutance.core.foreign import quiet
from acutance.io.dicom_dataset import is_big_endian, named_refusal, read_elements
from acutance.io.dicom_groups import FrameGroups, frame_facts, frame_phases, frame_unit
from acutance.io.dicom_header import build_header, positive, stored_windows
from acutance.io.dicom_stream import UNDEFINED_LENGTH, NotASlice, walk_fragments
from acutance.io.dicom_syntax import (
    ENHANCED_CLASSES,
    PARAMETRIC_MAP,
    is_encapsulated,
    is_readable,
)
from acutance.io.dicom_text import (
    HEADER_TAGS,
    Rescale,
    decimals,
    integer,
    parse_rescale,
    raw_bytes,
    raw_text,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from pydicom.dataset import Dataset

    from acutance.io.dicom_slice import SliceHeader

#: No file of more frames is read; 300 time points of 200 slices stay below.
MAX_FRAMES = 65536
_GROUP_TAGS = (
    "SharedFunctionalGroupsSequence",
    "PerFrameFunctionalGroupsSequence",
    "DimensionIndexSequence",
    "ExtendedOffsetTable",
    "ExtendedOffsetTableLengths",
)
#: First bytes of a JPEG, JPEG-LS, JPEG 2000 or HTJ2K stream.
_STREAM_STARTS = (b"\xff\xd8\xff", b"\xff\x4f\xff\x51")


def can_expand(sop_class: str) -> bool:
    """Whether files of this SOP class hold the slices of volumes."""
    return sop_class in ENHANCED_CLASSES


def read_frames(path: Path) -> list[SliceHeader]:
    """Return the slices of a file of several; no pixel is read.

    Returns
    -------
    list of SliceHeader
        In frame order; `frame` counts from 0. Frames whose bytes are missing carry a `defect`.

    Raises
    ------
    NotASlice
        If the file holds no slices that can be read, with the reason.
    """
    with named_refusal(), path.open("rb") as file, quiet():
        # Sequences are looked into, so nothing is deferred; other elements are passed over.
        dataset, stream, syntax = read_elements(file, (*HEADER_TAGS, *_GROUP_TAGS), None)
        if syntax and not is_readable(syntax):
            raise NotASlice(f"its transfer syntax {syntax[:64]} is not read")
        is_big = is_big_endian(dataset, syntax)
        base = build_header(path, dataset, stream, syntax)
        count = frame_count(dataset, base, is_big, path.stat().st_size)
        headers = _expand(dataset, base, count)
        return with_bytes(headers, base, dataset, stream)


def frame_count(dataset: Dataset, base: SliceHeader, is_big: bool, size: int) -> int:
    """Return the number of frames that a file states, held against its size in bytes.

    Raises
    ------
    NotASlice
        If it is none, too many, or far more than the file has room for.
    """
    stated = integer(dataset, "NumberOfFrames", is_big)
    count = 1 if stated is None else stated
    if not 1 <= count <= MAX_FRAMES:
        raise NotASlice(f"claims {count} frames; up to {MAX_FRAMES} are read")
    if not is_encapsulated(base.syntax):
        # Fewer are borne as a cut file, one by one; a claim out of all proportion is not.
        fits = max(size, base.pixel_length if base.pixel_length != UNDEFINED_LENGTH else 0)
        if count * base.frame_bytes > 64 * max(fits, 1):
            raise NotASlice(f"claims {count} frames where it has no room for them")
    return count


def _expand(dataset: Dataset, base: SliceHeader, count: int) -> list[SliceHeader]:
    """Return a header per frame from the shared and per-frame functional groups."""
    groups = FrameGroups(dataset)
    is_map = raw_text(dataset, "SOPClassUID") == PARAMETRIC_MAP
    return [_frame_header(groups, base, number, is_map) for number in range(count)]


def _frame_header(groups: FrameGroups, base: SliceHeader, number: int, is_map: bool) -> SliceHeader:
    place = groups.macro(number, "PlanePositionSequence")
    direction = groups.macro(number, "PlaneOrientationSequence")
    measures = groups.macro(number, "PixelMeasuresSequence")
    content = groups.macro(number, "FrameContentSequence")
    voi = groups.macro(number, "FrameVOILUTSequence")
    rescale = _rescale(groups, number, base, is_map)
    windows = () if voi is None else stored_windows(voi)
    phases, image_type = frame_phases(groups, number, base)
    spacing = None if measures is None else positive(decimals(measures, "PixelSpacing", 2))
    return replace(
        base,
        frame=number,
        sop_uid=f"{base.sop_uid}#{number}" if base.sop_uid else "",
        # Frames of files with higher instance numbers come later.
        instance=(base.instance or 0) * MAX_FRAMES + number,
        position=None if place is None else decimals(place, "ImagePositionPatient", 3),
        orientation=None
        if direction is None
        else decimals(direction, "ImageOrientationPatient", 6),
        pixel_spacing=spacing or base.pixel_spacing,
        thickness=_one(measures, "SliceThickness", base.thickness),
        spacing_between=_one(measures, "SpacingBetweenSlices", base.spacing_between),
        slice_location=None,
        rescale=rescale,
        unit=frame_unit(groups, number, rescale) or base.unit,
        windows=windows or base.windows,
        image_type=image_type,
        phases=phases,
        has_private_scale=base.has_private_scale or groups.has_private_scale(number),
        stack="" if content is None else raw_text(content, "StackID")[:16],
        facts=frame_facts(groups, number, base.facts),
    )


def _one(macro: Dataset | None, name: str, otherwise: float | None) -> float | None:
    values = None if macro is None else decimals(macro, name, 1)
    return otherwise if values is None else values[0]


def _rescale(groups: FrameGroups, number: int, base: SliceHeader, is_map: bool) -> Rescale:
    """Return the public slope and intercept of a frame; private ones are left alone."""
    macro = groups.macro(number, "PixelValueTransformationSequence")
    if macro is not None:
        return parse_rescale(macro)
    if is_map:
        # A parametric map has no other way to say what its stored values mean (C.7.6.16.2.11).
        mapping = groups.real_world_mapping(number)
        if mapping is not None:
            return Rescale(*mapping[:2], is_stated=True)
    return base.rescale


def with_bytes(
    headers: list[SliceHeader], base: SliceHeader, dataset: Dataset, stream: BinaryIO
) -> list[SliceHeader]:
    """Return the headers with where the bytes of each frame stand, or why they do not."""
    if not base.pixel_offset:
        return [replace(h, defect="ends before its pixels") for h in headers]
    if is_encapsulated(base.syntax):
        return _with_pieces(headers, base, dataset, stream)
    left = stream.seek(0, 2) - base.pixel_offset
    if base.pixel_length == UNDEFINED_LENGTH:
        return [replace(h, defect="its pixel data has no stated length") for h in headers]
    size = base.frame_bytes
    placed = []
    for number, header in enumerate(headers):
        end = (number + 1) * size
        defect = ""
        if base.pixel_length == 0 or left <= 0:
            defect = "its pixel data is empty"
        elif end > left:
            defect = "cut inside its pixels"
        elif end > base.pixel_length:
            defect = f"holds pixels of {base.pixel_length // size} frames, not of {len(headers)}"
        placed.append(
            replace(
                header,
                pixel_offset=base.pixel_offset + number * size,
                pixel_length=size,
                defect=defect,
            )
        )
    return placed


def _with_pieces(
    headers: list[SliceHeader], base: SliceHeader, dataset: Dataset, stream: BinaryIO
) -> list[SliceHeader]:
    if base.pixel_length != UNDEFINED_LENGTH:
        defect = "its pixel data is not packed as its transfer syntax asks for"
        return [replace(h, defect=defect) for h in headers]
    items, defect = walk_fragments(stream, base.pixel_offset)
    frames = frame_pieces(stream, items, len(headers), dataset, is_whole=not defect)
    if frames is None:
        defect = defect or "its compressed frames cannot be told apart"
        return [replace(h, defect=defect) for h in headers]
    missing = defect or f"holds pixels of {len(frames)} frames, not of {len(headers)}"
    return [
        replace(h, pieces=frames[n]) if n < len(frames) else replace(h, defect=missing)
        for n, h in enumerate(headers)
    ]


Pieces = tuple[tuple[int, int], ...]


def frame_pieces(
    stream: BinaryIO,
    items: Sequence[tuple[int, int]],
    count: int,
    dataset: Dataset,
    *,
    is_whole: bool,
) -> list[Pieces] | None:
    """Return the fragments of each frame, by offset table, by count, or by how they begin [2]_.

    Fewer than `count` where the file is cut; None where frames cannot be told apart.
    """
    if len(items) < 2:
        return None
    fragments = list(items[1:])
    if count == 1:
        return [tuple(fragments)] if is_whole else []
    starts = _extended_offsets(dataset, count) or _basic_offsets(stream, items[0], count)
    if starts and starts[0] == 0 and starts == sorted(set(starts)):
        return _by_table(starts, fragments, is_whole)
    if len(fragments) == count or (not is_whole and len(fragments) < count):
        return [(fragment,) for fragment in fragments]
    begins = [n for n, (offset, _) in enumerate(fragments) if _begins_stream(stream, offset)]
    if begins and begins[0] == 0 and (len(begins) == count or not is_whole):
        return _split_at(begins, fragments, is_whole)
    return None


def _by_table(
    starts: list[int], fragments: Sequence[tuple[int, int]], is_whole: bool
) -> list[Pieces] | None:
    """Return the fragments of each frame whose begin and end a table of offsets tells."""
    first, (last, length) = fragments[0][0], fragments[-1]
    # An offset is that of the item, 8 bytes before its value.
    after_last = last + length - first + 8
    at = {offset - first: number for number, (offset, _) in enumerate(fragments)}
    # Where a cut file ends, what follows its last whole fragment may yet be told by the table.
    at.setdefault(after_last, len(fragments))
    ends = [*starts[1:], after_last] if is_whole else starts[1:]
    frames: list[Pieces] = []
    for start, end in zip(starts, ends, strict=False):
        if start not in at or end not in at:
            break
        frames.append(tuple(fragments[at[start] : at[end]]))
    return frames if frames or not is_whole else None


def _split_at(
    begins: list[int], fragments: Sequence[tuple[int, int]], is_whole: bool
) -> list[Pieces]:
    """Return the fragments from each begin to the next; the last of a cut file is not whole."""
    frames = [
        tuple(fragments[b:e]) for b, e in zip(begins, [*begins[1:], len(fragments)], strict=True)
    ]
    return frames if is_whole else frames[:-1]


def _begins_stream(stream: BinaryIO, offset: int) -> bool:
    stream.seek(offset)
    return stream.read(4).startswith(_STREAM_STARTS)


def _basic_offsets(stream: BinaryIO, table: tuple[int, int], count: int) -> list[int]:
    offset, length = table
    if length != 4 * count:
        return []
    stream.seek(offset)
    return list(struct.unpack(f"<{count}L", stream.read(length)))


def _extended_offsets(dataset: Dataset, count: int) -> list[int]:
    raw: Any = raw_bytes(dataset, "ExtendedOffsetTable")
    return list(struct.unpack(f"<{count}Q", raw)) if raw and len(raw) == 8 * count else []
