"""A DICOMDIR that was opened by name: the files that it names, none of them outside its folder.

References
----------
.. [1] DICOM PS3.3, F.3.2.2 (directory records); PS3.10, 8.2 (file IDs), 8.6 (DICOMDIR).
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pydicom

from acutance.core.foreign import quiet
from acutance.core.ledger import LoadWarning, SetAside
from acutance.io._protocols import FOREIGN_ERRORS, clean_text, plural

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_MARK = b"\x02\x00\x02\x00UI"
_CLASS = b"1.2.840.10008.1.3.10"
#: A directory of more bytes is not read as one, and no more records than these are.
_MAX_BYTES = 256 * 1024**2
_MAX_RECORDS = 500_000
_MAX_COMPONENTS = 32


@dataclass
class Expanded:
    """What to look at instead of the paths that were named.

    Parameters
    ----------
    paths : list of Path
    set_aside : list of SetAside
        The directories themselves, and files they name that must not be opened.
    warnings : list of LoadWarning
    """

    paths: list[Path] = field(default_factory=list)
    set_aside: list[SetAside] = field(default_factory=list)
    warnings: list[LoadWarning] = field(default_factory=list)


def expand(paths: Sequence[Path]) -> Expanded:
    """Return the paths with each DICOMDIR among them replaced by the files that it names."""
    expanded = Expanded()
    for path in paths:
        names = _file_ids(path)
        if names is None:
            expanded.paths.append(path)
        else:
            _resolve(Path(os.path.abspath(path)), names, expanded)
    return expanded


def _file_ids(path: Path) -> list[tuple[str, ...]] | None:
    """Return the file IDs of a DICOMDIR, None where the file is none or cannot be read as one."""
    try:
        status = os.stat(path)
        if not stat.S_ISREG(status.st_mode) or status.st_size > _MAX_BYTES:
            return None
        with open(path, "rb") as file:
            head = file.read(4096)
            at = head.find(_MARK, 132)
            if head[128:132] != b"DICM" or at < 0 or head[at + 8 : at + 28] != _CLASS:
                return None
            file.seek(0)
            with quiet():
                dataset = pydicom.dcmread(file, specific_tags=["DirectoryRecordSequence"])
                return list(_ids(dataset))
    except FOREIGN_ERRORS:
        return None


def _ids(dataset: pydicom.Dataset) -> Iterator[tuple[str, ...]]:
    seen = set()
    records = dataset.get("DirectoryRecordSequence") or []
    for record in records[:_MAX_RECORDS]:
        value = record.get("ReferencedFileID")
        if not value:
            continue
        parts = (value,) if isinstance(value, str) else tuple(map(str, value))
        if parts not in seen:
            seen.add(parts)
            yield parts


def _resolve(directory: Path, names: Sequence[tuple[str, ...]], expanded: Expanded) -> None:
    folder = directory.parent
    missing = []
    for parts in names:
        shown = f"{directory}: {clean_text('/'.join(parts), 1024)}"
        if not _is_plain(parts):
            expanded.set_aside.append(SetAside(shown, "named outside the folder of its DICOMDIR"))
            continue
        found = _find(folder, parts)
        if found is None:
            missing.append(str(folder.joinpath(*parts)))
        elif not _is_inside(folder, found):
            expanded.set_aside.append(SetAside(str(found), "a link out of its DICOMDIR's folder"))
        else:
            expanded.paths.append(found)
    words = f"a DICOMDIR index of {plural(len(names), 'file')}"
    if missing:
        verb = "is" if len(missing) == 1 else "are"
        words += f", {len(missing)} of which {verb} not there"
        expanded.warnings.append(
            LoadWarning(
                "missing_files",
                f"The DICOMDIR names {plural(len(missing), 'file')} that {verb} not there; images "
                "may be missing.",
                tuple(missing[:16]),
            )
        )
    expanded.set_aside.append(SetAside(str(directory), words, may_be_lost=False))


def _is_plain(parts: tuple[str, ...]) -> bool:
    """Whether every component is a name and nothing else."""
    return 1 <= len(parts) <= _MAX_COMPONENTS and all(
        part.strip() not in ("", ".", "..") and not set(part) & set("/\\:\x00") for part in parts
    )


def _find(folder: Path, parts: tuple[str, ...]) -> Path | None:
    """Return the file, whose name on disk may be in small letters; None where there is none."""
    for change in (str, str.lower):
        path = folder.joinpath(*(change(part.strip()) for part in parts))
        if os.path.lexists(path):
            return path
    return None


def _is_inside(folder: Path, path: Path) -> bool:
    return Path(os.path.realpath(path)).is_relative_to(os.path.realpath(folder))
