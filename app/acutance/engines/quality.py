"""Score the slices of a volume: predicted SSIM without a reference, and the verdict on it.

References
----------
.. [1] Sciarra, Chatterjee, Dünnwald, et al., "Automated SSIM regression for detection and
   quantification of motion artefacts in brain MR images", arXiv:2206.06725, 2022.
"""

from __future__ import annotations

import contextlib
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from acutance import __version__
from acutance.core.backends import precision_of
from acutance.core.body_part import names_another_part
from acutance.core.calibration import content_sha256
from acutance.core.quality import (
    SHIPPED,
    QualityRequest,
    QualityResult,
    SliceScore,
    Verdict,
    choose_planes,
    headline_range,
)
from acutance.core.restoration import RESTORED_WORD
from acutance.core.runs import low_runs, runs_text
from acutance.core.slicing import volume_geometry
from acutance.core.video import VideoSource
from acutance.engines.backends.choice import Backends
from acutance.engines.device import resolve_device
from acutance.engines.guarded_scoring import BATCH_SIZE, Decisions, GuardedScoring
from acutance.engines.scoring_network import ScoringNetwork, load_foreign, load_shipped
from acutance.engines.slice_preparation import Slot, prepare_slices

if TYPE_CHECKING:
    from collections.abc import Mapping

    from acutance.core.backends import BackendTrial, TrialRequest
    from acutance.core.explanation import ExplanationRequest
    from acutance.core.volume import Volume
    from acutance.engines.base import CancelToken, Progress
    from acutance.engines.guarded_scoring import Scored
    from acutance_models.iqa_resnet.interval import ScoreInterval

#: Networks whose backends are kept.
KEPT_NETWORKS = 2
#: A mean real-world value below this in the darkest voxels marks Hounsfield units.
CT_LIKE_VALUE = -500.0
#: A volume of which more of the scored slices look like no brain is out of scope.
LARGEST_STRANGE_SHARE = 0.5
#: From so many scored slices on, the mean has the interval of volumes, not of a slice.
FEWEST_OF_VOLUME = 4


#: Thresholds that hold whatever the calibration says: somebody meant just this.
_STRONGER_SOURCES = ("site protocol", "user setting")


class QualityEngine:
    """Predict the SSIM of each slice with the ResNet of arXiv 2206.06725.

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
        self._device = resolve_device(device)
        self._networks: dict[str, ScoringNetwork] = {}
        self._foreign: tuple[tuple[object, ...], ScoringNetwork] | None = None
        self._backends: dict[str, Backends] = {}

    def run(self, request: QualityRequest, progress: Progress, token: CancelToken) -> QualityResult:
        """Score the middle half of the chosen planes.

        Slices are taken as they are drawn (radiological, patient axes), so that the order in
        which a file stores its axes does not change a score.

        Raises
        ------
        EngineError
            If the weights cannot be used.
        DeviceMemoryError
            If one slice at a time is too much for the device.
        JobCancelled
            If the user cancelled; looked at before every slice and every batch.
        """
        started = time.monotonic()
        volume = request.volume
        progress.report(0.0, "loading network")
        model = self.model(request)
        if isinstance(volume, VideoSource):
            return _conclude(request, (), (), model, str(self._device), 0.0, {})
        planes = choose_planes(volume, request.plane)
        work = [(p, k) for p in planes for k in _indices(volume, p)]
        slots = prepare_slices(volume, work, progress, token)
        images = {n: slot.image for n, slot in enumerate(slots) if slot.image is not None}
        backends = self._backends_of(model)

        def on_measure(fraction: float) -> None:
            token.raise_if_cancelled()
            progress.report(0.3, f"measuring {request.backend}: {100 * fraction:.0f} %")

        active = backends.active(request.backend, on_measure)
        scoring = GuardedScoring(
            backends,
            model.judge,
            self._device,
            token,
            lambda done, of: progress.report(0.3 + 0.7 * done / of, f"{done} of {of}"),
        )
        scored = scoring.score(images, active, _decisions(request, model, slots))
        return _conclude(
            request,
            planes,
            _slice_scores(model, slots, scored),
            model,
            str(self._device),
            round(time.monotonic() - started, 3),
            _backend_told(scored),
        )

    def try_backends(
        self, request: TrialRequest, progress: Progress, token: CancelToken
    ) -> BackendTrial:
        """Measure every backend with the weights a request names, or return what was kept.

        Raises
        ------
        EngineError
            If the weights cannot be used.
        JobCancelled
            If the user cancelled; looked at between backends.
        """
        progress.report(0.0, "loading network")
        backends = self._backends_of(self.model(request))

        def on_step(fraction: float) -> None:
            token.raise_if_cancelled()
            progress.report(fraction, "measuring")

        return backends.trial(request, on_step)

    def model(self, request: QualityRequest | ExplanationRequest | TrialRequest) -> ScoringNetwork:
        """Return the network a request names, loaded once; of foreign weights the last is kept.

        Raises
        ------
        EngineError
            If its weights cannot be used.
        """
        shipped = self._networks.get(request.network)
        if shipped is None:
            shipped = self._networks[request.network] = load_shipped(request.network, self._device)
        if not request.weights:
            return shipped
        path = Path(request.weights)
        with contextlib.suppress(OSError):  # a file that is not there is told by the loader
            facts = path.stat()
            key = (path, request.recurrence, request.network, facts.st_mtime_ns, facts.st_size)
            if self._foreign is None or self._foreign[0] != key:
                model = load_foreign(path, request.recurrence, shipped.judge, self._device)
                self._foreign = key, model
            return self._foreign[1]
        return load_foreign(path, request.recurrence, shipped.judge, self._device)

    def _backends_of(self, model: ScoringNetwork) -> Backends:
        """Return the backends of a network; those of foreign weights go with the weights."""
        known = self._backends.get(model.facts.sha256)
        if known is None or known.model is not model:
            known = self._backends[model.facts.sha256] = Backends(model, self._device)
            for sha256 in list(self._backends)[:-KEPT_NETWORKS]:
                del self._backends[sha256]
        return known


def _slice_scores(
    model: ScoringNetwork, slots: list[Slot], scored: Scored
) -> tuple[SliceScore, ...]:
    return tuple(
        SliceScore(
            slot.plane,
            slot.index,
            scored.values.get(n),
            slot.reason,
            True,
            *_bounds(model.of_slice, scored.values.get(n)),
            scored.in_scope.get(n, True),
        )
        for n, slot in enumerate(slots)
    )


def _decisions(request: QualityRequest, model: ScoringNetwork, slots: list[Slot]) -> Decisions:
    """Return what hangs on the scores of a volume."""
    thresholds = _calibrated(request, model)[0].thresholds
    count = sum(slot.image is not None for slot in slots)
    interval = model.of_volume if count >= FEWEST_OF_VOLUME else model.of_slice

    def of_all(mean: float) -> object:
        low, high = _bounds(interval, mean)
        if low is None or high is None:
            return thresholds.verdict(mean)
        return thresholds.verdict(mean), thresholds.straddled(low, high)

    def mean(values: Mapping[int, float]) -> float | None:
        planes: dict[str, list[float]] = {}
        for n, value in values.items():
            planes.setdefault(slots[n].plane, []).append(value)
        return float(np.mean([np.mean(one) for one in planes.values()])) if planes else None

    return Decisions(thresholds.verdict, of_all, mean)


def _indices(volume: Volume, plane: str) -> range:
    return headline_range(volume_geometry(volume, plane).count)


def _backend_told(scored: Scored) -> dict[str, Any]:
    """Return what provenance tells of the backend."""
    active = scored.backend
    told: dict[str, Any] = {"backend": active.name, "precision": precision_of(active.name)}
    if not active.is_reference:
        told["verdict_band"] = active.band
        told["recomputed_in_float32"] = scored.recomputed
    if active.note:
        told["backend_note"] = active.note
    return told


def _bounds(
    interval: ScoreInterval | None, score: float | None
) -> tuple[float | None, float | None]:
    if interval is None or score is None:
        return None, None
    low, high = interval.bounds(score)
    return round(low, 6), round(high, 6)


def _scope(volume: Volume | VideoSource, scores: tuple[SliceScore, ...]) -> str:
    """Return why a volume is out of the network's scope; empty when nothing speaks against it."""
    if isinstance(volume, VideoSource):
        return "a video; the network was trained on slices of brain MR"
    if volume.facts.get(RESTORED_WORD):
        return "a restored image; only the scan itself is judged"
    if volume.is_colour:
        return "a colour image; the network was trained on brain MR"
    if volume.modality not in ("MR", ""):
        return f"{volume.modality} image; the network was trained on brain MR"
    if volume.modality == "":
        sample = np.asarray(volume.array[::4, ::4, ::4])
        darkest = float(np.nanmin(sample)) if sample.size else 0.0
        if darkest * volume.slope + volume.intercept <= CT_LIKE_VALUE:
            return "values look like Hounsfield units (CT); the network was trained on brain MR"
    stated = str(volume.facts.get("body_part", ""))
    if names_another_part(stated):
        return f"the header states {stated} as the body part; the network was trained on brain MR"
    scored = [s for s in scores if s.ssim_pred is not None]
    strange = sum(not s.in_scope for s in scored)
    if strange > LARGEST_STRANGE_SHARE * len(scored):
        return f"{strange} of {len(scored)} slices do not look like brain MR"
    return ""


def _conclude(
    request: QualityRequest,
    planes: tuple[str, ...],
    scores: tuple[SliceScore, ...],
    model: ScoringNetwork,
    device: str,
    seconds: float,
    backend: Mapping[str, Any],
) -> QualityResult:
    request, told = _calibrated(request, model)
    means = [
        float(np.mean(values))
        for plane in planes
        if (values := [s.ssim_pred for s in scores if s.plane == plane and s.ssim_pred is not None])
    ]
    ssim_pred = round(float(np.mean(means)), 6) if means else None
    is_volume = sum(s.ssim_pred is not None for s in scores) >= FEWEST_OF_VOLUME
    low, high = _bounds(model.of_volume if is_volume else model.of_slice, ssim_pred)
    out_of_scope = _scope(request.volume, scores)
    if out_of_scope:
        verdict, reason = Verdict.NOT_ASSESSED, out_of_scope
    elif ssim_pred is None:
        reasons = sorted({s.reason for s in scores})
        verdict, reason = Verdict.NOT_ASSESSED, f"{' or '.join(reasons)} in the middle half"
    else:
        verdict, reason = _judge(request, scores, ssim_pred, low, high)
        if model.facts.status != SHIPPED:
            reason = f"unverified weights, which are never called usable; {reason}"
            verdict = Verdict.CHECK if verdict is Verdict.USABLE else verdict
    parameters: dict[str, Any] = {
        "plane": request.plane,
        "planes": list(planes),
        "threshold_usable": request.thresholds.usable,
        "threshold_repeat": request.thresholds.repeat,
        **request.source.to_parameters(),
        **told,
        **({"weights_file": Path(request.weights).name} if request.weights else {}),
        "slices": "middle half",
        **backend,
        "batch_size": BATCH_SIZE,
        "torch": torch.__version__,
        "acutance": __version__,
    }
    calibration = request.calibration
    if calibration is not None and ssim_pred is not None and not out_of_scope:
        parameters["probability_usable"] = round(calibration.probability(ssim_pred), 4)
    if request.identify and not isinstance(request.volume, VideoSource):
        parameters["content_sha256"] = content_sha256(request.volume)
    return QualityResult(
        verdict=verdict,
        reason=reason,
        in_scope=not out_of_scope,
        ssim_pred=ssim_pred,
        slices=scores,
        planes=planes,
        model=model.facts,
        device=device,
        parameters=parameters,
        seconds=seconds,
        ssim_lo=low,
        ssim_hi=high,
    )


def _calibrated(
    request: QualityRequest, model: ScoringNetwork
) -> tuple[QualityRequest, dict[str, Any]]:
    """Return the request by the site's calibration, and what provenance tells of that.

    A protocol of the site file that matches the series comes before the calibration, which is of
    all series; the calibration before what holds where none matches. One that was made for other
    weights is left out.
    """
    calibration = request.calibration
    if calibration is None:
        return request, {}
    if calibration.weights_sha256 != model.facts.sha256:
        why = f"version {calibration.version} is for other weights and was not used"
        return replace(request, calibration=None), {"site_calibration": why}
    limits = calibration.thresholds
    if limits is not None and request.source.kind not in _STRONGER_SOURCES:
        source = replace(request.source, kind="site calibration")
        request = replace(request, thresholds=limits, source=source)
    return request, {"site_calibration": calibration.version}


def _judge(
    request: QualityRequest,
    scores: tuple[SliceScore, ...],
    ssim_pred: float,
    low: float | None,
    high: float | None,
) -> tuple[Verdict, str]:
    """Return the verdict and its reason; where a threshold lies in the interval, "check"."""
    verdict = request.thresholds.verdict(ssim_pred)
    if low is None or high is None:
        return verdict, _explain(request, scores)
    threshold = request.thresholds.straddled(low, high)
    if threshold is None:
        return verdict, _explain(request, scores)
    explained = _explain(request, scores)
    return Verdict.CHECK, (
        f"the interval {low:.2f} to {high:.2f} holds the threshold {threshold:.2f}; {explained}"
    )


def _explain(request: QualityRequest, scores: tuple[SliceScore, ...]) -> str:
    """Return one line that names the slices the verdict rests on, and no cause."""
    bound = request.thresholds.usable
    runs = low_runs(scores, bound)
    if not runs:
        return f"no slice scored has a predicted SSIM below {bound:.2f}"
    scored = [s for s in scores if s.ssim_pred is not None]
    planes = {s.plane for s in scored}
    low = sum(run.count for run in runs)
    words = runs_text(runs, names_plane=len(planes) > 1)
    return f"{words}; {low} of {len(scored)} slices below {bound:.2f}"
