"""The open series, from what a search lists to voxels and verdicts, and which one is active."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from psygnal import Signal

from acutance.session.entry import SeriesEntry, SeriesState
from acutance.session.merging import is_same_series, match_items, settle
from acutance.session.thumbnail import make_frame_thumbnail, make_thumbnail

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from acutance.core.ledger import Loaded, SeriesItem
    from acutance.core.quality import QualityResult
    from acutance.core.video import VideoSource
    from acutance.core.volume import Volume
    from acutance.errors import AcutanceError


class OpenSeries:
    """The series of a session, each with what is known of it; one of them is active.

    What the view makes of a change is told to the session in `_start_view`, `_tell_view`,
    `_keep_inside`, `_forget_rank` and `_forget`, which a session overrides.

    Signals
    -------
    series_added, series_changed, series_removed : int
        Id of the series.
    listed : tuple of int
        Ids of series that were added together; others may have changed, too.
    active_changed : int or None
        Id of the series that is looked at.
    result_changed : int
        Id of the series whose result or scoring error is new.
    """

    series_added = Signal(int)
    series_changed = Signal(int)
    series_removed = Signal(int)
    listed = Signal(tuple)
    active_changed = Signal(object)
    result_changed = Signal(int)

    def __init__(self) -> None:
        self._entries: dict[int, SeriesEntry] = {}
        self._next_id = 1
        self._active_id: int | None = None

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
            self._tell_view()
        elif has_grown and id == self._active_id:
            self._keep_inside()

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
            self._forget_rank()
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
        self._forget(id)
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
        self._forget_rank()
        volume = self.active_volume
        if volume is not None:
            self._start_view(volume)
        self.active_changed.emit(id)
        if volume is not None:
            self._tell_view()

    # What a session does with its view.

    def _start_view(self, volume: Volume) -> None:
        """Look at a volume afresh; emits nothing."""

    def _tell_view(self) -> None:
        """Tell of a view that was started."""

    def _keep_inside(self) -> None:
        """Keep the view where it is, inside a volume that has grown."""

    def _forget_rank(self) -> None:
        """Begin again with the worst slice."""

    def _forget(self, id: int) -> None:
        """Drop what is kept of a series that was closed."""


def _same_grid(one: Volume, other: Volume) -> bool:
    return one.shape == other.shape and bool((one.affine == other.affine).all())
