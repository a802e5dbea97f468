"""Has series written without the identity of their patient."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from acutance.core.deidentification import DeidentificationRequest
from acutance.errors import JobCancelled
from acutance.qt.language import tr

if TYPE_CHECKING:
    from collections.abc import Sequence

    from acutance.jobs.job import Job
    from acutance.jobs.runner import Runner
    from acutance.qt.controller import Controller
    from acutance.session import Session


class Deidentifier(QObject):
    """Exports series, one job for each.

    Parameters
    ----------
    session : Session
    runner : Runner
    controller : Controller
        Watches the jobs, so that they stand in the queue and can be cancelled there.

    Signals
    -------
    exported : DeidentificationResult or AcutanceError
        What came of an export; not told where it was cancelled.
    """

    exported = Signal(object)

    def __init__(self, session: Session, runner: Runner, controller: Controller) -> None:
        super().__init__(controller)
        self._session = session
        self._runner = runner
        self._controller = controller
        self._exporting: set[Job[Any]] = set()
        controller.job_ended.connect(self._on_ended)

    def export(
        self,
        folder: Path,
        id: int | None = None,
        *,
        options: Sequence[str] = (),
        allows_burned_in: bool = False,
    ) -> None:
        """Write a series, by default the active one, without the identity of its patient.

        The files go into a new folder inside the one that was chosen.
        """
        entry = self._session.active if id is None else self._session.entry(id)
        if entry is None or self._controller.is_closed:
            return
        request = DeidentificationRequest(
            tuple(map(Path, entry.item.files)),
            folder / f"deidentified-{secrets.token_hex(4)}",
            tuple(options),
            allows_burned_in=allows_burned_in,
        )
        job = self._runner.deidentify(request)
        self._exporting.add(job)
        self._controller.watch(job)

    def _on_ended(self, job: Job[Any]) -> None:
        if job not in self._exporting:
            return
        self._exporting.remove(job)
        if isinstance(job.error, JobCancelled):
            self._session.notice.emit(tr("The export was cancelled; nothing was written."))
        else:
            self.exported.emit(job.result if job.error is None else job.error)
