"""How the parts of the score strip are drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPolygonF

from acutance.core.quality import SliceScore, Thresholds, Verdict
from acutance.qt.language import numeral, tr
from acutance.qt.theme import FONT_NORMAL, FONT_SMALL, current_tokens, ui_font, verdict_color

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from acutance.core.affine import Plane

_LEFT, _RIGHT, _TOP, _BOTTOM = 112, 120, 9, 9
_NUMBER_HEIGHT = 11.0
_FONT_TINY = 10
#: Height of the stub that stands for a slice without anatomy.
_STUB = 7.0


def bars_rect(rect: QRectF) -> QRectF:
    """Return where the bars stand inside the strip."""
    return rect.adjusted(_LEFT, _TOP, -_RIGHT, -_BOTTOM)


def draw_background(painter: QPainter, rect: QRectF, *, has_focus: bool) -> None:
    """Draw the panel, its upper edge, and the focus ring."""
    tokens = current_tokens()
    painter.fillRect(rect, QColor(tokens.surface))
    painter.fillRect(QRectF(rect.left(), rect.top(), rect.width(), 1), QColor(tokens.line))
    if has_focus:
        painter.setPen(QColor(tokens.accent))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(rect.adjusted(0, 0, -1, -1))


def _row(rect: QRectF, row: int, rows: int) -> QRectF:
    height = min(20.0, (rect.height() - 4) / rows)
    top = rect.center().y() - height * rows / 2
    return QRectF(rect.left() + 8, top + row * height, _LEFT - 44, height)


def plane_at(rect: QRectF, planes: Sequence[Plane], place: QPointF) -> Plane | None:
    """Return the plane name under a place, where there is a choice."""
    if len(planes) < 2:
        return None
    rows = (_row(rect, n, len(planes)) for n in range(len(planes)))
    return next((p for p, row in zip(planes, rows, strict=True) if row.contains(place)), None)


def draw_planes(painter: QPainter, rect: QRectF, planes: Sequence[Plane], shown: Plane) -> None:
    """Draw the names of the planes to choose from, or what the bars of the only one are."""
    tokens = current_tokens()
    flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
    if len(planes) < 2:
        for n, (text, color, size) in enumerate(
            ((shown, tokens.text, FONT_NORMAL), (tr("SSIM pred."), tokens.secondary, FONT_SMALL))
        ):
            painter.setFont(ui_font(size))
            painter.setPen(QColor(color))
            painter.drawText(_row(rect, n, 2).adjusted(4, 0, 0, 0), flags, text)
        return
    painter.setFont(ui_font(FONT_SMALL))
    for n, plane in enumerate(planes):
        row = _row(rect, n, len(planes))
        if plane == shown:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(tokens.line))
            painter.drawRoundedRect(row, 4, 4)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setPen(QColor(tokens.text if plane == shown else tokens.secondary))
        painter.drawText(row.adjusted(8, 0, 0, 0), flags, plane)


def draw_headline(
    painter: QPainter, bars: QRectF, scores: Iterable[SliceScore], count: int
) -> None:
    """Mark the slices the value of the series is the mean of."""
    inside = [score.index for score in scores if score.in_headline]
    if not inside:
        return
    tokens = current_tokens()
    step = bars.width() / count
    left = bars.left() + min(inside) * step
    width = (max(inside) + 1 - min(inside)) * step
    painter.fillRect(QRectF(left, bars.top(), width, bars.height()), QColor(tokens.raised))
    painter.fillRect(QRectF(left, bars.bottom() + 2, width, 2), QColor(tokens.disabled))


def draw_thresholds(painter: QPainter, bars: QRectF, thresholds: Thresholds) -> None:
    """Draw a thin line across the bars and a small number at each threshold."""
    tokens = current_tokens()
    line = QColor(tokens.text)
    line.setAlpha(70)
    painter.setFont(ui_font(_FONT_TINY))
    flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
    # Thresholds near each other: their numbers move apart, their lines stay.
    apart = max(0.0, _NUMBER_HEIGHT - (thresholds.usable - thresholds.repeat) * bars.height()) / 2
    for value, shift in ((thresholds.usable, -apart), (thresholds.repeat, apart)):
        y = round(bars.bottom() - value * bars.height())
        painter.fillRect(QRectF(bars.left(), y, bars.width(), 1), line)
        painter.setPen(QColor(tokens.secondary))
        place = QRectF(bars.left() - 36, y - 7 + shift, 32, 14)
        painter.drawText(place, flags, numeral(value, ".2f"))


def draw_bars(
    painter: QPainter,
    bars: QRectF,
    scores: Mapping[int, SliceScore],
    count: int,
    thresholds: Thresholds,
) -> None:
    """Draw a bar per slice; where they would be too thin, one for the worst of neighbours."""
    columns = max(1, min(count, int(bars.width() / 2)))
    step = bars.width() / columns
    gap = 1.0 if step >= 3 else 0.0
    groups: dict[int, list[SliceScore]] = {}
    for index, score in scores.items():
        groups.setdefault(index * columns // count, []).append(score)
    for column, group in groups.items():
        # Edges on whole pixels: else neighbours of one height differ in shade.
        left = round(bars.left() + column * step)
        width = max(1.0, round(bars.left() + (column + 1) * step) - left - gap)
        values = [s.ssim_pred for s in group if s.ssim_pred is not None]
        if values:
            value = min(values)
            height = max(2.0, round(value * bars.height()))
            bar = QRectF(left, bars.bottom() - height, width, height)
            _draw_bar(painter, bar, thresholds.verdict(value))
        else:
            stub = QRectF(left, bars.bottom() - _STUB, width, _STUB)
            color = verdict_color(Verdict.NOT_ASSESSED)
            painter.fillRect(stub, QBrush(color, Qt.BrushStyle.Dense5Pattern))


def _draw_bar(painter: QPainter, bar: QRectF, verdict: Verdict) -> None:
    color = verdict_color(verdict)
    if verdict is Verdict.USABLE:
        # What is well recedes, so that the rest stands out.
        color.setAlpha(175)
    painter.fillRect(bar, color)
    if verdict is Verdict.REPEAT:
        # Stripes tell it from the others without colour.
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        dark = QColor(current_tokens().surface)
        y = bar.bottom() - 5
        while y > bar.top() + 1:
            painter.fillRect(QRectF(bar.left(), y, bar.width(), 2), dark)
            y -= 6


def draw_status(painter: QPainter, bars: QRectF, text: str, fraction: float) -> None:
    """Draw why there are no bars, and how far a running score is."""
    tokens = current_tokens()
    painter.fillRect(QRectF(bars.left(), bars.bottom(), bars.width(), 1), QColor(tokens.line))
    painter.setFont(ui_font(FONT_NORMAL))
    painter.setPen(QColor(tokens.secondary))
    line = painter.fontMetrics().elidedText(
        text, Qt.TextElideMode.ElideRight, int(bars.width()) - 16
    )
    painter.drawText(bars, Qt.AlignmentFlag.AlignCenter, line)
    if fraction > 0:
        done = QRectF(bars.left(), bars.bottom() - 1, bars.width() * fraction, 3)
        painter.fillRect(done, QColor(tokens.accent))


def _slot(bars: QRectF, index: int, count: int) -> QRectF:
    step = bars.width() / max(count, 1)
    left = round(bars.left() + index * step)
    return QRectF(left, bars.top(), max(2.0, round(step) - 1.0), bars.height())


def draw_hover(painter: QPainter, bars: QRectF, index: int, count: int) -> None:
    """Lighten the slice under the pointer."""
    color = QColor(current_tokens().text)
    color.setAlpha(60)
    painter.fillRect(_slot(bars, index, count), color)


def draw_marker(
    painter: QPainter, bars: QRectF, index: int, count: int, *, is_short: bool = False
) -> None:
    """Draw the current slice: a small head and a line, short where text would be crossed."""
    accent = QColor(current_tokens().accent)
    x = round(_slot(bars, index, count).center().x())
    height = 10.0 if is_short else bars.height() + 9
    painter.fillRect(QRectF(x - 1, bars.top() - 5, 2, height), accent)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(accent)
    top = bars.top() - 6
    head = [QPointF(x - 5, top), QPointF(x + 5, top), QPointF(x, top + 6)]
    painter.drawPolygon(QPolygonF(head))
    painter.restore()


def draw_position(
    painter: QPainter, rect: QRectF, index: int, count: int, *, is_scored: bool
) -> None:
    """Write the current slice, and the key that leads to the next bad one."""
    tokens = current_tokens()
    area = QRectF(rect.right() - _RIGHT + 12, rect.top(), _RIGHT - 20, rect.height())
    flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
    upper = area.adjusted(0, 10, 0, -area.height() / 2) if is_scored else area
    painter.setFont(ui_font(FONT_NORMAL))
    painter.setPen(QColor(tokens.text))
    painter.drawText(upper, flags, f"{index} / {count}")
    if is_scored:
        painter.setFont(ui_font(FONT_SMALL))
        painter.setPen(QColor(tokens.secondary))
        painter.drawText(area.adjusted(0, area.height() / 2, 0, -10), flags, tr("N = next worst"))
