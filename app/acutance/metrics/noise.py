"""Noise of an image, estimated from the image itself. Own definitions, own names."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from scipy.ndimage import correlate, sobel
from scipy.special import ndtri

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Difference of two Laplacians: blind to planes, answers white noise of sd 1 with sd 6.
LAPLACIAN_DIFFERENCE = np.array([[1.0, -2.0, 1.0], [-2.0, 4.0, -2.0], [1.0, -2.0, 1.0]])
_RESPONSE = 6.0
_NORMAL_QUARTILE = float(ndtri(0.75))
#: Median of a Rayleigh distribution of parameter 1.
RAYLEIGH_MEDIAN = math.sqrt(2 * math.log(2))
#: Share of pure Rayleigh noise above `rayleigh_bound`.
OUTLIER_SHARE = 1e-3


def noise_sigma(image: NDArray[np.floating], mask: NDArray[np.bool_]) -> float:
    """Estimate the standard deviation of white noise in the masked part of an image.

    The median absolute answer of the difference of two Laplacians among the half of the pixels
    whose Sobel gradient is lower. In white noise the two filters answer independently, so that
    the choice does not bias; in a scan it leaves most edges out, which move Immerkaer's mean over
    all pixels. Noise that neighbours share, as after interpolation, is underestimated.

    Parameters
    ----------
    image : ndarray, shape (rows, columns), finite
    mask : ndarray of bool, same shape, not empty

    Returns
    -------
    float
        In image units, >= 0.

    Raises
    ------
    ValueError
        If the mask is empty.

    References
    ----------
    .. [1] Immerkaer, "Fast noise variance estimation", Comput. Vis. Image Underst. 64(2), 1996,
       the operator of eq. (3).
    .. [2] Tai, Yang, "A fast method for image noise estimation using Laplacian operator and
       adaptive edge detection", ISCCSP 2008 (leaving edges out).
    """
    if not mask.any():
        raise ValueError("the noise estimate needs a mask that is not empty")
    values = np.asarray(image, dtype=np.float64)
    answer = np.abs(correlate(values, LAPLACIAN_DIFFERENCE, mode="reflect")[mask])
    slope = sobel(values, axis=0)[mask] ** 2 + sobel(values, axis=1)[mask] ** 2
    flat = answer[slope <= np.median(slope)]
    return float(np.median(flat) / (_NORMAL_QUARTILE * _RESPONSE))


def rayleigh_sigma(median: float) -> float:
    """Return the parameter of a Rayleigh distribution of a median.

    Air in the magnitude image of one coil is Rayleigh distributed, and its parameter is the
    standard deviation of the noise in either channel; several coils make it larger.

    References
    ----------
    .. [1] Gudbjartsson, Patz, Magn. Reson. Med. 34(6), 1995, eq. (3).
    """
    return median / RAYLEIGH_MEDIAN


def rayleigh_bound(sigma: float) -> float:
    """Return the value that a share of 0.001 of Rayleigh noise lies above."""
    return sigma * math.sqrt(-2 * math.log(OUTLIER_SHARE))
