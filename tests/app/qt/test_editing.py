"""Editing labels in the window: by mouse and keyboard, undone by name, exported with the mark."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QMessageBox, QPushButton

from acutance.core.label_map import Label
from acutance.core.quality import ModelFacts
from acutance.core.segmentation import SegmentationResult, colour_of, label_statistics
from acutance.core.segmentation_export import CSV, JSON, NIFTI, SEG, RegionsWritten
from acutance.errors import DeviceMemoryError, ExportError
from acutance.qt.dialogs.files_dialog import FilesDialog
from acutance.qt.editing_feature import EditingFeature
from acutance.session.tools import BRUSH, ERASER, FILL

if TYPE_CHECKING:
    from pathlib import Path

    from pytestqt.qtbot import QtBot

NAMES = ("background", "CSF", "grey matter", "white matter")
TABLE = tuple(Label(n, name, colour_of(n)) for n, name in enumerate(NAMES))
Button, Modifier = Qt.MouseButton, Qt.KeyboardModifier


def made_of(volume) -> SegmentationResult:
    array = np.zeros((3, *volume.shape), np.uint8)
    array[:2, 6:18, 6:20, 4:16] = 3
    stats = label_statistics(volume, array[0], TABLE)
    values = (0.1,) * volume.shape[2]
    facts = ModelFacts("r2unet-test", "1", "ab" * 32)
    return SegmentationResult(array, TABLE, "axial", values, stats, (), facts, "cpu")


@pytest.fixture
def window(kit, open_scan, qtbot: QtBot):
    runner = kit.ready_runner(segmentation=lambda request: made_of(request.volume))
    window = open_scan(runner)
    with qtbot.waitSignal(window.controller.job_ended):
        window.actions_["segment"].trigger()
    return window


def place(window, row: float, column: float) -> QPoint:
    """Return where a pixel of the axial slice is drawn."""
    view = window.centre.grid.view("axial")
    rect, (rows, columns) = view.image_rect(), view.geometry_of_slice.size
    return QPointF(
        rect.left() + (column + 0.5) * rect.width() / columns,
        rect.top() + (row + 0.5) * rect.height() / rows,
    ).toPoint()


def shown(window) -> np.ndarray:
    """Return the axial slice of the labels as it is drawn."""
    from acutance.core.slicing import drawn_view

    view = window.centre.grid.view("axial")
    return drawn_view(window.session.labels.label_map.array, view.geometry_of_slice)[view.index]


def stroke(window, qtbot, start, end, modifier=Modifier.NoModifier) -> None:
    view = window.centre.grid.view("axial")
    qtbot.mousePress(view, Button.LeftButton, modifier, place(window, *start))
    qtbot.mouseMove(view, place(window, *end))
    qtbot.mouseRelease(view, Button.LeftButton, modifier, place(window, *end))


def test_a_stroke_paints_and_undo_and_redo_lead_back_and_forth(window, qtbot) -> None:
    actions, labels = window.actions_, window.session.labels
    actions[BRUSH].trigger()
    labels.choose_label(2)
    labels.set_radius(2.0)
    original = labels.label_map.array.tobytes()
    cursor = window.session.cursor
    stroke(window, qtbot, (10, 8), (10, 14))
    assert (shown(window)[10, 8:15] == 2).all()
    assert window.session.cursor == cursor
    assert actions["undo"].text() == "Undo: brush, grey matter"
    painted = labels.label_map.array.tobytes()
    actions["undo"].trigger()
    assert labels.label_map.array.tobytes() == original
    assert window.status_line.notice == "Undone: brush, grey matter"
    assert not actions["undo"].isEnabled()
    actions["redo"].trigger()
    assert labels.label_map.array.tobytes() == painted
    actions["undo"].trigger()
    view = window.centre.grid.view("axial")
    qtbot.keyClick(view, Qt.Key.Key_Y, Modifier.ControlModifier)
    assert labels.label_map.array.tobytes() == painted


def test_the_eraser_and_ctrl_with_the_brush_take_labels_away(window, qtbot) -> None:
    window.session.labels.set_radius(1.0)
    window.actions_[ERASER].trigger()
    assert not window.actions_[BRUSH].isChecked()
    stroke(window, qtbot, (12, 10), (12, 10))
    assert shown(window)[12, 10] == 0
    window.actions_[BRUSH].trigger()
    stroke(window, qtbot, (14, 10), (14, 10), Modifier.ControlModifier)
    assert shown(window)[14, 10] == 0
    assert window.session.history.names == ("eraser", "eraser")


def test_a_fill_floods_one_slice_and_alt_takes_a_label(window, qtbot) -> None:
    labels, view = window.session.labels, window.centre.grid.view("axial")
    window.actions_[FILL].trigger()
    labels.choose_label(1)
    before = labels.label_map.array.copy()
    stroke(window, qtbot, (12, 10), (12, 10))
    changed = labels.label_map.array != before
    axis = view.geometry_of_slice.axis
    assert np.flatnonzero(changed.any(tuple(a for a in range(3) if a != axis))).size == 1
    assert set(np.unique(shown(window))) == {0, 1}
    view_place = place(window, 12, 10)
    labels.choose_label(3)
    qtbot.mouseClick(view, Button.LeftButton, Modifier.AltModifier, view_place)
    assert labels.label == 1


def test_numbers_and_mark_follow_an_edit(window, qtbot) -> None:
    section, labels = window.segmentation, window.session.labels
    swatch, volume, median = section._rows[3]
    assert swatch.isChecked() is False
    swatch.click()
    assert labels.label == 3
    before = float(volume.text())
    window.actions_[FILL].trigger()
    with qtbot.waitSignal(window.centre.grid.view("axial").painted):
        stroke(window, qtbot, (1, 1), (1, 1))
    assert float(volume.text()) > before
    assert median.text() == "…"
    assert "Edited by hand: 1 edit" in section.message
    qtbot.waitUntil(lambda: median.text() != "…", timeout=5000)
    whole = label_statistics(window.session.active_volume, labels.label_map.array, TABLE)
    assert median.text() == f"{whole[2].median:.4g}"
    assert volume.text() == f"{whole[2].volume_ml:.1f}"
    window.actions_["undo"].trigger()
    assert "Edited" not in section.message
    assert float(volume.text()) == before


def test_everything_can_be_done_by_keyboard(window, qtbot) -> None:
    view, labels = window.centre.grid.view("axial"), window.session.labels
    view.setFocus()
    for key in ("P",):
        qtbot.keyClick(view, key)
    assert window.session.tools.current == BRUSH
    assert "brush: CSF" in _corner(window)
    qtbot.keyClick(view, Qt.Key.Key_Down, Modifier.AltModifier | Modifier.ShiftModifier)
    assert labels.label == 2
    radius = labels.radius
    window.actions_["smaller_brush"].trigger()
    assert labels.radius < radius
    labels.set_radius(0.5)
    row, column = view.geometry_of_slice.to_pixel((12, 14, 10))
    qtbot.keyClick(view, Qt.Key.Key_Right, Modifier.AltModifier)
    qtbot.keyClick(view, Qt.Key.Key_Return, Modifier.AltModifier)
    assert shown(window)[int(row), int(column) + 1] == 2
    assert "labels edited" in _corner(window)
    qtbot.keyClick(view, Qt.Key.Key_Escape)
    assert window.session.tools.current == ""
    window.actions_["use_tool"].trigger()
    assert "Take a tool" in window.status_line.notice


def _corner(window) -> str:
    from acutance.qt.viewers.captions import corner_text

    view = window.centre.grid.view("axial")
    text = corner_text(window.session, view.pane, view.geometry_of_slice, None, zoom=1.0)
    return " ".join(text.top_right)


def test_shift_and_the_wheel_change_the_brush_and_not_the_slice(window) -> None:
    view, labels = window.centre.grid.view("axial"), window.session.labels
    window.actions_[BRUSH].trigger()
    index, radius = view.index, labels.radius
    event = QWheelEvent(
        QPointF(50, 50), QPointF(50, 50), QPoint(), QPoint(0, 120), Button.NoButton,
        Modifier.ShiftModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(view, event)
    assert labels.radius > radius
    assert view.index == index


def test_a_new_segmentation_asks_before_it_takes_the_place_of_edits(window, qtbot) -> None:
    window.actions_[FILL].trigger()
    stroke(window, qtbot, (1, 1), (1, 1))
    window.actions_["segment"].trigger()
    (box,) = window.findChildren(QMessageBox)
    assert "edited by hand (1)" in box.text()
    assert len([j for j in window.runner.jobs if j.task == "segmentation"]) == 1
    again = next(b for b in box.findChildren(QPushButton) if b.text() == "Segment again")
    with qtbot.waitSignal(window.controller.job_ended):
        again.click()
    assert not window.session.labels.is_edited
    assert window.session.history.names == ()


def test_a_failed_new_segmentation_leaves_the_edits(window, qtbot) -> None:
    def fail(_request):
        raise DeviceMemoryError("Too little memory.", remedy="Close programs.")

    window.actions_[FILL].trigger()
    stroke(window, qtbot, (1, 1), (1, 1))
    window.runner.answers["segmentation"] = fail
    with qtbot.waitSignal(window.controller.job_ended):
        window.segmenter.segment(overwrites=True)
    assert window.session.labels.is_edited
    assert "Too little memory" in window.status_line.notice


def test_an_export_carries_the_edits_of_now(window, qtbot, tmp_path: Path) -> None:
    window.actions_[FILL].trigger()
    stroke(window, qtbot, (1, 1), (1, 1))
    window.actions_["export_segmentation"].trigger()
    (dialog,) = window.findChildren(FilesDialog)
    assert not dialog.kinds[SEG].isEnabled()
    assert dialog.chosen == (NIFTI, CSV, JSON)
    for box in dialog.kinds.values():
        box.setChecked(False)
    assert not dialog.choose.isEnabled()
    dialog.kinds[CSV].setChecked(True)
    dialog.begin(str(tmp_path))
    (job,) = window.runner.running("export")
    request = window.runner.requests[-1]
    assert (request.kinds, request.folder, request.edits.count) == ((CSV,), tmp_path, 1)
    assert request.edits.tools == ("fill",)
    saved = request.labels.copy()
    window.actions_["undo"].trigger()
    assert np.array_equal(request.labels, saved)
    window.runner.begin(job)
    with qtbot.waitSignal(window.controller.job_ended):
        window.runner.finish(job, RegionsWritten(str(tmp_path), ("a.csv",)))
    assert window.status_line.notice == f"1 file written: {tmp_path}"


def test_what_could_not_be_exported_is_told_with_the_remedy(window, qtbot, tmp_path) -> None:
    feature = next(f for f in window.features if isinstance(f, EditingFeature))
    feature.exporter.export(tmp_path, (CSV,))
    assert window.runner.requests[-1].labels is None
    (job,) = window.runner.running("export")
    window.runner.begin(job)
    with qtbot.waitSignal(window.controller.job_ended):
        window.runner.finish(job, error=ExportError("No room.", remedy="Make some."))
    (box,) = window.findChildren(QMessageBox)
    assert "Make some." in box.informativeText()
    box.close()


def test_tools_wait_for_labels(kit, open_scan) -> None:
    window = open_scan(kit.ready_runner())
    for id in (BRUSH, ERASER, FILL, "export_segmentation", "undo", "redo"):
        assert not window.actions_[id].isEnabled()
