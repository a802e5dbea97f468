"""The size that a compressed frame says itself, so that no decoder believes a false one.

References
----------
.. [1] ITU-T T.81 (JPEG), B.2.2 frame header; ITU-T T.87 (JPEG-LS), C.2.2.
.. [2] ITU-T T.800 (JPEG 2000), A.5.1 image and tile size (SIZ).
"""

from __future__ import annotations

import struct
from typing import BinaryIO

#: Bytes of the first fragment that are searched; tables before the frame header are short.
_SEARCH_BYTES = 65536
#: Frame headers of JPEG (without the three other markers of that range) and of JPEG-LS.
_FRAME_MARKERS = frozenset({*range(0xC0, 0xD0), 0xF7} - {0xC4, 0xC8, 0xCC})


def frame_size(stream: BinaryIO, offset: int) -> tuple[int, int] | None:
    """Return rows and columns that the first fragment states, None where it states none.

    Parameters
    ----------
    stream : binary file
    offset : int
        Where the items of the encapsulated pixel data begin.
    """
    stream.seek(offset)
    table = stream.read(8)
    if len(table) < 8:
        return None
    stream.seek(offset + 8 + struct.unpack("<L", table[4:])[0])
    item = stream.read(8)
    if len(item) < 8:
        return None
    return codestream_size(stream.read(min(struct.unpack("<L", item[4:])[0], _SEARCH_BYTES)))


def codestream_size(data: bytes) -> tuple[int, int] | None:
    """Return rows and columns that compressed bytes state, None where they state none."""
    data = data[:_SEARCH_BYTES]
    if data[:4] == b"\xff\x4f\xff\x51" and len(data) >= 24:
        right, bottom, left, top = struct.unpack(">4L", data[8:24])
        return bottom - top, right - left
    return _jpeg_size(data) if data[:2] == b"\xff\xd8" else None


def _jpeg_size(data: bytes) -> tuple[int, int] | None:
    at = 2
    while at + 9 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if marker == 0xFF:  # a fill byte
            at += 1
        elif marker in _FRAME_MARKERS:
            rows, columns = struct.unpack(">HH", data[at + 5 : at + 9])
            return rows, columns
        else:
            at += 2 + struct.unpack(">H", data[at + 2 : at + 4])[0]
    return None
