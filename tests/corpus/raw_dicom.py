"""DICOM files byte by byte, so that any element can be wrong in any way.

Independent of the reader under test and of pydicom: what is written here is what PS3.5, 7.1 says.
"""

from __future__ import annotations

import struct
import zlib
from copy import deepcopy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

IMPLICIT = "1.2.840.10008.1.2"
EXPLICIT = "1.2.840.10008.1.2.1"
DEFLATED = "1.2.840.10008.1.2.1.99"
BIG_ENDIAN = "1.2.840.10008.1.2.2"
RLE = "1.2.840.10008.1.2.5"
JPEG_BASELINE = "1.2.840.10008.1.2.4.50"
JPEG_LOSSLESS = "1.2.840.10008.1.2.4.70"

MR_STORAGE = "1.2.840.10008.5.1.4.1.1.4"
SERIES_UID = "1.2.826.0.1.3680043.8.498.77"
PIXELS = 0x7FE00010
UNDEFINED = 0xFFFFFFFF
_LONG_VRS = frozenset({b"OB", b"OD", b"OF", b"OL", b"OW", b"SQ", b"UC", b"UN", b"UR", b"UT"})

ROWS, COLUMNS, BITS, STORED, HIGH, SIGN = (
    0x00280010, 0x00280011, 0x00280100, 0x00280101, 0x00280102, 0x00280103,
)  # fmt: skip
SPACING, FRAMES, POSITION, ORIENTATION = 0x00280030, 0x00280008, 0x00200032, 0x00200037
INTERCEPT, SLOPE, CENTRE, WIDTH = 0x00281052, 0x00281053, 0x00281050, 0x00281051


@dataclass
class Element:
    """One data element.

    Parameters
    ----------
    vr : bytes
    value : bytes
    length : int, optional
        What the file claims; the truth by default.
    """

    vr: bytes
    value: bytes
    length: int | None = None


@dataclass
class RawFile:
    """A DICOM file as elements in the order of their tags."""

    elements: dict[int, Element] = field(default_factory=dict)
    syntax: str = EXPLICIT
    preamble: bytes = bytes(128)

    def put(self, tag: int, vr: str, value: Any, length: int | None = None) -> RawFile:
        """Set an element; text is padded to an even length, numbers are packed by their VR."""
        self.elements[tag] = Element(vr.encode("latin-1"), self._packed(vr, value), length)
        return self

    def drop(self, *tags: int) -> RawFile:
        """Remove elements."""
        for tag in tags:
            self.elements.pop(tag, None)
        return self

    def copy(self) -> RawFile:
        """Return a copy that shares nothing."""
        return deepcopy(self)

    @property
    def order(self) -> str:
        """Byte order of the data set, for `struct`."""
        return ">" if self.syntax == BIG_ENDIAN else "<"

    def meta(self) -> bytes:
        """Return preamble, prefix and file meta information."""
        values = [
            (0x00020001, b"OB", b"\x00\x01"),
            (0x00020002, b"UI", _even(MR_STORAGE.encode(), b"\x00")),
            (0x00020003, b"UI", _even(b"1.2.3.4", b"\x00")),
            (0x00020010, b"UI", _even(self.syntax.encode(), b"\x00")),
            (0x00020012, b"UI", _even(b"1.2.3", b"\x00")),
        ]
        body = b"".join(_explicit(tag, Element(vr, value), "<") for tag, vr, value in values)
        length = _explicit(0x00020000, Element(b"UL", struct.pack("<L", len(body))), "<")
        return self.preamble + b"DICM" + length + body

    def data_set(self, *, implicit: bool | None = None) -> bytes:
        """Return the data set, not deflated."""
        if implicit is None:
            implicit = self.syntax == IMPLICIT
        one = _implicit if implicit else _explicit
        return b"".join(one(t, e, self.order) for t, e in sorted(self.elements.items()))

    def to_bytes(self, *, implicit: bool | None = None) -> bytes:
        """Return the file; `implicit` overrides what the meta information says."""
        body = self.data_set(implicit=implicit)
        if self.syntax == DEFLATED:
            deflate = zlib.compressobj(wbits=-zlib.MAX_WBITS)
            body = deflate.compress(body) + deflate.flush()
        return self.meta() + body

    def write(self, path: Path) -> Path:
        """Write the file."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(self.to_bytes())
        return path

    def _packed(self, vr: str, value: Any) -> bytes:
        if isinstance(value, bytes):
            return value
        if vr in ("US", "SS", "UL", "SL", "FL", "FD") and not isinstance(value, str):
            code = {"US": "H", "SS": "h", "UL": "L", "SL": "l", "FL": "f", "FD": "d"}[vr]
            many = value if isinstance(value, (list, tuple)) else [value]
            return struct.pack(f"{self.order}{len(many)}{code}", *many)
        if isinstance(value, (list, tuple)):
            value = "\\".join(map(str, value))
        return _even(str(value).encode("latin-1"), b"\x00" if vr == "UI" else b" ")


def _even(value: bytes, pad: bytes) -> bytes:
    return value + pad if len(value) % 2 else value


def _explicit(tag: int, element: Element, order: str) -> bytes:
    head = struct.pack(order + "HH", tag >> 16, tag & 0xFFFF) + element.vr
    length = len(element.value) if element.length is None else element.length
    if element.vr in _LONG_VRS:
        return head + b"\x00\x00" + struct.pack(order + "L", length) + element.value
    return head + struct.pack(order + "H", length & 0xFFFF) + element.value


def _implicit(tag: int, element: Element, order: str) -> bytes:
    length = len(element.value) if element.length is None else element.length
    return struct.pack(order + "HHL", tag >> 16, tag & 0xFFFF, length) + element.value


def items(*values: bytes, ended: bool = True) -> bytes:
    """Return encapsulated pixel data (PS3.5 A.4): an empty offset table and one item per value."""
    body = struct.pack("<HHL", 0xFFFE, 0xE000, 0)
    for value in values:
        value = _even(value, b"\x00")
        body += struct.pack("<HHL", 0xFFFE, 0xE000, len(value)) + value
    return body + (struct.pack("<HHL", 0xFFFE, 0xE0DD, 0) if ended else b"")


def picture(k: int = 0) -> NDArray[np.int16]:
    """Return the pixels of slice k, shape (6, 5): every slice and pixel has its own value."""
    return (np.arange(30, dtype=np.int16).reshape(6, 5) * 37 - 200 + 1000 * k).astype(np.int16)


def volume(slices: Sequence[int] | int = 1) -> NDArray[np.int16]:
    """Return `array[i, j, k]` of the pictures of some slices."""
    numbers = range(slices) if isinstance(slices, int) else slices
    return np.stack([picture(k).T for k in numbers], axis=2)


def mr_slice(k: int = 0, pixels: NDArray[Any] | None = None, *, syntax: str = EXPLICIT) -> RawFile:
    """Return a valid axial MR slice, pixels 0.5 mm along rows and 0.75 along columns, step 2 mm."""
    array = picture(k) if pixels is None else pixels
    bits = array.dtype.itemsize * 8
    file = RawFile(syntax=syntax)
    for tag, vr, value in (
        (0x00080008, "CS", "ORIGINAL\\PRIMARY\\M"),
        (0x00080016, "UI", MR_STORAGE),
        (0x00080018, "UI", f"1.2.826.0.1.3680043.8.498.77.{k + 1}"),
        (0x00080060, "CS", "MR"),
        (0x0008103E, "LO", "T1 test"),
        (0x00100010, "PN", "Secret^Person"),
        (0x00100020, "LO", "SECRET77"),
        (0x00180050, "DS", "2"),
        (0x0020000D, "UI", "1.2.826.0.1.3680043.8.498.5"),
        (0x0020000E, "UI", SERIES_UID),
        (0x00200011, "IS", "3"),
        (0x00200013, "IS", str(k + 1)),
        (POSITION, "DS", f"-10\\-20\\{30 + 2 * k}"),
        (ORIENTATION, "DS", "1\\0\\0\\0\\1\\0"),
        (0x00280002, "US", 1),
        (0x00280004, "CS", "MONOCHROME2"),
        (ROWS, "US", array.shape[0]),
        (COLUMNS, "US", array.shape[1]),
        (SPACING, "DS", "0.75\\0.5"),
        (BITS, "US", bits),
        (STORED, "US", bits),
        (HIGH, "US", bits - 1),
        (SIGN, "US", int(array.dtype.kind == "i")),
        (PIXELS, "OW", array.astype(array.dtype.newbyteorder(file.order)).tobytes()),
    ):
        file.put(tag, vr, value)
    return file


def write_series(folder: Path, count: int = 4) -> list[Path]:
    """Write a valid series."""
    return [mr_slice(k).write(folder / f"IM{k + 1:03d}.dcm") for k in range(count)]
