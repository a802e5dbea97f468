"""Collecting cycles of objects where and when it does no harm: between events of the window."""

from __future__ import annotations

import ctypes
import gc
import sys
import threading
import time

from PySide6.QtCore import QObject, QTimer

#: Between looks at whether there is something to collect, in ms.
INTERVAL_MS = 200
#: From the last of several closed series to giving memory back, in ms.
TIDY_MS = 50
#: Share of the time, at most, that goes into looks at all objects.
MOST_SHARE = 0.001


class GarbageCollection(QObject):
    """Collects on the thread of the window, from its event loop, and nowhere else.

    Python collects wherever the next object happens to be made: on a thread that listens to a
    child, or in the middle of a paint. A dead widget that hangs in a cycle would be destroyed there
    and then, which Qt does not survive. What is there when the window stands is left out from then
    on, so that a look at all objects takes no time that anybody could see.

    Attributes
    ----------
    is_running : bool
    """

    #: Windows that collect now, and whether Python did before the first of them.
    _running, _was_enabled = 0, True

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.is_running = False
        self._not_before = 0.0
        self._timer = QTimer(self)
        self._timer.setInterval(INTERVAL_MS)
        self._timer.timeout.connect(self.collect)
        self._tidying = QTimer(self)
        self._tidying.setSingleShot(True)
        self._tidying.setInterval(TIDY_MS)
        self._tidying.timeout.connect(give_memory_back)

    def start(self) -> None:
        """Take over from Python."""
        if self.is_running:
            return
        self.is_running = True
        kind = GarbageCollection
        if kind._running == 0:
            kind._was_enabled = gc.isenabled()
            gc.disable()
            gc.freeze()
        kind._running += 1
        self._timer.start()

    def stop(self) -> None:
        """Give it back."""
        if not self.is_running:
            return
        self.is_running = False
        self._timer.stop()
        self._tidying.stop()
        kind = GarbageCollection
        kind._running -= 1
        if kind._running == 0:
            gc.unfreeze()
            if kind._was_enabled:
                gc.enable()

    def tidy(self, *_: object) -> None:
        """Give memory back soon, as after a series was closed."""
        if self.is_running:
            self._tidying.start()

    def collect(self) -> int:
        """Collect the oldest generation that is due; return how many objects were let go.

        A look at all objects that took long is not soon taken again.
        """
        limits = gc.get_threshold()
        due = [n for n, count in enumerate(gc.get_count()) if count > limits[n]]
        now = time.monotonic()
        if 2 in due and now < self._not_before:
            due.remove(2)
        if not due:
            return 0
        found = gc.collect(due[-1])
        if due[-1] == 2:
            ended = time.monotonic()
            self._not_before = ended + (ended - now) / MOST_SHARE
        return found


def give_memory_back() -> None:
    """Return what was freed to the system, where the C library keeps it otherwise; on a thread.

    glibc keeps pages between blocks that still live; after some large series the window would seem
    to need more than it does. Elsewhere nothing happens.
    """
    if sys.platform == "linux":
        threading.Thread(target=_trim, name="memory", daemon=True).start()


def _trim() -> None:
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
