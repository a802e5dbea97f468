from __future__ import annotations

import faulthandler
import json
import stat

import pytest
from PySide6.QtCore import QLockFile, QSysInfo

from acutance.core.measuring import Measurement
from acutance.core.review import Decision, Review
from acutance.core.window import Window
from acutance.qt.journal import Journal, Snapshot, scrubbed, surroundings
from acutance.qt.journal_feature import JournalFeature
from acutance.qt.settings import Settings
from acutance.session.keeping import SeriesWork

WORK = SeriesWork(
    "/scans/head_T1w.nii.gz",
    "",
    (Measurement("distance", 2, 9, ((3.0, 4.0, 9.0), (8.0, 4.0, 9.0))),),
    Review(Decision.REPEAT, "128553", "moved", "check", 0.7),
)
SNAPSHOT = Snapshot(
    ("/scans/head_T1w.nii.gz",),
    ("/scans/head_T1w.nii.gz",),
    (4.0, 6.0, 30.0),
    (300.0, 120.0),
    "single",
    "coronal",
    (WORK,),
)


@pytest.fixture(autouse=True)
def _own_fault_handler():
    """Leave the fault handler of the tests as it was."""
    yield
    faulthandler.enable()


def write_dead_lock(path):
    """Write the lock of a process that is gone, as Qt writes it."""
    path.write_text(f"999999999\nacutance\n{QSysInfo.machineHostName()}\n")


def crash(journal):
    """Leave everything as the sudden end of the process does."""
    journal._lock.unlock()
    write_dead_lock(journal._folder / f"{journal._name}.lock")
    if journal._faults is not None:
        faulthandler.disable()
        journal._faults.close()


def test_a_session_that_ends_well_leaves_nothing(tmp_path):
    journal = Journal(tmp_path)
    assert journal.begin() == []
    journal.note(SNAPSHOT)
    assert stat.S_IMODE(next(tmp_path.glob("*.json")).stat().st_mode) == 0o600
    journal.end()
    assert list(tmp_path.iterdir()) == []


def test_a_crash_leaves_what_was_open_and_where_it_happened(tmp_path):
    journal = Journal(tmp_path)
    journal.begin()
    journal.note(SNAPSHOT)
    journal.note_fault("ValueError\n  x.py:3 f")
    crash(journal)
    second = Journal(tmp_path)
    (left,) = second.begin()
    assert left.snapshot == SNAPSHOT
    assert left.report == "ValueError\n  x.py:3 f"
    second.end()
    assert list(tmp_path.glob("*.json")) == []


def test_a_session_that_still_runs_is_left_alone(tmp_path):
    first = Journal(tmp_path)
    first.begin()
    first.note(SNAPSHOT)
    second = Journal(tmp_path)
    assert second.begin() == []
    assert len(list(tmp_path.glob("*.json"))) == 1
    second.end()
    first.end()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "nonsense",
        json.dumps({"paths": ["a"]}),
        json.dumps({"paths": [], "active": [], "cursor": [0, 0, 0], "window": [1, 1]}),
        json.dumps(
            {"paths": ["a"], "active": [], "cursor": [0, 0, 0], "window": [1, 0]}
            | {"layout": "three", "plane": "axial"}
        ),
    ],
)
def test_a_damaged_journal_is_dropped(tmp_path, text):
    (tmp_path / "dead.json").write_text(text)
    write_dead_lock(tmp_path / "dead.lock")
    journal = Journal(tmp_path)
    assert journal.begin() == []
    assert not (tmp_path / "dead.json").exists()
    journal.end()


def test_reports_hold_no_folder():
    text = 'Fatal\n  File "/home/jane doe/app/qt/x.py", line 3 in f\n  File "C:\\Doe\\y.py", line 4'
    assert scrubbed(text) == 'Fatal\n  File "x.py", line 3 in f\n  File "y.py", line 4'
    assert "Acutance" in surroundings()


def test_a_folder_that_cannot_be_made_costs_the_journal_only(tmp_path):
    (tmp_path / "file").write_text("")
    journal = Journal(tmp_path / "file")
    assert journal.begin() == []
    journal.note(SNAPSHOT)
    journal.note_fault("x")
    journal.end()


@pytest.fixture
def window(qtbot, open_window, tmp_path):
    folder = tmp_path / "sessions"
    folder.mkdir()
    dead = Journal(folder)
    dead.begin()
    dead.note(SNAPSHOT)
    dead.note_fault("ValueError\n  x.py:3 f")
    crash(dead)
    return open_window(settings=Settings(tmp_path / "settings.json"))


def feature_of(window):
    return next(f for f in window.features if isinstance(f, JournalFeature))


def test_after_a_crash_the_next_start_offers_what_was_open(qtbot, window):
    bar = feature_of(window).bar
    assert "head_T1w.nii.gz" in bar.label.text()
    bar.restore.click()
    session = window.session
    qtbot.waitUntil(lambda: session.cursor == SNAPSHOT.cursor)
    qtbot.waitUntil(lambda: session.window == Window(*SNAPSHOT.window))
    assert [view.plane for view in window.centre.grid.shown_views] == ["coronal"]
    assert feature_of(window).bar is None
    qtbot.waitUntil(lambda: not window.controller.jobs)
    assert session.measurements.all == WORK.measurements
    assert session.reviews.active == WORK.review
    assert session.history.names == ()
    assert feature_of(window).snapshot().work == (WORK,)


def test_the_report_is_shown_and_copied_never_sent(qtbot, window):
    feature = feature_of(window)
    assert window.actions_["crash_report"].isEnabled()
    window.actions_["crash_report"].trigger()
    dialog = next(w for w in window.children() if type(w).__name__ == "CrashReport")
    assert "x.py:3 f" in dialog.text.toPlainText()
    dialog.reject()
    feature.bar.dismiss.click()
    assert feature.bar is None


def test_what_is_shown_is_noted_while_it_changes(qtbot, open_scan, tmp_path):
    window = open_scan(settings=Settings(tmp_path / "settings.json"))
    feature = feature_of(window)
    window.session.step("axial", 2)
    feature.note()
    (path,) = (tmp_path / "sessions").glob("*.json")
    noted = json.loads(path.read_text())
    assert noted["paths"] == ["/scans/head_T1w.nii.gz"]
    assert noted["cursor"] == list(window.session.cursor)
    window.note_fault("KeyError")
    assert feature.journal.report() == "KeyError"
    assert not QLockFile(str(path.with_suffix(".lock"))).tryLock(0)
    window.close()
    assert list((tmp_path / "sessions").iterdir()) == []


def test_settings_in_memory_keep_no_journal(open_window):
    window = open_window()
    assert feature_of(window).journal is None
    assert not window.actions_["crash_report"].isEnabled()
