"""Marks of series and versions of the site's calibration, as the window works with them."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from acutance import __version__
from acutance.core.calibration import FEWEST_MARKS, Mark, missing_marks
from acutance.core.quality import DEFAULT_NETWORK, SHIPPED
from acutance.errors import AcutanceError, CalibrationError
from acutance.qt.language import capital, tr, translated
from acutance.qt.viewers.listening import listen

if TYPE_CHECKING:
    from acutance.core.calibration import SiteCalibration
    from acutance.qt.scoring_choice import ScoringChoice
    from acutance.session import SeriesEntry, Session


class Calibrator(QObject):
    """Marks the active series, fits versions in a thread, and puts one in force.

    Only series that the shipped weights have scored can be marked.

    Parameters
    ----------
    session : Session
    choice : ScoringChoice
        Holds the store, and is told what is in force.

    Signals
    -------
    changed
        Marks, versions, or the active series are others.
    told : str
        Something was done, in one line.
    failed : AcutanceError
        Something could not be done.
    """

    changed = Signal()
    told = Signal(str)
    failed = Signal(object)
    _fitted = Signal(object)

    def __init__(
        self, session: Session, choice: ScoringChoice, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._choice = choice
        self.store = choice.store
        self.is_fitting = False
        self._fitted.connect(self._on_fitted)
        for signal in (session.active_changed, session.result_changed, session.series_removed):
            listen(self, signal, self._on_session)

    @property
    def entry(self) -> SeriesEntry | None:
        """The active series."""
        return self._session.active

    def why_not(self) -> str:
        """Return why the active series cannot be marked, in words; empty where it can."""
        entry = self._session.active
        if entry is None:
            return tr("No series is open.")
        result = entry.result
        if result is None:
            return tr("The series has no score yet.")
        if result.model.status != SHIPPED:
            return tr("It was scored with unverified weights; choose those that are shipped.")
        if result.ssim_pred is None or not result.in_scope:
            return tr("The series is not assessed, so it cannot be marked.")
        if not result.parameters.get("content_sha256"):
            return tr("Score the series again to mark it.")
        return ""

    def marks(self) -> tuple[Mark, ...]:
        """Return the marks for the shipped weights; none where they cannot be read."""
        try:
            return self.store.marks(shipped_sha256())
        except AcutanceError as error:
            self.failed.emit(error)
            return ()

    def mark_of_active(self) -> Mark | None:
        """Return the mark of the active series."""
        entry = self._session.active
        if self.why_not() or entry is None or entry.result is None:
            return None
        content = str(entry.result.parameters["content_sha256"])
        marks = (mark for mark in self.marks() if mark.content_sha256 == content)
        return next(marks, None)

    def mark(self, is_usable: bool) -> None:
        """Mark the active series; a mark it has is replaced."""
        entry = self._session.active
        if why := self.why_not():
            self.told.emit(why)
            return
        if entry is None or entry.result is None or entry.result.ssim_pred is None:
            return
        result, score = entry.result, entry.result.ssim_pred
        content = str(result.parameters["content_sha256"])
        try:
            self.store.add(Mark(content, score, is_usable, result.model.sha256))
        except AcutanceError as error:
            self.failed.emit(error)
            return
        count = len(self.marks())
        word = tr("usable") if is_usable else tr("not usable")
        self.told.emit(
            tr(
                "Marked {word}: {count} of at least {least} series.",
                word=word,
                count=count,
                least=FEWEST_MARKS,
            )
        )
        self.changed.emit()

    def forget(self) -> None:
        """Take the mark of the active series back."""
        mark = self.mark_of_active()
        if mark is None:
            return
        try:
            self.store.forget(mark.content_sha256, mark.weights_sha256)
        except AcutanceError as error:
            self.failed.emit(error)
            return
        self.told.emit(tr("The mark was taken back."))
        self.changed.emit()

    def fit(self) -> None:
        """Make the next version from the marks; it is told by `changed`, and is in force then."""
        marks = self.marks()
        if self.is_fitting:
            return
        if missing := missing_marks(marks):
            self.told.emit(f"{capital(translated(missing))}.")
            return
        self.is_fitting = True
        self.changed.emit()
        # In a thread: the first fit loads SciPy, and each series is left out once.
        threading.Thread(target=self._fit, args=(marks,), daemon=True).start()

    def versions(self) -> tuple[SiteCalibration, ...]:
        """Return every version that can be read, ascending."""
        found = []
        for version in self.store.versions():
            try:
                found.append(self.store.read(version))
            except AcutanceError as error:
                self.failed.emit(error)
        return tuple(found)

    def active_version(self) -> int:
        """Return the version in force, 0 for none."""
        try:
            return self.store.active_version()
        except AcutanceError as error:
            self.failed.emit(error)
            return 0

    def apply(self, version: int) -> None:
        """Put a version in force, 0 for none; the active series is scored by it."""
        try:
            self.store.apply(version)
        except AcutanceError as error:
            self.failed.emit(error)
            return
        name = (
            tr("Version {version} is in force.", version=version)
            if version
            else tr("No calibration is in force.")
        )
        self.told.emit(name)
        self.changed.emit()
        self._choice.changed.emit()

    def _fit(self, marks: tuple[Mark, ...]) -> None:
        from acutance.metrics.recalibration import fit_calibration

        try:
            made = fit_calibration(marks, version=self.store.next_version(), software=__version__)
            self.store.write(made)
            outcome: SiteCalibration | AcutanceError = made
        except AcutanceError as error:
            outcome = error
        except ValueError as error:
            outcome = CalibrationError(tr("The marks make no calibration: {error}.", error=error))
        self._fitted.emit(outcome)

    def _on_fitted(self, outcome: SiteCalibration | AcutanceError) -> None:
        self.is_fitting = False
        if isinstance(outcome, AcutanceError):
            self.failed.emit(outcome)
            self.changed.emit()
        else:
            self.apply(outcome.version)

    def _on_session(self, *_: object) -> None:
        self.changed.emit()


def shipped_sha256() -> str:
    """Return the hash of the shipped weights; the list of networks is read when it is asked for."""
    from acutance_models.catalogue import get_descriptor

    return get_descriptor(DEFAULT_NETWORK).sha256
