"""`acutance.core.control`: limits by hand, a drift, a jump, and what is none of them."""

from __future__ import annotations

import numpy as np
import pytest

from acutance.core.control import change_point, control_chart


def test_limits_are_those_of_the_mean_moving_range() -> None:
    values = np.array([10.0, 12.0, 11.0, 13.0, 12.0, 10.0, 11.0, 12.0])
    chart = control_chart(values)
    assert chart.centre == pytest.approx(91 / 8)
    # Moving ranges 2 1 2 1 2 1 1: mean 10/7, over d2 of two values, 1.128.
    half = 3 * (10 / 7) / 1.12838
    assert (chart.low, chart.high) == pytest.approx((91 / 8 - half, 91 / 8 + half), rel=1e-5)
    assert (chart.outside, chart.drifted, chart.change) == ((), (), None)


def test_weighted_mean_and_its_limits_are_those_of_the_book() -> None:
    # Montgomery 2009, eq. (9.22) and (9.25), first two by hand.
    values = np.array([1.0, 3.0, 2.0, 2.0, 1.0, 3.0, 2.0, 2.0])
    chart = control_chart(values)
    assert chart.ewma[0] == pytest.approx(0.2 * 1 + 0.8 * 2)
    assert chart.ewma[1] == pytest.approx(0.2 * 3 + 0.8 * 1.8)
    sigma = np.abs(np.diff(values)).mean() / 1.1283792
    assert chart.ewma_high[0] - 2 == pytest.approx(2.962 * sigma * 0.2)
    assert chart.ewma_high[-1] - 2 < 2.962 * sigma / 3  # 0.2 / 1.8 is (1/3) squared


def test_a_lone_bad_scan_is_outside_and_no_drift() -> None:
    values = np.random.default_rng(1).normal(0.9, 0.01, 60)
    values[40] = 0.80
    chart = control_chart(values, baseline=60)
    assert chart.outside == (40,)
    assert chart.change is None


def test_a_step_is_found_where_it_is() -> None:
    values = np.random.default_rng(2).normal(0.9, 0.01, 80)
    values[50:] -= 0.02
    chart = control_chart(values)
    assert chart.change is not None
    assert abs(chart.change - 50) <= 3
    assert min(chart.drifted) in range(50, 62)
    assert chart.baseline == 20


def test_change_by_ranks_equals_pettitts_sums_of_signs() -> None:
    values = np.random.default_rng(3).integers(0, 6, 30).astype(float)
    signs = np.sign(values[:, None] - values[None, :])
    u = np.array([signs[:t, t:].sum() for t in range(1, 30)])
    at, chance = change_point(values)
    assert abs(u[at - 1]) == np.abs(u).max()
    assert chance == pytest.approx(min(1, 2 * np.exp(-6 * np.abs(u).max() ** 2 / (30**3 + 30**2))))


def test_noise_alone_rarely_alarms() -> None:
    draws = np.random.default_rng(4)
    charts = [control_chart(draws.normal(0, 1, 60)) for _ in range(200)]
    assert sum(chart.change is not None for chart in charts) <= 6


def test_few_equal_and_wrong_values() -> None:
    assert control_chart(np.array([1.0, 2.0])).centre is None
    assert control_chart(np.empty(0)).outside == ()
    same = control_chart(np.full(30, 0.1))
    assert (same.outside, same.drifted, same.change) == ((), (), None)
    with pytest.raises(ValueError, match="finite"):
        control_chart(np.array([1.0, np.nan]))
    with pytest.raises(ValueError, match="at least"):
        control_chart(np.ones(30), baseline=3)
