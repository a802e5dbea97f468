"""The map of an explanation over its slice, with its colour bar and its caption."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QLinearGradient, QPainter, QPen

from acutance.core.explanation import CAPTION
from acutance.core.explanation_colours import STOPS, map_pixels
from acutance.qt.language import local, tr
from acutance.qt.theme import FONT_SMALL, ui_font
from acutance.qt.viewers.overlay import MARGIN, draw_text

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from acutance.core.explanation import ExplanationResult
    from acutance.core.slicing import SliceGeometry

_BAR_WIDTH, _BAR_HEIGHT, _LEAST_BAR = 8, 120, 32
#: Lines of corner text above the bar and the caption.
_LINES_ABOVE = 3


class ExplanationMap:
    """Draws the map of one explanation; makes its picture once."""

    def __init__(self) -> None:
        self._result: ExplanationResult | None = None
        self._image = QImage()
        self._pixels: NDArray[np.uint8] = np.zeros((1, 1, 4), np.uint8)
        self._highest = 0.0

    def set_result(self, result: ExplanationResult | None) -> None:
        """Choose what is drawn; nothing where there is no map."""
        if result is self._result:
            return
        self._result = result
        if result is not None and result.values is not None:
            self._highest = max(float(result.values.max()), 1e-9)
            self._pixels = map_pixels(result.values / self._highest)
            rows, columns, _ = self._pixels.shape
            form = QImage.Format.Format_RGBA8888_Premultiplied
            self._image = QImage(self._pixels.data, columns, rows, 4 * columns, form)

    @property
    def has_map(self) -> bool:
        """Whether there is anything to draw."""
        return self._result is not None and self._result.values is not None

    def draw(
        self, painter: QPainter, geometry: SliceGeometry, target: QRectF, *, is_mirrored: bool
    ) -> None:
        """Draw the map where its slice is drawn, mirrored where the slice is."""
        if self._result is None or not self.has_map:
            return
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.setClipRect(target)
        if is_mirrored:
            painter.translate(target.left() + target.right(), 0.0)
            painter.scale(-1.0, 1.0)
        painter.drawImage(map_rect(self._result.extent, geometry, target), self._image)
        painter.restore()

    def draw_legend(self, painter: QPainter, rect: QRect) -> None:
        """Draw colour bar and caption, clear of corner text and edge letters."""
        if not self.has_map:
            return
        painter.setFont(ui_font(FONT_SMALL))
        metrics = painter.fontMetrics()
        white, step = QColor("#ffffff"), metrics.height()
        top = rect.top() + MARGIN + _LINES_ABOVE * step + 4
        room = rect.width() - 2 * MARGIN
        caption = metrics.elidedText(CAPTION, Qt.TextElideMode.ElideRight, room)
        x = rect.center().x() - metrics.horizontalAdvance(caption) / 2
        draw_text(painter, x, float(top + metrics.ascent()), caption, white)
        top += 2 * step
        height = min(_BAR_HEIGHT, rect.center().y() - step - top - step)
        if height < _LEAST_BAR:
            return
        bar = QRectF(rect.right() - MARGIN - _BAR_WIDTH, top, _BAR_WIDTH, height)
        gradient = QLinearGradient(bar.bottomLeft(), bar.topLeft())
        for n, (red, green, blue, _) in enumerate(STOPS.astype(int).tolist()):
            gradient.setColorAt(n / (len(STOPS) - 1), QColor(red, green, blue))
        painter.fillRect(bar, gradient)
        painter.setPen(QPen(QColor(0, 0, 0, 190), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(bar)
        for text, y in (
            (local("−{highest:.4f}", highest=self._highest), bar.top() + metrics.ascent() / 2),
            ("0", bar.bottom()),
        ):
            left = bar.left() - 6 - metrics.horizontalAdvance(text)
            draw_text(painter, left, y, text, white)
        unit = tr("predicted SSIM per cell")
        if metrics.horizontalAdvance(unit) < rect.width() // 2:
            left = rect.right() - MARGIN - metrics.horizontalAdvance(unit)
            draw_text(painter, left, bar.bottom() + step + 2, unit, white)


def map_rect(
    extent: tuple[float, float, float, float], geometry: SliceGeometry, target: QRectF
) -> QRectF:
    """Return where a map lies in the widget, given where its slice lies."""
    top, bottom, left, right = extent
    rows, columns = geometry.size
    across, down = target.width() / columns, target.height() / rows
    corner = QPointF(target.left() + (left + 0.5) * across, target.top() + (top + 0.5) * down)
    return QRectF(corner.x(), corner.y(), (right - left) * across, (bottom - top) * down)
