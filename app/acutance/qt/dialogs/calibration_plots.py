"""Two plots of a site calibration: the curve over its marks, and how reliable it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyqtgraph
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from acutance.core.quality import Verdict
from acutance.qt.language import numeral, tr
from acutance.qt.panels.labels import plain_label
from acutance.qt.theme import FONT_SMALL, current_tokens, ui_font, verdict_color

if TYPE_CHECKING:
    from collections.abc import Sequence

    from acutance.core.calibration import Mark, SiteCalibration

#: Marks are drawn a little inside 0 and 1, one above the other, so that equal scores show.
_ROWS, _ROW_HEIGHT = 5, 0.018


class CalibrationPlots(QWidget):
    """Left: probability usable over predicted SSIM, with the marks and thresholds. Right: how many
    of the series with a predicted probability were usable, each predicted from the others.

    Signals
    -------
    None of its own.
    """  # noqa: D205 - two plots, two sentences

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.curve = _plot(tr("predicted SSIM"), tr("probability usable"))
        self.reliability = _plot(tr("predicted probability"), tr("share that was usable"))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(12)
        for plot, title in (
            (self.curve, tr("Marks and curve")),
            (self.reliability, tr("Reliability, each series predicted from the others")),
        ):
            column = QVBoxLayout()
            column.setSpacing(4)
            column.addWidget(plain_label(title, size=FONT_SMALL, is_secondary=True))
            column.addWidget(plot, 1)
            layout.addLayout(column, 1)

    def show_calibration(self, marks: Sequence[Mark], calibration: SiteCalibration | None) -> None:
        """Draw a version with the marks it was made from, or only the marks there are."""
        tokens = current_tokens()
        for plot in (self.curve, self.reliability):
            plot.clear()
            plot.setBackground(tokens.surface)
            for side in ("left", "bottom"):
                plot.getAxis(side).setPen(tokens.line)
                plot.getAxis(side).setTextPen(tokens.secondary)
        self._draw_marks(marks)
        if calibration is not None:
            self._draw_curve(calibration)
            self._draw_reliability(calibration)
        place = tr("predicted SSIM from 0 to 1")
        self.curve.setAccessibleDescription(
            tr("{count} marks over {place}", count=len(marks), place=place)
        )

    def _draw_marks(self, marks: Sequence[Mark]) -> None:
        for is_usable, verdict, symbol in (
            (True, Verdict.USABLE, "o"),
            (False, Verdict.REPEAT, "x"),
        ):
            scores = np.array(sorted(m.ssim_pred for m in marks if m.is_usable is is_usable))
            rows = np.arange(len(scores)) % _ROWS * _ROW_HEIGHT
            heights = 0.985 - rows if is_usable else 0.015 + rows
            color = verdict_color(verdict)
            self.curve.plot(
                scores, heights, pen=None, symbol=symbol, symbolSize=7, symbolBrush=color,
                symbolPen=pyqtgraph.mkPen(color, width=1.5),
            )  # fmt: skip

    def _draw_curve(self, calibration: SiteCalibration) -> None:
        tokens = current_tokens()
        scores = [0.0, *calibration.scores, 1.0]
        values = [calibration.probability(score) for score in scores]
        self.curve.plot(scores, values, pen=pyqtgraph.mkPen(tokens.accent, width=2))
        # The labels stand on the outer sides and at two heights, however near the lines are.
        for value, verdict, place, anchor in (
            (calibration.usable, Verdict.USABLE, 0.62, (-0.1, 0.5)),
            (calibration.repeat, Verdict.REPEAT, 0.38, (1.1, 0.5)),
        ):
            if value is None:
                continue
            pen = pyqtgraph.mkPen(verdict_color(verdict), width=1, style=Qt.PenStyle.DashLine)
            line = pyqtgraph.InfiniteLine(
                value, angle=90, pen=pen, label=numeral(value, ".2f"),
                labelOpts={"position": place, "color": tokens.text, "anchors": [anchor, anchor]},
            )  # fmt: skip
            self.curve.addItem(line)

    def _draw_reliability(self, calibration: SiteCalibration) -> None:
        tokens = current_tokens()
        diagonal = pyqtgraph.mkPen(tokens.disabled, style=Qt.PenStyle.DashLine)
        self.reliability.plot([0, 1], [0, 1], pen=diagonal)
        bins = [b for b in calibration.reliability if b.count]
        self.reliability.plot(
            [b.predicted for b in bins], [b.observed for b in bins],
            pen=pyqtgraph.mkPen(tokens.accent, width=1.5), symbol="o", symbolSize=8,
            symbolBrush=tokens.accent, symbolPen=tokens.accent,
        )  # fmt: skip
        for found in bins:
            # Beside its point, toward the middle of the plot.
            anchor = (1.2 if (found.predicted or 0) > 0.5 else -0.2, 0.5)
            text = pyqtgraph.TextItem(
                tr("n = {count}", count=found.count), color=tokens.text, anchor=anchor
            )
            text.setFont(ui_font(FONT_SMALL))
            text.setPos(found.predicted, found.observed)
            self.reliability.addItem(text)


def _plot(below: str, beside: str) -> pyqtgraph.PlotWidget:
    plot = pyqtgraph.PlotWidget()
    plot.setMenuEnabled(False)
    plot.setMouseEnabled(False, False)
    plot.hideButtons()
    plot.setMinimumSize(260, 220)
    plot.setLabel("bottom", below)
    plot.setLabel("left", beside)
    ticks = [(n / 5, numeral(n / 5, ".1f")) for n in range(6)]
    for side in ("left", "bottom"):
        plot.getAxis(side).setTicks([ticks])
    plot.getAxis("bottom").setStyle(hideOverlappingLabels=False)
    plot.setXRange(0, 1, padding=0.06)
    plot.setYRange(0, 1, padding=0.06)
    plot.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    plot.setAccessibleName(tr("{beside} over {below}", beside=beside, below=below))
    return plot
