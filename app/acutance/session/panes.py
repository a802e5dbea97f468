"""What each view shows and where it is, and which views do together what one is told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal
from weakref import ref

from psygnal import Signal

from acutance.core.patient_grid import is_oblique, nearest_in_plane, patient_grid
from acutance.core.space import clamped, frame_key, is_inside, middle_of, on_slice, slice_at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from acutance.core.affine import Plane
    from acutance.core.slicing import Grid
    from acutance.core.volume import Volume
    from acutance.core.window import Window
    from acutance.session.entry import SeriesEntry
    from acutance.session.session import Session

LinkAction = Literal["scroll", "zoom", "pan", "window", "time"]
LINK_ACTIONS: tuple[LinkAction, ...] = ("scroll", "zoom", "pan", "window", "time")
Point = tuple[float, float, float]
#: Zoom and pan of a view that shows the whole slice.
FITTED = (1.0, (0.0, 0.0))


class Pane:
    """One view: a series, a plane, a place, a window, zoom and pan; and what of that is linked.

    A pane without a series of its own follows the active one, and while it is linked its place is
    the session's cursor and its window the session's. Views are linked by action and only within
    one space: one frame of reference, else one grid (`core.space.frame_key`); zoom and pan in one
    plane; windows and time by choice, whatever the space.

    Parameters
    ----------
    panes : Panes
        Those it is linked with.
    plane : str
    series : int or None
        Id of a series; None follows the active one.

    Signals
    -------
    content_changed
        Another volume or plane, or the state of the series that is shown.
    moved
        Another place.
    window_changed
    placed
        Zoom or pan.
    links_changed
    """

    content_changed = Signal()
    moved = Signal()
    window_changed = Signal()
    placed = Signal()
    links_changed = Signal()

    def __init__(self, panes: Panes, plane: Plane, series: int | None = None) -> None:
        self._panes = panes
        self._session = panes.session
        self._plane: Plane = plane
        self._series = series
        self._volume: Volume | None = None
        self._cursor: Point = (0.0, 0.0, 0.0)
        self._window = self._session.window
        self._zoom, self._pan = FITTED
        linked = set(LINK_ACTIONS) if series is None else set(LINK_ACTIONS) - {"window"}
        self._links: frozenset[LinkAction] = frozenset(linked)
        self.refresh()

    @property
    def plane(self) -> Plane:
        """The plane that is shown."""
        return self._plane

    @property
    def series(self) -> int | None:
        """Id of the series of its own; None where it follows the active one."""
        return self._series

    @property
    def entry(self) -> SeriesEntry | None:
        """The series that is shown."""
        return self._session.active if self._series is None else self._session.entry(self._series)

    @property
    def volume(self) -> Volume | None:
        """The voxels that are shown, once loaded."""
        entry = self.entry
        return None if entry is None else entry.volume

    @property
    def grid(self) -> Grid | None:
        """What its slices are counted and drawn in: the volume, or a grid along the patient."""
        volume = self.volume
        if volume is None or not self._session.appearance.follows_patient:
            return volume
        return patient_grid(volume, self._plane) if is_oblique(volume) else volume

    @property
    def is_resampled(self) -> bool:
        """Whether what it shows lies between the voxels: along the patient's axes, not its own."""
        return self.grid is not self.volume

    @property
    def links(self) -> frozenset[LinkAction]:
        """What it does together with others."""
        return self._links

    @property
    def cursor(self) -> Point:
        """The place it is at, in mm, RAS+."""
        return self._session.cursor if self.shares("scroll") else self._cursor

    @property
    def window(self) -> Window:
        """Its grey window, in real-world units."""
        return self._session.window if self.shares("window") else self._window

    @property
    def zoom(self) -> float:
        """Factor over the size at which the slice fits."""
        return self._zoom

    @property
    def pan(self) -> tuple[float, float]:
        """Offset of the slice from the middle, in slice sizes, right and down."""
        return self._pan

    @property
    def index(self) -> int:
        """The slice of its grid that is shown, 0-based, file order; 0 without a volume."""
        grid = self.grid
        return 0 if grid is None else slice_at(grid, self._plane, self.cursor)

    def shares(self, action: LinkAction) -> bool:
        """Whether what the session holds for the active series is what this view shows."""
        return self._series is None and action in self._links

    def show(self, series: int | None) -> None:
        """Show a series of its own, or None: whichever is active."""
        if series != self._series:
            if series is not None and self._series is None:
                self._links -= {"window"}
            self._series = series
            self.refresh()
            self.content_changed.emit()

    def set_plane(self, plane: Plane) -> None:
        """Show another plane; the place stays."""
        if plane != self._plane:
            self._plane = plane
            self._zoom, self._pan = FITTED
            self.content_changed.emit()

    def set_linked(self, action: LinkAction, linked: bool) -> None:
        """Do something together with the other views from now on, or alone."""
        if linked == (action in self._links):
            return
        if not linked:  # it goes on from where it is
            self._cursor, self._window = self.cursor, self.window
        self._links = self._links | {action} if linked else self._links - {action}
        if linked and action == "scroll":
            self._panes.join(self)
        self.links_changed.emit()
        self.moved.emit()
        self.window_changed.emit()

    def set_cursor(self, point: Point) -> None:
        """Go to a point in mm; linked views of the same space go there, too."""
        if self.shares("scroll"):
            self._session.set_cursor(point)
            return
        self.move(point)
        if "scroll" in self._links:
            self._panes.spread_cursor(self)

    def set_slice(self, index: int) -> None:
        """Go to a slice of its grid, clamped; the place in the plane stays where it has voxels."""
        grid = self.grid
        if grid is not None and index != self.index:
            self.set_cursor(self.in_plane(on_slice(grid, self._plane, index, self.cursor)))

    def in_plane(self, point: Point) -> Point:
        """Return the place with voxels that is nearest to a point, in the slice through it.

        Along the axes of the voxels that is what every move makes sure of; across them, to be
        brought back into the volume would lead to another slice.
        """
        volume = self.volume
        if volume is None or not self.is_resampled:
            return point
        return nearest_in_plane(volume, self._plane, point)

    def step(self, delta: int) -> None:
        """Go some slices on."""
        self.set_slice(self.index + delta)

    def set_window(self, window: Window) -> None:
        """Change the grey window; views that are linked for it follow."""
        if self.shares("window"):
            self._session.set_window(window)
            return
        self.take_window(window)
        if "window" in self._links:
            self._panes.spread_window(self)

    def reset_window(self) -> None:
        """Go back to the window the series starts with."""
        if self.shares("window"):
            self._session.reset_window()
        elif (volume := self.volume) is not None:
            self.set_window(self._session.start_window(volume))

    def place(self, zoom: float, pan: tuple[float, float]) -> None:
        """Zoom and pan; linked views of the same plane and space follow."""
        if (zoom, pan) != (self._zoom, self._pan):
            self.take_place(zoom, pan)
            self._panes.spread_place(self)

    # What the panes do to each other; nothing is spread from here.

    def move(self, point: Point) -> None:
        """Go to a point of its own volume."""
        volume = self.volume
        if volume is not None and (target := clamped(volume, point)) != self._cursor:
            self._cursor = target
            self.moved.emit()

    def take_window(self, window: Window) -> None:
        """Use a window."""
        if window != self._window:
            self._window = window
            self.window_changed.emit()

    def take_place(self, zoom: float, pan: tuple[float, float]) -> None:
        """Use zoom and pan."""
        if (zoom, pan) != (self._zoom, self._pan):
            self._zoom, self._pan = zoom, pan
            self.placed.emit()

    def refresh(self) -> None:
        """Start afresh where another volume is shown; emits nothing."""
        volume, before = self.volume, self._volume
        if volume is before:
            return
        self._volume = volume
        if volume is None:
            return
        if (
            before is None
            or frame_key(before) != frame_key(volume)
            or not _as_large(before, volume)
        ):
            self._zoom, self._pan = FITTED
        same_space = before is not None and frame_key(before) == frame_key(volume)
        if not same_space or not is_inside(volume, self._cursor):
            self._cursor = middle_of(volume)
        if self._series is not None:
            self._window = self._session.start_window(volume)
            if "scroll" in self._links:
                self._panes.join(self)


class Panes:
    """The views of a session, and what spreads from one to another.

    Parameters
    ----------
    session : Session
    """

    def __init__(self, session: Session) -> None:
        self.session = session
        self._panes: list[Pane] = []
        self._is_spreading = False
        # Only known again, not kept: a closed volume gives its memory back.
        self._started: ref[Volume] | None = None
        session.active_changed.connect(self._on_active)
        session.series_changed.connect(self._on_series)
        session.series_removed.connect(self._on_series)
        session.cursor_changed.connect(self._on_cursor)
        session.window_changed.connect(self._on_window)

    def __iter__(self) -> Iterator[Pane]:
        return iter(tuple(self._panes))

    def add(self, plane: Plane, series: int | None = None) -> Pane:
        """Return a new pane."""
        pane = Pane(self, plane, series)
        self._panes.append(pane)
        return pane

    def remove(self, pane: Pane) -> None:
        """Forget a pane whose view is gone."""
        if pane in self._panes:
            self._panes.remove(pane)

    def peers(self, pane: Pane, action: LinkAction) -> list[Pane]:
        """Return the panes that do an action together with one."""
        volume = pane.volume
        if action not in pane.links or volume is None:
            return []
        found = []
        for other in self._panes:
            theirs = other.volume
            if other is pane or action not in other.links or theirs is None:
                continue
            if action in ("zoom", "pan") and other.plane != pane.plane:
                continue
            if action == "window":
                if theirs.unit != volume.unit or theirs.is_colour or volume.is_colour:
                    continue
            elif action != "time" and frame_key(theirs) != frame_key(volume):
                continue
            found.append(other)
        return found

    def join(self, pane: Pane) -> None:
        """Bring a pane to where those are that it is linked with."""
        for other in self.peers(pane, "scroll"):
            pane.move(other.cursor)
            return

    def spread_cursor(self, pane: Pane) -> None:
        """Bring the linked panes to where one went."""
        self._is_spreading = True
        try:
            for other in self.peers(pane, "scroll"):
                if not other.shares("scroll"):
                    other.move(pane.cursor)
            active, volume = self.session.active_volume, pane.volume
            # Strips and panels follow the active series, also where no view of it is linked.
            if active and volume and frame_key(active) == frame_key(volume):
                self.session.set_cursor(pane.cursor)
        finally:
            self._is_spreading = False

    def spread_window(self, pane: Pane) -> None:
        """Give the linked panes the window of one."""
        self._is_spreading = True
        try:
            peers = self.peers(pane, "window")
            for other in peers:
                if not other.shares("window"):
                    other.take_window(pane.window)
            if any(other.shares("window") for other in peers):
                self.session.set_window(pane.window)
        finally:
            self._is_spreading = False

    def spread_place(self, pane: Pane) -> None:
        """Give the linked panes zoom and pan of one."""
        pans = self.peers(pane, "pan")
        for other in self.peers(pane, "zoom"):
            other.take_place(pane.zoom, other.pan)
        for other in pans:
            other.take_place(other.zoom, pane.pan)

    # What the session tells.

    def _on_active(self, _id: int | None) -> None:
        for pane in self:
            if pane.series is None:
                pane.refresh()
                pane.content_changed.emit()

    def _on_series(self, id: int) -> None:
        active = self.session.active
        for pane in self:
            shown = pane.series if pane.series is not None else active and active.id
            if shown == id:
                pane.refresh()
                pane.content_changed.emit()

    def _on_cursor(self, point: Point) -> None:
        volume = self.session.active_volume
        for pane in self:
            if pane.shares("scroll"):
                pane.moved.emit()
            elif not self._is_spreading and "scroll" in pane.links and volume is not None:
                theirs = pane.volume
                if theirs is not None and frame_key(theirs) == frame_key(volume):
                    pane.move(point)

    def _on_window(self, window: Window) -> None:
        volume = self.session.active_volume
        started = None if self._started is None else self._started()
        starts = volume is not started
        self._started = None if volume is None else ref(volume)
        for pane in self:
            if pane.shares("window"):
                pane.window_changed.emit()
            elif not starts and not self._is_spreading and "window" in pane.links:
                theirs = pane.volume
                if theirs is not None and volume is not None and theirs.unit == volume.unit:
                    pane.take_window(window)


def _as_large(one: Volume, other: Volume) -> bool:
    """Whether the slices of two volumes are as large, to a pixel."""
    return all(
        abs(n * a - m * b) < max(a, b)
        for n, a, m, b in zip(one.shape, one.spacing, other.shape, other.spacing, strict=True)
    )
