"""One plane of the active volume, drawn and steered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, QSizeF, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QNativeGestureEvent,
    QPainter,
    QPaintEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from acutance.core.affine import PLANES, Plane, to_index, to_world
from acutance.core.slicing import SliceGeometry, volume_geometry
from acutance.core.space import is_inside
from acutance.core.turning import Turn
from acutance.qt.language import tr
from acutance.qt.viewers import overlay
from acutance.qt.viewers.listening import listen
from acutance.qt.viewers.messages import draw_state
from acutance.qt.viewers.slice_painter import SlicePainter
from acutance.qt.viewers.steering import Steering
from acutance.qt.viewers.view_tools import ViewTools
from acutance.qt.viewers.view_transform import ViewTransform

if TYPE_CHECKING:
    from acutance.core.slicing import Grid
    from acutance.core.volume import Volume
    from acutance.qt.viewers.gestures import Tool
    from acutance.session import Session

Point = tuple[float, float, float]


class Layer(Protocol):
    """Something drawn with each slice of a view."""

    def draw(self, painter: QPainter, view: SliceView, target: QRectF) -> None:
        """Draw right over the slice, which lies in `target`, under labels and text."""

    def draw_over(self, painter: QPainter, view: SliceView, target: QRectF) -> None:
        """Draw over everything else."""


class SliceView(QWidget):
    """A plane of the active volume with crosshair, edge letters and corner text.

    Slices stay on the voxel grid; proportions are those in mm. The cursor, the window and the
    convention are the session's, zoom and pan are the view's own.

    Parameters
    ----------
    session : Session
    plane : str
        "axial", "coronal" or "sagittal".
    series : int or None
        Id of the series to show; None shows the active one.

    Attributes
    ----------
    pane : Pane
        What the view shows and where it is.
    layers : list of Layer
        What others draw over the slice, in order.

    Signals
    -------
    maximise_requested : str
        The plane, on a double click or Return: enlarge, or restore.
    hovered : tuple of float or None
        Point in mm under the pointer; None outside the image.
    painted
        The view was painted.
    focused : str
        The plane; the keyboard is this view's now.
    tool_changed : str
        What a left drag does: "crosshair" or "window".
    overlay_changed : bool
        Whether corner text is shown.
    customContextMenuRequested : QPoint
        The right button was clicked, not dragged.

    Raises
    ------
    ValueError
        If the plane is unknown.
    """

    maximise_requested = Signal(str)
    hovered = Signal(object)
    painted = Signal()
    focused = Signal(str)
    tool_changed = Signal(str)
    overlay_changed = Signal(bool)

    def __init__(
        self,
        session: Session,
        plane: Plane,
        parent: QWidget | None = None,
        *,
        series: int | None = None,
    ) -> None:
        super().__init__(parent)
        if plane not in PLANES:
            raise ValueError(f"plane must be one of {PLANES}, not {plane!r}")
        self._session = session
        self.pane = session.panes.add(plane, series)
        self._tool: Tool = "crosshair"
        self._overlay_visible = True
        self._shows_messages = True
        self._painter = SlicePainter(self, session)
        self.layers: list[Layer] = []
        self._volume: Volume | None = None
        self._grid: Grid | None = None
        self._geometry: SliceGeometry | None = None
        self._pointer: QPointF | None = None
        self.setObjectName(f"{plane}_view")
        self.setAccessibleName(tr("{plane} view", plane=tr(plane)))
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(96, 96)
        self.setMouseTracking(True)
        self._tools = ViewTools(self, session)
        self._steering = Steering(self, session)
        listen(self, self.pane.content_changed, self._on_volume)
        listen(self, session.convention_changed, self._on_volume)
        for changed in (self.pane.moved, self.pane.window_changed, self.pane.placed):
            listen(self, changed, self._on_view)
        listen(self, self.pane.links_changed, self._on_view)
        listen(self, session.crosshair_changed, self._on_view)
        listen(self, session.explanations.changed, self._on_view)
        listen(self, session.segmentations.changed, self._on_view)
        listen(self, session.appearance.changed, self._on_appearance)
        panes, pane = session.panes, self.pane
        self.destroyed.connect(lambda: panes.remove(pane))
        self._on_volume()

    @property
    def plane(self) -> Plane:
        """The plane that is shown."""
        return self.pane.plane

    @property
    def geometry_of_slice(self) -> SliceGeometry | None:
        """How the voxels map to the screen; None without a volume."""
        return self._geometry

    @property
    def index(self) -> int:
        """The slice that is shown, 0-based, file order, or that of a grid along the patient."""
        return self.pane.index

    @property
    def grid(self) -> Grid | None:
        """What slices are counted in: the volume, or a grid along the patient's axes."""
        return self._grid

    @property
    def is_resampled(self) -> bool:
        """Whether the slice is none of the volume, but lies across its voxels."""
        return self._grid is not self._volume

    @property
    def zoom(self) -> float:
        """Factor over the size at which the slice fits the view."""
        return self.pane.zoom

    @property
    def tool(self) -> Tool:
        """What a left drag does: move the crosshair, or change the window."""
        return self._tool

    @tool.setter
    def tool(self, tool: Tool) -> None:
        if tool not in ("crosshair", "window"):
            raise ValueError(f"tool must be crosshair or window, not {tool!r}")
        if tool != self._tool:
            self._tool = tool
            self._session.tools.put_down()
            self.show_tool()
            self.tool_changed.emit(tool)
            self.update()

    def show_tool(self) -> None:
        """Give the pointer the shape of what a left drag does; a tool in hand has its own."""
        shapes = {"window": Qt.CursorShape.SizeAllCursor}
        self.setCursor(shapes.get(self._tool, Qt.CursorShape.CrossCursor))

    @property
    def tools(self) -> ViewTools:
        """The tools that may take the left button."""
        return self._tools

    @property
    def overlay_visible(self) -> bool:
        """Whether corner text is shown; edge letters always are."""
        return self._overlay_visible

    def set_overlay_visible(self, visible: bool) -> None:
        """Show or hide the corner text."""
        if visible != self._overlay_visible:
            self._overlay_visible = visible
            self.overlay_changed.emit(visible)
            self.update()

    def set_shows_messages(self, shows: bool) -> None:
        """Choose whether this view tells of a load or an error; in a grid one view does."""
        self._shows_messages = shows
        self.update()

    def fit(self) -> None:
        """Show the whole slice as large as it fits."""
        self._set_transform(ViewTransform())

    def reset(self) -> None:
        """Fit, and go back to the window the series started with."""
        self.fit()
        self._session.appearance.set_turn(self.plane, Turn())
        self.pane.reset_window()

    def zoom_by(self, factor: float, anchor: QPointF | None = None) -> None:
        """Zoom about a place in the widget, by default its middle."""
        if self._geometry is not None:
            about = anchor if anchor is not None else QRectF(self.rect()).center()
            self._set_transform(
                self._transform().zoomed(factor, about, self._extent(), QSizeF(self.size()))
            )

    def pan_by(self, way: QPointF) -> None:
        """Move the slice by widget pixels; a corner of it stays in sight."""
        if self._geometry is not None:
            self._set_transform(self._transform().panned(way, self._extent(), QSizeF(self.size())))

    def image_rect(self) -> QRectF:
        """Return where the slice is drawn, in widget pixels; empty without a volume."""
        if self._geometry is None:
            return QRectF()
        return self._transform().image_rect(self._extent(), QSizeF(self.size()))

    def point_to_widget(self, point: Point) -> QPointF | None:
        """Return where a point in mm lies on this plane, in widget pixels."""
        if self._grid is None or self._geometry is None:
            return None
        return self.index_to_widget(to_index(self._grid.affine, point))

    def index_to_widget(self, index: Point) -> QPointF | None:
        """Return where a voxel index lies on this plane, in widget pixels."""
        if self._geometry is None:
            return None
        row, column = self._geometry.to_pixel(index)
        rect, (rows, columns) = self.image_rect(), self._geometry.size
        return QPointF(
            rect.left() + (column + 0.5) * rect.width() / columns,
            rect.top() + (row + 0.5) * rect.height() / rows,
        )

    @property
    def turn(self) -> Turn:
        """How the user turned this plane."""
        return self._session.appearance.turn(self.plane)

    def unturned(self, volume: Grid) -> SliceGeometry:
        """Return how the slices of a volume were drawn, had nobody turned them."""
        return volume_geometry(volume, self.plane, convention=self._session.convention)

    def paint_picture(self, painter: QPainter, *, shows_name: bool) -> None:
        """Draw the view with every mark, as for a picture of it: no pointer, no focus."""
        if self._volume is not None and self._geometry is not None:
            self._painter.paint(painter, self._volume, self._geometry, None, shows_name=shows_name)

    def draw_enlarged(self, painter: QPainter, target: QRectF) -> None:
        """Draw the slice as shown into a larger rectangle, with layers and labels over it."""
        self._painter.draw_enlarged(painter, target)

    def hovered_point(self) -> Point | None:
        """Return the point in mm under the pointer; None outside the image."""
        if self._pointer is None or not self.image_rect().contains(self._pointer):
            return None
        point = self.widget_to_point(self._pointer)
        if point is None or self._volume is None or not self.is_resampled:
            return point
        return point if is_inside(self._volume, point) else None

    def nudge(self, rows: int, columns: int) -> None:
        """Move the crosshair by pixels of the slice, as drawn."""
        if self._grid is None or self._geometry is None:
            return
        index = to_index(self._grid.affine, self.pane.cursor)
        row, column = self._geometry.to_pixel(index)
        moved = self._geometry.to_index(
            round(row) + rows, round(column) + columns, index[self._geometry.axis]
        )
        self.pane.set_cursor(self.pane.in_plane(to_world(self._grid.affine, moved)))

    def widget_to_pixel(self, position: QPointF) -> tuple[float, float] | None:
        """Return row and column of the slice at a place in the widget, as drawn."""
        if self._geometry is None:
            return None
        rect, (rows, columns) = self.image_rect(), self._geometry.size
        row = (position.y() - rect.top()) * rows / rect.height() - 0.5
        return row, (position.x() - rect.left()) * columns / rect.width() - 0.5

    def widget_to_point(self, position: QPointF) -> Point | None:
        """Return the point in mm of the shown slice at a place in the widget."""
        place = self.widget_to_pixel(position)
        if self._grid is None or self._geometry is None or place is None:
            return None
        depth = to_index(self._grid.affine, self.pane.cursor)[self._geometry.axis]
        return to_world(self._grid.affine, self._geometry.to_index(*place, depth))

    def sizeHint(self) -> QSize:
        """Prefer a size that a plane is readable at."""
        return QSize(420, 380)

    # What the session tells.

    def _on_volume(self, *_: object) -> None:
        volume, grid = self.pane.volume, self.pane.grid
        geometry = None if grid is None else self.turn.apply(self.unturned(grid))
        is_same = volume is self._volume and grid is self._grid
        if volume is not None and is_same and geometry == self._geometry:
            return  # a score that comes further changes nothing here
        if volume is not self._volume:
            self._painter.clear()
        self._volume, self._grid, self._geometry = volume, grid, geometry
        self.setObjectName(f"{self.plane}_view")
        self.setAccessibleName(tr("{plane} view", plane=tr(self.plane)))
        self.update()

    def _on_appearance(self) -> None:
        self._on_volume()
        self.update()

    def _on_view(self, *_: object) -> None:
        self.update()

    # Painting.

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw image, crosshair, letters and text, or the reason why there is none."""
        painter = QPainter(self)
        try:
            if self._volume is None or self._geometry is None:
                painter.fillRect(self.rect(), Qt.GlobalColor.black)
                if self._shows_messages:
                    draw_state(
                        painter, self.rect(), self.pane.entry, has_own=self.pane.series is not None
                    )
            else:
                self._painter.paint(painter, self._volume, self._geometry, self._pointer)
            if self.hasFocus():
                overlay.draw_focus(painter, self.rect())
        finally:
            painter.end()
        self.painted.emit()

    # Mouse, wheel, keys.

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a drag."""
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        self._steering.press(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Go on with a drag; without one, follow the pointer, with Shift also the crosshair."""
        self._pointer = event.position()
        self._steering.move(event)
        self.hovered.emit(self.hovered_point())
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End a drag; a right press that did not move asks for the context menu."""
        self._steering.release(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Ask to be enlarged or restored; a tool in hand takes it for a press."""
        if self._tools.hand is not None:
            self.mousePressEvent(event)
        elif event.button() == Qt.MouseButton.LeftButton:
            self.maximise_requested.emit(self.plane)
        event.accept()

    def leaveEvent(self, event: QEvent) -> None:
        """Forget the pointer."""
        self._pointer = None
        self.hovered.emit(None)
        self.update()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scroll slices at once; with Ctrl, zoom about the pointer; with Shift ask the tool."""
        self._steering.wheel(event)

    def event(self, event: QEvent) -> bool:
        """Zoom on a pinch of the trackpad."""
        if (
            isinstance(event, QNativeGestureEvent)
            and event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture
        ):
            self.zoom_by(1.0 + event.value(), event.position())
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Steer by keyboard: slices, zoom. Letters are commands of the window."""
        if not self._steering.key(event):
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        """Let go of the pan key."""
        if not self._steering.key_up(event):
            super().keyReleaseEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Tell that the keyboard is here."""
        self.focused.emit(self.plane)
        super().focusInEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Drop the ring and any held key."""
        self._steering.let_go()
        super().focusOutEvent(event)

    def _transform(self) -> ViewTransform:
        return ViewTransform(self.pane.zoom, *self.pane.pan)

    def _set_transform(self, transform: ViewTransform) -> None:
        self.pane.place(transform.zoom, (transform.pan_x, transform.pan_y))

    def _extent(self) -> QSizeF:
        """Width and height of the slice in mm."""
        if self._geometry is None:
            return QSizeF(1.0, 1.0)
        (rows, columns), (row_mm, column_mm) = self._geometry.size, self._geometry.pixel_spacing
        return QSizeF(columns * column_mm, rows * row_mm)
