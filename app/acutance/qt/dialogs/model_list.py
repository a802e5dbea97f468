"""The networks there are, their cards, and a way to bring in others."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QSplitter,
    QTextBrowser,
    QVBoxLayout,
    QWidget,
)

from acutance.qt.language import error_text, mark, tr
from acutance.qt.panels.labels import plain_label
from acutance.qt.theme import FONT_SMALL

if TYPE_CHECKING:
    from collections.abc import Callable

_CHECKPOINTS = mark("Checkpoints (*.pth *.pt *.ckpt *.bin *.tar *.safetensors);;All files (*)")
_NO_CARD = mark(
    "**Imported, unverified.** Nobody vouches for these weights: there is no "
    "model card, and no verdict of theirs is ever “usable”."
)


class ModelList(QWidget):
    """Shipped networks with their cards, imported ones with what is known of them.

    A checkpoint is converted in a child that first gives up sockets, programs and folders; a thread
    of this process only waits for it.

    Parameters
    ----------
    convert : callable, optional
        Takes a file, returns a line that says what became of it; raises AcutanceModelsError.

    Signals
    -------
    imported : str
        What became of an import, in words.
    """

    imported = Signal(str)

    def __init__(
        self, convert: Callable[[Path], str] | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._convert = convert or import_checkpoint
        self._thread: threading.Thread | None = None
        self.list = QListWidget()
        self.list.setAccessibleName(tr("Networks"))
        self.list.setWordWrap(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.card = QTextBrowser()
        self.card.setAccessibleName(tr("Model card"))
        self.card.setOpenLinks(False)
        self.button = QPushButton(tr("Import…"))
        self.button.setToolTip(
            tr("Convert a checkpoint from elsewhere; its weights stay unverified")
        )
        self.button.clicked.connect(self.ask_for_file)
        self.message = plain_label("", size=FONT_SMALL, is_secondary=True)
        self.message.setWordWrap(True)
        parts = QSplitter(Qt.Orientation.Horizontal)
        parts.addWidget(self.list)
        parts.addWidget(self.card)
        parts.setStretchFactor(1, 1)
        parts.setSizes([240, 460])
        row = QHBoxLayout()
        row.addWidget(self.button)
        row.addWidget(self.message, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 8, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(parts, 1)
        layout.addLayout(row)
        self.list.currentItemChanged.connect(self._on_current)
        self.imported.connect(self._on_imported)
        self.fill()

    def fill(self) -> None:
        """List what there is now."""
        self.list.clear()
        for title, card in _networks():
            item = QListWidgetItem(title)
            item.setData(Qt.ItemDataRole.UserRole, card)
            self.list.addItem(item)
        self.list.setCurrentRow(0)

    def ask_for_file(self) -> None:
        """Let the user choose a checkpoint."""
        dialog = QFileDialog(self, tr("Checkpoint of a network"), "", tr(_CHECKPOINTS))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda name: self.import_file(Path(name)))
        dialog.open()

    def import_file(self, path: Path) -> None:
        """Convert a checkpoint in the background; `imported` tells what became of it."""
        if self._thread is not None:
            return
        self.button.setEnabled(False)
        self.message.setText(tr("Converting the checkpoint…"))
        self._thread = threading.Thread(target=self._work, args=(path,), name="import", daemon=True)
        self._thread.start()

    def _work(self, path: Path) -> None:
        from acutance_models.errors import AcutanceModelsError

        try:
            told = self._convert(path)
        except AcutanceModelsError as error:
            told = error_text(error)
        try:
            self.imported.emit(told)
        except RuntimeError:
            return  # the dialog is gone; the weights lie where they were written

    def _on_imported(self, text: str) -> None:
        self._thread = None
        self.button.setEnabled(True)
        self.fill()
        self.message.setText(text)

    def _on_current(self, item: QListWidgetItem | None, _previous: object = None) -> None:
        card = "" if item is None else str(item.data(Qt.ItemDataRole.UserRole))
        self.card.setMarkdown(card)


def import_checkpoint(path: Path) -> str:
    """Convert a checkpoint into the folder of imported weights; return what became of it.

    Raises
    ------
    AcutanceModelsError
        If it is no checkpoint of a network that is known, or cannot be read or written.
    """
    from acutance.model_commands import default_output
    from acutance_models.conversion import convert_file

    weights = convert_file(path, default_output(path))
    return tr(
        "{name}: recognised as {architecture}, {params:,} parameters, {status}.",
        name=path.name,
        architecture=weights.architecture,
        params=weights.params,
        status=weights.status,
    )


def _networks() -> list[tuple[str, str]]:
    """Return title and card of each network, in Markdown."""
    from acutance.model_commands import imported_folder
    from acutance_models.catalogue import list_descriptors
    from acutance_models.errors import AcutanceModelsError
    from acutance_models.imported import imported_files, read_sidecar

    found = []
    for descriptor in list_descriptors():
        try:
            card = descriptor.card.read_text(encoding="utf-8")
        except OSError:
            card = tr("The model card cannot be read.")
        found.append(
            (
                tr(
                    "{title}, version {version}", title=descriptor.title, version=descriptor.version
                ),
                card,
            )
        )
    for path in imported_files(imported_folder()):
        try:
            weights = read_sidecar(path)
        except AcutanceModelsError as error:
            found.append((path.stem, tr("These weights cannot be used: {error}", error=error)))
            continue
        lines = (
            f"# {path.stem}",
            tr(_NO_CARD),
            tr(
                "Architecture {architecture}, {params:,} parameters.",
                architecture=weights.architecture,
                params=weights.params,
            ),
            tr("Imported from {source_name}.", source_name=weights.source_name),
            tr("SHA-256 {sha256}.", sha256=weights.sha256),
        )
        found.append((tr("{stem} (unverified)", stem=path.stem), "\n\n".join(lines)))
    return found
