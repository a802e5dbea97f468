"""A person's decision: its codes are those of DICOM, its text holds nothing else."""

from __future__ import annotations

import pytest
from pydicom.sr.codedict import codes

from acutance.core.quality import Verdict
from acutance.core.review import REASONS, Decision, Review


def table(context_group) -> dict[str, str]:
    names = [name for name in dir(context_group) if hasattr(getattr(context_group, name), "value")]
    found = [getattr(context_group, name) for name in names]
    assert {code.scheme_designator for code in found} == {"DCM"}
    return {code.value: code.meaning for code in found}


def test_decisions_have_the_codes_of_quality_control() -> None:
    standard = table(codes.cid6044)
    assert {decision.code for decision in Decision} == set(standard)
    assert standard[Decision.ACCEPT.code] == "Usable - Meets the quality control standard"
    assert standard[Decision.REPEAT.code] == "Unusable - Quality renders image unusable"
    assert Decision.ACCEPT.code == Verdict.USABLE.code


def test_reasons_are_codes_of_the_standard_with_its_meanings() -> None:
    standard = table(codes.cid7011) | table(codes.cid10034)
    for reason in REASONS:
        assert standard[reason.code] == reason.meaning
    assert set(table(codes.cid10034)) <= {reason.code for reason in REASONS}


def test_a_review_says_who_decided_and_what_was_predicted_then() -> None:
    review = Review(Decision.REPEAT, "128553", "moved twice", "check", 0.71)
    plain = review.to_plain()
    assert plain["decision_code"] == "111235"
    assert (plain["reason_code"], plain["reason"]) == ("128553", "Patient motion")
    assert (plain["made_by"], plain["predicted_verdict"]) == ("a person", "check")
    assert review.words == "Repeat: Patient motion: moved twice"
    assert review.words_without_note == "Repeat: Patient motion"
    assert review.agrees is False
    assert Review(Decision.ACCEPT, predicted="usable").agrees is True
    assert Review(Decision.ACCEPT, predicted="not_assessed").agrees is None


def test_what_is_no_reason_or_note_is_refused() -> None:
    with pytest.raises(ValueError, match="no reason"):
        Review(Decision.REPEAT, "0")
    with pytest.raises(ValueError, match="one line"):
        Review(Decision.REPEAT, note="a\nb")
    with pytest.raises(ValueError, match="500"):
        Review(Decision.REPEAT, note="x" * 501)
