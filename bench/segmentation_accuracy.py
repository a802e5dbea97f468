"""Measure the segmentation networks on people and pictures they were never trained on.

    PYTHONPATH=app:models python bench/segmentation_accuracy.py DATA [--brain FILE_OR_ID ...]
        [--nuclei FILE_OR_ID ...] [--every N] [--out REPORT.md] [--json FILE]

DATA holds ``mr-labels/synthseg``, ``mr-labels/ptbp-slabs``, ``mr-brain`` and ``seg-nuclei``. A
network is an id of the catalogue or a safetensors file; several are put side by side, together
with classical baselines. One is told more than the networks are: k-means gets the true brain
mask, the number of tissues and the best naming of its clusters, Otsu the polarity. The other has
to find the mask of the slabs by a threshold and morphology.

- Painted: slices of the label maps held out, each painted in two dimensions with a contrast of its
  own, in groups of ten per map; Dice over all slices of a map.
- Slabs: real T1 of 48 people, tissue labels by an algorithm and curated; deep grey counts as grey.
  Slices whose label map covers less than half of what the fullest of the slab has are left out:
  there the label map ends, not the brain. Dice of a person, then the mean over people.
- Extracted: brain mask (fluid, grey and white) of brain-extracted scans against their non-zero
  voxels, holes filled.
- Nuclei: Dice over all pixels of the pictures held out, and the mean over pictures.

``--every N`` takes every Nth slice or slab, for a quick look.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from itertools import permutations
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nibabel as nib
import numpy as np
import torch
from safetensors.torch import load_file
from scipy import ndimage
from skimage.filters import threshold_otsu

from acutance.metrics import ConfusionCounts, count_confusion
from acutance_models import import_state_dict, list_descriptors, load_network
from acutance_models.r2unet.preprocess import normalise
from acutance_models.r2unet.tissues import CSF, GREY, WHITE
from acutance_models.r2unet.training_data import make_label_map, paint_slice, read_nuclei

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    Segment = Callable[[NDArray[np.floating]], NDArray[np.uint8]]

TISSUES = (CSF, GREY, WHITE)
HELD_OUT_MAPS = ("labelmap_03", "labelmap_13")
PAINTED_GROUPS = 10
PAINTED_SLICES = 6  # of each group: two along each axis
EXTRACTED = (
    "fsubject1_brain_T1w", "stroke_T1", "skullstripped_T1gd", "ms_patient07_T1w",
    "ms_patient19_T1w", "ms_patient19_T1gd", "m2208_T2w", "stroke_T2", "ms_patient07_T2w",
    "ms_patient19_T2w", "stroke_FLAIR", "ms_patient07_FLAIR", "ms_patient19_FLAIR",
)  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(description="Measure segmentation networks.")
    parser.add_argument("data", type=Path)
    parser.add_argument("--brain", action="append", default=[])
    parser.add_argument("--nuclei", action="append", default=[])
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    torch.set_num_threads(1)
    table: dict[str, dict[str, float]] = {}
    for name in options.brain:
        segment = load(name)
        start = time.process_time()
        row = {**painted(options.data, segment, options.every)}
        row |= slabs(options.data, segment, options.every)
        row |= extracted(options.data, segment, options.every)
        row["brain cpu s"] = time.process_time() - start
        table[name] = row
        print(name, {key: round(value, 4) for key, value in row.items()}, flush=True)
    if options.brain:
        row = {**painted(options.data, None, options.every)}
        row |= slabs(options.data, None, options.every)
        row |= extracted(options.data, None, options.every)
        table["k-means in the true mask, Otsu"] = row
        # What a script could do that is told nothing but that the slabs are T1.
        table["k-means in Otsu's mask"] = slabs(options.data, cluster_in_otsu, options.every)
    for name in options.nuclei:
        table.setdefault(name, {}).update(nuclei(options.data, load(name)))
    if options.nuclei:
        table["Otsu and morphology"] = nuclei(options.data, otsu_nuclei)
    report = write_table(table)
    print(report)
    if options.out:
        options.out.write_text(report, encoding="utf-8")
    if options.json:
        options.json.write_text(json.dumps(table, indent=1), encoding="utf-8")
    return 0


def load(name: str) -> Segment:
    """Return what maps a slice to classes, from an id of the catalogue or a weights file."""
    if name in {descriptor.id for descriptor in list_descriptors()}:
        network = load_network(name)
    else:
        network = import_state_dict(load_file(name))

    def segment(image: NDArray[np.floating]) -> NDArray[np.uint8]:
        prepared = normalise(image)
        planes = prepared[None] if prepared.ndim == 2 else np.moveaxis(prepared, 2, 0)
        with torch.inference_mode():
            logits = network(torch.from_numpy(np.ascontiguousarray(planes))[None])
        return logits[0].argmax(0).numpy().astype(np.uint8)

    return segment


def painted(data: Path, segment: Segment | None, every: int) -> dict[str, float]:
    """Return Dice on painted slices of the label maps held out."""
    brains, tissues = [], []
    for number, name in enumerate(HELD_OUT_MAPS):
        image = nib.load(data / "mr-labels" / "synthseg" / f"{name}.nii.gz")
        label_map = make_label_map(np.asarray(image.dataobj).astype(np.int16))
        counts = _Counts()
        for group in range(0, PAINTED_GROUPS, every):
            rng = np.random.default_rng([7, number, group])
            for position in range(PAINTED_SLICES):
                along = [pair for pair in label_map.brain if pair[0] == position % 3]
                middle = along[len(along) // 6 : len(along) - len(along) // 6]
                axis, index = middle[rng.integers(len(middle))]
                codes = np.take(label_map.codes, index, axis)
                picture, truth = paint_slice(codes, rng)
                counts.add(truth, _segment_or_cluster(segment, picture, truth))
        brains.append(counts.brain.dice)
        tissues.append(counts.tissue_dice)
    return {
        "painted brain": float(np.mean(brains)),
        **_named("painted", np.mean(tissues, axis=0)),
    }


def slabs(data: Path, segment: Segment | None, every: int) -> dict[str, float]:
    """Return Dice on the real T1 slabs, the mean over people."""
    brains, tissues = [], []
    paths = sorted((data / "mr-labels" / "ptbp-slabs").glob("*_T1w.nii.gz"))
    for path in paths[::every]:
        scan = np.asarray(nib.load(path).dataobj, dtype=np.float32)
        known = nib.load(path.with_name(path.name.replace("_T1w", "_tissue")))
        labels = np.asarray(known.dataobj).astype(np.uint8)
        labels[labels == 4] = GREY
        labelled = np.count_nonzero(labels, axis=(0, 1))
        counts = _Counts()
        for index in np.flatnonzero(labelled > 0.5 * labelled.max()):
            truth = labels[..., index]
            counts.add(truth, _segment_or_cluster(segment, scan[..., index], truth, is_t1=True))
        brains.append(counts.brain.dice)
        tissues.append(counts.tissue_dice)
    return {
        "slabs brain": float(np.mean(brains)),
        **_named("slabs", np.mean(tissues, axis=0)),
        "slabs people": len(brains),
    }


def extracted(data: Path, segment: Segment | None, every: int) -> dict[str, float]:
    """Return the Dice of the brain mask on brain-extracted scans, by contrast."""
    found: dict[str, list[float]] = {}
    for name in EXTRACTED:
        scan = np.asarray(nib.load(data / "mr-brain" / f"{name}.nii.gz").dataobj, dtype=np.float32)
        counts = ConfusionCounts(0, 0, 0, 0)
        for picture in _spread(scan, 8 * every):
            truth = ndimage.binary_fill_holes(picture != 0.0)
            if segment is None:
                predicted = otsu_brain(picture)
            else:
                predicted = np.isin(segment(picture), TISSUES)
            counts += count_confusion(truth, predicted)
        found.setdefault(name.rpartition("_")[2].replace("T1w", "T1"), []).append(counts.dice)
        found.setdefault("lowest", []).append(counts.dice)
    lowest = min(found.pop("lowest"))
    means = {f"extracted {key}": float(np.mean(values)) for key, values in found.items()}
    return {**means, "extracted lowest": lowest}


def nuclei(data: Path, segment: Segment) -> dict[str, float]:
    """Return Dice on the pictures held out."""
    _, held = read_nuclei(data / "seg-nuclei")
    together, each = ConfusionCounts(0, 0, 0, 0), []
    for picture, classes in held:
        counts = count_confusion(classes == 1, segment(picture.astype(np.float32)) == 1)
        together += counts
        each.append(counts.dice)
    return {
        "nuclei pooled": together.dice,
        "nuclei mean": float(np.mean(each)),
        "nuclei lowest": min(each),
        "nuclei sensitivity": together.sensitivity,
        "nuclei specificity": together.specificity,
        "nuclei jaccard": together.jaccard,
    }


def otsu_brain(picture: NDArray[np.floating]) -> NDArray[np.bool_]:
    """Threshold, open, keep the largest piece, fill its holes."""
    if picture.max() <= picture.min():
        return np.zeros(picture.shape, bool)
    mask = ndimage.binary_opening(picture > threshold_otsu(picture), iterations=2)
    pieces, count = ndimage.label(mask)
    if count:
        mask = pieces == 1 + np.argmax(np.bincount(pieces.ravel())[1:])
    return ndimage.binary_fill_holes(ndimage.binary_closing(mask, iterations=3))


def otsu_nuclei(picture: NDArray[np.floating]) -> NDArray[np.uint8]:
    """Threshold the brightness, dark on bright grounds; open, fill holes."""
    grey = picture.mean(axis=2)
    is_bright = grey > threshold_otsu(grey)
    mask = ~is_bright if grey.mean() > 110 else is_bright
    return ndimage.binary_fill_holes(ndimage.binary_opening(mask)).astype(np.uint8)


def cluster_tissues(
    picture: NDArray[np.floating], truth: NDArray[np.uint8], *, is_t1: bool
) -> NDArray[np.uint8]:
    """Part the true brain by k-means of its intensities, 3 clusters.

    They are named by rising mean where the contrast is T1, else as agrees best with the truth.
    """
    mask = np.isin(truth, TISSUES)
    values = picture[mask].astype(np.float64)
    labels = np.zeros(truth.shape, np.uint8)
    if values.size < len(TISSUES):
        return labels
    centres = np.percentile(values, (10, 50, 90))
    for _ in range(50):
        nearest = np.abs(values[:, None] - centres).argmin(1)
        centres = np.array(
            [values[nearest == n].mean() if (nearest == n).any() else centres[n] for n in range(3)]
        )
    order = [TISSUES] if is_t1 else list(permutations(TISSUES))
    named = [np.array(names, np.uint8)[nearest] for names in order]
    labels[mask] = max(named, key=lambda guess: int((guess == truth[mask]).sum()))
    return labels


def cluster_in_otsu(picture: NDArray[np.floating]) -> NDArray[np.uint8]:
    """Part what `otsu_brain` finds in a T1-weighted slice by k-means."""
    mask = np.where(otsu_brain(picture), GREY, 0).astype(np.uint8)
    return cluster_tissues(picture, mask, is_t1=True)


def write_table(table: dict[str, dict[str, float]]) -> str:
    """Write one column for each network and one row for each measure."""
    measures = list(dict.fromkeys(key for row in table.values() for key in row))
    lines = ["| | " + " | ".join(table) + " |", "|---|" + "---|" * len(table)]
    for measure in measures:
        cells = [f"{row[measure]:.3f}" if measure in row else "" for row in table.values()]
        lines.append(f"| {measure} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


class _Counts:
    """Counts of one person: the brain as a whole and each tissue."""

    def __init__(self) -> None:
        self.brain = ConfusionCounts(0, 0, 0, 0)
        self.tissues = [ConfusionCounts(0, 0, 0, 0) for _ in TISSUES]

    def add(self, truth: NDArray[np.uint8], predicted: NDArray[Any]) -> None:
        self.brain += count_confusion(np.isin(truth, TISSUES), np.isin(predicted, TISSUES))
        self.tissues = [
            counts + count_confusion(truth == tissue, predicted == tissue)
            for counts, tissue in zip(self.tissues, TISSUES, strict=True)
        ]

    @property
    def tissue_dice(self) -> list[float]:
        return [counts.dice for counts in self.tissues]


def _segment_or_cluster(
    segment: Segment | None,
    picture: NDArray[np.floating],
    truth: NDArray[np.uint8],
    *,
    is_t1: bool = False,
) -> NDArray[np.uint8]:
    if segment is not None:
        return segment(picture)
    return cluster_tissues(picture, truth, is_t1=is_t1)


def _named(place: str, dice: Sequence[float] | NDArray[np.floating]) -> dict[str, float]:
    names = zip(("CSF", "grey", "white"), map(float, dice), strict=True)
    return {
        f"{place} tissues": float(np.mean(dice)),
        **{f"{place} {name}": value for name, value in names},
    }


def _spread(scan: NDArray[np.float32], step: int) -> Iterator[NDArray[np.float32]]:
    """Yield every so many slices that are not empty, along the last axis."""
    shown = np.flatnonzero((scan != 0.0).any(axis=(0, 1)))
    for index in shown[step // 2 :: step]:
        yield scan[..., index]


if __name__ == "__main__":
    sys.exit(main())
