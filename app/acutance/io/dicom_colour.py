"""Colour pixels as they stand in a file, to red, green and blue.

References
----------
.. [1] DICOM PS3.3, C.7.6.3.1.2 (photometric interpretation), C.7.6.3.1.3 (planar configuration).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from pydicom.pixels.processing import convert_color_space

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from acutance.io.dicom_codec import CodedImage

PALETTE = "PALETTE COLOR"
#: Of YBR_ICT and YBR_RCT the codec of JPEG 2000 gives red, green and blue.
COLOURS = frozenset({"RGB", "YBR_FULL", "YBR_FULL_422", "YBR_ICT", "YBR_RCT"})


def native_colour(
    header: CodedImage, data: NDArray[np.uint8], *, is_big_endian: bool
) -> NDArray[Any]:
    """Return the colours of an uncompressed frame.

    Parameters
    ----------
    header : SliceHeader or CineHeader
        Of three samples.
    data : ndarray, shape (N,), uint8
        The bytes of the frame.
    is_big_endian : bool
        Whether samples of 16 bits have the high byte first.

    Returns
    -------
    ndarray, shape (rows, columns, 3), uint8 or uint16
        Red, green and blue.
    """
    order = ">" if is_big_endian else "<"
    values = data.view(np.dtype(f"{order}u{header.bits_allocated // 8}"))
    values = values.astype(values.dtype.newbyteorder("="), copy=False)
    rows, columns = header.rows, header.columns
    if header.photometric == "YBR_FULL_422":
        pixels = _spread_chroma(values).reshape(rows, columns, 3)
    elif header.planar == 1:
        pixels = values.reshape(3, rows, columns).transpose(1, 2, 0)
    else:
        pixels = values.reshape(rows, columns, 3)
    if header.photometric.startswith("YBR_FULL"):
        pixels = convert_color_space(np.ascontiguousarray(pixels), "YBR_FULL", "RGB")
    return pixels


def _spread_chroma(values: NDArray[Any]) -> NDArray[Any]:
    """Return Y, Cb and Cr of each pixel, of values Y1 Y2 Cb Cr for each two."""
    four = values.reshape(-1, 4)
    pixels = np.empty((len(four), 2, 3), values.dtype)
    pixels[:, 0, 0], pixels[:, 1, 0] = four[:, 0], four[:, 1]
    pixels[:, :, 1:] = four[:, None, 2:]
    return pixels


def to_eight_bits(pixels: NDArray[Any], bits_stored: int) -> NDArray[np.uint8]:
    """Return colours of more than 8 bits by their upper 8 bits."""
    if pixels.dtype.itemsize > 1:
        pixels = pixels >> max(0, bits_stored - 8)
    return pixels.astype(np.uint8, copy=False)
