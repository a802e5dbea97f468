"""From the wish for more pixels to the jobs that make them: a preview, or a whole clip."""

from __future__ import annotations

import math
import threading
from collections import deque
from typing import TYPE_CHECKING, Any, cast

from PySide6.QtCore import QObject, QTimer, Signal

from acutance.core.upscaling import (
    NETWORK_SCALE,
    UpscaleRequest,
    UpscaleSettings,
    read_range,
    value_range,
)
from acutance.errors import AcutanceError, EngineError, JobCancelled
from acutance.qt.language import tr
from acutance.session.enhancement import Enhancement, Preview, Region

if TYPE_CHECKING:
    from pathlib import Path

    from acutance.core.ledger import LoadedVideo
    from acutance.core.video import Video
    from acutance.jobs.job import Job
    from acutance.jobs.runner import Runner
    from acutance.qt.controller import Controller
    from acutance.session import Session
    from acutance.upscaling.run import Upscale, UpscaleEvent, UpscaleOutcome

#: How long a preview is, and how many frames and pixels it has at most.
PREVIEW_SECONDS, PREVIEW_FRAMES, PREVIEW_PIXELS = 1.0, 30, 240 * 320
#: Pixels around the region that its edges may depend on.
_MARGIN = 24
#: Time between two deliveries of progress, in ms.
_INTERVAL_MS = 100


class Enhancer(QObject):
    """Makes previews, and runs over whole clips.

    Parameters
    ----------
    session : Session
    runner : Runner
    controller : Controller
        Watches the jobs of a preview, so that they stand in the queue.

    Signals
    -------
    changed
        Something began, came further or ended.
    failed : AcutanceError
        Why a preview or a run came to nothing.
    finished : UpscaleOutcome
        A clip is there.
    """

    changed = Signal()
    failed = Signal(object)
    finished = Signal(object)

    def __init__(self, session: Session, runner: Runner, controller: Controller) -> None:
        super().__init__(controller)
        self._session = session
        self._runner = runner
        self._controller = controller
        self.enhancement = Enhancement()
        self.settings = UpscaleSettings()
        self.progress: UpscaleEvent | None = None
        self._asked: tuple[LoadedVideo, Region, int, int] | None = None
        self._job: Job[Any] | None = None
        self._run: _Run | None = None
        #: The clip of the newest run.
        self.source: LoadedVideo | None = None
        controller.job_ended.connect(self._on_ended)

    @property
    def is_previewing(self) -> bool:
        """Whether a preview is on its way."""
        return self._job is not None

    @property
    def is_running(self) -> bool:
        """Whether a whole clip is being enhanced."""
        return self._run is not None

    @property
    def is_paused(self) -> bool:
        """Whether that waits to go on."""
        return self._run is not None and self._run.is_paused

    # A preview.

    def preview(self, region: Region) -> None:
        """Enhance a region for a second from the frame in view on."""
        loaded = self._session.playback.loaded
        if loaded is None or self._job is not None:
            return
        video = loaded.video
        start = self._session.playback.frame
        length = min(PREVIEW_FRAMES, max(1, round(PREVIEW_SECONDS * (video.frame_rate or 25.0))))
        start = max(0, min(start, video.count - length))
        stop = min(video.count, start + length)
        self._asked = loaded, region, start, stop
        first, end = read_range(start, stop, video.count)
        self._watch(self._runner.frames(loaded.item, first, end - first))

    def cancel_preview(self) -> None:
        """Give up the preview that is on its way."""
        if self._job is not None:
            self._job.cancel()

    def _watch(self, job: Job[Any]) -> None:
        self._job = job
        self._controller.watch(job)
        self.changed.emit()

    def _on_ended(self, job: Job[Any]) -> None:
        if job is not self._job or self._asked is None:
            return
        self._job = None
        if job.error is not None:
            self._asked = None
            if not isinstance(job.error, JobCancelled):
                self.failed.emit(job.error)
        elif job.task == "super_resolution":
            self._show(job.result)
        else:
            self._enhance(cast("Video", job.result))
        self.changed.emit()

    def _enhance(self, part: Video) -> None:
        """Ask for more pixels of frames that were read."""
        assert self._asked is not None
        loaded, region, start, stop = self._asked
        video = loaded.video
        first, _ = read_range(start, stop, video.count)
        wide = region.grown(_MARGIN, video.height, video.width)
        frames = wide.of(part.array).copy()
        window = self._session.window if video.channels == 1 else None
        low, high = int(part.array.min()), int(part.array.max())
        request = UpscaleRequest(
            frames, first, start, stop, self.settings, value_range(video, low, high, window)
        )
        self._watch(self._runner.submit("super_resolution", request, title=tr("Preview")))

    def _show(self, result: Any) -> None:
        assert self._asked is not None
        (loaded, region, start, _), self._asked = self._asked, None
        if loaded is not self._session.playback.loaded:
            return
        scale = self.settings.scale
        wide = region.grown(_MARGIN, loaded.video.height, loaded.video.width)
        inner = Region(
            scale * (region.top - wide.top),
            scale * (region.left - wide.left),
            scale * (region.bottom - wide.top),
            scale * (region.right - wide.left),
        )
        # A copy: what is kept for minutes should not hold shared memory.
        frames = inner.of(result.array).copy()
        self.enhancement.show(Preview(loaded, region, start, frames, scale, result))
        self._session.playback.set_range((start, start + len(frames)))

    # A whole clip.

    def run(self, target: Path, codec: str = "") -> None:
        """Enhance the clip in view; go on with what is there of an interrupted run of the same.

        Parameters
        ----------
        target : Path
        codec : str
            Id in `core.clip_export.CODECS`; the first that fits the file where it is empty.
        """
        loaded = self._session.playback.loaded
        if loaded is None or self._run is not None:
            return
        self.progress, self.source = None, loaded
        self._run = _Run(self._runner, loaded, target, self.settings, codec, self)
        self._run.told.connect(self._on_told)
        self._run.ended.connect(self._on_run_ended)
        self._run.begin()
        self.changed.emit()

    def pause(self, paused: bool) -> None:
        """Stop computing, or go on."""
        if self._run is not None:
            self._run.pause(paused)
            self.changed.emit()

    def cancel(self) -> None:
        """End the run; its finished chunks are kept."""
        if self._run is not None:
            self._run.cancel()

    def close(self) -> None:
        """End everything, as the window does."""
        self.cancel_preview()
        if self._run is not None:
            self._run.cancel()
            self._run.join()

    def _on_told(self, event: UpscaleEvent) -> None:
        self.progress = event
        self.changed.emit()

    def _on_run_ended(self, end: UpscaleOutcome | AcutanceError) -> None:
        run, self._run = self._run, None
        if run is not None:
            run.deleteLater()
        if isinstance(end, AcutanceError):
            if not isinstance(end, JobCancelled):
                self.failed.emit(end)
        else:
            self.finished.emit(end)
        self.changed.emit()


class _Run(QObject):
    """One run on a thread of its own, told on the GUI thread.

    Signals
    -------
    told : UpscaleEvent
    ended : UpscaleOutcome or AcutanceError
        Told once, and nothing after it.
    """

    told = Signal(object)
    ended = Signal(object)

    def __init__(
        self,
        runner: Runner,
        loaded: LoadedVideo,
        target: Path,
        settings: UpscaleSettings,
        codec: str,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._runner = runner
        self._loaded = loaded
        self._target = target
        self._settings = settings
        self._codec = codec
        self._door = threading.Lock()
        self._upscale: Upscale | None = None
        self._is_cancelled = self._is_paused = False
        self._events: deque[UpscaleEvent] = deque(maxlen=1)
        self._end: UpscaleOutcome | AcutanceError | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(_INTERVAL_MS)
        self._timer.timeout.connect(self._deliver)
        self._thread = threading.Thread(target=self._work, name="upscale", daemon=True)

    @property
    def is_paused(self) -> bool:
        """Whether it waits to go on."""
        return self._is_paused

    def begin(self) -> None:
        """Start."""
        self._timer.start()
        self._thread.start()

    def pause(self, paused: bool) -> None:
        """Stop computing, or go on."""
        with self._door:
            self._is_paused = paused
            if self._upscale is not None:
                self._upscale.pause() if paused else self._upscale.go_on()

    def cancel(self) -> None:
        """End soon."""
        with self._door:
            self._is_cancelled = True
            if self._upscale is not None:
                self._upscale.cancel()

    def join(self) -> None:
        """Wait for the end, but not for ever."""
        self._thread.join(10.0)
        self._timer.stop()

    def _work(self) -> None:
        # Imported late: they load what readers need, and most windows never enlarge a clip.
        from acutance.upscaling.plan import has_work, make_plan
        from acutance.upscaling.run import Upscale
        from acutance.upscaling.source import clip_of_video, value_ends

        try:
            clip = clip_of_video(self._loaded)
            ends = value_ends(self._runner, clip)
            plan = make_plan(clip, self._target, self._settings, ends, codec=self._codec)
            upscale = Upscale(
                self._runner, plan, listener=self._events.append, resumes=has_work(plan)
            )
            with self._door:
                self._upscale = upscale
                if self._is_cancelled:
                    upscale.cancel()
                elif self._is_paused:
                    upscale.pause()
            self._end = upscale.run()
        except AcutanceError as error:
            self._end = error
        except RuntimeError:  # the runner was closed
            self._end = JobCancelled()
        finally:
            if self._end is None:
                self._end = EngineError(
                    tr("An unexpected fault ended the run."), remedy=tr("Please report this.")
                )

    def _deliver(self) -> None:
        end = self._end
        if end is None:
            if self._events:
                self.told.emit(self._events.pop())
            return
        self._timer.stop()
        self.ended.emit(end)


def visible_region(
    rect: tuple[float, float, float, float],
    canvas: tuple[float, float],
    size: tuple[int, int],
) -> Region:
    """Return the part of a frame that is seen, no larger than a preview may be.

    Parameters
    ----------
    rect : tuple of float
        Left, top, width and height of the drawn frame, in widget pixels.
    canvas : tuple of float
        Width and height of the view.
    size : tuple of int
        Rows and columns of the frame.
    """
    left, top, width, height = rect
    rows, columns = size
    seen = []
    for begin, length, view, count in (
        (top, height, canvas[1], rows),
        (left, width, canvas[0], columns),
    ):
        low = max(0, int(-begin / length * count))
        high = min(count, math.ceil((view - begin) / length * count))
        seen.append((low, max(low + 1, high)))
    (low_row, high_row), (low_column, high_column) = seen
    share = (PREVIEW_PIXELS / ((high_row - low_row) * (high_column - low_column))) ** 0.5
    if share < 1:
        low_row, high_row = _shrunk(low_row, high_row, share)
        low_column, high_column = _shrunk(low_column, high_column, share)
    return _no_smaller(Region(low_row, low_column, high_row, high_column), rows, columns)


def _shrunk(low: int, high: int, share: float) -> tuple[int, int]:
    length = max(1, int((high - low) * share))
    begin = (low + high - length) // 2
    return begin, begin + length


def _no_smaller(region: Region, rows: int, columns: int) -> Region:
    """Widen a region to what a network can look at."""
    least = 4 * NETWORK_SCALE
    margin = max(0, least - min(region.size))
    return region.grown(margin, rows, columns)
