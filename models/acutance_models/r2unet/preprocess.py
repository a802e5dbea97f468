"""The one way a slice or picture is prepared, in training and at inference. No torch."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

LOW_PERCENTILE = 0.5
HIGH_PERCENTILE = 99.5


def normalise(image: ArrayLike) -> NDArray[np.float32]:
    """Bring a slice to [0, 1] by robust percentiles.

    0 is the 0.5th percentile of all pixels; 1 is the 99.5th of those above it, so that a few
    bright vessels decide nothing and the amount of empty background hardly matters. Outside it is
    clipped. The result does not depend on scale or offset. NaN and infinite pixels count as 0.

    Parameters
    ----------
    image : array-like, shape (H, W) or (H, W, 3), real numbers
        Any intensity unit; the channels of a picture share one range.

    Returns
    -------
    ndarray, same shape, float32, in [0, 1]
        All 0 where the image is constant.

    Raises
    ------
    ValueError
        If it has another number of axes or no pixels.
    """
    values = np.asarray(image)
    if values.size == 0 or not (values.ndim == 2 or (values.ndim == 3 and values.shape[2] == 3)):
        raise ValueError(f"Expected a shape of (H, W) or (H, W, 3); got {values.shape}.")
    values = values.astype(np.float64)
    if not np.isfinite(values).all():
        values = np.where(np.isfinite(values), values, 0.0)
    largest = float(np.abs(values).max())
    if largest == 0.0:
        return np.zeros(values.shape, np.float32)
    values /= largest  # so that the span of extreme values cannot overflow
    low = float(np.percentile(values, LOW_PERCENTILE))
    above = values[values > low]
    high = float(np.percentile(above, HIGH_PERCENTILE)) if above.size else low
    if high - low <= 1e-9:
        return np.zeros(values.shape, np.float32)
    return np.clip((values - low) / (high - low), 0.0, 1.0).astype(np.float32)
