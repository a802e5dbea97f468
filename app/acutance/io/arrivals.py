"""Files that arrive in a folder: which have come to rest, so that they may be read."""

from __future__ import annotations

import os
import stat
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

State = tuple[int, int]
#: Names of files that somebody is still writing, as copy programs and receivers call them.
_UNFINISHED = (".part", ".partial", ".tmp", ".crdownload", ".filepart")


@dataclass
class _Seen:
    """A file: its size and time of change, since when it has been so, whether it was taken."""

    state: State
    since: float
    is_taken: bool = False


class Arrivals:
    """Keeps watch over a folder and says what has come to rest in which folder below it.

    A file is at rest when size and time of change were the same in looks that lie apart as long as
    it takes. Files whose
    name begins with a dot or ends as unfinished downloads do are not looked at; links are not
    followed.

    Parameters
    ----------
    root : str
    quiet_seconds : float
        How long a file must not have changed, in seconds, > 0.
    clock : callable
        Seconds that never run backwards.

    Raises
    ------
    ValueError
        If `quiet_seconds` is not positive.
    """

    def __init__(
        self, root: str, quiet_seconds: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        if not quiet_seconds > 0:
            raise ValueError(f"a time of rest is positive, not {quiet_seconds}")
        self._root = root
        self._quiet = quiet_seconds
        self._clock = clock
        self._folders: dict[str, dict[str, _Seen]] = {}
        self._looked = clock()

    def look(self) -> None:
        """Look at every folder below the root.

        Raises
        ------
        OSError
            If the root itself cannot be listed any more.
        """
        now = self._clock()
        found: dict[str, dict[str, _Seen]] = {}
        with os.scandir(self._root):
            pass
        for folder, files in _walk(self._root):
            known = self._folders.get(folder, {})
            entry = found[folder] = {}
            for path, state in files:
                seen = known.get(path)
                entry[path] = (
                    seen if seen is not None and seen.state == state else _Seen(state, now)
                )
        self._folders = found
        self._looked = now

    @property
    def is_pending(self) -> bool:
        """Whether a file has come that nobody has taken yet."""
        return any(not s.is_taken for files in self._folders.values() for s in files.values())

    def ready(self) -> Iterator[str]:
        """Return the folders in which a file has come to rest that nobody has taken yet."""
        for folder, files in sorted(self._folders.items()):
            if any(not s.is_taken and self._rested(s) for s in files.values()):
                yield folder

    def take(self, folder: str) -> list[str]:
        """Return every file of a folder, sorted; those at rest count as taken until they change."""
        files = self._folders.get(folder, {})
        for seen in files.values():
            if self._rested(seen):
                seen.is_taken = True
        return sorted(files)

    def is_at_rest(self, paths: Iterable[str]) -> bool:
        """Whether none of some files is changing, as far as they were seen."""
        for path in paths:
            seen = self._folders.get(os.path.dirname(path), {}).get(path)
            if seen is not None and not self._rested(seen):
                return False
        return True

    def _rested(self, seen: _Seen) -> bool:
        # Between two looks, and not since the last one: nobody knows what has happened since.
        return self._looked - seen.since >= self._quiet

    def states(self, paths: Iterable[str]) -> list[tuple[str, State]]:
        """Return name, size and time of files as they were seen, sorted."""
        found = []
        for path in sorted(paths):
            seen = self._folders.get(os.path.dirname(path), {}).get(path)
            if seen is not None:
                found.append((os.path.relpath(path, self._root), seen.state))
        return found


def _walk(root: str) -> Iterator[tuple[str, list[tuple[str, State]]]]:
    """Yield each folder with its regular files; what vanishes meanwhile is left out."""
    waiting = [root]
    while waiting:
        folder = waiting.pop()
        files = []
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    if entry.name.startswith(".") or entry.name.endswith(_UNFINISHED):
                        continue
                    try:
                        facts = entry.stat(follow_symlinks=False)
                    except OSError:
                        continue
                    if stat.S_ISDIR(facts.st_mode):
                        waiting.append(entry.path)
                    elif stat.S_ISREG(facts.st_mode):
                        files.append((entry.path, (facts.st_size, facts.st_mtime_ns)))
        except OSError:
            continue
        yield folder, files
