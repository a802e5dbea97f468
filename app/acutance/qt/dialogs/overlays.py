"""What is drawn over the whole window for a moment, such as the drop target."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from acutance.qt.language import tr
from acutance.qt.panels.start_page import paint_drop_target
from acutance.qt.theme import current_tokens


class Overlay(QWidget):
    """Covers its parent and follows its size."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        parent.installEventFilter(self)
        self.hide()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the parent's size."""
        if event.type() == QEvent.Type.Resize and watched is self.parent():
            self._cover()
        return False

    def open(self) -> None:
        """Show over everything else."""
        self._cover()
        self.raise_()
        self.show()

    def _cover(self) -> None:
        parent = self.parentWidget()
        if parent is not None:
            self.setGeometry(parent.rect())

    def _dim(self, painter: QPainter, opacity: int) -> None:
        color = QColor(current_tokens().surface)
        color.setAlpha(opacity)
        painter.fillRect(self.rect(), color)


class DropOverlay(Overlay):
    """Says that a drop will be taken."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAccessibleName(tr("Drop here"))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw a veil and the frame."""
        painter = QPainter(self)
        try:
            self._dim(painter, 252)
            paint_drop_target(
                painter, QRectF(self.rect()).adjusted(24, 24, -24, -24), is_active=True
            )
        finally:
            painter.end()
