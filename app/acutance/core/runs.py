"""Stretches of neighbouring slices with a low predicted SSIM, in words."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from acutance.core.quality import SliceScore

#: Stretches that are named before the rest is only counted.
NAMED_RUNS = 2


@dataclass(frozen=True)
class LowRun:
    """Neighbouring slices of a plane that are all below a threshold.

    Parameters
    ----------
    plane : str
    first, last : int
        0-based indices, file order, both inside.
    worst : int
        The slice with the lowest predicted SSIM, the first one on a tie.
    ssim_pred : float
        Predicted SSIM of the worst slice.
    count : int
        Slices of the stretch.
    """

    plane: str
    first: int
    last: int
    worst: int
    ssim_pred: float
    count: int


def low_runs(scores: Iterable[SliceScore], threshold: float) -> tuple[LowRun, ...]:
    """Return the stretches below a threshold, the one with the worst slice first.

    A slice of the same plane that is at the threshold or above, that has no score, or that was
    not looked at, ends a stretch.
    """
    low = sorted(
        (s.plane, s.index, s.ssim_pred)
        for s in scores
        if s.ssim_pred is not None and s.ssim_pred < threshold
    )
    runs = []
    # Where indices follow each other, index less rank stays the same.
    for _, group in groupby(enumerate(low), key=lambda pair: (pair[1][0], pair[1][1] - pair[0])):
        members = [member for _, member in group]
        plane, worst, value = min(members, key=lambda member: (member[2], member[1]))
        runs.append(LowRun(plane, members[0][1], members[-1][1], worst, value, len(members)))
    return tuple(sorted(runs, key=lambda run: (run.ssim_pred, run.plane, run.first)))


def runs_text(runs: Sequence[LowRun], *, names_plane: bool) -> str:
    """Return stretches in words, such as `"low predicted SSIM, slices 41-58, worst 47"`.

    The cause is not named: nothing here has measured one. Empty without a stretch.
    """
    if not runs:
        return ""
    named = "; ".join(_run_text(run, names_plane=names_plane) for run in runs[:NAMED_RUNS])
    left = sum(run.count for run in runs[NAMED_RUNS:])
    more = f"; and {left} more slice{'s' * (left != 1)}" if left else ""
    return f"low predicted SSIM, {named}{more}"


def _run_text(run: LowRun, *, names_plane: bool) -> str:
    plane = f"{run.plane} " if names_plane else ""
    if run.first == run.last:
        return f"{plane}slice {run.first}"
    return f"{plane}slices {run.first}\N{EN DASH}{run.last}, worst {run.worst}"
