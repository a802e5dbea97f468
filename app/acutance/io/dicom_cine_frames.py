"""The frames of a DICOM file, one by one: native, compressed, or an embedded video stream.

References
----------
.. [1] DICOM PS3.5, 8.1.1 (stored bits), 8.2 (encapsulated), annex A.4 (fragments).
.. [2] DICOM PS3.3, C.7.6.3.1.2 (photometric interpretation), C.7.6.3.1.5 (palette).
"""

from __future__ import annotations

import bisect
import io
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

from acutance.core.foreign import quiet
from acutance.io._protocols import FOREIGN_ERRORS
from acutance.io.dicom_cine_header import PALETTE
from acutance.io.dicom_codec import decode_frame
from acutance.io.dicom_colour import native_colour
from acutance.io.dicom_frames import frame_pieces
from acutance.io.dicom_lut import Table, read_palette
from acutance.io.dicom_stream import UNDEFINED_LENGTH, NotASlice, walk_fragments
from acutance.io.dicom_syntax import RLE, is_encapsulated

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from acutance.io.dicom_cine_header import CineHeader

#: First bytes of a compressed frame: JPEG and JPEG-LS, JPEG 2000 and HTJ2K.
_STREAM_STARTS = (b"\xff\xd8\xff", b"\xff\x4f\xff\x51")
Pieces = tuple[tuple[int, int], ...]


class StillFrames:
    """Frames that stand each by itself in the file; `stream` is read, never closed, here.

    Raises
    ------
    NotASlice
        If not one whole frame is there, with the reason.
    """

    def __init__(self, header: CineHeader, stream: BinaryIO) -> None:
        self._header = header
        self._stream = stream
        self._palette: Table | None = None
        self.defect = ""
        place = self._find_compressed if is_encapsulated(header.syntax) else self._find_native
        self._pieces: list[Pieces] = place()
        if not self._pieces:
            raise NotASlice(self.defect or "its pixel data is empty")

    @property
    def count(self) -> int:
        """Number of frames that are there."""
        return len(self._pieces)

    def frame(self, number: int) -> NDArray[Any] | None:
        """Return a frame of shape (rows, columns, channels), None where it is damaged."""
        try:
            with quiet():
                data = b"".join(map(self._read, self._pieces[number]))
                if is_encapsulated(self._header.syntax):
                    pixels = decode_frame(self._header, data)
                else:
                    pixels = self._from_native(data)
                return self._finish(pixels)
        except FOREIGN_ERRORS:
            return None

    def _read(self, piece: tuple[int, int]) -> bytes:
        offset, length = piece
        self._stream.seek(offset)
        data = self._stream.read(length)
        if len(data) != length:
            raise EOFError("the file ends inside its pixels")
        return data

    def _find_native(self) -> list[Pieces]:
        header = self._header
        left = self._stream.seek(0, io.SEEK_END) - header.pixel_offset
        if header.pixel_length == UNDEFINED_LENGTH:
            raise NotASlice("its pixel data has no stated length")
        size = header.stored_bytes
        there = max(0, min(left, header.pixel_length)) // size
        if left < header.pixel_length:
            self.defect = "the file is cut inside its pixels"
        elif there < header.stated_frames:
            self.defect = "its pixel data is shorter than it claims"
        elif there > header.stated_frames:
            self.defect = f"its pixel data would fill {there}"
            there = header.stated_frames
        return [((header.pixel_offset + n * size, size),) for n in range(there)]

    def _find_compressed(self) -> list[Pieces]:
        header = self._header
        if header.pixel_length != UNDEFINED_LENGTH:
            raise NotASlice("its pixel data is not packed as its transfer syntax asks for")
        items, cut = walk_fragments(self._stream, header.pixel_offset)
        self.defect = f"the file is {cut}" if cut.startswith("cut") else cut
        frames = frame_pieces(
            self._stream, items, header.stated_frames, header.dataset, is_whole=not cut
        )
        if frames is None or (header.stated_frames == 1 and len(items) > 2):
            frames = self._told_by_content(items[1:])
        if frames is None:
            raise NotASlice(cut or "its compressed frames cannot be told apart")
        if not self.defect and len(frames) != header.stated_frames:
            self.defect = "its compressed pixel data holds another number"
        return list(frames)

    def _told_by_content(self, fragments: Sequence[tuple[int, int]]) -> list[Pieces] | None:
        """Return the frames of fragments whose number is not what the header says."""
        if not fragments:
            return None
        if self._header.syntax == RLE:  # a frame is one fragment, always (annex G.1)
            return [(one,) for one in fragments]
        begins = []
        for number, (offset, _) in enumerate(fragments):
            self._stream.seek(offset)
            if self._stream.read(4).startswith(_STREAM_STARTS):
                begins.append(number)
        if not begins or begins[0] != 0:
            return None
        ends = [*begins[1:], len(fragments)]
        return [tuple(fragments[b:e]) for b, e in zip(begins, ends, strict=True)]

    def _from_native(self, data: bytes) -> NDArray[Any]:
        header = self._header
        shape = (header.rows, header.columns)
        sign = "i" if header.is_signed and header.samples == 1 else "u"
        dtype = np.dtype(f"{sign}{header.bits_allocated // 8}")
        stored = dtype.newbyteorder(">" if header.is_big_endian else "<")
        if header.samples == 1:
            return np.frombuffer(data, stored).reshape(shape).astype(dtype)
        pixels = np.frombuffer(data, np.uint8)
        return native_colour(header, pixels, is_big_endian=header.is_big_endian)

    def _finish(self, pixels: NDArray[Any]) -> NDArray[Any]:
        """Return the frame with unused bits cleared, palette applied, channels last."""
        header = self._header
        has_words = not is_encapsulated(header.syntax) or header.syntax == RLE
        if header.samples == 1 and has_words:
            pixels = _clear_unused_bits(pixels, header)
        if header.photometric == PALETTE:
            if self._palette is None:
                self._palette = read_palette(header)
            pixels = self._palette.look_up(pixels)
        pixels = pixels.astype(header.dtype, copy=False)
        return pixels if pixels.ndim == 3 else pixels[:, :, np.newaxis]


def _clear_unused_bits(pixels: NDArray[Any], header: CineHeader) -> NDArray[Any]:
    """Move the stored bits down and extend or clear those above them [1]_."""
    if header.bits_stored == header.bits_allocated:
        return pixels
    left = header.bits_allocated - 1 - header.high_bit
    return (pixels << left) >> (header.bits_allocated - header.bits_stored)


class JoinedFragments(io.RawIOBase):
    """The fragments of encapsulated pixel data as one file; nothing is kept in memory.

    Parameters
    ----------
    stream : binary file
        Closed with this object.
    pieces : sequence of (int, int)
        Offset and length of each fragment.
    """

    def __init__(self, stream: BinaryIO, pieces: Sequence[tuple[int, int]]) -> None:
        super().__init__()
        self._stream = stream
        self._pieces = [piece for piece in pieces if piece[1]]
        self._starts = [0]
        for _, length in self._pieces:
            self._starts.append(self._starts[-1] + length)
        self._at = 0

    def readable(self) -> bool:
        """Return True."""
        return True

    def seekable(self) -> bool:
        """Return True."""
        return True

    def tell(self) -> int:
        """Return the place in the joined bytes."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move to a place in the joined bytes."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._starts[-1]}[whence]
        self._at = max(0, base + offset)
        return self._at

    def readinto(self, buffer: Any) -> int:
        """Fill a buffer from one fragment; 0 at the end."""
        if self._at >= self._starts[-1]:
            return 0
        number = bisect.bisect_right(self._starts, self._at) - 1
        offset, length = self._pieces[number]
        inside = self._at - self._starts[number]
        self._stream.seek(offset + inside)
        data = self._stream.read(min(len(buffer), length - inside))
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)

    def close(self) -> None:
        """Close the file below."""
        if not self.closed:
            self._stream.close()
        super().close()
