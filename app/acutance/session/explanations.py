"""Explanations of predicted scores, slice by slice, and whether they are shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from psygnal import Signal

if TYPE_CHECKING:
    from acutance.core.affine import Plane
    from acutance.core.explanation import ExplanationResult
    from acutance.core.ledger import Loaded
    from acutance.errors import AcutanceError
    from acutance.session.entry import SeriesEntry
    from acutance.session.session import Session

#: Explanations that are kept; the oldest goes first.
KEPT = 64
Place = tuple[int, "Plane", int]


class Explanations:
    """Keeps what was found of slices as long as the voxels it was found in are open.

    Parameters
    ----------
    session : Session

    Signals
    -------
    changed
        Something was found, asked for, or is shown or hidden.
    """

    changed = Signal()

    def __init__(self, session: Session) -> None:
        self._session = session
        self._found: dict[Place, tuple[Loaded, ExplanationResult | AcutanceError]] = {}
        self._wanted: set[Place] = set()
        self._is_shown = False

    @property
    def is_shown(self) -> bool:
        """Whether maps are drawn over the slices they belong to."""
        return self._is_shown

    def set_shown(self, is_shown: bool) -> None:
        """Draw maps, or do not."""
        if is_shown != self._is_shown:
            self._is_shown = is_shown
            self.changed.emit()

    def place(self, plane: Plane) -> Place | None:
        """Return what tells the slice of a plane that is in view; None without a volume."""
        entry = self._session.active
        if entry is None or entry.volume is None:
            return None
        return entry.id, plane, self._session.slice_index(plane)

    def answer(self, plane: Plane) -> ExplanationResult | AcutanceError | None:
        """Return what was found of the slice of a plane that is in view."""
        return self.answer_at(self._session.active, plane, self._session.slice_index(plane))

    def answer_at(
        self, entry: SeriesEntry | None, plane: Plane, index: int
    ) -> ExplanationResult | AcutanceError | None:
        """Return what was found of a slice of a series."""
        if entry is None or (entry.id, plane, index) not in self._found:
            return None
        loaded, answer = self._found[entry.id, plane, index]
        return answer if loaded is entry.loaded else None

    def is_wanted(self, plane: Plane) -> bool:
        """Whether the slice of a plane that is in view is being explained."""
        return self.place(plane) in self._wanted

    def want(self, place: Place) -> None:
        """Note that a slice is being explained."""
        self._found.pop(place, None)
        self._wanted.add(place)
        self.changed.emit()

    def settle(
        self, place: Place, loaded: Loaded, answer: ExplanationResult | AcutanceError | None
    ) -> None:
        """Take what came of a slice; None where it was cancelled.

        An answer about voxels that are no longer open is dropped.
        """
        self._wanted.discard(place)
        entry = self._session.entry(place[0])
        if answer is not None and entry is not None and entry.loaded is loaded:
            self._found[place] = loaded, answer
            while len(self._found) > KEPT:
                del self._found[next(iter(self._found))]
        self.changed.emit()

    def clear(self) -> None:
        """Let go of everything that was found."""
        self._found.clear()
        self.changed.emit()

    def forget(self, id: int) -> None:
        """Let go of what was found in a series that was closed."""
        for place in [place for place in self._found if place[0] == id]:
            del self._found[place]
