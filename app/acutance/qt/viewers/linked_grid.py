"""The views of the open series, in the layout that was chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING
from weakref import ref

from PySide6.QtCore import Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QGridLayout, QWidget

from acutance.core.affine import PLANES, axis_plane
from acutance.qt.theme import DARK
from acutance.qt.viewers.free_views import FreeViews
from acutance.qt.viewers.histogram_view import HistogramView
from acutance.qt.viewers.k_space_view import KSpaceView
from acutance.qt.viewers.layouts import (
    COLUMNS,
    CORNER,
    FREE,
    K_SPACE,
    LAYOUT_MODES,
    MOSAIC,
    ROWS,
    LayoutMode,
    layout_of,
)
from acutance.qt.viewers.lightbox import Lightbox
from acutance.qt.viewers.listening import listen
from acutance.qt.viewers.slice_view import SliceView

if TYPE_CHECKING:
    from acutance.core.affine import Plane
    from acutance.core.volume import Volume
    from acutance.qt.viewers.gestures import Tool
    from acutance.session import Session

#: The order in which the planes are made and reached with Tab.
_PLANES: tuple[Plane, ...] = ("axial", "sagittal", "coronal")


class LinkedGrid(QWidget):
    """Three planes of the active series with a free cell, or another of `LAYOUT_MODES`.

    The three planes share cursor, window and convention through the session, tool and corner text
    through the grid; in "pair" and "four" each view holds a series of its own. A volume of one
    slice is shown in the plane of that slice alone, until another volume or the user asks for
    three again.

    Parameters
    ----------
    session : Session

    Signals
    -------
    layout_changed : str, str
        Mode and the plane shown alone, or "".
    hovered : tuple of float or None
        Point in mm under the pointer.
    tool_changed : str
        What a left drag does in every view.
    plane_changed : str
        Another plane is the one in view.
    k_space_changed : bool
        Whether the k-space of the slice in view is shown.
    view_added : SliceView
        One more view; `views` holds it from now on.
    load_requested : int
        A view shows a series that was not read yet.
    """

    layout_changed = Signal(str, str)
    hovered = Signal(object)
    tool_changed = Signal(str)
    plane_changed = Signal(str)
    k_space_changed = Signal(bool)
    view_added = Signal(object)
    load_requested = Signal(int)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._mode: LayoutMode = "three"
        self._single: Plane = "axial"
        self._session = session
        # Only known again, not kept: a closed volume gives its memory back.
        self._volume: ref[Volume] | None = None
        self._is_automatic = False
        self._views: dict[Plane, SliceView] = {p: SliceView(session, p, self) for p in _PLANES}
        self._corner: QWidget = HistogramView(session, self)
        self._k_space = KSpaceView(session, self)
        self._lightbox: Lightbox | None = None
        self._shows_k_space = False
        self._before: tuple[LayoutMode, Plane] = ("three", "axial")
        self._current: Plane = "axial"
        self.free = FreeViews(session, self)
        self.free.view_added.connect(self._on_view_added)
        self.free.load_requested.connect(self.load_requested)
        self.free.rearranged.connect(self._arrange)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        # The background shows through as separators of one pixel.
        self._grid.setSpacing(1)
        for plane, view in self._views.items():
            self._adopt(view)
            view.maximise_requested.connect(self.toggle_maximised)
            view.set_shows_messages(plane == "axial")
        QWidget.setTabOrder(self._views["axial"], self._views["sagittal"])
        QWidget.setTabOrder(self._views["sagittal"], self._views["coronal"])
        self.set_layout_mode("three")
        listen(self, session.active_changed, self._on_volume)
        listen(self, session.series_changed, self._on_volume)
        self._on_volume(None)

    def _adopt(self, view: SliceView) -> None:
        view.hovered.connect(self.hovered)
        view.tool_changed.connect(self.set_tool)
        view.overlay_changed.connect(self.set_overlay_visible)
        view.focused.connect(self._set_current)

    def _on_view_added(self, view: SliceView) -> None:
        model = self._views["axial"]
        view.tool = model.tool
        view.set_overlay_visible(model.overlay_visible)
        self._adopt(view)
        self.view_added.emit(view)

    @property
    def layout_mode(self) -> LayoutMode:
        """How the views are laid out."""
        return self._mode

    @property
    def tool(self) -> Tool:
        """What a left drag does in every view."""
        return self._views["axial"].tool

    @property
    def views(self) -> tuple[SliceView, ...]:
        """The views: axial, sagittal, coronal, then those that hold any series."""
        return (*self._views.values(), *self.free.views)

    @property
    def shown_views(self) -> tuple[SliceView, ...]:
        """The views that are not hidden, in the order of `views`."""
        return tuple(view for view in self.views if not view.isHidden())

    @property
    def current_view(self) -> SliceView:
        """The view that had the keyboard last, among those shown; else the first."""
        shown = self.shown_views
        if self._mode in ("pair", "four"):
            return self.free.current
        return next((v for v in shown if v.plane == self._current), self._views[self._single])

    @property
    def lightbox(self) -> Lightbox:
        """The mosaic of slices, made when it is first wanted."""
        if self._lightbox is None:
            self._lightbox = Lightbox(self._session, self)
            self._lightbox.hide()
            self._lightbox.opened.connect(lambda plane: self.set_layout_mode("single", plane))
        return self._lightbox

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
        widget.setParent(self)
        self._corner.hide()
        self._corner.deleteLater()
        self._corner = widget
        self._arrange()

    def set_layout_mode(self, mode: LayoutMode, plane: Plane | None = None) -> None:
        """Lay the views out; `plane` is the one alone or large, by default that of the last time.

        Raises
        ------
        ValueError
            If mode or plane is unknown.
        """
        if mode not in LAYOUT_MODES or (plane is not None and plane not in self._views):
            raise ValueError(f"no such layout: {mode!r}, {plane!r}")
        if self._mode != "single":
            self._before = self._mode, self._single
        self._mode = mode
        self._is_automatic = False
        self._single = plane or self._single
        if mode == "mosaic":
            self.lightbox.set_plane(plane or self._current)
        if mode in ("pair", "four"):
            self.free.fill(2 if mode == "pair" else 4)
        else:
            self.free.hide()
        self._arrange()
        if mode in ("single", "large"):
            self._set_current(self._single)
        self.layout_changed.emit(mode, self._single if mode == "single" else "")

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
        """Show the k-space of the slice in view: in the free cell, or beside the views."""
        if shown != self._shows_k_space:
            self._shows_k_space = shown
            self._arrange()
            self.k_space_changed.emit(shown)

    def _set_current(self, plane: Plane) -> None:
        if plane != self._current:
            self._current = plane
            self._k_space.set_plane(plane)
            self.plane_changed.emit(plane)

    def _widgets(self) -> dict[str, QWidget]:
        found: dict[str, QWidget] = {plane: self._views[plane] for plane in PLANES}
        found |= dict(zip(FREE, self.free.views, strict=False))
        found |= {CORNER: self._corner, K_SPACE: self._k_space}
        return found if self._lightbox is None else found | {MOSAIC: self._lightbox}

    def _arrange(self) -> None:
        """Give each widget its cell, and hide those without one."""
        layout = layout_of(
            self._mode, self._single, k_space=self._shows_k_space, alone=self.free.alone
        )
        widgets = self._widgets()
        focused = QApplication.focusWidget()
        had_focus = focused is not None and self.isAncestorOf(focused)
        for name, widget in widgets.items():
            self._grid.removeWidget(widget)
            if name in layout.cells:
                self._grid.addWidget(widget, *layout.cells[name])
            widget.setVisible(name in layout.cells)
        for n in range(ROWS):
            self._grid.setRowStretch(n, layout.rows[n])
        for n in range(COLUMNS):
            self._grid.setColumnStretch(n, layout.columns[n])
        # Hidden cells would leave their separator behind.
        self._grid.setSpacing(1 if len(layout.cells) > 1 else 0)
        first = next(iter(layout.cells))
        teller = self._single if self._mode in ("single", "large") else "axial"
        for plane, view in self._views.items():
            view.set_shows_messages(plane == teller)
        self.setFocusProxy(widgets[first])
        if had_focus and focused is not None and focused.isHidden():
            self.setFocus()

    def _on_volume(self, _id: int | None) -> None:
        """Choose the layout for a volume that was not shown before."""
        volume = self._session.active_volume
        if volume is None or (self._volume is not None and volume is self._volume()):
            return
        self._volume = ref(volume)
        flat = [axis for axis, count in enumerate(volume.shape) if count == 1]
        if len(flat) == 1 and self._mode in ("three", "large", "mosaic"):
            self.set_layout_mode("single", axis_plane(volume.affine, flat[0]))
            self._is_automatic = True
        elif len(flat) != 1 and self._is_automatic:
            self.set_layout_mode(self._before[0], self._before[1])

    def toggle_maximised(self, plane: Plane) -> None:
        """Show a plane alone, or the layout that was there before."""
        if self._mode == "single":
            self.set_layout_mode(*self._before)
        else:
            self.set_layout_mode("single", plane)
        self._views[plane].setFocus()

    def set_tool(self, tool: Tool) -> None:
        """Choose what a left drag does in every view."""
        changed = any(view.tool != tool for view in self.views)
        for view in self.views:
            view.tool = tool
        if changed:
            self.tool_changed.emit(tool)

    def set_overlay_visible(self, visible: bool) -> None:
        """Show or hide the corner text of every view."""
        for view in self.views:
            view.set_overlay_visible(visible)

    def fit(self) -> None:
        """Show every slice as large as it fits."""
        for view in self.views:
            view.fit()

    def reset(self) -> None:
        """Fit every view and go back to the window its series started with."""
        for view in self.shown_views or self.views:
            view.reset()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw what shows as separators."""
        painter = QPainter(self)
        try:
            painter.fillRect(self.rect(), QColor(DARK.line))
        finally:
            painter.end()
