"""What one view offers: which series and plane it shows, and what it does with the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QMenu

from acutance.core.affine import PLANES
from acutance.qt.language import mark, tr
from acutance.session import SeriesState
from acutance.session.panes import LINK_ACTIONS

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtCore import QPoint

    from acutance.qt.main_window import MainWindow
    from acutance.qt.viewers.slice_view import SliceView
    from acutance.session.panes import LinkAction

LINK_WORDS: dict[LinkAction, str] = {
    "scroll": mark("Scroll"),
    "zoom": mark("Zoom"),
    "pan": mark("Pan"),
    "window": mark("Window/level"),
    "time": mark("Time and other axes"),
}


class ViewMenu(QObject):
    """Opens the context menu of a view; the window's link menu offers the same.

    Attributes
    ----------
    extenders : list of callable
        Called with each menu and its view before it opens, so that others can add to it.

    Parameters
    ----------
    window : MainWindow
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.extenders: list[Callable[[QMenu, SliceView], None]] = []

    def attach(self, view: SliceView) -> None:
        """Open the menu on a right click of a view."""
        view.customContextMenuRequested.connect(lambda position: self._open(view, position))

    def menu_for(self, view: SliceView) -> QMenu:
        """Return the menu of a view; the caller shows and deletes it."""
        menu = QMenu(view)
        self._fill_series(menu.addMenu(tr("Series")), view)
        if view in self._window.centre.grid.free.views:
            self._fill_planes(menu.addMenu(tr("Plane")), view)
        self.fill_links(menu.addMenu(tr("Link with other views")), view)
        menu.addSeparator()
        menu.addAction(tr("Fit to view")).triggered.connect(lambda _on=False: view.fit())
        menu.addAction(tr("Reset view and window")).triggered.connect(
            lambda _on=False: view.reset()
        )
        for extend in self.extenders:
            extend(menu, view)
        return menu

    def fill_links(self, menu: QMenu, view: SliceView) -> None:
        """Offer each action that can be linked."""
        pane = view.pane
        for action in LINK_ACTIONS:
            item = menu.addAction(tr(LINK_WORDS[action]))
            item.setCheckable(True)
            item.setChecked(action in pane.links)
            item.triggered.connect(lambda on=False, action=action: pane.set_linked(action, on))

    def show_series(self, view: SliceView, id: int | None) -> None:
        """Show a series in a view, and have it read where it was not; None follows the active."""
        view.pane.show(id)
        entry = None if id is None else self._window.session.entry(id)
        if entry is not None and entry.state is SeriesState.LISTED:
            self._window.controller.load(entry.id)

    def _fill_series(self, menu: QMenu, view: SliceView) -> None:
        group = QActionGroup(menu)
        offers: list[tuple[str, int | None]] = []
        if view not in self._window.centre.grid.free.views:
            offers.append((tr("The active series"), None))
        offers += [
            (entry.title.replace("&", "&&")[:80], entry.id)
            for entry in self._window.session.entries
            if entry.item.kind == "volume"
        ]
        for text, id in offers:
            item = menu.addAction(text)
            item.setCheckable(True)
            item.setChecked(view.pane.series == id)
            item.triggered.connect(lambda _on=False, id=id: self.show_series(view, id))
            group.addAction(item)

    def _fill_planes(self, menu: QMenu, view: SliceView) -> None:
        group = QActionGroup(menu)
        for plane in PLANES:
            item = menu.addAction(plane.capitalize())
            item.setCheckable(True)
            item.setChecked(view.plane == plane)
            item.triggered.connect(lambda _on=False, plane=plane: view.pane.set_plane(plane))
            group.addAction(item)

    def _open(self, view: SliceView, position: QPoint) -> None:
        menu = self.menu_for(view)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(view.mapToGlobal(position))
