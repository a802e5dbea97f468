"""Painted slices with their tissues, and microscopy with its nuclei.

Every random choice is drawn from one NumPy generator, so that a seed fixes the whole run.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Protocol

import nibabel as nib
import numpy as np
import torch
from PIL import Image
from scipy import ndimage

from acutance_models.r2unet.preprocess import normalise
from acutance_models.r2unet.tissues import BACKGROUND, BRAIN_CLASSES, IGNORED, tissues_of
from acutance_models.simulation.ghosting import apply_ghosting, draw_ghosting
from acutance_models.simulation.painting import (
    EXTRACEREBRAL_CSF,
    FIRST_EXTRACEREBRAL,
    draw_painting,
    paint,
)
from acutance_models.simulation.rigid import RigidMotionDraw, apply_rigid_motion

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray
    from torch import Tensor

    from acutance_models.simulation.painting import Contrast

    Pair = tuple[NDArray[np.float32], NDArray[np.uint8]]

NUCLEI_CLASSES = ("background", "nucleus")
# T1 is what most structural scans are; random contrasts keep the network from relying on any.
CONTRAST_SHARES: dict[Contrast, float] = {
    "random": 0.4, "T1": 0.3, "T1gd": 0.1, "T2": 0.1, "FLAIR": 0.1,
}  # fmt: skip
EXTRACTED_SHARE = 0.4
EMPTY_SHARE = 0.1  # of the slices: hardly any brain in them
REAL_SHARE = 0.06
MOTION_SHARE = 0.15
BRAIN_FOREGROUND = 0.01  # share of its pixels that makes it a slice of the brain
LARGEST_THICKNESS = 4.0  # pixels
HELD_OUT_PICTURES = 6  # of so many pictures one is never trained on


class Batch(NamedTuple):
    """Slices and what every pixel of them is.

    Parameters
    ----------
    images : Tensor, shape (N, C, S, S), float32, in [0, 1]
    labels : Tensor, shape (N, S, S), int64
        Classes; 255 where nothing is known.
    """

    images: Tensor
    labels: Tensor


class Source(Protocol):
    """Where training slices come from."""

    @property
    def classes(self) -> tuple[str, ...]:
        """What the labels stand for, background first."""
        ...

    @property
    def channels(self) -> int:
        """Channels of an image, 1 or 3."""
        ...

    def draw(self, rng: np.random.Generator) -> Pair:
        """Draw one image (H, W) or (H, W, 3) in [0, 1] and its labels (H, W)."""
        ...


@dataclass(frozen=True, eq=False)
class LabelMap:
    """A label map of FreeSurfer codes, with the slices of it that are worth painting.

    Parameters
    ----------
    codes : ndarray, shape (I, J, K), int16
    brain, rest : tuple of (int, int)
        Axis and index of the slices that show brain, and of those that hardly do.
    image : ndarray, shape (I, J, K), float32, optional
        A real scan on the same grid; 0 where it was removed.
    """

    codes: NDArray[np.int16]
    brain: tuple[tuple[int, int], ...]
    rest: tuple[tuple[int, int], ...]
    image: NDArray[np.float32] | None = None


def make_label_map(
    codes: NDArray[np.integer], image: NDArray[np.float32] | None = None
) -> LabelMap:
    """Sort the slices of a label map; what is not joined to the head becomes background.

    Parameters
    ----------
    codes : ndarray, shape (I, J, K), integer
    image : ndarray, same shape, optional

    Returns
    -------
    LabelMap

    Raises
    ------
    ValueError
        If no slice shows brain.
    """
    brain, rest = [], []
    pieces, count = ndimage.label(codes > 0)
    if count > 1:
        codes = np.where(pieces == 1 + np.argmax(np.bincount(pieces.ravel())[1:]), codes, 0)
    is_brain = (codes > 0) & ~((codes >= FIRST_EXTRACEREBRAL) & (codes < 1000))
    for axis in range(3):
        others = tuple(other for other in range(3) if other != axis)
        shares = is_brain.mean(axis=others)
        brain += [(axis, int(n)) for n in np.flatnonzero(shares >= BRAIN_FOREGROUND)]
        rest += [(axis, int(n)) for n in np.flatnonzero(shares < BRAIN_FOREGROUND)]
    if not brain:
        raise ValueError("Expected a label map that shows a brain; every slice is empty.")
    return LabelMap(codes.astype(np.int16), tuple(brain), tuple(rest), image)


class BrainSource:
    """Slices painted on label maps, and a few of real labelled scans.

    Parameters
    ----------
    maps : sequence of LabelMap
        Those with an image are shown as they are, those without are painted.
    """

    classes = BRAIN_CLASSES
    channels = 1

    def __init__(self, maps: Sequence[LabelMap]) -> None:
        self.painted = [item for item in maps if item.image is None]
        self.real = [item for item in maps if item.image is not None]

    def draw(self, rng: np.random.Generator) -> Pair:
        """Draw a slice (H, W) of any axis, turned and flipped, and its tissues (H, W)."""
        if self.real and (not self.painted or rng.random() < REAL_SHARE):
            image, labels = show_slice(self.real[rng.integers(len(self.real))], rng)
        else:
            codes = draw_slice(self.painted[rng.integers(len(self.painted))], rng)
            names = list(CONTRAST_SHARES)
            contrast = names[rng.choice(len(names), p=list(CONTRAST_SHARES.values()))]
            image, labels = paint_slice(
                codes, rng, contrast=contrast, is_extracted=bool(rng.random() < EXTRACTED_SHARE)
            )
        if rng.random() < MOTION_SHARE:
            image = _move(image, rng)
        return turn_pair(normalise(image), labels, rng)


class NucleiSource:
    """Microscopy pictures with their nuclei.

    Parameters
    ----------
    pictures : sequence of (ndarray (H, W, 3) uint8, ndarray (H, W) uint8)
        Picture and classes.
    """

    classes = NUCLEI_CLASSES
    channels = 3

    def __init__(self, pictures: Sequence[tuple[NDArray[np.uint8], NDArray[np.uint8]]]) -> None:
        is_bright = np.array([picture.mean() > 110 for picture, _ in pictures])
        # Stains and fluorescence are drawn equally often where both are there.
        share = np.where(is_bright, 1 / max(is_bright.sum(), 1), 1 / max((~is_bright).sum(), 1))
        self.pictures = pictures
        self.weights = share / share.sum()

    def draw(self, rng: np.random.Generator) -> Pair:
        """Draw a picture (H, W, 3), deformed and of varied colour, and its classes (H, W)."""
        picture, classes = self.pictures[rng.choice(len(self.pictures), p=self.weights)]
        image = picture.astype(np.float32)
        image, labels = _zoom(image, classes, rng)
        image = image / 255.0
        image = np.clip(image * rng.uniform(0.7, 1.3, 3) + rng.uniform(-0.08, 0.08, 3), 0.0, 1.0)
        image = image[..., rng.permutation(3)] ** float(np.exp(rng.normal(0.0, 0.35)))
        if rng.random() < 0.3:
            blur = float(rng.uniform(0.3, 1.5))
            image = ndimage.gaussian_filter(image, (blur, blur, 0.0))
        noise = rng.normal(0.0, rng.uniform(0.0, 0.04), image.shape)
        return turn_pair(normalise(image + noise), labels, rng)


def draw_slice(label_map: LabelMap, rng: np.random.Generator) -> NDArray[np.int16]:
    """Draw a slice of codes (H, W) along any axis."""
    axis, index = _draw_index(label_map, rng)
    codes: NDArray[np.int16] = np.take(label_map.codes, index, axis)
    return codes


def show_slice(label_map: LabelMap, rng: np.random.Generator) -> Pair:
    """Draw a slice of a real scan and what is known of its tissues.

    Where the scan was removed there is background; where it was kept without a code, nothing is
    known.
    """
    axis, index = _draw_index(label_map, rng)
    if label_map.image is None:
        raise ValueError("Expected a label map with a scan; got one without.")
    image = np.take(label_map.image, index, axis).astype(np.float32)
    labels = tissues_of(np.take(label_map.codes, index, axis))
    labels = np.where(labels == BACKGROUND, IGNORED, labels)
    labels = np.where(image == 0.0, BACKGROUND, labels).astype(np.uint8)
    top = max(float(image.max()), 1e-6)
    image = (image / top) ** float(np.exp(rng.normal(0.0, 0.2))) * top
    return image.astype(np.float32), labels


def paint_slice(
    codes: NDArray[np.int16],
    rng: np.random.Generator,
    *,
    contrast: Contrast = "random",
    is_extracted: bool = False,
) -> Pair:
    """Paint a slice of codes.

    Parameters
    ----------
    codes : ndarray, shape (H, W), int16
    rng : numpy.random.Generator
        Advanced by the call.
    contrast : str
        See `acutance_models.simulation.painting.draw_painting`.
    is_extracted : bool
        Whether everything but the brain and the fluid within its hull is removed first.

    Returns
    -------
    image : ndarray, shape (H, W), float32
    labels : ndarray, shape (H, W), uint8
        Tissues of the same, deformed alike.
    """
    if is_extracted:
        codes = extract_brain(codes, int(rng.integers(1, 7)))
    draw = draw_painting(
        rng,
        np.unique(codes).tolist(),
        2,
        contrast=contrast,
        largest_thickness=LARGEST_THICKNESS if rng.random() < 0.5 else 1.0,
    )
    image, deformed = paint(codes, draw)
    if is_extracted and rng.random() < 0.8:
        image = np.where(deformed == 0, np.float32(0.0), image)
    return image, tissues_of(deformed)


def extract_brain(codes: NDArray[np.int16], closing: int) -> NDArray[np.int16]:
    """Remove what lies outside the hull of the brain.

    Parameters
    ----------
    codes : ndarray, shape (H, W), int16
    closing : int, pixels
        How wide a sulcus is closed over; the fluid in it stays.

    Returns
    -------
    ndarray, shape (H, W), int16
    """
    is_brain = (codes > 0) & (codes < FIRST_EXTRACEREBRAL) & (codes != EXTRACEREBRAL_CSF)
    padded = np.pad(is_brain, closing)
    hull = ndimage.binary_closing(padded, iterations=closing)
    inner = tuple(slice(closing, closing + count) for count in codes.shape)
    hull = ndimage.binary_fill_holes(hull[inner] | is_brain)
    is_kept = hull & (codes < FIRST_EXTRACEREBRAL)
    return np.where(is_kept, codes, 0).astype(np.int16)


def turn_pair(
    image: NDArray[np.float32], labels: NDArray[np.uint8], rng: np.random.Generator
) -> Pair:
    """Turn by a drawn number of quarter turns and flip or not, both alike."""
    turns, is_flipped = int(rng.integers(4)), bool(rng.random() < 0.5)
    image, labels = np.rot90(image, turns), np.rot90(labels, turns)
    if is_flipped:
        image, labels = image[:, ::-1], labels[:, ::-1]
    return image, labels


def draw_batch(source: Source, count: int, side: int, rng: np.random.Generator) -> Batch:
    """Draw slices and crop them to squares.

    Parameters
    ----------
    source : Source
    count, side : int
        Number of slices, pixels along each side.
    rng : numpy.random.Generator
        Advanced by the call.

    Returns
    -------
    Batch
        Where a slice is smaller than the square it is filled up with black background.
    """
    images = torch.zeros(count, source.channels, side, side)
    labels = torch.zeros(count, side, side, dtype=torch.int64)
    for n in range(count):
        image, classes = source.draw(rng)
        rows, columns = (_window(size, side, rng) for size in classes.shape)
        planes = image[None] if image.ndim == 2 else np.moveaxis(image, 2, 0)
        target = (slice(rows[1], rows[1] + side), slice(columns[1], columns[1] + side))
        cut = (slice(rows[0], rows[0] + side), slice(columns[0], columns[0] + side))
        part = np.ascontiguousarray(planes[(slice(None), *cut)])
        images[(n, slice(None), *target)][:, : part.shape[1], : part.shape[2]] = torch.from_numpy(
            part
        )
        known = np.ascontiguousarray(classes[cut]).astype(np.int64)
        labels[(n, *target)][: known.shape[0], : known.shape[1]] = torch.from_numpy(known)
    return Batch(images, labels)


def read_brain_maps(
    folder: Path, labelled: Path | None, *, held_out: Sequence[str]
) -> tuple[list[LabelMap], list[LabelMap]]:
    """Read label maps to paint on, and labelled scans.

    Parameters
    ----------
    folder : Path
        Holds label maps of cubic voxels, ``*.nii.gz``.
    labelled : Path, optional
        Holds ``NAME_aparc+aseg.nii.gz`` beside ``NAME_brainmasked_T1w.nii.gz``.
    held_out : sequence of str
        Beginnings of the names that are never trained on.

    Returns
    -------
    training, held : list of LabelMap
    """
    training: list[LabelMap] = []
    held: list[LabelMap] = []
    for path in sorted(folder.glob("*.nii*")):
        is_held = path.name.startswith(tuple(held_out)) if held_out else False
        (held if is_held else training).append(make_label_map(_read(path).astype(np.int16)))
    for path in sorted(labelled.glob("*_aparc+aseg.nii.gz")) if labelled else ():
        if held_out and path.name.startswith(tuple(held_out)):
            continue
        scan = _read(path.with_name(path.name.replace("aparc+aseg", "brainmasked_T1w")))
        training.append(make_label_map(_read(path).astype(np.int16), scan.astype(np.float32)))
    return training, held


def read_nuclei(
    folder: Path,
) -> tuple[
    list[tuple[NDArray[np.uint8], NDArray[np.uint8]]],
    list[tuple[NDArray[np.uint8], NDArray[np.uint8]]],
]:
    """Read pictures and nuclei; every sixth by name is held out.

    Parameters
    ----------
    folder : Path
        Holds ``images/NAME.png`` and ``masks/NAME.png``, instances from 1 on.

    Returns
    -------
    training, held : list of (ndarray (H, W, 3) uint8, ndarray (H, W) uint8)
    """
    pairs = []
    for path in sorted((folder / "images").glob("*.png")):
        with Image.open(path) as picture, Image.open(folder / "masks" / path.name) as mask:
            classes = (np.asarray(mask) > 0).astype(np.uint8)
            pairs.append((np.asarray(picture.convert("RGB")), classes))
    training = [pair for n, pair in enumerate(pairs) if n % HELD_OUT_PICTURES]
    return training, pairs[::HELD_OUT_PICTURES]


def _draw_index(label_map: LabelMap, rng: np.random.Generator) -> tuple[int, int]:
    is_empty = bool(label_map.rest) and rng.random() < EMPTY_SHARE
    slices = label_map.rest if is_empty else label_map.brain
    return slices[rng.integers(len(slices))]


def _move(image: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    """Add mild motion and ghosts: the anatomy stays where its labels are."""
    times = np.sort(rng.random(3)).tolist()
    moved = apply_rigid_motion(
        image,
        RigidMotionDraw(
            tuple(rng.normal(0.0, 1.2, 4).tolist()),
            tuple((float(a), float(b)) for a, b in rng.normal(0.0, 1.2, (4, 2))),
            tuple(times),
        ),
        axis=int(rng.integers(2)),
    )
    return np.abs(apply_ghosting(moved, draw_ghosting(rng))).astype(np.float32)


def _zoom(image: NDArray[np.float32], classes: NDArray[np.uint8], rng: np.random.Generator) -> Pair:
    """Turn, shear and scale a picture and its classes by the same matrix."""
    scale, angle = float(np.exp(rng.uniform(-0.5, 0.5))), float(rng.uniform(-np.pi, np.pi))
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    matrix = (turn + rng.uniform(-0.1, 0.1, (2, 2))) / scale
    centre = (np.array(classes.shape) - 1) / 2.0
    offset = centre - matrix @ centre
    channels = [
        ndimage.affine_transform(image[..., n], matrix, offset, order=1, mode="mirror")
        for n in range(image.shape[2])
    ]
    labels = ndimage.affine_transform(classes, matrix, offset, order=0, mode="mirror")
    return np.stack(channels, axis=-1), labels


def _window(size: int, side: int, rng: np.random.Generator) -> tuple[int, int]:
    """Return where a crop begins in the slice, and where it is put in the square."""
    if size > side:
        return int(rng.integers(size - side + 1)), 0
    return 0, int(rng.integers(side - size + 1))


def _read(path: Path) -> NDArray[np.generic]:
    image = nib.Nifti1Image.from_filename(path)
    return np.asarray(image.dataobj)
