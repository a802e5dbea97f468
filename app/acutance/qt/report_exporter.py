"""From the wish for a report to the job that writes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from acutance.core.ledger import LoadedSeries
from acutance.core.report_export import REPORT_KINDS, ReportExport
from acutance.qt.dialogs.files_dialog import FileKind, FilesDialog
from acutance.qt.files_exporter import FilesExporter
from acutance.qt.language import mark, no_diagnosis, tr

if TYPE_CHECKING:
    from pathlib import Path

    from acutance.qt.main_window import MainWindow

_HEADING = mark("Export report")
_TEXTS = {
    "html": mark("Report as HTML, one file"),
    "pdf": mark("Report as PDF"),
    "png": mark("Picture with the verdict as PNG"),
    "json": mark("Record as JSON, with path and note"),
}
_NOTE = mark(
    "What was predicted and what you decided stand apart. HTML, PDF and picture "
    "name no patient, file or folder, and your note goes into the record only."
)


class ReportExporter(FilesExporter):
    """Writes the verdict on the active series with what the user decided.

    Parameters
    ----------
    window : MainWindow
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window, tr(_HEADING))
        self._session = window.session

    def ask(self) -> None:
        """Let the user choose kinds and folder."""
        entry = self._session.active
        if entry is None or entry.result is None:
            return
        kinds = [FileKind(id, tr(_TEXTS[id])) for id in REPORT_KINDS]
        note = f"{tr(_NOTE)} {no_diagnosis()}."
        dialog = FilesDialog(tr(_HEADING), entry.title, kinds, note, self.window)
        dialog.export_requested.connect(self.export)
        dialog.open()

    def export(self, folder: Path, kinds: tuple[str, ...] = REPORT_KINDS) -> None:
        """Write the report as things are now."""
        entry = self._session.active
        if entry is None or entry.result is None or not isinstance(entry.loaded, LoadedSeries):
            return
        review = self._session.reviews.active
        request = ReportExport(entry.loaded, entry.result, folder, kinds, review)
        self.watch(self.window.runner.export_report(request))
