"""Contrast augmentation: five branches, each a pure function of the image and its draw."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from skimage.exposure import equalize_adapthist

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class GammaDraw:
    """Power law: I ** exponent."""

    exponent: float


@dataclass(frozen=True)
class ClaheDraw:
    """Contrast-limited adaptive histogram equalisation with square tiles, in pixels."""

    tile: int
    clip_limit: float = 0.01
    bins: int = 512


@dataclass(frozen=True)
class SigmoidDraw:
    """Logistic curve: 1 / (1 + exp(gain * (cutoff - I)))."""

    cutoff: float
    gain: int


@dataclass(frozen=True)
class LogDraw:
    """Logarithm: |gain * log2(1 + I)|; the gain cancels in the min-max that follows."""

    gain: float


@dataclass(frozen=True)
class IdentityDraw:
    """Nothing but the min-max."""


ContrastDraw: TypeAlias = GammaDraw | ClaheDraw | SigmoidDraw | LogDraw | IdentityDraw


def draw_contrast(rng: np.random.Generator) -> ContrastDraw:
    """Draw one of the five branches, equally likely, and its parameters.

    Parameters
    ----------
    rng : numpy.random.Generator
        Advanced by the call.

    Returns
    -------
    ContrastDraw
        Exponent U(0.75, 1.75); tile U{25..99}; cutoff U(0.01, 0.75) and gain of {1, 2, 3};
        gain U(-0.5, 0.5); or identity.
    """
    branch = int(rng.integers(5))
    if branch == 0:
        return GammaDraw(float(rng.uniform(0.75, 1.75)))
    if branch == 1:
        return ClaheDraw(int(rng.integers(25, 100)))
    if branch == 2:
        return SigmoidDraw(float(rng.uniform(0.01, 0.75)), int(rng.integers(1, 4)))
    if branch == 3:
        return LogDraw(float(rng.uniform(-0.5, 0.5)))
    return IdentityDraw()


def apply_contrast(image: NDArray[np.float64], draw: ContrastDraw) -> NDArray[np.float64]:
    """Change the contrast of a slice and stretch it to [0, 1] again.

    Parameters
    ----------
    image : ndarray, shape (H, W), float64, in [0, 1]
    draw : ContrastDraw

    Returns
    -------
    ndarray, shape (H, W), float64, in [0, 1]
        All 0 for a constant image.
    """
    changed: NDArray[np.float64]
    if isinstance(draw, GammaDraw):
        changed = image**draw.exponent
    elif isinstance(draw, ClaheDraw):
        changed = np.asarray(
            equalize_adapthist(
                image, kernel_size=draw.tile, clip_limit=draw.clip_limit, nbins=draw.bins
            ),
            dtype=np.float64,
        )
    elif isinstance(draw, SigmoidDraw):
        changed = 1.0 / (1.0 + np.exp(draw.gain * (draw.cutoff - image)))
    elif isinstance(draw, LogDraw):
        changed = np.abs(draw.gain * np.log2(1.0 + image))
    else:
        changed = image
    return stretch(changed)


def stretch(image: NDArray[np.float64]) -> NDArray[np.float64]:
    """Min-max an image to [0, 1]; a constant one becomes 0.

    Parameters
    ----------
    image : ndarray, shape (H, W), float64

    Returns
    -------
    ndarray, shape (H, W), float64, in [0, 1]
    """
    low, high = image.min(), image.max()
    if not high > low:
        return np.zeros_like(image)
    stretched: NDArray[np.float64] = (image - low) / (high - low)
    return stretched
