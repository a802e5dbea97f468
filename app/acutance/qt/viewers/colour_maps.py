"""Colours for grey levels: tables of 256, and the bar that tells what they mean.

References
----------
.. [1] van der Walt, Smith, "mpl colormaps" (viridis, inferno), 2015, CC0; Nunez, Anderton, Renslow,
   "Optimizing colormaps with consideration for color vision deficiency", PLoS ONE 13(7), 2018
   (cividis). The tables are those that pyqtgraph carries.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen

from acutance.qt.theme import FONT_SMALL, ui_font
from acutance.qt.viewers.overlay import draw_text
from acutance.session.appearance import GREY

if TYPE_CHECKING:
    from numpy.typing import NDArray

_OPAQUE = np.uint32(0xFF000000)
_BAR_WIDTH, _BAR_SHARE = 10, 0.4
_MARGIN = 10


@lru_cache(maxsize=8)
def colour_table(name: str) -> NDArray[np.uint32]:
    """Return the opaque RGB32 pixel of each grey level, shape (256,), dark first.

    Raises
    ------
    ValueError
        If there is no such map.
    """
    ramp = np.arange(256, dtype=np.uint32)
    if name == GREY:
        return ramp * np.uint32(0x010101) | _OPAQUE
    if name == "hot":
        # Black to red to yellow to white, each a third of the way.
        parts = np.clip(ramp[:, None] / 85.0 - np.arange(3), 0.0, 1.0)
        rgb = np.rint(parts * 255.0).astype(np.uint32)
    else:
        # Imported late: only these maps need it.
        from pyqtgraph import colormap

        try:
            found = colormap.get(name)
        except FileNotFoundError as error:
            raise ValueError(f"no colour map {name!r}") from error
        rgb = found.getLookupTable(nPts=256, alpha=False)[:, :3].astype(np.uint32)
    return rgb[:, 0] << np.uint32(16) | rgb[:, 1] << np.uint32(8) | rgb[:, 2] | _OPAQUE


def draw_bar(
    painter: QPainter, rect: QRect, table: NDArray[np.uint32], low: str, high: str
) -> None:
    """Draw the colours from the values shown darkest to brightest at the left of a view.

    Parameters
    ----------
    table : ndarray, shape (256,), uint32
        As drawn, the colour of the lowest value first.
    low, high : str
        These values in words.
    """
    height = round(rect.height() * _BAR_SHARE)
    if height < 60 or rect.width() < 160:
        return
    bar = QRectF(rect.left() + _MARGIN + 22, 0, _BAR_WIDTH, height)
    bar.moveTop(rect.center().y() - height / 2)
    pixels = np.ascontiguousarray(table[::-1].reshape(-1, 1))
    painter.drawImage(bar, QImage(pixels.data, 1, 256, 4, QImage.Format.Format_RGB32))
    painter.setPen(QPen(QColor(0, 0, 0, 190), 1))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(bar)
    painter.setFont(ui_font(FONT_SMALL))
    ascent = painter.fontMetrics().ascent()
    white = QColor("#ffffff")
    draw_text(painter, bar.right() + 6, bar.top() + ascent / 2, high, white)
    draw_text(painter, bar.right() + 6, bar.bottom() + ascent / 2, low, white)
