"""Clean slices and pictures in, pairs of damaged and clean crops out.

Every random choice is drawn from one NumPy generator, so that a seed fixes the whole run.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import torch
from PIL import Image

from acutance_models.iqa_resnet.volumes import (
    TrainingVolume,
    find_volumes,
    read_label_volumes,
    read_volumes,
)
from acutance_models.ot_restore.degradation import draw_compressed, draw_moved, draw_noisy
from acutance_models.simulation.painting import CONTRASTS, draw_painting, paint

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from torch import Tensor

    from acutance_models.ot_restore.schedule import TrainingConfig

    Pair = tuple[NDArray[np.float32], NDArray[np.float32]]

EXTRACTED_SHARE = 0.45  # of the painted slices: nothing but brain
CENTRED_SHARE = 0.6  # of the crops: about a pixel that shows something
SHOWN = 0.1
LUMINANCE = np.array([0.299, 0.587, 0.114], np.float32)  # ITU-R BT.601
MOTION_LIMIT = 256  # pixels along the longer side of a slice whose motion is simulated


class Batch(NamedTuple):
    """Damaged crops and what they should be.

    Parameters
    ----------
    inputs, targets : Tensor, shape (N, C, S, S), float32
    """

    inputs: Tensor
    targets: Tensor


@dataclass(frozen=True)
class Source:
    """Where crops come from, all of it of people and clips of one side of the split.

    Parameters
    ----------
    scans, label_maps : tuple of TrainingVolume
    pictures : tuple of (str, ndarray)
        Clip, and picture (H, W, 3), uint8.
    """

    scans: tuple[TrainingVolume, ...] = ()
    label_maps: tuple[TrainingVolume, ...] = ()
    pictures: tuple[tuple[str, NDArray[np.uint8]], ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to draw from."""
        return not (self.scans or self.label_maps or self.pictures)


def clip_of(filename: str) -> str:
    """Return the clip a picture is of: what stands before the last underscore."""
    return filename.split(".", 1)[0].rsplit("_", 1)[0]


def read_sources(config: TrainingConfig) -> tuple[Source, Source]:
    """Read the data of a run; return what to train on, and what is held out.

    Parameters
    ----------
    config : TrainingConfig
        Its folders, each of which may be empty.

    Raises
    ------
    ValueError
        If nothing is left to train on.
    """
    held = config.held_out
    scans: tuple[list[TrainingVolume], ...] = ([], [])
    maps: tuple[list[TrainingVolume], ...] = ([], [])
    pictures: tuple[list[tuple[str, NDArray[np.uint8]]], ...] = ([], [])
    if config.scans:
        for side, paths in zip(scans, find_volumes(Path(config.scans), held_out=held), strict=True):
            side.extend(read_volumes(paths))
    if config.labels:
        for side, paths in zip(maps, find_volumes(Path(config.labels), held_out=held), strict=True):
            side.extend(read_label_volumes(paths))
    if config.pictures:
        for path in sorted(Path(config.pictures).glob("*.png")):
            clip = clip_of(path.name)
            with Image.open(path) as image:
                picture = np.asarray(image.convert("RGB"))
            pictures[clip.startswith(held)].append((clip, picture))
    training, kept = (
        Source(tuple(s), tuple(m), tuple(p)) for s, m, p in zip(scans, maps, pictures, strict=True)
    )
    if training.is_empty:
        raise ValueError("Expected scans, label maps or pictures to train on; found none.")
    return training, kept


def draw_slice(source: Source, rng: np.random.Generator, config: TrainingConfig) -> Pair:
    """Draw one clean grey slice or picture, and say by a second one what it is trained against.

    Returns
    -------
    image, image : ndarray, shape (H, W), float32, in [0, 1]
    """
    shares = np.array(
        [
            (1.0 - config.painted_share - config.picture_share) * bool(source.scans),
            config.painted_share * bool(source.label_maps),
            config.picture_share * bool(source.pictures),
        ]
    )
    if not shares.any():
        shares = np.array(
            [bool(source.scans), bool(source.label_maps), bool(source.pictures)], float
        )
    kind = rng.choice(3, p=shares / shares.sum())
    if kind == 2:
        image = draw_picture(source, rng) @ LUMINANCE
    else:
        volume = _draw_volume(source.label_maps if kind else source.scans, rng)
        weights = np.array([view.weight for view in volume.views])
        view = volume.views[rng.choice(len(weights), p=weights / weights.sum())]
        drawn = view.slices[rng.integers(len(view.slices))]
        image = _paint(drawn, rng) if kind else drawn.astype(np.float32)
    low, high = float(image.min()), float(image.max())
    image = ((image - low) / max(high - low, 1e-6)).astype(np.float32)
    image = image ** np.float32(np.exp(rng.normal(0.0, 0.2)))
    return image, image


def draw_picture(source: Source, rng: np.random.Generator) -> NDArray[np.float32]:
    """Draw one colour picture (H, W, 3) in [0, 1]: a clip first, then one of its pictures."""
    clips = sorted({clip for clip, _ in source.pictures})
    clip = clips[rng.integers(len(clips))]
    of_clip = [picture for name, picture in source.pictures if name == clip]
    picture = of_clip[rng.integers(len(of_clip))]
    return picture.astype(np.float32) / np.float32(255.0)


def draw_pair(source: Source, config: TrainingConfig, side: int, rng: np.random.Generator) -> Pair:
    """Draw one damaged crop and what it should be, (C, side, side)."""
    if config.task == "artifacts":
        clean = _crop(draw_picture(source, rng), None, side, rng)[0]
        damaged, clean = draw_compressed(clean, rng)
        return _turn(np.moveaxis(damaged, 2, 0), np.moveaxis(clean, 2, 0), rng)
    clean, target = draw_slice(source, rng, config)
    if config.task == "motion":
        damaged, target = draw_moved(_fit(clean), rng)
        damaged, target = _crop(damaged, target, side, rng)
    else:
        clean, target = _crop(clean, None, side, rng)
        damaged, target = draw_noisy(clean, rng) if config.task == "denoise" else (clean, clean)
    return _turn(damaged[None], target[None], rng)


def draw_batch(
    source: Source, config: TrainingConfig, count: int, side: int, rng: np.random.Generator
) -> Batch:
    """Draw pairs of crops of so many pixels along each side.

    Parameters
    ----------
    source : Source
    config : TrainingConfig
        Its task and shares.
    count, side : int
    rng : numpy.random.Generator
        Advanced by the call.
    """
    pairs = [draw_pair(source, config, side, rng) for _ in range(count)]
    inputs, targets = (
        torch.from_numpy(np.ascontiguousarray(np.stack(images), np.float32))
        for images in zip(*pairs, strict=True)
    )
    return Batch(inputs, targets)


def _draw_volume(volumes: Sequence[TrainingVolume], rng: np.random.Generator) -> TrainingVolume:
    """Draw a person, then one of its volumes."""
    persons = sorted({volume.person for volume in volumes})
    person = persons[rng.integers(len(persons))]
    of_person = [volume for volume in volumes if volume.person == person]
    return of_person[rng.integers(len(of_person))]


def _paint(labels: NDArray[np.generic], rng: np.random.Generator) -> NDArray[np.float32]:
    draw = draw_painting(
        rng,
        np.unique(labels).tolist(),
        2,
        contrast=CONTRASTS[rng.integers(len(CONTRASTS))],
        is_extracted=bool(rng.random() < EXTRACTED_SHARE),
    )
    return paint(labels.astype(np.int32), dataclasses.replace(draw, noise=0.0))[0]


def _fit(image: NDArray[np.float32]) -> NDArray[np.float32]:
    """Average a slice that is larger than what motion is simulated on."""
    factor = -(-max(image.shape) // MOTION_LIMIT)
    if factor == 1:
        return image
    height, width = (size // factor * factor for size in image.shape)
    blocks = image[:height, :width].reshape(height // factor, factor, width // factor, factor)
    averaged: NDArray[np.float32] = blocks.mean((1, 3), dtype=np.float32)
    return averaged


def _crop(
    image: NDArray[np.float32],
    other: NDArray[np.float32] | None,
    side: int,
    rng: np.random.Generator,
) -> Pair:
    """Cut the same square out of two images, mostly where they show something."""
    other = image if other is None else other
    height, width = image.shape[:2]
    pad = [(0, max(0, side - height)), (0, max(0, side - width))]
    pad += [(0, 0)] * (image.ndim - 2)
    if pad[0][1] or pad[1][1]:
        image, other = np.pad(image, pad), np.pad(other, pad)
        height, width = image.shape[:2]
    row, column = (int(rng.integers(size - side + 1)) for size in (height, width))
    if rng.random() < CENTRED_SHARE:
        shown = np.flatnonzero(other.reshape(height * width, -1).max(1) > SHOWN)
        if len(shown):
            chosen = int(shown[rng.integers(len(shown))])
            row = int(np.clip(chosen // width - side // 2, 0, height - side))
            column = int(np.clip(chosen % width - side // 2, 0, width - side))
    window = slice(row, row + side), slice(column, column + side)
    return image[window], other[window]


def _turn(
    damaged: NDArray[np.float32], target: NDArray[np.float32], rng: np.random.Generator
) -> Pair:
    turns, is_flipped = int(rng.integers(4)), bool(rng.random() < 0.5)
    damaged, target = (np.rot90(image, turns, (1, 2)) for image in (damaged, target))
    return (damaged[..., ::-1], target[..., ::-1]) if is_flipped else (damaged, target)
