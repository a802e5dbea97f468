"""Series are listed while files are still being looked for; what is looked at stays."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Qt

from acutance.core.ledger import PARTIAL_SEARCH, Index, LoadWarning
from acutance.qt.panels.series_list import describe
from acutance.session import SeriesState


def _partial(kit, item):
    return replace(item, is_partial=True)


def _load(kit, item):
    more = (LoadWarning(PARTIAL_SEARCH, "Images may be missing."),) if item.is_partial else ()
    return kit.make_loaded(item, warnings=more)


def _searching(kit, open_window):
    """Return a window that looks for files, its runner and the job."""
    runner = kit.ready_runner(read=lambda item: _load(kit, item))
    del runner.answers["index"]
    window = open_window(runner)
    window.open_paths([kit.SCAN])
    (job,) = runner.running("index")
    runner.begin(job)
    return window, runner, job


def test_first_series_is_shown_before_the_search_ends(kit, open_window, qtbot):
    window, runner, job = _searching(kit, open_window)
    one, two = kit.make_item("one"), kit.make_item("two")
    job._show(Index((_partial(kit, one),)))
    session = window.session
    qtbot.waitUntil(lambda: session.active is not None and session.active.loaded is not None)
    entry = session.active
    assert "so far" in describe(entry)
    assert any("missing" in text for text in window.ledger.warning_texts)
    assert not runner.running("quality")
    assert entry.result is None
    volume = entry.volume
    with qtbot.waitSignal(window.controller.opened) as opened:
        runner.finish(job, Index((one, two)))
    assert opened.args == [2]
    qtbot.waitUntil(lambda: entry.result is not None)
    assert session.active is entry
    assert entry.volume is volume
    assert "so far" not in describe(entry)
    assert window.ledger.warning_texts == ()
    assert [e.title for e in session.entries] == ["one", "two"]


def test_a_series_that_grew_is_read_again(kit, open_window, qtbot):
    window, runner, job = _searching(kit, open_window)
    item = kit.make_item("one")
    job._show(Index((_partial(kit, item),)))
    session = window.session
    qtbot.waitUntil(lambda: session.active is not None and session.active.loaded is not None)
    entry = session.active
    grown = replace(item, files=(*item.files, "/scans/more"))
    runner.finish(job, Index((grown,)))
    qtbot.waitUntil(lambda: entry.result is not None)
    assert entry.loaded.item == grown
    assert entry.state is SeriesState.LOADED
    reads = [j for j in runner.jobs if j.task == "read"]
    assert len(reads) == 2
    assert [e.id for e in session.entries] == [entry.id]


def test_a_choice_made_meanwhile_is_kept(kit, open_window, qtbot):
    window, runner, job = _searching(kit, open_window)
    one, two = kit.make_item("one"), kit.make_item("two")
    job._show(Index((_partial(kit, one), _partial(kit, two))))
    session = window.session
    qtbot.waitUntil(lambda: len(session.entries) == 2)
    qtbot.keyClick(window, Qt.Key.Key_PageDown)
    assert session.active is session.entries[1]
    job._show(Index((_partial(kit, kit.make_item("zero")), _partial(kit, one), _partial(kit, two))))
    runner.finish(job, Index((kit.make_item("zero"), one, two)))
    qtbot.waitUntil(lambda: len(session.entries) == 3 and session.active.result is not None)
    assert session.active.title == "two"


def test_a_cancelled_search_keeps_what_was_found(kit, open_window, qtbot):
    window, runner, job = _searching(kit, open_window)
    item = kit.make_item("one")
    job._show(Index((_partial(kit, item),)))
    qtbot.waitUntil(lambda: len(window.session.entries) == 1)
    job.cancel()
    with qtbot.waitSignal(window.controller.opened):
        runner.finish(job, error=kit.JobCancelled())
    (entry,) = window.session.entries
    qtbot.waitUntil(lambda: entry.result is not None)
    assert window.status_line.notice == "The search was cancelled; what was found stays."
    assert any("missing" in text for text in window.ledger.warning_texts)
    assert window.controller.problem is None
    assert window.settings.recent


def test_what_was_open_before_is_not_listed_again(kit, open_window, qtbot):
    runner = kit.ready_runner()
    window = open_window(runner)
    with qtbot.waitSignal(window.controller.opened):
        window.open_paths([kit.SCAN])
    del runner.answers["index"]
    window.open_paths([kit.SCAN])
    (job,) = runner.running("index")
    runner.begin(job)
    job._show(Index((_partial(kit, kit.make_item()),)))
    with qtbot.waitSignal(window.controller.opened) as opened:
        runner.finish(job, Index((kit.make_item(),)))
    assert opened.args == [0]
    assert len(window.session.entries) == 1
