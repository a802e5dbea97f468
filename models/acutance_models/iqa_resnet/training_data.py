"""Clean volumes in, corrupted slices with their labels out.

Every random choice is drawn from one NumPy generator, so that a seed fixes the whole run.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import torch
from torch.nn import functional

from acutance_models.iqa_resnet import batch_simulation
from acutance_models.iqa_resnet.corruption import corrupt, to_square_signed, vary_contrast
from acutance_models.iqa_resnet.preprocess import NOISE_FLOOR, SIZE, to_square
from acutance_models.simulation.contrast import draw_contrast
from acutance_models.simulation.painting import CONTRASTS, draw_painting, paint

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from torch import Tensor

    from acutance_models.iqa_resnet.volumes import TrainingVolume

GROUP = 4  # slices of one volume and view that are corrupted together on their own grid
CLEAN_SHARE = 0.03
NATIVE_SHARE = 0.5
PAINTED_SHARE = 0.4  # of the slices, where there are label maps
EXTRACTED_SHARE = 0.45  # of the painted slices: nothing but brain
LARGEST_NATIVE = 400  # larger slices are corrupted on the 256 grid only: it costs too much
CELLS = 16  # along each side of the grid on which local similarity is supervised
SMALLEST_SIDE = 48  # pixels; coarser slices are not made


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
        varied = vary_contrast(clean[0], draw_contrast(rng))
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


def _corrupt_group(
    clean: Tensor, rng: np.random.Generator, side: int
) -> tuple[Tensor, Tensor, Tensor]:
    """Return images (N, side, side), labels (N,) and cells (N, 16, 16) of slices of one shape."""
    clean = torch.stack([vary_contrast(image, draw_contrast(rng)) for image in clean])
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
