"""IQMs of a head scan given its masks, each defined as MRIQC defines the metric of that name.

The names are MRIQC's because the numbers are: `bench/iqm_against_mriqc.py` holds every function
against `mriqc.qc.anatomical`. The masks are the caller's; MRIQC makes its own with a template and
a tissue segmentation, so equal masks give equal numbers and other masks other numbers.

References
----------
.. [1] Esteban, Birman, Schaer, et al., "MRIQC: Advancing the automatic prediction of image quality
   in MRI from unseen sites", PLoS ONE 12(9): e0184661, 2017, and the documentation of
   `mriqc.qc.anatomical`, version 24.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import ndtri
from scipy.stats import kurtosis

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import ArrayLike, NDArray

#: sqrt((4 - pi) / 2) to the seven digits MRIQC uses.
DIETRICH_FACTOR = 0.6551364
#: Smallest median absolute deviation of the air that MRIQC takes for a noise estimate.
SMALLEST_MAD = 1.0
#: Smallest standard deviation of the air from which Dietrich's SNR is defined.
SMALLEST_SIGMA = 1e-3
#: Smallest median energy of the air from which the energy ratio is defined.
SMALLEST_ENERGY = 1e-3
#: What MRIQC returns where a metric is not defined.
UNDEFINED = -1.0
#: Keeps the logarithm of a zero finite.
TINY = 1e-16
_NORMAL_QUARTILE = float(ndtri(0.75))


def snr(mean: float, standard_deviation: float, n: int) -> float:
    """Compute the signal-to-noise ratio within one tissue: mean / (sd * sqrt(n / (n - 1))).

    Parameters
    ----------
    mean, standard_deviation : float, of the tissue, image units; standard deviation > 0
    n : int, voxels of the tissue, >= 2

    Returns
    -------
    float
        Dimensionless; higher is better.

    Raises
    ------
    ValueError
        If the standard deviation is not positive or there are fewer than two voxels.

    References
    ----------
    .. [1] MRIQC, `snr`.
    """
    if standard_deviation <= 0 or n < 2:
        raise ValueError(f"need a positive deviation and two voxels, not {standard_deviation}, {n}")
    return float(mean / (standard_deviation * math.sqrt(n / (n - 1))))


def snr_dietrich(mean: float, mad_air: float = 0.0, sigma_air: float = 1.0) -> float:
    """Compute Dietrich's signal-to-noise ratio against the air around the head.

    Parameters
    ----------
    mean : float, of the foreground, image units
    mad_air : float, median absolute deviation of the air, image units; used where > 1
    sigma_air : float, standard deviation of the air, image units; used otherwise

    Returns
    -------
    float
        Dimensionless, higher is better; -1 where the air holds no noise.

    References
    ----------
    .. [1] Dietrich, Raya, Reeder, et al., J. Magn. Reson. Imaging 26(2), 2007, eq. (A.12).
    .. [2] MRIQC, `snr_dietrich`.
    """
    if mad_air > SMALLEST_MAD:
        return float(DIETRICH_FACTOR * mean / mad_air)
    if sigma_air > SMALLEST_SIGMA:
        return float(DIETRICH_FACTOR * mean / sigma_air)
    return UNDEFINED


def cnr(
    mean_wm: float, mean_gm: float, sigma_air: float, sigma_wm: float, sigma_gm: float
) -> float:
    """Compute the contrast-to-noise ratio of white and grey matter.

    |mean_wm - mean_gm| / sqrt(sigma_air^2 + sigma_wm^2 + sigma_gm^2).

    Parameters
    ----------
    mean_wm, mean_gm : float, mean of white and of grey matter, image units
    sigma_air, sigma_wm, sigma_gm : float, standard deviations, image units, not all 0

    Returns
    -------
    float
        Dimensionless, >= 0; higher is better.

    Raises
    ------
    ValueError
        If all three deviations are 0.

    References
    ----------
    .. [1] Magnotta, Friedman, J. Digit. Imaging 19(2), 2006.
    .. [2] MRIQC, `cnr`.
    """
    noise = math.sqrt(sigma_air**2 + sigma_gm**2 + sigma_wm**2)
    if noise == 0:
        raise ValueError("the contrast-to-noise ratio needs noise; all deviations are 0")
    return float(abs(mean_wm - mean_gm) / noise)


def cjv(mean_wm: float, mean_gm: float, sigma_wm: float, sigma_gm: float) -> float:
    """Compute the coefficient of joint variation of white and grey matter.

    (sigma_wm + sigma_gm) / |mean_wm - mean_gm|.

    Parameters
    ----------
    mean_wm, mean_gm : float, image units, different
    sigma_wm, sigma_gm : float, standard deviations, image units

    Returns
    -------
    float
        Dimensionless, >= 0; lower is better.

    Raises
    ------
    ValueError
        If the two means are equal.

    References
    ----------
    .. [1] Ganzetti, Wenderoth, Mantini, Front. Neuroinform. 10:10, 2016.
    .. [2] MRIQC, `cjv`.
    """
    if mean_wm == mean_gm:
        raise ValueError("the coefficient of joint variation needs two different means")
    return float((sigma_wm + sigma_gm) / abs(mean_wm - mean_gm))


def efc(
    image: ArrayLike, frame_mask: ArrayLike | None = None, *, decimals: int | None = 4
) -> float:
    """Compute the entropy focus criterion: the Shannon entropy of the intensities, normalised.

    With b = sqrt(sum x^2) over the N voxels kept, the entropy sum (x / b) ln((x + 1e-16) / b) is
    divided by its largest possible value, sqrt(N) ln(1 / sqrt(N)).

    Parameters
    ----------
    image : array_like, any shape, real, values >= 0
    frame_mask : array_like, same shape, optional
        Not 0 where voxels were added by a rotation; they are left out.
    decimals : int or None
        MRIQC rounds to 4; None does not round.

    Returns
    -------
    float
        In [0, 1] but for rounding; 0 with all energy in one voxel. Lower is better.

    Raises
    ------
    ValueError
        If a voxel is negative or not finite, none holds energy, or fewer than two are kept.

    References
    ----------
    .. [1] Atkinson, Hill, Stoyle, et al., IEEE Trans. Med. Imaging 16(6), 1997, eq. (3).
    .. [2] MRIQC, `efc`.
    """
    values = np.asarray(image, dtype=np.float64)
    if frame_mask is not None:
        values = values[np.asarray(frame_mask) == 0]
    values = values.reshape(-1)
    if values.size < 2 or not np.isfinite(values).all() or values.min() < 0:
        raise ValueError("the entropy needs at least two voxels, all finite and none negative")
    energy = float(np.sum(values**2))
    if energy == 0:
        raise ValueError("the entropy needs a voxel that is not 0")
    return rounded(efc_from_sums(efc_terms(values, math.sqrt(energy)), values.size), decimals)


def efc_terms(values: NDArray[np.float64], scale: float) -> float:
    """Return sum (x / b) ln((x + 1e-16) / b) of some voxels; `scale` is b."""
    return float(np.sum((values / scale) * np.log((values + TINY) / scale)))


def efc_from_sums(entropy: float, n: int) -> float:
    """Return the criterion from the sum of `efc_terms` over all N voxels."""
    return entropy / (math.sqrt(n) * math.log(1.0 / math.sqrt(n)))


def fber(
    image: ArrayLike,
    head_mask: ArrayLike,
    rotation_mask: ArrayLike | None = None,
    *,
    decimals: int | None = 4,
) -> float:
    """Compute the foreground-background energy ratio: median |x|^2 in the head over that outside.

    Parameters
    ----------
    image : array_like, any shape, real
    head_mask : array_like, same shape; > 0 in the head
    rotation_mask : array_like, same shape, optional
        > 0 where voxels were added by a rotation; they are no background.
    decimals : int or None
        MRIQC rounds to 4; None does not round.

    Returns
    -------
    float
        Dimensionless, higher is better; -1 where the median energy of the background is
        below 1e-3, as after removing the skull.

    Raises
    ------
    ValueError
        If there is no voxel inside or none outside the head.

    References
    ----------
    .. [1] Shehzad, Giavasis, Li, et al., Front. Neurosci. Conf. Abstr. (Neuroinformatics), 2015.
    .. [2] MRIQC, `fber`.
    """
    values = np.asarray(image, dtype=np.float64)
    inside = np.asarray(head_mask) > 0
    outside = ~inside
    if rotation_mask is not None:
        outside &= ~(np.asarray(rotation_mask) > 0)
    if not inside.any() or not outside.any():
        raise ValueError("the energy ratio needs voxels inside and outside the head")
    foreground = float(np.median(np.abs(values[inside]) ** 2))
    background = float(np.median(np.abs(values[outside]) ** 2))
    if background < SMALLEST_ENERGY:
        return UNDEFINED
    return rounded(foreground / background, decimals)


def wm2max(image: ArrayLike, mean_wm: float) -> float:
    """Compute the white-matter-to-maximum ratio: mean_wm over the 99.95th percentile of the image.

    Parameters
    ----------
    image : array_like, any shape, real
    mean_wm : float, centre of the white matter, image units

    Returns
    -------
    float
        Dimensionless; good scans lie at about 0.6 to 0.8.

    Raises
    ------
    ValueError
        If that percentile is 0.

    References
    ----------
    .. [1] MRIQC, `wm2max`.
    """
    high = float(np.percentile(np.asarray(image, dtype=np.float64).reshape(-1), 99.95))
    if high == 0:
        raise ValueError("the image is empty: its 99.95th percentile is 0")
    return float(mean_wm / high)


def art_qi1(air_mask: ArrayLike, artefact_mask: ArrayLike) -> float:
    """Compute Mortamet's first quality index: the share of the air that is artefact.

    Parameters
    ----------
    air_mask : array_like, 1 in air without artefact, else 0
    artefact_mask : array_like, same shape; 1 in air with artefact, else 0

    Returns
    -------
    float
        In [0, 1], lower is better; -1 where there is no air.

    References
    ----------
    .. [1] Mortamet, Bernstein, Jack, et al., Magn. Reson. Med. 62(2), 2009, eq. (1).
    .. [2] MRIQC, `art_qi1`.
    """
    # Masks of eight bits would add up in eight bits.
    air = float(np.sum(np.asarray(air_mask), dtype=np.float64))
    artefact = float(np.sum(np.asarray(artefact_mask), dtype=np.float64))
    return UNDEFINED if air < 1 else artefact / (air + artefact)


def summary_stats(
    image: ArrayLike,
    probability_maps: Mapping[str, ArrayLike],
    *,
    data_decimals: int = 0,
    probability_decimals: int = 3,
    decimals: int = 4,
) -> dict[str, dict[str, float]]:
    """Describe the intensities of each tissue, weighted by its probability map.

    Parameters
    ----------
    image : array_like, any shape, real
    probability_maps : mapping of str to array_like
        Masks or fractions in [0, 1] in the shape of the image, by tissue.
    data_decimals, probability_decimals : int
        Image and maps are rounded so far before they are weighted.
    decimals : int
        The answers are rounded so far.

    Returns
    -------
    dict of str to dict
        For each tissue `mean`, `stdv`, `median`, `p05`, `p95` (weighted), `k` (excess kurtosis)
        and `mad` (median absolute deviation from the weighted median, divided by 0.6745) of the
        voxels above half the largest probability, and `n`, the sum of the map.

    Raises
    ------
    ValueError
        If a map is empty or of another shape.

    References
    ----------
    .. [1] MRIQC, `summary_stats`, whose quantiles are those of SAS (UNIVARIATE, PCTLDEF=5).
    """
    data = np.asarray(image, dtype=np.float64)
    vector = np.round(data.reshape(-1), data_decimals)
    answer = {}
    for label, given in probability_maps.items():
        probability = np.asarray(given)
        if probability.shape != data.shape or not probability.any():
            raise ValueError(f"the map of {label} is empty or not of shape {data.shape}")
        weights = np.round(probability.astype(np.float32).reshape(-1), probability_decimals).astype(
            np.float64
        )
        total = float(weights.sum())
        mean = float(np.dot(vector, weights) / total)
        deviation = math.sqrt(float(np.dot((vector - mean) ** 2, weights)) / total)
        p05, median, p95 = weighted_quantiles(vector, weights, (0.05, 0.5, 0.95))
        core = data[probability > 0.5 * probability.max()]
        spread = float(np.median(np.abs(core - median) / _NORMAL_QUARTILE))
        answer[label] = {
            "mean": round(mean, decimals),
            "median": round(median, decimals),
            "p95": round(p95, decimals),
            "p05": round(p05, decimals),
            "k": round(float(kurtosis(core)), decimals),
            "stdv": round(deviation, decimals),
            "mad": round(spread, decimals),
            "n": float(probability.sum()),
        }
    return answer


def weighted_quantiles(
    values: NDArray[Any], weights: NDArray[np.float64], probabilities: tuple[float, ...]
) -> tuple[float, ...]:
    """Return the quantiles of weighted values.

    The smallest value at which the running weight reaches p times the total; where it reaches it
    exactly, the mean of that value and the next.

    Parameters
    ----------
    values : ndarray, shape (N,)
    weights : ndarray, shape (N,), >= 0, not all 0
    probabilities : tuple of float in [0, 1]

    References
    ----------
    .. [1] SAS/STAT, UNIVARIATE procedure, percentile definition 5, weighted.
    """
    distinct, place = np.unique(values, return_inverse=True)
    running = np.cumsum(np.bincount(place.reshape(-1), weights=weights))
    targets = np.asarray(probabilities, dtype=np.float64) * running[-1]
    found = np.minimum(np.searchsorted(running, targets), distinct.size - 1)
    answer = distinct[found].astype(np.float64)
    for n, (index, target) in enumerate(zip(found, targets, strict=True)):
        # The tolerance is that of the definition's reference implementation.
        if abs(target - running[index]) < 1e-10 and index < distinct.size - 1:
            answer[n] = (distinct[index] + distinct[index + 1]) / 2
    return tuple(float(value) for value in answer)


def rounded(value: float, decimals: int | None) -> float:
    """Round to some decimals, or not at all where None."""
    return float(value) if decimals is None else round(float(value), decimals)
