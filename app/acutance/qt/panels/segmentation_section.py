"""What was found in a scan: a table of regions, how they are drawn, and what they rest on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QGridLayout,
    QHBoxLayout,
    QPushButton,
    QSlider,
    QVBoxLayout,
    QWidget,
)

from acutance import NOT_FOR_DIAGNOSIS
from acutance.core.quality import SHIPPED
from acutance.core.segmentation import SegmentationResult
from acutance.errors import AcutanceError
from acutance.qt.panels.labels import plain_label
from acutance.qt.panels.section import Section
from acutance.qt.theme import FONT_SMALL
from acutance.qt.viewers.listening import listen

if TYPE_CHECKING:
    from acutance.core.segmentation import LabelStatistics
    from acutance.session import Session

_SWATCH = 12


class _Swatch(QWidget):
    """A square in the colour of a label."""

    def __init__(self, colour: tuple[int, int, int], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._colour = QColor(*colour)
        self.setFixedSize(_SWATCH, _SWATCH)

    def sizeHint(self) -> QSize:
        """Return the one size it has."""
        return QSize(_SWATCH, _SWATCH)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Fill the square."""
        painter = QPainter(self)
        try:
            painter.fillRect(self.rect(), self._colour)
        finally:
            painter.end()


class SegmentationSection(Section):
    """The regions of the active series with their volumes and medians.

    Parameters
    ----------
    session : Session

    Signals
    -------
    segment_requested
        Segment the active series.
    """

    segment_requested = Signal()

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        body = QWidget()
        super().__init__("Segmentation", body, parent)
        self._session = session
        self._shown: object = None
        layout = QVBoxLayout(body)
        layout.setContentsMargins(16, 4, 16, 12)
        layout.setSpacing(6)
        self._message = plain_label("", size=FONT_SMALL, is_secondary=True, wraps=True)
        self._table = QWidget()
        self._grid = QGridLayout(self._table)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(8)
        self._grid.setVerticalSpacing(4)
        self._grid.setColumnStretch(1, 1)
        self._drawing = self._make_drawing()
        self._button = QPushButton("Segment")
        self._button.clicked.connect(self.segment_requested)
        for widget in (self._table, self._drawing, self._message, self._button):
            layout.addWidget(widget)
        for signal in (
            session.segmentations.changed,
            session.active_changed,
            session.series_changed,
        ):
            listen(self, signal, self._refresh)
        self._refresh()

    @property
    def message(self) -> str:
        """What is said below the table."""
        return self._message.text()

    def _make_drawing(self) -> QWidget:
        box = QWidget()
        row = QHBoxLayout(box)
        row.setContentsMargins(0, 4, 0, 4)
        row.setSpacing(8)
        self.opacity = QSlider(Qt.Orientation.Horizontal)
        self.opacity.setRange(0, 100)
        self.opacity.setAccessibleName("Opacity of the labels")
        self.opacity.setToolTip("Opacity of the labels (Alt+PgUp, Alt+PgDown)")
        self.opacity.valueChanged.connect(
            lambda value: self._session.segmentations.set_opacity(value / 100)
        )
        self.outline = QCheckBox("Outline")
        self.outline.setToolTip("Draw the borders of labels only (O)")
        self.outline.toggled.connect(lambda on: self._session.segmentations.set_outlined(on))
        row.addWidget(plain_label("Opacity", size=FONT_SMALL, is_secondary=True))
        row.addWidget(self.opacity, 1)
        row.addWidget(self.outline)
        return box

    def _refresh(self, *_: object) -> None:
        found = self._session.segmentations
        self.setVisible(self._session.active_volume is not None)
        answer, progress = found.answer, found.progress
        result = answer if isinstance(answer, SegmentationResult) else None
        if answer is not None and answer is not self._shown and progress is None:
            self.set_open(True)
        if answer is not self._shown:
            self._shown = answer
            self._fill(result)
        self.opacity.setValue(round(found.opacity * 100))
        self.opacity.setEnabled(not found.is_outlined)
        self.outline.setChecked(found.is_outlined)
        self._table.setVisible(result is not None)
        self._drawing.setVisible(result is not None)
        if progress is not None:
            summary, text = f"{progress * 100:.0f} %", "Segmenting…"
        elif isinstance(answer, AcutanceError):
            summary, text = "failed", str(answer)
        elif result is not None:
            summary, text = summary_of(result), provenance_of(result)
        else:
            summary, text = "", "Not segmented yet."
        self.set_summary(summary, is_warning=isinstance(answer, AcutanceError))
        self._message.setText(text)
        self._button.setText("Segment again" if result is not None else "Segment")
        self._button.setEnabled(progress is None)

    def _fill(self, result: SegmentationResult | None) -> None:
        while (taken := self._grid.takeAt(0)) is not None:
            widget = taken.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        if result is None:
            return
        for column, name in enumerate(("", "region", "ml", "median")):
            right = Qt.AlignmentFlag.AlignRight if column > 1 else Qt.AlignmentFlag.AlignLeft
            label = plain_label(name, size=FONT_SMALL, is_secondary=True)
            self._grid.addWidget(label, 0, column, right)
        colours = {label.value: label.colour for label in result.labels}
        for row, region in enumerate(result.statistics, start=1):
            self._grid.addWidget(_Swatch(colours[region.value]), row, 0)
            self._grid.addWidget(plain_label(region.name, size=FONT_SMALL, wraps=True), row, 1)
            for column, text in enumerate(numbers_of(region), start=2):
                label = plain_label(text, size=FONT_SMALL)
                self._grid.addWidget(label, row, column, Qt.AlignmentFlag.AlignRight)


def numbers_of(region: LabelStatistics) -> tuple[str, str]:
    """Return volume and median of a region in words; a dash where there is none."""
    volume = "\N{EM DASH}" if region.volume_ml is None else f"{region.volume_ml:.1f}"
    median = "\N{EM DASH}" if region.median is None else f"{region.median:.4g}"
    return volume, median


def summary_of(result: SegmentationResult) -> str:
    """Return the line beside the heading."""
    regions = sum(region.voxels > 0 for region in result.statistics)
    return f"{regions} region{'s' * (regions != 1)}"


def provenance_of(result: SegmentationResult) -> str:
    """Return what a segmentation rests on."""
    doubt = "" if result.model.status == SHIPPED else ", weights without a model card"
    lines = [f"{result.model.name}{doubt}, {result.plane} slices, {result.device}"]
    lines += [f"{step.name}: {step.voxels} voxels changed" for step in result.steps if step.voxels]
    if result.reason:
        lines.append(f"Out of scope: {result.reason}")
    lines.append(f"{NOT_FOR_DIAGNOSIS}.")
    return "\n".join(lines)
