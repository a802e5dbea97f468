"""Converted networks and trials, kept in the user's cache folder; nothing in it is ever needed.

A converted network is a folder that appears whole or not at all, with the SHA-256 of each of its
files: one that was changed is made anew, since a flipped bit in it would be a wrong score.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import platformdirs

from acutance.core.backends import BackendTrial

if TYPE_CHECKING:
    from collections.abc import Callable

#: Part of every key: converted networks of another recipe are not used.
RECIPE = 2
_SUMS = "sha256.json"
_SIZE_LIMIT = 1 << 20


def cache_folder() -> Path:
    """Return the folder of all that can be made again."""
    return Path(platformdirs.user_cache_dir("acutance", appauthor=False)) / "backends"


def digest(*parts: object) -> str:
    """Return the SHA-256 of some words, as 64 hex digits."""
    return hashlib.sha256(json.dumps([str(part) for part in parts]).encode()).hexdigest()


def converted(key: str, write: Callable[[Path], None], folder: Path | None = None) -> Path:
    """Return the folder with a converted network, made where it is missing or damaged.

    Parameters
    ----------
    key : str
        64 hex digits of all that it depends on.
    write : callable
        Fills an empty folder.
    folder : Path, optional
        In place of the user's cache folder.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    root = cache_folder() if folder is None else folder
    place = root / key
    if _is_whole(place):
        return place
    root.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(dir=root, prefix=".making-"))
    try:
        write(temporary)
        names = sorted(path.name for path in temporary.iterdir())
        sums = {name: _sum(temporary / name) for name in names}
        (temporary / _SUMS).write_text(json.dumps(sums), "utf-8")
        shutil.rmtree(place, ignore_errors=True)
        with contextlib.suppress(OSError):  # somebody else made the same one meanwhile
            os.replace(temporary, place)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    if not _is_whole(place):
        raise OSError("the converted network could not be kept")
    return place


def load_trial(sha256: str, machine: str, folder: Path | None = None) -> BackendTrial | None:
    """Return the trial that was kept for weights on this machine; None where there is none."""
    path = _trial_path(sha256, machine, folder)
    try:
        if path.stat().st_size > _SIZE_LIMIT:
            return None
        trial = BackendTrial.from_plain(json.loads(path.read_text("utf-8")))
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None  # measured anew when it is asked for
    return trial if (trial.sha256, trial.machine) == (sha256, machine) else None


def keep_trial(trial: BackendTrial, folder: Path | None = None) -> bool:
    """Keep a trial, replacing an older one at once; return False where the disk refuses."""
    path = _trial_path(trial.sha256, trial.machine, folder)
    name = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".trial-")
        with open(handle, "w", encoding="utf-8") as file:
            json.dump(trial.to_plain(), file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, path)
    except OSError:
        if name is not None:
            with contextlib.suppress(OSError):
                os.unlink(name)
        return False
    return True


def _trial_path(sha256: str, machine: str, folder: Path | None) -> Path:
    root = cache_folder() if folder is None else folder
    return root / f"trial-{digest(sha256, machine)[:32]}.json"


def _is_whole(place: Path) -> bool:
    try:
        sums = json.loads((place / _SUMS).read_text("utf-8"))
        return bool(sums) and all(_sum(place / name) == told for name, told in sums.items())
    except (OSError, ValueError, AttributeError):
        return False


def _sum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
