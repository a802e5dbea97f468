"""Segmentations of the open series, and how they are drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from psygnal import Signal

if TYPE_CHECKING:
    from acutance.core.ledger import Loaded
    from acutance.core.segmentation import SegmentationResult
    from acutance.errors import AcutanceError
    from acutance.session.entry import SeriesEntry
    from acutance.session.session import Session

DEFAULT_OPACITY, OPACITY_STEP = 0.4, 0.1


class Segmentations:
    """Keeps the newest segmentation of a series as long as its voxels are open.

    Parameters
    ----------
    session : Session

    Signals
    -------
    changed
        A segmentation came, went or is being made, or is drawn otherwise.
    """

    changed = Signal()

    def __init__(self, session: Session) -> None:
        self._session = session
        self._found: dict[int, tuple[Loaded, SegmentationResult | AcutanceError]] = {}
        self._running: dict[int, float] = {}
        self._is_shown = True
        self._is_outlined = False
        self._opacity = DEFAULT_OPACITY

    @property
    def is_shown(self) -> bool:
        """Whether labels are drawn over the image."""
        return self._is_shown

    @property
    def is_outlined(self) -> bool:
        """Whether only the borders of labels are drawn."""
        return self._is_outlined

    @property
    def opacity(self) -> float:
        """How much of the image a label hides, in [0, 1]."""
        return self._opacity

    @property
    def answer(self) -> SegmentationResult | AcutanceError | None:
        """What came of the active series."""
        return self.answer_of(self._session.active)

    def answer_of(self, entry: SeriesEntry | None) -> SegmentationResult | AcutanceError | None:
        """Return what came of a series."""
        if entry is None or entry.id not in self._found:
            return None
        loaded, answer = self._found[entry.id]
        return answer if loaded is entry.loaded else None

    @property
    def progress(self) -> float | None:
        """How far the segmentation of the active series is, in [0, 1]; None where none runs."""
        entry = self._session.active
        return None if entry is None else self._running.get(entry.id)

    def set_shown(self, is_shown: bool) -> None:
        """Draw labels, or do not."""
        if is_shown != self._is_shown:
            self._is_shown = is_shown
            self.changed.emit()

    def set_outlined(self, is_outlined: bool) -> None:
        """Draw the borders of labels only, or fill them."""
        if is_outlined != self._is_outlined:
            self._is_outlined = is_outlined
            self.changed.emit()

    def set_opacity(self, opacity: float) -> None:
        """Choose how much of the image a label hides; kept in [0, 1]."""
        opacity = min(1.0, max(0.0, opacity))
        if opacity != self._opacity:
            self._opacity = opacity
            self.changed.emit()

    def set_progress(self, id: int, fraction: float) -> None:
        """Note that a series is being segmented, and how far that is."""
        self._running[id] = fraction
        self.changed.emit()

    def settle(
        self, id: int, loaded: Loaded, answer: SegmentationResult | AcutanceError | None
    ) -> None:
        """Take what came of a series; None where it was cancelled.

        An answer about voxels that are no longer open is dropped.
        """
        self._running.pop(id, None)
        entry = self._session.entry(id)
        if answer is not None and entry is not None and entry.loaded is loaded:
            self._found[id] = loaded, answer
        self.changed.emit()

    def forget(self, id: int) -> None:
        """Let go of what was found in a series that was closed."""
        self._found.pop(id, None)
        self._running.pop(id, None)
