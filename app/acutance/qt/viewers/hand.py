"""A tool in one view: it takes the left button and draws over the image."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt

if TYPE_CHECKING:
    from PySide6.QtCore import QPointF
    from PySide6.QtGui import QPainter

    from acutance.qt.viewers.slice_view import SliceView
    from acutance.session import Session


class Hand:
    """What a tool does in a view; the methods do nothing unless a tool says otherwise.

    Parameters
    ----------
    view : SliceView
    session : Session

    Attributes
    ----------
    shape : Qt.CursorShape
        Of the pointer while the tool is in hand.
    changes : bool
        Whether it sets points or labels, which belong to slices of the volume itself.
    """

    shape = Qt.CursorShape.CrossCursor
    changes = True

    def __init__(self, view: SliceView, session: Session) -> None:
        self.view = view
        self.session = session

    def press(self, position: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        """Begin: the left button went down at a place of the view."""

    def move(self, position: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        """Go on: the pointer moved with the button held."""

    def release(self, position: QPointF) -> None:
        """End: the button was let go."""

    def apply(self, position: QPointF) -> None:
        """Do by keyboard, at the crosshair, what a click does."""
        self.press(position, Qt.KeyboardModifier.NoModifier)
        self.release(position)

    def let_go(self) -> None:
        """End whatever is going on: another tool is taken, or the view lost the mouse."""

    def wheel(self, notches: float) -> bool:
        """Take the wheel with Shift held; return whether it was of use."""
        return False

    def draw(self, painter: QPainter, pointer: QPointF | None) -> None:
        """Draw over the image; `pointer` is where the mouse is, None where it is elsewhere."""

    def pixel_at(self, position: QPointF) -> tuple[int, int] | None:
        """Return row and column of the pixel at a place of the view; None outside the slice."""
        place = self.view.widget_to_pixel(position)
        if place is None or self.view.geometry_of_slice is None:
            return None
        row, column = (math.floor(x + 0.5) for x in place)
        rows, columns = self.view.geometry_of_slice.size
        return (row, column) if 0 <= row < rows and 0 <= column < columns else None
