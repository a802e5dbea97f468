"""The tools of one view: the one in hand takes the left button before the view does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt

from acutance.qt.language import tr
from acutance.qt.viewers.captions import format_value
from acutance.qt.viewers.colour_maps import draw_bar
from acutance.qt.viewers.label_hands import BrushHand, EraserHand, FillHand
from acutance.qt.viewers.listening import listen
from acutance.qt.viewers.measurement_painting import draw_measurement, reading_lines
from acutance.qt.viewers.measuring_hands import (
    AngleHand,
    DistanceHand,
    EllipseHand,
    MagnifierHand,
    MeasuringHand,
    RectangleHand,
)
from acutance.qt.viewers.slice_image import shown_table
from acutance.session.appearance import GREY
from acutance.session.tools import (
    ANGLE,
    BRUSH,
    DISTANCE,
    ELLIPSE,
    ERASER,
    FILL,
    MAGNIFIER,
    RECTANGLE,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from PySide6.QtCore import QPointF
    from PySide6.QtGui import QMouseEvent, QPainter, QWheelEvent

    from acutance.qt.viewers.hand import Hand
    from acutance.qt.viewers.slice_view import SliceView
    from acutance.session import Session

HANDS: Mapping[str, type[Hand]] = {
    BRUSH: BrushHand,
    ERASER: EraserHand,
    FILL: FillHand,
    DISTANCE: DistanceHand,
    ANGLE: AngleHand,
    ELLIPSE: EllipseHand,
    RECTANGLE: RectangleHand,
    MAGNIFIER: MagnifierHand,
}


class ViewTools(QObject):
    """Hands of one view, and which of them is at work.

    Parameters
    ----------
    view : SliceView
    session : Session
        Knows the tool in hand.
    """

    def __init__(self, view: SliceView, session: Session) -> None:
        super().__init__(view)
        self._view = view
        self._session = session
        self._hands = {name: kind(view, session) for name, kind in HANDS.items()}
        self._at_work: Hand | None = None
        listen(self, session.tools.changed, self._on_tool)
        listen(self, session.labels.changed, self._on_labels)
        listen(self, session.measurements.changed, self._on_labels)
        listen(self, session.appearance.changed, self._on_look)
        self._on_tool()

    @property
    def hand(self) -> Hand | None:
        """The tool in hand; None where the left button is the view's."""
        return self._hands.get(self._session.tools.current)

    def press(self, event: QMouseEvent) -> bool:
        """Begin to work with the tool in hand; return whether there is one."""
        hand = self.hand
        if hand is None:
            return False
        if self._is_barred(hand):
            return True
        self._at_work = hand
        hand.press(event.position(), event.modifiers())
        return True

    def move(self, event: QMouseEvent) -> bool:
        """Go on; return whether a tool is at work."""
        if self._at_work is None:
            return False
        self._at_work.move(event.position(), event.modifiers())
        return True

    def release(self, event: QMouseEvent) -> None:
        """End."""
        hand, self._at_work = self._at_work, None
        if hand is not None:
            hand.release(event.position())

    def apply(self) -> bool:
        """Use the tool in hand at the crosshair; return whether there is one."""
        place = self._view.point_to_widget(self._view.pane.cursor)
        if self.hand is None or place is None:
            return False
        if not self._is_barred(self.hand):
            self.hand.apply(place)
        return True

    def _is_barred(self, hand: Hand) -> bool:
        """Whether the slice in view is none that a tool can work on; says so."""
        is_barred = self._view.is_resampled and hand.changes
        if is_barred:
            self._session.notice.emit(
                tr("Measure and paint on the slices as they were acquired: along their own axes.")
            )
        return is_barred

    def wheel(self, event: QWheelEvent) -> bool:
        """Give the tool in hand the wheel while Shift is held; return whether it was of use."""
        hand = self.hand
        if hand is None or event.modifiers() != Qt.KeyboardModifier.ShiftModifier:
            return False
        delta = event.angleDelta().y() or event.angleDelta().x()
        return delta != 0 and hand.wheel(delta / 120.0)

    def draw(self, painter: QPainter, pointer: QPointF | None) -> None:
        """Draw the measurements of the slice, and what the tool in hand shows at the pointer."""
        painter.save()
        self._draw_measurements(painter)
        self._draw_bar(painter)
        painter.restore()
        if self.hand is not None and not (self._view.is_resampled and self.hand.changes):
            painter.save()
            self.hand.draw(painter, pointer)
            painter.restore()

    def _draw_measurements(self, painter: QPainter) -> None:
        view, kept = self._view, self._session.measurements
        volume, geometry = view.pane.volume, view.geometry_of_slice
        if volume is None or geometry is None or view.is_resampled:
            return
        hand = self.hand
        hidden = hand.hidden if isinstance(hand, MeasuringHand) else None
        here = geometry.axis, view.index
        for measurement in kept.of(view.pane.entry):
            if (measurement.axis, measurement.index) == here and measurement != hidden:
                lines = reading_lines(volume, measurement, kept.read(volume, measurement))
                is_chosen = measurement == kept.chosen
                draw_measurement(painter, view, measurement, lines, is_chosen=is_chosen)

    def _draw_bar(self, painter: QPainter) -> None:
        """Draw what the colours mean; grey needs no bar."""
        look, volume, window = (
            self._session.appearance,
            self._view.pane.volume,
            self._view.pane.window,
        )
        if look.colour_map == GREY or volume is None or volume.is_colour:
            return
        table = shown_table(volume, look.colour_map, exchanges=look.is_inverted)
        high = f"{format_value(window.high)} {volume.unit}".rstrip()
        draw_bar(painter, self._view.rect(), table, format_value(window.low), high)

    def _on_labels(self) -> None:
        self._view.update()

    def _on_look(self) -> None:
        """End what is going on in a slice that is no longer the one in view."""
        hand = self._at_work
        if hand is not None and hand.changes and self._view.pane.is_resampled:
            self._at_work = None
            hand.let_go()

    def _on_tool(self, _tool: str = "") -> None:
        self._at_work = None
        for hand in self._hands.values():
            hand.let_go()
        if self.hand is not None:
            self._view.setCursor(self.hand.shape)
        else:
            self._view.show_tool()
        self._view.update()
