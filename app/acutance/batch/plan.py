"""From what was found to what will be done: hashes, names, duplicates, and an estimate."""

from __future__ import annotations

import hashlib
import json
import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from acutance.batch.settings import digest
from acutance.batch.tasks import BY_ID

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from acutance.batch.settings import BatchSettings
    from acutance.core.ledger import Index, SeriesItem, SetAside

#: A stem that is kept: BIDS names are made of labels, never of a patient's name.
_BIDS_STEM = re.compile(r"sub-[A-Za-z0-9]+(_[a-z]+-[A-Za-z0-9]+)*_[A-Za-z0-9]+")
_STEM_LIMIT = 80
#: Room for the object of a series and its line, and the share of the queue.
_ITEM_BYTES = 96 << 10
_MIB = 1 << 20


@dataclass(frozen=True)
class Entry:
    """A series that is to be worked on.

    Parameters
    ----------
    item : SeriesItem
    position : int
        Its place in the fixed order of the whole batch, from 0.
    location : str
        Hash of its place in the input folder.
    key : str
        Hash of input, version and parameters.
    stamp : str
        Hash of size and time of its files when they were hashed.
    duplicate_of : str
        Path of the series before it that has the same bytes; empty for none.
    """

    item: SeriesItem
    position: int
    location: str
    key: str
    stamp: str
    duplicate_of: str = ""

    @property
    def file_names(self) -> list[str]:
        """Its files by the names the user knows."""
        names = dict(self.item.mounts)
        return [names.get(file, file) for file in self.item.files]

    @property
    def stem(self) -> str:
        """What its name begins with: a BIDS stem where the file has one, else only the kind."""
        if len(self.item.files) == 1:
            stem = os.path.basename(self.item.path).partition(".")[0]
            if _BIDS_STEM.fullmatch(stem) and len(stem) <= _STEM_LIMIT:
                return stem
        if self.item.reader.startswith("dicom"):
            return "series"
        return self.item.kind


@dataclass(frozen=True)
class Plan:
    """What a batch is going to do, told before it starts.

    Parameters
    ----------
    entries : tuple of Entry
        Of this share, in the fixed order, duplicates included.
    set_aside : tuple of SetAside
        Files of this share that hold no series.
    done, failed : int
        Items with an outcome already.
    seconds : float
        Estimate for what is left, rough.
    bytes_needed : int
        Estimate of the room the results take.
    finished : frozenset of str
        Keys of the items with an outcome.
    """

    entries: tuple[Entry, ...]
    set_aside: tuple[SetAside, ...]
    done: int
    failed: int
    seconds: float
    bytes_needed: int
    finished: frozenset[str] = frozenset()

    @property
    def unique(self) -> tuple[Entry, ...]:
        """The entries less the duplicates."""
        return tuple(entry for entry in self.entries if not entry.duplicate_of)

    @property
    def waiting(self) -> int:
        """Number of items that have no outcome yet."""
        return len(self.unique) - self.done - self.failed

    def count(self, kind: str) -> int:
        """Return how many volumes or videos there are, duplicates not counted."""
        return sum(entry.item.kind == kind for entry in self.unique)

    def lines(self) -> list[str]:
        """Return the plan in words."""
        files = sum(len(entry.item.files) for entry in self.entries)
        size = sum(entry.item.file_bytes for entry in self.entries) / _MIB
        aside = len(self.set_aside) + sum(len(entry.item.set_aside) for entry in self.entries)
        duplicates = len(self.entries) - len(self.unique)
        lines = [
            f"{_many(self.count('volume'), 'volume')} and {_many(self.count('video'), 'video')}"
            f" in {_many(files, 'file')}, {size:,.1f} MiB"
        ]
        if aside or duplicates:
            lines.append(
                f"set aside: {_many(aside, 'file')} without a scan, "
                f"{_many(duplicates, 'duplicate')}"
            )
        if self.done or self.failed:
            lines.append(f"finished before: {self.done} done, {self.failed} failed")
        lines.append(
            f"to do: {self.waiting}, about {duration(self.seconds)} (rough), "
            f"{max(1, round(self.bytes_needed / _MIB))} MiB of results"
        )
        return lines


def expected_seconds(item: SeriesItem, tasks: Iterable[str]) -> float:
    """Return about how long an item takes, in seconds."""
    size = item.file_bytes / _MIB
    wanted = [BY_ID[task] for task in tasks]
    if item.kind == "video":
        return sum(task.seconds[0] + task.video_seconds * size for task in wanted)
    return sum(task.seconds[0] + task.seconds[1] * size for task in wanted)


def expected_bytes(items: Sequence[SeriesItem], tasks: Iterable[str]) -> int:
    """Return about how much room the results of some items take."""
    wanted = [BY_ID[task] for task in tasks]
    room = sum(task.room for task in wanted)
    video_room = sum(task.video_room for task in wanted)
    size = sum(item.file_bytes * (video_room if item.kind == "video" else room) for item in items)
    return len(items) * _ITEM_BYTES + int(size) + _MIB


def duration(seconds: float) -> str:
    """Return a time in words of moderate precision."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    if seconds < 5400:
        return f"{round(seconds / 60)} min"
    return f"{seconds / 3600:.1f} h"


def _many(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def place_of(item: SeriesItem, source: Path) -> str:
    """Return the hash of where a series lies below the input folder."""
    path = os.path.relpath(item.path, source)
    return digest(json.dumps([path, item.part, item.key, list(item.position)]))


def stamp_of(item: SeriesItem) -> str:
    """Return the hash of size and time of change of all files; another one once they changed."""
    found = hashlib.sha256()
    for file in item.files:
        try:
            status = os.stat(file)
            found.update(f"{status.st_size} {status.st_mtime_ns}\n".encode())
        except OSError:
            found.update(b"gone\n")
    return found.hexdigest()


class Hasher:
    """Hashes the bytes of files, those that did not change since the last time only once.

    Parameters
    ----------
    source : Path
        The input folder.
    known : mapping
        As `Store.known_hashes` gives it.

    Attributes
    ----------
    fresh : list of (str, int, int, str)
        What was hashed anew: hash of the place, size, time in ns, SHA-256.
    """

    def __init__(self, source: Path, known: Mapping[str, tuple[int, int, str]]) -> None:
        self._source = source
        self._known = known
        self.fresh: list[tuple[str, int, int, str]] = []

    def content_of(self, item: SeriesItem) -> str:
        """Return the hash of all bytes an item is made of, in whatever order its files come.

        A file that cannot be read gives the item a hash of its own.
        """
        try:
            files = sorted(self._file(file, item) for file in item.files)
        except OSError:
            return digest(f"unreadable {place_of(item, self._source)}")
        key = item.key if item.part else ""
        return digest(json.dumps([item.reader, item.part, key, list(item.position), files]))

    def _file(self, file: str, item: SeriesItem) -> str:
        with open(file, "rb") as stream:
            status = os.fstat(stream.fileno())
            size, mtime_ns = status.st_size, status.st_mtime_ns
            place = digest(os.path.relpath(file, self._source))
            known = self._known.get(place)
            if known is not None and known[:2] == (size, mtime_ns):
                return known[2]
            found = hashlib.file_digest(stream, "sha256").hexdigest()
        if not item.mounts:
            self.fresh.append((place, size, mtime_ns, found))
        return found


def make_entries(
    index: Index,
    settings: BatchSettings,
    hasher: Hasher,
    on_item: Callable[[int, int], None],
) -> tuple[tuple[Entry, ...], tuple[SetAside, ...]]:
    """Return the entries and the files set aside that belong to this share.

    Parameters
    ----------
    on_item : callable
        Called before each item with how many are hashed and how many there are; may raise.
    """
    source, shard = settings.source, settings.shard
    places = [place_of(item, source) for item in index.items]
    mine = [n for n, place in enumerate(places) if shard.holds(place)]
    first: dict[str, str] = {}
    entries = []
    for done, position in enumerate(mine):
        on_item(done, len(mine))
        item = index.items[position]
        stamp = stamp_of(item)
        key = settings.key(hasher.content_of(item))
        entries.append(Entry(item, position, places[position], key, stamp, first.get(key, "")))
        first.setdefault(key, item.path)
    aside = tuple(
        entry
        for entry in index.set_aside
        if shard.holds(digest(os.path.relpath(entry.file, source)))
    )
    return tuple(entries), aside
