"""What was open, noted as it changes, so that the next start can bring it back after a crash."""

from __future__ import annotations

import contextlib
import faulthandler
import json
import logging
import math
import os
import platform
import re
import tempfile
import uuid
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any

from PySide6.QtCore import QLockFile, qVersion

from acutance import __version__
from acutance.session.keeping import SeriesWork

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_log = logging.getLogger(__name__)
_SIZE_LIMIT = 4_000_000
_MOST_PATHS = 2000
#: Lines of a report that are shown.
_MOST_LINES = 400
_FILE = re.compile(r'File "([^"]*)"')


@dataclass(frozen=True)
class Snapshot:
    """What a window showed.

    Parameters
    ----------
    paths : tuple of str
        What was opened and is still open.
    active : tuple of str
        Files of the series that was looked at; empty for none.
    cursor : tuple of float
        Place in mm, RAS+.
    window : tuple of float
        Centre and width of the grey window.
    layout : str
    plane : str
        The plane that was in view.
    work : tuple of SeriesWork
        What was measured and decided.
    """

    paths: tuple[str, ...] = ()
    active: tuple[str, ...] = ()
    cursor: tuple[float, float, float] = (0.0, 0.0, 0.0)
    window: tuple[float, float] = (0.5, 1.0)
    layout: str = "three"
    plane: str = "axial"
    work: tuple[SeriesWork, ...] = ()

    def to_plain(self) -> dict[str, Any]:
        """Return it as JSON-ready values."""
        fields = ("paths", "active", "cursor", "window", "layout", "plane")
        plain: dict[str, Any] = {name: getattr(self, name) for name in fields}
        return plain | {"work": [one.to_plain() for one in self.work]}


@dataclass(frozen=True)
class Left:
    """What a start that did not end well left behind.

    Parameters
    ----------
    snapshot : Snapshot or None
        What it showed; None where nothing was open or it cannot be read.
    report : str
        What is known of its end, without paths, names or values; may be empty.
    labels : tuple of Path
        Files of edited labels; they go with this session now.
    """

    snapshot: Snapshot | None
    report: str
    labels: tuple[Path, ...] = ()


class Journal:
    """One file for each running window, and one for what goes wrong; both go when it ends well.

    A start that finds files whose window no longer runs takes them as left by a crash. Files have
    mode 0600: paths can hold names of patients. A disk that cannot be written costs the journal,
    never the session.

    Parameters
    ----------
    folder : Path
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._name = uuid.uuid4().hex[:12]
        self._lock: QLockFile | None = None
        self._faults: IO[str] | None = None
        self._last = ""

    @property
    def is_open(self) -> bool:
        """Whether changes are noted."""
        return self._lock is not None

    def begin(self) -> list[Left]:
        """Take what earlier starts left behind, and begin to note; returns the newest first."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            _log.info("the session journal cannot be kept: %s", error.strerror)
            return []
        lock = QLockFile(str(self._path("lock")))
        lock.setStaleLockTime(0)
        if lock.tryLock(0):
            self._lock = lock
            self._open_faults()
        return [found for name in self._dead() if (found := self._take(name)) is not None]

    def note(self, snapshot: Snapshot) -> None:
        """Write what is shown now, where that is something else than before."""
        if self._lock is None:
            return
        text = json.dumps(snapshot.to_plain())
        if text == self._last:
            return
        try:
            _write(self._path("json"), text)
            self._last = text
        except OSError as error:
            _log.info("the session journal could not be written: %s", error.strerror)

    def note_fault(self, text: str) -> None:
        """Add what an error that nobody caught says of itself, without its contents."""
        if self._faults is not None:
            with contextlib.suppress(OSError, ValueError):
                self._faults.write(text + "\n")
                self._faults.flush()

    def report(self) -> str:
        """Return what went wrong in this session so far, scrubbed; empty where nothing did."""
        return _read_report(self._path("faults"))

    def end(self) -> None:
        """End well: nothing is left behind."""
        if self._lock is None:
            return
        if self._faults is not None:
            faulthandler.disable()
            self._faults.close()
            self._faults = None
        for path in (self._path("json"), self._path("faults"), *self._labels(self._name)):
            with contextlib.suppress(OSError):
                path.unlink()
        self._lock.unlock()
        self._lock = None

    def labels_path(self, id: int) -> Path:
        """Return where the edited labels of a series are kept."""
        return self._path(f"labels-{id}")

    def _labels(self, name: str) -> list[Path]:
        return sorted(
            (*self._folder.glob(f"{name}.labels-*"), *self._folder.glob(f"{name}.left-*"))
        )

    def _path(self, kind: str, name: str = "") -> Path:
        return self._folder / f"{name or self._name}.{kind}"

    def _dead(self) -> Iterator[str]:
        """Give the names of sessions that no longer run, the newest first."""
        try:
            names = sorted(self._folder.glob("*.lock"), key=lambda p: -p.stat().st_mtime)
        except OSError:
            return
        for path in names:
            lock = QLockFile(str(path))
            lock.setStaleLockTime(0)
            if path.stem != self._name and lock.tryLock(0):  # its process is gone
                yield path.stem
                lock.unlock()

    def _take(self, name: str) -> Left | None:
        snapshot, report = None, _read_report(self._path("faults", name))
        path = self._path("json", name)
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError, RecursionError):
            if path.stat().st_size <= _SIZE_LIMIT:
                snapshot = _snapshot_of(json.loads(path.read_text(encoding="utf-8")))
        labels = []
        for path in self._labels(name):
            # Under the name of this session, so that another crash loses nothing of them.
            mine = self._path(f"left-{uuid.uuid4().hex[:8]}")
            with contextlib.suppress(OSError):
                labels.append(path.replace(mine))
        for kind in ("json", "faults", "lock"):
            with contextlib.suppress(OSError):
                self._path(kind, name).unlink()
        if snapshot is None and not report:
            return None
        return Left(snapshot, report, tuple(labels))

    def _open_faults(self) -> None:
        """Have even a crash of the interpreter write down where it was."""
        try:
            handle = os.open(self._path("faults"), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            self._faults = open(handle, "w", encoding="utf-8")  # noqa: SIM115 - until the end
            faulthandler.enable(self._faults)
        except (OSError, ValueError) as error:
            _log.info("crashes cannot be written down: %s", type(error).__name__)


def surroundings() -> str:
    """Return versions of program, Python, Qt and system: what a report begins with."""
    system = f"{platform.system()} {platform.release()} {platform.machine()}"
    return f"Acutance {__version__}\nPython {platform.python_version()}\nQt {qVersion()}\n{system}"


def scrubbed(text: str) -> str:
    """Return a report without folders: what is left are modules, lines and functions."""
    lines = text.splitlines()[-_MOST_LINES:]
    return "\n".join(
        _FILE.sub(lambda m: 'File "' + re.split(r"[\\/]", m.group(1))[-1] + '"', line)
        for line in lines
    ).strip()


def _read_report(path: Path) -> str:
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            return scrubbed(file.read(_SIZE_LIMIT))
    except OSError:
        return ""


def _write(path: Path, text: str) -> None:
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".journal-")
    try:
        with open(handle, "w", encoding="utf-8") as file:
            file.write(text)
        os.replace(name, path)
    except OSError:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise


def _snapshot_of(plain: dict[str, Any]) -> Snapshot | None:
    """Rebuild a snapshot, checked; None where nothing was open."""
    paths = tuple(str(path) for path in plain["paths"] if path and "\0" not in str(path))
    x, y, z = map(float, plain["cursor"])
    centre, width = map(float, plain["window"])
    if not all(map(math.isfinite, (x, y, z, centre, width))) or not width > 0:
        raise ValueError("a place and a window are finite")
    if not paths or len(paths) > _MOST_PATHS:
        return None
    return Snapshot(
        paths,
        tuple(map(str, plain["active"])),
        (x, y, z),
        (centre, width),
        str(plain["layout"]),
        str(plain["plane"]),
        _work_of(plain.get("work", [])),
    )


def _work_of(listed: Any) -> tuple[SeriesWork, ...]:
    """Rebuild what was measured and decided; what is damaged costs nothing but itself."""
    found = []
    for plain in listed if isinstance(listed, list) else []:
        with contextlib.suppress(ValueError, KeyError, TypeError, AttributeError, OverflowError):
            found.append(SeriesWork.from_plain(plain))
    return tuple(found)
