"""Labels that show text from files as it is written, never as markup."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from acutance.core.quality import Verdict
from acutance.qt.language import tr
from acutance.qt.theme import FONT_NORMAL, current_tokens, draw_verdict_shape, ui_font


def plain_label(
    text: str = "",
    *,
    size: int = FONT_NORMAL,
    bold: bool = False,
    is_secondary: bool = False,
    wraps: bool = False,
    parent: QWidget | None = None,
) -> QLabel:
    """Return a label for plain text; wrapped text can be selected and shrinks to its panel."""
    label = QLabel(parent)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setText(text)
    label.setFont(ui_font(size, bold=bold))
    if is_secondary:
        label.setForegroundRole(QPalette.ColorRole.PlaceholderText)
    if wraps:
        label.setWordWrap(True)
        label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        label.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    return label


def tint(label: QLabel, color: str) -> None:
    """Give a label's text a colour."""
    palette = label.palette()
    palette.setColor(label.foregroundRole(), color)
    label.setPalette(palette)


def plain_tip(text: str) -> str:
    """Return a tool tip that Qt shows letter by letter; empty stays empty."""
    return f"<p style='white-space:pre-wrap'>{escape(text)}</p>" if text else ""


def breakable(path: str) -> str:
    """Return a path that may be wrapped after each separator."""
    for mark in "/\\_-.":
        path = path.replace(mark, mark + "\u200b")
    return path


class VerdictShape(QWidget):
    """The sign of a verdict: a shape and its colour."""

    def __init__(self, size: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._verdict = Verdict.NOT_ASSESSED
        self._size = size
        self.setFixedSize(size, size)
        self.setAccessibleName(tr("Verdict"))

    @property
    def verdict(self) -> Verdict:
        """The verdict that is shown."""
        return self._verdict

    def set_verdict(self, verdict: Verdict) -> None:
        """Show another verdict."""
        self._verdict = verdict
        self.update()

    def sizeHint(self) -> QSize:
        """Return the fixed size."""
        return QSize(self._size, self._size)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the shape."""
        painter = QPainter(self)
        try:
            draw_verdict_shape(painter, self.rect().toRectF(), self._verdict, current_tokens())
        finally:
            painter.end()
