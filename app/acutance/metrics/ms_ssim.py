"""Multi-scale structural similarity of two images."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from scipy.ndimage import correlate1d

from acutance.metrics.similarity import checked_pair

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

#: Exponents of the five scales, finest first (Wang 2003, section 3.2).
SCALE_WEIGHTS = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)
WINDOW, SIGMA = 11, 1.5
K1, K2 = 0.01, 0.03
#: Shortest side whose coarsest scale still holds a whole window.
SMALLEST_SIDE = (WINDOW - 1) * 2 ** (len(SCALE_WEIGHTS) - 1) + 1


def multi_scale_structural_similarity(
    reference: ArrayLike, test: ArrayLike, *, data_range: float
) -> float:
    """Compute the multi-scale SSIM of two images.

    At each of five scales the mean over all whole 11 x 11 Gaussian windows (sigma 1.5) of the
    contrast-structure term cs = (2 s_xy + C2) / (s_x^2 + s_y^2 + C2) is taken, at the coarsest
    that of the whole SSIM. Between scales both images are averaged over 2 x 2 pixels; an odd last
    row or column is repeated first. The answer is the product of the means, each to the power of
    its weight; a negative mean counts as 0, as its power is not real.

    Parameters
    ----------
    reference, test : array_like, same shape, 2-D, real, both sides >= 161
    data_range : float, span L of the possible values, same units, > 0

    Returns
    -------
    float
        Dimensionless, in [0, 1]; 1 only where the two are equal.

    Raises
    ------
    ValueError
        If shapes differ, an image is too small, the range is not positive or a value not finite.

    References
    ----------
    .. [1] Wang, Simoncelli, Bovik, "Multi-scale structural similarity for image quality
       assessment", Asilomar Conf. Signals, Systems and Computers, 2003, eq. (7).
    """
    first, second = checked_pair(reference, test, data_range)
    if first.ndim != 2 or min(first.shape) < SMALLEST_SIDE:
        raise ValueError(
            f"the multi-scale SSIM needs a 2-D image of {SMALLEST_SIDE} pixels each way, "
            f"not {first.shape}"
        )
    product = 1.0
    for scale, weight in enumerate(SCALE_WEIGHTS):
        if scale:
            first, second = _halved(first), _halved(second)
        luminance, contrast = _terms(first, second, data_range)
        is_last = scale == len(SCALE_WEIGHTS) - 1
        mean = float(np.mean(luminance * contrast if is_last else contrast))
        product *= max(mean, 0.0) ** weight
    return product


def _halved(image: NDArray[np.float64]) -> NDArray[np.float64]:
    even = np.pad(image, [(0, n % 2) for n in image.shape], mode="edge")
    quarter: NDArray[np.float64] = (
        even[::2, ::2] + even[1::2, ::2] + even[::2, 1::2] + even[1::2, 1::2]
    ) / 4.0
    return quarter


def _terms(
    first: NDArray[np.float64], second: NDArray[np.float64], data_range: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return luminance and contrast-structure term of each whole window."""
    c1, c2 = (K1 * data_range) ** 2, (K2 * data_range) ** 2
    mean_x, mean_y = _windowed(first), _windowed(second)
    var_x = _windowed(first * first) - mean_x**2
    var_y = _windowed(second * second) - mean_y**2
    covariance = _windowed(first * second) - mean_x * mean_y
    luminance = (2 * mean_x * mean_y + c1) / (mean_x**2 + mean_y**2 + c1)
    contrast = (2 * covariance + c2) / (var_x + var_y + c2)
    return luminance, contrast


def _windowed(image: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the Gaussian mean of each whole window."""
    half = WINDOW // 2
    kernel = np.array([math.exp(-(x**2) / (2 * SIGMA**2)) for x in range(-half, half + 1)])
    kernel /= kernel.sum()
    smooth = correlate1d(correlate1d(image, kernel, axis=0), kernel, axis=1)
    inner: NDArray[np.float64] = smooth[half:-half, half:-half]
    return inner
