"""Segments: mapped files through which arrays cross between processes without a copy.

A segment is a file that both sides map: in ``/dev/shm``, which is memory, where that has room, else
in a private temporary folder. Only the parent creates and unlinks; its room is reserved before it
is used, so that a full disk or memory is an error here and not a bus error later. A segment lives
as long as any array on it, however viewed, and its file is removed with it.

`multiprocessing.shared_memory` is not used: it neither reserves room nor lets go of a segment while
arrays refer to it, and its tracker unlinks segments that others still use.
"""

from __future__ import annotations

import _thread
import atexit
import contextlib
import mmap
import os
import secrets
import shutil
import sys
import tempfile
import threading
import time
import weakref
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.lib.array_utils import byte_bounds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

_MEMORY_FOLDER = Path("/dev/shm")
_PREFIX = "acutance-"
#: Array kinds that may cross: bool, integers, floats, complex; never objects.
PLAIN_KINDS = "biufc"
_ZEROS = bytes(1 << 20)
#: From this size on a file is removed on a thread: giving its pages back takes tens of ms, and the
#: last array on it often goes with a widget.
_LARGE = 1 << 24
#: A file without a living owner is left alone this long: it may be about to get one.
_STALE_AGE_SECONDS = 60.0

#: Segments of this process by path.
_segments: dict[str, weakref.ref[Segment]] = {}
#: Files of segments that are no more but could not be removed at once.
_leftovers: list[str] = []
#: Files of large segments that are no more and are being removed.
_leaving: set[str] = set()
_lock = threading.Lock()
_private_folder: Path | None = None
_is_swept = False


class ArrayReference(NamedTuple):
    """Where an array lies: enough to make the same array in another process.

    Parameters
    ----------
    path : str
        The segment's file.
    size : int
        The segment's length in bytes.
    offset : int
        Of the first element, in bytes.
    shape, strides : tuple of int
        Strides in bytes; may be negative.
    dtype : str
        As numpy writes it, with byte order, such as "<i2".
    """

    path: str
    size: int
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]
    dtype: str


class Segment(mmap.mmap):
    """A mapped file; arrays made on it keep it alive."""

    path: str

    @property
    def address(self) -> int:
        """Where the mapping begins in this process."""
        return int(np.frombuffer(self, np.uint8).ctypes.data)

    def array(
        self,
        shape: tuple[int, ...],
        dtype: np.dtype[Any],
        *,
        offset: int = 0,
        strides: tuple[int, ...] | None = None,
    ) -> NDArray[Any]:
        """Make an array on the segment.

        Raises
        ------
        ValueError
            If it would reach outside the segment.
        """
        return np.ndarray(shape, dtype, buffer=self, offset=offset, strides=strides)

    def reference(self, array: NDArray[Any]) -> ArrayReference | None:
        """Return where `array` lies in this segment, or None where it does not."""
        low, high = byte_bounds(array)
        start = self.address
        if low < start or high > start + len(self) or array.dtype.kind not in PLAIN_KINDS:
            return None
        return ArrayReference(
            self.path,
            len(self),
            array.ctypes.data - start,
            tuple(map(int, array.shape)),
            tuple(map(int, array.strides)),
            array.dtype.str,
        )


def create(nbytes: int) -> Segment:
    """Make a segment of at least `nbytes`, its room reserved, filled with zeros.

    Raises
    ------
    MemoryError
        If there is no room for it, neither in memory nor on disk.
    """
    size = max(1, nbytes)
    _remove_leaving()
    while _leftovers:
        with contextlib.suppress(OSError):
            os.unlink(_leftovers.pop())
    for folder in _folders():
        try:
            if shutil.disk_usage(folder).free < size:
                continue
            segment = _create_in(folder, size)
        except OSError:
            continue
        _segments[segment.path] = weakref.ref(segment)
        weakref.finalize(segment, _forget, segment.path, os.getpid(), size)
        return segment
    raise MemoryError(f"no room for a segment of {size} bytes")


def attach(path: str, size: int, *, is_private: bool) -> Segment:
    """Map a segment that another process made.

    Parameters
    ----------
    is_private : bool
        True: what is written here is not seen by the others.

    Raises
    ------
    OSError
        If it is gone or shorter than `size`.
    """
    fd = os.open(path, os.O_RDWR | getattr(os, "O_BINARY", 0))
    try:
        access = mmap.ACCESS_COPY if is_private else mmap.ACCESS_WRITE
        segment = Segment(fd, size, access=access)
    except ValueError as error:
        raise OSError(f"segment is shorter than {size} bytes") from error
    finally:
        os.close(fd)
    segment.path = path
    return segment


def find(array: NDArray[Any]) -> ArrayReference | None:
    """Return where an array lies in a segment of this process, or None where it does not."""
    for reference in _segments.copy().values():
        segment = reference()
        if segment is not None and (found := segment.reference(array)) is not None:
            return found
    return None


def living() -> tuple[str, ...]:
    """Return the paths of the segments of this process."""
    return tuple(_segments.copy())


def sweep(*, minimum_age_seconds: float = _STALE_AGE_SECONDS) -> int:
    """Remove segments in memory whose owner was killed; return how many are still owned."""
    owned = 0
    if sys.platform == "linux":
        import fcntl

        for path in _MEMORY_FOLDER.glob(f"{_PREFIX}*"):
            # Others' files, and those that go meanwhile, are none of ours.
            with contextlib.suppress(OSError):
                if time.time() - path.stat().st_mtime < minimum_age_seconds:
                    continue
                fd = os.open(path, os.O_RDWR | os.O_NOFOLLOW)
                try:
                    fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    path.unlink()
                except BlockingIOError:
                    owned += 1
                finally:
                    os.close(fd)
    return owned


def _folders() -> Iterator[Path]:
    """Yield the folders that can hold a segment, best first."""
    global _is_swept, _private_folder
    if sys.platform == "linux" and _MEMORY_FOLDER.is_dir():
        if not _is_swept:
            _is_swept = True
            sweep()
        yield _MEMORY_FOLDER
    with _lock:
        if _private_folder is None:
            _private_folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
            atexit.register(shutil.rmtree, _private_folder, ignore_errors=True)
        folder = _private_folder
    yield folder


def _create_in(folder: Path, size: int) -> Segment:
    path = folder / f"{_PREFIX}{os.getpid()}-{secrets.token_hex(8)}"
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL
    flags |= getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
    fd = os.open(path, flags, 0o600)
    try:
        if sys.platform == "linux":
            import fcntl

            # Held by the mapping until this process ends, however it ends: see `sweep`.
            fcntl.flock(fd, fcntl.LOCK_SH)
        _reserve(fd, size)
        segment = Segment(fd, size, access=mmap.ACCESS_WRITE)
    except OSError:
        os.close(fd)
        path.unlink(missing_ok=True)
        raise
    os.close(fd)
    segment.path = str(path)
    return segment


def _reserve(fd: int, size: int) -> None:
    """Give a file its room now; overcommitted room would end in a bus error."""
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(fd, 0, size)
    else:
        left = size
        while left > 0:
            left -= os.write(fd, _ZEROS[: min(left, len(_ZEROS))])


def _forget(path: str, owner: int, size: int) -> None:
    """Remove the file of a segment that is no more."""
    _segments.pop(path, None)
    if os.getpid() != owner:
        return
    if size < _LARGE:
        _remove(path)
        return
    _leaving.add(path)
    try:
        # Not `threading`, whose locks may be held where the garbage collector strikes.
        _thread.start_new_thread(_remove, (path,))
    except RuntimeError:  # the interpreter ends
        _remove(path)


def _remove(path: str) -> None:
    try:
        os.unlink(path)
    except FileNotFoundError:
        pass
    except OSError:
        # Windows refuses while the file is mapped; later it goes, at exit at the latest.
        _leftovers.append(path)
    _leaving.discard(path)


@atexit.register
def _remove_leaving() -> None:
    for path in tuple(_leaving):
        _remove(path)
