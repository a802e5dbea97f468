"""Frames as pictures: levels that can be shown, the mark in a corner, PNG of 8 and 16 bits.

References
----------
.. [1] Portable Network Graphics (PNG) Specification, third edition, W3C, 2025.
"""

from __future__ import annotations

import struct
import zlib
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from acutance.export.atomic import replacing

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from acutance.core.clip_export import Look

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_COLOUR_TYPE = {1: 0, 3: 2}
#: Filter "up": each byte less the one above it.
_UP = 2
_COMPRESSION = 4
#: Height of the mark's letters as a share of the frame, and at least, in pixels.
_MARK_SHARE, _MARK_PIXELS = 0.03, 9


def burn_mark(frames: NDArray[Any], look: Look) -> NDArray[Any]:
    """Return frames with the mark of `look` in their bottom right corner.

    Parameters
    ----------
    frames : ndarray, shape (T, Y, X, C), stored dtype
        Left as they are.
    look : Look
    """
    if not look.mark:
        return frames
    letters, halo = _mark(look.mark, frames.shape[1], frames.shape[2])
    low, high = _ends(frames.dtype, look)
    marked = frames.copy()
    rows, columns = letters.shape
    corner = marked[:, -rows:, -columns:]
    corner[:, halo] = low
    corner[:, letters] = high
    return marked


def shown(frames: NDArray[Any], look: Look) -> NDArray[np.uint8]:
    """Return grey frames in 8 bits as `look` shows them; colours in their upper 8 bits.

    Parameters
    ----------
    frames : ndarray, shape (T, Y, X, C), stored dtype
    look : Look

    Returns
    -------
    ndarray, shape (T, Y, X, C), uint8
    """
    if frames.shape[3] == 3:
        return frames if frames.dtype == np.uint8 else (frames >> 8).astype(np.uint8)
    if frames.dtype == np.uint8 and (look.range.low, look.range.high) == (0.0, 255.0):
        return 255 - frames if look.inverted else frames
    span = look.range.high - look.range.low
    levels = (frames.astype(np.float32) - np.float32(look.range.low)) * np.float32(255.0 / span)
    grey: NDArray[np.uint8] = np.rint(np.clip(levels, 0.0, 255.0)).astype(np.uint8)
    return 255 - grey if look.inverted else grey


def picture_values(frames: NDArray[Any], look: Look) -> NDArray[Any]:
    """Return frames as PNG can hold them: unsigned values as they are, signed through the range.

    Parameters
    ----------
    frames : ndarray, shape (T, Y, X, C), stored dtype
    look : Look

    Returns
    -------
    ndarray, uint8 or uint16
        What is shown inverted is inverted.
    """
    if frames.dtype.kind == "i":
        span = look.range.high - look.range.low
        levels = (frames.astype(np.float64) - look.range.low) * (65535.0 / span)
        frames = np.rint(np.clip(levels, 0.0, 65535.0)).astype(np.uint16)
    if look.inverted:
        inverted: NDArray[Any] = np.bitwise_not(frames)
        return inverted
    return frames


def write_png(path: Path, pixels: NDArray[Any]) -> int:
    """Write one picture; return its size in bytes.

    Parameters
    ----------
    path : Path
    pixels : ndarray, shape (Y, X, 1 or 3), uint8 or uint16

    Raises
    ------
    ExportError
        If it cannot be written.
    """
    data = encode_png(pixels)
    with replacing(path) as temporary:
        temporary.write_bytes(data)
    return len(data)


def encode_png(pixels: NDArray[Any]) -> bytes:
    """Return a picture as the bytes of a PNG file.

    Parameters
    ----------
    pixels : ndarray, shape (Y, X, 1 or 3), uint8 or uint16
    """
    height, width, channels = pixels.shape
    bits = 8 * pixels.dtype.itemsize
    rows = np.ascontiguousarray(pixels.astype(pixels.dtype.newbyteorder(">"), copy=False))
    raw = rows.view(np.uint8).reshape(height, -1)
    filtered = np.empty((height, 1 + raw.shape[1]), np.uint8)
    filtered[:, 0] = _UP
    filtered[0, 1:] = raw[0]
    np.subtract(raw[1:], raw[:-1], out=filtered[1:, 1:])
    header = struct.pack(">IIBBBBB", width, height, bits, _COLOUR_TYPE[channels], 0, 0, 0)
    return b"".join(
        (
            _SIGNATURE,
            _piece(b"IHDR", header),
            _piece(b"IDAT", zlib.compress(filtered.tobytes(), _COMPRESSION)),
            _piece(b"IEND", b""),
        )
    )


def _piece(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


@lru_cache(maxsize=8)
def _mark(text: str, height: int, width: int) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return where the letters of a mark are and where the dark around them is."""
    size = max(_MARK_PIXELS, round(_MARK_SHARE * height / 0.7))
    while True:
        font = ImageFont.load_default(size)
        stroke = max(1, size // 10)
        left, top, right, bottom = font.getbbox(text, stroke_width=stroke)
        box = int(right - left) + 2 * stroke, int(bottom - top) + 2 * stroke
        if (box[0] <= width and box[1] <= height) or size <= 4:
            break
        size -= 1
    place = stroke - left, stroke - top
    masks = []
    for around in (0, stroke):
        canvas = Image.new("L", box)
        ImageDraw.Draw(canvas).text(
            place, text, fill=255, font=font, stroke_width=around, stroke_fill=255
        )
        masks.append((np.asarray(canvas) > 127)[-height:, -width:])
    return masks[0], masks[1]


def _ends(dtype: np.dtype[Any], look: Look) -> tuple[int, int]:
    limits = np.iinfo(dtype)
    low, high = (
        int(min(max(round(end), limits.min), limits.max))
        for end in (look.range.low, look.range.high)
    )
    return (high, low) if look.inverted else (low, high)
