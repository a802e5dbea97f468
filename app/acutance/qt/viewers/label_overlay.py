"""Labels over the slice they belong to: filled, or their borders."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QLineF, QRectF
from PySide6.QtGui import QColor, QImage, QPainter, QPen

from acutance.core.regridding import nearest_on_grid
from acutance.core.slicing import SliceGeometry, drawn_view

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from acutance.core.affine import Affine
    from acutance.core.label_map import LabelMap
    from acutance.core.slicing import Grid

_OUTLINE_WIDTH, _HALO_WIDTH = 2.0, 3.5


class LabelOverlay:
    """Draws one slice of a label map after another; keeps what it made until that changes."""

    def __init__(self) -> None:
        self._map: LabelMap | None = None
        self._key: tuple[object, ...] = ()
        self._labels: NDArray[np.uint8] = np.zeros((1, 1), np.uint8)
        self._fill_key: float | None = None
        self._pixels: NDArray[np.uint8] = np.zeros((1, 1, 4), np.uint8)
        self._edges: dict[int, NDArray[np.float64]] | None = None

    def set_slice(
        self,
        label_map: LabelMap | None,
        geometry: SliceGeometry,
        index: int,
        version: int = 0,
        across: tuple[Affine, Grid] | None = None,
    ) -> None:
        """Choose what is drawn; nothing without a label map.

        Another `version` tells that voxels of the map are others. `across` are the affine of the
        map and the grid of the slice where that is not the one of the map: each pixel then has the
        label of the nearest voxel.
        """
        if label_map is not None and self._map is not None:
            same_map = label_map.array is self._map.array
        else:
            same_map = label_map is self._map
        key = (geometry, index, version, None if across is None else across[1])
        if same_map and self._key == key:
            return
        self._map, self._key = label_map, key
        self._fill_key = self._edges = None
        if label_map is not None and across is not None:
            self._labels = nearest_on_grid(label_map.array, *across, geometry, index)
        elif label_map is not None:
            view = drawn_view(label_map.array, geometry)[index]
            self._labels = np.array(view, dtype=np.uint8, order="C")

    def draw(self, painter: QPainter, target: QRectF, *, opacity: float, is_outlined: bool) -> None:
        """Draw the labels where their slice is drawn; pixels are not smoothed."""
        if self._map is None:
            return
        painter.save()
        painter.setClipRect(target)
        if is_outlined:
            self._draw_outlines(painter, target, self._map)
        else:
            self._draw_fill(painter, target, self._map, opacity)
        painter.restore()

    def _draw_fill(
        self, painter: QPainter, target: QRectF, label_map: LabelMap, opacity: float
    ) -> None:
        if opacity != self._fill_key:
            self._pixels = label_pixels(self._labels, label_map, opacity)
            self._fill_key = opacity
        rows, columns, _ = self._pixels.shape
        form = QImage.Format.Format_RGBA8888_Premultiplied
        image = QImage(self._pixels.data, columns, rows, 4 * columns, form)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
        painter.drawImage(target, image)

    def _draw_outlines(self, painter: QPainter, target: QRectF, label_map: LabelMap) -> None:
        if self._edges is None:
            sizes = np.bincount(self._labels.reshape(-1), minlength=256)
            # A border that two labels share has the colour of the smaller one, drawn last.
            order = sorted(label_map.labels, key=lambda label: -int(sizes[label.value]))
            self._edges = {
                label.value: label_edges(self._labels == label.value)
                for label in order
                if label.value and sizes[label.value]
            }
        rows, columns = self._labels.shape
        scale = np.array([target.width() / columns, target.height() / rows] * 2)
        shift = np.array([target.left(), target.top()] * 2)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colours = {label.value: label.colour for label in label_map.labels}
        lines = {
            value: [QLineF(*edge) for edge in (edges * scale + shift).tolist()]
            for value, edges in self._edges.items()
        }
        # First every dark halo, so that none lies over the border of a neighbour.
        for drawn in lines.values():
            painter.setPen(QPen(QColor(0, 0, 0, 140), _HALO_WIDTH))
            painter.drawLines(drawn)
        for value, drawn in lines.items():
            painter.setPen(QPen(QColor(*colours[value]), _OUTLINE_WIDTH))
            painter.drawLines(drawn)


def label_pixels(
    labels: NDArray[np.uint8], label_map: LabelMap, opacity: float
) -> NDArray[np.uint8]:
    """Return premultiplied red, green, blue and opacity, shape (rows, columns, 4), uint8.

    Label 0 is not drawn.
    """
    table = np.zeros((256, 4), np.float32)
    for label in label_map.labels:
        if label.value:
            table[label.value] = (*label.colour, 255.0)
    colours = np.rint(table * min(1.0, max(0.0, opacity))).astype(np.uint8)
    return np.ascontiguousarray(colours[labels])


def label_edges(mask: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return the borders of a mask as lines x1, y1, x2, y2 in pixels, shape (N, 4).

    Steps in one row or column that follow each other are one line.
    """
    padded = np.pad(mask, 1)
    found = [np.zeros((0, 4))]
    for axis in (0, 1):
        turned = padded if axis == 0 else padded.T
        # Between rows n and n + 1 of the padded mask lies the line y = n.
        steps = turned[1:, 1:-1] != turned[:-1, 1:-1]
        marks = np.diff(np.pad(steps, ((0, 0), (1, 1))).astype(np.int8), axis=1)
        line, begin = np.nonzero(marks == 1)
        _, end = np.nonzero(marks == -1)
        edges = np.stack([begin, line, end, line], axis=1).astype(np.float64)
        found.append(edges if axis == 0 else edges[:, [1, 0, 3, 2]])
    return np.concatenate(found)
