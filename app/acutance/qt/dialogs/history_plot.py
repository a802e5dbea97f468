"""A control chart: values in order, their limits, the weighted mean, where the level changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyqtgraph
from PySide6.QtCore import Qt

from acutance.qt.language import local, tr
from acutance.qt.plotting import give_room
from acutance.qt.theme import FONT_SMALL, current_tokens, ui_font

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtWidgets import QWidget

    from acutance.core.control import ControlChart


#: Free part of the width at the right.
_MARGIN = 0.17


class HistoryPlot(pyqtgraph.PlotWidget):  # type: ignore[misc] # pyqtgraph has no types
    """Draws one chart; what is outside has another shape as well as another colour.

    Signals
    -------
    None of its own.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMenuEnabled(False)
        self.setMouseEnabled(False, False)
        self.hideButtons()
        give_room(self)
        self.setMinimumSize(420, 280)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def show_chart(self, name: str, numbers: Sequence[int], chart: ControlChart) -> None:
        """Draw a chart of a metric.

        Parameters
        ----------
        name : str
        numbers : sequence of int
            What each value is called, ascending.
        chart : ControlChart
        """
        self._empty(name)
        tokens = current_tokens()
        places = np.asarray(numbers, dtype=float)
        # Room for the names of the lines, where no value lies.
        span = max(1.0, places[-1] - places[0])
        self.setXRange(places[0] - 0.02 * span, places[-1] + _MARGIN * span, padding=0)
        if chart.centre is not None and chart.low is not None and chart.high is not None:
            for limits in (chart.ewma_low, chart.ewma_high):
                pen = pyqtgraph.mkPen(tokens.accent, width=1, style=Qt.PenStyle.DotLine)
                self.plot(places, limits, pen=pen)
            self._level(chart.centre, tr("centre"), Qt.PenStyle.SolidLine)
            self._level(chart.low, tr("lower limit"), Qt.PenStyle.DashLine)
            self._level(chart.high, tr("upper limit"), Qt.PenStyle.DashLine)
            self.plot(places, chart.ewma, pen=pyqtgraph.mkPen(tokens.accent, width=2))
        if chart.change is not None:
            pen = pyqtgraph.mkPen(tokens.check, width=2, style=Qt.PenStyle.DashLine)
            between = (places[chart.change - 1] + places[chart.change]) / 2
            self.addItem(pyqtgraph.InfiniteLine(between, angle=90, pen=pen))
            self._note(tr("level changed"), between, self._top(chart), tokens.check, (1.05, 0.0))
        outside = np.zeros(places.size, dtype=bool)
        outside[list(chart.outside)] = True
        for is_out, symbol, color, size in (
            (False, "o", tokens.text, 6),
            (True, "t", tokens.repeat, 11),
        ):
            chosen = outside == is_out
            self.plot(
                places[chosen], chart.values[chosen], pen=None, symbol=symbol, symbolSize=size,
                symbolBrush=color, symbolPen=pyqtgraph.mkPen(color),
            )  # fmt: skip
        self.enableAutoRange("y")
        self.setAccessibleDescription(
            tr(
                "{size} values, {count} outside the limits",
                size=places.size,
                count=len(chart.outside),
            )
        )

    def show_nothing(self) -> None:
        """Empty the plot."""
        self._empty("")

    def _empty(self, name: str) -> None:
        tokens = current_tokens()
        self.clear()
        self.setBackground(tokens.surface)
        for side in ("left", "bottom"):
            axis = self.getAxis(side)
            axis.setPen(tokens.line)
            axis.setTextPen(tokens.secondary)
            axis.enableAutoSIPrefix(False)
            axis.setTickFont(ui_font(FONT_SMALL))
        self.setLabel("bottom", tr("number in the history"))
        self.setLabel("left", name)
        self.setAccessibleName(tr("Control chart of {name}", name=name))

    def _level(self, value: float, words: str, style: Qt.PenStyle) -> None:
        tokens = current_tokens()
        pen = pyqtgraph.mkPen(tokens.secondary, width=1, style=style)
        options = {"position": 0.98, "color": tokens.secondary, "anchors": [(1, 1), (1, 1)]}
        line = pyqtgraph.InfiniteLine(
            value,
            angle=0,
            pen=pen,
            label=local("{words} {value:.4g}", words=words, value=value),
            labelOpts=options,
        )
        line.label.setFont(ui_font(FONT_SMALL))
        self.addItem(line)

    def _note(self, text: str, x: float, y: float, color: str, anchor: tuple[float, float]) -> None:
        item = pyqtgraph.TextItem(text, color=color, anchor=anchor)
        item.setFont(ui_font(FONT_SMALL))
        item.setPos(x, y)
        self.addItem(item)

    def _top(self, chart: ControlChart) -> float:
        high = chart.high if chart.high is not None else float(chart.values.max())
        return max(high, float(chart.values.max()))
