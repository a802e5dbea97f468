from __future__ import annotations

import logging
import threading
from typing import Any

import pytest

from acutance.errors import EngineError, JobCancelled
from acutance.jobs.job import Job, JobEvent, JobState


def _job() -> Job[int]:
    return Job("quality", "Score")


def test_states_and_value_of_a_success() -> None:
    job = _job()
    assert (job.state, job.seconds, job.attempts) == (JobState.QUEUED, 0.0, 0)
    assert job._start(None)
    job._report(2.0, "much")
    assert (job.state, job.fraction, job.message, job.attempts) == ("running", 1.0, "much", 1)
    assert job._finish(result=7)
    assert job.value() == 7
    assert job.wait() is JobState.SUCCEEDED
    assert job.seconds > 0.0
    assert job.seconds == job.seconds


def test_value_of_a_failure_raises_it() -> None:
    job = _job()
    job._start(None)
    error = EngineError("no")
    job._finish(error=error)
    with pytest.raises(EngineError) as caught:
        job.value()
    assert caught.value is error
    assert job.result is None


def test_value_gives_up_after_its_timeout() -> None:
    with pytest.raises(TimeoutError):
        _job().value(timeout=0.01)


def test_the_first_outcome_stays() -> None:
    job = _job()
    job._start(None)
    assert job._finish(result=1)
    assert not job._finish(error=EngineError("late"))
    job.cancel()
    assert (job.state, job.result, job.error) == (JobState.SUCCEEDED, 1, None)


def test_a_waiting_job_is_cancelled_at_once() -> None:
    job = _job()
    events: list[str] = []
    job.add_listener(lambda _, event: events.append(event.kind))
    job.cancel()
    assert job.state is JobState.CANCELLED
    assert isinstance(job.error, JobCancelled)
    assert events == ["finished"]
    assert not job._start(None)


def test_a_cancelled_job_never_succeeds() -> None:
    job = _job()
    asked: list[Job[Any]] = []
    job._start(asked.append)
    job.cancel()
    job.cancel()
    assert asked == [job]
    job._finish(result=1)
    assert (job.state, job.result) == (JobState.CANCELLED, None)


def test_events_arrive_in_order_and_a_late_listener_hears_the_end() -> None:
    job = _job()
    events: list[JobEvent] = []
    job.add_listener(lambda _, event: events.append(event))
    job._start(None)
    job._report(0.5, "half")
    job._retry("again")
    job._finish(result=1)
    assert [event.kind for event in events] == ["started", "progress", "retried", "finished"]
    assert events[1] == JobEvent("progress", 0.5, "half")
    assert job.attempts == 2
    late: list[str] = []
    job.add_listener(lambda _, event: late.append(event.kind))
    assert late == ["finished"]


def test_a_faulty_listener_is_logged_and_harms_nobody(caplog: pytest.LogCaptureFixture) -> None:
    job = _job()
    heard: list[str] = []

    def fail(job: Job[Any], event: JobEvent) -> None:
        raise ZeroDivisionError

    job.add_listener(fail)
    job.add_listener(lambda _, event: heard.append(event.kind))
    with caplog.at_level(logging.ERROR):
        job._start(None)
        job._finish(result=1)
    assert heard == ["started", "finished"]
    assert "listener" in caplog.text


def test_one_outcome_under_a_race_of_many_threads() -> None:
    for _ in range(200):
        job = _job()
        ends: list[str] = []
        job.add_listener(lambda _, event, ends=ends: ends.append(event.kind))
        gate = threading.Barrier(3)
        taken: list[bool] = []

        def run(job: Job[int] = job, gate: Any = gate, taken: list[bool] = taken) -> None:
            gate.wait()
            taken.append(job._start(None) and job._finish(result=1))

        def cancel(job: Job[int] = job, gate: Any = gate) -> None:
            gate.wait()
            job.cancel()

        threads = [threading.Thread(target=t) for t in (run, cancel)]
        for thread in threads:
            thread.start()
        gate.wait()
        for thread in threads:
            thread.join()
        assert ends.count("finished") == 1
        assert job.is_finished
