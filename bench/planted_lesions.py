"""Plant spheres that a restoration erased or invented, and see whether the change map flags them.

    PYTHONPATH=app:models:resources python bench/planted_lesions.py [SCAN ...]
        [--network ID_OR_FILE ... ] [--spheres 200] [--noise 0.03 0.06] [--json FILE]

A scan without much noise is the truth (by default the sample that comes with the program). Rician
noise is put on it, and a restorer takes it off: non-local means of scikit-image, and the networks
that are named. Spheres of 3 to 10 mm are planted in the brain, bright and dark in turns, with an
edge half a voxel soft. For *erased* ones the source has the sphere and what was restored has not;
for *invented* ones the restorer was shown a sphere that the source has not. Half of each.

- flagged: a sphere of which at least half of the voxels lie above the threshold of the map;
- false: the share of brain voxels, nothing planted, that lie above it after the same restoration.

The noise that the map is held against is measured in the air of the noisy scan, not told.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import dataclass
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
    Restorer = Callable[[Array, float], Array]

DIAMETERS_MM = (3.0, 10.0)
#: Added to or taken from what is there, of the 99th percentile of the brain.
CONTRASTS = (0.2, 0.5)
NOISE = (0.03, 0.06)
FLAGGED_SHARE = 0.5
#: Spheres planted in one volume, as far apart as the largest scale of the map reaches.
AT_ONCE, APART_MM = 20, 22.0


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


def non_local_means(values: Array, sigma: float) -> Array:
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
    return np.sqrt(np.maximum(found**2 - sigma**2, 0.0)).astype(np.float32)


def network(name: str) -> Restorer:
    """Return what a network of the catalogue, or a file of weights, makes of a volume."""
    from acutance.core.restoration import RestorationRequest
    from acutance.engines.restoration import RestorationEngine

    engine = RestorationEngine("cpu")

    class Silent:
        is_cancelled = False

        def report(self, fraction: float, message: str) -> None: ...

        def raise_if_cancelled(self) -> None: ...

    def restore(values: Array, sigma: float) -> Array:
        del sigma
        volume = Volume(values, np.eye(4), modality="MR")
        weights = name if name.endswith(".safetensors") else ""
        silent = Silent()
        result = engine.run(RestorationRequest(volume, weights=weights), silent, silent)
        faithful: Array = result.array[0]
        return faithful

    return restore


def measure(
    clean: Array,
    brain: NDArray[np.bool_],
    affine: NDArray[np.float64],
    restore: Restorer,
    share: float,
    spheres: int,
    seed: int = 0,
) -> dict[str, float]:
    """Return the shares of spheres that are flagged, and of unchanged brain that is.

    Parameters
    ----------
    clean : ndarray, shape (I, J, K), float32
    brain : ndarray of bool, same shape
    affine : ndarray, shape (4, 4)
    restore : callable
        Takes values and the standard deviation of their noise.
    share : float
        Standard deviation of the noise, of the 99th percentile of the brain.
    spheres : int
        Half of them erased, half invented.
    """
    rng = np.random.default_rng(seed)
    high = float(np.percentile(clean[brain], 99))
    sigma = share * high
    spacing = np.linalg.norm(affine[:3, :3], axis=0)
    found: dict[str, list[bool]] = {"erased": [], "invented": []}
    small: list[bool] = []
    false: list[float] = []
    source_of: list[str] = []
    while min(len(part) for part in found.values()) < spheres // 2:
        draws = (sigma * rng.standard_normal((2, *clean.shape))).astype(np.float32)
        missing = spheres // 2 - len(found["erased"])
        planted = plant(brain, spacing, high, min(AT_ONCE, missing), rng)
        plain, shown = rician(clean, draws), rician(clean + planted.field, draws)
        noise = measure_noise(Volume(plain, affine, modality="MR"), "axial")
        source_of.append(noise.source)
        after_plain, after_shown = restore(plain, noise.sigma), restore(shown, noise.sigma)
        for kind, source, after in (
            ("erased", shown, after_plain),
            ("invented", plain, after_shown),
        ):
            volume = Volume(source, affine, modality="MR")
            change, _ = change_volume(volume, after, noise, "axial")
            flat = change.reshape(-1) > THRESHOLD
            hits = [bool(flat[mask].mean() >= FLAGGED_SHARE) for mask in planted.masks]
            found[kind] += hits
            small += [h for h, d in zip(hits, planted.diameters_mm, strict=True) if d < 5.0]
        volume = Volume(plain, affine, modality="MR")
        change, _ = change_volume(volume, after_plain, noise, "axial")
        false.append(float((change[brain] > THRESHOLD).mean()))
        if not planted.masks:
            break
    return {
        "spheres": float(sum(map(len, found.values()))),
        "erased flagged": float(np.mean(found["erased"])),
        "invented flagged": float(np.mean(found["invented"])),
        "below 5 mm flagged": float(np.mean(small)) if small else float("nan"),
        "unchanged brain flagged": float(np.mean(false)),
        "noise in air": float(np.mean([s == "air" for s in source_of])),
    }


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
    parser.add_argument("--spheres", type=int, default=200)
    parser.add_argument("--noise", type=float, nargs="+", default=list(NOISE))
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    scans = options.scans
    if not scans:
        from acutance_resources import path

        scans = [path("sample/sample_T1.nii.gz")]
    restorers: dict[str, Restorer] = {"non-local means": non_local_means}
    restorers |= {Path(name).name: network(name) for name in options.network}
    rows = []
    for scan in scans:
        clean, brain, affine = read_scan(scan)
        for share in options.noise:
            for name, restore in restorers.items():
                row = measure(clean, brain, affine, restore, share, options.spheres)
                rows.append({"scan": scan.name, "restorer": name, "noise": share, **row})
                told = ", ".join(f"{k} {v:.3f}" for k, v in row.items())
                print(f"{scan.name}, {name}, noise {share:.0%}: {told}", flush=True)
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
