"""Keeps the journal of the session, and offers what a crash left behind."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from PySide6.QtCore import QTimer

from acutance.core.affine import PLANES
from acutance.core.window import Window
from acutance.qt.actions import Command
from acutance.qt.dialogs.crash_report import CrashReport
from acutance.qt.feature import Feature
from acutance.qt.journal import Journal, Left, Snapshot, surroundings
from acutance.qt.label_keeper import LabelKeeper
from acutance.qt.language import tr
from acutance.qt.panels.restore_bar import RestoreBar
from acutance.qt.viewers.layouts import LAYOUT_MODES
from acutance.qt.viewers.listening import listen
from acutance.session.keeping import bring_back, work_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from acutance.qt.main_window import MainWindow
    from acutance.session import SeriesEntry
    from acutance.session.keeping import SeriesWork

#: Time from a change to the note of it, in ms: a drag makes one note, not a hundred.
NOTE_MS = 1500


class JournalFeature(Feature):
    """Notes what is shown, and after a crash asks at the next start whether to bring it back.

    Settings that are kept in memory only keep no journal either.
    """

    COMMANDS: ClassVar = (
        Command(
            "crash_report",
            "Crash report…",
            needs="report",
            tip="What is known of what went wrong; nothing is sent",
        ),
    )
    MENUS: ClassVar = {"Help": ("-", "crash_report")}

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._session = window.session
        settings = window.settings.path
        self.journal = None if settings is None else Journal(settings.parent / "sessions")
        self.left: Left | None = None
        self.labels: LabelKeeper | None = None
        self.bar: RestoreBar | None = None
        self._opened: dict[tuple[Path, ...], tuple[int, ...]] = {}
        self._wanted: Snapshot | None = None
        self._work: tuple[SeriesWork, ...] = ()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(NOTE_MS)
        self._timer.timeout.connect(self.note)

    def slots(self) -> Mapping[str, Callable[..., None]]:
        """Return what its commands do."""
        return {"crash_report": self._show_report}

    def facts(self) -> Mapping[str, bool]:
        """Tell whether there is a report to read."""
        return {"report": bool(self._report())}

    def start(self) -> None:
        """Look what was left behind, and begin to note."""
        if self.journal is None:
            return
        left = self.journal.begin()
        if self.journal.is_open:
            self.labels = LabelKeeper(self._session, self.journal.labels_path, self)
        self.left = left[0] if left else None
        if self.left is not None:
            self._offer(self.left)
        session = self._session
        self.window.controller.opener.found.connect(self._on_found)
        for signal in (
            session.listed,
            session.series_removed,
            session.active_changed,
            session.cursor_changed,
            session.window_changed,
            session.measurements.changed,
            session.reviews.changed,
        ):
            listen(self, signal, self._on_change)
        listen(self, session.series_changed, self._on_series)
        self.window.centre.grid.layout_changed.connect(self._on_change)

    def shut_down(self) -> None:
        """End well."""
        self._timer.stop()
        if self.labels is not None:
            self.labels.end()
        if self.journal is not None:
            self.journal.end()

    def note_fault(self, text: str) -> None:
        """Write down an error that nobody caught."""
        if self.journal is not None:
            self.journal.note_fault(text)
            self.window.actions_["crash_report"].setEnabled(bool(self._report()))

    def note(self) -> None:
        """Note what is shown now."""
        if self.journal is not None:
            self.journal.note(self.snapshot())

    def snapshot(self) -> Snapshot:
        """Return what is shown now."""
        session, grid = self._session, self.window.centre.grid
        active, window = session.active, session.window
        paths = [
            str(path)
            for opened, ids in self._opened.items()
            if any(session.entry(id) is not None for id in ids)
            for path in opened
        ]
        return Snapshot(
            tuple(dict.fromkeys(paths)),
            () if active is None else active.item.files[:1],
            session.cursor,
            (window.centre, window.width),
            grid.layout_mode,
            grid.current_plane,
            # What waits for its series is not lost by a second crash.
            (*work_of(session), *self._work),
        )

    def restore(self) -> None:
        """Open what was open; place, window and layout follow once the series is there."""
        left = self.left
        self._close_bar()
        if left is None or left.snapshot is None:
            return
        self._wanted, self._work = left.snapshot, left.snapshot.work
        if self.labels is not None:
            self.labels.expect(left.labels)
        for entry in self._session.entries:
            self._bring_back(entry)
        layout, plane = left.snapshot.layout, left.snapshot.plane
        if layout in LAYOUT_MODES and plane in PLANES:
            self.window.centre.grid.set_layout_mode(layout, plane)
        self.window.open_paths([Path(path) for path in left.snapshot.paths])

    def _offer(self, left: Left) -> None:
        words = tr("Acutance did not end well last time.")
        if left.snapshot is not None:
            count = len(left.snapshot.paths)
            things = tr("what was open") if count != 1 else Path(left.snapshot.paths[0]).name
            words = tr("{words} Open {things} again?", words=words, things=things)
        bar = RestoreBar(
            words,
            self.window,
            can_restore=left.snapshot is not None,
            has_report=bool(left.report),
        )
        bar.restore_requested.connect(self.restore)
        bar.report_requested.connect(self._show_report)
        bar.dismissed.connect(self._close_bar)
        self.window.addToolBarBreak()
        self.window.addToolBar(bar)
        self.bar = bar

    def _close_bar(self) -> None:
        if self.bar is not None:
            self.window.removeToolBar(self.bar)
            self.bar.deleteLater()
            self.bar = None

    def _report(self) -> str:
        mine = "" if self.journal is None else self.journal.report()
        return mine or ("" if self.left is None else self.left.report)

    def _show_report(self) -> None:
        dialog = CrashReport(f"{surroundings()}\n\n{self._report()}", self.window)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _on_found(self, paths: tuple[Path, ...], ids: tuple[int, ...]) -> None:
        self._opened[paths] = (*self._opened.get(paths, ()), *ids)
        self._on_change()
        for id in ids:
            entry = self._session.entry(id)
            if entry is not None and self.labels is not None and self.labels.is_expected(entry):
                self.window.controller.load(id)
        wanted = self._wanted
        if wanted is not None and wanted.active:
            for entry in self._session.entries:
                if wanted.active[0] in entry.item.files:
                    self._session.activate(entry.id)
                    self._take_up(entry)
                    return
        self._wanted = None

    def _on_series(self, id: int) -> None:
        active, entry = self._session.active, self._session.entry(id)
        if entry is not None:
            self._bring_back(entry)
        if self._wanted is not None and active is not None and active.id == id:
            self._take_up(active)

    def _take_up(self, entry: SeriesEntry) -> None:
        """Go where the window was, once there is a volume to go in."""
        wanted = self._wanted
        if wanted is None or entry.volume is None or wanted.active[0] not in entry.item.files:
            return
        self._wanted = None
        centre, width = wanted.window
        # Later: the session is still telling others that the series is there.
        QTimer.singleShot(0, self, lambda: self._session.set_cursor(wanted.cursor))
        QTimer.singleShot(0, self, lambda: self._session.set_window(Window(centre, width)))

    def _bring_back(self, entry: SeriesEntry) -> None:
        """Give a loaded series what was measured, decided and painted on it."""
        if self._work and entry.loaded is not None:
            # Taken first: each thing that is brought back tells listeners, this one too.
            work, self._work = self._work, ()
            self._work = bring_back(self._session, work, entry)
        if self.labels is not None:
            self.labels.bring_back(entry)

    def _on_change(self, *_: object) -> None:
        if not self._timer.isActive():
            self._timer.start()
