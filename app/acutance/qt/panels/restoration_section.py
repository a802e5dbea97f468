"""The slider of a restoration: where it stands, what that costs, and what speaks against it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QPushButton,
    QSlider,
    QVBoxLayout,
    QWidget,
)

from acutance.core.quality import SHIPPED
from acutance.core.restoration import TASK_TITLES, TASKS, RestorationResult
from acutance.errors import AcutanceError
from acutance.qt.language import local, no_diagnosis, tr, translated
from acutance.qt.panels.labels import plain_label
from acutance.qt.panels.section import Section
from acutance.qt.theme import FONT_SMALL
from acutance.qt.viewers.listening import listen

if TYPE_CHECKING:
    from acutance.session import Session

#: Steps of the slider from one end to the other.
STEPS = 200


class RestorationSection(Section):
    """The restoration of the active series.

    Parameters
    ----------
    session : Session

    Signals
    -------
    restore_requested : str
        Restore the active series; the task.
    fit_requested
        Fit an operator.
    export_requested
        Write the restored series.
    """

    restore_requested = Signal(str)
    fit_requested = Signal()
    export_requested = Signal()

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        body = QWidget()
        super().__init__(tr("Restoration"), body, parent)
        self._session = session
        self._shown: object = None
        layout = QVBoxLayout(body)
        layout.setContentsMargins(16, 4, 16, 12)
        layout.setSpacing(6)
        self.tasks = QComboBox()
        self.tasks.setAccessibleName(tr("What is taken away"))
        for task in TASKS:
            self.tasks.addItem(translated(TASK_TITLES[task]), task)
        self.button = QPushButton(tr("Restore"))
        self.button.clicked.connect(lambda: self.restore_requested.emit(self.task))
        self._slider_box = self._make_slider()
        self._reading = plain_label("", size=FONT_SMALL, wraps=True)
        self._message = plain_label("", size=FONT_SMALL, is_secondary=True, wraps=True)
        self._after = self._make_buttons()
        for widget in (
            self.tasks, self._slider_box, self._reading, self._message, self.button, self._after,
        ):  # fmt: skip
            layout.addWidget(widget)
        found = session.restorations
        for signal in (found.changed, session.active_changed, session.series_changed):
            listen(self, signal, self._refresh)
        listen(self, found.moved, self._read_out)
        self._refresh()

    @property
    def task(self) -> str:
        """What is to be taken away."""
        return str(self.tasks.currentData())

    @property
    def message(self) -> str:
        """What is said below the slider."""
        return self._message.text()

    @property
    def reading(self) -> str:
        """What is read out at the position of the slider."""
        return self._reading.text()

    def _make_slider(self) -> QWidget:
        box = QWidget()
        column = QVBoxLayout(box)
        column.setContentsMargins(0, 2, 0, 0)
        column.setSpacing(2)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(0, STEPS)
        self.slider.setPageStep(STEPS // 10)
        self.slider.setAccessibleName(tr("From faithful to perceptual"))
        self.slider.setToolTip(
            tr("From least error (left) to the appearance of sharp images (right)")
        )
        self.slider.valueChanged.connect(
            lambda value: self._session.restorations.set_alpha(1.0 - value / STEPS)
        )
        ends = QHBoxLayout()
        ends.addWidget(plain_label(tr("faithful"), size=FONT_SMALL, is_secondary=True))
        ends.addStretch(1)
        self._bound = plain_label("", size=FONT_SMALL, is_secondary=True)
        ends.addWidget(self._bound)
        ends.addStretch(1)
        ends.addWidget(plain_label(tr("perceptual"), size=FONT_SMALL, is_secondary=True))
        boxes = QHBoxLayout()
        boxes.setSpacing(16)
        self.shown = QCheckBox(tr("Restored"))
        self.shown.setToolTip(tr("Draw the restored image (hold B to see the source)"))
        self.shown.toggled.connect(lambda on: self._session.restorations.set_shown(on))
        self.evidence = QCheckBox(tr("Evidence"))
        self.evidence.setToolTip(tr("Let flicker what changed beyond the noise, and nothing else"))
        self.evidence.toggled.connect(lambda on: self._session.restorations.set_evidence(on))
        boxes.addWidget(self.shown)
        boxes.addWidget(self.evidence)
        boxes.addStretch(1)
        column.addWidget(self.slider)
        column.addLayout(ends)
        column.addLayout(boxes)
        return box

    def _make_buttons(self) -> QWidget:
        box = QWidget()
        row = QHBoxLayout(box)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        self.export = QPushButton(tr("Export…"))
        self.export.clicked.connect(self.export_requested)
        self.fit = QPushButton(tr("Fit operator…"))
        self.fit.setToolTip(tr("Fit what the perceptual end is, from about a dozen sharp slices"))
        self.fit.clicked.connect(self.fit_requested)
        row.addWidget(self.export)
        row.addWidget(self.fit)
        row.addStretch(1)
        return box

    def _refresh(self, *_: object) -> None:
        found = self._session.restorations
        self.setVisible(self._session.active_volume is not None)
        answer, progress = found.answer, found.progress
        result = found.result_of(self._session.active)
        if answer is not None and answer is not self._shown and progress is None:
            self.set_open(True)
        self._shown = answer
        if progress is not None:
            summary = local("{progress:.0f} %", progress=progress * 100)
            first = tr("The slice in view first, the others in the background.")
            text = first if result is None else provenance_of(result)
        elif isinstance(answer, AcutanceError):
            summary, text = tr("failed"), str(answer)
        elif result is not None:
            summary = tr("restored")
            text = "\n".join((*map(translated, found.warnings), provenance_of(result)))
        else:
            summary, text = "", tr("Not restored. What is restored is computed, not acquired.")
        self.set_summary(summary, is_warning=isinstance(answer, AcutanceError))
        self._message.setText(text)
        self._slider_box.setVisible(result is not None)
        self._reading.setVisible(result is not None)
        is_whole = isinstance(answer, RestorationResult) and progress is None
        self.export.setVisible(is_whole)
        self.button.setText(tr("Restore again") if is_whole else tr("Restore"))
        self.button.setEnabled(progress is None)
        self._read_out()

    def _read_out(self, *_: object) -> None:
        found = self._session.restorations
        result = found.result_of(self._session.active)
        has_ends = result is not None and result.has_ends
        self.slider.setEnabled(has_ends)
        self.slider.setMaximum(round((1.0 - found.least_alpha) * STEPS))
        self.slider.setValue(round((1.0 - found.alpha) * STEPS) if has_ends else 0)
        bound = (
            tr("bound of the site {least_alpha:.2f}", least_alpha=found.least_alpha)
            if found.least_alpha
            else ""
        )
        self._bound.setText(bound)
        self.shown.setChecked(found.is_shown)
        self.evidence.setChecked(found.shows_evidence)
        self.evidence.setEnabled(result is not None and result.noise.sigma > 0)
        self._reading.setText("" if result is None else reading_of(result, found.alpha))


def reading_of(result: RestorationResult, alpha: float) -> str:
    """Return what a position of the slider costs and brings."""
    if not result.has_ends:
        return tr("No operator is installed: there is the faithful end alone. Fit one below.")
    total, added = result.expected_error(alpha)
    error = tr(
        "expected error {sign}{error:.1%} of the range",
        sign="+" if total is None else "",
        error=total or added,
    )
    if total is None and not added:
        error = tr("expected error as the network left it")
    index = result.perceptual_index(alpha)
    seen = "" if index is None else tr(" · distance to sharp images {index:.0%}", index=index)
    return tr("alpha {alpha:.2f} · {error}{seen}", alpha=alpha, error=error, seen=seen)


def provenance_of(result: RestorationResult) -> str:
    """Return what a restoration rests on."""
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
    if result.operator is not None:
        made_for = (
            tr(" for noise {noise:.1%}", noise=result.operator.noise)
            if result.operator.noise
            else ""
        )
        lines.append(
            tr(
                "operator {name} version {version}{made_for} in {space}",
                name=result.operator.name,
                version=result.operator.version,
                made_for=made_for,
                space=translated(result.operator.space),
            )
        )
    noise = result.noise
    if noise.sigma > 0:
        lines.append(
            tr(
                "Noise {sigma:.3g}, {relative_noise:.1%} of the range, measured in {source}. "
                "Hold B: the source.",
                sigma=noise.sigma,
                relative_noise=result.relative_noise,
                source=translated(noise.source),
            )
        )
    else:
        lines.append(tr("The noise could not be measured: no evidence. Hold B: the source."))
    if result.reason:
        lines.append(tr("Out of scope: {reason}", reason=translated(result.reason)))
    lines.append(tr("Computed, not acquired. {notice}.", notice=no_diagnosis()))
    return "\n".join(lines)
