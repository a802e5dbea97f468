"""Restore the slices of a volume, and move the result along the perception-distortion slider.

References
----------
.. [1] Adrai, Ohayon, Elad, Michaeli, "Deep optimal transport: a practical algorithm for
   photo-realistic image restoration", NeurIPS 2023, arXiv 2306.02342.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch

from acutance import __version__
from acutance.core.change import THRESHOLD, change_map, slice_changes
from acutance.core.quality import choose_planes
from acutance.core.restoration import (
    ARTIFACTS,
    FAITHFUL,
    INDEX_POSITIONS,
    RestorationResult,
    blend_ends,
)
from acutance.core.slicing import drawn_view, extract_slice, volume_geometry
from acutance.core.volume import Volume, luma
from acutance.engines.device import resolve_device
from acutance.engines.restoration_network import (
    RestorationNetwork,
    Transport,
    load_foreign,
    load_shipped,
    load_transport,
    shipped_operator,
    with_channels,
)
from acutance.engines.tiling import TiledPredictor
from acutance.errors import UnsupportedInputError
from acutance.metrics.change import anatomy_mask, measure_noise
from acutance_models.ot_restore.moments import Moments
from acutance_models.ot_restore.patches import valid_patches
from acutance_models.ot_restore.restore import perceptual_end

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from acutance.core.restoration import NoiseFacts, RestorationRequest
    from acutance.core.slicing import SliceGeometry
    from acutance.engines.base import CancelToken, Progress

#: Longest side of a slice that is not cut into tiles, and the context of tiles, in pixels.
TILE, CONTEXT = 1024, 64
#: Pixels of slices that go through the networks together.
CHUNK_PIXELS = 1 << 18
#: The network sees as 0.8 what this share of the voxels with a signal lies below: so bright are
#: the slices it was trained on, and the brightest vessel is seldom cut.
HIGH_PERCENTILE, HIGH_SEEN_AS = 99.9, 0.8
#: Voxels that the percentile is taken of, at most.
SAMPLED = 1 << 22
#: Slices that the perceptual index is measured in, at most.
INDEX_SLICES = 5


@dataclass
class _Sums:
    """What is added up slice by slice."""

    squared: float = 0.0
    counted: int = 0
    moments: list[Moments | None] = field(default_factory=lambda: [None] * len(INDEX_POSITIONS))
    changed: list[tuple[float, ...] | None] = field(default_factory=list)


class RestorationEngine:
    """Compute both ends of the slider, so that every position between them is a blend.

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
        self.device = self._device = resolve_device(device)
        self._kept: dict[tuple[object, ...], object] = {}

    def run(
        self, request: RestorationRequest, progress: Progress, token: CancelToken
    ) -> RestorationResult:
        """Restore every slice of the chosen plane, or the one that is wanted.

        Slices are taken as they are drawn (radiological, patient axes), so that the order in
        which a file stores its axes does not change a value. What lies beyond the span that the
        network sees keeps its distance to it.

        Raises
        ------
        UnsupportedInputError
            If it is no volume, or no such network is there.
        EngineError
            If weights or operator cannot be used.
        DeviceMemoryError
            If the smallest tile is too much for the device.
        JobCancelled
            If the user cancelled; looked at before every slice and every tile.
        """
        started = time.monotonic()
        volume = request.volume
        if not isinstance(volume, Volume):
            raise UnsupportedInputError(
                "A video cannot be restored.", remedy="Save the frames you need as pictures."
            )
        progress.report(0.0, "loading network")
        model = self._model(request)
        plane = choose_planes(volume, request.plane)[0]
        geometry = volume_geometry(volume, plane)
        numbers = _numbers(geometry, request.only)
        progress.report(0.05, "measuring the noise")
        noise = measure_noise(volume, plane, token.raise_if_cancelled)
        span = intensity_span(volume)
        relative = noise.sigma / (span[1] - span[0])
        transport = self._transport(request, relative)
        ends = np.zeros(_ends_shape(volume, geometry, numbers, transport), np.float32)
        sums = _Sums()
        asked = set(_spread(numbers, INDEX_SLICES))
        chunk = max(1, CHUNK_PIXELS // (geometry.size[0] * geometry.size[1]))
        for start in range(0, len(numbers), chunk):
            part = numbers[start : start + chunk]
            pictures = [picture_of(volume, geometry, n, span) for n in part]
            found = self.ends_of(np.stack(pictures), model, transport, token)
            for at, number in enumerate(part):
                pair = [end[at] for end in found]
                values = [_to_values(p, pictures[at], volume, geometry, number, span) for p in pair]
                _write(ends, geometry, number - numbers[0], values)
                self._add(sums, pair, pictures[at], transport if number in asked else None)
                if noise.sigma > 0:
                    sums.changed.append(_changed(volume, geometry, number, values, noise))
            progress.report(
                0.05 + 0.9 * (start + len(part)) / len(numbers),
                f"slice {start + len(part)} of {len(numbers)}",
            )
        result = RestorationResult(
            ends,
            plane,
            geometry.axis,
            numbers[0],
            span,
            noise,
            math.sqrt(sums.squared / sums.counted) if sums.counted else 0.0,
            model.expected_mse(relative),
            _index(sums, transport),
            model.facts,
            None if transport is None else transport.facts,
            str(self._device),
            _parameters(request, geometry, transport),
            round(time.monotonic() - started, 3),
            _out_of_scope(volume, request.task),
            tuple(sums.changed),
        )
        progress.report(1.0, "restored")
        return result

    @torch.inference_mode()
    def ends_of(
        self,
        pictures: NDArray[np.float32],
        model: RestorationNetwork,
        transport: Transport | None,
        token: CancelToken,
    ) -> list[NDArray[np.float32]]:
        """Return the faithful end of pictures and, with an operator, the perceptual one.

        Parameters
        ----------
        pictures : ndarray, shape (N, C, H, W), float32, in [0, 1]

        Returns
        -------
        list of ndarray, shape (N, C, H, W), float32
        """
        given = torch.from_numpy(pictures)
        restored = self.through(
            lambda part: with_channels(model.network, part, model.channels), given, token
        ).clamp(0.0, 1.0)
        ends = [restored.numpy()]
        if transport is not None:
            space, operator = transport.space, transport.operator
            moved = self.through(
                lambda part: with_channels(
                    lambda x: perceptual_end(x, space, operator), part, transport.channels
                ),
                restored,
                token,
            )
            ends.append(moved.clamp(0.0, 1.0).numpy())
        return ends

    def through(
        self, function: torch.nn.Module | object, pictures: torch.Tensor, token: CancelToken
    ) -> torch.Tensor:
        """Return what a function makes of pictures, whole where they fit, else in tiles."""
        predictor = TiledPredictor(
            function,  # type: ignore[arg-type]
            self._device,
            tile=TILE,
            context=CONTEXT,
            answer=lambda found: found,
        )
        return predictor.predict(pictures, token.raise_if_cancelled)

    def _model(self, request: RestorationRequest) -> RestorationNetwork:
        """Return the network of a request; the one used last is kept."""
        path = Path(request.weights) if request.weights else None
        key = ("model", request.task if path is None else path, *_seen(path))
        if key not in self._kept:
            model = (
                load_shipped(request.task, self._device)
                if path is None
                else load_foreign(path, self._device)
            )
            self._forget("model")
            self._kept[key] = model
        found = self._kept[key]
        assert isinstance(found, RestorationNetwork)
        return found

    def _transport(self, request: RestorationRequest, noise: float) -> Transport | None:
        path = Path(request.operator) if request.operator else None
        if path is None and request.weights:
            return None  # the shipped operator starts from what the shipped network gives
        vae = Path(request.autoencoder) if request.autoencoder else None
        named = path or shipped_operator(request.task, noise)
        key = ("operator", named, *_seen(path), vae, *_seen(vae))
        if key not in self._kept:
            transport = load_transport(path, request.task, self._device, vae, noise=noise)
            self._forget("operator")
            self._kept[key] = transport
        found = self._kept[key]
        assert found is None or isinstance(found, Transport)
        return found

    def _forget(self, kind: str) -> None:
        self._kept = {key: value for key, value in self._kept.items() if key[0] != kind}

    def _add(
        self,
        sums: _Sums,
        ends: list[NDArray[np.float32]],
        picture: NDArray[np.float32],
        transport: Transport | None,
    ) -> None:
        if len(ends) < 2:
            return
        mask = anatomy_mask(picture.mean(axis=0))
        difference = (ends[1] - ends[0])[:, mask].astype(np.float64)
        sums.squared += float((difference**2).sum())
        sums.counted += difference.size
        if transport is None or not picture.any():
            return
        for at, alpha in enumerate(INDEX_POSITIONS):
            blended = torch.from_numpy(blend_ends(np.stack(ends), alpha)[None])
            part = patch_moments(blended.to(self._device), transport)
            before = sums.moments[at]
            sums.moments[at] = part if before is None else before.merge(part)


@torch.inference_mode()
def patch_moments(pictures: torch.Tensor, transport: Transport) -> Moments:
    """Return the moments of the latent patches of pictures (N, C, H, W), 1 or 3 channels."""
    return latent_moments(pictures, transport.space, transport.channels, transport.operator.patch)


@torch.inference_mode()
def latent_moments(pictures: torch.Tensor, space: object, channels: int, patch: int) -> Moments:
    """Return the moments of patches of latents of pictures (N, C, H, W).

    Parameters
    ----------
    space : LatentSpace
    channels : int
        Of the pictures the space takes; colours are taken one by one where that is 1.
    patch : int
        Side of the patches.
    """
    from acutance.engines.tiling import pad_to_multiple

    if pictures.shape[1] != channels:
        pictures = (
            pictures.expand(-1, channels, -1, -1)
            if pictures.shape[1] == 1
            else pictures.reshape(-1, 1, *pictures.shape[2:])
        )
    latents = space.encode(pad_to_multiple(pictures))  # type: ignore[attr-defined]
    patches = valid_patches(latents.double(), patch)
    return Moments.of(patches.cpu().numpy())


def intensity_span(volume: Volume) -> tuple[float, float]:
    """Return the real-world values that a network sees as 0 and 1; of colours, stored ones.

    Of a grey volume 0 is 0 or its least value, and 0.8 the 99.9th percentile of what lies above;
    one span for all slices, since the noise is one.
    """
    if volume.is_colour:
        return 0.0, float(np.iinfo(volume.array.dtype).max)
    step = max(1, math.ceil((volume.array.size / SAMPLED) ** (1 / 3)))
    values = volume.to_real(volume.array[::step, ::step, ::step])
    values = values[np.isfinite(values)]
    if not values.size:
        return 0.0, 1.0
    low = min(0.0, float(values.min()))
    above = values[values > low]
    high = float(np.percentile(above, HIGH_PERCENTILE)) if above.size else low
    return low, low + (high - low) / HIGH_SEEN_AS if high > low else low + 1.0


def picture_of(
    volume: Volume, geometry: SliceGeometry, number: int, span: tuple[float, float]
) -> NDArray[np.float32]:
    """Return a slice as the network sees it, shape (C, rows, columns), float32, in [0, 1]."""
    scaled = (_raw(volume, geometry, number) - span[0]) / (span[1] - span[0])
    scaled = np.clip(np.nan_to_num(scaled, nan=0.0, posinf=1.0, neginf=0.0), 0.0, 1.0)
    return np.ascontiguousarray(1.0 - scaled if _is_inverted(volume) else scaled, np.float32)


def _raw(volume: Volume, geometry: SliceGeometry, number: int) -> NDArray[np.float32]:
    """Return a slice of real-world values, of colours stored ones, shape (C, rows, columns)."""
    if volume.is_colour:
        stored = drawn_view(volume.array, geometry)[number]
        colours: NDArray[np.float32] = np.moveaxis(stored, 2, 0).astype(np.float32)
        return colours
    return extract_slice(volume, geometry, number)[None]


def _to_values(
    end: NDArray[np.float32],
    picture: NDArray[np.float32],
    volume: Volume,
    geometry: SliceGeometry,
    number: int,
    span: tuple[float, float],
) -> NDArray[np.float32]:
    """Return an end in the unit of the volume: the change is added to what was there.

    A pixel that is no finite number stays as it is; a blank slice, too.
    """
    raw = _raw(volume, geometry, number)
    if not picture.any():
        return raw
    change = (end - picture) * np.float32(-1.0 if _is_inverted(volume) else 1.0)
    values: NDArray[np.float32] = raw + change * np.float32(span[1] - span[0])
    return values


def _changed(
    volume: Volume,
    geometry: SliceGeometry,
    number: int,
    values: list[NDArray[np.float32]],
    noise: NoiseFacts,
) -> tuple[float, ...] | None:
    """Return which share of a slice's anatomy changed beyond the noise, at every position."""
    before = extract_slice(volume, geometry, number)
    if not np.any(before):
        return None
    inside = anatomy_mask(np.nan_to_num(before))
    ends = [luma(np.moveaxis(v, 0, 2)) if len(v) == 3 else v[0] for v in values]
    changes = np.stack(
        [slice_changes(before, e, noise, geometry, is_mm=volume.spacing_known) for e in ends]
    )
    positions = INDEX_POSITIONS if len(ends) > 1 else (FAITHFUL,)
    maps = (change_map(blend_ends(changes, alpha)) for alpha in positions)
    return tuple(round(float((found[inside] > THRESHOLD).mean()), 6) for found in maps)


def _is_inverted(volume: Volume) -> bool:
    return volume.facts.get("photometric") == "MONOCHROME1"


def _numbers(geometry: SliceGeometry, only: int | None) -> range:
    if only is None:
        return range(geometry.count)
    if not 0 <= only < geometry.count:
        raise UnsupportedInputError(
            f"There is no slice {only}; there are {geometry.count}.", remedy="Choose another."
        )
    return range(only, only + 1)


def _ends_shape(
    volume: Volume, geometry: SliceGeometry, numbers: range, transport: Transport | None
) -> tuple[int, ...]:
    sides = list(volume.array.shape)
    sides[geometry.axis] = len(numbers)
    return (1 if transport is None else 2, *sides)


def _write(
    ends: NDArray[np.float32],
    geometry: SliceGeometry,
    at: int,
    values: list[NDArray[np.float32]],
) -> None:
    for end, found in zip(ends, values, strict=True):
        drawn_view(end, geometry)[at] = np.moveaxis(found, 0, 2) if end.ndim == 4 else found[0]


def _spread(numbers: range, count: int) -> list[int]:
    """Return a few numbers, evenly spread over the middle half."""
    first, last = len(numbers) // 4, max(len(numbers) // 4, 3 * len(numbers) // 4 - 1)
    return [numbers[int(n)] for n in np.unique(np.linspace(first, last, count).round())]


def _index(sums: _Sums, transport: Transport | None) -> tuple[float, ...]:
    """Return the perceptual index at every position, from the moments there."""
    if transport is None:
        return ()
    found = [
        None if moments is None else transport.operator.spectrum_gap(moments)
        for moments in sums.moments
    ]
    distances = [distance for distance in found if distance is not None]
    if len(distances) < len(INDEX_POSITIONS) or distances[-1] <= 0:
        return ()
    return tuple(round(distance / distances[-1], 6) for distance in distances)


def _parameters(
    request: RestorationRequest, geometry: SliceGeometry, transport: Transport | None
) -> dict[str, object]:
    named = {"weights_file": Path(request.weights).name} if request.weights else {}
    told: dict[str, object] = {
        "task": request.task,
        **named,
        "plane": geometry.plane,
        "slice_size": list(geometry.size),
        "tile": TILE,
        "context": CONTEXT,
        "percentile_seen_as_0.8": HIGH_PERCENTILE,
        "precision": "float32, transport float64",
        "torch": torch.__version__,
        "acutance": __version__,
    }
    if request.only is not None:
        told["only_slice"] = request.only
    if transport is not None:
        told |= {"residual": True, "patch": transport.operator.patch, "seed": 0}
    return told


def _out_of_scope(volume: Volume, task: str) -> str:
    """Return why a volume is out of the network's scope; empty when nothing speaks against it."""
    if task == ARTIFACTS:
        return ""
    if volume.is_colour:
        return "a colour image; the network was made for MR"
    if volume.modality not in ("MR", ""):
        return f"{volume.modality} image; the network was made for MR"
    return ""


def _seen(path: Path | None) -> tuple[int, ...]:
    facts = path.stat() if path is not None and path.is_file() else None
    return (facts.st_mtime_ns, facts.st_size) if facts else ()
