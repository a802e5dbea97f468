"""One picture file: what it says of itself, and its pixels, nothing of its camera or place.

References
----------
.. [1] PNG (Portable Network Graphics) Specification, Version 1.2, section 4.1.1 (IHDR).
.. [2] EXIF 2.32, JEITA CP-3451, tag 0x0112 (Orientation).
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from acutance.core.foreign import quiet
from acutance.errors import CorruptFileError, UnsupportedFormatError
from acutance.io._protocols import FOREIGN_ERRORS, MAX_INFLATION, MAX_VOLUME_BYTES
from acutance.io.assembling import check_size
from acutance.io.voxels import REMEDY_COPY, file_errors

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray
    from PIL.Image import Image

#: First bytes, and what Pillow calls the kind.
SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF87a", "GIF"),
    (b"GIF89a", "GIF"),
    (b"BM", "BMP"),
    (b"\x00\x00\x00\x0cjP  \r\n\x87\n", "JPEG2000"),
    (b"\xff\x4f\xff\x51", "JPEG2000"),
)
_BMP_HEADERS = (12, 40, 52, 56, 64, 108, 124)
#: A picture of one colour is smaller than any bound on inflation.
_SMALL_BYTES = 64 * 1024**2
_ORIENTATION = 0x0112
#: Pillow also calls a damaged file a mistake of syntax.
_DECODER_ERRORS: tuple[type[Exception], ...] = (*FOREIGN_ERRORS, SyntaxError)
_GREY = {"1": "u1", "L": "u1", "LA": "u1", "I;16": "u2", "I;16B": "u2", "I;16L": "u2",
         "I": "i4", "F": "f4"}  # fmt: skip
_COLOUR = {"RGB", "RGBA", "RGBX", "YCbCr"}


@dataclass(frozen=True)
class Picture:
    """What a picture file holds.

    Parameters
    ----------
    kind : str
        "PNG", "JPEG", "GIF", "BMP" or "JPEG2000".
    width, height : int
        Upright, as EXIF [2]_ asks for.
    dtype : str
        "u1", "u2", "i2", "i4" or "f4".
    is_colour : bool
    orientation : int
        1 to 8 [2]_; 1 is upright.
    notes : tuple of str
    """

    kind: str
    width: int
    height: int
    dtype: str
    is_colour: bool
    orientation: int = 1
    notes: tuple[str, ...] = ()


def kind_of(head: bytes) -> str | None:
    """Return the kind of a picture by its first bytes, None where it is none."""
    kind = next((name for mark, name in SIGNATURES if head.startswith(mark)), None)
    if kind == "BMP" and int.from_bytes(head[14:18], "little") not in _BMP_HEADERS:
        return None
    return kind


def read_header(path: Path) -> Picture:
    """Return what a picture says of itself; no pixel is decoded.

    Raises
    ------
    CorruptFileError
        If the file is damaged or claims more than it can hold.
    UnsupportedFormatError
        If it is animated or of colours that are not read.
    """
    with _opened(path) as (image, head):
        kind = kind_of(head) or ""
        frames = int(getattr(image, "n_frames", 1))
        if frames > 1 and kind != "JPEG":
            raise UnsupportedFormatError(
                f"The {kind} file holds {frames} frames, an animation.",
                remedy="Save it as a video, or its frames as single pictures.",
                path=path,
            )
        picture = _describe(image, kind, head, path)
        if frames > 1:
            first = "the first of several pictures in the file"
            picture = replace(picture, notes=(*picture.notes, first))
    channels = 3 if picture.is_colour else 1
    claimed = picture.width * picture.height * channels * np.dtype(picture.dtype).itemsize
    with file_errors(path):
        size = path.stat().st_size
    check_size(claimed, max(size * MAX_INFLATION, _SMALL_BYTES), claimed, MAX_VOLUME_BYTES, path)
    return picture


def read_pixels(path: Path, picture: Picture) -> NDArray[Any]:
    """Return the pixels of a picture whose header was read, upright.

    Returns
    -------
    ndarray, shape (height, width) or (height, width, 3), `picture.dtype`

    Raises
    ------
    CorruptFileError
        If the file is damaged, or is not what it was when its header was read.
    """
    with _opened(path) as (image, head):
        now = _describe(image, kind_of(head) or "", head, path)
        if (now.width, now.height, now.dtype, now.is_colour) != (
            picture.width, picture.height, picture.dtype, picture.is_colour,
        ):  # fmt: skip
            raise CorruptFileError(
                "The file has changed since it was looked at.", remedy="Open it again.", path=path
            )
        pixels = _upright(_decode(image, now, path), now.orientation)
    expected = (picture.height, picture.width, *((3,) if picture.is_colour else ()))
    if pixels.shape != expected:
        raise CorruptFileError(
            f"The picture has {pixels.shape}, its header says {expected}.",
            remedy=REMEDY_COPY,
            path=path,
        )
    return pixels.astype(picture.dtype, copy=False)


@contextmanager
def _opened(path: Path) -> Iterator[tuple[Image, bytes]]:
    """Open a picture with the one decoder that its first bytes name."""
    from PIL import Image, UnidentifiedImageError

    with file_errors(path), path.open("rb") as file, quiet():
        head = file.read(64)
        file.seek(0)
        kind = kind_of(head)
        if kind is None:
            raise UnsupportedFormatError("A picture was expected.", path=path)
        try:
            with Image.open(file, formats=[kind]) as image:
                yield image, head
        except (CorruptFileError, UnsupportedFormatError):
            raise
        except Image.DecompressionBombError as error:
            raise CorruptFileError(
                "The picture claims more pixels than are read.", path=path
            ) from error
        except _DECODER_ERRORS as error:
            what = (
                f"The {kind} picture is of a kind that is not read, or damaged"
                if isinstance(error, UnidentifiedImageError)
                else f"The {kind} picture is damaged or cut"
            )
            raise CorruptFileError(f"{what}.", remedy=REMEDY_COPY, path=path) from error


def _describe(image: Image, kind: str, head: bytes, path: Path) -> Picture:
    mode, notes = image.mode, []
    orientation = _orientation(image)
    if orientation != 1:
        notes.append("turned upright as its EXIF data ask for")
    if mode.endswith("A") or "transparency" in image.info:
        notes.append("transparency (alpha) left out")
    is_deep = kind == "PNG" and head[24:25] == b"\x10"  # bits per sample [1]_
    if mode in ("P", "PA"):
        is_colour, dtype = not _is_grey_palette(image), "u1"
        if is_colour:
            notes.append("colours from the palette of the file")
    elif mode in _COLOUR:
        is_colour, dtype = True, "u2" if is_deep else "u1"
    elif mode in _GREY:
        is_colour, dtype = False, "u2" if is_deep else _GREY[mode]
    else:
        words = "printing colours (CMYK)" if mode == "CMYK" else f"colours of the kind {mode}"
        raise UnsupportedFormatError(
            f"The {kind} picture holds {words}, which are not read.",
            remedy="Save it as grey values or RGB.",
            path=path,
        )
    if kind == "JPEG2000":
        dtype = _jpeg2000_dtype(path)
    width, height = image.size
    if orientation >= 5:
        width, height = height, width
    return Picture(kind, width, height, dtype, is_colour, orientation, tuple(notes))


def _orientation(image: Image) -> int:
    try:
        value = int(image.getexif().get(_ORIENTATION, 1))
    except _DECODER_ERRORS:
        return 1
    return value if 1 <= value <= 8 else 1


def _is_grey_palette(image: Image) -> bool:
    palette = image.getpalette("RGB") or []
    table = np.array(palette, np.uint8).reshape(-1, 3)
    return bool(len(table)) and bool(np.all(table == table[:, :1]))


def _jpeg2000_dtype(path: Path) -> str:
    """Return the type of the samples, which Pillow does not tell: the SIZ segment does."""
    with path.open("rb") as file:
        data = file.read(1 << 16)
    at = data.find(b"\xff\x4f\xff\x51")
    precision = data[at + 42 : at + 43] if at >= 0 else b""
    if not precision:
        raise CorruptFileError("The JPEG 2000 picture is cut.", remedy=REMEDY_COPY, path=path)
    bits, is_signed = (precision[0] & 0x7F) + 1, bool(precision[0] & 0x80)
    if bits > 16:
        raise UnsupportedFormatError(
            f"The JPEG 2000 picture holds samples of {bits} bits, which are not read.", path=path
        )
    return ("i" if is_signed else "u") + ("1" if bits <= 8 else "2")


def _decode(image: Image, picture: Picture, path: Path) -> NDArray[Any]:
    """Return (rows, columns) or (rows, columns, 3), as stored."""
    is_deep = picture.kind == "PNG" and picture.dtype == "u2"
    if is_deep or picture.kind == "JPEG2000":
        import imagecodecs  # Pillow cuts deep colours to 8 bits

        data = path.read_bytes()
        decode = imagecodecs.jpeg2k_decode if not is_deep else imagecodecs.png_decode
        pixels = np.asarray(decode(data))
        if pixels.ndim == 3:
            pixels = pixels[..., :3] if picture.is_colour else pixels[..., 0]
        return pixels
    if image.mode in ("P", "PA", "YCbCr", "RGBX"):
        image = image.convert("RGB" if picture.is_colour else "L")
    pixels = np.asarray(image)
    if pixels.ndim == 3:
        pixels = pixels[..., :3] if picture.is_colour else pixels[..., 0]
    return pixels


def _upright(pixels: NDArray[Any], orientation: int) -> NDArray[Any]:
    """Turn and mirror a picture as its orientation asks for [2]_."""
    if orientation in (5, 6, 7, 8):
        pixels = pixels.swapaxes(0, 1)
    if orientation in (3, 4, 7, 8):
        pixels = pixels[::-1]
    if orientation in (2, 3, 6, 7):
        pixels = pixels[:, ::-1]
    return pixels
