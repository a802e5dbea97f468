"""Work of `acutance report`: one report of many series from the results of earlier runs."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from acutance.errors import AcutanceError
from acutance.export.atomic import replacing
from acutance.export.group_records import read_group
from acutance.export.group_report import group_html
from acutance.export.table import columns_of, csv_text, tsv_text
from acutance.telling import MESSAGE_LIMIT, printable

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence
    from pathlib import Path

    from acutance.export.group_records import Group

DONE, NOTHING_DONE, SOME_FAILED = 0, 1, 3
#: Files of a group report.
HTML, CSV, TSV, LINES = "group.html", "group.csv", "group.tsv", "group.jsonl"


def run(arguments: argparse.Namespace) -> int:
    """Write the report and the tables; return the exit code.

    Lines that are no results are named on standard error and counted in the report.
    """
    try:
        group = read_group(arguments.paths)
        for aside in group.set_aside[:MESSAGE_LIMIT]:
            print(printable(f"{aside.place}: set aside: {aside.reason}"), file=sys.stderr)
        if len(group.set_aside) > MESSAGE_LIMIT:
            print(f"and {len(group.set_aside) - MESSAGE_LIMIT} more", file=sys.stderr)
        if not group.cases:
            print("There are no results. Name a file that --json wrote.", file=sys.stderr)
            return NOTHING_DONE
        written = _write(group, arguments.output, arguments.paths)
        if arguments.key is not None:
            written.append(_write_key(group, arguments.key, arguments.paths))
    except AcutanceError as error:
        print(printable(str(error)), file=sys.stderr)
        return NOTHING_DONE
    print(f"{len(group.cases)} series from {group.found} records")
    print(printable("  written: " + ", ".join(map(str, written))))
    return SOME_FAILED if group.set_aside else DONE


def _write(group: Group, folder: Path, inputs: Sequence[Path]) -> list[Path]:
    rows = [case.row for case in group.cases]
    columns = columns_of(rows)
    created = datetime.now(UTC).isoformat(timespec="seconds")
    texts = {
        HTML: group_html(group, created_utc=created),
        CSV: csv_text(columns, rows),
        TSV: tsv_text(columns, rows),
        LINES: "".join(json.dumps(row, allow_nan=False) + "\n" for row in rows),
    }
    return [_write_text(folder / name, text, inputs) for name, text in texts.items()]


def _write_key(group: Group, path: Path, inputs: Sequence[Path]) -> Path:
    """Write which series is which scan: the one file that names paths."""
    rows = [
        {"id": case.id, "path": case.record["path"], "series": case.record.get("series")}
        for case in group.cases
    ]
    return _write_text(path, tsv_text(("id", "path", "series"), rows), inputs)


def _write_text(path: Path, text: str, inputs: Sequence[Path]) -> Path:
    with replacing(path, sources=inputs) as temporary:
        # Surrogates stand for bytes of a file name that are no text.
        temporary.write_bytes(text.encode("utf-8", "backslashreplace"))
    return path
