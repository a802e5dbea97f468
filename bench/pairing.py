"""How every comparison is measured: taking turns, ratios with an interval, outputs first."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

RESAMPLES = 4000
#: What the line begins with that bench/run.py reads.
MARK = "RESULT "


@dataclass(frozen=True)
class Outcome:
    """What one job came to.

    Parameters
    ----------
    job : str
    goal : str
        As it is wanted, in words.
    peer : str
        Who it is measured against.
    ratio, low, high : float
        Median of the ratios peer / ours of a round, and its bootstrap 95 % interval.
    ours_seconds, peer_seconds : float
        Medians.
    is_met : bool
    agreement : str
        How the outputs were compared, and what came out.
    stages : mapping of str to float
        Where the time of ours goes, seconds.
    bottleneck : str
        What would have to be faster next.
    flop : float
        Counted for ours, 0 where nobody counts.
    """

    job: str
    goal: str
    peer: str
    ratio: float
    low: float
    high: float
    ours_seconds: float
    peer_seconds: float
    is_met: bool
    agreement: str
    stages: Mapping[str, float] = field(default_factory=dict)
    bottleneck: str = ""
    flop: float = 0.0


def take_turns(
    contenders: Mapping[str, Callable[[], Any]], *, rounds: int, warm_up: int = 2
) -> dict[str, list[float]]:
    """Time callables in rounds, each round in a random order.

    Parameters
    ----------
    contenders : mapping of str to callable
    rounds, warm_up : int
        Rounds that count, and rounds before them that do not.

    Returns
    -------
    dict of str to list of float
        Wall seconds of each round.
    """
    seconds: dict[str, list[float]] = {name: [] for name in contenders}
    for number in range(warm_up + rounds):
        turns = list(contenders)
        random.Random(number).shuffle(turns)
        for name in turns:
            start = time.perf_counter()
            contenders[name]()
            if number >= warm_up:
                seconds[name].append(time.perf_counter() - start)
    return seconds


def interval(ratios: list[float]) -> tuple[float, float, float]:
    """Return the median and its bootstrap 95 % interval."""
    draws = np.random.default_rng(0).choice(ratios, (RESAMPLES, len(ratios)))
    low, high = np.percentile(np.median(draws, axis=1), [2.5, 97.5])
    return float(np.median(ratios)), float(low), float(high)


def ratios(peer: list[float], ours: list[float]) -> tuple[float, float, float]:
    """Return the median ratio peer / ours of the rounds and its interval."""
    return interval([theirs / own for theirs, own in zip(peer, ours, strict=True)])


def matmul_peak(threads: int) -> float:
    """Measure the FLOP/s of float32 matrix products, the roof of what convolutions can reach."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    side = 2048
    first, second = torch.rand(side, side), torch.rand(side, side)
    best = 0.0
    for _ in range(6):
        start = time.perf_counter()
        torch.mm(first, second)
        best = max(best, 2.0 * side**3 / (time.perf_counter() - start))
    torch.set_num_threads(before)
    return best
