"""`acutance.core.site`: which rule matches, and every fault by key and remedy."""

from __future__ import annotations

import contextlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from acutance.core.quality import Thresholds
from acutance.core.scoring import ScoringPolicy
from acutance.core.site import EXAMPLE, SiteRules, parse_site
from acutance.core.volume import Volume
from acutance.errors import SiteFileError

PATH = Path("site.toml")
T1 = 'name = "T1"\nusable = 0.9\nrepeat = 0.7\n'


def series(name: str = "", modality: str = "MR", **facts: object) -> Volume:
    return Volume(np.zeros((2, 2, 2)), np.eye(4), modality=modality, name=name, facts=facts)


def rules(text: str) -> SiteRules:
    return parse_site(f"format = 1\n{text}".encode(), PATH)


def test_the_example_is_understood_and_its_first_match_wins() -> None:
    site = parse_site(EXAMPLE.encode(), PATH)
    limits, source = site.choose(series("Sag MPRAGE iso", body_part="BRAIN"))
    assert (limits.usable, limits.repeat) == (0.90, 0.70)
    assert (source.kind, source.rule) == ("site protocol", "T1 volume of the head")
    limits, source = site.choose(series("t2_HASTE", scanning_sequence="SE"))
    assert (limits.usable, source.rule) == (0.75, "Fast scout")
    limits, source = site.choose(series("t2_tse"))
    assert (limits, source.kind) == (Thresholds(), "site default")
    assert len(source.site_sha256) == 64


def test_the_first_of_two_matches_is_taken() -> None:
    both = rules(
        f'[[protocol]]\nseries = "*t1*"\n{T1}'
        '[[protocol]]\nname = "any"\nseries = "*"\nusable = 0.8\nrepeat = 0.5\n'
    )
    assert both.choose(series("ax t1"))[1].rule == "T1"
    assert both.choose(series("ax t2"))[1].rule == "any"


@pytest.mark.parametrize(
    ("pattern", "volume", "expected"),
    [
        ('modality = "mr"', series(), True),
        ('modality = "mr"', series(modality="CT"), False),
        ('modality = "mr"', series(modality=""), False),
        ('modality = "*"', series(modality=""), True),
        ('body_part = ["HEAD", "BRAIN"]', series(body_part="Brain"), True),
        ('body_part = ["HEAD", "BRAIN"]', series(), False),
        ('sequence = "SE IR"', series(scanning_sequence="SE  IR"), True),
        ('series = "t1"', series("ax t1"), False),
        ('series = "*T1?"', series("ax t1w"), True),
        ('series = "*"\nbody_part = "KNEE"', series(body_part="HEAD"), False),
    ],
)
def test_every_pattern_has_to_fit(pattern: str, volume: Volume, expected: bool) -> None:
    site = rules(f"[[protocol]]\n{pattern}\n{T1}")
    assert (site.choose(volume)[1].rule == "T1") is expected


def test_without_a_file_the_program_has_its_own_thresholds() -> None:
    limits, source = SiteRules().choose(series())
    assert limits == Thresholds()
    assert source.to_parameters() == {"threshold_source": "built-in"}


def test_a_policy_hands_rule_and_weights_to_the_request() -> None:
    policy = ScoringPolicy(rules(f'[[protocol]]\nseries = "*"\n{T1}'), weights="x.safetensors")
    request = policy.request(series(), plane="all")
    assert request.thresholds == Thresholds(0.9, 0.7)
    assert (request.plane, request.weights) == ("all", "x.safetensors")
    assert request.source.to_parameters()["threshold_rule"] == "T1"


@pytest.mark.parametrize(
    ("text", "key", "remedy"),
    [
        ("[thresholds]\nusable = 0.9", "[thresholds], repeat", "repeat = 0.60"),
        ("[thresholds]\nusable = 1.5\nrepeat = 0.6", "[thresholds], usable", "usable = 0.85"),
        ("[thresholds]\nusable = true\nrepeat = 0.6", "[thresholds], usable", "usable = 0.85"),
        ("[thresholds]\nusable = nan\nrepeat = 0.6", "[thresholds], usable", "usable = 0.85"),
        ("[thresholds]\nusable = 0.5\nrepeat = 0.6", "[thresholds], repeat", "Below repeat"),
        ("[thresholds]\nuseable = 0.5\nrepeat = 0.6", "useable", "Did you mean usable?"),
        ("thresholds = 3", "thresholds", "site example"),
        ("[protocol]\nname = 'x'", "protocol", "double brackets"),
        (f"[[protocol]]\n{T1}", "protocol 1 (T1)", "[thresholds]"),
        (f'[[protocol]]\nseries = 4\n{T1}', "protocol 1 (T1), series", "*t1*"),
        (f'[[protocol]]\nseries = []\n{T1}', "protocol 1 (T1), series", "*t1*"),
        (f'[[protocol]]\nserie = "x"\n{T1}', "protocol 1, serie", "Did you mean series?"),
        ('[[protocol]]\nseries = "x"\nusable = 0.9\nrepeat = 0.1', "protocol 1, name", "name ="),
        (f'[[protocol]]\nseries = "x"\n{T1}' * 2, "name", "name of its own"),
        ('language = "fr"', "language", 'language = "de"'),
        ("colour = 1", "colour", "There are format"),
    ],
)  # fmt: skip
def test_a_fault_names_file_key_and_remedy(text: str, key: str, remedy: str) -> None:
    with pytest.raises(SiteFileError) as caught:
        rules(text)
    assert str(caught.value).startswith("site.toml: Key ")
    assert key in caught.value.message
    assert remedy in caught.value.remedy


@pytest.mark.parametrize("data", [b"", b"format = 2", b"format = true", b"format 1", b"\xff\xfe"])
def test_what_is_no_site_file_is_refused(data: bytes) -> None:
    with pytest.raises(SiteFileError) as caught:
        parse_site(data, PATH)
    assert caught.value.remedy


@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_any_bytes_are_rules_or_a_site_file_error(data: bytes) -> None:
    with contextlib.suppress(SiteFileError):
        parse_site(b"format = 1\n" + data, PATH)
