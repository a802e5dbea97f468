"""Find files: folders walked to the end, nothing opened that could block."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from acutance.core.ledger import SetAside
from acutance.core.natural_order import natural_key
from acutance.errors import ReadError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from acutance.io._protocols import CancelToken, Progress

_SYSTEM_FILES = frozenset({"thumbs.db", "desktop.ini"})
_KINDS = (
    (stat.S_ISFIFO, "a named pipe, not a file"),
    (stat.S_ISSOCK, "a socket, not a file"),
    (stat.S_ISCHR, "a device, not a file"),
    (stat.S_ISBLK, "a device, not a file"),
)


@dataclass
class Found:
    """What a walk found.

    Parameters
    ----------
    files : list of Path
        Regular, not empty, each once.
    set_aside : list of SetAside
        What cannot be a series, with the reason.
    sizes : dict of str to int
        Bytes of each of `files`, by its name.
    waiting : int
        Names that were listed and not yet looked at.
    """

    files: list[Path] = field(default_factory=list)
    set_aside: list[SetAside] = field(default_factory=list)
    sizes: dict[str, int] = field(default_factory=dict)
    waiting: int = 0


def find_files(paths: Sequence[Path], progress: Progress, token: CancelToken) -> Found:
    """Return the files that paths name, as `walk_files` finds them."""
    found = Found()
    for _ in walk_files(paths, found, progress, token):
        pass
    return found


def walk_files(
    paths: Sequence[Path], found: Found, progress: Progress, token: CancelToken
) -> Iterator[Path]:
    """Yield the files that paths name, as they are found; folders are walked recursively.

    Links are followed, a folder reached twice is walked once. A hidden file is set aside unless
    it was named itself.

    Parameters
    ----------
    found : Found
        Takes what was found so far.

    Raises
    ------
    ReadError
        If a path does not exist.
    """
    seen_files: set[str] = set()
    seen_folders: set[tuple[int, int]] = set()
    for path in paths:
        token.raise_if_cancelled()
        path = Path(os.path.abspath(path))
        if not os.path.lexists(path):
            raise ReadError("There is no such file or folder.", remedy="Check the name.", path=path)
        yield from _visit(path, found, seen_files, seen_folders, progress, token)


def _visit(
    start: Path,
    found: Found,
    seen_files: set[str],
    seen_folders: set[tuple[int, int]],
    progress: Progress,
    token: CancelToken,
) -> Iterator[Path]:
    """Take one path the user gave; a stack instead of recursion bears any depth."""
    stack = [str(start)]
    while stack:
        token.raise_if_cancelled()
        name = stack.pop()
        found.waiting = len(stack)
        try:
            status = os.stat(name)
        except OSError as error:
            _aside(found, seen_files, name, _why_not(name, error))
            continue
        if not stat.S_ISDIR(status.st_mode):
            if _take_file(name, status, found, seen_files, hidden_is_aside=name != str(start)):
                yield found.files[-1]
            continue
        if name != str(start) and os.path.basename(name).startswith("."):
            _aside(found, seen_files, name, "a hidden folder")
            continue
        identity = (status.st_dev, status.st_ino)
        if identity in seen_folders:
            if os.path.islink(name):
                _aside(found, seen_files, name, "a link to a folder that is read already")
            continue
        seen_folders.add(identity)
        try:
            with os.scandir(name) as entries:
                names = [entry.path for entry in entries]
        except OSError as error:
            _aside(found, seen_files, name, _why_not(name, error))
            continue
        progress.report(0.0, f"Looking for files: {len(seen_files)}")
        stack.extend(sorted(names, key=natural_key, reverse=True))


def _take_file(
    name: str,
    status: os.stat_result,
    found: Found,
    seen_files: set[str],
    *,
    hidden_is_aside: bool,
) -> bool:
    """Give a file its place; return whether it may hold a series."""
    if name in seen_files:
        return False
    base = os.path.basename(name)
    for is_kind, reason in _KINDS:
        if is_kind(status.st_mode):
            _aside(found, seen_files, name, reason)
            return False
    if hidden_is_aside and (base.startswith(".") or base.lower() in _SYSTEM_FILES):
        _aside(found, seen_files, name, "hidden file")
    elif status.st_size == 0:
        _aside(found, seen_files, name, "the file is empty")
    else:
        seen_files.add(name)
        found.files.append(Path(name))
        found.sizes[name] = status.st_size
        return True
    return False


def _aside(found: Found, seen_files: set[str], name: str, reason: str) -> None:
    if name not in seen_files:
        seen_files.add(name)
        found.set_aside.append(SetAside(name, reason))


def _why_not(name: str, error: OSError) -> str:
    if isinstance(error, PermissionError):
        return "not allowed to read it"
    if os.path.islink(name):
        return "a link that leads nowhere"
    return f"cannot be read ({error.strerror or 'input/output error'})"
