"""What a comparison draws over the slice of a view."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QLinearGradient, QPainter, QPen, QPolygonF

from acutance.core.regridding import colour_on_grid, slice_on_grid
from acutance.core.slicing import volume_geometry
from acutance.core.window import apply
from acutance.qt.language import tr
from acutance.qt.theme import DARK, FONT_SMALL, ui_font
from acutance.qt.viewers.captions import format_value
from acutance.qt.viewers.overlay import MARGIN, draw_text
from acutance.qt.viewers.slice_image import colour_pixels, shown_table

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from acutance.core.slicing import SliceGeometry
    from acutance.core.volume import Volume
    from acutance.core.window import Window
    from acutance.qt.viewers.slice_view import SliceView
    from acutance.session import Session
    from acutance.session.entry import SeriesEntry

#: Squares of the checkerboard across the longer side of the slice.
CHECKS = 8
#: Slices of a stack that the scale of a difference is taken from, and the share of pixels within.
_SCALE_SLICES, _SCALE_SHARE = 9, 99.0
_BAR_WIDTH, _BAR_HEIGHT = 10.0, 160.0
_LINES_ABOVE = 2
#: Blue, black, orange: told apart without red and green, and zero is as dark as the background.
_LOW, _HIGH = np.array([76.0, 180.0, 255.0]), np.array([255.0, 167.0, 50.0])
_BLACK = np.uint32(0xFF000000)


class CompareLayer:
    """Draws the partner of the series that a view shows, in the way of `session.comparing`.

    Parameters
    ----------
    session : Session
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._key: tuple[object, ...] = ()
        self._image = QImage()
        self._pixels: NDArray[np.uint32] = np.zeros((1, 1), np.uint32)
        self._scale_key: tuple[object, ...] = ()
        self._limit = 1.0

    @property
    def limit(self) -> float:
        """The difference at either end of the scale, in the unit of the series."""
        return self._limit

    def partner_of(self, view: SliceView) -> SeriesEntry | None:
        """Return what the series of a view is compared with now; None where it is not."""
        comparing = self._session.comparing
        if not (comparing.mode or comparing.is_held):
            return None
        return comparing.partner_of(view.pane.entry)

    def draw(self, painter: QPainter, view: SliceView, target: QRectF) -> None:
        """Draw over the slice, which lies in `target`."""
        partner, geometry = self.partner_of(view), view.geometry_of_slice
        if partner is None or partner.volume is None or geometry is None:
            return
        comparing = self._session.comparing
        way = "before" if comparing.is_held else comparing.mode
        if way == "flicker" and not comparing.shows_partner:
            return
        self._prepare(view, partner, geometry, is_difference=way == "difference")
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.setClipRect(target)
        if way == "swipe":
            edge = target.left() + comparing.swipe * target.width()
            painter.setClipRect(target.adjusted(edge - target.left(), 0, 0, 0))
            painter.drawImage(target, self._image)
        elif way == "checker":
            self._draw_checks(painter, target)
        else:
            painter.drawImage(target, self._image)
        painter.restore()

    def draw_over(self, painter: QPainter, view: SliceView, target: QRectF) -> None:
        """Draw the handle, the scale, and which series is which."""
        partner, entry = self.partner_of(view), view.pane.entry
        if partner is None or entry is None:
            return
        comparing = self._session.comparing
        painter.save()
        if comparing.is_held:
            self._draw_caption(
                painter, view, tr("before: {title}", title=partner.title), is_loud=True
            )
        elif comparing.mode == "swipe":
            _draw_handle(painter, target, comparing.swipe)
            self._draw_caption(painter, view, f"{entry.title}  |  {partner.title}")
        elif comparing.mode == "flicker":
            shown = partner if comparing.shows_partner else entry
            self._draw_caption(painter, view, tr("flicker: {title}", title=shown.title))
        elif comparing.mode == "checker":
            self._draw_caption(
                painter,
                view,
                tr("checks: {one}, {other}", one=entry.title, other=partner.title),
            )
        else:
            minus = "\N{MINUS SIGN}"
            self._draw_caption(painter, view, f"{entry.title} {minus} {partner.title}")
            self._draw_scale(painter, view, "" if entry.volume is None else entry.volume.unit)
        painter.restore()

    # Making the picture.

    def _prepare(
        self,
        view: SliceView,
        partner: SeriesEntry,
        geometry: SliceGeometry,
        *,
        is_difference: bool,
    ) -> None:
        entry = view.pane.entry
        if entry is None or entry.volume is None or partner.volume is None:
            return
        one, other, index, grid = entry.volume, partner.volume, view.index, view.grid
        if grid is None:
            return
        window = self._session.comparing.window_of(entry, partner, view.pane.window)
        # The volumes are kept alive by the session as long as they are compared.
        look = self._session.appearance
        colours = (look.colour_map, look.is_inverted)
        key = (id(one), id(other), grid, geometry, index, window, is_difference, colours)
        if key == self._key:
            return
        self._key = key
        if is_difference:
            self._set_limit(one, other, volume_geometry(one, view.plane))
            values = slice_on_grid(one, grid, geometry, index)
            values = values - slice_on_grid(other, grid, geometry, index)
            self._pixels = difference_pixels(values, self._limit)
        elif other.is_colour:
            self._pixels = colour_pixels(colour_on_grid(other, grid, geometry, index))
        else:
            table = shown_table(other, look.colour_map, exchanges=look.is_inverted)
            values = slice_on_grid(other, grid, geometry, index)
            self._pixels = _shown_pixels(values, window, table)
        rows, columns = self._pixels.shape
        form = QImage.Format.Format_ARGB32
        self._image = QImage(self._pixels.data, columns, rows, 4 * columns, form)

    def _set_limit(self, one: Volume, other: Volume, geometry: SliceGeometry) -> None:
        """Take the scale of a difference from slices of the whole stack, so that it stays."""
        key = (id(one), id(other), geometry.plane)
        if key == self._scale_key:
            return
        self._scale_key = key
        found = [0.0]
        for n in range(_SCALE_SLICES):
            index = int((n + 0.5) * geometry.count / _SCALE_SLICES)
            ours = slice_on_grid(one, one, geometry, index)
            gap = np.abs(ours - slice_on_grid(other, one, geometry, index))
            gap = gap[np.isfinite(gap)]
            if gap.size:
                found.append(float(np.percentile(gap, _SCALE_SHARE)))
        self._limit = round_up(max(found)) or 1.0

    # Drawing.

    def _draw_checks(self, painter: QPainter, target: QRectF) -> None:
        rows, columns = self._pixels.shape
        side = max(1, math.ceil(max(rows, columns) / CHECKS))
        across, down = target.width() / columns, target.height() / rows
        for row in range(math.ceil(rows / side)):
            for column in range(math.ceil(columns / side)):
                if (row + column) % 2 == 0:
                    continue
                source = QRectF(column * side, row * side, side, side)
                source &= QRectF(0, 0, columns, rows)
                place = QRectF(
                    target.left() + source.left() * across,
                    target.top() + source.top() * down,
                    source.width() * across,
                    source.height() * down,
                )
                painter.drawImage(place, self._image, source)

    def _draw_caption(
        self, painter: QPainter, view: SliceView, text: str, *, is_loud: bool = False
    ) -> None:
        painter.setFont(ui_font(FONT_SMALL, bold=is_loud))
        metrics = painter.fontMetrics()
        room = view.width() // 2 - 2 * MARGIN
        text = metrics.elidedText(text, Qt.TextElideMode.ElideMiddle, room)
        top = MARGIN + _LINES_ABOVE * metrics.height() + metrics.ascent()
        color = QColor(DARK.check if is_loud else "#ffffff")
        draw_text(painter, MARGIN, float(top), text, color)

    def _draw_scale(self, painter: QPainter, view: SliceView, unit: str) -> None:
        painter.setFont(ui_font(FONT_SMALL))
        metrics = painter.fontMetrics()
        top = MARGIN + (_LINES_ABOVE + 3) * metrics.height()
        height = min(_BAR_HEIGHT, view.height() / 2 - top - metrics.height())
        if height < 40:
            return
        bar = QRectF(view.width() - MARGIN - _BAR_WIDTH, top, _BAR_WIDTH, height)
        gradient = QLinearGradient(bar.bottomLeft(), bar.topLeft())
        for place, color in ((0.0, _LOW), (0.5, np.zeros(3)), (1.0, _HIGH)):
            gradient.setColorAt(place, QColor(*color.astype(int).tolist()))
        painter.fillRect(bar, gradient)
        painter.setPen(QPen(QColor(DARK.secondary), 1))
        painter.drawRect(bar)
        limit = format_value(self._limit)
        for text, y in (
            (f"+{limit} {unit}".rstrip(), bar.top() + metrics.ascent() / 2),
            ("0", bar.center().y() + metrics.ascent() / 2),
            (f"\N{MINUS SIGN}{limit}", bar.bottom() + metrics.ascent() / 2),
        ):
            left = bar.left() - 6 - metrics.horizontalAdvance(text)
            draw_text(painter, left, y, text, QColor("#ffffff"))


def difference_pixels(values: NDArray[np.float32], limit: float) -> NDArray[np.uint32]:
    """Return opaque ARGB32 pixels of signed values: orange above zero, blue below, black at zero.

    Parameters
    ----------
    values : ndarray, shape (rows, columns), float32
        Not a number is drawn as a dark grey.
    limit : float
        Where the colours end, > 0, in the unit of `values`.
    """
    share = np.clip(np.nan_to_num(values / limit), -1.0, 1.0)[..., None]
    rgb = np.where(share >= 0, share * _HIGH, -share * _LOW)
    rgb[~np.isfinite(values)] = 24.0
    return colour_pixels(np.rint(rgb).astype(np.uint8))


def round_up(value: float) -> float:
    """Return the next 1, 2 or 5 times a power of ten that is not below a value; 0 for 0."""
    if not value > 0 or not math.isfinite(value):
        return 0.0
    power = 10.0 ** math.floor(math.log10(value))
    return next(n * power for n in (1.0, 2.0, 5.0, 10.0) if n * power >= value * (1 - 1e-9))


def _shown_pixels(
    values: NDArray[np.float32], window: Window, table: NDArray[np.uint32]
) -> NDArray[np.uint32]:
    """Return the pixels of values as a view shows them; what lies outside is black."""
    pixels = np.take(table, apply(np.nan_to_num(values), window))
    return np.where(np.isfinite(values), pixels, _BLACK).astype(np.uint32)


def _draw_handle(painter: QPainter, target: QRectF, swipe: float) -> None:
    x = target.left() + swipe * target.width()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor(0, 0, 0, 160), 3))
    painter.drawLine(QPointF(x, target.top()), QPointF(x, target.bottom()))
    painter.setPen(QPen(QColor(DARK.accent), 1.5))
    painter.drawLine(QPointF(x, target.top()), QPointF(x, target.bottom()))
    grip = QPointF(x, target.center().y() + target.height() / 4)
    painter.setBrush(QColor(DARK.surface))
    painter.drawEllipse(grip, 11, 11)
    painter.setBrush(QColor(DARK.accent))
    painter.setPen(Qt.PenStyle.NoPen)
    for side in (-1, 1):
        tip = grip + QPointF(7 * side, 0)
        base = grip + QPointF(2.5 * side, 0)
        painter.drawPolygon(QPolygonF([tip, base + QPointF(0, -4), base + QPointF(0, 4)]))
