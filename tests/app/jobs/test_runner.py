from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import psutil
import pytest
from fake_engines import ENTRIES

from acutance.errors import DeviceMemoryError, EngineError, JobCancelled, UnsupportedInputError
from acutance.jobs import shared
from acutance.jobs.job import Job, JobEvent, JobState

if TYPE_CHECKING:
    from collections.abc import Callable

    from acutance.jobs.runner import Runner

LIMIT = 30.0


class Heard:
    """A listener that remembers."""

    def __init__(self) -> None:
        self.events: list[JobEvent] = []
        self.threads: set[str] = set()

    def __call__(self, job: Job[Any], event: JobEvent) -> None:
        self.events.append(event)
        self.threads.add(threading.current_thread().name)

    @property
    def kinds(self) -> list[str]:
        return [event.kind for event in self.events]


def test_a_job_is_told_from_beginning_to_end(steady: Runner) -> None:
    heard = Heard()
    job = steady.submit("echo", {"a": [1, 2]}, title="Say it", listener=heard)
    answer = job.value(LIMIT).values
    assert answer["request"] == {"a": [1, 2]}
    assert answer["pid"] == steady.engine_pid
    assert answer["device"] == "auto"
    assert answer["modules"] == []
    assert (job.task, job.title, job.state, job.attempts) == ("echo", "Say it", "succeeded", 1)
    job2 = steady.submit("echo", 1)  # the lane has told everything about the first when it ends
    assert job2.title == "Echo"
    job2.value(LIMIT)
    assert heard.kinds == ["queued", "started", "progress", "finished"]
    assert heard.events[2] == JobEvent("progress", 0.5, "half")
    assert "lane engine:auto" in heard.threads


def test_an_engine_is_made_once(steady: Runner) -> None:
    jobs = [steady.submit("echo", None) for _ in range(3)]
    counts = [job.value(LIMIT).values["jobs"] for job in jobs]
    assert counts == [counts[0], counts[0] + 1, counts[0] + 2]


def test_what_a_child_prints_reaches_nobody(
    steady: Runner, capfd: pytest.CaptureFixture[str]
) -> None:
    steady.submit("echo", None).value(LIMIT)
    assert capfd.readouterr() == ("", "")


def test_progress_is_told_at_most_twenty_times_a_second(steady: Runner) -> None:
    heard = Heard()
    steady.submit("steps", (200, 0.001), listener=heard).value(LIMIT)
    assert 1 <= heard.kinds.count("progress") <= 20


def test_failures_arrive_as_what_they_are(steady: Runner) -> None:
    job = steady.submit("faulty", "expected")
    with pytest.raises(EngineError, match=r"^the network is too deep Dig less\.$"):
        job.value(LIMIT)
    assert job.state is JobState.FAILED
    with pytest.raises(DeviceMemoryError):
        steady.submit("faulty", "memory").value(LIMIT)


@pytest.mark.parametrize("synchronous", [False, True])
def test_an_unforeseen_fault_is_named_without_its_text(
    make_runner: Callable[..., Runner], steady: Runner, synchronous: bool
) -> None:
    runner = make_runner(synchronous=True) if synchronous else steady
    with pytest.raises(EngineError) as caught:
        runner.submit("faulty", "other").value(LIMIT)
    assert "LookupError in fake_engines, line" in str(caught.value)
    assert "Secret" not in str(caught.value)
    assert "/home" not in str(caught.value)


@pytest.mark.parametrize("kind", ["nan", "object", "long"])
def test_an_answer_that_cannot_cross_fails_the_job_and_not_the_child(
    steady: Runner, kind: str
) -> None:
    pid = steady.submit("echo", None).value(LIMIT).values["pid"]
    with pytest.raises(EngineError, match="cannot be handed over"):
        steady.submit("odd", kind).value(LIMIT)
    assert steady.submit("echo", None).value(LIMIT).values["pid"] == pid


def test_a_request_that_cannot_be_sent_fails(
    steady: Runner, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(UnsupportedInputError, match="list"):
        steady.submit("echo", [lambda: None]).value(LIMIT)
    assert steady.submit("echo", 1).value(LIMIT).values["request"] == 1


def test_arrays_reach_the_child_as_they_are_and_stay_as_they_were(steady: Runner) -> None:
    free = np.arange(100_000, dtype="<f8").reshape(100, 1000)
    arrays = [free, free[::2, ::-1], free.T, np.arange(4)]
    copies = [array.copy() for array in arrays]
    found = steady.submit("look", arrays).value(LIMIT).values["arrays"]
    for array, copy, seen in zip(arrays, copies, found, strict=True):
        assert seen["shape"] == list(array.shape)
        assert seen["dtype"] == array.dtype.str
        assert seen["values"] == copy.ravel().tolist()[:2000]
        np.testing.assert_array_equal(array, copy)
    assert shared.living() == ()


def test_a_volume_that_was_read_is_passed_by_name(steady: Runner) -> None:
    item = steady.index([Path("plain")]).value(LIMIT).items[0]
    volume = steady.read(item).value(LIMIT).volume
    (path,) = shared.living()
    found = steady.submit("look", [volume.array, volume.array[1:].T]).value(LIMIT).values["arrays"]
    assert [seen["path"] for seen in found] == [path, path]
    assert found[1]["values"] == volume.array[1:].T.ravel().tolist()
    assert shared.living() == (path,)
    del volume
    assert shared.living() == ()
    assert not Path(path).exists()


def test_a_waiting_job_is_cancelled_at_once_and_never_begins(steady: Runner) -> None:
    first = steady.submit("steps", (5, 0.05))
    heard = Heard()
    second = steady.submit("steps", (5, 0.05), listener=heard)
    second.cancel()
    assert second.state is JobState.CANCELLED
    assert first.value(LIMIT).values["steps"] == 5
    steady.submit("echo", None).value(LIMIT)
    assert heard.kinds == ["queued", "finished"]


def test_a_running_job_heeds_a_cancel_within_a_second(steady: Runner) -> None:
    begun = threading.Event()
    job = steady.submit("steps", (1000, 0.02), listener=lambda _, event: begun.set())
    pid = steady.submit("echo", None)
    while job.fraction == 0.0 and not job.is_finished:
        begun.wait(0.01)
    asked = time.monotonic()
    job.cancel()
    assert job.wait(LIMIT) is JobState.CANCELLED
    assert time.monotonic() - asked < 1.0
    with pytest.raises(JobCancelled):
        job.value()
    assert pid.value(LIMIT).values["pid"] == steady.engine_pid


def test_a_paused_job_rests_goes_on_and_loses_nothing(steady: Runner) -> None:
    seen: list[float] = []
    begun = threading.Event()

    def hear(_: Job[Any], event: JobEvent) -> None:
        if event.kind == "progress":
            seen.append(event.fraction)
            begun.set()

    job = steady.submit("steps", (40, 0.03), listener=hear)
    assert begun.wait(LIMIT)
    steady.set_paused(True)
    time.sleep(0.3)  # the step in hand ends
    count = len(seen)
    waiting = steady.submit("echo", 5)
    assert waiting.wait(0.4) is JobState.QUEUED
    assert len(seen) == count
    assert not job.is_finished
    steady.set_paused(False)
    assert job.value(LIMIT).values["steps"] == 40
    assert waiting.value(LIMIT).values["request"] == 5


def test_paused_jobs_heed_a_cancel(steady: Runner) -> None:
    begun = threading.Event()
    job = steady.submit("steps", (1000, 0.02), listener=lambda _, event: begun.set())
    while job.fraction == 0.0 and not job.is_finished:
        begun.wait(0.01)
    steady.set_paused(True)
    try:
        waiting = steady.submit("echo", 5)
        waiting.cancel()
        assert waiting.state is JobState.CANCELLED
        job.cancel()
        assert job.wait(LIMIT) is JobState.CANCELLED
    finally:
        steady.set_paused(False)
    assert steady.submit("echo", 6).value(LIMIT).values["request"] == 6


def test_a_deaf_job_is_ended_after_its_grace(runner: Runner) -> None:
    begun = threading.Event()

    def hear(_: Job[Any], event: JobEvent) -> None:
        if event.kind == "progress":
            begun.set()

    job = runner.submit("stubborn", None, listener=hear)
    assert begun.wait(LIMIT)
    asked = time.monotonic()
    job.cancel()
    assert job.wait(LIMIT) is JobState.CANCELLED
    assert 1.0 < time.monotonic() - asked < 2.5
    assert runner.engine_pid is None
    assert runner.submit("echo", 2).value(LIMIT).values["request"] == 2


def test_close_ends_running_and_waiting_jobs_and_every_child(
    make_runner: Callable[..., Runner],
) -> None:
    import psutil

    runner = make_runner(warm=True)
    runner.index([Path("a")]).value(LIMIT)
    running = runner.submit("stubborn", None)
    waiting = runner.submit("echo", None)
    while running.state is JobState.QUEUED:
        time.sleep(0.01)
    pids = [runner.reader_pid, runner.engine_pid]
    asked = time.monotonic()
    runner.close()
    assert time.monotonic() - asked < 2.0
    assert (running.state, waiting.state) == (JobState.CANCELLED, JobState.CANCELLED)
    assert not any(psutil.pid_exists(pid) for pid in pids if pid is not None)
    assert (runner.reader_pid, runner.engine_pid) == (None, None)
    runner.close()
    for ask in (
        lambda: runner.submit("echo", None),
        lambda: runner.index([]),
        lambda: runner.warm_up("reader"),
    ):
        with pytest.raises(RuntimeError, match="closed"):
            ask()


def test_a_runner_that_was_not_used_starts_nothing(make_runner: Callable[..., Runner]) -> None:
    runner = make_runner()
    assert (runner.reader_pid, runner.engine_pid) == (None, None)
    runner.close()


def test_false_names_are_refused_at_the_door(make_runner: Callable[..., Runner]) -> None:
    runner = make_runner()
    with pytest.raises(ValueError, match="no engine 'none'"):
        runner.submit("none", None)
    with pytest.raises(ValueError, match="lane must be one of"):
        runner.warm_up("kitchen")
    with pytest.raises(ValueError, match="twice"):
        make_runner(engines=(ENTRIES[0], ENTRIES[0]))


def test_the_synchronous_lane_gives_the_same_answers(
    make_runner: Callable[..., Runner], steady: Runner
) -> None:
    runner = make_runner(synchronous=True)
    arrays = [np.arange(20_000, dtype="<f8").reshape(100, 200)[:, ::2]]
    arrays[0].flags.writeable = False
    job = runner.submit("look", arrays)
    assert job.is_finished
    mine = job.value().values["arrays"][0]
    theirs = steady.submit("look", arrays).value(LIMIT).values["arrays"][0]
    for key in ("values", "shape", "dtype"):
        assert mine[key] == theirs[key]
    assert (runner.engine_pid, runner.reader_pid) == (None, None)
    for request, error in (("expected", EngineError), ("memory", DeviceMemoryError)):
        with pytest.raises(error):
            runner.submit("faulty", request).value()
    with pytest.raises(EngineError):
        runner.submit("odd", "nan").value()
    runner.close()
    with pytest.raises(RuntimeError, match="closed"):
        runner.submit("echo", None)


@pytest.mark.parametrize("step", range(6))
def test_a_synchronous_job_is_cancelled_at_any_step(
    make_runner: Callable[..., Runner], step: int
) -> None:
    heard = Heard()

    def cancel_at(job: Job[Any], event: JobEvent) -> None:
        heard(job, event)
        if event.kind == "progress" and event.message == f"step {step}":
            job.cancel()

    job = make_runner(synchronous=True).submit("steps", (6, 0.0), listener=cancel_at)
    assert job.state is JobState.CANCELLED
    expected = ["queued", "started", *["progress"] * (step + 1), "finished"]
    assert heard.kinds == expected


def test_engines_of_a_window_let_others_go_first(make_runner: Callable[..., Runner]) -> None:
    runner = make_runner(yields=True)
    runner.submit("echo", None).value(30.0)
    assert psutil.Process(runner.engine_pid).nice() != psutil.Process().nice()
