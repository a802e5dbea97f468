from __future__ import annotations

import time

from acutance.qt.heartbeat import Heartbeat


def test_held_up_thread_is_counted_as_one_stall(qtbot):
    heartbeat = Heartbeat()
    heartbeat.start()
    qtbot.waitUntil(lambda: heartbeat.beats >= 1)
    heartbeat.reset()
    # What is measured is exactly that the event loop does not turn meanwhile.
    end = time.monotonic() + 0.3
    while time.monotonic() < end:
        pass
    qtbot.waitUntil(lambda: heartbeat.beats >= 1)
    assert heartbeat.stalls == 1
    assert heartbeat.slow >= 1
    assert heartbeat.longest_ms > 200
    heartbeat.stop()
    assert not heartbeat.is_running
