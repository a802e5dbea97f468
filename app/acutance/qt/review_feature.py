"""The user's own verdicts, and reports with both."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, ClassVar

from acutance.core.review import Decision
from acutance.qt.actions import Command
from acutance.qt.feature import Feature
from acutance.qt.language import tr, translated
from acutance.qt.panels.review_panel import ReviewPanel
from acutance.qt.report_exporter import ReportExporter
from acutance.qt.viewers.listening import listen

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from acutance.qt.main_window import MainWindow

_IDS = {
    Decision.ACCEPT: "accept",
    Decision.ACCEPT_WITH_NOTE: "accept_with_note",
    Decision.REPEAT: "repeat",
}


class ReviewFeature(Feature):
    """Keeps what a person decides beside what was predicted, never in its place.

    Parameters
    ----------
    window : MainWindow
    """

    COMMANDS = (
        Command("accept", "Accept the series", "Ctrl+1", needs="image"),
        Command("accept_with_note", "Accept with note", "Ctrl+2", needs="image"),
        Command("repeat", "Repeat the series", "Ctrl+3", needs="image"),
        Command("withdraw_decision", "Take the decision back", needs="image"),
        Command(
            "export_report",
            "Export report…",
            "Ctrl+E",
            needs="result",
            tip="Write the prediction and your decision as HTML, PDF, PNG and JSON",
        ),
    )
    MENUS: ClassVar = {
        "File": ("export_report",),
        "Edit": ("-", *_IDS.values(), "withdraw_decision"),
    }
    SHEET = (*_IDS.values(), "export_report")

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._session = window.session
        self.exporter = ReportExporter(window)
        self.panel: ReviewPanel | None = None

    def slots(self) -> Mapping[str, Callable[..., None]]:
        """Return what each command does."""
        return {
            **{id: partial(self.decide, decision) for decision, id in _IDS.items()},
            "withdraw_decision": self._session.reviews.withdraw,
            "export_report": self.exporter.ask,
        }

    def start(self) -> None:
        """Put the buttons under the predicted verdict."""
        actions = {decision: self.window.actions_[id] for decision, id in _IDS.items()}
        self.panel = ReviewPanel(self._session, actions)
        self.panel.withdraw_requested.connect(self._session.reviews.withdraw)
        self.window.side.insert_after(self.panel, self.window.quality)
        listen(self, self._session.reviews.changed, self._show)
        self._show()

    def refresh(self) -> None:
        """Take the signs of another theme."""
        if self.panel is not None:
            self.panel.refresh()

    def decide(self, decision: Decision) -> None:
        """Decide about the active series; what needs words gets the keyboard."""
        self._session.reviews.decide(decision)
        review = self._session.reviews.active
        if review is None:
            return
        self.window.tell(tr("Decided: {words}", words=translated(review.words_without_note)))
        if decision is not Decision.ACCEPT and self.panel is not None:
            self.panel.ask_for_words()

    def _show(self, *_: object) -> None:
        has_one = self._session.reviews.active is not None
        self.window.actions_["withdraw_decision"].setVisible(has_one)
