"""A watched folder: choose it, and see each series with its verdict as it arrives."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QDialog,
    QDoubleSpinBox,
    QGridLayout,
    QHBoxLayout,
    QHeaderView,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from acutance.core.quality import Verdict
from acutance.core.scoring import ScoringPolicy
from acutance.qt.batch_table import VERDICT_TEXTS
from acutance.qt.dialogs.path_fields import PathField
from acutance.qt.hot_folder_thread import HotFolderThread
from acutance.qt.language import error_text, mark, no_diagnosis, numeral, tr, translated
from acutance.qt.panels.labels import plain_label, plain_tip, tint
from acutance.qt.theme import FONT_SMALL, current_tokens, verdict_color

if TYPE_CHECKING:
    from collections.abc import Callable

    from acutance.errors import AcutanceError

_INTRODUCTION = mark(
    "Every series that arrives in the folder is scored as soon as its files have "
    "come to rest; results and reports go to the output folder. What arrives is "
    "never changed."
)
_HEADS = (mark("Series"), mark("Verdict"), mark("Predicted SSIM"), mark("Why"))
#: Of all but the last, which takes the rest, in pixels.
_WIDTHS = (220, 130, 120)
#: Lines that are kept in sight; all of them stand in the results.
_LINES = 1000


class HotFolderDialog(QDialog):
    """Watches one folder at a time. Closing it hides it: the watching goes on.

    Parameters
    ----------
    policy : callable
        Gives how series are scored; asked on the thread of the watcher.
    make_thread : callable
        Makes the watcher.

    Signals
    -------
    arrived : dict
        The JSON object of a series that was scored.
    """

    arrived = Signal(object)

    def __init__(
        self,
        policy: Callable[[], ScoringPolicy] = ScoringPolicy,
        parent: QWidget | None = None,
        *,
        make_thread: Callable[..., HotFolderThread] = HotFolderThread,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Watched folder"))
        self.resize(920, 560)
        self._policy = policy
        self._make_thread = make_thread
        self._thread: HotFolderThread | None = None
        self._folder, self._output = (
            PathField(self, tr("Folder")),
            PathField(self, tr("Output folder")),
        )
        self.folder, self.output = self._folder.edit, self._output.edit
        self.quiet = QDoubleSpinBox()
        self.polling = QCheckBox(tr("Look every second (network shares)"))
        self.told = plain_label(wraps=True)
        self.table = QTableWidget(0, len(_HEADS))
        self.start_button = QPushButton(tr("Watch"))
        self.stop_button = QPushButton(tr("Stop"))
        self.show_button = QPushButton(tr("Show results"))
        self._build()
        self._refresh()

    @property
    def is_watching(self) -> bool:
        """Whether a folder is watched."""
        return self._thread is not None

    def shut_down(self) -> None:
        """Stop watching and end the children."""
        thread, self._thread = self._thread, None
        if thread is not None:
            thread.close()
            thread.deleteLater()

    def start(self) -> None:
        """Watch the folder that was chosen."""
        if self._thread is not None:
            return
        self._thread = self._make_thread(
            Path(self.folder.text()).absolute(),
            Path(self.output.text()).absolute(),
            self._policy,
            self,
            quiet_seconds=self.quiet.value(),
            is_polling=self.polling.isChecked(),
        )
        self._thread.scored.connect(self._on_scored)
        self._thread.failed.connect(self._on_failed)
        self._thread.noted.connect(lambda message: self._say(f"{translated(message)}."))
        self._thread.ended.connect(self._on_ended)
        self._say(tr("Watching; you may close this page, it goes on."))
        self._thread.begin()
        self._refresh()

    def stop(self) -> None:
        """Stop watching."""
        self.shut_down()
        self._say(tr("Not watching. What was scored is kept; watch again to go on."))
        self._refresh()

    def _build(self) -> None:
        self.quiet.setRange(0.5, 3600.0)
        self.quiet.setValue(4.0)
        self.quiet.setDecimals(1)
        self.quiet.setSuffix(" s")
        self.quiet.setAccessibleName(tr("Time without a change after which a series is complete"))
        self.table.setHorizontalHeaderLabels([tr(head) for head in _HEADS])
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setDefaultSectionSize(24)
        self.table.setWordWrap(False)
        self.table.setShowGrid(False)
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setAccessibleName(tr("Series that have arrived, newest first"))
        header = self.table.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setHighlightSections(False)
        for column, width in enumerate(_WIDTHS):
            self.table.setColumnWidth(column, width)
        header.setSectionResizeMode(len(_WIDTHS), QHeaderView.ResizeMode.Stretch)
        for edit in (self.folder, self.output):
            edit.textChanged.connect(self._refresh)
        self.start_button.clicked.connect(self.start)
        self.stop_button.clicked.connect(self.stop)
        self.show_button.clicked.connect(self._output.show_folder)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 16, 20, 16)
        layout.setSpacing(8)
        layout.addWidget(plain_label(tr(_INTRODUCTION), wraps=True, is_secondary=True))
        layout.addLayout(self._make_form())
        layout.addWidget(self.told)
        layout.addWidget(self.table, 1)
        row = QHBoxLayout()
        row.addWidget(plain_label(no_diagnosis() + ".", size=FONT_SMALL, is_secondary=True))
        row.addStretch(1)
        for button in (self.show_button, self.stop_button, self.start_button):
            button.setAutoDefault(False)
            row.addWidget(button)
        layout.addLayout(row)

    def _make_form(self) -> QGridLayout:
        form = QGridLayout()
        form.setHorizontalSpacing(8)
        self._folder.add_to(form, 0, tr("Folder"))
        self._output.add_to(form, 1, tr("Output"))
        rest = QHBoxLayout()
        rest.setSpacing(8)
        rest.addWidget(self.quiet)
        rest.addWidget(plain_label(tr("without a change")))
        rest.addSpacing(16)
        rest.addWidget(self.polling)
        rest.addStretch(1)
        form.addWidget(plain_label(tr("Complete after")), 2, 0)
        form.addLayout(rest, 2, 1, 1, 2)
        return form

    def _on_scored(self, record: dict[str, Any]) -> None:
        verdict = str(record["verdict"])
        number = record["ssim_pred"]
        color = verdict_color(Verdict(verdict), current_tokens())
        texts = (
            str(record["series"] or os.path.basename(record["path"])),
            tr(VERDICT_TEXTS.get(verdict, verdict)),
            "\N{EM DASH}" if number is None else numeral(number, ".2f"),
            str(record["reason"]),
        )
        self._add(texts, color, str(record["path"]))
        self.arrived.emit(record)

    def _on_failed(self, error: AcutanceError) -> None:
        name = "" if error.path is None else error.path.name
        color = QColor(current_tokens().repeat)
        self._add(
            # The first column names the file.
            (name, tr("not scored"), "\N{EM DASH}", error_text(_without_path(error))),
            color,
            "",
        )

    def _add(self, texts: tuple[str, ...], color: QColor, tip: str) -> None:
        self.table.insertRow(0)
        for column, text in enumerate(texts):
            # Bytes of a name that are no text would stop the view.
            cell = QTableWidgetItem(text.encode("utf-8", "replace").decode("utf-8"))
            if column == 1:
                cell.setForeground(color)
            cell.setToolTip(plain_tip(tip if column == 0 and tip else text))
            self.table.setItem(0, column, cell)
        self.show_button.setVisible(True)
        while self.table.rowCount() > _LINES:
            self.table.removeRow(self.table.rowCount() - 1)

    def _on_ended(self, error: AcutanceError | None) -> None:
        thread, self._thread = self._thread, None
        if thread is not None:
            thread.deleteLater()
        if error is not None:
            self._say(error_text(error), is_bad=True)
        self._refresh()

    def _refresh(self) -> None:
        is_free = self._thread is None
        for field in (self._folder, self._output):
            field.set_enabled(is_free)
        for widget in (self.quiet, self.polling):
            widget.setEnabled(is_free)
        has_both = bool(self.folder.text().strip() and self.output.text().strip())
        self.start_button.setEnabled(is_free and has_both)
        self.start_button.setVisible(is_free)
        self.stop_button.setVisible(not is_free)
        self.show_button.setVisible(self.table.rowCount() > 0)

    def _say(self, text: str, *, is_bad: bool = False) -> None:
        self.told.setText(text.encode("utf-8", "replace").decode("utf-8"))
        tokens = current_tokens()
        tint(self.told, tokens.repeat if is_bad else tokens.text)


def _without_path(error: AcutanceError) -> AcutanceError:
    return type(error)(error.message, remedy=error.remedy)
