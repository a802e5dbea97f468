"""Watches jobs that write files, and says what came of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QMessageBox

from acutance.errors import JobCancelled
from acutance.qt.language import error_text, tr, trn

if TYPE_CHECKING:
    from acutance.jobs.job import Job
    from acutance.qt.main_window import MainWindow


class FilesExporter(QObject):
    """Says how many files a job has written, or why it could not.

    Parameters
    ----------
    window : MainWindow
    heading : str
        What its messages are called.
    """

    def __init__(self, window: MainWindow, heading: str) -> None:
        super().__init__(window)
        self.window = window
        self._heading = heading
        self._asked: set[Job[Any]] = set()
        window.controller.job_ended.connect(self._on_ended)

    def watch(self, job: Job[Any]) -> None:
        """Watch a job whose result has `folder`, `files` and perhaps `faults`."""
        self._asked.add(job)
        self.window.controller.watch(job)

    def _on_ended(self, job: Job[Any]) -> None:
        if job not in self._asked:
            return
        self._asked.remove(job)
        if isinstance(job.error, JobCancelled):
            self.window.tell(tr("The export was cancelled."))
        elif job.error is not None:
            self._show_faults(tr("Nothing was exported."), [error_text(job.error)])
        elif job.result is not None:
            count = len(job.result.files)
            text = trn(
                "{n} file written: {folder}",
                "{n} files written: {folder}",
                count,
                folder=job.result.folder,
            )
            faults = list(getattr(job.result, "faults", ()))
            if faults:
                self._show_faults(text, faults)
            else:
                self.window.tell(text)

    def _show_faults(self, text: str, faults: list[str]) -> None:
        box = QMessageBox(self.window)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setIcon(QMessageBox.Icon.Warning)
        box.setWindowTitle(self._heading)
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setText(text)
        box.setInformativeText("\n".join(faults))
        box.setStandardButtons(QMessageBox.StandardButton.Close)
        box.open()
