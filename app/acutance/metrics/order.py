"""Exact order statistics of data that comes in pieces and is never held whole."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from numpy.typing import NDArray

    Pieces = Callable[[], Iterable[NDArray[np.float32]]]

_HALF = 1 << 16


def order_statistics(pieces: Pieces, ranks: Sequence[int]) -> list[float]:
    """Return the values that stand at some places of the sorted data.

    The bits of a float32 sort like an unsigned integer once the sign is taken care of. A first
    pass counts their upper halves, a second the lower halves where a rank falls: two passes and
    half a megabyte, whatever the amount of data, and exactly what sorting gives.

    Parameters
    ----------
    pieces : callable
        Gives the data anew at each call, as arrays of float32 of any shape, finite.
    ranks : sequence of int
        Places, from 0 for the smallest value.

    Returns
    -------
    list of float
        One value per rank.

    Raises
    ------
    IndexError
        If there is no such place.
    """
    upper = np.zeros(_HALF, dtype=np.int64)
    for piece in pieces():
        upper += np.bincount(_keys(piece) >> np.uint32(16), minlength=_HALF)
    running = np.cumsum(upper)
    total = int(running[-1])
    for rank in ranks:
        if not 0 <= rank < total:
            raise IndexError(f"there is no place {rank} among {total} values")
    buckets = {rank: int(np.searchsorted(running, rank, side="right")) for rank in ranks}
    lower = {bucket: np.zeros(_HALF, dtype=np.int64) for bucket in buckets.values()}
    for piece in pieces():
        keys = _keys(piece)
        top = keys >> np.uint32(16)
        for bucket, counts in lower.items():
            counts += np.bincount(keys[top == bucket] & np.uint32(_HALF - 1), minlength=_HALF)
    answer = []
    for rank in ranks:
        bucket = buckets[rank]
        before = int(running[bucket] - upper[bucket])
        place = int(np.searchsorted(np.cumsum(lower[bucket]), rank - before, side="right"))
        answer.append(_value((bucket << 16) | place))
    return answer


def percentiles(pieces: Pieces, count: int, wanted: Sequence[float]) -> list[float]:
    """Return percentiles, interpolated linearly between places as `numpy.percentile` does.

    Parameters
    ----------
    pieces : callable
        As in `order_statistics`.
    count : int
        How many values there are, > 0.
    wanted : sequence of float in [0, 100]
    """
    places = [(count - 1) * p / 100.0 for p in wanted]
    ranks = sorted({rank for x in places for rank in (math.floor(x), math.ceil(x))})
    known = dict(zip(ranks, order_statistics(pieces, ranks), strict=True))
    return [
        known[math.floor(x)] + (known[math.ceil(x)] - known[math.floor(x)]) * (x - math.floor(x))
        for x in places
    ]


def _keys(piece: NDArray[np.float32]) -> NDArray[np.uint32]:
    # Adding 0 turns -0 into 0, which sorting does not tell apart.
    bits = (np.ascontiguousarray(piece, dtype=np.float32).reshape(-1) + np.float32(0)).view(
        np.uint32
    )
    sign = np.uint32(1 << 31)
    return np.where(bits & sign, ~bits, bits | sign)


def _value(key: int) -> float:
    bits = key & ~(1 << 31) if key & (1 << 31) else ~key & 0xFFFFFFFF
    return float(np.array(bits, dtype=np.uint32).view(np.float32))
