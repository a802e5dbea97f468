"""Edits of labels are written down as they are made, and come back after a crash."""

from __future__ import annotations

import contextlib
import logging
import threading
import zlib
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from acutance.qt.label_log import LabelLog
from acutance.qt.language import tr
from acutance.qt.viewers.listening import listen
from acutance.session.entry import SeriesState
from acutance.session.label_keeping import owner_of, read_kept

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from acutance.core.label_edit import SliceDiff
    from acutance.session import SeriesEntry, Session
    from acutance.session.edited_labels import EditedLabels
    from acutance.session.label_keeping import KeptLabels

_log = logging.getLogger(__name__)
#: A stroke that goes on for longer is written down so far, in ms.
STROKE_MS = 1500
_DAMAGE = (OSError, ValueError, KeyError, TypeError, AttributeError, zlib.error)


class LabelKeeper(QObject):
    """Keeps what the user does to labels, and gives a series back what an earlier session did.

    Parameters
    ----------
    session : Session
    place : callable
        Given the id of a series, the path of the file that its edits are kept in.
    """

    _read = Signal(int, object, object)

    def __init__(
        self, session: Session, place: Callable[[int], Path], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._session = session
        self.log = LabelLog(place)
        self._waiting: dict[tuple[str, str], Path] = {}
        self._was_told = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(STROKE_MS)
        self._timer.timeout.connect(self._note_stroke)
        self._read.connect(self._on_read, Qt.ConnectionType.QueuedConnection)
        labels = session.labels
        listen(self, labels.noted, self._on_noted)
        listen(self, labels.changed, self._on_changed)
        listen(self, session.series_removed, self._on_removed)

    def end(self) -> None:
        """End well: nothing is left behind."""
        self._timer.stop()
        self.log.end()

    def expect(self, paths: Iterable[Path]) -> None:
        """Bring back what these files hold as soon as their series are there."""
        for path in paths:
            with contextlib.suppress(*_DAMAGE):
                self._waiting[owner_of(path)] = path
                continue
            self._tell_lost(path)

    def is_expected(self, entry: SeriesEntry) -> bool:
        """Whether there are edits that wait for a series that was not read yet."""
        return entry.state is SeriesState.LISTED and self._key_of(entry) is not None

    def bring_back(self, entry: SeriesEntry) -> None:
        """Give a series that was read its labels; they are read on a thread."""
        key = self._key_of(entry)
        if key is None or entry.loaded is None:
            return
        path = self._waiting.pop(key)
        work = threading.Thread(target=self._read_kept, args=(entry.id, path), daemon=True)
        work.start()

    def _key_of(self, entry: SeriesEntry) -> tuple[str, str] | None:
        item = entry.item
        return next((k for k in self._waiting if k[0] in item.files and k[1] == item.key), None)

    def _read_kept(self, id: int, path: Path) -> None:
        kept: KeptLabels | None = None
        try:
            kept = read_kept(path)
        except _DAMAGE as error:
            _log.info("kept labels cannot be read: %s", type(error).__name__)
        # The window may be gone by now.
        with contextlib.suppress(RuntimeError):
            self._read.emit(id, path, kept)

    def _on_read(self, id: int, path: Path, kept: KeptLabels | None) -> None:
        edited = None if kept is None else self._session.labels.bring_back(id, kept)
        if edited is None or kept is None:
            self._tell_lost(path)
            return
        self.log.take_over(path, edited, kept)
        self._session.notice.emit(tr("Labels and their edits are back ({n}).", n=edited.count))

    def _tell_lost(self, path: Path) -> None:
        with contextlib.suppress(OSError):
            path.unlink()
        self._session.notice.emit(tr("Edits of labels could not be brought back."))

    def _on_noted(self, target: EditedLabels, diff: SliceDiff, tool: str, sign: int) -> None:
        self._note(target, diff, tool, sign, is_open=False)

    def _on_changed(self) -> None:
        if self._session.labels.is_drawing and not self._timer.isActive():
            self._timer.start()
        for id, target in self.log.targets.items():
            if self._session.labels.edited_of(self._session.entry(id)) is not target:
                self.log.forget(id)

    def _note_stroke(self) -> None:
        stroke = self._session.labels.stroke_so_far()
        if stroke is not None:
            self._note(*stroke, 1, is_open=True)

    def _note(
        self, target: EditedLabels, diff: SliceDiff, tool: str, sign: int, *, is_open: bool
    ) -> None:
        entry = self._session.entry(target.series)
        if entry is None or not entry.item.files:
            return
        owner = entry.item.files[0], entry.item.key
        is_kept = self.log.note(owner, target, diff, tool, sign, is_open=is_open)
        if not is_kept and not self._was_told:
            self._was_told = True
            self._session.notice.emit(
                tr("These labels are too large to come back after a crash: export them.")
            )

    def _on_removed(self, id: int) -> None:
        self.log.forget(id)
