"""A pulse of the GUI thread that notices when it was held up."""

from __future__ import annotations

import time

from PySide6.QtCore import QObject, Qt, QTimer

#: The pulse, in ms: a stall is told to that precision.
INTERVAL_MS = 20
#: Delays of a beat, in ms, from which it counts as slow, and as a stall.
SLOW_MS, STALL_MS = 33.0, 100.0


class Heartbeat(QObject):
    """Counts how often the GUI thread did not answer in time.

    Attributes
    ----------
    stalls, slow : int
        Beats later than `STALL_MS`, and later than `SLOW_MS`, since the start or the last `reset`.
    longest_ms : float
        The longest delay of a beat.
    beats : int
        All beats.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.stalls = self.slow = self.beats = 0
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
        self.stalls = self.slow = self.beats = 0
        self.longest_ms = 0.0
        self._last = time.monotonic()

    def _beat(self) -> None:
        now = time.monotonic()
        delay = (now - self._last) * 1000.0 - INTERVAL_MS
        self._last = now
        self.beats += 1
        self.longest_ms = max(self.longest_ms, delay)
        self.slow += delay > SLOW_MS
        self.stalls += delay > STALL_MS
