"""The palette in which any command of the window is found by its name."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from PySide6.QtWidgets import QMenu

from acutance.qt.actions import Command, keys_text
from acutance.qt.dialogs.palette import CommandPalette, Offer
from acutance.qt.feature import Feature

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from PySide6.QtGui import QAction

    from acutance.qt.main_window import MainWindow


class PaletteFeature(Feature):
    """Offers everything that stands in the menus, but for files that were opened."""

    COMMANDS: ClassVar = (
        Command(
            "palette",
            "Find a command…",
            "Ctrl+K",
            "magnifier",
            tip="Do anything that stands in a menu by a part of its name",
        ),
    )
    MENUS: ClassVar = {"Help": ("palette",)}
    SHEET: ClassVar = ("palette",)

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self.palette = CommandPalette(self.offers, window)

    def slots(self) -> Mapping[str, Callable[..., None]]:
        """Return what its command does."""
        return {"palette": self.palette.open}

    def start(self) -> None:
        """Stand beside the keys in the tool bar."""
        self.window.tool_bar.add_icon(self.window.actions_["palette"])

    def offers(self) -> list[Offer]:
        """Return what can be chosen now, as it stands in the menus."""
        window, found = self.window, []
        listed: set[QAction] = {window.actions_["palette"]}
        for action, place in self._in_menus():
            if action not in listed:
                listed.add(action)
                found.append(_offer(action, place))
        for command in window.actions_.commands:
            action = window.actions_[command.id]
            if action not in listed:
                found.append(_offer(action, ""))
        return found

    def _in_menus(self) -> Iterator[tuple[QAction, str]]:
        waiting = [(action, "") for action in reversed(self.window.menuBar().actions())]
        while waiting:
            action, place = waiting.pop()
            menu = action.menu()
            if isinstance(menu, QMenu):
                if menu is not self.window.menus.recent:
                    inside = " › ".join(filter(None, (place, _plain(menu.title()))))
                    waiting += [(one, inside) for one in reversed(menu.actions())]
            elif action.text() and not action.isSeparator():
                yield action, place


def _offer(action: QAction, place: str) -> Offer:
    return Offer(action, _plain(action.text()).rstrip("…"), place, keys_text(action.shortcut()))


def _plain(text: str) -> str:
    """Return text without the marks of mnemonics."""
    return text.replace("&&", "\0").replace("&", "").replace("\0", "&")
