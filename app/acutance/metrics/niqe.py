"""NIQE: how far the statistics of an image lie from those of pristine ones.

The model that is shipped was fitted on pictures and clips of our own choice, not on those of the
authors, so scores are to be compared with each other and never with published ones.

References
----------
.. [1] Mittal, Soundararajan, Bovik, "Making a completely blind image quality analyzer", IEEE
   Signal Process. Lett. 20(3), 2013.
.. [2] Lasmar, Stitou, Berthoumieu, "Multiscale skewed heavy tailed model for texture analysis",
   ICIP 2009: the fit of an asymmetric generalised Gaussian.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from scipy.ndimage import correlate1d
from scipy.special import gamma

from acutance_resources import path as resource_path

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from numpy.typing import ArrayLike, NDArray

#: Side of a block in pixels, at full and at half size.
BLOCK = 96
FEATURES = 36
PRISTINE = "niqe/pristine.npz"
#: Of the sharpness of the sharpest block, what a pristine one must have.
SHARP_SHARE = 0.75
_GREY = np.array([0.298936, 0.587043, 0.114021])  # Rec. 601, as rgb2gray has it
_SHIFTS = ((0, 1), (1, 0), (1, 1), (1, -1))
_SHAPES = np.arange(0.2, 10.0, 0.001)
_RATIOS = gamma(2.0 / _SHAPES) ** 2 / (gamma(1.0 / _SHAPES) * gamma(3.0 / _SHAPES))


@dataclass(frozen=True)
class NiqeModel:
    """Statistics of pristine images.

    Parameters
    ----------
    mean : ndarray, shape (36,), float64
    covariance : ndarray, shape (36, 36), float64
    """

    mean: NDArray[np.float64]
    covariance: NDArray[np.float64]

    def save(self, path: Path) -> None:
        """Write an npz file."""
        np.savez_compressed(path, mean=self.mean, covariance=self.covariance)


@cache
def pristine_model() -> NiqeModel:
    """Return the model that is shipped."""
    return load_niqe_model(resource_path(PRISTINE))


def load_niqe_model(path: Path) -> NiqeModel:
    """Read what `NiqeModel.save` wrote.

    Raises
    ------
    ValueError
        If it is no model of this number of features.
    """
    with np.load(path, allow_pickle=False) as file:
        model = NiqeModel(file["mean"].astype(np.float64), file["covariance"].astype(np.float64))
    if model.mean.shape != (FEATURES,) or model.covariance.shape != (FEATURES, FEATURES):
        raise ValueError(f"{path.name}: expected {FEATURES} features, got {model.mean.shape}")
    return model


def natural_image_quality(
    image: ArrayLike, *, data_range: float, model: NiqeModel | None = None
) -> float:
    """Compute the NIQE of an image.

    Parameters
    ----------
    image : array_like, shape (H, W) or (H, W, 3), both sides >= 96
        Grey or RGB.
    data_range : float, > 0
        Of the possible values, which begin at 0; the formula has a constant that is meant for 255.
    model : NiqeModel, optional
        By default the one that is shipped.

    Returns
    -------
    float
        Dimensionless, >= 0; lower is nearer to pristine images.

    Raises
    ------
    ValueError
        If the image has another shape, is too small, is not finite or shows nothing at all.
    """
    model = pristine_model() if model is None else model
    features, _ = block_features(image, data_range=data_range)
    features = features[np.isfinite(features).all(1)]
    if not len(features):
        raise ValueError("NIQE needs an image that shows something; every block is flat")
    covariance = np.cov(features.T) if len(features) > 1 else np.zeros_like(model.covariance)
    apart = features.mean(0) - model.mean
    inverse = np.linalg.pinv((model.covariance + covariance) / 2.0)
    return float(np.sqrt(max(0.0, apart @ inverse @ apart)))


def fit_niqe_model(images: Iterable[ArrayLike], *, data_range: float) -> NiqeModel:
    """Fit a model on pristine images.

    Parameters
    ----------
    images : iterable of array_like, as `natural_image_quality` takes them
        Of each, the blocks that are at least 0.75 times as sharp as its sharpest are looked at.
    data_range : float, > 0

    Returns
    -------
    NiqeModel

    Raises
    ------
    ValueError
        If they have fewer blocks than there are features.
    """
    chosen = []
    for image in images:
        features, sharpness = block_features(image, data_range=data_range)
        is_good = np.isfinite(features).all(1) & (sharpness > SHARP_SHARE * sharpness.max())
        chosen.append(features[is_good])
    blocks = np.concatenate(chosen) if chosen else np.zeros((0, FEATURES))
    if len(blocks) <= FEATURES:
        raise ValueError(f"a model needs more than {FEATURES} sharp blocks, not {len(blocks)}")
    return NiqeModel(blocks.mean(0), np.cov(blocks.T))


def block_features(
    image: ArrayLike, *, data_range: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the 36 features of every whole block, and how sharp each is.

    Parameters
    ----------
    image : array_like, as `natural_image_quality` takes it
    data_range : float, > 0

    Returns
    -------
    features : ndarray, shape (B, 36), float64
        Of 96 x 96 pixels, then of the same place at half the size; NaN for a flat block.
    sharpness : ndarray, shape (B,), float64
        Mean local standard deviation, in grey levels of 255.

    Raises
    ------
    ValueError
        See `natural_image_quality`.
    """
    grey = _grey(image, data_range)
    rows, columns = grey.shape[0] // BLOCK, grey.shape[1] // BLOCK
    grey = grey[: rows * BLOCK, : columns * BLOCK]
    features, sharpness = [], np.zeros(0)
    for scale in (1, 2):
        normalised, deviation = _normalised(grey)
        side = BLOCK // scale
        blocks = [
            normalised[r * side : (r + 1) * side, c * side : (c + 1) * side]
            for r in range(rows)
            for c in range(columns)
        ]
        features.append(np.array([_features(block) for block in blocks]))
        if scale == 1:
            split = deviation.reshape(rows, BLOCK, columns, BLOCK)
            sharpness = split.mean((1, 3)).ravel()
            grey = _halved(_halved(grey, 0), 1)
    return np.concatenate(features, axis=1), sharpness


def fit_asymmetric_gaussian(x: NDArray[np.float64]) -> tuple[float, float, float]:
    """Fit an asymmetric generalised Gaussian by its moments.

    Parameters
    ----------
    x : ndarray, float64

    Returns
    -------
    shape, left, right : float
        Exponent, in [0.2, 10), and the scales of both sides, >= 0; NaN where a side is empty.

    References
    ----------
    .. [1] Lasmar, Stitou, Berthoumieu, ICIP 2009, equations (7) to (9).
    """
    low, high = x[x < 0.0], x[x > 0.0]
    if not low.size or not high.size:
        return float("nan"), float("nan"), float("nan")
    left, right = float(np.sqrt(np.mean(low**2))), float(np.sqrt(np.mean(high**2)))
    skew = left / right
    ratio = np.mean(np.abs(x)) ** 2 / np.mean(x**2)
    ratio *= (skew**3 + 1.0) * (skew + 1.0) / (skew**2 + 1.0) ** 2
    shape = float(_SHAPES[np.argmin((_RATIOS - ratio) ** 2)])
    scale = float(np.sqrt(gamma(1.0 / shape) / gamma(3.0 / shape)))
    return shape, left * scale, right * scale


def _features(block: NDArray[np.float64]) -> list[float]:
    """Return the 18 features of one block of one size."""
    shape, left, right = fit_asymmetric_gaussian(block)
    features = [shape, (left + right) / 2.0]
    for shift in _SHIFTS:
        shape, left, right = fit_asymmetric_gaussian(block * np.roll(block, shift, (0, 1)))
        mean = (right - left) * float(gamma(2.0 / shape) / gamma(1.0 / shape))
        features += [shape, mean, left, right]
    return features


def _normalised(grey: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return an image less its local mean, over its local deviation plus 1; and that deviation."""
    places = np.arange(-3, 4)
    window = np.exp(-(places**2) / (2.0 * (7.0 / 6.0) ** 2))
    window /= window.sum()

    def smooth(x: NDArray[np.float64]) -> NDArray[np.float64]:
        smoothed: NDArray[np.float64] = correlate1d(
            correlate1d(x, window, 0, mode="nearest"), window, 1, mode="nearest"
        )
        return smoothed

    mean = smooth(grey)
    deviation = np.sqrt(np.abs(smooth(grey**2) - mean**2))
    return (grey - mean) / (deviation + 1.0), deviation


def _halved(x: NDArray[np.float64], axis: int) -> NDArray[np.float64]:
    """Halve an axis of even length bicubically, filtered for the smaller size."""
    distance = np.abs(np.arange(8) - 3.5) / 2.0
    near = 1.5 * distance**3 - 2.5 * distance**2 + 1.0
    far = -0.5 * distance**3 + 2.5 * distance**2 - 4.0 * distance + 2.0
    weights = np.where(distance <= 1.0, near, far)
    weights /= weights.sum()
    edges = [(0, 0)] * x.ndim
    edges[axis] = (3, 3)
    padded = np.moveaxis(np.pad(x, edges, mode="symmetric"), axis, 0)
    count = x.shape[axis] // 2
    halved = sum(weight * padded[k : k + 2 * count : 2] for k, weight in enumerate(weights))
    return np.moveaxis(np.asarray(halved), 0, axis)


def _grey(image: ArrayLike, data_range: float) -> NDArray[np.float64]:
    pixels = np.asarray(image, np.float64)
    if pixels.ndim == 3 and pixels.shape[2] == 3:
        pixels = pixels @ _GREY
    if pixels.ndim != 2 or min(pixels.shape) < BLOCK:
        raise ValueError(
            f"NIQE needs a grey or RGB image of {BLOCK} pixels each way, not {pixels.shape}"
        )
    if not np.isfinite(pixels).all():
        raise ValueError("NIQE needs finite values")
    if not (np.isfinite(data_range) and data_range > 0):
        raise ValueError(f"the data range must be positive, not {data_range}")
    return pixels * (255.0 / data_range)
