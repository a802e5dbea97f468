"""The history: what was measured, in one SQLite file on this machine, without any patient in it."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
import sqlite3
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from platformdirs import user_data_path

from acutance.errors import ExportError
from acutance.export.network_share import is_network_share

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import Self

#: Names the file where the command line does not.
VARIABLE = "ACUTANCE_HISTORY"
#: "AcuH": what tells our file from another program's.
APPLICATION_ID = 0x41637548
SCHEMA_VERSION = 1
#: How long another program may hold the file before we give up.
BUSY_SECONDS = 5.0
_TEXT_LIMIT = 200
_SCHEMA = """
CREATE TABLE secret (key BLOB NOT NULL);
CREATE TABLE entries (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    scan TEXT NOT NULL UNIQUE,
    measured_utc TEXT NOT NULL,
    source TEXT NOT NULL,
    scanner TEXT NOT NULL,
    protocol TEXT NOT NULL,
    coil TEXT NOT NULL,
    modality TEXT NOT NULL,
    verdict TEXT NOT NULL
);
CREATE TABLE numbers (
    entry INTEGER NOT NULL REFERENCES entries (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    value REAL NOT NULL,
    PRIMARY KEY (entry, name)
) WITHOUT ROWID;
"""


@dataclass(frozen=True, order=True)
class Process:
    """What a trend is drawn of: one kind of measurement on one machine.

    Parameters
    ----------
    scanner, protocol, coil : str
        Empty where the files do not tell.
    source : str
        Who measured: "acutance", or the name of the table it was imported from, such as "mriqc".
    """

    scanner: str = ""
    protocol: str = ""
    coil: str = ""
    source: str = "acutance"

    def __str__(self) -> str:
        parts = (self.scanner or "scanner not stated", self.protocol or "protocol not stated")
        coil = (self.coil,) if self.coil else ()
        source = () if self.source == "acutance" else (f"from {self.source}",)
        return ", ".join((*parts, *coil, *source))


@dataclass(frozen=True)
class Entry:
    """What was measured of one scan.

    Parameters
    ----------
    identity : str
        What tells this scan from others; kept only as a keyed hash.
    process : Process
    numbers : mapping of str to float
    measured_utc : str
        When it was measured, not when it was acquired; may be empty.
    modality, verdict : str
    """

    identity: str
    process: Process
    numbers: Mapping[str, float]
    measured_utc: str = ""
    modality: str = ""
    verdict: str = ""


@dataclass(frozen=True)
class Point:
    """One value of a trend.

    Parameters
    ----------
    number : int
        Its place in the history.
    value : float
    measured_utc, verdict : str
    """

    number: int
    value: float
    measured_utc: str
    verdict: str


def default_path() -> Path:
    """Return the file of the environment, else that of the user."""
    told = os.environ.get(VARIABLE, "")
    return Path(told) if told else user_data_path("acutance", appauthor=False) / "history.sqlite"


class HistoryStore:
    """The history, shared safely by every program on this machine; a context manager.

    It holds numbers, names of scanners, protocols and coils, and a keyed hash of each scan's
    place; no name, path or date of a patient. The order is that in which scans were added.

    Parameters
    ----------
    path : Path, optional
        Made with its folder where it is missing; by default `default_path`.
    busy_seconds : float

    Attributes
    ----------
    moved_aside : Path or None
        Where a damaged history was moved to when this one was opened.

    Raises
    ------
    ExportError
        If it lies on a network share, is held by another program, is of a later version or of
        another program, or cannot be written.
    """

    def __init__(self, path: Path | None = None, *, busy_seconds: float = BUSY_SECONDS) -> None:
        self.path = default_path() if path is None else path
        self.moved_aside: Path | None = None
        self._busy_seconds = busy_seconds
        if is_network_share(self.path):
            raise ExportError(
                "The history cannot lie on a network share: two machines would damage it.",
                remedy="Choose a folder on this machine.",
                path=self.path,
            )
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._connection = self._open()
        except (OSError, sqlite3.OperationalError) as error:
            raise self._cannot(error) from error
        except sqlite3.DatabaseError:
            self.moved_aside = self._move_aside()
            self._connection = self._open()

    def close(self) -> None:
        """Let go of the file."""
        with suppress(sqlite3.Error):
            self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def add(self, entries: Iterable[Entry]) -> tuple[int, int]:
        """Keep entries, all or none; a scan that is there already is given its new numbers.

        Returns
        -------
        tuple of int
            How many were new, and how many took the place of older numbers.

        Raises
        ------
        ExportError
            If they cannot be written.
        """
        new = renewed = 0
        with self._transaction():
            for entry in entries:
                is_new = self._put(entry)
                new, renewed = new + is_new, renewed + (not is_new)
        return new, renewed

    def processes(self) -> dict[Process, int]:
        """Return every process and how many scans it has, sorted."""
        cursor = self._connection.execute(
            "SELECT scanner, protocol, coil, source, count(*) FROM entries"
            " GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4"
        )
        return {Process(*row[:4]): row[4] for row in cursor}

    def names(self, process: Process) -> dict[str, int]:
        """Return the names of what was measured of a process, and how often."""
        cursor = self._connection.execute(
            "SELECT name, count(*) FROM numbers JOIN entries ON entries.id = entry"
            " WHERE scanner = ? AND protocol = ? AND coil = ? AND source = ?"
            " GROUP BY name ORDER BY name",
            _values(process),
        )
        return dict(cursor.fetchall())

    def points(self, process: Process, name: str) -> list[Point]:
        """Return the values of one measurement of a process, oldest first."""
        cursor = self._connection.execute(
            "SELECT id, value, measured_utc, verdict FROM numbers JOIN entries ON id = entry"
            " WHERE scanner = ? AND protocol = ? AND coil = ? AND source = ? AND name = ?"
            " ORDER BY id",
            (*_values(process), name),
        )
        return [Point(*row) for row in cursor]

    def rows(self) -> Iterator[dict[str, object]]:
        """Return every scan as a row of a table, oldest first; nothing in it names a scan."""
        cursor = self._connection.execute(
            "SELECT id, measured_utc, source, scanner, protocol, coil, modality, verdict"
            " FROM entries ORDER BY id"
        )
        for row in cursor.fetchall():
            numbers = self._connection.execute(
                "SELECT name, value FROM numbers WHERE entry = ? ORDER BY name", (row[0],)
            )
            named = dict(zip(ROW_COLUMNS, row, strict=True))
            yield {**named, **dict(numbers.fetchall())}

    def _put(self, entry: Entry) -> bool:
        scan = self._hashed(entry.identity)
        known = self._connection.execute("SELECT id FROM entries WHERE scan = ?", (scan,))
        found = known.fetchone()
        told = (
            entry.measured_utc[:_TEXT_LIMIT],
            entry.process.source[:_TEXT_LIMIT],
            entry.process.scanner[:_TEXT_LIMIT],
            entry.process.protocol[:_TEXT_LIMIT],
            entry.process.coil[:_TEXT_LIMIT],
            entry.modality[:_TEXT_LIMIT],
            entry.verdict[:_TEXT_LIMIT],
        )
        if found is None:
            cursor = self._connection.execute(
                "INSERT INTO entries (scan, measured_utc, source, scanner, protocol, coil,"
                " modality, verdict) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (scan, *told),
            )
            id = cursor.lastrowid
        else:
            (id,) = found
            self._connection.execute(
                "UPDATE entries SET measured_utc = ?, source = ?, scanner = ?, protocol = ?,"
                " coil = ?, modality = ?, verdict = ? WHERE id = ?",
                (*told, id),
            )
            self._connection.execute("DELETE FROM numbers WHERE entry = ?", (id,))
        self._connection.executemany(
            "INSERT INTO numbers VALUES (?, ?, ?)",
            [(id, name, float(value)) for name, value in entry.numbers.items()],
        )
        return found is None

    def _hashed(self, identity: str) -> str:
        """Return what a scan is known by; without the file nobody can try names against it."""
        (key,) = self._connection.execute("SELECT key FROM secret").fetchone()
        text = identity.encode("utf-8", "surrogateescape")
        return hmac.new(bytes(key), text, hashlib.sha256).hexdigest()

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            yield
            self._connection.execute("COMMIT")
        except sqlite3.Error as error:
            with suppress(sqlite3.Error):
                self._connection.execute("ROLLBACK")
            raise self._cannot(error) from error
        except BaseException:
            with suppress(sqlite3.Error):
                self._connection.execute("ROLLBACK")
            raise

    def _open(self) -> sqlite3.Connection:
        os.close(os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600))
        # Opened on one thread and closed on another, never used by two at a time.
        connection = sqlite3.connect(
            self.path, timeout=self._busy_seconds, isolation_level=None, check_same_thread=False
        )
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA trusted_schema = OFF")
            connection.execute("PRAGMA foreign_keys = ON")
            self._check(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _check(self, connection: sqlite3.Connection) -> None:
        """Make a new history, or make sure that this one is whole and ours."""
        connection.execute("BEGIN IMMEDIATE")
        (application,) = connection.execute("PRAGMA application_id").fetchone()
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        if tables == 0 and application in (0, APPLICATION_ID):
            for statement in filter(str.strip, _SCHEMA.split(";")):
                connection.execute(statement)
            connection.execute("INSERT INTO secret VALUES (?)", (secrets.token_bytes(32),))
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
            connection.execute("COMMIT")
            return
        connection.execute("COMMIT")
        if application != APPLICATION_ID or version > SCHEMA_VERSION:
            whose = "a later version" if application == APPLICATION_ID else "another program"
            raise ExportError(
                f"The history belongs to {whose}.", remedy="Choose another file.", path=self.path
            )
        (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
        if verdict != "ok":
            raise sqlite3.DatabaseError("the history is damaged")

    def _move_aside(self) -> Path:
        stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%f")
        target = self.path.with_name(f"{self.path.name}.damaged-{stamp}")
        try:
            os.replace(self.path, target)
            for suffix in ("-wal", "-shm"):
                with suppress(FileNotFoundError):
                    os.replace(f"{self.path}{suffix}", f"{target}{suffix}")
        except OSError as error:
            raise ExportError(
                f"The damaged history cannot be moved aside: {error.strerror}.", path=self.path
            ) from error
        return target

    def _cannot(self, error: OSError | sqlite3.Error) -> ExportError:
        if "locked" in str(error) or "busy" in str(error):
            return ExportError(
                "Another program holds the history.",
                remedy="Wait until it is done, and try again.",
                path=self.path,
            )
        why = error.strerror if isinstance(error, OSError) else str(error)
        return ExportError(
            f"The history cannot be used: {why}.",
            remedy="Choose a folder with room that you may write to.",
            path=self.path,
        )


ROW_COLUMNS = (
    "number", "measured_utc", "source", "scanner", "protocol", "coil", "modality", "verdict",
)  # fmt: skip


def _values(process: Process) -> tuple[str, str, str, str]:
    return process.scanner, process.protocol, process.coil, process.source


def entry_of(record: Mapping[str, object], row: Mapping[str, object], process: Process) -> Entry:
    """Return the entry of a record of `score`, `iqm` or `batch`.

    Parameters
    ----------
    record : mapping
        Its object, for what tells it from others and when it was made.
    row : mapping
        Its row of a table (`table.table_row`): what of it are numbers.
    process : Process
        What is not empty counts more than what the record says.
    """
    told = record.get("acquisition")
    acquisition = told if isinstance(told, dict) else {}

    def stated(given: str, *names: str) -> str:
        return given or next((str(acquisition[n]) for n in names if acquisition.get(n)), "")

    identity = json.dumps([record.get("path"), record.get("selection")], sort_keys=True)
    return Entry(
        identity,
        Process(
            stated(process.scanner, "station", "scanner"),
            stated(process.protocol, "protocol"),
            stated(process.coil, "coil"),
            process.source,
        ),
        {
            name: float(value)
            for name, value in row.items()
            if isinstance(value, int | float) and not isinstance(value, bool)
            and name not in _NO_MEASURES
        },
        str(record.get("created_utc") or ""),
        str(record.get("modality") or ""),
        str(record.get("verdict") or ""),
    )  # fmt: skip


#: Numbers of a row that say nothing about the quality of a scan.
_NO_MEASURES = frozenset({"worst_slice", "verdict_code"})
