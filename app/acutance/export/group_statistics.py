"""Which numbers of a group are unusual, and how they are spread.

References
----------
.. [1] Iglewicz, Hoaglin, How to Detect and Handle Outliers, ASQC Quality Press 1993, section 3.4:
   modified z-score M = 0.6745 (x - median) / MAD, unusual where |M| > 3.5.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from acutance.core.quality import Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from acutance.export.group_records import Case

#: |modified z-score| beyond which a number is unusual.
LIMIT = 3.5
#: Fewer values than this have no outliers.
LEAST_VALUES = 8
_TO_SIGMA = 0.6745  # the upper quartile of the standard normal: MAD / 0.6745 estimates sigma
_MEAN_TO_SIGMA = 1.253314  # sqrt(pi / 2): mean absolute deviation to sigma
#: Columns of a table that are numbers about quality; metrics are others.
SCORES = ("ssim_pred", "ssim_slice_min", "slices_repeat_frac")
_SEVERITY = (Verdict.REPEAT, Verdict.CHECK, Verdict.NOT_ASSESSED, Verdict.USABLE)


@dataclass(frozen=True)
class Spread:
    """How the values of one number are spread over the cases.

    Parameters
    ----------
    name : str
    values : tuple of float or None
        One per case.
    z : tuple of float or None
        Modified z-scores; None where there is no value or too few of them.
    quartiles : tuple of 3 float
    low, high : float
        Ends of the values.
    """

    name: str
    values: tuple[float | None, ...]
    z: tuple[float | None, ...]
    quartiles: tuple[float, float, float]
    low: float
    high: float

    def is_unusual(self, case: int) -> bool:
        """Whether the value of a case lies far from the others, in either direction."""
        z = self.z[case]
        return z is not None and abs(z) > LIMIT


def spreads_of(cases: Sequence[Case]) -> tuple[Spread, ...]:
    """Return the spread of every score and metric that at least one case has."""
    metrics = sorted({name for case in cases for name in case.record.get("iqms") or {}})
    found = []
    for name in (*SCORES, *metrics):
        values = tuple(_value(case.row.get(name)) for case in cases)
        known = [value for value in values if value is not None]
        if known:
            first, median, third = (float(q) for q in np.percentile(known, [25, 50, 75]))
            spread = Spread(
                name, values, modified_z(values), (first, median, third), min(known), max(known)
            )
            found.append(spread)
    return tuple(found)


def modified_z(values: Sequence[float | None]) -> tuple[float | None, ...]:
    """Return the modified z-score of every value.

    Where more than half of the values are equal, so that the median absolute deviation is 0, the
    mean absolute deviation takes its place; where all are equal every score is 0.

    Parameters
    ----------
    values : sequence of float or None
        In any unit.

    Returns
    -------
    tuple of float or None
        Dimensionless; None where there is no value, or fewer than `LEAST_VALUES`.

    References
    ----------
    .. [1] Iglewicz, Hoaglin 1993, section 3.4.
    """
    known = np.array([value for value in values if value is not None], dtype=np.float64)
    if known.size < LEAST_VALUES:
        return (None,) * len(values)
    median = float(np.median(known))
    away = np.abs(known - median)
    sigma = float(np.median(away)) / _TO_SIGMA or float(away.mean()) * _MEAN_TO_SIGMA
    if not sigma:
        return tuple(None if value is None else 0.0 for value in values)
    return tuple(None if value is None else (value - median) / sigma for value in values)


def outliers_first(cases: Sequence[Case], spreads: Sequence[Spread]) -> list[int]:
    """Return the cases in the order of a report: most unusual numbers, then worst verdict."""
    severity = {verdict.value: n for n, verdict in enumerate(_SEVERITY)}

    def rank(n: int) -> tuple[int, int, float, str]:
        row = cases[n].row
        score = row.get("ssim_pred")
        return (
            -sum(spread.is_unusual(n) for spread in spreads),
            severity.get(str(row.get("verdict")), len(severity)),
            2.0 if score is None else float(score),
            cases[n].id,
        )

    return sorted(range(len(cases)), key=rank)


def _value(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
