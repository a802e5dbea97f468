"""A watched folder beside the window, with a notice in the tray for every series that arrives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from PySide6.QtWidgets import QSystemTrayIcon

from acutance.core.quality import Verdict
from acutance.export.words import clean_words
from acutance.qt.actions import Command
from acutance.qt.batch_table import VERDICT_TEXTS
from acutance.qt.feature import Feature
from acutance.qt.language import capital, no_diagnosis, tr

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from acutance.qt.dialogs.hot_folder_dialog import HotFolderDialog
    from acutance.qt.main_window import MainWindow

#: How long a notice stays, in ms; systems may shorten it.
_NOTICE_MS = 8000


class WatchingFeature(Feature):
    """Adds the command that opens the page, and the notices."""

    COMMANDS = (
        Command(
            "watch_folder",
            "Watch folder\N{HORIZONTAL ELLIPSIS}",
            "",
            tip="Score each series as soon as it arrives in a folder",
        ),
    )
    MENUS: ClassVar[Mapping[str, tuple[str, ...]]] = {"Engines": ("watch_folder",)}
    SHEET = ("watch_folder",)

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self.dialog: HotFolderDialog | None = None
        self.tray: QSystemTrayIcon | None = None

    def slots(self) -> Mapping[str, Callable[..., None]]:
        """Return what its command does."""
        return {"watch_folder": self.open}

    def open(self) -> None:
        """Show the page, with the folder that is watched if there is one."""
        from acutance.qt.dialogs.hot_folder_dialog import HotFolderDialog

        if self.dialog is None:
            self.dialog = HotFolderDialog(self.window.controller.scoring.policy, self.window)
            self.dialog.arrived.connect(self._notify)
        self.dialog.show()
        self.dialog.raise_()
        self.dialog.activateWindow()

    def shut_down(self) -> None:
        """Stop watching and take the icon away."""
        if self.dialog is not None:
            self.dialog.shut_down()
        if self.tray is not None:
            self.tray.hide()

    def _notify(self, record: dict[str, Any]) -> None:
        """Tell a series where the user looks: in the tray, else on the status line."""
        title, text = notice_of(record)
        if not QSystemTrayIcon.isSystemTrayAvailable():
            self.window.tell(f"{title}: {text}")
            return
        if self.tray is None:
            self.tray = QSystemTrayIcon(self.window.windowIcon(), self)
            self.tray.setToolTip(tr("Acutance. {notice}.", notice=no_diagnosis()))
            self.tray.activated.connect(self.open)
            self.tray.messageClicked.connect(self.open)
        self.tray.show()
        is_bad = record["verdict"] == Verdict.REPEAT
        icon = QSystemTrayIcon.MessageIcon
        kind = icon.Warning if is_bad else icon.Information
        self.tray.showMessage(title, text, kind, _NOTICE_MS)


def notice_of(record: dict[str, Any]) -> tuple[str, str]:
    """Return title and text of a notice; it names the series and nobody."""
    verdict, number = str(record["verdict"]), record["ssim_pred"]
    title = capital(tr(VERDICT_TEXTS.get(verdict, verdict)))
    told = (
        tr("no predicted SSIM")
        if number is None
        else tr("predicted SSIM {number:.2f}", number=number)
    )
    series = clean_words(str(record.get("series") or "")) or record.get("modality") or tr("Series")
    return title, f"{series}: {told}. {no_diagnosis()}."
