"""Hold the scores of a backend against the reference, and say whether it may be used here.

    PYTHONPATH=app:models:resources python bench/scoring_precision.py [VOLUME ...]
        [--slices N] [--threads N] [--backend NAME ...] [--json FILE]

Slices of the middle half of each volume (by default the sample scan), in its three planes, clean
and with in-house motion of sigma 0.25 to 4 degrees in turn, go through the network by the reference
and by each backend named (by default the one that a trial on made-up slices finds fastest). One may
be used where the mean of |difference| is at most 0.002, its 99th percentile at most 0.006, no
difference is larger than the band that the trial gave, and, after the engine has computed once more
in float32 what lies within the band of a threshold, no verdict changes, of a slice or of a volume
and rung. The exit code is 0 where all may, else 1; a claim for a release wants at least 1,000
slices. Judges the device it runs on, and no other.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch

from acutance.backend_commands import table
from acutance.core.backends import BACKENDS, LARGEST_99TH, LARGEST_MEAN, REFERENCE
from acutance.core.ledger import LoadedSeries
from acutance.core.quality import DEFAULT_NETWORK, Thresholds, headline_range
from acutance.core.slicing import extract_slice, volume_geometry
from acutance.engines.backends.base import ActiveBackend
from acutance.engines.backends.choice import Backends
from acutance.engines.device import resolve_device, to_device
from acutance.engines.guarded_scoring import Decisions, GuardedScoring, Scored
from acutance.engines.quality import FEWEST_OF_VOLUME
from acutance.engines.scoring_network import load_shipped
from acutance.io.readers import index_paths, read_item
from acutance_models.iqa_resnet.preprocess import normalise, preprocess
from acutance_models.simulation.motion import apply_rotation_motion, draw_rotation_motion
from acutance_resources import path as resource_path

if TYPE_CHECKING:
    from acutance.engines.backends.base import Compute
    from acutance.engines.scoring_network import ScoringNetwork

SIGMAS_DEG = (0.0, 0.25, 0.5, 1.0, 2.0, 4.0)
PLANES = ("axial", "coronal", "sagittal")
BATCH = 16


class Silent:
    """Progress that nobody watches and a token nobody cancels."""

    is_cancelled = False

    def report(self, fraction: float, message: str) -> None:
        """Say nothing."""

    def raise_if_cancelled(self) -> None:
        """Go on."""


@dataclass(frozen=True)
class Comparison:
    """What the two precisions gave.

    Parameters
    ----------
    slices : int
    mean, percentile_99, largest : float
        Of the absolute difference of a score.
    changed_slices, changed_groups : int
        Verdicts that differ in the end, of slices, and of the means over a volume, plane and rung.
    band : float
        Within which of a threshold the engine computes a score once more.
    recomputed : int
        Slices for which it did.
    """

    slices: int
    mean: float
    percentile_99: float
    largest: float
    changed_slices: int
    changed_groups: int
    band: float
    recomputed: int

    @property
    def is_allowed(self) -> bool:
        """Whether the reduced precision may be used."""
        return (
            self.mean <= LARGEST_MEAN
            and self.percentile_99 <= LARGEST_99TH
            and self.largest <= self.band
            and not self.changed_slices
            and not self.changed_groups
        )


def guard(
    full: np.ndarray, reduced: np.ndarray, members: np.ndarray, model: ScoringNetwork, band: float
) -> Scored:
    """Let the engine's own guard decide which slices of one group are computed once more.

    The scores are there already, so that a picture is the number of its slice.
    """
    verdict, straddled = Thresholds().verdict, Thresholds().straddled

    def of_all(mean: float) -> object:
        interval = model.of_volume if len(members) >= FEWEST_OF_VOLUME else model.of_slice
        return verdict(mean), None if interval is None else straddled(*interval.bounds(mean))

    def looked_up(scores: np.ndarray) -> Compute:
        return lambda batch: scores[batch.reshape(-1).long().numpy()]

    class Both:
        reference = ActiveBackend(REFERENCE, looked_up(full))

    guarded = GuardedScoring(Both, None, torch.device("cpu"), Silent(), lambda done, of: None)
    return guarded.score(
        {int(n): np.full((1, 1), n, np.float32) for n in members},
        ActiveBackend("", looked_up(reduced), band),
        Decisions(verdict, of_all, lambda values: float(np.mean(list(values.values())))),
    )


def compare(
    full: np.ndarray, reduced: np.ndarray, groups: list[str], model: ScoringNetwork, band: float
) -> Comparison:
    """Compare scores, shape (N,), of the same slices; equal names of groups belong together."""
    difference = np.abs(reduced - full)
    verdict = Thresholds().verdict
    names = np.array(groups)
    final, recomputed = reduced.copy(), 0
    for group in sorted(set(groups)):
        members = np.flatnonzero(names == group)
        scored = guard(full, reduced, members, model, band)
        final[list(scored.values)] = list(scored.values.values())
        recomputed += scored.recomputed
    changed = sum(verdict(a) is not verdict(b) for a, b in zip(full, final, strict=True))
    means = [(full[names == g].mean(), final[names == g].mean()) for g in sorted(set(groups))]
    return Comparison(
        len(full),
        float(difference.mean()),
        float(np.percentile(difference, 99)),
        float(difference.max()),
        changed,
        sum(verdict(a) is not verdict(b) for a, b in means),
        band,
        recomputed,
    )


def make_slices(paths: list[Path], wanted: int) -> tuple[np.ndarray, list[str]]:
    """Return network inputs, shape (N, 1, 256, 256), float32, and the group of each."""
    volumes = []
    for path in paths:
        for item in index_paths([path], Silent(), Silent()).items:
            loaded = read_item(item, np.empty, Silent(), Silent())
            if isinstance(loaded, LoadedSeries):
                volumes.append(loaded.volume)
    per_plane = -(-wanted // max(1, len(volumes) * len(PLANES)))
    images, groups = [], []
    for number, volume in enumerate(volumes):
        for plane in PLANES:
            rng = np.random.default_rng([number, PLANES.index(plane)])
            geometry = volume_geometry(volume, plane)
            middle = headline_range(geometry.count)
            for n, k in enumerate(np.linspace(middle[0], middle[-1], per_plane).round()):
                clean = normalise(extract_slice(volume, geometry, int(k)))
                if clean is None:
                    continue
                sigma, axis = SIGMAS_DEG[n % len(SIGMAS_DEG)], int(rng.integers(2))
                draw = draw_rotation_motion(rng, clean.shape[axis], (sigma, sigma))
                image = preprocess(apply_rotation_motion(clean, draw, axis=axis))
                if image is not None:
                    images.append(image)
                    groups.append(f"{number} {plane} {sigma}")
    return np.stack(images[:wanted])[:, None], groups[:wanted]


def score(scorer: Compute, slices: np.ndarray, device: torch.device) -> tuple[np.ndarray, float]:
    """Return the scores, shape (N,), float64, and the seconds it took."""
    started = time.perf_counter()
    found = [
        scorer(to_device(slices[first : first + BATCH], device))
        for first in range(0, len(slices), BATCH)
    ]
    return np.concatenate(found), time.perf_counter() - started


def main() -> int:
    """Run the comparison and print it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("paths", nargs="*", type=Path, metavar="VOLUME")
    parser.add_argument("--slices", type=int, default=198)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--backend", nargs="+", choices=BACKENDS, default=[])
    parser.add_argument("--json", type=Path, metavar="FILE")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    paths = arguments.paths or [resource_path("sample/sample_T1.nii.gz")]
    slices, groups = make_slices(paths, arguments.slices)
    device = resolve_device(arguments.device)
    model = load_shipped(DEFAULT_NETWORK, device)
    with tempfile.TemporaryDirectory() as folder:
        backends = Backends(model, device, Path(folder))
        trial = backends.try_all(lambda fraction: None)
        for line in table(trial):
            print(line)
        full, seconds = score(backends.reference.compute, slices, device)
        print(f"{len(slices)} slices, scores {full.min():.3f} to {full.max():.3f}")
        reports = []
        for name in arguments.backend or [trial.chosen]:
            active = backends.active(name, lambda fraction: None)
            reduced, reduced_seconds = score(active.compute, slices, device)
            found = compare(full, reduced, groups, model, active.band)
            tell(active.name, found)
            reports.append(
                {
                    "backend": active.name,
                    **asdict(found),
                    "ms_per_slice": 1000 * reduced_seconds / len(slices),
                    "is_allowed": found.is_allowed,
                }
            )
    facts = {
        "network": model.facts.name,
        "version": model.facts.version,
        "sha256": model.facts.sha256,
        "device": str(device),
        "threads": arguments.threads,
        "torch": torch.__version__,
        "score_range": [float(full.min()), float(full.max())],
        "ms_per_slice_float32": 1000 * seconds / len(slices),
        "backends": reports,
    }
    if arguments.json is not None:
        arguments.json.write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")
    return 0 if all(report["is_allowed"] for report in reports) else 1


def tell(name: str, found: Comparison) -> None:
    """Print what a comparison came to."""
    print(
        f"{name}: mean |difference| {found.mean:.5f} (at most {LARGEST_MEAN}), "
        f"99th percentile {found.percentile_99:.5f} (at most {LARGEST_99TH}), "
        f"largest {found.largest:.5f} (band {found.band:.5f}); computed once more "
        f"{found.recomputed} of {found.slices} slices; verdicts changed: {found.changed_slices} "
        f"of slices, {found.changed_groups} of volumes"
    )
    print(f"{name} {'may' if found.is_allowed else 'may not'} be used here")


if __name__ == "__main__":
    sys.exit(main())
