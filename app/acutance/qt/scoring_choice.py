"""Which weights, site file and calibration score in this window."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from acutance.core.backends import AUTO
from acutance.core.scoring import ScoringPolicy
from acutance.export.calibration_store import CalibrationStore
from acutance.io.site import load_site

if TYPE_CHECKING:
    from pathlib import Path

    from acutance.core.quality import Thresholds


class ScoringChoice(QObject):
    """What the user and the site chose for scoring.

    Weights without a model card hold until the window closes: they are never remembered.

    Signals
    -------
    changed
        Other weights, or another version of the calibration, hold from now on.
    """

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.site_file: Path | None = None
        self.store = CalibrationStore()
        self.thresholds: Thresholds | None = None
        self.backend = AUTO
        self._weights: Path | None = None

    @property
    def weights(self) -> Path | None:
        """A safetensors file in place of the shipped weights; None for those."""
        return self._weights

    def choose_weights(self, path: Path | None) -> None:
        """Score with other weights from now on, None for those that are shipped."""
        if path != self._weights:
            self._weights = path
            self.changed.emit()

    def set_thresholds(self, thresholds: Thresholds | None) -> None:
        """Score with thresholds of the user where no protocol of the site names others."""
        if thresholds != self.thresholds:
            self.thresholds = thresholds
            self.changed.emit()

    def set_backend(self, backend: str) -> None:
        """Compute scores in another way from the next series on; those there are stay."""
        self.backend = backend

    def policy(self) -> ScoringPolicy:
        """Return how series are scored now; the files that say so are read anew.

        Raises
        ------
        SiteFileError, CalibrationError
            If the site file or the calibration in force cannot be used.
        """
        weights = "" if self._weights is None else str(self._weights)
        site = load_site(self.site_file)
        if self.thresholds is not None:
            site = replace(site, default=self.thresholds, default_kind="user setting")
        return ScoringPolicy(
            site,
            weights=weights,
            calibration=self.store.in_force(),
            identify=True,
            backend=self.backend,
        )
