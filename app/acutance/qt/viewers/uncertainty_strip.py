"""One bar per slice: where a segmentation is least sure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from acutance.core.segmentation import SegmentationResult
from acutance.qt.language import numeral, tr
from acutance.qt.viewers.listening import listen
from acutance.qt.viewers.slice_bars import SliceBars

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from acutance.core.affine import Plane
    from acutance.session import Session


class UncertaintyStrip(SliceBars):
    """The mean uncertainty of every slice that was segmented.

    Seen only where the active series has a segmentation.

    Parameters
    ----------
    session : Session

    Signals
    -------
    None of its own.
    """

    LEAST_FULL = 0.3

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, tr("uncertainty"), parent)
        self.setObjectName("uncertainty_strip")
        self.setAccessibleName(tr("Uncertainty strip"))
        for signal in (
            session.segmentations.changed,
            session.active_changed,
            session.series_changed,
        ):
            listen(self, signal, self.refresh)
        self.refresh()

    @property
    def values(self) -> tuple[float | None, ...]:
        """The uncertainty of each slice; empty without a segmentation."""
        answer = self._session.segmentations.answer
        return answer.uncertainty_by_slice if isinstance(answer, SegmentationResult) else ()

    @property
    def plane(self) -> Plane:
        """The plane of the slices."""
        answer = self._session.segmentations.answer
        assert isinstance(answer, SegmentationResult)
        return answer.plane

    def slice_text(self, index: int) -> str:
        """Return what is known of a slice, in one line."""
        value = self.values[index]
        told = (
            tr("nothing labelled")
            if value is None
            else tr("mean uncertainty {value:.2f}", value=value)
        )
        return tr("slice {index} · {told} (0 certain, 1 even)", index=index, told=told)

    def value_text(self, value: float | None) -> str:
        """Return an uncertainty as it stands behind the bars."""
        shown = "\N{EM DASH}" if value is None else numeral(value, ".2f")
        return tr("{value} of 1", value=shown)
