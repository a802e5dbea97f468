"""Measuring, turning, colouring and picturing views, by mouse and keyboard."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QMessageBox

from acutance.core.measuring import length_mm, region_statistics
from acutance.core.turning import Turn
from acutance.qt.image_feature import ImageFeature
from acutance.qt.measuring_feature import MeasuringFeature
from acutance.qt.view_picture import FOOT, foot_text, picture_of
from acutance.qt.viewers.captions import corner_text
from acutance.qt.viewers.colour_maps import colour_table
from acutance.qt.viewers.lightbox import Lightbox
from acutance.session.appearance import COLOUR_MAPS
from acutance.session.tools import ANGLE, DISTANCE, ELLIPSE, MAGNIFIER

if TYPE_CHECKING:
    from pathlib import Path

Left = Qt.MouseButton.LeftButton


@pytest.fixture
def window(kit, open_scan, qtbot):
    window = open_scan(kit.ready_runner())
    # A verdict that comes between two pictures could move what they show.
    qtbot.waitUntil(lambda: window.session.active.result is not None)
    return window


@pytest.fixture
def view(window):
    return window.centre.grid.view("axial")


def feature(window, kind):
    return next(f for f in window.features if isinstance(f, kind))


def place(view, row: float, column: float) -> QPoint:
    rect, (rows, columns) = view.image_rect(), view.geometry_of_slice.size
    return QPointF(
        rect.left() + (column + 0.5) * rect.width() / columns,
        rect.top() + (row + 0.5) * rect.height() / rows,
    ).toPoint()


def drag(qtbot, view, start, end) -> None:
    qtbot.mousePress(view, Left, pos=place(view, *start))
    qtbot.mouseMove(view, place(view, *end))
    qtbot.mouseRelease(view, Left, pos=place(view, *end))


def words(window, view) -> str:
    text = corner_text(window.session, view.pane, view.geometry_of_slice, None, zoom=1.0)
    return " ".join(text.top_right)


def pixels(image: QImage) -> np.ndarray:
    grey = image.convertToFormat(QImage.Format.Format_Grayscale8)
    rows = np.frombuffer(grey.constBits(), np.uint8).reshape(grey.height(), grey.bytesPerLine())
    return rows[:, : grey.width()].copy()


def test_a_drag_measures_a_distance_and_undo_takes_it_away(window, view, qtbot) -> None:
    window.actions_[DISTANCE].trigger()
    drag(qtbot, view, (5, 4), (5, 14))
    (found,) = window.session.measurements.all
    assert length_mm(view.pane.volume, *found.points) == pytest.approx(20.0, abs=0.5)
    section = feature(window, MeasuringFeature).section
    assert section.is_open
    assert section.rows.item(0).text() == f"axial {view.index}: 20.0 mm"
    qtbot.waitUntil(lambda: section.plot is not None)
    window.actions_["undo"].trigger()
    assert window.session.measurements.all == ()
    window.actions_["redo"].trigger()
    window.actions_["remove_measurement"].trigger()
    assert window.session.history.undo_name == "remove distance"
    assert not window.actions_["remove_measurement"].isEnabled()


def test_a_point_is_taken_hold_of_and_moved_in_one_step(window, view, qtbot) -> None:
    window.actions_[DISTANCE].trigger()
    drag(qtbot, view, (5, 4), (5, 14))
    drag(qtbot, view, (5, 14), (5, 9))
    (found,) = window.session.measurements.all
    assert length_mm(view.pane.volume, *found.points) == pytest.approx(10.0, abs=0.5)
    assert window.session.history.names == ("distance", "move distance")


def test_three_clicks_are_an_angle_and_escape_forgets_two(window, view, qtbot) -> None:
    window.actions_[ANGLE].trigger()
    for at in ((4, 4), (14, 4)):
        qtbot.mouseClick(view, Left, pos=place(view, *at))
    view.setFocus()
    qtbot.keyClick(view, Qt.Key.Key_Escape)
    window.actions_[ANGLE].trigger()
    for at in ((4, 4), (14, 4), (14, 14)):
        qtbot.mouseClick(view, Left, pos=place(view, *at))
        qtbot.mouseMove(view, place(view, *at))
    (found,) = window.session.measurements.all
    assert found.kind == "angle"
    assert window.session.measurements.read(view.pane.volume, found) == pytest.approx(90, abs=2)


def test_a_region_tells_its_values_on_the_view_and_in_the_panel(window, view, qtbot) -> None:
    window.actions_[ELLIPSE].trigger()
    drag(qtbot, view, (6, 6), (16, 18))
    (found,) = window.session.measurements.all
    known = region_statistics(view.pane.volume, found)
    text = feature(window, MeasuringFeature).section.rows.item(0).text()
    assert f"{known.count} pixels, {known.area_mm2:.0f} mm²" in text
    assert f"SNR {known.snr:.1f}" in text
    assert "mean of the region" in feature(window, MeasuringFeature).section.message


def test_points_are_set_by_keyboard_and_a_row_leads_to_its_slice(window, view, qtbot) -> None:
    view.setFocus()
    qtbot.keyClick(view, Qt.Key.Key_D)
    qtbot.keyClick(view, Qt.Key.Key_Return, Qt.KeyboardModifier.AltModifier)
    for _ in range(3):
        qtbot.keyClick(view, Qt.Key.Key_Right, Qt.KeyboardModifier.AltModifier)
    qtbot.keyClick(view, Qt.Key.Key_Return, Qt.KeyboardModifier.AltModifier)
    (found,) = window.session.measurements.all
    assert length_mm(view.pane.volume, *found.points) == pytest.approx(6.0, abs=1e-6)
    window.session.step("axial", 4)
    rows = feature(window, MeasuringFeature).section.rows
    rows.setCurrentRow(-1)
    rows.setCurrentRow(0)
    assert view.index == found.index


def test_flips_and_turns_take_letters_along_and_say_so_until_reset(window, view) -> None:
    edges = view.geometry_of_slice.edges
    window.actions_["flip_horizontally"].trigger()
    assert view.geometry_of_slice.edges == (edges[1], edges[0], *edges[2:])
    assert "flipped" in words(window, view)
    window.actions_["turn_right"].trigger()
    assert view.geometry_of_slice.edges == (edges[3], edges[2], edges[1], edges[0])
    assert "turned 90°" in words(window, view)
    assert window.centre.grid.view("coronal").geometry_of_slice.edges[0] == "R"
    view.reset()
    assert view.geometry_of_slice.edges == edges
    assert "flipped" not in words(window, view)


def test_a_turned_view_is_its_straight_picture_turned(window, view) -> None:
    window.session.toggle_crosshair()
    view.pane.volume.array[:9] = 0  # one side is dark
    view._painter.clear()

    def middle() -> np.ndarray:
        square = min(view.width(), view.height()) // 3
        image = pixels(view.grab().toImage())
        y, x = image.shape[0] // 2, image.shape[1] // 2
        return image[y - square // 2 : y + square // 2, x - square // 2 : x + square // 2]

    straight = middle().astype(int)
    window.actions_["flip_horizontally"].trigger()
    flipped = middle().astype(int)
    assert np.abs(flipped - straight).max() > 10
    assert np.abs(flipped - straight[:, ::-1]).mean() < 4


def test_the_mosaic_is_turned_and_coloured_like_the_views(window, qtbot) -> None:
    window.actions_["layout_mosaic"].trigger()
    box = next(w for w in window.centre.grid.findChildren(Lightbox) if w.isVisible())
    before = pixels(box.grab().toImage())
    window.actions_["invert"].trigger()
    inverted = pixels(box.grab().toImage())
    assert np.abs(inverted.astype(int) - before).max() > 150
    window.session.appearance.set_turn(box.plane, Turn(quarters=1))
    assert (pixels(box.grab().toImage()) != inverted).any()


def test_inversion_exchanges_bright_and_dark(window, view) -> None:
    before = pixels(view.grab().toImage())
    y, x = before.shape[0] // 2 + 12, before.shape[1] // 2 + 12
    window.actions_["invert"].trigger()
    after = pixels(view.grab().toImage())
    assert abs(int(after[y, x]) - (255 - int(before[y, x]))) <= 2
    assert "inverted" in words(window, view)


@pytest.mark.parametrize("name", COLOUR_MAPS)
def test_every_colour_map_grows_brighter(name: str) -> None:
    table = colour_table(name)
    parts = np.stack([(table >> np.uint32(shift)) & np.uint32(255) for shift in (16, 8, 0)])
    luma = np.array([0.299, 0.587, 0.114]) @ parts
    assert table.shape == (256,)
    assert luma[-1] - luma[0] > 150
    assert np.diff(luma).min() > -1.0


def test_colours_and_slabs_are_chosen_in_menus_and_by_key(window, view) -> None:
    look = window.session.appearance
    window.actions_["next_colours"].trigger()
    assert look.colour_map == COLOUR_MAPS[1]
    image = view.grab().toImage()
    colour = image.pixelColor(image.width() // 2 + 12, image.height() // 2 + 12)
    assert colour.red() != colour.green()
    window.actions_["slab"].trigger()
    assert look.slab_mm == 10.0
    assert "maximum of 10 mm" in words(window, view)
    choices = feature(window, ImageFeature)._choices
    assert choices[10.0].isChecked()
    choices[0.0].trigger()
    assert not window.actions_["slab"].isChecked()
    choices["grey"].trigger()
    assert look.colour_map == "grey"


def test_the_magnifier_enlarges_and_leaves_the_view_as_it_was(window, view, qtbot) -> None:
    before = pixels(view.grab().toImage())
    window.actions_[MAGNIFIER].trigger()
    qtbot.mouseMove(view, place(view, 12, 12))
    during = pixels(view.grab().toImage())
    assert (during != before).mean() > 0.05
    qtbot.mouseClick(view, Left, pos=place(view, 8, 8))
    row, column = view.geometry_of_slice.to_pixel(
        tuple(np.linalg.inv(view.pane.volume.affine) @ [*view.pane.cursor, 1])[:3]
    )
    assert (round(row), round(column)) == (8, 8)


def test_a_picture_has_its_mark_and_no_name(window, view) -> None:
    with_name = picture_of(view, window.session, shows_name=True)
    without = picture_of(view, window.session)
    assert without.height() - round(view.height() * view.devicePixelRatioF()) == FOOT
    foot = pixels(without)[-FOOT:]
    assert (foot > 120).sum() > 60
    corner = (slice(0, 20), slice(0, 120))
    assert (pixels(with_name)[corner] != pixels(without)[corner]).any()
    view.set_overlay_visible(False)
    assert np.array_equal(pixels(picture_of(view, window.session)), pixels(without))
    assert foot_text(view, window.session) == "Not for diagnosis."


def test_a_view_is_copied_and_saved_but_never_over_its_source(window, view, tmp_path: Path) -> None:
    pictures = feature(window, ImageFeature).pictures
    window.actions_["copy_view"].trigger()
    assert QGuiApplication.clipboard().image().size() == pictures.picture.size()
    target = tmp_path / "view.png"
    pictures.save(target)
    assert QImage(str(target)).size() == pictures.picture.size()
    assert target.read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    folder = tmp_path / "folder.png"
    folder.mkdir()
    pictures.save(folder)
    (box,) = window.findChildren(QMessageBox)
    assert "folder" in box.text()
    box.close()


def test_the_lens_shows_what_layers_draw_and_nothing_of_them_beside_it(window, view, qtbot) -> None:
    class Layer:
        def draw(self, painter, _view, target) -> None:
            painter.setClipRect(target)
            painter.fillRect(target, Qt.GlobalColor.white)

        def draw_over(self, painter, _view, target) -> None:
            pass

    window.session.toggle_crosshair()
    view.layers.append(Layer())
    at = place(view, 12, 12)
    plain = pixels(view.grab().toImage())
    window.actions_[MAGNIFIER].trigger()
    qtbot.mouseMove(view, at)
    lens = pixels(view.grab().toImage())
    assert lens[at.y() + 40, at.x() + 30] == 255
    view.layers.clear()
    away = np.ones_like(plain, bool)
    away[max(0, at.y() - 95) : at.y() + 95, max(0, at.x() - 95) : at.x() + 95] = False
    away[:60] = away[-60:] = False  # corner text tells of the pointer and the tool
    assert np.array_equal(plain[away], lens[away])
