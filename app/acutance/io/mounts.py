"""Files that were unpacked are told by the names the user knows: archive and member."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import PurePath
from typing import TYPE_CHECKING

from acutance.io._protocols import clean_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from acutance.core.ledger import Loaded, SeriesItem, SetAside
    from acutance.errors import AcutanceError

Mounts = tuple[tuple[str, str], ...]


def mount(item: SeriesItem, names: Mapping[str, str], archives: Mapping[str, str]) -> SeriesItem:
    """Return an item of unpacked files under the names the user knows.

    Parameters
    ----------
    names : mapping of str to str
        The known name of each unpacked file.
    archives : mapping of str to str
        The archive of each folder that was unpacked to.
    """
    unpacked = [file for file in item.files if file in names]
    aside = tuple(known(entry, names) for entry in item.set_aside)
    if not unpacked:
        return replace(item, set_aside=aside)
    shown = [names.get(file, file) for file in item.files]
    path = shown[0] if len(shown) == 1 else os.path.commonpath([os.path.dirname(n) for n in shown])
    title = item.title
    if title == PurePath(unpacked[0]).name.partition(".")[0]:
        title = clean_text(PurePath(names[unpacked[0]]).name.partition(".")[0]) or title
    first = next((pair for pair in archives.items() if unpacked[0].startswith(pair[0])), None)
    mounts = (
        (item.path, path),
        *((first,) if first is not None else ()),
        *((file, names[file]) for file in unpacked),
    )
    warnings = tuple(
        replace(w, files=tuple(names.get(f, f) for f in w.files)) for w in item.warnings
    )
    return replace(item, path=path, title=title, mounts=mounts, set_aside=aside, warnings=warnings)


def known(entry: SetAside, names: Mapping[str, str]) -> SetAside:
    """Return an entry of the ledger under the name the user knows."""
    return replace(entry, file=names[entry.file]) if entry.file in names else entry


def on_disk(item: SeriesItem) -> SeriesItem:
    """Return an item as its reader finds it."""
    return replace(item, path=item.mounts[0][0]) if item.mounts else item


def as_known(loaded: Loaded, item: SeriesItem) -> Loaded:
    """Return what was loaded, told by the names the user knows."""
    if not item.mounts:
        return loaded
    names = dict(item.mounts)
    ledger = replace(
        loaded.ledger, set_aside=tuple(known(entry, names) for entry in loaded.ledger.set_aside)
    )
    warnings = tuple(
        replace(
            warning,
            message=_told(warning.message, item.mounts),
            files=tuple(names.get(file, file) for file in warning.files),
        )
        for warning in loaded.warnings
    )
    back = replace(loaded.item, path=item.path)
    return replace(loaded, item=back, ledger=ledger, warnings=warnings)


def error_as_known(error: AcutanceError, item: SeriesItem) -> AcutanceError:
    """Return an error that names no file of the private folder."""
    names = dict(item.mounts)
    path = None if error.path is None else names.get(str(error.path), item.path)
    return type(error)(_told(error.message, item.mounts), remedy=error.remedy, path=path)


def _told(text: str, mounts: Sequence[tuple[str, str]]) -> str:
    for disk, shown in mounts[::-1]:
        if disk in text:
            text = text.replace(disk, shown)
    return text
