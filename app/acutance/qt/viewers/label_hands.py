"""Brush, eraser and fill in a view."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from acutance.qt.language import tr
from acutance.qt.viewers.hand import Hand

if TYPE_CHECKING:
    from acutance.core.segmentation import SegmentationResult

_HALO = QColor(0, 0, 0, 170)
_ERASER = QColor("#ffffff")


class BrushHand(Hand):
    """Gives the chosen label along a stroke; with Ctrl held it takes labels away.

    Alt and a click choose the label that lies there.
    """

    erases = False

    def __init__(self, *arguments: object) -> None:
        super().__init__(*arguments)  # type: ignore[arg-type]
        self._index = -1

    def press(self, position: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        """Begin a stroke, or choose a label."""
        if modifiers & Qt.KeyboardModifier.AltModifier:
            self._pick(position)
        else:
            self._begin(position, modifiers)

    def move(self, position: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        """Draw on; in another slice, wheel and keys lead there, a new stroke begins."""
        if self._index < 0:
            return
        place = self.view.widget_to_pixel(position)
        if self.view.index != self._index:
            self._begin(position, modifiers)
        elif place is not None:
            self.session.labels.go_on(place)

    def release(self, position: QPointF) -> None:
        """End the stroke."""
        self.let_go()

    def let_go(self) -> None:
        """End the stroke."""
        if self._index >= 0:
            self._index = -1
            self.session.labels.end()

    def wheel(self, notches: float) -> bool:
        """Make the brush larger or smaller."""
        self.session.labels.step_radius(1 if notches > 0 else -1)
        return True

    def draw(self, painter: QPainter, pointer: QPointF | None) -> None:
        """Draw how far the brush reaches."""
        geometry = self.view.geometry_of_slice
        if pointer is None or geometry is None or self.result is None:
            return
        rect, (rows, columns) = self.view.image_rect(), geometry.size
        row_mm, column_mm = geometry.pixel_spacing
        radius = self.session.labels.radius
        wide = radius / column_mm * rect.width() / columns
        tall = radius / row_mm * rect.height() / rows
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for pen in (QPen(_HALO, 3.0), QPen(self._colour(), 1.5)):
            painter.setPen(pen)
            painter.drawEllipse(pointer, max(wide, 2.0), max(tall, 2.0))

    def _colour(self) -> QColor:
        if self.erases or self.result is None:
            return _ERASER
        table = self.result.labels
        return QColor(*table[min(self.session.labels.label, len(table) - 1)].colour)

    @property
    def result(self) -> SegmentationResult | None:
        """What the network found in the series of the view."""
        return self.session.labels.result_of(self.view.pane.entry)

    def _begin(self, position: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        geometry, place = self.view.geometry_of_slice, self.view.widget_to_pixel(position)
        if geometry is None or place is None:
            return
        takes_away = bool(modifiers & Qt.KeyboardModifier.ControlModifier)
        self._index = self.view.index
        if not self.session.labels.begin(
            geometry,
            self._index,
            place,
            erases=self.erases != takes_away,
            entry=self.view.pane.entry,
        ):
            self._index = -1
            self.session.notice.emit(tr("Segment the series first (Ctrl+G)."))

    def _pick(self, position: QPointF) -> None:
        geometry, pixel = self.view.geometry_of_slice, self.pixel_at(position)
        if geometry is not None and pixel is not None:
            self.session.labels.pick(geometry, self.view.index, pixel, entry=self.view.pane.entry)


class EraserHand(BrushHand):
    """Takes labels away along a stroke; with Ctrl held it gives the chosen one."""

    erases = True


class FillHand(BrushHand):
    """Gives the chosen label to what hangs together with the pixel under the pointer."""

    def press(self, position: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        """Fill, or choose a label."""
        geometry, pixel = self.view.geometry_of_slice, self.pixel_at(position)
        if modifiers & Qt.KeyboardModifier.AltModifier:
            self._pick(position)
        elif self.result is None:
            self.session.notice.emit(tr("Segment the series first (Ctrl+G)."))
        elif geometry is not None and pixel is not None:
            self.session.labels.fill(geometry, self.view.index, pixel, entry=self.view.pane.entry)

    def wheel(self, notches: float) -> bool:
        """Leave the wheel: a fill has no size."""
        return False

    def draw(self, painter: QPainter, pointer: QPointF | None) -> None:
        """Draw a drop in the colour of the label beside the pointer."""
        if pointer is None or self.result is None:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(_HALO, 1.5))
        painter.setBrush(self._colour())
        painter.drawEllipse(pointer + QPointF(12.0, 12.0), 5.0, 5.0)


def mm_text(radius: float) -> str:
    """Return the diameter of a brush in words."""
    size = 2 * radius
    return (
        tr("{size:.1f} mm", size=size)
        if size < 10
        else tr("{floor} mm", floor=math.floor(size + 0.5))
    )
