"""Measure a second judge of scope: how far the features of a slice lie from those of brains.

    PYTHONPATH=app:models python bench/scoring_distance.py DATA [--layer layer2] [--slices N]
        [--out REPORT.md]

DATA is the folder that holds mr-brain, mr-other, dicom, video and seg-nuclei. The features are the
logarithms of the mean activations of one stage of the scoring network; their distance is that of
Mahalanobis, the covariance shrunk towards a multiple of the identity. The brains are those of
mr-brain, clean and moved, of people trained on and held out. The limit is the 97th percentile of
the distances of people to all *other* people; nothing out of scope has a part in it. A volume is
refused when more than half of its slices are. Pixels alone are judged.

References
----------
.. [1] Lee, Lee, Lee, Shin, "A simple unified framework for detecting out-of-distribution samples
   and adversarial attacks", NeurIPS 2018, eq. (2).
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import nibabel as nib
import numpy as np
import torch
from scoring_scope import dicom, middle, pictures

from acutance_models import get_descriptor, load_network
from acutance_models.iqa_resnet.calibration import load_calibration
from acutance_models.iqa_resnet.evaluation import TRAINED_FAMILIES, corrupt_slice
from acutance_models.iqa_resnet.preprocess import preprocess_slices
from acutance_models.iqa_resnet.training_data import find_volumes, person_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

SHRINKAGE = 0.1
REFUSED_BRAINS = 0.03
MOVED = 3  # slices of each plane and family
BATCH = 16


@dataclass(frozen=True, eq=False)
class Stack:
    """Slices of one volume: their features, and what the judge that is shipped says of them."""

    kind: str
    name: str
    person: str
    features: NDArray[np.float64]
    is_strange: NDArray[np.bool_]


def brains(
    folder: Path, held_out: tuple[str, ...], count: int, rng: np.random.Generator
) -> Iterator[tuple[str, str, str, NDArray[np.float32]]]:
    """Yield kind, name, person and prepared slices of brains: clean, then moved."""
    training, held = find_volumes(folder, held_out=held_out)
    for path in [*training, *held]:
        array = np.asarray(nib.Nifti1Image.from_filename(path).dataobj, dtype=np.float32)
        suffix = "held out" if path in held else "trained on"
        for axis in range(3):
            stack = middle(array, axis)
            chosen = stack[np.linspace(0, len(stack) - 1, count).round().astype(int)]
            name, person = f"{path.name} {axis}", person_of(path.name)
            yield f"clean, {suffix}", name, person, preprocess_slices(chosen)[0]
            shown = np.flatnonzero(np.ptp(stack, axis=(1, 2)) > 0)
            moved = [
                corrupt_slice(stack, int(rng.choice(shown)), family, rng, is_native=False).image
                for family in TRAINED_FAMILIES
                for _ in range(MOVED)
            ]
            yield f"moved, {suffix}", name, person, np.stack(moved)


def distance_from(brains_: NDArray[np.float64]) -> Callable[[NDArray[np.float64]], NDArray]:
    """Return the squared distance of features (N, C) from those of brains."""
    mean, spread = brains_.mean(0), brains_.std(0) + 1e-6
    covariance = np.cov(((brains_ - mean) / spread).T)
    share = np.trace(covariance) / len(covariance)
    precision = np.linalg.inv(
        (1.0 - SHRINKAGE) * covariance + SHRINKAGE * share * np.eye(len(covariance))
    )

    def distance(features: NDArray[np.float64]) -> NDArray[np.float64]:
        scaled = (features - mean) / spread
        return np.einsum("ni,ij,nj->n", scaled, precision, scaled)

    return distance


def lay_out(inside: list[Stack], outside: list[Stack]) -> tuple[list[str], list[str]]:
    """Return a table of kinds, and a line for each volume."""
    everyone = {stack.person for stack in inside}
    far: dict[int, NDArray[np.float64]] = {}
    for person in everyone:
        others = np.concatenate([s.features for s in inside if s.person != person])
        distance = distance_from(others)
        far |= {id(s): distance(s.features) for s in inside if s.person == person}
    limit = float(np.quantile(np.concatenate(list(far.values())), 1.0 - REFUSED_BRAINS))
    distance = distance_from(np.concatenate([s.features for s in inside]))
    far |= {id(s): distance(s.features) for s in outside}
    lines = [
        "| kind | volumes | grey by the judge | by the distance | by either | slices | judge "
        "| distance | either |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    details = []
    for kind in dict.fromkeys(s.kind for s in [*inside, *outside]):
        stacks = [s for s in [*inside, *outside] if s.kind == kind]
        refusals = [
            (s.is_strange, far[id(s)] > limit, s.is_strange | (far[id(s)] > limit)) for s in stacks
        ]
        grey = [sum(bool(r[n].mean() > 0.5) for r in refusals) for n in range(3)]
        shares = [100 * np.concatenate([r[n] for r in refusals]).mean() for n in range(3)]
        slices = sum(len(s.is_strange) for s in stacks)
        lines.append(
            f"| {kind} | {len(stacks)} | {' | '.join(map(str, grey))} | {slices} | "
            + " | ".join(f"{share:.1f} %" for share in shares)
            + " |"
        )
        details += [
            f"{kind}: {s.name}: judge {r[0].mean():.2f}, distance {r[1].mean():.2f}"
            for s, r in zip(stacks, refusals, strict=True)
        ]
    return lines, details


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--network", default="iqa_resnet18")
    parser.add_argument("--layer", default="layer2", help="stage of the network")
    parser.add_argument("--slices", type=int, default=8, help="of each volume and plane")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, help="write the table as Markdown")
    options = parser.parse_args(arguments)
    descriptor = get_descriptor(options.network)
    network, calibration = load_network(options.network), load_calibration(descriptor)
    if calibration is None:
        parser.error("that network has no judge of scope to compare with")
    seen: list[torch.Tensor] = []
    getattr(network, options.layer).register_forward_hook(
        lambda module, inputs, output: seen.append(output.mean((2, 3)).clamp_min(0.0).log1p())
    )

    def look(kind: str, name: str, person: str, images: NDArray[np.float32]) -> Stack:
        seen.clear()
        judged = []
        with torch.inference_mode():
            for batch in torch.from_numpy(np.ascontiguousarray(images))[:, None].split(BATCH):
                network(batch)
                judged.append(calibration.scope(batch) < calibration.scope_threshold)
        features = torch.cat(seen).double().numpy()
        return Stack(kind, name, person, features, torch.cat(judged).numpy())

    rng = np.random.default_rng(options.seed)
    inside = [
        look(*one)
        for one in brains(options.data / "mr-brain", descriptor.held_out, options.slices, rng)
        if len(one[3])
    ]
    outside = []
    for kind, name, stack in chain(dicom(options.data / "dicom"), pictures(options.data)):
        step = max(1, len(stack) // options.slices)
        images, _ = preprocess_slices(stack[::step])
        if len(images):
            outside.append(look(kind, name, "", images))
    lines, details = lay_out(inside, outside)
    text = "\n".join(lines) + "\n"
    print("\n".join(details) + "\n\n" + text)
    if options.out:
        options.out.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
