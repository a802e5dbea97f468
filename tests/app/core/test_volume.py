"""A volume guards its own geometry and gives real-world values."""

from __future__ import annotations

import numpy as np
import pytest

from acutance.core.volume import Volume, luma


def test_shape_and_spacing() -> None:
    volume = Volume(np.zeros((2, 3, 4)), np.diag([-1.0, 2.0, 0.5, 1.0]))
    assert volume.shape == (2, 3, 4)
    assert volume.spacing == (1.0, 2.0, 0.5)


def test_values_are_rescaled_on_access_and_stored_values_stay() -> None:
    array = np.array([[[1, 2]]], np.int16)
    volume = Volume(array, np.eye(4), slope=2.0, intercept=-10.0)
    assert volume.value_at((0, 0, 1)) == -6.0
    real = volume.to_real(volume.array)
    assert real.dtype == np.float32
    assert real.tolist() == [[[-8.0, -6.0]]]
    assert volume.array is array
    assert array.tolist() == [[[1, 2]]]


@pytest.mark.parametrize(
    "affine", [np.eye(3), np.zeros((4, 4)), np.diag([1.0, 0, 1, 1]), np.full((4, 4), np.nan)]
)
def test_bad_affines_raise(affine: np.ndarray) -> None:
    with pytest.raises(ValueError, match="affine"):
        Volume(np.zeros((2, 2, 2)), affine)


def test_other_dimensions_raise() -> None:
    with pytest.raises(ValueError, match="3-D"):
        Volume(np.zeros((2, 2)), np.eye(4))


@pytest.mark.parametrize("index", [(-1, 0, 0), (0, 0, 2), (2, 0, 0)])
def test_no_value_outside(index: tuple[int, int, int]) -> None:
    with pytest.raises(IndexError):
        Volume(np.zeros((2, 2, 2)), np.eye(4)).value_at(index)


def test_with_array_keeps_all_but_the_values() -> None:
    volume = Volume(np.zeros((2, 2, 2)), np.eye(4), modality="MR", name="x")
    other = volume.with_array(np.ones((2, 2, 2)))
    assert (other.modality, other.name) == ("MR", "x")
    with pytest.raises(ValueError, match="shape"):
        volume.with_array(np.ones((2, 2, 3)))


def test_colour_has_a_luma_and_keeps_its_grid() -> None:
    array = np.zeros((4, 3, 2, 3), np.uint8)
    array[1, 2, 0] = (255, 0, 0)
    volume = Volume(array, np.diag([1.0, 2.0, 3.0, 1.0]))
    assert volume.is_colour
    assert volume.shape == (4, 3, 2)
    assert volume.value_at((1, 2, 0)) == pytest.approx(0.299 * 255)
    # BT.601 weights: white keeps its level.
    assert luma(np.array([255, 255, 255], np.uint8)) == pytest.approx(255.0)


def test_four_axes_that_are_no_colour_are_refused() -> None:
    with pytest.raises(ValueError, match="colour"):
        Volume(np.zeros((4, 3, 2, 2), np.uint8), np.eye(4))


@pytest.mark.parametrize("size", [1e-6, 1e-3, 1e3])
def test_voxels_of_any_size_have_an_invertible_affine(size: float) -> None:
    volume = Volume(np.zeros((2, 2, 2)), np.diag([size, size, size, 1.0]))
    assert volume.spacing == pytest.approx((size, size, size))
    with pytest.raises(ValueError, match="invertible"):
        Volume(np.zeros((2, 2, 2)), np.diag([size, size, 0.0, 1.0]))
