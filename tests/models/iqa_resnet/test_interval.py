"""`acutance_models.iqa_resnet.interval`: coverage on distributions that are known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from acutance_models.iqa_resnet.interval import ScoreInterval, coverage_of, fit_interval


def pairs(count: int, seed: int, bias: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """Scores whose residuals grow as the score falls, as a network's do."""
    rng = np.random.default_rng(seed)
    scores = rng.uniform(0.3, 0.95, count)
    labels = scores + bias + rng.standard_normal(count) * 0.05 * (1.05 - scores)
    return scores, np.clip(labels, 0.0, 1.0)


@pytest.mark.parametrize("bias", [0.0, 0.02])
def test_new_pairs_are_covered_nine_times_in_ten(bias: float) -> None:
    interval = fit_interval(*pairs(2000, 1, bias))
    assert coverage_of(interval, *pairs(4000, 2, bias)) == pytest.approx(0.9, abs=0.02)


def test_high_and_low_scores_are_covered_alike() -> None:
    interval = fit_interval(*pairs(4000, 3))
    scores, labels = pairs(8000, 4)
    for chosen in (scores < 0.5, scores > 0.75):
        covered = coverage_of(interval, scores[chosen], labels[chosen])
        assert covered == pytest.approx(0.9, abs=0.04)
    low, high = interval.bounds(0.4), interval.bounds(0.9)
    assert low[1] - low[0] > 1.5 * (high[1] - high[0])


@given(st.floats(0.0, 1.0))
def test_an_interval_holds_its_score_and_stays_in_range(score: float) -> None:
    interval = fit_interval(*pairs(200, 5))
    low, high = interval.bounds(score)
    assert 0.0 <= low <= score <= high <= 1.0


def test_too_few_pairs_are_refused() -> None:
    with pytest.raises(ValueError, match="40 pairs"):
        fit_interval(*pairs(39, 6))


def test_unsound_numbers_are_refused() -> None:
    knots, scale = np.array([0.0, 1.0]), np.array([0.1, 0.1])
    for bad in (
        (knots[::-1], scale, -1.0, 1.0),
        (knots, -scale, -1.0, 1.0),
        (knots, scale, 1.0, -1.0),
        (knots, scale, float("nan"), 1.0),
    ):
        with pytest.raises(ValueError, match="ascending"):
            ScoreInterval(*bad)
