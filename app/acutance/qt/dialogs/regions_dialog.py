"""As which files a segmentation is exported, and where to."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QVBoxLayout,
    QWidget,
)

from acutance import NOT_FOR_DIAGNOSIS
from acutance.core.segmentation_export import CSV, JSON, KINDS, NIFTI, SEG
from acutance.qt.panels.labels import plain_label
from acutance.qt.theme import FONT_SMALL

_TEXTS = {
    NIFTI: "Label map and uncertainty as NIfTI",
    SEG: "DICOM SEG, each frame with its image",
    CSV: "Table of regions as CSV",
    JSON: "Record with provenance as JSON",
}
_NO_IMAGES = "Only a series of DICOM images can have a DICOM SEG."
_WIDTH = 420


class RegionsDialog(QDialog):
    """Asks as what a segmentation is exported.

    Parameters
    ----------
    title : str
        Of the series; shown letter by letter.
    is_dicom : bool
        Whether a DICOM SEG can refer to images.
    edits : int
        How many edits by hand are in force.

    Signals
    -------
    export_requested : Path, tuple of str
        The folder that was chosen, and kinds.
    """

    export_requested = Signal(object, object)

    def __init__(
        self, title: str, *, is_dicom: bool, edits: int, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Export segmentation")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(_WIDTH)
        self.kinds = {kind: QCheckBox(_TEXTS[kind]) for kind in KINDS}
        for kind, box in self.kinds.items():
            box.setChecked(kind != SEG or is_dicom)
            box.toggled.connect(self._refresh)
        self.kinds[SEG].setEnabled(is_dicom)
        self.kinds[SEG].setToolTip("" if is_dicom else _NO_IMAGES)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.choose = buttons.addButton(
            "Choose folder and export…", QDialogButtonBox.ButtonRole.AcceptRole
        )
        buttons.accepted.connect(self.ask_for_folder)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 16, 20, 16)
        layout.setSpacing(8)
        layout.addWidget(plain_label(title or "Series", bold=True, wraps=True))
        for box in self.kinds.values():
            layout.addWidget(box)
        if not is_dicom:
            layout.addWidget(plain_label(_NO_IMAGES, size=FONT_SMALL, is_secondary=True))
        marked = f"Every file says that the labels were edited by hand ({edits}). " if edits else ""
        note = f"{marked}{NOT_FOR_DIAGNOSIS}."
        layout.addWidget(plain_label(note, size=FONT_SMALL, is_secondary=True, wraps=True))
        layout.addSpacing(8)
        layout.addWidget(buttons)

    @property
    def chosen(self) -> tuple[str, ...]:
        """The kinds that are ticked."""
        return tuple(kind for kind, box in self.kinds.items() if box.isChecked())

    def ask_for_folder(self) -> None:
        """Let the user choose where; the export begins when that is done."""
        dialog = QFileDialog(self, "Choose a folder for the export")
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self._begin)
        dialog.open()

    def _begin(self, folder: str) -> None:
        self.export_requested.emit(Path(folder), self.chosen)
        self.accept()

    def _refresh(self, _on: bool = False) -> None:
        self.choose.setEnabled(bool(self.chosen))
