"""A pulse of the GUI thread that notices when it was held up."""

from __future__ import annotations

import time

from PySide6.QtCore import QObject, Qt, QTimer

#: The pulse, and the delay from which a late one counts as a stall; both in ms.
INTERVAL_MS = 50
STALL_MS = 100.0


class Heartbeat(QObject):
    """Counts how often the GUI thread did not answer for more than `STALL_MS`.

    Attributes
    ----------
    stalls : int
        Late beats since the start or the last `reset`.
    longest_ms : float
        The longest delay of a beat.
    beats : int
        All beats.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.stalls = 0
        self.beats = 0
        self.longest_ms = 0.0
        self._last = 0.0
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(INTERVAL_MS)
        self._timer.timeout.connect(self._beat)

    @property
    def is_running(self) -> bool:
        """Whether the pulse is on."""
        return self._timer.isActive()

    def start(self) -> None:
        """Begin to count."""
        self._last = time.monotonic()
        self._timer.start()

    def stop(self) -> None:
        """Stop counting; the counts stay."""
        self._timer.stop()

    def reset(self) -> None:
        """Set the counts to zero."""
        self.stalls = self.beats = 0
        self.longest_ms = 0.0
        self._last = time.monotonic()

    def _beat(self) -> None:
        now = time.monotonic()
        delay = (now - self._last) * 1000.0 - INTERVAL_MS
        self._last = now
        self.beats += 1
        self.longest_ms = max(self.longest_ms, delay)
        if delay > STALL_MS:
            self.stalls += 1
