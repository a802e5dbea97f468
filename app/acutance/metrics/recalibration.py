"""Fit a rising curve from predicted SSIM to the probability that a series is usable.

References
----------
.. [1] Zadrozny, Elkan, "Transforming classifier scores into accurate multiclass probability
   estimates", KDD 2002, section 3 (isotonic regression).
.. [2] Brier, "Verification of forecasts expressed in terms of probability", Mon. Weather Rev.
   78(1), 1950, eq. (2); here half of it, the mean squared error of the probability.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import isotonic_regression

from acutance.core.calibration import (
    REPEAT_UP_TO,
    USABLE_FROM,
    Mark,
    ReliabilityBin,
    SiteCalibration,
    missing_marks,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

BINS = 5
#: Series that have to lie beyond a threshold before it is suggested.
FEWEST_BEYOND = 5
#: Of a predicted SSIM; scores nearer to each other count as equal.
DECIMALS = 6


def fit_calibration(
    marks: Sequence[Mark],
    *,
    version: int,
    usable_from: float = USABLE_FROM,
    repeat_up_to: float = REPEAT_UP_TO,
    made_on: str = "",
    software: str = "",
) -> SiteCalibration:
    """Fit a calibration to marks of one network.

    Parameters
    ----------
    marks : sequence of Mark
        At least 30, of each kind at least 5, all predicted by the same weights.
    version : int
    usable_from, repeat_up_to : float, 0 <= repeat_up_to < usable_from <= 1
        Probabilities that the suggested thresholds stand for.
    made_on : str
        ISO date; empty for none.
    software : str

    Returns
    -------
    SiteCalibration
        Its reliability and Brier score predict each series from the others. A threshold is
        suggested only where at least 5 series lie beyond it and the Brier score is better than
        that of always saying the mean.

    Raises
    ------
    ValueError
        If there are too few marks, of several weights, or the probabilities are in a wrong order.
    """
    if missing := missing_marks(marks):
        raise ValueError(missing)
    if len({mark.weights_sha256 for mark in marks}) != 1:
        raise ValueError("marks of different weights cannot be put together")
    if not 0 <= repeat_up_to < usable_from <= 1:
        raise ValueError(f"need 0 <= {repeat_up_to} < {usable_from} <= 1")
    # In one order, so that the same marks give the same bits.
    listed = sorted(marks, key=lambda mark: mark.content_sha256)
    scores = np.array([mark.ssim_pred for mark in listed])
    usable = np.array([mark.is_usable for mark in listed], np.float64)
    knots, values = fit_curve(scores, usable)
    held_out = leave_one_out(scores, usable)
    upper = _first_at_least(knots, values, usable_from)
    lower = _last_at_most(knots, values, repeat_up_to)
    brier, brier_base = float(np.mean((held_out - usable) ** 2)), float(usable.var())
    # The ends of an isotonic curve come near 0 and 1, be it by one series: not by so few, and
    # not where the score tells no more than the mean.
    if upper is not None and (brier >= brier_base or np.sum(scores >= upper) < FEWEST_BEYOND):
        upper = None
    if lower is not None and (brier >= brier_base or np.sum(scores <= lower) < FEWEST_BEYOND):
        lower = None
    return SiteCalibration(
        version=version,
        weights_sha256=listed[0].weights_sha256,
        scores=tuple(knots.tolist()),
        probabilities=tuple(values.tolist()),
        usable=upper,
        repeat=lower,
        marks=tuple(listed),
        reliability=reliability(held_out, usable),
        brier=brier,
        brier_base=brier_base,
        usable_from=usable_from,
        repeat_up_to=repeat_up_to,
        made_on=made_on,
        software=software,
    )


def fit_curve(
    scores: NDArray[np.float64], usable: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Fit the isotonic regression of usability on score.

    Parameters
    ----------
    scores : ndarray, shape (N,), float64, in [0, 1]
    usable : ndarray, shape (N,), float64, 0 or 1

    Returns
    -------
    knots, values : ndarray, shape (K,), float64
        Ascending scores, equal ones taken together, and probabilities that never fall and stay
        1 / (N + 2) away from 0 and 1.
    """
    rounded = np.round(scores, DECIMALS)
    knots, place, counts = np.unique(rounded, return_inverse=True, return_counts=True)
    means = np.bincount(place, weights=usable) / counts
    fitted = isotonic_regression(means, weights=counts).x
    # Laplace's rule of succession: so many series never show that all others are alike.
    doubt = 1.0 / (len(scores) + 2)
    # Rounding in the mean of a block may fall by a last bit.
    values = np.maximum.accumulate(np.clip(fitted, doubt, 1.0 - doubt))
    return knots, np.asarray(values, np.float64)


def leave_one_out(scores: NDArray[np.float64], usable: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the probability of each series, shape (N,), from a curve fitted to all others."""
    predicted = np.empty(len(scores))
    for n in range(len(scores)):
        others = np.arange(len(scores)) != n
        predicted[n] = np.interp(scores[n], *fit_curve(scores[others], usable[others]))
    return predicted


def reliability(
    predicted: NDArray[np.float64], usable: NDArray[np.float64], bins: int = BINS
) -> tuple[ReliabilityBin, ...]:
    """Sort predictions into equal parts of [0, 1] and hold their mean against what was seen."""
    place = np.minimum((predicted * bins).astype(int), bins - 1)
    found = []
    for n in range(bins):
        inside = place == n
        count = int(inside.sum())
        found.append(
            ReliabilityBin(
                n / bins,
                (n + 1) / bins,
                count,
                float(predicted[inside].mean()) if count else None,
                float(usable[inside].mean()) if count else None,
            )
        )
    return tuple(found)


def _first_at_least(
    knots: NDArray[np.float64], values: NDArray[np.float64], target: float
) -> float | None:
    """Return the least score at which the curve, linear between knots, reaches a probability."""
    above = np.flatnonzero(values >= target)
    if not len(above):
        return None
    n = int(above[0])
    if n == 0:
        return float(knots[0])
    share = (target - values[n - 1]) / (values[n] - values[n - 1])
    return float(knots[n - 1] + share * (knots[n] - knots[n - 1]))


def _last_at_most(
    knots: NDArray[np.float64], values: NDArray[np.float64], target: float
) -> float | None:
    """Return the greatest score at which the curve does not exceed a probability."""
    below = np.flatnonzero(values <= target)
    if not len(below):
        return None
    n = int(below[-1])
    if n == len(knots) - 1:
        return float(knots[n])
    share = (target - values[n]) / (values[n + 1] - values[n])
    return float(knots[n] + share * (knots[n + 1] - knots[n]))
