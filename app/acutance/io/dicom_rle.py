"""Run-length encoded frames.

WORKAROUND https://github.com/pydicom/pylibjpeg-rle: on damaged runs it panics, which is no
`Exception`, and the dicomrle of imagecodecs ends the process. Its packbits, which unpacks the runs
here, stood a million damaged segments.

References
----------
.. [1] DICOM PS3.5, annex G (RLE compression): segments of bytes, the highest byte of a sample
   first, one sample after the other; a byte behind may make the length of a segment even.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any

import imagecodecs
import numpy as np

from acutance.io._protocols import FOREIGN_ERRORS

if TYPE_CHECKING:
    from numpy.typing import NDArray

_HEADER_BYTES = 64
_MOST_SEGMENTS = 15


def decode_rle(
    data: bytes, rows: int, columns: int, samples: int, bits_allocated: int
) -> NDArray[Any]:
    """Return the pixels of a frame.

    Returns
    -------
    ndarray, shape (rows, columns) or (rows, columns, samples), uint8, uint16 or uint32

    Raises
    ------
    ValueError
        If segments are missing, damaged, or shorter than the frame.
    """
    width = bits_allocated // 8
    if len(data) < _HEADER_BYTES:
        raise ValueError("the header of the run-length encoding is cut")
    count, *offsets = struct.unpack("<16L", data[:_HEADER_BYTES])
    if count != samples * width or count > _MOST_SEGMENTS:
        raise ValueError(f"{count} segments of runs where {samples * width} are wanted")
    starts = offsets[:count]
    if starts[0] < _HEADER_BYTES or starts != sorted(starts) or starts[-1] > len(data):
        raise ValueError("the segments of runs do not follow each other")
    size = rows * columns
    pixels = np.empty((size, samples, width), np.uint8)
    for number, (start, end) in enumerate(zip(starts, [*starts[1:], len(data)], strict=True)):
        sample, place = divmod(number, width)
        pixels[:, sample, width - 1 - place] = _unpack(data[start:end], size)
    whole = pixels.reshape(size, samples * width).view(f"<u{width}")
    whole = whole.astype(whole.dtype.newbyteorder("="), copy=False)
    return whole.reshape(rows, columns, samples) if samples > 1 else whole.reshape(rows, columns)


def _unpack(segment: bytes, size: int) -> NDArray[np.uint8]:
    """Return the first `size` bytes of a segment (annex G.3.2); what stands behind is padding."""
    try:
        values = np.frombuffer(imagecodecs.packbits_decode(segment), np.uint8)
    except FOREIGN_ERRORS:
        values = np.frombuffer(_unpack_leniently(segment, size), np.uint8)
    if values.size < size:
        raise ValueError("a segment of runs is shorter than the frame")
    return values[:size]


def _unpack_leniently(segment: bytes, size: int) -> bytearray:
    """Unpack run by run, until there are `size` bytes or no more runs."""
    unpacked = bytearray()
    at, end = 0, len(segment)
    while len(unpacked) < size and at < end:
        head = segment[at]
        if head < 128:
            unpacked += segment[at + 1 : at + head + 2]
            at += head + 2
        else:
            if head > 128:
                unpacked += segment[at + 1 : at + 2] * (257 - head)
                at += 1
            at += 1
    return unpacked
