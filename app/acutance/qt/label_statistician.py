"""Statistics of edited labels, computed beside the window once the hand rests."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from acutance.core.segmentation import label_statistics
from acutance.qt.viewers.listening import listen

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from acutance.session import Session
    from acutance.session.edited_labels import EditedLabels

#: How long the labels stay as they are before they are measured, in ms.
REST_MS = 400


class LabelStatistician(QObject):
    """Measures edited labels in a thread, from a copy, and tells the session.

    Parameters
    ----------
    session : Session

    Signals
    -------
    None of its own; `session.labels.changed` tells of new numbers.
    """

    _measured = Signal(object)

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._is_busy = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(REST_MS)
        self._timer.timeout.connect(self._begin)
        self._measured.connect(self._on_measured)
        listen(self, session.labels.changed, self._on_labels)

    def _on_labels(self) -> None:
        edited = self._session.labels.edited
        if edited is not None and edited.version != edited.measured:
            self._timer.start()

    def _begin(self) -> None:
        edited = self._session.labels.edited
        if edited is None or edited.version == edited.measured or self._is_busy:
            return
        if self._session.labels.is_drawing:
            self._timer.start()
            return
        self._is_busy = True
        copy = edited.array.copy()
        work = threading.Thread(target=self._measure, args=(edited, copy, edited.version))
        work.daemon = True
        work.start()

    def _measure(self, edited: EditedLabels, labels: NDArray[np.uint8], version: int) -> None:
        found = label_statistics(edited.volume, labels, edited.result.labels)
        try:
            self._measured.emit((edited, version, found))
        except RuntimeError:  # the window is gone
            return

    def _on_measured(self, told: tuple[EditedLabels, int, tuple[object, ...]]) -> None:
        self._is_busy = False
        edited, version, found = told
        self._session.labels.set_statistics(edited, version, found)  # type: ignore[arg-type]
        self._on_labels()
