"""Measures the backends when the page of the settings asks for it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject

from acutance.core.backends import TrialRequest
from acutance.core.quality import DEFAULT_NETWORK
from acutance.errors import AcutanceError, JobCancelled
from acutance.qt.language import error_text, tr

if TYPE_CHECKING:
    from acutance.jobs.job import Job
    from acutance.jobs.runner import Runner
    from acutance.qt.controller import Controller
    from acutance.qt.dialogs.backend_page import BackendPage


class BackendTrier(QObject):
    """Turns the wish of a page into a job, and shows on it what came of it.

    It lives as long as the page; a measurement that runs when that goes is cancelled.

    Parameters
    ----------
    page : BackendPage
    runner : Runner
    controller : Controller
        Watches the job, so that it stands in the queue too.
    """

    def __init__(self, page: BackendPage, runner: Runner, controller: Controller) -> None:
        super().__init__(page)
        self._page = page
        self._runner = runner
        self._controller = controller
        self._job: Job[Any] | None = None
        page.measure_asked.connect(self.measure)
        page.cancel_asked.connect(self.cancel)
        controller.job_ended.connect(self._on_ended)
        controller.bridge.progressed.connect(self._on_progress)
        page.first_shown.connect(self.show_kept)

    def show_kept(self) -> None:
        """Show what was measured before with the weights that score in this window."""
        self._ask(replace(self._request(), repeats=False, measures=False))

    def measure(self) -> None:
        """Measure with the weights that score in this window."""
        self._ask(self._request())

    def cancel(self) -> None:
        """End a measurement; what was kept before stays."""
        if self._job is not None:
            self._job.cancel()

    def _request(self) -> TrialRequest:
        weights = self._controller.scoring.weights
        return TrialRequest(DEFAULT_NETWORK, "" if weights is None else str(weights))

    def _ask(self, request: TrialRequest) -> None:
        self.cancel()
        try:
            self._job = self._runner.submit(
                "backend_trial", request, title=tr("Measuring backends")
            )
        except AcutanceError as error:
            self._page.show_problem(error_text(error))
            return
        self._controller.watch(self._job)

    def _on_progress(self, job: Job[Any]) -> None:
        if job is self._job:
            self._page.set_progress(job.fraction)

    def _on_ended(self, job: Job[Any]) -> None:
        if job is not self._job:
            return
        self._job = None
        if isinstance(job.error, JobCancelled):
            self._page.show_problem(tr("Cancelled."))
        elif job.error is not None:
            self._page.show_problem(error_text(job.error))
        else:
            self._page.show_trial(job.result)
