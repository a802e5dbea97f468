"""Zip archives, unpacked within bounds to a private folder under names that say nothing.

No entry decides where it is written: files are numbered. What an entry claims about its size is not
believed; bytes are counted as they come. An entry that cannot or must not be unpacked is set aside
with its reason, and the others go on. An archive in an archive is unpacked, a third level is not.

References
----------
.. [1] PKWARE, APPNOTE.TXT 6.3.10, 4.3 (structure), 4.4.4 (flags), 4.4.15 (external attributes).
"""

from __future__ import annotations

import atexit
import os
import re
import shutil
import stat
import struct
import tempfile
import zipfile
import zlib
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from acutance.core.ledger import SetAside
from acutance.core.natural_order import natural_key
from acutance.io._protocols import clean_text
from acutance.io.values import size_words

if TYPE_CHECKING:
    from acutance.io._protocols import CancelToken, Progress

#: What one archive may hold, and what may become of it.
MAX_ENTRIES = 100_000
MAX_ENTRY_BYTES = 4 * 1024**3
MAX_TOTAL_BYTES = 16 * 1024**3
_MAX_DIRECTORY_BYTES = 64 * 1024**2
#: Part of the free disk that may be filled.
_DISK_SHARE = 0.8
#: A large entry that grows more than this is no scan.
_MAX_RATIO, _RATIO_FROM_BYTES = 200, 64 * 1024**2
_CHUNK = 1 << 20
#: Nothing, deflated, takes so many bytes.
_EMPTY_BYTES = 2
_MARKS = (b"PK\x03\x04", b"PK\x05\x06")
_DEPTH_LIMIT = 2
_DEVICES = frozenset(
    {"con", "prn", "aux", "nul", *(f"{name}{n}" for name in ("com", "lpt") for n in range(1, 10))}
)
#: Only endings like these are kept on disk: some readers find the second file of a pair by it.
_SUFFIX = re.compile(r"(\.nii\.gz|\.[A-Za-z][A-Za-z0-9]{1,4})$", re.IGNORECASE)
_FOREIGN = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    OSError,
    RuntimeError,
    ValueError,
    IndexError,
    KeyError,
    NotImplementedError,
    OverflowError,
    struct.error,
)


@dataclass
class Unpacked:
    """What an archive gave.

    Parameters
    ----------
    folder : Path
        Where the files are.
    names : dict of str to str
        How the user knows each file, by where it is: archive and member.
    sizes : dict of str to int
        Bytes of each file.
    set_aside : list of SetAside
        Members that were not unpacked, by the name the user knows, with the reason.
    """

    folder: Path
    names: dict[str, str] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)
    set_aside: list[SetAside] = field(default_factory=list)


class Unreadable(Exception):  # noqa: N818 - an answer, not a fault
    """The file is no archive that can be read; the argument says why, for the ledger."""


_folder: Path | None = None
_known: dict[tuple[str, int, int], Unpacked] = {}


def set_folder(name: str) -> None:
    """Unpack below this folder from now on; who made it removes it."""
    global _folder
    folder = Path(name)
    if folder != _folder:
        _folder = folder
        _known.clear()


def is_archive(head: bytes) -> bool:
    """Whether the first bytes are those of a zip archive that may hold scans."""
    from acutance.io.sniff import describe

    return head[:4] in _MARKS and "NumPy" not in describe(head)


def unpack(path: Path, progress: Progress, token: CancelToken) -> Unpacked:
    """Unpack an archive; the same one again is not unpacked twice.

    Raises
    ------
    Unreadable
        If it is no archive that can be read, or holds too much.
    JobCancelled
        If the token says so.
    """
    try:
        status = os.stat(path)
        key = (str(path), status.st_size, status.st_mtime_ns)
        if key in _known and _known[key].folder.is_dir():
            return _known[key]
        target = Path(tempfile.mkdtemp(dir=_root()))
        limit = min(MAX_TOTAL_BYTES, int(_DISK_SHARE * shutil.disk_usage(target).free))
    except OSError as error:
        raise Unreadable(f"an archive that cannot be unpacked ({error.strerror})") from error
    work = _Unpacking(Unpacked(target), limit, progress, token)
    try:
        work.take(path, str(path), depth=1)
    except BaseException:
        shutil.rmtree(target, ignore_errors=True)
        raise
    _known[key] = work.result
    return work.result


def _root() -> Path:
    global _folder
    if _folder is None or not _folder.is_dir():
        _folder = Path(tempfile.mkdtemp(prefix="acutance-unpacked-"))
        atexit.register(shutil.rmtree, _folder, ignore_errors=True)
    return _folder


class _Unpacking:
    """One archive and those in it, with what is left of the bounds."""

    def __init__(
        self, result: Unpacked, limit: int, progress: Progress, token: CancelToken
    ) -> None:
        self.result = result
        self._left = limit
        self._entries = MAX_ENTRIES
        self._progress = progress
        self._token = token
        self._count = 0
        self._stems: dict[tuple[str, str], Path] = {}
        self._folders: dict[str, Path] = {}
        self._told: Counter[str] = Counter()

    def take(self, path: Path, shown: str, *, depth: int) -> None:
        """Unpack the entries of one archive."""
        try:
            _check_directory(path)
            archive = zipfile.ZipFile(path)
        except _FOREIGN as error:
            raise Unreadable("a zip archive that is cut or damaged") from error
        with archive:
            infos = [info for info in archive.infolist() if not info.is_dir()]
            self._entries -= len(infos)
            if self._entries < 0:
                raise Unreadable(f"an archive of more than {MAX_ENTRIES} files")
            seen: set[str] = set()
            folds: set[str] = set()
            for info in sorted(infos, key=lambda info: natural_key(info.filename)):
                self._token.raise_if_cancelled()
                self._progress.report(0.0, f"Unpacking files: {self._count}")
                name = info.filename
                known = f"{shown}/{clean_text(name, 1024) or 'a file without a name'}"
                self._told[known] += 1
                if self._told[known] > 1:
                    known = f"{known} ({self._told[known]})"
                reason = _refusal(info, seen, folds)
                if not reason:
                    reason = self._unpack(archive, info, known, depth)
                if reason:
                    self.result.set_aside.append(SetAside(known, reason))

    def _unpack(
        self, archive: zipfile.ZipFile, info: zipfile.ZipInfo, known: str, depth: int
    ) -> str:
        """Write one entry; return why it is set aside, "" where it is not."""
        if info.file_size == 0 and info.compress_size <= _EMPTY_BYTES:
            return "the file is empty"
        target = self._place(known)
        try:
            written = self._write(archive, info, target)
        except _Refused as refusal:
            target.unlink(missing_ok=True)
            return str(refusal)
        except _FOREIGN as error:
            target.unlink(missing_ok=True)
            if isinstance(error, OSError) and error.errno is not None:
                return f"cannot be unpacked ({error.strerror})"
            return "cut or damaged inside the archive"
        if not written:
            target.unlink()
            return "the file is empty"
        with open(target, "rb") as file:
            is_nested = is_archive(file.read(4096))
        if not is_nested:
            self.result.names[str(target)] = known
            self.result.sizes[str(target)] = written
            return ""
        reason = "an archive inside an archive inside an archive; unpack it first"
        if depth < _DEPTH_LIMIT:
            reason = ""
            try:
                self.take(target, known, depth=depth + 1)
            except Unreadable as refusal:
                reason = str(refusal)
        target.unlink()
        return reason

    def _write(self, archive: zipfile.ZipFile, info: zipfile.ZipInfo, target: Path) -> int:
        """Inflate an entry, counting what comes."""
        written = 0
        with archive.open(info) as source, open(target, "xb") as file:
            while chunk := source.read(_CHUNK):
                self._token.raise_if_cancelled()
                written += len(chunk)
                self._left -= len(chunk)
                if written > MAX_ENTRY_BYTES:
                    raise _Refused(f"larger than {size_words(MAX_ENTRY_BYTES)} when unpacked")
                if self._left < 0:
                    raise _Refused("there is no room to unpack it")
                packed = max(1, info.compress_size)
                if written > _RATIO_FROM_BYTES and written > _MAX_RATIO * packed:
                    raise _Refused(f"grows more than {_MAX_RATIO}-fold, which no scan does")
                file.write(chunk)
                self._progress.report(0.0, f"Unpacking files: {self._count}")
        if written != info.file_size:
            raise _Refused("damaged inside the archive: its size is not the one that it claims")
        return written

    def _place(self, known: str) -> Path:
        """Return where a member goes: a number, the same for the files of a pair."""
        folder, _, name = known.rpartition("/")
        match = _SUFFIX.search(name, 1)
        ending = "" if match is None else match.group().lower()
        stem = name[: len(name) - len(ending)]
        parent = self._folders.get(folder)
        if parent is None:
            parent = self._folders[folder] = self.result.folder / str(len(self._folders))
            parent.mkdir(mode=0o700)
        place = self._stems.get((folder, stem))
        if place is None:
            place = self._stems[folder, stem] = parent / f"{len(self._stems):06d}"
        self._count += 1
        target = Path(f"{place}{ending}")
        return Path(f"{place}-{self._count}{ending}") if target.exists() else target


class _Refused(Exception):  # noqa: N818 - an answer, not a fault
    """An entry is not unpacked; the argument says why."""


def _check_directory(path: Path) -> None:
    """Refuse a list of entries that is too long to be looked at, before it is.

    Raises
    ------
    Unreadable
    """
    with open(path, "rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - 65536 - 22))
        tail = file.read()
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) < at + 22:
        raise Unreadable("a zip archive that is cut or damaged")
    length = struct.unpack_from("<L", tail, at + 12)[0]
    if length == 0xFFFFFFFF:
        length = size
    if length > _MAX_DIRECTORY_BYTES:
        raise Unreadable("an archive whose list of files is too long")


def _refusal(info: zipfile.ZipInfo, seen: set[str], folds: set[str]) -> str:
    """Return why an entry must not be unpacked, "" where it may."""
    # As it stands in the archive: zipfile turns some names into others.
    name = info.orig_filename.partition("\x00")[0]
    parts = PurePosixPath(name).parts
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind == stat.S_IFLNK:
        return "a link, which is not followed"
    if kind not in (0, stat.S_IFREG):
        return "no file, but a device or pipe"
    if not parts:
        return "has no name"
    if name.startswith("/") or ".." in parts or re.match(r"[A-Za-z]:", name):
        return "its name leads out of the archive"
    if "\\" in name:
        return "its name holds a backslash, which may lead out of the archive"
    if any(part.split(".")[0].rstrip().casefold() in _DEVICES for part in parts):
        return "its name is that of a device"
    folded = "/".join(part.casefold().rstrip(" .") for part in parts)
    if name in seen:
        return "stands twice in the archive"
    seen.add(name)
    if folded in folds:
        return "its name differs from another by case only"
    folds.add(folded)
    if any(part.startswith(".") or part == "__MACOSX" for part in parts):
        return "hidden file"
    if info.flag_bits & 0x1:
        return "encrypted; unpack it with its password first"
    return ""
