"""The spatial frequencies of the slice in view."""

from __future__ import annotations

import contextlib
import threading
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QHideEvent, QImage, QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from acutance.core.k_space import k_space_grey
from acutance.core.slicing import extract_slice, volume_geometry
from acutance.qt.language import tr
from acutance.qt.theme import FONT_SMALL, ui_font
from acutance.qt.viewers.listening import listen
from acutance.qt.viewers.overlay import MARGIN, draw_text

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from acutance.core.affine import Plane
    from acutance.core.slicing import Convention
    from acutance.core.volume import Volume
    from acutance.session import Session

Shown = tuple["Volume", "Plane", int, "Convention"]


class KSpaceView(QWidget):
    """Log magnitude of the Fourier transform of a slice; computed off the thread of the window.

    While it is hidden nothing is computed. Scrolling fast skips slices, never falls behind.

    Parameters
    ----------
    session : Session

    Signals
    -------
    computed
        The picture of the slice in view is there.
    """

    computed = Signal()
    _ready = Signal(object)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._plane: Plane = "axial"
        self._wanted: Shown | None = None
        self._shown: Shown | None = None
        self._is_busy = False
        self._grey: NDArray[np.uint8] = np.zeros((1, 1), np.uint8)
        self._ready.connect(self._on_ready, Qt.ConnectionType.QueuedConnection)
        self.setObjectName("k_space_view")
        self.setAccessibleName(tr("k-space of the slice in view"))
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(96, 64)
        for signal in (session.active_changed, session.series_changed, session.cursor_changed):
            listen(self, signal, self._on_session)
        listen(self, session.convention_changed, self._on_session)

    @property
    def plane(self) -> Plane:
        """The plane of the slice."""
        return self._plane

    @property
    def is_current(self) -> bool:
        """Whether the picture is that of the slice in view."""
        return self._shown is not None and self._same(self._shown, self._in_view())

    @property
    def grey(self) -> NDArray[np.uint8]:
        """The picture: grey levels, shape (rows, columns) of the slice as drawn."""
        return self._grey

    def set_plane(self, plane: Plane) -> None:
        """Show the slice of another plane."""
        self._plane = plane
        self._refresh()

    def sizeHint(self) -> QSize:
        """Prefer the size of a small panel."""
        return QSize(280, 200)

    def _on_session(self, *_: object) -> None:
        self._refresh()

    def _in_view(self) -> Shown | None:
        volume = self._session.active_volume
        if volume is None:
            return None
        index = self._session.slice_index(self._plane)
        return volume, self._plane, index, self._session.convention

    @staticmethod
    def _same(one: Shown | None, other: Shown | None) -> bool:
        if one is None or other is None:
            return one is other
        return one[0] is other[0] and one[1:] == other[1:]

    def _refresh(self) -> None:
        """Ask for the picture of the slice in view; one at a time, the newest wish wins."""
        if not self.isVisible():
            return
        wanted = self._in_view()
        if wanted is None:
            self._shown = None
            self.update()
        elif not self._is_busy and not self._same(wanted, self._shown):
            self._is_busy, self._wanted = True, wanted
            work = threading.Thread(target=self._compute, args=wanted, daemon=True)
            work.start()

    def _compute(self, volume: Volume, plane: Plane, index: int, convention: Convention) -> None:
        """Make a picture; runs on a thread of its own, NumPy lets the window go on meanwhile."""
        geometry = volume_geometry(volume, plane, convention=convention)
        grey = k_space_grey(extract_slice(volume, geometry, index))
        # The window may be gone by now.
        with contextlib.suppress(RuntimeError):
            self._ready.emit(grey)

    def _on_ready(self, grey: NDArray[np.uint8]) -> None:
        self._is_busy = False
        self._grey, self._shown, self._wanted = grey, self._wanted, None
        self.update()
        if self.is_current:
            self.computed.emit()
        else:
            self._refresh()

    def showEvent(self, event: QShowEvent) -> None:
        """Compute what was not while nobody looked."""
        super().showEvent(event)
        self._refresh()

    def hideEvent(self, event: QHideEvent) -> None:
        """Let go of the volume."""
        super().hideEvent(event)
        self._shown = None

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the picture, what it is of, and what it is not."""
        painter = QPainter(self)
        try:
            painter.fillRect(self.rect(), Qt.GlobalColor.black)
            if self._shown is not None and self._session.active_volume is self._shown[0]:
                self._paint(painter, self._shown)
        finally:
            painter.end()

    def _paint(self, painter: QPainter, shown: Shown) -> None:
        volume, plane, index, _ = shown
        rows, columns = self._grey.shape
        image = QImage(self._grey.data, columns, rows, columns, QImage.Format.Format_Grayscale8)
        row_mm, column_mm = volume_geometry(volume, plane).pixel_spacing
        # As wide as the highest frequency it holds: half a cycle per pixel.
        width, height = 1.0 / column_mm, 1.0 / row_mm
        scale = min(self.width() / width, self.height() / height)
        target = QRectF(0.0, 0.0, width * scale, height * scale)
        target.moveCenter(QRectF(self.rect()).center())
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(target, image)
        painter.setFont(ui_font(FONT_SMALL))
        metrics, white = painter.fontMetrics(), QColor("#ffffff")
        room = self.width() - 2 * MARGIN
        lines = (
            tr("k-space of {plane} {index}", plane=tr(plane), index=index),
            tr("log magnitude; of the image, not of the raw data"),
        )
        places = (MARGIN + metrics.ascent(), self.height() - MARGIN - metrics.descent())
        for line, baseline in zip(lines, places, strict=True):
            text = metrics.elidedText(line, Qt.TextElideMode.ElideRight, room)
            draw_text(painter, float(MARGIN), float(baseline), text, white)
