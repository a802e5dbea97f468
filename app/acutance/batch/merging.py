"""The shares of a batch joined: the same files as if one machine had done it all."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from acutance.batch import folder as layout
from acutance.batch import tables
from acutance.batch.folder import BatchFolder, read_about, write_durably, write_durably_lines
from acutance.batch.settings import parse_shard
from acutance.batch.store import DONE, FAILED, WAITING, Store
from acutance.errors import ExportError
from acutance.export.atomic import replacing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from acutance.batch.store import Row
    from acutance.batch.tables import LedgerLine, Totals

_LONG = 16


def merge(parts: Sequence[Path], output: Path) -> Totals:
    """Join the folders of all shares of a batch in a new folder.

    The result is byte for byte what the whole batch would have written, but for times.

    Parameters
    ----------
    parts : sequence of Path
        Output folders of the shares, in any order; they are not changed.
    output : Path
        A new or empty folder, or one that a merge of the same batch was begun in.

    Raises
    ------
    ExportError
        If the parts are not all shares of one batch, each at its end, or the output cannot be
        written.
    """
    identity = _common_identity(parts)
    found: list[tuple[Row, Path]] = []
    for part in parts:
        with closing(Store(part / layout.QUEUE)) as store:
            rows = list(store.rows())
        if any(row.state == WAITING for row in rows):
            raise ExportError(
                "This share of the batch is not at its end.",
                remedy="Go on with it with --resume first.",
                path=part,
            )
        found += [(row, part) for row in rows]
    found.sort(key=lambda pair: (pair[0].position, pair[0].key))
    chosen = _first_of_each(found)
    folder = BatchFolder(output.absolute(), identity, is_resumed=True)
    try:
        with closing(Store(folder.root / layout.QUEUE)) as store:
            return _write(folder, store, chosen, parts)
    except (OSError, sqlite3.Error) as error:
        raise ExportError(
            f"The output folder cannot be written ({error}).",
            remedy="Choose a folder with room that you may write to.",
            path=output,
        ) from error
    finally:
        folder.close()


def _common_identity(parts: Sequence[Path]) -> dict[str, Any]:
    """Return the identity of the whole batch whose shares these are."""
    identities = []
    for part in parts:
        about = read_about(part)
        if about is None:
            raise ExportError("The folder holds no batch.", path=part)
        identities.append(dict(about["identity"]))
    try:
        shards = [parse_shard(str(identity.pop("shard", ""))) for identity in identities]
    except ValueError as error:
        raise ExportError("The folder holds no share of a batch.", path=parts[0]) from error
    for part, identity in zip(parts, identities, strict=True):
        if identity != identities[0]:
            raise ExportError(
                "This is a share of another batch.",
                remedy="Name the shares of one batch.",
                path=part,
            )
    numbers = sorted(shard.number for shard in shards)
    count = shards[0].count
    if numbers != list(range(1, count + 1)) or any(shard.count != count for shard in shards):
        told = ", ".join(map(str, shards))
        raise ExportError(
            f"All {count} shares are needed once; these are {told}.",
            remedy="Name the folder of every share.",
            path=parts[0],
        )
    return {**identities[0], "shard": "1/1"}


def _first_of_each(found: Iterable[tuple[Row, Path]]) -> dict[str, tuple[Row, Path, str]]:
    """Return row, share and final name by key; of the same bytes the first in order."""
    chosen: dict[str, tuple[Row, Path, str]] = {}
    taken: set[str] = set()
    for row, part in found:
        if row.key in chosen:
            continue
        name = row.name
        if name in taken:
            name = f"{name.rpartition('-')[0]}-{row.key[:_LONG]}"
        taken.add(name)
        chosen[row.key] = (row, part, name)
    return chosen


def _write(
    folder: BatchFolder,
    store: Store,
    chosen: Mapping[str, tuple[Row, Path, str]],
    parts: Sequence[Path],
) -> Totals:
    totals = tables.Totals()
    totals.items.update(row.state for row, _, _ in chosen.values())
    paths: dict[str, str] = {}

    def records() -> Iterator[str]:
        for row, part, name in chosen.values():
            if row.state != DONE:
                continue
            record = _moved(tables.read_item(part, row.name), row.name, name, part, folder)
            write_durably(folder.items / f"{name}.json", tables.item_text(record))
            paths[row.key] = str(record["path"])
            if "verdict" in record:
                totals.verdicts[str(record["verdict"])] += 1
            yield tables.result_line(record)

    write_durably_lines(folder.root / layout.RESULTS, records())
    claims: dict[str, LedgerLine] = {}
    for part in parts:
        with closing(Store(part / layout.QUEUE)) as source:
            keys = {row.name: row.key for row in source.rows()}
            first = {row.name: row.location for row in source.rows()}
        for line in tables.iter_ledger(part):
            key = keys.get(line.item)
            if key is None:
                tables.claim(claims, line)
                continue
            row, _, name = chosen[key]
            is_first = row.location == first[line.item]
            tables.claim(claims, _told(line, name, paths.get(key, ""), is_first=is_first))
    tables.write_ledger(folder.root, claims, totals)
    store.replace_rows(replace(row, name=name) for row, _, name in chosen.values())
    return totals


def _moved(
    record: dict[str, Any], old: str, new: str, part: Path, folder: BatchFolder
) -> dict[str, Any]:
    """Copy the files of an item; return its object with the names they have now."""
    for value in record.values():
        if not isinstance(value, dict) or not isinstance(value.get("files"), list):
            continue
        names = {name: f"{new}{str(name).removeprefix(old)}" for name in value["files"]}
        for before, after in names.items():
            with replacing(folder.files / after) as temporary:
                shutil.copyfile(part / layout.FILES / before, temporary)
        value["files"] = list(names.values())
    return record


def _told(line: LedgerLine, name: str, path: str, *, is_first: bool) -> LedgerLine:
    """Return a line of a share as the whole batch tells it: duplicates may cross shares."""
    is_duplicate = line.reason.startswith(tables.SAME_BYTES)
    if path and (is_duplicate or (not is_first and line.state in (DONE, FAILED))):
        reason = f"{tables.SAME_BYTES}{path}"
        return replace(line, state=tables.SET_ASIDE, reason=reason, item=name)
    return replace(line, item=name)
