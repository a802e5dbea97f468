"""What is left of a batch that was begun before."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from acutance.batch import folder as layout
from acutance.batch import tables
from acutance.batch.store import DONE, FAILED, WAITING, Row
from acutance.errors import ExportError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from acutance.batch.plan import Entry
    from acutance.batch.settings import BatchSettings

_SHORT, _LONG = 8, 16


def match_rows(
    settings: BatchSettings, entries: Sequence[Entry], old: Sequence[Row]
) -> tuple[list[Row], list[str]]:
    """Return the rows of the queue and the names of results that are out of date.

    A result counts where input, version, parameters and place are the same and its file is there.
    What was done of an input that is gone now is kept; what was done of one that has changed
    since is not.

    Parameters
    ----------
    settings : BatchSettings
    entries : sequence of Entry
        What was found now.
    old : sequence of Row
        What the queue held.
    """
    before = {row.key: row for row in old}
    places = {entry.location for entry in entries}
    unique = [entry for entry in entries if not entry.duplicate_of]
    keys = {entry.key for entry in unique}
    kept = [
        row
        for row in old
        if row.state == DONE and row.key not in keys and row.location not in places
    ]
    taken = {row.name for row in kept}
    rows = []
    for entry in unique:
        name = f"{entry.stem}-{entry.key[:_SHORT]}"
        if name in taken:
            name = f"{entry.stem}-{entry.key[:_LONG]}"
        taken.add(name)
        rows.append(_row(settings, entry, name, before.get(entry.key)))
    stale = sorted({row.name for row in old if row.state == DONE} - taken)
    after = max((entry.position for entry in entries), default=-1) + 1
    kept = [replace(row, position=after + n) for n, row in enumerate(kept)]
    return [*rows, *kept], stale


def _row(settings: BatchSettings, entry: Entry, name: str, before: Row | None) -> Row:
    fresh = Row(entry.key, entry.location, entry.position, name, WAITING, {}, 0.0)
    if before is not None and before.location == entry.location:
        if before.state == FAILED and not settings.retries_failed:
            return replace(before, name=name, position=entry.position)
        if before.state == FAILED:
            return fresh
    # A result whose row was lost with a damaged queue, or by a kill between the two, counts too.
    record = _whole_record(settings, name)
    is_whole = record is not None and all(
        (settings.output / layout.FILES / file).is_file() for file in tables.files_of(record)
    )
    if record is not None and is_whole and record["path"] == entry.item.path:
        seconds = 0.0 if before is None else before.seconds
        return replace(fresh, state=DONE, seconds=seconds)
    return fresh


def _whole_record(settings: BatchSettings, name: str) -> dict[str, Any] | None:
    """Return a result of before, unless its file is not there or of another version."""
    try:
        record = tables.read_item(settings.output, name)
    except ExportError:
        return None
    version = settings.identity["version"]
    is_whole = {"path", "ledger"} <= set(record) and record.get("software") == {
        "name": "acutance",
        "version": version,
    }
    return record if is_whole else None
