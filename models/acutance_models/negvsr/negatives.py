"""Negative samples: real noise mixed into a recording, its patches turned.

Noise is collected where real clips show nothing else. A network that answers such a negative as
it answers the recording itself has learned to look through noise it was not trained on.

References
----------
.. [1] Song, Wang, Yang, et al., "NegVSR", AAAI 2024, arXiv 2305.14669, and the code distributed
   with it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray
    from torch import Tensor

#: Side of a window of noise in pixels, and frames of a sequence.
WINDOW, SEQUENCE = 64, 30
#: Upper bounds, on grey levels of 255: variance in a frame, and over the frames that of the
#: variances and that of the means.
VARIANCE, VARIANCE_OF_VARIANCES, VARIANCE_OF_MEANS = 50.0, 50.0, 50.0
#: Share of the noise in the mixture.
NOISE_SHARE = 0.5
#: Patches along each side.
GRID = 16
#: Shares of patches that are turned; one is drawn for a clip.
TURN_RATES = tuple(step / 10.0 for step in range(10))
#: Quarter turns a patch may get, equally likely; the fourth leaves it as it was.
TURNS = 5
_GREY = np.array([0.299, 0.587, 0.114])


def collect_noise(clips: Iterable[NDArray[np.uint8]]) -> NDArray[np.uint8]:
    """Cut windows out of clips that hold noise and nothing else, for as long as a sequence.

    Parameters
    ----------
    clips : iterable of ndarray, shape (T, H, W, 3), uint8
        Recordings as they are, not reduced. Of each, every 30 frames make a sequence.

    Returns
    -------
    ndarray, shape (S, 30, 64, 64, 3), uint8
        Sequences in which the variance stays below 50 in every frame, the mean above 0, and over
        the frames neither variances nor means vary by more than 50; windows are 64 pixels apart
        and never touch the last row or column.
    """
    found = []
    for clip in clips:
        for start in range(0, len(clip) - SEQUENCE + 1, SEQUENCE):
            frames = clip[start : start + SEQUENCE]
            for row in range(0, clip.shape[1] - WINDOW, WINDOW):
                for column in range(0, clip.shape[2] - WINDOW, WINDOW):
                    window = frames[:, row : row + WINDOW, column : column + WINDOW]
                    if is_noise(window):
                        found.append(window)
    if not found:
        return np.zeros((0, SEQUENCE, WINDOW, WINDOW, 3), np.uint8)
    return np.stack(found)


def is_noise(window: NDArray[np.uint8]) -> bool:
    """Return whether a window (T, H, W, 3) meets the rules of `collect_noise`."""
    grey = window @ _GREY
    means, variances = grey.mean((1, 2)), grey.var((1, 2))
    return bool(
        (variances < VARIANCE).all()
        and (means > 0.0).all()
        and variances.var() <= VARIANCE_OF_VARIANCES
        and means.var() <= VARIANCE_OF_MEANS
    )


def mix(frames: Tensor, noise: Tensor) -> Tensor:
    """Mix recordings and noise in equal parts, frame with frame (NegMix).

    Parameters
    ----------
    frames : Tensor, shape (N, T, 3, H, W), in [0, 1]
    noise : Tensor, of the same shape, in [0, 1]

    Returns
    -------
    Tensor
    """
    return (1.0 - NOISE_SHARE) * frames + NOISE_SHARE * noise


def turn_patches(frames: Tensor, turns: Tensor) -> Tensor:
    """Turn the patches of frames, each within its own place.

    Parameters
    ----------
    frames : Tensor, shape (N, T, C, H, W)
        H and W are multiples of the number of patches, which are square.
    turns : Tensor, shape (N, T, G, G), int64
        Quarter turns of each patch, counter-clockwise; 0 and 4 leave it as it is.

    Returns
    -------
    Tensor
        Of the same shape.

    Raises
    ------
    ValueError
        If the grid does not divide a frame into squares.
    """
    batch, count, channels, height, width = frames.shape
    grid = turns.shape[-1]
    side = height // grid
    if height != grid * side or width != grid * side:
        raise ValueError(
            f"Expected frames that {grid} x {grid} squares fill; got {height} x {width}."
        )
    patches = frames.reshape(batch, count, channels, grid, side, grid, side).transpose(4, 5)
    turned = patches
    for quarter_turns in (1, 2, 3):
        chosen = (turns == quarter_turns)[:, :, None, :, :, None, None]
        turned = torch.where(chosen, torch.rot90(patches, quarter_turns, (-2, -1)), turned)
    return turned.transpose(4, 5).reshape(frames.shape)


def draw_turns(
    shape: tuple[int, int], rng: np.random.Generator, *, rate: float | None = None
) -> Tensor:
    """Draw which patches are turned, and how far.

    Parameters
    ----------
    shape : tuple of (int, int)
        Clips and frames.
    rng : Generator
    rate : float, in [0, 1], optional
        Share of patches to be drawn; by default one of `TURN_RATES` for each clip.

    Returns
    -------
    Tensor, shape (*shape, 16, 16), int64
        0 to 4, of which 0 and 4 leave a patch as it is.
    """
    drawn = rng.choice(TURN_RATES, shape[0])
    rates = np.full(shape[0], rate) if rate is not None else drawn
    chosen = rng.random((*shape, GRID, GRID)) < rates[:, None, None, None]
    return torch.from_numpy(np.where(chosen, rng.integers(0, TURNS, chosen.shape), 0))


def draw_noise(
    bank: NDArray[np.uint8], shape: tuple[int, int, int, int], rng: np.random.Generator
) -> Tensor:
    """Draw one sequence for each clip, its frames in their order.

    Parameters
    ----------
    bank : ndarray, shape (S, 30, 64, 64, 3), uint8
        As `collect_noise` returns it.
    shape : tuple of int
        Clips, frames, rows and columns. Larger than a window, noise is repeated by reflection;
        more frames than a sequence has run back and forth.
    rng : Generator

    Returns
    -------
    Tensor, shape (N, T, 3, H, W), float32, in [0, 1]
    """
    batch, count, height, width = shape
    made = np.empty((batch, count, height, width, 3), np.float32)
    order = _back_and_forth(count, SEQUENCE)
    for index, sequence in enumerate(rng.integers(len(bank), size=batch)):
        rows, columns = (
            _back_and_forth(side, WINDOW)
            + (int(rng.integers(WINDOW - side + 1)) if side < WINDOW else 0)
            for side in (height, width)
        )
        made[index] = bank[sequence][order][:, rows][:, :, columns]
    return torch.from_numpy(made / np.float32(255.0)).movedim(-1, 2)


def make_negatives(frames: Tensor, bank: NDArray[np.uint8], rng: np.random.Generator) -> Tensor:
    """Make the negatives of recordings: mixed with noise, then patches turned.

    Parameters
    ----------
    frames : Tensor, shape (N, T, 3, H, H), float32, in [0, 1]
        H is a multiple of 16.
    bank : ndarray, shape (S, 30, 64, 64, 3), uint8, S >= 1
    rng : Generator

    Returns
    -------
    Tensor
        Of the same shape.
    """
    batch, count, _, height, width = frames.shape
    noise = draw_noise(bank, (batch, count, height, width), rng)
    return turn_patches(mix(frames, noise), draw_turns((batch, count), rng))


def _back_and_forth(count: int, length: int) -> NDArray[np.intp]:
    """Return so many indices below a length, from 0 on, turning at the ends."""
    places = np.arange(count) % (2 * length - 1)
    return np.where(places < length, places, 2 * length - 1 - places)
