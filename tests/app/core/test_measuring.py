"""Measurements with answers known beforehand, and against second implementations."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from acutance.core.measuring import (
    Measurement,
    angle_deg,
    length_mm,
    profile,
    region_mask,
    region_statistics,
)
from acutance.core.slab import extract_slab, slab_range
from acutance.core.slicing import volume_geometry
from acutance.core.volume import Volume

AFFINE = np.diag([2.0, 0.5, 3.0, 1.0])


def volume(array: np.ndarray, **facts: object) -> Volume:
    return Volume(array, AFFINE, **facts)


ZEROS = volume(np.zeros((20, 30, 4), np.int16))


def test_distances_are_in_mm_whatever_the_voxels() -> None:
    assert length_mm(ZEROS, (0, 0, 1), (3, 16, 1)) == pytest.approx(10.0)
    unknown = volume(ZEROS.array, spacing_known=False)
    assert length_mm(unknown, (0, 0, 1), (3, 4, 1)) == pytest.approx(5.0)


def test_angles_are_those_of_space_not_of_the_grid() -> None:
    # 4 mm along i and 4 mm along j from the corner: a right angle; half of it to the diagonal.
    points = ((2.0, 0.0, 0.0), (0.0, 0.0, 0.0), (0.0, 8.0, 0.0))
    assert angle_deg(ZEROS, points) == pytest.approx(90.0)
    assert angle_deg(ZEROS, (points[0], points[1], (2.0, 8.0, 0.0))) == pytest.approx(45.0)
    assert angle_deg(ZEROS, (points[0], points[1], points[0])) == pytest.approx(0.0, abs=1e-6)
    assert angle_deg(ZEROS, (points[1], points[1], points[0])) is None


@given(
    ends=st.tuples(*(st.floats(-3, 33) for _ in range(4))),
    kind=st.sampled_from(("ellipse", "rectangle")),
)
@settings(max_examples=40, deadline=None)
def test_a_region_holds_the_pixels_whose_centre_lies_inside(ends, kind) -> None:
    i0, j0, i1, j1 = ends
    region = Measurement(kind, 2, 1, ((i0, j0, 1.0), (i1, j1, 1.0)))
    mask = region_mask(ZEROS, region)
    for i in range(20):
        for j in range(30):
            u = abs(i - (i0 + i1) / 2) / max(abs(i1 - i0) / 2, 1e-9)
            v = abs(j - (j0 + j1) / 2) / max(abs(j1 - j0) / 2, 1e-9)
            way = u * u + v * v if kind == "ellipse" else max(u, v)
            if abs(way - 1.0) > 1e-6:
                assert mask[i, j] == (way < 1.0)


def test_statistics_are_those_of_numpy_in_real_world_values() -> None:
    rng = np.random.default_rng(3)
    scan = volume(rng.integers(0, 400, (20, 30, 4)).astype(np.int16), slope=2.0, intercept=-100.0)
    region = Measurement("rectangle", 0, 7, ((7, 4, 0), (7, 12, 3)))
    found = region_statistics(scan, region)
    values = scan.array[7, 4:13, 0:4] * 2.0 - 100.0
    assert found.count == values.size == 36
    assert found.area_mm2 == pytest.approx(36 * 0.5 * 3.0)
    assert found.mean == pytest.approx(values.mean())
    assert found.sd == pytest.approx(values.std(ddof=1))
    assert found.snr == pytest.approx(values.mean() / values.std(ddof=1))
    assert (found.low, found.high) == (values.min(), values.max())
    assert found.median == pytest.approx(np.median(values))


def test_what_is_no_number_does_not_count() -> None:
    array = np.ones((4, 4, 1), np.float32)
    array[1, 1] = np.nan
    found = region_statistics(volume(array), Measurement("rectangle", 2, 0, ((0, 0, 0), (2, 2, 0))))
    assert (found.count, found.mean, found.sd, found.snr) == (8, 1.0, 0.0, None)
    outside = Measurement("ellipse", 2, 0, ((-9, -9, 0), (-5, -5, 0)))
    assert region_statistics(volume(array), outside).mean is None


def test_a_profile_is_the_one_of_an_independent_interpolation() -> None:
    rng = np.random.default_rng(3)
    scan = volume(rng.integers(0, 400, (20, 30, 4)).astype(np.int16))
    line = Measurement("distance", 2, 2, ((1.5, 2.25, 2), (17.0, 28.5, 2)))
    way, values = profile(scan, line)
    share = np.linspace(0, 1, way.size)
    at = np.array([1.5 + 15.5 * share, 2.25 + 26.25 * share])
    known = ndimage.map_coordinates(scan.array[:, :, 2].astype(float), at, order=1)
    assert np.allclose(values, known)
    assert way[-1] == pytest.approx(length_mm(scan, *line.points))
    beyond = Measurement("distance", 2, 2, ((1.0, 2.0, 2), (1.0, 60.0, 2)))
    assert np.isnan(profile(scan, beyond)[1][-1])
    assert np.isfinite(profile(scan, beyond)[1][0])


def test_a_measurement_needs_its_points() -> None:
    with pytest.raises(ValueError, match="2 finite points"):
        Measurement("distance", 2, 0, ((0, 0, 0),))
    with pytest.raises(ValueError, match="3 finite points"):
        Measurement("angle", 2, 0, ((0, 0, 0), (0, np.inf, 0), (1, 1, 1)))


@pytest.mark.parametrize("slope", [2.0, -2.0])
def test_a_slab_shows_the_largest_value(slope: float) -> None:
    rng = np.random.default_rng(8)
    scan = volume(rng.integers(-90, 90, (6, 5, 9)).astype(np.int16), slope=slope, intercept=1.0)
    geometry = volume_geometry(scan, "axial")
    found = extract_slab(scan, geometry, 4, 9.0)
    real = scan.array[:, :, 3:6] * slope + 1.0
    known = real.max(axis=2)
    turned = known.T[::-1, ::-1] if geometry.flip_columns and geometry.flip_rows else None
    assert turned is not None
    assert np.allclose(found, turned)


def test_a_slab_is_thinner_at_the_ends_and_holds_at_least_its_slice() -> None:
    geometry = volume_geometry(ZEROS, "axial")
    assert slab_range(geometry, 3.0, 0, 9.0) == range(2)
    assert slab_range(geometry, 3.0, 2, 0.1) == range(2, 3)
    with pytest.raises(IndexError):
        extract_slab(ZEROS, geometry, 4, 9.0)
