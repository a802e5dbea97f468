"""Labels over a slice: where they are, in which colour, filled and outlined."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter

from acutance.core.label_map import Label, LabelMap
from acutance.core.segmentation import PALETTE
from acutance.core.slicing import drawn_view, slice_geometry
from acutance.qt.viewers.label_overlay import LabelOverlay, label_edges, label_pixels

TABLE = (Label(0, "background", (0, 0, 0)), Label(1, "one", (200, 100, 50)))


def painted(overlay: LabelOverlay, size: int = 80, **how) -> np.ndarray:
    image = QImage(size, size, QImage.Format.Format_RGB32)
    image.fill(0)
    painter = QPainter(image)
    overlay.draw(painter, QRectF(0, 0, size, size), **{"opacity": 1.0, "is_outlined": False} | how)
    painter.end()
    data = np.frombuffer(image.constBits(), np.uint8).reshape(size, size, 4)
    return data[..., 2::-1].astype(int)


@pytest.mark.parametrize("signs", [(1, 1, 1), (-1, 1, 1), (1, -1, 1), (-1, -1, -1)])
def test_a_label_lies_on_its_voxel_in_every_orientation(signs) -> None:
    array = np.zeros((8, 8, 3), np.uint8)
    array[6, 1, 1] = 1
    affine = np.diag([*map(float, signs), 1.0])
    geometry = slice_geometry(affine, array.shape, "axial")
    overlay = LabelOverlay()
    overlay.set_slice(LabelMap(array, TABLE), geometry, 1)
    picture = painted(overlay)
    row, column = geometry.to_pixel((6, 1, 1))
    there = picture[int(row) * 10 + 5, int(column) * 10 + 5]
    assert there.tolist() == [200, 100, 50]
    assert np.count_nonzero(picture.sum(axis=2)) == 100
    assert drawn_view(array, geometry)[1][int(row), int(column)] == 1


def test_opacity_hides_more_or_less() -> None:
    labels = np.array([[0, 1]], np.uint8)
    pixels = label_pixels(labels, LabelMap(labels[..., None], TABLE), 0.5)
    assert pixels.tolist() == [[[0, 0, 0, 0], [100, 50, 25, 128]]]


def test_an_outline_follows_the_border_and_leaves_the_inside() -> None:
    array = np.zeros((8, 8, 1), np.uint8)
    array[2:6, 2:6] = 1
    geometry = slice_geometry(np.eye(4), array.shape, "axial")
    overlay = LabelOverlay()
    overlay.set_slice(LabelMap(array, TABLE), geometry, 0)
    picture = painted(overlay, is_outlined=True)
    assert not picture[25:55, 25:55].any()
    assert picture[19:22, 40].max() >= 150
    assert not picture[:15].any()


def test_edges_of_a_mask_are_as_few_as_can_be() -> None:
    mask = np.zeros((4, 5), np.bool_)
    mask[1:3, 1:4] = True
    edges = {tuple(edge) for edge in label_edges(mask).tolist()}
    assert edges == {
        (1.0, 1.0, 4.0, 1.0),
        (1.0, 3.0, 4.0, 3.0),
        (1.0, 1.0, 1.0, 3.0),
        (4.0, 1.0, 4.0, 3.0),
    }
    assert len(label_edges(np.ones((3, 3), np.bool_))) == 4
    assert len(label_edges(np.zeros((3, 3), np.bool_))) == 0


def test_a_shared_border_has_the_colour_of_the_smaller_label() -> None:
    array = np.ones((8, 8, 1), np.uint8)
    array[3:5, 3:5] = 2
    table = (*TABLE, Label(2, "two", (0, 0, 255)))
    geometry = slice_geometry(np.eye(4), array.shape, "axial")
    for swapped in (array, np.where(array == 1, 2, 1).astype(np.uint8)):
        overlay = LabelOverlay()
        overlay.set_slice(LabelMap(swapped, table), geometry, 0)
        red, _, blue = painted(overlay, is_outlined=True)[30, 40]
        assert (blue > red) == (swapped is array)


def test_nothing_is_drawn_without_a_map() -> None:
    geometry = slice_geometry(np.eye(4), (8, 8, 1), "axial")
    overlay = LabelOverlay()
    overlay.set_slice(None, geometry, 0)
    assert not painted(overlay).any()


def test_colours_stay_apart_without_red_or_green_cones() -> None:
    # Viénot, Brettel, Mollon, Color Res. Appl. 24(4), 1999: protanopia and deuteranopia.
    colours = (np.array(PALETTE[:4]) / 255.0) ** 2.2
    to_lms = np.array(
        [[17.8824, 43.5161, 4.11935], [3.45565, 27.1554, 3.86714], [0.02996, 0.18431, 1.46709]]
    )
    protan = np.array([[0, 2.02344, -2.52581], [0, 1, 0], [0, 0, 1]])
    deutan = np.array([[1, 0, 0], [0.494207, 0, 1.24827], [0, 0, 1]])
    for loss in (np.eye(3), protan, deutan):
        seen = np.clip(colours @ (np.linalg.inv(to_lms) @ loss @ to_lms).T, 0, 1) ** (1 / 2.2)
        apart = [np.linalg.norm(seen[a] - seen[b]) for a in range(4) for b in range(a)]
        assert min(apart) > 0.12
