"""Tables of measurements from elsewhere, such as MRIQC's, for the history."""

from __future__ import annotations

import csv
import io
import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from acutance.errors import ReadError
from acutance.export.history_store import Entry, Process

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

#: A larger table is none of quality metrics.
SIZE_LIMIT_BYTES = 256 << 20
#: Columns that name the scan, in the order in which they are looked for.
ID_COLUMNS = ("bids_name", "id", "subject_id", "scan_id", "filename", "name")
#: Columns of text that tell the process.
_STATED = {
    "scanner": ("scanner", "station", "bids_meta.StationName", "StationName"),
    "protocol": ("protocol", "bids_meta.ProtocolName", "ProtocolName"),
    "coil": ("coil", "bids_meta.ReceiveCoilName", "ReceiveCoilName"),
}
_EMPTY = frozenset({"", "n/a", "na", "nan", "none", "null"})


@dataclass(frozen=True)
class ImportedTable:
    """What a table holds.

    Parameters
    ----------
    entries : tuple of Entry
        One for each row that has a number.
    columns : tuple of str
        The columns whose numbers were taken.
    skipped : tuple of (int, str)
        Lines that hold none, from 1 with the head, and why.
    """

    entries: tuple[Entry, ...]
    columns: tuple[str, ...]
    skipped: tuple[tuple[int, str], ...]


def read_table(path: Path, process: Process, *, time_column: str = "") -> ImportedTable:
    """Read a table of tab- or comma-separated values with a head: one row for each scan.

    Every column whose cells are numbers or empty is taken; what a column does not tell of scanner,
    protocol and coil comes from `process`. Names of scans are kept by nobody but as a hash.

    Parameters
    ----------
    path : Path
    process : Process
    time_column : str
        Column with the time of each row, kept as it stands; by default none is.

    Raises
    ------
    ReadError
        If it is no such table, or lacks a column that was named.
    """
    head, lines = _cells(path)
    id_column = next((name for name in ID_COLUMNS if name in head), None)
    if id_column is None:
        raise ReadError(
            "No column of the table names the scans.",
            remedy=f"One of them has to be {', '.join(ID_COLUMNS)}.",
            path=path,
        )
    if time_column and time_column not in head:
        raise ReadError(f"The table has no column {time_column!r}.", path=path)
    text = {id_column, time_column, *(name for names in _STATED.values() for name in names)}
    columns = tuple(name for name in head if name not in text and _is_numeric(name, lines))
    entries, skipped = [], []
    for number, line in enumerate(lines, start=2):
        found = {name: _number(line.get(name, "")) for name in columns}
        numbers = {name: value for name, value in found.items() if value is not None}
        if not line.get(id_column, "").strip():
            skipped.append((number, "names no scan"))
        elif not numbers:
            skipped.append((number, "holds no number"))
        else:
            identity = f"{process.source}\0{line[id_column].strip()}"
            when = line.get(time_column, "") if time_column else ""
            stated = replace(process, **_stated(line, process))
            entries.append(Entry(identity, stated, numbers, when.strip()))
    return ImportedTable(tuple(entries), columns, tuple(skipped))


def _cells(path: Path) -> tuple[list[str], list[dict[str, str]]]:
    try:
        if path.stat().st_size > SIZE_LIMIT_BYTES:
            raise ReadError("The table is too large for one of measurements.", path=path)
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise ReadError(f"The table cannot be read: {error.strerror}.", path=path) from error
    except UnicodeDecodeError as error:
        raise ReadError("The table is no text in UTF-8.", path=path) from error
    first = text.partition("\n")[0]
    mark = "\t" if "\t" in first else ";" if first.count(";") > first.count(",") else ","
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=mark))
    except csv.Error as error:
        raise ReadError(f"This is no table: {error}.", path=path) from error
    head = [name.strip() for name in rows[0]] if rows else []
    if len(head) < 2 or len(set(head)) != len(head):
        raise ReadError(
            "This is no table with a head: its columns have to be named, each differently.",
            path=path,
        )
    return head, [dict(zip(head, row, strict=False)) for row in rows[1:] if any(row)]


def _is_numeric(name: str, lines: list[dict[str, str]]) -> bool:
    cells = [line.get(name, "").strip() for line in lines]
    told = [cell for cell in cells if cell.casefold() not in _EMPTY]
    return bool(told) and all(_is_number(cell) for cell in told)


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _number(cell: str) -> float | None:
    cell = cell.strip()
    if cell.casefold() in _EMPTY:
        return None
    value = float(cell)
    return value if math.isfinite(value) else None


def _stated(line: Mapping[str, str], process: Process) -> dict[str, str]:
    found = {}
    for part, names in _STATED.items():
        cells = (line.get(name, "").strip() for name in names)
        told = next((cell for cell in cells if cell.casefold() not in _EMPTY), "")
        if told and not getattr(process, part):
            found[part] = told
    return found
