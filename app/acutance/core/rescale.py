"""From stored values to real-world values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def rescale(stored: NDArray[Any], slope: float, intercept: float) -> NDArray[np.float32]:
    """Return slope * stored + intercept, float32, of stored values of any shape."""
    real = np.asarray(stored, dtype=np.float32)
    if slope == 1.0 and intercept == 0.0:
        return real
    return real * np.float32(slope) + np.float32(intercept)
