"""`acutance.core.backends`: what a trial means, and when a decision is settled."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acutance.core.backends import (
    BACKENDS,
    REFERENCE,
    SMALLEST_BAND,
    BackendRow,
    BackendTrial,
    is_settled,
    precision_of,
    runtime_of,
)
from acutance.core.quality import Thresholds

EXACT = BackendRow(REFERENCE, 20.0, 0.0, 0.0, 0.0)
FAST = BackendRow("openvino-bfloat16", 10.0, 0.001, 0.003, 0.004)
ROUGH = BackendRow("openvino-int8", 5.0, 0.003, 0.005, 0.006)
ABSENT = BackendRow("onnxruntime-float32", reason="ONNX Runtime is not installed")


def trial(*rows: BackendRow) -> BackendTrial:
    return BackendTrial(rows, "a" * 64, "b" * 64, 96, 2)


def test_the_fastest_within_the_tolerance_is_chosen() -> None:
    assert trial(EXACT, FAST, ROUGH, ABSENT).chosen == "openvino-bfloat16"
    assert trial(EXACT, ROUGH, ABSENT).chosen == REFERENCE
    assert trial(ABSENT).chosen == REFERENCE
    assert not ROUGH.is_allowed
    assert not ABSENT.is_allowed


def test_the_band_is_twice_the_largest_difference_and_never_nothing() -> None:
    assert FAST.band == pytest.approx(0.008)
    assert EXACT.band == 0.0
    assert BackendRow("openvino-float32", 9.0, 0.0, 0.0, 0.0).band == SMALLEST_BAND


def test_a_trial_survives_its_plain_form() -> None:
    made = trial(EXACT, FAST, ROUGH, ABSENT)
    assert BackendTrial.from_plain(made.to_plain()) == made


@pytest.mark.parametrize(
    ("name", "value"),
    [("sha256", "x"), ("rows", [{"backend": "abacus"}]), ("machine", 3), ("rows", None)],
)
def test_what_is_no_trial_is_refused(name: str, value: object) -> None:
    with pytest.raises((ValueError, KeyError, TypeError)):
        BackendTrial.from_plain({**trial(EXACT).to_plain(), name: value})
    for number in (float("nan"), -1.0, "1"):
        plain = trial(EXACT).to_plain()
        plain["rows"][0]["milliseconds"] = number
        with pytest.raises(ValueError, match="number"):
            BackendTrial.from_plain(plain)


def test_names_say_runtime_and_precision() -> None:
    assert [runtime_of(name) for name in BACKENDS[:2]] == ["torch", "torch"]
    assert precision_of("openvino-int8") == "int8"


@given(
    score=st.floats(0.0, 1.0),
    moved=st.floats(-1.0, 1.0),
    band=st.floats(1e-6, 0.05),
    usable=st.floats(0.7, 1.0),
    repeat=st.floats(0.0, 0.6),
)
def test_no_score_within_the_band_changes_a_settled_verdict(
    score: float, moved: float, band: float, usable: float, repeat: float
) -> None:
    decide = Thresholds(usable, repeat).verdict
    if is_settled(decide, score, band):
        assert decide(min(1.0, max(0.0, score + moved * band))) is decide(score)
