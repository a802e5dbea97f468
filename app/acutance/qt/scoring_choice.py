"""Which weights and which site file score in this window."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from acutance.core.scoring import ScoringPolicy
from acutance.io.site import load_site

if TYPE_CHECKING:
    from pathlib import Path


class ScoringChoice(QObject):
    """What the user and the site chose for scoring.

    Weights without a model card hold until the window closes: they are never remembered.

    Signals
    -------
    changed
        Other weights score from now on.
    """

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.site_file: Path | None = None
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

    def policy(self) -> ScoringPolicy:
        """Return how series are scored now; the site file is read anew, it may have changed.

        Raises
        ------
        SiteFileError
            If the site file cannot be used.
        """
        weights = "" if self._weights is None else str(self._weights)
        return ScoringPolicy(load_site(self.site_file), weights=weights)
