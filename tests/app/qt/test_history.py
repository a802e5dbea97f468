"""The page of the history: what is chosen first, the chart, signals in words, faults."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest

from acutance.export.history_store import Entry, HistoryStore, Process
from acutance.qt.dialogs.history_dialog import HistoryDialog
from acutance.qt.history_desk import HistoryDesk

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from acutance.qt.main_window import MainWindow

NEW, OLD = Process("MR1", "T1w"), Process("MR2", "T1w")


@pytest.fixture
def database(tmp_path: Path) -> Path:
    values = np.random.default_rng(5).normal(0.9, 0.01, 40)
    values[25:] -= 0.03
    with HistoryStore(tmp_path / "h.sqlite") as store:
        store.add(Entry(str(n), NEW, {"efc": 0.5, "ssim_pred": v}) for n, v in enumerate(values))
        store.add([Entry("x", OLD, {"efc": 0.4})])
    return tmp_path / "h.sqlite"


def test_the_longest_trend_is_shown_with_its_signals(database: Path, qtbot: QtBot) -> None:
    dialog = HistoryDialog(HistoryDesk(database))
    qtbot.addWidget(dialog)
    qtbot.waitUntil(lambda: dialog.table.rowCount() == 40)
    assert dialog.process.currentData() == NEW
    assert dialog.measure.currentData() == "ssim_pred"
    assert "level changed" in dialog.words.text()
    texts = [dialog.table.item(row, 3).text() for row in range(40)]
    assert "level changed here" in ", ".join(texts)
    assert "drift" in texts[0]
    dialog.process.setCurrentIndex(1)
    qtbot.waitUntil(lambda: dialog.table.rowCount() == 1)
    assert dialog.measure.currentData() == "efc"
    assert "need at least" in dialog.words.text()
    dialog.close()


def test_results_are_added_and_faults_are_told(
    database: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    desk = HistoryDesk(database)
    dialog = HistoryDialog(desk)
    qtbot.addWidget(dialog)
    lines = tmp_path / "results.jsonl"
    record = {
        "path": "/a",
        "ssim_pred": 0.7,
        "acquisition": {"station": "MR3"},
        "verdict": "usable",
    }
    lines.write_text(json.dumps(record) + "\n")
    with qtbot.waitSignal(desk.told):
        desk.add([lines])
    qtbot.waitUntil(lambda: dialog.process.count() == 3)
    assert "1 series added" in dialog.notice.text()
    with qtbot.waitSignal(desk.failed):
        desk.add([tmp_path / "gone"])
    qtbot.waitUntil(lambda: not dialog.error.isHidden())
    assert "gone" in dialog.error.text()
    dialog.close()


def test_the_command_opens_one_page(
    open_window: Callable[..., MainWindow],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    qtbot: QtBot,
) -> None:
    monkeypatch.setenv("ACUTANCE_HISTORY", str(tmp_path / "new.sqlite"))
    window = open_window()
    window.actions_["history"].trigger()
    window.actions_["history"].trigger()
    (dialog,) = window.findChildren(HistoryDialog)
    qtbot.waitUntil(lambda: "nothing in the history yet" in dialog.words.text())
