"""Quantiles of values that are sorted already, so that several cost one sort."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy.typing import NDArray


def sorted_quantile(values: NDArray[Any], share: float) -> float:
    """Return the value below which a share of all values lies, between neighbours in proportion.

    Parameters
    ----------
    values : ndarray, shape (N,), N > 0, ascending, finite
    share : float
        In [0, 1].

    References
    ----------
    .. [1] Hyndman, Fan, The American Statistician 50(4), 1996, definition 7, which is NumPy's too.
    """
    place = share * (values.size - 1)
    below = int(place)
    low, high = float(values[below]), float(values[min(below + 1, values.size - 1)])
    return low + (high - low) * (place - below)
