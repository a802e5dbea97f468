"""Pictures along the time of a video, with the frame in view marked; press or drag to go there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import numpy as np
from PySide6.QtCore import QObject, QPointF, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QColor, QImage, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from acutance.core.frames import frame_levels, initial_window, spread
from acutance.qt.bridge import JobBridge
from acutance.qt.language import tr
from acutance.qt.theme import DARK
from acutance.qt.viewers.listening import listen

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from acutance.core.ledger import LoadedVideo
    from acutance.core.video import Video
    from acutance.jobs.job import Job
    from acutance.jobs.runner import Runner
    from acutance.qt.frame_loader import FrameLoader
    from acutance.session import Session

HEIGHT = 48
#: How many pictures, and how long a video must be looked at before they are read, in ms.
COUNT, PATIENCE_MS = 14, 1200
_PICTURE_ROWS = 96


class ThumbnailStrip(QWidget):
    """Draws pictures and the place in time; reads nothing itself.

    Parameters
    ----------
    session : Session
    """

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._playback = session.playback
        self._pictures: dict[int, tuple[QImage, NDArray[Any]]] = {}
        self._trace: NDArray[np.float64] | None = None
        self.setFixedHeight(HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(tr("Timeline with pictures"))
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        for signal in (self._playback.frame_changed, self._playback.range_changed):
            listen(self, signal, self._on_change)
        listen(self, self._playback.video_changed, self._on_video)

    def sizeHint(self) -> QSize:
        """Prefer a whole row."""
        return QSize(480, HEIGHT)

    @property
    def count(self) -> int:
        """How many pictures are there."""
        return len(self._pictures)

    def put(self, number: int, picture: NDArray[np.uint8]) -> None:
        """Take the picture of a frame: grey (Y, X) or colour (Y, X, 3)."""
        levels = np.ascontiguousarray(picture)
        form = QImage.Format.Format_RGB888 if levels.ndim == 3 else QImage.Format.Format_Grayscale8
        image = QImage(levels.data, levels.shape[1], levels.shape[0], levels.strides[0], form)
        self._pictures[number] = image, levels
        self.update()

    @property
    def has_trace(self) -> bool:
        """Whether the quality of the frames is drawn."""
        return self._trace is not None

    def set_trace(self, goodness: NDArray[np.float64] | None) -> None:
        """Draw how good each frame is, in [0, 1], over the pictures; None for nothing."""
        self._trace = goodness
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw."""
        painter = QPainter(self)
        try:
            painter.fillRect(self.rect(), QColor(DARK.view))
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            numbers = sorted(self._pictures)
            for number in numbers:
                self._paint_picture(painter, self._pictures[number][0], number)
            self._paint_trace(painter)
            self._paint_place(painter)
        finally:
            painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Go there."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._go(event.position().x())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Follow the pointer."""
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._go(event.position().x())

    def _go(self, x: float) -> None:
        share = min(1.0, max(0.0, x / max(1, self.width())))
        self._playback.set_frame(min(self._playback.count - 1, int(share * self._playback.count)))

    def _paint_picture(self, painter: QPainter, image: QImage, number: int) -> None:
        """Fill the stretch of time around a frame with its picture, cut at the sides."""
        chosen = spread(self._playback.count, COUNT)
        if number not in chosen:
            return
        place, width = chosen.index(number), self.width() / len(chosen)
        target = QRectF(place * width, 2, width - 1, HEIGHT - 4)
        scale = max(target.width() / image.width(), target.height() / image.height())
        across, down = target.width() / scale, target.height() / scale
        source = QRectF((image.width() - across) / 2, (image.height() - down) / 2, across, down)
        painter.drawImage(target, image, source)

    def _paint_trace(self, painter: QPainter) -> None:
        """Draw a line, high where frames are good, one point for each pixel across at most."""
        trace = self._trace
        if trace is None or len(trace) != self._playback.count:
            return
        columns = min(len(trace), self.width())
        parts = np.array_split(trace, columns)
        height = HEIGHT - 10.0
        line = QPolygonF(
            [
                QPointF((n + 0.5) / columns * self.width(), 5.0 + height * (1.0 - part.mean()))
                for n, part in enumerate(parts)
            ]
        )
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for color, width in ((QColor(0, 0, 0, 190), 4.0), (QColor(DARK.usable), 1.8)):
            painter.setPen(QPen(color, width))
            painter.drawPolyline(line)
        painter.restore()

    def _paint_place(self, painter: QPainter) -> None:
        count = max(1, self._playback.count)
        reach = self._playback.range
        if reach is not None:
            left, right = (n / count * self.width() for n in reach)
            # Not violet: what is played over and over need not be enhanced.
            painter.setPen(QPen(QColor(DARK.text), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(QRectF(left + 1, 1, max(2.0, right - left - 2), HEIGHT - 2))
        x = (self._playback.frame + 0.5) / count * self.width()
        painter.setPen(QPen(QColor(0, 0, 0, 180), 4))
        painter.drawLine(QPointF(x, 0), QPointF(x, HEIGHT))
        painter.setPen(QPen(QColor(DARK.accent), 2))
        painter.drawLine(QPointF(x, 0), QPointF(x, HEIGHT))

    def _on_change(self, *_: object) -> None:
        self.update()

    def _on_video(self) -> None:
        self._pictures.clear()
        self._trace = None
        self.setVisible(self._playback.count > 1)
        self.update()


class ThumbnailLoader(QObject):
    """Reads the pictures of a strip one by one, while nothing else is read.

    Parameters
    ----------
    strip : ThumbnailStrip
    session : Session
    runner : Runner
    frames : FrameLoader
        What it reads goes first.
    """

    def __init__(
        self, strip: ThumbnailStrip, session: Session, runner: Runner, frames: FrameLoader
    ) -> None:
        super().__init__(strip)
        self._strip = strip
        self._playback = session.playback
        self._runner = runner
        self._frames = frames
        self._loaded: LoadedVideo | None = None
        self._left: list[int] = []
        self._job: Job[Any] | None = None
        self._number = 0
        self._is_closed = False
        self._bridge = JobBridge(self)
        self._bridge.finished.connect(self._on_finished)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._next)
        listen(self, self._playback.video_changed, self._on_video)

    def close(self) -> None:
        """Read nothing more."""
        self._is_closed = True
        self._timer.stop()
        if self._job is not None:
            self._job.cancel()
        self._bridge.close()

    def _on_video(self) -> None:
        self._loaded = self._playback.loaded
        count = self._playback.count
        self._left = spread(count, COUNT) if count > 1 else []
        if self._left:
            self._timer.start(PATIENCE_MS)

    def _next(self) -> None:
        if self._is_closed or self._job is not None or not self._left or self._loaded is None:
            return
        if self._frames.is_reading or self._playback.is_playing:
            self._timer.start(PATIENCE_MS // 4)
            return
        self._number = self._left.pop(0)
        self._job = self._runner.frames(self._loaded.item, self._number, 1)
        self._bridge.watch(self._job)

    def _on_finished(self, job: Job[Any]) -> None:
        if job is not self._job:
            return
        self._job = None
        loaded = self._loaded
        if job.error is None and loaded is not None and loaded is self._playback.loaded:
            frame = cast("Video", job.result).array[0]
            step = max(1, frame.shape[0] // _PICTURE_ROWS)
            small = frame[::step, ::step]
            window = initial_window(loaded.video, frame)
            self._strip.put(self._number, np.array(frame_levels(loaded.video, small, window)))
        self._timer.start(0)
