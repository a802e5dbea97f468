"""What stands in place of an image: a load that goes on, or what went wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter

from acutance.qt.language import tr, translated
from acutance.qt.theme import DARK, FONT_LARGE, FONT_NORMAL, ui_font
from acutance.session import SeriesEntry, SeriesState

if TYPE_CHECKING:
    from collections.abc import Sequence

MARGIN = 8


def draw_state(
    painter: QPainter, rect: QRect, entry: SeriesEntry | None, *, has_own: bool = False
) -> None:
    """Draw how a series without voxels stands; a view of its own without one says what to do."""
    if entry is None:
        if has_own:
            hint = tr("Click here, then choose a series in the list; or right click.")
            draw_message(painter, rect, tr("No series in this view"), (hint,))
        return
    if entry.state is SeriesState.FAILED and entry.error is not None:
        where = entry.error.path.name if entry.error.path is not None else entry.title
        lines = (where, translated(entry.error.message), translated(entry.error.remedy))
        draw_message(painter, rect, tr("This series could not be read"), lines)
    elif entry.state is SeriesState.LOADING:
        draw_message(painter, rect, entry.title, (tr("Loading…"),))
        draw_progress(painter, rect, entry.progress)


def draw_progress(painter: QPainter, rect: QRect, fraction: float) -> None:
    """Draw the thin bar of a load along the lower edge."""
    bar = QRectF(rect.left(), rect.bottom() - 2, rect.width(), 3)
    painter.fillRect(bar, QColor(DARK.line))
    bar.setWidth(bar.width() * fraction)
    painter.fillRect(bar, QColor(DARK.accent))


def draw_message(painter: QPainter, rect: QRect, title: str, lines: Sequence[str]) -> None:
    """Draw a title and paragraphs in the middle of an empty view, wrapped to its width."""
    width = min(rect.width() - 4 * MARGIN, 420)
    if width < 60:
        return
    flags = Qt.AlignmentFlag.AlignHCenter | Qt.TextFlag.TextWordWrap
    parts = [(title, ui_font(FONT_LARGE, bold=True), QColor(DARK.text))]
    parts += [(line, ui_font(FONT_NORMAL), QColor(DARK.secondary)) for line in lines if line]
    boxes = []
    for text, font, _ in parts:
        area = QRect(0, 0, width, 10_000)
        boxes.append(QFontMetrics(font).boundingRect(area, flags.value, text).height())
    y = rect.center().y() - (sum(boxes) + MARGIN * (len(boxes) - 1)) // 2
    for (text, font, color), height in zip(parts, boxes, strict=True):
        painter.setFont(font)
        painter.setPen(color)
        painter.drawText(QRect(rect.center().x() - width // 2, y, width, height), flags.value, text)
        y += height + MARGIN
