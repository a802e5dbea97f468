"""What is drawn over the whole window for a moment: the drop target and the cheat sheet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QRectF, Qt
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QFrame, QGridLayout, QVBoxLayout, QWidget

from acutance import NOT_FOR_DIAGNOSIS, __version__
from acutance.qt.panels.labels import plain_label
from acutance.qt.panels.start_page import paint_drop_target
from acutance.qt.theme import FONT_LARGE, FONT_SMALL, RADIUS, current_tokens

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Keys and what they do, for those that belong to the views.
VIEW_KEYS: tuple[tuple[str, str], ...] = (
    ("0", "Automatic window"),
    ("1, 2 … 9", "Window as stored, presets"),
    ("Wheel, Up, Down", "Change the slice or frame"),
    ("Shift+Up, Shift+Down", "Ten slices or frames on"),
    ("Home, End", "First, last slice or frame"),
    ("Space, C", "Play or stop a video"),
    ("Comma, full stop", "One frame back, on"),
    ("Left drag", "Move the crosshair, or the tool in hand"),
    ("Ctrl+Shift+left drag", "Window and level"),
    ("Middle drag, Shift+left drag", "Pan"),
    ("Right drag, Ctrl+wheel, +, −", "Zoom"),
    ("Double click, Return", "Enlarge a view, restore"),
    ("B, held", "Before: the series that is compared with"),
)


class _Overlay(QWidget):
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


class DropOverlay(_Overlay):
    """Says that a drop will be taken."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAccessibleName("Drop here")

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw a veil and the frame."""
        painter = QPainter(self)
        try:
            self._dim(painter, 242)
            paint_drop_target(
                painter, QRectF(self.rect()).adjusted(24, 24, -24, -24), is_active=True
            )
        finally:
            painter.end()


class CheatSheet(_Overlay):
    """The keys, over the window; a key or a click closes it."""

    def __init__(
        self,
        commands: Sequence[tuple[str, str]],
        view_commands: Sequence[tuple[str, str]],
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName("Keys")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._last_focus: QWidget | None = None
        self._card = QFrame(self)
        self._card.setAutoFillBackground(True)
        self._card.setBackgroundRole(QPalette.ColorRole.AlternateBase)
        columns = QGridLayout(self._card)
        columns.setContentsMargins(24, 20, 24, 20)
        columns.setHorizontalSpacing(16)
        columns.setVerticalSpacing(7)
        columns.addWidget(plain_label("Commands", size=FONT_LARGE, bold=True), 0, 0, 1, 2)
        columns.addWidget(plain_label("In a view", size=FONT_LARGE, bold=True), 0, 3, 1, 2)
        columns.setColumnMinimumWidth(2, 24)
        for start, rows in ((0, commands), (3, (*VIEW_KEYS, *view_commands))):
            for n, (key, text) in enumerate(rows, start=1):
                name = plain_label(key, bold=True)
                columns.addWidget(name, n, start)
                columns.addWidget(plain_label(text, is_secondary=True), n, start + 1)
        hint = f"Acutance {__version__}. {NOT_FOR_DIAGNOSIS}. Any key closes this."
        label = plain_label(hint, size=FONT_SMALL, is_secondary=True)
        row = len(VIEW_KEYS) + len(view_commands)
        columns.addWidget(label, row, 0, 1, 2, Qt.AlignmentFlag.AlignBottom)
        layout = QVBoxLayout(self)
        layout.addWidget(self._card, 0, Qt.AlignmentFlag.AlignCenter)

    def open(self) -> None:
        """Show, and take the keyboard."""
        self._last_focus = self.window().focusWidget()
        super().open()
        self.setFocus()

    def close_sheet(self) -> None:
        """Hide, and give the keyboard back."""
        self.hide()
        if self._last_focus is not None:
            self._last_focus.setFocus()

    def event(self, event: QEvent) -> bool:
        """Take keys before they become shortcuts of the window."""
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Close on any key but a modifier."""
        modifiers = (Qt.Key.Key_Shift, Qt.Key.Key_Control, Qt.Key.Key_Alt, Qt.Key.Key_Meta)
        if event.key() not in modifiers:
            self.close_sheet()
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Close."""
        self.close_sheet()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the veil and the frame of the card."""
        tokens = current_tokens()
        painter = QPainter(self)
        try:
            self._dim(painter, 200)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QColor(tokens.line))
            frame = QRectF(self._card.geometry()).adjusted(-0.5, -0.5, 0.5, 0.5)
            painter.drawRoundedRect(frame, RADIUS, RADIUS)
        finally:
            painter.end()
