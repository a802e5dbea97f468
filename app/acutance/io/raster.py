"""PNG, JPEG, BMP, GIF and JPEG 2000: a picture is one slice, numbered pictures are a stack.

Columns are i, rows are j, pictures are k. Pictures of one folder whose names differ by their last
number only, and whose size and kind of pixel are the same, are one series in counting order.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from acutance.core.ledger import (
    Index,
    Ledger,
    LoadedSeries,
    LoadWarning,
    SeriesItem,
    SetAside,
)
from acutance.core.natural_order import natural_key
from acutance.errors import CorruptFileError, ReadError
from acutance.io._protocols import MAX_VOLUME_BYTES, clean_text, plural
from acutance.io.assembling import assemble, check_name, check_size, refused, title_of
from acutance.io.known_names import known_name
from acutance.io.raster_picture import Picture, kind_of, read_header, read_pixels
from acutance.io.unplaced import Spacing, unplaced_volume
from acutance.io.voxels import REMEDY_COPY, allocate_volume, make_layout

if TYPE_CHECKING:
    from collections.abc import Sequence

    from acutance.io._protocols import Allocate, CancelToken, Progress

_SUFFIXES = (".png", ".jpg", ".jpeg", ".jpe", ".bmp", ".gif", ".jp2", ".j2k", ".jpx")
_LAST_NUMBER = re.compile(r"^(.*?)(\d{1,18})(\D*)$", re.DOTALL)


def can_read(path: Path, head: bytes) -> bool:
    """Whether the first bytes are those of a picture."""
    del path
    return kind_of(head) is not None


def index_files(files: Sequence[Path], progress: Progress, token: CancelToken) -> Index:
    """Return one item per picture or stack; unreadable files are set aside with the reason."""
    stacks: dict[tuple[Any, ...], list[Path]] = defaultdict(list)
    aside: list[SetAside] = []
    for number, file in enumerate(files):
        token.raise_if_cancelled()
        progress.report(number / len(files), "Looking at pictures")
        try:
            picture = read_header(file)
            check_name(file, f"A {picture.kind}")
        except ReadError as error:
            aside.append(refused(file, error))
            continue
        parts = _LAST_NUMBER.match(known_name(file).name)
        name = (str(file), "") if parts is None else (parts[1], parts[3])
        look = (picture.width, picture.height, picture.dtype, picture.is_colour)
        stacks[(str(file.parent), *name, *look)].append(file)
    items = [_item(key, stack) for key, stack in stacks.items()]
    return Index(tuple(items), tuple(aside))


def _item(key: tuple[Any, ...], files: list[Path]) -> SeriesItem:
    if len(files) == 1:
        title = title_of(files[0], _SUFFIXES, "picture")
        return SeriesItem("raster", str(files[0]), (str(files[0]),), title=title)
    folder, prefix = Path(key[0]), str(key[1])
    home = known_name(files[0]).parent.name
    title = clean_text(prefix.strip(" _-.")) or clean_text(home) or "pictures"
    digest = hashlib.sha256(repr(key[1:]).encode("utf-8", "surrogateescape")).hexdigest()
    names = _in_counting_order([str(file) for file in files])
    return SeriesItem("raster", str(folder), tuple(names), key=digest[:16], title=title)


def _in_counting_order(names: Sequence[str]) -> list[str]:
    return sorted(names, key=lambda name: natural_key(str(known_name(Path(name)))))


def read_volume(
    item: SeriesItem, allocate: Allocate, progress: Progress, token: CancelToken
) -> LoadedSeries:
    """Read a picture, or a stack of pictures; a damaged picture of a stack is left out.

    Raises
    ------
    CorruptFileError
        If no picture can be read, or they take more room than a volume may.
    UnsupportedFormatError
        If a picture is of a kind that is not read.
    """
    names = _in_counting_order(item.files)
    first = read_header(Path(names[0]))
    channels = (3,) if first.is_colour else ()
    layout = make_layout(
        (*channels, first.width, first.height, len(names)),
        np.dtype(first.dtype),
        range(len(channels), len(channels) + 3),
        0 if channels else None,
    )
    path = Path(item.path)
    check_size(0, 0, layout.volume_bytes, MAX_VOLUME_BYTES, path)
    array = allocate_volume(layout, allocate)
    used: list[str] = []
    aside: list[SetAside] = []
    notes = dict.fromkeys(first.notes)
    for number, name in enumerate(names):
        token.raise_if_cancelled()
        progress.report(number / len(names), "Reading pictures")
        try:
            picture = read_header(Path(name))
            pixels = read_pixels(Path(name), _held_against(first, picture, Path(name)))
        except ReadError as error:
            if len(names) == 1:
                raise
            aside.append(refused(Path(name), error))
            continue
        notes |= dict.fromkeys(picture.notes)
        array[:, :, len(used)] = pixels.swapaxes(0, 1)
        used.append(name)
    if not used:
        raise CorruptFileError("None of the pictures can be read.", remedy=REMEDY_COPY, path=path)
    facts = {"format": first.kind, "datatype": np.dtype(first.dtype).name, "pictures": len(used)}
    volume, place_notes = unplaced_volume(
        array[:, :, : len(used)], Spacing(), name=item.title, facts=facts
    )
    if len(used) > 1:
        place_notes.insert(0, f"{len(used)} pictures in the order of their numbers")
    progress.report(1.0, "Read")
    loaded = assemble(item, volume, _warnings(used, aside), [*notes, *place_notes])
    ledger = Ledger(loaded.ledger.found, len(used), (*item.set_aside, *aside))
    return replace(loaded, ledger=ledger)


def _held_against(first: Picture, picture: Picture, path: Path) -> Picture:
    """Return a picture of a stack if it is as the first one.

    Raises
    ------
    CorruptFileError
        If it has another size or kind of pixels.
    """
    same = ("width", "height", "dtype", "is_colour")
    if any(getattr(first, name) != getattr(picture, name) for name in same):
        raise CorruptFileError(
            "The picture has changed since it was looked at.", remedy="Open it again.", path=path
        )
    return picture


def _warnings(used: Sequence[str], aside: Sequence[SetAside]) -> list[LoadWarning]:
    warnings = []
    missing = _missing(used)
    if aside:
        warnings.append(
            LoadWarning(
                "missing_slices",
                f"{plural(len(aside), 'picture')} of the stack cannot be read; slices are missing.",
                tuple(entry.file for entry in aside),
            )
        )
    elif missing:
        warnings.append(
            LoadWarning(
                "missing_slices",
                f"The numbers of the pictures leave out at least {missing}; slices may be missing.",
            )
        )
    return warnings


def _missing(names: Sequence[str]) -> int:
    """Return how many numbers a sequence of evenly numbered names leaves out."""
    matches = [_LAST_NUMBER.match(known_name(Path(name)).name) for name in names]
    numbers = sorted({int(match[2]) for match in matches if match is not None})
    if len(numbers) < 3:
        return 0
    steps = np.diff(np.array(numbers, dtype=object))
    usual = min(steps)
    return int(sum(step // usual - 1 for step in steps))
