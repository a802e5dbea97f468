"""Clean volumes in, corrupted slices with their labels out.

Every random choice is drawn from one NumPy generator, so that a seed fixes the whole run.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

import nibabel as nib
import numpy as np
import torch
from torch.nn import functional

from acutance_models.iqa_resnet import batch_simulation
from acutance_models.iqa_resnet.preprocess import NOISE_FLOOR, is_blank, normalise, to_square
from acutance_models.simulation.contrast import apply_contrast, draw_contrast
from acutance_models.simulation.ghosting import draw_ghosting
from acutance_models.simulation.motion import draw_rotation_motion
from acutance_models.simulation.rigid import draw_rigid_motion

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray
    from torch import Tensor

log = logging.getLogger(__name__)

GROUP = 4  # slices of one volume and view that are corrupted together
CLEAN_SHARE = 0.04
NATIVE_SHARE = 0.5
LARGEST_NATIVE = 288  # larger slices are corrupted on the 256 grid only: it costs too much
MIN_FOREGROUND = 0.05  # a training slice must show more than a scored one
SIGMA_RANGE_DEG = (0.01, 5.0)
SQUARE_PIXEL_TOLERANCE = 1.05


@dataclass(frozen=True)
class View:
    """The usable slices of one volume along one axis.

    Parameters
    ----------
    slices : ndarray, shape (N, H, W), float16, in [0, 1]
        Middle half of the axis, without blank slices.
    weight : float
        How often it is drawn among the views of its volume.
    """

    slices: NDArray[np.float16]
    weight: float


@dataclass(frozen=True)
class TrainingVolume:
    """One scan of one person.

    Parameters
    ----------
    person : str
        Scans that share it are of one person.
    views : tuple of View
        Up to three.
    """

    person: str
    views: tuple[View, ...]


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


def draw_batch(
    volumes: Sequence[TrainingVolume], size: int, rng: np.random.Generator
) -> tuple[Tensor, Tensor]:
    """Draw one batch of corrupted slices.

    Parameters
    ----------
    volumes : sequence of TrainingVolume
        A person is drawn first, then one of its volumes, then a view, then slices.
    size : int
        Number of slices.
    rng : numpy.random.Generator
        Advanced by the call.

    Returns
    -------
    images : Tensor, shape (size, 1, 256, 256), float32, in [0, 1]
        What the network sees: as `preprocess` makes it.
    labels : Tensor, shape (size,), float32
        Structural similarity to the undisturbed slice, before the noise floor is removed.
    """
    persons = sorted({volume.person for volume in volumes})
    images: list[Tensor] = []
    labels: list[Tensor] = []
    while GROUP * len(labels) < size:
        person = persons[rng.integers(len(persons))]
        of_person = [volume for volume in volumes if volume.person == person]
        volume = of_person[rng.integers(len(of_person))]
        weights = np.array([view.weight for view in volume.views])
        view = volume.views[rng.choice(len(weights), p=weights / weights.sum())]
        picked = view.slices[rng.integers(len(view.slices), size=GROUP)]
        group, similarity = _corrupt_group(picked.astype(np.float32), rng)
        images.append(group)
        labels.append(similarity)
    return torch.cat(images)[:size, None], torch.cat(labels)[:size].float()


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


def _corrupt_group(picked: NDArray[np.float32], rng: np.random.Generator) -> tuple[Tensor, Tensor]:
    """Return the images (N, 256, 256) and labels (N,) of slices of one shape."""
    turned = np.rot90(picked, int(rng.integers(4)), axes=(1, 2))
    if rng.random() < 0.5:
        turned = turned[:, :, ::-1]
    clean = batch_simulation.floor_noise(
        torch.from_numpy(np.ascontiguousarray(turned)), NOISE_FLOOR
    )
    is_native = max(clean.shape[-2:]) <= LARGEST_NATIVE and rng.random() < NATIVE_SHARE
    if not is_native:
        clean = batch_simulation.min_max(to_square(clean))
    clean = torch.from_numpy(
        np.stack(
            [
                apply_contrast(image, draw_contrast(rng)).astype(np.float32)
                for image in clean.numpy().astype(np.float64)
            ]
        )
    )
    axis = int(rng.integers(2))
    simulate = _rotated if rng.random() < 0.5 else _moved_and_ghosted
    corrupted = simulate(clean, axis, rng)
    untouched = torch.from_numpy(rng.random(len(clean)) < CLEAN_SHARE)
    corrupted = torch.where(untouched[:, None, None], clean, corrupted)
    if is_native:
        clean, corrupted = to_square(clean), _to_square_signed(corrupted)
    labels = batch_simulation.structural_similarity(clean, corrupted)
    return batch_simulation.floor_noise(corrupted, NOISE_FLOOR), labels


def _rotated(clean: Tensor, axis: int, rng: np.random.Generator) -> Tensor:
    lines = int(clean.shape[1 + axis])
    draws = [draw_rotation_motion(rng, lines, SIGMA_RANGE_DEG) for _ in range(len(clean))]
    return batch_simulation.rotation_motion(
        clean,
        torch.from_numpy(np.array([draw.directions for draw in draws], np.int64)),
        torch.tensor([draw.sigma_deg for draw in draws]),
        axis,
    )


def _moved_and_ghosted(clean: Tensor, axis: int, rng: np.random.Generator) -> Tensor:
    corrupted = []
    for image in clean:
        motion = draw_rigid_motion(rng)
        moved = batch_simulation.rigid_motion(
            image,
            torch.tensor(motion.angles_deg),
            torch.tensor(motion.shifts),
            torch.tensor(motion.times),
            axis,
        )
        ghosts = draw_ghosting(rng)
        corrupted.append(
            batch_simulation.ghosting(
                moved, ghosts.count, ghosts.intensity, ghosts.restore, ghosts.axis
            )
        )
    return torch.stack(corrupted)


def _to_square_signed(images: Tensor) -> Tensor:
    """Resize images that may leave [0, 1] without cutting them off there."""
    scale = images.abs().amax((-2, -1), keepdim=True).clamp_min(1e-16)
    positive, negative = images.clamp_min(0.0), (-images).clamp_min(0.0)
    return (to_square(positive / scale) - to_square(negative / scale)) * scale
