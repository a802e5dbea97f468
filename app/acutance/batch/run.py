"""A batch at work: plan, run, pause, cancel; every outcome on the disk before the next is told."""

from __future__ import annotations

import errno
import logging
import os
import shutil
import sqlite3
import threading
import time
from collections import deque
from concurrent.futures import FIRST_COMPLETED, wait
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Self

from acutance.batch import folder as layout
from acutance.batch import plan as planning
from acutance.batch import tables
from acutance.batch.events import BatchEvent, BatchOutcome
from acutance.batch.folder import BatchFolder, no_step, write_durably
from acutance.batch.plan import Entry, Hasher, Plan, make_entries, stamp_of
from acutance.batch.pool import LocalPool
from acutance.batch.refusals import cannot_write, is_there, refuse_overlap, why
from acutance.batch.resuming import match_rows
from acutance.batch.store import BUSY_SECONDS, DONE, FAILED, Store
from acutance.batch.tasks import refuse_missing
from acutance.batch.work import Outcome, Work
from acutance.errors import AcutanceError, ExportError, JobCancelled, ReadError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from concurrent.futures import Future
    from types import TracebackType

    from acutance.batch.folder import Step
    from acutance.batch.pool import Pool
    from acutance.batch.settings import BatchSettings
    from acutance.core.ledger import Index
    from acutance.jobs.job import Job, JobEvent

_logger = logging.getLogger(__name__)

#: Seconds between two looks whether a disk has room, or a folder is back.
LOOK_SECONDS = 5.0
#: How soon a pause or cancel is heeded.
_TICK_SECONDS = 0.2
#: What must be free beside the estimate.
RESERVE_BYTES = 32 << 20
_CHANGED = {
    "type": "ReadError",
    "message": "The input changed while the batch was at work.",
    "remedy": "Go on with the batch (--resume).",
    "path": "",
}


class Batch:
    """One batch. `plan`, then `run`, then `close`; also a context manager.

    `plan` and `run` block and belong on a thread of their own where somebody watches; `pause`,
    `go_on` and `cancel` may be called from any thread.

    Parameters
    ----------
    settings : BatchSettings
    listener : callable, optional
        Hears every `BatchEvent`, on the thread that plans or runs.
    pool : Pool, optional
        Who does the work; closed with the batch.
    step : callable
        Called before each step of writing; tests put faults there.
    look_seconds, busy_seconds : float
        How long to wait for a disk between two looks, and for another program at most.
    """

    def __init__(
        self,
        settings: BatchSettings,
        listener: Callable[[BatchEvent], None] | None = None,
        *,
        pool: Pool | None = None,
        step: Step = no_step,
        look_seconds: float = LOOK_SECONDS,
        busy_seconds: float = BUSY_SECONDS,
    ) -> None:
        self.settings = settings
        self._listener = listener
        self._pool = pool
        self._step = step
        self._look_seconds = look_seconds
        self._busy_seconds = busy_seconds
        self._door = threading.Lock()
        self._is_cancelled = threading.Event()
        self._may_go = threading.Event()
        self._may_go.set()
        self._search: Job[Index] | None = None
        self._folder: BatchFolder | None = None
        self._store: Store | None = None
        self._plan: Plan | None = None
        self._finished = self._total = 0
        self._expected_done = self._expected_left = 0.0
        self._started = 0.0

    # From any thread.

    def pause(self) -> None:
        """Begin no further series; those at work are finished."""
        self._may_go.clear()

    def go_on(self) -> None:
        """End a pause."""
        self._may_go.set()

    @property
    def is_paused(self) -> bool:
        """Whether a pause was asked for."""
        return not self._may_go.is_set()

    def cancel(self) -> None:
        """End soon; what is done stays done, the rest waits for a resume."""
        with self._door:
            self._is_cancelled.set()
            search, pool = self._search, self._pool
        if search is not None:
            search.cancel()
        if pool is not None:
            pool.cancel()

    # On the thread that plans and runs.

    def plan(self) -> Plan:
        """Look for series, hash them, and return what there is to do.

        Raises
        ------
        AcutanceError
            If the input or the output cannot be used.
        JobCancelled
            If it was cancelled.
        """
        settings = self.settings
        if not os.path.lexists(settings.source):
            raise ReadError(
                "There is no such file or folder.", remedy="Check the path.", path=settings.source
            )
        refuse_overlap(settings)
        refuse_missing(settings.tasks, settings.options)
        self._folder = BatchFolder(
            settings.output, settings.identity, is_resumed=settings.is_resumed
        )
        try:
            self._store = Store(self._folder.root / layout.QUEUE, busy_seconds=self._busy_seconds)
            if self._store.moved_aside is not None:
                self._tell("note", f"The queue was damaged; kept as {self._store.moved_aside.name}")
            index = self._find()
            hasher = Hasher(settings.source, self._store.known_hashes())
            entries, aside = make_entries(index, settings, hasher, self._on_hashing)
            self._store.remember_hashes(hasher.fresh)
            rows, stale = match_rows(settings, entries, list(self._store.rows()))
            self._store.replace_rows(rows)
            for name in stale:
                (self._folder.items / f"{name}.json").unlink(missing_ok=True)
                self._folder.remove_files(name)
            self._folder.remove_half_work({row.name for row in rows})
        except (OSError, sqlite3.Error) as error:
            raise cannot_write(settings, error) from error
        states = {row.key: row.state for row in rows}
        ours = [states[entry.key] for entry in entries if not entry.duplicate_of]
        left = [e for e in entries if not e.duplicate_of and states[e.key] not in (DONE, FAILED)]
        workers = settings.workers
        seconds = sum(planning.expected_seconds(e.item, settings.tasks) for e in left) / workers
        self._expected_left = seconds * workers
        self._plan = Plan(
            entries,
            aside,
            ours.count(DONE),
            ours.count(FAILED),
            seconds,
            planning.expected_bytes([e.item for e in left], settings.tasks),
            frozenset(key for key, state in states.items() if state in (DONE, FAILED)),
        )
        self._check_room(self._plan)
        return self._plan

    def run(self) -> BatchOutcome:
        """Do what is left of the plan and write the tables.

        Raises
        ------
        RuntimeError
            If nothing was planned.
        ExportError
            If the results of before cannot be read.
        """
        folder, store, plan = self._folder, self._store, self._plan
        if folder is None or store is None or plan is None:
            raise RuntimeError("plan first")
        try:
            return self._run(folder, store, plan)
        except sqlite3.Error as error:
            raise cannot_write(self.settings, error) from error

    def _run(self, folder: BatchFolder, store: Store, plan: Plan) -> BatchOutcome:
        states = {row.key: row.state for row in store.rows()}
        left = [e for e in plan.unique if states[e.key] not in (DONE, FAILED)]
        self._total = len(plan.unique)
        self._finished = self._total - len(left)
        self._started = time.monotonic()
        if left:
            again = self._work(deque(left), self._ready_pool().capacity, is_last=False)
            self._work(again, 1, is_last=True)
        totals: list[tables.Totals] = []
        is_written = self._hold_until(
            lambda: totals.append(tables.write_tables(folder, store, plan, self._step)),
            even_cancelled=True,
        )
        outcome = BatchOutcome(
            totals[-1] if is_written else tables.Totals(),
            is_cancelled=self._is_cancelled.is_set(),
        )
        self._tell("finished")
        return outcome

    def close(self) -> None:
        """End the children and give the output folder up."""
        self.cancel()
        if self._pool is not None:
            self._pool.close()
        if self._store is not None:
            self._store.close()
        if self._folder is not None:
            self._folder.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _find(self) -> Index:
        def tell(_job: Job[Any], event: JobEvent) -> None:
            if event.kind == "progress":
                self._tell("planning", event.message)

        pool = self._ready_pool()
        search = pool.runner.index([self.settings.source], listener=tell)
        with self._door:
            self._search = search
        if self._is_cancelled.is_set():
            search.cancel()
        return search.value()

    def _ready_pool(self) -> Pool:
        with self._door:
            if self._pool is None:
                if self._is_cancelled.is_set():
                    raise JobCancelled
                self._pool = _make_pool(self.settings)
            return self._pool

    def _on_hashing(self, done: int, total: int) -> None:
        if self._is_cancelled.is_set():
            raise JobCancelled
        self._tell("planning", f"Hashing series {done + 1} of {total}")

    def _check_room(self, plan: Plan) -> None:
        free = shutil.disk_usage(self.settings.output).free
        if plan.waiting and free < plan.bytes_needed + RESERVE_BYTES:
            raise ExportError(
                f"The results need about {(plan.bytes_needed + RESERVE_BYTES) >> 20} MiB; "
                f"{free >> 20} MiB are free.",
                remedy="Make room, or choose a folder on another disk.",
                path=self.settings.output,
            )

    def _work(self, left: deque[Entry], capacity: int, *, is_last: bool) -> deque[Entry]:
        """Work on series until none is left; return those that are worth a second try."""
        pool = self._ready_pool() if left else None
        running: dict[Future[Outcome], Entry] = {}
        again: deque[Entry] = deque()
        while pool is not None and (left or running):
            if self._is_cancelled.is_set():
                left.clear()
            for entry in self._next(left, capacity - len(running)):
                self._tell("begun", entry=entry)
                running[pool.submit(self._work_of(entry))] = entry
            finished, _ = wait(running, timeout=_TICK_SECONDS, return_when=FIRST_COMPLETED)
            for future in sorted(finished, key=lambda f: running[f].position):
                entry = running.pop(future)
                outcome = _outcome_of(future)
                if outcome.is_cancelled:
                    continue
                is_changed = stamp_of(entry.item) != entry.stamp
                if (outcome.error or is_changed) and not is_there(self.settings.source):
                    self._wait_for_input()
                    left.appendleft(entry)
                elif outcome.is_unwritten and not self._has_room_for(entry):
                    if self._hold_until(lambda entry=entry: self._probe(entry)):  # type: ignore[misc]
                        left.appendleft(entry)
                elif outcome.error and outcome.may_pass and not is_last:
                    again.append(entry)
                else:
                    self._keep(entry, outcome, is_changed=is_changed)
            if not running and left and self.is_paused:
                self._wait_out_pause()
        return again

    def _work_of(self, entry: Entry) -> Work:
        settings = self.settings
        assert self._folder is not None
        assert self._store is not None
        return Work(
            entry.item,
            settings.tasks,
            settings.plane,
            settings.policy,
            settings.options,
            str(self._folder.files),
            self._store.name_of(entry.key),
        )

    def _has_room_for(self, entry: Entry) -> bool:
        try:
            self._probe(entry)
        except OSError:
            return False
        return True

    def _probe(self, entry: Entry) -> None:
        """Raise OSError unless the files of a series can be written now."""
        assert self._folder is not None
        write_durably(self._folder.root / "probe", "")
        (self._folder.root / "probe").unlink()
        needed = planning.expected_bytes([entry.item], self.settings.tasks)
        if shutil.disk_usage(self._folder.root).free < needed:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def _next(self, left: deque[Entry], count: int) -> Iterator[Entry]:
        while left and count > 0 and not self.is_paused and not self._is_cancelled.is_set():
            count -= 1
            yield left.popleft()

    def _keep(self, entry: Entry, outcome: Outcome, *, is_changed: bool) -> None:
        """Put an outcome on the disk: the file, then the row; tell it after that."""
        folder, store = self._folder, self._store
        assert folder is not None
        assert store is not None
        error = outcome.error
        if is_changed:
            error = error or _CHANGED
            outcome = replace(outcome, record=None, error=error)

        def put() -> None:
            if not folder.is_there():
                raise FileNotFoundError(None, "the output folder is gone")
            if outcome.record is not None:
                path = folder.items / f"{store.name_of(entry.key)}.json"
                write_durably(path, tables.item_text(outcome.record), self._step)
            else:
                folder.remove_files(store.name_of(entry.key))
            store.finish(entry.key, error, outcome.seconds, self._step)

        if not self._hold_until(put):
            return
        self._finished += 1
        expected = planning.expected_seconds(entry.item, self.settings.tasks)
        self._expected_done += expected
        self._expected_left -= expected
        if error:
            message = " ".join(filter(None, (error["message"], error["remedy"])))
            self._tell("failed", message, entry=entry)
        else:
            self._tell("done", entry=entry, record=outcome.record)

    def _hold_until(self, action: Callable[[], object], *, even_cancelled: bool = False) -> bool:
        """Do something that writes; while the disk refuses, wait. False where it was cancelled."""
        is_held = False
        while even_cancelled or not self._is_cancelled.is_set():
            try:
                if is_held and self._store is not None:
                    self._store.reopen()
                action()
            except (OSError, sqlite3.OperationalError) as error:
                if self._is_cancelled.is_set():
                    return False
                if not is_held:
                    self._tell("held", f"The results cannot be written ({why(error)}); waiting")
                is_held = True
                self._is_cancelled.wait(self._look_seconds)
            else:
                if is_held:
                    self._tell("going on")
                return True
        return False

    def _wait_for_input(self) -> None:
        self._tell("held", "The input folder is gone; waiting until it is back")
        while not self._is_cancelled.wait(self._look_seconds):
            if is_there(self.settings.source):
                self._tell("going on")
                return

    def _wait_out_pause(self) -> None:
        self._tell("paused")
        while not self._may_go.wait(_TICK_SECONDS):
            if self._is_cancelled.is_set():
                return
        self._tell("going on")

    def _tell(
        self,
        kind: str,
        message: str = "",
        *,
        entry: Entry | None = None,
        record: dict[str, Any] | None = None,
    ) -> None:
        if self._listener is None:
            return
        left = None
        if self._expected_done > 0:
            pace = (time.monotonic() - self._started) / self._expected_done
            left = max(0.0, self._expected_left) * pace
        self._listener(BatchEvent(kind, message, entry, record, self._finished, self._total, left))


def _outcome_of(future: Future[Outcome]) -> Outcome:
    """Return the outcome; where the pool itself broke, that is the outcome of the series."""
    try:
        return future.result()
    except JobCancelled:
        return Outcome()
    except AcutanceError as error:
        return Outcome(
            None,
            {
                "type": type(error).__name__,
                "message": error.message,
                "remedy": error.remedy,
                "path": "",
            },
        )


def _make_pool(settings: BatchSettings) -> Pool:
    if settings.scheduler:
        from acutance.batch.dask_pool import DaskPool

        return DaskPool(settings.scheduler, settings.device)
    return LocalPool(settings.workers, settings.device)
