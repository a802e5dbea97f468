"""Mean and covariance of samples that come in pieces, in float64, and their shrinkage.

References
----------
.. [1] Chan, Golub, LeVeque, "Updating formulae and a pairwise algorithm for computing sample
   variances", COMPSTAT 1982.
.. [2] Chen, Wiesel, Eldar, Hero, "Shrinkage algorithms for MMSE covariance estimation", IEEE
   Transactions on Signal Processing 58, 2010, equation 23 (OAS).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True)
class Moments:
    """Count, mean and scatter of samples of d values each.

    Parameters
    ----------
    count : int
    mean : array, shape (d,), float64
    scatter : array, shape (d, d), float64
        Sum of the outer products of what remains after the mean.
    """

    count: int
    mean: NDArray[np.float64]
    scatter: NDArray[np.float64]

    @classmethod
    def empty(cls, size: int) -> Moments:
        """Return the moments of no sample of `size` values."""
        return cls(0, np.zeros(size), np.zeros((size, size)))

    @classmethod
    def of(cls, samples: ArrayLike) -> Moments:
        """Return the moments of samples of the shape (n, d).

        Raises
        ------
        ValueError
            If the shape is another or a value is not finite.
        """
        values = np.asarray(samples, np.float64)
        if values.ndim != 2:
            raise ValueError(f"Expected samples of the shape (n, d); got {values.shape}.")
        if not np.isfinite(values).all():
            raise ValueError("Expected finite samples.")
        if not len(values):
            return cls.empty(values.shape[1])
        mean = values.mean(axis=0)
        centred = values - mean
        return cls(len(values), mean, centred.T @ centred)

    def merge(self, other: Moments) -> Moments:
        """Return the moments of both sets together (Chan)."""
        if self.mean.shape != other.mean.shape:
            raise ValueError(f"Expected one size; got {self.mean.size} and {other.mean.size}.")
        if not self.count or not other.count:
            return self if self.count else other
        count = self.count + other.count
        shift = other.mean - self.mean
        mean = self.mean + shift * (other.count / count)
        between = np.outer(shift, shift) * (self.count * other.count / count)
        return Moments(count, mean, self.scatter + other.scatter + between)

    @property
    def covariance(self) -> NDArray[np.float64]:
        """The sample covariance, divided by n - 1, symmetric.

        Raises
        ------
        ValueError
            If there are fewer than two samples.
        """
        if self.count < 2:
            raise ValueError(f"A covariance needs two samples; there are {self.count}.")
        symmetric: NDArray[np.float64] = (self.scatter + self.scatter.T) / (2 * (self.count - 1))
        return symmetric


def oas_coefficient(covariance: NDArray[np.float64], samples: float) -> float:
    """Return how far a covariance should be drawn toward a scaled identity, in [0, 1].

    Parameters
    ----------
    covariance : array, shape (d, d)
    samples : float
        Independent samples it was estimated from.
    """
    size = covariance.shape[0]
    squared, trace = float((covariance**2).sum()), float(np.trace(covariance))
    spread = (samples + 1 - 2 / size) * (squared - trace**2 / size)
    if spread <= 0:
        return 1.0
    return float(np.clip(((1 - 2 / size) * squared + trace**2) / spread, 0, 1))


def shrink(covariance: NDArray[np.float64], coefficient: float) -> NDArray[np.float64]:
    """Return (1 - c) C + c tr(C) / d I; the very matrix that was given for c = 0."""
    if not 0 <= coefficient <= 1:
        raise ValueError(f"Expected a coefficient in [0, 1]; got {coefficient}.")
    if coefficient == 0:
        return covariance
    size = covariance.shape[0]
    shrunk: NDArray[np.float64] = (1 - coefficient) * covariance
    shrunk[np.diag_indices(size)] += coefficient * np.trace(covariance) / size
    return shrunk
