"""Work of `acutance watch`: score every series as soon as it has come to rest in a folder."""

from __future__ import annotations

import hashlib
import json
import os
import sys
import threading
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer

from acutance.errors import AcutanceError, ExportError, ReadError
from acutance.headless import Tally, complain, named, one_series, printable, scoring_policy
from acutance.io.arrivals import Arrivals
from acutance.jobs.runner import Runner
from acutance.score_export import ScoreExport

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterator

    from acutance.core.ledger import SeriesItem
    from acutance.core.scoring import ScoringPolicy

#: The JSON lines of every series; of one that grew the later line counts.
RESULTS = "results.jsonl"
#: What was scored: hashes only, so that a restart does not score it again.
SCORED = "watch.jsonl"
#: Without events the folder is looked at this often: events may be lost, or never come.
_LOOK_SECONDS, _SAFETY_SECONDS = 1.0, 30.0
DONE, NOTHING_DONE, SOME_FAILED = 0, 1, 3


def run(arguments: argparse.Namespace) -> int:
    """Watch until interrupted, or until nothing has come for `--stop-after`; return the exit code.

    A series whose file changes, or gains a file, is scored again.
    """
    if not arguments.folder.is_dir():
        complain(ReadError("There is no such folder.", remedy="Name one.", path=arguments.folder))
        return NOTHING_DONE
    try:
        arguments.output.mkdir(parents=True, exist_ok=True)
        with ExitStack() as stack:
            lines = stack.enter_context((arguments.output / RESULTS).open("a", encoding="utf-8"))
            scored = stack.enter_context((arguments.output / SCORED).open("a+", encoding="utf-8"))
            runner = stack.enter_context(Runner(device=arguments.device))
            runner.warm_up("engine")
            policy = scoring_policy(arguments)
            hot = _HotFolder(arguments, runner, policy, lines, scored)
            bell = threading.Event()
            if not arguments.polling:
                stack.callback(_listen(arguments.folder, bell))
            return hot.watch(bell)
    except AcutanceError as error:
        complain(error)
    except OSError as error:
        complain(
            ExportError(
                f"The results cannot be written or the folder cannot be watched: {error.strerror}.",
                remedy="Choose a folder that you may write to; watch a network share with "
                "--polling.",
                path=arguments.output,
            )
        )
    return NOTHING_DONE


class _Bell(FileSystemEventHandler):
    """Wakes the watcher; what has happened it sees for itself."""

    def __init__(self, bell: threading.Event) -> None:
        self._bell = bell

    def on_any_event(self, event: FileSystemEvent) -> None:
        if event.event_type in ("created", "modified", "moved", "deleted"):
            self._bell.set()


def _listen(folder: Path, bell: threading.Event) -> Callable[[], None]:
    observer = Observer()
    observer.schedule(_Bell(bell), str(folder), recursive=True)
    observer.start()

    def stop() -> None:
        observer.stop()
        observer.join()

    return stop


class _HotFolder:
    """One run of `watch`."""

    def __init__(
        self,
        arguments: argparse.Namespace,
        runner: Runner,
        policy: ScoringPolicy,
        lines: TextIO,
        scored: TextIO,
    ) -> None:
        self._arguments = arguments
        self._runner = runner
        self._policy = policy
        self._lines, self._scored = lines, scored
        self._export = ScoreExport(arguments.output, arguments.export, runner)
        self._arrivals = Arrivals(os.path.abspath(arguments.folder), arguments.quiet)
        self._signatures = dict(_signatures(scored))
        self._tally = Tally()
        self._number = 0

    def watch(self, bell: threading.Event) -> int:
        """Look, score what is at rest, wait; until nothing has come for long enough."""
        limit = self._arguments.stop_after
        last_work = last_look = time.monotonic()
        self._arrivals.look()
        print(f"Watching {printable(str(self._arguments.folder))}; end with Ctrl+C.", flush=True)
        while True:
            for folder in list(self._arrivals.ready()):
                self._score_folder(folder)
                last_work = time.monotonic()
            is_pending = self._arrivals.is_pending
            if limit is not None and not is_pending and time.monotonic() - last_work >= limit:
                return self._tally.exit_code(None)
            rung = bell.wait(min(_LOOK_SECONDS, self._arguments.quiet / 4))
            bell.clear()
            now = time.monotonic()
            waited = _LOOK_SECONDS if self._arguments.polling else _SAFETY_SECONDS
            if rung or is_pending or now - last_look >= waited:
                self._arrivals.look()
                last_look = now

    def _score_folder(self, folder: str) -> None:
        files = self._arrivals.take(folder)
        try:
            index = self._runner.index([Path(file) for file in files]).value()
        except AcutanceError as error:
            self._tally.failed += 1
            complain(error)
            return
        for item in index.items:
            self._arrivals.look()  # scoring the one before took its time
            if self._arrivals.is_at_rest((*item.files, *(s.file for s in item.set_aside))):
                self._score(item)

    def _score(self, item: SeriesItem) -> None:
        name = _hashed([item.path, item.key, item.part])
        signature = _hashed(self._arrivals.states(item.files))
        if self._signatures.get(name) == signature:
            return
        self._number += 1
        try:
            one_series(
                item, self._number, self._runner, self._arguments, self._lines, self._tally,
                self._policy, self._export,
            )  # fmt: skip
        except AcutanceError as error:
            self._tally.failed += 1
            complain(error if error.path else named(error, item))
        sys.stdout.flush()
        # Also after a failure: the same files would fail again, changed ones are tried again.
        self._signatures[name] = signature
        _keep(self._lines)
        self._scored.write(json.dumps({"series": name, "signature": signature}) + "\n")
        _keep(self._scored)


def _hashed(value: object) -> str:
    text = json.dumps(value, sort_keys=True)
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()


def _keep(file: TextIO) -> None:
    """Let what was written reach the disk before anything that relies on it."""
    file.flush()
    os.fsync(file.fileno())


def _signatures(file: TextIO) -> Iterator[tuple[str, str]]:
    """Yield what an earlier run had scored; a line that was cut by a crash counts for nothing."""
    file.seek(0)
    for line in file:
        try:
            entry = json.loads(line)
            yield str(entry["series"]), str(entry["signature"])
        except (ValueError, KeyError, TypeError):
            continue
    file.seek(0, os.SEEK_END)
