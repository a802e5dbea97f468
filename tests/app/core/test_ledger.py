"""The account of a load."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acutance.core.ledger import Index, Ledger, LoadWarning, SeriesItem, SetAside

asides = st.lists(st.builds(SetAside, st.text(), st.text()), max_size=5).map(tuple)


@given(st.integers(0, 1000), asides)
def test_found_is_used_plus_set_aside(used: int, aside: tuple[SetAside, ...]) -> None:
    ledger = Ledger(used + len(aside), used, aside)
    assert Ledger.from_plain(json.loads(json.dumps(ledger.to_plain()))) == ledger
    with pytest.raises(ValueError, match="add up"):
        Ledger(used + len(aside) + 1, used, aside)


def test_less_than_nothing_used_raises() -> None:
    with pytest.raises(ValueError, match="add up"):
        Ledger(0, -1, (SetAside("a", "b"),))


@given(asides, st.lists(st.text(), max_size=4).map(tuple))
def test_an_index_survives_the_crossing(
    aside: tuple[SetAside, ...], files: tuple[str, ...]
) -> None:
    item = SeriesItem("dicom", "p", files, "k", "t", "MR", aside)
    index = Index((item,), aside)
    assert Index.from_plain(json.loads(json.dumps(index.to_plain()))) == index


def test_a_warning_survives_the_crossing() -> None:
    warning = LoadWarning("missing_slices", "2 slices missing", ("a", "b"))
    assert LoadWarning.from_plain(json.loads(json.dumps(warning.to_plain()))) == warning
