"""NIfTI files byte by byte, independent of nibabel and of the reader under test.

References
----------
.. [1] nifti1.h and nifti2.h, https://nifti.nimh.nih.gov
"""

from __future__ import annotations

import gzip
import struct
import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Field name to offset and format of a NIfTI-1 header [1]_.
FIELDS_1 = {
    "sizeof_hdr": (0, "i"), "dim_info": (39, "B"), "dim": (40, "8h"), "intent_code": (68, "h"),
    "datatype": (70, "h"), "bitpix": (72, "h"), "pixdim": (76, "8f"), "vox_offset": (108, "f"),
    "scl_slope": (112, "f"), "scl_inter": (116, "f"), "xyzt_units": (123, "B"),
    "cal_max": (124, "f"), "cal_min": (128, "f"), "qform_code": (252, "h"),
    "sform_code": (254, "h"), "quatern": (256, "3f"), "qoffset": (268, "3f"),
    "srow": (280, "12f"), "magic": (344, "4s"),
}  # fmt: skip
FIELDS_2 = {
    "sizeof_hdr": (0, "i"), "magic": (4, "8s"), "datatype": (12, "h"), "bitpix": (14, "h"),
    "dim": (16, "8q"), "pixdim": (104, "8d"), "vox_offset": (168, "q"), "scl_slope": (176, "d"),
    "scl_inter": (184, "d"), "qform_code": (344, "i"), "sform_code": (348, "i"),
    "quatern": (352, "3d"), "qoffset": (376, "3d"), "srow": (400, "12d"),
    "xyzt_units": (500, "i"),
}  # fmt: skip
CODES = {
    "u1": 2, "i2": 4, "i4": 8, "f4": 16, "c8": 32, "f8": 64, "i1": 256, "u2": 512, "u4": 768,
    "i8": 1024, "u8": 1280, "c16": 1792,
}  # fmt: skip
#: Voxels of 2 x 1.5 x 3 mm, left to right reversed.
SROW = (-2.0, 0, 0, 10, 0, 1.5, 0, -20, 0, 0, 3.0, 5)
SPACING = (2.0, 1.5, 3.0)


def ramp(shape: tuple[int, ...] = (5, 4, 3), kind: str = "<i2") -> NDArray[Any]:
    """Return voxels of which each has its own value."""
    return (np.arange(int(np.prod(shape))).reshape(shape, order="F") - 7).astype(kind)


@dataclass
class RawNifti:
    """A NIfTI file: fields, extensions, voxels.

    Parameters
    ----------
    voxels : ndarray
    version : 1 or 2
    order : "<" or ">"
    """

    voxels: NDArray[Any]
    version: int = 1
    order: str = "<"
    extension: bytes = bytes(4)
    fields: dict[str, Any] = field(default_factory=dict)
    body: bytes | None = None

    def with_fields(self, **fields: Any) -> RawNifti:
        """Replace header fields, whatever they then say."""
        self.fields |= fields
        return self

    def header(self) -> bytes:
        """Return the header, 348 or 540 bytes."""
        shape = self.voxels.shape
        kind = self.voxels.dtype.str[1:]
        size = {1: 348, 2: 540}[self.version]
        values: dict[str, Any] = {
            "sizeof_hdr": size,
            "dim": (len(shape), *shape, *[1] * (7 - len(shape))),
            "datatype": CODES.get(kind, 4),
            "bitpix": self.voxels.dtype.itemsize * 8,
            "pixdim": (-1.0, *SPACING, 1.0, 1, 1, 1),
            "vox_offset": size + len(self.extension),
            "scl_slope": 1.0,
            "scl_inter": 0.0,
            "xyzt_units": 2,
            "qform_code": 1,
            "sform_code": 1,
            "quatern": (0.0, 1.0, 0.0),
            "qoffset": (10.0, -20.0, 5.0),
            "srow": SROW,
            "magic": b"n+1\x00" if self.version == 1 else b"n+2\x00\r\n\x1a\n",
        }
        table = FIELDS_1 if self.version == 1 else FIELDS_2
        data = bytearray(size)
        for name, value in (values | self.fields).items():
            at, code = table[name]
            many = value if isinstance(value, (tuple, list)) else (value,)
            struct.pack_into(self.order + code, data, at, *many)
        return bytes(data)

    def to_bytes(self) -> bytes:
        """Return the file, not compressed."""
        body = self.voxels.astype(self.voxels.dtype.newbyteorder(self.order)).tobytes(order="F")
        return self.header() + self.extension + (body if self.body is None else self.body)


def gzipped(data: bytes) -> bytes:
    """Return one gzip member, the same at any time."""
    return gzip.compress(data, mtime=0)


def gzip_bomb(start: bytes, zeros: int) -> bytes:
    """Return gzip data that inflates to `start` and so many zero bytes, made without inflating it.

    The checksum in the trailer is false: nobody who keeps a bound ever reaches it.
    """
    squeeze = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    body = squeeze.compress(start) + squeeze.flush(zlib.Z_FULL_FLUSH)
    block = 1 << 20
    piece = squeeze.compress(bytes(block)) + squeeze.flush(zlib.Z_FULL_FLUSH)
    body += piece * (zeros // block) + squeeze.flush()
    total = (len(start) + zeros) & 0xFFFFFFFF
    return b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03" + body + struct.pack("<LL", 0, total)
