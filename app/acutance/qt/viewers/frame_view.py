"""One frame of the active video, drawn and steered."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, QSizeF, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QNativeGestureEvent,
    QPainter,
    QPaintEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from acutance.core.frames import frame_levels
from acutance.qt.language import tr
from acutance.qt.viewers import overlay
from acutance.qt.viewers.frame_captions import frame_text, pixel_text
from acutance.qt.viewers.gestures import Drag, Tool, drag_of, dragged_window
from acutance.qt.viewers.listening import listen
from acutance.qt.viewers.messages import draw_message, draw_state
from acutance.qt.viewers.view_transform import ViewTransform

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from acutance.core.video import VideoSource
    from acutance.core.window import Window
    from acutance.qt.viewers.enhanced_layer import EnhancedLayer
    from acutance.session import Session

_ZOOM_DRAG = 160.0
_ZOOM_STEP = 1.25


class FrameView(QWidget):
    """A frame with corner text; proportions are those in mm where they are known.

    Place, pace and window are the session's, zoom and pan the view's own. Keys and wheel step
    through frames; a left drag pans, or changes the window while that tool is in hand.

    Parameters
    ----------
    session : Session

    Signals
    -------
    play_requested
        Play, or stop.
    tool_changed : str
        What a left drag does: "crosshair" (here: pan) or "window".
    overlay_changed : bool
        Whether corner text is shown.
    painted
        The view was painted.
    """

    play_requested = Signal()
    tool_changed = Signal(str)
    overlay_changed = Signal(bool)
    painted = Signal()

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._playback = session.playback
        self._tool: Tool = "crosshair"
        self._overlay_visible = True
        self._transform = ViewTransform()
        self._image = QImage()
        self._image_key: tuple[int, Window] | None = None
        self._pixels: NDArray[Any] = np.zeros((1, 1), np.uint8)
        #: Draws what is enhanced; None where there is nothing of the kind.
        self.layer: EnhancedLayer | None = None
        self._pointer: QPointF | None = None
        self._drag: Drag = ""
        self._drag_start = QPointF()
        self._drag_last = QPointF()
        self._drag_window = session.window
        self._wheel = 0.0
        self.setObjectName("frame_view")
        self.setAccessibleName(tr("Frame view"))
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(96, 96)
        self.setMouseTracking(True)
        listen(self, self._playback.video_changed, self._on_video)
        listen(self, self._playback.frame_changed, self._on_view)
        listen(self, self._playback.shown_changed, self._on_view)
        listen(self, self._playback.playing_changed, self._on_view)
        listen(self, session.window_changed, self._on_view)
        listen(self, session.active_changed, self._on_view)
        listen(self, session.series_changed, self._on_series)

    @property
    def zoom(self) -> float:
        """Factor over the size at which the frame fits the view."""
        return self._transform.zoom

    @property
    def tool(self) -> Tool:
        """What a left drag does: pan ("crosshair"), or change the window."""
        return self._tool

    @tool.setter
    def tool(self, tool: Tool) -> None:
        if tool not in ("crosshair", "window"):
            raise ValueError(f"tool must be crosshair or window, not {tool!r}")
        if tool != self._tool:
            self._tool = tool
            window = tool == "window"
            self.setCursor(Qt.CursorShape.SizeAllCursor if window else Qt.CursorShape.ArrowCursor)
            self.tool_changed.emit(tool)
            self.update()

    @property
    def overlay_visible(self) -> bool:
        """Whether corner text is shown."""
        return self._overlay_visible

    def set_overlay_visible(self, visible: bool) -> None:
        """Show or hide the corner text."""
        if visible != self._overlay_visible:
            self._overlay_visible = visible
            self.overlay_changed.emit(visible)
            self.update()

    def fit(self) -> None:
        """Show the whole frame as large as it fits."""
        self._set_transform(ViewTransform())

    def reset(self) -> None:
        """Fit, and go back to the window the video started with."""
        self.fit()
        self._session.reset_window()

    def zoom_by(self, factor: float, anchor: QPointF | None = None) -> None:
        """Zoom about a place in the widget, by default its middle."""
        if self._video is not None:
            middle = QRectF(QPointF(), self._canvas()).center()
            about = anchor if anchor is not None else middle
            self._set_transform(
                self._transform.zoomed(factor, self._local(about), self._extent(), self._canvas())
            )

    def image_rect(self) -> QRectF:
        """Return where the frame is drawn, in widget pixels; empty without a video."""
        if self._video is None:
            return QRectF()
        return self._transform.image_rect(self._extent(), self._canvas())

    def pixel_at(self, position: QPointF) -> tuple[int, int] | None:
        """Return row and column of the frame at a place in the widget; None outside."""
        rect, video, position = self.image_rect(), self._video, self._local(position)
        if video is None or not rect.contains(position):
            return None
        row = int((position.y() - rect.top()) * video.height / rect.height())
        column = int((position.x() - rect.left()) * video.width / rect.width())
        return min(row, video.height - 1), min(column, video.width - 1)

    def sizeHint(self) -> QSize:
        """Prefer a size that a frame is readable at."""
        return QSize(640, 480)

    @property
    def _video(self) -> VideoSource | None:
        loaded = self._playback.loaded
        return None if loaded is None else loaded.video

    # What the session tells.

    def _on_video(self) -> None:
        self._transform = ViewTransform()
        self._image, self._image_key = QImage(), None
        self.update()

    def _on_series(self, _id: int) -> None:
        if self._video is None:
            self.update()

    def _on_view(self, *_: object) -> None:
        self.update()

    # Painting.

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the frame and the text, or the reason why there is none."""
        painter = QPainter(self)
        try:
            painter.fillRect(self.rect(), Qt.GlobalColor.black)
            video = self._video
            if video is None:
                draw_state(painter, self.rect(), self._session.active)
            else:
                self._paint_frame(painter, video)
            if self.hasFocus():
                overlay.draw_focus(painter, self.rect())
        finally:
            painter.end()
        self.painted.emit()

    def _paint_frame(self, painter: QPainter, video: VideoSource) -> None:
        self._take_pixels(video)
        if not self._image.isNull():
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            self._paint_images(painter)
        if self._playback.is_lost:
            lines = (
                tr(
                    "Frame {frame} and those around it cannot be decoded.",
                    frame=self._playback.frame + 1,
                ),
            )
            draw_message(painter, self.rect(), tr("Damaged frames"), lines)
        if self._overlay_visible:
            text = frame_text(
                self._session,
                video,
                self._pixel_line(video),
                zoom=self.zoom,
                is_window_tool=self._tool == "window",
                is_narrow=self.width() < 300,
            )
            overlay.draw_corners(painter, self.rect(), text)

    def _paint_images(self, painter: QPainter) -> None:
        """Draw the frame, and what is enhanced of it over or beside it."""
        rect, canvas = self.image_rect(), self._canvas()
        painter.save()
        painter.setClipRect(QRectF(QPointF(), canvas))
        painter.drawImage(rect, self._image)
        painter.restore()
        if self.layer is not None:
            self.layer.paint(painter, self._image, rect)

    def _canvas(self) -> QSizeF:
        """Return the size of what one frame is drawn in: the view, or its half."""
        return QSizeF(self.size()) if self.layer is None else self.layer.canvas

    def _local(self, position: QPointF) -> QPointF:
        """Return the place in the left half that is the same place of the frame."""
        width = self._canvas().width()
        return QPointF(position.x() - width, position.y()) if position.x() >= width else position

    def _take_pixels(self, video: VideoSource) -> None:
        """Make the picture of the frame that is shown under the window, where it is not yet."""
        shown = self._playback.shown
        if shown is None:
            self._image, self._image_key = QImage(), None
            return
        number, frame = shown
        key = (number, self._session.window)
        if key == self._image_key:
            return
        levels = np.ascontiguousarray(frame_levels(video, frame, self._session.window))
        rows, columns = levels.shape[:2]
        is_colour = levels.ndim == 3
        form = QImage.Format.Format_RGB888 if is_colour else QImage.Format.Format_Grayscale8
        self._pixels = levels  # QImage does not own what it shows
        self._image = QImage(levels.data, columns, rows, levels.strides[0], form)
        self._image_key = key

    def _pixel_line(self, video: VideoSource) -> str:
        shown = self._playback.shown
        place = None if self._pointer is None else self.pixel_at(self._pointer)
        if shown is None or place is None:
            return ""
        return pixel_text(video, shown[1], *place)

    # Mouse, wheel, keys.

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a drag: what it does depends on button, modifiers and tool."""
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        drag = drag_of(event, self._tool)
        self._drag = "pan" if drag == "crosshair" else drag
        self._drag_start = self._drag_last = event.position()
        self._drag_window = self._session.window
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Go on with a drag; without one, follow the pointer."""
        position = event.position()
        moved = position - self._drag_last
        self._drag_last = self._pointer = position
        video = self._video
        if self._drag == "window":
            if video is not None and video.channels == 1:
                way = position - self._drag_start
                self._session.set_window(dragged_window(self._drag_window, way))
        elif self._drag == "pan" and video is not None:
            self._set_transform(self._transform.panned(moved, self._extent(), self._canvas()))
        elif self._drag == "zoom":
            self.zoom_by(math.exp(-moved.y() / _ZOOM_DRAG), self._drag_start)
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End a drag."""
        self._drag = ""
        event.accept()

    def leaveEvent(self, event: QEvent) -> None:
        """Forget the pointer."""
        self._pointer = None
        self.update()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Step through frames at once; with Ctrl, zoom about the pointer."""
        delta = event.angleDelta().y() or event.angleDelta().x()
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.zoom_by(_ZOOM_STEP ** (delta / 120.0), event.position())
        else:
            self._wheel += delta / 120.0
            steps = math.trunc(self._wheel)
            self._wheel -= steps
            if steps:
                self._playback.step(-steps)
        event.accept()

    def event(self, event: QEvent) -> bool:
        """Zoom on a pinch of the trackpad."""
        if (
            isinstance(event, QNativeGestureEvent)
            and event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture
        ):
            self.zoom_by(1.0 + event.value(), event.position())
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Steer by keyboard: frames, play, zoom. Letters are commands of the window."""
        key, playback, keys = event.key(), self._playback, Qt.Key
        shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            super().keyPressEvent(event)
            return
        far = 10 if shift else 1
        if key in (keys.Key_Up, keys.Key_Comma):
            playback.step(-far)
        elif key in (keys.Key_Down, keys.Key_Period):
            playback.step(far)
        elif key == keys.Key_Home:
            playback.set_frame(0)
        elif key == keys.Key_End:
            playback.set_frame(playback.count - 1)
        elif key in (keys.Key_Plus, keys.Key_Equal):
            self.zoom_by(_ZOOM_STEP)
        elif key in (keys.Key_Minus, keys.Key_Underscore):
            self.zoom_by(1 / _ZOOM_STEP)
        elif key == keys.Key_Space and not event.isAutoRepeat():
            self.play_requested.emit()
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Draw the ring."""
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Drop the ring."""
        super().focusOutEvent(event)
        self.update()

    def _set_transform(self, transform: ViewTransform) -> None:
        if transform != self._transform:
            self._transform = transform
            self.update()

    def _extent(self) -> QSizeF:
        """Width and height of the frame, in mm or in pixels that are square."""
        video = self._video
        if video is None:
            return QSizeF(1.0, 1.0)
        down, across = video.pixel_spacing or (1.0, float(video.facts.get("pixel_aspect", 1.0)))
        return QSizeF(video.width * across, video.height * down)
