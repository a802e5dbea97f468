from __future__ import annotations

import gc
import sys
import threading
import weakref

import pytest
from PySide6.QtCore import QObject

from acutance.qt.garbage import GarbageCollection


class Knot(QObject):
    """Hangs together with itself, as a widget does that a lambda of its own holds."""

    def __init__(self, ended: list[int]) -> None:
        super().__init__()
        self.itself = self
        weakref.finalize(self, lambda: ended.append(threading.get_ident()))


@pytest.fixture
def garbage(qapp):
    gc.enable()
    collection = GarbageCollection()
    yield collection
    collection.stop()
    gc.disable()


def churn(kept: list[list[int]]) -> None:
    """Make so many objects that Python would look at all of them more than once."""
    kept += [[] for _ in range(300_000)]


def test_a_thread_that_makes_objects_destroys_none_of_qt(qtbot, garbage):
    garbage.start()
    ended: list[int] = []
    Knot(ended)
    kept: list[list[int]] = []
    other = threading.Thread(target=churn, args=(kept,))
    other.start()
    other.join()
    assert ended == []
    qtbot.waitUntil(lambda: bool(ended))
    assert ended == [threading.get_ident()]


def test_python_collects_again_once_the_last_window_is_gone(garbage):
    second = GarbageCollection()
    assert gc.isenabled()
    garbage.start()
    second.start()
    garbage.start()
    assert gc.get_freeze_count() > 0
    garbage.stop()
    assert not gc.isenabled()
    second.stop()
    second.stop()
    assert gc.isenabled()
    assert gc.get_freeze_count() == 0


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nothing is kept, or given back")
def test_memory_goes_back_once_after_several_series_were_closed(qtbot, garbage, monkeypatch):
    calls = []
    monkeypatch.setattr("acutance.qt.garbage._trim", lambda: calls.append(threading.get_ident()))
    garbage.tidy()
    assert not garbage._tidying.isActive()  # nothing runs yet
    garbage.start()
    for id in range(3):
        garbage.tidy(id)
    qtbot.waitUntil(lambda: bool(calls))
    qtbot.wait(80)
    assert len(calls) == 1
    assert calls[0] != threading.get_ident()
