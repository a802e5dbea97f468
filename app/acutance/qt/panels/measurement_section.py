"""What was measured on the active series, with the values behind the one that is chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QSize, Qt, QTimer
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

from acutance.core.affine import axis_plane
from acutance.core.measuring import REGIONS, profile, region_values
from acutance.qt.language import mark, tr
from acutance.qt.panels.labels import plain_label, plain_tip
from acutance.qt.panels.section import Section
from acutance.qt.plotting import give_room
from acutance.qt.theme import FONT_SMALL, current_tokens
from acutance.qt.viewers.listening import listen
from acutance.qt.viewers.measurement_painting import reading_lines

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QAction

    from acutance.core.measuring import Measurement
    from acutance.core.volume import Volume
    from acutance.session import Session

_PLOT_HEIGHT, _LIST_HEIGHT, _MOST_BINS = 132, 96, 64
_EMPTY = mark("Take a tool and draw on a slice: distance (D), angle (A), region (Q).")
_SNR = mark("SNR is the mean of the region over its standard deviation.")


class MeasurementSection(Section):
    """A list of measurements, and a histogram or profile of the one that is chosen.

    Parameters
    ----------
    session : Session

    Signals
    -------
    Those of a section; choosing a row goes to its slice.
    """

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        body = QWidget()
        super().__init__(tr("Measurements"), body, parent)
        self._session = session
        self._plot: Any = None
        self._to_plot: tuple[Volume, Measurement] | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._draw_plot)
        self._plotted: Measurement | None = None
        self._is_filling = False
        self._layout = QVBoxLayout(body)
        self._layout.setContentsMargins(16, 4, 16, 12)
        self._layout.setSpacing(6)
        self.rows = QListWidget()
        self.rows.setAccessibleName(tr("Measurements of the series"))
        self.rows.setMaximumHeight(_LIST_HEIGHT)
        self.rows.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Expanding)
        self.rows.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.rows.currentRowChanged.connect(self._on_row)
        self._message = plain_label(tr(_EMPTY), size=FONT_SMALL, is_secondary=True, wraps=True)
        self._layout.addWidget(self.rows)
        self._layout.addWidget(self._message)
        for signal in (
            session.measurements.changed,
            session.active_changed,
            session.series_changed,
        ):
            listen(self, signal, self._refresh)
        self.toggled.connect(self._refresh)
        self._refresh()

    @property
    def message(self) -> str:
        """What is said under the list."""
        return self._message.text()

    @property
    def plot(self) -> Any:
        """The plot under the list; None until there was something to plot."""
        return self._plot

    def add_tools(self, tools: Sequence[QAction], remove: QAction) -> None:
        """Put the tools above the list."""
        row = QHBoxLayout()
        row.setSpacing(2)
        for action in tools:
            row.addWidget(_button(action))
        row.addStretch(1)
        button = QPushButton(tr("Remove"))
        button.setToolTip(remove.toolTip())
        button.setAccessibleName(remove.text())
        button.clicked.connect(remove.trigger)
        remove.enabledChanged.connect(button.setEnabled)
        button.setEnabled(remove.isEnabled())
        row.addWidget(button)
        self._layout.insertLayout(0, row)

    def _refresh(self, *_: object) -> None:
        kept, volume = self._session.measurements, self._session.active_volume
        self.setVisible(volume is not None)
        if volume is None:
            return
        if kept.all and not self.rows.count():
            self.set_open(True)
        self._is_filling = True
        self.rows.clear()
        for measurement in kept.all:
            item = QListWidgetItem(row_text(volume, measurement, self._session), self.rows)
            item.setToolTip(plain_tip(item.text()))
        if kept.chosen is not None:
            self.rows.setCurrentRow(kept.all.index(kept.chosen))
        self._is_filling = False
        count = len(kept.all)
        self.set_summary(str(count) if count else "")
        self.rows.setVisible(count > 0)
        self._show_plot(volume, kept.chosen)

    def _on_row(self, row: int) -> None:
        kept = self._session.measurements
        if not self._is_filling and 0 <= row < len(kept.all):
            kept.go_to(kept.all[row])
            kept.choose(kept.all[row])

    def _show_plot(self, volume: Volume, chosen: Measurement | None) -> None:
        has_values = chosen is not None and (chosen.kind in REGIONS or chosen.kind == "distance")
        text = tr(_EMPTY) if not self._session.measurements.all else ""
        if chosen is not None and chosen.kind in REGIONS:
            text = tr(_SNR)
        self._message.setText(text)
        self._message.setVisible(bool(text))
        if has_values and chosen is not None and self.is_open:
            # Later: the line in the image is drawn first, and at once.
            self._to_plot = volume, chosen
            self._timer.start()
        if self._plot is not None:
            self._plot.setVisible(has_values)

    def _draw_plot(self) -> None:
        wanted, self._to_plot = self._to_plot, None
        if wanted is not None:
            self._make_plot()
            _fill(self._plot, *wanted)

    def _make_plot(self) -> None:
        if self._plot is not None:
            return
        # Imported late: a window without measurements needs no plots.
        import pyqtgraph

        plot = pyqtgraph.PlotWidget(enableMenu=False)
        # It makes a menu all the same, which nobody would delete.
        plot.plotItem.ctrlMenu.setParent(plot, Qt.WindowType.Popup)
        plot.setFixedHeight(_PLOT_HEIGHT)
        plot.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        give_room(plot)
        plot.hideButtons()
        plot.setMouseEnabled(x=False, y=False)
        plot.setAccessibleName(tr("Histogram or profile of the measurement"))
        plot.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._plot = plot
        self._layout.insertWidget(self._layout.indexOf(self._message), plot)


def _fill(plot: Any, volume: Volume, chosen: Measurement) -> None:
    import pyqtgraph

    tokens = current_tokens()
    plot.clear()
    plot.setBackground(tokens.surface)
    unit = volume.unit or tr("value")
    pen = pyqtgraph.mkPen(tokens.accent, width=1.5)
    if chosen.kind == "distance":
        way, values = profile(volume, chosen)
        plot.plot(way, values, pen=pen, connect="finite")
        labels = {"bottom": "mm" if volume.spacing_known else tr("voxels"), "left": unit}
    else:
        edges, counts = histogram(region_values(volume, chosen))
        brush = pyqtgraph.mkBrush(tokens.accent)
        plot.plot(edges, counts, stepMode="center", fillLevel=0, brush=brush, pen=None)
        labels = {"bottom": unit, "left": tr("pixels")}
    for side, text in labels.items():
        axis = plot.getAxis(side)
        axis.setPen(tokens.line)
        axis.setTextPen(tokens.secondary)
        axis.setLabel(text)
    plot.enableAutoRange()


def histogram(values: np.ndarray[Any, Any]) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Return edges and counts; of whole numbers each bin holds equally many of them."""
    if not values.size:
        return np.array([0.0, 1.0]), np.array([0])
    low, high = float(values.min()), float(values.max())
    if bool(np.all(values == np.rint(values))):
        step = max(1, int(np.ceil((high - low + 1) / _MOST_BINS)))
        edges = np.arange(low - 0.5, high + step, step)
    else:
        bins = int(np.clip(np.sqrt(values.size), 4, _MOST_BINS))
        edges = np.linspace(low, high if high > low else low + 1.0, bins + 1)
    counts, edges = np.histogram(values, bins=edges)
    return edges, counts


def row_text(volume: Volume, measurement: Measurement, session: Session) -> str:
    """Return what a measurement gives, and on which slice."""
    reading = session.measurements.read(volume, measurement)
    words = " · ".join(reading_lines(volume, measurement, reading))
    plane = axis_plane(volume.affine, measurement.axis)
    return f"{tr(plane)} {measurement.index}: {words}"


def _button(action: QAction) -> QToolButton:
    button = QToolButton()
    button.setDefaultAction(action)
    button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
    button.setIconSize(QSize(20, 20))
    button.setStyleSheet(
        "QToolButton { padding: 3px; } QToolButton:checked { border-color: palette(highlight); }"
    )
    button.setAccessibleName(action.text())
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return button
