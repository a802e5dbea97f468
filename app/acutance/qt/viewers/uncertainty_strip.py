"""One bar per slice: where a segmentation is least sure, and the way to go there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from acutance.core.segmentation import SegmentationResult
from acutance.qt.theme import FONT_SMALL, current_tokens, ui_font
from acutance.qt.viewers import strip_painting
from acutance.qt.viewers.listening import listen

if TYPE_CHECKING:
    from acutance.session import Session

HEIGHT = 36
#: The bar of a slice with this uncertainty is as high as the strip; a surer scan has no higher one.
LEAST_FULL = 0.3


class UncertaintyStrip(QWidget):
    """The mean uncertainty of every slice that was segmented; drag, click or arrow keys scrub.

    Seen only where the active series has a segmentation.

    Parameters
    ----------
    session : Session

    Signals
    -------
    None of its own.
    """

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._result: SegmentationResult | None = None
        self.setObjectName("uncertainty_strip")
        self.setAccessibleName("Uncertainty strip")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setFixedHeight(HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        for signal in (
            session.segmentations.changed,
            session.active_changed,
            session.series_changed,
        ):
            listen(self, signal, self._refresh)
        listen(self, session.cursor_changed, self._on_cursor)
        self._refresh()

    @property
    def values(self) -> tuple[float | None, ...]:
        """The uncertainty of each slice; empty without a segmentation."""
        return () if self._result is None else self._result.uncertainty_by_slice

    def slice_text(self, index: int) -> str:
        """Return what is known of a slice, in one line."""
        value = self.values[index]
        told = "nothing labelled" if value is None else f"mean uncertainty {value:.2f}"
        return f"slice {index} · {told} (0 certain, 1 even)"

    def slice_at(self, x: float) -> int | None:
        """Return the slice under a horizontal place, clamped to the ends; None without any."""
        bars, count = self._bars(), len(self.values)
        if not count:
            return None
        return min(max(int((x - bars.left()) * count / bars.width()), 0), count - 1)

    def sizeHint(self) -> QSize:
        """Prefer the width of the image grid."""
        return QSize(720, HEIGHT)

    def _bars(self) -> QRectF:
        return strip_painting.bars_rect(QRectF(self.rect())).adjusted(0, -3, 0, 3)

    def _refresh(self, *_: object) -> None:
        answer = self._session.segmentations.answer
        self._result = answer if isinstance(answer, SegmentationResult) else None
        self.setVisible(self._result is not None)
        self._on_cursor()

    def _on_cursor(self, *_: object) -> None:
        if self._result is not None:
            index = self._session.slice_index(self._result.plane)
            self.setAccessibleDescription(f"{self._result.plane} {self.slice_text(index)}")
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw name, bars and the current slice."""
        painter = QPainter(self)
        try:
            if self._result is not None:
                self._paint(painter, self._result)
        finally:
            painter.end()

    def _paint(self, painter: QPainter, result: SegmentationResult) -> None:
        tokens, bars = current_tokens(), self._bars()
        strip_painting.draw_background(painter, QRectF(self.rect()), has_focus=self.hasFocus())
        count = len(self.values)
        known = [value for value in self.values if value is not None]
        full = max([LEAST_FULL, *known])
        width = bars.width() / count
        gap = 1.0 if width >= 3 else 0.0
        for index, value in enumerate(self.values):
            height = 1.0 if value is None else max(1.5, bars.height() * value / full)
            colour = QColor(tokens.line if value is None else tokens.secondary)
            left = bars.left() + index * width
            painter.fillRect(QRectF(left, bars.bottom() - height, width - gap, height), colour)
        current = self._session.slice_index(result.plane)
        strip_painting.draw_marker(painter, bars, current, count, is_short=False)
        painter.setFont(ui_font(FONT_SMALL))
        painter.setPen(QColor(tokens.secondary))
        place = QRectF(8, 0, bars.left() - 14, self.height())
        painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, "uncertainty")
        value = self.values[current] if 0 <= current < count else None
        told = "\N{EM DASH}" if value is None else f"{value:.2f}"
        place = QRectF(bars.right() + 10, 0, self.width() - bars.right() - 14, self.height())
        painter.setPen(QColor(tokens.text))
        painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, f"{told} of 1")

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
        if step is None or self._result is None:
            super().keyPressEvent(event)
            return
        far = 10 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1
        self._session.step(self._result.plane, step * far)

    def _go(self, position: QPointF) -> None:
        index = self.slice_at(position.x())
        if index is not None and self._result is not None:
            self._session.set_slice(self._result.plane, index)
