"""The batch dialog: plan, run, pause, cancel, ledger, and a window that never waits."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import nibabel
import numpy as np
import pytest
from PySide6.QtCore import Qt

from acutance.batch.pool import SynchronousPool
from acutance.batch.run import Batch
from acutance.batch.tables import iter_ledger
from acutance.batch.tasks import TaskOptions
from acutance.jobs.runner import Runner
from acutance.qt.batch_thread import BatchThread
from acutance.qt.dialogs.batch_dialog import BatchDialog
from acutance_models import catalogue

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

WAIT_MS = 60_000


class _Gate:
    """Lets series through one by one, or all."""

    def __init__(self) -> None:
        self.is_open = threading.Event()
        self.reached = threading.Event()


class GatedPool(SynchronousPool):
    """Waits at a gate before the second series."""

    def __init__(self, gate: _Gate) -> None:
        super().__init__(Runner(device="cpu", synchronous=True))
        self.gate = gate
        self.count = 0

    def submit(self, work: Any) -> Any:
        self.count += 1
        if self.count > 1:
            self.gate.reached.set()
            assert self.gate.is_open.wait(60)
        return super().submit(work)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "in <b>"
    folder.mkdir()
    rng = np.random.default_rng(0)
    for name in "abc":
        voxels = np.abs(rng.normal(100, 20, (12, 12, 12))).astype(np.int16)
        nibabel.save(nibabel.Nifti1Image(voxels, np.eye(4)), folder / f"{name}.nii")
    (folder / "notes.txt").write_text("x")
    return folder


@pytest.fixture
def gate() -> _Gate:
    return _Gate()


@pytest.fixture
def dialog(qtbot: Any, source: Path, tmp_path: Path, gate: _Gate) -> Iterator[BatchDialog]:
    def make_thread(settings: Any, parent: Any) -> BatchThread:
        def make_batch(wish: Any, listener: Any) -> Batch:
            return Batch(wish, listener, pool=GatedPool(gate))

        return BatchThread(settings, parent, make_batch=make_batch)

    made = BatchDialog(make_thread=make_thread)
    qtbot.addWidget(made)
    made.source.setText(str(source))
    made.output.setText(str(tmp_path / "out"))
    made.choices.boxes["score"].setChecked(False)
    made.choices.boxes["iqm"].setChecked(True)
    made.show()
    yield made
    gate.is_open.set()
    made.shut_down()


def planned(dialog: BatchDialog, qtbot: Any) -> None:
    qtbot.mouseClick(dialog.plan_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: dialog.start_button.isEnabled() or not dialog.is_busy, timeout=WAIT_MS)


def test_plan_is_shown_before_work_begins(dialog: BatchDialog, qtbot: Any, tmp_path: Path) -> None:
    planned(dialog, qtbot)
    assert "3 volumes and 0 videos in 3 files" in dialog.told.text()
    assert "1 file without a scan" in dialog.told.text()
    assert dialog.table.states() == ["waiting"] * 3
    assert not list((tmp_path / "out" / "items").iterdir())
    assert not dialog.source.isEnabled()


def test_batch_runs_pauses_goes_on_and_shows_the_ledger(
    dialog: BatchDialog, qtbot: Any, tmp_path: Path, gate: _Gate
) -> None:
    planned(dialog, qtbot)
    qtbot.mouseClick(dialog.start_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(
        lambda: dialog.table.states() == ["done", "running", "waiting"], timeout=WAIT_MS
    )
    assert dialog.progress.value() == 333
    qtbot.mouseClick(dialog.pause_button, Qt.MouseButton.LeftButton)
    assert dialog.pause_button.text() == "Go on"
    gate.is_open.set()
    table = dialog.table
    qtbot.waitUntil(lambda: table.states() == ["done", "done", "waiting"], timeout=WAIT_MS)
    qtbot.mouseClick(dialog.pause_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not dialog.is_busy, timeout=WAIT_MS)
    assert dialog.table.states() == ["done"] * 3
    assert "Ledger: 4 files: 3 done, 1 set aside" in dialog.told.text()
    assert dialog.show_button.isVisible()
    assert len(list(iter_ledger(tmp_path / "out"))) == 4


def test_cancelled_batch_is_gone_on_with(dialog: BatchDialog, qtbot: Any, gate: _Gate) -> None:
    planned(dialog, qtbot)
    dialog.start()
    assert gate.reached.wait(60)
    qtbot.mouseClick(dialog.cancel_button, Qt.MouseButton.LeftButton)
    gate.is_open.set()
    qtbot.waitUntil(lambda: not dialog.is_busy, timeout=WAIT_MS)
    assert "Cancelled; plan again to go on." in dialog.told.text()
    assert "running" not in dialog.table.states()
    planned(dialog, qtbot)
    assert "finished before: 1 done" in dialog.told.text()
    dialog.start()
    qtbot.waitUntil(lambda: not dialog.is_busy, timeout=WAIT_MS)
    assert "Series: 3 done" in dialog.told.text()


def test_refusal_is_shown_letter_by_letter(dialog: BatchDialog, qtbot: Any, source: Path) -> None:
    dialog.output.setText(str(source / "out"))
    planned(dialog, qtbot)
    assert not dialog.is_busy
    assert "in <b>" in dialog.told.text()
    assert "one in the other" in dialog.told.text()
    assert dialog.told.textFormat() == Qt.TextFormat.PlainText


def test_nothing_can_be_planned_without_folders_and_tasks(dialog: BatchDialog) -> None:
    assert dialog.plan_button.isEnabled()
    dialog.choices.boxes["iqm"].setChecked(False)
    assert not dialog.plan_button.isEnabled()
    dialog.choices.boxes["score"].setChecked(True)
    dialog.output.setText(" ")
    assert not dialog.plan_button.isEnabled()


def test_weights_go_with_their_tasks(dialog: BatchDialog, tmp_path: Path) -> None:
    choices = dialog.choices
    assert not choices.weights["upscale"].edit.isVisible()
    for task in ("segment", "restore", "upscale"):
        choices.boxes[task].setChecked(True)
        assert choices.weights[task].edit.isVisible()
        choices.weights[task].edit.setText(f" {tmp_path / task}.safetensors ")
    choices.restoration.setCurrentIndex(choices.restoration.findData("motion"))
    choices.scale.setCurrentIndex(choices.scale.findData(2))
    assert choices.chosen() == ("iqm", "segment", "restore", "upscale")
    assert choices.options() == TaskOptions(
        f"{tmp_path / 'segment'}.safetensors",
        restore_task="motion",
        restore_weights=f"{tmp_path / 'restore'}.safetensors",
        upscale_scale=2,
        upscale_weights=f"{tmp_path / 'upscale'}.safetensors",
    )


def test_a_task_without_weights_is_refused_in_the_dialog(
    dialog: BatchDialog, qtbot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalogue, "list_descriptors", lambda: ())
    dialog.choices.boxes["upscale"].setChecked(True)
    planned(dialog, qtbot)
    assert "no weights to enlarge videos with" in dialog.told.text()
    assert dialog.plan_button.isEnabled()


def test_closing_hides_and_shutting_down_ends(dialog: BatchDialog, qtbot: Any, gate: _Gate) -> None:
    planned(dialog, qtbot)
    dialog.start()
    assert gate.reached.wait(60)
    dialog.close()
    assert dialog.is_busy
    gate.is_open.set()
    dialog.shut_down()
    assert not dialog.is_busy
    assert not [t for t in threading.enumerate() if t.name == "batch"]


def test_window_opens_the_dialog_once(open_window: Any) -> None:
    window = open_window()
    window.actions_["batch"].trigger()
    first = window.dialogs.batch
    assert first.isVisible()
    first.close()
    window.actions_["batch"].trigger()
    assert window.dialogs.batch is first
    assert first.isVisible()
    first.close()
