"""The SSIM of many pairs of slices, several times as fast as one call a slice."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from acutance.metrics.similarity import SSIM_WINDOW, checked_pair, structural_similarity

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

_SAMPLES = SSIM_WINDOW * SSIM_WINDOW
_K1, _K2 = 0.01, 0.03
#: The constants of the formula, for sums over windows in place of means, and twice the terms.
_C1 = np.float32(2 * _K1**2 * _SAMPLES**2)
_C2 = np.float32(2 * _K2**2 * _SAMPLES * (_SAMPLES - 1))


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
    first, second = (np.asarray(array, dtype=np.float64) for array in (reference, test))
    if first.shape != second.shape or not data_range > 0:
        checked_pair(first, second, data_range)  # says which of the two it is
    if first.ndim != 3 or min(first.shape[1:]) < SSIM_WINDOW:
        raise ValueError(f"slices of {SSIM_WINDOW} pixels each way are needed, not {first.shape}")
    with ThreadPoolExecutor(max(1, min(len(first), os.cpu_count() or 1))) as pool:
        pairs = pool.map(partial(_similarity, data_range=float(data_range)), first, second)
        values = np.array(list(pairs), np.float64)
    if not np.isfinite(values).all():
        # A value that is not finite reaches every window that holds it, so that looking for them
        # can wait until here; what is left are values too large for float32.
        checked_pair(first, second, data_range)
        for n in np.flatnonzero(~np.isfinite(values)):
            values[n] = structural_similarity(first[n], second[n], data_range=data_range)
    return values


@np.errstate(all="ignore")  # what is not finite in the end is looked at once more
def _similarity(x: NDArray[np.float64], y: NDArray[np.float64], data_range: float) -> float:
    height, width = x.shape
    wide = x + y
    middle = float(wide.mean())
    wide -= middle
    rows = np.empty((4, x.size), np.float32)
    p, q, p_squared, q_squared = rows
    np.multiply(wide.reshape(-1), 1.0 / data_range, out=p, casting="same_kind")
    np.subtract(x, y, out=wide)
    np.multiply(wide.reshape(-1), 1.0 / data_range, out=q, casting="same_kind")
    np.multiply(p, p, out=p_squared)
    np.multiply(q, q, out=q_squared)
    sum_p, sum_q, var_p, var_q = _window_sums(rows, width)
    # Means and variances times 49 and 49^2, and the constants with them: the ratio is the same.
    var_p *= np.float32(_SAMPLES)
    var_p -= sum_p * sum_p
    var_q *= np.float32(_SAMPLES)
    var_q -= sum_q * sum_q
    sum_p += np.float32(_SAMPLES * middle / data_range)
    sum_p *= sum_p
    sum_q *= sum_q
    sum_p += _C1
    var_p += _C2
    top = (sum_p - sum_q) * (var_p - var_q)
    sum_p += sum_q
    var_p += var_q
    sum_p *= var_p
    top /= sum_p
    # The windows that begin in the last six columns reach into the next row and do not count.
    whole = np.zeros((height - SSIM_WINDOW + 1, width), np.float32)
    whole.reshape(-1)[: top.size] = top
    return float(whole[:, : width - SSIM_WINDOW + 1].mean(dtype=np.float64))


def _window_sums(rows: NDArray[np.float32], width: int) -> NDArray[np.float32]:
    """Return the sums over all windows of 7 x 7 of pictures that are flattened row by row.

    Seven terms take four additions: 2, 4, 4 + 2 + 1. Flat, every addition is one long loop.

    Parameters
    ----------
    rows : ndarray, shape (N, height * width), float32
    width : int

    Returns
    -------
    ndarray, shape (N, (height - 6) * width - 6), float32
        At the first pixel of each window, those that wrap around a row included.
    """
    for step in (1, width):
        two = rows[:, :-step] + rows[:, step:]
        four = two[:, : -2 * step] + two[:, 2 * step :]
        sums = four[:, : -3 * step] + two[:, 4 * step : -step]
        sums += rows[:, 6 * step :]
        rows = sums
    return rows
