"""Everything that a view of a slice draws, from the image at the bottom to the words on top."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRect

from acutance.core.explanation import ExplanationResult
from acutance.qt.viewers import overlay
from acutance.qt.viewers.captions import corner_text
from acutance.qt.viewers.explanation_map import ExplanationMap
from acutance.qt.viewers.label_overlay import LabelOverlay
from acutance.qt.viewers.slice_image import SliceImage
from acutance.qt.viewers.view_transform import turn_painter

if TYPE_CHECKING:
    from PySide6.QtCore import QPointF, QRectF
    from PySide6.QtGui import QPainter

    from acutance.core.slicing import SliceGeometry
    from acutance.core.volume import Volume
    from acutance.qt.viewers.slice_view import SliceView
    from acutance.session import Session

_NARROW = 300


class SlicePainter:
    """Draws the slice of one view and all over it; keeps what it made until that changes.

    Parameters
    ----------
    view : SliceView
    session : Session
    """

    def __init__(self, view: SliceView, session: Session) -> None:
        self._view = view
        self._session = session
        self._image = SliceImage()
        self._map = ExplanationMap()
        self._labels = LabelOverlay()

    def clear(self) -> None:
        """Forget the volume."""
        self._image.clear()

    def draw_enlarged(self, painter: QPainter, target: QRectF) -> None:
        """Draw the slice as shown into a larger rectangle, with layers and labels over it."""
        self._image.draw_enlarged(painter, target)
        for layer in self._view.layers:
            layer.draw(painter, self._view, target)
        geometry = self._view.geometry_of_slice
        if geometry is not None:
            self._draw_labels(painter, geometry, target)

    def paint(
        self,
        painter: QPainter,
        volume: Volume,
        geometry: SliceGeometry,
        pointer: QPointF | None,
        *,
        shows_name: bool | None = None,
    ) -> None:
        """Draw the slice and all over it; with a word on the name it is for a picture.

        Parameters
        ----------
        pointer : QPointF or None
            Where the mouse is, in the view.
        shows_name : bool or None
            Whether a picture bears the name of its series; None for the screen.
        """
        view, look, is_picture = self._view, self._session.appearance, shows_name is not None
        grid = view.grid if view.is_resampled else None
        self._image.set_slice(volume, geometry, view.index, look.slab_mm, grid)
        self._image.set_window(view.pane.window, look.colour_map, exchanges=look.is_inverted)
        target = view.image_rect()
        self._image.draw(painter, target, view.size(), view.devicePixelRatioF())
        for layer in view.layers:
            layer.draw(painter, view, target)
        self._draw_labels(painter, geometry, target)
        self._draw_map(painter, volume, target)
        centre = view.point_to_widget(view.pane.cursor)
        if self._session.crosshair_visible and centre is not None:
            inside = QRect(target.toAlignedRect()) & view.rect()
            overlay.draw_crosshair(painter, inside, centre)
        overlay.draw_letters(painter, view.rect(), geometry.edges)
        if view.overlay_visible or is_picture:
            text = corner_text(
                self._session,
                view.pane,
                geometry,
                None if is_picture else view.hovered_point(),
                shows_name=shows_name is not False,
                shows_tool=not is_picture,
                zoom=view.zoom,
                is_window_tool=view.tool == "window",
                is_narrow=view.width() < _NARROW,
            )
            overlay.draw_corners(painter, view.rect(), text)
        view.tools.draw(painter, None if is_picture else pointer)
        for layer in view.layers:
            layer.draw_over(painter, view, target)
        # Whatever is hidden, a map never stands without its caption.
        self._map.draw_legend(painter, view.rect())

    def _draw_labels(self, painter: QPainter, geometry: SliceGeometry, target: QRectF) -> None:
        found, labels, entry = (
            self._session.segmentations, self._session.labels, self._view.pane.entry,
        )  # fmt: skip
        label_map = labels.label_map_of(entry) if found.is_shown else None
        grid = self._view.grid if self._view.is_resampled else None
        volume, version = self._view.pane.volume, labels.version_of(entry)
        across = None if grid is None or volume is None else (volume.affine, grid)
        self._labels.set_slice(label_map, geometry, self._view.index, version, across)
        self._labels.draw(painter, target, opacity=found.opacity, is_outlined=found.is_outlined)

    def _draw_map(self, painter: QPainter, volume: Volume, target: QRectF) -> None:
        """Draw the explanation, made on the straight slice, where the turned one lies."""
        view = self._view
        self._map.set_result(self._shown_explanation())
        if not self._map.has_map:
            return
        is_mirrored = self._session.convention == "neurological" and view.plane != "sagittal"
        painter.save()
        straight = turn_painter(painter, view.turn, target)
        self._map.draw(painter, view.unturned(volume), straight, is_mirrored=is_mirrored)
        painter.restore()

    def _shown_explanation(self) -> ExplanationResult | None:
        explanations, view = self._session.explanations, self._view
        answer = (
            explanations.answer_at(view.pane.entry, view.plane, view.index)
            if explanations.is_shown and not view.is_resampled
            else None
        )
        return answer if isinstance(answer, ExplanationResult) else None
