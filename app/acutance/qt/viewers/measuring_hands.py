"""Ruler, protractor and regions in a view, and the magnifier."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPixmap

from acutance.core.measuring import POINTS, Measurement
from acutance.qt.viewers.hand import Hand
from acutance.qt.viewers.measurement_painting import draw_measurement, reading_lines

if TYPE_CHECKING:
    from acutance.core.measuring import Index, Kind

#: A press nearer to a point of a measurement takes hold of it, in pixels.
_GRAB = 8.0
#: A drag that is longer sets a second point where it ends.
_CLICK = 5.0
_LENS, _POWER = 90.0, 3.0
_RING = QColor("#ffffff")


class MeasuringHand(Hand):
    """Sets the points of a measurement, by clicks or by a drag; a point that is there is moved.

    What is not finished yet follows the pointer.
    """

    kind: Kind = "distance"

    def __init__(self, *arguments: object) -> None:
        super().__init__(*arguments)  # type: ignore[arg-type]
        self._points: list[Index] = []
        self._slice = (-1, -1)
        self._pressed = QPointF()
        self._held: tuple[Measurement, int] | None = None
        self._moved: Measurement | None = None

    def press(self, position: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        """Take hold of a point, or set one."""
        self._pressed = position
        if self._slice != self._here():
            self._points = []
        held = None if self._points else self._point_near(position)
        if held is not None:
            self._held, self._moved = held, held[0]
            if self.view.pane.entry is self.session.active:
                self.session.measurements.choose(held[0])
            return
        self._set(position)

    def move(self, position: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        """Move the point that is held; one that is being set follows anyway."""
        place = self._index_at(position)
        if self._held is not None and self._moved is not None and place is not None:
            self._moved = self._moved.moved(self._held[1], place)

    def release(self, position: QPointF) -> None:
        """Let go of a point; the end of a drag sets the next one."""
        held, moved, self._held, self._moved = self._held, self._moved, None, None
        if held is not None and moved is not None:
            self.session.measurements.replace(held[0], moved, self.view.pane.entry)
        elif self._points and (position - self._pressed).manhattanLength() > _CLICK:
            self._set(position)

    def let_go(self) -> None:
        """Forget what is not finished."""
        self._points, self._held, self._moved = [], None, None

    def draw(self, painter: QPainter, pointer: QPointF | None) -> None:
        """Draw what is not finished."""
        if self._moved is not None:
            self._draw(painter, self._moved)
            return
        place = None if pointer is None else self._index_at(pointer)
        if not self._points or place is None or self._slice != self._here():
            return
        points = [*self._points, place]
        # An angle begins as the line of its first side.
        kind: Kind = self.kind if len(points) == POINTS[self.kind] else "distance"
        self._draw(painter, Measurement(kind, *self._slice, tuple(points)))

    @property
    def hidden(self) -> Measurement | None:
        """The measurement that is being changed, and is drawn by the hand instead."""
        return None if self._held is None else self._held[0]

    def _draw(self, painter: QPainter, measurement: Measurement) -> None:
        volume = self.view.pane.volume
        if volume is not None:
            reading = self.session.measurements.read(volume, measurement)
            lines = reading_lines(volume, measurement, reading)
            draw_measurement(painter, self.view, measurement, lines, is_chosen=True)

    def _set(self, position: QPointF) -> None:
        place = self._index_at(position)
        if place is None or (self._points and self._points[-1] == place):
            return
        self._slice = self._here()
        self._points.append(place)
        if len(self._points) == POINTS[self.kind]:
            found = Measurement(self.kind, *self._slice, tuple(self._points))
            self._points = []
            self.session.measurements.add(found, self.view.pane.entry)

    def _here(self) -> tuple[int, int]:
        geometry = self.view.geometry_of_slice
        return (-1, -1) if geometry is None else (geometry.axis, self.view.index)

    def _index_at(self, position: QPointF) -> Index | None:
        geometry, place = self.view.geometry_of_slice, self.view.widget_to_pixel(position)
        if geometry is None or place is None:
            return None
        return geometry.to_index(*place, self.view.index)

    def _point_near(self, position: QPointF) -> tuple[Measurement, int] | None:
        here = self._here()
        for measurement in reversed(self.session.measurements.of(self.view.pane.entry)):
            if (measurement.axis, measurement.index) != here:
                continue
            for number, point in enumerate(measurement.points):
                place = self.view.index_to_widget(point)
                if place is not None and (place - position).manhattanLength() <= _GRAB:
                    return measurement, number
        return None


class DistanceHand(MeasuringHand):
    """Measures from one point to another, and the values between them."""

    kind: Kind = "distance"


class AngleHand(MeasuringHand):
    """Measures the angle at the second of three points."""

    kind: Kind = "angle"


class EllipseHand(MeasuringHand):
    """Draws the region inside an ellipse."""

    kind: Kind = "ellipse"


class RectangleHand(MeasuringHand):
    """Draws the region inside a rectangle."""

    kind: Kind = "rectangle"


class MagnifierHand(Hand):
    """Shows what lies under the pointer enlarged, pixel by pixel; a press moves the crosshair."""

    shape = Qt.CursorShape.BlankCursor
    changes = False

    def press(self, position: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        """Move the crosshair."""
        self.move(position, modifiers)

    def move(self, position: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        """Move the crosshair."""
        point = self.view.widget_to_point(position)
        if point is not None:
            self.view.pane.set_cursor(point)

    def draw(self, painter: QPainter, pointer: QPointF | None) -> None:
        """Draw the lens about the pointer, by keyboard about the crosshair."""
        at = pointer if pointer is not None else self.view.point_to_widget(self.view.pane.cursor)
        if at is None or (pointer is None and not self.view.hasFocus()):
            return
        rect = self.view.image_rect()
        target = QRectF(
            at.x() + (rect.left() - at.x()) * _POWER,
            at.y() + (rect.top() - at.y()) * _POWER,
            rect.width() * _POWER,
            rect.height() * _POWER,
        )
        lens = QPainterPath()
        lens.addEllipse(at, _LENS, _LENS)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.save()
        painter.setClipPath(lens)
        painter.drawPixmap(at - QPointF(_LENS, _LENS), self._lens(at, target))
        painter.restore()
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(_RING, 1.5))
        painter.drawEllipse(at, _LENS, _LENS)
        painter.drawLine(at - QPointF(5, 0), at + QPointF(5, 0))
        painter.drawLine(at - QPointF(0, 5), at + QPointF(0, 5))

    def _lens(self, at: QPointF, target: QRectF) -> QPixmap:
        """Return what the lens shows; layers may clip as they like in a picture of their own."""
        ratio = self.view.devicePixelRatioF()
        picture = QPixmap(round(2 * _LENS * ratio), round(2 * _LENS * ratio))
        picture.setDevicePixelRatio(ratio)
        picture.fill(QColor("#000000"))
        painter = QPainter(picture)
        try:
            painter.translate(QPointF(_LENS, _LENS) - at)
            self.view.draw_enlarged(painter, target)
        finally:
            painter.end()
        return picture
