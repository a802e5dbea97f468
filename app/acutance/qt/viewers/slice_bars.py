"""One bar per slice of a thin strip, and the way to go there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from acutance.qt.language import tr
from acutance.qt.theme import FONT_SMALL, current_tokens, ui_font
from acutance.qt.viewers import strip_painting
from acutance.qt.viewers.listening import listen

if TYPE_CHECKING:
    from acutance.core.affine import Plane
    from acutance.session import Session

HEIGHT = 36


class SliceBars(QWidget):
    """A value for every slice of the active series; drag, click or arrow keys scrub.

    A subclass tells the values, their plane and their words, and calls `refresh` when they change.
    Without values the strip is not seen.

    Parameters
    ----------
    session : Session
    title : str
        Stands before the bars.

    Signals
    -------
    None of its own.
    """

    #: The bar of a slice with this value is as high as the strip; no lower series has a higher one.
    LEAST_FULL = 1.0

    def __init__(self, session: Session, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._title = title
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setFixedHeight(HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        listen(self, session.cursor_changed, self._on_cursor)

    @property
    def values(self) -> tuple[float | None, ...]:
        """The value of each slice, in file order; empty where there is nothing to show."""
        raise NotImplementedError

    @property
    def plane(self) -> Plane:
        """The plane of the slices."""
        raise NotImplementedError

    def slice_text(self, index: int) -> str:
        """Return what is known of a slice, in one line."""
        raise NotImplementedError

    def value_text(self, value: float | None) -> str:
        """Return a value as it stands behind the bars."""
        raise NotImplementedError

    def bar_colour(self) -> QColor:
        """Return the colour of the bars."""
        return QColor(current_tokens().secondary)

    def slice_at(self, x: float) -> int | None:
        """Return the slice under a horizontal place, clamped to the ends; None without any."""
        bars, count = self._bars(), len(self.values)
        if not count:
            return None
        return min(max(int((x - bars.left()) * count / bars.width()), 0), count - 1)

    def sizeHint(self) -> QSize:
        """Prefer the width of the image grid."""
        return QSize(720, HEIGHT)

    def refresh(self, *_: object) -> None:
        """Show other values."""
        self.setVisible(bool(self.values))
        self._on_cursor()

    def _bars(self) -> QRectF:
        return strip_painting.bars_rect(QRectF(self.rect())).adjusted(0, -3, 0, 3)

    def _on_cursor(self, *_: object) -> None:
        if self.values:
            index = self._session.slice_index(self.plane)
            self.setAccessibleDescription(f"{tr(self.plane)} {self.slice_text(index)}")
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw name, bars and the current slice."""
        painter = QPainter(self)
        try:
            if self.values:
                self._paint(painter, self.values)
        finally:
            painter.end()

    def _paint(self, painter: QPainter, values: tuple[float | None, ...]) -> None:
        tokens, bars = current_tokens(), self._bars()
        strip_painting.draw_background(painter, QRectF(self.rect()), has_focus=self.hasFocus())
        count = len(values)
        full = max([self.LEAST_FULL, *(value for value in values if value is not None)])
        width = bars.width() / count
        gap = 1.0 if width >= 3 else 0.0
        known = self.bar_colour()
        for index, value in enumerate(values):
            height = 1.0 if value is None else max(1.5, bars.height() * value / full)
            colour = QColor(tokens.line) if value is None else known
            left = bars.left() + index * width
            painter.fillRect(QRectF(left, bars.bottom() - height, width - gap, height), colour)
        current = self._session.slice_index(self.plane)
        strip_painting.draw_marker(painter, bars, current, count, is_short=False)
        painter.setFont(ui_font(FONT_SMALL))
        painter.setPen(QColor(tokens.secondary))
        place = QRectF(8, 0, bars.left() - 14, self.height())
        painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, self._title)
        value = values[current] if 0 <= current < count else None
        place = QRectF(bars.right() + 10, 0, self.width() - bars.right() - 14, self.height())
        painter.setPen(QColor(tokens.text))
        painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, self.value_text(value))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Go to the slice under the pointer."""
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        self._go(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Scrub while pressed; else tell of the slice under the pointer."""
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._go(event.position())
            return
        index = self.slice_at(event.position().x())
        if index is not None:
            QToolTip.showText(event.globalPosition().toPoint(), self.slice_text(index), self)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Step with Left and Right, ten with Shift."""
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        step = steps.get(Qt.Key(event.key()))
        if step is None or not self.values:
            super().keyPressEvent(event)
            return
        far = 10 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1
        self._session.step(self.plane, step * far)

    def _go(self, position: QPointF) -> None:
        index = self.slice_at(position.x())
        if index is not None:
            self._session.set_slice(self.plane, index)
