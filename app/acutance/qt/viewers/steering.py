"""How a view of a slice is steered: drags, wheel and the keys that are no command."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt

from acutance.qt.viewers.gestures import Drag, drag_of, dragged_window

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent, QMouseEvent, QWheelEvent

    from acutance.qt.viewers.slice_view import SliceView
    from acutance.session import Session

_ZOOM_DRAG = 160.0
_ZOOM_STEP = 1.25
#: A right press that moved less is a click.
_CLICK_RADIUS = 4


class Steering:
    """Turns what mouse, wheel and keyboard do over one view into moves of its pane.

    Letters are not among the keys: they are commands of the window, which the user can give other
    keys.

    Parameters
    ----------
    view : SliceView
    session : Session
        Knows the tool in hand.
    """

    def __init__(self, view: SliceView, session: Session) -> None:
        self._view = view
        self._session = session
        self._drag: Drag = ""
        self._start = QPointF()
        self._last = QPointF()
        self._window = view.pane.window
        self._wheel = 0.0
        self._space_held = False

    def press(self, event: QMouseEvent) -> None:
        """Begin a drag: what it does depends on button, modifiers and tool."""
        view = self._view
        tool: Drag = "tool" if view.tools.hand is not None else view.tool
        self._drag = drag_of(event, tool, is_panning=self._space_held)
        self._start = self._last = event.position()
        self._window = view.pane.window
        if self._drag == "tool":
            view.tools.press(event)
        elif self._drag == "crosshair":
            self._move_cursor(event.position())
        event.accept()

    def move(self, event: QMouseEvent) -> None:
        """Go on with a drag; without one, with Shift the crosshair follows the pointer."""
        view, position = self._view, event.position()
        moved, self._last = position - self._last, position
        if self._drag == "tool":
            view.tools.move(event)
        elif self._drag == "crosshair":
            self._move_cursor(position)
        elif self._drag == "window":
            if view.pane.volume is not None:
                view.pane.set_window(dragged_window(self._window, position - self._start))
        elif self._drag == "pan":
            view.pan_by(moved)
        elif self._drag == "zoom":
            view.zoom_by(math.exp(-moved.y() / _ZOOM_DRAG), self._start)
        elif not event.buttons() and event.modifiers() == Qt.KeyboardModifier.ShiftModifier:
            self._move_cursor(position)

    def release(self, event: QMouseEvent) -> None:
        """End a drag; a right press that did not move asks for the context menu."""
        self._view.tools.release(event)
        distance = (event.position() - self._start).manhattanLength()
        if self._drag == "zoom" and distance < _CLICK_RADIUS:
            self._view.customContextMenuRequested.emit(event.position().toPoint())
        self._drag = ""
        event.accept()

    def wheel(self, event: QWheelEvent) -> None:
        """Scroll slices at once; with Ctrl, zoom about the pointer; with Shift ask the tool."""
        event.accept()
        if self._view.tools.wheel(event):
            return
        # Shift turns the wheel sideways on some platforms.
        delta = event.angleDelta().y() or event.angleDelta().x()
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self._view.zoom_by(_ZOOM_STEP ** (delta / 120.0), event.position())
            return
        self._wheel += delta / 120.0
        steps = math.trunc(self._wheel)
        self._wheel -= steps
        if steps:
            self._view.pane.step(-steps)

    def key(self, event: QKeyEvent) -> bool:
        """Steer by a key; return whether it means anything here."""
        key, keys, view = event.key(), Qt.Key, self._view
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            return False
        far = 10 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1
        if key == keys.Key_Up:
            view.pane.step(-far)
        elif key == keys.Key_Down:
            view.pane.step(far)
        elif key == keys.Key_Home:
            view.pane.set_slice(0)
        elif key == keys.Key_End and view.geometry_of_slice is not None:
            view.pane.set_slice(view.geometry_of_slice.count - 1)
        elif key in (keys.Key_Plus, keys.Key_Equal):
            view.zoom_by(_ZOOM_STEP)
        elif key in (keys.Key_Minus, keys.Key_Underscore):
            view.zoom_by(1 / _ZOOM_STEP)
        elif key in (keys.Key_Return, keys.Key_Enter):
            view.maximise_requested.emit(view.plane)
        elif key == keys.Key_Space:
            self._space_held = True
        elif key == keys.Key_Escape and view.tools.hand is not None:
            self._session.tools.put_down()
        else:
            return False
        return True

    def key_up(self, event: QKeyEvent) -> bool:
        """Let go of the pan key; return whether it was that."""
        if event.key() != Qt.Key.Key_Space or event.isAutoRepeat():
            return False
        self._space_held = False
        return True

    def let_go(self) -> None:
        """Forget a held key, as when the keyboard goes elsewhere."""
        self._space_held = False

    def _move_cursor(self, position: QPointF) -> None:
        point = self._view.widget_to_point(position)
        if point is not None:
            pane = self._view.pane
            pane.set_cursor(pane.in_plane(point))
