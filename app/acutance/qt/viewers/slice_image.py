"""From a slice of a volume to the pixels on the screen."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtGui import QImage, QPainter, Qt

from acutance.core.regridding import colour_on_grid, slice_on_grid
from acutance.core.slab import extract_slab
from acutance.core.slicing import (
    SliceGeometry,
    extract_colour,
    extract_slice,
    stored_slice,
)
from acutance.core.window import Window, apply, has_level_table, level_table
from acutance.qt.viewers.colour_maps import colour_table
from acutance.session.appearance import GREY

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PySide6.QtCore import QRectF, QSize

    from acutance.core.slicing import Grid
    from acutance.core.volume import Volume

#: Where a plane along the patient's axes meets no voxel.
_NOTHING = np.uint32(0xFF000000)


class SliceImage:
    """Draws one slice after another; keeps each stage until what it depends on changes.

    Stages: values of the slice, grey levels under the window, pixels scaled to the widget. A
    pointer that moves over the view repeats none, a window drag only the last two. Integers of up
    to two bytes are looked up in a table of pixels, which all views share; others become real-world
    values first. Colour has no window and goes from the slice to the pixels at once.
    """

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Forget everything, the volume included."""
        self._volume: Volume | None = None
        self._slice_key: tuple[SliceGeometry, int, float, Grid | None] | None = None
        self._outside: NDArray[np.bool_] | None = None
        #: Stored values where a table serves them, else real-world values.
        self._values: NDArray[Any] = np.zeros((1, 1), dtype=np.float32)
        self._window: tuple[Window, str, bool] | None = None
        self._pixels: NDArray[np.uint32] = np.zeros((1, 1), dtype=np.uint32)
        self._scaled_key: tuple[object, ...] | None = None
        self._scaled = QImage()

    def set_slice(
        self,
        volume: Volume,
        geometry: SliceGeometry,
        index: int,
        slab_mm: float = 0.0,
        grid: Grid | None = None,
    ) -> None:
        """Choose what is drawn: a slice, or the largest values of a slab about it.

        With a `grid` the slice is one of that, and the values are resampled; there are no slabs.
        """
        key = (geometry, index, slab_mm, grid)
        if volume is self._volume and key == self._slice_key:
            return
        self._volume, self._slice_key, self._window = volume, key, None
        self._outside = None
        if grid is not None and volume.is_colour:
            self._pixels = colour_pixels(colour_on_grid(volume, grid, geometry, index))
            self._scaled_key = None
        elif grid is not None:
            values = slice_on_grid(volume, grid, geometry, index)
            self._outside, self._values = np.isnan(values), values
        elif volume.is_colour:
            self._pixels = colour_pixels(extract_colour(volume, geometry, index))
            self._scaled_key = None
        elif slab_mm > 0:
            self._values = extract_slab(volume, geometry, index, slab_mm)
        elif has_level_table(volume.array.dtype):
            self._values = stored_slice(volume, geometry, index)
        else:
            self._values = extract_slice(volume, geometry, index)

    def set_window(
        self, window: Window, colour_map: str = GREY, *, exchanges: bool = False
    ) -> None:
        """Map the values to grey or colours; colour is left as it is.

        MONOCHROME1 runs from white to black; `exchanges` turns either round.
        """
        key = (window, colour_map, exchanges)
        if key == self._window or (self._volume is not None and self._volume.is_colour):
            return
        self._window, self._scaled_key = key, None
        volume, values = self._volume, self._values
        is_reversed = _is_reversed(volume, exchanges=exchanges)
        if volume is not None and has_level_table(values.dtype):
            scale = volume.slope, volume.intercept
            pixels = _stored_pixels(values.dtype, scale, window, colour_map, is_reversed)
            # Clipping is never needed, and spares a search for values beyond the table.
            self._pixels = np.take(pixels, values.view(f"u{values.itemsize}"), mode="clip")
        else:
            table = shown_table(volume, colour_map, exchanges=exchanges)
            self._pixels = np.take(table, apply(values, window))
        if self._outside is not None:
            self._pixels[self._outside] = _NOTHING

    def draw(self, painter: QPainter, target: QRectF, size: QSize, ratio: float) -> None:
        """Draw the slice into `target`, a part of a black widget of `size`, in its pixels."""
        key = (target.getRect(), size.toTuple(), ratio)
        if key != self._scaled_key:
            self._scaled = self._scale(target, size, ratio)
            self._scaled_key = key
        painter.drawImage(0, 0, self._scaled)

    def draw_enlarged(self, painter: QPainter, target: QRectF) -> None:
        """Draw the slice into a larger rectangle, pixel by pixel; the painter clips."""
        rows, columns = self._pixels.shape
        image = QImage(self._pixels.data, columns, rows, columns * 4, QImage.Format.Format_RGB32)
        painter.drawImage(target, image)

    def _scale(self, target: QRectF, size: QSize, ratio: float) -> QImage:
        scaled = self._scaled
        if scaled.size() != size * ratio or scaled.devicePixelRatio() != ratio:
            scaled = QImage(size * ratio, QImage.Format.Format_RGB32)
            scaled.setDevicePixelRatio(ratio)
        scaled.fill(Qt.GlobalColor.black)
        rows, columns = self._pixels.shape
        image = QImage(self._pixels.data, columns, rows, columns * 4, QImage.Format.Format_RGB32)
        painter = QPainter(scaled)
        try:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(target, image)
        finally:
            painter.end()
        return scaled


def shown_table(
    volume: Volume | None, colour_map: str, *, exchanges: bool = False
) -> NDArray[np.uint32]:
    """Return the pixel of each grey level as a volume is shown, the lowest value's first."""
    table = colour_table(colour_map)
    return table[::-1] if _is_reversed(volume, exchanges=exchanges) else table


def _is_reversed(volume: Volume | None, *, exchanges: bool) -> bool:
    return (volume is not None and is_inverted(volume)) != exchanges


@lru_cache(maxsize=8)
def _stored_pixels(
    dtype: np.dtype[Any],
    scale: tuple[float, float],
    window: Window,
    colour_map: str,
    is_reversed: bool,
) -> NDArray[np.uint32]:
    """Return the pixel of every stored value under a window."""
    table = colour_table(colour_map)
    return np.take(table[::-1] if is_reversed else table, level_table(dtype, *scale, window))


def colour_pixels(rgb: NDArray[np.uint8]) -> NDArray[np.uint32]:
    """Return opaque RGB32 pixels, shape (rows, columns), of red, green and blue."""
    pixels = np.full((*rgb.shape[:2], 4), 255, np.uint8)
    pixels[..., 2::-1] = rgb  # blue, green, red, alpha in memory
    return pixels.view("<u4")[..., 0].astype(np.uint32, copy=False)


def is_inverted(volume: Volume) -> bool:
    """Return whether the lowest values are shown white (DICOM PS3.3 C.7.6.3.1.2)."""
    return volume.facts.get("photometric") == "MONOCHROME1"
