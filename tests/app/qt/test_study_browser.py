from __future__ import annotations

import gc
import os
import sys
import weakref
from dataclasses import replace

import pytest
from PySide6.QtCore import QProcess, QProcessEnvironment
from PySide6.QtNetwork import QLocalSocket

from acutance.core.headers import HeaderRow, HeaderTable, StudyFacts, StudyList
from acutance.qt.dialogs.header_dialog import MASK
from acutance.qt.panels.study_browser import StudyBrowser, StudyTree
from acutance.qt.single_instance import Door, hand_over
from acutance.qt.study_feature import StudyFeature
from acutance.session import Session

JANE = StudyFacts("p1", "s1", "DOE JANE (17)", "2024-02-29  Brain", "Brain")


@pytest.fixture
def session(kit):
    session = Session()
    names = ("T1w", "T2w", "FLAIR", "abdomen")
    items = [replace(kit.make_item(name), reader="dicom") for name in names]
    ids = session.add_items([*items, kit.make_item("phantom")])
    facts = [JANE, JANE, replace(JANE, study="s2"), replace(JANE, patient="p2", study="s3")]
    session.studies.settle(dict(zip(ids, facts, strict=False)))
    return session


def test_one_study_needs_no_headings(qtbot, kit):
    session = Session()
    session.add_items([kit.make_item("a"), kit.make_item("b")])
    tree = StudyTree(session)
    qtbot.addWidget(tree)
    assert tree.headings() == []
    assert tree.entry_at(1).title == "b"
    assert tree.entry_at(2) is None


def test_series_stand_under_patient_and_study_without_names(qtbot, session):
    tree = StudyTree(session)
    qtbot.addWidget(tree)
    expected = ["Patient 1", "Study 1  Brain", "Study 2  Brain", "Patient 2", "Study 1  Brain"]
    assert tree.headings() == [*expected, "scans"]
    assert [tree.entry_at(n).title for n in range(5)] == [e.title for e in session.entries]


def test_names_are_shown_when_asked_for_and_masked_again(qtbot, session):
    tree = StudyTree(session)
    qtbot.addWidget(tree)
    session.studies.set_names_shown(True)
    assert "DOE JANE (17)" in tree.headings()
    assert "29/02/2024  Brain" in tree.headings()
    session.studies.set_names_shown(False)
    assert not any("DOE" in heading or "2024" in heading for heading in tree.headings())


def test_search_looks_at_title_state_and_heading(qtbot, session):
    browser = StudyBrowser(session)
    qtbot.addWidget(browser)
    assert browser.tree.search("flair") == 1
    assert browser.tree.search("brain not") == 4
    assert browser.tree.search("patient 2") == 3  # T2w, study 2, patient 2
    assert browser.tree.search("nothing like it") == 0
    assert browser.tree.search("") == 5


def test_choosing_a_row_makes_its_series_active_and_headings_open_and_close(qtbot, session):
    tree = StudyTree(session)
    qtbot.addWidget(tree)
    tree.show()
    patient = tree.model().index(0, 0)
    study = tree.model().index(0, 0, patient)
    tree.setCurrentIndex(tree.model().index(1, 0, study))
    assert session.active.title == "T2w"
    assert tree.isExpanded(patient)
    tree.clicked.emit(patient)
    assert not tree.isExpanded(patient)
    session.remove(session.active.id)
    assert tree.headings()[0] == "Patient 1"
    assert not tree.grab().isNull()


@pytest.fixture
def window(qtbot, open_scan, kit):
    item = replace(kit.make_item("T1w"), reader="dicom")
    rows = (
        HeaderRow("(0010,0010)", "Patient's Name", "PN", "DOE^JANE", is_personal=True),
        HeaderRow("(0008,1140)", "Referenced Image Sequence", "SQ", "1 item"),
        HeaderRow("(0008,1150)", "Referenced SOP Class UID", "UI", "1.2", depth=1),
        HeaderRow("(0018,0081)", "Echo Time", "DS", "3.4"),
    )
    window = open_scan(
        kit.ready_runner(
            item,
            studies=lambda paths: StudyList((JANE,) * len(paths)),
            header=lambda _path: HeaderTable(rows),
        )
    )
    qtbot.waitUntil(lambda: not window.session.studies.unknown())
    return window


def test_the_header_of_a_series_is_listed_masked_and_searched(qtbot, window):
    feature = next(f for f in window.features if isinstance(f, StudyFeature))
    dialog = feature.show_header()
    qtbot.waitUntil(lambda: bool(dialog.shown()))
    assert ("Patient's Name", MASK) in dialog.shown()
    window.actions_["patient_names"].trigger()
    assert ("Patient's Name", "DOE^JANE") in dialog.shown()
    dialog.field.setText("sop class")
    names = [name for name, _ in dialog.shown()]
    assert names == ["Referenced Image Sequence", "Referenced SOP Class UID"]
    dialog.close()


def test_a_header_that_cannot_be_listed_says_why(qtbot, open_scan, kit):
    item = replace(kit.make_item("T1w"), reader="dicom")

    def refuse(_path):
        raise kit.make_error("No header.")

    window = open_scan(kit.ready_runner(item, header=refuse, studies=lambda _p: StudyList((JANE,))))
    feature = next(f for f in window.features if isinstance(f, StudyFeature))
    dialog = feature.show_header()
    qtbot.waitUntil(lambda: "No header." in dialog.summary.text())
    dialog.close()


def test_other_formats_have_no_header_to_list(open_scan):
    window = open_scan()
    assert not window.actions_["header"].isEnabled()
    assert window.session.studies.unknown() == []


def test_a_second_start_hands_its_paths_over(qtbot, tmp_path):
    name = f"acutance-test-{tmp_path.name}"
    door = Door(name)
    assert door.open()
    handed = []
    door.paths_handed.connect(handed.append)
    second = QProcess()
    surroundings = QProcessEnvironment.systemEnvironment()
    surroundings.insert("PYTHONPATH", os.pathsep.join(sys.path))
    second.setProcessEnvironment(surroundings)
    code = (
        "import sys; from pathlib import Path\n"
        "from acutance.qt.single_instance import hand_over\n"
        "sys.exit(3 if hand_over([Path(sys.argv[1])], sys.argv[2]) else 4)"
    )
    with qtbot.waitSignals([door.paths_handed, second.finished], timeout=20_000):
        second.start(sys.executable, ["-c", code, str(tmp_path / "a.nii"), name])
    assert second.exitCode() == 3
    assert handed == [[tmp_path / "a.nii"]]
    door.close()
    assert not hand_over([], name)


@pytest.mark.parametrize("message", [b"{}\n", b"[1]\n", b"nonsense\n", b'["a\\u0000b"]\n'])
def test_what_is_no_list_of_paths_is_not_taken(qtbot, tmp_path, message):
    name = f"acutance-test-{tmp_path.name}"
    door = Door(name)
    assert door.open()
    told = []
    door.paths_handed.connect(told.append)
    socket = QLocalSocket()
    socket.connectToServer(name)
    with qtbot.waitSignal(socket.disconnected):
        socket.write(message)
    assert told == []
    door.close()


def test_rows_that_are_no_longer_shown_are_let_go(qtbot, session):
    tree = StudyTree(session)
    qtbot.addWidget(tree)
    shown = [weakref.ref(item) for item in tree._items.values()]
    session.add_items([session.entries[0].item])
    gc.collect()
    assert [row() for row in shown] == [None] * 5
