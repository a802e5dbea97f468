"""The answer: verdict, reason, predicted SSIM, and the slices it comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from acutance.core.quality import SHIPPED, Thresholds, Verdict
from acutance.qt.language import error_text, local, no_diagnosis, numeral, tr, translated, trn
from acutance.qt.panels.labels import VerdictShape, plain_label, tint
from acutance.qt.panels.progress import ProgressBar
from acutance.qt.panels.worst_slices import WorstSlices
from acutance.qt.theme import (
    FONT_SMALL,
    FONT_TITLE,
    VERDICT_STYLE,
    current_tokens,
    verdict_color,
)
from acutance.session import SeriesState

if TYPE_CHECKING:
    from acutance.core.quality import QualityResult
    from acutance.session import SeriesEntry


def count_text(result: QualityResult) -> str:
    """Return how many slices the number comes from, in words; empty where none was looked at."""
    if not result.slices:
        return ""
    scored = [s for s in result.slices if s.ssim_pred is not None]
    blank = len(result.slices) - len(scored)
    planes = ", ".join(result.planes)
    text = trn(
        "{planes}: {n} slice scored", "{planes}: {n} slices scored", len(scored), planes=planes
    )
    return tr("{text}, {blank} without a score", text=text, blank=blank) if blank else text


def interval_text(result: QualityResult) -> str:
    """Return the interval of the number in words; empty where there is none."""
    if result.ssim_lo is None or result.ssim_hi is None:
        return ""
    return local(
        "90 %: {ssim_lo:.2f} – {ssim_hi:.2f}", ssim_lo=result.ssim_lo, ssim_hi=result.ssim_hi
    )


def model_text(result: QualityResult) -> str:
    """Return which weights computed where, and in what time."""
    seconds = (
        tr("{seconds:.1f} s", seconds=result.seconds)
        if result.seconds >= 0.1
        else tr("under 0.1 s")
    )
    return f"{weights_text(result)} · {result.device} · {seconds}"


def weights_text(result: QualityResult) -> str:
    """Return which weights gave the numbers, and whether nobody vouches for them."""
    if result.model.status != SHIPPED:
        return tr("{name}, unverified weights", name=result.model.name)
    return f"{result.model.name} {result.model.version}"


def thresholds_text(result: QualityResult) -> str:
    """Return the thresholds of the verdict and where they come from; empty where not told."""
    source = str(result.parameters.get("threshold_source", ""))
    if not source:
        return ""
    rule = str(result.parameters.get("threshold_rule", ""))
    where = f"{translated(source)}: {rule}" if rule else translated(source)
    if source == "site calibration":
        where = f"{translated(source)} {result.parameters.get('site_calibration')}"
    limits = result.thresholds
    text = tr(
        "Usable from {usable:.2f}, repeat below {repeat:.2f} · {where}",
        usable=limits.usable,
        repeat=limits.repeat,
        where=where,
    )
    probability = result.parameters.get("probability_usable")
    if isinstance(probability, float):
        text += tr(" · probability of being usable here {probability:.0%}", probability=probability)
    return text


class QualityPanel(QWidget):
    """Verdict as shape, word, colour and one line of reason; numbers and slices below.

    Signals
    -------
    run_requested
        Score the series.
    cancel_requested
        Stop scoring.
    next_worst_requested : int
        1 for the next worst slice, -1 for the one before.
    slice_requested : str, int
        Plane and index of a slice to go to.
    """

    run_requested = Signal()
    cancel_requested = Signal()
    next_worst_requested = Signal(int)
    slice_requested = Signal(str, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._entry: SeriesEntry | None = None
        self._is_scoring = False
        self._judged_by = Thresholds()
        self._shape = VerdictShape(24, self)
        self._word = plain_label("", size=FONT_TITLE, bold=True)
        self._reason = plain_label("", wraps=True)
        self._error = plain_label("", wraps=True)
        self._number = plain_label("", size=FONT_TITLE, bold=True)
        self._number.setAccessibleName(tr("Predicted SSIM"))
        self._interval = plain_label("")
        self._interval.setAccessibleName(tr("Interval that holds the true value nine times in ten"))
        self._counts = plain_label("", size=FONT_SMALL, is_secondary=True, wraps=True)
        self._model = plain_label("", size=FONT_SMALL, is_secondary=True, wraps=True)
        self._progress = ProgressBar()
        self._progress.setTextVisible(False)
        self._progress.setRange(0, 1000)
        self._progress.setAccessibleName(tr("Progress of the score"))
        self._worst = WorstSlices()
        self._worst.slice_requested.connect(self.slice_requested)
        self._numbers = self._make_numbers()
        self._buttons = QWidget()
        self._score = QPushButton(tr("Score"))
        self._score.setToolTip(tr("Predict the SSIM of each slice (Ctrl+Return)"))
        self._score.clicked.connect(self.run_requested)
        self._cancel = QPushButton(tr("Cancel"))
        self._cancel.setToolTip(tr("Stop scoring"))
        self._cancel.clicked.connect(self.cancel_requested)
        self._next = QPushButton(tr("Next worst (N)"))
        self._next.setToolTip(tr("Go to the next worst slice; Shift+N goes back"))
        self._next.clicked.connect(lambda: self.next_worst_requested.emit(1))
        self._limits = plain_label("", size=FONT_SMALL, is_secondary=True, wraps=True)
        self._notice = plain_label(
            tr(
                "{notice}. A prediction without a reference image.",
                notice=no_diagnosis(),
            ),
            size=FONT_SMALL,
            is_secondary=True,
            wraps=True,
        )
        self._arrange()
        self.set_entry(None)

    def _make_numbers(self) -> QWidget:
        box = QWidget()
        grid = QGridLayout(box)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(2)
        grid.setColumnStretch(0, 1)
        grid.addWidget(plain_label(tr("predicted SSIM")), 0, 0, Qt.AlignmentFlag.AlignBottom)
        grid.addWidget(self._number, 0, 1, 3, 1, Qt.AlignmentFlag.AlignVCenter)
        grid.addWidget(self._interval, 1, 0)
        meaning = tr("1 = like an undisturbed image")
        grid.addWidget(plain_label(meaning, size=FONT_SMALL, is_secondary=True), 2, 0)
        return box

    def _arrange(self) -> None:
        verdict = QHBoxLayout()
        verdict.setSpacing(12)
        verdict.addWidget(self._shape)
        verdict.addWidget(self._word, 1)
        buttons = QHBoxLayout(self._buttons)
        buttons.setContentsMargins(0, 0, 0, 0)
        buttons.setSpacing(8)
        for button in (self._score, self._cancel, self._next):
            buttons.addWidget(button, 1)
        above, below = _inset(), _inset()
        above.addLayout(verdict)
        for widget in (self._reason, self._error, self._progress, self._numbers):
            above.addWidget(widget)
        below.addWidget(self._buttons)
        for widget in (self._counts, self._limits, self._model, self._notice):
            below.addWidget(widget)
        layout = QVBoxLayout(self)
        # The rows of slices are 8 px wider than the rest: it is their text that lines up.
        layout.setContentsMargins(8, 16, 8, 16)
        layout.setSpacing(12)
        layout.addLayout(above)
        layout.addWidget(self._worst)
        layout.addLayout(below)

    @property
    def verdict(self) -> Verdict:
        """The verdict that is shown."""
        return self._shape.verdict

    @property
    def word(self) -> str:
        """The verdict in words."""
        return self._word.text()

    @property
    def reason(self) -> str:
        """The line under the verdict."""
        return self._reason.text()

    @property
    def limits(self) -> str:
        """The thresholds of the verdict and where they come from, as shown."""
        return self._limits.text()

    @property
    def number(self) -> str:
        """The predicted SSIM as shown."""
        return self._number.text()

    @property
    def error(self) -> str:
        """Why the last score failed; empty where it did not."""
        return self._error.text()

    @property
    def worst(self) -> WorstSlices:
        """The rows of the worst slices."""
        return self._worst

    def set_entry(self, entry: SeriesEntry | None, *, is_scoring: bool = False) -> None:
        """Show the state of a series."""
        is_same = entry is self._entry and entry is not None
        self._entry, self._is_scoring = entry, is_scoring
        result = entry.result if entry is not None else None
        error = entry.scoring_error if entry is not None else None
        self._show_verdict(entry, result)
        self._error.setText(error_text(error) if error is not None else "")
        self._error.setVisible(error is not None)
        self._progress.setVisible(is_scoring)
        self._progress.setValue(round(1000 * entry.progress) if entry is not None else 0)
        has_number = result is not None and result.ssim_pred is not None
        self._numbers.setVisible(has_number)
        self._number.setText(
            numeral(result.ssim_pred, ".2f")
            if result is not None and result.ssim_pred is not None
            else ""
        )
        self._interval.setText(interval_text(result) if result is not None else "")
        self._interval.setVisible(bool(self._interval.text()))
        self._counts.setText(count_text(result) if result is not None else "")
        self._counts.setVisible(bool(self._counts.text()))
        self._limits.setText(thresholds_text(result) if result is not None else "")
        self._limits.setVisible(bool(self._limits.text()))
        self._model.setText(model_text(result) if result is not None else "")
        self._model.setVisible(result is not None)
        scores = result.worst_first() if result is not None else ()
        if not is_same or scores[:1] != tuple(row.score for row in self._worst.rows[:1]):
            self._worst.set_scores(
                scores, result.thresholds if result is not None else Thresholds()
            )
        is_loaded = entry is not None and entry.loaded is not None
        self._score.setVisible(not is_scoring and is_loaded)
        self._score.setEnabled(is_loaded)
        self._score.setText(tr("Score again") if result is not None else tr("Score"))
        self._score.setDefault(is_loaded and result is None)
        self._cancel.setVisible(is_scoring)
        self._next.setVisible(bool(scores))
        self._buttons.setVisible(is_loaded)
        self._notice.setVisible(entry is not None)
        self._apply_colors()

    def set_place(self, places: dict[str, int]) -> None:
        """Mark the rows of the slices that are looked at, by plane."""
        for row in self._worst.rows:
            row.set_current(places.get(row.score.plane) == row.score.index)

    def changeEvent(self, event: QEvent) -> None:
        """Take the colours of another theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange and hasattr(self, "_word"):
            self._apply_colors()

    def _show_verdict(self, entry: SeriesEntry | None, result: QualityResult | None) -> None:
        verdict = result.verdict if result is not None else Verdict.NOT_ASSESSED
        self._shape.set_verdict(verdict)
        if result is not None:
            word, reason = tr(VERDICT_STYLE[verdict].word), _sentence(translated(result.reason))
        elif entry is None:
            word, reason = tr("No scan"), tr("Open a scan to see how good it is.")
        elif self._is_scoring:
            word = tr("Scoring…")
            reason = (
                numeral(entry.progress, ".0%")
                if entry.progress > 0
                else tr("Waiting for the engine.")
            )
        elif entry.state is SeriesState.LOADING:
            word, reason = tr("Loading…"), tr("The verdict follows.")
        elif entry.scoring_error is not None:
            word, reason = tr(VERDICT_STYLE[verdict].word), tr("The series could not be scored.")
        else:
            word = tr(VERDICT_STYLE[verdict].word)
            reason = {
                SeriesState.FAILED: tr("The series could not be read."),
                SeriesState.LISTED: tr("The series is not loaded yet."),
            }.get(entry.state, tr("Not scored yet."))
        self._word.setText(word)
        self._reason.setText(reason)
        self._shape.setAccessibleDescription(word)
        self.setAccessibleName(tr("Quality"))
        self.setAccessibleDescription(f"{word}. {reason}")

    def _apply_colors(self) -> None:
        tint(self._word, verdict_color(self._shape.verdict).name())
        tint(self._error, current_tokens().check)


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _inset() -> QVBoxLayout:
    layout = QVBoxLayout()
    layout.setContentsMargins(8, 0, 8, 0)
    layout.setSpacing(12)
    return layout
