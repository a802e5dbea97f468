from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from acutance.core.affine import to_world
from acutance.core.space import clamped, frame_key, is_inside, middle_of, on_slice, slice_at
from acutance.core.volume import Volume

OBLIQUE = np.array([[1.8, 0.4, 0, -20], [-0.4, 1.8, 0.1, 5], [0, -0.1, 2.5, 7], [0, 0, 0, 1.0]])


def make_volume(affine: np.ndarray = OBLIQUE, **facts: object) -> Volume:
    return Volume(np.zeros((9, 8, 7), np.uint8), affine, facts=dict(facts))


def test_a_stated_frame_of_reference_decides_whatever_the_grid() -> None:
    shifted = OBLIQUE + np.diag([0, 0, 0, 0.0])
    shifted[0, 3] = 40.0
    one, other = make_volume(frame_of_reference="a"), make_volume(shifted, frame_of_reference="a")
    assert frame_key(one) == frame_key(other)
    assert frame_key(one) != frame_key(make_volume(frame_of_reference="b"))


def test_without_one_only_the_same_grid_is_the_same_space() -> None:
    shifted = OBLIQUE.copy()
    shifted[2, 3] += 0.5
    assert frame_key(make_volume()) == frame_key(make_volume())
    assert frame_key(make_volume()) != frame_key(make_volume(shifted))
    cut = replace(make_volume(), array=np.zeros((9, 8, 6), np.uint8))
    assert frame_key(make_volume()) != frame_key(cut)
    assert frame_key(make_volume()) != frame_key(make_volume(frame_of_reference="a"))


def test_points_are_clamped_to_voxel_centres() -> None:
    volume = make_volume()
    inside = to_world(volume.affine, (3.25, 4.0, 2.0))
    assert clamped(volume, inside) == inside
    outside = to_world(volume.affine, (12.0, 4.0, -3.0))
    assert clamped(volume, outside) == pytest.approx(to_world(volume.affine, (8.0, 4.0, 0.0)))
    assert is_inside(volume, inside)
    assert not is_inside(volume, outside)


def test_a_point_on_a_slice_keeps_its_place_in_the_plane() -> None:
    volume = make_volume()
    point = to_world(volume.affine, (3.25, 4.5, 2.0))
    moved = on_slice(volume, "axial", 5, point)
    assert slice_at(volume, "axial", moved) == 5
    assert moved == pytest.approx(to_world(volume.affine, (3.25, 4.5, 5.0)))
    assert slice_at(volume, "axial", on_slice(volume, "axial", 99, point)) == 6
    assert middle_of(volume) == pytest.approx(to_world(volume.affine, (4, 4, 3)))
