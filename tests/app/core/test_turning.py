"""Turned planes: every voxel and every letter goes where the turn says."""

from __future__ import annotations

import itertools

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from acutance.core.affine import PLANES
from acutance.core.slicing import drawn_view, volume_geometry
from acutance.core.turning import Turn
from acutance.core.volume import Volume

AFFINE = np.array([[0, 0, 2.0, -9], [-1.0, 0, 0, 4], [0, 3.0, 0, 7], [0, 0, 0, 1]])
ARRAY = np.arange(3 * 4 * 5).reshape(3, 4, 5)
VOLUME = Volume(ARRAY, AFFINE)
STEPS = {
    "h": (Turn.flipped_horizontally, np.fliplr),
    "v": (Turn.flipped_vertically, np.flipud),
    "r": (lambda turn: turn.rotated(1), lambda a: np.rot90(a, -1)),
    "l": (lambda turn: turn.rotated(-1), lambda a: np.rot90(a, 1)),
}


def sides(edges: tuple[str, str, str, str]) -> np.ndarray:
    """Return the letters as a picture: left, right, top, bottom at the edges of 3 by 3."""
    left, right, top, bottom = edges
    return np.array([["", top, ""], [left, "", right], ["", bottom, ""]], dtype=object)


@given(steps=st.lists(st.sampled_from("hvrl"), max_size=8), plane=st.sampled_from(PLANES))
@settings(max_examples=60, deadline=None)
def test_pixels_and_letters_turn_together(steps: list[str], plane: str) -> None:
    straight = volume_geometry(VOLUME, plane)
    picture, letters = drawn_view(ARRAY, straight)[1], sides(straight.edges)
    turn = Turn()
    for step in steps:
        turn, picture, letters = (
            STEPS[step][0](turn), STEPS[step][1](picture), STEPS[step][1](letters),
        )  # fmt: skip
    turned = turn.apply(straight)
    assert np.array_equal(drawn_view(ARRAY, turned)[1], picture)
    assert (sides(turned.edges) == letters).all()
    assert turned.size == picture.shape
    for row, column in itertools.product(*map(range, turned.size)):
        index = turned.to_index(row, column, 1)
        assert ARRAY[tuple(map(int, index))] == picture[row, column]
        assert turned.to_pixel(index) == (row, column)


def test_a_quarter_exchanges_rows_and_columns_in_mm() -> None:
    straight = volume_geometry(VOLUME, "axial")
    assert Turn(quarters=1).apply(straight).pixel_spacing == straight.pixel_spacing[::-1]
    assert Turn(quarters=4) == Turn()
    assert Turn().words == ""
    assert Turn(is_mirrored=True, quarters=3).words == "flipped, turned 270°"
