"""The results of many series, read from JSON lines or from the folders that held them.

Every line or file is in exactly one place: a case, joined to a case that another line began, or
set aside with the reason.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from acutance.core.quality import Verdict
from acutance.errors import ReadError
from acutance.export.table import Row, cell, table_row

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

RESULTS = "results.jsonl"
#: A longer line is no record of ours: one of 20,000 slices has 4 MB.
LINE_LIMIT = 32 << 20
_FOLDERS = (".", "items")
_HASH = re.compile(r"-([0-9a-f]{8})\Z")
_VERDICTS = {verdict.value for verdict in Verdict}


@dataclass
class Case:
    """One series.

    Parameters
    ----------
    id : str
        "series-" and a hash; the hash of its report where it was read from one.
    record : dict
        All that is known of it: scores, metrics, or both.
    row : dict
        What of it stands in tables; names nobody.
    picture : Path or None
        The PNG that lies beside its record.
    """

    id: str
    record: dict[str, Any]
    row: Row = field(default_factory=dict)
    picture: Path | None = None


@dataclass(frozen=True)
class Aside:
    """A line that is no case.

    Parameters
    ----------
    place : str
        Where it stands, for the user alone.
    reason : str
    """

    place: str
    reason: str


@dataclass(frozen=True)
class Group:
    """The cases of a report, and the account of every line.

    Parameters
    ----------
    cases : tuple of Case
    found : int
        Records found = cases + joined + set aside.
    joined : int
        Records of a series that another record had named; the later one counts.
    set_aside : tuple of Aside
    """

    cases: tuple[Case, ...]
    found: int
    joined: int
    set_aside: tuple[Aside, ...]


def read_group(paths: Sequence[Path]) -> Group:
    """Read every record of files of JSON lines and of folders.

    Of a folder `results.jsonl` is read where there is one, and every JSON file in it and in its
    `items`; a PNG of the same name is the picture of the series.

    Raises
    ------
    ReadError
        If a path is not there or cannot be read.
    """
    cases: dict[str, Case] = {}
    aside: list[Aside] = []
    found = joined = 0
    for path in paths:
        for place, text, picture, digest in _texts(path):
            found += 1
            try:
                record = _record(text)
                key = _key(record)
                merged = cases[key].record | record if key in cases else record
                row = table_row(merged, "")
                for value in row.values():
                    cell(value)
            except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
                aside.append(Aside(place, _why(error)))
                continue
            case = cases.get(key)
            if case is None:
                case = cases[key] = Case(digest or key[:8], merged, row, picture)
            else:
                joined += 1
                case.record, case.row = merged, row
                case.picture = picture or case.picture
    _name(cases.values())
    return Group(tuple(cases.values()), found, joined, tuple(aside))


def _texts(path: Path) -> Iterator[tuple[str, str, Path | None, str]]:
    """Yield place, text, picture and hash of every record at a path."""
    try:
        if not path.is_dir():
            yield from _lines(path)
            return
        if (path / RESULTS).is_file():
            yield from _lines(path / RESULTS)
        for folder in _FOLDERS:
            for file in sorted((path / folder).glob("*.json")):
                if file.name == "batch.json" or file.stat().st_size > LINE_LIMIT:
                    continue
                picture = file.with_suffix(".png")
                digest = _HASH.search(file.stem)
                text = file.read_text(encoding="utf-8", errors="replace")
                yield (
                    str(file),
                    text,
                    picture if picture.is_file() else None,
                    digest[1] if digest else "",
                )
    except OSError as error:
        raise ReadError(
            f"The results cannot be read ({error.strerror}).",
            remedy="Name a file that --json wrote, or the folder that -o or a batch wrote.",
            path=path,
        ) from error


def _lines(path: Path) -> Iterator[tuple[str, str, None, str]]:
    with path.open(encoding="utf-8", errors="replace") as file:
        number = 0
        while line := file.readline(LINE_LIMIT):
            number += 1
            if line.strip():
                yield f"{path}, line {number}", line, None, ""


def _record(text: str) -> dict[str, Any]:
    """Return a record, checked as far as anything is made of it.

    Raises
    ------
    ValueError
        If it is none; the message says why.
    """
    try:
        record = json.loads(text, parse_constant=_refuse)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    if not isinstance(record, dict) or not isinstance(record.get("path"), str):
        raise ValueError("not the record of a series")
    if "verdict" not in record and "iqms" not in record:
        raise ValueError("a record without verdict and metrics")
    if "verdict" in record and record["verdict"] not in _VERDICTS:
        raise ValueError("a verdict that there is not")
    for name in ("ssim_pred", *(record.get("iqms") or {})):
        value = (record if name == "ssim_pred" else record["iqms"]).get(name)
        if value is not None and (isinstance(value, bool) or not isinstance(value, int | float)):
            raise ValueError("a number that is none")
    return record


def _refuse(name: str) -> float:
    raise ValueError(f"{name} is no number")


def _key(record: dict[str, Any]) -> str:
    """Return what tells one series from others: its path, its name and its place in the file."""
    identity = [record["path"], record.get("series"), record.get("selection")]
    return hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()


def _why(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return "no JSON object"
    return str(error) if type(error) is ValueError else "not the record of a series"


def _name(cases: Iterable[Case]) -> None:
    """Give every case an id of its own."""
    taken: dict[str, int] = {}
    for case in cases:
        count = taken[case.id] = taken.get(case.id, 0) + 1
        case.id = f"series-{case.id}" + (f"-{count}" if count > 1 else "")
        case.row = case.row | {"id": case.id}
