"""`acutance history`: what was measured over time, per scanner, protocol and coil."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from acutance import NOT_FOR_DIAGNOSIS, cli
from acutance.core.control import BASELINE, FEWEST, chart_words, control_chart
from acutance.errors import AcutanceError, ReadError
from acutance.export.history_store import ROW_COLUMNS, HistoryStore, Process, entry_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from acutance.core.control import ControlChart
    from acutance.export.history_store import Point

_TABLES = ("tsv", "csv", "jsonl")
#: Values of a trend that are printed; the limits and signals are of all of them.
_LAST = 20


def add_parser(commands: Any) -> None:
    """Add `history` to the commands."""
    history = commands.add_parser(
        "history",
        help="what was measured over time, with control limits, per scanner, protocol and coil",
        description=(
            "A database on this machine that holds numbers and names of scanners, protocols and "
            f"coils, and no name, path or date of a patient. {NOT_FOR_DIAGNOSIS}."
        ),
    )
    verbs = history.add_subparsers(
        dest="history_command", metavar="add|import|list|trend|export", required=True
    )
    add = verbs.add_parser("add", help="keep results of score, iqm, batch or watch")
    add.add_argument(
        "paths", nargs="+", type=Path, metavar="RESULTS", help="JSON lines, or a folder of results"
    )
    importing = verbs.add_parser("import", help="keep a table of MRIQC or another program")
    importing.add_argument("file", type=Path, metavar="TABLE", help="TSV or CSV with a head")
    importing.add_argument(
        "--source", default="mriqc", type=_word, metavar="NAME", help="who measured it (mriqc)"
    )
    importing.add_argument(
        "--time-column", default="", metavar="NAME", help="keep the times in this column"
    )
    listing = verbs.add_parser("list", help="the scanners, protocols and coils there are")
    trend = verbs.add_parser("trend", help="one measurement of one scanner over time")
    trend.add_argument("--metric", default="ssim_pred", metavar="NAME", help="by default ssim_pred")
    trend.add_argument(
        "--baseline",
        default=BASELINE,
        type=_baseline,
        metavar="N",
        help=f"how many of the first values set the limits ({BASELINE})",
    )
    export = verbs.add_parser("export", help="write everything as one table")
    export.add_argument(
        "-o", "--output", type=Path, required=True, metavar="FILE", help=", ".join(_TABLES)
    )
    for verb in (add, importing, trend):
        for part in ("scanner", "protocol", "coil"):
            kept = "only this one" if verb is trend else "where the results do not tell, or instead"
            verb.add_argument(f"--{part}", default="", metavar="NAME", help=kept)
    trend.add_argument("--source", default="", metavar="NAME", help="only what this one measured")
    for verb in (listing, trend):
        verb.add_argument("--json", action="store_const", const="-", help="as JSON lines")
    for verb in (add, importing, listing, trend, export):
        verb.add_argument(
            "--database", type=Path, metavar="FILE", help="by default that of the user"
        )


def run(arguments: argparse.Namespace) -> int:
    """Carry out `history` and return the exit code."""
    verbs: dict[str, Callable[[argparse.Namespace, HistoryStore], int]] = {
        "add": _add,
        "import": _import,
        "list": _list,
        "trend": _trend,
        "export": _export,
    }
    try:
        if arguments.history_command == "export" and arguments.output.suffix[1:] not in _TABLES:
            raise ReadError(
                "The table has to be named after what it is.",
                remedy=f"Let its name end in one of .{', .'.join(_TABLES)}.",
                path=arguments.output,
            )
        with HistoryStore(arguments.database) as store:
            if store.moved_aside is not None:
                _say(f"The history was damaged; it is kept as {store.moved_aside}. Add again.")
            return verbs[arguments.history_command](arguments, store)
    except AcutanceError as error:
        _say(str(error))
        return cli.NOTHING_DONE


def _add(arguments: argparse.Namespace, store: HistoryStore) -> int:
    from acutance.export.group_records import read_group

    group = read_group(arguments.paths)
    for aside in group.set_aside[:_LAST]:
        _say(f"{aside.place}: set aside: {aside.reason}")
    process = _process(arguments, "acutance")
    entries = [entry_of(case.record, case.row, process) for case in group.cases]
    useful = [entry for entry in entries if entry.numbers]
    if not useful:
        _say("There are no results with numbers. Name a file that --json wrote.")
        return cli.NOTHING_DONE
    new, renewed = store.add(useful)
    print(f"{new} series added, {renewed} renewed; {store.path}")
    is_all = len(useful) == len(entries) and not group.set_aside
    return cli.DONE if is_all else cli.SOME_FAILED


def _import(arguments: argparse.Namespace, store: HistoryStore) -> int:
    from acutance.export.history_table import read_table

    process = _process(arguments, arguments.source)
    table = read_table(arguments.file, process, time_column=arguments.time_column)
    for line, reason in table.skipped[:_LAST]:
        _say(f"{arguments.file}: line {line} {reason}")
    if not table.entries:
        _say(f"{arguments.file}: no line holds a scan with a number.")
        return cli.NOTHING_DONE
    new, renewed = store.add(table.entries)
    print(f"{new} scans added, {renewed} renewed, {len(table.columns)} measurements each at most")
    return cli.SOME_FAILED if table.skipped else cli.DONE


def _list(arguments: argparse.Namespace, store: HistoryStore) -> int:
    for process, count in store.processes().items():
        names = store.names(process)
        if arguments.json is not None:
            print(json.dumps({**_plain(process), "scans": count, "metrics": names}))
        else:
            print(_printable(f"{process}: {count} scans, {len(names)} metrics"))
    return cli.DONE


def _trend(arguments: argparse.Namespace, store: HistoryStore) -> int:
    wanted = _process(arguments, arguments.source)
    drawn = 0
    for process in store.processes():
        told, asked = _plain(process), _plain(wanted)
        if any(asked[part] not in ("", told[part]) for part in asked):
            continue
        points = store.points(process, arguments.metric)
        if not points:
            continue
        drawn += 1
        values = np.array([point.value for point in points])
        chart = control_chart(values, baseline=arguments.baseline)
        if arguments.json is not None:
            print(json.dumps(_told(process, arguments.metric, points, chart)))
        else:
            print(_printable(f"{process}: {arguments.metric}"))
            for line in trend_lines(points, chart):
                print(f"  {line}")
    if not drawn:
        _say(f"Nothing there has a measurement named {arguments.metric}.")
        return cli.NOTHING_DONE
    if arguments.json is None:
        print(f"{NOT_FOR_DIAGNOSIS}.")
    return cli.DONE


def _export(arguments: argparse.Namespace, store: HistoryStore) -> int:
    from acutance.export.atomic import replacing
    from acutance.export.table import csv_text, tsv_text

    rows = list(store.rows())
    extra = {name for row in rows for name in row} - set(ROW_COLUMNS)
    columns = (*ROW_COLUMNS, *sorted(extra))
    if arguments.output.suffix == ".jsonl":
        text = "".join(json.dumps(row, allow_nan=False) + "\n" for row in rows)
    else:
        writer = csv_text if arguments.output.suffix == ".csv" else tsv_text
        text = writer(columns, rows)
    with replacing(arguments.output, sources=(store.path,)) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="")
    print(_printable(f"{len(rows)} scans written: {arguments.output}"))
    return cli.DONE if rows else cli.NOTHING_DONE


def trend_lines(points: list[Point], chart: ControlChart) -> list[str]:
    """Return a trend in lines: what the charts say, then the newest values."""
    lines = chart_words(chart, [point.number for point in points])
    outside, drifted = set(chart.outside), set(chart.drifted)
    for n in range(max(0, len(points) - _LAST), len(points)):
        signals = [w for w, s in (("outside", outside), ("drift", drifted)) if n in s]
        told = f"{points[n].number:>6}  {points[n].value:<10.5g}  {points[n].measured_utc}"
        lines.append(f"{told}  {' '.join(signals)}".rstrip())
    return lines


def _told(
    process: Process, metric: str, points: list[Point], chart: ControlChart
) -> dict[str, object]:
    return {
        **_plain(process),
        "metric": metric,
        "values": [
            {"number": p.number, "value": p.value, "measured_utc": p.measured_utc} for p in points
        ],
        "centre": chart.centre,
        "low": chart.low,
        "high": chart.high,
        "baseline": chart.baseline,
        "ewma": chart.ewma.tolist(),
        "outside": [points[n].number for n in chart.outside],
        "drifted": [points[n].number for n in chart.drifted],
        "change_at": None if chart.change is None else points[chart.change].number,
        "chance": chart.chance,
    }


def _process(arguments: argparse.Namespace, source: str) -> Process:
    return Process(arguments.scanner, arguments.protocol, arguments.coil, source)


def _plain(process: Process) -> dict[str, str]:
    return {
        "scanner": process.scanner,
        "protocol": process.protocol,
        "coil": process.coil,
        "source": process.source,
    }


def _say(text: str) -> None:
    print(_printable(text), file=sys.stderr)


def _printable(text: str) -> str:
    from acutance.telling import printable

    return printable(text)


def _word(text: str) -> str:
    if not text.isprintable() or not 1 <= len(text) <= 40 or text == "acutance":
        raise argparse.ArgumentTypeError(f"{text!r} is no name of another program")
    return text


def _baseline(text: str) -> int:
    if not text.isdecimal() or len(text) > 6 or int(text) < FEWEST:
        raise argparse.ArgumentTypeError(f"{text!r} is no number from {FEWEST}")
    return int(text)
