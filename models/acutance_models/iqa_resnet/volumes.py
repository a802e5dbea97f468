"""Clean volumes to train on: found, read, and cut into the slices worth showing."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

import nibabel as nib
import numpy as np
import torch
from torch.nn import functional

from acutance_models.iqa_resnet.preprocess import is_blank, normalise
from acutance_models.simulation.painting import FIRST_EXTRACEREBRAL

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray


log = logging.getLogger(__name__)

MIN_FOREGROUND = 0.05  # a training slice must show more than a scored one
SQUARE_PIXEL_TOLERANCE = 1.05


@dataclass(frozen=True)
class View:
    """The usable slices of one volume along one axis.

    Parameters
    ----------
    slices : ndarray, shape (N, H, W), float16 in [0, 1], or uint16 labels
        Middle half of the axis, without blank slices.
    weight : float
        How often it is drawn among the views of its volume.
    """

    slices: NDArray[np.float16] | NDArray[np.uint16]
    weight: float


@dataclass(frozen=True)
class TrainingVolume:
    """One scan, or one label map, of one person.

    Parameters
    ----------
    person : str
        Scans that share it are of one person.
    views : tuple of View
        Up to three.
    """

    person: str
    views: tuple[View, ...]

    @property
    def is_label_map(self) -> bool:
        """Whether the slices are labels that have to be painted."""
        return self.views[0].slices.dtype == np.uint16


def person_of(filename: str) -> str:
    """Return the person a file name stands for.

    All names that begin with ``stroke_`` are one person, and so are all that begin with the
    same ``ms_patientNN_``. Any other file is a person of its own.
    """
    stem = filename.split(".", 1)[0]
    if stem.startswith("stroke_"):
        return "stroke"
    if stem.startswith("ms_patient"):
        return "_".join(stem.split("_")[:2])
    return stem


def find_volumes(folder: Path, *, held_out: Sequence[str]) -> tuple[list[Path], list[Path]]:
    """List the volumes of a folder, split by person.

    Parameters
    ----------
    folder : Path
        Holds ``*.nii.gz`` files.
    held_out : sequence of str
        A person is held out when its name begins with one of these.

    Returns
    -------
    training, held : list of Path
        Sorted by name.
    """
    training: list[Path] = []
    held: list[Path] = []
    for path in sorted(folder.glob("*.nii*")):
        is_held = person_of(path.name).startswith(tuple(held_out)) if held_out else False
        (held if is_held else training).append(path)
    return training, held


def read_volumes(paths: Iterable[Path]) -> list[TrainingVolume]:
    """Read NIfTI files into training volumes."""
    volumes = []
    for path in paths:
        image = nib.Nifti1Image.from_filename(path)
        array = np.asarray(image.dataobj, dtype=np.float32)
        spacing = np.linalg.norm(image.affine[:3, :3], axis=0).tolist()
        volumes.append(make_volume(array, person_of(path.name), tuple(spacing)))
        log.info("read a volume: %d views", len(volumes[-1].views))
    return volumes


def make_volume(
    array: NDArray[np.float32],
    person: str,
    spacing: tuple[float, ...] = (1.0, 1.0, 1.0),
) -> TrainingVolume:
    """Cut a volume into views with square pixels.

    Parameters
    ----------
    array : ndarray, shape (I, J, K), float32
        Any intensity unit, canonical or file order.
    person : str
    spacing : tuple of float
        Voxel size along the three axes, mm.

    Returns
    -------
    TrainingVolume
        Three views, equally likely; where the last axis has no more than half as many slices
        as the first it is taken for the acquisition axis and drawn four times in five.

    Raises
    ------
    ValueError
        If no slice shows anatomy.
    """
    low, high = float(array.min()), float(array.max())
    scaled = ((array - low) / max(high - low, 1e-12)).astype(np.float16)
    is_anisotropic = array.shape[2] <= array.shape[0] // 2
    views = []
    for axis in range(3):
        count = array.shape[axis]
        middle = np.take(scaled, range(count // 4, max(3 * count // 4, count // 4 + 1)), axis)
        in_plane = [size for other, size in enumerate(spacing) if other != axis]
        stack = _square_pixels(np.ascontiguousarray(np.moveaxis(middle, axis, 0)), in_plane)
        keep = [index for index, image in enumerate(stack) if _shows_enough(image)]
        if keep:
            weight = (0.8 if axis == 2 else 0.1) if is_anisotropic else 1.0
            views.append(View(stack[keep], weight))
    if not views:
        raise ValueError("Expected a volume that shows anatomy; every slice is blank.")
    return TrainingVolume(person, tuple(views))


def make_label_volume(
    array: NDArray[np.integer], person: str, spacing: tuple[float, ...] = (1.0, 1.0, 1.0)
) -> TrainingVolume:
    """Cut a label map into views to be painted.

    Parameters
    ----------
    array : ndarray, shape (I, J, K), integer >= 0
    person : str
    spacing : tuple of float
        Voxel size along the three axes, mm; must be equal to 5 %.

    Returns
    -------
    TrainingVolume
        Middle half of three views, slices with labels on 5 % of their pixels or more.

    Raises
    ------
    ValueError
        If voxels are not cubes or nothing is labelled.
    """
    if max(spacing) >= SQUARE_PIXEL_TOLERANCE * min(spacing):
        raise ValueError(f"Expected a label map of cubic voxels; got {spacing} mm.")
    views = []
    for axis in range(3):
        count = array.shape[axis]
        middle = np.moveaxis(np.take(array, range(count // 4, 3 * count // 4), axis), axis, 0)
        is_brain = (middle > 0) & (middle < FIRST_EXTRACEREBRAL)
        keep = is_brain.mean((1, 2)) >= MIN_FOREGROUND
        if keep.any():
            views.append(View(np.ascontiguousarray(middle[keep]).astype(np.uint16), 1.0))
    if not views:
        raise ValueError("Expected a label map that shows a brain; every slice is empty.")
    return TrainingVolume(person, tuple(views))


def read_label_volumes(paths: Iterable[Path]) -> list[TrainingVolume]:
    """Read NIfTI label maps to paint training slices on."""
    volumes = []
    for path in paths:
        image = nib.Nifti1Image.from_filename(path)
        spacing = np.linalg.norm(image.affine[:3, :3], axis=0).tolist()
        array = np.asarray(image.dataobj).astype(np.int32)
        volumes.append(make_label_volume(array, person_of(path.name), tuple(spacing)))
    return volumes


def _square_pixels(stack: NDArray[np.float16], in_plane: list[float]) -> NDArray[np.float16]:
    """Resample (N, H, W) to the finer of two pixel sizes, linear, as scoring does."""
    finest = min(in_plane)
    if max(in_plane) < SQUARE_PIXEL_TOLERANCE * finest:
        return stack
    size = [round(n * mm / finest) for n, mm in zip(stack.shape[1:], in_plane, strict=True)]
    resampled = functional.interpolate(
        torch.from_numpy(stack.astype(np.float32))[:, None], size=size, mode="bilinear"
    )
    return resampled[:, 0].numpy().astype(np.float16)


def _shows_enough(image: NDArray[np.float16]) -> bool:
    normalised = normalise(image)
    if normalised is None or is_blank(normalised):
        return False
    return bool(np.count_nonzero(normalised) >= MIN_FOREGROUND * normalised.size)
