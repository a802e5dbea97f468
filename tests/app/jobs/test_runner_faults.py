from __future__ import annotations

import os
import random
import signal
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from acutance.errors import EngineError, ReadError, WorkerDiedError
from acutance.jobs import shared
from acutance.jobs.job import Job, JobEvent, JobState
from acutance.jobs.patience import Silence
from acutance.jobs.tasks import unsupported

if TYPE_CHECKING:
    from collections.abc import Callable

    from acutance.jobs.runner import Runner

LIMIT = 30.0
KILL = getattr(signal, "SIGKILL", signal.SIGTERM)

pytestmark = pytest.mark.skipif(os.name != "posix", reason="kills children by signal")


def _kill_at_progress(runner: Runner, kinds: list[str]) -> Callable[[Job[Any], JobEvent], None]:
    def hear(job: Job[Any], event: JobEvent) -> None:
        kinds.append(event.kind)
        if event.kind == "progress" and job.attempts == 1 and event.fraction > 0.1:
            os.kill(runner.engine_pid or 0, KILL)

    return hear


def test_a_job_whose_child_is_killed_is_done_by_a_new_one(runner: Runner) -> None:
    kinds: list[str] = []
    job = runner.submit("steps", (10, 0.03), listener=_kill_at_progress(runner, kinds))
    assert job.value(LIMIT).values == {"steps": 10, "pid": runner.engine_pid}
    assert job.attempts == 2
    assert kinds.count("retried") == 1
    runner.submit("echo", None).value(LIMIT)
    assert kinds[-1] == "finished"
    assert kinds.count("finished") == 1


def test_the_death_of_a_child_is_noticed_within_a_second(runner: Runner) -> None:
    noticed = threading.Event()
    job = runner.submit(
        "stubborn",
        None,
        listener=lambda _, event: noticed.set() if event.kind == "retried" else None,
    )
    while not job.message:
        time.sleep(0.01)
    killed = time.monotonic()
    os.kill(runner.engine_pid or 0, KILL)
    assert noticed.wait(LIMIT)
    assert time.monotonic() - killed < 1.0
    job.cancel()
    assert job.wait(LIMIT) is JobState.CANCELLED


@pytest.mark.parametrize(("lives", "state"), [(1, JobState.SUCCEEDED), (2, JobState.FAILED)])
def test_a_job_has_two_lives(runner: Runner, tmp_path: Path, lives: int, state: JobState) -> None:
    file = tmp_path / "lives"
    file.write_text(str(lives))
    job = runner.submit("mortal", str(file))
    assert job.wait(LIMIT) is state
    assert job.attempts == 2
    if state is JobState.FAILED:
        assert isinstance(job.error, WorkerDiedError)
        assert "SIGKILL" in str(job.error)
    assert runner.submit("echo", None).wait(LIMIT) is JobState.SUCCEEDED


def test_a_death_between_jobs_does_not_count(runner: Runner) -> None:
    first = runner.submit("echo", None).value(LIMIT).values["pid"]
    os.kill(first, KILL)
    # At once: the lane may not have noticed, and the job may still be given to the dying child.
    job = runner.submit("echo", None)
    second = job.value(LIMIT).values["pid"]
    assert (second != first, job.attempts) == (True, 1)
    os.kill(second, KILL)
    while runner.engine_pid is not None:
        time.sleep(0.01)
    job = runner.submit("echo", None)
    assert job.value(LIMIT).values["pid"] != second
    assert job.attempts == 1


@pytest.mark.parametrize("kind", ["long claim", "garbled", "unknown", "huge", "refused"])
def test_a_child_that_does_not_keep_to_the_rules_is_replaced(runner: Runner, kind: str) -> None:
    job = runner.submit("odd", kind)
    assert job.wait(LIMIT) is JobState.FAILED
    assert isinstance(job.error, EngineError)
    assert "secret" not in str(job.error)
    assert job.attempts == 1
    assert runner.submit("echo", None).wait(LIMIT) is JobState.SUCCEEDED


def test_a_reader_that_dies_twice_names_the_file(runner: Runner) -> None:
    item = runner.index([Path("folder/mortal")]).value(LIMIT).items[0]
    job = runner.read(item)
    assert job.wait(LIMIT) is JobState.FAILED
    assert isinstance(job.error, WorkerDiedError)
    assert job.error.path == Path("folder/mortal")
    assert "SIGSEGV" in str(job.error)
    assert shared.living() == ()


def test_a_read_without_progress_is_given_up(make_runner: Callable[..., Runner]) -> None:
    runner = make_runner(read_limit_seconds=0.5)
    items = runner.index([Path("stalling"), Path("plain")]).value(LIMIT).items
    asked = time.monotonic()
    job = runner.read(items[0])
    assert job.wait(LIMIT) is JobState.FAILED
    assert time.monotonic() - asked < 3.0
    assert isinstance(job.error, ReadError)
    assert job.error.path == Path("stalling")
    assert "0.5 seconds" in job.error.message
    assert job.attempts == 1
    assert runner.read(items[1]).wait(LIMIT) is JobState.SUCCEEDED


def test_a_read_that_gets_no_processor_is_waited_for(
    make_runner: Callable[..., Runner], monkeypatch: pytest.MonkeyPatch
) -> None:
    runner = make_runner(read_limit_seconds=0.5)
    item = runner.index([Path("stalling")]).value(LIMIT).items[0]
    answers = [True, True, False]
    monkeypatch.setattr(Silence, "is_starved", lambda _, limit: limit == 0.5 and answers.pop(0))
    asked = time.monotonic()
    assert runner.read(item).wait(LIMIT) is JobState.FAILED
    assert time.monotonic() - asked >= 1.5
    assert answers == []


def test_every_job_has_one_outcome_whatever_happens(runner: Runner) -> None:
    chance = random.Random(7)
    ends: dict[int, int] = {}
    lock = threading.Lock()

    def hear(job: Job[Any], event: JobEvent) -> None:
        if event.kind == "finished":
            with lock:
                ends[job.id] = ends.get(job.id, 0) + 1

    jobs = [
        runner.submit("steps", (chance.randrange(1, 12), 0.01), listener=hear) for _ in range(40)
    ]
    deadline = time.monotonic() + LIMIT
    kills = 0
    while not all(job.is_finished for job in jobs) and time.monotonic() < deadline:
        time.sleep(chance.uniform(0.0, 0.15))
        pid = runner.engine_pid
        if chance.random() < 0.2 and pid is not None and kills < 6:
            kills += 1
            try:
                os.kill(pid, KILL)
            except ProcessLookupError:
                continue
        elif chance.random() < 0.4:
            chance.choice(jobs).cancel()
    assert all(job.is_finished for job in jobs)
    last = runner.submit("echo", None)
    assert last.value(LIMIT)
    assert ends == {job.id: 1 for job in jobs}
    for job in jobs:
        assert (job.result is None) == (job.error is not None)
    assert {job.state for job in jobs} >= {JobState.SUCCEEDED, JobState.CANCELLED}


def test_a_request_of_no_kind_is_named_by_type() -> None:
    from acutance.jobs.tasks import ENGINE, Call

    assert "dict" in str(unsupported(Call(ENGINE, "", {"name": "Secret"})))
