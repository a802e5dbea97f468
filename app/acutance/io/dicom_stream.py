"""The bytes of a DICOM file around its data set: deflated bodies, the pixel element, fragments.

References
----------
.. [1] DICOM PS3.5, section 7.1 (data elements), A.4 (encapsulated pixel data), A.5 (deflated).
"""

from __future__ import annotations

import struct
import zlib
from io import BytesIO
from typing import Any, BinaryIO

import pydicom

from acutance.io.dicom_syntax import DEFLATED

#: What a deflated data set may become. One classic slice stays far below.
MAX_DEFLATED_BYTES = 256 * 1024**2
#: The elements that hold pixels, and as what.
PIXEL_KINDS = {0x7FE00010: "integer", 0x7FE00008: "float", 0x7FE00009: "double"}
UNDEFINED_LENGTH = 0xFFFFFFFF


class NotASlice(Exception):  # noqa: N818 - an answer, not a fault
    """The file is no slice that can be read; the argument says why, for the ledger."""


class DamagedSlice(NotASlice):
    """The file may have been a slice; it is cut or damaged."""


class ManySlices(NotASlice):
    """The file holds several slices, which `dicom_frames` or `dicom_mosaic` reads.

    Parameters
    ----------
    reason : str
        What the ledger says where nothing else reads the file.
    sop_class : str
        SOPClassUID.
    is_mosaic : bool
        Whether the slices are tiles of one picture.
    """

    def __init__(self, reason: str, sop_class: str, *, is_mosaic: bool = False) -> None:
        super().__init__(reason)
        self.sop_class = sop_class
        self.is_mosaic = is_mosaic


def open_inflated(file: BinaryIO) -> BinaryIO:
    """Return the file, or a copy in memory with its deflated data set inflated within a bound.

    Raises
    ------
    NotASlice
        If the data set is damaged or becomes larger than `MAX_DEFLATED_BYTES`.
    """
    meta = pydicom.filereader.read_preamble(file, True)
    syntax, start = "", 0
    if meta is not None:
        info = pydicom.filereader._read_file_meta_info(file)
        syntax = meta_text(info, "TransferSyntaxUID")
        start = file.tell()
        # They would be read for long, one by one, as elements of a command.
        if file.read(16) == bytes(16):
            raise DamagedSlice("holds zeros where its header should be; it was not fully copied")
        file.seek(start)
    if syntax != DEFLATED:
        file.seek(0)
        return file
    inflate = zlib.decompressobj(wbits=-zlib.MAX_WBITS)
    try:
        data = inflate.decompress(file.read(), MAX_DEFLATED_BYTES)
        if inflate.unconsumed_tail or (not inflate.eof and len(data) >= MAX_DEFLATED_BYTES):
            raise DamagedSlice("its deflated data set is far larger than a slice can be")
        if not inflate.eof:
            raise DamagedSlice("its deflated data set is cut")
    except zlib.error as error:
        raise DamagedSlice("its deflated data set is damaged") from error
    file.seek(0)
    whole = BytesIO(file.read(start) + data)
    whole.seek(start)
    return whole


def meta_text(dataset: Any, name: str) -> str:
    """Return an element of the file meta information as text, `""` where absent."""
    return str(dataset.get(name, "") or "").strip("\x00 ")


def pixel_element(stream: BinaryIO, is_big: bool) -> tuple[str | None, int, int]:
    """Return kind, value offset and value length of the pixel data that a stream stands at."""
    start = stream.tell()
    head = stream.read(12)
    if len(head) < 8:
        return None, start, 0
    order = ">" if is_big else "<"
    group, element = struct.unpack(order + "HH", head[:4])
    kind = PIXEL_KINDS.get(group << 16 | element)
    # An implicit length would need the odd low half 0x574F, 0x424F ... to be mistaken for a VR.
    if head[4:6] in (b"OW", b"OB", b"OF", b"OD", b"UN", b"OL"):
        if len(head) < 12:
            return None, start, 0
        return kind, start + 12, int(struct.unpack(order + "L", head[8:12])[0])
    return kind, start + 8, int(struct.unpack(order + "L", head[4:8])[0])


def walk_fragments(stream: BinaryIO, offset: int) -> tuple[list[tuple[int, int]], str]:
    """Walk the items of encapsulated pixel data (PS3.5 A.4) without reading them.

    Returns
    -------
    items : list of (int, int)
        Where the value of each item begins and how long it is; the first is the Basic Offset
        Table. Only whole items.
    defect : str
        Why there are no more, `""` at a proper end.
    """
    end = stream.seek(0, 2)
    position = offset
    items: list[tuple[int, int]] = []
    while True:
        stream.seek(position)
        item = stream.read(8)
        if len(item) < 8:
            return items, "cut inside its pixels"
        group, element, length = struct.unpack("<HHL", item)
        if (group, element) == (0xFFFE, 0xE0DD):
            return items, "" if len(items) > 1 else "its pixel data is empty"
        if (group, element) != (0xFFFE, 0xE000) or length == UNDEFINED_LENGTH:
            return items, "its compressed pixel data is damaged"
        if position + 8 + length > end:
            return items, "cut inside its pixels"
        items.append((position + 8, length))
        position += 8 + length


def fragments_defect(stream: BinaryIO, offset: int) -> str:
    """Return why encapsulated pixel data cannot be read, `""` where it can."""
    return walk_fragments(stream, offset)[1]
