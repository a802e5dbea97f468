"""The views that hold any series, for layouts in which several are looked at."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from acutance.qt.viewers.layouts import FREE
from acutance.qt.viewers.listening import listen
from acutance.qt.viewers.slice_view import SliceView
from acutance.session import SeriesState

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from acutance.core.affine import Plane
    from acutance.session import Session

#: What views beyond the open series show of the first of them, in turn.
_PLANES: tuple[Plane, ...] = ("sagittal", "coronal", "axial")


class FreeViews(QObject):
    """Up to four views, made when they are first wanted, each with a series of its own.

    The view that has the keyboard makes its series the active one; a series that is chosen in the
    list goes into that view, unless another shows it.

    Parameters
    ----------
    session : Session
    grid : QWidget
        Parent of the views.

    Signals
    -------
    view_added : SliceView
    load_requested : int
        A view shows a series that was not read yet.
    rearranged
        One view is to fill the grid, or no longer.
    """

    view_added = Signal(object)
    load_requested = Signal(int)
    rearranged = Signal()

    def __init__(self, session: Session, grid: QWidget) -> None:
        super().__init__(grid)
        self._session = session
        self._grid = grid
        self._views: list[SliceView] = []
        self._count = 0
        self._current = 0
        self._alone = ""
        listen(self, session.listed, self._assign)
        listen(self, session.active_changed, self._on_active)

    @property
    def views(self) -> tuple[SliceView, ...]:
        """Those that were made so far."""
        return tuple(self._views)

    @property
    def alone(self) -> str:
        """The name of the view that fills the grid; empty where all are shown."""
        return self._alone

    @property
    def current(self) -> SliceView:
        """The view that had the keyboard last."""
        return self._views[min(self._current, self._count - 1)]

    def fill(self, count: int) -> None:
        """Have so many views, each with a series: the active one, then the others as listed."""
        self._alone = ""
        self._count = count
        self._current = min(self._current, count - 1)
        while len(self._views) < count:
            self._make()
        self._assign()

    def _assign(self, *_: object) -> None:
        """Give a series to each view that has none that is open."""
        count = self._count
        entries = [entry for entry in self._session.entries if entry.item.kind == "volume"]
        active = self._session.active
        ids = [entry.id for entry in sorted(entries, key=lambda entry: entry is not active)]
        taken = {v.pane.series for v in self._views[:count] if v.pane.series in ids}
        spare = [id for id in ids if id not in taken]
        planes = itertools.cycle(_PLANES)
        for view in self._views[:count]:
            if view.pane.series in ids:
                continue
            if spare:
                self.show_series(view, spare.pop(0))
            elif ids:
                # More views than series: another plane of the first.
                self.show_series(view, ids[0])
                view.pane.set_plane(next(planes))

    def hide(self) -> None:
        """Show none of them."""
        self._alone, self._count = "", 0

    def show_series(self, view: SliceView, id: int) -> None:
        """Show a series in one of the views, and have it read where it was not."""
        view.pane.show(id)
        entry = self._session.entry(id)
        if entry is not None and entry.state is SeriesState.LISTED:
            self.load_requested.emit(id)

    def _make(self) -> None:
        number = len(self._views)
        view = SliceView(self._session, "axial", self._grid, series=0)
        view.hide()
        view.focused.connect(lambda _plane: self._on_focused(number))
        view.maximise_requested.connect(lambda _plane: self._toggle(number))
        self._views.append(view)
        self.view_added.emit(view)

    def _on_focused(self, number: int) -> None:
        self._current = number
        series = self._views[number].pane.series
        if self._count and series is not None:
            self._session.activate(series)

    def _toggle(self, number: int) -> None:
        self._alone = "" if self._alone else FREE[number]
        self.rearranged.emit()
        self._views[number].setFocus()

    def _on_active(self, id: int | None) -> None:
        entry = self._session.active
        if not self._count or id is None or entry is None or entry.item.kind != "volume":
            return
        if all(view.pane.series != id for view in self._views[: self._count]):
            self.show_series(self.current, id)
