"""Sharpness and smoothness of an image. Own definitions, own names."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from scipy.ndimage import sobel

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: A Sobel filter answers a slope of 1 per pixel with this.
_SOBEL_GAIN = 8.0


def gradient_energy(image: NDArray[np.floating], mask: NDArray[np.bool_]) -> tuple[float, int]:
    """Sum the squared gradient over the masked part of an image.

    Divided by the number of pixels and by the variance of the same pixels this is Tenengrad,
    normalised so that neither brightness nor contrast changes it. Noise raises it, too.

    Parameters
    ----------
    image : ndarray, shape (rows, columns), finite
    mask : ndarray of bool, same shape

    Returns
    -------
    energy : float
        Sum of (d/dx)^2 + (d/dy)^2 by Sobel's filter, image units per pixel, squared.
    n : int
        Pixels in the mask.

    References
    ----------
    .. [1] Krotkov, "Focusing", Int. J. Comput. Vis. 1(3), 1988 (Tenengrad).
    """
    values = np.asarray(image, dtype=np.float64)
    rows, columns = sobel(values, axis=0), sobel(values, axis=1)
    energy = (rows[mask] ** 2 + columns[mask] ** 2) / _SOBEL_GAIN**2
    return float(energy.sum()), int(np.count_nonzero(mask))


def fwhm_from_variances(variance: float, difference_variance: float, step: float) -> float | None:
    """Return the full width at half maximum of the smoothness of an image along one axis.

    For white noise smoothed with a Gaussian this is the width of that Gaussian. In a scan
    anatomy dominates, so that only scans of the same kind compare.

    Parameters
    ----------
    variance : float, of the values, > 0
    difference_variance : float, of the differences of neighbours along the axis, >= 0
    step : float, distance of neighbours; its unit is the answer's

    Returns
    -------
    float or None
        None where neighbours have no positive correlation, or are all equal.

    References
    ----------
    .. [1] Forman, Cohen, Fitzgerald, et al., Magn. Reson. Med. 33(5), 1995, eq. (7).
    """
    if variance <= 0:
        return None
    correlation = 1.0 - difference_variance / (2.0 * variance)
    if not 0.0 < correlation < 1.0:
        return None
    return step * math.sqrt(-2.0 * math.log(2.0) / math.log(correlation))


def fwhm(
    image: NDArray[np.floating], mask: NDArray[np.bool_], spacing: tuple[float, ...]
) -> tuple[float | None, ...]:
    """Return the smoothness of the masked part of an image along each axis.

    Parameters
    ----------
    image : ndarray, any dimension, finite
    mask : ndarray of bool, same shape
    spacing : tuple of float, distance of neighbours along each axis

    Returns
    -------
    tuple of float or None
        One full width at half maximum per axis; see `fwhm_from_variances`.
    """
    values = np.asarray(image, dtype=np.float64)
    variance = float(np.var(values[mask])) if mask.any() else 0.0
    widths = []
    for axis, step in enumerate(spacing):
        ahead, behind = [slice(None)] * values.ndim, [slice(None)] * values.ndim
        ahead[axis], behind[axis] = slice(1, None), slice(None, -1)
        pairs = mask[tuple(ahead)] & mask[tuple(behind)]
        differences = (values[tuple(ahead)] - values[tuple(behind)])[pairs]
        widths.append(
            fwhm_from_variances(variance, float(np.var(differences)), step)
            if differences.size
            else None
        )
    return tuple(widths)
