"""`acutance.metrics.recalibration`: a curve that never falls, thresholds, honest reliability."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from acutance.core.calibration import Mark, SiteCalibration
from acutance.core.quality import Thresholds, Verdict
from acutance.metrics.recalibration import fit_calibration, fit_curve, leave_one_out, reliability

WEIGHTS = "a" * 64
PAIRS = st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=2, max_size=80)


def marks_of(scores: list[float], usable: list[bool]) -> list[Mark]:
    names = [hashlib.sha256(str(n).encode()).hexdigest() for n in range(len(scores))]
    return [Mark(n, s, u, WEIGHTS) for n, s, u in zip(names, scores, usable, strict=True)]


def separable(count: int = 30) -> list[Mark]:
    scores = np.linspace(0.4, 0.98, count)
    return marks_of(scores.tolist(), (scores > 0.75).tolist())


@given(PAIRS)
@settings(deadline=None)
def test_the_curve_never_falls_and_stays_a_probability(pairs: list[tuple[float, bool]]) -> None:
    scores = np.array([p[0] for p in pairs])
    usable = np.array([p[1] for p in pairs], float)
    knots, values = fit_curve(scores, usable)
    assert np.all(np.diff(knots) > 0)
    assert np.all(np.diff(values) >= 0)
    # No number of series makes certain.
    assert values[0] > 0
    assert values[-1] < 1
    if knots[0] == knots[-1]:
        assert values[0] == pytest.approx(
            np.clip(usable.mean(), 1 / (len(pairs) + 2), 1 - 1 / (len(pairs) + 2))
        )


@given(
    st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=30, max_size=60),
    st.floats(0, 1),
    st.floats(0, 1),
)
@settings(deadline=None, max_examples=30)
def test_a_better_score_is_never_less_probably_usable(
    pairs: list[tuple[float, bool]], a: float, b: float
) -> None:
    usable = [p[1] for p in pairs]
    if min(sum(usable), len(usable) - sum(usable)) < 5:
        usable[:5], usable[5:10] = [True] * 5, [False] * 5
    made = fit_calibration(marks_of([p[0] for p in pairs], usable), version=1)
    low, high = sorted((a, b))
    assert made.probability(low) <= made.probability(high) + 1e-12
    assert SiteCalibration.from_plain(made.to_plain()) == made
    if made.thresholds is not None:
        assert made.probability(made.thresholds.usable) >= 0.8 - 1e-9
        assert made.probability(made.thresholds.repeat) <= 0.2 + 1e-9


def test_the_curve_does_not_depend_on_the_order_of_marks() -> None:
    marks = separable()
    assert fit_calibration(marks, version=1) == fit_calibration(marks[::-1], version=1)


def test_equal_scores_are_taken_together() -> None:
    knots, values = fit_curve(np.array([0.5, 0.5, 0.9, 0.9]), np.array([0.0, 1.0, 1.0, 1.0]))
    assert knots.tolist() == [0.5, 0.9]
    assert values.tolist() == [0.5, pytest.approx(5 / 6)]


def test_separable_marks_give_thresholds_in_the_gap() -> None:
    made = fit_calibration(separable(), version=3, made_on="2026-01-02", software="x")
    assert isinstance(made.thresholds, Thresholds)
    scores = [m.ssim_pred for m in made.marks]
    worst_usable = min(m.ssim_pred for m in made.marks if m.is_usable)
    best_unusable = max(m.ssim_pred for m in made.marks if not m.is_usable)
    assert best_unusable < made.thresholds.repeat < made.thresholds.usable < worst_usable
    for mark in made.marks:
        expected = Verdict.USABLE if mark.is_usable else Verdict.REPEAT
        assert made.thresholds.verdict(mark.ssim_pred) is expected
    assert made.brier < made.brier_base == pytest.approx(np.var([m.is_usable for m in made.marks]))
    assert sum(b.count for b in made.reliability) == len(scores)


def test_marks_that_tell_nothing_suggest_no_thresholds() -> None:
    scores = np.linspace(0.1, 0.9, 40)
    made = fit_calibration(marks_of(scores.tolist(), [n % 2 == 1 for n in range(40)]), version=1)
    assert made.thresholds is None
    # Predicted without themselves they are no better than the mean: it is not hidden.
    assert made.brier >= made.brier_base


def test_a_few_series_at_the_end_suggest_no_threshold() -> None:
    scores = [0.4 + 0.01 * n for n in range(39)]
    usable = [False] * 16 + [n % 2 == 0 for n in range(20)] + [True] * 3
    made = fit_calibration(marks_of(scores, usable), version=1)
    assert made.probability(0.9) == pytest.approx(40 / 41)
    assert made.usable is None
    assert made.repeat is not None
    assert made.thresholds is None


def test_each_series_is_predicted_from_the_others() -> None:
    scores = np.array([0.1, 0.2, 0.8, 0.9])
    usable = np.array([0.0, 0.0, 1.0, 1.0])
    found = leave_one_out(scores, usable)
    expected = np.interp(0.8, [0.1, 0.2, 0.9], [0.2, 0.2, 0.8])
    assert found[2] == pytest.approx(expected)


def test_bins_hold_every_prediction_once() -> None:
    found = reliability(np.array([0.0, 0.2, 0.59, 1.0]), np.array([0.0, 1.0, 1.0, 1.0]))
    assert [b.count for b in found] == [1, 1, 1, 0, 1]
    assert found[3].predicted is None
    assert found[4].observed == 1.0


@pytest.mark.parametrize(
    ("marks", "why"),
    [
        (separable()[:29], "1 more series"),
        (marks_of([0.9] * 30, [True] * 27 + [False] * 3), "2 more that are not usable"),
        (marks_of([0.9] * 30, [False] * 30), "5 more that are usable"),
        ([*separable(), Mark("b" * 64, 0.5, True, "c" * 64)], "different weights"),
    ],
)
def test_what_makes_no_calibration_says_why(marks: list[Mark], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        fit_calibration(marks, version=1)


def test_probabilities_in_the_wrong_order_are_refused() -> None:
    with pytest.raises(ValueError, match="need 0 <="):
        fit_calibration(separable(), version=1, usable_from=0.3, repeat_up_to=0.4)
