"""Layouts and links of the views, as commands of the window."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from PySide6.QtGui import QActionGroup

from acutance.qt.actions import Command
from acutance.qt.feature import Feature
from acutance.qt.view_menu import ViewMenu
from acutance.session.panes import LINK_ACTIONS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from acutance.qt.main_window import MainWindow
    from acutance.qt.viewers.layouts import LayoutMode

#: By command, the layout that it chooses.
LAYOUT_COMMANDS: dict[str, LayoutMode] = {
    "layout_three": "three",
    "layout_single": "single",
    "layout_large": "large",
    "layout_mosaic": "mosaic",
    "layout_pair": "pair",
    "layout_four": "four",
}


class LayoutFeature(Feature):
    """Six layouts, the menu of a view, and what views do together."""

    COMMANDS: ClassVar = (
        Command(
            "layout_large",
            "Three planes, one large",
            "Alt+3",
            needs="volume",
            is_checkable=True,
            tip="The plane in view large, the others beside it",
        ),
        Command(
            "layout_mosaic",
            "Mosaic of slices",
            "Alt+4",
            needs="volume",
            is_checkable=True,
            tip="Slices of the whole stack side by side; Ctrl+wheel changes how many",
        ),
        Command(
            "layout_pair",
            "Two series side by side",
            "Alt+5",
            needs="volume",
            is_checkable=True,
        ),
        Command("layout_four", "Four views", "Alt+6", needs="volume", is_checkable=True),
        Command(
            "link_views",
            "Link the view with others",
            "L",
            needs="volume",
            is_checkable=True,
            tip="Scroll, zoom and pan the view in hand together with those of the same space",
        ),
    )
    MENUS: ClassVar = {"View": ("-", *LAYOUT_COMMANDS, "-", "link_views")}
    SHEET: ClassVar = ("layout_three", "layout_single", *(c.id for c in COMMANDS[:4]))
    VIEW_SHEET: ClassVar = ("link_views",)

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self.menu = ViewMenu(window)

    def slots(self) -> Mapping[str, Callable[..., None]]:
        """Return what its commands do."""
        grid = self.window.centre.grid
        found: dict[str, Callable[..., None]] = {
            command.id: lambda _on, mode=LAYOUT_COMMANDS[command.id]: grid.set_layout_mode(mode)
            for command in self.COMMANDS
            if command.id in LAYOUT_COMMANDS
        }
        return found | {"link_views": self.set_linked}

    def start(self) -> None:
        """Join views, commands and the tool bar."""
        window, grid = self.window, self.window.centre.grid
        group = QActionGroup(self)
        for id in LAYOUT_COMMANDS:
            group.addAction(window.actions_[id])
        for view in grid.views:
            self.menu.attach(view)
        grid.view_added.connect(self.menu.attach)
        grid.load_requested.connect(window.controller.load)
        grid.layout_changed.connect(self._on_layout)
        window.centre.positions.position_requested.connect(self._link_time)
        menu = window.tool_bar.layouts.menu()
        menu.clear()
        menu.addActions([window.actions_[id] for id in LAYOUT_COMMANDS])
        links = window.tool_bar.links.menu()
        links.aboutToShow.connect(self._fill_links)

    def refresh(self) -> None:
        """Check what holds now."""
        self._on_layout(self.window.centre.grid.layout_mode)

    def set_linked(self, on: bool) -> None:
        """Link the view in hand with the others, or let it go alone."""
        pane = self.window.centre.grid.current_view.pane
        for action in LINK_ACTIONS:
            if action != "window" or not on or pane.series is None:
                pane.set_linked(action, on)

    def _on_layout(self, mode: str, _plane: str = "") -> None:
        for id, name in LAYOUT_COMMANDS.items():
            self.window.actions_[id].setChecked(name == mode)
        pane = self.window.centre.grid.current_view.pane
        self.window.actions_["link_views"].setChecked("scroll" in pane.links)

    def _fill_links(self) -> None:
        menu = self.window.tool_bar.links.menu()
        menu.clear()
        self.menu.fill_links(menu, self.window.centre.grid.current_view)

    def _link_time(self, id: int, selection: tuple[int, ...]) -> None:
        """Go to the same position of other series that are seen and have the same axes."""
        session, panes = self.window.session, self.window.session.panes
        entry = session.entry(id)
        shown = [view.pane for view in self.window.centre.grid.shown_views]
        leaders = [pane for pane in shown if pane.entry is entry and "time" in pane.links]
        if entry is None or not leaders:
            return
        sizes = [axis.size for axis in entry.item.extra_axes]
        for pane in panes.peers(leaders[0], "time"):
            other = pane.entry
            if other is None or other is entry or pane not in shown:
                continue
            if [axis.size for axis in other.item.extra_axes] == sizes:
                self.window.controller.select(other.id, selection)
