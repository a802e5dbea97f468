"""Measures the frames of the clip in view, on a thread of its own."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from acutance.errors import AcutanceError, EngineError, JobCancelled
from acutance.qt.language import tr
from acutance.upscaling.source import clip_of_video
from acutance.upscaling.timeline import measure_clip

if TYPE_CHECKING:
    from acutance.core.ledger import LoadedVideo
    from acutance.jobs.runner import Runner
    from acutance.upscaling.timeline import ClipQuality

_INTERVAL_MS = 100
#: How long closing waits for the part that is being measured, in s.
_CLOSE_SECONDS = 5.0


class FrameMeter(QObject):
    """Measures one clip at a time, part by part.

    Parameters
    ----------
    runner : Runner

    Signals
    -------
    progressed : int, int
        Frames that are measured, of how many.
    measured : LoadedVideo, ClipQuality
    failed : AcutanceError
    """

    progressed = Signal(int, int)
    measured = Signal(object, object)
    failed = Signal(object)

    def __init__(self, runner: Runner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._runner = runner
        self._loaded: LoadedVideo | None = None
        self._thread: threading.Thread | None = None
        self._is_unwanted = False
        self._far: tuple[int, int] | None = None
        self._end: ClipQuality | AcutanceError | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(_INTERVAL_MS)
        self._timer.timeout.connect(self._deliver)

    @property
    def is_measuring(self) -> bool:
        """Whether a clip is being measured."""
        return self._thread is not None

    def measure(self, loaded: LoadedVideo) -> None:
        """Begin; does nothing while another clip is being measured."""
        if self._thread is not None:
            return
        self._loaded, self._end, self._is_unwanted = loaded, None, False
        self._thread = threading.Thread(target=self._work, args=(loaded,), daemon=True)
        self._thread.start()
        self._timer.start()

    def cancel(self) -> None:
        """Give up after the part that is being measured."""
        self._is_unwanted = True

    def close(self) -> None:
        """Give up, and wait for the end."""
        self.cancel()
        self._timer.stop()
        if self._thread is not None:
            self._thread.join(_CLOSE_SECONDS)

    def _tell(self, done: int, count: int) -> None:
        self._far = done, count
        if self._is_unwanted:
            raise JobCancelled

    def _work(self, loaded: LoadedVideo) -> None:
        end: ClipQuality | AcutanceError = EngineError(
            tr("An unexpected fault ended the measuring."), remedy=tr("Please report this.")
        )
        try:
            end = measure_clip(self._runner, clip_of_video(loaded), tell=self._tell)
        except AcutanceError as error:
            end = error
        except RuntimeError:  # the runner was closed
            end = JobCancelled()
        finally:
            self._end = end

    def _deliver(self) -> None:
        if self._far is not None:
            far, self._far = self._far, None
            self.progressed.emit(*far)
        if self._end is None:
            return
        self._timer.stop()
        end, loaded = self._end, self._loaded
        self._thread = self._loaded = None
        if isinstance(end, AcutanceError):
            if not isinstance(end, JobCancelled):
                self.failed.emit(end)
        else:
            self.measured.emit(loaded, end)
