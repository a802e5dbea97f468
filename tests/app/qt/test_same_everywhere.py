"""Window, menu batch, watched folder and command line give the same object, but for time."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import nibabel
import numpy as np
import pytest

import phantoms
from acutance import __main__, headless
from acutance.batch.tables import TIME_FIELDS, iter_results
from acutance.export.record import series_record
from acutance.jobs.runner import Runner
from acutance.qt.dialogs.batch_dialog import BatchDialog
from acutance.qt.dialogs.hot_folder_dialog import HotFolderDialog
from acutance.qt.hot_folder_thread import HotFolderThread
from commands import KeptRunner

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from acutance.qt.main_window import MainWindow

WAIT_MS = 120_000


@pytest.fixture(scope="module")
def runner() -> Iterator[Runner]:
    """Do all the work in this process: one network is loaded for every front end."""
    with Runner(device="cpu", synchronous=True) as shared:
        yield shared


@pytest.fixture
def scan(tmp_path: Path) -> Path:
    (tmp_path / "in").mkdir()
    path = tmp_path / "in" / "head.nii.gz"
    head = phantoms.head((48, 54, 8)).astype(np.int16)
    nibabel.save(nibabel.Nifti1Image(head, np.diag([4, 4, 20, 1])), path)
    return path


def timeless(record: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in record.items() if name not in TIME_FIELDS}


def test_every_front_end_gives_the_same_object(
    scan: Path,
    runner: Runner,
    tmp_path: Path,
    open_window: Callable[..., MainWindow],
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kept: Any = KeptRunner(runner)
    monkeypatch.setattr(headless, "Runner", lambda **_: kept)
    monkeypatch.setattr("acutance.batch.run._make_pool", lambda _: _pool(kept))
    lines = tmp_path / "lines.jsonl"
    assert __main__.main(["score", str(scan), "--json", str(lines), "--device", "cpu"]) == 0
    (line,) = lines.read_text().splitlines()
    expected = timeless(json.loads(line))
    assert expected["ssim_pred"] is not None

    window = open_window(kept)
    with qtbot.waitSignal(window.controller.opened, timeout=WAIT_MS):
        window.open_paths([scan])
    qtbot.waitUntil(lambda: window.session.active is not None, timeout=WAIT_MS)
    qtbot.waitUntil(lambda: window.session.active.loaded is not None, timeout=WAIT_MS)
    if window.session.active.result is None:
        window.controller.score()
    qtbot.waitUntil(lambda: window.session.active.result is not None, timeout=WAIT_MS)
    shown = window.session.active
    record = series_record(shown.loaded, shown.result, seconds=0.0)
    # The window also keeps the hash of the voxels, so that the series can be marked.
    record["parameters"].pop("content_sha256", None)
    assert json.loads(json.dumps(timeless(record))) == expected

    dialog = BatchDialog(window.controller.scoring.policy)
    qtbot.addWidget(dialog)
    dialog.source.setText(str(scan.parent))
    dialog.output.setText(str(tmp_path / "batch"))
    dialog.plan()
    qtbot.waitUntil(dialog.start_button.isEnabled, timeout=WAIT_MS)
    dialog.start()
    qtbot.waitUntil(lambda: not dialog.is_busy, timeout=WAIT_MS)
    (result,) = iter_results(tmp_path / "batch")
    assert timeless(result.record) == expected

    def make_thread(*arguments: Any, **options: Any) -> HotFolderThread:
        return HotFolderThread(*arguments, make_runner=lambda: kept, **options)

    hot = HotFolderDialog(window.controller.scoring.policy, make_thread=make_thread)
    qtbot.addWidget(hot)
    hot.folder.setText(str(scan.parent))
    hot.output.setText(str(tmp_path / "hot"))
    with qtbot.waitSignal(hot.arrived, timeout=WAIT_MS):
        hot.start()
    hot.shut_down()
    (line,) = (tmp_path / "hot" / "results.jsonl").read_text().splitlines()
    assert timeless(json.loads(line)) == expected


def _pool(kept: Any) -> Any:
    from acutance.batch.pool import SynchronousPool

    return SynchronousPool(kept)
