"""One compressed frame to stored values: the codecs of pydicom first, imagecodecs where they fail.

No `pylibjpeg-libjpeg`: its licence is the GPL.

References
----------
.. [1] DICOM PS3.5, 8.2 (native or encapsulated format encoding), annex A.4.
.. [2] DICOM PS3.3, C.7.6.3.1.2 (photometric interpretation).
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from pydicom.encaps import encapsulate
from pydicom.pixels.decoders.base import get_decoder
from pydicom.pixels.processing import convert_color_space

from acutance.io._protocols import FOREIGN_ERRORS
from acutance.io.dicom_codestream import codestream_size
from acutance.io.dicom_rle import decode_rle
from acutance.io.dicom_syntax import (
    JPEG_12_BIT,
    JPEG_2000,
    JPEG_2000_LOSSLESS,
    JPEG_BASELINE,
    JPEG_EXTENDED,
    JPEG_LOSSLESS,
    JPEG_LS,
    JPEG_LS_LOSSY,
    RLE,
    fallback_codecs,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray


#: WORKAROUND https://github.com/malaterre/GDCM: GDCM, the first plug-in that pydicom would
#: try, ends the process on damaged streams (an exception that nothing in it catches). Where another
#: one reads a transfer syntax, that one is asked.
_PLUGINS = {
    **dict.fromkeys((JPEG_BASELINE, JPEG_EXTENDED), "pillow"),
    **dict.fromkeys((JPEG_LS, JPEG_LS_LOSSY), "pyjpegls"),
    **dict.fromkeys((JPEG_2000_LOSSLESS, JPEG_2000), "pylibjpeg"),
}


#: Begins the definition of a restart interval (ITU-T T.81, B.2.4.4).
_RESTART = b"\xff\xdd\x00\x04"


class CodedImage(Protocol):
    """What a codec must know of an image; the headers of slices and of cines are such."""

    @property
    def rows(self) -> int:
        """Rows of the frame."""

    @property
    def columns(self) -> int:
        """Columns of the frame."""

    @property
    def samples(self) -> int:
        """1 for grey, 3 for colour."""

    @property
    def planar(self) -> int:
        """0 where colours are interleaved, 1 where one follows the other."""

    @property
    def bits_allocated(self) -> int:
        """Bits a sample takes."""

    @property
    def bits_stored(self) -> int:
        """Bits a sample uses."""

    @property
    def is_signed(self) -> bool:
        """Whether samples are two's complement."""

    @property
    def photometric(self) -> str:
        """Photometric Interpretation."""

    @property
    def syntax(self) -> str:
        """Transfer Syntax UID."""


def decode_frame(header: CodedImage, data: bytes) -> NDArray[Any]:
    """Return the pixels of one compressed frame; colour as red, green, blue.

    Parameters
    ----------
    header : SliceHeader or CineHeader
        Size, bits, samples and transfer syntax.
    data : bytes
        All fragments of the frame, joined.

    Returns
    -------
    ndarray, shape (rows, columns) or (rows, columns, 3)

    Raises
    ------
    ValueError
        If the compressed image states another size than the header, or decodes to one.
    Exception
        Of `FOREIGN_ERRORS`, whatever the last codec raised.
    """
    shape = (header.rows, header.columns) + ((header.samples,) if header.samples > 1 else ())
    stated = codestream_size(data)
    if stated not in (None, shape[:2]):
        raise ValueError(f"the compressed image states the size {stated}")
    pixels = _decode(header, data)
    if pixels.shape != shape:
        raise ValueError(f"the codec gave the shape {pixels.shape}")
    return pixels


def _decode(header: CodedImage, data: bytes) -> NDArray[Any]:
    if header.syntax == RLE:
        return _decode_runs(header, data)
    # No plug-in of pydicom reads lossy JPEG of 12 bits, and some take it for one of 8.
    if header.syntax in JPEG_12_BIT and header.bits_stored > 8:
        return _decode_with_imagecodecs(header, data)
    if header.syntax in JPEG_LOSSLESS and header.samples == 1 and _RESTART not in data:
        # Only GDCM reads colour and restarts; of damage, see `_PLUGINS`, it dies.
        return _decode_with_imagecodecs(header, data)
    try:
        return _decode_with_pydicom(header, data)
    except FOREIGN_ERRORS:
        if not fallback_codecs(header.syntax):
            raise
        return _decode_with_imagecodecs(header, data)


def _decode_runs(header: CodedImage, data: bytes) -> NDArray[Any]:
    pixels = decode_rle(data, header.rows, header.columns, header.samples, header.bits_allocated)
    if header.photometric.startswith("YBR_FULL"):
        pixels = convert_color_space(pixels, "YBR_FULL", "RGB")
    return pixels


def _decode_with_pydicom(header: CodedImage, data: bytes) -> NDArray[Any]:
    options: dict[str, Any] = {
        "pixel_keyword": "PixelData",
        "rows": header.rows,
        "columns": header.columns,
        "number_of_frames": 1,
        "samples_per_pixel": header.samples,
        "photometric_interpretation": header.photometric or "MONOCHROME2",
        "bits_allocated": header.bits_allocated,
        "bits_stored": header.bits_stored,
        "pixel_representation": int(header.is_signed),
    }
    if header.samples > 1:
        options["planar_configuration"] = header.planar
    decoder = get_decoder(header.syntax)
    plugin = _PLUGINS.get(header.syntax, "")
    if plugin and plugin not in decoder.available_plugins:
        if fallback_codecs(header.syntax):
            raise NotImplementedError(f"{plugin} is not installed")
        plugin = ""
    pixels, _ = decoder.as_array(
        encapsulate([data], has_bot=False),
        index=0,
        raw=header.samples == 1,
        decoding_plugin=plugin,
        **options,
    )
    return np.asarray(pixels)


def _decode_with_imagecodecs(header: CodedImage, data: bytes) -> NDArray[Any]:
    """Try each decoder of imagecodecs that reads the transfer syntax; raise the last failure."""
    failure: Exception = ValueError("no codec for this transfer syntax")
    for name in fallback_codecs(header.syntax):
        try:
            if name == "jpeg8" and header.photometric == "RGB":
                # Without a marker that says so, libjpeg takes three samples for YCbCr.
                options = {"colorspace": "RGB", "outcolorspace": "RGB"}
            else:
                options = {}
            pixels = np.asarray(_decoder(name)(data, **options))
        except FOREIGN_ERRORS as error:
            failure = error
            continue
        return _with_sign(pixels, header)
    raise failure


@lru_cache(maxsize=16)
def _decoder(name: str) -> Callable[..., NDArray[Any]]:
    import imagecodecs

    decoder: Callable[..., NDArray[Any]] = getattr(imagecodecs, f"{name}_decode")
    return decoder


def _with_sign(pixels: NDArray[Any], header: CodedImage) -> NDArray[Any]:
    """Read unsigned samples of a signed image as two's complement of the stored bits."""
    if not header.is_signed or pixels.dtype.kind != "u":
        return pixels
    half = 1 << (header.bits_stored - 1)
    wide = pixels.astype(np.int64) & (2 * half - 1)
    return np.where(wide >= half, wide - 2 * half, wide)
