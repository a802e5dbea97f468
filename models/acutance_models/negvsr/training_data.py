"""What the video networks are trained on: clips, stills that move, and painted leaves that move.

Clips are halved first: they were compressed once, and half the size hides what that did. All
draws come from a generator that is passed in.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np
import torch
from PIL import Image

from acutance_models.negvsr.degradation import degrade
from acutance_models.negvsr.losses import sharpen
from acutance_models.negvsr.motion import move_still
from acutance_models.negvsr.textures import leaves

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray
    from torch import Tensor

log = logging.getLogger(__name__)

SCALE = 4
#: Mean absolute difference of neighbouring frames above which the scene was cut, in [0, 1].
CUT = 0.12
#: Windows whose standard deviation lies below this show nothing; another is looked for, in [0, 1].
FLAT = 0.03
_TRIES = 5
_LEAVES_MARGIN = 32
_FEWEST_FRAMES = 8


@dataclass(frozen=True)
class Batch:
    """Recordings and what they were made of.

    Parameters
    ----------
    small : Tensor, shape (N, T, 3, H, W), float32, in [0, 1]
    large : Tensor, shape (N, T, 3, 4 H, 4 W), float32, in [0, 1]
    """

    small: Tensor
    large: Tensor


class Source(Protocol):
    """Where pristine clips come from."""

    def draw(self, count: int, side: int, rng: np.random.Generator) -> NDArray[np.float32]:
        """Draw a clip (count, side, side, 3), float32, in [0, 1]."""
        ...


class ClipSource:
    """Windows of clips, whole scenes only.

    Parameters
    ----------
    clips : sequence of ndarray, shape (T, H, W, 3), uint8
        At least one.
    """

    def __init__(self, clips: Sequence[NDArray[np.uint8]]) -> None:
        self.clips = clips

    def draw(self, count: int, side: int, rng: np.random.Generator) -> NDArray[np.float32]:
        """Draw a clip; every clip is as likely as every other, whatever its length."""
        for _ in range(_TRIES):
            clip = self.clips[int(rng.integers(len(self.clips)))]
            stride = int(rng.integers(1, 3)) if len(clip) > 2 * count else 1
            start = int(rng.integers(max(1, len(clip) - stride * (count - 1))))
            order = np.minimum(np.arange(start, start + stride * count, stride), len(clip) - 1)
            row, column = (
                int(rng.integers(max(1, length - side + 1))) for length in clip.shape[1:3]
            )
            seen = clip[order, row : row + side, column : column + side]
            window = seen.astype(np.float32) / np.float32(255.0)
            if has_cut(window) or float(window[0].std()) < FLAT:
                continue
            break
        return _filled(window, side)


class StillSource:
    """Pictures over which a camera wanders.

    Parameters
    ----------
    pictures : sequence of ndarray, shape (H, W, 3), uint8
        At least one.
    """

    def __init__(self, pictures: Sequence[NDArray[np.uint8]]) -> None:
        self.pictures = pictures

    def draw(self, count: int, side: int, rng: np.random.Generator) -> NDArray[np.float32]:
        """Draw a clip."""
        picture = self.pictures[int(rng.integers(len(self.pictures)))]
        return move_still(picture.astype(np.float32) / np.float32(255.0), count, side, rng)


class LeavesSource:
    """Painted leaves over which a camera wanders."""

    def draw(self, count: int, side: int, rng: np.random.Generator) -> NDArray[np.float32]:
        """Draw a clip."""
        length = side + 2 * _LEAVES_MARGIN
        return move_still(leaves((length, length), rng), count, side, rng)


class MixedSource:
    """Several sources, each with its share.

    Parameters
    ----------
    sources : sequence of Source
    shares : sequence of float
        Of any sum above 0.
    """

    def __init__(self, sources: Sequence[Source], shares: Sequence[float]) -> None:
        self.sources = sources
        self.shares = np.array(shares) / np.sum(shares)

    def draw(self, count: int, side: int, rng: np.random.Generator) -> NDArray[np.float32]:
        """Draw a clip from one of them."""
        return self.sources[int(rng.choice(len(self.sources), p=self.shares))].draw(
            count, side, rng
        )


def read_clips(
    folder: Path, names: Sequence[str], *, is_halved: bool
) -> dict[str, NDArray[np.uint8]]:
    """Decode whole clips.

    Parameters
    ----------
    folder : Path
    names : sequence of str
        Of files, without their endings.
    is_halved : bool
        Whether every 2 x 2 pixels become one; an odd row or column is dropped.

    Returns
    -------
    dict of str to ndarray, shape (T, H, W, 3), uint8
        In the order of the names.

    Raises
    ------
    ValueError
        If a name fits no file, or a clip has fewer than 8 frames.
    """
    import av  # an extra of the package: only reading clips needs it

    clips: dict[str, NDArray[np.uint8]] = {}
    for name in names:
        paths = [path for path in sorted(folder.iterdir()) if path.stem == name]
        if not paths:
            raise ValueError(f"Expected a file {name}.* in {folder}; there is none.")
        with av.open(str(paths[0])) as container:
            frames: list[NDArray[np.uint8]] = [
                frame.to_ndarray(format="rgb24").astype(np.uint8, copy=False)
                for frame in container.decode(video=0)
            ]
        if len(frames) < _FEWEST_FRAMES:
            raise ValueError(f"Expected {_FEWEST_FRAMES} frames or more; {name} has {len(frames)}.")
        clips[name] = np.stack([halve(frame) if is_halved else frame for frame in frames])
    return clips


def read_stills(folder: Path) -> list[NDArray[np.uint8]]:
    """Read the pictures of a folder, halved, in colour.

    Raises
    ------
    ValueError
        If there are none.
    """
    pictures = []
    for path in sorted(folder.glob("*.png")):
        with Image.open(path) as picture:
            pictures.append(halve(np.asarray(picture.convert("RGB"))))
    if not pictures:
        raise ValueError(f"Expected PNG files in {folder}; there are none.")
    return pictures


def halve(frame: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Average every 2 x 2 pixels of a frame (H, W, 3)."""
    rows, columns = frame.shape[0] // 2, frame.shape[1] // 2
    blocks = frame[: 2 * rows, : 2 * columns].reshape(rows, 2, columns, 2, 3)
    halved: NDArray[np.uint8] = np.rint(blocks.mean((1, 3), dtype=np.float32)).astype(np.uint8)
    return halved


def has_cut(window: NDArray[np.float32]) -> bool:
    """Return whether the scene changes between two frames of (T, H, W, 3)."""
    changes = np.abs(np.diff(window, axis=0)).mean((1, 2, 3))
    return bool((changes > CUT).any())


def draw_batch(
    source: Source,
    batch: int,
    frames: int,
    side: int,
    rng: np.random.Generator,
    *,
    is_sharpened: bool = False,
    is_mirrored: bool = False,
) -> Batch:
    """Draw pristine clips and make recordings of them.

    Parameters
    ----------
    source : Source
    batch, frames, side : int
        Clips, frames of each, and pixels along each side of the small frames.
    rng : Generator
    is_sharpened : bool
        Sharpen what the network is held to, and what the recordings are made of.
    is_mirrored : bool
        Let every clip run forth and back.
    """
    small, large = [], []
    for _ in range(batch):
        clip = source.draw(frames, SCALE * side, rng)
        clip = augment(clip, rng)
        if is_mirrored:
            clip = np.concatenate((clip, clip[::-1]))
        if is_sharpened:
            clip = sharpen(clip)
        small.append(degrade(clip, (side, side), rng))
        large.append(clip)
    return Batch(_tensor(small), _tensor(large))


def augment(clip: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    """Flip, transpose and reverse a clip (T, S, S, 3), each half of the time."""
    for axis in range(3):
        if rng.random() < 0.5:
            clip = np.flip(clip, axis)
    return np.ascontiguousarray(clip.swapaxes(1, 2) if rng.random() < 0.5 else clip)


def turn_batch(batch: Batch, rng: np.random.Generator) -> Batch:
    """Turn, flip and reverse recordings and what they were made of, all alike."""
    quarter_turns = int(rng.integers(4))
    axes = [axis for axis in (1, 4) if rng.random() < 0.5]
    small, large = (
        torch.rot90(x, quarter_turns, (-2, -1)).flip(axes) for x in (batch.small, batch.large)
    )
    return Batch(small, large)


def _filled(window: NDArray[np.float32], side: int) -> NDArray[np.float32]:
    """Reflect what a small clip lacks."""
    missing = [side - length for length in window.shape[1:3]]
    if not any(missing):
        return window
    return np.pad(window, ((0, 0), (0, missing[0]), (0, missing[1]), (0, 0)), mode="reflect")


def _tensor(clips: Sequence[NDArray[np.float32]]) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(np.stack(clips))).movedim(-1, 2).contiguous()
