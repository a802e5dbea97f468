"""The queue with progress and time left, and the outcomes with what they rest on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from acutance.core.pace import time_words
from acutance.qt.icons import icon
from acutance.qt.job_log import rests
from acutance.qt.language import numeral, tr, trn
from acutance.qt.panels.labels import plain_label, plain_tip
from acutance.qt.panels.progress import ProgressBar
from acutance.qt.panels.section import Section
from acutance.qt.theme import FONT_SMALL

if TYPE_CHECKING:
    from acutance.jobs.job import Job
    from acutance.qt.job_log import JobLog, Outcome

_LIST_HEIGHT = 120
_SIGNS = {"succeeded": "✓", "failed": "✕", "cancelled": "–"}


class _Row(QWidget):
    """One job: title, progress, how long it still takes, and a button that stops it."""

    def __init__(self, job: Job[Any], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = plain_label("", size=FONT_SMALL)
        self._title.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._words = plain_label("", size=FONT_SMALL, is_secondary=True)
        self._bar = ProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setRange(0, 1000)
        self.cancel = QToolButton()
        self.cancel.setAutoRaise(True)
        self.cancel.setIcon(icon("cancel"))
        self.cancel.setIconSize(QSize(16, 16))
        self.cancel.setStyleSheet("QToolButton { padding: 1px; }")
        self.cancel.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.cancel.clicked.connect(job.cancel)
        above = QHBoxLayout()
        above.setSpacing(8)
        above.addWidget(self._title, 1)
        above.addWidget(self._words)
        above.addWidget(self.cancel)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addLayout(above)
        layout.addWidget(self._bar)

    @property
    def words(self) -> str:
        """How far the job is, in words."""
        return self._words.text()

    def show_job(self, job: Job[Any], left: float | None, *, is_paused: bool) -> None:
        """Show how far a job is."""
        room = max(40, self._title.width())
        middle = Qt.TextElideMode.ElideMiddle
        self._title.setText(self._title.fontMetrics().elidedText(job.title, middle, room))
        self._title.setToolTip(plain_tip(job.title))
        self._bar.setValue(round(1000 * job.fraction))
        text = job_words(job, left, is_paused=is_paused)
        self._words.setText(text)
        self._bar.setAccessibleName(f"{job.title}: {text}")
        self.cancel.setAccessibleName(tr("Cancel: {title}", title=job.title))
        self.cancel.setToolTip(tr("Cancel"))


class WorkSection(Section):
    """Jobs with progress, time left and cancel; a pause for engines; outcomes, newest first.

    Parameters
    ----------
    log : JobLog

    Signals
    -------
    series_requested : int
        Go to the series of an outcome.
    """

    series_requested = Signal(int)

    def __init__(self, log: JobLog, parent: QWidget | None = None) -> None:
        body = QWidget()
        super().__init__(tr("Work"), body, parent)
        self._log = log
        self._rows: dict[int, _Row] = {}
        self.pause = QPushButton(tr("Pause engines"))
        self.pause.setCheckable(True)
        self.pause.setToolTip(
            tr("Let scoring, segmenting and explaining rest; files are still read")
        )
        self.pause.clicked.connect(log.set_paused)
        self._empty = plain_label(tr("Nothing is at work."), size=FONT_SMALL, is_secondary=True)
        self._queue = QVBoxLayout()
        self._queue.setSpacing(8)
        self.outcomes = QListWidget()
        self.outcomes.setAccessibleName(tr("What came of jobs, newest first"))
        self.outcomes.setMaximumHeight(_LIST_HEIGHT)
        self.outcomes.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Expanding)
        self.outcomes.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.outcomes.itemActivated.connect(self._on_outcome)
        self.outcomes.itemClicked.connect(self._on_outcome)
        layout = QVBoxLayout(body)
        layout.setContentsMargins(16, 4, 16, 12)
        layout.setSpacing(8)
        layout.addLayout(self._queue)
        layout.addWidget(self._empty)
        layout.addWidget(self.pause)
        layout.addWidget(self.outcomes)
        log.changed.connect(self.refresh)
        log.ended.connect(self._fill)
        self.refresh()
        self._fill()

    @property
    def rows(self) -> tuple[_Row, ...]:
        """The jobs as shown, oldest first."""
        return tuple(self._rows.values())

    def refresh(self) -> None:
        """Show how far everything is."""
        jobs = {job.id: job for job in self._log.jobs}
        for id in [id for id in self._rows if id not in jobs]:
            row = self._rows.pop(id)
            row.hide()
            row.deleteLater()
        for id, job in jobs.items():
            if id not in self._rows:
                self._rows[id] = _Row(job)
                self._queue.addWidget(self._rows[id])
            left = self._log.seconds_left(job)
            self._rows[id].show_job(job, left, is_paused=self._log.is_paused)
        self._empty.setVisible(not jobs)
        self.pause.setChecked(self._log.is_paused)
        self.pause.setText(tr("Go on") if self._log.is_paused else tr("Pause engines"))
        self.set_summary(self._summary(len(jobs)), is_warning=self._log.is_paused)

    def _summary(self, count: int) -> str:
        if self._log.is_paused:
            return tr("paused")
        return trn("{n} job", "{n} jobs", count) if count else ""

    def _fill(self) -> None:
        self.outcomes.clear()
        for outcome in self._log.outcomes:
            item = QListWidgetItem(outcome_text(outcome), self.outcomes)
            tip = "\n".join(filter(None, (outcome.title, outcome.provenance)))
            item.setToolTip(plain_tip(tip))
            item.setData(Qt.ItemDataRole.UserRole, outcome.series)
            item.setData(Qt.ItemDataRole.AccessibleDescriptionRole, outcome.provenance)
        self.outcomes.setVisible(self.outcomes.count() > 0)

    def _on_outcome(self, item: QListWidgetItem) -> None:
        series = item.data(Qt.ItemDataRole.UserRole)
        if series is not None:
            self.series_requested.emit(series)


def job_words(job: Job[Any], left: float | None, *, is_paused: bool = False) -> str:
    """Return how far a job is, and about how long it still takes."""
    if is_paused and rests(job):
        return tr("paused")
    if job.is_cancel_requested:
        return tr("stopping")
    if job.state != "running":
        return tr("waiting")
    share = numeral(job.fraction, ".0%")
    return (
        share
        if left is None
        else tr("{share}, about {time_words}", share=share, time_words=time_words(left))
    )


def outcome_text(outcome: Outcome) -> str:
    """Return what came of a job in one line."""
    return tr(
        "{sign} {title}, {seconds:.1f} s",
        sign=_SIGNS[outcome.state],
        title=outcome.title,
        seconds=outcome.seconds,
    )
