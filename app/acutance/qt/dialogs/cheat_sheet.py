"""The keys, over the window."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QRectF, Qt
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from acutance import __version__
from acutance.qt.dialogs.overlays import Overlay
from acutance.qt.language import mark, no_diagnosis, tr
from acutance.qt.panels.labels import plain_label
from acutance.qt.theme import FONT_NORMAL, FONT_SMALL, RADIUS, current_tokens

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Rows = Sequence[tuple[str, str]]

#: Keys and what they do, for those that belong to the views.
VIEW_KEYS: tuple[tuple[str, str], ...] = (
    ("0", mark("Automatic window")),
    (mark("1, 2 … 9"), mark("Window as stored, presets")),
    (mark("Wheel, Up, Down"), mark("Change the slice or frame")),
    (mark("Shift+Up, Down"), mark("Ten slices or frames on")),
    (mark("Home, End"), mark("First, last slice or frame")),
    (mark("Space, C"), mark("Play or stop a video")),
    (mark("Comma, full stop"), mark("One frame back, on")),
    (mark("Left drag"), mark("Crosshair, or the tool in hand")),
    (mark("Ctrl+Shift+drag"), mark("Window and level")),
    (mark("Middle, Shift+drag"), mark("Pan")),
    (mark("Right drag, +, −"), mark("Zoom; Ctrl+wheel, too")),
    (mark("Double click, Return"), mark("Enlarge a view, restore")),
    (mark("B, held"), mark("Before: the other series")),
)
#: Keys with a meaning of their own in a view, which no command may take.
RESERVED = (
    *"0123456789B",
    *("Up", "Down", "Left", "Right", "Home", "End", "Space", "Return", "Enter", "Tab", "Esc"),
    *("Shift+Up", "Shift+Down", "+", "-", "=", "Shift+Tab"),
)
_MARGIN, _MOST_COLUMNS = 24, 4


class CheatSheet(Overlay):
    """The keys that hold now, in as many columns as fit; a key or a click closes it.

    Parameters
    ----------
    commands, view_commands : callable
        Return key and meaning of commands, as they are when the sheet is opened.
    """

    def __init__(
        self,
        commands: Callable[[], Rows],
        view_commands: Callable[[], Rows],
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._commands, self._view_commands = commands, view_commands
        self.setAccessibleName(tr("Keys"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._last_focus: QWidget | None = None
        self._card = QScrollArea(self)
        self._card.setFrameShape(QFrame.Shape.NoFrame)
        self._card.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._card.setWidgetResizable(True)
        self._card.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def rows(self) -> list[tuple[str, str]]:
        """Return every key with its meaning, as shown."""
        return [*self._commands(), *_view_keys(), *self._view_commands()]

    def open(self) -> None:
        """Show what holds now, and take the keyboard."""
        self._last_focus = self.window().focusWidget()
        super().open()
        self._fill()
        self.setFocus()

    def close_sheet(self) -> None:
        """Hide, and give the keyboard back."""
        self.hide()
        if self._last_focus is not None:
            self._last_focus.setFocus()

    def _fill(self) -> None:
        room = self.width() - 2 * _MARGIN - 14
        for columns in range(_MOST_COLUMNS, 0, -1):
            content = self._content(columns)
            if columns == 1 or content.sizeHint().width() <= room:
                break
            content.deleteLater()
        self._card.setWidget(content)
        self._place()

    def _content(self, columns: int) -> QWidget:
        of_views = [*_view_keys(), *self._view_commands()]
        lines = [(tr("Commands"), ""), *self._commands(), (tr("In a view"), ""), *of_views]
        height = -(-len(lines) // columns)
        content = QWidget()
        content.setAutoFillBackground(True)
        content.setBackgroundRole(self.palette().ColorRole.AlternateBase)
        across = QHBoxLayout()
        across.setSpacing(28)
        for start in range(0, len(lines), height):
            across.addLayout(_column(lines[start : start + height]))
        whole = QVBoxLayout(content)
        whole.setContentsMargins(_MARGIN, 16, _MARGIN, 16)
        whole.addLayout(across)
        whole.addStretch(1)
        hint = tr(
            "Acutance {version}. {notice}. Any key closes this.",
            version=__version__,
            notice=no_diagnosis(),
        )
        whole.addWidget(plain_label(hint, size=FONT_SMALL, is_secondary=True))
        return content

    def _place(self) -> None:
        content = self._card.widget()
        if content is None:
            return
        wanted = content.sizeHint()
        width = min(wanted.width() + 12, self.width() - 2 * _MARGIN)
        height = min(wanted.height() + 2, self.height() - 2 * _MARGIN)
        left, top = (self.width() - width) // 2, (self.height() - height) // 2
        self._card.setGeometry(left, top, width, height)

    def _cover(self) -> None:
        super()._cover()
        self._place()

    def event(self, event: QEvent) -> bool:
        """Take keys before they become shortcuts of the window."""
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Scroll where there is more than fits; close on any other key but a modifier."""
        bar, keys = self._card.verticalScrollBar(), Qt.Key
        steps = {keys.Key_Up: -40, keys.Key_Down: 40}
        pages = {keys.Key_PageUp: -bar.pageStep(), keys.Key_PageDown: bar.pageStep()}
        way = (steps | pages).get(keys(event.key()), 0)
        if way and bar.maximum() > 0:
            bar.setValue(bar.value() + way)
            event.accept()
            return
        modifiers = (Qt.Key.Key_Shift, Qt.Key.Key_Control, Qt.Key.Key_Alt, Qt.Key.Key_Meta)
        if event.key() not in modifiers:
            self.close_sheet()
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Close."""
        self.close_sheet()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the veil and the frame of the card."""
        painter = QPainter(self)
        try:
            self._dim(painter, 200)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QColor(current_tokens().line))
            frame = QRectF(self._card.geometry()).adjusted(-0.5, -0.5, 0.5, 0.5)
            painter.drawRoundedRect(frame, RADIUS, RADIUS)
        finally:
            painter.end()


def _column(rows: Rows) -> QVBoxLayout:
    """Return keys and their meanings under each other; a row without a meaning is a heading."""
    column = QVBoxLayout()
    grid = QGridLayout()
    grid.setHorizontalSpacing(12)
    grid.setVerticalSpacing(4)
    for n, (key, text) in enumerate(rows):
        if text:
            grid.addWidget(plain_label(key, size=FONT_SMALL, bold=True), n, 0)
            grid.addWidget(plain_label(text, size=FONT_SMALL, is_secondary=True), n, 1)
        else:
            heading = plain_label(key, size=FONT_NORMAL, bold=True)
            heading.setContentsMargins(0, 8 if n else 0, 0, 2)
            grid.addWidget(heading, n, 0, 1, 2)
    grid.setColumnStretch(1, 1)
    column.addLayout(grid)
    column.addStretch(1)
    return column


def _view_keys() -> list[tuple[str, str]]:
    return [(tr(keys), tr(meaning)) for keys, meaning in VIEW_KEYS]
