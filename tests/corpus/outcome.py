"""Send a case through the command line and hold what came against what was expected."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import re
import stat
import threading
import time
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest import mock

import psutil

from acutance import cli, headless, telling

if TYPE_CHECKING:
    from collections.abc import Sequence

    from acutance.jobs.runner import Runner
    from corpus.case import Case, Expect, Series

#: Larger files of the corpus are claims with nothing inside; size and time must do.
_HASHED_BYTES = 64 * 1024**2
_SAMPLE_SECONDS = 0.002
#: A refusal says what the user can do.
_REMEDIES = r"\b(copy|convert|put|export|save|open|close|install|unpack|name|leave) "


@dataclass(frozen=True)
class Outcome:
    """What the command did.

    Parameters
    ----------
    code : int
    records : list of dict
        The JSON lines on standard output.
    messages : list of str
        The lines on standard error.
    seconds : float
    grown_mb : float
        Peak growth of the reading child, where it was watched.
    child_died : bool
    """

    code: int
    records: list[dict[str, Any]]
    messages: list[str]
    seconds: float
    grown_mb: float
    child_died: bool


def run_info(paths: Sequence[Path], runner: Runner, *, watch: bool = False) -> Outcome:
    """Run `info PATHS --json - --stats` in this process, with a warm reading child."""
    out, err = io.StringIO(), io.StringIO()
    argv = ["info", "--json", "-", "--stats", "--", *map(str, paths)]
    before = runner.reader_pid
    watcher = _Watcher(before) if watch and before else None
    started = time.monotonic()
    with (
        mock.patch.object(headless, "Runner", return_value=nullcontext(runner)),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
        watcher or nullcontext(),
    ):
        code = cli.run(cli.parse(argv))
    seconds = time.monotonic() - started
    records = [json.loads(line, parse_constant=_no_constant) for line in _lines(out)]
    return Outcome(
        code,
        records,
        _lines(err),
        seconds,
        watcher.grown_mb if watcher else 0.0,
        before is not None and runner.reader_pid != before,
    )


def _lines(stream: io.StringIO) -> list[str]:
    return [line for line in stream.getvalue().split("\n") if line]


def _no_constant(name: str) -> None:
    raise AssertionError(f"{name} is no JSON number")


class _Watcher:
    """Samples the resident memory of a process."""

    def __init__(self, pid: int) -> None:
        self._process = psutil.Process(pid)
        self._start = self._peak = self._process.memory_info().rss
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    @property
    def grown_mb(self) -> float:
        return (self._peak - self._start) / 1e6

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _watch(self) -> None:
        with contextlib.suppress(psutil.Error):
            while not self._done.wait(_SAMPLE_SECONDS):
                self._peak = max(self._peak, self._process.memory_info().rss)


def snapshot(folder: Path) -> dict[str, tuple[Any, ...]]:
    """Return size, time and digest of all that lies in a folder; nothing that blocks is opened."""
    seen: dict[str, tuple[Any, ...]] = {}
    stack = [os.fspath(folder)]
    while stack:
        with os.scandir(stack.pop()) as entries:
            for entry in entries:
                status = entry.stat(follow_symlinks=False)
                digest = ""
                if stat.S_ISDIR(status.st_mode):
                    stack.append(entry.path)
                    seen[entry.path] = (status.st_mode,)
                    continue
                if stat.S_ISREG(status.st_mode) and status.st_size <= _HASHED_BYTES:
                    digest = hashlib.sha256(Path(entry.path).read_bytes()).hexdigest()
                seen[entry.path] = (status.st_mode, status.st_size, status.st_mtime_ns, digest)
    return seen


def make_and_run(case: Case, folder: Path, runner: Runner) -> tuple[Outcome, list[Path]]:
    """Make the input, run the command, and check that no input changed and no file appeared."""
    inputs = folder / "in"
    inputs.mkdir()
    named = case.make(inputs)
    paths = [inputs] if named is None else [named] if isinstance(named, Path) else list(named)
    before = snapshot(folder)
    outcome = run_info(paths, runner, watch=case.memory_mb is not None)
    assert snapshot(folder) == before, "an input changed or a file appeared"
    return outcome, paths


def check(case: Case, outcome: Outcome, paths: Sequence[Path]) -> None:
    """Hold an outcome against the expected one."""
    expect = case.expect
    shown = f"{outcome.code} {outcome.records} {outcome.messages}"
    assert "Traceback" not in shown, shown
    assert "unexpected fault" not in shown, shown
    assert not outcome.child_died, f"the reading child died: {shown}"
    assert outcome.seconds <= case.seconds, f"took {outcome.seconds:.1f} s"
    if case.memory_mb is not None:
        assert outcome.grown_mb <= case.memory_mb, f"grew by {outcome.grown_mb:.0f} MB"
    for record in outcome.records:
        ledger = record["ledger"]
        assert ledger["found"] == ledger["used"] + len(ledger["set_aside"])
        assert all(entry["reason"] and entry["file"] for entry in ledger["set_aside"])
    if expect.outcome == "reject":
        _check_rejected(expect, outcome, paths, shown)
        return
    assert outcome.code == 0, shown
    assert not outcome.messages, shown
    names = {w["name"] for record in outcome.records for w in record["warnings"]}
    assert names >= expect.warnings, f"{sorted(names)}: {shown}"
    assert names <= expect.warnings | expect.also, f"{sorted(names)}: {shown}"
    assert outcome.records, "nothing was said"
    if expect.series:
        assert len(outcome.records) == len(expect.series), shown
        for record, series in zip(outcome.records, expect.series, strict=True):
            _check_series(record, series, shown)


def _check_rejected(expect: Expect, outcome: Outcome, paths: Sequence[Path], shown: str) -> None:
    assert outcome.code == 1, shown
    assert outcome.records == [], shown
    assert len(outcome.messages) == expect.lines, shown
    whole = "|".join(re.escape(telling.printable(str(path))) for path in paths)
    for message in outcome.messages:
        assert message.isprintable(), message
        assert any(telling.printable(path.name) in message for path in paths), message
        cause = re.sub(whole, "", message)
        assert re.search(_REMEDIES, cause, re.IGNORECASE), f"tells nothing to do: {message}"
        assert re.search(expect.cause, cause, re.IGNORECASE), f"{expect.cause!r}: {message}"


def _check_series(record: dict[str, Any], series: Series, shown: str) -> None:
    assert record["kind"] == series.kind, shown
    if series.shape is not None:
        assert tuple(record["shape"]) == series.shape, shown
    if series.spacing == "unknown":
        assert record["spacing_mm"] is None, shown
    elif series.spacing is not None:
        assert record["spacing_mm"] is not None, shown
        pairs = zip(record["spacing_mm"], series.spacing, strict=True)
        assert all(abs(a - float(b)) <= 1e-4 for a, b in pairs), shown
    if series.used is not None:
        assert record["ledger"]["used"] == series.used, shown
    stats = record["stats"]
    for name, wanted in (("sum", series.total), ("min", series.low), ("max", series.high)):
        if wanted is not None:
            assert stats[name] is not None, shown
            assert abs(stats[name] - wanted) <= 1e-6 * max(1.0, abs(wanted)), f"{name}: {shown}"
