"""What the user measured, kept for each series; each step can be undone."""

from __future__ import annotations

import weakref
from dataclasses import dataclass
from typing import TYPE_CHECKING

from psygnal import Signal

from acutance.core.affine import axis_plane
from acutance.core.measuring import (
    REGIONS,
    Measurement,
    RegionStatistics,
    angle_deg,
    length_mm,
    region_statistics,
)

if TYPE_CHECKING:
    from acutance.core.volume import Volume
    from acutance.session.entry import SeriesEntry
    from acutance.session.session import Session

#: What a measurement gives: mm (or voxels), degrees, or the values of a region.
Reading = float | RegionStatistics | None

KIND = "measurements"
#: What one step in the history takes, about, in bytes.
_STEP_BYTES = 1024
_READINGS = 128


@dataclass(frozen=True, eq=False)
class _Step:
    """All measurements of a series before and after."""

    owner: Measurements
    series: int
    name: str
    before: tuple[Measurement, ...]
    after: tuple[Measurement, ...]

    kind = KIND
    n_bytes = _STEP_BYTES

    def undo(self) -> None:
        self.owner._set(self.series, self.before)

    def redo(self) -> None:
        self.owner._set(self.series, self.after)

    def reveal(self) -> None:
        now = {*self.before} ^ {*self.after}
        self.owner._session.activate(self.series)
        for measurement in now:
            self.owner.go_to(measurement)
            return


class Measurements:
    """Distances, angles and regions of the open series.

    Parameters
    ----------
    session : Session

    Signals
    -------
    changed
        The active series has other measurements, or another one is chosen.
    """

    changed = Signal()

    def __init__(self, session: Session) -> None:
        self._session = session
        self._kept: dict[int, tuple[Measurement, ...]] = {}
        self._chosen: Measurement | None = None
        self._read: dict[Measurement, Reading] = {}
        self._read_of: weakref.ref[Volume] | None = None
        session.active_changed.connect(self._on_active)
        session.series_removed.connect(self._forget)

    @property
    def all(self) -> tuple[Measurement, ...]:
        """Those of the active series, oldest first."""
        return self.of(self._session.active)

    def of(self, entry: SeriesEntry | None) -> tuple[Measurement, ...]:
        """Return those of a series, oldest first."""
        return () if entry is None else self._kept.get(entry.id, ())

    @property
    def chosen(self) -> Measurement | None:
        """The one of the active series that the panel tells more of."""
        return self._chosen if self._chosen in self.all else None

    def read(self, volume: Volume, measurement: Measurement) -> Reading:
        """Return what a measurement gives on a volume; kept until another volume is read."""
        if self._read_of is None or self._read_of() is not volume:
            self._read_of, self._read = weakref.ref(volume), {}
        if measurement not in self._read:
            if len(self._read) >= _READINGS:
                self._read.clear()
            self._read[measurement] = _reading(volume, measurement)
        return self._read[measurement]

    def choose(self, measurement: Measurement | None) -> None:
        """Choose one, or none."""
        if measurement != self._chosen:
            self._chosen = measurement
            self.changed.emit()

    def go_to(self, measurement: Measurement) -> None:
        """Show the slice of a measurement."""
        volume = self._session.active_volume
        if volume is not None:
            plane = axis_plane(volume.affine, measurement.axis)
            self._session.set_slice(plane, measurement.index)

    def add(self, measurement: Measurement, entry: SeriesEntry | None = None) -> None:
        """Keep a measurement of a series, by default of the active one, and choose it."""
        entry = entry or self._session.active
        self._change(entry, measurement.kind, (*self.of(entry), measurement), measurement)

    def replace(self, old: Measurement, new: Measurement, entry: SeriesEntry | None = None) -> None:
        """Put another in the place of one, as after a drag of one of its points."""
        entry = entry or self._session.active
        if old in self.of(entry) and old != new:
            changed = tuple(new if m == old else m for m in self.of(entry))
            self._change(entry, f"move {old.kind}", changed, new)

    def remove(self, measurement: Measurement) -> None:
        """Take one away."""
        if measurement in self.all:
            left = tuple(m for m in self.all if m != measurement)
            self._change(self._session.active, f"remove {measurement.kind}", left, None)

    def clear(self) -> None:
        """Take all of the active series away, in one step."""
        if self.all:
            self._change(self._session.active, "remove measurements", (), None)

    def bring_back(self, series: int, measurements: tuple[Measurement, ...]) -> None:
        """Take what an earlier session had measured, before what this one did; not undone."""
        now = self._kept.get(series, ())
        new = tuple(m for m in measurements if m not in now)
        if new:
            self._set(series, (*new, *now))

    def _change(
        self,
        entry: SeriesEntry | None,
        name: str,
        after: tuple[Measurement, ...],
        chosen: Measurement | None,
    ) -> None:
        if entry is None:
            return
        self._session.history.settling.emit()
        self._chosen = chosen
        step = _Step(self, entry.id, name, self.of(entry), after)
        self._set(entry.id, after)
        self._session.history.push(step)

    def _set(self, series: int, measurements: tuple[Measurement, ...]) -> None:
        self._kept[series] = measurements
        self.changed.emit()

    def _on_active(self, _id: int | None) -> None:
        self.changed.emit()

    def _forget(self, id: int) -> None:
        if self._kept.pop(id, ()):
            self._session.history.forget(id, KIND)


def _reading(volume: Volume, measurement: Measurement) -> Reading:
    if measurement.kind in REGIONS:
        return region_statistics(volume, measurement)
    if measurement.kind == "angle":
        return angle_deg(volume, measurement.points)
    return length_mm(volume, *measurement.points)
