"""`acutance.jobs.patience`: what hangs is told from what only waits for a processor."""

from __future__ import annotations

import os
import time

import pytest

from acutance.jobs import patience
from acutance.jobs.patience import MOST_LIMITS, Silence


def looks(monkeypatch: pytest.MonkeyPatch, is_runnable: bool, cpu_seconds: float) -> None:
    monkeypatch.setattr(patience, "_look", lambda _: (is_runnable, cpu_seconds))


@pytest.mark.skipif(os.name == "nt", reason="Windows does not tell the two apart")
def test_only_a_child_without_a_processor_is_starved(monkeypatch: pytest.MonkeyPatch) -> None:
    looks(monkeypatch, True, 5.0)
    silence = Silence.from_now(1)
    looks(monkeypatch, True, 9.9)
    assert silence.is_starved(10.0)
    looks(monkeypatch, True, 10.1)  # computes without an end
    assert not silence.is_starved(10.0)
    looks(monkeypatch, False, 5.0)  # waits for a share of the network
    assert not silence.is_starved(10.0)
    looks(monkeypatch, True, 5.0)
    late = Silence(1, 5.0, time.monotonic() - 10.0 * MOST_LIMITS - 1.0)
    assert not late.is_starved(10.0)


def test_a_process_is_seen_as_it_is() -> None:
    is_runnable, before = patience._look(os.getpid())
    assert is_runnable
    ends = time.process_time() + 0.05
    while time.process_time() < ends:
        pass
    assert patience._look(os.getpid())[1] > before
    assert patience._look(2**22 + 1) == (False, 0.0)  # beyond every number of a process
