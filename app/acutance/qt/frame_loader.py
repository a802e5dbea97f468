"""Reads the frames that the session wants, one part at a time, and pictures for the list."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import numpy as np
from PySide6.QtCore import QObject

from acutance.core.frames import is_black, spread
from acutance.errors import JobCancelled
from acutance.qt.bridge import JobBridge
from acutance.qt.language import error_text, tr
from acutance.qt.viewers.listening import listen

if TYPE_CHECKING:
    from acutance.core.ledger import LoadedVideo
    from acutance.core.video import Video
    from acutance.jobs.job import Job
    from acutance.jobs.runner import Runner
    from acutance.session import Session

#: Frames tried for the picture of a video: the middle one, then others, until one shows something.
_THUMBNAIL_TRIES = 5


class FrameLoader(QObject):
    """Keeps at most one read under way, so that the newest wish is never far behind.

    What the view shows goes before what will be shown, and that before pictures for the list.

    Parameters
    ----------
    session : Session
    runner : Runner
    """

    def __init__(self, session: Session, runner: Runner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._playback = session.playback
        self._runner = runner
        self._job: Job[Any] | None = None
        self._purpose: tuple[LoadedVideo, int, int | None] | None = None
        self._pictures: dict[int, list[int]] = {}
        self._is_closed = False
        self._bridge = JobBridge(self)
        self._bridge.finished.connect(self._on_finished)
        for signal in (
            self._playback.video_changed,
            self._playback.frame_changed,
            self._playback.playing_changed,
        ):
            listen(self, signal, self._read_next)
        listen(self, session.series_changed, self._on_series)

    @property
    def is_reading(self) -> bool:
        """Whether frames are on their way."""
        return self._job is not None

    def close(self) -> None:
        """Read nothing more."""
        self._is_closed = True
        if self._job is not None:
            self._job.cancel()
        self._bridge.close()

    def _on_series(self, id: int) -> None:
        """Want a picture of a video that was just opened."""
        entry = self._session.entry(id)
        if entry is None or entry.loaded_video is None or entry.thumbnail is not None:
            return
        if id not in self._pictures:
            count = entry.loaded_video.video.count
            others = spread(count, _THUMBNAIL_TRIES)
            middle = count // 2
            self._pictures[id] = [middle, *(n for n in others if n != middle)]
            self._read_next()

    def _read_next(self, *_: object) -> None:
        if self._job is not None or self._is_closed:
            return
        loaded, wanted = self._playback.loaded, self._playback.wanted()
        if loaded is not None and wanted is not None:
            self._read(loaded, *wanted, None)
            return
        for id, numbers in list(self._pictures.items()):
            entry = self._session.entry(id)
            video = None if entry is None else entry.loaded_video
            if entry is None or video is None or entry.thumbnail is not None or not numbers:
                del self._pictures[id]
                continue
            self._read(video, numbers[0], 1, id)
            return

    def _read(self, loaded: LoadedVideo, start: int, count: int, picture_of: int | None) -> None:
        self._job = self._runner.frames(loaded.item, start, count)
        self._purpose = (loaded, start, picture_of)
        self._bridge.watch(self._job)

    def _on_finished(self, job: Job[Any]) -> None:
        if job is not self._job or self._purpose is None:
            return
        loaded, start, picture_of = self._purpose
        self._job = self._purpose = None
        if picture_of is not None:
            self._finish_picture(picture_of, job)
        elif job.error is None:
            self._finish_part(loaded, start, job)
        elif not isinstance(job.error, JobCancelled):
            self._playback.give_up(loaded, start)
            self._session.notice.emit(error_text(job.error))
        self._read_next()

    def _finish_part(self, loaded: LoadedVideo, start: int, job: Job[Any]) -> None:
        frames = cast("Video", job.result).array
        try:
            # A copy: what is kept for minutes should not hold shared memory.
            self._playback.put(loaded, start, np.array(frames))
        except ValueError:
            self._playback.give_up(loaded, start)
            self._session.notice.emit(tr("The video changed on the disk; open it again."))

    def _finish_picture(self, id: int, job: Job[Any]) -> None:
        numbers = self._pictures.get(id)
        if numbers is None:
            return
        del numbers[0]
        if job.error is not None:
            return
        frame = cast("Video", job.result).array[0]
        if not numbers or not is_black(frame):
            self._pictures.pop(id, None)
            self._session.set_frame_thumbnail(id, frame)
