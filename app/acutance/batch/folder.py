"""The output folder of a batch: one owner, one batch, and no half file in it."""

from __future__ import annotations

import json
import os
import shutil
import uuid
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from acutance.errors import ExportError
from acutance.jobs.scratch import try_lock

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

ABOUT, QUEUE, ITEMS, FILES = "batch.json", "queue.sqlite", "items", "files"
RESULTS, LEDGER = "results.jsonl", "ledger.jsonl"
_LOCK = ".lock"
_PART = ".part"
_WORDS = {
    "version": "another version of Acutance",
    "source": "another input folder",
    "shard": "another share",
    "tasks": "other tasks",
    "plane": "another plane",
    "device": "another device",
    "site": "another site file",
    "weights": "other weights",
    "calibration": "another calibration",
    "segment_model": "other weights to segment with",
    "restore": "another restoration",
    "definitions": "other definitions of the metrics",
}

#: Called with the name of a step just before it is taken; what it raises ends the step. Tests and
#: the bench of kills put faults there.
Step = Callable[[str], None]


def no_step(name: str) -> None:
    """Do nothing between steps."""
    del name


class BatchFolder:
    """An output folder that this process owns until `close`.

    Parameters
    ----------
    root : Path
    identity : mapping
        What makes two runs the same batch; see `BatchSettings.identity`.
    is_resumed : bool
        Whether this batch may be there already.

    Raises
    ------
    ExportError
        If it cannot be written, another process works in it, or it holds something else than this
        batch.
    """

    def __init__(self, root: Path, identity: Mapping[str, Any], *, is_resumed: bool) -> None:
        self.root = root
        self._lock_fd = -1
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            self._lock_fd = os.open(self.root / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise ExportError(
                f"The output folder cannot be written: {error.strerror}.",
                remedy="Choose a folder that you may write to.",
                path=self.root,
            ) from error
        try:
            if not try_lock(self._lock_fd):
                raise ExportError(
                    "Another batch is at work in this folder.",
                    remedy="Wait for its end, or choose another folder.",
                    path=self.root,
                )
            self._begin(identity, is_resumed)
        except BaseException:
            self.close()
            raise

    @property
    def items(self) -> Path:
        """Folder of the objects, one file for each series."""
        return self.root / ITEMS

    @property
    def files(self) -> Path:
        """Folder of what tasks write beside the objects; there once one has written."""
        return self.root / FILES

    def remove_files(self, name: str) -> None:
        """Remove what the tasks wrote of an item."""
        for path in self.files.glob(f"{name}-*"):
            path.unlink(missing_ok=True)
        for path in self.files.glob(f".{name}-*"):  # what an interrupted task would go on with
            shutil.rmtree(path, ignore_errors=True)

    def remove_half_work(self, names: set[str]) -> None:
        """Remove what interrupted tasks left of items that the batch has no longer.

        Parameters
        ----------
        names : set of str
            Those of all items.
        """
        for path in self.files.glob(".*-*"):
            if path.is_dir() and not any(path.name.startswith(f".{name}-") for name in names):
                shutil.rmtree(path, ignore_errors=True)

    def close(self) -> None:
        """Give the folder up."""
        fd, self._lock_fd = self._lock_fd, -1
        if fd >= 0:
            os.close(fd)

    def is_there(self) -> bool:
        """Whether the folder still is what it was when the batch began."""
        return (self.root / ABOUT).is_file() and self.items.is_dir()

    def _begin(self, identity: Mapping[str, Any], is_resumed: bool) -> None:
        about = read_about(self.root)
        try:
            if about is None:
                self._refuse_others()
                self.items.mkdir(exist_ok=True)
                write_durably(self.root / ABOUT, _about_text(identity))
            else:
                _refuse_another(self.root, identity, about)
                if not is_resumed:
                    raise _there_already(self.root)
                self.items.mkdir(exist_ok=True)
            for folder in (self.root, self.items, self.files):
                for part in folder.glob(f".*{_PART}"):
                    part.unlink(missing_ok=True)
        except OSError as error:
            raise ExportError(
                f"The output folder cannot be written: {error.strerror}.",
                remedy="Choose a folder with room that you may write to.",
                path=self.root,
            ) from error

    def _refuse_others(self) -> None:
        others = [
            entry.name
            for entry in os.scandir(self.root)
            if entry.name not in (_LOCK, ITEMS) and not entry.name.endswith(_PART)
        ]
        if others or (self.items.is_dir() and any(os.scandir(self.items))):
            raise ExportError(
                "The output folder is not empty and holds no batch.",
                remedy="Choose a new or empty folder.",
                path=self.root,
            )


def read_about(root: Path) -> dict[str, Any] | None:
    """Return what a folder says about the batch in it; None where there is none.

    Raises
    ------
    ExportError
        If that cannot be read.
    """
    try:
        text = (root / ABOUT).read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise _unreadable(root) from error
    try:
        about = json.loads(text)
    except ValueError as error:
        raise _unreadable(root) from error
    if not isinstance(about, dict) or not isinstance(about.get("identity"), dict):
        raise _unreadable(root)
    return about


def write_durably(path: Path, text: str, step: Step = no_step) -> None:
    """Write a file that is there whole or not at all, also after a loss of power.

    Raises
    ------
    OSError
        If it cannot be written; nothing of it is left then.
    """
    half = len(text) // 2
    write_durably_lines(path, (text[:half], text[half:]), step)


def write_durably_lines(path: Path, lines: Iterable[str], step: Step = no_step) -> None:
    """Write a file as `write_durably` does, line by line.

    Raises
    ------
    OSError
        If it cannot be written; nothing of it is left then.
    """
    temporary = path.with_name(f".{uuid.uuid4().hex[:12]}{_PART}")
    try:
        with open(temporary, "w", encoding="utf-8", errors="surrogateescape", newline="") as file:
            for line in lines:
                file.write(line)
                step("write")
            file.flush()
            step("fsync")
            os.fsync(file.fileno())
        step("rename")
        os.replace(temporary, path)
        step("renamed")
        flush_folder(path.parent)
    finally:
        # Where even this fails, the fault that led here is the one to tell.
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def flush_folder(folder: Path) -> None:
    """Make renames in a folder last; Windows has no such thing for folders."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _about_text(identity: Mapping[str, Any]) -> str:
    about = {
        "software": {"name": "acutance", "version": identity["version"]},
        "identity": dict(identity),
    }
    return json.dumps(about, indent=2) + "\n"


def _refuse_another(root: Path, identity: Mapping[str, Any], about: Mapping[str, Any]) -> None:
    there = about["identity"]
    names = [name for name in {**identity, **there} if identity.get(name) != there.get(name)]
    if names:
        why = ", ".join(dict.fromkeys(_WORDS.get(name, str(name)) for name in names))
        raise ExportError(
            f"The output folder holds a batch with {why}.",
            remedy="Choose a new folder, or go on with that batch as it was begun.",
            path=root,
        )


def _there_already(root: Path) -> ExportError:
    return ExportError(
        "The output folder holds this batch already.",
        remedy="Go on with it (--resume), or choose a new folder.",
        path=root,
    )


def _unreadable(root: Path) -> ExportError:
    return ExportError(
        "What stands about the batch in the output folder cannot be read.",
        remedy="Choose a new folder.",
        path=root / ABOUT,
    )
