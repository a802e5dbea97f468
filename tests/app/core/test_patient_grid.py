from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from acutance.core.affine import PLANE_NORMAL, PLANES, to_index, to_world
from acutance.core.patient_grid import MOST_PIXELS, is_oblique, nearest_in_plane, patient_grid
from acutance.core.regridding import nearest_on_grid, slice_on_grid
from acutance.core.slicing import volume_geometry
from acutance.core.space import is_inside, middle_of, slice_at
from acutance.core.volume import Volume


def turned(degrees: tuple[float, float, float], mm: tuple[float, float, float]) -> np.ndarray:
    """Return an affine turned about x, y and z, with voxels of `mm`."""
    matrix = np.eye(3)
    for axis, angle in enumerate(np.radians(degrees)):
        one, other = [n for n in range(3) if n != axis]
        turn = np.eye(3)
        turn[[one, other], [one, other]] = np.cos(angle)
        turn[one, other], turn[other, one] = -np.sin(angle), np.sin(angle)
        matrix = turn @ matrix
    affine = np.eye(4)
    affine[:3, :3] = matrix * mm
    affine[:3, 3] = (-31.0, 12.5, 4.0)
    return affine


def volume_of(affine: np.ndarray, shape: tuple[int, int, int] = (20, 24, 12)) -> Volume:
    draws = np.random.default_rng(1).integers(0, 400, shape).astype(np.int16)
    return Volume(draws, affine)


OBLIQUE = turned((17.0, -8.0, 24.0), (1.0, 1.2, 3.0))


def test_only_turned_voxels_are_oblique() -> None:
    assert is_oblique(volume_of(OBLIQUE))
    assert not is_oblique(volume_of(turned((0, 0, 0), (1, 1, 3))))
    assert not is_oblique(volume_of(turned((90, 0, 180), (1, 2, 3))))
    assert not is_oblique(volume_of(turned((0.01, 0, 0), (1, 1, 1))))
    assert not is_oblique(Volume(np.zeros((2, 2, 2)), OBLIQUE, orientation_known=False))


@pytest.mark.parametrize("plane", PLANES)
def test_a_grid_runs_along_the_patient_and_holds_every_voxel(plane: str) -> None:
    volume = volume_of(OBLIQUE)
    grid = patient_grid(volume, plane)
    geometry = volume_geometry(grid, plane)
    assert {len(letters) for letters in geometry.edges} == {1}
    assert geometry.pixel_spacing == (1.0, 1.0)
    normal = PLANE_NORMAL[plane]
    for corner in np.ndindex(2, 2, 2):
        index = tuple(c * (n - 1.0) for c, n in zip(corner, volume.shape, strict=True))
        place = to_index(grid.affine, to_world(volume.affine, index))
        for axis, (at, count) in enumerate(zip(place, grid.shape, strict=True)):
            reach = 1.0 if axis == normal else 0.0
            assert -reach <= at <= count - 1 + reach
    middle = to_index(grid.affine, middle_of(volume))
    assert np.allclose(middle, np.rint(middle))


@pytest.mark.parametrize("plane", PLANES)
def test_a_point_appears_where_it_lies(plane: str) -> None:
    """A single bright voxel is brightest at the pixel nearest to its place in the patient."""
    volume = volume_of(OBLIQUE)
    array = np.zeros(volume.shape, np.int16)
    voxel = (13, 7, 6)
    array[voxel] = 1000
    volume = Volume(array, OBLIQUE)
    point = to_world(OBLIQUE, voxel)
    grid = patient_grid(volume, plane)
    geometry = volume_geometry(grid, plane)
    index = slice_at(grid, plane, point)
    found = slice_on_grid(volume, grid, geometry, index)
    row, column = np.unravel_index(np.nanargmax(found), found.shape)
    expected = geometry.to_pixel(to_index(grid.affine, point))
    assert abs(row - expected[0]) <= 1.0
    assert abs(column - expected[1]) <= 1.0
    # And by the analytic value of the eight voxels around the place of that pixel.
    there = to_index(OBLIQUE, to_world(grid.affine, geometry.to_index(row, column, index)))
    weight = np.prod([max(0.0, 1.0 - abs(a - b)) for a, b in zip(there, voxel, strict=True)])
    assert found[row, column] == pytest.approx(1000 * weight, abs=0.05)
    labels = (array > 0).astype(np.uint8)
    near = nearest_on_grid(labels, OBLIQUE, grid, geometry, index)
    assert near[row, column] == all(abs(a - b) <= 0.5 for a, b in zip(there, voxel, strict=True))


def test_a_linear_field_is_resampled_exactly() -> None:
    """Whatever the turn, trilinear values of x + 2 y - z are x + 2 y - z in the patient."""
    i, j, k = np.meshgrid(*map(np.arange, (20, 24, 12)), indexing="ij")
    world = np.stack([i, j, k], -1) @ OBLIQUE[:3, :3].T + OBLIQUE[:3, 3]
    volume = Volume((world @ [1.0, 2.0, -1.0]).astype(np.float32), OBLIQUE)
    for plane in PLANES:
        grid = patient_grid(volume, plane)
        geometry = volume_geometry(grid, plane, convention="neurological")
        found = slice_on_grid(volume, grid, geometry, geometry.count // 2)
        for row, column in np.argwhere(np.isfinite(found))[::37]:
            place = geometry.to_index(row, column, geometry.count // 2)
            point = to_world(grid.affine, place)
            inside = to_index(OBLIQUE, point)
            if all(0 <= x <= n - 1 for x, n in zip(inside, volume.shape, strict=True)):
                expected = point[0] + 2 * point[1] - point[2]
                assert found[row, column] == pytest.approx(expected, abs=1e-3)


@given(
    degrees=arrays(np.float64, 3, elements=st.floats(-89, 89)),
    share=arrays(np.float64, 3, elements=st.floats(-0.5, 1.5)),
    plane=st.sampled_from(PLANES),
)
def test_the_nearest_point_of_a_plane_lies_in_it_and_in_the_voxels(
    degrees: np.ndarray, share: np.ndarray, plane: str
) -> None:
    affine = turned(tuple(degrees), (1.0, 1.2, 3.0))
    volume = volume_of(affine)
    last = np.array(volume.shape) - 1.0
    point = to_world(affine, tuple(share * last))
    found = nearest_in_plane(volume, plane, point)
    assert is_inside(volume, found)
    normal = PLANE_NORMAL[plane]
    corners = [to_world(affine, tuple(np.array(c) * last)) for c in np.ndindex(2, 2, 2)]
    low, high = min(c[normal] for c in corners), max(c[normal] for c in corners)
    assert found[normal] == pytest.approx(min(max(point[normal], low), high), abs=1e-6)
    if all(0 <= s <= 1 for s in share):
        assert np.allclose(found, point, atol=1e-6)


def test_fine_voxels_do_not_make_endless_planes() -> None:
    volume = Volume(np.broadcast_to(np.uint8(1), (4000, 40, 4)), turned((0, 0, 30), (0.1, 0.1, 1)))
    assert max(patient_grid(volume, "axial").shape) <= MOST_PIXELS + 2
    with pytest.raises(ValueError, match="plane"):
        patient_grid(volume, "oblique")
