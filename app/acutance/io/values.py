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


class ValueCheck:
    """Looks at the voxels of a volume part by part, each while it is still in the cache."""

    def __init__(self) -> None:
        self._size = 0
        self._non_finite = 0
        self._low, self._high = math.inf, -math.inf

    def add(self, block: NDArray[Any]) -> None:
        """Look at some voxels, of any shape."""
        self._size += block.size
        if block.dtype.kind == "f":
            finite = np.isfinite(block)
            bad = int(block.size - np.count_nonzero(finite))
            if bad:
                self._non_finite += bad
                block = block[finite]
        if block.size:
            self._low = min(self._low, float(block.min()))
            self._high = max(self._high, float(block.max()))

    def merge(self, other: ValueCheck) -> None:
        """Take what another check has seen."""
        self._size += other._size
        self._non_finite += other._non_finite
        self._low = min(self._low, other._low)
        self._high = max(self._high, other._high)

    def warnings(self, slope: float = 1.0, intercept: float = 0.0) -> list[LoadWarning]:
        """Return warnings on non-finite, too large, too small and constant values.

        Parameters
        ----------
        slope, intercept : float
            Rescale to real-world values.
        """
        low, high = self._low, self._high
        warnings = []
        if self._non_finite:
            every = self._non_finite == self._size
            share = "every voxel is" if every else f"{self._non_finite} voxels are"
            warnings.append(
                LoadWarning(
                    "non_finite_values",
                    f"{share} not a number or infinite; such voxels count in no score.",
                )
            )
        if low == high:
            warnings.append(
                LoadWarning("constant_image", f"Every voxel has the same value, {low:g}.")
            )
        reach = max(abs(slope * v + intercept) for v in (low, high))
        if low < high and reach < _FLOAT32_TINY:
            warnings.append(
                LoadWarning(
                    "tiny_values",
                    f"Values reach only {reach:g}, less than can be computed with: they may come "
                    "out as nothing.",
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


def check_values(
    array: NDArray[Any], slope: float = 1.0, intercept: float = 0.0
) -> list[LoadWarning]:
    """Return warnings on non-finite, too large, too small and constant values.

    Parameters
    ----------
    array : ndarray, shape (I, J, K) or (I, J, K, C)
        Stored values.
    slope, intercept : float
        Rescale to real-world values.
    """
    if array.size == 0:
        return []
    check = ValueCheck()
    step = max(1, _BLOCK_VOXELS // max(1, array.shape[0] * array.shape[1]))
    for start in range(0, array.shape[2], step):
        check.add(array[:, :, start : start + step])
    return check.warnings(slope, intercept)


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
