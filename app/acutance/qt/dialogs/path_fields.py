"""Lines that take a path, typed or chosen: what the dialogs of batch and watched folder share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QLineEdit, QPushButton

from acutance.qt.language import tr
from acutance.qt.panels.labels import plain_label

if TYPE_CHECKING:
    from PySide6.QtWidgets import QGridLayout, QWidget


class PathField:
    """A line and a button for one path.

    Parameters
    ----------
    parent : QWidget
        Where the chooser opens.
    name : str
        What it is for, e.g. "Input folder".
    filter : str
        Files that can be chosen, e.g. "Weights (*.safetensors)"; empty for folders.

    Attributes
    ----------
    edit : QLineEdit
    button : QPushButton
    """

    def __init__(self, parent: QWidget, name: str, filter: str = "") -> None:
        self._parent = parent
        self._name = name
        self._filter = filter
        self.edit = QLineEdit()
        self.edit.setAccessibleName(name)
        self.button = QPushButton(tr("Choose…"))
        self.button.setAccessibleName(tr("Choose: {name}", name=name))
        self.button.setAutoDefault(False)
        self.button.clicked.connect(self.choose)

    @property
    def text(self) -> str:
        """The path, without blanks around it."""
        return self.edit.text().strip()

    def choose(self) -> None:
        """Let the user choose."""
        dialog = QFileDialog(self._parent, self._name, self.edit.text(), self._filter)
        modes = QFileDialog.FileMode
        dialog.setFileMode(modes.ExistingFile if self._filter else modes.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly, on=not self._filter)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self.edit.setText)
        dialog.open()

    def set_enabled(self, is_enabled: bool) -> None:
        """Enable or disable both."""
        self.edit.setEnabled(is_enabled)
        self.button.setEnabled(is_enabled)

    def set_visible(self, is_visible: bool) -> None:
        """Show or hide both."""
        self.edit.setVisible(is_visible)
        self.button.setVisible(is_visible)

    def add_to(self, form: QGridLayout, row: int, label: str) -> None:
        """Put label, line and button on a row of three columns."""
        form.addWidget(plain_label(label), row, 0)
        form.addWidget(self.edit, row, 1)
        form.addWidget(self.button, row, 2)

    def show_folder(self) -> None:
        """Open the folder in the program of the desktop for that."""
        QDesktopServices.openUrl(QUrl.fromLocalFile(self.edit.text()))
