"""The middle of the window: start page, images, or what went wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from acutance.qt.panels.problem_page import ProblemPage
from acutance.qt.panels.start_page import StartPage
from acutance.qt.viewers.linked_grid import LinkedGrid
from acutance.qt.viewers.position_bar import PositionBar
from acutance.qt.viewers.score_strip import ScoreStrip
from acutance.session import SeriesState

if TYPE_CHECKING:
    from acutance.qt.controller import OpenProblem
    from acutance.session import Session


class Centre(QStackedWidget):
    """Shows the page that fits what is open.

    Parameters
    ----------
    session : Session

    Signals
    -------
    None of its own; those of `start`, `problem`, `positions`, `grid` and `strip` are used directly.
    """

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.start = StartPage()
        self.problem = ProblemPage()
        self.grid = LinkedGrid(session)
        self.strip = ScoreStrip(session)
        self.positions = PositionBar(session)
        images = QWidget()
        column = QVBoxLayout(images)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.positions)
        column.addWidget(self.grid, 1)
        column.addWidget(self.strip)
        self._images = images
        for page in (self.start, self.problem, images):
            self.addWidget(page)

    @property
    def shows_images(self) -> bool:
        """Whether the views are what is seen."""
        return self.currentWidget() is self._images

    def refresh(self, problem: OpenProblem | None) -> None:
        """Choose the page."""
        entry = self._session.active
        if problem is not None:
            self.problem.show_problem(problem, can_go_back=True)
            self.setCurrentWidget(self.problem)
        elif entry is None:
            self.setCurrentWidget(self.start)
        elif entry.state is SeriesState.FAILED and entry.error is not None:
            self.problem.show_error(entry.title, entry.error)
            self.setCurrentWidget(self.problem)
        else:
            self.setCurrentWidget(self._images)
