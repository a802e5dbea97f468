"""What the window shows in the place of an image that could not be had."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from acutance.qt.language import tr, translated
from acutance.qt.panels.labels import breakable, plain_label
from acutance.qt.theme import FONT_TITLE

if TYPE_CHECKING:
    from acutance.errors import AcutanceError
    from acutance.qt.opening import OpenProblem

#: Lines of detail shown.
DETAIL_LIMIT = 500


class ProblemPage(QWidget):
    """What went wrong, what to do, and the details on request.

    Signals
    -------
    open_requested
        Choose another file.
    retry_requested
        Try the same again.
    dismissed
        Go back to what is open.
    ledger_requested
        Show the ledger.
    """

    open_requested = Signal()
    retry_requested = Signal()
    dismissed = Signal()
    ledger_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("Problem"))
        self._title = plain_label("", size=FONT_TITLE, bold=True)
        self._message = plain_label("", wraps=True)
        self._remedy = plain_label("", wraps=True, is_secondary=True)
        self._details = QPlainTextEdit()
        self._details.setReadOnly(True)
        self._details.setAccessibleName(tr("Details"))
        self._details.setMaximumHeight(200)
        self._retry = QPushButton(tr("Try again"))
        self._open = QPushButton(tr("Open another file…"))
        self._toggle = QPushButton(tr("Details"))
        self._toggle.setCheckable(True)
        self._ledger = QPushButton(tr("Ledger"))
        self._back = QPushButton(tr("Back"))
        self._retry.clicked.connect(self.retry_requested)
        self._open.clicked.connect(self.open_requested)
        self._toggle.toggled.connect(self._details.setVisible)
        self._ledger.clicked.connect(self.ledger_requested)
        self._back.clicked.connect(self.dismissed)
        column = QWidget(self)
        column.setMaximumWidth(560)
        inner = QVBoxLayout(column)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(12)
        inner.addWidget(self._title)
        inner.addWidget(self._message)
        inner.addWidget(self._remedy)
        buttons = QHBoxLayout()
        buttons.setContentsMargins(0, 8, 0, 0)
        buttons.setSpacing(8)
        for button in (self._retry, self._open, self._back, self._ledger, self._toggle):
            buttons.addWidget(button)
        buttons.addStretch(1)
        inner.addLayout(buttons)
        inner.addWidget(self._details)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(24, 24, 24, 24)
        outer.addStretch(2)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(column, 8)
        row.addStretch(1)
        outer.addLayout(row)
        outer.addStretch(3)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)

    @property
    def text(self) -> str:
        """Title, message and remedy, one line each."""
        return "\n".join((self._title.text(), self._message.text(), self._remedy.text()))

    @property
    def details(self) -> str:
        """The details, shown or not."""
        return self._details.toPlainText()

    def show_problem(self, problem: OpenProblem, *, can_go_back: bool) -> None:
        """Say why nothing could be opened."""
        self._show(
            tr("Nothing was opened"),
            translated(problem.message),
            translated(problem.remedy),
            problem.details,
        )
        self._retry.hide()
        self._ledger.hide()
        self._back.setVisible(can_go_back)

    def show_error(self, title: str, error: AcutanceError) -> None:
        """Say why a series could not be read."""
        where = str(error.path) if error.path is not None else title
        details = (where, f"{type(error).__name__}: {error.message}")
        self._show(
            tr("This series could not be read"),
            translated(error.message),
            translated(error.remedy),
            details,
        )
        self._retry.show()
        self._ledger.show()
        self._back.hide()

    def _show(self, title: str, message: str, remedy: str, details: tuple[str, ...]) -> None:
        self._title.setText(title)
        self._message.setText(breakable(message))
        self._remedy.setText(remedy)
        self._remedy.setVisible(bool(remedy))
        shown = list(details[:DETAIL_LIMIT])
        if len(details) > DETAIL_LIMIT:
            shown.append(tr("and {count} more", count=len(details) - DETAIL_LIMIT))
        self._details.setPlainText("\n".join(shown))
        self._toggle.setChecked(False)
        self._toggle.setVisible(bool(details))
        self._details.hide()
        self.setAccessibleDescription(self.text)
