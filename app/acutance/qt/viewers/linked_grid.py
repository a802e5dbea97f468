"""Three planes of the active volume side by side, and a fourth cell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QWidget

from acutance.core.affine import axis_plane
from acutance.qt.theme import DARK
from acutance.qt.viewers.histogram_view import HistogramView
from acutance.qt.viewers.k_space_view import KSpaceView
from acutance.qt.viewers.listening import listen
from acutance.qt.viewers.slice_view import SliceView

if TYPE_CHECKING:
    from acutance.core.affine import Plane
    from acutance.core.volume import Volume
    from acutance.qt.viewers.gestures import Tool
    from acutance.session import Session

LayoutMode = Literal["three", "single"]
_CELLS: dict[Plane, tuple[int, int]] = {"axial": (0, 0), "sagittal": (0, 1), "coronal": (1, 0)}
_STRETCH = (3, 2)


class LinkedGrid(QWidget):
    """Axial large at the top left, sagittal right of it, coronal below, a free cell in the corner.

    All views share cursor, window and convention through the session, tool and corner text
    through the grid. A volume of one slice is shown in the plane of that slice alone, until
    another volume or the user asks for three again.

    Parameters
    ----------
    session : Session

    Signals
    -------
    layout_changed : str, str
        Mode ("three" or "single") and the plane shown alone, or "".
    hovered : tuple of float or None
        Point in mm under the pointer.
    tool_changed : str
        What a left drag does in every view.
    plane_changed : str
        Another plane is the one in view.
    k_space_changed : bool
        Whether the k-space of the slice in view is shown.
    """

    layout_changed = Signal(str, str)
    hovered = Signal(object)
    tool_changed = Signal(str)
    plane_changed = Signal(str)
    k_space_changed = Signal(bool)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._mode: LayoutMode = "three"
        self._single: Plane = "axial"
        self._session = session
        self._volume: Volume | None = None
        self._is_automatic = False
        self._views = {plane: SliceView(session, plane, self) for plane in _CELLS}
        self._corner: QWidget = HistogramView(session, self)
        self._k_space = KSpaceView(session, self)
        self._shows_k_space = False
        self._current: Plane = "axial"
        self._k_space.hide()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        # The background shows through as separators of one pixel.
        self._grid.setSpacing(1)
        for plane, view in self._views.items():
            self._grid.addWidget(view, *_CELLS[plane])
            view.maximise_requested.connect(self.toggle_maximised)
            view.hovered.connect(self.hovered)
            view.tool_changed.connect(self.set_tool)
            view.overlay_changed.connect(self.set_overlay_visible)
            view.focused.connect(self._set_current)
            view.set_shows_messages(plane == "axial")
        self._grid.addWidget(self._corner, 1, 1)
        QWidget.setTabOrder(self._views["axial"], self._views["sagittal"])
        QWidget.setTabOrder(self._views["sagittal"], self._views["coronal"])
        self.setFocusProxy(self._views["axial"])
        self.set_layout_mode("three")
        listen(self, session.active_changed, self._on_volume)
        listen(self, session.series_changed, self._on_volume)
        self._on_volume(None)

    @property
    def layout_mode(self) -> LayoutMode:
        """Whether three planes or one are shown."""
        return self._mode

    @property
    def tool(self) -> Tool:
        """What a left drag does in every view."""
        return self._views["axial"].tool

    @property
    def views(self) -> tuple[SliceView, ...]:
        """The views: axial, sagittal, coronal."""
        return tuple(self._views.values())

    def view(self, plane: Plane) -> SliceView:
        """Return the view of a plane.

        Raises
        ------
        KeyError
            If there is no such plane.
        """
        return self._views[plane]

    @property
    def corner_widget(self) -> QWidget:
        """What stands in the fourth cell."""
        return self._corner

    def set_corner_widget(self, widget: QWidget) -> None:
        """Put a widget in the fourth cell; the one that was there is deleted."""
        if widget is self._corner:
            return
        self._grid.replaceWidget(self._corner, widget)
        self._corner.hide()
        self._corner.deleteLater()
        self._corner = widget
        widget.setVisible(self._mode == "three" and not self._shows_k_space)

    def set_layout_mode(self, mode: LayoutMode, plane: Plane | None = None) -> None:
        """Show three planes, or one alone: `plane`, by default the one shown alone last.

        Raises
        ------
        ValueError
            If mode or plane is unknown.
        """
        if mode not in ("three", "single") or (plane is not None and plane not in self._views):
            raise ValueError(f"no such layout: {mode!r}, {plane!r}")
        self._mode = mode
        self._is_automatic = False
        self._single = plane or self._single
        for name, view in self._views.items():
            view.setVisible(mode == "three" or name == self._single)
            view.set_shows_messages(name == ("axial" if mode == "three" else self._single))
        self._place_cells()
        if mode == "single":
            self._set_current(self._single)
        self.setFocusProxy(self._views["axial" if mode == "three" else self._single])
        self.layout_changed.emit(mode, "" if mode == "three" else self._single)

    @property
    def current_plane(self) -> Plane:
        """The plane in view: the one shown alone, else the one that had the keyboard last."""
        return self._current

    @property
    def shows_k_space(self) -> bool:
        """Whether the k-space of the slice in view is shown."""
        return self._shows_k_space

    @property
    def k_space(self) -> KSpaceView:
        """The view of k-space, also while it is hidden."""
        return self._k_space

    def set_k_space_shown(self, shown: bool) -> None:
        """Show the k-space of the slice in view: in the fourth cell, or beside a single plane."""
        if shown != self._shows_k_space:
            self._shows_k_space = shown
            self._place_cells()
            self.k_space_changed.emit(shown)

    def _set_current(self, plane: Plane) -> None:
        if plane != self._current:
            self._current = plane
            self._k_space.set_plane(plane)
            self.plane_changed.emit(plane)

    def _place_cells(self) -> None:
        """Give each cell its share of the grid."""
        is_three, shown = self._mode == "three", self._shows_k_space
        self._corner.setVisible(is_three and not shown)
        row, column = _CELLS[self._single]
        self._grid.removeWidget(self._k_space)
        if shown:
            place = (1, 1) if is_three else (row, 1 - column)
            self._grid.addWidget(self._k_space, *place)
        self._k_space.setVisible(shown)
        for n, stretch in enumerate(_STRETCH):
            # An empty row or column keeps its share as long as it has a stretch.
            self._grid.setRowStretch(n, stretch if is_three or n == row else 0)
            has_column = is_three or shown or n == column
            self._grid.setColumnStretch(n, stretch if has_column else 0)
        # Hidden cells would leave their separator behind.
        self._grid.setSpacing(1 if is_three or shown else 0)

    def _on_volume(self, _id: int | None) -> None:
        """Choose the layout for a volume that was not shown before."""
        volume = self._session.active_volume
        if volume is None or volume is self._volume:
            return
        self._volume = volume
        flat = [axis for axis, count in enumerate(volume.shape) if count == 1]
        if len(flat) == 1 and self._mode == "three":
            self.set_layout_mode("single", axis_plane(volume.affine, flat[0]))
            self._is_automatic = True
        elif len(flat) != 1 and self._is_automatic:
            self.set_layout_mode("three")

    def toggle_maximised(self, plane: Plane) -> None:
        """Show a plane alone, or all three again."""
        if self._mode == "single":
            self.set_layout_mode("three")
        else:
            self.set_layout_mode("single", plane)
        self._views[plane].setFocus()

    def set_tool(self, tool: Tool) -> None:
        """Choose what a left drag does in every view."""
        changed = any(view.tool != tool for view in self._views.values())
        for view in self._views.values():
            view.tool = tool
        if changed:
            self.tool_changed.emit(tool)

    def set_overlay_visible(self, visible: bool) -> None:
        """Show or hide the corner text of every view."""
        for view in self._views.values():
            view.set_overlay_visible(visible)

    def fit(self) -> None:
        """Show every slice as large as it fits."""
        for view in self._views.values():
            view.fit()

    def reset(self) -> None:
        """Fit every view and go back to the window the series started with."""
        for view in self._views.values():
            view.reset()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw what shows as separators."""
        painter = QPainter(self)
        try:
            painter.fillRect(self.rect(), QColor(DARK.line))
        finally:
            painter.end()
