"""Score the slices of a volume: predicted SSIM without a reference, and the verdict on it.

References
----------
.. [1] Sciarra, Chatterjee, Dünnwald, et al., "Automated SSIM regression for detection and
   quantification of motion artefacts in brain MR images", arXiv:2206.06725, 2022.
"""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from acutance import __version__
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
from acutance.core.slicing import extract_slice, volume_geometry
from acutance.core.video import VideoSource
from acutance.engines.device import resolve_device
from acutance.engines.scoring_network import ScoringNetwork, load_foreign, load_shipped
from acutance.errors import DeviceMemoryError, EngineError
from acutance_models.iqa_resnet.preprocess import preprocess

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from acutance.core.explanation import ExplanationRequest
    from acutance.core.volume import Volume
    from acutance.engines.base import CancelToken, Progress
    from acutance_models.iqa_resnet.interval import ScoreInterval

#: Slices per forward pass; halved when the device runs out of memory.
BATCH_SIZE = 16
#: Slices narrower than this hold too little to judge.
MINIMUM_SIDE = 32
#: A mean real-world value below this in the darkest voxels marks Hounsfield units.
CT_LIKE_VALUE = -500.0
#: Pixel aspect ratio from which a slice is resampled to square pixels.
SQUARE_PIXEL_TOLERANCE = 1.05
#: A volume of which more of the scored slices look like no brain is out of scope.
LARGEST_STRANGE_SHARE = 0.5
#: From so many scored slices on, the mean has the interval of volumes, not of a slice.
FEWEST_OF_VOLUME = 4
BLANK_REASON = "no anatomy"


@dataclass(frozen=True, eq=False)
class Slot:
    """A slice waiting for its score.

    Parameters
    ----------
    plane : str
    index : int
    image : ndarray, shape (256, 256), float32, in [0, 1], or None
    reason : str
        Why there is no image; empty otherwise.
    """

    plane: str
    index: int
    image: NDArray[np.float32] | None
    reason: str


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
            return _conclude(request, (), (), model, str(self._device), 0.0)
        planes = choose_planes(volume, request.plane)
        slots = []
        work = [(p, k) for p in planes for k in _indices(volume, p)]
        for done, (plane, index) in enumerate(work):
            token.raise_if_cancelled()
            slots.append(prepare_slice(volume, plane, index))
            progress.report(0.3 * (done + 1) / len(work), f"slice {done + 1} of {len(work)}")
        scores = self._score(model, slots, progress, token)
        return _conclude(
            request,
            planes,
            tuple(scores),
            model,
            str(self._device),
            round(time.monotonic() - started, 3),
        )

    def model(self, request: QualityRequest | ExplanationRequest) -> ScoringNetwork:
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

    @torch.inference_mode()
    def _score(
        self,
        model: ScoringNetwork,
        slots: list[Slot],
        progress: Progress,
        token: CancelToken,
    ) -> list[SliceScore]:
        waiting = [(n, slot.image) for n, slot in enumerate(slots) if slot.image is not None]
        network, calibration = model.network, model.judge
        predicted: dict[int, float] = {}
        in_scope: dict[int, bool] = {}
        batch_size = BATCH_SIZE
        position = 0
        while position < len(waiting):
            token.raise_if_cancelled()
            chosen = waiting[position : position + batch_size]
            stack = np.stack([image for _, image in chosen])[:, None]
            try:
                batch = torch.from_numpy(stack).to(self._device)
                answers = network(batch.to(memory_format=torch.channels_last))
                values = answers.reshape(-1).float().cpu().tolist()
                if calibration is not None:
                    judged = calibration.scope(batch) >= calibration.scope_threshold
                    in_scope |= zip((n for n, _ in chosen), judged.cpu().tolist(), strict=True)
            except torch.OutOfMemoryError as error:
                if batch_size == 1:
                    raise DeviceMemoryError(
                        "The device has too little free memory for one slice.",
                        remedy="Close other programs or use --device cpu.",
                    ) from error
                torch.cuda.empty_cache()
                batch_size //= 2
                continue
            if not np.all(np.isfinite(values)):
                raise EngineError(
                    "The network gave a value that is not a number.", remedy="Reinstall Acutance."
                )
            predicted |= {n: round(v, 6) for (n, _), v in zip(chosen, values, strict=True)}
            position += len(chosen)
            progress.report(0.3 + 0.7 * position / len(waiting), f"{position} of {len(waiting)}")
        return [
            SliceScore(
                slot.plane,
                slot.index,
                predicted.get(n),
                slot.reason,
                True,
                *_bounds(model.of_slice, predicted.get(n)),
                in_scope.get(n, True),
            )
            for n, slot in enumerate(slots)
        ]


def _indices(volume: Volume, plane: str) -> range:
    return headline_range(volume_geometry(volume, plane).count)


def prepare_slice(volume: Volume, plane: str, index: int) -> Slot:
    """Return a slice as the network sees it, or why it cannot be scored."""
    geometry = volume_geometry(volume, plane)
    image = extract_slice(volume, geometry, index)
    if volume.facts.get("photometric") == "MONOCHROME1":
        image = -image
    if volume.spacing_known:
        image = _square_pixels(image, geometry.pixel_spacing)
    if min(image.shape) < MINIMUM_SIDE:
        return Slot(plane, index, None, f"slice smaller than {MINIMUM_SIDE} pixels")
    prepared = preprocess(image)
    return Slot(plane, index, prepared, BLANK_REASON if prepared is None else "")


def _square_pixels(
    image: NDArray[np.float32], pixel_spacing: tuple[float, float]
) -> NDArray[np.float32]:
    """Resample to square pixels of the finer spacing, linear; the paper's data is isotropic."""
    row_mm, column_mm = pixel_spacing
    finest = min(row_mm, column_mm)
    if max(row_mm, column_mm) < SQUARE_PIXEL_TOLERANCE * finest:
        return image
    size = tuple(
        max(1, round(n * mm / finest)) for n, mm in zip(image.shape, pixel_spacing, strict=True)
    )
    if max(size) > 4096:
        return image
    resized = torch.nn.functional.interpolate(
        torch.from_numpy(np.nan_to_num(image, posinf=0.0, neginf=0.0))[None, None],
        size=size,
        mode="bilinear",
        align_corners=False,
    )
    return np.asarray(resized[0, 0].numpy(), dtype=np.float32)


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
        "precision": "float32",
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
