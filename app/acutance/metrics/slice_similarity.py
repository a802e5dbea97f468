"""The SSIM of many pairs of slices, several times as fast as one call a slice."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from acutance.metrics.similarity import SSIM_WINDOW, checked_pair

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

_SAMPLES = SSIM_WINDOW * SSIM_WINDOW
_K1, _K2 = 0.01, 0.03


def slice_wise_similarity(
    reference: ArrayLike, test: ArrayLike, *, data_range: float
) -> NDArray[np.float64]:
    """Compute the mean structural similarity of each pair of slices.

    What `structural_similarity` gives for each, to 1e-6: with the sum p and the difference q of a
    pair, its means, variances and covariance follow from four windowed means instead of five [1]_,
    taken in float32 about the mean of the pair.

    Parameters
    ----------
    reference, test : array_like, shape (N, H, W), real, H and W >= 7
    data_range : float, span L of the possible values, same units, > 0

    Returns
    -------
    ndarray, shape (N,), float64
        Dimensionless, in [-1, 1].

    Raises
    ------
    ValueError
        If shapes differ, a side is too short, the range is not positive or a value not finite.

    References
    ----------
    .. [1] Wang, Bovik, Sheikh, Simoncelli, IEEE Trans. Image Process. 13(4), 2004, eq. (13), with
       2 E[x] E[y] = (E[p]^2 - E[q]^2) / 2, E[x]^2 + E[y]^2 = (E[p]^2 + E[q]^2) / 2, and likewise
       for covariance and variances.
    """
    first, second = checked_pair(reference, test, data_range)
    if first.ndim != 3 or min(first.shape[1:]) < SSIM_WINDOW:
        raise ValueError(f"slices of {SSIM_WINDOW} pixels each way are needed, not {first.shape}")
    with ThreadPoolExecutor(max(1, min(len(first), os.cpu_count() or 1))) as pool:
        values = list(pool.map(partial(_similarity, data_range=float(data_range)), first, second))
    return np.array(values, np.float64)


def _similarity(x: NDArray[np.float64], y: NDArray[np.float64], data_range: float) -> float:
    middle = float(x.mean() + y.mean()) / data_range
    p = ((x + y) / data_range - middle).astype(np.float32)
    q = ((x - y) / data_range).astype(np.float32)
    mean_p, mean_q = _window_means(p), _window_means(q)
    unbias = np.float32(_SAMPLES / (_SAMPLES - 1) / 2)
    p *= p
    q *= q
    half_var_p = (_window_means(p) - mean_p * mean_p) * unbias
    half_var_q = (_window_means(q) - mean_q * mean_q) * unbias
    mean_p += np.float32(middle)
    mean_p *= mean_p
    mean_q *= mean_q
    mean_p *= np.float32(0.5)
    mean_q *= np.float32(0.5)
    top = (mean_p - mean_q + np.float32(_K1**2)) * (half_var_p - half_var_q + np.float32(_K2**2))
    bottom = (mean_p + mean_q + np.float32(_K1**2)) * (half_var_p + half_var_q + np.float32(_K2**2))
    top /= bottom
    return float(top.mean(dtype=np.float64))


def _window_means(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the means over all whole windows; seven terms by four additions: 2, 4, 4 + 2 + 1."""
    two = values[:, :-1] + values[:, 1:]
    four = two[:, :-2] + two[:, 2:]
    rows = four[:, :-3] + two[:, 4:-1]
    rows += values[:, 6:]
    two = rows[:-1] + rows[1:]
    four = two[:-2] + two[2:]
    sums: NDArray[np.float32] = four[:-3] + two[4:-1]
    sums += rows[6:]
    sums *= np.float32(1.0 / _SAMPLES)
    return sums
