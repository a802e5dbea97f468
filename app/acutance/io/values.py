"""Look at the voxels that were read: what would make a number wrong is said by name."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from acutance.core.ledger import LoadWarning
from acutance.io._protocols import plural

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Voxels looked at in one go.
_BLOCK_VOXELS = 1 << 22
_FLOAT32_MAX = float(np.finfo(np.float32).max)
_FLOAT32_TINY = float(np.finfo(np.float32).tiny)
#: Slopes and intercepts beyond these leave nothing of the values in float32.
_SLOPE_RANGE = (1e-20, 1e20)
_INTERCEPT_LIMIT = 1e20


def is_usable_rescale(slope: float, intercept: float) -> bool:
    """Whether slope and intercept are finite and leave values that float32 can hold."""
    return (
        math.isfinite(slope)
        and math.isfinite(intercept)
        and _SLOPE_RANGE[0] <= abs(slope) <= _SLOPE_RANGE[1]
        and abs(intercept) <= _INTERCEPT_LIMIT
    )


def check_values(
    array: NDArray[Any], slope: float = 1.0, intercept: float = 0.0
) -> list[LoadWarning]:
    """Return warnings on non-finite, too large, too small and constant values.

    Parameters
    ----------
    array : ndarray, shape (I, J, K)
        Stored values.
    slope, intercept : float
        Rescale to real-world values.
    """
    if array.size == 0:
        return []
    flat_k = max(1, _BLOCK_VOXELS // max(1, array.shape[0] * array.shape[1]))
    is_float = array.dtype.kind == "f"
    non_finite = 0
    low, high = math.inf, -math.inf
    for start in range(0, array.shape[2], flat_k):
        block = array[:, :, start : start + flat_k]
        if is_float:
            finite = np.isfinite(block)
            bad = int(block.size - np.count_nonzero(finite))
            non_finite += bad
            block = block[finite] if bad else block
        if block.size:
            low, high = min(low, float(block.min())), max(high, float(block.max()))
    warnings = []
    if non_finite:
        share = "every voxel is" if non_finite == array.size else f"{non_finite} voxels are"
        warnings.append(
            LoadWarning(
                "non_finite_values",
                f"{share} not a number or infinite; such voxels count in no score.",
            )
        )
    if low == high:
        warnings.append(LoadWarning("constant_image", f"Every voxel has the same value, {low:g}."))
    reach = max(abs(slope * v + intercept) for v in (low, high))
    if low < high and reach < _FLOAT32_TINY:
        warnings.append(
            LoadWarning(
                "tiny_values",
                f"Values reach only {reach:g}, less than can be computed with: they may come out "
                "as nothing.",
            )
        )
    if low < high and reach > _FLOAT32_MAX:
        warnings.append(
            LoadWarning(
                "huge_values",
                f"Values reach {max(abs(low), abs(high)):g}, more than can be computed with.",
            )
        )
    return warnings


def slab_count(shape: tuple[int, ...], itemsize: int, limit: int = 16 * 1024**2) -> int:
    """Return how many slices along the last axis make a block of at most `limit` bytes."""
    one = max(1, math.prod(shape[:-1]) * itemsize)
    return max(1, min(shape[-1] if shape else 1, limit // one))


def size_words(count: int) -> str:
    """Return a number of bytes in words."""
    for unit, power in (("GiB", 3), ("MiB", 2), ("KiB", 1)):
        if count >= 1024**power:
            return f"{count / 1024**power:.1f} {unit}"
    return plural(count, "byte")
