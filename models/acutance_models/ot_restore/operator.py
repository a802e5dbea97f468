"""The fitted operator: statistics to transport, with a report of how well they are conditioned."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from acutance_models.ot_restore.gaussian import (
    cap_gain,
    matrix_root,
    numerical_rank,
    squared_w2,
    transport_operator,
)
from acutance_models.ot_restore.moments import oas_coefficient, shrink

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from acutance_models.ot_restore.moments import Moments

DEFAULT_GAIN = 4.0


@dataclass(frozen=True)
class ConditionReport:
    """How far the statistics of an operator can be trusted.

    Parameters
    ----------
    source_count, target_count : int
        Patches; neighbours share most of their values.
    source_effective, target_effective : float
        The same divided by the sites of a patch: as many as lie side by side.
    source_rank, source_condition, target_condition : float
        Rank, and largest over least eigenvalue after shrinkage; infinite where singular.
    shrinkage : float
        Coefficient used for both sides.
    squared_w2 : float
        Distance of the two distributions as shrunk.
    largest_gain : float
        Of the operator before the cap.
    capped : int
        Directions the cap limited.
    """

    source_count: int
    target_count: int
    source_effective: float
    target_effective: float
    source_rank: int
    source_condition: float
    target_condition: float
    shrinkage: float
    squared_w2: float
    largest_gain: float
    capped: int


@dataclass(frozen=True)
class FittedOperator:
    """What moves latent patches of restored pictures to those of sharp ones.

    Parameters
    ----------
    name, version : str
    space : str
        Name of the latent space it was fitted in; it is of no use in another.
    channels, patch : int
        Latent channels and side of the patches; d = channels * patch ** 2.
    mean_source, mean_target : array, shape (d,)
    matrix : array, shape (d, d)
    noise_root : array, shape (d, d), or None
        Root of the noise covariance of a degenerate source.
    report : ConditionReport
    provenance : mapping of str to str
        Where the statistics come from, in words; no names of persons or files.
    cov_target : array, shape (d, d), or None
        Covariance of the sharp patches as used, so that distances to them can be told.
    """

    name: str
    version: str
    space: str
    channels: int
    patch: int
    mean_source: NDArray[np.float64]
    mean_target: NDArray[np.float64]
    matrix: NDArray[np.float64]
    noise_root: NDArray[np.float64] | None
    report: ConditionReport
    provenance: Mapping[str, str] = field(default_factory=dict)
    cov_target: NDArray[np.float64] | None = None

    @property
    def noise(self) -> float:
        """Noise it was fitted for, of what the network sees as 1; 0 where it is not told."""
        try:
            level = float(self.provenance.get("noise", "0"))
        except ValueError:
            return 0.0
        return level if 0.0 < level < 1.0 else 0.0

    def spectrum_gap(self, moments: Moments) -> float | None:
        """Return how far the spectrum of patches is from that of the sharp ones.

        The variances along the axes of the sharp patches are held against theirs: root mean square
        of the logarithm of their ratio, less that of the total variance, so that brightness and
        the share of background count for nothing and fine detail for as much as coarse.

        Parameters
        ----------
        moments : Moments
            Of patches in the space of the operator; shrunk as those of the operator were.

        Returns
        -------
        float or None
            In nepers, at least 0; None where the file of the operator tells no covariance.
        """
        if self.cov_target is None:
            return None
        covariance = shrink(moments.covariance, self.report.shrinkage)
        values, axes = np.linalg.eigh(self.cov_target)
        kept = values.size - numerical_rank(values)
        values, axes = values[kept:], axes[:, kept:]
        found = np.einsum("ij,ij->j", axes, covariance @ axes)
        least = values * np.finfo(np.float64).eps
        ratios = np.log(np.maximum(found, least) / values)
        total = math.log(max(float(np.trace(covariance)), float(least[0])) / float(values.sum()))
        return float(np.sqrt(np.mean((ratios - total) ** 2)))


def nearest_level(levels: Sequence[float], noise: float) -> int:
    """Return which of several noise levels is nearest to a measured one, as ratios go.

    Parameters
    ----------
    levels : sequence of float, > 0
    noise : float
        On the same scale; where it could not be measured, 0, and the least level is taken: that
        operator changes the least.
    """
    if not noise > 0:
        return levels.index(min(levels))
    return min(range(len(levels)), key=lambda n: abs(math.log(levels[n] / noise)))


def fit_operator(
    source: Moments,
    target: Moments,
    *,
    name: str,
    version: str,
    space: str,
    patch: int,
    shrinkage: float | None = None,
    gain: float | None = DEFAULT_GAIN,
    eps: float | None = None,
    moves_mean: bool = True,
    provenance: Mapping[str, str] | None = None,
) -> FittedOperator:
    """Fit the transport from the patches of restored pictures to those of sharp ones.

    Parameters
    ----------
    source, target : Moments
        Of patches out of `acutance_models.ot_restore.patches.valid_patches`.
    name, version, space : str
    patch : int
    shrinkage : float in [0, 1], optional
        By default the larger OAS coefficient of the two sides, from their effective counts.
    gain : float, optional
        Cap of the operator; None for none.
    eps : float, optional
        Rule of the published code; see `transport_operator`. The published code neither shrinks
        nor caps: `shrinkage=0, gain=None`.
    moves_mean : bool
        False leaves the mean where it is. The means of both sides tell how bright the pictures of
        the fit are and how much air they show; that is of no use for other people's.
    provenance : mapping of str to str, optional

    Raises
    ------
    ValueError
        If sizes do not agree or a side has fewer than two samples.
    """
    sites = patch**2
    if source.mean.size % sites or source.mean.shape != target.mean.shape:
        raise ValueError(
            f"Expected patches of {sites} sites on both sides; "
            f"got {source.mean.size} and {target.mean.size} values."
        )
    raw = source.covariance, target.covariance
    effective = source.count / sites, target.count / sites
    if shrinkage is None:
        shrinkage = max(oas_coefficient(c, n) for c, n in zip(raw, effective, strict=True))
    cov_source, cov_target = (shrink(c, shrinkage) for c in raw)
    matrix, noise = transport_operator(cov_source, cov_target, eps=eps)
    largest = float(np.linalg.norm(matrix, 2))
    matrix, capped = (matrix, 0) if gain is None else cap_gain(matrix, gain)
    report = ConditionReport(
        source.count,
        target.count,
        *effective,
        numerical_rank(np.linalg.eigvalsh(cov_source)),
        _condition(cov_source),
        _condition(cov_target),
        shrinkage,
        squared_w2(source.mean, cov_source, target.mean, cov_target),
        largest,
        capped,
    )
    return FittedOperator(
        name,
        version,
        space,
        source.mean.size // sites,
        patch,
        source.mean,
        target.mean if moves_mean else source.mean,
        matrix,
        None if noise is None else matrix_root(noise),
        report,
        dict(provenance or {}),
        cov_target,
    )


def _condition(covariance: NDArray[np.float64]) -> float:
    values = np.linalg.eigvalsh(covariance)
    if numerical_rank(values) < values.size:
        return float("inf")
    return float(values[-1] / values[0])
