"""The queue in the window: progress, time left, cancel, pause, and outcomes."""

from __future__ import annotations

import pytest

from acutance.errors import DeviceMemoryError
from acutance.qt import job_log
from acutance.qt.work_feature import WorkFeature


@pytest.fixture
def opened(kit, open_scan):
    runner = kit.ready_runner()
    del runner.answers["quality"]
    window = open_scan(runner)
    section = next(f for f in window.features if isinstance(f, WorkFeature)).section
    return window, runner, section


def test_jobs_are_shown_with_time_left_and_each_can_be_cancelled(
    opened, kit, qtbot, monkeypatch
) -> None:
    window, runner, section = opened
    (job,) = runner.running("quality")
    clock = [job_log.time.monotonic()]
    monkeypatch.setattr(job_log.time, "monotonic", lambda: clock[0])
    runner.begin(job, 0.25)
    qtbot.waitUntil(lambda: section.rows and section.rows[0].words.startswith("25%"))
    clock[0] += 10.0
    section.refresh()
    assert section.rows[0].words.startswith("25%, about ")
    assert section.summary == "1 job"
    window.actions_["segment"].trigger()
    qtbot.waitUntil(lambda: len(section.rows) == 2)
    assert section.rows[1].words == "waiting"
    section.rows[1].cancel.click()
    qtbot.waitUntil(lambda: len(section.rows) == 1)
    assert section.outcomes.item(0).text().startswith("– Segmenting")
    with qtbot.waitSignal(window.controller.job_ended):
        runner.finish(job, kit.make_result())
    assert not section.rows


def test_a_pause_is_told_everywhere_and_taken_back(opened, qtbot) -> None:
    window, runner, section = opened
    (job,) = runner.running("quality")
    runner.begin(job, 0.4)
    window.actions_["pause"].trigger()
    assert runner.is_paused
    assert section.summary == "paused"
    qtbot.waitUntil(lambda: section.rows[0].words == "paused")
    assert section.pause.isChecked()
    section.pause.click()
    assert not runner.is_paused
    assert not window.actions_["pause"].isChecked()


def test_outcomes_tell_what_they_rest_on_and_lead_to_their_series(opened, kit, qtbot) -> None:
    window, runner, section = opened
    (job,) = runner.running("quality")
    runner.begin(job)
    with qtbot.waitSignal(window.controller.job_ended):
        runner.finish(job, kit.make_result())
    item = section.outcomes.item(0)
    assert item.text().startswith("✓ Scoring head_T1w")
    assert "iqa_resnet18 0.1 (" in item.toolTip()
    assert "device cpu" in item.toolTip()
    id = window.session.active.id
    (other,) = window.session.add_items([kit.make_item("other")])
    window.session.activate(other)
    section.outcomes.itemClicked.emit(item)
    assert window.session.active.id == id


def test_a_failure_stays_in_the_list_with_its_remedy(opened, qtbot) -> None:
    window, runner, section = opened
    (job,) = runner.running("quality")
    runner.begin(job)
    with qtbot.waitSignal(window.controller.job_ended):
        runner.finish(job, error=DeviceMemoryError("Too little memory.", remedy="Close some."))
    item = section.outcomes.item(0)
    assert item.text().startswith("✕ ")
    assert "Close some." in item.toolTip()
    window.actions_["work"].trigger()
    assert section.is_open
