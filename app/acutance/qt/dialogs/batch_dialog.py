"""A folder of series worked on in the background: choose, see the plan, watch, read the ledger."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QHeaderView,
    QProgressBar,
    QPushButton,
    QSpinBox,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from acutance.batch.plan import duration
from acutance.batch.settings import MAX_SHARDS, BatchSettings, Shard
from acutance.core.scoring import ScoringPolicy
from acutance.errors import AcutanceError, JobCancelled
from acutance.qt.batch_table import DONE, DUPLICATE, FAILED, VERDICT_TEXTS, WAITING, BatchTable
from acutance.qt.batch_thread import BatchThread
from acutance.qt.dialogs.path_fields import PathField
from acutance.qt.dialogs.task_choices import TaskChoices
from acutance.qt.language import mark, no_diagnosis, tr, translated, trn
from acutance.qt.panels.labels import plain_label, tint
from acutance.qt.theme import FONT_SMALL, current_tokens

if TYPE_CHECKING:
    from collections.abc import Callable

    from acutance.batch.events import BatchEvent, BatchOutcome
    from acutance.batch.plan import Plan

_SIZE = (920, 720)
_STEPS = 1000
_INTRODUCTION = mark(
    "Every series below the input folder is worked on; results go to the output "
    "folder, which is new or holds this very batch. The input is never changed."
)
_BEFORE = mark(
    "The plan says what there is, about how long it takes and what room the results need; nothing "
    "begins before you start it."
)
_FILE_STATES = (DONE, DUPLICATE, FAILED, WAITING)


class BatchDialog(QDialog):
    """Runs one batch at a time. Closing it hides it: the batch goes on.

    Parameters
    ----------
    policy : callable
        Gives how series are scored; asked on the thread of the batch.
    make_thread : callable
        Makes the thread that does the work.
    """

    def __init__(
        self,
        policy: Callable[[], ScoringPolicy] = ScoringPolicy,
        parent: QWidget | None = None,
        *,
        make_thread: Callable[..., BatchThread] = BatchThread,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Batch"))
        self.resize(*_SIZE)
        self._policy = policy
        self._make_thread = make_thread
        self._thread: BatchThread | None = None
        self._is_planned = self._is_running = self._is_paused = False
        self._build()
        self._refresh()

    @property
    def is_busy(self) -> bool:
        """Whether a batch is planned or at work."""
        return self._thread is not None

    def shut_down(self) -> None:
        """End the batch and its children; what is done stays done."""
        thread, self._thread = self._thread, None
        if thread is not None:
            thread.close()
            thread.deleteLater()

    # Building.

    def _build(self) -> None:
        self._source, self._output = (
            PathField(self, tr("Input folder")),
            PathField(self, tr("Output folder")),
        )
        self.source, self.output = self._source.edit, self._output.edit
        self.choices = TaskChoices()
        self.choices.boxes["score"].setChecked(True)
        self.workers = QSpinBox()
        self.workers.setRange(1, max(1, min(8, (os.cpu_count() or 1) // 2)))
        self.workers.setToolTip(tr("Each takes a core or two and the memory of two series"))
        self.share, self.shares = QSpinBox(), QSpinBox()
        for spin, name in ((self.share, tr("Share")), (self.shares, tr("Number of shares"))):
            spin.setRange(1, MAX_SHARDS if spin is self.shares else 1)
            spin.setAccessibleName(name)
            spin.setToolTip(
                tr(
                    "Several machines divide one input folder, each with its own share and "
                    "output; acutance batch merge joins them"
                )
            )
        self.shares.valueChanged.connect(self.share.setMaximum)
        self.resume = QCheckBox(tr("Go on with the batch in the output folder, if there is one"))
        self.resume.setChecked(True)
        self.told = plain_label(tr(_BEFORE), wraps=True, is_secondary=True)
        self.table = BatchTable()
        self.view = self._make_view()
        self.progress = QProgressBar()
        self.progress.setRange(0, _STEPS)
        self.progress.setTextVisible(False)
        self.status = plain_label(size=FONT_SMALL, is_secondary=True)
        self.plan_button = QPushButton(tr("Plan"))
        self.start_button = QPushButton(tr("Start"))
        self.pause_button = QPushButton(tr("Pause"))
        self.cancel_button = QPushButton(tr("Cancel"))
        self.show_button = QPushButton(tr("Show results"))
        self.plan_button.clicked.connect(self.plan)
        self.start_button.clicked.connect(self.start)
        self.pause_button.clicked.connect(self.toggle_pause)
        self.cancel_button.clicked.connect(self.cancel)
        self.show_button.clicked.connect(self._output.show_folder)
        for edit in (self.source, self.output):
            edit.textChanged.connect(self._refresh)
        self.choices.changed.connect(self._refresh)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 16, 20, 16)
        layout.setSpacing(8)
        layout.addWidget(plain_label(tr(_INTRODUCTION), wraps=True, is_secondary=True))
        layout.addLayout(self._make_form())
        layout.addWidget(self.told)
        layout.addWidget(self.view, 1)
        layout.addWidget(self.progress)
        layout.addWidget(self.status)
        layout.addLayout(self._make_buttons())

    def _make_form(self) -> QGridLayout:
        form = QGridLayout()
        form.setHorizontalSpacing(8)
        self._source.add_to(form, 0, tr("Input"))
        self._output.add_to(form, 1, tr("Output"))
        label = plain_label(tr("Tasks"))
        form.addWidget(label, 2, 0, Qt.AlignmentFlag.AlignTop)
        form.addWidget(self.choices, 2, 1, 1, 2)
        form.addWidget(plain_label(tr("Workers")), 3, 0)
        form.addLayout(self._make_numbers(), 3, 1, 1, 2)
        form.addWidget(self.resume, 4, 1, 1, 2)
        return form

    def _make_numbers(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.workers)
        row.addSpacing(16)
        row.addWidget(plain_label(tr("Share")))
        row.addWidget(self.share)
        row.addWidget(plain_label(tr("of")))
        row.addWidget(self.shares)
        row.addStretch(1)
        return row

    def _make_view(self) -> QTableView:
        view = QTableView()
        view.setModel(self.table)
        view.setShowGrid(False)
        view.setWordWrap(False)
        view.setTextElideMode(Qt.TextElideMode.ElideRight)
        view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        view.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        view.verticalHeader().hide()
        view.verticalHeader().setDefaultSectionSize(24)
        header = view.horizontalHeader()
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Fixed)
        header.resizeSection(0, 28)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(2, QHeaderView.ResizeMode.Stretch)
        return view

    def _make_buttons(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.addWidget(plain_label(no_diagnosis() + ".", size=FONT_SMALL, is_secondary=True))
        row.addStretch(1)
        for button in (
            self.show_button,
            self.cancel_button,
            self.pause_button,
            self.plan_button,
            self.start_button,
        ):
            button.setAutoDefault(False)
            row.addWidget(button)
        return row

    # Commands.

    def plan(self) -> None:
        """Look for series and show what there is to do."""
        if self._thread is not None:
            return
        tasks, options = self.choices.chosen(), self.choices.options()
        source, output = Path(self.source.text()), Path(self.output.text())
        workers, is_resumed, policy = self.workers.value(), self.resume.isChecked(), self._policy
        share = (self.share.value(), self.shares.value())

        def settings() -> BatchSettings:
            return BatchSettings(
                source,
                output,
                tasks=tasks,
                workers=workers,
                # Marks are for what is open in the window; results are those of the command.
                policy=replace(policy(), identify=False),
                options=options,
                shard=Shard(*share),
                is_resumed=is_resumed,
            )

        self._thread = self._make_thread(settings, self)
        self._thread.planned.connect(self._on_planned)
        self._thread.told.connect(self._on_told)
        self._thread.ended.connect(self._on_ended)
        self._is_planned = self._is_running = self._is_paused = False
        self._say(tr("Looking for series…"))
        self._thread.begin()
        self._refresh()

    def start(self) -> None:
        """Run what was planned."""
        if self._thread is not None and self._is_planned:
            self._is_running = True
            self._thread.start()
            self._refresh()

    def toggle_pause(self) -> None:
        """Begin no further series, or go on."""
        if self._thread is not None and self._is_running:
            self._is_paused = not self._is_paused
            self._thread.pause(self._is_paused)
            self.status.setText(
                tr("Paused; series at work are finished") if self._is_paused else ""
            )
            self._refresh()

    def cancel(self) -> None:
        """End the batch; it can be gone on with."""
        if self._thread is not None:
            self.status.setText(tr("Cancelling…"))
            self._thread.cancel()

    # What the thread tells.

    def _on_planned(self, plan: Plan) -> None:
        self._is_planned = True
        self.table.set_plan(plan, Path(self.source.text()).absolute())
        self._say("\n".join(map(translated, plan.lines())))
        self.status.setText("")
        self._set_progress(plan.done + plan.failed, len(plan.unique))
        self._refresh()

    def _on_told(self, events: list[BatchEvent]) -> None:
        for event in events:
            row = self.table.take(event)
            if row is not None and event.kind == "begun" and self._follows():
                self.view.scrollTo(self.table.index(row, 0))
        last = events[-1]
        if last.total:
            self._set_progress(last.finished, last.total)
        # What was told of planning may arrive after the plan.
        kinds = ("held", "note", "paused", *(() if self._is_planned else ("planning",)))
        said = [event for event in events if event.kind in kinds]
        if said and said[-1].message:
            self.status.setText(translated(said[-1].message))
        elif last.total and not self._is_paused:
            left = (
                tr(", about {duration} left", duration=duration(last.seconds_left))
                if last.seconds_left
                else ""
            )
            self.status.setText(
                tr(
                    "{finished} of {total} series{left}",
                    finished=last.finished,
                    total=last.total,
                    left=left,
                )
            )

    def _on_ended(self, end: BatchOutcome | AcutanceError) -> None:
        thread, self._thread = self._thread, None
        if thread is not None:
            thread.deleteLater()
        self._is_planned = self._is_running = self._is_paused = False
        self.table.end()
        self._show_outcome()
        self.status.setText("")
        if isinstance(end, JobCancelled):
            self._say(tr("Cancelled before the work began."))
        elif isinstance(end, AcutanceError):
            self._say(str(end), is_bad=True)
        else:
            self._say("\n".join(_account(end)))
        self._refresh()

    # Showing.

    def _refresh(self) -> None:
        is_free = self._thread is None
        is_waiting = self._is_planned and not self._is_running
        has_paths = bool(self.source.text().strip() and self.output.text().strip())
        for widget in (self.workers, self.resume, self.share, self.shares):
            widget.setEnabled(is_free)
        for field in (self._source, self._output):
            field.set_enabled(is_free)
        self.choices.set_free(is_free)
        self.plan_button.setEnabled(is_free and has_paths and bool(self.choices.chosen()))
        self.start_button.setEnabled(is_waiting)
        self.pause_button.setEnabled(self._is_running)
        self.pause_button.setText(tr("Go on") if self._is_paused else tr("Pause"))
        self.cancel_button.setEnabled(not is_free)
        self.show_button.setVisible(is_free and self.table.rowCount() > 0)
        self.plan_button.setVisible(is_free)
        self.start_button.setVisible(not is_free and not self._is_running)
        self.pause_button.setVisible(self._is_running)
        self.cancel_button.setVisible(not is_free)
        self.progress.setVisible(not is_free)
        self.plan_button.setDefault(is_free)
        self.start_button.setDefault(is_waiting)

    def _say(self, text: str, *, is_bad: bool = False) -> None:
        self.told.setText(text.encode("utf-8", "replace").decode("utf-8"))
        tokens = current_tokens()
        tint(self.told, tokens.repeat if is_bad else tokens.text)

    def _set_progress(self, finished: int, total: int) -> None:
        self.progress.setValue(round(_STEPS * finished / total) if total else 0)

    def _show_outcome(self) -> None:
        """Show the first lines and, of what failed, the first."""
        if not self._follows():
            return
        self.view.scrollToTop()
        states = self.table.states()
        if FAILED in states:
            self.view.scrollTo(self.table.index(states.index(FAILED), 0))

    def _follows(self) -> bool:
        """Whether the newest line is kept in sight: not while the user looks elsewhere."""
        return not self.view.selectionModel().hasSelection()


def _account(outcome: BatchOutcome) -> list[str]:
    """Return what a batch came to, in lines."""
    totals = outcome.totals
    files = [f"{totals.files[s]} {tr(s)}" for s in _FILE_STATES if totals.files[s]]
    verdicts = [
        f"{count} {tr(VERDICT_TEXTS.get(name, name))}"
        for name, count in sorted(totals.verdicts.items())
    ]
    series = [f"{totals.items[s]} {tr(s)}" for s in (DONE, FAILED, WAITING) if totals.items[s]]
    lines = [
        tr("Cancelled; plan again to go on.") if outcome.is_cancelled else tr("Finished."),
        tr("Series: {items}", items=", ".join(series) or tr("none")),
        trn(
            "Ledger: {n} file: {items}",
            "Ledger: {n} files: {items}",
            sum(totals.files.values()),
            items=", ".join(files) or tr("none"),
        ),
    ]
    if verdicts:
        lines.insert(2, tr("Verdicts: {items}", items=", ".join(verdicts)))
    return lines
