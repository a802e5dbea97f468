"""TIFF, BigTIFF, OME-TIFF and ImageJ stacks: pages become slices, other axes are chosen.

Columns are i, rows are j; k is the depth, or the pages where a file names no depth. Of a pyramid
the full resolution is read. No other file than the one asked for is opened.
"""

from __future__ import annotations

import math
import struct
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from acutance.core.foreign import quiet
from acutance.core.ledger import ExtraAxis, Index, LoadedSeries, LoadWarning, SeriesItem, SetAside
from acutance.errors import CorruptFileError, UnsupportedFormatError
from acutance.io._protocols import FOREIGN_ERRORS, MAX_INFLATION, MAX_VOLUME_BYTES
from acutance.io.assembling import (
    assemble,
    check_name,
    check_size,
    chosen_position,
    refused,
    title_of,
)
from acutance.io.tiff_metadata import check_text, read_spacing
from acutance.io.unplaced import unplaced_volume
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
    from collections.abc import Iterator, Mapping, Sequence

    import tifffile
    from numpy.typing import NDArray

    from acutance.io._protocols import Allocate, CancelToken, Progress

_MAGIC = (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+")
_SUFFIXES = (".tif", ".tiff", ".ome", ".btf", ".tf8")
#: Compressed pictures of one colour are smaller than any bound on inflation.
_SMALL_BYTES = 64 * 1024**2
_PAGE_LIMIT = 200_000
_SERIES_LIMIT = 256
#: Axes that hold further slices where a file names no depth.
_SEQUENCES = "IQ"
_MINISWHITE, _PALETTE, _RGB, _YCBCR = 0, 3, 2, 6


def can_read(path: Path, head: bytes) -> bool:
    """Whether the first bytes are those of a TIFF."""
    del path
    return head[:4] in _MAGIC


def index_files(files: Sequence[Path], progress: Progress, token: CancelToken) -> Index:
    """Return one item per image of each file; unreadable files are set aside with the reason."""
    items: list[SeriesItem] = []
    aside: list[SetAside] = []
    for number, file in enumerate(files):
        token.raise_if_cancelled()
        progress.report(number / len(files), "Reading TIFF headers")
        try:
            items.extend(_items(file))
        except (CorruptFileError, UnsupportedFormatError) as error:
            aside.append(refused(file, error))
    return Index(tuple(items), tuple(aside))


def read_volume(
    item: SeriesItem, allocate: Allocate, progress: Progress, token: CancelToken
) -> LoadedSeries:
    """Read one stack of a TIFF.

    Raises
    ------
    CorruptFileError
        If the file is cut or damaged, or its tags cannot be true.
    UnsupportedFormatError
        If it holds a kind of pixels that is not read.
    """
    path = Path(item.files[0])
    with _opened(path) as tif:
        series = tif.series
        number = int(item.key or 0)
        if number >= len(series):
            raise CorruptFileError(
                "The file has changed since it was looked at.", remedy="Open it again.", path=path
            )
        image = _describe(series[number], path)
        _check(image, path)
        position = chosen_position(item, image.axes, path)
        array = allocate_volume(image.volume_layout, allocate)
        progress.report(0.0, "Reading voxels")
        if image.offset is not None:
            with path.open("rb") as file:
                file.seek(image.offset)
                full = image.layout.full_position(position)
                fill_volume(array, image.layout, full, Tape(file, file), progress, token, path)
        else:
            _fill_pages(array, image, position, progress, token, path)
        spacing = read_spacing(tif, number, image.page)
        facts = _facts(tif, image)
    volume, notes = unplaced_volume(array, spacing, name=item.title, facts=facts)
    progress.report(1.0, "Read")
    return assemble(item, volume, (), [*image.notes, *notes])


@dataclass(frozen=True)
class _Image:
    """One image of a file, and how its numbers lie.

    Parameters
    ----------
    series : TiffPageSeries
    page : TiffPage
        The one that describes all.
    layout : Layout
        Axes of the series, the fastest first; dtype in the byte order of the file.
    names : str
        A letter per axis of `layout`.
    axes : tuple of ExtraAxis
        Those with more than one position that are neither space nor colour.
    offset : int or None
        Where the numbers begin, if they lie in one piece, uncompressed.
    lookup : ndarray, shape (N, 3), uint8 or uint16, or None
        The palette.
    notes : tuple of str
    """

    series: tifffile.TiffPageSeries
    page: tifffile.TiffPage
    layout: Layout
    names: str
    axes: tuple[ExtraAxis, ...]
    offset: int | None
    lookup: NDArray[Any] | None
    notes: tuple[str, ...]

    @property
    def volume_layout(self) -> Layout:
        """The layout whose shape and dtype the volume has."""
        if self.lookup is None:
            return self.layout
        sizes = (3, *self.layout.shape)
        return Layout(sizes, self.lookup.dtype, (1, 2, 3), 0)


def _items(path: Path) -> Iterator[SeriesItem]:
    check_name(path, "A TIFF")
    title = title_of(path, _SUFFIXES, "TIFF image")
    with _opened(path) as tif:
        series = tif.series
        if not series:
            raise CorruptFileError("The TIFF holds no image.", remedy=REMEDY_COPY, path=path)
        if len(series) > _SERIES_LIMIT:
            raise UnsupportedFormatError(
                f"The TIFF holds {len(series)} separate images, the limit is {_SERIES_LIMIT}.",
                path=path,
            )
        found: list[SeriesItem] = []
        failures: dict[int, CorruptFileError | UnsupportedFormatError] = {}
        for number, one in enumerate(series):
            try:
                image = _describe(one, path)
                _check(image, path)
            except (CorruptFileError, UnsupportedFormatError) as error:
                failures[number] = error
                continue
            several = len(series) > 1
            found.append(
                SeriesItem(
                    "tiff",
                    str(path),
                    (str(path),),
                    key=str(number),
                    title=f"{title} {number + 1}" if several else title,
                    part=f"image {number + 1} of {len(series)}" if several else "",
                    extra_axes=image.axes,
                )
            )
        if not found:
            raise next(iter(failures.values()))
        if failures:
            found = [replace(item, warnings=_missing(failures, len(series))) for item in found]
    return iter(found)


def _missing(
    failures: Mapping[int, CorruptFileError | UnsupportedFormatError], count: int
) -> tuple[LoadWarning, ...]:
    numbers = ", ".join(str(number + 1) for number in failures)
    first = next(iter(failures.values())).message
    message = f"Of {count} images in the file these cannot be read: {numbers}. {first}"
    return (LoadWarning("missing_images", message),)


@contextmanager
def _opened(path: Path) -> Iterator[tifffile.TiffFile]:
    """Open a file whose chain of pages was followed to its end; no other file is opened."""
    import tifffile

    foreign: tuple[type[Exception], ...] = (*FOREIGN_ERRORS, tifffile.OmeXmlError)
    with file_errors(path):
        _check_chain(path)
        with path.open("rb") as file, quiet():
            try:
                # A file without a name: tifffile cannot look for others beside it.
                with tifffile.TiffFile(file, _multifile=False) as tif:
                    description = tif.pages.first.description
                    if tif.is_ome:
                        check_text(description, path)
                    yield tif
            except (CorruptFileError, UnsupportedFormatError):
                raise
            except foreign as error:
                raise CorruptFileError(
                    "The TIFF is damaged or its tags contradict each other "
                    f"({type(error).__name__}).",
                    remedy=REMEDY_COPY,
                    path=path,
                ) from error


def _check_chain(path: Path) -> None:
    """Follow the pages of a TIFF; a chain that bites its tail is refused."""
    with path.open("rb") as file:
        head = file.read(16)
        order = "<" if head[:2] == b"II" else ">"
        is_big = head[2:4] in (b"+\x00", b"\x00+")
        entry, count_code, next_code = (20, "Q", "Q") if is_big else (12, "H", "I")
        at_code, at = (f"{order}Q", 8) if is_big else (f"{order}I", 4)
        if len(head) < at + struct.calcsize(at_code):
            raise CorruptFileError("The TIFF header is cut.", remedy=REMEDY_COPY, path=path)
        (where,) = struct.unpack_from(at_code, head, at)
        seen: set[int] = set()
        size = path.stat().st_size
        while where:
            if where in seen or len(seen) >= _PAGE_LIMIT:
                raise CorruptFileError(
                    "The pages of the TIFF follow each other without end.",
                    remedy=REMEDY_COPY,
                    path=path,
                )
            if where >= size:
                break  # a cut file: what is there is looked at
            seen.add(where)
            file.seek(where)
            raw = file.read(struct.calcsize(order + count_code))
            if len(raw) < struct.calcsize(order + count_code):
                break
            (count,) = struct.unpack(order + count_code, raw)
            if count > size // entry:
                break
            file.seek(entry * count, 1)
            raw = file.read(struct.calcsize(order + next_code))
            if len(raw) < struct.calcsize(order + next_code):
                break
            (where,) = struct.unpack(order + next_code, raw)


def _describe(series: tifffile.TiffPageSeries, path: Path) -> _Image:
    page = series.keyframe
    shape, names = series.shape, series.axes
    if page is None or len(shape) != len(names) or "X" not in names or "Y" not in names:
        raise UnsupportedFormatError(
            "The TIFF names its axes in a way that is not read.",
            remedy="Save it as a plain multi-page TIFF.",
            path=path,
        )
    if min(shape) < 1:
        raise CorruptFileError(
            f"The TIFF claims an image of {' x '.join(map(str, shape))} pixels.",
            remedy=REMEDY_COPY,
            path=path,
        )
    dtype = np.dtype(series.dtype if series.dtype is not None else "V1")
    # Bits become bytes, and halves what can be computed with.
    widened: dict[str, np.dtype[Any]] = {"b1": np.dtype("u1"), "f2": np.dtype("f4")}
    dtype = widened.get(dtype.str[1:], dtype)
    if dtype.kind not in "uifc" or dtype.itemsize > 16:
        raise UnsupportedFormatError(
            f"The TIFF holds {dtype.name} values, which are not read.",
            remedy="Save them as 8- or 16-bit integers or 32-bit floating point.",
            path=path,
        )
    photometric = int(page.photometric) if page.photometric is not None else -1
    if photometric == 5:
        raise UnsupportedFormatError(
            "The TIFF holds printing colours (CMYK), which are not read.",
            remedy="Save it as grey values or RGB.",
            path=path,
        )
    depth = "Z" if "Z" in names else next((n for n in _SEQUENCES if n in names), "")
    sizes, letters = tuple(reversed(shape)), names[::-1]
    space = sorted(letters.index(name) for name in ("X", "Y", *depth))
    colour = None
    samples = sizes[letters.index("S")] if "S" in letters else 1
    is_colour = photometric in (_RGB, _YCBCR) or samples in (3, 4)
    if is_colour and samples in (3, 4) and dtype in (np.uint8, np.uint16):
        colour = letters.index("S")
    lookup = _palette(page) if photometric == _PALETTE and samples == 1 else None
    layout = make_layout(sizes, dtype, space, colour)
    axes = tuple(
        ExtraAxis(_axis_name(letters, axis), layout.sizes[axis])
        for axis in layout.extra
        if layout.sizes[axis] > 1
    )
    notes = _notes(series, page, samples if colour is not None else 1, lookup, photometric)
    offset = series.dataoffset if _lies_in_one_piece(series, page, dtype) else None
    if offset is not None:
        is_little = page.parent.byteorder == "<"
        layout = make_layout(sizes, dtype.newbyteorder("<" if is_little else ">"), space, colour)
    if lookup is not None:
        offset = None
    return _Image(series, page, layout, letters, axes, offset, lookup, tuple(notes))


def _lies_in_one_piece(
    series: tifffile.TiffPageSeries, page: tifffile.TiffPage, dtype: np.dtype[Any]
) -> bool:
    return series.dataoffset is not None and int(page.bitspersample) == dtype.itemsize * 8


def _axis_name(letters: str, axis: int) -> str:
    import tifffile

    letter = letters[axis]
    if letter == "Q":
        return f"dimension {axis + 1}"
    return str(tifffile.TIFF.AXES_NAMES.get(letter, f"dimension {axis + 1}"))


def _notes(
    series: tifffile.TiffPageSeries,
    page: tifffile.TiffPage,
    samples: int,
    lookup: NDArray[Any] | None,
    photometric: int,
) -> list[str]:
    notes = []
    if len(series.levels) > 1:
        notes.append(f"full resolution of a pyramid of {len(series.levels)} levels")
    if samples == 4:
        notes.append("transparency (alpha) left out")
    if lookup is not None:
        notes.append("colours from the palette of the file")
    if photometric == _MINISWHITE:
        notes.append("stored for inverted display (white is zero); values unchanged")
    turned = page.tags.valueof(274)
    if turned not in (None, 1):
        notes.append(f"shown as stored; the file asks for a turned display (orientation {turned})")
    if series.kind not in ("ome", "imagej") and series.parent is not None and series.parent.is_ome:
        notes.append("the OME text could not be used; pages are taken in their order")
    return notes


def _palette(page: tifffile.TiffPage) -> NDArray[Any] | None:
    colormap = page.colormap
    if colormap is None or colormap.ndim != 2 or colormap.shape[0] != 3:
        return None
    table = np.ascontiguousarray(colormap.T)
    if np.all(table % 257 == 0) or np.all(table % 256 == 0):
        return (table >> 8).astype(np.uint8)
    return table.astype(np.uint16)


def _check(image: _Image, path: Path) -> None:
    """Hold the size that tags claim against the file."""
    layout, page = image.layout, image.page
    size = path.stat().st_size
    page_bytes = math.prod(page.shape) * max(1, layout.dtype.itemsize)
    if image.offset is not None:
        claimed, available = image.offset + layout.file_bytes, size
    else:
        claimed = layout.file_bytes * int(page.bitspersample) // (8 * layout.dtype.itemsize)
        is_plain = page.compression == 1
        available = size if is_plain else max(size * MAX_INFLATION, _SMALL_BYTES)
    volume_bytes = max(image.volume_layout.volume_bytes, page_bytes)
    check_size(claimed, available, volume_bytes, MAX_VOLUME_BYTES, path)
    needed, there = math.prod(page.chunked), len(page.dataoffsets)
    if image.offset is None and needed > there:
        raise CorruptFileError(
            f"The TIFF claims a page of {needed} tiles or strips and holds {there}.",
            remedy=REMEDY_COPY,
            path=path,
        )


def _fill_pages(
    array: NDArray[Any],
    image: _Image,
    position: tuple[int, ...],
    progress: Progress,
    token: CancelToken,
    path: Path,
) -> None:
    """Decode the pages of a volume one by one."""
    layout, names = image.layout, image.names
    inner = len(image.page.axes)
    fixed = dict(zip(layout.extra, image.layout.full_position(position), strict=True))
    outer = range(len(image.series.axes) - 1, inner - 1, -1)  # slowest first
    k_axis = layout.space[2] if layout.space[2] < len(names) else None
    k_outside = k_axis is not None and k_axis >= inner
    depth = array.shape[2] if k_outside else 1
    inner_layout = make_layout(
        layout.sizes[:inner],
        layout.dtype,
        [axis for axis in layout.space if axis < inner],
        layout.colour if layout.colour is not None and layout.colour < inner else None,
    )
    pages = image.series.pages
    for k in range(depth):
        token.raise_if_cancelled()
        progress.report(k / depth, "Reading voxels")
        at = 0
        for axis in outer:
            at = at * layout.sizes[axis] + (k if axis == k_axis else fixed.get(axis, 0))
        page = pages[at] if at < len(pages) else None
        if page is None:
            raise CorruptFileError(
                f"Page {at} of the image is not in the file.",
                remedy="Open the set of files with the program that wrote it.",
                path=path,
            )
        decoded = page.asarray()
        if decoded.size != math.prod(inner_layout.sizes):
            raise CorruptFileError(
                f"Page {at} has another size than the first.", remedy=REMEDY_COPY, path=path
            )
        chosen = _pick(decoded, inner_layout, fixed)
        if image.lookup is not None:
            chosen = image.lookup[np.minimum(chosen, len(image.lookup) - 1)]
        target = array[:, :, k : k + 1] if k_outside else array
        target[...] = np.abs(chosen) if chosen.dtype.kind == "c" else chosen


def _pick(decoded: NDArray[Any], layout: Layout, fixed: dict[int, int]) -> NDArray[Any]:
    """Return (I, J, K) or (I, J, K, 3) of a decoded page."""
    block = decoded.reshape(tuple(reversed(layout.sizes)))
    index: list[int | slice] = []
    kept: list[int] = []
    for axis in range(len(layout.sizes) - 1, -1, -1):
        if axis in layout.extra:
            index.append(fixed.get(axis, 0))
            continue
        index.append(slice(0, 3) if axis == layout.colour else slice(None))
        kept.append(axis)
    colour = () if layout.colour is None else (layout.colour,)
    return block[tuple(index)].transpose([kept.index(a) for a in (*layout.space, *colour)])


def _facts(tif: tifffile.TiffFile, image: _Image) -> dict[str, Any]:
    page = image.page
    kind = "OME-TIFF" if tif.is_ome else "ImageJ TIFF" if tif.is_imagej else "TIFF"
    photometric = "MONOCHROME1" if page.photometric == _MINISWHITE else ""
    return {
        "format": f"Big{kind}" if tif.is_bigtiff and kind == "TIFF" else kind,
        "datatype": image.layout.dtype.newbyteorder("=").name,
        "compression": str(getattr(page.compression, "name", page.compression)).lower(),
        "tiled": bool(page.is_tiled),
        "pages": len(image.series.pages),
        "axes": {axis.name: axis.size for axis in image.axes},
    } | ({"photometric": photometric} if photometric else {})
