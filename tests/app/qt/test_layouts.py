from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt

from acutance.core.ledger import ExtraAxis
from acutance.qt.layout_feature import LAYOUT_COMMANDS, LayoutFeature
from acutance.qt.viewers.layouts import COLUMNS, ROWS, layout_of


def load_all(qtbot, window):
    """Read every series, and look at the first again."""
    for entry in reversed(window.session.entries):
        window.session.activate(entry.id)
    qtbot.waitUntil(lambda: all(e.loaded is not None for e in window.session.entries))
    qtbot.waitUntil(lambda: not window.controller.jobs)


@pytest.fixture
def open_two(qtbot, open_scan, kit):
    def open_them(**answers):
        runner = kit.ready_runner(kit.make_item("scan"), kit.make_item("repeat"), **answers)
        window = open_scan(runner)
        load_all(qtbot, window)
        return window

    return open_them


@pytest.mark.parametrize("mode", LAYOUT_COMMANDS.values())
@pytest.mark.parametrize("k_space", [False, True])
def test_no_two_cells_of_a_layout_overlap(mode, k_space):
    layout = layout_of(mode, "coronal", k_space=k_space)
    taken = [
        (r, c)
        for row, column, rows, columns in layout.cells.values()
        for r in range(row, row + rows)
        for c in range(column, column + columns)
    ]
    assert len(taken) == len(set(taken))
    assert max(r for r, _ in taken) < ROWS
    assert max(c for _, c in taken) < COLUMNS
    assert ("k-space" in layout.cells) == k_space


@pytest.mark.parametrize(
    ("command", "planes", "count"),
    [
        ("layout_single", ["axial"], 1),
        ("layout_three", ["axial", "sagittal", "coronal"], 3),
        ("layout_large", ["axial", "sagittal", "coronal"], 3),
        ("layout_pair", ["axial", "axial"], 2),
        ("layout_four", ["axial", "axial", "sagittal", "coronal"], 4),
        ("layout_mosaic", [], 0),
    ],
)
def test_each_layout_shows_its_views_and_is_remembered(open_two, command, planes, count):
    window = open_two()
    window.actions_[command].trigger()
    grid = window.centre.grid
    assert [view.plane for view in grid.shown_views] == planes
    assert all(view.width() > 90 for view in grid.shown_views)
    assert grid.lightbox.isHidden() == (command != "layout_mosaic")
    assert window.settings.layout == LAYOUT_COMMANDS[command]
    checked = [id for id in LAYOUT_COMMANDS if window.actions_[id].isChecked()]
    assert checked == [command]


def test_two_series_side_by_side_scroll_together(qtbot, open_two):
    window = open_two()
    window.actions_["layout_pair"].trigger()
    first, second = window.centre.grid.shown_views
    assert [v.pane.entry.title for v in (first, second)] == ["scan", "repeat"]
    second.pane.set_slice(4)
    assert first.index == 4
    window.actions_["link_views"].trigger()
    second.pane.set_slice(9)
    assert (first.index, second.index) == (4, 9)


def test_the_view_with_the_keyboard_has_the_active_series(qtbot, open_two):
    window = open_two()
    window.actions_["layout_pair"].trigger()
    _, second = window.centre.grid.shown_views
    qtbot.mouseClick(second, Qt.MouseButton.LeftButton, pos=QPoint(40, 40))
    assert window.session.active.title == "repeat"
    cursor = window.session.cursor
    window.session.activate(window.session.entries[0].id)
    assert window.session.cursor == cursor


def test_a_double_click_fills_the_grid_with_one_of_two_and_gives_it_back(open_two):
    window = open_two()
    window.actions_["layout_pair"].trigger()
    first, second = window.centre.grid.shown_views
    second.maximise_requested.emit("axial")
    assert window.centre.grid.shown_views == (second,)
    second.maximise_requested.emit("axial")
    assert window.centre.grid.shown_views == (first, second)


def test_one_plane_alone_goes_back_to_the_layout_before(open_two):
    window = open_two()
    window.actions_["layout_large"].trigger()
    grid = window.centre.grid
    grid.view("coronal").maximise_requested.emit("coronal")
    assert [view.plane for view in grid.shown_views] == ["coronal"]
    grid.view("coronal").maximise_requested.emit("coronal")
    assert grid.layout_mode == "large"


def test_a_view_offers_every_series_and_every_link(open_two):
    window = open_two()
    feature = next(f for f in window.features if isinstance(f, LayoutFeature))
    view = window.centre.grid.view("coronal")
    menu = feature.menu.menu_for(view)
    series, links = (action.menu() for action in menu.actions()[:2])
    assert [a.text() for a in series.actions()] == ["The active series", "scan", "repeat"]
    series.actions()[2].trigger()
    assert view.pane.entry.title == "repeat"
    assert [a.isChecked() for a in links.actions()] == [True] * 5
    links.actions()[0].trigger()
    assert "scroll" not in view.pane.links
    menu.deleteLater()


def test_closing_a_series_empties_its_view_until_another_is_chosen(open_two):
    window = open_two()
    window.actions_["layout_pair"].trigger()
    second = window.centre.grid.shown_views[1]
    window.session.remove(second.pane.series)
    assert second.pane.volume is None
    assert not second.grab().isNull()


def test_time_is_linked_between_series_of_the_same_axes(qtbot, open_scan, kit):
    time = (ExtraAxis("time", 5),)
    items = [replace(kit.make_item(name), extra_axes=time) for name in ("one", "two")]
    window = open_scan(kit.ready_runner(*items))
    load_all(qtbot, window)
    window.actions_["layout_pair"].trigger()
    window.centre.positions.position_requested.emit(window.session.entries[0].id, (3,))
    qtbot.waitUntil(
        lambda: [e.loaded.item.position for e in window.session.entries] == [(3,), (3,)]
    )


def test_the_mosaic_holds_the_slice_at_the_cursor(qtbot, open_two):
    window = open_two()
    window.actions_["layout_mosaic"].trigger()
    box = window.centre.grid.lightbox
    box.resize(500, 300)
    box.set_columns(4)
    for index in range(20):
        window.session.set_slice("axial", index)
        assert index in box.slices()
        assert len(set(box.slices())) == len(box.slices())
    place = next(cell for n, cell in box._cells() if n == box.slices()[1])
    qtbot.mouseClick(box, Qt.MouseButton.LeftButton, pos=place.center())
    assert window.session.slice_index("axial") == box.slices()[1]
    qtbot.keyClick(box, Qt.Key.Key_Plus)
    assert box.columns == 3
    qtbot.keyClick(box, Qt.Key.Key_Return)
    assert window.centre.grid.layout_mode == "single"
