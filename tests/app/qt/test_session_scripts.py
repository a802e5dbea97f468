"""The commonest tasks, each within three actions, with canned answers of the engines."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from acutance.core.explanation import DeletionNumbers, ExplanationResult
from acutance.core.label_map import Label
from acutance.core.ledger import Index
from acutance.core.quality import ModelFacts
from acutance.core.restoration import NoiseFacts, RestorationResult
from acutance.core.segmentation import SegmentationResult, colour_of, label_statistics
from acutance.qt import restorer

if TYPE_CHECKING:
    from collections.abc import Callable

    from acutance.qt.main_window import MainWindow

BENCH = Path(__file__).parents[3] / "bench" / "session_scripts.py"
#: The batch has a dialog and children of its own, and tests of their own.
LEFT_OUT = ("batch",)


def load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("session_scripts", BENCH)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


SCRIPTS = load()
FACTS = ModelFacts("test", "1", "ab" * 32)


def explained(request: Any) -> ExplanationResult:
    numbers = DeletionNumbers(0.16, -0.08, 0.03, 0.05, 19, 0.05, 0.2, 0.03, 0.05)
    values = np.full((32, 32), 0.01, np.float32)
    extent = (-0.5, 27.5, -0.5, 27.5)
    return ExplanationResult(request.plane, request.index, 0.6, "", values, extent, numbers, 1.0)


def segmented(request: Any) -> SegmentationResult:
    volume = request.volume
    table = tuple(Label(n, name, colour_of(n)) for n, name in enumerate(("background", "brain")))
    array = np.zeros((3, *volume.shape), np.uint8)
    array[:2, 6:18, 6:20, 4:16] = 1
    statistics = label_statistics(volume, array[0], table)
    uncertainty = (0.1,) * volume.shape[2]
    return SegmentationResult(array, table, "axial", uncertainty, statistics, (), FACTS, "cpu")


def restored(request: Any) -> RestorationResult:
    values = request.volume.to_real(request.volume.array)
    first = 0 if request.only is None else request.only
    ends = values[None] if request.only is None else values[None, ..., first : first + 1]
    parameters = {"task": request.task}
    if request.only is not None:
        parameters["only_slice"] = request.only
    return RestorationResult(
        ends + 1.0, "axial", 2, first, (0.0, 1000.0), NoiseFacts(20.0, "air"), 0.1, 0.0009, (),
        FACTS, None, "cpu", parameters,
    )  # fmt: skip


def reported(request: Any) -> SimpleNamespace:
    (request.folder / "report.pdf").write_bytes(b"%PDF")
    return SimpleNamespace(folder=request.folder, files=("report.pdf",))


@pytest.fixture
def user(
    kit: Any, open_scan: Callable[..., MainWindow], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Any:
    monkeypatch.setattr(restorer, "_shipped_tasks", lambda: frozenset({"denoise"}))
    items = (kit.make_item("scan"), kit.make_item("repeat"))
    runner = kit.ready_runner(
        *items, explanation=explained, segmentation=segmented, restoration=restored, export=reported
    )
    window = open_scan(runner)
    for entry in window.session.entries:
        window.controller.load(entry.id)
    later = kit.make_item("later")
    runner.answers["index"] = lambda _paths: Index((later,))
    scans = tmp_path / "scans"
    scans.mkdir()
    return SCRIPTS.User(window, scans, tmp_path / "later.nii", patience=20.0, pace=0.005)


@pytest.mark.parametrize(
    "task",
    [task for task in SCRIPTS.TASKS if not any(word in task.name for word in LEFT_OUT)],
    ids=lambda task: task.name,
)
def test_a_common_task_takes_three_actions_at_most(user: Any, task: Any) -> None:
    user.view.setFocus()
    task.run(user)
    assert 1 <= user.actions <= SCRIPTS.MOST_ACTIONS


def test_a_batch_begins_with_the_folder_of_the_scan(user: Any, tmp_path: Path) -> None:
    user.window.settings.add_recent([user.folder / "scan.nii"])
    user.window.actions_["batch"].trigger()
    dialog = user.window.dialogs.batch
    assert dialog.source.text() == str(user.folder)
    assert dialog.output.text() == str(tmp_path / "scans results")
    assert dialog.plan_button.isEnabled()
    dialog.close()
