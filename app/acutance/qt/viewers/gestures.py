"""What a drag over a view means."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import QPointF, Qt

if TYPE_CHECKING:
    from PySide6.QtGui import QMouseEvent

    from acutance.core.window import Window

Tool = Literal["crosshair", "window"]
Drag = Literal["", "crosshair", "window", "pan", "zoom", "tool"]
#: Pixels of drag that change the window width by a factor of e, the level by one width.
_WINDOW_DRAG = 250.0
_LARGEST_EXPONENT = 12.0


def drag_of(event: QMouseEvent, tool: Drag, *, is_panning: bool = False) -> Drag:
    """Return what a press begins: middle pans, right zooms, left uses the tool.

    Left with Shift (or with `is_panning`, the pan key held) pans, with Ctrl and Shift it changes
    the window whatever the tool.
    """
    modifier, button = Qt.KeyboardModifier, event.button()
    control = bool(event.modifiers() & modifier.ControlModifier)
    shift = bool(event.modifiers() & modifier.ShiftModifier)
    if button == Qt.MouseButton.MiddleButton:
        return "pan"
    if button == Qt.MouseButton.RightButton:
        return "zoom"
    if button != Qt.MouseButton.LeftButton:
        return ""
    if control and shift:
        return "window"
    return "pan" if shift or is_panning else tool


def dragged_window(start: Window, way: QPointF) -> Window:
    """Return the window after a drag: width by the horizontal, level by the vertical way.

    Both go with the width at the press, so that ranges of any size feel alike.
    """
    exponent = way.x() / _WINDOW_DRAG
    width = start.width * math.exp(max(-_LARGEST_EXPONENT, min(_LARGEST_EXPONENT, exponent)))
    return start.moved(start.centre + start.width * way.y() / _WINDOW_DRAG, width)
