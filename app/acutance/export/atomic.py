"""Write a file so that nobody ever finds half of it, and no input is ever replaced."""

from __future__ import annotations

import os
import uuid
from contextlib import contextmanager
from typing import TYPE_CHECKING

from acutance.errors import ExportError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path


@contextmanager
def replacing(path: Path, *, sources: Iterable[Path] = ()) -> Iterator[Path]:
    """Give a temporary name beside `path`; what was written there is renamed to `path` at the end.

    The bytes are on the disk before the rename. When the block raises, the temporary file is
    removed and `path` stays as it was.

    Parameters
    ----------
    path : Path
        Where the file shall be; its folder is made where it is missing.
    sources : iterable of Path
        Files that must not be replaced, under whatever name.

    Raises
    ------
    ExportError
        If `path` is one of the sources, is a folder, or cannot be written.
    """
    refuse_sources(path, sources)
    if path.is_dir():
        raise ExportError(
            "A file was to be written, but a folder has this name.",
            remedy="Choose another name.",
            path=path,
        )
    temporary = path.with_name(f".{uuid.uuid4().hex[:12]}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            yield temporary
            _flush(temporary)
            os.replace(temporary, path)
            _flush_folder(path.parent)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        raise ExportError(
            f"The file could not be written: {error.strerror or error}.",
            remedy="Choose a folder with room that you may write to.",
            path=path,
        ) from error


def refuse_sources(path: Path, sources: Iterable[Path]) -> None:
    """Raise where `path` is one of the files that must not change.

    Raises
    ------
    ExportError
        If it is, by name, by link or by hard link.
    """
    for source in sources:
        try:
            is_same = path.resolve() == source.resolve() or os.path.samefile(path, source)
        except OSError:
            is_same = False  # one of the two is not there
        if is_same:
            raise ExportError(
                "The output would replace a file that was read.",
                remedy="Choose another folder; what was read is never changed.",
                path=path,
            )


def _flush(path: Path) -> None:
    # Windows flushes only what is open for writing.
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def _flush_folder(folder: Path) -> None:
    """Make the rename itself last; Windows has no such thing for folders."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
