"""The dialogs that the commands of the window open."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QFileDialog

from acutance.errors import AcutanceError
from acutance.qt.dialogs.export_dialog import ExportDialog
from acutance.qt.dialogs.export_message import export_summary, open_export_message, warnings_of
from acutance.qt.language import mark, tr

if TYPE_CHECKING:
    from acutance.core.deidentification import DeidentificationResult
    from acutance.qt.dialogs.batch_dialog import BatchDialog
    from acutance.qt.main_window import MainWindow

_FILTERS = mark(
    "Scans and videos (*.dcm *.ima *.nii *.nii.gz *.gz *.hdr *.img *.nrrd *.nhdr "
    "*.mha *.mhd *.tif *.tiff *.png *.jpg *.jpeg *.bmp *.jp2 *.npy *.mp4 *.m4v "
    "*.mov *.avi *.mkv *.webm *.wmv *.mpg *.ts);;All files (*)"
)


class WindowDialogs(QObject):
    """Opens dialogs over the window; none of them stops what goes on behind it.

    Parameters
    ----------
    window : MainWindow
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.batch: BatchDialog | None = None

    def shut_down(self) -> None:
        """Stop the batch that is at work, if there is one."""
        if self.batch is not None:
            self.batch.shut_down()

    def ask_for_files(self) -> None:
        """Let the user choose files."""
        dialog = QFileDialog(self._window, tr("Open file"), "", tr(_FILTERS))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        self._ask(dialog)

    def ask_for_folder(self) -> None:
        """Let the user choose a folder."""
        dialog = QFileDialog(self._window, tr("Open folder"))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        self._ask(dialog)

    def ask_for_export(self) -> None:
        """Let the user choose what the active series keeps without its patient's identity."""
        entry = self._window.session.active
        if entry is None:
            return
        dialog = ExportDialog(entry.title, self._window)
        dialog.export_requested.connect(
            lambda folder, options, allows: self._window.deidentifier.export(
                folder, entry.id, options=options, allows_burned_in=allows
            )
        )
        dialog.open()

    def open_calibration(self) -> None:
        """Open the assistant of the site calibration beside the window, or raise it."""
        from acutance.qt.dialogs.calibration_dialog import CalibrationDialog

        dialog = self._window.findChild(CalibrationDialog)
        if dialog is None:
            dialog = CalibrationDialog(self._window.calibrator, self._window)
        dialog.show()
        dialog.raise_()
        dialog.activateWindow()

    def open_batch(self) -> None:
        """Show the batch dialog, with the batch that is at work if there is one."""
        from acutance.qt.dialogs.batch_dialog import BatchDialog

        if self.batch is None:
            self.batch = BatchDialog(self._window.controller.scoring.policy, self._window)
            self._suggest_folders(self.batch)
        self.batch.show()
        self.batch.raise_()
        self.batch.activateWindow()

    def _suggest_folders(self, dialog: BatchDialog) -> None:
        """Propose the folder that was opened last, and another beside it for the results."""
        recent = self._window.settings.recent
        if recent:
            opened = Path(recent[0])
            source = opened if opened.is_dir() else opened.parent
            dialog.source.setText(str(source))
            if source.name:
                dialog.output.setText(str(source.with_name(f"{source.name} results")))

    def show_export(self, outcome: DeidentificationResult | AcutanceError) -> None:
        """Say what came of an export: a notice where all went well, else a message to close."""
        if isinstance(outcome, AcutanceError) or outcome.set_aside or warnings_of(outcome):
            open_export_message(outcome, self._window)
        else:
            self._window.tell(export_summary(outcome))

    def _ask(self, dialog: QFileDialog) -> None:
        recent = self._window.settings.recent
        if recent:
            dialog.setDirectory(str(Path(recent[0]).parent))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.filesSelected.connect(
            lambda names: self._window.open_paths([Path(n) for n in names])
        )
        dialog.open()
