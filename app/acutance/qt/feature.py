"""What one feature adds to the window: commands, where they stand, and what they do."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from PySide6.QtCore import QObject

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from acutance.qt.actions import Command
    from acutance.qt.main_window import MainWindow


class Feature(QObject):
    """A part of the window that stands on its own; `features.FEATURES` is the list of them.

    It is made once views, panels, session and controller are there, and before the commands are:
    it gives its own through `slots`. `start` runs when the whole window stands.

    Parameters
    ----------
    window : MainWindow

    Attributes
    ----------
    COMMANDS : tuple of Command
        What it adds to the commands of the window.
    MENUS : mapping of str to tuple of str
        By menu title, the ids that follow what stands there; "-" is a separator.
    SHEET, VIEW_SHEET : tuple of str
        Ids that the cheat sheet shows among the commands, and among the keys of a view.
    """

    COMMANDS: ClassVar[tuple[Command, ...]] = ()
    MENUS: ClassVar[Mapping[str, tuple[str, ...]]] = {}
    SHEET: ClassVar[tuple[str, ...]] = ()
    VIEW_SHEET: ClassVar[tuple[str, ...]] = ()

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self.window = window

    def slots(self) -> Mapping[str, Callable[..., None]]:
        """Return what each of its commands does; checkable ones are given their new state."""
        return {}

    def facts(self) -> Mapping[str, bool]:
        """Return which needs of its commands are met, beyond those that all commands share."""
        return {}

    def start(self) -> None:
        """Connect to what the window is made of; its commands are in `window.actions_` now."""

    def refresh(self) -> None:
        """Show everything anew, as after a change of theme."""

    def shut_down(self) -> None:
        """Let go of what would outlive the window."""
