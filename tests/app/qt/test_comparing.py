"""Repeat or keep, in the window."""

from __future__ import annotations

import dataclasses

import pytest
from PySide6.QtCore import QPoint, Qt

from acutance.core.comparison import Advice
from acutance.core.iqm import IqmResult
from acutance.errors import EngineError

LEVELS = {"first": 0.60, "again": 0.92, "third": 0.90}


def result_of(kit, request):
    name = request.volume.name
    level = LEVELS[name]
    result = kit.make_result(request.volume, level=level)
    return dataclasses.replace(result, ssim_lo=level - 0.04, ssim_hi=level + 0.04)


def loaded(kit, item):
    volume = dataclasses.replace(kit.make_volume(), name=item.title)
    return kit.make_loaded(item, volume=volume)


@pytest.fixture
def open_three(kit, open_scan, qtbot):
    def open_them(**answers):
        items = [kit.make_item(name) for name in LEVELS]
        runner = kit.ready_runner(
            *items,
            read=lambda item: loaded(kit, item),
            quality=lambda request: result_of(kit, request),
            **({"iqm": lambda request: IqmResult({"efc": 0.5, "snr": None})} | answers),
        )
        window = open_scan(runner)
        for entry in window.session.entries:
            window.session.activate(entry.id)
            qtbot.waitUntil(lambda entry=entry: entry.result is not None)
        qtbot.waitUntil(lambda: all(e.result is not None for e in window.session.entries))
        qtbot.waitUntil(lambda: not window.controller.jobs)
        return window

    return open_them


def opened(window, qtbot):
    window.actions_["compare_series"].trigger()
    dialog = window.comparer.dialog
    qtbot.waitUntil(lambda: not window.controller.jobs)
    return dialog


def test_it_needs_two_series_with_a_verdict(open_scan):
    window = open_scan()
    assert not window.actions_["compare_series"].isEnabled()


def test_the_active_series_is_held_against_the_one_before(open_three, qtbot):
    window = open_three()
    ids = [entry.id for entry in window.session.entries]
    window.session.activate(ids[1])
    dialog = opened(window, qtbot)
    assert dialog.chosen == (ids[0], ids[1])
    assert dialog.advice is Advice.KEEP_B
    assert dialog.sentence.startswith("Keep B")
    assert dialog.metric_rows == (("efc", "0.5", "0.5"),)
    dialog.choose(ids[1], ids[2])
    assert dialog.advice is Advice.NO_DIFFERENCE
    assert "No difference that the interval supports" in dialog.sentence
    dialog.choose(ids[1], ids[0])
    assert dialog.advice is Advice.KEEP_A


def test_a_click_on_a_bar_goes_to_the_slice(open_three, qtbot):
    window = open_three()
    ids = [entry.id for entry in window.session.entries]
    dialog = opened(window, qtbot)
    dialog.choose(ids[0], ids[1])
    area = dialog.bars.bars_rect()
    qtbot.mouseClick(dialog.bars, Qt.MouseButton.LeftButton, pos=QPoint(int(area.left()) + 1, 40))
    assert window.session.active.id == ids[0]
    assert window.session.slice_index("axial") == 1


def test_metrics_that_fail_are_told(open_three, qtbot):
    def fail(_request):
        raise EngineError("No memory.")

    dialog = opened(open_three(iqm=fail), qtbot)
    assert dialog.metric_rows == ()
    assert "could not be measured" in dialog._metrics.text()


def test_a_closed_comparison_stops_measuring_and_opens_again(open_three, kit, qtbot):
    window = open_three()
    del window.runner.answers["iqm"]
    window.actions_["compare_series"].trigger()
    first = window.comparer.dialog
    jobs = window.runner.running("iqm")
    assert len(jobs) == 2
    first.reject()
    assert window.comparer.dialog is None
    for job in jobs:
        assert job.is_cancel_requested
        window.runner.finish(job, error=kit.JobCancelled())
    qtbot.waitUntil(lambda: not window.controller.jobs)
    window.runner.answers["iqm"] = lambda request: IqmResult({"efc": 0.4})
    assert opened(window, qtbot).metric_rows == (("efc", "0.4", "0.4"),)


def test_a_series_that_was_closed_meanwhile_still_has_its_verdict_here(open_three, qtbot):
    window = open_three()
    dialog = opened(window, qtbot)
    ids = [entry.id for entry in window.session.entries]
    window.session.clear()
    dialog.choose(ids[0], ids[1])
    assert dialog.advice is Advice.KEEP_B
    assert window.session.active is None
