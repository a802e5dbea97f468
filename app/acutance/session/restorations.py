"""Restorations of the open series: both ends, the slider between them, and what is drawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from psygnal import Signal

from acutance.core.change import THRESHOLD, change_map, slice_changes
from acutance.core.restoration import FAITHFUL, RestorationResult, blend_ends, check_alpha
from acutance.core.slicing import drawn_view, extract_slice
from acutance.core.volume import luma

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from acutance.core.ledger import Loaded
    from acutance.core.slicing import SliceGeometry
    from acutance.core.volume import Volume
    from acutance.errors import AcutanceError
    from acutance.session.entry import SeriesEntry
    from acutance.session.session import Session

#: Slices whose ends and changes are kept ready: one for each view, and some that were just seen.
KEPT = 12


@dataclass(eq=False)
class _Prepared:
    """A slice as drawn: what it was, both ends, and their changes once somebody asked."""

    result: RestorationResult
    source: NDArray[np.float32]
    ends: NDArray[np.float32]
    changes: NDArray[np.float32] | None = None


class Restorations:
    """Keeps the newest restoration of a series as long as its voxels are open.

    A verdict is nothing of its concern: it belongs to the scan, and stays as it is.

    Parameters
    ----------
    session : Session

    Signals
    -------
    changed
        A restoration came, went or is being made.
    moved
        The slider moved, or source, restored image or evidence is drawn in place of another.
    """

    changed = Signal()
    moved = Signal()

    def __init__(self, session: Session) -> None:
        self._session = session
        self._found: dict[int, tuple[Loaded, RestorationResult | AcutanceError]] = {}
        self._first: dict[int, tuple[Loaded, RestorationResult]] = {}
        self._warnings: dict[int, tuple[str, ...]] = {}
        self._running: dict[int, float] = {}
        self._ready: dict[tuple[int, SliceGeometry, int], _Prepared] = {}
        self._alpha = FAITHFUL
        self._least = 0.0
        self._is_shown = True
        self._holds_source = False
        self._shows_evidence = False
        self._is_flicked = False
        self._version = 0
        self.changed.connect(self._note)
        self.moved.connect(self._note)

    def _note(self) -> None:
        self._version += 1

    @property
    def state(self) -> int:
        """A number that is another one whenever something may be drawn otherwise."""
        return self._version

    def alpha_of(self, entry: SeriesEntry | None) -> float:
        """Return the position that a series is drawn at: without a perceptual end, 1."""
        result = self.result_of(entry)
        return self._alpha if result is not None and result.has_ends else FAITHFUL

    @property
    def alpha(self) -> float:
        """The position of the slider: 1 faithful, 0 perceptual."""
        return self._alpha

    @property
    def least_alpha(self) -> float:
        """The position that the site lets nobody go below."""
        return self._least

    @property
    def is_shown(self) -> bool:
        """Whether the restored image is what is drawn, where there is one."""
        return self._is_shown

    @property
    def holds_source(self) -> bool:
        """Whether the source is drawn for as long as a key is held."""
        return self._holds_source

    @property
    def shows_evidence(self) -> bool:
        """Whether what changed beyond the noise flickers between source and restored image."""
        return self._shows_evidence

    @property
    def answer(self) -> RestorationResult | AcutanceError | None:
        """What came of the active series."""
        return self._answer_of(self._session.active)

    @property
    def progress(self) -> float | None:
        """How far the restoration of the active series is, in [0, 1]; None where none runs."""
        entry = self._session.active
        return None if entry is None else self._running.get(entry.id)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What scorer and segmenter see of the restored image of the active series."""
        entry = self._session.active
        return () if entry is None else self._warnings.get(entry.id, ())

    def result_of(self, entry: SeriesEntry | None) -> RestorationResult | None:
        """Return the restoration of a series, or of the slice of it that came first."""
        answer = self._answer_of(entry)
        if isinstance(answer, RestorationResult):
            return answer
        if entry is None or entry.id not in self._first:
            return None
        loaded, first = self._first[entry.id]
        return first if loaded is entry.loaded else None

    def set_alpha(self, alpha: float) -> None:
        """Move the slider; kept between the site's bound and 1."""
        alpha = check_alpha(min(FAITHFUL, max(self._least, alpha)))
        if alpha != self._alpha:
            self._alpha = alpha
            self.moved.emit()

    def set_least_alpha(self, least: float) -> None:
        """Take the bound of the site."""
        if least != self._least:
            self._least = check_alpha(least)
            self.set_alpha(self._alpha)
            self.moved.emit()

    def set_shown(self, is_shown: bool) -> None:
        """Draw the restored image, or the source."""
        if is_shown != self._is_shown:
            self._is_shown = is_shown
            self.moved.emit()

    def hold_source(self, holds: bool) -> None:
        """Draw the source for as long as somebody wants to see it."""
        if holds != self._holds_source:
            self._holds_source = holds
            self.moved.emit()

    def set_evidence(self, shows: bool) -> None:
        """Let what changed beyond the noise flicker, or no longer."""
        if shows != self._shows_evidence:
            self._shows_evidence, self._is_flicked = shows, False
            self.moved.emit()

    def flick(self) -> None:
        """Change over from restored to source, or back, where there is evidence."""
        self._is_flicked = not self._is_flicked
        self.moved.emit()

    def draws_restored(self, entry: SeriesEntry | None, axis: int, index: int) -> bool:
        """Return whether what is drawn of a slice is a restored image."""
        if not self._is_shown or self._holds_source:
            return False
        result = self.result_of(entry)
        return result is not None and _has_slice(result, axis, index)

    def drawn_values(
        self, entry: SeriesEntry | None, volume: Volume, geometry: SliceGeometry, index: int
    ) -> NDArray[np.float32] | None:
        """Return a slice at the position of the slider, as drawn; None where the source is.

        Parameters
        ----------
        entry : SeriesEntry or None
        volume : Volume
            Of that series.
        geometry : SliceGeometry
        index : int

        Returns
        -------
        ndarray, shape geometry.size or (*geometry.size, 3), float32, or None
            Real-world values, of colours stored ones.
        """
        if not self.draws_restored(entry, geometry.axis, index) or entry is None:
            return None
        ready = self._prepared(entry, volume, geometry, index)
        if ready is None:
            return None
        values = blend_ends(ready.ends, self._alpha if len(ready.ends) > 1 else FAITHFUL)
        if self._shows_evidence and self._is_flicked:
            flagged = self._flagged(ready, volume, geometry)
            if flagged is not None:
                mask = flagged[..., None] if values.ndim == 3 else flagged
                values = np.where(mask, ready.source, values)
        return values

    def flagged(
        self, entry: SeriesEntry | None, volume: Volume, geometry: SliceGeometry, index: int
    ) -> NDArray[np.bool_] | None:
        """Return where a slice changed beyond the noise, shape geometry.size.

        None where the source is drawn or the noise could not be measured.
        """
        if not self.draws_restored(entry, geometry.axis, index) or entry is None:
            return None
        ready = self._prepared(entry, volume, geometry, index)
        return None if ready is None else self._flagged(ready, volume, geometry)

    def set_progress(self, id: int, fraction: float) -> None:
        """Note that a series is being restored, and how far that is."""
        self._running[id] = fraction
        self.changed.emit()

    def settle_first(self, id: int, loaded: Loaded, result: RestorationResult) -> None:
        """Take the slice in view, which comes before the others."""
        entry = self._session.entry(id)
        if entry is not None and entry.loaded is loaded:
            self._first[id] = loaded, result
            self._drop(id)
        self.changed.emit()

    def settle(
        self, id: int, loaded: Loaded, answer: RestorationResult | AcutanceError | None
    ) -> None:
        """Take what came of a series; None where it was cancelled.

        An answer about voxels that are no longer open is dropped.
        """
        self._running.pop(id, None)
        self._first.pop(id, None)
        self._drop(id)
        entry = self._session.entry(id)
        if answer is not None and entry is not None and entry.loaded is loaded:
            self._found[id] = loaded, answer
            self._warnings.pop(id, None)
        self.changed.emit()

    def warn(self, id: int, warnings: tuple[str, ...]) -> None:
        """Take more of what is to be said against a restored series."""
        self._warnings[id] = (*self._warnings.get(id, ()), *warnings)
        self.changed.emit()

    def forget(self, id: int) -> None:
        """Let go of what was found in a series that was closed."""
        for kept in (self._found, self._first, self._running, self._warnings):
            kept.pop(id, None)
        self._drop(id)

    def _drop(self, id: int) -> None:
        self._ready = {key: value for key, value in self._ready.items() if key[0] != id}

    def _answer_of(self, entry: SeriesEntry | None) -> RestorationResult | AcutanceError | None:
        if entry is None or entry.id not in self._found:
            return None
        loaded, answer = self._found[entry.id]
        return answer if loaded is entry.loaded else None

    def _prepared(
        self, entry: SeriesEntry, volume: Volume, geometry: SliceGeometry, index: int
    ) -> _Prepared | None:
        """Return a slice with its ends, kept ready so that dragging costs a blend."""
        result = self.result_of(entry)
        if result is None:
            return None
        key = entry.id, geometry, index
        ready = self._ready.get(key)
        if ready is None or ready.result is not result:
            at = index - result.first if geometry.axis == result.axis else index
            ends = np.stack([np.array(drawn_view(end, geometry)[at]) for end in result.array])
            if volume.is_colour:
                source = np.array(drawn_view(volume.array, geometry)[index], np.float32)
            else:
                source = extract_slice(volume, geometry, index)
            ready = _Prepared(result, source, ends)
        self._ready.pop(key, None)
        self._ready[key] = ready  # the newest last
        while len(self._ready) > KEPT:
            del self._ready[next(iter(self._ready))]
        return ready

    def _flagged(
        self, ready: _Prepared, volume: Volume, geometry: SliceGeometry
    ) -> NDArray[np.bool_] | None:
        noise = ready.result.noise
        if noise.sigma <= 0:
            return None
        if ready.changes is None:
            source, *ends = (luma(v) if v.ndim == 3 else v for v in (ready.source, *ready.ends))
            is_mm = volume.spacing_known
            ready.changes = np.stack(
                [slice_changes(source, end, noise, geometry, is_mm=is_mm) for end in ends]
            )
        alpha = self._alpha if len(ready.ends) > 1 else FAITHFUL
        found: NDArray[np.bool_] = change_map(blend_ends(ready.changes, alpha)) > THRESHOLD
        return found


def _has_slice(result: RestorationResult, axis: int, index: int) -> bool:
    """Return whether a slice along an axis was restored; across it, all slices have to be."""
    if axis == result.axis:
        return result.first <= index < result.first + result.count
    return result.is_whole
