"""Fit an operator: statistics of restored slices to those of sharp ones."""

from __future__ import annotations

import math
import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch

from acutance import __version__
from acutance.core.quality import choose_planes
from acutance.core.restoration import ARTIFACTS, MOTION
from acutance.core.restoration_fit import FitResult
from acutance.core.slicing import volume_geometry
from acutance.engines.restoration import (
    RestorationEngine,
    intensity_span,
    latent_moments,
    picture_of,
)
from acutance.engines.restoration_network import load_foreign, load_shipped, load_space
from acutance.errors import EngineError, UnsupportedInputError
from acutance_models.ot_restore.degradation import add_rician, draw_compressed, draw_moved
from acutance_models.ot_restore.files import save_operator
from acutance_models.ot_restore.operator import fit_operator

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from acutance.core.restoration_fit import FitImages, FitRequest
    from acutance.engines.base import CancelToken, Progress
    from acutance_models.ot_restore.moments import Moments

    Picture = NDArray[np.float32]


#: Rician noise of the slices that are damaged for a fit, of what the network sees as 1: as much as
#: makes somebody wish for restoration. The brightness stays, so that both sides are alike in it.
NOISE_RANGE = (0.02, 0.08)


class RestorationFitEngine:
    """Fit operators; the networks are loaded for each fit.

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
        self._restorer = RestorationEngine(device)
        self._device = self._restorer.device

    def run(self, request: FitRequest, progress: Progress, token: CancelToken) -> FitResult:
        """Fit an operator and write it.

        Raises
        ------
        UnsupportedInputError
            If there is no such network, or nothing to fit on.
        EngineError
            If weights cannot be used or the operator cannot be written.
        JobCancelled
            If the user cancelled; looked at before every slice.
        """
        started = time.monotonic()
        progress.report(0.0, "loading networks")
        token.raise_if_cancelled()
        model = (
            load_foreign(Path(request.weights), self._device)
            if request.weights
            else load_shipped(request.task, self._device)
        )
        vae = Path(request.autoencoder) if request.autoencoder else None
        space, channels = load_space(self._device, vae)
        sides: list[Moments | None] = [None, None]
        counts = [0, 0]

        def add(side: int, picture: Picture) -> None:
            given = torch.from_numpy(np.ascontiguousarray(picture[None])).to(self._device)
            part = latent_moments(given, space, channels or picture.shape[0], request.patch)
            before = sides[side]
            sides[side] = part if before is None else before.merge(part)
            counts[side] += 1

        def restored(picture: Picture) -> Picture:
            given = np.ascontiguousarray(np.clip(picture, 0.0, 1.0)[None], np.float32)
            (faithful,) = self._restorer.ends_of(given, model, None, token)
            found: Picture = faithful[0]
            return found

        total = sum(len(i.slices) for i in (*request.sharp, *request.degraded))
        rng = np.random.default_rng(request.seed)
        done = 0
        for picture in _pictures(request.sharp):
            token.raise_if_cancelled()
            if not request.degraded:
                damaged, picture = damage(picture, request.task, rng, request.noise)
                add(0, restored(damaged))
            add(1, picture)
            done += 1
            progress.report(0.9 * done / total, f"slice {done} of {total}")
        for picture in _pictures(request.degraded):
            token.raise_if_cancelled()
            add(0, restored(picture))
            done += 1
            progress.report(0.9 * done / total, f"slice {done} of {total}")
        source, target = sides
        if source is None or target is None or min(counts) < 2:
            raise UnsupportedInputError(
                "There are too few slices that show anything.", remedy="Choose others."
            )
        if source.mean.shape != target.mean.shape:
            raise UnsupportedInputError(
                "Grey and colour images cannot be fitted together.", remedy="Choose one kind."
            )
        facts = model.facts
        told = f"{facts.name} {facts.version} ({facts.status})"
        operator = fit_operator(
            source,
            target,
            name=request.name,
            version=request.version,
            space=space.name,
            patch=request.patch,
            moves_mean=request.moves_mean,
            provenance=_provenance(request, counts, told, facts.sha256),
        )
        progress.report(0.95, "writing")
        token.raise_if_cancelled()
        sha256 = _save(operator, request.path)
        report = {
            name: None if math.isinf(value) else float(value)
            for name, value in asdict(operator.report).items()
        }
        result = FitResult(
            str(request.path),
            sha256,
            request.name,
            request.version,
            space.name,
            not request.degraded,
            counts[1],
            counts[0],
            source.mean.size,
            told,
            round(time.monotonic() - started, 3),
            report,
        )
        progress.report(1.0, "fitted")
        return result


def _pictures(sides: tuple[FitImages, ...]) -> Iterator[Picture]:
    """Yield the chosen slices as the network sees them; those that show nothing are left out."""
    for images in sides:
        volume = images.volume
        geometry = volume_geometry(volume, choose_planes(volume, images.plane)[0])
        span = intensity_span(volume)
        for number in images.slices:
            if not 0 <= number < geometry.count:
                raise UnsupportedInputError(
                    f"There is no slice {number}; there are {geometry.count}.",
                    remedy="Choose others.",
                )
            picture = picture_of(volume, geometry, number, span)
            if picture.any():
                yield picture


def damage(
    picture: Picture, task: str, rng: np.random.Generator, noise: float = 0.0
) -> tuple[Picture, Picture]:
    """Return a picture with what the task takes away, and the picture, scaled alike.

    Parameters
    ----------
    picture : ndarray, shape (C, rows, columns), float32, in [0, 1]
    task : str
    rng : numpy.random.Generator
        Advanced by the call.
    noise : float
        Standard deviation where noise is what is put in; 0 to draw it.
    """
    if task == ARTIFACTS:
        colours = np.moveaxis(np.broadcast_to(picture, (3, *picture.shape[1:])), 0, 2)
        damaged, clean = (np.moveaxis(p, 2, 0) for p in draw_compressed(colours, rng))
        if len(picture) == 1:
            damaged, clean = damaged.mean(axis=0)[None], clean.mean(axis=0)[None]
        return damaged.astype(np.float32), clean.astype(np.float32)
    if task == MOTION:
        pairs = [draw_moved(np.ascontiguousarray(channel), rng) for channel in picture]
        return np.stack([pair[0] for pair in pairs]), np.stack([pair[1] for pair in pairs])
    sd = noise or float(rng.uniform(*NOISE_RANGE))
    return np.stack([add_rician(channel, sd, rng) for channel in picture]), picture


def _provenance(request: FitRequest, counts: list[int], model: str, sha256: str) -> dict[str, str]:
    """Return where the statistics come from; no names of persons or files."""
    return {
        "task": request.task,
        "pairing": "unpaired" if request.degraded else "paired, damaged for the fit",
        "sharp_slices": str(counts[1]),
        "source_slices": str(counts[0]),
        "sharp_volumes": str(len(request.sharp)),
        "modalities": ",".join(sorted({i.volume.modality or "unknown" for i in request.sharp})),
        "network": model,
        "network_sha256": sha256,
        "seed": str(request.seed),
        "mean": "moved" if request.moves_mean else "kept",
        **({"noise": f"{request.noise:g}"} if request.noise else {}),
        "acutance": __version__,
    }


def _save(operator: object, path: Path) -> str:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists():
            raise EngineError(
                "There is an operator of this name and version already.",
                remedy="Choose another version; what was fitted is never replaced.",
                path=path,
            )
        return save_operator(operator, path)  # type: ignore[arg-type]
    except OSError as error:
        raise EngineError(
            f"The operator cannot be written ({error.strerror}).",
            remedy="Choose a folder with room that you may write to.",
            path=path,
        ) from error
