from __future__ import annotations

import numpy as np
import pytest

from acutance.core.volume import Volume
from acutance.session.thumbnail import make_thumbnail


def test_thumbnail_is_square_with_the_proportions_in_mm() -> None:
    array = np.full((20, 40, 10), 5, dtype=np.int16)
    array[0, 0, 0] = 0
    picture = make_thumbnail(Volume(array, np.diag([1.0, 1.0, 1.0, 1.0])), 48)
    assert picture.shape == (48, 48)
    assert picture.dtype == np.uint8
    columns = np.flatnonzero(picture.any(axis=0))
    rows = np.flatnonzero(picture.any(axis=1))
    assert (rows.size, columns.size) == (48, 24)


def test_thumbnail_shows_the_middle_slice_the_right_way_up() -> None:
    array = np.zeros((40, 40, 9), dtype=np.uint16)
    # Patient's right, front: radiological puts it at the top left.
    array[30:38, 30:38, 4] = 100
    picture = make_thumbnail(Volume(array, np.eye(4)), 40)
    rows, columns = np.nonzero(picture > 128)
    assert rows.mean() < 12
    assert columns.mean() < 12


def test_monochrome1_is_inverted() -> None:
    array = np.zeros((16, 16, 3), dtype=np.uint16)
    array[8:] = 10
    plain = make_thumbnail(Volume(array, np.eye(4)), 16)
    inverted = make_thumbnail(Volume(array, np.eye(4), facts={"photometric": "MONOCHROME1"}), 16)
    np.testing.assert_array_equal(inverted, 255 - plain)


def test_size_must_be_positive() -> None:
    with pytest.raises(ValueError, match="positive"):
        make_thumbnail(Volume(np.zeros((2, 2, 2)), np.eye(4)), 0)


def test_colour_is_shown_by_its_luma() -> None:
    array = np.zeros((8, 8, 1, 3), dtype=np.uint8)
    array[..., 1] = 200
    picture = make_thumbnail(Volume(array, np.eye(4)), 8)
    assert (picture == round(0.587 * 200)).all()
