"""Which tool is in hand: what the left button does in every view."""

from __future__ import annotations

from psygnal import Signal

BRUSH, ERASER, FILL = "brush", "eraser", "fill"
#: Tools that edit labels.
LABEL_TOOLS = (BRUSH, ERASER, FILL)
DISTANCE, ANGLE, ELLIPSE, RECTANGLE = "distance", "angle", "ellipse", "rectangle"
#: Tools that measure.
MEASURING_TOOLS = (DISTANCE, ANGLE, ELLIPSE, RECTANGLE)
MAGNIFIER = "magnifier"
TOOLS: tuple[str, ...] = (*LABEL_TOOLS, *MEASURING_TOOLS, MAGNIFIER)


class Tools:
    """The tool in hand; without one the left button moves crosshair or window.

    Signals
    -------
    changed : str
        The tool that is in hand now; empty for none.
    """

    changed = Signal(str)

    def __init__(self) -> None:
        self._current = ""

    @property
    def current(self) -> str:
        """The tool in hand; empty for none."""
        return self._current

    def take(self, tool: str) -> None:
        """Take a tool in hand; empty puts down the one that is.

        Raises
        ------
        ValueError
            If there is no such tool.
        """
        if tool and tool not in TOOLS:
            raise ValueError(f"no tool {tool!r}; there are {TOOLS}")
        if tool != self._current:
            self._current = tool
            self.changed.emit(tool)

    def put_down(self) -> None:
        """Have no tool in hand."""
        self.take("")
