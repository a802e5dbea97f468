"""What the user decided about each series; each decision can be undone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from psygnal import Signal

from acutance.core.review import Decision, Review

if TYPE_CHECKING:
    from acutance.session.entry import SeriesEntry
    from acutance.session.session import Session

KIND = "verdict"
_STEP_BYTES = 1024


@dataclass(frozen=True, eq=False)
class _Step:
    owner: Reviews
    series: int
    name: str
    before: Review | None
    after: Review | None

    kind = KIND
    n_bytes = _STEP_BYTES

    def undo(self) -> None:
        self.owner._set(self.series, self.before)

    def redo(self) -> None:
        self.owner._set(self.series, self.after)

    def reveal(self) -> None:
        self.owner._session.activate(self.series)


class Reviews:
    """Decisions of a person, kept beside the predicted verdicts.

    Parameters
    ----------
    session : Session

    Signals
    -------
    changed : int
        Id of the series whose decision is another.
    """

    changed = Signal(int)

    def __init__(self, session: Session) -> None:
        self._session = session
        self._kept: dict[int, Review] = {}
        session.series_removed.connect(self._forget)

    @property
    def active(self) -> Review | None:
        """The decision about the active series."""
        return self.of(self._session.active)

    def of(self, entry: SeriesEntry | None) -> Review | None:
        """Return the decision about a series; None where there is none."""
        return None if entry is None else self._kept.get(entry.id)

    def decide(
        self, decision: Decision, *, reason: str | None = None, note: str | None = None
    ) -> None:
        """Decide about the active series; nothing where it is not loaded.

        Parameters
        ----------
        decision : Decision
        reason, note : str, optional
            By default what was said before; an acceptance without a note has none.

        Raises
        ------
        ValueError
            If the reason is unknown or the note is none.
        """
        entry = self._session.active
        if entry is None or entry.loaded is None:
            return
        before = self.of(entry)
        if decision is Decision.ACCEPT:
            reason, note = "", ""
        if reason is None:
            reason = before.reason if before is not None else ""
        if note is None:
            note = before.note if before is not None else ""
        result = entry.result
        review = Review(
            decision,
            reason,
            " ".join(note.split()),
            result.verdict.value if result is not None else "",
            result.ssim_pred if result is not None else None,
        )
        self._change(entry.id, _name(before, review), before, review)

    def withdraw(self) -> None:
        """Take the decision about the active series back."""
        entry = self._session.active
        if entry is not None:
            self._change(entry.id, "withdraw decision", self.of(entry), None)

    def bring_back(self, series: int, review: Review) -> None:
        """Take what was decided in an earlier session, unless this one decided; not undone."""
        if series not in self._kept:
            self._set(series, review)

    def _change(self, id: int, name: str, before: Review | None, after: Review | None) -> None:
        if before == after:
            return
        self._session.history.settling.emit()
        self._set(id, after)
        self._session.history.push(_Step(self, id, name, before, after))

    def _set(self, id: int, review: Review | None) -> None:
        if review is None:
            self._kept.pop(id, None)
        else:
            self._kept[id] = review
        self.changed.emit(id)

    def _forget(self, id: int) -> None:
        if self._kept.pop(id, None) is not None:
            self.changed.emit(id)
        self._session.history.forget(id, KIND)


def _name(before: Review | None, after: Review) -> str:
    """Return what a change is called: by the decision, or by what was said to the same one."""
    if before is None or before.decision is not after.decision:
        return f"decision, {after.decision.value}"
    return "reason of the decision" if before.reason != after.reason else "note to the decision"
