"""The pixels of one slice, as stored values.

References
----------
.. [1] DICOM PS3.5, 8.1.1 (bits allocated, bits stored, high bit), annex D (encoding of pixels).
"""

from __future__ import annotations

import sys
from dataclasses import replace
from io import FileIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

from acutance.core.foreign import quiet
from acutance.errors import CorruptFileError
from acutance.io._protocols import FOREIGN_ERRORS
from acutance.io.dicom_codec import decode_frame
from acutance.io.dicom_colour import PALETTE, native_colour, to_eight_bits
from acutance.io.dicom_lut import read_palette
from acutance.io.dicom_stream import NotASlice, open_inflated, walk_fragments
from acutance.io.dicom_syntax import DEFLATED, RLE, is_encapsulated, is_native

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from acutance.io.dicom_slice import SliceHeader

_REMEDY_COPY = "Copy the file again or leave it out."


def stored_dtype(header: SliceHeader) -> np.dtype[Any]:
    """Return the dtype of the pixels as read, in the byte order of this machine."""
    return np.dtype(np.uint8) if header.is_colour else _sample_dtype(header)


def _sample_dtype(header: SliceHeader) -> np.dtype[Any]:
    if header.pixel_kind != "integer":
        return np.dtype(f"f{header.sample_bytes}")
    return np.dtype(f"{'i' if header.is_signed else 'u'}{header.sample_bytes}")


def read_pixels(header: SliceHeader) -> NDArray[Any]:
    """Return the stored values of a slice.

    Returns
    -------
    ndarray, shape (rows, columns) or, of colour, (rows, columns, 3), dtype `stored_dtype`

    Raises
    ------
    CorruptFileError
        If the pixels cannot be read or decoded.
    """
    return read_picture(header) if header.tile is None else cut_tile(read_picture(header), header)


def cut_tile(picture: NDArray[Any], header: SliceHeader) -> NDArray[Any]:
    """Return the tile of a picture that a slice is."""
    top, left = header.tile[:2] if header.tile else (0, 0)
    return picture[top : top + header.rows, left : left + header.columns]


def read_picture(header: SliceHeader) -> NDArray[Any]:
    """Return the stored values of the whole picture of which a slice is a tile.

    Raises
    ------
    CorruptFileError
        If the pixels cannot be read or decoded.
    """
    path = Path(header.path)
    if header.tile is not None:
        rows, columns = header.tile[2:]
        header = replace(header, rows=rows, columns=columns, tile=None)
    try:
        if is_native(header.syntax) and header.syntax != DEFLATED:
            return _read_native(header, path)
        with quiet():  # changes what all threads share; uncompressed slices are read in several
            if is_encapsulated(header.syntax):
                return _decode(header, path)
            return _read_native(header, path)
    except NotASlice as error:
        raise CorruptFileError(str(error), remedy=_REMEDY_COPY, path=path) from error
    except FOREIGN_ERRORS as error:
        raise CorruptFileError(
            "The pixels cannot be decoded; the file is damaged.", remedy=_REMEDY_COPY, path=path
        ) from error


def _read_native(header: SliceHeader, path: Path) -> NDArray[Any]:
    data = np.empty(header.frame_bytes, np.uint8)
    if header.syntax == DEFLATED:
        with path.open("rb") as file:
            stream = open_inflated(file)
            stream.seek(header.pixel_offset)
            if stream.readinto(data.data) != len(data):  # type: ignore[attr-defined]
                raise EOFError("the file ends inside its pixels")
    else:
        _read_tail(header, data)
    if header.samples == 3:
        colours = native_colour(header, data, is_big_endian=header.is_big_endian)
        return to_eight_bits(colours, header.bits_stored)
    dtype = _sample_dtype(header)
    pixels = data.view(dtype.newbyteorder(">" if header.is_big_endian else "<"))
    native = pixels.reshape(header.rows, header.columns).astype(dtype, copy=False)
    return _coloured(_clear_unused_bits(native, header), header)


def _coloured(pixels: NDArray[Any], header: SliceHeader) -> NDArray[Any]:
    """Return pixels with the palette of the file applied, where it has one."""
    if header.photometric != PALETTE:
        return pixels
    return read_palette(header).look_up(pixels).reshape(header.rows, header.columns, 3)


def can_read_into(header: SliceHeader, target: NDArray[Any]) -> bool:
    """Whether `read_pixels_into` can fill this array: stored as it is kept, without a gap."""
    return (
        is_native(header.syntax)
        and header.syntax != DEFLATED
        and header.tile is None
        and not header.is_colour
        and target.dtype == stored_dtype(header)
        and target.shape == (header.rows, header.columns)
        and target.flags.c_contiguous
        and (header.sample_bytes == 1 or header.is_big_endian == (sys.byteorder == "big"))
    )


def read_pixels_into(header: SliceHeader, target: NDArray[Any]) -> None:
    """Read the stored values of a slice straight into an array; see `can_read_into`.

    Raises
    ------
    CorruptFileError
        If the pixels cannot be read.
    """
    try:
        _read_tail(header, target)
    except FOREIGN_ERRORS as error:
        raise CorruptFileError(
            "The pixels cannot be decoded; the file is damaged.",
            remedy=_REMEDY_COPY,
            path=Path(header.path),
        ) from error
    _clear_unused_bits(target, header)


def _read_tail(header: SliceHeader, target: NDArray[Any]) -> None:
    """Fill an array with the bytes of the file from the pixels on."""
    view = target.reshape(-1).view(np.uint8).data
    with FileIO(header.path) as file:
        file.seek(header.pixel_offset)
        while view:
            read = file.readinto(view)
            if not read:
                raise EOFError("the file ends inside its pixels")
            view = view[read:]


def _decode(header: SliceHeader, path: Path) -> NDArray[Any]:
    """Decode a compressed frame."""
    with path.open("rb") as file:
        pieces = header.pieces
        if not pieces:
            items, defect = walk_fragments(file, header.pixel_offset)
            if defect:
                raise NotASlice(defect)
            pieces = tuple(items[1:])
        pixels = decode_frame(header, b"".join(_read_pieces(file, pieces)))
    if header.samples == 3:
        return to_eight_bits(pixels, header.bits_stored)
    pixels = pixels.astype(_sample_dtype(header), copy=False)
    if header.syntax == RLE:  # packs whole words, unused bits too
        pixels = _clear_unused_bits(pixels, header)
    return _coloured(pixels, header)


def _read_pieces(file: BinaryIO, pieces: Iterable[tuple[int, int]]) -> Iterator[bytes]:
    for offset, length in pieces:
        file.seek(offset)
        data = file.read(length)
        if len(data) != length:
            raise EOFError("the file ends inside its pixels")
        yield data


def _clear_unused_bits(pixels: NDArray[Any], header: SliceHeader) -> NDArray[Any]:
    """Move the stored bits down and extend or clear those above them [1]_.

    Old files keep overlays or rubbish in the unused bits; read as they are, values jump.
    """
    bits, stored = header.bits_allocated, header.bits_stored
    if header.pixel_kind != "integer" or stored == bits:
        return pixels
    left = bits - 1 - header.high_bit
    # Arithmetic shift for signed dtypes, logical for unsigned: sign extension and mask in one.
    np.left_shift(pixels, left, out=pixels)
    np.right_shift(pixels, bits - stored, out=pixels)
    return pixels
