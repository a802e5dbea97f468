"""What the key E does: ask why the slice in view has its score, show the answer, hide it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from PySide6.QtCore import QObject

from acutance.core.explanation import ExplanationRequest
from acutance.errors import AcutanceError, JobCancelled
from acutance.qt.language import tr

if TYPE_CHECKING:
    from acutance.core.affine import Plane
    from acutance.core.explanation import ExplanationResult
    from acutance.core.ledger import Loaded
    from acutance.jobs.job import Job
    from acutance.jobs.runner import Runner
    from acutance.qt.controller import Controller
    from acutance.session import Session
    from acutance.session.explanations import Place


class Explainer(QObject):
    """Turns the wish for an explanation into a job, and its outcome into session state.

    Parameters
    ----------
    session : Session
    runner : Runner
    controller : Controller
        Watches the job, so that it stands in the queue and can be cancelled there.

    Signals
    -------
    None of its own; `session.explanations.changed` tells what came of it.
    """

    def __init__(self, session: Session, runner: Runner, controller: Controller) -> None:
        super().__init__(controller)
        self._session = session
        self._runner = runner
        self._controller = controller
        self._asked: dict[Job[Any], tuple[Place, Loaded]] = {}
        controller.job_ended.connect(self._on_ended)
        controller.scoring.changed.connect(self._on_weights)

    def toggle(self, plane: Plane) -> None:
        """Explain the slice of a plane that is in view; hide its map where it was explained."""
        explanations = self._session.explanations
        is_known = explanations.answer(plane) is not None or explanations.is_wanted(plane)
        if explanations.is_shown and is_known:
            explanations.set_shown(False)
            return
        explanations.set_shown(True)
        if not is_known:
            self.explain(plane)

    def explain(self, plane: Plane) -> None:
        """Ask why the slice of a plane that is in view has its score."""
        explanations, entry = self._session.explanations, self._session.active
        place = explanations.place(plane)
        if place is None or entry is None or entry.volume is None or entry.loaded is None:
            return
        for older in self._asked:  # only the slice that was asked for last is of interest
            older.cancel()
        weights = self._controller.scoring.weights
        request = ExplanationRequest(
            entry.volume, plane, place[2], weights="" if weights is None else str(weights)
        )
        title = tr(
            "Explaining {plane} {place} of {title}",
            plane=tr(plane),
            place=place[2],
            title=entry.title,
        )
        try:
            job = self._runner.submit("explanation", request, title=title)
        except AcutanceError as error:
            explanations.settle(place, entry.loaded, error)
            return
        self._asked[job] = place, entry.loaded
        explanations.want(place)
        self._controller.watch(job)

    def _on_weights(self) -> None:
        """Let go of what was said of other weights."""
        for job in self._asked:
            job.cancel()
        self._session.explanations.clear()

    def _on_ended(self, job: Job[Any]) -> None:
        if job not in self._asked:
            return
        place, loaded = self._asked.pop(job)
        answer: ExplanationResult | AcutanceError | None
        if isinstance(job.error, JobCancelled):
            answer = None
        elif job.error is not None:
            answer = job.error
        else:
            answer = cast("ExplanationResult", job.result)
        self._session.explanations.settle(place, loaded, answer)
