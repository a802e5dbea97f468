"""The NIfTI-1/2 header, field by field, with every claim held against the standard.

References
----------
.. [1] NIfTI-1 header, nifti1.h, https://nifti.nimh.nih.gov/pub/dist/src/niftilib/nifti1.h
.. [2] NIfTI-2 header, nifti2.h, https://nifti.nimh.nih.gov/pub/dist/doc/nifti2.h
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from nibabel.nifti1 import Nifti1Header
from nibabel.nifti2 import Nifti2Header

from acutance.core.ledger import LoadWarning
from acutance.errors import CorruptFileError, UnsupportedFormatError
from acutance.io._protocols import FOREIGN_ERRORS
from acutance.io.values import is_usable_rescale, size_words

if TYPE_CHECKING:
    from pathlib import Path

#: Bytes of a header by version; the four bytes after it tell whether extensions follow.
HEADER_BYTES = {1: 348, 2: 540}
_SINGLE_MAGIC = {1: b"n+1\x00", 2: b"n+2\x00\r\n\x1a\n"}
_PAIR_MAGIC = {1: b"ni1\x00", 2: b"ni2\x00\r\n\x1a\n"}
_MAGIC_AT = {1: 344, 2: 4}
_REMEDY_COPY = "Copy or download the file again."

_DTYPES = {
    2: "u1",
    4: "i2",
    8: "i4",
    16: "f4",
    64: "f8",
    256: "i1",
    512: "u2",
    768: "u4",
    1024: "i8",
    1280: "u8",
}
_UNREAD_TYPES = {
    1: "1-bit",
    32: "complex",
    128: "colour (RGB)",
    1536: "128-bit",
    1792: "complex",
    2048: "complex",
    2304: "colour (RGBA)",
}
_VECTOR_INTENTS = {1004, 1005, 1006, 1007, 2003, 2004}
#: Millimetres per spatial unit by code [1]_.
_MM_PER_UNIT = {1: 1000.0, 2: 1.0, 3: 0.001}


@dataclass(frozen=True)
class NiftiHeader:
    """What is needed to read the first volume of a NIfTI file.

    Parameters
    ----------
    version : 1 or 2
    shape : (int, int, int)
    volumes : int
        Volumes along the fourth axis.
    dtype : dtype
        In the byte order of the file.
    offset : int
        Byte at which the voxels begin.
    slope, intercept : float
        1 and 0 where the file states none.
    pixdim : tuple of float
        The eight values as stored.
    quaternion, qoffset : tuple of float
    sform : ndarray, shape (4, 4), float64
        As stored, not converted to mm.
    sform_code, qform_code : int
    mm_per_unit : float
    unit_stated : bool
    slice_axis : int or None
    display_range : (float, float)
        cal_min and cal_max.
    warnings : tuple of LoadWarning
    """

    version: int
    shape: tuple[int, int, int]
    volumes: int
    dtype: np.dtype[Any]
    offset: int
    slope: float
    intercept: float
    pixdim: tuple[float, ...]
    quaternion: tuple[float, float, float]
    qoffset: tuple[float, float, float]
    sform: np.ndarray[Any, np.dtype[np.float64]]
    sform_code: int
    qform_code: int
    mm_per_unit: float
    unit_stated: bool
    slice_axis: int | None
    display_range: tuple[float, float]
    warnings: tuple[LoadWarning, ...]

    @property
    def claimed_bytes(self) -> int:
        """Bytes of voxels that the file must hold, all volumes."""
        return math.prod(self.shape) * self.volumes * self.dtype.itemsize

    @property
    def volume_bytes(self) -> int:
        """Bytes of voxels of the first volume."""
        return math.prod(self.shape) * self.dtype.itemsize


def header_version(head: bytes) -> tuple[int, Literal["<", ">"]] | None:
    """Return version and byte order by the first four bytes, None where it is no NIfTI."""
    for order in ("<", ">"):
        size = int.from_bytes(head[:4], "little" if order == "<" else "big")
        for version, expected in HEADER_BYTES.items():
            if len(head) >= 4 and size == expected:
                return version, order
    return None


def parse_header(head: bytes, path: Path) -> NiftiHeader:
    """Read a header.

    Parameters
    ----------
    head : bytes
        The start of the (inflated) file, at least the header if the file has it.
    path : Path
        For messages.

    Raises
    ------
    CorruptFileError
        If the header is cut or says what cannot be.
    UnsupportedFormatError
        If the file is of a kind that is not read, which is named.
    """
    kind = header_version(head)
    if kind is None:
        raise UnsupportedFormatError("A NIfTI header was expected.", path=path)
    version, order = kind
    size = HEADER_BYTES[version]
    if len(head) < size:
        raise CorruptFileError(
            f"A NIfTI-{version} header has {size} bytes, the file ends after {len(head)}.",
            remedy=_REMEDY_COPY,
            path=path,
        )
    _check_magic(head, version, path)
    header_class: Any = Nifti1Header if version == 1 else Nifti2Header
    try:
        fields: Any = header_class(head[:size], order, check=False)
    except FOREIGN_ERRORS as error:
        raise CorruptFileError(
            "The NIfTI header cannot be read.", remedy=_REMEDY_COPY, path=path
        ) from error
    shape, volumes = _dimensions([int(v) for v in fields["dim"]], path)
    dtype = _dtype(int(fields["datatype"]), order, path)
    if int(fields["intent_code"]) in _VECTOR_INTENTS and volumes > 1:
        raise UnsupportedFormatError(
            "The file holds vectors, not one value per voxel, which is not read yet.", path=path
        )
    warnings: list[LoadWarning] = []
    if int(fields["bitpix"]) != dtype.itemsize * 8:
        warnings.append(
            LoadWarning(
                "bitpix_conflict",
                f"The header says {int(fields['bitpix'])} bits per voxel, its data type has "
                f"{dtype.itemsize * 8}; the data type was taken.",
            )
        )
    offset = _offset(float(fields["vox_offset"]), size + 4, path, warnings)
    slope, intercept = _rescale(float(fields["scl_slope"]), float(fields["scl_inter"]), warnings)
    unit = int(fields["xyzt_units"]) & 7
    if unit not in (0, *_MM_PER_UNIT):
        warnings.append(
            LoadWarning(
                "bad_unit", f"The spatial unit has the unknown code {unit}; mm were assumed."
            )
        )
    slice_dim = (int(fields["dim_info"]) >> 4) & 3
    sform = np.eye(4)
    for row, name in enumerate(("srow_x", "srow_y", "srow_z")):
        sform[row] = np.asarray(fields[name], dtype=np.float64)
    b, c, d = (float(fields[f"quatern_{n}"]) for n in "bcd")
    x, y, z = (float(fields[f"qoffset_{n}"]) for n in "xyz")
    return NiftiHeader(
        version=version,
        shape=shape,
        volumes=volumes,
        dtype=dtype,
        offset=offset,
        slope=slope,
        intercept=intercept,
        pixdim=tuple(float(v) for v in fields["pixdim"]),
        quaternion=(b, c, d),
        qoffset=(x, y, z),
        sform=sform,
        sform_code=int(fields["sform_code"]),
        qform_code=int(fields["qform_code"]),
        mm_per_unit=_MM_PER_UNIT.get(unit, 1.0),
        unit_stated=unit in _MM_PER_UNIT,
        slice_axis=slice_dim - 1 if slice_dim else None,
        display_range=(float(fields["cal_min"]), float(fields["cal_max"])),
        warnings=tuple(warnings),
    )


def _check_magic(head: bytes, version: int, path: Path) -> None:
    at = _MAGIC_AT[version]
    if head.startswith(_SINGLE_MAGIC[version], at):
        return
    if head.startswith(_PAIR_MAGIC[version], at):
        raise UnsupportedFormatError(
            "The file is the header half of a NIfTI pair (.hdr and .img), which is not read yet.",
            remedy="Convert the pair to one .nii file.",
            path=path,
        )
    mark = head[at : at + 4].rstrip(b"\x00")
    what = f"carries the mark {mark!r}" if mark else "carries no mark, as in Analyze 7.5"
    raise UnsupportedFormatError(
        f"The header has the size of NIfTI-{version} but {what}.",
        remedy="Convert the file to NIfTI.",
        path=path,
    )


def _dimensions(dim: list[int], path: Path) -> tuple[tuple[int, int, int], int]:
    if not 1 <= dim[0] <= 7:
        raise CorruptFileError(
            f"A NIfTI file has 1 to 7 dimensions, the header says {dim[0]}.",
            remedy=_REMEDY_COPY,
            path=path,
        )
    sizes = dim[1 : dim[0] + 1]
    if min(sizes) < 1:
        raise CorruptFileError(
            f"The header gives the size {sizes}; every dimension must be at least 1.",
            remedy=_REMEDY_COPY,
            path=path,
        )
    sizes += [1] * (7 - len(sizes))
    if max(sizes[4:]) > 1:
        raise UnsupportedFormatError(
            f"The file has {dim[0]} dimensions of sizes {dim[1 : dim[0] + 1]} (vectors or more "
            "than one time axis), which is not read yet.",
            remedy="Save one 3-D volume of it as a file of its own.",
            path=path,
        )
    return (sizes[0], sizes[1], sizes[2]), sizes[3]


def _dtype(code: int, order: str, path: Path) -> np.dtype[Any]:
    if code in _DTYPES:
        return np.dtype(order + _DTYPES[code])
    if code in _UNREAD_TYPES:
        raise UnsupportedFormatError(
            f"The file holds {_UNREAD_TYPES[code]} values, which are not read yet.",
            remedy="Save the magnitude or the grey values as a file of its own.",
            path=path,
        )
    raise CorruptFileError(
        f"The data type code {code} is none of NIfTI.", remedy=_REMEDY_COPY, path=path
    )


def _offset(stated: float, smallest: int, path: Path, warnings: list[LoadWarning]) -> int:
    if math.isfinite(stated) and stated == int(stated) and smallest <= stated < 2**62:
        return int(stated)
    if stated == 0:
        warnings.append(
            LoadWarning(
                "bad_vox_offset",
                f"The header does not say where the voxels begin; byte {smallest} was taken.",
            )
        )
        return smallest
    raise CorruptFileError(
        f"The header says that the voxels begin at byte {stated:g}, which cannot be.",
        remedy=_REMEDY_COPY,
        path=path,
    )


def _rescale(slope: float, intercept: float, warnings: list[LoadWarning]) -> tuple[float, float]:
    if slope == 0 or math.isnan(slope):
        return 1.0, 0.0  # [1]_: a slope of 0 means that the stored values are the values
    if is_usable_rescale(slope, intercept):
        return slope, intercept
    warnings.append(
        LoadWarning(
            "bad_rescale",
            f"The rescale slope {slope:g} and intercept {intercept:g} cannot be used; the stored "
            "values are shown as they are.",
        )
    )
    return 1.0, 0.0


def check_claim(header: NiftiHeader, available: int, limit: int, path: Path) -> None:
    """Hold the size that the header claims against what the file can hold, before any array.

    Parameters
    ----------
    available : int
        Bytes that the file, inflated at the very best, can hold.
    limit : int
        Bytes that one volume may have.

    Raises
    ------
    CorruptFileError
        If it cannot be.
    """
    if header.offset + header.claimed_bytes > available:
        raise CorruptFileError(
            f"The header claims {size_words(header.claimed_bytes)} of voxels, the file can hold "
            f"at most {size_words(max(0, available - header.offset))}.",
            remedy=_REMEDY_COPY,
            path=path,
        )
    if header.volume_bytes > limit:
        raise CorruptFileError(
            f"The volume would need {size_words(header.volume_bytes)}, the limit is "
            f"{size_words(limit)}.",
            path=path,
        )
