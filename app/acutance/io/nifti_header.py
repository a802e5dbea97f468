"""The header of NIfTI-1, NIfTI-2 and Analyze 7.5, with every claim held against the standard.

References
----------
.. [1] NIfTI-1 header, nifti1.h, https://nifti.nimh.nih.gov/pub/dist/src/niftilib/nifti1.h
.. [2] NIfTI-2 header, nifti2.h, https://nifti.nimh.nih.gov/pub/dist/doc/nifti2.h
.. [3] Analyze 7.5 file format, Mayo Clinic; SPM's `originator` and scale factor, spm_hwrite.m
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from nibabel.nifti1 import Nifti1Header
from nibabel.nifti2 import Nifti2Header
from nibabel.spm2analyze import Spm2AnalyzeHeader

from acutance.core.ledger import ExtraAxis, LoadWarning
from acutance.errors import CorruptFileError, UnsupportedFormatError
from acutance.io._protocols import FOREIGN_ERRORS
from acutance.io.values import is_usable_rescale
from acutance.io.voxels import REMEDY_COPY, Layout, make_layout

if TYPE_CHECKING:
    from pathlib import Path

#: Bytes of a header by version; the four bytes after it tell whether extensions follow.
HEADER_BYTES = {1: 348, 2: 540}
_SINGLE_MAGIC = {1: b"n+1\x00", 2: b"n+2\x00\r\n\x1a\n"}
_PAIR_MAGIC = {1: b"ni1\x00", 2: b"ni2\x00\r\n\x1a\n"}
_MAGIC_AT = {1: 344, 2: 4}
#: The version that stands for Analyze 7.5.
ANALYZE = 0
#: No header with its extensions is longer; a gzip would be inflated for minutes to get there.
MAX_OFFSET = 256 * 1024**2

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
#: Component type, and how many components a voxel has.
_COLOURS = {128: ("u1", 3), 2304: ("u1", 4)}
_COMPLEX = {32: "c8", 1792: "c16"}
_SPM_DTYPES = {130: "i1", 132: "u2", 136: "u4"}
_UNREAD_TYPES = {1: "1-bit", 1536: "128-bit real (float128)", 2048: "256-bit complex"}
_VECTOR_INTENTS = {1006, 1007, 1008, 1009, 1010, 2003, 2004}
_VECTOR_NAMES = {2003: "colour component", 2004: "colour component"}
#: What the fourth axis is by the code of its unit: seconds and its parts, Hz, ppm, rad/s [1]_.
_FOURTH_AXIS = {8: "time", 16: "time", 24: "time", 32: "frequency", 40: "chemical shift"}
#: Millimetres per spatial unit by code [1]_.
_MM_PER_UNIT = {1: 1000.0, 2: 1.0, 3: 0.001}


@dataclass(frozen=True)
class NiftiHeader:
    """What is needed to read one volume of a NIfTI or Analyze file.

    Parameters
    ----------
    version : 0, 1 or 2
        0 is Analyze 7.5.
    is_pair : bool
        Whether the voxels are in a file of their own.
    layout : Layout
        How the numbers lie.
    axes : tuple of ExtraAxis
        The axes beyond space that have more than one position, as `layout.extra` less those of
        one.
    has_alpha : bool
        Whether colours carry a transparency.
    offset : int
        Byte at which the voxels begin, in the file that holds them.
    has_extensions : bool
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
    spm_origin : tuple of int
        The voxel of the origin, counted from 1, that SPM writes into Analyze headers.
    warnings : tuple of LoadWarning
    """

    version: int
    is_pair: bool
    layout: Layout
    axes: tuple[ExtraAxis, ...]
    has_alpha: bool
    offset: int
    has_extensions: bool
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
    spm_origin: tuple[int, int, int]
    warnings: tuple[LoadWarning, ...]

    @property
    def shape(self) -> tuple[int, int, int]:
        """Voxels along i, j, k."""
        return self.layout.shape

    @property
    def title(self) -> str:
        """What the kind of file is called."""
        return f"NIfTI-{self.version}" if self.version else "Analyze 7.5"


def header_version(head: bytes) -> tuple[int, Literal["<", ">"]] | None:
    """Return version and byte order by the first four bytes, None where it is no NIfTI."""
    for order in ("<", ">"):
        size = int.from_bytes(head[:4], "little" if order == "<" else "big")
        for version, expected in HEADER_BYTES.items():
            if len(head) >= 4 and size == expected:
                return version, order
    return None


def parse_header(head: bytes, path: Path, *, may_be_analyze: bool = False) -> NiftiHeader:
    """Read a header.

    Parameters
    ----------
    head : bytes
        The start of the (inflated) file, at least the header if the file has it.
    path : Path
        For messages.
    may_be_analyze : bool
        Whether a header without a mark is taken for Analyze 7.5.

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
            remedy=REMEDY_COPY,
            path=path,
        )
    version, is_pair = _mark(head, version, may_be_analyze, path)
    header_class: Any = {ANALYZE: Spm2AnalyzeHeader, 1: Nifti1Header, 2: Nifti2Header}[version]
    try:
        fields: Any = header_class(head[:size], order, check=False)
    except FOREIGN_ERRORS as error:
        raise CorruptFileError(
            "The NIfTI header cannot be read.", remedy=REMEDY_COPY, path=path
        ) from error
    warnings: list[LoadWarning] = []
    dtype, channels = _dtype(int(fields["datatype"]), order, version, path)
    bits = dtype.itemsize * 8 * channels
    if int(fields["bitpix"]) != bits:
        warnings.append(
            LoadWarning(
                "bitpix_conflict",
                f"The header says {int(fields['bitpix'])} bits per voxel, its data type has "
                f"{bits}; the data type was taken.",
            )
        )
    sizes = _dimensions([int(v) for v in fields["dim"]], path)
    colour = int(channels > 1)
    layout = make_layout(
        ((channels,) if colour else ()) + sizes,
        dtype,
        range(colour, 3 + colour),
        0 if colour else None,
    )
    common = _Common(version, is_pair, layout, channels == 4, tuple(map(float, fields["pixdim"])))
    if version == ANALYZE:
        return _analyze(fields, common, path, warnings)
    return _nifti(fields, head, common, path, warnings)


@dataclass(frozen=True)
class _Common:
    """What both kinds of header say in the same way."""

    version: int
    is_pair: bool
    layout: Layout
    has_alpha: bool
    pixdim: tuple[float, ...]


def _nifti(
    fields: Any, head: bytes, common: _Common, path: Path, warnings: list[LoadWarning]
) -> NiftiHeader:
    size = HEADER_BYTES[common.version]
    smallest = 0 if common.is_pair else size + 4
    offset = _offset(float(fields["vox_offset"]), smallest, path, warnings)
    slope, intercept = 1.0, 0.0
    if common.layout.colour is None:  # [1]_: the scale is not for colours
        slope, intercept = _rescale(
            float(fields["scl_slope"]), float(fields["scl_inter"]), warnings
        )
    units = int(fields["xyzt_units"])
    unit = units & 7
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
        version=common.version,
        is_pair=common.is_pair,
        layout=common.layout,
        axes=_axes(common.layout, units & 0x38, int(fields["intent_code"]), common.pixdim[4]),
        has_alpha=common.has_alpha,
        offset=offset,
        has_extensions=head[size : size + 1] not in (b"", b"\x00"),
        slope=slope,
        intercept=intercept,
        pixdim=common.pixdim,
        quaternion=(b, c, d),
        qoffset=(x, y, z),
        sform=sform,
        sform_code=int(fields["sform_code"]),
        qform_code=int(fields["qform_code"]),
        mm_per_unit=_MM_PER_UNIT.get(unit, 1.0),
        unit_stated=unit in _MM_PER_UNIT,
        slice_axis=slice_dim - 1 if slice_dim else None,
        display_range=(float(fields["cal_min"]), float(fields["cal_max"])),
        spm_origin=(0, 0, 0),
        warnings=tuple(warnings),
    )


def _analyze(fields: Any, common: _Common, path: Path, warnings: list[LoadWarning]) -> NiftiHeader:
    # SPM writes its scale over unused numbers and the origin over the originator [3]_.
    slope, intercept = 1.0, 0.0
    if common.layout.colour is None:
        slope, intercept = _rescale(
            float(fields["scl_slope"]), float(fields["scl_inter"]), warnings
        )
    x, y, z = (int(v) for v in fields["origin"][:3])
    return NiftiHeader(
        version=ANALYZE,
        is_pair=True,
        layout=common.layout,
        axes=_axes(common.layout, 0, 0, 0.0),
        has_alpha=common.has_alpha,
        offset=_offset(float(fields["vox_offset"]), 0, path, warnings),
        has_extensions=False,
        slope=slope,
        intercept=intercept,
        pixdim=common.pixdim,
        quaternion=(0.0, 0.0, 0.0),
        qoffset=(0.0, 0.0, 0.0),
        sform=np.eye(4),
        sform_code=0,
        qform_code=0,
        mm_per_unit=1.0,
        unit_stated=bytes(fields["vox_units"].tobytes()).startswith(b"mm"),
        slice_axis=None,
        display_range=(0.0, 0.0),
        spm_origin=(x, y, z),
        warnings=tuple(warnings),
    )


def _mark(head: bytes, version: int, may_be_analyze: bool, path: Path) -> tuple[int, bool]:
    """Return version and whether the voxels are in another file."""
    at = _MAGIC_AT[version]
    if head.startswith(_SINGLE_MAGIC[version], at):
        return version, False
    if head.startswith(_PAIR_MAGIC[version], at):
        return version, True
    if may_be_analyze and version == 1:
        return ANALYZE, True
    mark = head[at : at + 4].rstrip(b"\x00")
    what = f"carries the mark {mark!r}" if mark else "carries no mark, as in Analyze 7.5"
    remedy = "" if mark else "An Analyze header has a file .img of the same name beside it."
    raise UnsupportedFormatError(
        f"The header has the size of NIfTI-{version} but {what}.",
        remedy=remedy or "Convert the file to NIfTI.",
        path=path,
    )


def _dimensions(dim: list[int], path: Path) -> tuple[int, ...]:
    """Return the sizes of at least three axes."""
    if not 1 <= dim[0] <= 7:
        raise CorruptFileError(
            f"A NIfTI file has 1 to 7 dimensions, the header says {dim[0]}.",
            remedy=REMEDY_COPY,
            path=path,
        )
    sizes = dim[1 : dim[0] + 1]
    if min(sizes) < 1:
        raise CorruptFileError(
            f"The header gives the size {sizes}; every dimension must be at least 1.",
            remedy=REMEDY_COPY,
            path=path,
        )
    if dim[0] == 1:
        raise UnsupportedFormatError(
            f"The file holds one row of {sizes[0]} numbers, not an image.",
            remedy="Open a file with at least two dimensions.",
            path=path,
        )
    return tuple(sizes + [1] * (3 - len(sizes)))


def _axes(layout: Layout, unit: int, intent: int, step: float) -> tuple[ExtraAxis, ...]:
    """Name the axes beyond space by what the header says of them."""
    axes = []
    for axis in layout.extra:
        size = layout.sizes[axis]
        number = axis + (1 if layout.colour is None else 0)
        name = f"dimension {number}"
        if number == 4 and (unit != 8 or (math.isfinite(step) and step > 0)):
            name = _FOURTH_AXIS.get(unit, name)
        elif number == 5 and intent in _VECTOR_INTENTS:
            name = _VECTOR_NAMES.get(intent, "vector component")
        if size > 1:
            axes.append(ExtraAxis(name, size))
    return tuple(axes)


def _dtype(code: int, order: str, version: int, path: Path) -> tuple[np.dtype[Any], int]:
    """Return the type of a number and how many a voxel has."""
    if code in _COLOURS:
        name, channels = _COLOURS[code]
        return np.dtype(order + name), channels
    known = _DTYPES | _COMPLEX | (_SPM_DTYPES if version == ANALYZE else {})
    if code in known:
        return np.dtype(order + known[code]), 1
    if code in _UNREAD_TYPES:
        raise UnsupportedFormatError(
            f"The file holds {_UNREAD_TYPES[code]} values, which are not read.",
            remedy="Save them as 8- or 16-bit integers or 32-bit floating point.",
            path=path,
        )
    raise CorruptFileError(
        f"The data type code {code} is none of NIfTI.", remedy=REMEDY_COPY, path=path
    )


def _offset(stated: float, smallest: int, path: Path, warnings: list[LoadWarning]) -> int:
    if math.isfinite(stated) and stated == int(stated) and smallest <= stated <= MAX_OFFSET:
        return int(stated)
    if stated == 0:  # only a single file must say more
        warnings.append(
            LoadWarning(
                "bad_vox_offset",
                f"The header does not say where the voxels begin; byte {smallest} was taken.",
            )
        )
        return smallest
    raise CorruptFileError(
        f"The header says that the voxels begin at byte {stated:g}, which cannot be.",
        remedy=REMEDY_COPY,
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
