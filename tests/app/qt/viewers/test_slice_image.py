from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from acutance.core.slicing import volume_geometry
from acutance.core.volume import Volume
from acutance.core.window import Window
from acutance.qt.viewers.slice_image import SliceImage

if TYPE_CHECKING:
    from acutance.core.affine import Plane

WINDOWS = (Window(-1000.0, 300.0), Window(40.0, 900.0, function="sigmoid"))


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("plane", ["axial", "coronal", "sagittal"])
@pytest.mark.parametrize("photometric", ["MONOCHROME1", "MONOCHROME2"])
def test_stored_integers_have_the_pixels_of_their_real_values(
    plane: Plane, order: str, photometric: str
) -> None:
    draws = np.random.default_rng(3)
    stored = np.asarray(draws.integers(-500, 3000, (12, 15, 9)), np.int16, order=order)  # type: ignore[call-overload]
    volume = Volume(stored, np.diag([1.0, -1.0, 1.0, 1.0]), slope=0.5, intercept=-1024.0)
    volume = replace(volume, facts={"photometric": photometric})
    floats = replace(volume, array=volume.to_real(stored), slope=1.0, intercept=0.0)
    by_table, by_value = SliceImage(), SliceImage()
    for index in (2, 3):
        for window in WINDOWS:
            for image, shown in ((by_table, volume), (by_value, floats)):
                image.set_slice(shown, volume_geometry(shown, plane), index)
                image.set_window(window, "hot", exchanges=index == 3)
            np.testing.assert_array_equal(by_table._pixels, by_value._pixels)
    np.testing.assert_array_equal(volume.array, stored)
