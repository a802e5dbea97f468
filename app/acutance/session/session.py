"""The open series, which one is looked at, and the view state that all viewers share."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from psygnal import Signal

from acutance.core.affine import Plane, plane_axis, to_index, to_world
from acutance.core.window import Window
from acutance.session.air import AirWindow
from acutance.session.entry import SeriesEntry, SeriesState
from acutance.session.explanations import Explanations
from acutance.session.merging import is_same_series, match_items, settle
from acutance.session.playback import Playback
from acutance.session.segmentations import Segmentations
from acutance.session.thumbnail import make_frame_thumbnail, make_thumbnail
from acutance.session.windows import first_window, video_presets, volume_presets

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from acutance.core.ledger import Loaded, SeriesItem
    from acutance.core.quality import QualityResult, SliceScore
    from acutance.core.slicing import Convention
    from acutance.core.video import VideoSource
    from acutance.core.volume import Volume
    from acutance.errors import AcutanceError

Point = tuple[float, float, float]


class Session:
    """What is open, what is shown, and how; tells listeners what happened.

    Every field is set before the first signal of a command is emitted, so a listener always sees
    a consistent state. An answer for a series that was removed is dropped.

    Signals
    -------
    series_added, series_changed, series_removed : int
        Id of the series.
    listed : tuple of int
        Ids of series that were added together; others may have changed, too.
    active_changed : int or None
        Id of the series that is looked at.
    cursor_changed : tuple of float
        Point in mm, RAS+.
    window_changed : Window
    convention_changed : str
    crosshair_changed : bool
    result_changed : int
        Id of the series whose result or scoring error is new.
    visited : SliceScore
        The cursor was moved to a scored slice by rank.
    notice : str
        A line for the status bar.
    """

    series_added = Signal(int)
    series_changed = Signal(int)
    series_removed = Signal(int)
    listed = Signal(tuple)
    active_changed = Signal(object)
    cursor_changed = Signal(tuple)
    window_changed = Signal(object)
    convention_changed = Signal(str)
    crosshair_changed = Signal(bool)
    result_changed = Signal(int)
    visited = Signal(object)
    notice = Signal(str)

    def __init__(self) -> None:
        self._entries: dict[int, SeriesEntry] = {}
        self._next_id = 1
        self._active_id: int | None = None
        self._cursor: Point = (0.0, 0.0, 0.0)
        self._window = Window(0.5, 1.0)
        self._convention: Convention = "radiological"
        self._crosshair_visible = True
        self._worst_position: int | None = None
        self.playback = Playback(self)
        self.air = AirWindow(self)
        self.explanations = Explanations(self)
        self.segmentations = Segmentations(self)

    @property
    def entries(self) -> tuple[SeriesEntry, ...]:
        """The open series, in the order in which they were added."""
        return tuple(self._entries.values())

    @property
    def active(self) -> SeriesEntry | None:
        """The series that is looked at."""
        return None if self._active_id is None else self._entries[self._active_id]

    @property
    def active_volume(self) -> Volume | None:
        """The voxels of the active series, once loaded."""
        return None if self.active is None else self.active.volume

    @property
    def active_video(self) -> VideoSource | None:
        """What the active video says of itself, once opened."""
        return None if self.active is None else self.active.video

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

    def entry(self, id: int) -> SeriesEntry | None:
        """Return the series with this id, or None if it is no longer open."""
        return self._entries.get(id)

    def add_items(self, items: Sequence[SeriesItem]) -> list[int]:
        """List series and return their ids; nothing is loaded or activated."""
        added = []
        for item in items:
            self._entries[self._next_id] = SeriesEntry(self._next_id, item)
            added.append(self._next_id)
            self._next_id += 1
        self._tell_listed(added)
        return added

    def merge_items(self, ids: Sequence[int], items: Sequence[SeriesItem]) -> list[int]:
        """Put what a search has found now in the place of what it had found before.

        A series keeps its id, its voxels and its verdict as long as it is recognised by its files;
        what is no longer there is closed. A series that has grown keeps its voxels until it is
        read again.

        Parameters
        ----------
        ids : sequence of int
            What was found before.
        items : sequence of SeriesItem

        Returns
        -------
        list of int
            An id for each item.
        """
        before = sorted(ids, key=lambda id: id != self._active_id)
        known = {id: self._entries[id].item for id in before if id in self._entries}
        matches = match_items(known, items)
        at = {place: id for id, place in matches.items()}
        added = []
        for place, item in enumerate(items):
            if place in at:
                self._replace_item(self._entries[at[place]], item)
            else:
                self._entries[self._next_id] = SeriesEntry(self._next_id, item)
                added.append(self._next_id)
                at[place] = self._next_id
                self._next_id += 1
        self._tell_listed(added)
        for id in known:
            if id not in matches:
                self.remove(id)
        if self._active_id in matches:
            self.series_changed.emit(self._active_id)
        return [at[place] for place in range(len(items))]

    def _replace_item(self, entry: SeriesEntry, item: SeriesItem) -> None:
        if entry.item.extra_axes == item.extra_axes:
            item = replace(item, selection=entry.item.selection)
        entry.item = item
        if entry.loaded is not None and is_same_series(entry.loaded, item):
            entry.loaded = settle(entry.loaded, item)

    def _tell_listed(self, added: Sequence[int]) -> None:
        for id in added:
            self.series_added.emit(id)
        self.listed.emit(tuple(added))

    def mark_loading(self, id: int) -> None:
        """Note that the voxels of a series are being read."""
        entry = self._entries.get(id)
        if entry is None:
            return
        entry.state, entry.progress = SeriesState.LOADING, 0.0
        entry.loaded = entry.error = entry.result = entry.scoring_error = None
        self.series_changed.emit(id)

    def set_progress(self, id: int, fraction: float) -> None:
        """Note how far the running load or score is; 0 when it was cancelled."""
        entry = self._entries.get(id)
        if entry is None:
            return
        fraction = min(1.0, max(0.0, fraction)) if math.isfinite(fraction) else 0.0
        if fraction != entry.progress:
            entry.progress = fraction
            self.series_changed.emit(id)

    def select(self, id: int, selection: Sequence[int]) -> SeriesItem | None:
        """Ask for another volume of a loaded series; the one it has stays until that is read.

        Returns
        -------
        SeriesItem or None
            What is to be read; None where the series is closed, not loaded, or there already.

        Raises
        ------
        ValueError
            If there is no such position.
        """
        entry = self._entries.get(id)
        if entry is None or entry.loaded is None:
            return None
        item = entry.item.select(selection)
        if item.position == entry.item.position:
            return None
        entry.item = item
        self.series_changed.emit(id)
        return item

    def keep_loaded(self, id: int) -> None:
        """Note that no other volume of a loaded series comes: it stays where it is."""
        entry = self._entries.get(id)
        if entry is not None and entry.loaded is not None:
            entry.item, entry.progress = entry.loaded.item, 0.0
            self.series_changed.emit(id)

    def set_loaded(self, id: int, loaded: Loaded) -> None:
        """Give a series its voxels; where it is active, its view starts afresh.

        Cursor and window stay where another volume on the same grid was there before.
        """
        entry = self._entries.get(id)
        if entry is None:
            return
        before = entry.volume
        has_grown = entry.loaded is not None and entry.loaded.item.is_partial
        if loaded.item != entry.item and is_same_series(loaded, entry.item):
            loaded = settle(loaded, entry.item)  # the search went on while it was read
        entry.state, entry.progress, entry.loaded = SeriesState.LOADED, 0.0, loaded
        entry.error = entry.result = entry.scoring_error = None
        volume = entry.volume
        entry.thumbnail = None if volume is None else make_thumbnail(volume)
        starts = id == self._active_id and volume is not None
        starts = starts and not (before and volume and (has_grown or _same_grid(before, volume)))
        if starts and volume is not None:
            self._start_view(volume)
        self.series_changed.emit(id)
        if starts:
            self.cursor_changed.emit(self._cursor)
            self.window_changed.emit(self._window)
        elif has_grown and id == self._active_id:
            self.set_cursor(self._cursor)  # into the volume it is in now

    def set_frame_thumbnail(self, id: int, frame: NDArray[Any]) -> None:
        """Give a video its picture for lists, made of one of its frames."""
        entry = self._entries.get(id)
        if entry is not None and entry.video is not None:
            entry.thumbnail = make_frame_thumbnail(entry.video, frame)
            self.series_changed.emit(id)

    def set_failed(self, id: int, error: AcutanceError) -> None:
        """Note why a series could not be read."""
        entry = self._entries.get(id)
        if entry is None:
            return
        entry.state, entry.progress, entry.error = SeriesState.FAILED, 0.0, error
        entry.loaded = entry.result = entry.scoring_error = entry.thumbnail = None
        self.series_changed.emit(id)

    def set_result(self, id: int, result: QualityResult) -> None:
        """Give a series its verdict."""
        entry = self._entries.get(id)
        if entry is None:
            return
        entry.result, entry.scoring_error, entry.progress = result, None, 0.0
        if id == self._active_id:
            self._worst_position = None
        self.result_changed.emit(id)
        self.series_changed.emit(id)

    def set_scoring_error(self, id: int, error: AcutanceError) -> None:
        """Note why a series could not be scored; an older result stays."""
        entry = self._entries.get(id)
        if entry is None:
            return
        entry.scoring_error, entry.progress = error, 0.0
        self.result_changed.emit(id)
        self.series_changed.emit(id)

    def remove(self, id: int) -> None:
        """Close a series; where it was active, its neighbour becomes active."""
        if id not in self._entries:
            return
        ids = list(self._entries)
        position = ids.index(id)
        neighbours = ids[position + 1 : position + 2] or ids[max(0, position - 1) : position]
        if id == self._active_id:
            self.activate(neighbours[0] if neighbours else None)
        del self._entries[id]
        self.explanations.forget(id)
        self.segmentations.forget(id)
        self.series_removed.emit(id)

    def clear(self) -> None:
        """Close every series."""
        self.activate(None)
        for id in list(self._entries):
            self.remove(id)

    def activate(self, id: int | None) -> None:
        """Look at a series; cursor to its centre, window as stored, else automatic.

        An id that is no longer open is ignored, and so is the id that is active already.
        """
        if id == self._active_id or (id is not None and id not in self._entries):
            return
        self._active_id = id
        self._worst_position = None
        volume = self.active_volume
        if volume is not None:
            self._start_view(volume)
        self.active_changed.emit(id)
        if volume is not None:
            self.cursor_changed.emit(self._cursor)
            self.window_changed.emit(self._window)

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
        wanted = to_index(volume.affine, (float(point[0]), float(point[1]), float(point[2])))
        inside = _clamp(wanted, volume.shape)
        # A point that was inside stays the same to the last bit.
        moved = any(abs(a - b) > 1e-6 for a, b in zip(inside, wanted, strict=True))
        x, y, z = to_world(volume.affine, inside) if moved else point
        target = (float(x), float(y), float(z))
        if target != self._cursor:
            self._cursor = target
            self.cursor_changed.emit(target)

    def set_slice(self, plane: Plane, index: int) -> None:
        """Move the cursor to a slice of a plane, clamped; its place in the plane stays."""
        volume = self.active_volume
        if volume is None:
            return
        axis = plane_axis(volume.affine, plane)
        position = list(to_index(volume.affine, self._cursor))
        position[axis] = float(min(max(int(index), 0), volume.shape[axis] - 1))
        if self.slice_index(plane) != int(position[axis]):
            self.set_cursor(to_world(volume.affine, (position[0], position[1], position[2])))

    def slice_index(self, plane: Plane) -> int:
        """Return the slice of a plane the cursor lies in, 0-based, file order; 0 without volume."""
        volume = self.active_volume
        if volume is None:
            return 0
        axis = plane_axis(volume.affine, plane)
        position = to_index(volume.affine, self._cursor)[axis]
        # The small offset keeps a point half-way between slices from flickering with round-off.
        return min(max(math.floor(position + 0.5 + 1e-6), 0), volume.shape[axis] - 1)

    def step(self, plane: Plane, delta: int) -> None:
        """Move the cursor by some slices of a plane."""
        self.set_slice(plane, self.slice_index(plane) + delta)

    def set_window(self, window: Window) -> None:
        """Change the grey window of all views."""
        if window != self._window:
            self._window = window
            self.window_changed.emit(window)

    def window_presets(self) -> tuple[tuple[str, Window], ...]:
        """Return the windows on offer: automatic, those of the file, those of the modality.

        Colour has none.
        """
        if self.active_video is not None:
            return video_presets(self.active_video, self.playback.automatic_window())
        volume = self.active_volume
        return () if volume is None else volume_presets(volume)

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
        """Set cursor and window to where a volume is first looked at; emits nothing."""
        i, j, k = (n // 2 for n in volume.shape)
        self._cursor = to_world(volume.affine, (float(i), float(j), float(k)))
        self._window = first_window(volume)
        self._worst_position = None


def _same_grid(one: Volume, other: Volume) -> bool:
    return one.shape == other.shape and bool((one.affine == other.affine).all())


def _clamp(index: Point, shape: tuple[int, int, int]) -> Point:
    i, j, k = (min(max(x, 0.0), n - 1.0) for x, n in zip(index, shape, strict=True))
    return i, j, k
