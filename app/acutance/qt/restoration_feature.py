"""Restoration in the window: its commands, its section, the key that shows the source."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFileDialog

from acutance.core.ledger import LoadedSeries
from acutance.core.restoration import RestorationResult
from acutance.core.restoration_export import RestoredExport
from acutance.errors import AcutanceError, JobCancelled
from acutance.io.site import load_site
from acutance.qt.actions import Command
from acutance.qt.feature import Feature
from acutance.qt.language import error_text, tr, trn
from acutance.qt.panels.restoration_section import RestorationSection
from acutance.qt.restorer import Restorer
from acutance.qt.viewers.listening import listen
from acutance.qt.viewers.restored_layer import RestoredLayer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from acutance.jobs.job import Job
    from acutance.qt.main_window import MainWindow
    from acutance.qt.viewers.slice_view import SliceView

#: How long evidence shows one side before it shows the other.
FLICKER_MS = 400
_WRITER = "acutance.export.restoration:write_restored"
_WRITTEN = "acutance.core.restoration_export:RestoredWritten"


class RestorationFeature(Feature):
    """Restores the active series, moves the slider, shows what changed.

    Parameters
    ----------
    window : MainWindow
    """

    COMMANDS = (
        Command(
            "restore",
            "Restore",
            "Ctrl+R",
            needs="restorer",
            tip="Take noise or motion away with a network; the scan itself stays as it is",
        ),
        Command(
            "restore_with",
            "Restore with weights…",
            needs="volume",
            tip="Restore with a network from a safetensors file",
        ),
        Command("restored", "Restored image", "Ctrl+Shift+R", needs="restored", is_checkable=True),
        Command(
            "evidence",
            "Evidence of the restoration",
            "V",
            needs="restored",
            is_checkable=True,
            tip="Let flicker what changed beyond the noise, and nothing else",
        ),
        Command(
            "fit_operator",
            "Fit operator…",
            needs="restorer",
            tip="Say by about a dozen sharp slices what the perceptual end looks like",
        ),
        Command("export_restored", "Export restored…", needs="restored", tip="Write it, marked"),
    )
    MENUS: ClassVar = {
        "File": ("export_restored",),
        "Engines": ("-", "restore", "restore_with", "restored", "evidence", "fit_operator"),
    }
    SHEET = ("restore",)
    VIEW_SHEET = ("restored", "evidence")

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._session = window.session
        self.restorer = Restorer(window.session, window.runner, window.controller)
        self.section = RestorationSection(window.session)
        self._exports: set[Job[Any]] = set()
        self._timer = QTimer(self)
        self._timer.setInterval(FLICKER_MS)
        self._timer.timeout.connect(self._session.restorations.flick)

    def slots(self) -> Mapping[str, Callable[..., None]]:
        """Return what each command does."""
        found = self._session.restorations
        return {
            "restore": lambda: self.restore(self.section.task),
            "restore_with": lambda: self.restorer.ask_for_weights(self.window, self.section.task),
            "restored": found.set_shown,
            "evidence": found.set_evidence,
            "fit_operator": self.open_fit,
            "export_restored": self.ask_for_folder,
        }

    def facts(self) -> Mapping[str, bool]:
        """Return whether something can restore, and whether something is restored."""
        has_volume = self._session.active_volume is not None
        return {
            "restorer": has_volume and self.restorer.is_available(),
            "restored": isinstance(self._session.restorations.answer, RestorationResult),
        }

    def start(self) -> None:
        """Put the section into the side column, and follow the session."""
        window, found = self.window, self._session.restorations
        window.side.add_section(self.section)
        self.section.restore_requested.connect(self.restore)
        self.section.fit_requested.connect(self.open_fit)
        self.section.export_requested.connect(self.ask_for_folder)
        self.restorer.available_changed.connect(self._refresh)
        window.controller.job_ended.connect(self._on_ended)
        for signal in (found.changed, found.moved, self._session.active_changed):
            listen(self, signal, self._refresh)
        # After the comparison, which takes B where nothing is restored: the last is asked first.
        window.installEventFilter(self)
        for signal in (found.changed, found.moved):
            listen(self, signal, self._redraw)
        grid = window.centre.grid
        for view in grid.views:
            self._attach(view)
        grid.view_added.connect(self._attach)
        self._refresh()

    def _attach(self, view: SliceView) -> None:
        """Let a view draw what is restored."""
        view.layers.append(RestoredLayer(self._session))
        view.update()

    def _redraw(self, *_: object) -> None:
        for view in self.window.centre.grid.views:
            view.update()

    def shut_down(self) -> None:
        """Stop the flicker."""
        self._timer.stop()

    def restore(self, task: str) -> None:
        """Restore the active series; where no network is there for the task, ask for one."""
        try:
            site = load_site(self.window.controller.scoring.site_file)
        except AcutanceError as error:
            self.window.tell(error_text(error))  # what the site allows is not known
            return
        self._session.restorations.set_least_alpha(site.least_alpha)
        if self.restorer.is_available(task):
            self.restorer.restore(task)
        else:
            self.window.tell(tr("No network is installed for this; choose one from a file."))
            self.restorer.ask_for_weights(self.window, task)

    def open_fit(self) -> None:
        """Open the dialog in which an operator is fitted."""
        from acutance.qt.dialogs.fit_dialog import FitDialog

        if not self.restorer.is_available(self.section.task):
            self.restore(self.section.task)  # says what is missing, and asks for it
            return
        dialog = FitDialog(self._session, self.restorer, self.section.task, self.window)
        dialog.open()

    def ask_for_folder(self) -> None:
        """Let the user choose where the restored series is written."""
        if not isinstance(self._session.restorations.answer, RestorationResult):
            return
        dialog = QFileDialog(self.window, tr("Choose a folder for the restored series"))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda name: self.export(Path(name)))
        dialog.open()

    def export(self, folder: Path) -> None:
        """Write the restored series at the position of the slider into a folder."""
        entry, found = self._session.active, self._session.restorations
        result = found.answer
        if entry is None or not isinstance(entry.loaded, LoadedSeries):
            return
        if not isinstance(result, RestorationResult):
            return
        alpha = found.alpha if result.has_ends else 1.0
        request = RestoredExport(entry.loaded, result, alpha, folder, found.warnings)
        job = self.window.runner.export(
            _WRITER,
            request,
            _WRITTEN,
            title=tr("Exporting {title}, restored", title=entry.title),
            path=folder,
        )
        self._exports.add(job)
        self.window.controller.watch(job)

    def _on_ended(self, job: Job[Any]) -> None:
        if job not in self._exports:
            return
        self._exports.discard(job)
        if isinstance(job.error, JobCancelled):
            self.window.tell(tr("The export was cancelled."))
        elif job.error is not None:
            self.window.tell(error_text(job.error))
        elif job.result is not None:
            count = len(job.result.paths)
            self.window.tell(
                trn(
                    "{n} file written, marked as restored",
                    "{n} files written, marked as restored",
                    count,
                )
            )

    def _refresh(self, *_: object) -> None:
        found, actions = self._session.restorations, self.window.actions_
        actions["restored"].setChecked(found.is_shown)
        actions["evidence"].setChecked(found.shows_evidence)
        for name, is_there in self.facts().items():
            for command in self.COMMANDS:
                if command.needs == name:
                    actions[command.id].setEnabled(is_there)
        flickers = found.shows_evidence and found.result_of(self._session.active) is not None
        if flickers != self._timer.isActive():
            self._timer.start() if flickers else self._timer.stop()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Show the source while B is held, wherever the keyboard is."""
        found = self._session.restorations
        if event.type() in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
            assert isinstance(event, QKeyEvent)
            is_plain = event.key() == Qt.Key.Key_B and not event.modifiers()
            if is_plain and found.result_of(self._session.active) is not None:
                if not event.isAutoRepeat():
                    found.hold_source(event.type() == QEvent.Type.KeyPress)
                return True
        elif event.type() == QEvent.Type.WindowDeactivate:
            found.hold_source(False)
        return super().eventFilter(watched, event)
