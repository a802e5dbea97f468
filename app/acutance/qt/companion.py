"""Reads the frames of an enhanced clip that go with those of the original in view."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import numpy as np
from PySide6.QtCore import QObject, Signal

from acutance.core.ledger import LoadedVideo
from acutance.core.upscaling import SCALES
from acutance.errors import AcutanceError, JobCancelled, UnsupportedInputError
from acutance.qt.bridge import JobBridge
from acutance.qt.language import mark, tr
from acutance.qt.viewers.listening import listen
from acutance.session.enhancement import Companion

if TYPE_CHECKING:
    from pathlib import Path

    from acutance.core.ledger import Index
    from acutance.core.video import Video
    from acutance.jobs.job import Job
    from acutance.jobs.runner import Runner
    from acutance.session import Session
    from acutance.session.enhancement import Enhancement

_REMEDY = mark("Choose what was made of the clip in view.")


class CompanionLoader(QObject):
    """Opens an enhanced clip beside its original, and reads what is looked at, one part at a time.

    Parameters
    ----------
    session : Session
    runner : Runner
    enhancement : Enhancement

    Signals
    -------
    failed : AcutanceError
        Why it cannot be shown.
    """

    failed = Signal(object)

    def __init__(
        self, session: Session, runner: Runner, enhancement: Enhancement, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._playback = session.playback
        self._runner = runner
        self._enhancement = enhancement
        self._original: LoadedVideo | None = None
        self._job: Job[Any] | None = None
        self._start = 0
        self._is_closed = False
        self._bridge = JobBridge(self)
        self._bridge.finished.connect(self._on_finished)
        listen(self, self._playback.frame_changed, self._read)

    @property
    def is_reading(self) -> bool:
        """Whether something is on its way."""
        return self._job is not None

    def open(self, path: Path) -> None:
        """Show a file beside the clip in view."""
        self._original = self._playback.loaded
        if self._original is None or self._is_closed:
            return
        if self._job is not None:
            self._job.cancel()
        self._watch(self._runner.index([path]))

    def close(self) -> None:
        """Read nothing more."""
        self._is_closed = True
        if self._job is not None:
            self._job.cancel()
        self._bridge.close()

    def _watch(self, job: Job[Any]) -> None:
        self._job = job
        self._bridge.watch(job)

    def _read(self, *_: object) -> None:
        """Ask for the part of the frame in view, where it is not here."""
        companion = self._enhancement.preview
        if not isinstance(companion, Companion) or self._job is not None or self._is_closed:
            return
        cache = companion.cache
        here = cache.part_of(self._playback.frame)
        following = (here + 1) % cache.part_count
        wanted = (here, following) if self._playback.is_playing else (here,)
        part = cache.first_missing(wanted)
        if part is None:
            return
        self._start, count = cache.range_of(part)
        self._watch(self._runner.frames(companion.enhanced.item, self._start, count))

    def _on_finished(self, job: Job[Any]) -> None:
        if job is not self._job:
            return
        self._job = None
        try:
            if job.error is not None:
                raise job.error
            self._take(job)
        except JobCancelled:
            return
        except AcutanceError as error:
            self._give_up()
            self.failed.emit(error)
        self._read()

    def _take(self, job: Job[Any]) -> None:
        """Go on with what came: what was found, what was opened, or frames."""
        if job.task == "index":
            items = cast("Index", job.result).items
            if len(items) != 1 or items[0].kind != "video":
                raise UnsupportedInputError("The file holds no clip.", remedy=tr(_REMEDY))
            self._watch(self._runner.read(items[0]))
        elif job.task == "read":
            self._pair(job.result)
        else:
            companion = self._enhancement.preview
            frames = cast("Video", job.result).array
            if isinstance(companion, Companion):
                # A copy: what is kept for minutes should not hold shared memory.
                companion.cache.put(self._start, np.array(frames))
                self._enhancement.changed.emit()

    def _pair(self, enhanced: Any) -> None:
        """Show a clip that was opened, where it can have been made of the original."""
        original = self._original
        if original is None or original is not self._playback.loaded:
            return
        fitting = [
            scale
            for scale in SCALES
            if isinstance(enhanced, LoadedVideo)
            and (enhanced.video.count, enhanced.video.height, enhanced.video.width)
            == (original.video.count, scale * original.video.height, scale * original.video.width)
        ]
        if not fitting:
            raise UnsupportedInputError(
                "The clip has another number of frames, or no two or four times the pixels.",
                remedy=tr(_REMEDY),
            )
        self._enhancement.show(Companion(original, enhanced, fitting[0]))

    def _give_up(self) -> None:
        companion = self._enhancement.preview
        if isinstance(companion, Companion):
            companion.cache.give_up(self._start)
