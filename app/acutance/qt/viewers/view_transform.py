"""Where a slice lies inside its widget: fit, zoom and pan."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSizeF

if TYPE_CHECKING:
    from PySide6.QtGui import QPainter

    from acutance.core.turning import Turn

MIN_ZOOM, MAX_ZOOM = 0.1, 64.0


@dataclass(frozen=True)
class ViewTransform:
    """Zoom and pan of a view; 1 and no pan is the whole slice, as large as fits.

    Parameters
    ----------
    zoom : float
        Factor over the fitted size, in [MIN_ZOOM, MAX_ZOOM].
    pan_x, pan_y : float
        Offset of the slice centre from the widget centre, in fitted slice sizes times zoom, so
        that a resized widget keeps looking at the same place.
    """

    zoom: float = 1.0
    pan_x: float = 0.0
    pan_y: float = 0.0

    def fit_scale(self, extent: QSizeF, widget: QSizeF) -> float:
        """Return widget pixels per mm at zoom 1."""
        return min(
            widget.width() / max(extent.width(), 1e-9), widget.height() / max(extent.height(), 1e-9)
        )

    def image_rect(self, extent: QSizeF, widget: QSizeF) -> QRectF:
        """Return where a slice of `extent` mm is drawn, in widget pixels."""
        scale = self.fit_scale(extent, widget) * self.zoom
        width, height = extent.width() * scale, extent.height() * scale
        x = widget.width() / 2 + self.pan_x * width
        y = widget.height() / 2 + self.pan_y * height
        return QRectF(x - width / 2, y - height / 2, width, height)

    def zoomed(
        self, factor: float, anchor: QPointF, extent: QSizeF, widget: QSizeF
    ) -> ViewTransform:
        """Return the transform zoomed so that the slice point under `anchor` stays there."""
        zoom = min(MAX_ZOOM, max(MIN_ZOOM, self.zoom * factor))
        before = self.image_rect(extent, widget)
        u = (anchor.x() - before.left()) / before.width()
        v = (anchor.y() - before.top()) / before.height()
        width = before.width() * zoom / self.zoom
        height = before.height() * zoom / self.zoom
        centre_x = anchor.x() + (0.5 - u) * width
        centre_y = anchor.y() + (0.5 - v) * height
        return ViewTransform(
            zoom,
            (centre_x - widget.width() / 2) / width,
            (centre_y - widget.height() / 2) / height,
        )

    def panned(self, by: QPointF, extent: QSizeF, widget: QSizeF) -> ViewTransform:
        """Return the transform moved by widget pixels; a corner of the slice stays in sight."""
        rect = self.image_rect(extent, widget)
        limit_x = 0.5 + (widget.width() / 2 - 24) / rect.width()
        limit_y = 0.5 + (widget.height() / 2 - 24) / rect.height()
        x = self.pan_x + by.x() / rect.width()
        y = self.pan_y + by.y() / rect.height()
        return replace(
            self,
            pan_x=min(max(x, -limit_x), limit_x),
            pan_y=min(max(y, -limit_y), limit_y),
        )


def turn_painter(painter: QPainter, turn: Turn, target: QRectF) -> QRectF:
    """Turn a painter about the middle of a turned slice; return where the straight one lies.

    What is drawn there, as if nothing had been turned, comes to lie on the turned slice.
    """
    if not turn.words:
        return target
    middle = target.center()
    painter.translate(middle)
    painter.rotate(90.0 * turn.quarters)
    if turn.is_mirrored:
        painter.scale(-1.0, 1.0)
    painter.translate(-middle)
    size = target.size().transposed() if turn.quarters % 2 else target.size()
    straight = QRectF(QPointF(), size)
    straight.moveCenter(middle)
    return straight
