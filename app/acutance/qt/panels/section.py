"""A part of a side panel that opens and closes."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QVBoxLayout, QWidget

from acutance.qt.theme import FONT_NORMAL, FONT_SMALL, current_tokens, ui_font

_ARROW = (QPointF(-2.5, -4.5), QPointF(2.0, 0.0), QPointF(-2.5, 4.5))


class _Header(QAbstractButton):
    """Title, one line of summary and an arrow."""

    def __init__(self, title: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setText(title)
        self.setCheckable(True)
        self.setAccessibleName(title)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.summary = ""
        self.is_warning = False

    def sizeHint(self) -> QSize:
        """Prefer one comfortable line."""
        return QSize(200, 36)

    def event(self, event: QEvent) -> bool:
        """Repaint when the pointer enters or leaves."""
        if event.type() in (QEvent.Type.HoverEnter, QEvent.Type.HoverLeave):
            self.update()
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the line."""
        tokens = current_tokens()
        painter = QPainter(self)
        try:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            if self.underMouse():
                painter.fillRect(self.rect(), QColor(tokens.raised))
            painter.fillRect(0, 0, self.width(), 1, QColor(tokens.line))
            inner = QRectF(self.rect()).adjusted(16, 0, -32, 0)
            painter.setFont(ui_font(FONT_NORMAL, bold=True))
            painter.setPen(QColor(tokens.text))
            painter.drawText(inner, Qt.AlignmentFlag.AlignVCenter, self.text())
            start = painter.fontMetrics().horizontalAdvance(self.text()) + 8
            painter.setFont(ui_font(FONT_SMALL))
            painter.setPen(QColor(tokens.check if self.is_warning else tokens.secondary))
            room = inner.adjusted(start, 0, 0, 0)
            summary = painter.fontMetrics().elidedText(
                self.summary, Qt.TextElideMode.ElideRight, int(room.width())
            )
            right = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
            painter.drawText(room, right, summary)
            self._draw_arrow(painter, QColor(tokens.secondary))
            if self.hasFocus():
                painter.setPen(QColor(tokens.accent))
                painter.drawRoundedRect(QRectF(self.rect()).adjusted(4, 4, -4, -4), 4, 4)
        finally:
            painter.end()

    def _draw_arrow(self, painter: QPainter, color: QColor) -> None:
        pen = painter.pen()
        pen.setColor(color)
        pen.setWidthF(1.6)
        painter.setPen(pen)
        painter.save()
        painter.translate(self.width() - 20, self.height() / 2)
        painter.rotate(90 if self.isChecked() else 0)
        painter.drawPolyline(_ARROW)
        painter.restore()


class Section(QWidget):
    """A heading with a one-line summary that shows or hides what is under it.

    Parameters
    ----------
    title : str
    body : QWidget
        What is shown while the section is open.

    Signals
    -------
    toggled : bool
        Whether the section is now open.
    """

    toggled = Signal(bool)

    def __init__(self, title: str, body: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._body = body
        self._header = _Header(title, self)
        self._header.toggled.connect(self._on_toggled)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._header)
        layout.addWidget(body)
        body.hide()

    @property
    def summary(self) -> str:
        """The line beside the title."""
        return self._header.summary

    @property
    def is_open(self) -> bool:
        """Whether the body is shown."""
        return self._header.isChecked()

    def set_summary(self, text: str, *, is_warning: bool = False) -> None:
        """Change the line beside the title; amber where it warns."""
        self._header.summary = text
        self._header.is_warning = is_warning
        self._header.setAccessibleDescription(text)
        self._header.update()

    def set_open(self, is_open: bool) -> None:
        """Show or hide the body."""
        self._header.setChecked(is_open)

    def _on_toggled(self, is_open: bool) -> None:
        self._body.setVisible(is_open)
        self._header.update()
        self.toggled.emit(is_open)
