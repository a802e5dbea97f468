"""What came of a batch: results in a fixed order, and where every file went."""

from __future__ import annotations

import json
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from acutance.batch import folder as layout
from acutance.batch.store import DONE, FAILED, WAITING, Store
from acutance.errors import ExportError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from acutance.batch.folder import BatchFolder, Step
    from acutance.batch.plan import Plan
    from acutance.batch.store import Row

#: Fields in which two runs on the same input differ; the table leaves them out.
TIME_FIELDS = ("created_utc", "seconds")
SET_ASIDE = "set aside"
#: What the reason of a duplicate begins with.
SAME_BYTES = "the same bytes as "
#: Of several claims on a file the first that is made counts.
_RANK = {DONE: 0, FAILED: 1, WAITING: 2, SET_ASIDE: 3}
_NOT_YET = "not worked on yet"
_GONE = "done before; it lies no longer in the input folder"


@dataclass(frozen=True)
class BatchResult:
    """One series that was done.

    Parameters
    ----------
    name : str
        Stem of its file below `items`; holds no name of a patient.
    record : dict
        Its JSON object, as `acutance score` or `acutance iqm` gives it.
    """

    name: str
    record: dict[str, Any]


@dataclass(frozen=True)
class LedgerLine:
    """Where one file went.

    Parameters
    ----------
    file : str
    state : str
        "done", "failed", "set aside", or "waiting" while the batch is not at its end.
    reason : str
        Why, unless it is done.
    item : str
        Stem of the item below `items`; empty for a file that belongs to none.
    """

    file: str
    state: str
    reason: str = ""
    item: str = ""

    def to_plain(self) -> dict[str, str]:
        """Return the line as JSON-ready values."""
        return {
            "file": self.file,
            "state": self.state,
            "reason": self.reason,
            "item": self.item,
        }


@dataclass
class Totals:
    """What the tables add up to.

    Parameters
    ----------
    items : Counter of str
        Series by state.
    files : Counter of str
        Files by state.
    verdicts : Counter of str
        Series by verdict, where they were scored.
    """

    items: Counter[str] = field(default_factory=Counter)
    files: Counter[str] = field(default_factory=Counter)
    verdicts: Counter[str] = field(default_factory=Counter)


def iter_results(output: Path) -> Iterator[BatchResult]:
    """Return every series of a batch that is done, in the fixed order of `results.jsonl`.

    Read one by one, so that a large batch takes no more memory than a small one.

    Raises
    ------
    ExportError
        If the folder holds no batch, one that is at work, or lacks a file of a result.
    """
    if layout.read_about(output) is None:
        raise ExportError("The folder holds no batch.", path=output)
    with closing(Store(output / layout.QUEUE, busy_seconds=0.5)) as store:
        names = [row.name for row in store.rows() if row.state == DONE]
    for name in names:
        yield BatchResult(name, read_item(output, name))


def iter_ledger(output: Path) -> Iterator[LedgerLine]:
    """Return where every file went, as the last end of the batch wrote it.

    Raises
    ------
    ExportError
        If there is no ledger, or it cannot be read.
    """
    path = output / layout.LEDGER
    try:
        with path.open(encoding="utf-8", errors="surrogateescape") as lines:
            for line in lines:
                plain = json.loads(line)
                yield LedgerLine(
                    str(plain["file"]),
                    str(plain["state"]),
                    str(plain["reason"]),
                    str(plain["item"]),
                )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ExportError("The ledger of the batch cannot be read.", path=path) from error


def item_text(record: Mapping[str, Any]) -> str:
    """Return the content of an item's file."""
    return json.dumps(record, indent=2, allow_nan=False) + "\n"


def read_item(output: Path, name: str) -> dict[str, Any]:
    """Return the object of a series.

    Raises
    ------
    ExportError
        If its file is not there or no object.
    """
    path = output / layout.ITEMS / f"{name}.json"
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ExportError(
            "The result of a series cannot be read.",
            remedy="Go on with the batch (--resume).",
            path=path,
        ) from error
    if not isinstance(record, dict):
        raise ExportError("The result of a series is no object.", path=path)
    return record


def files_of(record: Mapping[str, Any]) -> list[str]:
    """Return the names of the files that the tasks of a series wrote."""
    parts = (part for part in record.values() if isinstance(part, dict))
    lists = (part["files"] for part in parts if isinstance(part.get("files"), list))
    return [str(name) for names in lists for name in names]


def result_line(record: Mapping[str, Any]) -> str:
    """Return the line of a series in the table: its object less the times."""
    kept = {name: value for name, value in record.items() if name not in TIME_FIELDS}
    return json.dumps(kept, allow_nan=False) + "\n"


def write_tables(folder: BatchFolder, store: Store, plan: Plan, step: Step) -> Totals:
    """Write `results.jsonl` and `ledger.jsonl` from what is done so far.

    Raises
    ------
    OSError
        If they cannot be written; those of before are left then.
    ExportError
        If an item's file is not there.
    """
    totals = Totals()
    rows = {row.key: row for row in store.rows()}
    totals.items.update(row.state for row in rows.values())
    claims: dict[str, LedgerLine] = {}
    records = _records(folder.root, plan, rows.values(), claims, totals)
    layout.write_durably_lines(folder.root / layout.RESULTS, map(result_line, records), step)
    _claim_rest(plan, rows, claims)
    write_ledger(folder.root, claims, totals, step)
    return totals


def write_ledger(
    root: Path, claims: Mapping[str, LedgerLine], totals: Totals, step: Step = layout.no_step
) -> None:
    """Write `ledger.jsonl`, sorted by file, and count its states.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    totals.files.update(line.state for line in claims.values())
    lines = (json.dumps(claims[file].to_plain()) + "\n" for file in sorted(claims))
    layout.write_durably_lines(root / layout.LEDGER, lines, step)


def _records(
    root: Path,
    plan: Plan,
    rows: Iterable[Row],
    claims: dict[str, LedgerLine],
    totals: Totals,
) -> Iterator[dict[str, Any]]:
    """Read every object once, in order; note its files and verdict on the way."""
    entries = {entry.key: entry for entry in plan.unique}
    for row in rows:
        if row.state != DONE:
            continue
        record = read_item(root, row.name)
        if "verdict" in record:
            totals.verdicts[str(record["verdict"])] += 1
        entry = entries.get(row.key)
        if entry is None:
            claim(claims, LedgerLine(str(record["path"]), DONE, _GONE, row.name))
        else:
            asides = {s["file"]: s["reason"] for s in record["ledger"]["set_aside"]}
            for file, reason in asides.items():
                claim(claims, LedgerLine(file, SET_ASIDE, reason, row.name))
            for file in entry.file_names:
                if file not in asides:
                    claim(claims, LedgerLine(file, DONE, "", row.name))
        yield record


def _claim_rest(plan: Plan, rows: Mapping[str, Row], claims: dict[str, LedgerLine]) -> None:
    """Note the files of what is not done, of duplicates, and of no series at all."""
    for entry in plan.entries:
        row = rows[entry.key]
        if entry.duplicate_of:
            reason = f"{SAME_BYTES}{entry.duplicate_of}"
            for file in entry.file_names:
                claim(claims, LedgerLine(file, SET_ASIDE, reason, row.name))
        elif row.state != DONE:
            reason = row.error.get("message", "") if row.state == FAILED else _NOT_YET
            for file in entry.file_names:
                claim(claims, LedgerLine(file, row.state, reason, row.name))
        for aside in entry.item.set_aside:
            claim(claims, LedgerLine(aside.file, SET_ASIDE, aside.reason))
    for aside in plan.set_aside:
        claim(claims, LedgerLine(aside.file, SET_ASIDE, aside.reason))


def claim(claims: dict[str, LedgerLine], line: LedgerLine) -> None:
    """Note where a file went, unless a stronger claim was made: done before failed, and so on."""
    there = claims.get(line.file)
    if there is None or _RANK[line.state] < _RANK[there.state]:
        claims[line.file] = line
