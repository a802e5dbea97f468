"""The history: choose scanner, protocol and coil, choose a metric, see its control chart."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QHeaderView,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from acutance.core.control import chart_words, control_chart
from acutance.qt.dates import local_dates
from acutance.qt.dialogs.history_plot import HistoryPlot
from acutance.qt.language import error_text, mark, no_diagnosis, numeral, tr
from acutance.qt.panels.labels import plain_label, tint
from acutance.qt.theme import FONT_SMALL, current_tokens

if TYPE_CHECKING:
    from collections.abc import Mapping

    from acutance.core.control import ControlChart
    from acutance.errors import AcutanceError
    from acutance.export.history_store import Point, Process
    from acutance.qt.history_desk import HistoryDesk

_INTRODUCTION = mark(
    "What was measured over time, on this machine: numbers and names of "
    "scanners, protocols and coils, nothing that names a patient."
)
_EMPTY = mark(
    "There is nothing in the history yet. Add the results of a batch or a watched folder."
)
_HEADS = (mark("Number"), mark("Value"), mark("Measured (UTC)"), mark("Signal"))
#: Shown first where it is there.
_FIRST_METRIC = "ssim_pred"

_AT_TOP = Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft
_IN_MIDDLE = Qt.AlignmentFlag.AlignCenter


class HistoryDialog(QDialog):
    """Shows one trend at a time, as a chart and as a table, newest first.

    Parameters
    ----------
    desk : HistoryDesk
        Asked for everything; closed with the dialog.

    Signals
    -------
    None of its own; it asks the desk.
    """

    def __init__(self, desk: HistoryDesk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._metrics: Mapping[Process, Mapping[str, int]] = {}
        self.setWindowTitle(tr("History"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(960, 720)
        self.process = QComboBox()
        self.process.setAccessibleName(tr("Scanner, protocol and coil"))
        self.measure = QComboBox()
        self.measure.setAccessibleName(tr("Metric"))
        self.add = QPushButton(tr("Add results…"))
        self.add.setToolTip(tr("Add what a batch, a watched folder or the command line wrote"))
        self.add.setAutoDefault(False)
        self.plot = HistoryPlot()
        self.legend = _make_legend()
        self.words = plain_label("", wraps=True)
        self.notice = plain_label("", size=FONT_SMALL, is_secondary=True, wraps=True)
        self.error = plain_label("", wraps=True)
        self.table = QTableWidget(0, len(_HEADS))
        self._arrange()
        self._connect()
        self.error.hide()
        self.plot.show_nothing()
        desk.read_processes()

    def done(self, result: int) -> None:
        """Close the desk with the dialog."""
        self._desk.close()
        super().done(result)

    def _arrange(self) -> None:
        self.table.setHorizontalHeaderLabels([tr(head) for head in _HEADS])
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setDefaultSectionSize(24)
        self.table.setShowGrid(False)
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setHighlightSections(False)
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setAccessibleName(tr("Values, newest first"))
        self.table.setMinimumHeight(140)
        choosing = QHBoxLayout()
        choosing.setSpacing(8)
        choosing.addWidget(self.process, 3)
        choosing.addWidget(self.measure, 2)
        choosing.addWidget(self.add, 0, Qt.AlignmentFlag.AlignRight)
        self._whole = layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 12)
        layout.setSpacing(8)
        layout.addWidget(
            plain_label(tr(_INTRODUCTION), size=FONT_SMALL, is_secondary=True, wraps=True)
        )
        layout.addLayout(choosing)
        layout.addWidget(self.legend)
        layout.addWidget(self.plot, 3)
        layout.addWidget(self.words)
        layout.addWidget(self.table, 2)
        self._show_chart(False)
        layout.addWidget(self.error)
        below = QHBoxLayout()
        below.addWidget(self.notice, 1)
        below.addWidget(plain_label(no_diagnosis() + ".", size=FONT_SMALL, is_secondary=True))
        layout.addLayout(below)

    def _show_chart(self, is_there: bool) -> None:
        for widget in (self.process, self.measure, self.legend, self.plot, self.table):
            widget.setVisible(is_there)
        self._whole.setStretchFactor(self.words, 0 if is_there else 1)
        self.words.setAlignment(_AT_TOP if is_there else _IN_MIDDLE)

    def _connect(self) -> None:
        self._desk.processes_read.connect(self._on_processes)
        self._desk.points_read.connect(self._on_points)
        self._desk.told.connect(self.notice.setText)
        self._desk.failed.connect(self._on_failed)
        self.process.currentIndexChanged.connect(self._on_process_chosen)
        self.measure.currentIndexChanged.connect(self._on_metric_chosen)
        self.add.clicked.connect(self._ask_for_results)

    def _on_processes(self, found: Mapping[Process, Mapping[str, int]]) -> None:
        self._metrics = found
        before = self.process.currentData()
        self.process.blockSignals(True)
        self.process.clear()
        for process, metrics in found.items():
            count = max(metrics.values(), default=0)
            self.process.addItem(f"{process} ({count})", process)
        self.process.blockSignals(False)
        # The process that was shown stays; else the one that has most.
        chosen = before if before in found else max(found, key=self._most, default=None)
        if chosen is None:
            self._show_chart(False)
            self.words.setText(tr(_EMPTY))
            return
        self._show_chart(True)
        self.process.setCurrentIndex(list(found).index(chosen))
        self._on_process_chosen()

    def _most(self, process: Process) -> int:
        return max(self._metrics[process].values(), default=0)

    def _on_process_chosen(self) -> None:
        process = self.process.currentData()
        if process is None:
            return
        before = self.measure.currentData()
        names = list(self._metrics.get(process, {}))
        self.measure.blockSignals(True)
        self.measure.clear()
        for name in names:
            self.measure.addItem(name, name)
        wanted = next((n for n in (before, _FIRST_METRIC) if n in names), None)
        if wanted is not None:
            self.measure.setCurrentIndex(names.index(wanted))
        self.measure.blockSignals(False)
        self._on_metric_chosen()

    def _on_metric_chosen(self) -> None:
        process, name = self.process.currentData(), self.measure.currentData()
        if process is not None and name is not None:
            self._desk.read_points(process, name)

    def _on_points(self, process: Process, name: str, points: list[Point]) -> None:
        if (process, name) != (self.process.currentData(), self.measure.currentData()):
            return  # another one was chosen meanwhile
        self.error.hide()
        chart = control_chart(np.array([point.value for point in points]))
        numbers = [point.number for point in points]
        self.plot.show_chart(name, numbers, chart)
        self.words.setText(" ".join(chart_words(chart, numbers)))
        self._fill(points, chart)

    def _fill(self, points: list[Point], chart: ControlChart) -> None:
        outside, drifted = set(chart.outside), set(chart.drifted)
        self.table.setRowCount(len(points))
        for row, n in enumerate(reversed(range(len(points)))):
            signals = [
                words
                for words, found in ((tr("outside the limits"), outside), (tr("drift"), drifted))
                if n in found
            ]
            if n == chart.change:
                signals.append(tr("level changed here"))
            point = points[n]
            when = local_dates(point.measured_utc[:16].replace("T", " "))
            texts = (str(point.number), numeral(point.value, ".5g"), when, ", ".join(signals))
            for column, text in enumerate(texts):
                self.table.setItem(row, column, QTableWidgetItem(text))

    def _on_failed(self, error: AcutanceError) -> None:
        self.error.setText(error_text(error))
        tint(self.error, current_tokens().repeat)
        self.error.show()

    def _ask_for_results(self) -> None:
        dialog = QFileDialog(self, tr("Add a folder of results"))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.filesSelected.connect(lambda names: self._desk.add([Path(n) for n in names]))
        dialog.open()


def _make_legend() -> QWidget:
    """Return one line that says what each sign of the chart is."""
    tokens = current_tokens()
    legend = QWidget()
    row = QHBoxLayout(legend)
    row.setContentsMargins(0, 4, 0, 0)
    row.setSpacing(16)
    for sign, words, color in (
        ("\N{BLACK CIRCLE}", tr("value"), tokens.text),
        ("\N{BLACK DOWN-POINTING TRIANGLE}", tr("outside the limits"), tokens.repeat),
        ("\N{BOX DRAWINGS HEAVY HORIZONTAL}", tr("weighted mean"), tokens.accent),
        ("\N{HORIZONTAL ELLIPSIS}", tr("its limits"), tokens.accent),
        ("\N{BOX DRAWINGS HEAVY TRIPLE DASH VERTICAL}", tr("level changed"), tokens.check),
    ):
        label = plain_label(f"{sign} {words}", size=FONT_SMALL)
        tint(label, color)
        row.addWidget(label)
    row.addStretch(1)
    return legend
