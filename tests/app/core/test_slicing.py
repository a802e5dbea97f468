"""Planes as drawn: 48 orders, straight and oblique, against the affine alone."""

from __future__ import annotations

from itertools import permutations, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from acutance.core.affine import PLANES
from acutance.core.slicing import extract_slice, slice_geometry, volume_geometry
from acutance.core.volume import Volume

ORDERS = [
    (order, signs) for order in permutations(range(3)) for signs in product((1, -1), repeat=3)
]
#: Edges left, right, top, bottom in the radiological views of a straight scan.
RADIOLOGICAL = {
    "axial": ("R", "L", "A", "P"),
    "coronal": ("R", "L", "S", "I"),
    "sagittal": ("A", "P", "S", "I"),
}


def make(order: tuple[int, ...], signs: tuple[int, ...], degrees: float) -> Volume:
    matrix = np.zeros((3, 3))
    for axis, (world, sign) in enumerate(zip(order, signs, strict=True)):
        matrix[world, axis] = sign
    c, s = np.cos(np.deg2rad(degrees)), np.sin(np.deg2rad(degrees))
    affine = np.eye(4)
    affine[:3, :3] = np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]]) @ matrix * (2.0, 1.5, 3.0)
    affine[:3, 3] = (10, -20, 30)
    return Volume(np.arange(6 * 7 * 5).reshape(6, 7, 5).astype(np.int16), affine)


@pytest.mark.parametrize("degrees", [0, 20])
@pytest.mark.parametrize(("order", "signs"), ORDERS)
def test_letters_and_cursor(order: tuple[int, ...], signs: tuple[int, ...], degrees: int) -> None:
    volume = make(order, signs, degrees)
    index = (2, 5, 1)
    truth = (volume.affine @ [*index, 1.0])[:3]
    for plane in PLANES:
        geometry = volume_geometry(volume, plane)
        assert tuple(edge[0] for edge in geometry.edges) == RADIOLOGICAL[plane]
        in_plane = {"axial": "RLAP", "coronal": "RL", "sagittal": "AP"}[plane]
        for edge in geometry.edges:
            # A turn about the S-I axis mixes R-L and A-P and leaves S and I alone.
            assert len(edge) == (2 if degrees and edge[0] in in_plane else 1)
        row, column = geometry.to_pixel(index)
        back = geometry.to_index(row, column, index[geometry.axis])
        np.testing.assert_allclose((volume.affine @ [*back, 1.0])[:3], truth, atol=1e-9)
        picture = extract_slice(volume, geometry, index[geometry.axis])
        assert picture.shape == geometry.size
        assert picture[int(row), int(column)] == volume.array[index]


@given(
    st.sampled_from(ORDERS),
    st.sampled_from(PLANES),
    st.tuples(st.floats(-3, 9), st.floats(-3, 9), st.floats(-3, 9)),
)
def test_index_to_pixel_and_back(
    signed: tuple[tuple[int, ...], tuple[int, ...]],
    plane: str,
    index: tuple[float, float, float],
) -> None:
    geometry = volume_geometry(make(*signed, 20), plane)
    row, column = geometry.to_pixel(index)
    assert geometry.to_index(row, column, index[geometry.axis]) == pytest.approx(index)


def test_neurological_mirrors_left_and_right_only() -> None:
    for plane, mirrored in (("axial", True), ("coronal", True), ("sagittal", False)):
        plain = slice_geometry(np.eye(4), (4, 5, 6), plane)
        other = slice_geometry(np.eye(4), (4, 5, 6), plane, convention="neurological")
        assert (other.edges[:2] == plain.edges[1::-1]) is mirrored
        assert other.edges[2:] == plain.edges[2:]


def test_unknown_orientation_shows_no_letters() -> None:
    volume = Volume(np.zeros((2, 2, 2)), np.eye(4), orientation_known=False)
    assert volume_geometry(volume, "axial").edges == ("?", "?", "?", "?")


def test_slices_hold_real_values() -> None:
    volume = Volume(np.ones((2, 3, 4), np.int16), np.eye(4), slope=2.0, intercept=-3.0)
    picture = extract_slice(volume, volume_geometry(volume, "axial"), 0)
    assert picture.dtype == np.float32
    assert (picture == -1).all()


def test_wrong_names_and_numbers_raise() -> None:
    volume = Volume(np.zeros((2, 2, 2)), np.eye(4))
    geometry = volume_geometry(volume, "axial")
    with pytest.raises(IndexError):
        extract_slice(volume, geometry, 2)
    with pytest.raises(ValueError, match="plane"):
        slice_geometry(np.eye(4), (2, 2, 2), "oblique")
    with pytest.raises(ValueError, match="convention"):
        slice_geometry(np.eye(4), (2, 2, 2), "axial", convention="upside down")  # type: ignore[arg-type]
