"""Writes every edit of labels down at once, on a thread of its own."""

from __future__ import annotations

import contextlib
import logging
import os
import queue
import threading
from typing import IO, TYPE_CHECKING

from acutance.session.label_keeping import MOST_VOXELS, beginning, edit_record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from acutance.core.label_edit import SliceDiff
    from acutance.session.edited_labels import EditedLabels
    from acutance.session.label_keeping import KeptLabels

_log = logging.getLogger(__name__)
#: How long the end of the program waits for the last edit, in seconds.
_PATIENCE = 2.0


class LabelLog:
    """A file for each series whose labels are edited; all go when the session ends well.

    Files have mode 0600. A disk that cannot be written costs the log, never the session.

    Parameters
    ----------
    place : callable
        Given the id of a series, the path of its file.
    """

    def __init__(self, place: Callable[[int], Path]) -> None:
        self._place = place
        self._targets: dict[int, EditedLabels] = {}
        self._files: dict[int, IO[bytes]] = {}
        self._work: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None

    @property
    def targets(self) -> Mapping[int, EditedLabels]:
        """By id of the series, the labels whose edits are written down."""
        return dict(self._targets)

    def note(
        self,
        owner: tuple[str, str],
        target: EditedLabels,
        diff: SliceDiff,
        tool: str,
        sign: int = 1,
        *,
        is_open: bool = False,
    ) -> bool:
        """Write an edit down; return whether labels of that size are kept.

        Parameters
        ----------
        owner : (str, str)
            First file and key of the series.
        target, diff, tool, sign
            As `LabelEditing.noted` tells them.
        is_open : bool
            Whether the stroke still goes on.
        """
        id, result = target.series, target.result
        if target.array.size > MOST_VOXELS:
            return False
        if self._targets.get(id) is not target:
            self._targets[id] = target
            self._do(lambda: self._begin(id, beginning(*owner, result)))
        record = edit_record(diff, tool, sign, is_open=is_open)
        self._do(lambda: self._append(id, record))
        return True

    def take_over(self, path: Path, target: EditedLabels, kept: KeptLabels) -> None:
        """Go on with the file of an earlier session, whose labels were brought back."""
        id, stroke = target.series, kept.stroke
        self._targets[id] = target
        self._do(lambda: self._adopt(id, path, kept.sound))
        if stroke is not None:
            self._do(lambda: self._append(id, edit_record(stroke[0], stroke[1], 1)))

    def forget(self, id: int) -> None:
        """Let go of what was written about a series."""
        if self._targets.pop(id, None) is not None:
            self._do(lambda: self._drop(id))

    def settle(self) -> None:
        """Wait until everything is written."""
        if self._thread is not None:
            done = threading.Event()
            self._do(done.set)
            done.wait(_PATIENCE)

    def end(self) -> None:
        """End well: nothing is left behind."""
        for id in list(self._targets):
            self.forget(id)
        if self._thread is not None:
            self._work.put(None)
            self._thread.join(_PATIENCE)
            self._thread = None

    def _do(self, work: Callable[[], None]) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="label log", daemon=True)
            self._thread.start()
        self._work.put(work)

    # On the thread.

    def _run(self) -> None:
        while (work := self._work.get()) is not None:
            try:
                work()
            except OSError as error:
                _log.info("edits of labels could not be kept: %s", error.strerror)

    def _begin(self, id: int, pieces: Iterator[bytes]) -> None:
        self._drop(id)
        path = self._place(id)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        self._files[id] = file = open(handle, "wb")  # noqa: SIM115 - until the end
        for piece in pieces:
            file.write(piece)
        file.flush()

    def _adopt(self, id: int, path: Path, sound: int) -> None:
        self._drop(id)
        os.replace(path, self._place(id))
        self._files[id] = file = self._place(id).open("r+b")
        file.truncate(sound)
        file.seek(sound)

    def _append(self, id: int, record: bytes) -> None:
        if id in self._files:
            self._files[id].write(record)
            self._files[id].flush()

    def _drop(self, id: int) -> None:
        file = self._files.pop(id, None)
        if file is not None:
            file.close()
        with contextlib.suppress(FileNotFoundError):
            self._place(id).unlink()
