from __future__ import annotations

import threading

import pytest
from PySide6.QtCore import QThread

from acutance.jobs.job import Job
from acutance.qt.bridge import JobBridge


@pytest.fixture
def bridge(qtbot):
    bridge = JobBridge()
    yield bridge
    bridge.close()


def test_finish_is_told_once_on_the_gui_thread(bridge, qtbot):
    told = []
    bridge.finished.connect(lambda job: told.append((job, QThread.isMainThread())))
    job = Job("read", "Loading")
    bridge.watch(job)
    thread = threading.Thread(target=job._finish)
    with qtbot.waitSignal(bridge.finished):
        thread.start()
    thread.join()
    qtbot.wait(50)
    assert told == [(job, True)]
    assert bridge.jobs == ()


def test_job_that_had_finished_is_told_later_not_from_inside_watch(bridge, qtbot):
    job = Job("read", "Loading")
    job._finish()
    told = []
    bridge.finished.connect(told.append)
    bridge.watch(job)
    assert told == []
    qtbot.waitUntil(lambda: told == [job])


def test_progress_is_told_no_faster_than_a_screen_shows(bridge, qtbot):
    job = Job("quality", "Scoring")
    told = []
    bridge.progressed.connect(lambda job: told.append(job.fraction))
    bridge.watch(job)
    job._start(None)

    def report():
        for n in range(1000):
            job._report(n / 1000, "")
        job._finish()

    thread = threading.Thread(target=report)
    with qtbot.waitSignal(bridge.finished):
        thread.start()
    thread.join()
    assert len(told) < 60
    assert told == sorted(told)


def test_closed_bridge_tells_nothing(bridge, qtbot):
    job = Job("read", "Loading")
    told = []
    bridge.finished.connect(told.append)
    bridge.watch(job)
    bridge.close()
    job._finish()
    qtbot.wait(60)
    assert told == []


def test_windows_of_a_new_volume_are_found_beside_the_gui(bridge, qtbot, kit, monkeypatch):
    found = []
    monkeypatch.setattr(
        "acutance.qt.bridge.prepare",
        lambda volume: found.append((volume, threading.get_ident())),
    )
    job, loaded = Job("read", "Loading"), kit.make_loaded()
    bridge.watch(job)
    thread = threading.Thread(target=lambda: job._finish(result=loaded))
    with qtbot.waitSignal(bridge.finished):
        thread.start()
        ident = thread.ident
    thread.join()
    assert found == [(loaded.volume, ident)]
