"""What was found in a scan: a table of regions, how they are drawn, and what they rest on."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSlider,
    QVBoxLayout,
    QWidget,
)

from acutance.core.quality import SHIPPED
from acutance.core.segmentation import SegmentationResult
from acutance.errors import AcutanceError
from acutance.qt.language import local, no_diagnosis, numeral, tr, translated, trn
from acutance.qt.panels.labels import plain_label
from acutance.qt.panels.section import Section
from acutance.qt.panels.swatch import Swatch
from acutance.qt.theme import FONT_SMALL
from acutance.qt.viewers.listening import listen

if TYPE_CHECKING:
    from acutance.core.segmentation import LabelStatistics
    from acutance.session import Session
    from acutance.session.edited_labels import EditedLabels


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
        super().__init__(tr("Segmentation"), body, parent)
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
        self._rows: dict[int, tuple[Swatch, QLabel, QLabel]] = {}
        self._swatches: QButtonGroup | None = None
        self._tools: QWidget | None = None
        self._drawing = self._make_drawing()
        self._button = QPushButton(tr("Segment"))
        self._button.clicked.connect(self.segment_requested)
        for widget in (self._table, self._drawing, self._message, self._button):
            layout.addWidget(widget)
        for signal in (
            session.segmentations.changed,
            session.active_changed,
            session.series_changed,
        ):
            listen(self, signal, self._refresh)
        listen(self, session.labels.changed, self._on_labels)
        self._refresh()

    @property
    def message(self) -> str:
        """What is said below the table."""
        return self._message.text()

    def add_tools(self, tools: QWidget) -> None:
        """Put what edits the labels under the table; shown while there are labels."""
        body = self._drawing.parentWidget()
        layout = None if body is None else body.layout()
        if isinstance(layout, QVBoxLayout):
            layout.insertWidget(layout.indexOf(self._drawing) + 1, tools)
        self._tools = tools
        self._refresh()

    def _make_drawing(self) -> QWidget:
        box = QWidget()
        row = QHBoxLayout(box)
        row.setContentsMargins(0, 4, 0, 4)
        row.setSpacing(8)
        self.opacity = QSlider(Qt.Orientation.Horizontal)
        self.opacity.setRange(0, 100)
        self.opacity.setAccessibleName(tr("Opacity of the labels"))
        self.opacity.setToolTip(tr("Opacity of the labels (Alt+PgUp, Alt+PgDown)"))
        self.opacity.valueChanged.connect(
            lambda value: self._session.segmentations.set_opacity(value / 100)
        )
        self.outline = QCheckBox(tr("Outline"))
        self.outline.setToolTip(tr("Draw the borders of labels only (O)"))
        self.outline.toggled.connect(lambda on: self._session.segmentations.set_outlined(on))
        row.addWidget(plain_label(tr("Opacity"), size=FONT_SMALL, is_secondary=True))
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
        if self._tools is not None:
            self._tools.setVisible(result is not None)
        if progress is not None:
            summary, text = local("{progress:.0f} %", progress=progress * 100), tr("Segmenting…")
        elif isinstance(answer, AcutanceError):
            summary, text = tr("failed"), str(answer)
        elif result is not None:
            edited = self._session.labels.edited
            summary, text = summary_of(result), provenance_of(result, edited)
        else:
            summary, text = "", tr("Not segmented yet.")
        self.set_summary(summary, is_warning=isinstance(answer, AcutanceError))
        self._message.setText(text)
        self._button.setText(tr("Segment again") if result is not None else tr("Segment"))
        self._button.setEnabled(progress is None)
        self._show_numbers()

    def _on_labels(self) -> None:
        """Follow the edits: numbers, the mark that there are some, and the chosen label."""
        result, labels = self._session.labels.result, self._session.labels
        if result is None or self._session.segmentations.progress is not None:
            return
        self._message.setText(provenance_of(result, labels.edited))
        self._show_numbers()

    def _show_numbers(self) -> None:
        labels = self._session.labels
        result = labels.result
        if result is None or not self._rows:
            return
        for region in result.statistics:
            swatch, volume, median = self._rows[region.value]
            swatch.setChecked(region.value == labels.label)
            numbers = numbers_of(region) if labels.edited is None else _now(region, labels.edited)
            volume.setText(numbers[0])
            median.setText(numbers[1])

    def _fill(self, result: SegmentationResult | None) -> None:
        while (taken := self._grid.takeAt(0)) is not None:
            widget = taken.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self._rows = {}
        if self._swatches is not None:
            self._swatches.deleteLater()
            self._swatches = None
        if result is None:
            return
        for column, name in enumerate(("", tr("region"), "ml", tr("median"))):
            right = Qt.AlignmentFlag.AlignRight if column > 1 else Qt.AlignmentFlag.AlignLeft
            label = plain_label(name, size=FONT_SMALL, is_secondary=True)
            self._grid.addWidget(label, 0, column, right)
        colours = {label.value: label.colour for label in result.labels}
        self._swatches = QButtonGroup(self._table)
        for row, region in enumerate(result.statistics, start=1):
            swatch = Swatch(colours[region.value], translated(region.name))
            swatch.clicked.connect(
                lambda _on=False, value=region.value: self._session.labels.choose_label(value)
            )
            self._swatches.addButton(swatch)
            self._grid.addWidget(swatch, row, 0)
            self._grid.addWidget(
                plain_label(translated(region.name), size=FONT_SMALL, wraps=True), row, 1
            )
            numbers = plain_label("", size=FONT_SMALL), plain_label("", size=FONT_SMALL)
            for column, label in enumerate(numbers, start=2):
                self._grid.addWidget(label, row, column, Qt.AlignmentFlag.AlignRight)
            self._rows[region.value] = (swatch, *numbers)


def numbers_of(region: LabelStatistics) -> tuple[str, str]:
    """Return volume and median of a region in words; a dash where there is none."""
    volume = "\N{EM DASH}" if region.volume_ml is None else numeral(region.volume_ml, ".1f")
    median = "\N{EM DASH}" if region.median is None else numeral(region.median, ".4g")
    return volume, median


def _now(region: LabelStatistics, edited: EditedLabels) -> tuple[str, str]:
    """Return volume and median of an edited region; the median stands out until it is known."""
    volume = edited.volume_ml(region.value)
    median = next((s.median for s in edited.statistics if s.value == region.value), None)
    now = replace(region, volume_ml=volume, median=median)
    words = numbers_of(now)
    return words if edited.measured == edited.version else (words[0], "…")


def summary_of(result: SegmentationResult) -> str:
    """Return the line beside the heading."""
    regions = sum(region.voxels > 0 for region in result.statistics)
    return trn("{n} region", "{n} regions", regions)


def provenance_of(result: SegmentationResult, edited: EditedLabels | None = None) -> str:
    """Return what a segmentation rests on, and that a person changed it."""
    doubt = "" if result.model.status == SHIPPED else tr(", weights without a model card")
    lines = [
        tr(
            "{name}{doubt}, {plane} slices, {device}",
            name=result.model.name,
            doubt=doubt,
            plane=tr(result.plane),
            device=result.device,
        )
    ]
    lines += [
        tr("{name}: {voxels} voxels changed", name=translated(step.name), voxels=step.voxels)
        for step in result.steps
        if step.voxels
    ]
    if edited is not None and edited.count:
        lines.append(trn("Edited by hand: {n} edit", "Edited by hand: {n} edits", edited.count))
    if result.reason:
        lines.append(tr("Out of scope: {reason}", reason=translated(result.reason)))
    lines.append(no_diagnosis() + ".")
    return "\n".join(lines)
