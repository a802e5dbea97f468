"""`acutance.core.quality`."""

import json
import math
from dataclasses import replace

import numpy as np
import pytest

from acutance.core.quality import (
    ModelFacts,
    QualityResult,
    SliceScore,
    Thresholds,
    Verdict,
    choose_planes,
    headline_range,
)
from acutance.core.volume import Volume


def volume(shape=(20, 30, 40), spacing=(1.0, 1.0, 1.0), **facts) -> Volume:
    return Volume(np.zeros(shape, np.int16), np.diag([*spacing, 1.0]), **facts)


@pytest.mark.parametrize(
    ("value", "verdict"),
    [
        (1.0, Verdict.USABLE),
        (0.85, Verdict.USABLE),
        (0.8499, Verdict.CHECK),
        (0.60, Verdict.CHECK),
        (0.5999, Verdict.REPEAT),
        (0.0, Verdict.REPEAT),
    ],
)
def test_thresholds_are_closed_from_below(value: float, verdict: Verdict) -> None:
    assert Thresholds().verdict(value) is verdict


@pytest.mark.parametrize("pair", [(0.5, 0.6), (0.6, 0.6), (1.1, 0.5), (0.5, -0.1)])
def test_thresholds_out_of_order_are_refused(pair: tuple[float, float]) -> None:
    with pytest.raises(ValueError, match="repeat < usable"):
        Thresholds(*pair)


@pytest.mark.parametrize(
    ("count", "expected"),
    [(180, range(45, 135)), (5, range(1, 3)), (2, range(0, 1)), (1, range(0, 1))],
)
def test_the_headline_is_the_middle_half(count: int, expected: range) -> None:
    assert headline_range(count) == expected


def test_auto_follows_thick_slices_else_axial() -> None:
    assert choose_planes(volume(), "auto") == ("axial",)
    assert choose_planes(volume(spacing=(1.49, 1, 1)), "auto") == ("axial",)
    assert choose_planes(volume(spacing=(1.5, 1, 1)), "auto") == ("sagittal",)
    assert choose_planes(volume(spacing=(1, 5, 1)), "auto") == ("coronal",)
    assert choose_planes(volume(spacing=(5, 1, 1), spacing_known=False), "auto") == ("axial",)
    assert choose_planes(volume(shape=(1, 30, 40)), "auto") == ("sagittal",)
    assert choose_planes(volume(), "all") == ("axial", "coronal", "sagittal")
    assert choose_planes(volume(spacing=(5, 1, 1)), "coronal") == ("coronal",)
    with pytest.raises(ValueError, match="oblique"):
        choose_planes(volume(), "oblique")


def result(value: float | None = 0.7) -> QualityResult:
    return QualityResult(
        Verdict.CHECK,
        "motion artefact likely",
        True,
        value,
        (SliceScore("axial", 3, 0.9), SliceScore("axial", 4, 0.5), SliceScore("axial", 5, None)),
        ("axial",),
        ModelFacts("iqa_resnet18", "1", "ab" * 32),
        "cpu",
        {"plane": "auto"},
        1.5,
    )


def test_result_round_trips_through_json() -> None:
    assert QualityResult.from_plain(json.loads(json.dumps(result().to_plain()))) == result()


@pytest.mark.parametrize("value", [math.nan, math.inf, -0.1, 1.1, "0.5"])
def test_a_score_that_is_no_score_is_refused(value: object) -> None:
    plain = result().to_plain()
    plain["slices"][0]["ssim_pred"] = value
    with pytest.raises(ValueError, match="score"):
        QualityResult.from_plain(plain)


def test_worst_slices_come_first_and_blank_ones_not_at_all() -> None:
    assert [s.index for s in result().worst_first()] == [4, 3]


def test_intervals_round_trip_and_old_results_are_still_read() -> None:
    slices = (SliceScore("axial", 3, 0.7, ssim_lo=0.6, ssim_hi=0.75, in_scope=False),)
    with_interval = replace(result(), slices=slices, ssim_lo=0.65, ssim_hi=0.8)
    plain = json.loads(json.dumps(with_interval.to_plain()))
    assert plain["ssim_interval"] == [0.65, 0.8]
    assert plain["slices"][0]["ssim_interval"] == [0.6, 0.75]
    assert QualityResult.from_plain(plain) == with_interval
    old = result().to_plain()
    del old["ssim_interval"], old["verdict_code"]
    for score in old["slices"]:
        del score["ssim_interval"], score["in_scope"]
    assert QualityResult.from_plain(old) == result()


@pytest.mark.parametrize("interval", [[0.5], [0.5, 1.2], "wide"])
def test_an_interval_that_is_none_is_refused(interval: object) -> None:
    plain = result().to_plain() | {"ssim_interval": interval}
    with pytest.raises(ValueError, match=r"interval|score"):
        QualityResult.from_plain(plain)


@pytest.mark.parametrize(
    ("verdict", "code"),
    [("usable", "111237"), ("check", "111236"), ("repeat", "111235"), ("not_assessed", None)],
)
def test_verdicts_have_the_codes_of_the_standard(verdict: str, code: str | None) -> None:
    assert Verdict(verdict).code == code


@pytest.mark.parametrize(
    ("low", "high", "threshold"),
    [
        (0.85, 0.9, None),
        (0.84, 0.85, 0.85),
        (0.6, 0.84, None),
        (0.59, 0.6, 0.6),
        (0.5, 0.599, None),
        (0.5, 0.9, 0.85),
    ],
)
def test_an_interval_straddles_what_lies_inside(
    low: float, high: float, threshold: float | None
) -> None:
    assert Thresholds().straddled(low, high) == threshold
