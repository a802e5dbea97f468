"""Many slices of one plane at once."""

from __future__ import annotations

import math
import weakref
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QPainter, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from acutance.core.slicing import SliceGeometry, extract_colour, extract_slice, volume_geometry
from acutance.core.window import apply
from acutance.qt.language import tr
from acutance.qt.theme import DARK, FONT_SMALL, ui_font
from acutance.qt.viewers.listening import listen
from acutance.qt.viewers.messages import draw_state
from acutance.qt.viewers.overlay import draw_text
from acutance.qt.viewers.slice_image import colour_pixels, shown_table

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent, QMouseEvent, QPaintEvent, QWheelEvent

    from acutance.core.affine import Plane
    from acutance.core.volume import Volume
    from acutance.session import Session

FEWEST_COLUMNS, MOST_COLUMNS = 2, 10
_GAP = 2
#: Pictures kept, each at most this wide and high, in pixels.
_KEPT, _LARGEST = 400, 320


class Lightbox(QWidget):
    """The slices of the active series side by side, spread evenly over the stack.

    The slice at the cursor is framed; where it lies between two of those shown it takes the place
    of the nearer one. The wheel moves it, Ctrl and the wheel change how many fit in a row.

    Parameters
    ----------
    session : Session

    Signals
    -------
    opened : str
        The plane, on a double click or Return: show the slice alone.
    """

    opened = Signal(str)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._plane: Plane = "axial"
        self._columns = 5
        self._wheel = 0.0
        self._pictures: dict[int, QImage] = {}
        self._key: tuple[object, ...] = ()
        self.setObjectName("lightbox")
        self.setAccessibleName(tr("Mosaic of slices"))
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(96, 96)
        for signal in (
            session.active_changed,
            session.series_changed,
            session.cursor_changed,
            session.window_changed,
            session.convention_changed,
            session.appearance.changed,
        ):
            listen(self, signal, self._on_session)

    @property
    def columns(self) -> int:
        """How many slices stand in a row."""
        return self._columns

    @property
    def plane(self) -> Plane:
        """The plane of the slices."""
        return self._plane

    def set_plane(self, plane: Plane) -> None:
        """Show the slices of another plane."""
        self._plane = plane
        self.update()

    def set_columns(self, columns: int) -> None:
        """Show so many slices in a row, kept between 2 and 10."""
        self._columns = min(MOST_COLUMNS, max(FEWEST_COLUMNS, columns))
        self.update()

    def slices(self) -> list[int]:
        """Return the slices that are shown, in order; the one at the cursor is among them."""
        volume = self._session.active_volume
        if volume is None:
            return []
        geometry = self._geometry(volume)
        room = self._columns * self._rows(geometry)
        count = geometry.count
        shown = list(range(count)) if count <= room else _spread(count, room)
        current = self._session.slice_index(self._plane)
        if current not in shown:
            nearest = min(range(len(shown)), key=lambda n: abs(shown[n] - current))
            shown[nearest] = current
        return shown

    def slice_under(self, x: float, y: float) -> int | None:
        """Return the slice at a place of the widget."""
        for index, cell in self._cells():
            if cell.contains(round(x), round(y)):
                return index
        return None

    def sizeHint(self) -> QSize:
        """Prefer a size at which slices can be told apart."""
        return QSize(640, 480)

    def _on_session(self, *_: object) -> None:
        self.update()

    def _geometry(self, volume: Volume) -> SliceGeometry:
        straight = volume_geometry(volume, self._plane, convention=self._session.convention)
        return self._session.appearance.turn(self._plane).apply(straight)

    def _rows(self, geometry: SliceGeometry) -> int:
        """Return how many rows fit when cells are as wide as the columns allow."""
        (rows, columns), (row_mm, column_mm) = geometry.size, geometry.pixel_spacing
        width = self.width() / self._columns
        height = max(1.0, width * rows * row_mm / (columns * column_mm))
        return max(1, int(self.height() / height + 0.25))

    def _cells(self) -> list[tuple[int, QRect]]:
        volume = self._session.active_volume
        if volume is None:
            return []
        rows = self._rows(self._geometry(volume))
        cells = []
        for n, index in enumerate(self.slices()):
            row, column = divmod(n, self._columns)
            left, right = (self.width() * c // self._columns for c in (column, column + 1))
            top, bottom = (self.height() * r // rows for r in (row, row + 1))
            cells.append((index, QRect(left, top, right - left - _GAP, bottom - top - _GAP)))
        return cells

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the slices, or the reason why there are none."""
        painter = QPainter(self)
        try:
            painter.fillRect(self.rect(), Qt.GlobalColor.black)
            volume = self._session.active_volume
            if volume is None:
                draw_state(painter, self.rect(), self._session.active)
                return
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.setFont(ui_font(FONT_SMALL))
            current = self._session.slice_index(self._plane)
            for index, cell in self._cells():
                self._draw(painter, volume, index, cell, is_current=index == current)
            # Slices are shown one by one here, whatever slab the other views show.
            self._draw_words(painter, self._session.appearance.words(slab=False))
        finally:
            painter.end()

    def _draw_words(self, painter: QPainter, words: tuple[str, ...]) -> None:
        """Say at the right that slices are drawn otherwise than they are stored."""
        metrics = painter.fontMetrics()
        words = tuple(filter(None, (*words, self._session.appearance.turn(self._plane).words)))
        for number, word in enumerate(words, start=1):
            x = self.width() - 8 - metrics.horizontalAdvance(word)
            draw_text(painter, x, 4 + number * metrics.height(), word, QColor(DARK.check))

    def _draw(
        self, painter: QPainter, volume: Volume, index: int, cell: QRect, *, is_current: bool
    ) -> None:
        geometry = self._geometry(volume)
        (rows, columns), (row_mm, column_mm) = geometry.size, geometry.pixel_spacing
        wide, high = columns * column_mm, rows * row_mm
        scale = min(cell.width() / wide, cell.height() / high)
        target = QRectF(0, 0, wide * scale, high * scale)
        target.moveCenter(QRectF(cell).center())
        painter.drawImage(target, self._picture(volume, geometry, index))
        draw_text(
            painter,
            cell.left() + 5,
            cell.top() + 5 + painter.fontMetrics().ascent(),
            str(index),
            QColor(DARK.accent if is_current else "#ffffff"),
        )
        if is_current:
            painter.setPen(QPen(QColor(DARK.accent), 2))
            painter.drawRect(cell.adjusted(1, 1, -1, -1))

    def _picture(self, volume: Volume, geometry: SliceGeometry, index: int) -> QImage:
        look = self._session.appearance
        colours = (look.colour_map, look.is_inverted)
        key = (weakref.ref(volume), geometry, self._session.window, colours)
        if key != self._key:
            self._pictures.clear()
            self._key = key
        picture = self._pictures.get(index)
        if picture is None:
            if len(self._pictures) >= _KEPT:
                self._pictures.pop(next(iter(self._pictures)))
            picture = self._pictures[index] = self._make(volume, geometry, index)
        return picture

    def _make(self, volume: Volume, geometry: SliceGeometry, index: int) -> QImage:
        if volume.is_colour:
            pixels = colour_pixels(extract_colour(volume, geometry, index))
        else:
            look = self._session.appearance
            table = shown_table(volume, look.colour_map, exchanges=look.is_inverted)
            grey = apply(extract_slice(volume, geometry, index), self._session.window)
            pixels = np.take(table, grey)
        rows, columns = pixels.shape
        image = QImage(pixels.data, columns, rows, 4 * columns, QImage.Format.Format_RGB32)
        if max(image.width(), image.height()) <= _LARGEST:
            return image.copy()
        return image.scaled(
            _LARGEST,
            _LARGEST,
            Qt.AspectRatioMode.KeepAspectRatio,
            Qt.TransformationMode.SmoothTransformation,
        )

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Go to the slice under the pointer."""
        index = self.slice_under(event.position().x(), event.position().y())
        if index is not None:
            self._session.set_slice(self._plane, index)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Show the slice alone."""
        self.opened.emit(self._plane)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Move through the slices; with Ctrl, change how many fit in a row."""
        self._wheel += (event.angleDelta().y() or event.angleDelta().x()) / 120.0
        steps = math.trunc(self._wheel)
        self._wheel -= steps
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.set_columns(self._columns - steps)
        elif steps:
            self._session.step(self._plane, -steps)
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Steer by keyboard: slices, rows, how many in a row."""
        keys = Qt.Key
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            super().keyPressEvent(event)
            return
        far = 10 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1
        if event.key() == keys.Key_Up:
            self._session.step(self._plane, -far)
        elif event.key() == keys.Key_Down:
            self._session.step(self._plane, far)
        elif event.key() == keys.Key_Home:
            self._session.set_slice(self._plane, 0)
        elif event.key() == keys.Key_End:
            self._session.set_slice(self._plane, 10**9)
        elif event.key() in (keys.Key_Plus, keys.Key_Equal):
            self.set_columns(self._columns - 1)
        elif event.key() in (keys.Key_Minus, keys.Key_Underscore):
            self.set_columns(self._columns + 1)
        elif event.key() in (keys.Key_Return, keys.Key_Enter):
            self.opened.emit(self._plane)
        else:
            super().keyPressEvent(event)


def _spread(count: int, room: int) -> list[int]:
    """Return `room` of `count` slices, evenly spread, none of them twice."""
    return [int((n + 0.5) * count / room) for n in range(room)]
