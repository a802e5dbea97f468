"""The enhanced part of a frame over the original: behind a line that can be moved, or beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QImage, QMouseEvent, QPainter, QPen, QPolygonF

from acutance.core.frames import frame_levels
from acutance.qt.language import tr
from acutance.qt.theme import DARK, FONT_SMALL, ui_font
from acutance.qt.viewers.listening import listen
from acutance.qt.viewers.overlay import draw_text

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from acutance.core.video import VideoSource
    from acutance.core.window import Window
    from acutance.qt.viewers.frame_view import FrameView
    from acutance.session import Session
    from acutance.session.enhancement import Companion, Enhancement, Preview

#: Pixels to both sides of the line within which it can be taken.
_GRAB = 8.0
_HANDLE = 13.0
_VIOLET = QColor(DARK.enhanced)
#: Behind words, which lie on pictures of any colour.
_PLATE = QColor(0, 0, 0, 150)


class EnhancedLayer(QObject):
    """Draws what is enhanced of the frame in a view, and lets the line be moved.

    Parameters
    ----------
    view : FrameView
    session : Session
    enhancement : Enhancement
    """

    def __init__(self, view: FrameView, session: Session, enhancement: Enhancement) -> None:
        super().__init__(view)
        self._view = view
        self._session = session
        self.enhancement = enhancement
        self._image = QImage()
        self._pixels: NDArray[Any] = np.zeros((1, 1), np.uint8)
        self._key: tuple[object, ...] | None = None
        self._is_dragging = False
        view.installEventFilter(self)
        listen(self, enhancement.changed, self._on_changed)

    @property
    def is_side_by_side(self) -> bool:
        """Whether the view is halved."""
        return self.enhancement.mode == "side" and self._preview is not None

    @property
    def canvas(self) -> QSizeF:
        """Size of the part of the view that one frame is drawn in."""
        width = self._view.width() / (2 if self.is_side_by_side else 1)
        return QSizeF(width, self._view.height())

    @property
    def _preview(self) -> Preview | Companion | None:
        """The preview of the video in view."""
        preview = self.enhancement.preview
        loaded = self._session.playback.loaded
        return preview if preview is not None and preview.loaded is loaded else None

    @property
    def line(self) -> float:
        """Where the line is, in widget pixels."""
        return self.enhancement.split * self._view.width()

    def paint(self, painter: QPainter, original: QImage, rect: QRectF) -> None:
        """Draw over the original, which was drawn at `rect`, or beside it.

        Parameters
        ----------
        painter : QPainter
        original : QImage
        rect : QRectF
            Of the whole frame, in the left half where the view is halved.
        """
        preview, shown = self._preview, self._session.playback.shown
        if preview is None or shown is None:
            return
        number = shown[0]
        frame = self.enhancement.frame(preview.loaded, number)
        if frame is not None:
            self._take(preview.video, frame, number, self._session.window)
        if self.is_side_by_side:
            self._paint_beside(painter, original, rect, preview, frame is not None)
        elif frame is not None:
            self._paint_behind_line(painter, rect, preview)

    def _on_changed(self) -> None:
        self._view.update()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Move the line; all else is the view's."""
        if not isinstance(event, QMouseEvent) or self.enhancement.mode != "split":
            return False
        if self._preview is None:
            return False
        kind, x = event.type(), event.position().x()
        if kind == QEvent.Type.MouseButtonPress and event.button() == Qt.MouseButton.LeftButton:
            self._is_dragging = abs(x - self.line) <= _GRAB
            return self._is_dragging
        if kind == QEvent.Type.MouseMove:
            if self._is_dragging:
                self.enhancement.set_split(x / max(1, self._view.width()))
                return True
            near = abs(x - self.line) <= _GRAB
            shape = Qt.CursorShape.SplitHCursor if near else Qt.CursorShape.ArrowCursor
            if self._view.tool != "window":
                self._view.setCursor(shape)
            return False
        if kind == QEvent.Type.MouseButtonRelease and self._is_dragging:
            self._is_dragging = False
            return True
        return False

    def _take(self, video: VideoSource, frame: NDArray[Any], number: int, window: Window) -> None:
        key = (id(self._preview), number, window)
        if key == self._key:
            return
        levels = np.ascontiguousarray(frame_levels(video, frame, window))
        rows, columns = levels.shape[:2]
        is_colour = levels.ndim == 3
        form = QImage.Format.Format_RGB888 if is_colour else QImage.Format.Format_Grayscale8
        self._pixels = levels  # QImage does not own what it shows
        self._image = QImage(levels.data, columns, rows, levels.strides[0], form)
        self._key = key

    def _place(self, rect: QRectF, preview: Preview | Companion) -> QRectF:
        """Return where the region of a preview lies within a frame drawn at `rect`."""
        video, region = preview.loaded.video, preview.region
        across, down = rect.width() / video.width, rect.height() / video.height
        return QRectF(
            rect.left() + region.left * across,
            rect.top() + region.top * down,
            (region.right - region.left) * across,
            (region.bottom - region.top) * down,
        )

    def _paint_behind_line(
        self, painter: QPainter, rect: QRectF, preview: Preview | Companion
    ) -> None:
        view, place, line = self._view, self._place(rect, preview), self.line
        painter.save()
        painter.setClipRect(QRectF(line, 0, view.width() - line, view.height()))
        painter.drawImage(place, self._image)
        self._frame(painter, place)
        painter.restore()
        painter.setPen(QPen(QColor(0, 0, 0, 150), 3))
        painter.drawLine(QPointF(line, 0), QPointF(line, view.height()))
        painter.setPen(QPen(_VIOLET, 1.5))
        painter.drawLine(QPointF(line, 0), QPointF(line, view.height()))
        self._draw_handle(painter, line, view.height() / 2)
        top = max(place.top(), 40.0) + 16
        self._word(painter, line - 8, top, "original", is_right=True)
        self._word(painter, line + 8, top, self._name(preview), is_right=False)

    def _paint_beside(
        self,
        painter: QPainter,
        original: QImage,
        rect: QRectF,
        preview: Preview | Companion,
        is_here: bool,
    ) -> None:
        view = self._view
        half = view.width() / 2
        moved = rect.translated(half, 0)
        painter.save()
        painter.setClipRect(QRectF(half, 0, half, view.height()))
        painter.fillRect(QRectF(half, 0, half, view.height()), Qt.GlobalColor.black)
        painter.drawImage(moved, original)
        place = self._place(moved, preview)
        if is_here:
            painter.drawImage(place, self._image)
        self._frame(painter, place)
        painter.restore()
        painter.setPen(QPen(QColor("#2b3138"), 1))
        painter.drawLine(QPointF(half, 0), QPointF(half, view.height()))
        baseline = view.height() - 44.0
        self._word(painter, half - 10, baseline, "original", is_right=True)
        name = self._name(preview) if is_here else tr("not enhanced here")
        self._word(painter, half + 10, baseline, name, is_right=False)

    def _name(self, preview: Preview | Companion) -> str:
        number = self._session.playback.frame
        if number in preview.fallbacks:
            return tr("bicubic ×{scale}: departed from its input", scale=preview.scale)
        return tr("enhanced ×{scale}, not for diagnosis", scale=preview.scale)

    def _frame(self, painter: QPainter, place: QRectF) -> None:
        painter.setPen(QPen(_VIOLET, 2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(place.adjusted(1, 1, -1, -1))

    def _draw_handle(self, painter: QPainter, x: float, y: float) -> None:
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(0, 0, 0, 160), 1))
        painter.setBrush(_VIOLET)
        painter.drawEllipse(QPointF(x, y), _HANDLE, _HANDLE)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor("#121417"))
        for way in (-1, 1):
            tip = x + way * 8.5
            back = x + way * 3.5
            painter.drawPolygon(
                QPolygonF([QPointF(tip, y), QPointF(back, y - 4.5), QPointF(back, y + 4.5)])
            )
        painter.restore()

    def _word(self, painter: QPainter, x: float, y: float, text: str, *, is_right: bool) -> None:
        painter.setFont(ui_font(FONT_SMALL))
        metrics = painter.fontMetrics()
        width = metrics.horizontalAdvance(text)
        left = x - width if is_right else x
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(_PLATE)
        plate = QRectF(left, y - metrics.ascent(), width, metrics.height())
        painter.drawRoundedRect(plate.adjusted(-4, -2, 4, 2), 4, 4)
        painter.restore()
        draw_text(painter, left, y, text, QColor("#ffffff") if text == "original" else _VIOLET)
