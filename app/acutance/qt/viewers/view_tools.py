"""The tools of one view: the one in hand takes the left button before the view does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt

from acutance.qt.viewers.label_hands import BrushHand, EraserHand, FillHand
from acutance.qt.viewers.listening import listen
from acutance.session.tools import BRUSH, ERASER, FILL

if TYPE_CHECKING:
    from collections.abc import Mapping

    from PySide6.QtCore import QPointF
    from PySide6.QtGui import QMouseEvent, QPainter, QWheelEvent

    from acutance.qt.viewers.hand import Hand
    from acutance.qt.viewers.slice_view import SliceView
    from acutance.session import Session

HANDS: Mapping[str, type[Hand]] = {BRUSH: BrushHand, ERASER: EraserHand, FILL: FillHand}


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
        self.hand.apply(place)
        return True

    def wheel(self, event: QWheelEvent) -> bool:
        """Give the tool in hand the wheel while Shift is held; return whether it was of use."""
        hand = self.hand
        if hand is None or event.modifiers() != Qt.KeyboardModifier.ShiftModifier:
            return False
        delta = event.angleDelta().y() or event.angleDelta().x()
        return delta != 0 and hand.wheel(delta / 120.0)

    def draw(self, painter: QPainter, pointer: QPointF | None) -> None:
        """Draw what the tool in hand shows at the pointer."""
        if self.hand is not None:
            painter.save()
            self.hand.draw(painter, pointer)
            painter.restore()

    def _on_labels(self) -> None:
        self._view.update()

    def _on_tool(self, _tool: str = "") -> None:
        hand, self._at_work = self._at_work, None
        if hand is not None:
            hand.let_go()
        if self.hand is not None:
            self._view.setCursor(self.hand.shape)
        else:
            self._view.show_tool()
        self._view.update()
