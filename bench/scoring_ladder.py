"""Measure the scoring network on people it was never trained on.

    PYTHONPATH=models python bench/scoring_ladder.py DATA_FOLDER [--out REPORT.md]

DATA_FOLDER holds NIfTI volumes of the held-out people, named as the manifest names them. Two
measurements, both with simulated corruption: residuals on random corruptions as in training, and
a ladder of known motion, over which the mean score of every volume has to fall.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import nibabel as nib
import numpy as np
import torch
from safetensors.torch import load_file

from acutance_models import get_descriptor, load_network
from acutance_models.iqa_resnet.network import build
from acutance_models.iqa_resnet.preprocess import preprocess_slices
from acutance_models.iqa_resnet.training_data import (
    draw_batch,
    find_volumes,
    person_of,
    read_volumes,
)
from acutance_models.loading import fill_network
from acutance_models.simulation.volume import corrupt_volume

if TYPE_CHECKING:
    from numpy.typing import NDArray

SIGMAS_DEG = (0.0, 0.25, 0.5, 1.0, 2.0, 4.0)
MUST_FALL_OVER_DEG = (0.0, 0.5, 1.0, 2.0, 4.0)
BATCH = 16
# Published for RN18 with contrast augmentation, on other data (arXiv 2206.06725, abstract).
PUBLISHED_ACCURACY = {3: 97, 5: 95, 10: 89}
PUBLISHED_RESIDUAL = "-0.0009 / 0.0139"


@dataclass(frozen=True)
class Rung:
    """The ladder of one volume: mean score at each angle."""

    volume: str
    means: tuple[float, ...]
    slices: int

    def falls(self) -> bool:
        wanted = [m for s, m in zip(SIGMAS_DEG, self.means, strict=True) if s in MUST_FALL_OVER_DEG]
        return all(before > after for before, after in pairwise(wanted))


def score(network: torch.nn.Module, images: torch.Tensor) -> NDArray[np.float64]:
    """Score images (N, 1, 256, 256)."""
    with torch.inference_mode():
        parts = [network(part)[:, 0].double() for part in torch.split(images, BATCH)]
    return torch.cat(parts).numpy()


def to_class(values: NDArray[np.float64], classes: int) -> NDArray[np.int64]:
    """Return which of equal half-open ranges of [0, 1] a value lies in; the last is closed."""
    edges = np.arange(1, classes) / classes
    return np.searchsorted(edges, np.clip(values, 0.0, 1.0), side="right")


def measure_residuals(
    network: torch.nn.Module, paths: list[Path], count: int, seed: int
) -> dict[str, float]:
    """Score random corruptions of held-out slices."""
    volumes = read_volumes(paths)
    rng = np.random.default_rng(seed)
    truths, scores = [], []
    for _ in range(0, count, BATCH):
        images, labels = draw_batch(volumes, BATCH, rng)
        truths.append(labels.double().numpy())
        scores.append(score(network, images))
    truth, predicted = np.concatenate(truths), np.concatenate(scores)
    residual = truth - predicted
    measured = {
        "slices": len(truth),
        "residual_mean": residual.mean(),
        "residual_sd": residual.std(ddof=1),
        "mean_absolute_error": np.abs(residual).mean(),
        "mean_absolute_error_of_the_mean": np.abs(truth - truth.mean()).mean(),
        "label_mean": truth.mean(),
        "label_sd": truth.std(ddof=1),
        "correlation": np.corrcoef(truth, predicted)[0, 1],
    }
    for classes in PUBLISHED_ACCURACY:
        true_class = to_class(truth, classes)
        measured[f"accuracy_{classes}"] = np.mean(true_class == to_class(predicted, classes))
        commonest = np.bincount(true_class).max() / len(truth)
        measured[f"accuracy_{classes}_of_the_commonest"] = commonest
    return {name: float(value) for name, value in measured.items()}


def climb(network: torch.nn.Module, path: Path, step: int, seed: int) -> Rung:
    """Move the middle half of the axial slices of a volume by each angle, and score it."""
    image = nib.Nifti1Image.from_filename(path)
    axial = int(np.argmax(np.abs(image.affine[2, :3])))
    array = np.asarray(image.dataobj, dtype=np.float32)
    count = array.shape[axial]
    middle = np.take(array, range(count // 4, 3 * count // 4, step), axial)
    means, slices = [], 0
    for sigma in SIGMAS_DEG:
        moved = corrupt_volume(middle, axial, sigma, seed)
        images, is_scored = preprocess_slices(np.moveaxis(moved, axial, 0))
        means.append(float(score(network, torch.from_numpy(images)[:, None]).mean()))
        slices = int(is_scored.sum())
    return Rung(path.name.split(".")[0], tuple(means), slices)


def as_markdown(title: str, measured: dict[str, float], rungs: list[Rung]) -> str:
    """Lay both measurements out as tables."""
    lines = [f"# {title}", "", "| random corruption, held-out people | value | published |"]
    lines += ["|---|---|---|"]
    lines += [f"| slices | {measured['slices']:.0f} | 10000 |"]
    lines += [
        "| residual mean / sd | "
        f"{measured['residual_mean']:+.4f} / {measured['residual_sd']:.4f} | {PUBLISHED_RESIDUAL} |"
    ]
    lines += [
        "| mean absolute error (always the mean label) | "
        f"{measured['mean_absolute_error']:.4f} "
        f"({measured['mean_absolute_error_of_the_mean']:.4f}) | |"
    ]
    lines += [f"| label mean / sd | {measured['label_mean']:.3f} / {measured['label_sd']:.3f} | |"]
    lines += [f"| correlation | {measured['correlation']:.3f} | |"]
    for classes, published in PUBLISHED_ACCURACY.items():
        lines += [
            f"| accuracy, {classes} classes (always the commonest) | "
            f"{100 * measured[f'accuracy_{classes}']:.1f} % "
            f"({100 * measured[f'accuracy_{classes}_of_the_commonest']:.1f} %) | {published} % |"
        ]
    angles = " | ".join(f"{sigma:g}°" for sigma in SIGMAS_DEG)
    lines += ["", f"| mean score of a volume | slices | {angles} | falls |"]
    lines += ["|---|---|" + "---|" * len(SIGMAS_DEG) + "---|"]
    for rung in rungs:
        means = " | ".join(f"{mean:.3f}" for mean in rung.means)
        verdict = "yes" if rung.falls() else "NO"
        lines += [f"| {rung.volume} | {rung.slices} | {means} | {verdict} |"]
    fallen = sum(rung.falls() for rung in rungs)
    lines += ["", f"Falls strictly over 0, 0.5, 1, 2, 4 degrees: {fallen} of {len(rungs)} volumes."]
    return "\n".join(lines) + "\n"


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--network", default="iqa_resnet18", help="id in the manifest")
    parser.add_argument("--weights", type=Path, help="other weights of that network")
    parser.add_argument("--slices", type=int, default=1600, help="random corruptions")
    parser.add_argument("--step", type=int, default=2, help="take every n-th slice of a volume")
    parser.add_argument("--seed", type=int, default=100)
    parser.add_argument("--out", type=Path, help="write the tables as Markdown")
    parser.add_argument("--json", type=Path, help="write the figures")
    options = parser.parse_args(arguments)

    descriptor = get_descriptor(options.network)
    _, paths = find_volumes(options.data, held_out=descriptor.held_out)
    if not paths:
        print(f"no volume of {', '.join(descriptor.held_out)} in the folder", file=sys.stderr)
        return 1
    if options.weights:
        network: torch.nn.Module = build(descriptor.architecture).eval()
        fill_network(network, load_file(options.weights), source=options.weights.name)
    else:
        network = load_network(options.network)
    measured = measure_residuals(network, paths, options.slices, options.seed)
    rungs = [climb(network, path, options.step, options.seed) for path in paths]
    measured["ladder_falls"] = float(sum(rung.falls() for rung in rungs))
    measured["ladder_volumes"] = float(len(rungs))
    people = len({person_of(path.name) for path in paths})
    title = f"{descriptor.title}, version {descriptor.version}: {people} held-out people"
    text = as_markdown(title, measured, rungs)
    print(text)
    if options.out:
        options.out.write_text(text, encoding="utf-8")
    if options.json:
        options.json.write_text(json.dumps(measured, indent=2) + "\n", encoding="utf-8")
    return 0 if all(rung.falls() for rung in rungs) else 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
