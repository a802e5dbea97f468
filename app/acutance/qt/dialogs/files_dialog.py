"""As which files something is exported, and where to."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QVBoxLayout,
    QWidget,
)

from acutance.qt.language import tr
from acutance.qt.panels.labels import plain_label
from acutance.qt.theme import FONT_SMALL

if TYPE_CHECKING:
    from collections.abc import Sequence

_WIDTH = 420


@dataclass(frozen=True)
class FileKind:
    """One kind of file on offer.

    Parameters
    ----------
    id : str
    text : str
        What it is, in the user's words.
    why_not : str
        Why it cannot be had; empty where it can.
    """

    id: str
    text: str
    why_not: str = ""


class FilesDialog(QDialog):
    """Asks as what something is exported.

    Parameters
    ----------
    heading : str
        What the window is called.
    title : str
        Of the series; shown letter by letter.
    kinds : sequence of FileKind
        All that can be had are ticked at first.
    note : str
        What is to be known, below them.

    Signals
    -------
    export_requested : Path, tuple of str
        The folder that was chosen, and ids of kinds.
    """

    export_requested = Signal(object, object)

    def __init__(
        self,
        heading: str,
        title: str,
        kinds: Sequence[FileKind],
        note: str,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(heading)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(_WIDTH)
        self.kinds = {kind.id: QCheckBox(kind.text) for kind in kinds}
        for kind in kinds:
            box = self.kinds[kind.id]
            box.setChecked(not kind.why_not)
            box.setEnabled(not kind.why_not)
            box.setToolTip(kind.why_not)
            box.toggled.connect(self._refresh)
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
        for box in self.kinds.values():
            layout.addWidget(box)
        for text in (*(kind.why_not for kind in kinds if kind.why_not), note):
            layout.addWidget(plain_label(text, size=FONT_SMALL, is_secondary=True, wraps=True))
        layout.addSpacing(8)
        layout.addWidget(buttons)

    @property
    def chosen(self) -> tuple[str, ...]:
        """The kinds that are ticked."""
        return tuple(id for id, box in self.kinds.items() if box.isChecked())

    def ask_for_folder(self) -> None:
        """Let the user choose where; the export begins when that is done."""
        dialog = QFileDialog(self, tr("Choose a folder for the export"))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self.begin)
        dialog.open()

    def begin(self, folder: str) -> None:
        """Ask for the export into a folder, and close."""
        self.export_requested.emit(Path(folder), self.chosen)
        self.accept()

    def _refresh(self, _on: bool = False) -> None:
        self.choose.setEnabled(bool(self.chosen))
