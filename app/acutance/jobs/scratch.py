"""The private folder that archives are unpacked to: one for each runner, gone with it.

The parent makes and removes it. Where the parent was killed, its child does, or the next start of
the program: the owner holds a lock on it as long as it lives.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
import threading
from pathlib import Path

_PREFIX = "acutance-scratch-"
_LOCK = "owner.lock"


class Scratch:
    """A folder below the system's temporary folder that only this user may enter.

    Made when it is first asked for; folders of owners that are dead are removed then.
    """

    def __init__(self) -> None:
        self._door = threading.Lock()
        self._folder: Path | None = None
        self._lock_fd = -1

    @property
    def folder(self) -> Path:
        """Where to unpack to.

        Raises
        ------
        OSError
            If there is no room for it.
        """
        with self._door:
            if self._folder is None:
                sweep()
                folder = Path(tempfile.mkdtemp(prefix=_PREFIX))  # mode 0700
                self._lock_fd = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
                try_lock(self._lock_fd)
                self._folder = folder
            return self._folder

    def remove(self) -> None:
        """Remove the folder, if it was made."""
        with self._door:
            folder, self._folder = self._folder, None
            if folder is not None:
                os.close(self._lock_fd)
                shutil.rmtree(folder, ignore_errors=True)


def sweep() -> int:
    """Remove folders whose owner is dead; return how many are still owned."""
    owned = 0
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        # Others' folders, and those that go meanwhile, are none of ours.
        with contextlib.suppress(OSError):
            if folder.is_symlink():
                continue
            fd = os.open(folder / _LOCK, os.O_RDWR | getattr(os, "O_NOFOLLOW", 0))
            try:
                is_free = try_lock(fd)
            finally:
                os.close(fd)
            if is_free:
                shutil.rmtree(folder, ignore_errors=True)
            else:
                owned += 1
    return owned


def try_lock(fd: int) -> bool:
    """Lock a file for the life of this process; return whether nobody else has."""
    try:
        if os.name == "nt":
            import msvcrt

            msvcrt.locking(fd, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
        else:
            import fcntl

            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
