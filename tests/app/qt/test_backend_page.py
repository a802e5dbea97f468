"""The page of the settings that measures the ways to compute scores."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtCore import QObject, Qt, Signal

from acutance.core.backends import AUTO, REFERENCE, BackendRow, BackendTrial, TrialRequest
from acutance.core.quality import ModelFacts, QualityResult, Verdict
from acutance.core.site import SiteRules
from acutance.errors import EngineError, JobCancelled
from acutance.qt.backend_feature import BackendFeature
from acutance.qt.backend_trier import BackendTrier
from acutance.qt.dialogs.backend_page import BackendPage
from acutance.qt.dialogs.settings_dialog import SettingsDialog
from acutance.qt.preferences import Preferences
from acutance.qt.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

TRIAL = BackendTrial(
    (
        BackendRow(REFERENCE, 20.0, 0.0, 0.0, 0.0),
        BackendRow("torch-bfloat16", 11.0, 0.001, 0.003, 0.004),
        BackendRow("onnxruntime-float32", reason="ONNX Runtime is not installed"),
        BackendRow("openvino-int8", 5.0, 0.003, 0.009, 0.01),
    ),
    "a" * 64,
    "b" * 64,
    96,
    2,
)


class FakeJob:
    def __init__(self, request: TrialRequest) -> None:
        self.request, self.fraction, self.was_cancelled = request, 0.0, False
        self.error: Exception | None = None
        self.result: BackendTrial | None = None

    def cancel(self) -> None:
        self.was_cancelled = True


class FakeController(QObject):
    job_ended = Signal(object)
    jobs_changed = Signal()
    progressed = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.bridge = SimpleNamespace(progressed=self.progressed, jobs=())
        self.scoring = SimpleNamespace(weights=None)
        self.watched: list[FakeJob] = []

    def watch(self, job: FakeJob) -> None:
        self.watched.append(job)

    def submit(self, engine: str, request: TrialRequest, *, title: str) -> FakeJob:
        assert engine == "backend_trial"
        assert title
        return FakeJob(request)


def texts(page: BackendPage, row: int) -> list[str]:
    return [page.table.item(row, column).text() for column in range(5)]


def test_a_measurement_is_shown_and_can_be_cancelled(qtbot: Any) -> None:
    page, controller = BackendPage(AUTO), FakeController()
    qtbot.addWidget(page)
    BackendTrier(page, controller, controller)  # type: ignore[arg-type]
    assert not controller.watched
    page.show()
    (asked,) = controller.watched
    assert not asked.request.measures
    asked.result = BackendTrial((), "a" * 64, "b" * 64, 0, 2)
    controller.job_ended.emit(asked)
    assert "Not measured" in page.message.text()
    qtbot.mouseClick(page.button, Qt.MouseButton.LeftButton)
    job = controller.watched[-1]
    assert job.request.repeats
    job.fraction = 0.4
    controller.progressed.emit(job)
    assert (page.bar.value(), page.button.text()) == (40, "Cancel")
    qtbot.mouseClick(page.button, Qt.MouseButton.LeftButton)
    assert job.was_cancelled
    job.error = JobCancelled()
    controller.job_ended.emit(job)
    assert (page.message.text(), page.button.text()) == ("Cancelled.", "Measure")
    qtbot.mouseClick(page.button, Qt.MouseButton.LeftButton)
    controller.watched[-1].result = TRIAL
    controller.job_ended.emit(controller.watched[-1])
    assert texts(page, 1) == ["torch-bfloat16", "11.0", "0.00100", "0.00400", "taken for auto"]
    assert texts(page, 2)[-1] == "ONNX Runtime is not installed"
    assert texts(page, 3)[-1] == "not within the tolerance"
    qtbot.mouseClick(page.button, Qt.MouseButton.LeftButton)
    controller.watched[-1].error = EngineError("The weights cannot be used.")
    controller.job_ended.emit(controller.watched[-1])
    assert "cannot be used" in page.message.text()
    assert page.table.rowCount() == 4


def test_a_choice_is_kept_and_the_site_file_goes_before_it(qtbot: Any) -> None:
    settings = Settings()
    preferences = Preferences(settings)
    dialog = SettingsDialog(preferences, (), ())
    qtbot.addWidget(dialog)
    assert dialog.backends.choice.currentText() == AUTO
    dialog.backends.choice.setCurrentText("torch-bfloat16")
    assert dialog.apply()
    assert Preferences(settings).backend == "torch-bfloat16"
    preferences.set_site(SiteRules(backend=REFERENCE))
    again = SettingsDialog(preferences, (), ())
    qtbot.addWidget(again)
    assert again.backends.choice.currentText() == REFERENCE
    assert not again.backends.choice.isEnabled()
    assert again.apply()
    assert preferences.backend == "torch-bfloat16"
    preferences.set_backend(None)
    assert preferences.backend == AUTO
    with pytest.raises(ValueError, match="abacus"):
        preferences.set_backend("abacus")
    settings.set_value("backend", ["x"])
    assert preferences.backend == AUTO


class FakeWindow(QObject):
    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self.settings, self.preferences = settings, Preferences(settings)
        self.controller = self.runner = FakeController()


def scored() -> Any:
    model = ModelFacts("n", "1", "a" * 64)
    result = QualityResult(Verdict.CHECK, "", True, 0.8, (), (), model, "cpu", {}, 0.1)
    return SimpleNamespace(error=None, result=result)


def test_the_window_measures_once_after_a_score_and_gives_way(
    qtbot: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("acutance.qt.backend_feature.QUIET_MS", 1)
    window: Any = FakeWindow(Settings(tmp_path / "settings.json"))
    controller = window.controller
    feature = BackendFeature(window)
    feature.start()
    controller.job_ended.emit(SimpleNamespace(error=None, result="something else"))
    qtbot.wait(20)
    assert not controller.watched
    controller.job_ended.emit(scored())
    qtbot.waitUntil(lambda: len(controller.watched) == 1)
    first = controller.watched[0]
    assert not first.request.repeats
    controller.bridge.jobs = (first,)
    controller.jobs_changed.emit()
    assert not first.was_cancelled
    controller.bridge.jobs = (first, object())
    controller.jobs_changed.emit()
    assert first.was_cancelled
    first.error = JobCancelled()
    controller.job_ended.emit(first)
    feature.measure()
    assert len(controller.watched) == 1  # something is at work
    controller.bridge.jobs = ()
    controller.job_ended.emit(scored())
    qtbot.waitUntil(lambda: len(controller.watched) == 2)
    controller.watched[1].result = TRIAL
    controller.job_ended.emit(controller.watched[1])
    controller.job_ended.emit(scored())
    qtbot.wait(20)
    assert len(controller.watched) == 2
    assert not BackendFeature(window).is_wanted


def test_nothing_is_measured_unasked_where_it_could_not_be_kept_or_a_backend_is_named(
    tmp_path: Path,
) -> None:
    assert not BackendFeature(FakeWindow(Settings())).is_wanted  # type: ignore[arg-type]
    window: Any = FakeWindow(Settings(tmp_path / "settings.json"))
    assert BackendFeature(window).is_wanted
    window.preferences.set_backend(REFERENCE)
    assert not BackendFeature(window).is_wanted
    window.preferences.set_backend(None)
    window.preferences.set_site(SiteRules(backend=REFERENCE))
    assert not BackendFeature(window).is_wanted
