"""The menu of the weights that score; the list of networks is read when it opens."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QFileDialog, QMenu, QWidget

from acutance.core.quality import DEFAULT_NETWORK
from acutance.qt.language import tr

if TYPE_CHECKING:
    from acutance.qt.scoring_choice import ScoringChoice

FAMILY = "iqa_resnet"


class WeightsMenu(QMenu):
    """The shipped weights, imported ones, and any other file; filled when it opens.

    Parameters
    ----------
    choice : ScoringChoice
    """

    def __init__(self, choice: ScoringChoice, parent: QWidget | None = None) -> None:
        super().__init__(tr("Scoring weights"), parent)
        self._choice = choice
        self._group = QActionGroup(self)
        self.aboutToShow.connect(self.fill)

    def fill(self) -> None:
        """Offer what there is now."""
        from acutance_models.catalogue import get_descriptor

        self.clear()
        shipped = get_descriptor(DEFAULT_NETWORK)
        self._offer(f"{shipped.id} {shipped.version}", None)
        listed = list_scoring_weights()
        chosen = self._choice.weights
        if chosen is not None and chosen not in listed:
            listed.append(chosen)
        for path in listed:
            name = path.stem.replace("&", "&&")[:80]
            self._offer(tr("{name} (unverified)", name=name), path)
        self.addSeparator()
        self.addAction(tr("From a file…")).triggered.connect(lambda _on=False: self.ask_for_file())

    def ask_for_file(self) -> None:
        """Let the user choose a safetensors file."""
        dialog = QFileDialog(
            self.parentWidget(),
            tr("Weights of a scoring network"),
            "",
            tr("Weights (*.safetensors)"),
        )
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda name: self._choice.choose_weights(Path(name)))
        dialog.open()

    def _offer(self, text: str, path: Path | None) -> None:
        action = QAction(text, self)
        action.setCheckable(True)
        action.setChecked(path == self._choice.weights)
        action.triggered.connect(lambda _on=False, path=path: self._choice.choose_weights(path))
        self._group.addAction(action)
        self.addAction(action)


def list_scoring_weights() -> list[Path]:
    """Return the imported weights of scoring networks; a damaged sidecar is passed over."""
    from acutance.model_commands import imported_folder
    from acutance_models.errors import AcutanceModelsError
    from acutance_models.imported import imported_files, read_sidecar

    listed = []
    for path in imported_files(imported_folder()):
        # `acutance models list` says what is wrong with the others.
        with contextlib.suppress(AcutanceModelsError):
            if read_sidecar(path).family == FAMILY:
                listed.append(path)
    return listed
