"""From the wish for a segmentation to the job that makes it, and back to the session."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from acutance.core.segmentation import SegmentationRequest
from acutance.errors import AcutanceError, JobCancelled
from acutance.qt.language import error_text, mark, tr

if TYPE_CHECKING:
    from acutance.core.ledger import Loaded
    from acutance.core.segmentation import SegmentationResult
    from acutance.jobs.job import Job
    from acutance.jobs.runner import Runner
    from acutance.qt.controller import Controller
    from acutance.session import Session

_WEIGHTS = mark("Weights (*.safetensors)")


class Segmenter(QObject):
    """Has series segmented, one job for each.

    Parameters
    ----------
    session : Session
    runner : Runner
    controller : Controller
        Watches the job, so that it stands in the queue and can be cancelled there.

    Signals
    -------
    overwrite_asked
        The labels were edited by hand: whether others may take their place is to be asked.
    `session.segmentations.changed` tells what came of a segmentation.
    """

    overwrite_asked = Signal()

    def __init__(self, session: Session, runner: Runner, controller: Controller) -> None:
        super().__init__(controller)
        self._session = session
        self._runner = runner
        self._controller = controller
        self._asked: dict[Job[Any], tuple[int, Loaded]] = {}
        self.weights: Path | None = None
        controller.job_ended.connect(self._on_ended)
        controller.jobs_changed.connect(self._on_progress)

    def segment(self, *, overwrites: bool = False) -> None:
        """Segment the active series, with the weights that were chosen, else the brain's.

        Labels that were edited by hand stay, unless `overwrites` says otherwise.
        """
        entry, found = self._session.active, self._session.segmentations
        if entry is None or entry.volume is None or entry.loaded is None:
            return
        if found.progress is not None:
            return
        if self._session.labels.is_edited and not overwrites:
            self.overwrite_asked.emit()
            return
        weights = "" if self.weights is None else str(self.weights)
        request = SegmentationRequest(entry.volume, weights=weights)
        try:
            job = self._runner.submit(
                "segmentation", request, title=tr("Segmenting {title}", title=entry.title)
            )
        except AcutanceError as error:
            found.settle(entry.id, entry.loaded, error)
            return
        self._asked[job] = entry.id, entry.loaded
        found.set_shown(True)
        found.set_progress(entry.id, 0.0)
        self._controller.watch(job)

    def segment_with(self, weights: Path) -> None:
        """Segment the active series with weights from a file, and others from now on too."""
        self.weights = weights
        self.segment()

    def ask_for_weights(self, parent: QWidget) -> None:
        """Let the user choose the weights of a segmentation network."""
        dialog = QFileDialog(parent, tr("Weights of a segmentation network"), "", tr(_WEIGHTS))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda name: self.segment_with(Path(name)))
        dialog.open()

    def change_opacity(self, step: float) -> None:
        """Show the labels, and let them hide more or less of the image."""
        found = self._session.segmentations
        found.set_shown(True)
        found.set_opacity(round(found.opacity + step, 2))

    def _on_progress(self) -> None:
        for job, (id, _) in self._asked.items():
            if not job.is_finished:
                self._session.segmentations.set_progress(id, job.fraction)

    def _on_ended(self, job: Job[Any]) -> None:
        if job not in self._asked:
            return
        id, loaded = self._asked.pop(job)
        answer: SegmentationResult | AcutanceError | None
        edited = self._session.labels.edited_of(self._session.entry(id))
        if isinstance(job.error, JobCancelled):
            answer = None
        elif job.error is not None and edited is not None and edited.count:
            answer = None  # what was edited is worth more than why nothing took its place
            self._session.notice.emit(error_text(job.error))
        elif job.error is not None:
            answer = job.error
        else:
            answer = cast("SegmentationResult", job.result)
        self._session.segmentations.settle(id, loaded, answer)
