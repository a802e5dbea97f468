"""Clean volumes in, corrupted slices with their labels out.

Every random choice is drawn from one NumPy generator, so that a seed fixes the whole run.
"""

from __future__ import annotations

import logging
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import nibabel as nib
import numpy as np
import torch
from torch.nn import functional

from acutance_models.iqa_resnet import batch_simulation
from acutance_models.iqa_resnet.preprocess import (
    NOISE_FLOOR,
    SIZE,
    is_blank,
    normalise,
    to_square,
)
from acutance_models.simulation.contrast import (
    ClaheDraw,
    GammaDraw,
    LogDraw,
    SigmoidDraw,
    apply_contrast,
    draw_contrast,
)
from acutance_models.simulation.ghosting import draw_ghosting
from acutance_models.simulation.motion import draw_rotation_motion
from acutance_models.simulation.painting import (
    CONTRASTS,
    FIRST_EXTRACEREBRAL,
    draw_painting,
    paint,
)
from acutance_models.simulation.rigid import draw_rigid_motion

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray
    from torch import Tensor

    from acutance_models.simulation.contrast import ContrastDraw

log = logging.getLogger(__name__)

GROUP = 4  # slices of one volume and view that are corrupted together on their own grid
CLEAN_SHARE = 0.03
NATIVE_SHARE = 0.5
PAINTED_SHARE = 0.4  # of the slices, where there are label maps
EXTRACTED_SHARE = 0.45  # of the painted slices: nothing but brain
LARGEST_NATIVE = 400  # larger slices are corrupted on the 256 grid only: it costs too much
MAGNITUDE_SHARE = 0.25  # of the slices whose simulation can turn negative
CELLS = 16  # along each side of the grid on which local similarity is supervised
MIN_FOREGROUND = 0.05  # a training slice must show more than a scored one
SIGMA_RANGE_DEG = (0.01, 5.0)
SQUARE_PIXEL_TOLERANCE = 1.05
SMALLEST_SIDE = 48  # pixels; coarser slices are not made


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


class Batch(NamedTuple):
    """Corrupted slices and what is known of them.

    Parameters
    ----------
    images : Tensor, shape (N, 1, 256, 256), float32, in [0, 1]
        What the network sees: as `preprocess` makes it.
    labels : Tensor, shape (N,), float32
        Structural similarity to the undisturbed view, before the noise floor is removed.
    cells : Tensor, shape (N, 16, 16), float32
        The same, local: means over the cells of a grid.
    """

    images: Tensor
    labels: Tensor
    cells: Tensor


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


def draw_batch(
    volumes: Sequence[TrainingVolume],
    size: int,
    rng: np.random.Generator,
    *,
    painted_share: float = PAINTED_SHARE,
    augments: bool = True,
    side: int = SIZE,
) -> Batch:
    """Draw one batch of corrupted slices.

    Half of them are corrupted on their own grid and then brought to 256 x 256, as scans are;
    the others on the 256 grid. The phase-encoding axis is drawn for each slice.

    Parameters
    ----------
    volumes : sequence of TrainingVolume
        A person is drawn first, then one of its volumes, then a view, then slices.
    size : int
        Number of slices.
    rng : numpy.random.Generator
        Advanced by the call.
    painted_share : float
        Share of slices painted on label maps, where both those and scans are given.
    augments : bool
        Whether geometry and resolution vary too; without, slices are as in the file.
    side : int
        Pixels along each side of the images. Below 256 everything is done on a grid coarser by
        that factor: early in a run that teaches nearly as much for a fraction of the time.

    Returns
    -------
    Batch
    """
    images: list[Tensor] = []
    labels: list[Tensor] = []
    cells: list[Tensor] = []
    native = GROUP * round(size * NATIVE_SHARE / GROUP)
    on_grid: list[Tensor] = []
    while native > 0 or len(on_grid) < size - GROUP * len(images):
        count = GROUP if native > 0 else 1
        clean = _draw_clean(volumes, count, rng, painted_share, augments)
        if native > 0 and max(clean.shape[-2:]) <= LARGEST_NATIVE:
            clean = batch_simulation.min_max(_shrink(clean, SIZE / side))
            image, label, cell = _corrupt_group(clean, rng, side)
            images.append(image)
            labels.append(label)
            cells.append(cell)
        else:
            on_grid.extend(batch_simulation.min_max(to_square(clean, side)))
        native -= GROUP
    if on_grid:
        image, label, cell = _corrupt_group(torch.stack(on_grid), rng, side)
        images.append(image)
        labels.append(label)
        cells.append(cell)
    return Batch(
        torch.cat(images)[:size, None],
        torch.cat(labels)[:size].float(),
        torch.cat(cells)[:size].float(),
    )


def draw_clean_images(
    volumes: Sequence[TrainingVolume], count: int, rng: np.random.Generator, *, side: int
) -> Tensor:
    """Draw undisturbed slices of varied contrast and geometry, each of another view.

    Parameters
    ----------
    volumes : sequence of TrainingVolume
    count : int
    rng : numpy.random.Generator
        Advanced by the call.
    side : int
        Pixels along each side.

    Returns
    -------
    Tensor, shape (count, 1, side, side), float32, in [0, 1]
    """
    images = []
    for _ in range(count):
        clean = to_square(_draw_clean(volumes, 1, rng, PAINTED_SHARE, True), side)
        varied = _vary_contrast(clean[0], draw_contrast(rng))
        images.append(batch_simulation.floor_noise(varied, NOISE_FLOOR))
    return torch.stack(images)[:, None]


def _draw_clean(
    volumes: Sequence[TrainingVolume],
    count: int,
    rng: np.random.Generator,
    painted_share: float,
    augments: bool,
) -> Tensor:
    """Return undisturbed slices (count, H, W) of one view, in [0, 1], the noise floor removed."""
    label_maps = [volume for volume in volumes if volume.is_label_map]
    scans = [volume for volume in volumes if not volume.is_label_map]
    is_painted = bool(label_maps) and (not scans or rng.random() < painted_share)
    volume = _draw_volume(label_maps if is_painted else scans, rng)
    weights = np.array([view.weight for view in volume.views])
    view = volume.views[rng.choice(len(weights), p=weights / weights.sum())]
    chosen = view.slices[rng.integers(len(view.slices), size=count)]
    if is_painted:
        picked = np.stack([_paint_slice(labels, rng) for labels in chosen])
    else:
        picked = chosen.astype(np.float32)
    turned = np.rot90(picked, int(rng.integers(4)), axes=(1, 2))
    if rng.random() < 0.5:
        turned = turned[:, :, ::-1]
    clean = torch.from_numpy(np.ascontiguousarray(turned))
    if augments:
        clean = _vary_geometry(clean, rng)
    return batch_simulation.floor_noise(clean, NOISE_FLOOR)


def _draw_volume(volumes: Sequence[TrainingVolume], rng: np.random.Generator) -> TrainingVolume:
    persons = sorted({volume.person for volume in volumes})
    scans = np.array([sum(volume.person == person for volume in volumes) for person in persons])
    # Who lent several contrasts is drawn more often, but not as often as so many people.
    weights = np.sqrt(scans)
    person = persons[rng.choice(len(persons), p=weights / weights.sum())]
    of_person = [volume for volume in volumes if volume.person == person]
    return of_person[rng.integers(len(of_person))]


def _paint_slice(labels: NDArray[np.generic], rng: np.random.Generator) -> NDArray[np.float32]:
    draw = draw_painting(
        rng,
        np.unique(labels).tolist(),
        2,
        contrast=CONTRASTS[rng.integers(len(CONTRASTS))],
        is_extracted=bool(rng.random() < EXTRACTED_SHARE),
    )
    return paint(labels.astype(np.int32), draw)[0]


def _vary_geometry(images: Tensor, rng: np.random.Generator) -> Tensor:
    """Vary pose, field of view and resolution of slices (N, H, W), which stay undisturbed."""
    if rng.random() < 0.5:
        images = _stretch(images, rng)
    if rng.random() < 0.5:
        images = _reframe(images, rng)
    return _shrink(images, float(rng.uniform(1.0, 2.3))) if rng.random() < 0.25 else images


def _shrink(images: Tensor, factor: float) -> Tensor:
    """Resample slices (N, H, W) to coarser pixels, unless that leaves too few."""
    size = [round(n / factor) for n in images.shape[-2:]]
    if factor <= 1.0 or min(size) < SMALLEST_SIDE:
        return images
    coarser = functional.interpolate(
        images[:, None], size=size, mode="bilinear", antialias=True, align_corners=False
    )
    return coarser[:, 0]


def _stretch(images: Tensor, rng: np.random.Generator) -> Tensor:
    count, height, width = images.shape
    angle = math.radians(rng.uniform(-15.0, 15.0))
    across, down = rng.uniform(0.85, 1.18, 2)
    cosine, sine, shear = math.cos(angle), math.sin(angle), rng.uniform(-0.08, 0.08)
    theta = torch.tensor(
        [
            [across * cosine, (shear - sine) * height / width, 0.0],
            [(shear + sine) * width / height, down * cosine, 0.0],
        ]
    ).float()
    grid = functional.affine_grid(
        theta.expand(count, -1, -1), [count, 1, height, width], align_corners=False
    )
    stretched = functional.grid_sample(images[:, None], grid, mode="bicubic", align_corners=False)
    return stretched[:, 0].clamp_(0.0, 1.0)


def _reframe(images: Tensor, rng: np.random.Generator) -> Tensor:
    """Cut slices to what they show, and put new margins about it."""
    shown = (images > 2 * NOISE_FLOOR * images.amax()).any(0)
    rows, columns = torch.nonzero(shown.any(1))[:, 0], torch.nonzero(shown.any(0))[:, 0]
    if len(rows) < SMALLEST_SIDE // 2 or len(columns) < SMALLEST_SIDE // 2:
        return images
    cut = images[:, int(rows[0]) : int(rows[-1]) + 1, int(columns[0]) : int(columns[-1]) + 1]
    margins = rng.uniform(0.0, 0.15, 4) * np.repeat(cut.shape[:0:-1], 2)
    return functional.pad(cut, [int(margin) for margin in margins])


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


def _corrupt_group(
    clean: Tensor, rng: np.random.Generator, side: int
) -> tuple[Tensor, Tensor, Tensor]:
    """Return images (N, side, side), labels (N,) and cells (N, 16, 16) of slices of one shape."""
    clean = torch.stack([_vary_contrast(image, draw_contrast(rng)) for image in clean])
    corrupted = corrupt(clean, rng)
    untouched = torch.from_numpy(rng.random(len(clean)) < CLEAN_SHARE)
    corrupted = torch.where(untouched[:, None, None], clean, corrupted)
    # Exactly what scoring does to a scan: the floor on its own grid, then the resize.
    images = to_square(batch_simulation.floor_noise(corrupted, NOISE_FLOOR), side)
    similarity = batch_simulation.similarity_map(
        to_square(clean, side), to_square_signed(corrupted, side)
    )
    cells = functional.adaptive_avg_pool2d(similarity[:, None].float(), CELLS)[:, 0]
    return images, similarity.mean((-2, -1)), cells


def corrupt(clean: Tensor, rng: np.random.Generator) -> Tensor:
    """Corrupt each slice by one of two families, equally likely, along an axis of its own.

    Parameters
    ----------
    clean : Tensor, shape (N, H, W), float32, in [0, 1]
    rng : numpy.random.Generator
        Advanced by the call.

    Returns
    -------
    Tensor, shape (N, H, W), float32
        Rotation motion, or rigid motion with ghosting, which may leave [0, 1].
    """
    corrupted = clean.clone()
    axes = rng.integers(2, size=len(clean))
    is_rotated = rng.random(len(clean)) < 0.5
    for axis in (0, 1):
        for family, simulate in ((is_rotated, _rotated), (~is_rotated, _moved)):
            chosen = torch.from_numpy(np.flatnonzero(family & (axes == axis)))
            if len(chosen):
                corrupted[chosen] = simulate(clean[chosen], axis, rng)
    moved = np.flatnonzero(~is_rotated)
    ghosts = [draw_ghosting(rng) for _ in moved]
    for axis in (0, 1):
        of_axis = [n for n, draw in enumerate(ghosts) if draw.axis == axis and draw.count]
        if of_axis:
            chosen = torch.from_numpy(moved[of_axis])
            corrupted[chosen] = batch_simulation.ghosting(
                corrupted[chosen],
                torch.tensor([ghosts[n].count for n in of_axis]),
                torch.tensor([ghosts[n].intensity for n in of_axis]),
                torch.tensor([ghosts[n].restore for n in of_axis]),
                axis,
            )
    # A scanner stores the magnitude; the published simulation keeps the sign.
    is_magnitude = torch.from_numpy(~is_rotated & (rng.random(len(clean)) < MAGNITUDE_SHARE))
    return torch.where(is_magnitude[:, None, None], corrupted.abs(), corrupted)


def to_square_signed(images: Tensor, side: int = SIZE) -> Tensor:
    """Do what `to_square` does to images that may leave [0, 1], without cutting them off there.

    Parameters
    ----------
    images : Tensor, shape (N, H, W), float
    side : int

    Returns
    -------
    Tensor, shape (N, side, side), same dtype
        `to_square` where that does not cut off.
    """
    scale = images.abs().amax((-2, -1), keepdim=True).clamp_min(1e-16)
    positive, negative = images.clamp_min(0.0), (-images).clamp_min(0.0)
    return (to_square(positive / scale, side) - to_square(negative / scale, side)) * scale


def _rotated(clean: Tensor, axis: int, rng: np.random.Generator) -> Tensor:
    lines = int(clean.shape[1 + axis])
    draws = [draw_rotation_motion(rng, lines, SIGMA_RANGE_DEG) for _ in range(len(clean))]
    return batch_simulation.rotation_motion(
        clean,
        torch.from_numpy(np.array([draw.directions for draw in draws], np.int64)),
        torch.tensor([draw.sigma_deg for draw in draws]),
        axis,
    )


def _moved(clean: Tensor, axis: int, rng: np.random.Generator) -> Tensor:
    draws = [draw_rigid_motion(rng) for _ in range(len(clean))]
    parts = max(len(draw.angles_deg) for draw in draws)
    angles, shifts = torch.zeros(len(draws), parts), torch.zeros(len(draws), parts, 2)
    times = torch.ones(len(draws), parts - 1)
    for n, draw in enumerate(draws):
        angles[n, : len(draw.angles_deg)] = torch.tensor(draw.angles_deg)
        shifts[n, : len(draw.shifts)] = torch.tensor(draw.shifts)
        times[n, : len(draw.times)] = torch.tensor(draw.times)
    return batch_simulation.rigid_motion(clean, angles, shifts, times, axis)


def _vary_contrast(image: Tensor, draw: ContrastDraw) -> Tensor:
    """Do what `apply_contrast` does, in float32."""
    if isinstance(draw, ClaheDraw):
        changed = apply_contrast(image.double().numpy(), draw)
        return torch.from_numpy(changed.astype(np.float32))
    if isinstance(draw, GammaDraw):
        image = image**draw.exponent
    elif isinstance(draw, SigmoidDraw):
        image = torch.sigmoid(draw.gain * (image - draw.cutoff))
    elif isinstance(draw, LogDraw):
        image = torch.log2(1.0 + image)
    return batch_simulation.min_max(image)
