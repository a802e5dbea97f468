"""Intervals about a score that hold their coverage, by split-conformal prediction.

The residual, true less predicted, is divided by a scale that depends on the score: a network
knows a clean slice better than a ruined one. Quantiles of these on slices that neither the
network nor the scale has seen give the interval of a new score. Its coverage needs no assumption
about the distribution, only that new slices are like the calibration slices.

References
----------
.. [1] Lei, G'Sell, Rinaldo, Tibshirani, Wasserman, "Distribution-free predictive inference for
   regression", J. Am. Stat. Assoc. 113(523), 2018, section 5.2.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

COVERAGE = 0.9
KNOTS = np.linspace(0.0, 1.0, 21)
BANDWIDTH = 0.04  # of the score, when the scale is smoothed
SMALLEST_SCALE = 1e-4
FEWEST = 20  # pairs from which a quantile of 90 % means anything


@dataclass(frozen=True, eq=False)
class ScoreInterval:
    """What turns a score into an interval.

    Parameters
    ----------
    knots : ndarray, shape (K,), float64
        Scores, ascending.
    scale : ndarray, shape (K,), float64, > 0
        Typical absolute residual at these scores, linear between.
    low, high : float
        Quantiles of residual over scale; usually below and above 0.
    """

    knots: NDArray[np.float64]
    scale: NDArray[np.float64]
    low: float
    high: float

    def __post_init__(self) -> None:
        """Check that the numbers describe an interval."""
        is_sound = (
            self.knots.ndim == 1
            and self.knots.shape == self.scale.shape
            and bool(np.all(np.diff(self.knots) > 0))
            and bool(np.all(np.isfinite(self.scale) & (self.scale > 0)))
            and math.isfinite(self.low)
            and math.isfinite(self.high)
            and self.low <= self.high
        )
        if not is_sound:
            raise ValueError("Expected ascending knots, positive scales and low <= high.")

    def bounds(self, score: float) -> tuple[float, float]:
        """Return the interval about a score in [0, 1]; it holds the score and stays in [0, 1]."""
        scale = float(np.interp(score, self.knots, self.scale))
        low = min(max(score + self.low * scale, 0.0), score)
        high = max(min(score + self.high * scale, 1.0), score)
        return low, high


def fit_interval(
    scores: ArrayLike, labels: ArrayLike, *, seed: int = 0, coverage: float = COVERAGE
) -> ScoreInterval:
    """Calibrate an interval on pairs of score and label the network was not trained on.

    Parameters
    ----------
    scores, labels : array-like, shape (N,)
        Predicted and true structural similarity.
    seed : int
        Of the split into a half that gives the scale and a half that gives the quantiles.
    coverage : float, in (0, 1)

    Returns
    -------
    ScoreInterval

    Raises
    ------
    ValueError
        If there are too few pairs.
    """
    predicted, true = np.asarray(scores, np.float64), np.asarray(labels, np.float64)
    if predicted.shape != true.shape or predicted.ndim != 1 or len(predicted) < 2 * FEWEST:
        raise ValueError(f"Expected at least {2 * FEWEST} pairs; got {predicted.shape}.")
    order = np.random.default_rng(seed).permutation(len(predicted))
    first, second = order[::2], order[1::2]
    scale = _smooth_scale(predicted[first], np.abs(true - predicted)[first])
    normalised = np.sort((true - predicted)[second] / np.interp(predicted[second], KNOTS, scale))
    count, tail = len(normalised), (1.0 - coverage) / 2.0
    below = max(math.floor((count + 1) * tail), 1)
    above = min(math.ceil((count + 1) * (1.0 - tail)), count)
    return ScoreInterval(KNOTS, scale, float(normalised[below - 1]), float(normalised[above - 1]))


def coverage_of(interval: ScoreInterval, scores: ArrayLike, labels: ArrayLike) -> float:
    """Return the share of labels that lie in the interval of their score."""
    pairs = zip(np.asarray(scores).tolist(), np.asarray(labels).tolist(), strict=True)
    hits = [low <= label <= high for s, label in pairs for low, high in [interval.bounds(s)]]
    return float(np.mean(hits))


def _smooth_scale(
    scores: NDArray[np.float64], residuals: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the mean residual about each knot; where few scores lie, that of all is mixed in."""
    weights = np.exp(-0.5 * ((KNOTS[:, None] - scores[None]) / BANDWIDTH) ** 2)
    prior = 5.0  # pairs
    sums = weights @ residuals + prior * residuals.mean()
    scale: NDArray[np.float64] = np.maximum(sums / (weights.sum(1) + prior), SMALLEST_SCALE)
    return scale
