"""A batch on a thread of its own, told on the GUI thread no faster than a screen can show."""

from __future__ import annotations

import logging
import threading
from collections import deque
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from acutance.batch.run import Batch
from acutance.errors import AcutanceError, EngineError, JobCancelled
from acutance.qt.language import tr

if TYPE_CHECKING:
    from collections.abc import Callable

    from acutance.batch.events import BatchEvent, BatchOutcome
    from acutance.batch.plan import Plan
    from acutance.batch.settings import BatchSettings

_logger = logging.getLogger(__name__)
#: Time between two deliveries, in ms.
INTERVAL_MS = 100
#: How long closing waits for a batch that was cancelled, in s.
_CLOSE_SECONDS = 10.0


class BatchThread(QObject):
    """Plans and runs one batch; between the two it waits for `start`.

    Everything that touches files happens on the thread, settings included.

    Parameters
    ----------
    make_settings : callable
        Gives the settings; may raise AcutanceError.
    make_batch : callable
        Makes the batch from settings and a listener.

    Signals
    -------
    planned : Plan
        The batch waits for `start`.
    told : list of BatchEvent
        What happened since the last time, oldest first.
    ended : BatchOutcome or AcutanceError
        The batch is over and its children are gone; told once, and nothing after it.
    """

    planned = Signal(object)
    told = Signal(object)
    ended = Signal(object)

    def __init__(
        self,
        make_settings: Callable[[], BatchSettings],
        parent: QObject | None = None,
        *,
        make_batch: Callable[..., Batch] = Batch,
    ) -> None:
        super().__init__(parent)
        self._make_settings = make_settings
        self._make_batch = make_batch
        self._door = threading.Lock()
        self._batch: Batch | None = None
        self._may_start = threading.Event()
        self._is_cancelled = False
        # Appended to on the thread, emptied here: a deque needs no lock for that.
        self._events: deque[BatchEvent] = deque()
        self._plan: Plan | None = None
        self._end: BatchOutcome | AcutanceError | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(INTERVAL_MS)
        self._timer.timeout.connect(self._deliver)
        self._thread = threading.Thread(target=self._work, name="batch", daemon=True)

    def begin(self) -> None:
        """Start to plan."""
        self._timer.start()
        self._thread.start()

    def start(self) -> None:
        """Run what was planned."""
        self._may_start.set()

    def pause(self, is_paused: bool) -> None:
        """Begin no further series, or go on."""
        with self._door:
            batch = self._batch
        if batch is not None and is_paused:
            batch.pause()
        elif batch is not None:
            batch.go_on()

    def cancel(self) -> None:
        """End soon; what is done stays done."""
        with self._door:
            self._is_cancelled = True
            batch = self._batch
        if batch is not None:
            batch.cancel()
        self._may_start.set()

    def close(self) -> None:
        """Cancel, wait for the children to end, and tell nothing more."""
        self._timer.stop()
        self.cancel()
        if self._thread.is_alive():
            self._thread.join(_CLOSE_SECONDS)

    def _work(self) -> None:
        """Do everything; runs on the thread."""
        try:
            self._end = self._plan_and_run()
        except AcutanceError as error:
            self._end = error
        except Exception as fault:  # the job boundary: the window must hear of an end
            _logger.exception("a batch ended with a fault")
            text = tr("An unexpected fault ended the batch: {kind}.", kind=type(fault).__name__)
            self._end = EngineError(text, remedy=tr("Please report this."))

    def _plan_and_run(self) -> BatchOutcome:
        with self._make_batch(self._make_settings(), self._events.append) as batch:
            with self._door:
                self._batch = batch
                if self._is_cancelled:
                    raise JobCancelled
            self._plan = batch.plan()
            self._may_start.wait()
            if self._is_cancelled:
                raise JobCancelled
            return batch.run()

    def _deliver(self) -> None:
        end = self._end  # before the events: none comes after it
        if self._plan is not None:
            plan, self._plan = self._plan, None
            self.planned.emit(plan)
        events = [self._events.popleft() for _ in range(len(self._events))]
        if events:
            self.told.emit(events)
        if end is not None:
            self._timer.stop()
            self._thread.join()
            self.ended.emit(end)
