"""What the user did, by name, to be undone and done again."""

from __future__ import annotations

from typing import Protocol

from psygnal import Signal

#: What all that can be undone may take, in bytes.
LIMIT_BYTES = 64 << 20


class Change(Protocol):
    """Something the user did to a series."""

    @property
    def name(self) -> str:
        """What it was, as a menu says it: "brush, white matter"."""

    @property
    def kind(self) -> str:
        """What was changed: "labels", "measurements" or "verdict"."""

    @property
    def series(self) -> int:
        """Id of the series."""

    @property
    def n_bytes(self) -> int:
        """How much memory it takes to undo it, about."""

    def undo(self) -> None:
        """Put back what was there before, to the last bit."""

    def redo(self) -> None:
        """Do it again."""

    def reveal(self) -> None:
        """Go to where it was done."""


class History:
    """Everything that can be undone, newest last, in bounded memory.

    The oldest changes are let go of when the bound is passed; the newest always stays.

    Parameters
    ----------
    limit_bytes : int

    Signals
    -------
    settling
        Something is about to be recorded, undone or done again: finish what is still going on.
    changed
        Other things can be undone or done again.
    """

    settling = Signal()
    changed = Signal()

    def __init__(self, limit_bytes: int = LIMIT_BYTES) -> None:
        self._limit = limit_bytes
        self._done: list[Change] = []
        self._undone: list[Change] = []

    @property
    def undo_name(self) -> str:
        """What would be undone; empty for nothing."""
        return self._done[-1].name if self._done else ""

    @property
    def redo_name(self) -> str:
        """What would be done again; empty for nothing."""
        return self._undone[-1].name if self._undone else ""

    @property
    def names(self) -> tuple[str, ...]:
        """Everything that can be undone, oldest first."""
        return tuple(change.name for change in self._done)

    @property
    def n_bytes(self) -> int:
        """How much memory everything takes, about."""
        return sum(change.n_bytes for change in (*self._done, *self._undone))

    def push(self, change: Change) -> None:
        """Record what was just done; what was undone before cannot be done again."""
        self._undone.clear()
        self._done.append(change)
        room = self._limit - change.n_bytes
        keep = len(self._done) - 1
        while keep and (room := room - self._done[keep - 1].n_bytes) >= 0:
            keep -= 1
        del self._done[:keep]
        self.changed.emit()

    def undo(self) -> Change | None:
        """Undo the newest change and return it; None where there is none."""
        self.settling.emit()
        if not self._done:
            return None
        change = self._done.pop()
        change.undo()
        self._undone.append(change)
        self.changed.emit()
        return change

    def redo(self) -> Change | None:
        """Do again what was undone last, and return it; None where there is nothing."""
        self.settling.emit()
        if not self._undone:
            return None
        change = self._undone.pop()
        change.redo()
        self._done.append(change)
        self.changed.emit()
        return change

    def forget(self, series: int, kind: str = "") -> None:
        """Let go of changes to a series: of one kind, by default of all."""

        def stays(change: Change) -> bool:
            return change.series != series or kind not in ("", change.kind)

        before = len(self._done) + len(self._undone)
        self._done = [change for change in self._done if stays(change)]
        self._undone = [change for change in self._undone if stays(change)]
        if len(self._done) + len(self._undone) != before:
            self.changed.emit()
