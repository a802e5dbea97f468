"""What is known of a crash, shown before anybody may take it along."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import QApplication, QDialog, QDialogButtonBox, QPlainTextEdit, QVBoxLayout

from acutance.qt.language import mark, tr
from acutance.qt.panels.labels import plain_label

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

_WORDS = mark(
    "This is all that is known. It names modules and lines, no file, person or "
    "value. Nothing is sent: copy it where you want to report it."
)


class CrashReport(QDialog):
    """A text to read and to copy.

    Parameters
    ----------
    text : str
    """

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Crash report"))
        self.resize(640, 460)
        words = plain_label(tr(_WORDS), is_secondary=True)
        words.setWordWrap(True)
        self.text = QPlainTextEdit(text)
        self.text.setReadOnly(True)
        self.text.setAccessibleName(tr("Report"))
        self.text.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        self.copy = buttons.addButton(tr("Copy"), QDialogButtonBox.ButtonRole.ActionRole)
        self.copy.clicked.connect(lambda: QApplication.clipboard().setText(text))
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(12)
        layout.addWidget(words)
        layout.addWidget(self.text, 1)
        layout.addWidget(buttons)
