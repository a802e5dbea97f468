"""Segment the slices of a volume with a U-Net: labels, uncertainty, volumes.

References
----------
.. [1] Alom, Hasan, Yakopcic, et al., "Recurrent residual convolutional neural network based on
   U-Net (R2U-Net) for medical image segmentation", arXiv:1802.06955, 2018.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch.nn import functional

from acutance import __version__
from acutance.core.label_map import Label
from acutance.core.quality import choose_planes
from acutance.core.segmentation import (
    UNCERTAINTY_STEPS,
    CleaningStep,
    SegmentationRequest,
    SegmentationResult,
    colour_of,
    label_statistics,
)
from acutance.core.slicing import (
    SliceGeometry,
    drawn_view,
    extract_colour,
    extract_slice,
    volume_geometry,
)
from acutance.core.volume import Volume
from acutance.engines.backends.base import BackendUnavailableError
from acutance.engines.backends.choice import Backends
from acutance.engines.backends.tasks import LabelTask
from acutance.engines.checked_labels import Labelling, checked, checked_slices, chosen
from acutance.engines.device import resolve_device
from acutance.engines.segmentation_network import SegmentationNetwork, load_foreign, load_shipped
from acutance.engines.tiling import TiledPredictor, normalised_entropy
from acutance.errors import UnsupportedInputError
from acutance.metrics.components import clean
from acutance_models.r2unet.preprocess import normalise

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from acutance.core.backends import BackendTrial, TrialRequest
    from acutance.engines.backends.base import ActiveBackend
    from acutance.engines.base import CancelToken, Progress

#: Pixels of slices that are prepared ahead of a pass.
CHUNK_PIXELS = 1 << 19
#: A slice is resampled where its pixels differ more than this from those trained on.
PIXEL_TOLERANCE = 1.25
#: No slice is resampled to more pixels along a side.
LARGEST_SIDE = 4096
#: Parts of brain smaller than this share of the largest are other tissue; of head, background.
BRAIN_SHARE = HEAD_SHARE = 0.02
#: Parts of anything else that are smaller are background.
SMALLEST_VOXELS = 16
#: From here on a pixel without a label counts in the uncertainty of its slice.
HALF_UNCERTAIN = 0.5


@dataclass
class _Work:
    """Where the answer grows: arrays in the grid of the volume, seen as drawn."""

    array: NDArray[np.uint8]
    labels: NDArray[np.uint8]
    uncertainty: NDArray[np.uint8]
    by_slice: list[float | None]


class SegmentationEngine:
    """Label each voxel by the class a U-Net finds most probable.

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
        self._networks: dict[tuple[object, ...], SegmentationNetwork] = {}
        self._backends: tuple[SegmentationNetwork, Backends] | None = None

    def run(
        self, request: SegmentationRequest, progress: Progress, token: CancelToken
    ) -> SegmentationResult:
        """Segment every slice of the chosen plane.

        Slices are taken as they are drawn (radiological, patient axes), so that the order in
        which a file stores its axes does not change a label.

        Raises
        ------
        UnsupportedInputError
            If it is no volume, or no such network is there.
        EngineError
            If the weights cannot be used.
        DeviceMemoryError
            If the smallest tile is too much for the device.
        JobCancelled
            If the user cancelled; looked at before every slice and every tile.
        """
        started = time.monotonic()
        volume = request.volume
        if not isinstance(volume, Volume):
            raise UnsupportedInputError(
                "A video cannot be segmented.", remedy="Save the frames you need as pictures."
            )
        progress.report(0.0, "loading network")
        model = self._model(request)
        plane = choose_planes(volume, request.plane)[0]
        geometry = volume_geometry(volume, plane)
        backends = self._backends_of(model)

        def on_step(fraction: float) -> None:
            token.raise_if_cancelled()
            progress.report(0.0, f"measuring backends, once: {100 * fraction:.0f} %")

        size = _network_size(volume, geometry, model)
        labelling = chosen(backends, request.backend, geometry.count, on_step)
        job = _Job(request, volume, geometry, size, model, self._device, backends, progress, token)
        try:
            work, labelling, predictor = job.label(labelling)
        except BackendUnavailableError as error:
            fallen = backends.fall_back(labelling.active.name, str(error))
            work, labelling, predictor = job.label(Labelling(fallen))
        token.raise_if_cancelled()
        progress.report(0.96, "cleaning")
        steps = _clean(work, model, request.cleans)
        table = tuple(Label(n, name, colour_of(n)) for n, name in enumerate(model.classes))
        result = SegmentationResult(
            work.array,
            table,
            plane,
            tuple(work.by_slice),
            label_statistics(volume, work.array[0], table),
            steps,
            model.facts,
            str(self._device),
            _parameters(request, predictor, size, geometry, labelling),
            round(time.monotonic() - started, 3),
            _out_of_scope(volume, model),
        )
        progress.report(1.0, "segmented")
        return result

    def _model(self, request: SegmentationRequest | TrialRequest) -> SegmentationNetwork:
        """Return the network of a request; the one used last is kept."""
        model = request.model if isinstance(request, SegmentationRequest) else request.network
        if request.weights:
            path = Path(request.weights)
            facts = path.stat() if path.is_file() else None
            seen = (facts.st_mtime_ns, facts.st_size) if facts else ()
            key: tuple[object, ...] = (path, request.recurrence, model, *seen)
        else:
            key = (model,)
        if key not in self._networks:
            network = (
                load_foreign(Path(request.weights), request.recurrence, model, self._device)
                if request.weights
                else load_shipped(model, self._device)
            )
            self._networks = {key: network}
        return self._networks[key]

    def try_backends(
        self, request: TrialRequest, progress: Progress, token: CancelToken
    ) -> BackendTrial:
        """Measure every backend with the weights a request names, or return what was kept.

        Raises
        ------
        UnsupportedInputError
            If there is no such network.
        EngineError
            If the weights cannot be used.
        JobCancelled
            If the user cancelled; looked at between backends and passes.
        """
        progress.report(0.0, "loading network")

        def on_step(fraction: float) -> None:
            token.raise_if_cancelled()
            progress.report(fraction, "measuring")

        return self._backends_of(self._model(request)).trial(request, on_step)

    def _backends_of(self, model: SegmentationNetwork) -> Backends:
        """Return the backends of a network; those of the one used last are kept."""
        if self._backends is None or self._backends[0] is not model:
            task = LabelTask(model.channels)
            self._backends = model, Backends(model, self._device, task=task)
        return self._backends[1]


@dataclass(frozen=True, eq=False)
class _Job:
    """All that labelling one volume needs."""

    request: SegmentationRequest
    volume: Volume
    geometry: SliceGeometry
    size: tuple[int, int]
    model: SegmentationNetwork
    device: torch.device
    backends: Backends
    progress: Progress
    token: CancelToken

    def label(self, labelling: Labelling) -> tuple[_Work, Labelling, TiledPredictor]:
        """Label every slice; return what came of it, what labelled, and how.

        Raises
        ------
        BackendUnavailableError
            If the backend fails.
        """
        count = self.geometry.count
        if not labelling.active.is_reference:
            _, slices = self._prepared(checked_slices(count))
            if len(slices):
                labelling = checked(
                    labelling, self.backends, self.request.backend, slices, self._probabilities
                )
        predictor = self._predictor(labelling.active)
        work = _begin(self.volume, self.geometry)
        chunk = max(1, CHUNK_PIXELS // (self.size[0] * self.size[1]))
        for start in range(0, count, chunk):
            numbers = range(start, min(start + chunk, count))
            self._segment(numbers, predictor, work)
            done = numbers.stop
            self.progress.report(0.95 * done / count, f"slice {done} of {count}")
        return work, labelling, predictor

    def _predictor(self, active: ActiveBackend) -> TiledPredictor:
        request = self.request
        return TiledPredictor(
            active.compute,
            self.device,
            tile=request.tile,
            context=request.context,
            flips=_flips(self.volume) if request.flips else ((),),
        )

    def _probabilities(self, active: ActiveBackend, slices: torch.Tensor) -> torch.Tensor:
        return self._predictor(active).predict(slices, self.token.raise_if_cancelled)

    def _prepared(self, numbers: Iterable[int]) -> tuple[list[int], torch.Tensor]:
        """Return those of some slices that have contrast, at the size for the network."""
        images, kept = [], []
        for number in numbers:
            self.token.raise_if_cancelled()
            image = normalise(_values(self.volume, self.geometry, number, self.model.channels))
            if image.any():
                kept.append(number)
                images.append(image.reshape(*image.shape[:2], -1).transpose(2, 0, 1))
        if not images:
            return kept, torch.empty(0)
        slices = torch.from_numpy(np.stack(images))
        return kept, slices if tuple(slices.shape[-2:]) == self.size else _resized(
            slices, self.size
        )

    def _segment(self, numbers: range, predictor: TiledPredictor, work: _Work) -> None:
        """Label some neighbouring slices; one without contrast is background throughout."""
        kept, slices = self._prepared(numbers)
        if not kept:
            return
        found = predictor.predict(slices, self.token.raise_if_cancelled)
        if self.size != self.geometry.size:
            found = _resized(found, self.geometry.size)
        labels = found.argmax(dim=1).to(torch.uint8).numpy()
        entropy = normalised_entropy(found).numpy()
        for number, label, uncertain in zip(kept, labels, entropy, strict=True):
            work.labels[number] = label
            work.uncertainty[number] = np.rint(uncertain * UNCERTAINTY_STEPS)
            counted = uncertain[(label > 0) | (uncertain >= HALF_UNCERTAIN)]
            if counted.size:
                work.by_slice[number] = round(float(counted.mean(dtype=np.float64)), 6)


def _begin(volume: Volume, geometry: SliceGeometry) -> _Work:
    array = np.zeros((3, *volume.shape), np.uint8)
    return _Work(
        array,
        drawn_view(array[1], geometry),
        drawn_view(array[2], geometry),
        [None] * geometry.count,
    )


def _values(
    volume: Volume, geometry: SliceGeometry, number: int, channels: int
) -> NDArray[np.float32] | NDArray[np.uint8]:
    """Return a slice with as many channels as the network takes."""
    if channels == 1:
        image = extract_slice(volume, geometry, number)
        return -image if volume.facts.get("photometric") == "MONOCHROME1" else image
    if volume.is_colour:
        return extract_colour(volume, geometry, number)
    return np.repeat(extract_slice(volume, geometry, number)[..., None], channels, axis=2)


def _network_size(
    volume: Volume, geometry: SliceGeometry, model: SegmentationNetwork
) -> tuple[int, int]:
    """Return rows and columns for the network: the slice's own where pixels are as in training."""
    if not model.pixel_mm or not volume.spacing_known:
        return geometry.size
    ratios = [mm / model.pixel_mm for mm in geometry.pixel_spacing]
    if all(1 / PIXEL_TOLERANCE <= ratio <= PIXEL_TOLERANCE for ratio in ratios):
        return geometry.size
    rows, columns = (
        max(1, round(n * ratio)) for n, ratio in zip(geometry.size, ratios, strict=True)
    )
    return geometry.size if max(rows, columns) > LARGEST_SIDE else (rows, columns)


def _resized(slices: torch.Tensor, size: tuple[int, int]) -> torch.Tensor:
    return functional.interpolate(
        slices, size=size, mode="bilinear", align_corners=False, antialias=True
    )


def _flips(volume: Volume) -> tuple[tuple[int, ...], ...]:
    """Return the mirrorings that are averaged: left and right; of pictures without up, all four."""
    return ((), (1,)) if volume.orientation_known else ((), (1,), (0,), (0, 1))


def cleaning_steps(model: SegmentationNetwork) -> tuple[CleaningStep, ...]:
    """Return the steps that clean the labels of a network, in order."""
    if not model.knows_brains:
        values = tuple(range(1, len(model.classes)))
        return (CleaningStep("remove specks", values, 0, smallest_voxels=SMALLEST_VOXELS),)
    brain = tuple(model.classes.index(name) for name in ("CSF", "grey matter", "white matter"))
    others = tuple(n for n in range(1, len(model.classes)) if n not in brain)
    becomes = others[0] if others else 0
    steps = [CleaningStep("keep the brain in one piece", brain, becomes, BRAIN_SHARE)]
    if others:
        steps.append(CleaningStep("keep the head in one piece", (*brain, *others), 0, HEAD_SHARE))
    return tuple(steps)


def _clean(work: _Work, model: SegmentationNetwork, cleans: bool) -> tuple[CleaningStep, ...]:
    """Fill the labels from those before the cleaning; return what was done."""
    labels, done = work.array[1], []
    for step in cleaning_steps(model) if cleans else ():
        labels, told = clean(labels, step)
        done.append(told)
    work.array[0] = labels
    return tuple(done)


def _parameters(
    request: SegmentationRequest,
    predictor: TiledPredictor,
    size: tuple[int, int],
    geometry: SliceGeometry,
    labelling: Labelling,
) -> dict[str, object]:
    named = {"weights_file": Path(request.weights).name} if request.weights else {}
    return {
        "model": request.model,
        **named,
        **({} if request.recurrence is None else {"t": request.recurrence}),
        "plane": geometry.plane,
        "slice_size": list(geometry.size),
        "network_size": list(size),
        "tile": predictor.tile,
        "context": predictor.context,
        "mirrored": [list(axes) for axes in predictor.flips],
        "cleans": request.cleans,
        "uncertainty": "entropy of the class probabilities over its largest value",
        **labelling.told(),
        "torch": torch.__version__,
        "acutance": __version__,
    }


def _out_of_scope(volume: Volume, model: SegmentationNetwork) -> str:
    """Return why a volume is out of the network's scope; empty when nothing speaks against it."""
    if not model.knows_brains:
        return ""
    if volume.is_colour:
        return "a colour image; the network was made for brain MR"
    if volume.modality not in ("MR", ""):
        return f"{volume.modality} image; the network was made for brain MR"
    return ""
