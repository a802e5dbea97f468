"""Control charts: whether a row of measurements is one process, or has left it.

Two kinds of trouble look different. A patient who moved is one point outside the limits of the
individuals chart; a scanner that drifts pulls the weighted mean of many points outside its own.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

#: Fewer values than this give no limits.
FEWEST = 8
#: How many of the first values set the limits, where there are so many.
BASELINE = 20
#: Mean range of two normal values over their standard deviation: 2 / sqrt(pi).
_D2 = 2.0 / math.sqrt(math.pi)
_SIGMAS = 3.0
#: Weight of the newest value, and width of the limits, of the weighted mean.
WEIGHT, _EWMA_SIGMAS = 0.2, 2.962
#: A change is told where as large a one comes by chance less often than this.
CHANCE = 0.01
#: Below this it is only told that it is.
_RARE = 0.001


@dataclass(frozen=True)
class ControlChart:
    """What the charts say of a row of values, oldest first.

    Parameters
    ----------
    values : ndarray, shape (n,), float64
    centre, low, high : float or None
        Mean and limits of single values, from the first `baseline`; None for fewer than `FEWEST`.
    baseline : int
    ewma, ewma_low, ewma_high : ndarray, shape (n,), float64
        Exponentially weighted mean and its limits; empty without limits.
    change : int or None
        Index of the first value after a change of level; None where there is none.
    chance : float or None
        How probable so large a change is where there is none; None for fewer than `FEWEST`.
    """

    values: NDArray[np.float64]
    centre: float | None
    low: float | None
    high: float | None
    baseline: int
    ewma: NDArray[np.float64]
    ewma_low: NDArray[np.float64]
    ewma_high: NDArray[np.float64]
    change: int | None
    chance: float | None

    @property
    def outside(self) -> tuple[int, ...]:
        """Indices of single values outside the limits."""
        if self.low is None or self.high is None:
            return ()
        return tuple(int(n) for n in np.flatnonzero(_beyond(self.values, self.low, self.high)))

    @property
    def drifted(self) -> tuple[int, ...]:
        """Indices at which the weighted mean is outside its limits."""
        found = _beyond(self.ewma, self.ewma_low, self.ewma_high)
        return tuple(int(n) for n in np.flatnonzero(found))


def control_chart(values: NDArray[np.float64], *, baseline: int = BASELINE) -> ControlChart:
    """Draw the charts of a row of measurements.

    Parameters
    ----------
    values : ndarray, shape (n,), float64
        Finite, oldest first.
    baseline : int
        How many of the first values set the limits, at least `FEWEST`; fewer where there are not
        so many. What comes later is held against them and never moves them.

    Returns
    -------
    ControlChart

    Raises
    ------
    ValueError
        If a value is not finite, or the baseline too short.

    References
    ----------
    .. [1] Montgomery, Introduction to Statistical Quality Control, 6th ed., 2009: individuals
       chart, eq. (6.33), sigma from the mean moving range; EWMA, eqs. (9.22), (9.25) and (9.26),
       lambda 0.2 with L 2.962 (table 9.11).
    .. [2] Pettitt, Applied Statistics 28(2), 1979: the change, and its chance.
    """
    values = np.asarray(values, dtype=np.float64)
    if values.ndim != 1 or not np.all(np.isfinite(values)):
        raise ValueError("a chart is drawn of a row of finite numbers")
    if baseline < FEWEST:
        raise ValueError(f"limits need at least {FEWEST} values, not {baseline}")
    nothing = np.empty(0)
    if values.size < FEWEST:
        return ControlChart(
            values, None, None, None, values.size, nothing, nothing, nothing, None, None
        )
    first = values[:baseline]
    centre = float(first.mean())
    sigma = float(np.abs(np.diff(first)).mean()) / _D2
    change, chance = change_point(values)
    ewma, half = _ewma(values, centre, sigma)
    return ControlChart(
        values,
        centre,
        centre - _SIGMAS * sigma,
        centre + _SIGMAS * sigma,
        first.size,
        ewma,
        centre - half,
        centre + half,
        change if chance < CHANCE else None,
        chance,
    )


def chart_words(chart: ControlChart, numbers: Sequence[int]) -> list[str]:
    """Return what the charts say, in sentences.

    Parameters
    ----------
    chart : ControlChart
    numbers : sequence of int
        What each value is called.
    """
    if chart.centre is None or chart.low is None or chart.high is None:
        return [f"{chart.values.size} values; control limits need at least {FEWEST}."]
    words = [
        f"{chart.values.size} values; centre {chart.centre:.4g}, limits {chart.low:.4g} to "
        f"{chart.high:.4g} from the first {chart.baseline}.",
        f"Outside the limits: {len(chart.outside)}; weighted mean outside its own limits: "
        f"{len(chart.drifted)}.",
    ]
    if chart.change is not None and chart.chance is not None:
        chance = f"{chart.chance:.2g}" if chart.chance >= _RARE else f"< {_RARE}"
        before, after = chart.values[: chart.change], chart.values[chart.change :]
        words.append(
            f"The level changed from {np.median(before):.4g} to {np.median(after):.4g} (medians) "
            f"at number {numbers[chart.change]}; by chance in {chance} of such rows."
        )
    return words


def change_point(values: NDArray[np.float64]) -> tuple[int, float]:
    """Return where the level of a row most likely changed, and how probable that is by chance.

    Parameters
    ----------
    values : ndarray, shape (n,), n >= 2

    Returns
    -------
    int
        Index of the first value of the new level.
    float
        In [0, 1]; small where there was a change. By ranks, so that a few wild values do not
        matter.

    References
    ----------
    .. [1] Pettitt, Applied Statistics 28(2), 1979: U(t, T) by ranks, eq. (2.3), p of K, eq. (2.7).
    """
    count = values.size
    # Mean ranks, so that equal values stand neither before nor after one another.
    _, inverse, sizes = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(sizes)
    ranks = (last - (sizes - 1) / 2.0)[inverse]
    before = np.arange(1, count)
    u = 2.0 * np.cumsum(ranks)[:-1] - before * (count + 1)
    at = int(np.argmax(np.abs(u)))
    largest = float(np.abs(u[at]))
    chance = 2.0 * math.exp(-6.0 * largest**2 / (count**3 + count**2))
    return at + 1, min(1.0, chance)


def _ewma(
    values: NDArray[np.float64], centre: float, sigma: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the weighted mean at each value and half the width of its limits."""
    weighted = np.empty_like(values)
    level = centre
    for n, value in enumerate(values):
        level = WEIGHT * float(value) + (1.0 - WEIGHT) * level
        weighted[n] = level
    steps = np.arange(1, values.size + 1)
    share = WEIGHT / (2.0 - WEIGHT) * (1.0 - (1.0 - WEIGHT) ** (2 * steps))
    return weighted, _EWMA_SIGMAS * sigma * np.sqrt(share)


def _beyond(
    values: NDArray[np.float64],
    low: float | NDArray[np.float64],
    high: float | NDArray[np.float64],
) -> NDArray[np.bool_]:
    """Whether values lie outside limits by more than the rounding of a row that is constant."""
    slack = 1e-9 * np.maximum(np.abs(low), np.abs(high))
    found: NDArray[np.bool_] = (values < low - slack) | (values > high + slack)
    return found
