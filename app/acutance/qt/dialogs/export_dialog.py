"""What to keep in a de-identified export, and where to write it."""

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

from acutance.core.deidentification import OPTIONS
from acutance.qt.language import mark, tr
from acutance.qt.panels.labels import plain_label
from acutance.qt.theme import FONT_SMALL

#: What each option of the standard keeps, in the user's words.
OPTION_TEXTS: dict[str, str] = {
    "uids": mark("UIDs of studies, series and images"),
    "device": mark("Serial numbers and names of devices"),
    "institution": mark("Name and address of the institution"),
    "patient": mark("Sex, age, size and weight of the patient"),
    "dates": mark("Dates and times, as they are"),
    "modified-dates": mark("Dates moved by the same secret number of days"),
    "descriptors": mark("Descriptions, words of anatomy and technique only"),
    "private": mark("Private attributes that the standard lists as safe"),
}
_INTRODUCTION = mark(
    "Names, ids, dates, descriptions and private attributes are removed, UIDs "
    "replaced, by the DICOM basic confidentiality profile. Each file is read "
    "again and verified."
)
_LIMITS = mark(
    "Pixels stay as they are: a name drawn into an image, or a face that a head "
    "scan shows, is not removed."
)
_WIDTH = 440


class ExportDialog(QDialog):
    """Asks what an export keeps; nothing, unless the user says so.

    Parameters
    ----------
    title : str
        Of the series; shown letter by letter.

    Signals
    -------
    export_requested : Path, tuple of str, bool
        The folder that was chosen, ids of options, and whether images whose pixels may tell are
        exported, too.
    """

    export_requested = Signal(object, object, bool)

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Export de-identified"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.options = {option.id: QCheckBox(tr(OPTION_TEXTS[option.id])) for option in OPTIONS}
        for option in OPTIONS:
            self.options[option.id].setToolTip(f"{option.meaning} ({option.code})")
        self._exclude("dates", "modified-dates")
        self.burned_in = QCheckBox(tr("Also images whose pixels may show a name or a face"))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.choose = buttons.addButton(
            tr("Choose folder and export…"), QDialogButtonBox.ButtonRole.AcceptRole
        )
        buttons.accepted.connect(self.ask_for_folder)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 16, 20, 16)
        layout.setSpacing(8)
        layout.addWidget(plain_label(title or tr("Series"), bold=True, wraps=True))
        layout.addWidget(plain_label(tr(_INTRODUCTION), wraps=True))
        layout.addSpacing(4)
        layout.addWidget(plain_label(tr("Keep"), bold=True))
        for box in self.options.values():
            layout.addWidget(box)
        layout.addSpacing(4)
        layout.addWidget(plain_label(tr("Pixels"), bold=True))
        layout.addWidget(plain_label(tr(_LIMITS), size=FONT_SMALL, is_secondary=True, wraps=True))
        layout.addWidget(self.burned_in)
        layout.addSpacing(8)
        layout.addWidget(buttons)
        self.setMinimumWidth(max(_WIDTH, layout.minimumSize().width()))

    @property
    def chosen(self) -> tuple[str, ...]:
        """Ids of the options that are ticked."""
        return tuple(id for id, box in self.options.items() if box.isChecked())

    def ask_for_folder(self) -> None:
        """Let the user choose where; the export begins when that is done."""
        dialog = QFileDialog(self, tr("Choose a folder for the export"))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self._begin)
        dialog.open()

    def _begin(self, folder: str) -> None:
        self.export_requested.emit(Path(folder), self.chosen, self.burned_in.isChecked())
        self.accept()

    def _exclude(self, first: str, second: str) -> None:
        """Let two options never be ticked together."""
        for one, other in ((first, second), (second, first)):
            box = self.options[other]
            self.options[one].toggled.connect(
                lambda is_on, box=box: box.setChecked(False) if is_on else None
            )
