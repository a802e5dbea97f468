"""The ways to compute scores: which one is used, and what a measurement on this machine found."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QFormLayout,
    QHBoxLayout,
    QHeaderView,
    QProgressBar,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from acutance.core.backends import CHOICES
from acutance.qt.language import mark, numeral, tr
from acutance.qt.panels.labels import plain_label
from acutance.qt.theme import FONT_SMALL

if TYPE_CHECKING:
    from PySide6.QtGui import QShowEvent

    from acutance.core.backends import BackendRow, BackendTrial

_COLUMNS = (
    mark("Backend"),
    mark("ms a slice"),
    mark("Mean difference"),
    mark("Largest"),
    "",
)
_WORDS = mark(
    "The same network, computed by different runtimes and precisions. Of those measured on made-up "
    "slices, the fastest whose scores are within the tolerance is taken for “auto”; what lies near "
    "a threshold is computed once more in float32, so that no verdict depends on the choice."
)
_NOTHING_YET = mark("Not measured yet with these weights on this machine: torch-float32 is used.")


class BackendPage(QWidget):
    """A choice, a table, and a button that measures; nothing is measured unasked.

    Parameters
    ----------
    chosen : str
        One of `acutance.core.backends.CHOICES`.
    site : str
        The backend that the site file names, which holds then; empty where it names none.

    Signals
    -------
    first_shown
        Somebody looks at the page for the first time.
    measure_asked, cancel_asked
        The user wants a measurement, or its end.
    """

    first_shown = Signal()
    measure_asked = Signal()
    cancel_asked = Signal()

    def __init__(self, chosen: str, site: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.choice = QComboBox()
        self.choice.setAccessibleName(tr("Backend"))
        self.choice.addItems(CHOICES)
        self.choice.setCurrentText(site or chosen)
        self.choice.setEnabled(not site)
        self.table = QTableWidget(0, len(_COLUMNS))
        self.table.setAccessibleName(tr("Backends"))
        self.table.setHorizontalHeaderLabels([tr(name) if name else "" for name in _COLUMNS])
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setShowGrid(False)
        self.table.verticalHeader().hide()
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(len(_COLUMNS) - 1, QHeaderView.ResizeMode.Stretch)
        self.button = QPushButton(tr("Measure"))
        self.button.setToolTip(
            tr("Takes a quarter of a minute on an idle machine; can be cancelled")
        )
        self.button.clicked.connect(self._on_button)
        self.bar = QProgressBar()
        self.bar.setAccessibleName(tr("Progress of the measurement"))
        self.bar.setRange(0, 100)
        self.message = plain_label(tr(_NOTHING_YET), size=FONT_SMALL, is_secondary=True)
        self.message.setWordWrap(True)
        words = plain_label(tr(_WORDS), is_secondary=True)
        words.setWordWrap(True)
        form = QFormLayout()
        form.addRow(tr("Backend"), self.choice)
        if site:
            form.addRow("", plain_label(tr("The site file says so."), size=FONT_SMALL))
        row = QHBoxLayout()
        row.addWidget(self.button)
        row.addWidget(self.bar, 1)
        row.addWidget(self.message, 3)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 12, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(words)
        layout.addLayout(form)
        layout.addWidget(self.table, 1)
        layout.addLayout(row)
        self._is_busy = self._was_shown = False
        self.bar.hide()

    def showEvent(self, event: QShowEvent) -> None:
        """Tell of it, once."""
        super().showEvent(event)
        if not self._was_shown:
            self._was_shown = True
            self.first_shown.emit()

    def set_progress(self, fraction: float) -> None:
        """Show how far a measurement is, in [0, 1]; the button ends it now."""
        self._is_busy = True
        self.button.setText(tr("Cancel"))
        self.bar.setValue(round(100 * fraction))
        self.bar.show()
        self.message.setText(tr("Measuring…"))

    def show_trial(self, trial: BackendTrial | None) -> None:
        """Show what was found; None where nothing was measured yet."""
        self._rest()
        if trial is None or not trial.rows:
            self.message.setText(tr(_NOTHING_YET))
            return
        self.table.setRowCount(len(trial.rows))
        for place, row in enumerate(trial.rows):
            for column, text in enumerate(_texts(row, is_chosen=row.backend == trial.chosen)):
                item = QTableWidgetItem(text)
                if 0 < column < len(_COLUMNS) - 1:
                    item.setTextAlignment(
                        Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
                    )
                self.table.setItem(place, column, item)
        self.message.setText(
            tr(
                "{slices} made-up slices, {threads} threads. Kept for these weights on this "
                "machine.",
                slices=trial.slices,
                threads=trial.threads,
            )
        )

    def show_problem(self, text: str) -> None:
        """Say why there is no measurement; the table stays as it was."""
        self._rest()
        self.message.setText(text)

    def _rest(self) -> None:
        self._is_busy = False
        self.button.setText(tr("Measure"))
        self.bar.hide()

    def _on_button(self) -> None:
        if self._is_busy:
            self.cancel_asked.emit()
        else:
            self.set_progress(0.0)
            self.measure_asked.emit()


def _texts(row: BackendRow, *, is_chosen: bool) -> tuple[str, ...]:
    if row.milliseconds is None:
        return row.backend, "–", "–", "–", row.reason
    told = "" if row.is_allowed else tr("not within the tolerance")
    return (
        row.backend,
        numeral(row.milliseconds, ".1f"),
        numeral(row.mean or 0.0, ".5f"),
        numeral(row.largest or 0.0, ".5f"),
        tr("taken for auto") if is_chosen else told,
    )
