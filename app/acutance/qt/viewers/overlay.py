"""What is written and drawn over an image: corner text, edge letters, crosshair, messages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRect, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter

from acutance.qt.theme import DARK, FONT_LARGE, FONT_SMALL, ui_font

if TYPE_CHECKING:
    from collections.abc import Sequence

_WHITE, _HALO = QColor("#ffffff"), QColor(0, 0, 0, 190)
_AMBER = QColor(DARK.check)
_OFFSETS = ((0, -1), (-1, 0), (1, 0), (0, 1))
MARGIN = 8
#: Half the opening at the centre of the crosshair, in pixels.
CROSSHAIR_GAP = 10


@dataclass(frozen=True)
class CornerText:
    """Lines of text for the four corners of a view, from the outside in."""

    top_left: tuple[str, ...] = ()
    top_right: tuple[str, ...] = ()
    bottom_left: tuple[str, ...] = ()
    bottom_right: tuple[str, ...] = ()
    warning: str = ""


def draw_text(painter: QPainter, x: float, baseline: float, text: str, color: QColor) -> None:
    """Draw text with a dark halo of one pixel, so that it reads on any image."""
    painter.setPen(_HALO)
    for dx, dy in _OFFSETS:
        painter.drawText(QPointF(x + dx, baseline + dy), text)
    painter.setPen(color)
    painter.drawText(QPointF(x, baseline), text)


def draw_corners(painter: QPainter, rect: QRect, text: CornerText) -> None:
    """Draw the corner text, each line shortened to its half of the view."""
    painter.setFont(ui_font(FONT_SMALL))
    metrics = painter.fontMetrics()
    half = rect.width() // 2 - MARGIN - 14
    top = rect.top() + MARGIN + metrics.ascent()
    bottom = rect.bottom() - MARGIN - metrics.descent()
    step = metrics.height()
    # The letter of the edge stands in the middle: text must end before it.
    right_lines = [(line, _WHITE) for line in text.top_right]
    if text.warning:
        right_lines.append((text.warning, _AMBER))
    for n, line in enumerate(text.top_left):
        _draw_line(painter, metrics, rect, (top + n * step, half, False), line, _WHITE)
    for n, (line, color) in enumerate(right_lines):
        _draw_line(painter, metrics, rect, (top + n * step, half, True), line, color)
    for n, line in enumerate(reversed(text.bottom_left)):
        _draw_line(painter, metrics, rect, (bottom - n * step, half, False), line, _WHITE)
    for n, line in enumerate(reversed(text.bottom_right)):
        _draw_line(painter, metrics, rect, (bottom - n * step, half, True), line, _WHITE)


def _draw_line(
    painter: QPainter,
    metrics: QFontMetrics,
    rect: QRect,
    place: tuple[float, int, bool],
    text: str,
    color: QColor,
) -> None:
    baseline, width, at_right = place
    line = metrics.elidedText(text, Qt.TextElideMode.ElideRight, width)
    x = rect.right() - MARGIN - metrics.horizontalAdvance(line) if at_right else MARGIN
    draw_text(painter, float(x), baseline, line, color)


def draw_letters(painter: QPainter, rect: QRect, edges: Sequence[str]) -> None:
    """Draw the letters at left, right, top and bottom; unknown ones in amber."""
    painter.setFont(ui_font(FONT_LARGE, bold=True))
    metrics = painter.fontMetrics()
    middle = rect.center().y() + metrics.ascent() / 2 - metrics.descent() / 2
    for place, letter in enumerate(edges):
        width = metrics.horizontalAdvance(letter)
        x = (
            rect.left() + MARGIN,
            rect.right() - MARGIN - width,
            rect.center().x() - width / 2,
            rect.center().x() - width / 2,
        )[place]
        y = (middle, middle, MARGIN + metrics.ascent(), rect.bottom() - MARGIN)[place]
        draw_text(painter, x, y, letter, _AMBER if letter == "?" else _WHITE)


def draw_crosshair(painter: QPainter, rect: QRect, centre: QPointF) -> None:
    """Draw two thin lines through `centre`, open in the middle so that nothing is hidden."""
    color = QColor(DARK.accent)
    color.setAlpha(205)
    x, y, gap = round(centre.x() - 0.5), round(centre.y() - 0.5), CROSSHAIR_GAP
    if rect.top() <= y <= rect.bottom():
        painter.fillRect(QRect(rect.left(), y, x - gap - rect.left(), 1) & rect, color)
        painter.fillRect(QRect(x + gap + 1, y, rect.right() - x - gap, 1) & rect, color)
    if rect.left() <= x <= rect.right():
        painter.fillRect(QRect(x, rect.top(), 1, y - gap - rect.top()) & rect, color)
        painter.fillRect(QRect(x, y + gap + 1, 1, rect.bottom() - y - gap) & rect, color)


def draw_focus(painter: QPainter, rect: QRect) -> None:
    """Draw the focus ring just inside the view."""
    painter.setPen(QColor(DARK.accent))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(rect.adjusted(0, 0, -1, -1))
