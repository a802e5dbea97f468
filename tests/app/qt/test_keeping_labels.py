"""Edits of labels come back after a crash, and are gone after a good end."""

from __future__ import annotations

import faulthandler
import shutil
import stat

import numpy as np
import pytest
from PySide6.QtCore import QSysInfo

from acutance.core.label_map import Label
from acutance.core.quality import ModelFacts
from acutance.core.segmentation import SegmentationResult, colour_of, label_statistics
from acutance.core.slicing import volume_geometry
from acutance.qt.journal_feature import JournalFeature
from acutance.qt.settings import Settings
from acutance.session.label_keeping import read_kept

TABLE = tuple(Label(n, name, colour_of(n)) for n, name in enumerate(("none", "one")))


@pytest.fixture(autouse=True)
def _own_fault_handler():
    """Leave the fault handler of the tests as it was."""
    yield
    faulthandler.enable()


def feature_of(window):
    return next(f for f in window.features if isinstance(f, JournalFeature))


def segment(session) -> None:
    """Give the active series labels, as a network does."""
    volume = session.active_volume
    labels = (volume.array > 500).astype(np.uint8)
    result = SegmentationResult(
        np.stack([labels, labels, labels]),
        TABLE,
        "axial",
        (None,) * volume.shape[2],
        label_statistics(volume, labels, TABLE),
        (),
        ModelFacts("net", "1", "0" * 64),
        "cpu",
    )
    session.segmentations.settle(session.active.id, session.active.loaded, result)


def paint(session, index: int, *, ends: bool = True) -> None:
    geometry = volume_geometry(session.active_volume, "axial")
    assert session.labels.begin(geometry, index, (3.0, 3.0), erases=False)
    session.labels.go_on((3.0, 9.0))
    if ends:
        session.labels.end()


def crashed(folder, target):
    """Copy what a window has written so far, as its sudden end would leave it."""
    shutil.copytree(folder, target / "sessions")
    for lock in (target / "sessions").glob("*.lock"):
        lock.write_text(f"999999999\nacutance\n{QSysInfo.machineHostName()}\n")
    return Settings(target / "settings.json")


def test_edits_come_back_after_a_crash_and_go_on(qtbot, open_scan, open_window, tmp_path):
    window = open_scan(settings=Settings(tmp_path / "settings.json"))
    feature, session = feature_of(window), window.session
    qtbot.waitUntil(lambda: session.active_volume is not None)
    segment(session)
    paint(session, 4)
    paint(session, 7)
    session.history.undo()
    paint(session, 11, ends=False)
    feature.labels._note_stroke()
    feature.note()
    feature.labels.log.settle()
    expected = session.labels.label_map.array.copy()
    (path,) = (tmp_path / "sessions").glob("*.labels-*")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    (tmp_path / "next").mkdir()
    settings = crashed(tmp_path / "sessions", tmp_path / "next")
    window.close()
    assert list((tmp_path / "sessions").iterdir()) == []

    again = open_window(settings=settings)
    told = []
    again.session.notice.connect(told.append)
    feature_of(again).bar.restore.click()
    qtbot.waitUntil(lambda: again.session.labels.edited is not None)
    assert np.array_equal(again.session.labels.label_map.array, expected)
    assert again.session.labels.edited.count == 2
    assert again.session.history.names == ()
    assert told == ["Labels and their edits are back (2)."]
    paint(again.session, 2)
    feature_of(again).labels.log.settle()
    (path,) = (tmp_path / "next" / "sessions").glob("*.labels-*")
    kept = read_kept(path)
    assert np.array_equal(kept.labels, again.session.labels.label_map.array)
    assert kept.edits == {"brush": 3}
    assert kept.stroke is None
    again.close()
    assert list((tmp_path / "next" / "sessions").iterdir()) == []


def test_labels_that_others_replaced_are_no_longer_kept(qtbot, open_scan, tmp_path):
    window = open_scan(settings=Settings(tmp_path / "settings.json"))
    feature, session = feature_of(window), window.session
    qtbot.waitUntil(lambda: session.active_volume is not None)
    segment(session)
    paint(session, 4)
    feature.labels.log.settle()
    assert len(list((tmp_path / "sessions").glob("*.labels-*"))) == 1
    segment(session)
    feature.labels.log.settle()
    assert list((tmp_path / "sessions").glob("*.labels-*")) == []
    paint(session, 4)
    session.remove(session.active.id)
    feature.labels.log.settle()
    assert list((tmp_path / "sessions").glob("*.labels-*")) == []


def test_what_cannot_be_brought_back_is_told(qtbot, open_scan, open_window, tmp_path):
    window = open_scan(settings=Settings(tmp_path / "settings.json"))
    feature, session = feature_of(window), window.session
    qtbot.waitUntil(lambda: session.active_volume is not None)
    segment(session)
    paint(session, 4)
    feature.note()
    feature.labels.log.settle()
    (tmp_path / "next").mkdir()
    settings = crashed(tmp_path / "sessions", tmp_path / "next")
    (path,) = (tmp_path / "next" / "sessions").glob("*.labels-*")
    path.write_bytes(path.read_bytes()[:-200])
    data = bytearray(path.read_bytes())
    data[-100] ^= 0xFF
    path.write_bytes(data[: len(data) // 2])
    again = open_window(settings=settings)
    told = []
    again.session.notice.connect(told.append)
    feature_of(again).bar.restore.click()
    qtbot.waitUntil(lambda: bool(told))
    assert told == ["Edits of labels could not be brought back."]
    assert again.session.labels.result is None
