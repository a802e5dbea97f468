"""Hold scores in bfloat16 against scores in float32, and say whether bfloat16 may be used here.

    PYTHONPATH=app:models:resources python bench/scoring_precision.py [VOLUME ...]
        [--slices N] [--threads N] [--json FILE]

Slices of the middle half of each volume (by default the sample scan), in its three planes, clean
and with in-house motion of sigma 0.25 to 4 degrees in turn, go through the network twice. bfloat16
may be used where mean |difference| is at most 0.002, its 99th percentile at most 0.006, and no
verdict changes, of a slice or of a volume and rung. The exit code is 0 where it may, else 1; a
claim for a release wants at least 1,000 slices. Judges the device it runs on, and no other.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from acutance.core.ledger import LoadedSeries
from acutance.core.quality import DEFAULT_NETWORK, Thresholds, headline_range
from acutance.core.slicing import extract_slice, volume_geometry
from acutance.io.readers import index_paths, read_item
from acutance_models.catalogue import get_descriptor
from acutance_models.iqa_resnet.preprocess import normalise, preprocess
from acutance_models.loading import load_network
from acutance_models.simulation.motion import apply_rotation_motion, draw_rotation_motion
from acutance_resources import path as resource_path

LARGEST_MEAN, LARGEST_99TH = 0.002, 0.006
SIGMAS_DEG = (0.0, 0.25, 0.5, 1.0, 2.0, 4.0)
PLANES = ("axial", "coronal", "sagittal")
BATCH = 16
REPEATS = 3


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
        Verdicts that differ, of slices, and of the means over a volume, plane and rung.
    """

    slices: int
    mean: float
    percentile_99: float
    largest: float
    changed_slices: int
    changed_groups: int

    @property
    def is_allowed(self) -> bool:
        """Whether the reduced precision may be used."""
        return (
            self.mean <= LARGEST_MEAN
            and self.percentile_99 <= LARGEST_99TH
            and not self.changed_slices
            and not self.changed_groups
        )


def compare(full: np.ndarray, reduced: np.ndarray, groups: list[str]) -> Comparison:
    """Compare scores, shape (N,), of the same slices; equal names of groups belong together."""
    difference = np.abs(reduced - full)
    verdict = Thresholds().verdict
    changed = sum(verdict(a) is not verdict(b) for a, b in zip(full, reduced, strict=True))
    names = np.array(groups)
    means = [(full[names == g].mean(), reduced[names == g].mean()) for g in sorted(set(groups))]
    return Comparison(
        len(full),
        float(difference.mean()),
        float(np.percentile(difference, 99)),
        float(difference.max()),
        changed,
        sum(verdict(a) is not verdict(b) for a, b in means),
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


@torch.inference_mode()
def score(
    network: torch.nn.Module, slices: np.ndarray, dtype: torch.dtype, device: str
) -> tuple[np.ndarray, float]:
    """Return the scores, shape (N,), float64, and the shortest time for all, seconds."""
    network = network.to(dtype=dtype, memory_format=torch.channels_last)
    fastest = float("inf")
    for _ in range(REPEATS):
        started = time.perf_counter()
        found = []
        for first in range(0, len(slices), BATCH):
            batch = torch.from_numpy(slices[first : first + BATCH]).to(device, dtype)
            answers = network(batch.to(memory_format=torch.channels_last))
            found += answers.reshape(-1).double().cpu().tolist()
        fastest = min(fastest, time.perf_counter() - started)
    return np.array(found), fastest


def main() -> int:
    """Run the comparison and print it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("paths", nargs="*", type=Path, metavar="VOLUME")
    parser.add_argument("--slices", type=int, default=198)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--json", type=Path, metavar="FILE")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    paths = arguments.paths or [resource_path("sample/sample_T1.nii.gz")]
    slices, groups = make_slices(paths, arguments.slices)
    full, seconds = score(
        load_network(DEFAULT_NETWORK, device=arguments.device),
        slices, torch.float32, arguments.device,
    )  # fmt: skip
    reduced, reduced_seconds = score(
        load_network(DEFAULT_NETWORK, device=arguments.device),
        slices, torch.bfloat16, arguments.device,
    )  # fmt: skip
    found = compare(full, reduced, groups)
    descriptor = get_descriptor(DEFAULT_NETWORK)
    report = {
        "network": descriptor.id,
        "version": descriptor.version,
        "sha256": descriptor.sha256,
        "device": arguments.device,
        "threads": arguments.threads,
        "torch": torch.__version__,
        **found.__dict__,
        "score_range": [float(full.min()), float(full.max())],
        "ms_per_slice_float32": 1000 * seconds / len(slices),
        "ms_per_slice_bfloat16": 1000 * reduced_seconds / len(slices),
        "is_allowed": found.is_allowed,
    }
    if arguments.json is not None:
        arguments.json.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    print(
        f"{found.slices} slices, scores {full.min():.3f} to {full.max():.3f}: "
        f"mean |difference| {found.mean:.5f} (at most {LARGEST_MEAN}), "
        f"99th percentile {found.percentile_99:.5f} (at most {LARGEST_99TH}), "
        f"largest {found.largest:.5f}; verdicts changed: {found.changed_slices} of slices, "
        f"{found.changed_groups} of volumes"
    )
    print(
        f"{report['ms_per_slice_float32']:.1f} ms per slice in float32, "
        f"{report['ms_per_slice_bfloat16']:.1f} in bfloat16, {arguments.threads} threads"
    )
    print("bfloat16 may be used here" if found.is_allowed else "bfloat16 may not be used here")
    return 0 if found.is_allowed else 1


if __name__ == "__main__":
    sys.exit(main())
