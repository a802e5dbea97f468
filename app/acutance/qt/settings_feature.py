"""Settings as a command of the window, and what becomes of them in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from acutance.core.site import SiteRules
from acutance.errors import SiteFileError
from acutance.io.site import default_site_file, find_site_file, load_site
from acutance.qt.actions import Command
from acutance.qt.feature import Feature
from acutance.qt.language import error_text, tr

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from acutance.qt.dialogs.settings_dialog import SettingsDialog


class SettingsFeature(Feature):
    """Reads the site file, applies what was chosen, and opens the dialog."""

    COMMANDS: ClassVar = (
        Command("settings", "Settings…", "Ctrl+,", tip="Thresholds, windows, keys, networks"),
    )
    MENUS: ClassVar = {"File": ("-", "settings")}
    SHEET: ClassVar = ("settings",)

    def slots(self) -> Mapping[str, Callable[..., None]]:
        """Return what its commands do."""
        return {"settings": self._open}

    def start(self) -> None:
        """Let hold what is chosen already."""
        self.window.preferences.changed.connect(self._apply)
        self._apply("backend")
        self.read_site()

    def read_site(self) -> None:
        """Take what the site file says; one with a fault says nothing, and that is told."""
        try:
            rules = load_site(self.window.controller.scoring.site_file)
        except SiteFileError as error:
            rules = SiteRules()
            self.window.tell(error_text(error))
        self.window.preferences.set_site(rules)

    def open(self) -> SettingsDialog:
        """Show the dialog and return it."""
        from acutance.qt.backend_trier import BackendTrier
        from acutance.qt.dialogs.settings_dialog import SettingsDialog

        window = self.window
        dialog = SettingsDialog(window.preferences, window.actions_.commands, self._paths(), window)
        trier = BackendTrier(dialog.backends, window.runner, window.controller)
        dialog.finished.connect(trier.cancel)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
        return dialog

    def _open(self) -> None:
        self.open()

    def _apply(self, name: str) -> None:
        window, preferences = self.window, self.window.preferences
        if name == "shortcuts":
            window.actions_.set_keys(preferences.shortcuts)
        elif name == "presets":
            window.session.listed_presets = preferences.presets
            window.presenter.fill_presets()
        elif name == "backend":
            window.controller.scoring.set_backend(preferences.backend)
        elif name == "thresholds":
            window.controller.scoring.set_thresholds(preferences.own_thresholds)

    def _paths(self) -> tuple[tuple[str, Path | None], ...]:
        from acutance.model_commands import imported_folder

        try:
            site = find_site_file(self.window.controller.scoring.site_file)
        except SiteFileError as error:
            site = error.path
        return (
            (tr("Site file"), site),
            (tr("A site file could lie at"), default_site_file()),
            (tr("Settings"), self.window.settings.path),
            (tr("Imported networks"), imported_folder()),
            (tr("Calibrations"), self.window.controller.scoring.store.folder),
        )
