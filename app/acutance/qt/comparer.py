"""Opens the comparison of two series and has the metrics measured that it shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from PySide6.QtCore import QObject

from acutance.core.iqm import IqmRequest
from acutance.errors import AcutanceError
from acutance.qt.dialogs.compare_dialog import CompareDialog
from acutance.qt.language import tr

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from acutance.core.iqm import IqmResult
    from acutance.jobs.job import Job
    from acutance.jobs.runner import Runner
    from acutance.qt.controller import Controller
    from acutance.session import SeriesEntry, Session


def scored_entries(session: Session) -> tuple[SeriesEntry, ...]:
    """Return the open volumes that have a verdict."""
    return tuple(
        entry for entry in session.entries if entry.result is not None and entry.volume is not None
    )


class Comparer(QObject):
    """Shows one comparison at a time.

    Parameters
    ----------
    session : Session
    runner : Runner
    controller : Controller
        Watches the jobs.
    parent : QWidget
        The window.

    Signals
    -------
    None of its own.
    """

    def __init__(
        self, session: Session, runner: Runner, controller: Controller, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._runner = runner
        self._controller = controller
        self._window = parent
        self._dialog: CompareDialog | None = None
        self._asked: dict[Job[Any], int] = {}
        controller.job_ended.connect(self._on_ended)

    @property
    def dialog(self) -> CompareDialog | None:
        """The comparison that is open."""
        return self._dialog

    def open(self) -> None:
        """Compare the active series with the scored one before it, until others are chosen."""
        entries = scored_entries(self._session)
        if self._dialog is not None:
            self._dialog.raise_()
            return
        if len(entries) < 2:
            self._session.notice.emit(tr("A comparison needs two series with a verdict."))
            return
        active = self._session.active
        dialog = CompareDialog(entries, None if active is None else active.id, self._window)
        dialog.measure_requested.connect(self._measure)
        dialog.slice_requested.connect(self._go_to)
        dialog.finished.connect(self._on_closed)
        self._dialog = dialog
        dialog.open()
        dialog.request_metrics()

    def _measure(self, id: int) -> None:
        entry = self._session.entry(id)
        if entry is None or entry.volume is None or id in self._asked.values():
            return
        try:
            job = self._runner.submit(
                "iqm", IqmRequest(entry.volume), title=tr("Measuring {title}", title=entry.title)
            )
        except AcutanceError:
            self._settle(id, None)
            return
        self._asked[job] = id
        self._controller.watch(job)

    def _go_to(self, id: int, plane: str, index: int) -> None:
        self._session.activate(id)
        self._session.set_slice(plane, index)

    def _on_ended(self, job: Job[Any]) -> None:
        if job in self._asked:
            id = self._asked.pop(job)
            self._settle(id, None if job.error is not None else cast("IqmResult", job.result))

    def _settle(self, id: int, result: IqmResult | None) -> None:
        if self._dialog is not None:
            self._dialog.set_measured(id, result)

    def _on_closed(self, _result: int) -> None:
        self._dialog = None
        for job in list(self._asked):
            job.cancel()
