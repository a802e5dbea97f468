"""`acutance.qt.splash`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from acutance.qt.application import create_application
from acutance.qt.splash import HEIGHT, WIDTH, Splash, is_wanted

if TYPE_CHECKING:
    import pytest
    from pytestqt.qtbot import QtBot


def test_a_bundle_shows_one_and_a_source_folder_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not is_wanted()
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert is_wanted()


def test_each_stage_is_painted_and_the_window_takes_its_place(qtbot: QtBot) -> None:
    create_application()
    splash = Splash()
    splash.show()
    assert splash.pixmap().deviceIndependentSize().toTuple() == (WIDTH, HEIGHT)
    seen = []
    for stage in ("Reading settings", "Building the window"):
        splash.tell(stage)
        assert splash.stage == stage
        seen.append(splash.grab().toImage())
    assert seen[0] != seen[1]
    window = QWidget()
    qtbot.addWidget(window)
    window.show()
    with qtbot.waitSignal(splash.destroyed, timeout=5000):
        splash.close_for(window)
