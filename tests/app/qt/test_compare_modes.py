from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage

from acutance.core.volume import Volume
from acutance.qt.viewers.compare_layer import CompareLayer, difference_pixels, round_up


def pixels(view):
    image = view.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    flat = np.frombuffer(image.constBits(), np.uint8)
    return flat.reshape(image.height(), image.width(), 4)[..., 2::-1].astype(int)


@pytest.fixture
def window(qtbot, open_scan, kit):
    """A scan of 900 everywhere, and a repeat of 300, one plane alone without text."""

    def read(item):
        value = 900 if item.title == "scan" else 300
        return kit.make_loaded(
            item, volume=Volume(np.full((24, 28, 20), value, np.int16), np.eye(4), unit="HU")
        )

    window = open_scan(kit.ready_runner(kit.make_item("scan"), kit.make_item("repeat"), read=read))
    for entry in reversed(window.session.entries):
        window.session.activate(entry.id)
    qtbot.waitUntil(lambda: all(e.loaded is not None for e in window.session.entries))
    window.actions_["layout_single"].trigger()
    window.session.toggle_crosshair()
    window.centre.set_overlay_visible(False)
    from acutance.core.window import Window

    window.session.set_window(Window(600.0, 1200.0))
    return window


def side_values(window):
    """Grey of the slice left and right of its middle, away from text."""
    view = window.centre.grid.view("axial")
    rect, picture = view.image_rect(), pixels(view)
    row = round(rect.center().y() + rect.height() / 8)
    left, right = (round(rect.left() + rect.width() * x) for x in (0.3, 0.7))
    return picture[row, left], picture[row, right]


def test_swipe_shows_the_series_left_and_the_other_right_of_the_handle(qtbot, window):
    window.actions_["compare_swipe"].trigger()
    left, right = side_values(window)
    assert left[0] == pytest.approx(191, abs=3)
    assert right[0] == pytest.approx(64, abs=3)
    view = window.centre.grid.view("axial")
    rect, button = view.image_rect(), Qt.MouseButton.LeftButton
    edge = QPoint(round(rect.center().x()) + 2, round(rect.top() + 30))
    qtbot.mousePress(view, button, pos=edge)
    qtbot.mouseMove(view, QPoint(round(rect.left() + rect.width() * 0.9), edge.y()))
    qtbot.mouseRelease(view, button, pos=edge)
    assert window.session.comparing.swipe == pytest.approx(0.9, abs=0.01)
    assert side_values(window)[1][0] == pytest.approx(191, abs=3)
    window.actions_["compare_swipe"].trigger()
    assert window.session.comparing.mode == ""
    assert not window.actions_["compare_swipe"].isChecked()


def test_a_drag_away_from_the_handle_is_the_tool(qtbot, window):
    window.actions_["compare_swipe"].trigger()
    view = window.centre.grid.view("axial")
    before = window.session.cursor
    place = QPoint(round(view.image_rect().left()) + 20, round(view.image_rect().top()) + 20)
    qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=place)
    assert window.session.cursor != before
    assert window.session.comparing.swipe == 0.5


def test_difference_is_zero_centred_with_a_scale_in_the_unit(window):
    window.actions_["compare_difference"].trigger()
    left, _ = side_values(window)
    assert left[0] > 150 > left[2]  # above zero is orange
    layers = window.centre.grid.view("axial").layers
    layer = next(layer for layer in layers if isinstance(layer, CompareLayer))
    assert layer.limit == 1000.0
    window.session.activate(window.session.entries[1].id)
    left, _ = side_values(window)
    assert left[2] > 130 > left[0]


def test_checkerboard_shows_both(window):
    window.actions_["compare_checker"].trigger()
    view = window.centre.grid.view("axial")
    rect = view.image_rect().toRect().adjusted(4, 4, -4, -4)
    grey = pixels(view)[rect.top() : rect.bottom(), rect.left() : rect.right(), 0]
    shares = [np.mean(np.abs(grey - level) < 6) for level in (64, 191)]
    assert min(shares) > 0.35


def test_flicker_changes_by_itself_and_stops(qtbot, window):
    window.actions_["compare_flicker"].trigger()
    comparing = window.session.comparing
    first = side_values(window)[0][0]
    qtbot.waitUntil(lambda: comparing.shows_partner, timeout=3000)
    assert abs(side_values(window)[0][0] - first) > 60
    window.actions_["compare_flicker"].trigger()
    assert not comparing.shows_partner
    assert side_values(window)[0][0] == first


def test_before_is_shown_while_b_is_held(qtbot, window):
    view = window.centre.grid.view("axial")
    view.setFocus()
    qtbot.keyPress(view, Qt.Key.Key_B)
    assert side_values(window)[0][0] == pytest.approx(64, abs=3)
    qtbot.keyRelease(view, Qt.Key.Key_B)
    assert side_values(window)[0][0] == pytest.approx(191, abs=3)


def test_side_by_side_goes_to_two_views_and_back(window):
    window.actions_["compare_side"].trigger()
    titles = [view.pane.entry.title for view in window.centre.grid.shown_views]
    assert titles == ["scan", "repeat"]
    window.actions_["compare_side"].trigger()
    assert window.centre.grid.layout_mode == "single"


def test_what_a_series_was_made_from_comes_before_its_neighbours_and_a_choice_before_both(kit):
    from acutance.session import Session

    session = Session()
    ids = session.add_items([kit.make_item(name) for name in "abcd"])
    for id in ids:
        session.set_loaded(id, kit.make_loaded(session.entry(id).item))
    comparing = session.comparing
    entry = session.entry(ids[2])
    assert comparing.partner_of(entry).id == ids[1]
    comparing.set_source(ids[2], ids[0])
    assert comparing.partner_of(entry).id == ids[0]
    comparing.choose(ids[3])
    assert comparing.partner_of(entry).id == ids[3]
    session.remove(ids[3])
    assert comparing.partner_of(entry).id == ids[0]


def test_series_of_two_frames_of_reference_are_not_compared(kit):
    from acutance.session import Session

    session = Session()
    ids = session.add_items([kit.make_item(name) for name in "ab"])
    for id, frame in zip(ids, "xy", strict=True):
        volume = replace(kit.make_volume(), facts={"frame_of_reference": frame})
        session.set_loaded(id, kit.make_loaded(session.entry(id).item, volume=volume))
    assert session.comparing.partner_of(session.entry(ids[0])) is None


def test_without_a_second_series_the_commands_are_off(open_scan):
    window = open_scan()
    assert not window.actions_["compare_swipe"].isEnabled()


def test_zero_is_black_and_what_is_not_there_is_grey():
    values = np.array([[0.0, 5.0, -5.0, np.nan]], np.float32)
    found = difference_pixels(values, 5.0).view(np.uint8).reshape(4, 4)[:, 2::-1].tolist()
    assert found == [[0, 0, 0], [255, 167, 50], [76, 180, 255], [24, 24, 24]]


@pytest.mark.parametrize(
    ("value", "rounded"), [(0.0, 0.0), (0.3, 0.5), (1.0, 1.0), (51.0, 100.0), (1.2e-3, 2e-3)]
)
def test_scales_end_at_a_round_number(value, rounded):
    assert round_up(value) == pytest.approx(rounded)
