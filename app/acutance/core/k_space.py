"""What the spatial frequencies of a slice look like: where motion leaves its stripes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Percentiles of the log magnitude that are drawn black and white.
_BLACK, _WHITE = 5.0, 99.9


def log_k_space(image: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the log magnitude of the centred two-dimensional Fourier transform.

    It is that of the magnitude image, not what the scanner measured: the phase is lost, so the
    two halves mirror each other, and what was interpolated or cut off shows as empty margins.

    Parameters
    ----------
    image : ndarray, shape (rows, columns), float32
        NaN and infinite pixels count as 0.

    Returns
    -------
    ndarray, shape (rows, columns), float32, >= 0
        log(1 + |F|), unnormalised; frequency 0 at (rows // 2, columns // 2).
    """
    finite = np.nan_to_num(image, nan=0.0, posinf=0.0, neginf=0.0)
    spectrum = np.fft.fftshift(np.fft.fft2(finite))
    return np.log1p(np.abs(spectrum)).astype(np.float32)


def k_space_grey(image: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Return `log_k_space` as grey levels, stretched between two of its percentiles."""
    values = log_k_space(image)
    low, high = (float(v) for v in np.percentile(values, (_BLACK, _WHITE)))
    if not high > low:
        return np.zeros(values.shape, np.uint8)
    scaled = (values - np.float32(low)) * np.float32(255.0 / (high - low))
    return np.asarray(np.rint(np.clip(scaled, 0.0, 255.0)), np.uint8)
