"""Work of `acutance batch`: plan, run, tell what becomes of every series, give account."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

from acutance import NOT_FOR_DIAGNOSIS, cli
from acutance.batch.events import BatchOutcome
from acutance.batch.merging import merge
from acutance.batch.plan import duration
from acutance.batch.run import Batch
from acutance.batch.settings import BatchSettings
from acutance.batch.tasks import TaskOptions
from acutance.batch_commands import MERGE
from acutance.errors import AcutanceError, JobCancelled
from acutance.headless import VERDICT_WORDS, scoring_policy
from acutance.telling import open_json, printable, write_line

if TYPE_CHECKING:
    import argparse
    from collections import Counter
    from collections.abc import Iterable, Iterator
    from pathlib import Path
    from typing import TextIO

    from acutance.batch.events import BatchEvent
    from acutance.batch.plan import Entry

#: Seconds between two lines about the search for series.
_PLANNING_SECONDS = 2.0
_RED, _PLAIN = "\x1b[31m", "\x1b[0m"
_BAD = {"check": {"check", "repeat"}, "repeat": {"repeat"}}


def run_batch_command(arguments: argparse.Namespace) -> int:
    """Run `batch` and return the exit code."""
    *sources, output = arguments.paths
    if str(sources[0]) == MERGE and len(sources) > 1:
        return _merge(sources[1:], output, arguments.fail_on)
    source = sources[0]
    try:
        settings = BatchSettings(
            source,
            output,
            tasks=arguments.tasks,
            workers=arguments.workers,
            device=arguments.device,
            plane=arguments.plane,
            policy=scoring_policy(arguments),
            options=TaskOptions(
                str(arguments.segment_model),
                arguments.segment_t,
                arguments.restore_task,
                str(arguments.restore_model or ""),
                arguments.upscale_scale,
                str(arguments.upscale_model or ""),
            ),
            shard=arguments.shard,
            is_resumed=arguments.resume,
            retries_failed=arguments.retry_failed,
            scheduler=arguments.scheduler or "",
        )
    except AcutanceError as error:
        print(printable(str(error)), file=sys.stderr)
        return cli.NOTHING_DONE
    with ExitStack() as stack:
        lines = stack.enter_context(open_json(arguments.json))
        teller = Teller(settings, lines, is_quiet=arguments.json == "-")
        batch = stack.enter_context(Batch(settings, teller.hear))
        stack.enter_context(_stopping(batch))
        try:
            plan = batch.plan()
            teller.say(f"{settings.source}: {plan.lines()[0]}", *plan.lines()[1:])
            outcome = batch.run()
        except JobCancelled:
            print("Interrupted before the work began.", file=sys.stderr)
            return cli.INTERRUPTED
        except AcutanceError as error:
            print(printable(str(error)), file=sys.stderr)
            return cli.NOTHING_DONE
    teller.conclude(outcome)
    return exit_code(outcome, arguments.fail_on)


def _merge(parts: list[Path], output: Path, fail_on: str | None) -> int:
    try:
        totals = merge(parts, output)
    except AcutanceError as error:
        print(printable(str(error)), file=sys.stderr)
        return cli.NOTHING_DONE
    outcome = BatchOutcome(totals)
    for text in account(output, outcome):
        print(printable(text))
    return exit_code(outcome, fail_on)


def exit_code(outcome: BatchOutcome, fail_on: str | None) -> int:
    """Return the exit code of a batch; see the constants of `cli`."""
    items, verdicts = outcome.totals.items, outcome.totals.verdicts
    if outcome.is_cancelled:
        return cli.INTERRUPTED
    if not items["done"]:
        return cli.NOTHING_DONE
    is_reached = (fail_on == "error" and items["failed"] > 0) or bool(
        _BAD.get(fail_on or "", set()) & set(verdicts)
    )
    if is_reached:
        return cli.FAIL_ON_REACHED
    return cli.SOME_FAILED if items["failed"] or items["waiting"] else cli.DONE


class Teller:
    """Tells a batch on the terminal: one line for each series, a bad one red.

    Parameters
    ----------
    settings : BatchSettings
    lines : text file or None
        Where the objects of the series go.
    is_quiet : bool
        Whether standard output belongs to them.
    """

    def __init__(self, settings: BatchSettings, lines: TextIO | None, *, is_quiet: bool) -> None:
        self._settings = settings
        self._lines = lines
        self._is_quiet = is_quiet
        self._last_planning = time.monotonic()

    def say(self, *texts: str) -> None:
        """Print lines for the reader, unless standard output is for objects."""
        if not self._is_quiet:
            for number, text in enumerate(texts):
                print(printable(("  " if number else "") + text), flush=True)

    def hear(self, event: BatchEvent) -> None:
        """Take an event."""
        count = f"[{event.finished}/{event.total}]"
        if event.kind == "planning":
            if time.monotonic() - self._last_planning >= _PLANNING_SECONDS:
                self._last_planning = time.monotonic()
                self.say(event.message)
        elif event.kind == "done" and event.entry is not None and event.record is not None:
            write_line(self._lines, event.record)
            left = event.seconds_left
            rest = f", {duration(left)} left" if left and event.finished < event.total else ""
            self.say(f"{count} {self._name(event.entry)}: {said(event.record)}{rest}")
        elif event.kind == "failed" and event.entry is not None:
            self._complain(f"{count} {self._name(event.entry)}: {event.message}", is_red=True)
        elif event.kind in ("held", "note"):
            self._complain(f"{event.message}.")
        elif event.kind == "going on":
            self._complain("Going on.")

    def conclude(self, outcome: BatchOutcome) -> None:
        """Print the account."""
        items, files = outcome.totals.items, outcome.totals.files
        self.say(*account(self._settings.output, outcome))
        if outcome.is_cancelled:
            self._complain("Interrupted; what was finished is kept. Go on with --resume.")
        elif not items and not files:
            where = self._settings.source
            self._complain(f"{where}: No files were found. Name a folder with scans.")

    def _name(self, entry: Entry) -> str:
        path = os.path.relpath(entry.item.path, self._settings.source)
        name = str(self._settings.source) if path == "." else path
        return f"{name} ({entry.item.part})" if entry.item.part else name

    def _complain(self, text: str, *, is_red: bool = False) -> None:
        text = printable(text)
        if is_red and sys.stderr.isatty():
            text = f"{_RED}{text}{_PLAIN}"
        print(text, file=sys.stderr, flush=True)


def account(output: Path, outcome: BatchOutcome) -> list[str]:
    """Return what a batch came to, in lines."""
    totals = outcome.totals
    series = _counted(totals.items, ("done", "failed", "waiting"))
    files = _counted(totals.files, ("done", "set aside", "failed", "waiting"))
    verdicts = ", ".join(
        f"{count} {VERDICT_WORDS.get(verdict, verdict)}"
        for verdict, count in sorted(totals.verdicts.items())
    )
    return [
        f"{output}: series: {series}",
        *([f"verdicts: {verdicts}"] if verdicts else []),
        f"ledger: {sum(totals.files.values())} files: {files}",
        f"{NOT_FOR_DIAGNOSIS}.",
    ]


def _counted(counts: Counter[str], states: Iterable[str]) -> str:
    return ", ".join(f"{counts[state]} {state}" for state in states if counts[state]) or "none"


def said(record: dict[str, Any]) -> str:
    """Return the gist of an object in a few words."""
    parts = []
    if "verdict" in record:
        number = record["ssim_pred"]
        parts.append(VERDICT_WORDS.get(record["verdict"], record["verdict"]))
        parts.append("no predicted SSIM" if number is None else f"predicted SSIM {number:.2f}")
    if "iqms" in record:
        known = sum(value is not None for value in record["iqms"].values())
        parts.append(f"{known} metrics")
    if "segmentation" in record:
        regions = record["segmentation"].get("statistics", ())
        parts.append(f"{len(regions)} regions")
    if "restoration" in record:
        parts.append("restored" if record["restoration"]["files"] else "not restored")
    if "upscaling" in record:
        parts.append("enlarged" if record["upscaling"]["files"] else "not enlarged")
    return " - ".join(parts)


@contextmanager
def _stopping(batch: Batch) -> Iterator[None]:
    """Let Ctrl-C and SIGTERM end the batch well; a second one ends it at once."""
    is_asked = False

    def stop(_number: int, _frame: object) -> None:
        nonlocal is_asked
        if is_asked:
            raise KeyboardInterrupt
        is_asked = True
        print("Stopping; once more to stop at once.", file=sys.stderr, flush=True)
        # On a thread of its own: the one that was interrupted may hold what cancelling needs.
        threading.Thread(target=batch.cancel, daemon=True).start()

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {n: signal.signal(n, stop) for n in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
