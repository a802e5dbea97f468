"""Measurements over a slice: lines, arcs and regions, each with its number."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from acutance.core.measuring import REGIONS, RegionStatistics
from acutance.qt.language import local, numeral, tr
from acutance.qt.theme import DARK, FONT_SMALL, RADIUS, ui_font
from acutance.qt.viewers.captions import format_value
from acutance.qt.viewers.overlay import draw_text

if TYPE_CHECKING:
    from acutance.core.measuring import Measurement
    from acutance.core.volume import Volume
    from acutance.qt.viewers.slice_view import SliceView
    from acutance.session.measurements import Reading

_HALO, _LINE, _CHOSEN = QColor(0, 0, 0, 190), QColor("#ffd76a"), QColor(DARK.accent)
_PLATE = QColor(0, 0, 0, 150)
_HANDLE = 3.0
_GAP = 8.0


def draw_measurement(
    painter: QPainter,
    view: SliceView,
    measurement: Measurement,
    lines: tuple[str, ...],
    *,
    is_chosen: bool,
) -> None:
    """Draw a measurement with its words beside it; the chosen one in the accent colour."""
    places = [view.index_to_widget(point) for point in measurement.points]
    points = [place for place in places if place is not None]
    if len(points) != len(measurement.points):
        return
    colour = _CHOSEN if is_chosen else _LINE
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for pen in (QPen(_HALO, 3.5), QPen(colour, 1.5)):
        painter.setPen(pen)
        _draw_shape(painter, measurement.kind, points)
    painter.setPen(QPen(_HALO, 1.0))
    painter.setBrush(colour)
    for point in points:
        painter.drawEllipse(point, _HANDLE, _HANDLE)
    _draw_words(painter, view, points, lines, colour)


def _draw_shape(painter: QPainter, kind: str, points: list[QPointF]) -> None:
    if kind in REGIONS:
        box = QRectF(points[0], points[1]).normalized()
        (painter.drawEllipse if kind == "ellipse" else painter.drawRect)(box)
    else:
        painter.drawPolyline(points)


def _draw_words(
    painter: QPainter,
    view: SliceView,
    points: list[QPointF],
    lines: tuple[str, ...],
    colour: QColor,
) -> None:
    """Write to the right of the rightmost point, or to the left where there is no room."""
    painter.setFont(ui_font(FONT_SMALL))
    metrics = painter.fontMetrics()
    right = max(points, key=lambda point: point.x())
    left = min(points, key=lambda point: point.x())
    wide = max((metrics.horizontalAdvance(line) for line in lines), default=0)
    x = right.x() + _GAP
    anchor = right
    if x + wide > view.width() - _GAP:
        x, anchor = max(_GAP, left.x() - _GAP - wide), left
    y = anchor.y() + metrics.ascent() / 2 - (len(lines) - 1) * metrics.height() / 2
    y = min(max(y, metrics.ascent() + _GAP), view.height() - len(lines) * metrics.height())
    x, y = round(x), round(y)
    plate = QRectF(x - 4, y - metrics.ascent() - 2, wide + 8, len(lines) * metrics.height() + 4)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(_PLATE)
    painter.drawRoundedRect(plate, RADIUS, RADIUS)
    for number, line in enumerate(lines):
        draw_text(painter, x, y + number * metrics.height(), line, colour)


def reading_lines(volume: Volume, measurement: Measurement, reading: Reading) -> tuple[str, ...]:
    """Return what a measurement gives in words, one line each."""
    if isinstance(reading, RegionStatistics):
        return region_lines(volume, reading)
    if reading is None:
        return (tr("no angle"),)
    if measurement.kind == "angle":
        return (local("{reading:.1f}°", reading=reading),)
    return (f"{numeral(reading, '.1f')} {'mm' if volume.spacing_known else tr('voxels')}",)


def region_lines(volume: Volume, found: RegionStatistics) -> tuple[str, ...]:
    """Return mean, spread, size and signal to noise of a region in words."""
    size = tr("{count} pixels", count=found.count)
    if found.area_mm2 is not None:
        size += tr(", {area_mm2:.0f} mm²", area_mm2=found.area_mm2)
    if found.mean is None:
        return (size,)
    spread = "" if found.sd is None else f" ± {format_value(found.sd)}"
    mean = f"{format_value(found.mean)}{spread} {volume.unit}".rstrip()
    return (mean, size) if found.snr is None else (mean, tr("SNR {snr:.1f}", snr=found.snr), size)
