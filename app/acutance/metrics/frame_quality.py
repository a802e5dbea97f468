"""How good each frame of a clip is: sharpness, noise, blocks, standstill, exposure. Own names."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from acutance.metrics.noise import noise_sigma
from acutance.metrics.sharpness import gradient_energy

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Sides of the blocks that JPEG, MPEG and H.26x transform at once.
BLOCK = 8
#: Of the range: pixels this near its ends count as clipped.
CLIPPED = 2.5 / 255.0


def frame_sharpness(luma: NDArray[np.floating]) -> float:
    """Return Tenengrad over the variance: how steep edges are, whatever the contrast.

    Parameters
    ----------
    luma : ndarray, shape (Y, X)

    Returns
    -------
    float
        Per pixel squared, >= 0; 0 for a frame of one value. Noise raises it.

    References
    ----------
    .. [1] Krotkov, "Focusing", Int. J. Comput. Vis. 1(3), 1988.
    """
    variance = float(np.var(luma, dtype=np.float64))
    if variance <= 1e-12:
        return 0.0
    energy, count = gradient_energy(luma, np.ones(luma.shape, bool))
    return energy / count / variance


def frame_noise(luma: NDArray[np.floating]) -> float:
    """Return the standard deviation of white noise, in units of `luma`; see `noise_sigma`."""
    return noise_sigma(luma, np.ones(luma.shape, bool))


def blockiness(luma: NDArray[np.floating]) -> float:
    """Return how much larger steps across the edges of 8 x 8 blocks are than those inside.

    Parameters
    ----------
    luma : ndarray, shape (Y, X)
        Not scaled since it was decoded: blocks begin at its first row and column.

    Returns
    -------
    float
        Mean step across block edges over mean step elsewhere, the mean of both directions; 1 where
        there are no blocks, or the frame is smaller than two of them.

    References
    ----------
    .. [1] Wang, Sheikh, Bovik, "No-reference perceptual quality assessment of JPEG compressed
       images", ICIP 2002, eq. (1): the steps; here over the steps inside, so that it has no unit.
    """
    ratios = []
    for axis in (0, 1):
        if luma.shape[axis] < 2 * BLOCK:
            continue
        steps = np.abs(np.diff(np.asarray(luma, np.float64), axis=axis))
        means = steps.mean(axis=1 - axis)
        is_edge = np.arange(1, luma.shape[axis]) % BLOCK == 0
        inside = float(means[~is_edge].mean())
        if inside > 1e-9:
            ratios.append(float(means[is_edge].mean()) / inside)
    return float(np.mean(ratios)) if ratios else 1.0


def exposure(luma: NDArray[np.floating]) -> tuple[float, float, float]:
    """Return the mean, and the shares of pixels at the dark and at the bright end.

    Parameters
    ----------
    luma : ndarray, shape (Y, X), in [0, 1]
    """
    return (
        float(luma.mean(dtype=np.float64)),
        float(np.mean(luma <= CLIPPED)),
        float(np.mean(luma >= 1.0 - CLIPPED)),
    )


def change(luma: NDArray[np.floating], before: NDArray[np.floating]) -> float:
    """Return the mean absolute difference of two frames (see `core.timeline.STANDSTILL`)."""
    return float(np.mean(np.abs(luma - before), dtype=np.float64))
