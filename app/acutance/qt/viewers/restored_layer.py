"""What a view draws of a restoration: its pixels, a frame that says so, and the evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QLineF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen

from acutance.core.restoration import RESTORED_WORD
from acutance.core.window import apply
from acutance.qt.language import tr
from acutance.qt.theme import DARK, FONT_SMALL, ui_font
from acutance.qt.viewers.label_overlay import label_edges
from acutance.qt.viewers.slice_image import colour_pixels, shown_table

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from acutance.core.volume import Volume
    from acutance.qt.viewers.slice_view import SliceView
    from acutance.session import Session

FRAME_WIDTH = 3
_EDGE_WIDTH, _HALO_WIDTH = 1.5, 3.0
#: Where the letter of the upper edge and the two lines of its corner end.
_LETTER_HEIGHT = 40.0


class RestoredLayer:
    """Draws the restored slice over the source, where there is one to be shown.

    Parameters
    ----------
    session : Session
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._key: tuple[object, ...] = ()
        self._pixels: NDArray[np.uint32] | None = None

    def draw(self, painter: QPainter, view: SliceView, target: QRectF) -> None:
        """Draw the slice at the position of the slider over that of the scan."""
        pixels = self._prepared(view)
        if pixels is None:
            return
        rows, columns = pixels.shape
        image = QImage(pixels.data, columns, rows, columns * 4, QImage.Format.Format_RGB32)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(target, image)
        painter.restore()

    def draw_over(self, painter: QPainter, view: SliceView, target: QRectF) -> None:
        """Draw the borders of the evidence, and the frame that says what this is.

        A series that was restored before it was opened has the frame, too.
        """
        volume = view.pane.volume
        if self._prepared(view) is None:
            if volume is not None and volume.facts.get(RESTORED_WORD):
                painter.save()
                self._draw_frame(painter, view, tr("RESTORED by Acutance"))
                painter.restore()
            return
        painter.save()
        if self._session.restorations.shows_evidence:
            self._draw_evidence(painter, view, target)
        alpha = self._session.restorations.alpha_of(view.pane.entry)
        self._draw_frame(painter, view, tr("RESTORED  alpha {alpha:.2f}", alpha=alpha))
        painter.restore()

    def _prepared(self, view: SliceView) -> NDArray[np.uint32] | None:
        """Return the pixels of the restored slice, kept until something they show changes."""
        volume, geometry = view.pane.volume, view.geometry_of_slice
        if volume is None or geometry is None:
            return None
        found, look = self._session.restorations, self._session.appearance
        if look.slab_mm > 0:  # the largest values of many slices are those of the scan
            self._key = ()
            return None
        is_drawn = found.draws_restored(view.pane.entry, geometry.axis, view.index)
        if view.is_resampled or not is_drawn:  # what was restored are slices of the scan
            self._key = ()
            return None
        window = view.pane.window
        colours = (look.colour_map, look.is_inverted)
        key = (id(volume), geometry, view.index, found.state, window, colours)
        if key != self._key:
            self._key = key
            values = found.drawn_values(view.pane.entry, volume, geometry, view.index)
            self._pixels = None if values is None else self._coloured(values, volume, view)
        return self._pixels

    def _coloured(
        self, values: NDArray[np.float32], volume: Volume, view: SliceView
    ) -> NDArray[np.uint32]:
        if volume.is_colour:
            top = float(np.iinfo(volume.array.dtype).max)
            scaled = np.clip(values, 0.0, top) * (255.0 / top)
            return colour_pixels(np.rint(scaled).astype(np.uint8))
        look = self._session.appearance
        table = shown_table(volume, look.colour_map, exchanges=look.is_inverted)
        pixels: NDArray[np.uint32] = np.take(table, apply(values, view.pane.window))
        return np.ascontiguousarray(pixels)

    def _draw_evidence(self, painter: QPainter, view: SliceView, target: QRectF) -> None:
        volume, geometry = view.pane.volume, view.geometry_of_slice
        if volume is None or geometry is None:
            return
        found = self._session.restorations
        mask = found.flagged(view.pane.entry, volume, geometry, view.index)
        if mask is None or not mask.any():
            return
        rows, columns = mask.shape
        scale = np.array([target.width() / columns, target.height() / rows] * 2)
        shift = np.array([target.left(), target.top()] * 2)
        lines = [QLineF(*edge) for edge in (label_edges(mask) * scale + shift).tolist()]
        painter.setClipRect(target)
        painter.setPen(QPen(QColor(0, 0, 0, 140), _HALO_WIDTH))
        painter.drawLines(lines)
        painter.setPen(QPen(QColor(DARK.enhanced), _EDGE_WIDTH))
        painter.drawLines(lines)
        painter.setClipping(False)

    def _draw_frame(self, painter: QPainter, view: SliceView, text: str) -> None:
        rect, colour = QRectF(view.rect()), QColor(DARK.enhanced)
        pen = QPen(colour, FRAME_WIDTH)
        pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        inset = FRAME_WIDTH / 2 + 1
        painter.drawRect(rect.adjusted(inset, inset, -inset, -inset))
        painter.setFont(ui_font(FONT_SMALL, bold=True))
        metrics = painter.fontMetrics()
        width, height = metrics.horizontalAdvance(text) + 12, metrics.height() + 4
        place = QRectF(rect.center().x() - width / 2, _LETTER_HEIGHT, width, height)
        painter.fillRect(place, colour)
        painter.setPen(QColor(DARK.on_accent))
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter, text)
