"""What the command line asks of the window: open, score, take a picture, close."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import QObject, QTimer

from acutance.qt.viewers.listening import listen
from acutance.session import SeriesState

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from acutance.qt.main_window import MainWindow
    from acutance.session import SeriesEntry

#: Bound on everything together, in ms.
LIMIT_MS = 300_000
#: Time for the last changes to be laid out and painted, in ms.
_SETTLE_MS = 120


def _is_partial(entry: SeriesEntry) -> bool:
    """Whether a series is shown whose files are still being looked for."""
    return entry.loaded is not None and entry.loaded.item.is_partial


class Errand(QObject):
    """Opens paths in a window, waits on the event loop alone, and judges what came of it.

    Parameters
    ----------
    window : MainWindow
    paths : sequence of Path
    run : "score" or None
    screenshot : Path or None
        Where a PNG of the window goes when all else is done, also after a failure.
    exit_when_done : bool
        Close the window at the end.

    Attributes
    ----------
    exit_code : int
        0 while nothing failed, else 1.
    """

    def __init__(
        self,
        window: MainWindow,
        paths: Sequence[Path],
        *,
        run: Literal["score"] | None = None,
        screenshot: Path | None = None,
        exit_when_done: bool = False,
    ) -> None:
        super().__init__(window)
        self.exit_code = 0
        self._window = window
        self._paths = list(paths)
        self._scores = run == "score"
        self._screenshot = screenshot
        self._exits = exit_when_done
        self._is_done = False
        self._is_waiting = False
        self._limit = QTimer(self)
        self._limit.setSingleShot(True)
        self._limit.setInterval(LIMIT_MS)
        self._limit.timeout.connect(self._on_limit)

    def start(self) -> None:
        """Begin; returns at once."""
        window = self._window
        if not self._paths:
            if self._scores:
                self._fail("There is nothing to score: name a scan.")
            elif window.isVisible():
                window.first_painted.connect(self._finish)
            return
        window.controller.opened.connect(self._on_opened)
        listen(self, window.session.series_changed, self._on_series)
        listen(self, window.session.result_changed, self._on_series)
        if self._exits or self._screenshot is not None:
            self._limit.start()
        window.open_paths(self._paths)

    def _on_opened(self, _count: int) -> None:
        problem = self._window.controller.problem
        if problem is not None:
            remedy = f" {problem.remedy}" if problem.remedy else ""
            details = problem.details[:20] if len(problem.details) > 1 else ()
            self._fail("\n".join((problem.message + remedy, *details)))
        elif self._window.session.active is None:
            self._fail("Opening was cancelled.")

    def _on_series(self, id: int) -> None:
        active = self._window.session.active
        if self._is_done or active is None or active.id != id:
            return
        if active.state is SeriesState.FAILED:
            self._fail(str(active.error))
        elif active.scoring_error is not None and self._scores:
            self._fail(str(active.scoring_error))
        elif active.state is SeriesState.LOADED and not _is_partial(active):
            if not self._scores or active.result is not None:
                self._finish_when_shown()
            else:
                # Later: the session is still telling others that the series is there.
                QTimer.singleShot(0, self, self._score)

    def _score(self) -> None:
        active = self._window.session.active
        if active is not None and active.result is None:  # it may have come meanwhile
            self._window.controller.score()

    def _on_limit(self) -> None:
        self._fail(f"Nothing came of it within {LIMIT_MS // 1000} s.")

    def _fail(self, message: str) -> None:
        if not self._is_done:
            print(message, file=sys.stderr)
            self.exit_code = 1
            self._finish()

    def _finish_when_shown(self) -> None:
        """Finish, of a video once a frame stands on the screen or is known to be damaged."""
        playback = self._window.session.playback
        if playback.loaded is None or playback.shown is not None or playback.is_lost:
            self._finish()
        elif not self._is_waiting:
            self._is_waiting = True
            listen(self, playback.shown_changed, self._finish_when_shown)

    def _finish(self) -> None:
        if self._is_done:
            return
        self._is_done = True
        self._limit.stop()
        QTimer.singleShot(_SETTLE_MS, self, self._conclude)

    def _conclude(self) -> None:
        if self._screenshot is not None and not self._save(self._screenshot):
            print(f"{self._screenshot}: the picture could not be written.", file=sys.stderr)
            self.exit_code = 1
        if self._exits:
            self._window.close()

    def _save(self, path: Path) -> bool:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError:
            return False
        return self._window.grab().save(str(path), "PNG")
