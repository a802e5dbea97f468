"""Files on their way to series: each to the reader that reads it, with finds told on the way."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from acutance.core.ledger import Index, SetAside
from acutance.core.natural_order import natural_key
from acutance.errors import JobCancelled
from acutance.io._protocols import Span
from acutance.io.archive import Unreadable, is_archive, unpack
from acutance.io.companions import settle
from acutance.io.known_names import remember
from acutance.io.mounts import known, mount
from acutance.io.sniff import HEAD_BYTES, describe
from acutance.io.walk import Found

if TYPE_CHECKING:
    from collections.abc import Sequence

    from acutance.core.ledger import LoadWarning, SeriesItem
    from acutance.io._protocols import CancelToken, HearsFinds, Progress
    from acutance.io.readers import Reader

#: Seconds until the first finds are told, and at least between two tellings.
_FIRST_TELLING, _NEXT_TELLING = 0.15, 0.3
#: Telling takes no more than this share of the time: it groups all headers so far.
_TELLING_SHARE = 0.25
_NOT_LOOKED_AT = "not looked at, because the search was cancelled"


class Search:
    """What was found, and what became of it.

    Parameters
    ----------
    readers : sequence of Reader
        The first that accepts a file gets it.
    """

    def __init__(self, readers: Sequence[Reader]) -> None:
        self.found = Found()
        self._readers = readers
        self._files: dict[str, list[Path]] = {reader.id: [] for reader in readers}
        self._aside: list[SetAside] = []
        self._warnings: list[LoadWarning] = []
        self._looked_at = 0
        # Of what archives held: how the user knows it, and in which archive it was.
        self._names: dict[str, str] = {}
        self._archives: dict[str, str] = {}

    def take_note(self, aside: Sequence[SetAside], warnings: Sequence[LoadWarning]) -> None:
        """Account for files that are known beforehand, and warn of what is."""
        self._aside.extend(aside)
        self._warnings.extend(warnings)

    def look_at(self, file: Path, progress: Progress, token: CancelToken) -> None:
        """Give a file to the first reader that accepts it, or set it aside.

        What is in an archive is looked at in its place.
        """
        self._looked_at += 1
        head = self._give(file)
        if head is None:
            return
        if not is_archive(head):
            self._aside.append(SetAside(str(file), f"{describe(head)}, which holds no scan"))
            return
        try:
            unpacked = unpack(file, progress, token)
        except Unreadable as reason:
            self._aside.append(SetAside(str(file), str(reason)))
            return
        except JobCancelled:
            self._aside.append(SetAside(str(file), _NOT_LOOKED_AT))
            raise
        if not unpacked.names and not unpacked.set_aside:
            self._aside.append(SetAside(str(file), "an empty zip archive"))
        self._names |= unpacked.names
        remember(unpacked.names.items())
        self._archives[str(unpacked.folder)] = str(file)
        self._aside.extend(unpacked.set_aside)
        self.found.sizes |= unpacked.sizes
        for name in unpacked.names:
            token.raise_if_cancelled()
            progress.report(0.0, "Looking at files of an archive")
            if (inside := self._give(Path(name))) is not None:
                self._aside.append(SetAside(name, f"{describe(inside)}, which holds no scan"))

    def _give(self, file: Path) -> bytes | None:
        """Give a file to its reader; return its first bytes where there is none."""
        try:
            with open(file, "rb", buffering=0) as stream:
                head = stream.read(HEAD_BYTES)
        except OSError as error:
            self._aside.append(SetAside(str(file), f"cannot be read ({error.strerror})"))
            return None
        reader = next((r for r in self._readers if r.can_read(file, head)), None)
        if reader is None:
            return bytes(head)
        self._files[reader.id].append(file)
        if reader.look_at is not None:
            reader.look_at(file)
        return None

    def index(self, progress: Progress, token: CancelToken, *, is_partial: bool = False) -> Index:
        """Return the series of the files looked at.

        Parameters
        ----------
        is_partial : bool
            Whether more files are to come; only readers that keep what they looked at are asked.
        """
        items: list[SeriesItem] = []
        aside = [*self.found.set_aside, *self._aside]
        total = sum(map(len, self._files.values()))
        done = 0
        for reader in self._readers:
            files = self._files[reader.id]
            if not files or (is_partial and reader.look_at is None):
                continue
            span = Span(progress, done / total, (done + len(files)) / total)
            index = reader.index(files, span, token)
            items.extend(index.items)
            aside.extend(index.set_aside)
            done += len(files)
        # Bare voxels have no kind of their own until a header names them.
        used = {name for item in items for name in item.files}
        aside = [entry for entry in aside if entry.file not in used]
        aside.sort(key=lambda entry: natural_key(entry.file))
        sizes = self.found.sizes
        items = [
            replace(
                item,
                is_partial=is_partial,
                file_bytes=sum(sizes.get(name, 0) for name in item.files),
            )
            for item in items
        ]
        if not items:
            return Index((), tuple(known(entry, self._names) for entry in aside))
        items.sort(key=lambda item: natural_key(item.path))
        settled = settle(items, aside)
        if self._names:
            mounted = (mount(item, self._names, self._archives) for item in settled)
            settled = tuple(sorted(mounted, key=lambda item: natural_key(item.path)))
        if self._warnings:
            first = replace(settled[0], warnings=(*settled[0].warnings, *self._warnings))
            settled = (first, *settled[1:])
        return Index(settled)

    def give_up(self) -> None:
        """Set aside what was found and not looked at."""
        for file in self.found.files[self._looked_at :]:
            self._aside.append(SetAside(str(file), _NOT_LOOKED_AT))
        for reader in self._readers:
            if reader.look_at is None:
                for file in self._files[reader.id]:
                    self._aside.append(SetAside(str(file), _NOT_LOOKED_AT))


class Teller:
    """Tells finds while the search goes on, at first soon, then as often as it costs little.

    Parameters
    ----------
    search : Search
    listener : HearsFinds or None
        Who wants to hear.
    """

    def __init__(self, search: Search, listener: HearsFinds | None) -> None:
        self._search = search
        self._listener = listener
        self._next = time.monotonic() + _FIRST_TELLING

    def perhaps(self) -> None:
        """Tell if it is time."""
        if self._listener is None or time.monotonic() < self._next:
            return
        start = time.monotonic()
        index = self._search.index(_Unheard(), _Unheard(), is_partial=True)
        if index.items:
            self._listener.found(index)
        now = time.monotonic()
        self._next = now + max(_NEXT_TELLING, (now - start) / _TELLING_SHARE)

    def last(self) -> None:
        """Tell what there is when the search is given up."""
        if self._listener is not None:
            self._search.give_up()
            self._listener.found(self._search.index(_Unheard(), _Unheard(), is_partial=True))


class Forward:
    """Progress that never goes back, though every folder that is found adds to the work.

    Parameters
    ----------
    progress : Progress
    """

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._reached = 0.0

    def report(self, fraction: float, message: str) -> None:
        """Report the fraction, or what was reached before."""
        self._reached = max(self._reached, fraction)
        self._progress.report(self._reached, message)


class _Unheard:
    """Progress that nobody hears, of work that nobody cancels."""

    def report(self, fraction: float, message: str) -> None:
        """Do nothing."""

    def raise_if_cancelled(self) -> None:
        """Do nothing."""
