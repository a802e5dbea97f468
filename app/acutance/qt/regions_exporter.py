"""From the wish for a segmentation as files to the job that writes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from acutance.core.ledger import LoadedSeries
from acutance.core.segmentation_export import CSV, JSON, KINDS, NIFTI, SEG, RegionsExport
from acutance.qt.dialogs.files_dialog import FileKind, FilesDialog
from acutance.qt.files_exporter import FilesExporter
from acutance.qt.language import mark, no_diagnosis, tr

if TYPE_CHECKING:
    from pathlib import Path

    from acutance.qt.main_window import MainWindow

_HEADING = mark("Export segmentation")
_TEXTS = {
    NIFTI: mark("Label map and uncertainty as NIfTI"),
    SEG: mark("DICOM SEG, each frame with its image"),
    CSV: mark("Table of regions as CSV"),
    JSON: mark("Record with provenance as JSON"),
}
_NO_IMAGES = mark("Only a series of DICOM images can have a DICOM SEG.")


class RegionsExporter(FilesExporter):
    """Writes the labels of the active series with the edits there are.

    Parameters
    ----------
    window : MainWindow
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window, tr(_HEADING))
        self._session = window.session

    def ask(self) -> None:
        """Let the user choose kinds and folder."""
        entry, labels = self._session.active, self._session.labels
        if entry is None or labels.result is None:
            return
        edits = labels.edited.count if labels.edited is not None else 0
        is_dicom = entry.item.reader == "dicom"
        kinds = [
            FileKind(id, tr(_TEXTS[id]), tr(_NO_IMAGES) if id == SEG and not is_dicom else "")
            for id in KINDS
        ]
        marked = (
            tr("Every file says that the labels were edited by hand ({edits}). ", edits=edits)
            if edits
            else ""
        )
        note = f"{marked}{no_diagnosis()}."
        dialog = FilesDialog(tr(_HEADING), entry.title, kinds, note, self.window)
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
        self.watch(self.window.runner.export_regions(request))
