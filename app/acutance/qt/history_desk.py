"""The history as the window works with it: every look into the database on a thread of its own."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from acutance.errors import AcutanceError
from acutance.export.group_records import read_group
from acutance.export.history_store import HistoryStore, Process, entry_of
from acutance.qt.language import tr

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path


class HistoryDesk(QObject):
    """Reads the history and adds results to it, one thing after the other.

    Parameters
    ----------
    path : Path, optional
        The database; by default that of the user.

    Signals
    -------
    processes_read : dict of Process to dict of str to int
        What there is: of each process the metrics and how often.
    points_read : Process, str, list of Point
        The values of one metric.
    told : str
        Something was done, in one line.
    failed : AcutanceError
    """

    processes_read = Signal(object)
    points_read = Signal(object, str, object)
    told = Signal(str)
    failed = Signal(object)

    def __init__(self, path: Path | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._path = path
        self._threads = ThreadPoolExecutor(1, thread_name_prefix="history")

    def read_processes(self) -> None:
        """Ask what there is."""
        self._ask(self._tell_processes)

    def read_points(self, process: Process, name: str) -> None:
        """Ask for the values of a metric."""
        self._ask(lambda store: self.points_read.emit(process, name, store.points(process, name)))

    def add(self, paths: Sequence[Path]) -> None:
        """Add results of earlier runs, then tell what there is."""

        def work(store: HistoryStore) -> None:
            group = read_group(paths)
            entries = [entry_of(case.record, case.row, Process()) for case in group.cases]
            useful = [entry for entry in entries if entry.numbers]
            new, renewed = store.add(useful)
            aside = len(group.set_aside) + len(entries) - len(useful)
            rest = tr(", {aside} without results set aside", aside=aside) if aside else ""
            self.told.emit(
                tr(
                    "{new} series added, {renewed} renewed{rest}.",
                    new=new,
                    renewed=renewed,
                    rest=rest,
                )
            )
            self._tell_processes(store)

        self._ask(work)

    def close(self) -> None:
        """Drop what waits and let what is at work end."""
        self._threads.shutdown(cancel_futures=True)

    def _tell_processes(self, store: HistoryStore) -> None:
        found = {process: store.names(process) for process in store.processes()}
        self.processes_read.emit(found)

    def _ask(self, work: Callable[[HistoryStore], None]) -> None:
        self._threads.submit(self._work, work)

    def _work(self, work: Callable[[HistoryStore], None]) -> None:
        """Do something with the database; runs on the thread."""
        try:
            with HistoryStore(self._path) as store:
                if store.moved_aside is not None:
                    self.told.emit(
                        tr(
                            "The history was damaged; it is kept as {name}.",
                            name=store.moved_aside.name,
                        )
                    )
                work(store)
        except AcutanceError as error:
            self.failed.emit(error)
