"""The header of a MetaImage: key = value, up to the name of the file that holds the voxels.

References
----------
.. [1] MetaIO documentation, https://itk.org/Wiki/MetaIO/Documentation
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from acutance.core.affine import Affine, flip_lps_ras
from acutance.core.ledger import ExtraAxis, LoadWarning
from acutance.errors import CorruptFileError, UnsupportedFormatError
from acutance.io.lengths import mm_per
from acutance.io.pieces import Pieces, named_files, numbered_names
from acutance.io.placement import check_shear, is_invertible, no_orientation
from acutance.io.unplaced import picture_affine
from acutance.io.values import is_usable_rescale
from acutance.io.voxels import REMEDY_COPY, Layout, make_layout

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

#: A header longer than this is none.
MAX_HEADER_BYTES = 1 << 20
_LINE = re.compile(r"\s*([A-Za-z][A-Za-z0-9_]*)\s*=\s*(.*?)\s*")
_DTYPES = {
    "MET_CHAR": "i1", "MET_ASCII_CHAR": "i1", "MET_UCHAR": "u1", "MET_SHORT": "i2",
    "MET_USHORT": "u2", "MET_INT": "i4", "MET_UINT": "u4",
    # A long has four bytes here, whatever it has elsewhere [1]_.
    "MET_LONG": "i4", "MET_ULONG": "u4", "MET_LONG_LONG": "i8", "MET_ULONG_LONG": "u8",
    "MET_FLOAT": "f4", "MET_DOUBLE": "f8",
}  # fmt: skip
#: Keys that are read, each under its first spelling [1]_.
_KEYS = {
    "transformmatrix": "TransformMatrix", "rotation": "TransformMatrix",
    "orientation": "TransformMatrix", "offset": "Offset", "position": "Offset",
    "origin": "Offset", "binarydatabyteordermsb": "ByteOrderMSB",
    "elementbyteordermsb": "ByteOrderMSB",
} | {
    name.lower(): name
    for name in (
        "NDims", "DimSize", "ElementType", "ElementNumberOfChannels", "ElementSpacing",
        "ElementSize", "ElementDataFile", "BinaryData", "CompressedData", "HeaderSize",
        "DistanceUnits", "Modality", "ElementToIntensityFunctionSlope",
        "ElementToIntensityFunctionOffset",
    )
}  # fmt: skip
_MODALITIES = {"MET_MOD_CT": "CT", "MET_MOD_MR": "MR", "MET_MOD_NM": "NM", "MET_MOD_US": "US"}


@dataclass(frozen=True)
class MetaImageHeader:
    """What is needed to read a volume of a MetaImage.

    Parameters
    ----------
    layout : Layout
    axes : tuple of ExtraAxis
        Those of `layout.extra` with more than one position.
    pieces : Pieces
        Where the numbers are, held against the files.
    affine : ndarray, shape (4, 4), float64, mm, RAS+
    orientation_known, spacing_known : bool
    slope, intercept : float
    modality : str
        DICOM modality code or "".
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
    slope: float
    intercept: float
    modality: str
    warnings: tuple[LoadWarning, ...]
    notes: tuple[str, ...]
    facts: dict[str, Any]


def is_header(head: bytes) -> bool:
    """Whether the first bytes read as lines of keys with those that no MetaImage lacks."""
    text = head.decode("latin-1")
    first = text.split("\n", 1)[0]
    if _LINE.fullmatch(first.rstrip("\r")) is None:
        return False
    return all(
        re.search(rf"^\s*{key}\s*=", text, re.MULTILINE | re.IGNORECASE)
        for key in ("NDims", "DimSize", "ElementDataFile")
    )


def parse_header(head: bytes, path: Path) -> MetaImageHeader:
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
    keys, rest, end = _keys(head, path)
    count = int(_numbers(keys, "NDims", 1, path)[0])
    if not 1 <= count <= 10:
        raise CorruptFileError(
            f"A MetaImage has 1 to 10 dimensions, the header says {count}.",
            remedy=REMEDY_COPY,
            path=path,
        )
    sizes = [int(v) for v in _numbers(keys, "DimSize", count, path)]
    if min(sizes) < 1:
        raise CorruptFileError(
            f"The header gives the size {sizes}; every dimension must be at least 1.",
            remedy=REMEDY_COPY,
            path=path,
        )
    if count == 1:
        raise UnsupportedFormatError(
            f"The file holds one row of {sizes[0]} numbers, not an image.",
            remedy="Open a file with at least two dimensions.",
            path=path,
        )
    is_text = not _flag(keys, "BinaryData", True)
    dtype = _dtype(keys, path)
    channels = 1
    if "ElementNumberOfChannels" in keys:
        channels = int(_numbers(keys, "ElementNumberOfChannels", 1, path)[0])
        if not 1 <= channels <= 1 << 20:
            raise CorruptFileError(f"The header says {channels} channels.", path=path)
    is_colour = channels in (3, 4) and dtype.kind == "u" and dtype.itemsize <= 2
    lead = int(channels > 1)
    space = range(lead, lead + min(3, count))
    layout = make_layout(
        ((channels,) if lead else ()) + tuple(sizes), dtype, space, 0 if is_colour else None
    )
    axes = tuple(
        ExtraAxis(
            "channel" if lead and axis == 0 else f"dimension {axis - lead + 1}",
            layout.sizes[axis],
        )
        for axis in layout.extra
        if layout.sizes[axis] > 1
    )
    pieces = _pieces(keys, rest, end, is_text, path)
    pieces.check(layout, path)
    warnings: list[LoadWarning] = []
    notes: list[str] = []
    if is_colour:
        notes.append(f"{channels} channels shown as colours")
    if is_colour and channels == 4:
        notes.append("transparency (alpha) left out")
    affine, orientation_known, spacing_known = _place(keys, count, layout, path, warnings, notes)
    slope, intercept = _rescale(keys, path, warnings, notes) if not is_colour else (1.0, 0.0)
    facts = {
        "format": "MetaImage",
        "datatype": dtype.newbyteorder("=").name,
        "encoding": pieces.encoding,
        "axes": {axis.name: axis.size for axis in axes},
    }
    return MetaImageHeader(
        layout, axes, pieces, affine, orientation_known, spacing_known, slope, intercept,
        _MODALITIES.get(keys.get("Modality", "").upper(), ""), tuple(warnings), tuple(notes), facts,
    )  # fmt: skip


def _keys(head: bytes, path: Path) -> tuple[dict[str, str], list[str], int]:
    """Return the keys, the lines of a list of files, and where voxels in the same file begin."""
    keys: dict[str, str] = {}
    at = 0
    while at < len(head):
        end = head.find(b"\n", at)
        end = len(head) if end < 0 else end
        line = head[at:end].decode("latin-1").rstrip("\r")
        at = min(end + 1, len(head))
        match = _LINE.fullmatch(line)
        if match is None:
            if not line.strip():
                continue
            raise CorruptFileError(
                "The MetaImage header has a line that is no key and value.",
                remedy=REMEDY_COPY,
                path=path,
            )
        name = _KEYS.get(match[1].lower())
        if name is not None:
            keys.setdefault(name, match[2])
        if name == "ElementDataFile":
            rest = head[at:].decode("utf-8", "replace").splitlines() if _is_list(keys) else []
            return keys, [line.strip() for line in rest if line.strip()], at
    raise CorruptFileError(
        "The MetaImage header does not name its voxels (ElementDataFile).",
        remedy=REMEDY_COPY,
        path=path,
    )


def _is_list(keys: Mapping[str, str]) -> bool:
    return keys["ElementDataFile"].split(" ")[0].upper() == "LIST"


def _numbers(keys: Mapping[str, str], name: str, count: int, path: Path) -> list[float]:
    """Return the numbers of a key.

    Raises
    ------
    CorruptFileError
        If it is missing, or holds fewer or something else.
    """
    words = keys.get(name, "").split()
    try:
        values = [float(word) for word in words[:count]]
    except ValueError:
        values = []
    if len(values) < count or not all(math.isfinite(v) and abs(v) < 2**53 for v in values):
        raise CorruptFileError(
            f"The MetaImage header needs {count} numbers for {name}.",
            remedy=REMEDY_COPY,
            path=path,
        )
    return values


def _flag(keys: Mapping[str, str], name: str, otherwise: bool) -> bool:
    text = keys.get(name, "").lower()
    return text[0] in "t1y" if text else otherwise


def _dtype(keys: Mapping[str, str], path: Path) -> np.dtype[Any]:
    stated = keys.get("ElementType", "").upper()
    code = _DTYPES.get(stated.removesuffix("_ARRAY"))
    if code is None:
        raise UnsupportedFormatError(
            f"The file holds values of the kind {stated[:40]!r}, which are not read.",
            remedy="Save them as integers or floating point.",
            path=path,
        )
    return np.dtype((">" if _flag(keys, "ByteOrderMSB", False) else "<") + code)


def _pieces(
    keys: Mapping[str, str], rest: list[str], end: int, is_text: bool, path: Path
) -> Pieces:
    stated = keys["ElementDataFile"]
    skip = int(_numbers(keys, "HeaderSize", 1, path)[0]) if "HeaderSize" in keys else 0
    if skip < -1:
        raise CorruptFileError(f"The header skips {skip} bytes, which cannot be.", path=path)
    encoding: Any = "zlib" if _flag(keys, "CompressedData", False) else "raw"
    encoding = "text" if is_text else encoding
    if stated.upper() == "LOCAL":
        return Pieces((path,), encoding, 0, 0, end)
    match = re.fullmatch(r"(.*%0?\d?d.*?)\s+(\d{1,7})\s+(\d{1,7})\s+(\d{1,7})", stated)
    if _is_list(keys):
        names = rest
    elif match is not None:
        names = numbered_names(path, match[1], int(match[2]), int(match[3]), int(match[4]))
    else:
        names = [stated]
    return Pieces(named_files(path, names), encoding, skip)


def _place(
    keys: Mapping[str, str],
    count: int,
    layout: Layout,
    path: Path,
    warnings: list[LoadWarning],
    notes: list[str],
) -> tuple[Affine, bool, bool]:
    """Return the affine, and whether sides and spacing are known."""
    mm = mm_per(keys.get("DistanceUnits", "mm")) or 1.0
    sizes = _spacing(keys, count, path)
    spacing_known = sizes is not None and all(size > 0 for size in sizes)
    if not spacing_known:
        notes.append("spacing not stated; no lengths are shown")
    steps = np.array([s * mm for s in sizes] if spacing_known and sizes else [1.0] * 3)[:3]
    steps = np.append(steps, [float(np.mean(steps))] * (3 - steps.size))
    if "TransformMatrix" not in keys or count < 3:
        why = "is a plane" if count < 3 else "has no TransformMatrix"
        warnings.append(
            no_orientation(f"The image {why}; it does not say how it lies in the patient.")
        )
        affine = picture_affine(*steps)
        affine[:3, 3] = -affine[:3, :3] @ [(n - 1) / 2 for n in layout.shape]
        return affine, False, spacing_known
    matrix = np.array(_numbers(keys, "TransformMatrix", count * count, path))
    # Row by row the matrix names the direction of an axis.
    directions = matrix.reshape(count, count)[:3, :3].T
    affine = np.eye(4)
    affine[:3, :3] = directions * steps
    if "Offset" in keys:
        affine[:3, 3] = np.array(_numbers(keys, "Offset", count, path))[:3] * mm
    else:
        notes.append("position in space not stated")
    if not is_invertible(affine):
        warnings.append(
            LoadWarning(
                "bad_transform_matrix",
                "The header's TransformMatrix is no valid placement (zero or flat) and was left "
                "out.",
            )
        )
        warnings.append(no_orientation("The file does not say how the volume lies."))
        return picture_affine(*steps), False, spacing_known
    check_shear(affine, warnings)
    return flip_lps_ras(affine), True, spacing_known


def _spacing(keys: Mapping[str, str], count: int, path: Path) -> list[float] | None:
    for name in ("ElementSpacing", "ElementSize"):
        if name in keys:
            return _numbers(keys, name, count, path)
    return None


def _rescale(
    keys: Mapping[str, str], path: Path, warnings: list[LoadWarning], notes: list[str]
) -> tuple[float, float]:
    names = ("ElementToIntensityFunctionSlope", "ElementToIntensityFunctionOffset")
    slope, intercept = (
        _numbers(keys, name, 1, path)[0] if name in keys else otherwise
        for name, otherwise in zip(names, (1.0, 0.0), strict=True)
    )
    if (slope, intercept) == (1.0, 0.0):
        return 1.0, 0.0
    if is_usable_rescale(slope, intercept):
        notes.append("scaled by the slope and offset that the header states")
        return slope, intercept
    warnings.append(
        LoadWarning(
            "bad_rescale",
            f"The rescale slope {slope:g} and intercept {intercept:g} cannot be used; the stored "
            "values are shown as they are.",
        )
    )
    return 1.0, 0.0
