"""A batch among faults: each has the outcome that was promised."""

from __future__ import annotations

import errno
import os
import sqlite3
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from small_batches import finish

from acutance.batch import folder, refusals
from acutance.batch.pool import LocalPool, SynchronousPool
from acutance.batch.refusals import is_there
from acutance.batch.run import Batch
from acutance.batch.settings import BatchSettings
from acutance.batch.tables import iter_ledger, iter_results
from acutance.errors import ExportError, ReadError
from acutance.jobs.runner import Runner

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from concurrent.futures import Future

    from acutance.batch.events import BatchEvent
    from acutance.batch.work import Outcome, Work

ROOT = Path(__file__).parents[3]
FAKES = ROOT / "tests" / "app" / "jobs"


def tables(out: Path) -> tuple[bytes, bytes]:
    return (out / "results.jsonl").read_bytes(), (out / "ledger.jsonl").read_bytes()


@pytest.fixture
def peace(make_batch: Any, tmp_path: Path) -> tuple[bytes, bytes]:
    finish(make_batch(tmp_path / "peace"))
    return tables(tmp_path / "peace")


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO, errno.EROFS])
def test_disk_that_refuses_each_step_of_each_result_only_holds_the_batch(
    code: int, make_batch: Any, tmp_path: Path, peace: tuple[bytes, bytes]
) -> None:
    refused: Counter[str] = Counter()
    passed = allowed = 0

    def step(name: str) -> None:
        """Let the first try of a result fail at its first step, the second at its second, ..."""
        nonlocal passed, allowed
        if passed == allowed:
            passed, allowed = 0, allowed + 1
            refused[name] += 1
            raise OSError(code, os.strerror(code))
        passed += 1
        if name == "committed":
            passed = allowed = 0

    heard: list[BatchEvent] = []
    outcome = finish(make_batch(listener=heard.append, step=step))
    # Three results, one failure, and two tables of three and six lines.
    results, tables_, lines = 3, 2, 9
    assert refused == {
        "write": 2 * results + lines,
        **dict.fromkeys(("fsync", "rename", "renamed"), results + tables_),
        **dict.fromkeys(("commit", "committed"), results + 1),
    }
    assert tables(tmp_path / "out") == peace
    assert outcome.totals.items == {"done": 3, "failed": 1}
    held = [event.message for event in heard if event.kind == "held"]
    assert len(held) == (results + 1) + 1  # once for each outcome, and for the tables
    assert all(os.strerror(code) in message for message in held)
    assert not list((tmp_path / "out").rglob("*.part"))
    with sqlite3.connect(tmp_path / "out" / "queue.sqlite") as queue:
        assert queue.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    queue.close()


def test_cancel_while_the_disk_is_full_keeps_what_is_done(make_batch: Any, tmp_path: Path) -> None:
    def step(name: str) -> None:
        if name == "fsync" and len(list((tmp_path / "out" / "items").glob("*.json"))) == 1:
            raise OSError(errno.ENOSPC, "full")

    def hear(event: BatchEvent) -> None:
        if event.kind == "held":
            batch.cancel()

    batch = make_batch(listener=hear, step=step)
    assert finish(batch).is_cancelled
    outcome = finish(make_batch(is_resumed=True))
    assert outcome.totals.items == {"done": 3, "failed": 1}


def test_output_that_vanishes_and_returns(
    make_batch: Any, tmp_path: Path, peace: tuple[bytes, bytes]
) -> None:
    away, out = tmp_path / "away", tmp_path / "out"

    def hear(event: BatchEvent) -> None:
        if event.kind == "begun" and event.finished == 1:
            out.rename(away)
        if event.kind == "held":
            assert not out.exists()
            away.rename(out)

    finish(make_batch(listener=hear))
    assert tables(out) == peace


def test_input_that_vanishes_and_returns_fails_nothing(
    make_batch: Any, source: Path, tmp_path: Path, peace: tuple[bytes, bytes]
) -> None:
    away = tmp_path / "away"

    def hear(event: BatchEvent) -> None:
        if event.kind == "begun" and event.finished == 1 and not away.exists():
            source.rename(away)
        if event.kind == "held":
            assert "input" in event.message
            away.rename(source)
            away.mkdir()

    finish(make_batch(listener=hear))
    assert tables(tmp_path / "out") == peace


class _Late(SynchronousPool):
    """Lets something happen when a series has been worked on and is not yet kept."""

    def __init__(self, happen: Callable[[], None]) -> None:
        super().__init__(Runner(device="cpu", synchronous=True))
        self._happen = happen

    def submit(self, work: Work) -> Future[Outcome]:
        done = super().submit(work)
        self._happen()
        return done


@pytest.mark.parametrize("leaves_a_place", [False, True])
def test_input_that_vanishes_after_the_read_fails_nothing(
    leaves_a_place: bool, source: Path, tmp_path: Path, peace: tuple[bytes, bytes]
) -> None:
    away, times = tmp_path / "away", iter(range(9))

    def vanish() -> None:
        if next(times) == 1:
            source.rename(away)
            if leaves_a_place:  # as a share that is not mounted any more does
                source.mkdir()

    def hear(event: BatchEvent) -> None:
        if event.kind == "held":
            if leaves_a_place:
                source.rmdir()
            away.rename(source)

    settings = BatchSettings(source, tmp_path / "out", tasks=("iqm",), device="cpu")
    finish(Batch(settings, hear, pool=_Late(vanish), look_seconds=0.02))
    assert tables(tmp_path / "out") == peace


def test_input_that_cannot_be_looked_at_is_not_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stale(*_: Any) -> None:
        raise OSError(errno.ESTALE, os.strerror(errno.ESTALE))

    assert is_there(tmp_path) is False  # empty
    (tmp_path / "a").write_text("a")
    assert is_there(tmp_path) is True
    assert is_there(tmp_path / "a") is True
    assert is_there(tmp_path / "b") is False
    monkeypatch.setattr(refusals.os, "scandir", stale)
    assert is_there(tmp_path) is False


def test_file_that_changes_meanwhile_fails(make_batch: Any, source: Path, tmp_path: Path) -> None:
    def hear(event: BatchEvent) -> None:
        if event.kind == "begun" and event.entry and event.entry.item.title == "sub-02_T1w":
            os.utime(source / "sub-02_T1w.nii", ns=(1, 1))

    finish(make_batch(listener=hear))
    line = next(x for x in iter_ledger(tmp_path / "out") if x.file.endswith("sub-02_T1w.nii"))
    assert (line.state, "changed" in line.reason) == ("failed", True)


def test_cancel_and_resume(make_batch: Any, tmp_path: Path, peace: tuple[bytes, bytes]) -> None:
    def hear(event: BatchEvent) -> None:
        if event.kind == "done":
            batch.cancel()

    batch = make_batch(listener=hear)
    outcome = finish(batch)
    assert outcome.is_cancelled
    assert outcome.totals.items["waiting"] > 0
    finish(make_batch(is_resumed=True))
    assert tables(tmp_path / "out") == peace


def test_pause_begins_nothing_until_it_goes_on(make_batch: Any) -> None:
    kinds: list[str] = []

    def hear(event: BatchEvent) -> None:
        kinds.append(event.kind)
        if event.kind == "done" and "paused" not in kinds:
            batch.pause()
        if event.kind == "paused":
            assert batch.is_paused
            batch.go_on()

    batch = make_batch(listener=hear)
    assert finish(batch).totals.items["done"] == 3
    at = kinds.index("paused")
    assert kinds[at - 1] == "done"
    assert kinds[at + 1 : at + 3] == ["going on", "begun"]


def test_damaged_queue_is_kept_aside_and_rebuilt(
    make_batch: Any, tmp_path: Path, peace: tuple[bytes, bytes]
) -> None:
    finish(make_batch())
    queue = tmp_path / "out" / "queue.sqlite"
    data = bytearray(queue.read_bytes())
    data[100:3000] = os.urandom(2900)
    queue.write_bytes(data)
    heard: list[BatchEvent] = []
    finish(make_batch(listener=heard.append, is_resumed=True))
    assert tables(tmp_path / "out") == peace
    assert [e.message for e in heard if e.kind == "note" and "damaged" in e.message]
    assert not [e for e in heard if e.kind == "done"]
    kept = list((tmp_path / "out").glob("queue.sqlite.damaged-*"))
    assert [path.read_bytes() for path in kept] == [bytes(data)]


def test_queue_of_another_program_is_refused_and_left(make_batch: Any, tmp_path: Path) -> None:
    finish(make_batch())
    queue = tmp_path / "out" / "queue.sqlite"
    queue.unlink()
    with sqlite3.connect(queue) as other:
        other.execute("CREATE TABLE mine (x)")
        other.execute("PRAGMA application_id = 77")
    other.close()
    data = queue.read_bytes()
    with pytest.raises(ExportError, match="another program"):
        make_batch(is_resumed=True).plan()
    assert queue.read_bytes() == data


def test_locked_queue_is_refused_after_a_while(make_batch: Any, tmp_path: Path) -> None:
    finish(make_batch())
    other = sqlite3.connect(tmp_path / "out" / "queue.sqlite", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    try:
        with pytest.raises(ExportError, match="Another program holds the queue"):
            make_batch(is_resumed=True, busy_seconds=0.05).plan()
    finally:
        other.close()


def test_second_instance_is_refused(make_batch: Any) -> None:
    make_batch().plan()
    with pytest.raises(ExportError, match="Another batch is at work"):
        make_batch(is_resumed=True).plan()


def test_folders_that_do_not_fit_are_refused_by_name(
    make_batch: Any, source: Path, tmp_path: Path
) -> None:
    with pytest.raises(ReadError, match="no such file"):
        make_batch(into=tmp_path / "nowhere").plan()
    for output in (source / "b", source, tmp_path):
        with pytest.raises(ExportError, match="one in the other"):
            make_batch(output).plan()
    full = tmp_path / "full"
    full.mkdir()
    (full / "letter.txt").write_text("mine")
    with pytest.raises(ExportError, match="not empty and holds no batch"):
        make_batch(full).plan()
    with pytest.raises(ExportError, match="cannot be written"):
        make_batch(full / "letter.txt" / "out").plan()
    assert os.listdir(full) in (["letter.txt", ".lock"], [".lock", "letter.txt"])
    finish(make_batch())
    with pytest.raises(ExportError, match=r"holds this batch already.*--resume"):
        make_batch().plan()
    with pytest.raises(ExportError, match="other tasks"):
        make_batch(is_resumed=True, tasks=("score",)).plan()
    with pytest.raises(ExportError, match="another input folder"):
        make_batch(is_resumed=True, into=source / "b").plan()


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may write anywhere")
def test_read_only_output_is_told_before_work_begins(make_batch: Any, tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o500)
    with pytest.raises(ExportError, match="cannot be written"):
        make_batch(closed).plan()


@pytest.mark.parametrize("code", [errno.EROFS, errno.EACCES, errno.ENOSPC])
def test_output_that_refuses_at_the_start_is_told_and_nothing_runs(
    code: int, make_batch: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any) -> int:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(folder.os, "open", refuse)
    with pytest.raises(ExportError, match=f"cannot be written: {os.strerror(code)}") as told:
        make_batch().plan()
    assert told.value.remedy


def test_disk_without_room_is_told_before_work_begins(
    make_batch: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from acutance.batch import run

    monkeypatch.setattr(run, "RESERVE_BYTES", 1 << 60)
    with pytest.raises(ExportError, match="MiB are free"):
        make_batch().plan()


@pytest.fixture
def fakes() -> Iterator[None]:
    """Let children find the readers that harm themselves."""
    sys.path.insert(0, str(FAKES))
    yield
    sys.path.remove(str(FAKES))


@pytest.mark.usefixtures("fakes")
@pytest.mark.skipif(os.name == "nt", reason="signals")
def test_dead_worker_is_one_retry_then_quarantine(tmp_path: Path) -> None:
    source = tmp_path / "mortal"  # the fake reader of this name kills its process
    source.write_text("x")
    pool = LocalPool(
        1, "cpu", make_runner=lambda device: Runner(device=device, readers="fake_readers")
    )
    heard: list[BatchEvent] = []
    settings = BatchSettings(source, tmp_path / "out", tasks=("iqm",), device="cpu")
    outcome = finish(Batch(settings, heard.append, pool=pool))
    assert outcome.totals.items == {"failed": 1}
    (line,) = iter_ledger(tmp_path / "out")
    assert (line.file, line.state) == (str(source), "failed")
    assert "ended twice" in line.reason
    assert "SIGSEGV" in line.reason
    assert list(iter_results(tmp_path / "out")) == []


@pytest.mark.skipif(os.name == "nt", reason="signals")
def test_killed_batches_end_like_the_one_nobody_killed() -> None:
    paths = os.pathsep.join(str(ROOT / part) for part in ("app", "models", "resources"))
    bench = [str(ROOT / "bench" / "batch_kill.py"), "--synchronous"]
    done = subprocess.run(
        [sys.executable, *bench, "--items", "20", "--kills", "1", "--step-kills", "1"],
        capture_output=True,
        text=True,
        check=False,
        timeout=250,
        env={**os.environ, "PYTHONPATH": paths},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "files not in exactly one state: none" in done.stdout
    assert "differences: none" in done.stdout
