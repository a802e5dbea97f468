"""Measure the backends of a network as a job: how fast each is, and how far off."""

from __future__ import annotations

from typing import TYPE_CHECKING

from acutance.core.backends import SEGMENTATION
from acutance.engines.quality import QualityEngine
from acutance.engines.segmentation import SegmentationEngine

if TYPE_CHECKING:
    from acutance.core.backends import BackendTrial, TrialRequest
    from acutance.engines.base import CancelToken, Progress


class BackendTrialEngine:
    """Tries every backend with the weights of one network.

    Parameters
    ----------
    device : str
        "auto", "cpu" or "cuda:N".

    Raises
    ------
    UnsupportedInputError
        If this machine has no such device.
    """

    def __init__(self, device: str) -> None:
        self._scorer = QualityEngine(device)
        self._segmenter = SegmentationEngine(device)

    def run(self, request: TrialRequest, progress: Progress, token: CancelToken) -> BackendTrial:
        """Measure, or return what was kept where the request does not want it repeated.

        Raises
        ------
        EngineError
            If the weights cannot be used.
        UnsupportedInputError
            If there is no such network.
        JobCancelled
            If the user cancelled; looked at between backends and passes.
        """
        engine = self._segmenter if request.task == SEGMENTATION else self._scorer
        trial = engine.try_backends(request, progress, token)
        progress.report(1.0, f"chosen: {trial.chosen}")
        return trial
