"""The active series beside, under, or minus another one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from psygnal import Signal

from acutance.core.regridding import share_space

if TYPE_CHECKING:
    from acutance.core.window import Window
    from acutance.session.entry import SeriesEntry
    from acutance.session.session import Session

CompareMode = Literal["", "swipe", "flicker", "difference", "checker"]
COMPARE_MODES: tuple[CompareMode, ...] = ("", "swipe", "flicker", "difference", "checker")
#: Windows of two series are taken to fit both where neither is wider than so many times the other.
_LIKE_WINDOWS = 2.0


class Comparing:
    """Which series is compared with which, and how; views draw it.

    The partner of a series is the one that was chosen, else what it was made from, else the series
    before it in the list, or after it, among those that lie in its space.

    Parameters
    ----------
    session : Session

    Signals
    -------
    changed
    """

    changed = Signal()

    def __init__(self, session: Session) -> None:
        self._session = session
        self._mode: CompareMode = ""
        self._chosen: int | None = None
        self._sources: dict[int, int] = {}
        self._swipe = 0.5
        self._shows_partner = False
        self._is_held = False

    @property
    def mode(self) -> CompareMode:
        """How two series are compared; empty where they are not."""
        return self._mode

    @property
    def swipe(self) -> float:
        """Where the edge of the swipe is, from 0 at the left of the image to 1."""
        return self._swipe

    @property
    def shows_partner(self) -> bool:
        """Whether the flicker shows the partner now."""
        return self._shows_partner

    @property
    def is_held(self) -> bool:
        """Whether the key for "before" is held: the partner is shown instead."""
        return self._is_held

    @property
    def chosen(self) -> int | None:
        """Id of the series that was chosen to compare with."""
        return self._chosen

    def set_mode(self, mode: CompareMode) -> None:
        """Compare in a way, or no more.

        Raises
        ------
        ValueError
            If there is no such way.
        """
        if mode not in COMPARE_MODES:
            raise ValueError(f"no such comparison: {mode!r}")
        if mode != self._mode:
            self._mode, self._shows_partner = mode, False
            self.changed.emit()

    def choose(self, id: int | None) -> None:
        """Compare with a series from now on; None leaves it to the program."""
        if id != self._chosen:
            self._chosen = id
            self.changed.emit()

    def set_source(self, id: int, source: int) -> None:
        """Note from which series another was made."""
        self._sources[id] = source
        self.changed.emit()

    def set_swipe(self, swipe: float) -> None:
        """Move the edge of the swipe; kept within the image."""
        swipe = min(1.0, max(0.0, swipe))
        if swipe != self._swipe:
            self._swipe = swipe
            self.changed.emit()

    def flick(self) -> None:
        """Show the other of the two."""
        if self._mode == "flicker":
            self._shows_partner = not self._shows_partner
            self.changed.emit()

    def hold(self, held: bool) -> None:
        """Show the partner while a key is held."""
        if held != self._is_held:
            self._is_held = held
            self.changed.emit()

    def partner_of(self, entry: SeriesEntry | None) -> SeriesEntry | None:
        """Return what a series is compared with; None where there is nothing."""
        if entry is None or entry.volume is None:
            return None
        wanted = (self._chosen, self._sources.get(entry.id))
        for id in wanted:
            other = None if id is None else self._session.entry(id)
            if other is not None and other is not entry and _fit(entry, other):
                return other
        entries = self._session.entries
        at = entries.index(entry)
        around = (*reversed(entries[:at]), *entries[at + 1 :])
        return next((other for other in around if _fit(entry, other)), None)

    def window_of(self, entry: SeriesEntry, partner: SeriesEntry, window: Window) -> Window:
        """Return the window for the partner: that of the series, unless its values differ much.

        Parameters
        ----------
        entry, partner : SeriesEntry
            Loaded.
        window : Window
            In which the series is shown.
        """
        one, other = entry.volume, partner.volume
        if one is None or other is None or one.is_colour or other.is_colour:
            return window
        if one.unit == other.unit and one.unit:
            return window
        mine, theirs = self._session.start_window(one), self._session.start_window(other)
        wide, narrow = max(mine.width, theirs.width), min(mine.width, theirs.width)
        return window if wide <= _LIKE_WINDOWS * narrow else theirs

    def forget(self, id: int) -> None:
        """Let go of a series that was closed."""
        self._sources.pop(id, None)
        if self._chosen == id:
            self._chosen = None


def _fit(entry: SeriesEntry, other: SeriesEntry) -> bool:
    one, partner = entry.volume, other.volume
    return one is not None and partner is not None and share_space(one, partner)
