"""The open series and the view state that all viewers share."""

from __future__ import annotations

import math
import weakref
from typing import TYPE_CHECKING

from psygnal import Signal

from acutance.core.affine import Plane, plane_axis
from acutance.core.space import clamped, frame_key, is_inside, middle_of, on_slice, slice_at
from acutance.core.window import Window
from acutance.session.air import AirWindow
from acutance.session.appearance import Appearance
from acutance.session.comparing import Comparing
from acutance.session.explanations import Explanations
from acutance.session.history import History
from acutance.session.label_editing import LabelEditing
from acutance.session.measurements import Measurements
from acutance.session.open_series import OpenSeries
from acutance.session.panes import Panes
from acutance.session.playback import Playback
from acutance.session.restorations import Restorations
from acutance.session.reviews import Reviews
from acutance.session.segmentations import Segmentations
from acutance.session.studies import Studies
from acutance.session.tools import Tools
from acutance.session.windows import first_window, video_presets, volume_presets

if TYPE_CHECKING:
    from collections.abc import Sequence

    from acutance.core.quality import SliceScore
    from acutance.core.site import Preset
    from acutance.core.slicing import Convention
    from acutance.core.volume import Volume

Point = tuple[float, float, float]


class Session(OpenSeries):
    """What is open, what is shown, and how; tells listeners what happened.

    Every field is set before the first signal of a command is emitted, so a listener always sees
    a consistent state. An answer for a series that was removed is dropped.

    Signals
    -------
    cursor_changed : tuple of float
        Point in mm, RAS+.
    window_changed : Window
    convention_changed : str
    crosshair_changed : bool
    visited : SliceScore
        The cursor was moved to a scored slice by rank.
    notice : str
        A line for the status bar.

    Those of `OpenSeries` tell of the series.
    """

    cursor_changed = Signal(tuple)
    window_changed = Signal(object)
    convention_changed = Signal(str)
    crosshair_changed = Signal(bool)
    visited = Signal(object)
    notice = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._cursor: Point = (0.0, 0.0, 0.0)
        self._window = Window(0.5, 1.0)
        self._convention: Convention = "radiological"
        self._crosshair_visible = True
        self._worst_position: int | None = None
        self._windows: dict[int, tuple[weakref.ref[Volume], Window]] = {}
        self._space = ""
        self.playback = Playback(self)
        self.air = AirWindow(self)
        self.explanations = Explanations(self)
        self.segmentations = Segmentations(self)
        self.restorations = Restorations(self)
        self.panes = Panes(self)
        self.history = History()
        self.tools = Tools()
        self.labels = LabelEditing(self)
        self.measurements = Measurements(self)
        self.reviews = Reviews(self)
        self.appearance = Appearance()
        self.comparing = Comparing(self)
        self.studies = Studies(self)
        self.listed_presets: tuple[Preset, ...] = ()

    @property
    def cursor(self) -> Point:
        """The point all views share, in mm, RAS+."""
        return self._cursor

    @property
    def window(self) -> Window:
        """The grey window all views share, in real-world units."""
        return self._window

    @property
    def convention(self) -> Convention:
        """Radiological (patient's right on the left) or neurological."""
        return self._convention

    @property
    def crosshair_visible(self) -> bool:
        """Whether views draw the crosshair."""
        return self._crosshair_visible

    def set_cursor(self, point: Sequence[float]) -> None:
        """Move the cursor, clamped to the voxel centres of the active volume.

        Raises
        ------
        ValueError
            If a coordinate is not finite.
        """
        if len(point) != 3 or not all(math.isfinite(value) for value in point):
            raise ValueError(f"a cursor needs three finite coordinates, not {point}")
        volume = self.active_volume
        if volume is None:
            return
        target = clamped(volume, (float(point[0]), float(point[1]), float(point[2])))
        if target != self._cursor:
            self._cursor = target
            self.cursor_changed.emit(target)

    def set_slice(self, plane: Plane, index: int) -> None:
        """Move the cursor to a slice of a plane, clamped; its place in the plane stays."""
        volume = self.active_volume
        if volume is None:
            return
        count = volume.shape[plane_axis(volume.affine, plane)]
        if self.slice_index(plane) != min(max(int(index), 0), count - 1):
            self.set_cursor(on_slice(volume, plane, index, self._cursor))

    def slice_index(self, plane: Plane) -> int:
        """Return the slice of a plane the cursor lies in, 0-based, file order; 0 without volume."""
        volume = self.active_volume
        return 0 if volume is None else slice_at(volume, plane, self._cursor)

    def step(self, plane: Plane, delta: int) -> None:
        """Move the cursor by some slices of a plane."""
        self.set_slice(plane, self.slice_index(plane) + delta)

    def set_window(self, window: Window) -> None:
        """Change the grey window of all views."""
        if window != self._window:
            self._window = window
            self._remember_window()
            self.window_changed.emit(window)

    def window_presets(self) -> tuple[tuple[str, Window], ...]:
        """Return the windows on offer: automatic, those of the file, those of the modality.

        Colour has none.
        """
        if self.active_video is not None:
            return video_presets(self.active_video, self.playback.automatic_window())
        volume = self.active_volume
        return () if volume is None else volume_presets(volume, self.listed_presets)

    def start_window(self, volume: Volume) -> Window:
        """Return the window in which a volume is first looked at."""
        return first_window(volume)

    def reset_window(self) -> None:
        """Go back to the window a series starts with."""
        volume = self.active_volume
        if volume is not None:
            self.set_window(first_window(volume))
        elif (window := self.playback.first_window()) is not None:
            self.set_window(window)

    def set_convention(self, convention: Convention) -> None:
        """Choose the side of the screen on which the patient's right is.

        Raises
        ------
        ValueError
            If it is neither radiological nor neurological.
        """
        if convention not in ("radiological", "neurological"):
            raise ValueError(f"convention must be radiological or neurological, not {convention!r}")
        if convention != self._convention:
            self._convention = convention
            self.convention_changed.emit(convention)

    def toggle_crosshair(self) -> None:
        """Show or hide the crosshair in all views."""
        self._crosshair_visible = not self._crosshair_visible
        self.crosshair_changed.emit(self._crosshair_visible)

    def next_worst(self, direction: int = 1) -> SliceScore | None:
        """Move the cursor to the next worst scored slice and return its score.

        The first call goes to the worst slice; further calls go on by rank, `direction` 1 to
        better ones, -1 back, round and round. None where nothing was scored.
        """
        entry = self.active
        worst = entry.result.worst_first() if entry is not None and entry.result else ()
        if not worst:
            self.notice.emit("No slice is scored yet.")
            return None
        if self._worst_position is None:
            position = 0 if direction >= 0 else len(worst) - 1
        else:
            position = (self._worst_position + (1 if direction >= 0 else -1)) % len(worst)
        self._worst_position = position
        score = worst[position]
        self.set_slice(score.plane, score.index)
        self.visited.emit(score)
        return score

    def scores(self, plane: Plane) -> list[SliceScore]:
        """Return the scores of the active series in a plane, by slice index."""
        entry = self.active
        if entry is None or entry.result is None:
            return []
        return sorted((s for s in entry.result.slices if s.plane == plane), key=lambda s: s.index)

    def _start_view(self, volume: Volume) -> None:
        """Set cursor and window to where a volume is looked at; emits nothing.

        The cursor stays where the volume before lies in the same space; a window that was chosen
        for this volume comes back.
        """
        before, self._space = self._space, frame_key(volume)
        if before != self._space or not is_inside(volume, self._cursor):
            self._cursor = middle_of(volume)
        kept = self._windows.get(self._active_id or 0)
        self._window = kept[1] if kept and kept[0]() is volume else first_window(volume)
        self._worst_position = None

    def _remember_window(self) -> None:
        volume = self.active_volume
        if volume is not None and self._active_id is not None:
            self._windows[self._active_id] = weakref.ref(volume), self._window

    def _tell_view(self) -> None:
        self.cursor_changed.emit(self._cursor)
        self.window_changed.emit(self._window)

    def _keep_inside(self) -> None:
        self.set_cursor(self._cursor)

    def _forget_rank(self) -> None:
        self._worst_position = None

    def _forget(self, id: int) -> None:
        self.explanations.forget(id)
        self.segmentations.forget(id)
        self.comparing.forget(id)
        self.studies.forget(id)
        self.restorations.forget(id)
        self._windows.pop(id, None)
