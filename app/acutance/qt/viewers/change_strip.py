"""One bar per slice: how much of it a restoration changed beyond the noise."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QColor

from acutance.core.restoration import RestorationResult
from acutance.qt.language import numeral, tr
from acutance.qt.theme import current_tokens
from acutance.qt.viewers.listening import listen
from acutance.qt.viewers.slice_bars import SliceBars

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from acutance.core.affine import Plane
    from acutance.session import Session


class ChangeStrip(SliceBars):
    """The share of the anatomy of every slice that was changed, at the position of the slider.

    Seen only where the restored image of the active series is, and its noise could be measured.

    Parameters
    ----------
    session : Session

    Signals
    -------
    None of its own.
    """

    #: A restoration that changes this much of a slice fills the strip; fewer changes stay small.
    LEAST_FULL = 0.05

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, tr("changed"), parent)
        self.setObjectName("change_strip")
        self.setAccessibleName(tr("Strip of changes beyond the noise"))
        found = session.restorations
        for signal in (
            found.changed,
            found.moved,
            session.active_changed,
            session.series_changed,
        ):
            listen(self, signal, self.refresh)
        self.refresh()

    @property
    def _result(self) -> RestorationResult | None:
        answer = self._session.restorations.answer
        return answer if isinstance(answer, RestorationResult) else None

    @property
    def values(self) -> tuple[float | None, ...]:
        """The share of each slice; empty where nothing restored is shown."""
        result, found = self._result, self._session.restorations
        if result is None or not found.is_shown:
            return ()
        return result.changed_shares(found.alpha_of(self._session.active))

    @property
    def plane(self) -> Plane:
        """The plane of the slices."""
        assert self._result is not None
        return self._result.plane

    def slice_text(self, index: int) -> str:
        """Return what is known of a slice, in one line."""
        value = self.values[index]
        told = (
            tr("shows nothing")
            if value is None
            else tr("{value:.1%} changed beyond the noise", value=value)
        )
        return tr("slice {index} · {told}", index=index, told=told)

    def value_text(self, value: float | None) -> str:
        """Return a share as it stands behind the bars."""
        return "\N{EM DASH}" if value is None else numeral(value, ".1%")

    def bar_colour(self) -> QColor:
        """Return the colour of everything that is restored."""
        return QColor(current_tokens().enhanced)
