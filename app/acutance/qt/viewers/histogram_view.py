"""The grey values of the active volume and the window over them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from acutance.core.quantiles import sorted_quantile
from acutance.core.window import apply
from acutance.qt.language import tr, translated
from acutance.qt.theme import DARK, FONT_SMALL, ui_font
from acutance.qt.viewers.captions import format_value, window_text
from acutance.qt.viewers.listening import listen
from acutance.session.sampling import sorted_values

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from acutance.session import Session

_BINS = 160
_GRAB = 10


class HistogramView(QWidget):
    """Histogram with the window as a band; its edges and its middle can be dragged.

    Counts are drawn as square roots, cut at the second highest tenth, so that the air around the
    patient does not flatten the tissue. The rarest two in a thousand of the highest values lie
    outside. Of colour it is the luma, without a window.

    Parameters
    ----------
    session : Session

    Signals
    -------
    None of its own; a drag changes the window of the session.
    """

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._volume: object = None
        self._heights: NDArray[np.float64] = np.zeros(0)
        self._low, self._high = 0.0, 1.0
        self._handle = ""
        self._drag_from = 0.0
        self._drag_window = session.window
        self.setObjectName("histogram_view")
        self.setAccessibleName(tr("Histogram of the grey values"))
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMinimumSize(96, 64)
        self.setMouseTracking(True)
        listen(self, session.active_changed, self._on_volume)
        listen(self, session.series_changed, self._on_volume)
        listen(self, session.window_changed, self._on_window)
        self._on_volume()

    def sizeHint(self) -> QSize:
        """Prefer the size of a small panel."""
        return QSize(280, 200)

    def _on_window(self, *_: object) -> None:
        self.update()

    def _on_volume(self, *_: object) -> None:
        volume = self._session.active_volume
        if volume is self._volume:
            return
        self._volume = volume
        self._heights = np.zeros(0)
        if volume is not None:
            values = sorted_values(volume)
            if values.size:
                self._fill(values)
        self.update()

    def _fill(self, values: NDArray[np.float32]) -> None:
        """Count the values, which are finite and ascending."""
        self._low = float(values[0])
        high = max(sorted_quantile(values, 0.998), self._low + 1e-9)
        span = (high - self._low) * 1.05
        bins = _BINS
        if bool(np.all(values == np.rint(values))):
            # Bins that hold unlike numbers of whole values would show a comb.
            step = math.ceil(span / _BINS)
            bins = max(1, math.ceil(span / step))
            span = float(bins * step)
        self._high = self._low + span
        counts, _ = np.histogram(values, bins=bins, range=(self._low, self._high))
        heights = np.sqrt(counts.astype(np.float64))
        if bins > 8:
            padded = np.pad(heights, 1, mode="edge")
            heights = (padded[:-2] + 2 * padded[1:-1] + padded[2:]) / 4
        filled = np.sort(heights[heights > 0])
        top = sorted_quantile(filled, 0.95) if filled.size else 1.0
        self._heights = np.minimum(heights / max(top, 1e-9), 1.0)

    def _plot(self) -> QRectF:
        return QRectF(self.rect()).adjusted(16, 32, -16, -28)

    def _x(self, value: float) -> float:
        plot = self._plot()
        return plot.left() + (value - self._low) / (self._high - self._low) * plot.width()

    def _value(self, x: float) -> float:
        plot = self._plot()
        return self._low + (x - plot.left()) / max(plot.width(), 1.0) * (self._high - self._low)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the curve, the window over it, and the ramp it stands for."""
        painter = QPainter(self)
        try:
            painter.fillRect(self.rect(), Qt.GlobalColor.black)
            if self._heights.size and self._plot().height() > 16:
                self._paint_curve(painter)
        finally:
            painter.end()

    def _paint_curve(self, painter: QPainter) -> None:
        plot = self._plot()
        step = plot.width() / self._heights.size
        points = [QPointF(plot.left(), plot.bottom())]
        points += [
            QPointF(plot.left() + (n + 0.5) * step, plot.bottom() - h * plot.height())
            for n, h in enumerate(self._heights.tolist())
        ]
        curve = QPolygonF([*points, QPointF(plot.right(), plot.bottom())])
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(DARK.line))
        painter.drawPolygon(curve)
        if not self._is_colour:
            self._paint_window(painter, plot, curve)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setPen(QPen(QColor(DARK.line), 1))
        painter.drawLine(plot.bottomLeft(), plot.bottomRight())
        self._paint_labels(painter, plot)

    def _paint_window(self, painter: QPainter, plot: QRectF, curve: QPolygonF) -> None:
        """Draw the part of the curve inside the window brighter, its edges and its ramp."""
        window, accent = self._session.window, QColor(DARK.accent)
        left = min(max(self._x(window.low), plot.left()), plot.right())
        right = min(max(self._x(window.high), plot.left()), plot.right())
        painter.save()
        painter.setClipRect(QRectF(left, plot.top(), right - left, plot.height()))
        painter.setBrush(QColor(DARK.disabled).darker(125))
        painter.drawPolygon(curve)
        painter.restore()
        for value, x in ((window.low, left), (window.high, right)):
            if self._low <= value <= self._high:
                painter.fillRect(QRectF(round(x), plot.top() - 4, 1, plot.height() + 4), accent)
                painter.fillRect(QRectF(round(x) - 2, plot.top() - 6, 5, 5), accent)
        painter.setPen(QPen(QColor(DARK.secondary), 1))
        painter.setClipRect(plot)
        painter.drawPolyline(self._ramp(plot))
        painter.setClipping(False)

    def _ramp(self, plot: QRectF) -> QPolygonF:
        """Return the grey level over the values, as a line from black to white."""
        window = self._session.window
        if window.function in ("linear", "linear_exact"):
            low, high = self._x(window.low), self._x(window.high)
            return QPolygonF([QPointF(low, plot.bottom()), QPointF(high, plot.top())])
        values = np.linspace(self._low, self._high, 2 * _BINS, dtype=np.float32)
        heights = apply(values, window) / 255.0 * plot.height()
        return QPolygonF(
            [
                QPointF(self._x(value), plot.bottom() - height)
                for value, height in zip(values.tolist(), heights.tolist(), strict=True)
            ]
        )

    def _paint_labels(self, painter: QPainter, plot: QRectF) -> None:
        volume, window = self._session.active_volume, self._session.window
        unit = volume.unit if volume is not None else ""
        painter.setFont(ui_font(FONT_SMALL))
        painter.setPen(QColor(DARK.secondary))
        metrics = painter.fontMetrics()
        base = plot.bottom() + 6 + metrics.ascent()
        low, high = format_value(self._low), f"{format_value(self._high)} {unit}".rstrip()
        painter.drawText(QPointF(plot.left(), base), low)
        painter.drawText(QPointF(plot.right() - metrics.horizontalAdvance(high), base), high)
        top = 8.0 + metrics.ascent()
        title = tr("Histogram of the luma") if self._is_colour else tr("Histogram")
        painter.drawText(QPointF(plot.left(), top), title)
        if self._is_colour:
            return
        name = f"{translated(window.name)}  " if window.name else ""
        text = f"{name}{window_text(window)}"
        room = plot.width() - metrics.horizontalAdvance(title) - 16
        if metrics.horizontalAdvance(text) <= room:
            painter.setPen(QColor(DARK.text))
            painter.drawText(QPointF(plot.right() - metrics.horizontalAdvance(text), top), text)

    @property
    def _is_colour(self) -> bool:
        """Whether the values are the luma of colour, to which no window applies."""
        volume = self._session.active_volume
        return volume is not None and volume.is_colour

    def _handle_at(self, x: float) -> str:
        if self._is_colour:
            return ""
        window = self._session.window
        low, high = self._x(window.low), self._x(window.high)
        if min(abs(x - low), abs(x - high)) <= _GRAB:
            return "low" if abs(x - low) < abs(x - high) else "high"
        return "band" if low < x < high else ""

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take hold of an edge or of the band."""
        if event.button() == Qt.MouseButton.LeftButton and self._heights.size:
            self._handle = self._handle_at(event.position().x())
            self._drag_from = self._value(event.position().x())
            self._drag_window = self._session.window

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Move what is held; else show what could be taken hold of."""
        x = event.position().x()
        if not self._handle:
            at = self._handle_at(x) if self._heights.size else ""
            shapes = {"": Qt.CursorShape.ArrowCursor, "band": Qt.CursorShape.OpenHandCursor}
            self.setCursor(shapes.get(at, Qt.CursorShape.SplitHCursor))
            return
        low, high = self._drag_window.low, self._drag_window.high
        by = self._value(x) - self._drag_from
        if self._handle in ("low", "band"):
            low += by
        if self._handle in ("high", "band"):
            high += by
        smallest = (self._high - self._low) * 1e-3
        if high - low < smallest:
            low, high = (high - smallest, high) if self._handle == "low" else (low, low + smallest)
        self._session.set_window(self._drag_window.moved((low + high) / 2, high - low))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go."""
        self._handle = ""
