"""Deciding about a series in the window, beside the prediction."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt

from acutance.core.report_export import ReportWritten
from acutance.core.review import Decision
from acutance.qt.dialogs.files_dialog import FilesDialog
from acutance.qt.review_feature import ReviewFeature

if TYPE_CHECKING:
    from pathlib import Path

Ctrl = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def window(kit, open_scan, qtbot):
    window = open_scan(kit.ready_runner())
    qtbot.waitUntil(lambda: window.session.active.result is not None)
    return window


def panel_of(window):
    return next(f for f in window.features if isinstance(f, ReviewFeature)).panel


def test_three_keys_decide_and_leave_the_prediction_alone(window, qtbot) -> None:
    view, reviews = window.centre.grid.view("axial"), window.session.reviews
    predicted = window.session.active.result
    view.setFocus()
    for key, decision in ((Qt.Key.Key_1, Decision.ACCEPT), (Qt.Key.Key_3, Decision.REPEAT)):
        qtbot.keyClick(window, key, Ctrl)
        assert reviews.active.decision is decision
        assert panel_of(window).buttons[decision].isChecked()
    assert window.session.active.result is predicted
    assert window.quality.word == "Usable"
    assert reviews.active.predicted == "usable"
    assert reviews.active.predicted_ssim == predicted.ssim_pred
    assert panel_of(window).told == "Other than predicted."
    assert window.status_line.notice == "Decided: Repeat"


def test_reason_and_note_are_kept_and_every_step_is_undone(window, qtbot) -> None:
    panel, reviews, history = panel_of(window), window.session.reviews, window.session.history
    assert not panel.note.isVisible()
    panel.buttons[Decision.ACCEPT_WITH_NOTE].click()
    assert panel.note.isVisible()
    panel.reason.setCurrentIndex(1)
    panel.reason.activated.emit(1)
    qtbot.keyClicks(panel.note, "moved at the end")
    panel.note.editingFinished.emit()
    assert reviews.active.words == "Accept with note: Patient motion: moved at the end"
    assert history.names == (
        "decision, accept with note",
        "reason of the decision",
        "note to the decision",
    )
    window.actions_["repeat"].trigger()
    assert reviews.active.words == "Repeat: Patient motion: moved at the end"
    for _ in range(4):
        window.actions_["undo"].trigger()
    assert reviews.active is None
    assert not any(button.isChecked() for button in panel.buttons.values())
    for _ in range(4):
        window.actions_["redo"].trigger()
    assert reviews.active.decision is Decision.REPEAT
    assert panel.note.text() == "moved at the end"


def test_a_second_press_takes_the_decision_back(window) -> None:
    panel, reviews = panel_of(window), window.session.reviews
    panel.buttons[Decision.ACCEPT].click()
    panel.buttons[Decision.ACCEPT].click()
    assert reviews.active is None
    assert window.session.history.undo_name == "withdraw decision"
    window.actions_["undo"].trigger()
    assert reviews.active.decision is Decision.ACCEPT


def test_letters_typed_into_the_note_decide_nothing(window, qtbot) -> None:
    panel = panel_of(window)
    panel.buttons[Decision.REPEAT].click()
    panel.note.setFocus()
    qtbot.keyClicks(panel.note, "1 2 3 dapq")
    assert panel.note.text() == "1 2 3 dapq"
    assert window.session.tools.current == ""
    assert window.session.reviews.active.decision is Decision.REPEAT


def test_a_report_carries_the_decision_beside_the_prediction(window, qtbot, tmp_path: Path) -> None:
    window.actions_["repeat"].trigger()
    window.actions_["export_report"].trigger()
    (dialog,) = window.findChildren(FilesDialog)
    assert dialog.chosen == ("html", "pdf", "png", "json")
    dialog.begin(str(tmp_path))
    (job,) = window.runner.running("export")
    request = window.runner.requests[-1]
    assert request.result is window.session.active.result
    assert request.review.decision is Decision.REPEAT
    window.runner.begin(job)
    with qtbot.waitSignal(window.controller.job_ended):
        window.runner.finish(job, ReportWritten(str(tmp_path), ("a.html", "a.json")))
    assert window.status_line.notice == f"2 files written: {tmp_path}"


def test_a_closed_series_takes_its_decision_along(window) -> None:
    window.actions_["accept"].trigger()
    window.session.remove(window.session.active.id)
    assert window.session.history.names == ()
    assert not panel_of(window).isVisible()
