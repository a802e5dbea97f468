"""Why the slice in view has its score, as far as a test supports an answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from acutance.core.explanation import CAPTION, ExplanationResult
from acutance.errors import AcutanceError
from acutance.qt.language import capital, tr, translated
from acutance.qt.panels.labels import plain_label
from acutance.qt.panels.section import Section
from acutance.qt.theme import FONT_SMALL
from acutance.qt.viewers.listening import listen

if TYPE_CHECKING:
    from acutance.core.affine import Plane
    from acutance.session import Session

_LINES = 3


class ExplanationSection(Section):
    """What the deletion test found of the slice in view, in words and numbers.

    Parameters
    ----------
    session : Session

    Signals
    -------
    explain_requested
        Explain the slice in view, or hide its map.
    """

    explain_requested = Signal()

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        body = QWidget()
        super().__init__(tr("Explanation"), body, parent)
        self._session = session
        self._plane: Plane = "axial"
        self._was_shown = False
        layout = QVBoxLayout(body)
        layout.setContentsMargins(16, 4, 16, 12)
        layout.setSpacing(6)
        self._lines = [
            plain_label("", size=FONT_SMALL, is_secondary=n > 0, wraps=True) for n in range(_LINES)
        ]
        for label in self._lines:
            layout.addWidget(label)
        self._button = QPushButton(tr("Explain this slice (E)"))
        self._button.clicked.connect(self.explain_requested)
        layout.addWidget(self._button)
        caption = f"{capital(translated(CAPTION))}."
        layout.addWidget(plain_label(caption, size=FONT_SMALL, is_secondary=True, wraps=True))
        listen(self, session.explanations.changed, self._refresh)
        listen(self, session.active_changed, self._refresh)
        listen(self, session.series_changed, self._refresh)
        listen(self, session.cursor_changed, self._refresh)
        self._refresh()

    @property
    def text(self) -> str:
        """What is said of the slice in view."""
        return "\n".join(label.text() for label in self._lines if label.text())

    def set_plane(self, plane: Plane) -> None:
        """Speak of the slice of another plane."""
        self._plane = plane
        self._refresh()

    def _refresh(self, *_: object) -> None:
        explanations = self._session.explanations
        self.setVisible(self._session.active_volume is not None)
        answer = explanations.answer(self._plane)
        slice_name = f"{tr(self._plane)} {self._session.slice_index(self._plane)}"
        is_running = explanations.is_wanted(self._plane)
        if explanations.is_shown and not self._was_shown:
            self.set_open(True)  # who asks wants to read the answer
        self._was_shown = explanations.is_shown
        lines: tuple[str, ...]
        if is_running:
            summary, lines = tr("running"), (tr("Explaining {slice_name}…", slice_name=slice_name),)
        elif answer is None:
            summary, lines = "", (tr("{slice_name} is not explained yet.", slice_name=slice_name),)
        elif isinstance(answer, AcutanceError):
            summary, lines = tr("failed"), (str(answer),)
        else:
            summary, lines = _summary(answer), tuple(map(translated, answer.lines()))
        self.set_summary(summary)
        for n, label in enumerate(self._lines):
            label.setText(lines[n] if n < len(lines) else "")
            label.setVisible(n < len(lines))
        is_shown = explanations.is_shown and answer is not None
        self._button.setText(tr("Hide (E)") if is_shown else tr("Explain this slice (E)"))
        self._button.setEnabled(not is_running)


def _summary(answer: ExplanationResult) -> str:
    return tr("map shown") if answer.values is not None else tr("no region")
