"""The panel of what is at work and what came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from acutance.qt.actions import Command
from acutance.qt.feature import Feature
from acutance.qt.job_log import JobLog
from acutance.qt.language import tr
from acutance.qt.panels.work_section import WorkSection

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from acutance.qt.main_window import MainWindow


class WorkFeature(Feature):
    """Shows the queue and its outcomes, and lets engines rest.

    Parameters
    ----------
    window : MainWindow
    """

    COMMANDS = (
        Command(
            "pause",
            "Pause engines",
            "Ctrl+Shift+.",
            "pause",
            is_checkable=True,
            tip="Let scoring, segmenting and explaining rest; files are still read",
        ),
        Command("work", "Queue and outcomes", "Ctrl+Shift+J"),
    )
    MENUS: ClassVar = {"Engines": ("pause", "work")}
    SHEET = ("pause", "work")

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self.log = JobLog(window.controller, window.runner, window.session, self)
        self.section = WorkSection(self.log)
        self.section.series_requested.connect(window.session.activate)
        window.side.add_section(self.section)

    def slots(self) -> Mapping[str, Callable[..., None]]:
        """Return what its commands do."""
        return {"pause": self.pause, "work": self.open}

    def start(self) -> None:
        """Keep the command in step with the button."""
        self.log.changed.connect(self._show)

    def pause(self, on: bool) -> None:
        """Let engines rest, or go on, and say so."""
        self.log.set_paused(on)
        self.window.tell(tr("Engines are paused.") if on else tr("Engines go on."))

    def open(self) -> None:
        """Show the panel."""
        self.window.quality_dock.show()
        self.section.set_open(True)
        self.window.side.ensureWidgetVisible(self.section)

    def _show(self) -> None:
        self.window.actions_["pause"].setChecked(self.log.is_paused)
