"""What the user decides about a series: three buttons, a coded reason and a note."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLineEdit,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from acutance.core.quality import Verdict
from acutance.core.review import NOTE_LIMIT, REASONS, Decision
from acutance.qt.icons import verdict_icon
from acutance.qt.language import mark, tr, translated
from acutance.qt.panels.labels import plain_label
from acutance.qt.theme import FONT_SMALL
from acutance.qt.viewers.listening import listen

if TYPE_CHECKING:
    from collections.abc import Mapping

    from PySide6.QtGui import QAction

    from acutance.session import Session

_SIGNS = {
    Decision.ACCEPT: Verdict.USABLE,
    Decision.ACCEPT_WITH_NOTE: Verdict.CHECK,
    Decision.REPEAT: Verdict.REPEAT,
}
_WORDS = {
    Decision.ACCEPT: mark("Accept"),
    Decision.ACCEPT_WITH_NOTE: mark("Note"),
    Decision.REPEAT: mark("Repeat"),
}
_NONE = mark("No reason given")


class ReviewPanel(QWidget):
    """The user's own decision, under the predicted one and apart from it.

    Parameters
    ----------
    session : Session
    actions : mapping of Decision to QAction
        What the buttons trigger.

    Signals
    -------
    withdraw_requested
        Take the decision back: its button was pressed again.
    """

    withdraw_requested = Signal()

    def __init__(
        self, session: Session, actions: Mapping[Decision, QAction], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._is_filling = False
        self.buttons = {decision: self._button(decision, actions[decision]) for decision in _WORDS}
        row = QHBoxLayout()
        row.setSpacing(6)
        for button in self.buttons.values():
            row.addWidget(button)
        self.reason = QComboBox()
        self.reason.setAccessibleName(tr("Reason of the decision"))
        self.reason.addItem(tr(_NONE), "")
        for reason in REASONS:
            self.reason.addItem(translated(reason.meaning), reason.code)
        self.reason.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.reason.activated.connect(self._on_words)
        self.note = QLineEdit()
        self.note.setMaxLength(NOTE_LIMIT)
        self.note.setPlaceholderText(tr("Note (no names)"))
        self.note.setAccessibleName(tr("Note to the decision"))
        self.note.editingFinished.connect(self._on_words)
        self._told = plain_label("", size=FONT_SMALL, is_secondary=True, wraps=True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 0, 16, 12)
        layout.setSpacing(8)
        layout.addWidget(plain_label(tr("Your decision"), bold=True))
        layout.addLayout(row)
        for widget in (self.reason, self.note, self._told):
            layout.addWidget(widget)
        for signal in (
            session.reviews.changed,
            session.active_changed,
            session.series_changed,
        ):
            listen(self, signal, self.refresh)
        self.refresh()

    @property
    def told(self) -> str:
        """The line under the fields."""
        return self._told.text()

    def refresh(self, *_: object) -> None:
        """Show the decision about the active series."""
        entry, review = self._session.active, self._session.reviews.active
        self.setVisible(entry is not None and entry.loaded is not None)
        self._is_filling = True
        for decision, button in self.buttons.items():
            button.setIcon(verdict_icon(_SIGNS[decision]))
            button.setChecked(review is not None and review.decision is decision)
        has_words = review is not None and review.decision is not Decision.ACCEPT
        self.reason.setVisible(has_words)
        self.note.setVisible(has_words)
        if review is not None:
            self.reason.setCurrentIndex(max(0, self.reason.findData(review.reason)))
            if self.note.text() != review.note:
                self.note.setText(review.note)
        self._is_filling = False
        if review is None:
            text = ""
        elif review.agrees is None:
            text = tr("Nothing was predicted when this was decided.")
        else:
            text = tr("As predicted.") if review.agrees else tr("Other than predicted.")
        self._told.setText(text)
        self._told.setVisible(bool(text))

    def ask_for_words(self) -> None:
        """Give the keyboard to what is still to be said."""
        self.note.setFocus(Qt.FocusReason.OtherFocusReason)

    def _button(self, decision: Decision, action: QAction) -> QToolButton:
        button = QToolButton()
        button.setText(tr(_WORDS[decision]))
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.setIconSize(QSize(14, 14))
        button.setCheckable(True)
        button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        button.setStyleSheet(
            "QToolButton { padding: 5px 4px; border-color: palette(mid); }"
            "QToolButton:checked { border-color: palette(highlight); }"
        )
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setToolTip(tr("{tip}; again to take it back", tip=action.toolTip()))
        button.setAccessibleName(action.text())

        def press(is_on: bool) -> None:
            if is_on:
                action.trigger()
            else:
                self.withdraw_requested.emit()
            self.refresh()

        button.clicked.connect(press)
        return button

    def _on_words(self, *_: object) -> None:
        review = self._session.reviews.active
        if self._is_filling or review is None:
            return
        note = " ".join("".join(c if c.isprintable() else " " for c in self.note.text()).split())
        reason = str(self.reason.currentData())
        if (reason, note) != (review.reason, review.note):
            self._session.reviews.decide(review.decision, reason=reason, note=note)
