from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import map_coordinates

from acutance.core.affine import PLANES
from acutance.core.regridding import same_grid, share_space, slice_on_grid
from acutance.core.slicing import extract_slice, volume_geometry
from acutance.core.volume import Volume

TURNED = np.array([[1.4, 0.3, 0.1, -6], [-0.3, 1.6, 0, 2], [0, 0.2, 2.1, -4], [0, 0, 0, 1.0]])


def make_volume(affine: np.ndarray, shape: tuple[int, int, int], **facts: object) -> Volume:
    draws = np.random.default_rng(3).integers(0, 500, shape).astype(np.int16)
    return Volume(draws, affine, slope=2.0, intercept=-10.0, facts=dict(facts))


def test_on_its_own_grid_a_slice_is_the_slice() -> None:
    volume = make_volume(TURNED, (9, 8, 7))
    geometry = volume_geometry(volume, "coronal")
    assert np.array_equal(
        slice_on_grid(volume, volume, geometry, 3), extract_slice(volume, geometry, 3)
    )


@pytest.mark.parametrize("plane", PLANES)
def test_values_between_voxels_are_those_of_scipy(plane: str) -> None:
    source, grid = make_volume(TURNED, (14, 12, 11)), make_volume(np.eye(4), (9, 8, 7))
    geometry = volume_geometry(grid, plane)
    index = geometry.count // 2
    found = slice_on_grid(source, grid, geometry, index)
    assert found.shape == geometry.size
    to_source = np.linalg.inv(source.affine) @ grid.affine
    for row, column in np.ndindex(*geometry.size):
        place = to_source[:3, :3] @ geometry.to_index(row, column, index) + to_source[:3, 3]
        last = np.array(source.shape) - 1
        if np.any(place < -0.5) or np.any(place > last + 0.5):
            assert np.isnan(found[row, column])
            continue
        expected = map_coordinates(
            source.array.astype(float), np.clip(place, 0, last)[:, None], order=1, mode="nearest"
        )[0]
        assert found[row, column] == pytest.approx(2 * expected - 10, abs=0.02)


def test_a_slice_that_is_not_there_is_refused() -> None:
    source, grid = make_volume(TURNED, (9, 8, 7)), make_volume(np.eye(4), (9, 8, 7))
    with pytest.raises(IndexError):
        slice_on_grid(source, grid, volume_geometry(grid, "axial"), 7)


def test_two_stated_frames_of_reference_share_no_space() -> None:
    one, other = (make_volume(TURNED, (4, 4, 4), frame_of_reference=f) for f in "ab")
    assert not share_space(one, other)
    assert share_space(one, make_volume(np.eye(4), (4, 4, 4)))
    assert same_grid(one, other)
