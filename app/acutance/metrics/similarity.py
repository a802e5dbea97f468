"""Full-reference metrics of two arrays: SSIM, PSNR, NRMSE."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from skimage.metrics import structural_similarity as _structural_similarity

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

#: Side of the uniform window of the SSIM, in pixels.
SSIM_WINDOW = 7


def structural_similarity(reference: ArrayLike, test: ArrayLike, *, data_range: float) -> float:
    """Compute the mean structural similarity over every 7 x 7 (x 7) window.

    Uniform window, K1 = 0.01, K2 = 0.03, sample covariance; windows that reach over the border
    are left out.

    Parameters
    ----------
    reference, test : array_like, same shape, 2-D or 3-D, real, every side >= 7
    data_range : float, span L of the possible values, same units, > 0

    Returns
    -------
    float
        Dimensionless, in [-1, 1]; 1 only where the two are equal.

    Raises
    ------
    ValueError
        If shapes differ, a side is too short, the range is not positive or a value not finite.

    References
    ----------
    .. [1] Wang, Bovik, Sheikh, Simoncelli, IEEE Trans. Image Process. 13(4), 2004, eq. (13).
    """
    first, second = checked_pair(reference, test, data_range)
    if min(first.shape) < SSIM_WINDOW:
        raise ValueError(f"the SSIM needs {SSIM_WINDOW} pixels each way, not {first.shape}")
    return float(
        _structural_similarity(  # type: ignore[no-untyped-call]
            first, second, win_size=SSIM_WINDOW, data_range=float(data_range)
        )
    )


def structural_similarity_map(
    reference: NDArray[np.float64], test: NDArray[np.float64], *, data_range: float
) -> NDArray[np.float64]:
    """Return the SSIM of each whole window, at its middle: 3 pixels less on every side."""
    margin = SSIM_WINDOW // 2
    _, full = _structural_similarity(  # type: ignore[no-untyped-call]
        reference, test, win_size=SSIM_WINDOW, data_range=float(data_range), full=True
    )
    inner: NDArray[np.float64] = full[(slice(margin, -margin),) * full.ndim]
    return inner


def peak_signal_noise_ratio(reference: ArrayLike, test: ArrayLike, *, data_range: float) -> float:
    """Compute the peak signal-to-noise ratio, 10 log10(L^2 / MSE).

    Parameters
    ----------
    reference, test : array_like, same shape, real
    data_range : float, span L of the possible values, same units, > 0

    Returns
    -------
    float
        Decibels; infinite where the two are equal.

    Raises
    ------
    ValueError
        If shapes differ, the range is not positive or a value is not finite.
    """
    first, second = checked_pair(reference, test, data_range)
    return psnr_from_error(float(np.mean((first - second) ** 2)), data_range)


def psnr_from_error(mean_squared_error: float, data_range: float) -> float:
    """Return the PSNR in dB of a mean squared error; infinite for 0."""
    if mean_squared_error == 0:
        return math.inf
    return 10.0 * math.log10(data_range**2 / mean_squared_error)


def normalized_root_mse(reference: ArrayLike, test: ArrayLike) -> float:
    """Compute the root mean squared error over the root mean square of the reference.

    Parameters
    ----------
    reference, test : array_like, same shape, real; the reference not all 0

    Returns
    -------
    float
        Dimensionless, >= 0; 0 where the two are equal.

    Raises
    ------
    ValueError
        If shapes differ, a value is not finite or the reference is all 0.

    References
    ----------
    .. [1] The "euclidean" normalisation of `skimage.metrics.normalized_root_mse`.
    """
    first, second = checked_pair(reference, test, 1.0)
    power = float(np.mean(first**2))
    if power == 0:
        raise ValueError("the reference is all 0: its error cannot be normalised")
    return math.sqrt(float(np.mean((first - second) ** 2)) / power)


def checked_pair(
    reference: ArrayLike, test: ArrayLike, data_range: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return both as float64.

    Raises
    ------
    ValueError
        If shapes differ, the range is not positive or a value is not finite.
    """
    first, second = np.asarray(reference, np.float64), np.asarray(test, np.float64)
    if first.shape != second.shape:
        raise ValueError(f"shapes differ: {first.shape} and {second.shape}")
    if not (math.isfinite(data_range) and data_range > 0):
        raise ValueError(f"the data range must be positive, not {data_range}")
    if not (np.isfinite(first).all() and np.isfinite(second).all()):
        raise ValueError("both images must be finite")
    return first, second
