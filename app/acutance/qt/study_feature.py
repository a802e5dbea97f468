"""Studies, headers and names, as commands of the window."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, cast

from acutance.qt.actions import Command
from acutance.qt.bridge import JobBridge
from acutance.qt.dialogs.header_dialog import HeaderDialog
from acutance.qt.feature import Feature
from acutance.qt.language import error_text
from acutance.qt.viewers.listening import listen

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from acutance.core.headers import HeaderTable, StudyList
    from acutance.jobs.job import Job
    from acutance.qt.main_window import MainWindow


class StudyFeature(Feature):
    """Sorts series by study as they are opened, lists headers, shows or masks names."""

    COMMANDS: ClassVar = (
        Command(
            "header",
            "Header…",
            "Ctrl+T",
            needs="dicom",
            tip="List the elements of a file of the active series",
        ),
        Command(
            "patient_names",
            "Names of patients",
            "Shift+X",
            is_checkable=True,
            tip="Show names, numbers and dates of patients, or mask them",
        ),
        Command("find_series", "Search series", "Ctrl+F", needs="series"),
    )
    MENUS: ClassVar = {"File": ("-", "header", "find_series"), "View": ("-", "patient_names")}
    SHEET: ClassVar = ("header", "find_series", "patient_names")

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._session = window.session
        self._asked: dict[Job[Any], list[int]] = {}
        self._listing: dict[Job[Any], HeaderDialog] = {}
        # Not shown in the queue: this is quick, and nobody waits for it.
        self._bridge = JobBridge(self)
        self._bridge.finished.connect(self._on_finished)
        self._is_closed = False

    def slots(self) -> Mapping[str, Callable[..., None]]:
        """Return what its commands do."""
        return {
            "header": self._show_header,
            "patient_names": self._session.studies.set_names_shown,
            "find_series": self._find,
        }

    def facts(self) -> Mapping[str, bool]:
        """Tell whether the active series has a DICOM header."""
        entry = self._session.active
        return {"dicom": entry is not None and entry.item.reader == "dicom"}

    def start(self) -> None:
        """Ask for the study of what is opened."""
        listen(self, self._session.listed, self._ask)
        listen(self, self._session.studies.changed, self._on_names)
        self.window.series_list.tags_requested.connect(self.show_header)
        self._ask()

    def shut_down(self) -> None:
        """Wait for nothing more."""
        self._is_closed = True
        self._bridge.close()

    def show_header(self, id: int | None = None) -> HeaderDialog | None:
        """List the header of a series, by default the active one; returns the dialog."""
        entry = self._session.active if id is None else self._session.entry(id)
        if entry is None or entry.item.reader != "dicom" or not entry.item.files:
            return None
        dialog = HeaderDialog(entry.title, self._session, self.window)
        dialog.show()
        job = self.window.runner.header(Path(_middle(entry.item.files)))
        self._listing[job] = dialog
        dialog.destroyed.connect(lambda: self._listing.pop(job, None))
        self._bridge.watch(job)
        return dialog

    def _show_header(self) -> None:
        self.show_header()

    def _find(self) -> None:
        self.window.series_dock.show()
        self.window.browser.start_search()

    def _ask(self, _ids: object = None) -> None:
        pending = {id for ids in self._asked.values() for id in ids}
        entries = [entry for entry in self._session.studies.unknown() if entry.id not in pending]
        if not entries or self._is_closed:
            return
        job = self.window.runner.studies([Path(entry.item.files[0]) for entry in entries])
        self._asked[job] = [entry.id for entry in entries]
        self._bridge.watch(job)

    def _on_names(self) -> None:
        self.window.actions_["patient_names"].setChecked(self._session.studies.shows_names)

    def _on_finished(self, job: Job[Any]) -> None:
        if job in self._asked:
            ids = self._asked.pop(job)
            if job.error is None:
                found = cast("StudyList", job.result).facts
                self._session.studies.settle(dict(zip(ids, found, strict=True)))
        elif job in self._listing:
            dialog = self._listing.pop(job)
            if job.error is not None:
                dialog.set_problem(error_text(job.error))
            else:
                dialog.set_table(cast("HeaderTable", job.result))


def _middle(files: tuple[str, ...]) -> str:
    return sorted(files)[len(files) // 2]
