"""Labels that the user changes by hand, over those that a network gave."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from psygnal import Signal

from acutance.core.affine import axis_plane
from acutance.core.label_edit import SliceDiff, flood, paint_line, slice_of
from acutance.core.label_map import LabelMap
from acutance.core.segmentation import SegmentationResult
from acutance.core.slicing import drawn_view
from acutance.session.edited_labels import EditedLabels, count_voxels
from acutance.session.tools import BRUSH, ERASER, FILL

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from acutance.core.segmentation import LabelStatistics
    from acutance.core.slicing import SliceGeometry
    from acutance.session.entry import SeriesEntry
    from acutance.session.label_keeping import KeptLabels
    from acutance.session.session import Session

KIND = "labels"
#: Radius of the brush, in mm.
SMALLEST_RADIUS, LARGEST_RADIUS, FIRST_RADIUS = 0.5, 50.0, 4.0
_RADIUS_STEP = 1.25


@dataclass(frozen=True, eq=False)
class _Edit:
    """One stroke or fill in the history."""

    owner: LabelEditing
    target: EditedLabels
    diff: SliceDiff
    tool: str
    name: str

    kind = KIND

    @property
    def series(self) -> int:
        return self.target.series

    @property
    def n_bytes(self) -> int:
        return self.diff.n_bytes

    def undo(self) -> None:
        self.diff.undo(self.target.array)
        self.owner._note(self.target, self.diff, self.tool, -1)

    def redo(self) -> None:
        self.diff.redo(self.target.array)
        self.owner._note(self.target, self.diff, self.tool, 1)

    def reveal(self) -> None:
        self.owner._reveal(self.target, self.diff)


@dataclass(eq=False)
class _Stroke:
    """A stroke that is being drawn."""

    target: EditedLabels
    geometry: SliceGeometry
    index: int
    tool: str
    value: int
    before: NDArray[np.uint8]
    at: tuple[float, float]


class LabelEditing:
    """Changes labels of the active series by brush, eraser and fill; each edit can be undone.

    The network's answer stays as it is; the first edit makes a copy.

    Parameters
    ----------
    session : Session

    Signals
    -------
    changed
        Labels of the active series are others, or another label or brush is chosen.
    noted : EditedLabels, SliceDiff, str, int
        An edit came into force, with -1 was undone: of which labels, what, and the tool.
    """

    changed = Signal()
    noted = Signal(object, object, str, int)

    def __init__(self, session: Session) -> None:
        self._session = session
        self._edited: dict[int, EditedLabels] = {}
        self._label = 1
        self._radius = FIRST_RADIUS
        self._stroke: _Stroke | None = None
        session.history.settling.connect(self.end)
        session.active_changed.connect(self._on_active)
        session.series_removed.connect(self._forget)
        session.segmentations.changed.connect(self._drop_outdated)
        session.series_changed.connect(self._drop_outdated)

    @property
    def result(self) -> SegmentationResult | None:
        """What the network found in the active series."""
        return self.result_of(self._session.active)

    @property
    def edited(self) -> EditedLabels | None:
        """The labels of the active series with edits; None where nothing was ever edited."""
        return self.edited_of(self._session.active)

    def result_of(self, entry: SeriesEntry | None) -> SegmentationResult | None:
        """Return what the network found in a series."""
        answer = self._session.segmentations.answer_of(entry)
        return answer if isinstance(answer, SegmentationResult) else None

    def edited_of(self, entry: SeriesEntry | None) -> EditedLabels | None:
        """Return the labels of a series with edits; None where nothing was ever edited."""
        found = None if entry is None else self._edited.get(entry.id)
        return found if found is not None and found.result is self.result_of(entry) else None

    def label_map_of(self, entry: SeriesEntry | None) -> LabelMap | None:
        """Return the labels of a series, with the edits."""
        edited, result = self.edited_of(entry), self.result_of(entry)
        if edited is not None:
            return edited.label_map
        return None if result is None else result.label_map

    def version_of(self, entry: SeriesEntry | None) -> int:
        """Return a number that grows whenever voxels of the labels of a series change."""
        edited = self.edited_of(entry)
        return 0 if edited is None else edited.version

    @property
    def is_drawing(self) -> bool:
        """Whether a stroke is being drawn."""
        return self._stroke is not None

    @property
    def is_edited(self) -> bool:
        """Whether an edit of the active series is in force."""
        return self.edited is not None and self.edited.count > 0

    @property
    def label_map(self) -> LabelMap | None:
        """The labels of the active series, with the edits."""
        return self.label_map_of(self._session.active)

    @property
    def label(self) -> int:
        """The label that brush and fill give; one that the active series has."""
        count = 0 if self.result is None else len(self.result.labels)
        return min(self._label, max(1, count - 1))

    @property
    def radius(self) -> float:
        """Radius of brush and eraser, in mm."""
        return self._radius

    def label_name(self, value: int) -> str:
        """Return the name of a label of the active series."""
        labels = () if self.result is None else self.result.labels
        return next((label.name for label in labels if label.value == value), "")

    def choose_label(self, value: int) -> None:
        """Choose the label that brush and fill give; others than those of the table are ignored."""
        if self.result is not None and 0 < value < len(self.result.labels):
            self._label = value
            self.changed.emit()

    def step_label(self, step: int) -> None:
        """Choose the next label of the table, or the one before; round and round."""
        if self.result is not None and len(self.result.labels) > 1:
            self.choose_label((self.label - 1 + step) % (len(self.result.labels) - 1) + 1)

    def set_radius(self, radius: float) -> None:
        """Choose the radius of brush and eraser, in mm; kept in bounds."""
        radius = min(LARGEST_RADIUS, max(SMALLEST_RADIUS, radius))
        if radius != self._radius:
            self._radius = radius
            self.changed.emit()

    def step_radius(self, steps: int) -> None:
        """Make the brush larger by some steps, or smaller."""
        self.set_radius(self._radius * _RADIUS_STEP**steps)

    # Editing.

    def begin(
        self,
        geometry: SliceGeometry,
        index: int,
        place: tuple[float, float],
        *,
        erases: bool,
        entry: SeriesEntry | None = None,
    ) -> bool:
        """Begin a stroke; return whether there are labels to change.

        Parameters
        ----------
        geometry : SliceGeometry
            How the slice is drawn.
        index : int
            Of the slice, in file order.
        place : (float, float)
            Row and column as drawn.
        erases : bool
            Take labels away.
        entry : SeriesEntry, optional
            The series, by default the active one.
        """
        self.end()
        target = self._target(entry or self._session.active)
        if target is None:
            return False
        before = slice_of(target.array, geometry.axis, index).copy()
        tool, value = (ERASER, 0) if erases else (BRUSH, self.label)
        self._stroke = _Stroke(target, geometry, index, tool, value, before, place)
        self._session.segmentations.set_shown(True)
        self.go_on(place)
        return True

    def go_on(self, place: tuple[float, float]) -> None:
        """Draw the stroke on to a place, row and column as drawn; nothing without a stroke."""
        stroke = self._stroke
        if stroke is None:
            return
        plane = drawn_view(stroke.target.array, stroke.geometry)[stroke.index]
        paint_line(
            plane,
            stroke.at,
            place,
            radius=self._radius,
            spacing=stroke.geometry.pixel_spacing,
            value=stroke.value,
        )
        stroke.at = place
        stroke.target.version += 1
        self.changed.emit()

    def end(self) -> None:
        """End the stroke; it is one step in the history."""
        stroke, self._stroke = self._stroke, None
        if stroke is not None:
            self._record(stroke.target, stroke.geometry.axis, stroke.index, stroke.before,
                         stroke.tool, stroke.value)  # fmt: skip

    def fill(
        self,
        geometry: SliceGeometry,
        index: int,
        place: tuple[int, int],
        *,
        entry: SeriesEntry | None = None,
    ) -> bool:
        """Give the chosen label to what hangs together with a place in a slice.

        Returns
        -------
        bool
            Whether a voxel changed.
        """
        self.end()
        target = self._target(entry or self._session.active)
        if target is None or any(
            not 0 <= n < size for n, size in zip(place, geometry.size, strict=True)
        ):
            return False
        self._session.segmentations.set_shown(True)
        before = slice_of(target.array, geometry.axis, index).copy()
        plane = drawn_view(target.array, geometry)[index]
        value = self.label
        plane[flood(plane, place)] = value
        return self._record(target, geometry.axis, index, before, FILL, value)

    def pick(
        self,
        geometry: SliceGeometry,
        index: int,
        place: tuple[int, int],
        *,
        entry: SeriesEntry | None = None,
    ) -> None:
        """Choose the label that lies at a place of a slice; nothing where there is none."""
        label_map = self.label_map_of(entry or self._session.active)
        if label_map is not None and all(
            0 <= n < size for n, size in zip(place, geometry.size, strict=True)
        ):
            self.choose_label(int(drawn_view(label_map.array, geometry)[index][place]))

    def snapshot(self) -> tuple[EditedLabels, NDArray[np.uint8], int] | None:
        """Return the edited labels of the active series with a copy that stays, and its version.

        None where no edit is in force.
        """
        self.end()
        edited = self.edited
        if edited is None or not edited.count:
            return None
        return edited, edited.array.copy(), edited.version

    def set_statistics(
        self, edited: EditedLabels, version: int, statistics: tuple[LabelStatistics, ...]
    ) -> None:
        """Take the statistics of a version of the labels; those of an older one are dropped."""
        if version == edited.version:
            edited.statistics, edited.measured = statistics, version
            self.changed.emit()

    def stroke_so_far(self) -> tuple[EditedLabels, SliceDiff, str] | None:
        """Return what the stroke that is being drawn has changed; None without one."""
        stroke = self._stroke
        if stroke is None:
            return None
        axis, index = stroke.geometry.axis, stroke.index
        now = slice_of(stroke.target.array, axis, index)
        diff = SliceDiff.between(axis, index, stroke.before, now)
        return (stroke.target, diff, stroke.tool) if diff.count else None

    def bring_back(self, id: int, kept: KeptLabels) -> EditedLabels | None:
        """Take up labels as an earlier session left them; what it did cannot be undone.

        None where the series is closed, has another shape, or has labels already.
        """
        entry = self._session.entry(id)
        if entry is None or entry.loaded is None or entry.volume is None:
            return None
        found = self._session.segmentations
        if entry.volume.shape != kept.labels.shape or found.answer_of(entry) is not None:
            return None
        found.settle(id, entry.loaded, kept.result)
        edited = EditedLabels(
            id,
            kept.result,
            entry.volume,
            LabelMap(kept.labels, kept.result.labels),
            kept.voxels,
            dict(kept.edits),
            version=1,
            statistics=kept.result.statistics,
        )
        self._edited[id] = edited
        self.changed.emit()
        return edited

    # What the history and the session tell.

    def _target(self, entry: SeriesEntry | None) -> EditedLabels | None:
        """Return the labels of a series to change; the first time a copy is made."""
        result = self.result_of(entry)
        if entry is None or result is None or entry.volume is None:
            return None
        if entry.id not in self._edited:
            labels = result.array[0].copy()
            self._edited[entry.id] = EditedLabels(
                entry.id,
                result,
                entry.volume,
                LabelMap(labels, result.labels),
                count_voxels(result),
                statistics=result.statistics,
            )
        return self._edited[entry.id]

    def _record(
        self,
        target: EditedLabels,
        axis: int,
        index: int,
        before: NDArray[np.uint8],
        tool: str,
        value: int,
    ) -> bool:
        diff = SliceDiff.between(axis, index, before, slice_of(target.array, axis, index))
        if not diff.count:
            return False
        label = next((e.name for e in target.result.labels if e.value == value), "")
        name = tool if tool == ERASER else f"{tool}, {label}"
        self._note(target, diff, tool, 1)
        self._session.history.push(_Edit(self, target, diff, tool, name))
        return True

    def _note(self, target: EditedLabels, diff: SliceDiff, tool: str, sign: int) -> None:
        """Count an edit that came into force, or, with -1, one that was undone."""
        target.edits[tool] = target.edits.get(tool, 0) + sign
        target.voxels += sign * diff.gains()
        target.version += 1
        self.noted.emit(target, diff, tool, sign)
        self.changed.emit()

    def _reveal(self, target: EditedLabels, diff: SliceDiff) -> None:
        """Go to the slice of an edit."""
        self._session.activate(target.series)
        self._session.set_slice(axis_plane(target.volume.affine, diff.axis), diff.index)

    def _on_active(self, _id: int | None) -> None:
        self.end()
        self.changed.emit()

    def _drop_outdated(self, _id: int = 0) -> None:
        """Let go of edits of labels that are no longer there, or that others have replaced."""
        for id, edited in list(self._edited.items()):
            if self.result_of(self._session.entry(id)) is not edited.result:
                self._forget(id)

    def _forget(self, id: int) -> None:
        if self._stroke is not None and self._stroke.target.series == id:
            self._stroke = None
        if self._edited.pop(id, None) is not None:
            self._session.history.forget(id, KIND)
            self.changed.emit()
