"""Arrays of NumPy (.npy), never a pickle: the axis whose numbers lie together is i.

So a picture of (rows, columns) and a stack of (slices, rows, columns) in C order lie as other
programs draw them, and so does an array of (i, j, k) in Fortran order.

References
----------
.. [1] NumPy, A simple file format for NumPy arrays, numpy.lib.format, versions 1.0 to 3.0.
"""

from __future__ import annotations

import tokenize
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

from acutance.core.foreign import quiet
from acutance.core.ledger import ExtraAxis, SeriesItem
from acutance.errors import CorruptFileError, UnsupportedFormatError
from acutance.io._protocols import FOREIGN_ERRORS, MAX_VOLUME_BYTES
from acutance.io.assembling import assemble, check_size, chosen_position, index_each, title_of
from acutance.io.unplaced import Spacing, unplaced_volume
from acutance.io.voxels import (
    REMEDY_COPY,
    Layout,
    Tape,
    allocate_volume,
    file_errors,
    fill_volume,
    make_layout,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from acutance.core.ledger import Index, LoadedSeries
    from acutance.io._protocols import Allocate, CancelToken, Progress

_MAGIC = b"\x93NUMPY"
_MAX_HEADER_BYTES = 10_000
_MAX_DIMENSIONS = 7
#: An image that is no wider than this may be a table of numbers as well as colours.
_NARROW = 4
#: NumPy reads the header with Python's own tokenizer and parser, which say so in their words.
_HEADER_ERRORS: tuple[type[Exception], ...] = (
    *FOREIGN_ERRORS,
    SyntaxError,
    tokenize.TokenError,
)


def can_read(path: Path, head: bytes) -> bool:
    """Whether the first bytes are those of an array of NumPy."""
    del path
    return head.startswith(_MAGIC)


def index_files(files: Sequence[Path], progress: Progress, token: CancelToken) -> Index:
    """Return one item per readable array; the others are set aside with the reason."""
    return index_each(files, _item, "Reading NumPy headers", progress, token)


def read_volume(
    item: SeriesItem, allocate: Allocate, progress: Progress, token: CancelToken
) -> LoadedSeries:
    """Read one volume of an array.

    Raises
    ------
    CorruptFileError
        If the file is cut, or its header cannot be true.
    UnsupportedFormatError
        If it holds something else than numbers.
    """
    path = Path(item.files[0])
    with file_errors(path), path.open("rb") as file:
        header = _read_header(file, path)
        layout = header.layout
        position = layout.full_position(chosen_position(item, header.axes, path))
        array = allocate_volume(layout, allocate)
        progress.report(0.0, "Reading voxels")
        tape = Tape(file, file)  # the header was read up to the first number
        fill_volume(array, layout, position, tape, progress, token, path)
    facts = {
        "format": "NumPy array",
        "datatype": layout.dtype.newbyteorder("=").name,
        "fortran_order": header.is_fortran,
        "axes": {axis.name: axis.size for axis in header.axes},
    }
    volume, notes = unplaced_volume(array, Spacing(), name=item.title, facts=facts)
    progress.report(1.0, "Read")
    return assemble(item, volume, (), [*header.notes, *notes])


@dataclass(frozen=True)
class _Header:
    """What an array says of itself, held against its file."""

    layout: Layout
    axes: tuple[ExtraAxis, ...]
    is_fortran: bool
    notes: tuple[str, ...]


def _item(path: Path) -> SeriesItem:
    with file_errors(path), path.open("rb") as file:
        header = _read_header(file, path)
    title = title_of(path, (".npy",), "array")
    return SeriesItem("npy", str(path), (str(path),), title=title, extra_axes=header.axes)


def _read_header(file: BinaryIO, path: Path) -> _Header:
    shape, is_fortran, dtype = _parse(file, path)
    if len(shape) < 2 or len(shape) > _MAX_DIMENSIONS:
        raise UnsupportedFormatError(
            f"The array has {len(shape)} dimensions; 2 to {_MAX_DIMENSIONS} were expected.",
            remedy="Save an image or a volume.",
            path=path,
        )
    if min(shape) < 1:
        raise CorruptFileError(f"The array has the shape {shape} and no number.", path=path)
    fastest_first = tuple(range(len(shape))) if is_fortran else tuple(range(len(shape)))[::-1]
    sizes = [shape[axis] for axis in fastest_first]
    is_colour = (
        not is_fortran
        and len(shape) >= 3
        and sizes[0] in (3, 4)
        and min(sizes[1:3]) > _NARROW
        and dtype.kind == "u"
        and dtype.itemsize <= 2
    )
    lead = int(is_colour)
    space = range(lead, min(lead + 3, len(shape)))
    layout = make_layout(sizes, dtype, space, 0 if is_colour else None)
    axes = tuple(
        ExtraAxis(f"array axis {fastest_first[axis]}", sizes[axis])
        for axis in layout.extra
        if axis < len(sizes) and sizes[axis] > 1
    )
    notes = [f"axis {fastest_first[lead]} of the array is drawn to the right"]
    if is_colour:
        notes.append("the last axis is shown as colours")
    if is_colour and sizes[0] == 4:
        notes.append("transparency (alpha) left out")
    if dtype.kind == "c":
        notes.append("complex values; their magnitude is shown")
    with file_errors(path):
        available = path.stat().st_size - file.tell()
    check_size(layout.file_bytes, available, layout.volume_bytes, MAX_VOLUME_BYTES, path)
    return _Header(layout, axes, is_fortran, tuple(notes))


def _parse(file: BinaryIO, path: Path) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    """Return shape, order and type; leaves the file at the first number."""
    try:
        with quiet():
            version = np.lib.format.read_magic(file)
            read = {
                (1, 0): np.lib.format.read_array_header_1_0,
                (2, 0): np.lib.format.read_array_header_2_0,
            }.get(version)
            if read is None:
                raise UnsupportedFormatError(
                    f"The array is of version {version[0]}.{version[1]} of its format, which is "
                    "for tables with named columns.",
                    remedy="Save a plain array of numbers.",
                    path=path,
                )
            shape, is_fortran, dtype = read(file, max_header_size=_MAX_HEADER_BYTES)
    except _HEADER_ERRORS as error:
        raise CorruptFileError(
            "The header of the array cannot be read.", remedy=REMEDY_COPY, path=path
        ) from error
    if dtype.hasobject:
        raise UnsupportedFormatError(
            "The array holds Python objects (a pickle), which are never opened.",
            remedy="Save a plain array of numbers.",
            path=path,
        )
    if dtype.kind == "b":
        dtype = np.dtype(np.uint8)
    if dtype.kind not in "iufc" or dtype.itemsize > (16 if dtype.kind == "c" else 8):
        raise UnsupportedFormatError(
            f"The array holds {dtype.name[:40]} values, which are not read.",
            remedy="Save a plain array of integers or floating point.",
            path=path,
        )
    return tuple(int(n) for n in shape), bool(is_fortran), dtype
