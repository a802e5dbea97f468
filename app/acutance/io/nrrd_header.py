"""The header of an NRRD file: which axis is what, where the voxels are, how the volume lies.

References
----------
.. [1] Gordon Kindlmann, Definition of NRRD File Format, https://teem.sourceforge.net/nrrd/format.html
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from acutance.core.affine import Affine, flip_lps_ras
from acutance.core.foreign import quiet
from acutance.core.ledger import ExtraAxis, LoadWarning
from acutance.errors import CorruptFileError, UnsupportedFormatError
from acutance.io._protocols import FOREIGN_ERRORS
from acutance.io.lengths import mm_per
from acutance.io.pieces import Pieces, named_files, numbered_names
from acutance.io.placement import check_shear, is_invertible, no_orientation
from acutance.io.unplaced import picture_affine
from acutance.io.voxels import REMEDY_COPY, Layout, make_layout

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

#: A header longer than this is none.
MAX_HEADER_BYTES = 1 << 20
MAGIC = re.compile(rb"NRRD000[1-5]\r?\n")
_MAX_DIMENSIONS = 16
#: Every spelling of a type [1]_, and what numpy calls it.
_DTYPES = {
    name: code
    for code, names in {
        "i1": "signed char,int8,int8_t",
        "u1": "uchar,unsigned char,uint8,uint8_t",
        "i2": "short,short int,signed short,signed short int,int16,int16_t",
        "u2": "ushort,unsigned short,unsigned short int,uint16,uint16_t",
        "i4": "int,signed int,int32,int32_t",
        "u4": "uint,unsigned int,uint32,uint32_t",
        "i8": "longlong,long long,long long int,signed long long,signed long long int,int64,"
        "int64_t",
        "u8": "ulonglong,unsigned long long,unsigned long long int,uint64,uint64_t",
        "f4": "float",
        "f8": "double",
    }.items()
    for name in names.split(",")
}
_ENCODINGS = {
    "raw": "raw", "gzip": "gzip", "gz": "gzip", "bzip2": "bzip2", "bz2": "bzip2",
    "text": "text", "txt": "text", "ascii": "text",
}  # fmt: skip
#: Fields that are read, under one spelling; nothing else of the header is looked at.
_FIELDS = {
    "dimension": "dimension", "type": "type", "sizes": "sizes", "encoding": "encoding",
    "endian": "endian", "space": "space", "space dimension": "space dimension",
    "space directions": "space directions", "space origin": "space origin",
    "space units": "space units", "spacings": "spacings", "kinds": "kinds", "units": "units",
    "measurement frame": "measurement frame", "data file": "data file", "datafile": "data file",
    "byte skip": "byte skip", "byteskip": "byte skip", "line skip": "line skip",
    "lineskip": "line skip",
}  # fmt: skip
_SIDES = {
    "right-anterior-superior": (1, 1), "ras": (1, 1), "right-anterior-superior-time": (1, 1),
    "rast": (1, 1), "left-anterior-superior": (-1, 1), "las": (-1, 1),
    "left-anterior-superior-time": (-1, 1), "last": (-1, 1),
    "left-posterior-superior": (-1, -1), "lps": (-1, -1),
    "left-posterior-superior-time": (-1, -1), "lpst": (-1, -1),
}  # fmt: skip
_COLOURS = {"rgb-color": 3, "rgba-color": 4}
_KIND_NAMES = {
    "time": "time", "list": "list", "point": "list", "vector": "vector component",
    "covariant-vector": "vector component", "normal": "vector component",
    "2-vector": "vector component", "3-vector": "vector component",
    "4-vector": "vector component", "3-gradient": "vector component",
    "3-normal": "vector component", "complex": "complex component",
    "quaternion": "quaternion component", "hsv-color": "colour component",
    "xyz-color": "colour component", "rgb-color": "colour component",
    "rgba-color": "colour component", "3-color": "colour component",
    "4-color": "colour component", "scalar": "component", "stub": "component",
}  # fmt: skip
_SPATIAL_KINDS = {"domain", "space"}


@dataclass(frozen=True)
class NrrdHeader:
    """What is needed to read a volume of an NRRD file.

    Parameters
    ----------
    layout : Layout
    axes : tuple of ExtraAxis
        Those of `layout.extra` with more than one position.
    pieces : Pieces
        Where the numbers are, held against the files.
    affine : ndarray, shape (4, 4), float64, mm, RAS+
    orientation_known, spacing_known : bool
    is_detached : bool
        Whether the numbers are in other files.
    warnings : tuple of LoadWarning
    notes : tuple of str
    facts : dict
    """

    layout: Layout
    axes: tuple[ExtraAxis, ...]
    pieces: Pieces
    affine: Affine
    orientation_known: bool
    spacing_known: bool
    is_detached: bool
    warnings: tuple[LoadWarning, ...]
    notes: tuple[str, ...]
    facts: dict[str, Any]


def parse_header(head: bytes, path: Path) -> NrrdHeader:
    """Read a header.

    Parameters
    ----------
    head : bytes
        The first `MAX_HEADER_BYTES` of the file.

    Raises
    ------
    CorruptFileError
        If the header is cut, contradicts itself, or claims more than the files can hold.
    UnsupportedFormatError
        If the file is of a kind that is not read, which is named.
    """
    lines, rest, end = _lines(head, path)
    fields = _fields(lines, path)
    sizes = [int(v) for v in fields["sizes"]]
    if len(sizes) != fields["dimension"] or not 1 <= len(sizes) <= _MAX_DIMENSIONS:
        raise CorruptFileError(
            f"The header gives {len(sizes)} sizes for {fields['dimension']} dimensions.",
            remedy=REMEDY_COPY,
            path=path,
        )
    if min(sizes) < 1:
        raise CorruptFileError(
            f"The header gives the size {sizes}; every dimension must be at least 1.",
            remedy=REMEDY_COPY,
            path=path,
        )
    if len(sizes) == 1:
        raise UnsupportedFormatError(
            f"The file holds one row of {sizes[0]} numbers, not an image.",
            remedy="Open a file with at least two dimensions.",
            path=path,
        )
    dtype = _dtype(fields, path)
    kinds = [kind.lower() for kind in fields.get("kinds", [])]
    kinds += ["???"] * (len(sizes) - len(kinds))
    vectors = _directions(fields, len(sizes))
    space = _space_axes(vectors, kinds, len(sizes), path)
    if kinds[0] == "complex" and sizes[0] == 2 and dtype.kind == "f" and 0 not in space:
        dtype = np.dtype(dtype.str.replace("f8", "c16").replace("f4", "c8"))
        sizes, kinds, vectors = sizes[1:], kinds[1:], vectors and vectors[1:]
        space = [axis - 1 for axis in space]
    colour = _colour_axis(kinds, sizes, space, dtype)
    layout = make_layout(sizes, dtype, space, colour)
    axes = tuple(
        ExtraAxis(_axis_name(kinds, axis), layout.sizes[axis])
        for axis in layout.extra
        if layout.sizes[axis] > 1
    )
    pieces = _pieces(fields, rest, end, path)
    pieces.check(layout, path)
    warnings: list[LoadWarning] = []
    notes: list[str] = []
    if dtype.kind == "c":
        notes.append("complex values; their magnitude is shown")
    if colour is not None and sizes[colour] == 4:
        notes.append("transparency (alpha) left out")
    placed = _place(fields, vectors, space, layout, warnings, notes)
    facts = {
        "format": "NRRD",
        "datatype": dtype.newbyteorder("=").name,
        "encoding": pieces.encoding,
        "space": str(fields.get("space", "")),
        "axes": {axis.name: axis.size for axis in axes},
    }
    is_detached = pieces.files != (path,)
    return NrrdHeader(
        layout, axes, pieces, *placed, is_detached, tuple(warnings), tuple(notes), facts
    )


def _lines(head: bytes, path: Path) -> tuple[list[str], list[str], int]:
    """Return the lines of the header, those of a list of files, and where the voxels begin."""
    lines: list[str] = []
    rest: list[str] = []
    at, is_list = 0, False
    while True:
        end = head.find(b"\n", at)
        if end < 0 and len(head) >= MAX_HEADER_BYTES:
            raise CorruptFileError(
                f"The header does not end within {MAX_HEADER_BYTES} bytes.", path=path
            )
        raw = head[at : end if end >= 0 else len(head)]
        line = raw.decode("utf-8", "replace").rstrip()
        at = end + 1 if end >= 0 else len(head)
        if is_list:
            if line:
                rest.append(line)
        elif not line and lines:
            return lines, rest, at
        elif not line.startswith("#"):
            lines.append(line)
            is_list = bool(re.match(r"data ?file:\s*LIST\b", line, re.IGNORECASE))
        if at >= len(head):  # a detached header may end with the file
            return lines, rest, at


def _fields(lines: list[str], path: Path) -> Mapping[str, Any]:
    """Return the fields that are known, parsed; keys and comments of others are dropped."""
    import nrrd

    kept = [lines[0]]
    for line in lines[1:]:
        name, colon, value = line.partition(": ")
        known = _FIELDS.get(name.strip().lower())
        if colon and known is not None:
            kept.append(f"{known}: {value.strip()}")
    foreign: tuple[type[Exception], ...] = (*FOREIGN_ERRORS, nrrd.NRRDError)
    try:
        with quiet():
            fields: Mapping[str, Any] = nrrd.read_header(kept)
    except foreign as error:
        raise CorruptFileError(
            "The NRRD header contradicts itself or cannot be read.", remedy=REMEDY_COPY, path=path
        ) from error
    missing = [name for name in ("dimension", "type", "sizes", "encoding") if name not in fields]
    if missing:
        raise CorruptFileError(
            f"The NRRD header does not state: {', '.join(missing)}.", remedy=REMEDY_COPY, path=path
        )
    return fields


def _dtype(fields: Mapping[str, Any], path: Path) -> np.dtype[Any]:
    stated = str(fields["type"]).lower()
    code = _DTYPES.get(stated)
    if code is None:
        raise UnsupportedFormatError(
            f"The file holds values of the kind {stated[:40]!r}, which are not read.",
            remedy="Save them as integers or floating point.",
            path=path,
        )
    endian = str(fields.get("endian", "")).lower()
    if np.dtype(code).itemsize > 1 and fields["encoding"].lower() not in ("text", "txt", "ascii"):
        if endian not in ("little", "big"):
            raise CorruptFileError(
                "The NRRD header does not state its byte order (endian).", path=path
            )
        return np.dtype((">" if endian == "big" else "<") + code)
    return np.dtype(code)


def _directions(fields: Mapping[str, Any], count: int) -> list[Affine | None] | None:
    """Return the step of each axis in space, None for an axis that has none."""
    stated = fields.get("space directions")
    if stated is None:
        return None
    rows: list[Affine | None] = []
    for row in stated:
        vector = None if row is None else np.asarray(row, dtype=np.float64).reshape(-1)
        is_none = vector is None or bool(np.all(np.isnan(vector)))
        rows.append(None if is_none else vector)
    return rows if len(rows) == count else None


def _space_axes(
    vectors: list[Affine | None] | None, kinds: list[str], count: int, path: Path
) -> list[int]:
    if vectors is not None:
        axes = [n for n, v in enumerate(vectors) if v is not None and (v.size < 4 or v[:3].any())]
    elif any(kind in _SPATIAL_KINDS for kind in kinds[:count]):
        axes = [n for n, kind in enumerate(kinds[:count]) if kind in _SPATIAL_KINDS]
    else:
        axes = [n for n, kind in enumerate(kinds[:count]) if kind == "???"][:3]
    if not 2 <= len(axes) <= 3:
        raise UnsupportedFormatError(
            f"{len(axes)} of the {count} axes are those of space; two or three are read.",
            remedy="Save one 3-D volume of it as a file of its own.",
            path=path,
        )
    return axes


def _colour_axis(
    kinds: list[str], sizes: list[int], space: list[int], dtype: np.dtype[Any]
) -> int | None:
    for axis, (kind, size) in enumerate(zip(kinds, sizes, strict=False)):
        fits = _COLOURS.get(kind) == size and axis not in space
        if fits and dtype.kind == "u" and dtype.itemsize <= 2:
            return axis
    return None


def _axis_name(kinds: list[str], axis: int) -> str:
    kind = kinds[axis] if axis < len(kinds) else ""
    if kind.endswith(("-matrix", "-symmetric-matrix", "-masked-symmetric-matrix")):
        return "tensor component"
    return _KIND_NAMES.get(kind, f"dimension {axis + 1}")


def _pieces(fields: Mapping[str, Any], rest: list[str], end: int, path: Path) -> Pieces:
    encoding = _ENCODINGS.get(str(fields["encoding"]).lower())
    if encoding is None:
        raise UnsupportedFormatError(
            f"The voxels are encoded as {str(fields['encoding'])[:40]!r}, which is not read.",
            remedy="Save the file with gzip or raw encoding.",
            path=path,
        )
    skip, lines = int(fields.get("byte skip", 0)), int(fields.get("line skip", 0))
    if skip < -1 or lines < 0 or max(skip, lines) > 1 << 40:
        raise CorruptFileError(
            f"The header skips {skip} bytes and {lines} lines, which cannot be.", path=path
        )
    stated = str(fields.get("data file", ""))
    start = 0
    files: tuple[Path, ...] = (path,)
    if not stated:
        start = end
    elif stated.upper().split()[0] == "LIST":
        files = named_files(path, rest)
    else:
        match = re.fullmatch(r"(.*%0?\d?d.*?)\s+(-?\d+)\s+(-?\d+)\s+(-?\d+)(\s+\d+)?", stated)
        names = [stated]
        if match is not None and all(len(match[n]) < 8 for n in (2, 3, 4)):
            names = numbered_names(path, match[1], int(match[2]), int(match[3]), int(match[4]))
        files = named_files(path, names)
    return Pieces(files, encoding, skip, lines, start)  # type: ignore[arg-type]


def _place(
    fields: Mapping[str, Any],
    vectors: list[Affine | None] | None,
    space: list[int],
    layout: Layout,
    warnings: list[LoadWarning],
    notes: list[str],
) -> tuple[Affine, bool, bool]:
    """Return the affine, and whether sides and spacing are known."""
    frame = fields.get("measurement frame")
    if frame is not None and not np.allclose(frame, np.eye(len(frame)), equal_nan=True):
        notes.append("a measurement frame is stated; vectors are shown as stored")
    mm, is_stated = _unit(fields)
    if vectors is None:
        return _unplaced(fields, space, layout, mm, warnings, notes)
    steps = [np.asarray(vectors[axis])[:3] * mm for axis in space]
    sides = _SIDES.get(str(fields.get("space", "")).lower())
    affine = np.eye(4)
    is_planar = any(step.size < 3 for step in steps)
    if is_planar:  # a plane in a space of two dimensions
        steps = [np.append(step[:2], [0.0] * (3 - min(2, step.size))) for step in steps]
        sides = None
    if len(steps) == 2:
        normal = np.cross(steps[0], steps[1])
        length = float(np.linalg.norm(normal))
        steps.append(normal / length if length else normal)
    affine[:3, :3] = np.stack(steps, axis=1)
    origin = np.asarray(fields.get("space origin", np.zeros(3)), dtype=np.float64).reshape(-1)
    if origin.size >= len(steps[0]) and not is_planar and np.all(np.isfinite(origin[:3])):
        affine[:3, 3] = origin[:3] * mm
    elif not is_planar:
        notes.append("position in space not stated")
    if not is_invertible(affine):
        warnings.append(
            LoadWarning(
                "bad_space_directions",
                "The header's space directions are no valid placement (zero, not a number or "
                "flat) and were left out.",
            )
        )
        return _unplaced(fields, space, layout, mm, warnings, notes)
    if sides is None:
        warnings.append(no_orientation("The file does not say how its space lies in the patient."))
        affine = flip_lps_ras(affine)  # drawn as an image of unknown sides is
    else:
        affine = np.diag([float(sides[0]), float(sides[1]), 1.0, 1.0]) @ affine
    check_shear(affine, warnings)
    if not is_stated:
        notes.append("spatial unit not stated, millimetres assumed")
    return affine, sides is not None, True


def _unplaced(
    fields: Mapping[str, Any],
    space: list[int],
    layout: Layout,
    mm: float,
    warnings: list[LoadWarning],
    notes: list[str],
) -> tuple[Affine, bool, bool]:
    """Return what the spacings alone tell."""
    warnings.append(no_orientation("The file does not say how the volume lies in the patient."))
    stated = [float(v) for v in fields.get("spacings", [])]
    sizes = [abs(stated[axis]) * mm if axis < len(stated) else math.nan for axis in space]
    is_known = all(math.isfinite(size) and 0 < size < 1e6 for size in sizes)
    if not is_known:
        notes.append("spacing not stated; no lengths are shown")
        sizes = [1.0] * 3
    i, j, k = (*sizes, 1.0)[:3]
    affine = picture_affine(i, j, k)
    affine[:3, 3] = -affine[:3, :3] @ [(n - 1) / 2 for n in layout.shape]
    return affine, False, is_known


def _unit(fields: Mapping[str, Any]) -> tuple[float, bool]:
    """Return mm per unit of space, and whether the header states it."""
    for unit in [*fields.get("space units", []), *fields.get("units", [])]:
        factor = mm_per(str(unit))
        if factor is not None:
            return factor, True
    return 1.0, False
