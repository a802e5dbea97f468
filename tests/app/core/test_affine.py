"""The affine as a value: laws, letters, permutations."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from acutance.core.affine import (
    PLANES,
    axis_codes,
    axis_plane,
    flip_lps_ras,
    letters,
    plane_axis,
    spacing,
    to_index,
    to_world,
    world_axes,
)

finite = st.floats(-500, 500, allow_nan=False)


@st.composite
def affines(draw: st.DrawFn) -> np.ndarray:
    """A turned, mirrored, scaled and moved grid."""
    q = np.add([draw(st.floats(-1, 1)) for _ in range(4)], (1.5, 0, 0, 0))
    w, x, y, z = q / np.linalg.norm(q)
    turn = np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
            [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
            [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
        ]
    )
    sizes = [draw(st.floats(0.1, 10)) * draw(st.sampled_from((1, -1))) for _ in range(3)]
    affine = np.eye(4)
    affine[:3, :3] = turn @ np.diag(sizes)
    affine[:3, 3] = [draw(finite) for _ in range(3)]
    return affine


@given(affines(), st.tuples(finite, finite, finite))
def test_index_to_point_and_back(affine: np.ndarray, index: tuple[float, float, float]) -> None:
    assert to_index(affine, to_world(affine, index)) == pytest.approx(index, abs=1e-6)


@given(affines())
def test_flip_undoes_itself_and_keeps_spacing(affine: np.ndarray) -> None:
    flipped = flip_lps_ras(affine)
    np.testing.assert_array_equal(flip_lps_ras(flipped), affine)
    assert spacing(flipped) == pytest.approx(spacing(affine))


@given(affines())
def test_world_axes_are_a_permutation_and_planes_its_inverse(affine: np.ndarray) -> None:
    assert sorted(world_axes(affine)) == [0, 1, 2]
    for plane in PLANES:
        assert axis_plane(affine, plane_axis(affine, plane)) == plane


@given(affines())
def test_opposite_directions_have_opposite_letters(affine: np.ndarray) -> None:
    opposite = str.maketrans("RLAPSI", "LRPAIS")
    for axis in range(3):
        vector = affine[:3, axis]
        assert letters(-vector) == letters(vector).translate(opposite)


@pytest.mark.parametrize(
    ("vector", "expected"),
    [
        ((1, 0, 0), "R"),
        ((-1, 0, 0), "L"),
        ((0, 2, 0), "A"),
        ((0, 0, -3), "I"),
        ((0, 1, 0.1), "A"),
        ((0, 1, 0.3), "AS"),
        ((0, 0, 0), "?"),
        ((np.nan, 0, 1), "?"),
    ],
)
def test_letters(vector: tuple[float, float, float], expected: str) -> None:
    assert letters(np.array(vector, dtype=np.float64)) == expected


def test_codes_name_the_axes_in_order() -> None:
    affine = np.array([[0, 0, 2, 0], [-1, 0, 0, 0], [0, -1, 0, 0], [0, 0, 0, 1.0]])
    assert axis_codes(affine) == "PIR"


def test_a_tie_at_45_degrees_is_still_a_permutation() -> None:
    half = np.sqrt(0.5)
    affine = np.eye(4)
    affine[:3, :3] = [[half, half, 0], [half, -half, 0], [0, 0, 1]]
    assert sorted(world_axes(affine)) == [0, 1, 2]


def test_wrong_names_and_flat_affines_raise() -> None:
    with pytest.raises(ValueError, match="plane"):
        plane_axis(np.eye(4), "oblique")
    with pytest.raises(ValueError, match="singular"):
        to_index(np.zeros((4, 4)), (0, 0, 0))
