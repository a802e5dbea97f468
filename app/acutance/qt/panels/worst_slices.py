"""The worst slices of a series as rows that lead to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QVBoxLayout, QWidget

from acutance.qt.language import numeral, tr
from acutance.qt.panels.labels import plain_label
from acutance.qt.theme import (
    FONT_NORMAL,
    FONT_SMALL,
    RADIUS,
    current_tokens,
    ui_font,
    verdict_color,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from acutance.core.quality import SliceScore, Thresholds

#: Rows shown.
WORST_COUNT = 5


class SliceRow(QAbstractButton):
    """One slice: plane and index, a bar, the number."""

    def __init__(self, score: SliceScore, thresholds: Thresholds, parent: QWidget) -> None:
        super().__init__(parent)
        self.score = score
        self._value = score.ssim_pred if score.ssim_pred is not None else 0.0
        self._verdict = thresholds.verdict(self._value)
        self._is_current = False
        self.setText(f"{tr(score.plane)} {score.index}")
        self.setAccessibleName(
            tr("{slice}, predicted SSIM {value:.2f}", slice=self.text(), value=self._value)
        )
        self.setToolTip(tr("Go to this slice"))
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def sizeHint(self) -> QSize:
        """Prefer one line."""
        return QSize(200, 24)

    def set_current(self, is_current: bool) -> None:
        """Mark the slice that is looked at."""
        if is_current != self._is_current:
            self._is_current = is_current
            self.update()

    def event(self, event: QEvent) -> bool:
        """Repaint when the pointer enters or leaves."""
        if event.type() in (QEvent.Type.HoverEnter, QEvent.Type.HoverLeave):
            self.update()
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the row."""
        tokens = current_tokens()
        painter = QPainter(self)
        try:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            box = QRectF(self.rect())
            if self.underMouse() or self._is_current:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(QColor(tokens.raised))
                painter.drawRoundedRect(box, RADIUS, RADIUS)
            if self.hasFocus():
                painter.setPen(QColor(tokens.accent))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), RADIUS, RADIUS)
            inner = box.adjusted(8, 0, -8, 0)
            painter.setFont(ui_font(FONT_SMALL))
            painter.setPen(QColor(tokens.accent if self._is_current else tokens.text))
            painter.drawText(inner, Qt.AlignmentFlag.AlignVCenter, self.text())
            painter.setFont(ui_font(FONT_NORMAL))
            painter.setPen(QColor(tokens.text))
            right = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
            painter.drawText(inner, right, numeral(self._value, ".2f"))
            bar = QRectF(inner.left() + 92, box.center().y() - 2, inner.width() - 92 - 44, 4)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(tokens.line))
            painter.drawRoundedRect(bar, 2, 2)
            bar.setWidth(bar.width() * self._value)
            painter.setBrush(verdict_color(self._verdict))
            painter.drawRoundedRect(bar, 2, 2)
        finally:
            painter.end()


class WorstSlices(QWidget):
    """The slices with the lowest predicted SSIM.

    Signals
    -------
    slice_requested : str, int
        Plane and index of the row that was clicked.
    """

    slice_requested = Signal(str, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: list[SliceRow] = []
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(0)
        heading = plain_label(tr("Worst slices"), size=FONT_SMALL, is_secondary=True)
        heading.setContentsMargins(8, 0, 0, 4)
        self._layout.addWidget(heading)
        self.setAccessibleName(tr("Worst slices"))

    @property
    def rows(self) -> tuple[SliceRow, ...]:
        """The rows, worst first."""
        return tuple(self._rows)

    def set_scores(self, scores: Sequence[SliceScore], thresholds: Thresholds) -> None:
        """Show the first of these scores; none hides the list."""
        for row in self._rows:
            self._layout.removeWidget(row)
            row.hide()
            row.deleteLater()
        self._rows = []
        for score in scores[:WORST_COUNT]:
            row = SliceRow(score, thresholds, self)
            row.clicked.connect(self._on_clicked)
            self._layout.addWidget(row)
            self._rows.append(row)
        self.setVisible(bool(self._rows))

    def _on_clicked(self) -> None:
        row = self.sender()
        if isinstance(row, SliceRow):
            self.slice_requested.emit(row.score.plane, row.score.index)
