from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtWidgets import QApplication, QLabel

from acutance.core.ledger import Ledger, LoadedSeries
from acutance.core.volume import Volume
from acutance.qt.viewers import HistogramView, LinkedGrid

if TYPE_CHECKING:
    from types import SimpleNamespace

    from pytestqt.qtbot import QtBot


def make_grid(qtbot: QtBot, scan: SimpleNamespace) -> LinkedGrid:
    grid = LinkedGrid(scan.make_session())
    qtbot.addWidget(grid)
    grid.resize(600, 500)
    grid.show()
    return grid


def test_cells_lie_as_agreed_with_one_pixel_between(qtbot: QtBot, scan: SimpleNamespace) -> None:
    grid = make_grid(qtbot, scan)
    axial, sagittal, coronal = (view.geometry() for view in grid.views)
    assert axial.topLeft().toTuple() == (0, 0)
    assert sagittal.left() == axial.right() + 2
    assert coronal.top() == axial.bottom() + 2
    assert axial.width() > sagittal.width()
    assert axial.height() > coronal.height()
    assert grid.corner_widget.geometry().bottomRight().toTuple() == (599, 499)


def test_double_click_maximises_and_restores(qtbot: QtBot, scan: SimpleNamespace) -> None:
    grid = make_grid(qtbot, scan)
    coronal = grid.view("coronal")
    qtbot.mouseDClick(coronal, Qt.MouseButton.LeftButton)
    QApplication.processEvents()
    assert grid.layout_mode == "single"
    assert coronal.size() == grid.size()
    assert not grid.view("axial").isVisible()
    qtbot.mouseDClick(coronal, Qt.MouseButton.LeftButton)
    QApplication.processEvents()
    assert all(view.isVisible() for view in grid.views)
    assert coronal.height() < grid.height()


def test_all_views_follow_one_cursor(qtbot: QtBot, scan: SimpleNamespace) -> None:
    session = scan.make_session()
    grid = LinkedGrid(session)
    qtbot.addWidget(grid)
    grid.resize(500, 400)
    grid.show()
    QApplication.processEvents()
    painted = []
    for view in grid.views:
        view.painted.connect(lambda plane=view.plane: painted.append(plane))
    session.set_cursor((3.0, 4.0, 6.0))
    QApplication.processEvents()
    assert sorted(painted) == ["axial", "coronal", "sagittal"]


def test_tool_and_text_are_shared(qtbot: QtBot, scan: SimpleNamespace) -> None:
    grid = make_grid(qtbot, scan)
    with qtbot.waitSignal(grid.tool_changed) as told:
        grid.view("sagittal").tool = "window"
    assert told.args == ["window"]
    grid.view("coronal").set_overlay_visible(False)
    assert {view.tool for view in grid.views} == {"window"}
    assert {view.overlay_visible for view in grid.views} == {False}


def test_the_corner_takes_any_widget(qtbot: QtBot, scan: SimpleNamespace) -> None:
    grid = make_grid(qtbot, scan)
    assert isinstance(grid.corner_widget, HistogramView)
    label = QLabel("corner")
    grid.set_corner_widget(label)
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    QApplication.processEvents()
    assert label.isVisible()
    assert grid.corner_widget is label
    assert grid.findChildren(HistogramView) == []
    grid.set_layout_mode("single", "axial")
    assert not label.isVisible()


def test_an_unknown_layout_is_refused(qtbot: QtBot, scan: SimpleNamespace) -> None:
    grid = make_grid(qtbot, scan)
    with pytest.raises(ValueError, match="layout"):
        grid.set_layout_mode("single", "oblique")


def test_the_edge_of_the_histogram_band_sets_the_window(
    qtbot: QtBot, scan: SimpleNamespace
) -> None:
    session = scan.make_session()
    view = HistogramView(session)
    qtbot.addWidget(view)
    view.resize(300, 200)
    view.show()
    low, high = session.window.low, session.window.high
    edge = round(view._x(high))
    qtbot.mousePress(view, Qt.MouseButton.LeftButton, pos=QPoint(edge, 100))
    qtbot.mouseMove(view, QPoint(edge - 60, 100))
    qtbot.mouseRelease(view, Qt.MouseButton.LeftButton, pos=QPoint(edge - 60, 100))
    assert session.window.low == pytest.approx(low)
    assert session.window.high < high


def test_one_slice_is_shown_alone_until_a_volume_comes(qtbot: QtBot, scan: SimpleNamespace) -> None:
    session = scan.make_session()
    grid = LinkedGrid(session)
    qtbot.addWidget(grid)
    assert grid.layout_mode == "three"
    (first,) = (entry.id for entry in session.entries)
    (flat,) = session.add_items([scan.item])
    volume = Volume(np.zeros((8, 1, 9), np.uint8), scan.affine)
    session.set_loaded(flat, LoadedSeries(scan.item, volume, Ledger(1, 1)))
    session.activate(flat)
    # The second file axis points up: what is one slice thick along it is an axial slice.
    assert grid.layout_mode == "single"
    assert [view.plane for view in grid.views if not view.isHidden()] == ["axial"]
    session.activate(first)
    assert grid.layout_mode == "three"


def test_a_layout_the_user_chose_stays(qtbot: QtBot, scan: SimpleNamespace) -> None:
    session = scan.make_session()
    grid = LinkedGrid(session)
    qtbot.addWidget(grid)
    grid.set_layout_mode("single", "coronal")
    (flat,) = session.add_items([scan.item])
    session.set_loaded(flat, LoadedSeries(scan.item, scan.make_volume(), Ledger(1, 1)))
    session.activate(flat)
    assert [view.plane for view in grid.views if not view.isHidden()] == ["coronal"]
