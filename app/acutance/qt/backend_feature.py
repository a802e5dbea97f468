"""Measures the ways to compute scores once, after the first score, when nothing else is at work."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QTimer

from acutance import __version__
from acutance.core.backends import AUTO, TrialRequest
from acutance.core.quality import DEFAULT_NETWORK, QualityResult
from acutance.errors import AcutanceError
from acutance.qt.feature import Feature
from acutance.qt.language import tr

if TYPE_CHECKING:
    from acutance.jobs.job import Job
    from acutance.qt.main_window import MainWindow

#: What the settings keep, so that each version measures once.
MEASURED = "backends_measured"
#: How long nothing has to be at work before, in ms.
QUIET_MS = 4000
#: A measurement that other work cut short is begun again after a later score, so often.
MOST_TRIES = 3


class BackendFeature(Feature):
    """Has the engine child try the backends, and gives way to whatever the user asks for.

    Nothing is measured where the settings are kept nowhere, since it would be each time; nor where
    the user or the site file names a backend.

    Parameters
    ----------
    window : MainWindow
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._job: Job[Any] | None = None
        self._tries = 0
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(QUIET_MS)
        self._timer.timeout.connect(self.measure)

    def start(self) -> None:
        """Wait for the first score."""
        controller = self.window.controller
        controller.job_ended.connect(self._on_ended)
        controller.jobs_changed.connect(self._on_jobs)

    def shut_down(self) -> None:
        """Wait no more."""
        self._timer.stop()

    @property
    def is_wanted(self) -> bool:
        """Whether there is something to measure that nobody measured yet."""
        settings, preferences = self.window.settings, self.window.preferences
        return (
            self._tries < MOST_TRIES
            and settings.path is not None
            and settings.value(MEASURED) != __version__
            and preferences.backend == AUTO
            and not preferences.site.backend
        )

    def measure(self) -> None:
        """Begin, where it is still wanted and nothing is at work."""
        controller = self.window.controller
        if self._job is not None or not self.is_wanted or controller.bridge.jobs:
            return
        self._tries += 1
        request = TrialRequest(DEFAULT_NETWORK, repeats=False)
        try:
            self._job = self.window.runner.submit(
                "backend_trial", request, title=tr("Measuring backends")
            )
        except AcutanceError:
            return  # what cannot be asked for now is asked for after a later score
        controller.watch(self._job)

    def _on_jobs(self) -> None:
        """Give way to other work."""
        jobs = self.window.controller.bridge.jobs
        if self._job is not None and any(job is not self._job for job in jobs):
            self._job.cancel()

    def _on_ended(self, job: Job[Any]) -> None:
        if job is self._job:
            self._job = None
            if job.error is None:
                self.window.settings.set_value(MEASURED, __version__)
        elif job.error is None and isinstance(job.result, QualityResult) and self.is_wanted:
            self._timer.start()
