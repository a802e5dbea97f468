"""A watched folder on a thread of its own, with children of its own, told on the GUI thread."""

from __future__ import annotations

import logging
import threading
from collections import deque
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer, Signal

from acutance.batch.appending import AppendedLines
from acutance.batch.hot_folder import RESULTS, SCORED, HotFolder, listen
from acutance.batch.run import LOOK_SECONDS
from acutance.batch.work import Work, work_on
from acutance.errors import AcutanceError, EngineError, ExportError, JobCancelled, ReadError
from acutance.jobs.runner import Runner
from acutance.qt.language import tr
from acutance.score_export import ScoreExport
from acutance.telling import named, write_line

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from acutance.core.ledger import SeriesItem
    from acutance.core.scoring import ScoringPolicy

_logger = logging.getLogger(__name__)
#: Time between two deliveries, in ms.
INTERVAL_MS = 100
#: How long closing waits for the series that is at work, in s.
_CLOSE_SECONDS = 10.0
_KINDS = ("html",)


class HotFolderThread(QObject):
    """Watches one folder until it is closed; the same results as `acutance watch --export html`.

    Parameters
    ----------
    folder, output : Path
    policy : callable
        Gives how series are scored; asked on the thread. May raise AcutanceError.
    quiet_seconds : float
    is_polling : bool
        For shares of the network, which send no events.
    make_runner : callable
        Makes the runner whose children do the work.

    Signals
    -------
    scored : dict
        The JSON object of a series.
    failed : AcutanceError
        A series could not be scored, or a file holds no scan; the others go on.
    noted : str
        The disk or the folder is waited for, or is back.
    ended : AcutanceError or None
        The folder is not watched any more, and why, unless it was closed.
    """

    scored = Signal(object)
    failed = Signal(object)
    noted = Signal(str)
    ended = Signal(object)

    def __init__(
        self,
        folder: Path,
        output: Path,
        policy: Callable[[], ScoringPolicy],
        parent: QObject | None = None,
        *,
        quiet_seconds: float = 4.0,
        is_polling: bool = False,
        make_runner: Callable[[], Runner] = Runner,
    ) -> None:
        super().__init__(parent)
        self._folder, self._output = folder, output
        self._policy = policy
        self._quiet = quiet_seconds
        self._is_polling = is_polling
        self._make_runner = make_runner
        self._bell, self._stop = threading.Event(), threading.Event()
        self._door = threading.Lock()
        self._runner: Runner | None = None
        # Appended to on the thread, emptied here: a deque needs no lock for that.
        self._told: deque[dict[str, Any] | AcutanceError | str] = deque()
        self._end: list[AcutanceError | None] = []
        self._timer = QTimer(self)
        self._timer.setInterval(INTERVAL_MS)
        self._timer.timeout.connect(self._deliver)
        self._thread = threading.Thread(target=self._work, name="hot folder", daemon=True)

    def begin(self) -> None:
        """Start to watch."""
        self._timer.start()
        self._thread.start()

    def close(self) -> None:
        """Stop, end the children, and tell nothing more."""
        self._timer.stop()
        self._stop.set()
        self._bell.set()
        with self._door:
            runner = self._runner
        if runner is not None:
            runner.close()  # cancels what is at work
        if self._thread.is_alive():
            self._thread.join(_CLOSE_SECONDS)

    def _wait(self) -> bool:
        """Wait a while for the disk; return whether anybody still wants what it refuses."""
        return not self._stop.wait(LOOK_SECONDS)

    def _work(self) -> None:
        """Do everything; runs on the thread."""
        try:
            self._watch()
            self._end.append(None)
        except JobCancelled:
            self._end.append(None)
        except AcutanceError as error:
            self._end.append(error)
        except OSError as error:
            text = tr(
                "The folder cannot be watched or written any more: {strerror}.",
                strerror=error.strerror,
            )
            self._end.append(ExportError(text, remedy=tr("Look at the folders and watch again.")))
        except Exception as fault:  # the job boundary: the window must hear of an end
            if self._stop.is_set():
                # `close` has closed the runner just before it was asked for something.
                self._end.append(None)
                return
            _logger.exception("watching a folder ended with a fault")
            text = tr("An unexpected fault ended the watching: {kind}.", kind=type(fault).__name__)
            self._end.append(EngineError(text, remedy=tr("Please report this.")))

    def _watch(self) -> None:
        _refuse(self._folder, self._output)
        self._output.mkdir(parents=True, exist_ok=True)
        # Marks are for what is open in the window; results are those of the command.
        policy = replace(self._policy(), identify=False)
        with ExitStack() as stack:
            lines, scored = (
                stack.enter_context(
                    AppendedLines(self._output / name, self._told.append, self._wait)
                )
                for name in (RESULTS, SCORED)
            )
            runner = stack.enter_context(self._make_runner())
            with self._door:
                self._runner = runner
                if self._stop.is_set():
                    return
            runner.warm_up("engine")
            export = ScoreExport(self._output, _KINDS, runner)

            def score(item: SeriesItem) -> None:
                try:
                    loaded, result, record = work_on(Work(item, ("score",), "auto", policy), runner)
                    write_line(lines, record)
                    assert result is not None
                    _, refused = export.series(loaded, result, record)
                    self._told.append(record)
                    self._told.extend(refused)
                except JobCancelled:
                    raise
                except AcutanceError as error:
                    self._told.append(named(error, item))

            hot = HotFolder(
                self._folder,
                self._quiet,
                runner,
                scored,
                score,
                self._told.append,
                lambda aside: self._told.append(ReadError(aside.reason, path=aside.file)),
                self._told.append,
            )
            if not self._is_polling:
                stack.callback(listen(self._folder, self._bell))
            hot.watch(self._bell, is_polling=self._is_polling, stop=self._stop)

    def _deliver(self) -> None:
        ends = list(self._end)  # before the rest: nothing comes after it
        while self._told:
            told = self._told.popleft()
            if isinstance(told, AcutanceError):
                self.failed.emit(told)
            elif isinstance(told, str):
                self.noted.emit(told)
            else:
                self.scored.emit(told)
        if ends:
            self._timer.stop()
            self._thread.join()
            self.ended.emit(ends[0])


def _refuse(folder: Path, output: Path) -> None:
    if not folder.is_dir():
        raise ReadError("There is no such folder.", remedy="Name one.", path=folder)
    source, target = folder.resolve(), output.resolve()
    if source == target or source in target.parents:
        raise ExportError(
            "The results cannot go into the folder that is watched.",
            remedy="Choose another folder.",
            path=output,
        )
