"""Looks for series in what the user opens, and lists them as they are found."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, cast

from PySide6.QtCore import QObject, Signal

from acutance.errors import AcutanceError, JobCancelled
from acutance.qt.language import tr, translated, trn

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from acutance.core.ledger import Index
    from acutance.jobs.job import Job
    from acutance.jobs.runner import Runner
    from acutance.session import Session


@dataclass(frozen=True)
class OpenProblem:
    """Why nothing came of an attempt to open something.

    Parameters
    ----------
    message : str
        What was expected and what came.
    remedy : str
        What the user can do.
    details : tuple of str
        One line per file concerned.
    """

    message: str
    remedy: str = ""
    details: tuple[str, ...] = ()


@dataclass
class _Opening:
    """A search for series, those it has found so far, and whether one of them was shown."""

    paths: tuple[Path, ...]
    ids: list[int] = field(default_factory=list)
    finds: Index | None = None
    is_shown: bool = False


class Opener(QObject):
    """Has paths searched, and puts what is found into the session while the search goes on.

    Parameters
    ----------
    session : Session
    runner : Runner

    Signals
    -------
    watched : Job
        A search began; whoever shows the queue watches it.
    problem_changed : OpenProblem or None
        Why nothing could be opened; None when that is over.
    found : tuple of Path, tuple of int
        A search has ended with at least one series: what was searched, the ids that it listed.
    settled : tuple of int
        A search has ended, these series will not grow any more.
    opened : int
        Number of series that an attempt to open added.
    """

    watched = Signal(object)
    problem_changed = Signal(object)
    found = Signal(object, object)
    settled = Signal(object)
    opened = Signal(int)

    def __init__(self, session: Session, runner: Runner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._runner = runner
        self._problem: OpenProblem | None = None
        self._opening: dict[Job[Any], _Opening] = {}

    @property
    def problem(self) -> OpenProblem | None:
        """Why nothing came of the newest attempt to open something."""
        return self._problem

    def is_growing(self, id: int) -> bool:
        """Whether a search goes on that may add images to a series."""
        return any(id in opening.ids for opening in self._opening.values())

    def open_paths(self, paths: Sequence[Path]) -> None:
        """Look for series in files and folders, list them, and look at the first."""
        self.dismiss_problem()
        job = self._runner.index(list(paths), title=tr("Looking for series"))
        self._opening[job] = _Opening(tuple(paths))
        self.watched.emit(job)

    def dismiss_problem(self) -> None:
        """Forget why nothing could be opened."""
        self._set_problem(None)

    def take_progress(self, job: Job[Any]) -> None:
        """List what a search tells of on its way; other jobs are none of its business."""
        opening = self._opening.get(job)
        if opening is not None and job.finds is not opening.finds:
            opening.finds = cast("Index", job.finds)
            self._list_finds(opening, opening.finds)

    def take_outcome(self, job: Job[Any]) -> bool:
        """Finish a search; return whether the job was one."""
        opening = self._opening.pop(job, None)
        if opening is not None:
            self._finish(job, opening)
        return opening is not None

    def _finish(self, job: Job[Any], opening: _Opening) -> None:
        index = cast("Index | None", job.result)
        if isinstance(job.error, JobCancelled):
            index = cast("Index | None", job.finds)
            if index is not None and index.items:
                self._session.notice.emit(tr("The search was cancelled; what was found stays."))
        elif job.error is not None:
            self._set_problem(_problem_of(job.error))
        elif index is not None and not index.items:
            self._set_problem(_nothing_found(index))
        if index is None or not index.items:
            self.settled.emit(tuple(opening.ids))
            self.opened.emit(len(opening.ids))
            return
        self.dismiss_problem()
        added = self._list_finds(opening, index)
        self.found.emit(opening.paths, tuple(added))
        if index.set_aside:
            count = len(index.set_aside)
            self._session.notice.emit(
                trn(
                    "{n} file set aside; see the ledger",
                    "{n} files set aside; see the ledger",
                    count,
                )
            )
        self.settled.emit(tuple(opening.ids))
        self.opened.emit(len(added))

    def _list_finds(self, opening: _Opening, index: Index) -> list[int]:
        """List what a search has found, and look at the first; return what was not open before.

        What was open before the search keeps its place in the list.
        """
        mine = set(opening.ids)
        others = [entry for entry in self._session.entries if entry.id not in mine]
        place = {(file, e.item.part): e.id for e in others for file in e.item.files}
        known = {replace(e.item, selection=()): e.id for e in others}
        new = []
        first: int | None = None
        for item in index.items:
            open_already = known.get(item)
            if open_already is None and item.is_partial:
                open_already = next(
                    (place[f, item.part] for f in item.files if (f, item.part) in place), None
                )
            if open_already is None:
                new.append(item)
            elif first is None:
                first = open_already
        opening.ids = self._session.merge_items(opening.ids, new)
        if opening.ids:
            first = opening.ids[0]
        if first is not None and not opening.is_shown:
            opening.is_shown = True
            self._session.activate(first)
        return opening.ids

    def _set_problem(self, problem: OpenProblem | None) -> None:
        if problem != self._problem:
            self._problem = problem
            self.problem_changed.emit(problem)


def _problem_of(error: AcutanceError) -> OpenProblem:
    details = (str(error.path),) if error.path is not None else ()
    return OpenProblem(error.message, error.remedy, details)


def _nothing_found(index: Index) -> OpenProblem:
    aside = index.set_aside
    details = tuple(f"{s.file}: {translated(s.reason)}" for s in aside)
    if len(aside) == 1:
        name = aside[0].file.replace("\\", "/").rstrip("/").split("/")[-1]
        message = f"{name}: {translated(aside[0].reason)}".rstrip(".")
        return OpenProblem(f"{message}.", tr("Choose another file."), details)
    message = (
        tr("None of {count} files can be read.", count=len(aside))
        if aside
        else tr("There are no files here.")
    )
    return OpenProblem(
        message, tr("Choose a scan that Acutance reads, or a folder that holds some."), details
    )
