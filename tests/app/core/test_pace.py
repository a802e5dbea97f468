from __future__ import annotations

import pytest

from acutance.core.pace import Pace, time_words


def test_what_is_left_goes_by_the_time_at_work() -> None:
    pace = Pace(100.0)
    assert pace.left(0.25, 110.0) == pytest.approx(30.0)
    pace.rest(110.0)
    pace.rest(120.0)
    assert pace.left(0.25, 500.0) == pytest.approx(30.0)
    pace.go_on(500.0)
    pace.go_on(505.0)
    assert pace.worked(510.0) == pytest.approx(20.0)
    assert pace.left(1.0, 510.0) == 0.0


def test_too_little_is_known_at_first() -> None:
    pace = Pace(0.0)
    assert pace.left(0.5, 0.1) is None
    assert pace.left(0.001, 60.0) is None


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.0, "1 s"), (2.1, "3 s"), (59.5, "60 s"), (61.0, "2 min"), (5400.0, "1.5 h")],
)
def test_times_are_no_more_exact_than_they_are(seconds: float, words: str) -> None:
    assert time_words(seconds) == words
