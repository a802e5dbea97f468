"""The middle of the window: start page, images, or what went wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from acutance.qt.panels.problem_page import ProblemPage
from acutance.qt.panels.start_page import StartPage
from acutance.qt.viewers.change_strip import ChangeStrip
from acutance.qt.viewers.linked_grid import LinkedGrid
from acutance.qt.viewers.position_bar import PositionBar
from acutance.qt.viewers.score_strip import ScoreStrip
from acutance.qt.viewers.uncertainty_strip import UncertaintyStrip
from acutance.qt.viewers.video_page import VideoPage
from acutance.session import SeriesState

if TYPE_CHECKING:
    from acutance.qt.opening import OpenProblem
    from acutance.qt.viewers.gestures import Tool
    from acutance.session import Session


class Centre(QStackedWidget):
    """Shows the page that fits what is open.

    Parameters
    ----------
    session : Session

    Signals
    -------
    None of its own; those of `start`, `problem`, `positions`, `grid`, `strip` and `video` are used
    directly.
    """

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.start = StartPage()
        self.problem = ProblemPage()
        self.grid = LinkedGrid(session)
        self.strip = ScoreStrip(session)
        self.uncertainty = UncertaintyStrip(session)
        self.changes = ChangeStrip(session)
        self.positions = PositionBar(session)
        images = QWidget()
        column = QVBoxLayout(images)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.positions)
        column.addWidget(self.grid, 1)
        column.addWidget(self.strip)
        column.addWidget(self.uncertainty)
        column.addWidget(self.changes)
        self._images = images
        self.video = VideoPage(session)
        for page in (self.start, self.problem, images, self.video):
            self.addWidget(page)

    @property
    def shows_images(self) -> bool:
        """Whether the views are what is seen."""
        return self.currentWidget() in (self._images, self.video)

    @property
    def shows_video(self) -> bool:
        """Whether the frame of a video is what is seen."""
        return self.currentWidget() is self.video

    def fit(self) -> None:
        """Show what is seen as large as it fits."""
        self.video.view.fit() if self.shows_video else self.grid.fit()

    def reset(self) -> None:
        """Fit what is seen, and go back to the window it started with."""
        self.video.view.reset() if self.shows_video else self.grid.reset()

    def set_tool(self, tool: Tool) -> None:
        """Choose what a left drag does in every view."""
        self.grid.set_tool(tool)
        self.video.view.tool = tool

    def set_overlay_visible(self, visible: bool) -> None:
        """Show or hide the corner text of every view."""
        self.grid.set_overlay_visible(visible)
        self.video.view.set_overlay_visible(visible)

    def focus_image(self) -> None:
        """Give the keyboard to what is seen."""
        (self.video if self.shows_video else self.grid).setFocus()

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
        elif entry.item.kind == "video":
            self.setCurrentWidget(self.video)
        else:
            self.setCurrentWidget(self._images)
