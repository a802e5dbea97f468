"""The SSIM of many pairs of slices, several times as fast as one call a slice."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np

from acutance.metrics.similarity import SSIM_WINDOW, checked_pair, structural_similarity

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

_SAMPLES = SSIM_WINDOW * SSIM_WINDOW
#: Ranges outside of these leave no room in float32; pairs are then computed in float64.
_SMALLEST_RANGE, _LARGEST_RANGE = 1e-25, 1e25
#: The mean that a pair is taken about is that of every so manieth row and column: near is enough.
_MEAN_STEP = 8
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
    if not _SMALLEST_RANGE < data_range < _LARGEST_RANGE:
        pairs = zip(first, second, strict=True)
        alone = [structural_similarity(x, y, data_range=data_range) for x, y in pairs]
        return np.array(alone, np.float64)
    values = np.empty(len(first), np.float64)
    threads = max(1, min(len(first), os.cpu_count() or 1))

    def fill(start: int) -> None:
        work = _Workspace(*first.shape[1:])
        for n in range(start, len(first), threads):
            values[n] = work.similarity(first[n], second[n], float(data_range))

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(fill, range(threads)))
    if not np.isfinite(values).all():
        # A value that is not finite reaches every window that holds it, so that looking for them
        # can wait until here; what is left are values too large for float32.
        checked_pair(first, second, data_range)
        for n in np.flatnonzero(~np.isfinite(values)):
            values[n] = structural_similarity(first[n], second[n], data_range=data_range)
    return values


class _Workspace:
    """Memory for one pair after the other: fresh memory costs more than the arithmetic.

    Parameters
    ----------
    height, width : int
        Of a slice.
    """

    def __init__(self, height: int, width: int) -> None:
        self._shape = height, width
        self._rows, self._two, self._four = np.empty((3, 4, height * width), np.float32)
        self._map = np.zeros(height * width, np.float32)

    @np.errstate(all="ignore")  # what is not finite in the end is looked at once more
    def similarity(
        self, x: NDArray[np.float64], y: NDArray[np.float64], data_range: float
    ) -> float:
        """Return the mean SSIM of a pair; not finite where float32 does not hold it."""
        middle = 0.5 * float(x[::_MEAN_STEP, ::_MEAN_STEP].mean())
        middle += 0.5 * float(y[::_MEAN_STEP, ::_MEAN_STEP].mean())
        p, q, p_squared, q_squared = self._rows
        first, second = self._two[:2]
        scale = np.float32(1.0 / data_range)
        for array, centred in ((x, first), (y, second)):
            np.subtract(array.reshape(-1), middle, out=centred, casting="same_kind")
            centred *= scale
        np.add(first, second, out=p)
        np.subtract(first, second, out=q)
        np.multiply(p, p, out=p_squared)
        np.multiply(q, q, out=q_squared)
        sum_p, sum_q, var_p, var_q = self._window_sums()
        # Means and variances times 49 and 49^2, and the constants with them: the ratio is the same.
        size = sum_p.size
        squared, top, samples = self._two[0][:size], self._map[:size], np.float32(_SAMPLES)
        np.multiply(sum_p, sum_p, out=squared)
        var_p *= samples
        var_p -= squared
        np.multiply(sum_q, sum_q, out=squared)
        var_q *= samples
        var_q -= squared
        sum_p += np.float32(2.0 * _SAMPLES * middle / data_range)
        sum_p *= sum_p
        sum_p += _C1
        var_p += _C2
        np.subtract(var_p, var_q, out=top)
        top *= np.subtract(sum_p, squared, out=sum_q)
        sum_p += squared
        var_p += var_q
        sum_p *= var_p
        top /= sum_p
        # The windows that begin in the last six columns reach into the next row and do not count.
        height, width = self._shape
        whole = self._map.reshape(height, width)
        inside = whole[: height - SSIM_WINDOW + 1, : width - SSIM_WINDOW + 1]
        return float(inside.mean(dtype=np.float64))

    def _window_sums(self) -> NDArray[np.float32]:
        """Return the sums over all windows of 7 x 7 of the four rows, flattened pictures.

        Seven terms take four additions: 2, 4, 4 + 2 + 1. Flat, every addition is one long loop.

        Returns
        -------
        ndarray, shape (4, (height - 6) * width - 6), float32
            At the first pixel of each window, those that wrap around a row included.
        """
        rows, sums, two = self._rows, self._four, self._two
        size = rows.shape[1]
        for step in (1, self._shape[1]):
            np.add(rows[:, : size - step], rows[:, step:size], out=two[:, : size - step])
            after = size - 3 * step
            np.add(two[:, :after], two[:, 2 * step : size - step], out=sums[:, :after])
            after = size - 6 * step
            four = sums[:, :after]
            four += two[:, 4 * step : size - 2 * step]
            four += rows[:, 6 * step : size]
            rows, sums, size = sums, rows, after
        return rows[:, :size]
