from __future__ import annotations

import gc
import weakref
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QLabel, QToolButton

from acutance.core.ledger import Index, LoadWarning, SetAside
from acutance.core.quality import Verdict
from acutance.errors import EngineError
from acutance.qt.settings import Settings
from acutance.session import SeriesState


def drop(window, urls):
    data = QMimeData()
    data.setUrls(urls)
    left = Qt.MouseButton.LeftButton
    none = Qt.KeyboardModifier.NoModifier
    copy = Qt.DropAction.CopyAction
    window.dragEnterEvent(QDragEnterEvent(QPoint(50, 50), copy, data, left, none))
    overlay_shown = window.drop_overlay.isVisible()
    window.dropEvent(QDropEvent(QPointF(50, 50), copy, data, left, none))
    return overlay_shown


def test_start_page_is_shown_while_nothing_is_open(open_window):
    window = open_window()
    assert window.centre.currentWidget() is window.centre.start
    assert window.quality.word == "No scan"
    assert not window.actions_["score"].isEnabled()
    assert window.windowTitle() == "Acutance"


def test_opened_scan_is_listed_loaded_and_scored(open_scan):
    window = open_scan()
    (entry,) = window.session.entries
    assert entry.state is SeriesState.LOADED
    assert entry.result is not None
    assert window.centre.shows_images
    assert window.quality.word == "Usable"
    assert window.quality.number == "0.93"
    assert window.status_line.job_text == ""
    assert window.series_list.currentIndex().row() == 0
    assert window.series_list.entry_at(0) is entry


def test_nothing_is_scored_unasked_when_that_is_switched_off(kit, open_scan, qtbot):
    settings = Settings()
    settings.auto_score = False
    runner = kit.ready_runner()
    window = open_scan(runner, settings)
    assert window.session.active.result is None
    assert "engine" not in runner.warmed
    with qtbot.waitSignal(window.controller.job_ended):
        window.actions_["score"].trigger()
    assert window.quality.word == "Usable"


def test_n_goes_to_the_worst_slice_and_marks_its_row(open_scan, qtbot):
    window = open_scan()
    qtbot.keyClick(window.centre.grid.view("axial"), Qt.Key.Key_N)
    worst = window.session.active.result.worst_first()
    assert window.session.slice_index(worst[0].plane) == worst[0].index
    assert "predicted SSIM" in window.status_line.notice
    qtbot.keyClick(window.centre.grid.view("axial"), Qt.Key.Key_N)
    assert window.session.slice_index(worst[1].plane) == worst[1].index
    qtbot.keyClick(window, Qt.Key.Key_N, Qt.KeyboardModifier.ShiftModifier)
    assert window.session.slice_index(worst[0].plane) == worst[0].index


def test_click_on_a_row_goes_to_its_slice(open_scan, qtbot):
    window = open_scan()
    row = window.quality.worst.rows[2]
    qtbot.mouseClick(row, Qt.MouseButton.LeftButton)
    assert window.session.slice_index(row.score.plane) == row.score.index


def test_drop_opens_files_under_an_overlay(kit, open_window, qtbot):
    runner = kit.ready_runner()
    window = open_window(runner)
    with qtbot.waitSignal(window.controller.opened):
        assert drop(window, [QUrl.fromLocalFile(str(kit.SCAN))])
    assert not window.drop_overlay.isVisible()
    assert runner.requests[0] == [kit.SCAN]
    assert len(window.session.entries) == 1


def test_drag_of_something_else_is_not_taken(kit, open_window):
    runner = kit.ready_runner()
    window = open_window(runner)
    assert not drop(window, [QUrl("https://example.org/scan.nii")])
    assert runner.jobs == []


def test_drag_that_leaves_takes_the_overlay_away(open_window):
    window = open_window()
    window.drop_overlay.open()
    window.dragLeaveEvent(QDragLeaveEvent())
    assert not window.drop_overlay.isVisible()


def test_unreadable_series_is_told_in_the_place_of_the_image(kit, open_scan, qtbot):
    def fail(_item):
        raise kit.make_error()

    runner = kit.ready_runner(read=fail)
    window = open_scan(runner)
    problem = window.centre.problem
    assert window.centre.currentWidget() is problem
    assert "cut short" in problem.text.replace("\u200b", "")
    assert "Copy it again." in problem.text
    assert window.quality.word == "Not assessed"
    runner.answers["read"] = lambda item: kit.make_loaded(item)
    problem.retry_requested.emit()
    qtbot.waitUntil(lambda: window.session.active.state is SeriesState.LOADED)
    assert window.centre.shows_images


def test_nothing_found_is_told_with_every_reason(kit, open_scan, qtbot):
    aside = (SetAside("/scans/a.txt", "not a scan"), SetAside("/scans/b.txt", "not a scan"))
    window = open_scan(kit.ready_runner(index=lambda _paths: Index((), aside)))
    problem = window.centre.problem
    assert window.centre.currentWidget() is problem
    assert "None of 2 files can be read." in problem.text
    assert problem.details.splitlines() == ["/scans/a.txt: not a scan", "/scans/b.txt: not a scan"]
    assert window.settings.recent == ()
    problem.dismissed.emit()
    assert window.centre.currentWidget() is window.centre.start


def test_failed_score_is_told_in_the_panel_and_can_be_repeated(kit, open_scan, qtbot):
    def fail(_request):
        raise EngineError("The weights are missing.", remedy="Install Acutance again.")

    runner = kit.ready_runner(quality=fail)
    window = open_scan(runner)
    assert window.quality.error == "The weights are missing. Install Acutance again."
    assert window.quality.word == "Not assessed"
    assert window.centre.shows_images
    runner.answers["quality"] = lambda request: kit.make_result(request.volume)
    window.quality.run_requested.emit()
    qtbot.waitUntil(lambda: window.quality.word == "Usable")
    assert window.quality.error == ""


def test_running_score_can_be_cancelled(kit, open_scan, qtbot):
    runner = kit.ready_runner()
    del runner.answers["quality"]
    window = open_scan(runner)
    (job,) = runner.running("quality")
    runner.begin(job, 0.62)
    qtbot.waitUntil(lambda: "62%" in window.status_line.job_text)
    assert window.quality.word == "Scoring…"
    window.status_line.cancel_requested.emit()
    assert job.is_cancel_requested
    runner.finish(job, error=kit.JobCancelled())
    qtbot.waitUntil(lambda: not window.controller.jobs)
    assert window.session.active.result is None
    assert window.quality.word == "Not assessed"
    assert window.status_line.notice == "Scoring was cancelled."


def test_ledger_says_what_was_set_aside_and_warns(kit, open_scan):
    aside = (SetAside("/scans/<b>x</b>.dcm", "another series"),)
    warning = LoadWarning("missing_slices", "2 slices are missing.")
    runner = kit.ready_runner(
        read=lambda item: kit.make_loaded(item, aside=aside, warnings=(warning,))
    )
    window = open_scan(runner)
    ledger = window.ledger
    assert ledger.isVisible()
    assert ledger.summary == "1 of 2 files used, 1 warning"
    assert ledger.warning_texts == ("▲ 2 slices are missing.",)
    row = ledger.table.topLevelItem(0)
    assert (row.text(0), row.text(1)) == ("b>.dcm", "another series")
    ledger.set_open(True)
    assert ledger.table.isVisible()


def test_second_opening_of_the_same_scan_adds_nothing(kit, open_scan, qtbot):
    window = open_scan()
    with qtbot.waitSignal(window.controller.opened) as opened:
        window.open_paths([kit.SCAN])
    assert opened.args == [0]
    assert len(window.session.entries) == 1


def test_other_series_are_read_ahead_and_scored_when_looked_at(kit, open_scan, qtbot):
    items = tuple(kit.make_item(name) for name in ("one", "two", "three"))
    runner = kit.ready_runner(*items)
    window = open_scan(runner)
    # Files that are not there count as too large to be read unasked.
    assert [e.state.value for e in window.session.entries] == ["loaded", "listed", "listed"]
    qtbot.keyClick(window, Qt.Key.Key_PageDown)
    qtbot.waitUntil(lambda: window.session.entries[1].result is not None)
    assert window.session.active is window.session.entries[1]
    qtbot.keyClick(window.series_list, Qt.Key.Key_PageUp)
    assert window.session.active is window.session.entries[0]


def test_removed_series_drops_its_answer(kit, open_scan, qtbot):
    runner = kit.ready_runner()
    del runner.answers["quality"]
    window = open_scan(runner)
    (job,) = runner.running("quality")
    runner.begin(job)
    window.actions_["remove"].trigger()
    assert job.is_cancel_requested
    with qtbot.waitSignal(window.controller.job_ended):
        runner.finish(job, kit.make_result())
    assert window.session.entries == ()
    assert window.centre.currentWidget() is window.centre.start
    assert window.quality.word == "No scan"


@pytest.mark.parametrize(
    ("verdict", "word"),
    [
        (Verdict.USABLE, "Usable"),
        (Verdict.CHECK, "Check"),
        (Verdict.REPEAT, "Repeat advised"),
        (Verdict.NOT_ASSESSED, "Not assessed"),
    ],
)
def test_each_verdict_is_told_by_word_shape_and_reason(kit, open_scan, verdict, word):
    runner = kit.ready_runner(
        quality=lambda request: kit.make_result(request.volume, verdict=verdict, reason="Because.")
    )
    window = open_scan(runner)
    assert (window.quality.word, window.quality.verdict) == (word, verdict)
    assert window.quality.reason == "Because."
    assert (window.quality.number == "") == (verdict is Verdict.NOT_ASSESSED)
    assert word in window.series_list.model().index(0, 0).data(Qt.ItemDataRole.AccessibleTextRole)


def test_keys_change_tool_text_crosshair_and_window(open_scan, qtbot):
    window = open_scan()
    grid = window.centre.grid
    qtbot.keyClick(window, Qt.Key.Key_W)
    assert grid.tool == "window"
    assert window.actions_["window_tool"].isChecked()
    qtbot.keyClick(window, Qt.Key.Key_X)
    assert not grid.view("coronal").overlay_visible
    qtbot.keyClick(window, Qt.Key.Key_H)
    assert not window.session.crosshair_visible
    before = window.session.window
    qtbot.keyClick(window, Qt.Key.Key_2)
    assert window.session.window.name == "background"
    qtbot.keyClick(window, Qt.Key.Key_0)
    assert window.session.window == before


def test_convention_is_shown_changed_and_remembered(open_scan):
    window = open_scan()
    window.status_line.convention_clicked.emit()
    assert window.session.convention == "neurological"
    assert window.settings.convention == "neurological"
    assert window.tool_bar.convention.text().startswith("NEU")
    assert window.actions_["neurological"].isChecked()


def test_layout_and_theme_are_remembered(open_scan):
    window = open_scan()
    window.actions_["layout_single"].trigger()
    assert window.settings.layout == "single"
    window.actions_["light"].trigger()
    assert window.settings.theme == "light"
    window.actions_["light"].trigger()
    assert window.settings.theme == "dark"
    window.reset_layout()
    assert window.settings.layout == "three"


def test_cheat_sheet_closes_on_any_key_without_running_its_command(open_scan, qtbot):
    window = open_scan()
    before = window.session.cursor
    window.actions_["keys"].trigger()
    assert window.cheat_sheet.isVisible()
    qtbot.keyClick(window.cheat_sheet, Qt.Key.Key_N)
    assert not window.cheat_sheet.isVisible()
    assert window.session.cursor == before


def test_closing_remembers_the_arrangement_and_closes_the_runner(kit, open_window, tmp_path):
    runner = kit.ready_runner()
    settings = Settings(tmp_path / "settings.json")
    window = open_window(runner, settings)
    window.series_dock.hide()
    window.close()
    assert runner.closed
    again = open_window(None, Settings(tmp_path / "settings.json"))
    assert not again.series_dock.isVisible()
    again.reset_layout()
    assert again.series_dock.isVisible()


def test_recent_items_are_offered_and_opened(kit, open_scan, qtbot):
    window = open_scan()
    window.actions_["close_all"].trigger()
    assert window.session.entries == ()
    start = window.centre.start
    assert start.recent_paths == (str(kit.SCAN),)
    with qtbot.waitSignal(window.controller.opened):
        start.recent_requested.emit(start.recent_paths[0])
    assert len(window.session.entries) == 1
    window.forget_recent()
    assert start.recent_paths == ()


def test_text_of_files_is_never_markup(kit, open_scan):
    window = open_scan(kit.ready_runner(kit.make_item("<b>bold</b>")))
    window.provenance.set_open(True)
    labels = window.findChildren(QLabel)
    assert labels
    assert {label.textFormat() for label in labels} == {Qt.TextFormat.PlainText}
    tip = window.series_list.model().index(0, 0).data(Qt.ItemDataRole.ToolTipRole)
    assert "&lt;b&gt;" in tip


def test_every_button_can_be_named_by_a_screen_reader(open_scan):
    window = open_scan()
    nameless = [
        button.objectName() or button.parent().objectName()
        for button in window.findChildren(QToolButton)
        if button.isVisible()
        and not (button.accessibleName() or button.text())
        # Qt's own buttons of dock titles and tool bar are named by Qt.
        and not button.objectName().startswith("qt_")
    ]
    assert nameless == []


def test_first_use_warms_the_children_after_the_first_paint(kit, open_scan, qtbot):
    runner = kit.ready_runner()
    window = open_scan(runner)
    qtbot.waitUntil(lambda: "reader" in runner.warmed)
    assert runner.warmed.count("engine") == 1
    assert window.heartbeat.is_running


def test_single_slice_volume_is_shown(kit, open_scan):
    volume = kit.make_volume((24, 28, 1))
    window = open_scan(
        kit.ready_runner(
            read=lambda item: kit.make_loaded(item, volume=volume),
            quality=lambda request: kit.make_result(
                request.volume, verdict=Verdict.NOT_ASSESSED, reason="A single slice."
            ),
        )
    )
    assert window.quality.word == "Not assessed"
    assert not window.grab().isNull()


def test_sample_scan_is_opened_from_the_start_page(kit, open_window, qtbot):
    runner = kit.ready_runner()
    window = open_window(runner)
    window.centre.start.sample_requested.emit()
    if not runner.jobs:
        pytest.skip("this copy carries no sample scan")
    assert Path(runner.requests[0][0]).name.startswith("sample_")


def test_a_closed_series_leaves_its_volume_to_nobody(open_scan, qtbot):
    window = open_scan()
    volume = weakref.ref(window.session.active_volume)
    qtbot.waitUntil(lambda: not window.controller.jobs)
    QApplication.processEvents()
    window.session.clear()
    window.runner.jobs.clear()
    window.runner.requests.clear()
    QApplication.processEvents()
    gc.collect()
    assert volume() is None


def test_keys_that_do_not_fit_are_reached_by_arrows(open_window, qtbot):
    window = open_window()
    window.resize(800, 500)
    window.cheat_sheet.open()
    bar = window.cheat_sheet._card.verticalScrollBar()
    qtbot.waitUntil(lambda: bar.maximum() > 0)
    qtbot.keyClick(window.cheat_sheet, Qt.Key.Key_PageDown)
    assert bar.value() > 0
    assert window.cheat_sheet.isVisible()
    qtbot.keyClick(window.cheat_sheet, Qt.Key.Key_Escape)
    assert window.cheat_sheet.isHidden()
