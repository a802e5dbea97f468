"""The calibration assistant: marks by key, progress to thirty, fit, apply, revert."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PySide6.QtCore import Qt

from acutance.core.calibration import Mark, content_sha256
from acutance.core.quality import ModelFacts
from acutance.qt.dialogs.calibration_dialog import CalibrationDialog
from acutance.qt.main_window import MainWindow
from acutance_models.catalogue import get_descriptor

if TYPE_CHECKING:
    from pathlib import Path
    from types import SimpleNamespace

    from pytestqt.qtbot import QtBot

WEIGHTS = get_descriptor("iqa_resnet18").sha256
Open = Callable[..., MainWindow]


@pytest.fixture
def requests() -> list[object]:
    return []


@pytest.fixture
def window(
    open_scan: Open,
    kit: SimpleNamespace,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    requests: list[object],
) -> MainWindow:
    monkeypatch.setenv("ACUTANCE_CALIBRATION_DIR", str(tmp_path / "store"))

    def answer(request: object) -> object:
        requests.append(request)
        result = kit.make_result(request.volume)
        parameters = {"content_sha256": content_sha256(request.volume)} if request.identify else {}
        model = ModelFacts("iqa_resnet18", "2", WEIGHTS)
        return replace(result, parameters=parameters, model=model)

    return open_scan(kit.ready_runner(quality=answer))


def fill(window: MainWindow, count: int) -> None:
    for n, value in enumerate(np.linspace(0.3, 0.98, count)):
        window.calibrator.store.add(Mark(f"{n:064x}", float(value), bool(value > 0.7), WEIGHTS))
    window.calibrator.changed.emit()


def assistant(window: MainWindow, qtbot: QtBot) -> CalibrationDialog:
    window.actions_["calibrate"].trigger()
    dialog = window.findChild(CalibrationDialog)
    qtbot.waitExposed(dialog)
    return dialog


def test_keys_of_the_window_mark_the_active_series(window: MainWindow, qtbot: QtBot) -> None:
    control, shift = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
    qtbot.keyClick(window, Qt.Key.Key_U, control)
    (mark,) = window.calibrator.marks()
    assert mark.is_usable
    assert mark.content_sha256 == content_sha256(window.session.active_volume)
    qtbot.keyClick(window, Qt.Key.Key_U, control | shift)
    (mark,) = window.calibrator.marks()
    assert not mark.is_usable
    assert mark.ssim_pred == window.session.active.result.ssim_pred


def test_progress_goes_to_thirty_and_then_a_version_is_made(
    window: MainWindow, qtbot: QtBot, requests: list[object]
) -> None:
    fill(window, 28)
    dialog = assistant(window, qtbot)
    assert dialog.counts.text().startswith("28 of 30 series marked")
    assert dialog.progress.value() == 28
    assert not dialog.fit.isEnabled()
    dialog.usable.click()
    assert "marked usable" in dialog.state.text()
    assert dialog.progress.value() == 29
    dialog.forget.click()
    assert dialog.progress.value() == 28
    fill(window, 40)
    assert dialog.fit.isEnabled()
    before = len(requests)
    dialog.fit.click()
    assert not dialog.fit.isEnabled()
    qtbot.waitUntil(lambda: window.calibrator.active_version() == 1)
    qtbot.waitUntil(lambda: len(requests) == before + 1)
    assert requests[-1].calibration.version == 1
    assert requests[-1].calibration.marks == ()
    assert dialog.chosen_version == 1
    assert "Usable from 0.7" in dialog.summary.text()
    assert len(dialog.plots.reliability.getPlotItem().listDataItems()) == 2


def test_versions_are_shown_applied_and_left(
    window: MainWindow, qtbot: QtBot, requests: list[object]
) -> None:
    fill(window, 40)
    dialog = assistant(window, qtbot)
    for version in (1, 2):
        dialog.fit.click()
        qtbot.waitUntil(lambda version=version: window.calibrator.active_version() == version)
    dialog.version.setCurrentIndex(1)
    assert window.calibrator.active_version() == 2
    dialog.apply.click()
    assert window.calibrator.active_version() == 1
    assert dialog.version.currentText().endswith("(in force)")
    dialog.revert.click()
    assert window.calibrator.active_version() == 0
    assert not dialog.revert.isEnabled()
    qtbot.waitUntil(lambda: requests[-1].calibration is None)
    assert window.calibrator.store.versions() == (1, 2)


def test_what_has_no_score_of_the_shipped_weights_cannot_be_marked(
    window: MainWindow, qtbot: QtBot
) -> None:
    dialog = assistant(window, qtbot)
    entry = window.session.active
    other = ModelFacts("resnet18", "unverified", "1" * 64, "unverified")
    window.session.set_result(entry.id, replace(entry.result, model=other))
    assert not dialog.usable.isEnabled()
    assert "unverified weights" in dialog.state.text()
    window.calibrator.mark(True)
    assert window.calibrator.marks() == ()
    window.session.clear()
    assert dialog.state.text() == "No series is open."


def test_damaged_marks_are_told_in_the_assistant(window: MainWindow, qtbot: QtBot) -> None:
    store = window.calibrator.store
    window.calibrator.mark(True)
    (store.folder / "marks.json").write_text("{")
    dialog = assistant(window, qtbot)
    assert "damaged" in dialog.error.text()
    window.calibrator.mark(False)
    assert (store.folder / "marks.json").read_text() == "{"


def test_opening_it_twice_shows_one(window: MainWindow, qtbot: QtBot) -> None:
    first = assistant(window, qtbot)
    assert assistant(window, qtbot) is first
    assert len(window.findChildren(CalibrationDialog)) == 1
