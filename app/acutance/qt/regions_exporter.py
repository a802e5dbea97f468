"""From the wish for a segmentation as files to the job that writes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QMessageBox

from acutance.core.ledger import LoadedSeries
from acutance.core.segmentation_export import KINDS, RegionsExport
from acutance.errors import JobCancelled
from acutance.qt.dialogs.regions_dialog import RegionsDialog

if TYPE_CHECKING:
    from pathlib import Path

    from acutance.core.segmentation_export import RegionsWritten
    from acutance.jobs.job import Job
    from acutance.qt.main_window import MainWindow


class RegionsExporter(QObject):
    """Writes the labels of the active series with the edits there are.

    Parameters
    ----------
    window : MainWindow
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._session = window.session
        self._asked: set[Job[Any]] = set()
        window.controller.job_ended.connect(self._on_ended)

    def ask(self) -> None:
        """Let the user choose kinds and folder."""
        entry, labels = self._session.active, self._session.labels
        if entry is None or labels.result is None:
            return
        edits = labels.edited.count if labels.edited is not None else 0
        is_dicom = entry.item.reader == "dicom"
        dialog = RegionsDialog(entry.title, is_dicom=is_dicom, edits=edits, parent=self._window)
        dialog.export_requested.connect(self.export)
        dialog.open()

    def export(self, folder: Path, kinds: tuple[str, ...] = KINDS) -> None:
        """Write the labels as they are now; edits made later do not go with them."""
        entry, labels = self._session.active, self._session.labels
        result = labels.result
        if entry is None or result is None or not isinstance(entry.loaded, LoadedSeries):
            return
        snapshot = labels.snapshot()
        copy = edits = None
        if snapshot is not None:
            edited, copy, _ = snapshot
            edits = edited.hand_edits(copy)
        request = RegionsExport(entry.loaded, result, folder, kinds, copy, edits)
        job = self._window.runner.export_regions(request)
        self._asked.add(job)
        self._window.controller.watch(job)

    def _on_ended(self, job: Job[Any]) -> None:
        if job not in self._asked:
            return
        self._asked.remove(job)
        if isinstance(job.error, JobCancelled):
            self._window.tell("The export was cancelled.")
        elif job.error is not None:
            self._show_faults("The segmentation was not exported.", [str(job.error)])
        else:
            written = cast("RegionsWritten", job.result)
            count = len(written.files)
            text = f"{count} file{'s' * (count != 1)} written: {written.folder}"
            if written.faults:
                self._show_faults(text, list(written.faults))
            else:
                self._window.tell(text)

    def _show_faults(self, text: str, faults: list[str]) -> None:
        box = QMessageBox(self._window)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setIcon(QMessageBox.Icon.Warning)
        box.setWindowTitle("Export segmentation")
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setText(text)
        box.setInformativeText("\n".join(faults))
        box.setStandardButtons(QMessageBox.StandardButton.Close)
        box.open()
