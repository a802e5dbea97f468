"""Choosing one of several volumes: the bar above the views, and what stays when it changes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from acutance.core.ledger import ExtraAxis
from acutance.core.window import Window

AXES = (ExtraAxis("time", 5), ExtraAxis("<b>echo</b>", 2))


def series(kit):
    return replace(kit.make_item(), extra_axes=AXES)


def volume_at(kit, item):
    """A head whose values tell the position."""
    volume = kit.make_volume()
    time, echo = item.position
    return volume.with_array(volume.array + np.int16(100 * time + 10 * echo))


def runner_of(kit, **answers):
    def read(item):
        return kit.make_loaded(item, volume=volume_at(kit, item))

    return kit.ready_runner(series(kit), **({"read": read} | answers))


def test_a_series_of_one_volume_shows_no_bar(open_scan):
    assert not open_scan().centre.positions.isVisible()


def test_each_axis_has_a_field_that_reads_another_volume(kit, open_scan, qtbot):
    window = open_scan(runner_of(kit))
    bar, session = window.centre.positions, window.session
    assert bar.isVisible()
    assert [(box.minimum(), box.maximum()) for box in bar.boxes] == [(0, 4), (0, 1)]
    session.set_slice("axial", 3)
    session.set_window(Window(123, 45))
    cursor = session.cursor
    with qtbot.waitSignal(window.controller.job_ended):
        bar.boxes[0].setValue(3)
    qtbot.waitUntil(lambda: not window.controller.jobs)
    assert session.active.loaded.item.position == (3, 0)
    assert session.active_volume.array.min() == 300
    assert session.cursor == cursor
    assert session.window == Window(123, 45)
    assert session.active.result is not None, "the new volume is scored in its turn"


def test_the_newest_wish_wins_and_the_volume_stays_until_then(kit, open_scan, qtbot):
    runner = runner_of(kit)
    window = open_scan(runner)
    qtbot.waitUntil(lambda: not window.controller.jobs)
    del runner.answers["read"]
    bar, session = window.centre.positions, window.session
    bar.boxes[0].setValue(1)
    bar.boxes[0].setValue(2)
    (*_, first, second) = (job for job in runner.jobs if job.task == "read")
    assert session.active.loaded.item.position == (0, 0)
    assert bar.boxes[0].value() == 2
    wanted = runner.requests[runner.jobs.index(second)]
    with qtbot.waitSignal(window.controller.job_ended):
        runner.finish(second, kit.make_loaded(wanted, volume=volume_at(kit, wanted)))
    if not first.is_finished:
        runner.finish(first, error=kit.JobCancelled())
    qtbot.waitUntil(lambda: session.active.loaded.item.position == (2, 0))


def test_a_volume_that_cannot_be_read_leaves_the_one_that_is_there(kit, open_scan, qtbot):
    def read(item):
        if item.position != (0, 0):
            raise kit.make_error()
        return kit.make_loaded(item, volume=volume_at(kit, item))

    window = open_scan(runner_of(kit, read=read))
    bar, session = window.centre.positions, window.session
    heard = []
    session.notice.connect(heard.append)
    bar.boxes[1].setValue(1)
    qtbot.waitUntil(lambda: bool(heard))
    assert "cut short" in heard[0]
    assert session.active.loaded.item.position == (0, 0)
    assert bar.boxes[1].value() == 0
    assert window.centre.shows_images


def test_the_same_scan_opened_again_is_not_listed_twice(kit, open_scan, qtbot):
    window = open_scan(runner_of(kit))
    with qtbot.waitSignal(window.controller.job_ended):
        window.centre.positions.boxes[0].setValue(4)
    with qtbot.waitSignal(window.controller.opened):
        window.open_paths([kit.SCAN])
    assert len(window.session.entries) == 1
