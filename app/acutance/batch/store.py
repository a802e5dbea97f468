"""The queue of a batch in SQLite: what is waiting, done or failed. It holds no name and no path."""

from __future__ import annotations

import json
import os
import sqlite3
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from acutance.batch.folder import no_step
from acutance.errors import ExportError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from acutance.batch.folder import Step

#: "AcuB": what tells our file from another program's.
APPLICATION_ID = 0x41637542
SCHEMA_VERSION = 1
#: How long another program may hold the file before we give up.
BUSY_SECONDS = 5.0
WAITING, DONE, FAILED = "waiting", "done", "failed"
_SCHEMA = """
CREATE TABLE items (
    key TEXT PRIMARY KEY,
    location TEXT NOT NULL,
    position INTEGER NOT NULL,
    name TEXT NOT NULL UNIQUE,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'done', 'failed')),
    error TEXT NOT NULL DEFAULT '',
    seconds REAL NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE TABLE files (
    location TEXT PRIMARY KEY,
    size INTEGER NOT NULL,
    mtime_ns INTEGER NOT NULL,
    sha256 TEXT NOT NULL
) WITHOUT ROWID;
"""


@dataclass(frozen=True)
class Row:
    """One item of the queue.

    Parameters
    ----------
    key : str
        Hash of input, version and parameters.
    location : str
        Hash of where the input lies in the input folder.
    position : int
        Its place in the fixed order, from 0.
    name : str
        Stem of its file below `items`.
    state : str
        "waiting", "done" or "failed".
    error : dict of str to str
        As `errors.error_to_plain` gives it, less the path; empty unless it failed.
    seconds : float
    """

    key: str
    location: str
    position: int
    name: str
    state: str
    error: dict[str, str]
    seconds: float


class Store:
    """The queue, open for this process alone.

    Parameters
    ----------
    path : Path
    busy_seconds : float
        How long to wait for another program that holds the file.

    Attributes
    ----------
    moved_aside : Path or None
        Where a damaged queue was moved to when this one was opened.

    Raises
    ------
    ExportError
        If another program holds it, or it is of a later version or another program.
    """

    def __init__(self, path: Path, *, busy_seconds: float = BUSY_SECONDS) -> None:
        self.path = path
        self.moved_aside: Path | None = None
        self._busy_seconds = busy_seconds
        try:
            self._connection = self._open()
        except sqlite3.OperationalError as error:
            raise _cannot(path, error) from error
        except sqlite3.DatabaseError:
            self.moved_aside = _move_aside(path)
            self._connection = self._open()

    def close(self) -> None:
        """Let go of the file."""
        with suppress(sqlite3.Error):
            self._connection.close()

    def reopen(self) -> None:
        """Open the file anew after a fault of the disk.

        Raises
        ------
        OSError
            If it is not there any more: a new one would forget what was done.
        sqlite3.Error
            If it still cannot be opened.
        """
        self.close()
        os.stat(self.path)
        self._connection = self._open()

    def rows(self) -> Iterator[Row]:
        """Return every item in the fixed order."""
        cursor = self._connection.execute(
            "SELECT key, location, position, name, state, error, seconds FROM items"
            " ORDER BY position, key"
        )
        for key, location, position, name, state, error, seconds in cursor:
            plain = json.loads(error) if error else {}
            yield Row(key, location, position, name, state, plain, seconds)

    def name_of(self, key: str) -> str:
        """Return the name of an item.

        Raises
        ------
        KeyError
            If it is not in the queue.
        """
        found = self._connection.execute("SELECT name FROM items WHERE key = ?", (key,)).fetchone()
        if found is None:
            raise KeyError("no such item in the queue")
        return str(found[0])

    def replace_rows(self, rows: Iterable[Row]) -> None:
        """Make the queue hold these items and no other."""
        with self._transaction():
            self._connection.execute("DELETE FROM items")
            self._connection.executemany(
                "INSERT INTO items VALUES (?, ?, ?, ?, ?, ?, ?)", map(_values, rows)
            )

    def finish(self, key: str, error: dict[str, str], seconds: float, step: Step = no_step) -> None:
        """Fix the outcome of an item: failed with an error, else done. On the disk on return."""
        state = FAILED if error else DONE
        with self._transaction():
            changed = self._connection.execute(
                "UPDATE items SET state = ?, error = ?, seconds = ? WHERE key = ?",
                (state, _error_text(error), seconds, key),
            )
            if changed.rowcount != 1:
                raise sqlite3.IntegrityError("no such item in the queue")
            step("commit")
        step("committed")

    def known_hashes(self) -> dict[str, tuple[int, int, str]]:
        """Return size, time of change in ns and SHA-256 of files by the hash of their place."""
        cursor = self._connection.execute("SELECT location, size, mtime_ns, sha256 FROM files")
        return {location: (size, mtime_ns, sha) for location, size, mtime_ns, sha in cursor}

    def remember_hashes(self, hashes: Iterable[tuple[str, int, int, str]]) -> None:
        """Keep hashes of files, so that a resumed batch need not read them again."""
        with self._transaction():
            self._connection.executemany("INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?)", hashes)

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._connection.execute("COMMIT")
        except BaseException:
            with suppress(sqlite3.Error):
                self._connection.execute("ROLLBACK")
            raise

    def _open(self) -> sqlite3.Connection:
        fd = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
        os.close(fd)
        # Planned, run and closed on threads that take turns.
        connection = sqlite3.connect(
            self.path, timeout=self._busy_seconds, isolation_level=None, check_same_thread=False
        )
        try:
            # Exclusive: one owner, and so no shared memory, which a share on the net cannot give.
            connection.execute("PRAGMA locking_mode = EXCLUSIVE")
            _check(connection, self.path)
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA trusted_schema = OFF")
            connection.execute("BEGIN EXCLUSIVE")
            connection.execute("COMMIT")
        except BaseException:
            connection.close()
            raise
        return connection


def _check(connection: sqlite3.Connection, path: Path) -> None:
    """Make a new queue, or make sure that this one is whole and ours."""
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if tables == 0 and application in (0, APPLICATION_ID):
        script = (
            f"BEGIN EXCLUSIVE; {_SCHEMA} PRAGMA application_id = {APPLICATION_ID};"
            f" PRAGMA user_version = {SCHEMA_VERSION}; COMMIT;"
        )
        connection.executescript(script)
        return
    if application != APPLICATION_ID or version > SCHEMA_VERSION:
        whose = "a later version" if application == APPLICATION_ID else "another program"
        raise ExportError(
            f"The queue in the output folder belongs to {whose}.",
            remedy="Choose a new folder.",
            path=path,
        )
    (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if verdict != "ok":
        raise sqlite3.DatabaseError("the queue is damaged")


def _move_aside(path: Path) -> Path:
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%f")
    target = path.with_name(f"{path.name}.damaged-{stamp}")
    try:
        os.replace(path, target)
        for suffix in ("-wal", "-shm"):
            extra = path.with_name(path.name + suffix)
            if extra.exists():
                os.replace(extra, target.with_name(target.name + suffix))
    except OSError as error:
        raise ExportError(
            f"The damaged queue cannot be moved aside: {error.strerror}.", path=path
        ) from error
    return target


def _cannot(path: Path, error: sqlite3.OperationalError) -> ExportError:
    if "locked" in str(error) or "busy" in str(error):
        return ExportError(
            "Another program holds the queue of this batch.",
            remedy="Close it and go on with the batch (--resume).",
            path=path,
        )
    return ExportError(
        f"The queue of the batch cannot be opened ({error}).",
        remedy="Choose a folder with room that you may write to.",
        path=path,
    )


def _values(row: Row) -> tuple[object, ...]:
    error = _error_text(row.error)
    return (row.key, row.location, row.position, row.name, row.state, error, row.seconds)


def _error_text(error: dict[str, str]) -> str:
    return json.dumps(error, sort_keys=True) if error else ""
