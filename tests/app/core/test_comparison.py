"""`acutance.core.comparison`: which of two acquisitions to keep."""

import dataclasses

import numpy as np
import pytest

from acutance.core.comparison import BY_ORDER, BY_POSITION, Advice, Scored, compare, iqm_rows
from acutance.core.iqm import IqmResult
from acutance.core.quality import ModelFacts, QualityResult, SliceScore, Verdict
from acutance.core.volume import Volume

MODEL = ModelFacts("net", "1", "0" * 64)


def scored(
    level: float,
    *,
    name: str = "one",
    count: int = 20,
    spacing: float = 4.0,
    shift: float = 0.0,
    half: float | None = 0.04,
    flipped: bool = False,
    tilt: float = 0.0,
    **facts: object,
) -> Scored:
    """Return a stack of axial slices in which slice k, seen from below, scores level - k / 1000."""
    affine = np.diag([2.0, 2.0, spacing, 1.0])
    affine[2, 3] = shift
    if flipped:
        affine[2, 2], affine[2, 3] = -spacing, shift + spacing * (count - 1)
    turn = np.eye(4)
    angle = np.radians(tilt)
    turn[1:3, 1:3] = [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
    volume = Volume(np.zeros((8, 8, count), np.uint8), turn @ affine, facts=dict(facts))
    slices = []
    for k in range(count // 4, 3 * count // 4):
        from_below = count - 1 - k if flipped else k
        slices.append(SliceScore("axial", k, level - from_below / 1000))
    low, high = (None, None) if half is None else (level - half, level + half)
    result = QualityResult(
        Verdict.CHECK, "", True, level, tuple(slices), ("axial",), MODEL, "cpu", {}, 0.1, low, high
    )
    return Scored(name, volume, result)


@pytest.mark.parametrize(
    ("a", "b", "advice", "start"),
    [
        (0.6, 0.9, Advice.KEEP_B, "Keep B"),
        (0.9, 0.6, Advice.KEEP_A, "Keep A"),
        (0.80, 0.85, Advice.NO_DIFFERENCE, "No difference"),
        (0.80, 0.88, Advice.NO_DIFFERENCE, "No difference"),
        (0.80, 0.8801, Advice.KEEP_B, "Keep B"),
    ],
)
def test_one_is_kept_only_where_the_intervals_do_not_overlap(
    a: float, b: float, advice: Advice, start: str
) -> None:
    found = compare(scored(a), scored(b))
    assert found.advice is advice
    assert found.sentence.startswith(start)
    assert found.difference == pytest.approx(b - a)
    assert found.difference_lo == pytest.approx(b - a - 0.08)
    assert found.difference_hi == pytest.approx(b - a + 0.08)


def test_slices_are_matched_by_position_whatever_their_order() -> None:
    found = compare(scored(0.9), scored(0.7, flipped=True))
    assert found.matched_by == BY_POSITION
    assert [(p.index_a, p.index_b) for p in found.pairs] == [(k, 19 - k) for k in range(5, 15)]
    assert {round(p.difference, 9) for p in found.pairs} == {-0.2}
    assert {p.distance_mm for p in found.pairs} == {0.0}


def test_a_shifted_stack_is_matched_where_both_have_slices() -> None:
    found = compare(scored(0.9), scored(0.9, shift=9.0))
    assert [(p.index_a, p.index_b, p.distance_mm) for p in found.pairs][:2] == [
        (7, 5, 1.0),
        (8, 6, 1.0),
    ]
    assert any("8 of the 10" in note for note in found.notes)


def test_slices_of_another_thickness_find_their_nearest() -> None:
    found = compare(scored(0.9), scored(0.9, count=40, spacing=2.0))
    assert {p.index_b - 2 * p.index_a for p in found.pairs} == {0}
    assert {p.distance_mm for p in found.pairs} == {0.0}


def test_stacks_that_do_not_meet_have_no_pairs_and_still_an_advice() -> None:
    found = compare(scored(0.9), scored(0.5, shift=900.0, count=24))
    assert found.pairs == ()
    assert found.advice is Advice.KEEP_A
    assert any("No slices are matched" in note for note in found.notes)


def test_without_known_sides_slices_are_matched_by_order() -> None:
    a, b = scored(0.9), scored(0.9, shift=50.0)
    lost = dataclasses.replace(b, volume=dataclasses.replace(b.volume, orientation_known=False))
    found = compare(a, lost)
    assert found.matched_by == BY_ORDER
    assert {p.index_a - p.index_b for p in found.pairs} == {0}
    assert {p.distance_mm for p in found.pairs} == {None}
    assert any("order" in note for note in found.notes)


def test_positions_in_two_frames_of_reference_are_not_compared() -> None:
    one = scored(0.9, frame_of_reference="aa")
    other = scored(0.9, shift=8.0, tilt=25.0, frame_of_reference="bb")
    assert compare(one, other).matched_by == BY_ORDER
    same = compare(one, scored(0.9, shift=8.0, frame_of_reference="aa"))
    assert same.matched_by == BY_POSITION
    assert compare(one, scored(0.9)).matched_by == BY_POSITION


def changed(one: Scored, **values: object) -> Scored:
    return dataclasses.replace(one, result=dataclasses.replace(one.result, **values))


@pytest.mark.parametrize(
    ("b", "why"),
    [
        (changed(scored(0.9), in_scope=False, reason="a chest"), "B is out of scope"),
        (changed(scored(0.9), ssim_pred=None), "B has no predicted SSIM"),
        (changed(scored(0.9), planes=("coronal",)), "different planes"),
        (changed(scored(0.9), model=ModelFacts("net", "2", "1" * 64)), "different weights"),
        (scored(0.9, tilt=25.0), "tilted by 25 degrees"),
    ],
)
def test_what_cannot_be_compared_is_told_and_not_advised(b: Scored, why: str) -> None:
    found = compare(scored(0.5), b)
    assert found.advice is Advice.NOT_COMPARABLE
    assert why in found.sentence
    assert found.pairs == ()


def test_without_an_interval_there_is_no_advice() -> None:
    found = compare(scored(0.5, half=None), scored(0.9, half=None))
    assert found.advice is Advice.NOT_COMPARABLE
    assert found.difference == pytest.approx(0.4)
    assert found.to_plain()["difference_interval"] is None
    assert len(found.pairs) == 10


def test_other_settings_are_remarked() -> None:
    found = compare(scored(0.9, echo_time_ms=3.0), scored(0.9, echo_time_ms=90.0))
    assert any("same settings" in note for note in found.notes)
    same = compare(scored(0.9, echo_time_ms=3.0), scored(0.9, echo_time_ms=3.0))
    assert not any("same settings" in note for note in same.notes)


def test_swapping_both_swaps_the_advice() -> None:
    one, other = compare(scored(0.5), scored(0.9)), compare(scored(0.9), scored(0.5))
    assert (one.advice, other.advice) == (Advice.KEEP_B, Advice.KEEP_A)
    assert one.difference == -(other.difference or 0)
    assert one.difference_lo == -(other.difference_hi or 0)


def test_metrics_of_both_stand_side_by_side() -> None:
    a = IqmResult({"efc": 0.5, "snr": None, "cjv": None})
    b = IqmResult({"efc": 0.6, "snr": 9.0, "cjv": None})
    assert iqm_rows(a, b) == (("efc", 0.5, 0.6), ("snr", None, 9.0))
