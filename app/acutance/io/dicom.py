"""DICOM series of slices, in files of one or of several: one item, one volume, one account.

``array[i, j, k]``: i is the column index of the picture, j its row index, k the slice, sorted by
position along the slice normal; see `acutance.io.dicom_geometry`. Stored values are kept, with one
slope and intercept where all slices share them, else each slice is rescaled to float32.
"""

from __future__ import annotations

import contextlib
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from acutance.core.foreign import is_dicom
from acutance.core.ledger import (
    Index,
    Ledger,
    Loaded,
    LoadedSeries,
    SeriesItem,
    SetAside,
)
from acutance.core.volume import Volume
from acutance.errors import CorruptFileError
from acutance.io._protocols import MAX_INFLATION, MAX_VOLUME_BYTES, natural_sorted
from acutance.io.dicom_cine import index_cines, read_cine
from acutance.io.dicom_frames import can_expand, read_frames
from acutance.io.dicom_geometry import place_slices
from acutance.io.dicom_header import read_header
from acutance.io.dicom_index import group_slices
from acutance.io.dicom_mosaic import read_mosaic
from acutance.io.dicom_nuclear import read_nuclear
from acutance.io.dicom_parts import read_part
from acutance.io.dicom_pixels import (
    cut_tile,
    read_picture,
    read_pixels,
)
from acutance.io.dicom_series import Selection, select_slices
from acutance.io.dicom_stream import DamagedSlice, ManySlices, NotASlice
from acutance.io.dicom_syntax import DEFLATED, NUCLEAR_MEDICINE, is_native
from acutance.io.dicom_values import (
    ValuePlan,
    display_windows,
    plan_values,
    value_notes,
    value_unit,
    value_warnings,
)
from acutance.io.values import ValueCheck, size_words, slab_count

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from acutance.io._protocols import Allocate, CancelToken, Progress
    from acutance.io.dicom_slice import SliceHeader

#: Compressed slices of a series up to this size are decoded before the array is asked for, so that
#: one bad slice costs a warning and not the series.
_DECODE_AHEAD_BYTES = 256 * 1024**2


#: Threads that read uncompressed slices, and how many slices one takes at a time.
_THREADS = min(4, os.cpu_count() or 1)
_SLICES_PER_TASK = 8


def can_read(path: Path, head: bytes) -> bool:
    """Whether the first bytes are DICOM, with the mark at byte 128 or as a bare data set."""
    del path
    return is_dicom(head)


def index_files(files: Sequence[Path], progress: Progress, token: CancelToken) -> Index:
    """Return the series of files in display order; headers only."""
    headers: list[SliceHeader] = []
    aside: list[SetAside] = []
    several: dict[Path, str] = {}
    for number, file in enumerate(files):
        token.raise_if_cancelled()
        progress.report(number / len(files), "Reading DICOM headers")
        try:
            headers.extend(read_slices(file))
        except ManySlices as reason:
            several[file] = str(reason)
        except NotASlice as reason:
            may_be_lost = isinstance(reason, DamagedSlice)
            aside.append(SetAside(str(file), str(reason), may_be_lost))
    items, unusable = group_slices(headers)
    cines = index_cines(several, token)
    return Index((*items, *cines.items), (*aside, *unusable, *cines.set_aside))


def look_at(file: Path) -> None:
    """Read the header of a file that will soon be asked for."""
    with contextlib.suppress(NotASlice):
        read_slices(file)


class _Kept:
    """What files hold, or why they hold nothing, with the size and time that they had.

    A file is looked at while others are searched for, then indexed, then read.
    """

    #: A header takes about 2 kB.
    limit = 50_000

    def __init__(self) -> None:
        self._held: dict[str, tuple[tuple[int, ...], tuple[SliceHeader, ...] | NotASlice]] = {}
        self._count = 0

    def get(self, name: str, stamp: tuple[int, ...]) -> tuple[SliceHeader, ...] | NotASlice | None:
        """Return slices or a reason, None where the file is not known as it is now."""
        known = self._held.get(name)
        return known[1] if known is not None and known[0] == stamp else None

    def put(
        self, name: str, stamp: tuple[int, ...], held: tuple[SliceHeader, ...] | NotASlice
    ) -> None:
        """Keep slices or a reason; at the limit all others are forgotten."""
        weight = 1 if isinstance(held, NotASlice) else len(held)
        if self._count + weight > self.limit:
            self.clear()
        self._count += weight
        self._held[name] = stamp, held

    def clear(self) -> None:
        """Forget everything."""
        self._held.clear()
        self._count = 0


_kept = _Kept()


def read_slices(file: Path) -> tuple[SliceHeader, ...]:
    """Return the headers of the slices of one file, one or several.

    Raises
    ------
    NotASlice
        If it holds none, with the reason.
    """
    name = str(file)
    try:
        status = os.stat(name)
    except OSError as error:
        raise NotASlice(f"cannot be read ({error.strerror})") from error
    stamp = (status.st_size, status.st_mtime_ns, status.st_ino)
    held = _kept.get(name, stamp)
    if held is None:
        try:
            held = tuple(_read_slices(file))
        except NotASlice as reason:
            held = _anew(reason)
        _kept.put(name, stamp, held)
    if isinstance(held, NotASlice):
        raise _anew(held)
    return held


def _anew(reason: NotASlice) -> NotASlice:
    """Return the same reason, without the frames that one holds that was raised."""
    if isinstance(reason, ManySlices):
        return ManySlices(str(reason), reason.sop_class, is_mosaic=reason.is_mosaic)
    return type(reason)(str(reason))


def _read_slices(file: Path) -> list[SliceHeader]:
    try:
        return [read_header(file)]
    except ManySlices as several:
        if several.is_mosaic:
            return read_mosaic(file)
        if several.sop_class == NUCLEAR_MEDICINE:
            return read_nuclear(file)
        if not can_expand(several.sop_class):
            raise
    return read_frames(file)


def read_item(
    item: SeriesItem, allocate: Allocate, progress: Progress, token: CancelToken
) -> Loaded:
    """Read the volume of an item, or open its frames in time."""
    read = read_cine if item.kind == "video" else read_series
    return read(item, allocate, progress, token)


def read_series(
    item: SeriesItem, allocate: Allocate, progress: Progress, token: CancelToken
) -> LoadedSeries:
    """Read the volume of an item.

    Raises
    ------
    CorruptFileError
        If no slice can be read, or the claimed size cannot be in the files.
    """
    headers, unreadable = _headers_of(item, progress, token)
    selection = select_slices(headers, unreadable)
    if not selection.slices:
        raise CorruptFileError(
            f"No slice of the series can be read: {_first_reason(selection, item)}.",
            remedy="Copy the files from the scanner or archive again.",
            path=item.path,
        )
    _check_claim(selection.slices, item)
    decoded, selection = _decode_ahead(selection, progress, token, item)
    geometry = place_slices(selection.slices)
    slices = [selection.slices[n] for n in geometry.order]
    plan = plan_values(slices)
    # In the order of files: a slice lies in one piece, and goes to its place without a copy.
    samples = (3,) if slices[0].is_colour else ()
    stack = allocate((len(slices), slices[0].rows, slices[0].columns, *samples), plan.dtype)
    check = _fill(stack, slices, decoded, plan, progress, token)
    middle = slices[len(slices) // 2]
    unit = value_unit(slices, plan)
    warnings = [
        *selection.warnings,
        *geometry.warnings,
        *value_warnings(slices, plan),
        *check.warnings(plan.slope, plan.intercept),
    ]
    notes = [*geometry.notes, *value_notes(slices, plan, unit)]
    volume = Volume(
        array=stack.swapaxes(0, 2),
        affine=geometry.affine,
        slope=plan.slope,
        intercept=plan.intercept,
        unit=unit,
        modality=item.modality,
        name=item.title,
        orientation_known=geometry.orientation_known,
        spacing_known=geometry.spacing_known,
        acquisition_axis=2,
        windows=display_windows(middle, plan),
        facts={**middle.facts, "slices": len(slices), "bits_stored": middle.bits_stored},
    )
    progress.report(1.0, "Read")
    used, unused = selection.file_account(item.files)
    found = len(item.files) + len(item.set_aside)
    return LoadedSeries(
        item,
        volume,
        Ledger(found, used, (*item.set_aside, *unused)),
        tuple(warnings),
        tuple(notes),
    )


def _headers_of(
    item: SeriesItem, progress: Progress, token: CancelToken
) -> tuple[list[SliceHeader], list[SetAside]]:
    """Return the headers of the slices of an item, and the files that hold none any more."""
    try:
        parts = read_part(item.part, item.files)
    except ValueError as error:
        raise CorruptFileError(
            f"The part of the series is unknown ({error}).",
            remedy="Open the files again.",
            path=item.path,
        ) from error
    headers: list[SliceHeader] = []
    unreadable: list[SetAside] = []
    for number, file in enumerate(natural_sorted(item.files)):
        token.raise_if_cancelled()
        progress.report(0.2 * number / len(item.files), "Reading headers")
        frames = parts[file]
        try:
            slices = read_slices(Path(file))
        except NotASlice as reason:
            unreadable.append(SetAside(file, str(reason)))
            continue
        headers.extend(s for s in slices if frames is None or s.frame in frames)
    return headers, unreadable


def _first_reason(selection: Selection, item: SeriesItem) -> str:
    if selection.set_aside:
        return f"{Path(selection.set_aside[0].file).name} is or was {selection.set_aside[0].reason}"
    return f"{len(item.files)} files"


def _check_claim(slices: Sequence[SliceHeader], item: SeriesItem) -> None:
    """Hold the claimed size against the files, in Python integers, before any array is made."""
    per_pixel = 3 if slices[0].is_colour else plan_values(slices).dtype.itemsize
    claimed = slices[0].columns * slices[0].rows * len(slices) * per_pixel
    if claimed > MAX_VOLUME_BYTES:
        raise CorruptFileError(
            f"The series claims {size_words(claimed)} of pixels, the limit is "
            f"{size_words(MAX_VOLUME_BYTES)}.",
            remedy="Export a part of it, or leave it out.",
            path=item.path,
        )
    for one in slices:
        size = os.stat(one.path).st_size
        if one.frame_bytes > size * MAX_INFLATION:
            raise CorruptFileError(
                f"The file claims {size_words(one.frame_bytes)} of pixels in {size_words(size)}.",
                remedy="Copy the file again or leave it out.",
                path=one.path,
            )


def _decode_ahead(
    selection: Selection, progress: Progress, token: CancelToken, item: SeriesItem
) -> tuple[dict[tuple[str, int], NDArray[Any]], Selection]:
    """Decode compressed slices and tiles, dropping those that fail while others can be read."""
    packed = [
        s for s in selection.slices if s.tile or not is_native(s.syntax) or s.syntax == DEFLATED
    ]
    if sum(s.frame_bytes for s in packed) > _DECODE_AHEAD_BYTES:
        return {}, selection
    pictures: dict[str, NDArray[Any]] = {}
    decoded: dict[tuple[str, int], NDArray[Any]] = {}
    failed: dict[tuple[str, int], CorruptFileError] = {}
    for number, one in enumerate(packed):
        token.raise_if_cancelled()
        progress.report(0.2 + 0.5 * number / len(packed), "Decoding slices")
        try:
            if one.tile is None:
                decoded[one.key] = read_pixels(one)
                continue
            if one.path not in pictures:
                pictures[one.path] = read_picture(one)
            decoded[one.key] = cut_tile(pictures[one.path], one)
        except CorruptFileError as error:
            failed[one.key] = error
    if len(failed) == len(selection.slices):
        raise next(iter(failed.values()))
    return decoded, selection.without(dict.fromkeys(failed, "its pixels are damaged"))


def _fill(
    stack: NDArray[Any],
    slices: Sequence[SliceHeader],
    decoded: dict[tuple[str, int], NDArray[Any]],
    plan: ValuePlan,
    progress: Progress,
    token: CancelToken,
) -> ValueCheck:
    """Fill an array of shape (slices, rows, columns, ...); return what was seen of its values.

    Where a slice lies in one piece in the array, it is read from the file to its place, the middle
    one first; else several slices go to the array at once.
    """
    if stack[0].flags.c_contiguous:
        return _fill_in_place(stack, slices, decoded, plan, progress, token)
    check = ValueCheck()
    step = min(32, slab_count(stack.shape[::-1], stack.dtype.itemsize))
    block = np.empty((step, *stack.shape[1:]), stack.dtype)
    for start in range(0, len(slices), step):
        part = slices[start : start + step]
        for number, one in enumerate(part):
            token.raise_if_cancelled()
            progress.report(0.7 + 0.3 * (start + number) / len(slices), "Reading slices")
            plan.fill(block[number], one, decoded)
            check.add(block[number])
        stack[start : start + len(part)] = block[: len(part)]
    return check


def _fill_in_place(
    stack: NDArray[Any],
    slices: Sequence[SliceHeader],
    decoded: dict[tuple[str, int], NDArray[Any]],
    plan: ValuePlan,
    progress: Progress,
    token: CancelToken,
) -> ValueCheck:
    """Fill slice by slice, uncompressed slices some at the same time.

    The threads wait for the disk or the network, or for the kernel to copy, not for each other.
    """
    is_plain = all(is_native(s.syntax) and s.syntax != DEFLATED and not s.is_colour for s in slices)
    order = _middle_first(len(slices))
    parts = [order[n : n + _SLICES_PER_TASK] for n in range(0, len(order), _SLICES_PER_TASK)]

    def fill(part: list[int]) -> ValueCheck:
        seen = ValueCheck()
        for number in part:
            plan.fill(stack[number], slices[number], decoded)
            seen.add(stack[number])
        return seen

    check = ValueCheck()
    pool = ThreadPoolExecutor(_THREADS if is_plain else 1)  # codecs take turns
    try:
        for done, seen in enumerate(pool.map(fill, parts)):
            token.raise_if_cancelled()
            progress.report(0.7 + 0.3 * done / len(parts), "Reading slices")
            check.merge(seen)
    finally:
        pool.shutdown(cancel_futures=True)
    return check


def _middle_first(count: int) -> list[int]:
    """Return 0 to count - 1 from the middle outwards: what is looked at first is there first."""
    middle = count // 2
    return sorted(range(count), key=lambda n: abs(n - middle))
