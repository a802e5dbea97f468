"""Which volumes of a series are wanted."""

from __future__ import annotations

import pytest

from acutance.core.ledger import ExtraAxis, SeriesItem
from acutance.core.selection import ALL_LIMIT, Selection, parse_selection

AXES = (ExtraAxis("time", 3), ExtraAxis("vector component", 2))
ITEM = SeriesItem("nifti", "a.nii", ("a.nii",), extra_axes=AXES)
PLAIN = SeriesItem("nifti", "a.nii", ("a.nii",))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2,1", [(2, 1)]),
        ("time=2", [(2, 0)]),
        ("Vector component=1, TIME = 2", [(2, 1)]),
        ("vec=1", [(0, 1)]),
        ("all", [(0, 0), (0, 1), (1, 0), (1, 1), (2, 0), (2, 1)]),
    ],
)
def test_what_is_typed_becomes_positions(text: str, expected: list[tuple[int, int]]) -> None:
    assert [item.position for item in parse_selection(text).items(ITEM)] == expected


@pytest.mark.parametrize("text", ["", "time", "time=", "time=-1", "1,time=2", "t=1,T=2", "1.5"])
def test_other_words_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not all|twice"):
        parse_selection(text)


@pytest.mark.parametrize("text", ["3,0", "1", "echo=1", "time=9"])
def test_a_position_that_is_not_there_is_refused_with_what_is(text: str) -> None:
    with pytest.raises(ValueError, match=r"time'? 0 to 2"):
        list(parse_selection(text).items(ITEM))


def test_a_beginning_that_two_axes_share_is_refused() -> None:
    item = SeriesItem("x", "a", (), extra_axes=(ExtraAxis("dimension 4", 2), ExtraAxis("dim", 2)))
    assert [i.position for i in parse_selection("dim=1").items(item)] == [(0, 1)]
    with pytest.raises(ValueError, match="no single axis"):
        parse_selection("di=1").items(item)


def test_all_of_a_single_volume_is_that_volume() -> None:
    assert list(Selection(is_all=True).items(PLAIN)) == [PLAIN]
    assert list(Selection().items(PLAIN)) == [PLAIN]
    with pytest.raises(ValueError, match="no further axis"):
        list(parse_selection("1").items(PLAIN))


def test_all_of_too_many_is_refused() -> None:
    item = SeriesItem("x", "a", (), extra_axes=(ExtraAxis("time", ALL_LIMIT + 1),))
    with pytest.raises(ValueError, match="more than"):
        Selection(is_all=True).items(item)
