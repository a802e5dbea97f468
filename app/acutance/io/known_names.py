"""The names under which the user knows files that were unpacked under others.

Readers that go by names, of numbered pictures or of the files that a header asks for, ask here.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_KNOWN: dict[str, str] = {}
_ON_DISK: dict[str, str] = {}


def remember(names: Iterable[tuple[str, str]]) -> None:
    """Take note of files on disk and the names the user knows them by."""
    for disk, known in names:
        _KNOWN[disk] = known
        _ON_DISK[known] = disk


def known_name(path: Path) -> Path:
    """Return the name the user knows; that of the file itself where it was not unpacked."""
    return Path(_KNOWN.get(str(path), path))


def unpacked_beside(path: Path, name: str) -> Path | None:
    """Return the unpacked file of a name beside another, or below its folder.

    None where `path` was not unpacked, or there is no such file in its archive.
    """
    known = _KNOWN.get(str(path))
    if known is None:
        return None
    folder = os.path.dirname(known)
    wanted = os.path.normpath(os.path.join(folder, name.replace("\\", "/")))
    disk = _ON_DISK.get(wanted) if wanted.startswith(folder + os.sep) else None
    return None if disk is None or not os.path.isfile(disk) else Path(disk)
