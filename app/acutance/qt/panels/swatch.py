"""A square in the colour of a label that can be chosen."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QWidget

from acutance.qt.language import tr
from acutance.qt.theme import current_tokens

_SIDE, _COLOUR = 18, 12


class Swatch(QAbstractButton):
    """A square in the colour of a label; the chosen one has a ring.

    Parameters
    ----------
    colour : (int, int, int)
        Red, green, blue.
    name : str
        Of the label.

    Signals
    -------
    Those of a button: `clicked`, `toggled`.
    """

    def __init__(
        self, colour: tuple[int, int, int], name: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._colour = QColor(*colour)
        self.setCheckable(True)
        self.setFixedSize(_SIDE, _SIDE)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(tr("Label {name}", name=name))
        self.setToolTip(tr("Paint {name} (Alt+Shift+Up, Alt+Shift+Down)", name=name))

    def sizeHint(self) -> QSize:
        """Return the one size it has."""
        return QSize(_SIDE, _SIDE)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Fill the square, and draw the ring of the chosen one."""
        tokens = current_tokens()
        painter = QPainter(self)
        try:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            inset = (_SIDE - _COLOUR) / 2
            square = QRectF(self.rect()).adjusted(inset, inset, -inset, -inset)
            painter.fillRect(square, self._colour)
            if self.isChecked() or self.hasFocus():
                ring = tokens.accent if self.hasFocus() else tokens.text
                painter.setPen(QPen(QColor(ring), 1.5))
                painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 3, 3)
        finally:
            painter.end()
