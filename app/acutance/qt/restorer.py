"""From the wish for a restoration to the jobs that make it, and back to the session."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from acutance.core.quality import SHIPPED, QualityRequest, QualityResult, choose_planes
from acutance.core.restoration import (
    DENOISE,
    RestorationRequest,
    RestorationResult,
    restored_volume,
    score_warning,
)
from acutance.core.segmentation import (
    BRAIN,
    SegmentationRequest,
    SegmentationResult,
    region_warnings,
)
from acutance.errors import AcutanceError, JobCancelled
from acutance.qt.language import mark, tr

if TYPE_CHECKING:
    from acutance.core.ledger import Loaded
    from acutance.core.restoration_fit import FitRequest
    from acutance.jobs.job import Job
    from acutance.jobs.runner import Runner
    from acutance.qt.controller import Controller
    from acutance.session import Session

_WEIGHTS = mark("Weights (*.safetensors)")
#: A volume of more slices gets the slice in view first.
FIRST_FROM = 8


class Restorer(QObject):
    """Has series restored: the slice in view, then all of them.

    Parameters
    ----------
    session : Session
    runner : Runner
    controller : Controller
        Watches the jobs, so that they stand in the queue and can be cancelled there.

    Signals
    -------
    fitted : FitResult or AcutanceError
        What came of a fit.
    available_changed
        Whether anything can restore may be another now.
    """

    fitted = Signal(object)
    available_changed = Signal()

    def __init__(self, session: Session, runner: Runner, controller: Controller) -> None:
        super().__init__(controller)
        self._session = session
        self._runner = runner
        self._controller = controller
        self._asked: dict[Job[Any], tuple[int, Loaded]] = {}
        self._firsts: dict[Job[Any], tuple[int, Loaded]] = {}
        self._checks: dict[Job[Any], tuple[int, float]] = {}
        self._regions: dict[Job[Any], tuple[int, SegmentationResult]] = {}
        self._fits: set[Job[Any]] = set()
        self.weights: Path | None = None
        self.operator: Path | None = None
        controller.job_ended.connect(self._on_ended)
        controller.jobs_changed.connect(self._on_progress)

    def is_available(self, task: str = "") -> bool:
        """Return whether a network is there, from a file or in the catalogue, for a task or any."""
        if self.weights is not None:
            return True
        tasks = _shipped_tasks()
        return task in tasks if task else bool(tasks)

    def restore(self, task: str = DENOISE) -> None:
        """Restore the active series, with the weights and operator that were chosen."""
        entry, found = self._session.active, self._session.restorations
        if entry is None or entry.volume is None or entry.loaded is None:
            return
        if found.progress is not None:
            return
        request = RestorationRequest(
            entry.volume,
            task=task,
            weights="" if self.weights is None else str(self.weights),
            operator="" if self.operator is None else str(self.operator),
        )
        plane = choose_planes(entry.volume, "auto")[0]
        first = replace(request, only=self._session.slice_index(plane))
        try:
            if max(entry.volume.shape) > FIRST_FROM:
                job = self._runner.submit(
                    "restoration", first, title=tr("Restoring the slice in view")
                )
                self._firsts[job] = entry.id, entry.loaded
                self._controller.watch(job)
            job = self._runner.submit(
                "restoration", request, title=tr("Restoring {title}", title=entry.title)
            )
        except AcutanceError as error:
            found.settle(entry.id, entry.loaded, error)
            return
        self._asked[job] = entry.id, entry.loaded
        found.set_shown(True)
        found.set_progress(entry.id, 0.0)
        self._controller.watch(job)

    def restore_with(self, weights: Path, task: str = DENOISE) -> None:
        """Restore the active series with weights from a file, and others from now on too."""
        self.weights = weights
        self.available_changed.emit()
        self.restore(task)

    def ask_for_weights(self, parent: QWidget, task: str = DENOISE) -> None:
        """Let the user choose the weights of a restoration network."""
        dialog = QFileDialog(parent, tr("Weights of a restoration network"), "", tr(_WEIGHTS))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda name: self.restore_with(Path(name), task))
        dialog.open()

    def use_operator(self, path: Path, task: str = DENOISE) -> None:
        """Take another operator from now on, and restore again."""
        self.operator = path
        self.restore(task)

    def fit(self, request: FitRequest) -> None:
        """Fit an operator; `fitted` tells what came of it."""
        try:
            job = self._runner.submit(
                "restoration_fit", request, title=tr("Fitting operator {name}", name=request.name)
            )
        except AcutanceError as error:
            self.fitted.emit(error)
            return
        self._fits.add(job)
        self._controller.watch(job)

    def _on_progress(self) -> None:
        for job, (id, _) in self._asked.items():
            if not job.is_finished:
                self._session.restorations.set_progress(id, job.fraction)

    def _on_ended(self, job: Job[Any]) -> None:
        if job in self._firsts:
            id, loaded = self._firsts.pop(job)
            if job.error is None and any(id == other for other, _ in self._asked.values()):
                result = cast("RestorationResult", job.result)
                self._session.restorations.settle_first(id, loaded, result)
        elif job in self._asked:
            id, loaded = self._asked.pop(job)
            answer: RestorationResult | AcutanceError | None
            if isinstance(job.error, JobCancelled):
                answer = None
            else:
                answer = job.error or cast("RestorationResult", job.result)
            self._session.restorations.settle(id, loaded, answer)
            if isinstance(answer, RestorationResult):
                self._check(id, answer)
        elif job in self._checks:
            id, before = self._checks.pop(job)
            if job.error is None:
                seen = cast("QualityResult", job.result).ssim_pred
                if seen is not None:
                    self._session.restorations.warn(id, (score_warning(before, seen),))
        elif job in self._regions:
            id, regions = self._regions.pop(job)
            if job.error is None:
                told = region_warnings(regions, cast("SegmentationResult", job.result))
                self._session.restorations.warn(id, tuple(told))
        elif job in self._fits:
            self._fits.discard(job)
            self.fitted.emit(job.error or job.result)

    def _check(self, id: int, result: RestorationResult) -> None:
        """Have the restored series scored and segmented, to warn; its verdict is nobody's.

        It is segmented where the scan was, with the network of the catalogue.
        """
        entry = self._session.entry(id)
        if entry is None or entry.volume is None:
            return
        scored, regions = entry.result, self._session.segmentations.answer_of(entry)
        restored = restored_volume(entry.volume, result)
        # Shown to the networks as if it were a scan: what is restored is never assessed otherwise.
        restored = replace(restored, facts=entry.volume.facts)
        if isinstance(scored, QualityResult) and scored.in_scope and scored.ssim_pred is not None:
            title = tr("What the scorer sees of {title}, restored", title=entry.title)
            job = self._submit("quality", QualityRequest(restored), title)
            if job is not None:
                self._checks[job] = id, scored.ssim_pred
        if isinstance(regions, SegmentationResult) and regions.model.status == SHIPPED:
            request = SegmentationRequest(
                restored, model=str(regions.parameters.get("model", BRAIN)), plane=regions.plane
            )
            title = tr("What the segmenter sees of {title}, restored", title=entry.title)
            job = self._submit("segmentation", request, title)
            if job is not None:
                self._regions[job] = id, regions

    def _submit(self, engine: str, request: object, title: str) -> Job[Any] | None:
        """Have something looked at to warn; None where it cannot be, and no warning comes."""
        try:
            job = self._runner.submit(engine, request, title=title)
        except AcutanceError:
            return None  # nothing else depends on it
        self._controller.watch(job)
        return job


@cache
def _shipped_tasks() -> frozenset[str]:
    """Return the tasks of restoration that a network of the catalogue is for.

    The manifest is read where it lies: the window does not load the package of networks.
    """
    found = find_spec("acutance_models")
    if found is None or not found.submodule_search_locations:
        return frozenset()
    manifest = Path(found.submodule_search_locations[0]) / "weights" / "manifest.toml"
    try:
        networks = tomllib.loads(manifest.read_text(encoding="utf-8")).get("network", [])
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        return frozenset()  # told where a network is chosen
    return frozenset(
        str(network.get("id", "")).rpartition("_")[2]
        for network in networks
        if network.get("task") == "restoration"
    )
