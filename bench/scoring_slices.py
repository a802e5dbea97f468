"""The corrupted slices `scoring_accuracy.py` measures on: drawn, made, and kept on disk."""

from __future__ import annotations

import hashlib
import json
import zlib
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

import nibabel as nib
import numpy as np

from acutance.core.ledger import LoadedSeries
from acutance.io.readers import index_paths, read_item
from acutance_models.iqa_resnet.evaluation import OTHER_FAMILIES, TRAINED_FAMILIES, corrupt_slice
from acutance_models.iqa_resnet.volumes import find_volumes, make_volume, person_of
from acutance_models.simulation.painting import CONTRASTS, draw_painting, paint

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

PLANES = ("sagittal", "coronal", "axial")  # the normals of the axes of a canonical volume
SIGMAS_DEG = (0.0, 0.25, 0.5, 1.0, 2.0, 4.0)
RUNG_SLICES = 12
#: Brain series among the DICOM samples, and the person each shows.
DICOM_PEOPLE = {
    "mr-ge-epi": "ge_epi",
    "mr-philips-dti": "philips_dti",
    "mr-philips-pcasl": "philips_pcasl",
    "mr-siemens-mosaic": "siemens_mosaic",
    "mr-siemens-xa30-enhanced": "adult_xa30",
}


class Silent:
    """Progress that nobody watches and a token nobody cancels."""

    def report(self, fraction: float, message: str) -> None:
        """Say nothing."""

    def raise_if_cancelled(self) -> None:
        """Go on."""


SILENT = Silent()


@dataclass(frozen=True)
class Row:
    """Where a slice comes from, what happened to it, and what the network should say.

    Parameters
    ----------
    group : str
        "trained", "other" (families not trained on), "ladder" or "dicom".
    person, volume, contrast, plane, family : str
    sigma_deg : float
        Rung of the ladder; NaN elsewhere.
    label : float
    """

    group: str
    person: str
    volume: str
    contrast: str
    plane: str
    family: str
    sigma_deg: float
    label: float


@dataclass(frozen=True)
class Source:
    """A clean volume as stacks of usable slices, one for each plane; and whether it is climbed."""

    person: str
    volume: str
    contrast: str
    stacks: dict[str, NDArray[np.float32]]
    has_ladder: bool = True

    @property
    def is_painted(self) -> bool:
        return self.person.startswith("labelmap")


@dataclass(frozen=True)
class Amounts:
    """How many slices to make of each volume: trained families, each other family."""

    trained: int
    painted: int
    other: int
    dicom: int


def contrast_of(name: str) -> str:
    """Return the contrast a file name ends with."""
    for ending, contrast in (("FLAIR", "FLAIR"), ("T2", "T2"), ("T1gd", "T1gd"), ("T1ce", "T1gd")):
        if ending in name:
            return contrast
    return "T1"


def read_sources(
    data: Path, label_maps: Path | None, held_out: Sequence[str], seed: int, paintings: int = 1
) -> Iterator[Source]:
    """Read the scans held out, and paint the label maps held out in each contrast, so many times.

    There is a ladder only where each is painted once.
    """
    for path in find_volumes(data, held_out=held_out)[1]:
        image = nib.as_closest_canonical(nib.Nifti1Image.from_filename(path))
        spacing = np.linalg.norm(image.affine[:3, :3], axis=0).tolist()
        name = path.name.split(".")[0]
        array = np.asarray(image.dataobj, dtype=np.float32)
        yield as_source(array, person_of(path.name), name, contrast_of(name), spacing)
    paths = find_volumes(label_maps, held_out=held_out)[1] if label_maps else []
    for number, path in enumerate(paths):
        image = nib.as_closest_canonical(nib.Nifti1Image.from_filename(path))
        labels = np.asarray(image.dataobj).astype(np.int32)
        codes = np.unique(labels).tolist()
        for position in range(paintings * len(CONTRASTS)):
            contrast, again = CONTRASTS[position % len(CONTRASTS)], position // len(CONTRASTS)
            rng = np.random.default_rng([seed, number, position])
            draw = draw_painting(rng, codes, 3, contrast=contrast, is_extracted=position % 2 == 0)
            name = f"{person_of(path.name)}_{contrast}" + (f"_{again}" if again else "")
            source = as_source(
                paint(labels, draw)[0], person_of(path.name), name, contrast, [1.0, 1.0, 1.0]
            )
            yield replace(source, has_ladder=paintings == 1)


def read_dicom_sources(folder: Path) -> Iterator[Source]:
    """Read the brain series among the DICOM samples; the first volume of each."""
    for name, person in DICOM_PEOPLE.items():
        for number, item in enumerate(index_paths([folder / name], SILENT, SILENT).items):
            if any("m0_mosaic" in file for file in item.files):
                continue  # the person of adult_prisma, who is trained on
            loaded = read_item(item, np.empty, SILENT, SILENT)
            if not isinstance(loaded, LoadedSeries):
                continue
            volume = loaded.volume
            array = np.asarray(volume.array, dtype=np.float32)
            if array.ndim != 3 or min(array.shape) < 8:
                continue
            image = nib.as_closest_canonical(nib.Nifti1Image(array, volume.affine))
            spacing = np.linalg.norm(image.affine[:3, :3], axis=0).tolist()
            array = np.asarray(image.dataobj, dtype=np.float32)
            yield as_source(array, person, f"{name}_{number}", "dicom", spacing)


def as_source(
    array: NDArray[np.float32], person: str, name: str, contrast: str, spacing: list[float]
) -> Source:
    """Cut a canonical volume into stacks; thick slices give the acquisition plane only."""
    views = make_volume(array, person, tuple(spacing)).views
    stacks = {
        plane: view.slices.astype(np.float32) for plane, view in zip(PLANES, views, strict=True)
    }
    if max(spacing) >= 1.5 * min(spacing):
        plane = PLANES[spacing.index(max(spacing))]
        stacks = {plane: stacks[plane]}
    return Source(person, name, contrast, stacks)


def make_rows(source: Source, amounts: Amounts, seed: int) -> Iterator[tuple[Row, NDArray]]:
    """Corrupt slices of a volume; the same seed gives the same slices."""
    key = [seed, zlib.crc32(source.volume.encode())]
    planes = sorted(source.stacks)
    row = Row("trained", source.person, source.volume, source.contrast, "", "", float("nan"), 0.0)
    if source.contrast == "dicom":
        jobs = [("dicom", TRAINED_FAMILIES[n % 2]) for n in range(amounts.dicom)]
    else:
        count = amounts.painted if source.is_painted else amounts.trained
        jobs = [("trained", TRAINED_FAMILIES[n % 2]) for n in range(count)]
        other = amounts.other // 2 if source.is_painted else amounts.other
        jobs += [("other", family) for family in OTHER_FAMILIES for _ in range(other)]
    for number, (group, family) in enumerate(jobs):
        rng = np.random.default_rng([*key, number])
        plane = planes[(number // 2) % len(planes)]
        stack = source.stacks[plane]
        made = corrupt_slice(
            stack, int(rng.integers(len(stack))), family, rng, is_native=bool(rng.random() < 0.5)
        )
        made_row = replace(row, group=group, plane=plane, family=family, label=made.label)
        yield made_row, made.image
    if source.contrast == "dicom" or not source.has_ladder:
        return
    plane = "axial" if "axial" in source.stacks else planes[0]
    stack = source.stacks[plane]
    chosen = np.unique(np.linspace(0, len(stack) - 1, RUNG_SLICES).round().astype(int))
    for sigma in SIGMAS_DEG:
        for position in chosen.tolist():
            made = corrupt_slice(
                stack,
                position,
                "rotation",
                np.random.default_rng([*key, 10**6 + position]),
                is_native=True,
                sigma_range_deg=(sigma, sigma),
                varies_contrast=False,
            )
            made_row = replace(
                row,
                group="ladder",
                plane=plane,
                family="rotation",
                sigma_deg=sigma,
                label=made.label,
            )
            yield made_row, made.image


def load_or_make(
    sources: Iterator[Source], amounts: Amounts, seed: int, cache: Path | None, key: str
) -> tuple[list[Row], NDArray[np.uint16]]:
    """Return rows and images as 16-bit integers, from the cache where they lie there."""
    digest = hashlib.sha256(repr((key, amounts, seed)).encode()).hexdigest()[:12]
    listing = cache / f"{digest}.json" if cache else None
    pictures = cache / f"{digest}.npy" if cache else None
    if listing and pictures and listing.exists() and pictures.exists():
        rows = [Row(**row) for row in json.loads(listing.read_text(encoding="utf-8"))]
        return rows, np.load(pictures, mmap_mode="r")
    rows, images = [], []
    for source in sources:
        for row, image in make_rows(source, amounts, seed):
            rows.append(row)
            images.append(np.round(image * 65535.0).astype(np.uint16))
        print(f"{source.volume}: {len(rows)} slices so far", flush=True)
    stacked = np.stack(images)
    if listing and pictures:
        listing.parent.mkdir(parents=True, exist_ok=True)
        np.save(pictures, stacked)
        listing.write_text(json.dumps([asdict(row) for row in rows]), encoding="utf-8")
    return rows, stacked
