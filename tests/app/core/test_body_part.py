"""`acutance.core.body_part`."""

from __future__ import annotations

import pytest

from acutance.core.body_part import names_another_part


@pytest.mark.parametrize(
    "stated", ["CHEST", "Phantom", "ABDOMEN/PELVIS", "L SPINE", "lumbar spine", "KNEE"]
)
def test_other_parts_are_named(stated: str) -> None:
    assert names_another_part(stated)


@pytest.mark.parametrize(
    "stated",
    ["", "BRAIN", "HEAD", "HEAD NECK", "HEAD\\CHEST", "NECK", "UNKNOWN", "KOPF", "KNEE coil brain"],
)
def test_the_head_and_the_unknown_speak_against_nothing(stated: str) -> None:
    assert not names_another_part(stated)
