"""The history of scanners, protocols and coils, as a page beside the window."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, ClassVar

from acutance.qt.actions import Command
from acutance.qt.feature import Feature

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from acutance.qt.dialogs.history_dialog import HistoryDialog

_PAGE = "acutance.qt.dialogs.history_dialog"


class HistoryFeature(Feature):
    """Adds the command that opens the history."""

    COMMANDS = (
        Command("history", "History…", "Ctrl+H", tip="How scanners and protocols fare over time"),
    )
    MENUS: ClassVar[Mapping[str, tuple[str, ...]]] = {"Engines": ("-", "history")}
    SHEET = ("history",)

    def slots(self) -> Mapping[str, Callable[..., None]]:
        """Return what its command does."""
        return {"history": self.open}

    def open(self) -> None:
        """Open the history, or raise it."""
        from acutance.qt.dialogs.history_dialog import HistoryDialog
        from acutance.qt.history_desk import HistoryDesk

        dialog = self._dialog()
        if dialog is None:
            dialog = HistoryDialog(HistoryDesk(parent=self), self.window)
        dialog.show()
        dialog.raise_()
        dialog.activateWindow()

    def shut_down(self) -> None:
        """Close the page and its thread."""
        dialog = self._dialog()
        if dialog is not None:
            dialog.close()

    def _dialog(self) -> HistoryDialog | None:
        # A page that was never opened must not load its plots, when the window closes least of all.
        if _PAGE not in sys.modules:
            return None
        from acutance.qt.dialogs.history_dialog import HistoryDialog

        return self.window.findChild(HistoryDialog)
