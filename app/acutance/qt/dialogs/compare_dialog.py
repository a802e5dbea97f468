"""Repeat or keep: two scored series side by side, and one sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QDialog,
    QGridLayout,
    QHeaderView,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from acutance.core.comparison import Advice, Scored, compare, iqm_rows
from acutance.qt.language import local, mark, no_diagnosis, numeral, tr, translated
from acutance.qt.panels.labels import VerdictShape, plain_label, tint
from acutance.qt.theme import FONT_LARGE, FONT_SMALL, VERDICT_STYLE, current_tokens, ui_font

if TYPE_CHECKING:
    from collections.abc import Sequence

    from acutance.core.comparison import Comparison
    from acutance.core.iqm import IqmResult
    from acutance.session import SeriesEntry

_SIZE = QSize(720, 640)
#: Differences the bars are scaled to at least, so that noise does not look like a finding.
_LEAST_SCALE = 0.1
_WORDS = {
    Advice.KEEP_A: mark("Keep A"),
    Advice.KEEP_B: mark("Keep B"),
    Advice.NO_DIFFERENCE: mark("No supported difference"),
    Advice.NOT_COMPARABLE: mark("Not compared"),
}


class DifferenceBars(QWidget):
    """One bar per pair of slices: up where B is predicted better, down where A is.

    Signals
    -------
    pair_chosen : int
        Position of the pair that was clicked.
    """

    pair_chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._comparison: Comparison | None = None
        self.setMinimumHeight(132)
        self.setAccessibleName(tr("Difference of the predicted SSIM, slice by slice"))

    def set_comparison(self, comparison: Comparison | None) -> None:
        """Show other differences."""
        self._comparison = comparison
        self.update()

    @property
    def scale(self) -> float:
        """The difference at the upper edge, in predicted SSIM."""
        pairs = self._comparison.pairs if self._comparison is not None else ()
        return max([_LEAST_SCALE, *(abs(pair.difference) for pair in pairs)])

    def bars_rect(self) -> QRectF:
        """Return where the bars are drawn."""
        return QRectF(self.rect()).adjusted(52, 20, -8, -22)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose a pair of slices."""
        pairs, area = self._comparison.pairs if self._comparison else (), self.bars_rect()
        if pairs and area.left() <= event.position().x() < area.right():
            place = (event.position().x() - area.left()) / area.width()
            self.pair_chosen.emit(int(place * len(pairs)))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw scale, bars, and what up and down mean."""
        tokens, painter = current_tokens(), QPainter(self)
        try:
            painter.fillRect(self.rect(), QColor(tokens.raised))
            painter.setFont(ui_font(FONT_SMALL))
            painter.setPen(QColor(tokens.secondary))
            pairs = self._comparison.pairs if self._comparison is not None else ()
            if not pairs:
                centre = Qt.AlignmentFlag.AlignCenter
                painter.drawText(self.rect(), centre, tr("No slices are matched."))
                return
            area, scale = self.bars_rect(), self.scale
            middle = area.center().y()
            right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            for text, y in (
                (local("+{scale:.2f}", scale=scale), area.top()),
                ("0", middle),
                (local("−{scale:.2f}", scale=scale), area.bottom()),
            ):
                painter.drawText(QRectF(0, y - 8, area.left() - 6, 16), right, text)
            painter.drawText(
                QRectF(area.left(), 0, area.width(), 18), tr("B better, slice by slice")
            )
            below = QRectF(area.left(), area.bottom() + 2, area.width(), 18)
            first, last = pairs[0].index_a, pairs[-1].index_a
            plane = self._comparison.plane if self._comparison is not None else ""
            painter.drawText(below, Qt.AlignmentFlag.AlignVCenter, tr("A better"))
            painter.drawText(
                below,
                right,
                tr("{plane} {first} – {last} of A", plane=tr(plane), first=first, last=last),
            )
            step = area.width() / len(pairs)
            gap = 1.0 if step >= 3 else 0.0
            painter.fillRect(QRectF(area.left(), middle, area.width(), 1), QColor(tokens.line))
            for n, pair in enumerate(pairs):
                height = pair.difference / scale * area.height() / 2
                left = round(area.left() + n * step)
                width = max(1.0, round(area.left() + (n + 1) * step) - left - gap)
                top = middle - height if height > 0 else middle
                painter.fillRect(QRectF(left, top, width, abs(height)), QColor(tokens.accent))
        finally:
            painter.end()


class CompareDialog(QDialog):
    """Chooses two scored series, shows both verdicts, what lies between, and one sentence.

    Parameters
    ----------
    entries : sequence of SeriesEntry
        Scored volumes, at least two.
    active_id : int or None
        The series that is B at first; A is the scored one before it.

    Signals
    -------
    measure_requested : int
        The other metrics of a series are wanted.
    slice_requested : int, str, int
        Series, plane and index of a slice to look at.
    """

    measure_requested = Signal(int)
    slice_requested = Signal(int, str, int)

    def __init__(
        self, entries: Sequence[SeriesEntry], active_id: int | None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._entries = {entry.id: entry for entry in entries}
        self._measured: dict[int, IqmResult | None] = {}
        self._comparison: Comparison | None = None
        self.setWindowTitle(tr("Repeat or keep"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(_SIZE)
        self._chosen = {label: QComboBox() for label in "AB"}
        self._shapes = {label: VerdictShape(20) for label in "AB"}
        self._verdicts = {label: plain_label("", wraps=True) for label in "AB"}
        self._advice = plain_label("", size=FONT_LARGE, bold=True)
        self._sentence = plain_label("", wraps=True)
        self._notes = plain_label("", size=FONT_SMALL, is_secondary=True, wraps=True)
        self.bars = DifferenceBars()
        self.bars.pair_chosen.connect(self._on_pair)
        self._table = _make_table()
        self._metrics = plain_label("", size=FONT_SMALL, is_secondary=True)
        self._arrange()
        self._fill(active_id)

    @property
    def sentence(self) -> str:
        """The answer in words."""
        return self._sentence.text()

    @property
    def advice(self) -> Advice:
        """The answer."""
        return Advice.NOT_COMPARABLE if self._comparison is None else self._comparison.advice

    @property
    def chosen(self) -> tuple[int, int]:
        """Ids of A and B."""
        return int(self._chosen["A"].currentData()), int(self._chosen["B"].currentData())

    @property
    def metric_rows(self) -> tuple[tuple[str, str, str], ...]:
        """Name and both values of every metric as shown."""
        rows = []
        for row in range(self._table.rowCount()):
            cells = (self._table.item(row, column) for column in range(3))
            name, a, b = (cell.text() if cell is not None else "" for cell in cells)
            rows.append((name, a, b))
        return tuple(rows)

    def choose(self, a: int, b: int) -> None:
        """Compare two other series, by id."""
        for label, id in (("A", a), ("B", b)):
            self._chosen[label].setCurrentIndex(self._chosen[label].findData(id))

    def set_measured(self, id: int, result: IqmResult | None) -> None:
        """Take the other metrics of a series; None where they could not be had."""
        self._measured[id] = result
        self._show_metrics()

    def _arrange(self) -> None:
        head = QGridLayout()
        head.setHorizontalSpacing(12)
        head.setVerticalSpacing(4)
        head.setColumnStretch(1, 1)
        head.setColumnStretch(3, 1)
        for n, label in enumerate("AB"):
            box = self._chosen[label]
            box.setAccessibleName(tr("Series {label}", label=label))
            box.setSizeAdjustPolicy(
                QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
            )
            box.setMinimumContentsLength(12)
            head.addWidget(plain_label(label, size=FONT_LARGE, bold=True), 0, 2 * n)
            head.addWidget(box, 0, 2 * n + 1)
            head.addWidget(self._shapes[label], 1, 2 * n, Qt.AlignmentFlag.AlignTop)
            head.addWidget(self._verdicts[label], 1, 2 * n + 1, Qt.AlignmentFlag.AlignTop)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 16, 20, 16)
        layout.setSpacing(8)
        layout.addLayout(head)
        layout.addSpacing(4)
        for widget in (self._advice, self._sentence, self.bars, self._notes, self._metrics):
            layout.addWidget(widget)
        layout.addWidget(self._table, 1)
        warning = tr(
            "{notice}. Predictions without a reference image.",
            notice=no_diagnosis(),
        )
        layout.addWidget(plain_label(warning, size=FONT_SMALL, is_secondary=True))

    def _fill(self, active_id: int | None) -> None:
        ids = list(self._entries)
        b = ids.index(active_id) if active_id in ids else len(ids) - 1
        a = b - 1 if b > 0 else 1
        for box in self._chosen.values():
            for n, (id, entry) in enumerate(self._entries.items(), start=1):
                box.addItem(f"{n}. {entry.title}".replace("&", "&&"), id)
        self._chosen["A"].setCurrentIndex(a)
        self._chosen["B"].setCurrentIndex(b)
        for box in self._chosen.values():
            box.currentIndexChanged.connect(self._refresh)
        self._refresh()

    def _refresh(self, _index: int = 0) -> None:
        sides = []
        for label, id in zip("AB", self.chosen, strict=True):
            entry = self._entries[id]
            result, volume = entry.result, entry.volume
            if result is None or volume is None:  # closed or scored anew meanwhile
                self._advice.setText(tr("Not compared"))
                self._sentence.setText(tr("{label} has no verdict any more.", label=label))
                self.bars.set_comparison(None)
                return
            self._shapes[label].set_verdict(result.verdict)
            self._verdicts[label].setText(_verdict_text(entry))
            sides.append(Scored(entry.title, volume, result))
        self._comparison = compare(*sides)
        self._advice.setText(tr(_WORDS[self._comparison.advice]))
        tint(self._advice, current_tokens().text)
        self._sentence.setText(translated(self._comparison.sentence))
        self._notes.setText("\n".join(self._comparison.notes))
        self.bars.set_comparison(self._comparison)
        for id in dict.fromkeys(self.chosen):
            if id not in self._measured:
                self.measure_requested.emit(id)
        self._show_metrics()

    def request_metrics(self) -> None:
        """Ask for what is not measured yet; to be called once somebody listens."""
        for id in dict.fromkeys(self.chosen):
            if id not in self._measured:
                self.measure_requested.emit(id)

    def _show_metrics(self) -> None:
        a, b = (self._measured.get(id) for id in self.chosen)
        missing = [id for id in self.chosen if id not in self._measured]
        if a is None or b is None:
            self._table.setRowCount(0)
            text = tr("Measuring…") if missing else tr("The other metrics could not be measured.")
            self._metrics.setText(text)
            return
        self._metrics.setText(tr("Other metrics"))
        rows = iqm_rows(a, b)
        self._table.setRowCount(len(rows))
        for row, (name, *values) in enumerate(rows):
            self._table.setItem(row, 0, QTableWidgetItem(name))
            for column, value in enumerate(values, start=1):
                text = "\N{EM DASH}" if value is None else numeral(value, ".4g")
                cell = QTableWidgetItem(text)
                cell.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
                self._table.setItem(row, column, cell)

    def _on_pair(self, position: int) -> None:
        if self._comparison is not None:
            pair = self._comparison.pairs[position]
            self.slice_requested.emit(self.chosen[0], self._comparison.plane, pair.index_a)


def _make_table() -> QTableWidget:
    table = QTableWidget(0, 3)
    table.setHorizontalHeaderLabels([tr("metric"), "A", "B"])
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
    table.verticalHeader().hide()
    table.setShowGrid(False)
    table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
    table.setAccessibleName(tr("Other metrics of both series"))
    return table


def _verdict_text(entry: SeriesEntry) -> str:
    result = entry.result
    if result is None:
        return ""
    word = tr(VERDICT_STYLE[result.verdict].word)
    if result.ssim_pred is None:
        return f"{word}\n{translated(result.reason)}"
    number = tr("predicted SSIM {ssim_pred:.2f}", ssim_pred=result.ssim_pred)
    if result.ssim_lo is not None and result.ssim_hi is not None:
        number += local(
            " ({ssim_lo:.2f}–{ssim_hi:.2f})", ssim_lo=result.ssim_lo, ssim_hi=result.ssim_hi
        )
    reason = translated(result.reason)
    return f"{word}, {number}\n{reason[:1].upper()}{reason[1:]}"
