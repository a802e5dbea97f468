"""The watched folder in the window: arrivals as lines and notices, faults, stop and go on."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import nibabel
import numpy as np
import pytest
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QSystemTrayIcon

from acutance.jobs.runner import Runner
from acutance.qt import watching_feature
from acutance.qt.dialogs.hot_folder_dialog import HotFolderDialog
from acutance.qt.hot_folder_thread import HotFolderThread
from acutance.qt.watching_feature import WatchingFeature, notice_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from acutance.qt.main_window import MainWindow

WAIT_MS = 60_000


def make_thread(*arguments: Any, **options: Any) -> HotFolderThread:
    def runner() -> Runner:
        return Runner(device="cpu", synchronous=True)

    return HotFolderThread(*arguments, make_runner=runner, **options)


def write_scan(path: Path) -> None:
    """Write a scan whose slices are too small to be scored, so that it costs nothing."""
    voxels = np.random.default_rng(0).random((8, 8, 8)).astype(np.float32)
    nibabel.save(nibabel.Nifti1Image(voxels, np.eye(4)), path)


@pytest.fixture
def dialog(qtbot: QtBot, tmp_path: Path) -> Iterator[HotFolderDialog]:
    shown = HotFolderDialog(make_thread=make_thread)
    qtbot.addWidget(shown)
    (tmp_path / "in").mkdir()
    shown.folder.setText(str(tmp_path / "in"))
    shown.output.setText(str(tmp_path / "out"))
    shown.quiet.setMinimum(0.1)
    shown.quiet.setValue(0.1)
    yield shown
    shown.shut_down()


def test_arrivals_are_shown_once_and_kept(
    dialog: HotFolderDialog, qtbot: QtBot, tmp_path: Path
) -> None:
    write_scan(tmp_path / "in" / "=Zebedee.nii")
    (tmp_path / "in" / "other").mkdir()
    data = (tmp_path / "in" / "=Zebedee.nii").read_bytes()
    (tmp_path / "in" / "other" / "cut.nii").write_bytes(data[:900])
    dialog.start()
    qtbot.waitUntil(lambda: dialog.table.rowCount() == 2, timeout=WAIT_MS)
    verdicts = {dialog.table.item(row, 1).text() for row in range(2)}
    assert verdicts == {"not assessed", "not scored"}
    with qtbot.waitSignal(dialog.arrived, timeout=WAIT_MS) as late:
        write_scan(tmp_path / "in" / "late.nii")
    assert late.args[0]["path"].endswith("late.nii")
    dialog.stop()
    assert not dialog.is_watching
    lines = (tmp_path / "out" / "results.jsonl").read_text().splitlines()
    assert [json.loads(line)["verdict"] for line in lines] == ["not_assessed"] * 2
    reports = list((tmp_path / "out").glob("series-*.html"))
    assert len(reports) == 2
    for path in (*reports, tmp_path / "out" / "watch.jsonl"):
        assert b"Zebedee" not in path.read_bytes()
    # Again: what was scored stays scored.
    dialog.start()
    with qtbot.waitSignal(dialog.arrived, timeout=WAIT_MS) as third:
        write_scan(tmp_path / "in" / "third.nii")
    assert third.args[0]["path"].endswith("third.nii")
    assert len((tmp_path / "out" / "results.jsonl").read_text().splitlines()) == 3


def test_what_cannot_be_watched_is_told(
    dialog: HotFolderDialog, qtbot: QtBot, tmp_path: Path
) -> None:
    dialog.output.setText(str(tmp_path / "in" / "out"))
    dialog.start()
    qtbot.waitUntil(lambda: not dialog.is_watching, timeout=WAIT_MS)
    assert "cannot go into the folder" in dialog.told.text()
    dialog.output.setText(str(tmp_path / "out"))
    dialog.folder.setText(str(tmp_path / "gone"))
    dialog.start()
    qtbot.waitUntil(lambda: not dialog.is_watching, timeout=WAIT_MS)
    assert "no such folder" in dialog.told.text()


def record(**facts: Any) -> dict[str, Any]:
    return {
        "path": "/in/Zebedee.nii", "series": "Zebedee t1_mprage", "modality": "MR",
        "verdict": "repeat", "ssim_pred": 0.5, "reason": "low", **facts,
    }  # fmt: skip


def test_notices_name_series_and_nobody() -> None:
    title, text = notice_of(record())
    assert title == "Repeat advised"
    assert text == "t1 mprage: predicted SSIM 0.50. Not for diagnosis."
    assert "no predicted SSIM" in notice_of(record(ssim_pred=None, verdict="not_assessed"))[1]


def test_the_window_tells_in_the_tray_or_on_the_status_line(
    open_window: Callable[..., MainWindow], monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[tuple[object, ...]] = []
    is_there = False

    class Tray(QObject):  # a tray without a desktop, which the offscreen screen has none of
        MessageIcon = QSystemTrayIcon.MessageIcon
        activated, messageClicked = Signal(), Signal()  # noqa: N815 - as Qt calls it

        def __init__(self, _icon: object, parent: QObject) -> None:
            super().__init__(parent)

        @staticmethod
        def isSystemTrayAvailable() -> bool:
            return is_there

        def setToolTip(self, _text: str) -> None: ...

        def show(self) -> None: ...

        def hide(self) -> None: ...

        def showMessage(self, *told: object) -> None:
            shown.append(told)

    monkeypatch.setattr(watching_feature, "QSystemTrayIcon", Tray)
    window = open_window()
    window.actions_["watch_folder"].trigger()
    (feature,) = [f for f in window.features if isinstance(f, WatchingFeature)]
    assert feature.dialog is not None
    feature.dialog.arrived.emit(record())
    assert window.status_line.notice.startswith("Repeat advised: t1 mprage")
    assert shown == []
    is_there = True
    feature.dialog.arrived.emit(record())
    assert [told[0] for told in shown] == ["Repeat advised"]
    assert shown[0][2] == Tray.MessageIcon.Warning
    feature.dialog.close()
