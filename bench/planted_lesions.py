"""Plant spheres that a restoration erased or invented, and see whether the change map flags them.

    PYTHONPATH=app:models:resources python bench/planted_lesions.py [SCAN ...]
        [--network ID_OR_FILE ... ] [--alpha 1 0] [--no-classical] [--spheres 200]
        [--noise 0.03 0.06] [--json FILE]

A scan without much noise is the truth (by default the sample that comes with the program). Rician
noise is put on it, and a restorer takes it off: non-local means of scikit-image, and the networks
that are named, at every position of the slider that is asked for. Spheres of 3 to 10 mm are planted
in the brain, bright and dark in turns, with an edge half a voxel soft. For *erased* ones the source
has the sphere and what was restored has not; for *invented* ones the restorer was shown a sphere
that the source has not. Half of each.

- flagged: a sphere of which at least half of the voxels lie above the threshold of the map;
- false: the share of brain voxels, nothing planted, that lie above it after the same restoration.

The noise that the map is held against is measured in the air of the noisy scan, not told.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import nibabel
import numpy as np
from scipy import ndimage
from skimage.restoration import denoise_nl_means

from acutance.core.change import THRESHOLD
from acutance.core.volume import Volume
from acutance.metrics.change import change_volume, measure_noise

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    Array = NDArray[np.float32]
    Restorer = Callable[[Array, float], dict[str, Array]]

DIAMETERS_MM = (3.0, 10.0)
#: Added to or taken from what is there, of the 99th percentile of the brain.
CONTRASTS = (0.2, 0.5)
NOISE = (0.03, 0.06)
FLAGGED_SHARE = 0.5
#: Spheres planted in one volume, as far apart as the largest scale of the map reaches.
AT_ONCE, APART_MM = 50, 22.0


@dataclass(frozen=True)
class Planted:
    """Spheres in a volume.

    Parameters
    ----------
    field : ndarray, shape (I, J, K), float32
        What they add.
    masks : tuple of ndarray
        Indices of the voxels of each, flat.
    diameters_mm : tuple of float
    """

    field: Array
    masks: tuple[NDArray[np.int64], ...]
    diameters_mm: tuple[float, ...]


@dataclass
class Tally:
    """What was seen of the spheres, one truth value for each."""

    erased: list[bool] = field(default_factory=list)
    invented: list[bool] = field(default_factory=list)
    small: list[bool] = field(default_factory=list)
    false: list[float] = field(default_factory=list)
    is_air: list[bool] = field(default_factory=list)

    def shares(self) -> dict[str, float]:
        """Return the shares that are told."""
        return {
            "spheres": float(len(self.erased) + len(self.invented)),
            "erased flagged": float(np.mean(self.erased)),
            "invented flagged": float(np.mean(self.invented)),
            "below 5 mm flagged": float(np.mean(self.small)) if self.small else float("nan"),
            "unchanged brain flagged": float(np.mean(self.false)),
            "noise in air": float(np.mean(self.is_air)),
        }


def plant(
    brain: NDArray[np.bool_],
    spacing: Sequence[float],
    high: float,
    count: int,
    rng: np.random.Generator,
) -> Planted:
    """Plant spheres wholly inside the brain, bright and dark in turns, apart from each other."""
    depth = ndimage.distance_transform_edt(brain, sampling=spacing)
    field = np.zeros(brain.shape, np.float32)
    masks, diameters, centres = [], [], np.empty((0, 3))
    mm = np.asarray(spacing, np.float64)
    for _ in range(200 * count):
        if len(masks) == count:
            break
        diameter = float(rng.uniform(*DIAMETERS_MM))
        fits = np.flatnonzero(depth > diameter / 2)
        if not fits.size:
            continue
        centre = np.array(np.unravel_index(int(rng.choice(fits)), brain.shape))
        if len(centres) and np.linalg.norm((centres - centre) * mm, axis=1).min() < APART_MM:
            continue
        centres = np.vstack([centres, centre])
        reach = np.ceil((diameter / 2 + mm) / mm).astype(int)
        low, top = np.maximum(centre - reach, 0), np.minimum(centre + reach + 1, brain.shape)
        grid = np.indices(top - low).reshape(3, -1).T + low - centre
        distance = np.linalg.norm(grid * mm, axis=1)
        inside = np.clip((diameter / 2 - distance) / (mm.min() / 2) + 0.5, 0.0, 1.0)
        sign = 1.0 if len(masks) % 2 else -1.0
        contrast = np.float32(sign * rng.uniform(*CONTRASTS) * high)
        block = tuple(slice(a, b) for a, b in zip(low, top, strict=True))
        field[block] += contrast * inside.reshape(tuple(top - low)).astype(np.float32)
        voxels = (grid + centre)[inside >= 0.5]
        masks.append(np.ravel_multi_index(tuple(voxels.T), brain.shape))
        diameters.append(diameter)
    return Planted(field, tuple(masks), tuple(diameters))


def rician(values: Array, draws: Array) -> Array:
    """Return the magnitude of values with noise in both channels, draws of (2, I, J, K)."""
    return np.hypot(np.maximum(values, 0.0) + draws[0], draws[1]).astype(np.float32)


def non_local_means(values: Array, sigma: float) -> dict[str, Array]:
    """Take noise off slice by slice, the bias of the magnitude removed afterwards."""
    found = np.stack(
        [
            denoise_nl_means(
                values[:, :, k], patch_size=5, patch_distance=6, h=0.8 * sigma, sigma=sigma
            )
            for k in range(values.shape[2])
        ],
        axis=2,
    )
    return {"": np.sqrt(np.maximum(found**2 - sigma**2, 0.0)).astype(np.float32)}


def network(name: str, alphas: Sequence[float]) -> Restorer:
    """Return what a network of the catalogue, or a file of weights, makes of a volume.

    Below alpha = 1 that is with the operator for the noise that the program measures.
    """
    from acutance.core.restoration import RestorationRequest
    from acutance.engines.restoration import RestorationEngine

    engine = RestorationEngine("cpu")

    class Silent:
        is_cancelled = False

        def report(self, fraction: float, message: str) -> None: ...

        def raise_if_cancelled(self) -> None: ...

    def restore(values: Array, sigma: float) -> dict[str, Array]:
        del sigma
        volume = Volume(values, np.eye(4), modality="MR")
        weights = name if name.endswith(".safetensors") else ""
        silent = Silent()
        result = engine.run(RestorationRequest(volume, weights=weights), silent, silent)
        return {f", alpha {alpha:g}": result.blend(alpha) for alpha in alphas}

    return restore


def measure(
    clean: Array,
    brain: NDArray[np.bool_],
    affine: NDArray[np.float64],
    restore: Restorer,
    share: float,
    spheres: int,
    seed: int = 0,
) -> dict[str, dict[str, float]]:
    """Return the shares of spheres that are flagged, and of unchanged brain that is.

    Parameters
    ----------
    clean : ndarray, shape (I, J, K), float32
    brain : ndarray of bool, same shape
    affine : ndarray, shape (4, 4)
    restore : callable
        Takes values and the standard deviation of their noise; returns restored ones by name.
    share : float
        Standard deviation of the noise, of the 99th percentile of the brain.
    spheres : int
        Half of them erased, half invented.

    Returns
    -------
    dict
        The shares by the names of what was restored.
    """
    rng = np.random.default_rng(seed)
    high = float(np.percentile(clean[brain], 99))
    sigma = share * high
    spacing = np.linalg.norm(affine[:3, :3], axis=0)
    tallies: dict[str, Tally] = {}
    missing = spheres // 2
    while missing:
        draws = (sigma * rng.standard_normal((2, *clean.shape))).astype(np.float32)
        planted = plant(brain, spacing, high, min(AT_ONCE, missing), rng)
        if not planted.masks:
            break
        missing -= len(planted.masks)
        plain, shown = rician(clean, draws), rician(clean + planted.field, draws)
        noise = measure_noise(Volume(plain, affine, modality="MR"), "axial")
        made_plain, made_shown = restore(plain, noise.sigma), restore(shown, noise.sigma)
        for name, after_plain in made_plain.items():
            tally = tallies.setdefault(name, Tally())
            tally.is_air.append(noise.source == "air")
            for found, source, after in (
                (tally.erased, shown, after_plain),
                (tally.invented, plain, made_shown[name]),
            ):
                volume = Volume(source, affine, modality="MR")
                change, _ = change_volume(volume, after, noise, "axial")
                flat = change.reshape(-1) > THRESHOLD
                hits = [bool(flat[mask].mean() >= FLAGGED_SHARE) for mask in planted.masks]
                found += hits
                sizes = zip(hits, planted.diameters_mm, strict=True)
                tally.small += [hit for hit, diameter in sizes if diameter < 5.0]
            volume = Volume(plain, affine, modality="MR")
            change, _ = change_volume(volume, after_plain, noise, "axial")
            tally.false.append(float((change[brain] > THRESHOLD).mean()))
    return {name: tally.shares() for name, tally in tallies.items()}


def read_scan(path: Path) -> tuple[Array, NDArray[np.bool_], NDArray[np.float64]]:
    """Return values, a mask of what is deep in the head, and the affine, in RAS order."""
    image = nibabel.as_closest_canonical(nibabel.load(path))
    clean = np.asarray(image.dataobj, np.float32)
    spacing = np.linalg.norm(image.affine[:3, :3], axis=0)
    return clean, deep_head(clean, spacing), np.asarray(image.affine, np.float64)


def deep_head(clean: Array, spacing: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return the tissue well inside the head: brighter than fluid, 12 mm from the air."""
    from acutance.metrics.change import anatomy_mask

    head = np.stack([anatomy_mask(clean[:, :, k]) for k in range(clean.shape[2])], axis=2)
    head &= clean.max(axis=(0, 1)) > 0.25 * np.percentile(clean, 99.9)
    depth = ndimage.distance_transform_edt(head, sampling=spacing)
    tissue = clean > 0.2 * np.percentile(clean[head], 95)
    return (depth > 12.0) & ndimage.binary_opening(tissue)


def main() -> int:
    parser = argparse.ArgumentParser(description="Plant spheres; see whether they are flagged.")
    parser.add_argument("scans", nargs="*", type=Path)
    parser.add_argument("--network", action="append", default=[])
    parser.add_argument("--no-classical", action="store_true", help="networks alone")
    parser.add_argument("--alpha", type=float, nargs="+", default=[1.0, 0.0])
    parser.add_argument("--spheres", type=int, default=200)
    parser.add_argument("--noise", type=float, nargs="+", default=list(NOISE))
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    scans = options.scans
    if not scans:
        from acutance_resources import path

        scans = [path("sample/sample_T1.nii.gz")]
    restorers: dict[str, Restorer] = {}
    if not options.no_classical:
        restorers["non-local means"] = non_local_means
    restorers |= {Path(name).name: network(name, options.alpha) for name in options.network}
    rows = []
    for scan in scans:
        clean, brain, affine = read_scan(scan)
        for share in options.noise:
            for name, restore in restorers.items():
                found = measure(clean, brain, affine, restore, share, options.spheres)
                for which, row in found.items():
                    title = f"{name}{which}"
                    rows.append({"scan": scan.name, "restorer": title, "noise": share, **row})
                    told = ", ".join(f"{k} {v:.3f}" for k, v in row.items())
                    print(f"{scan.name}, {title}, noise {share:.0%}: {told}", flush=True)
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1), encoding="utf-8")
    kept = [
        min(row["erased flagged"], row["invented flagged"]) >= 0.95
        and row["unchanged brain flagged"] <= 0.05
        for row in rows
    ]
    return 0 if all(kept) else 1


if __name__ == "__main__":
    sys.exit(main())
