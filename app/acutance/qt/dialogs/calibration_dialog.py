"""The assistant of the site calibration: mark, fit, look, apply, go back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from acutance.core.calibration import FEWEST_MARKS, missing_marks
from acutance.qt.calibrator import shipped_sha256
from acutance.qt.dialogs.calibration_plots import CalibrationPlots
from acutance.qt.language import error_text, mark, no_diagnosis, numeral, tr, translated
from acutance.qt.panels.labels import plain_label, tint
from acutance.qt.panels.progress import ProgressBar
from acutance.qt.theme import FONT_SMALL, current_tokens

if TYPE_CHECKING:
    from acutance.core.calibration import Mark, SiteCalibration
    from acutance.errors import AcutanceError
    from acutance.qt.calibrator import Calibrator

MARK_USABLE, MARK_UNUSABLE = "Ctrl+U", "Ctrl+Shift+U"
_INTRODUCTION = mark(
    "Say of at least 30 of your own series whether they are usable. From that "
    "comes how probably a series of a predicted SSIM is usable here, and "
    "thresholds for the verdict. Kept are a hash of the voxels, the prediction "
    "and your word; nothing that names a patient."
)
_NOT_TOLD = "\N{EM DASH}"


class CalibrationDialog(QDialog):
    """Shows how far the marks are, the versions there are, and what each says.

    Parameters
    ----------
    calibrator : Calibrator

    Signals
    -------
    None of its own; it asks the calibrator.
    """

    def __init__(self, calibrator: Calibrator, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._calibrator = calibrator
        self._versions: tuple[SiteCalibration, ...] = ()
        self._in_force = -1
        self.setWindowTitle(tr("Site calibration"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(760, 660)
        self.progress = ProgressBar()
        self.progress.setRange(0, FEWEST_MARKS)
        self.progress.setTextVisible(False)
        self.progress.setAccessibleName(tr("Series marked"))
        self.counts = plain_label("", bold=True)
        self.missing = plain_label("", size=FONT_SMALL, is_secondary=True)
        self.series = plain_label("", bold=True, wraps=True)
        self.state = plain_label("", size=FONT_SMALL, is_secondary=True, wraps=True)
        self.usable = QPushButton(tr("Usable"))
        self.unusable = QPushButton(tr("Not usable"))
        self.forget = QPushButton(tr("Take back"))
        self.version = QComboBox()
        self.version.setAccessibleName(tr("Version of the calibration"))
        self.fit = QPushButton(tr("Fit a new version"))
        self.apply = QPushButton(tr("Apply"))
        self.revert = QPushButton(tr("Revert"))
        self.plots = CalibrationPlots()
        self.summary = plain_label("", wraps=True)
        self.error = plain_label("", wraps=True)
        self._set_tips()
        self._arrange()
        self._connect()
        self.refresh()

    def _set_tips(self) -> None:
        self.usable.setToolTip(tr("The active series is good enough ({keys})", keys=MARK_USABLE))
        self.unusable.setToolTip(
            tr(
                "The active series is not good enough ({keys})",
                keys=MARK_UNUSABLE,
            )
        )
        self.forget.setToolTip(tr("Forget the mark of the active series"))
        self.fit.setToolTip(tr("Make the next version from all marks and put it in force"))
        self.apply.setToolTip(tr("Judge by the version that is shown"))
        self.revert.setToolTip(tr("Go back to the version before the one in force"))
        for button in (self.usable, self.unusable, self.forget, self.fit, self.apply, self.revert):
            button.setAutoDefault(False)

    def _arrange(self) -> None:
        told = QHBoxLayout()
        told.addWidget(self.counts)
        told.addStretch(1)
        told.addWidget(self.missing)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self.series)
        words.addWidget(self.state)
        marking = QHBoxLayout()
        marking.setSpacing(8)
        marking.addLayout(words, 1)
        for button in (self.usable, self.unusable, self.forget):
            marking.addWidget(button)
        choosing = QHBoxLayout()
        choosing.setSpacing(8)
        choosing.addWidget(self.version, 1)
        for button in (self.apply, self.revert, self.fit):
            choosing.addWidget(button)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        foot = QHBoxLayout()
        notice = tr(
            "{notice}. Thirty series give a rough curve.",
            notice=no_diagnosis(),
        )
        foot.addWidget(plain_label(notice, size=FONT_SMALL, is_secondary=True))
        foot.addStretch(1)
        foot.addWidget(buttons)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 16, 20, 16)
        layout.setSpacing(10)
        layout.addWidget(plain_label(tr(_INTRODUCTION), wraps=True))
        layout.addLayout(told)
        layout.addWidget(self.progress)
        layout.addLayout(marking)
        layout.addSpacing(8)
        layout.addLayout(choosing)
        layout.addWidget(self.plots, 1)
        layout.addWidget(self.summary)
        layout.addWidget(self.error)
        layout.addLayout(foot)

    def _connect(self) -> None:
        calibrator = self._calibrator
        calibrator.changed.connect(self.refresh)
        calibrator.failed.connect(self._show_error)
        self.usable.clicked.connect(lambda: self._mark(True))
        self.unusable.clicked.connect(lambda: self._mark(False))
        self.forget.clicked.connect(lambda: calibrator.forget())
        self.fit.clicked.connect(lambda: calibrator.fit())
        self.apply.clicked.connect(lambda: calibrator.apply(self.chosen_version))
        self.revert.clicked.connect(self._revert)
        self.version.currentIndexChanged.connect(self._show_version)
        for keys, is_usable in ((MARK_USABLE, True), (MARK_UNUSABLE, False)):
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.activated.connect(lambda is_usable=is_usable: self._mark(is_usable))

    @property
    def chosen_version(self) -> int:
        """The version that is shown, 0 for none."""
        return int(self.version.currentData() or 0)

    def refresh(self) -> None:
        """Show what holds now; a version that was put in force meanwhile is the one shown."""
        self.error.setText("")
        self.error.setVisible(False)
        marks = self._calibrator.marks()
        usable = sum(mark.is_usable for mark in marks)
        missing = missing_marks(marks)
        least = tr(" of {least}", least=FEWEST_MARKS) if len(marks) < FEWEST_MARKS else ""
        self.counts.setText(
            tr(
                "{count}{least} series marked: {usable} usable, {unusable} not",
                count=len(marks),
                least=least,
                usable=usable,
                unusable=len(marks) - usable,
            )
        )
        self.missing.setText(translated(missing) or tr("enough for a calibration"))
        self.progress.setValue(min(len(marks), FEWEST_MARKS))
        self._show_series()
        self._list_versions()
        self.fit.setEnabled(not missing and not self._calibrator.is_fitting)
        self.fit.setText(tr("Fitting…") if self._calibrator.is_fitting else tr("Fit a new version"))
        self._show_version()

    def changeEvent(self, event: QEvent) -> None:
        """Take the colours of another theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange and hasattr(self, "error"):
            self._show_version()

    def _mark(self, is_usable: bool) -> None:
        self._calibrator.mark(is_usable)

    def _revert(self) -> None:
        active = self._calibrator.active_version()
        before = [c.version for c in self._versions if c.version < active]
        self._calibrator.apply(max(before, default=0))

    def _show_series(self) -> None:
        entry, why = self._calibrator.entry, self._calibrator.why_not()
        mark = self._calibrator.mark_of_active()
        self.series.setText(entry.title or tr("Series") if entry is not None else tr("No series"))
        if why:
            self.state.setText(why)
        else:
            score = entry.result.ssim_pred if entry is not None and entry.result else None
            word = tr("not marked")
            if mark is not None:
                word = tr("marked usable") if mark.is_usable else tr("marked not usable")
            shown = _NOT_TOLD if score is None else numeral(score, ".2f")
            self.state.setText(tr("predicted SSIM {shown}, {word}", shown=shown, word=word))
        self.usable.setEnabled(not why)
        self.unusable.setEnabled(not why)
        self.forget.setEnabled(mark is not None)

    def _list_versions(self) -> None:
        versions, active = self._calibrator.versions(), self._calibrator.active_version()
        is_moved = active != self._in_force
        chosen = active if is_moved else self.chosen_version
        self._versions, self._in_force = versions, active
        self.version.blockSignals(True)
        self.version.clear()
        self.version.addItem(tr("No calibration") + (tr(" (in force)") if active == 0 else ""), 0)
        current = shipped_sha256()
        for calibration in versions:
            text = tr(
                "Version {version}: {count} series",
                version=calibration.version,
                count=len(calibration.marks),
            )
            text += "" if calibration.weights_sha256 == current else tr(", for other weights")
            text += tr(" (in force)") if calibration.version == active else ""
            self.version.addItem(text, calibration.version)
        self.version.setCurrentIndex(max(0, self.version.findData(chosen)))
        self.version.blockSignals(False)

    def _show_version(self) -> None:
        version = self.chosen_version
        shown = next((c for c in self._versions if c.version == version), None)
        marks: tuple[Mark, ...] = self._calibrator.marks() if shown is None else shown.marks
        self.plots.show_calibration(marks, shown)
        self.summary.setText(_summary(shown))
        self.apply.setEnabled(version != self._in_force)
        self.revert.setEnabled(self._in_force > 0)

    def _show_error(self, error: AcutanceError) -> None:
        self.error.setText(error_text(error))
        tint(self.error, current_tokens().check)
        self.error.setVisible(True)


def _summary(calibration: SiteCalibration | None) -> str:
    """Return what a version says, in words."""
    if calibration is None:
        return tr("Without a calibration the thresholds of the site file hold, or those built in.")
    limits = calibration.thresholds
    better = tr(
        "Error of the probability (Brier) {brier:.3f}; without the score {brier_base:.3f}.",
        brier=calibration.brier,
        brier_base=calibration.brier_base,
    )
    if limits is None:
        return tr("The marks bear out no thresholds, so those before stay. {better}", better=better)
    return tr(
        "Usable from {usable:.2f}, where the probability is {usable_from:.0%}; "
        "repeat below {repeat:.2f}, where it is {repeat_up_to:.0%}. {better}",
        usable=limits.usable,
        usable_from=calibration.usable_from,
        repeat=limits.repeat,
        repeat_up_to=calibration.repeat_up_to,
        better=better,
    )
