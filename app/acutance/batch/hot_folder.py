"""A folder in which scans arrive: each series is handed over once, as soon as it has come to rest.

The command line and the window differ only in what they do with a series.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer

from acutance.errors import AcutanceError
from acutance.io.arrivals import Arrivals

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Iterator

    from acutance.batch.appending import AppendedLines
    from acutance.core.ledger import SeriesItem, SetAside
    from acutance.jobs.runner import Runner

#: The JSON lines of every series; of one that grew the later line counts.
RESULTS = "results.jsonl"
#: What was handed over: hashes only, so that a restart does not do it again.
SCORED = "watch.jsonl"
#: Without events the folder is looked at this often: events may be lost, or never come.
_LOOK_SECONDS, _SAFETY_SECONDS = 1.0, 30.0


class _Bell(FileSystemEventHandler):
    """Wakes the watcher; what has happened it sees for itself."""

    def __init__(self, bell: threading.Event) -> None:
        self._bell = bell

    def on_any_event(self, event: FileSystemEvent) -> None:
        if event.event_type in ("created", "modified", "moved", "deleted"):
            self._bell.set()


def listen(folder: Path, bell: threading.Event) -> Callable[[], None]:
    """Ring a bell whenever something changes below a folder; return what ends that.

    Raises
    ------
    OSError
        If the folder cannot be watched.
    """
    observer = Observer()
    observer.schedule(_Bell(bell), str(folder), recursive=True)
    observer.start()

    def stop() -> None:
        observer.stop()
        observer.join()

    return stop


class HotFolder:
    """Finds series that have come to rest and hands each over.

    Parameters
    ----------
    folder : Path
    quiet_seconds : float
        How long the files of a series must not have changed.
    runner : Runner
        Looks what the files are.
    scored : AppendedLines
        What was handed over stands there.
    handle : callable
        Takes a series; whatever becomes of it, it is not handed over again until its files change.
    on_fault : callable
        Hears why files could not be looked at.
    on_aside : callable
        Hears of a file that holds no scan and why, once until it changes.
    tell : callable, optional
        Hears that the folder is gone, and that it is back.
    """

    def __init__(
        self,
        folder: Path,
        quiet_seconds: float,
        runner: Runner,
        scored: AppendedLines,
        handle: Callable[[SeriesItem], None],
        on_fault: Callable[[AcutanceError], None],
        on_aside: Callable[[SetAside], None],
        tell: Callable[[str], None] | None = None,
    ) -> None:
        self._quiet = quiet_seconds
        self._runner = runner
        self._scored = scored
        self._handle = handle
        self._on_fault = on_fault
        self._on_aside = on_aside
        self._tell = tell
        self._is_gone = False
        self._aside: dict[str, object] = {}
        self._arrivals = Arrivals(os.path.abspath(folder), quiet_seconds)
        self._signatures = dict(_signatures(scored))

    def watch(
        self,
        bell: threading.Event,
        *,
        is_polling: bool = False,
        idle_limit: float | None = None,
        stop: threading.Event | None = None,
    ) -> None:
        """Look, hand over what is at rest, wait; until told to stop, or nothing has come.

        A folder that is gone, as a share of the network may be for a while, is waited for.

        Parameters
        ----------
        bell : Event
            Set by whoever wants the folder looked at now, or the end of `stop` heeded.
        is_polling : bool
            Look every second; else only when rung for, and every half minute.
        idle_limit : float or None
            End when nothing has come for so many seconds.
        stop : Event, optional
            Ends after the series that is at work.

        Raises
        ------
        OSError
            If the folder cannot be listed at the start.
        """
        last_work = last_look = time.monotonic()
        self._arrivals.look()
        while stop is None or not stop.is_set():
            for folder in list(self._arrivals.ready()):
                self._take(folder, stop)
                last_work = time.monotonic()
            is_pending = self._arrivals.is_pending
            idle = time.monotonic() - last_work
            if idle_limit is not None and not is_pending and idle >= idle_limit:
                return
            rung = bell.wait(min(_LOOK_SECONDS, self._quiet / 4))
            bell.clear()
            now = time.monotonic()
            waited = _LOOK_SECONDS if is_polling or self._is_gone else _SAFETY_SECONDS
            if rung or is_pending or now - last_look >= waited:
                # Of a folder that came back, another one perhaps, no events are sent.
                is_polling = is_polling or self._is_gone
                self._look()
                last_look = now

    def _look(self) -> None:
        try:
            self._arrivals.look()
        except OSError:
            if not self._is_gone and self._tell is not None:
                self._tell("The watched folder is gone; waiting until it is back")
            self._is_gone = True
        else:
            if self._is_gone and self._tell is not None:
                self._tell("Going on")
            self._is_gone = False

    def _take(self, folder: str, stop: threading.Event | None) -> None:
        files = self._arrivals.take(folder)
        try:
            index = self._runner.index([Path(file) for file in files]).value()
        except AcutanceError as error:
            self._on_fault(error)
            return
        for aside in index.set_aside:
            state = self._arrivals.states([aside.file])
            if self._arrivals.is_at_rest([aside.file]) and self._aside.get(aside.file) != state:
                self._aside[aside.file] = state
                self._on_aside(aside)
        for item in index.items:
            if stop is not None and stop.is_set():
                return
            self._look()  # the one before took its time
            if self._arrivals.is_at_rest((*item.files, *(s.file for s in item.set_aside))):
                self._hand_over(item)

    def _hand_over(self, item: SeriesItem) -> None:
        name = _hashed([item.path, item.key, item.part])
        signature = _hashed(self._arrivals.states(item.files))
        if self._signatures.get(name) == signature:
            return
        self._handle(item)
        # Also after a failure: the same files would fail again, changed ones are tried again.
        self._signatures[name] = signature
        self._scored.write(json.dumps({"series": name, "signature": signature}) + "\n")


def _hashed(value: Any) -> str:
    text = json.dumps(value, sort_keys=True)
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()


def _signatures(file: AppendedLines) -> Iterator[tuple[str, str]]:
    """Yield what an earlier run had handed over; a line that makes no sense counts for nothing."""
    for line in file.lines():
        try:
            entry = json.loads(line)
            yield str(entry["series"]), str(entry["signature"])
        except (ValueError, KeyError, TypeError):
            continue
