"""The window: menus, tool bar, panels, and what connects them to session and controller."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QEvent, QSize, Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QApplication,
    QMainWindow,
    QWidget,
)

from acutance.qt.actions import COMMANDS, SHEET, VIEW_SHEET, Actions
from acutance.qt.bars import build_menus, build_tool_bar
from acutance.qt.calibrator import Calibrator
from acutance.qt.centre import Centre
from acutance.qt.comparer import Comparer
from acutance.qt.controller import Controller
from acutance.qt.deidentifier import Deidentifier
from acutance.qt.dialogs.cheat_sheet import CheatSheet
from acutance.qt.dialogs.overlays import DropOverlay
from acutance.qt.explainer import Explainer
from acutance.qt.features import FEATURES
from acutance.qt.garbage import GarbageCollection
from acutance.qt.heartbeat import Heartbeat
from acutance.qt.icons import application_icon
from acutance.qt.journal_feature import JournalFeature
from acutance.qt.language import error_text, tr
from acutance.qt.panels.dock import make_dock
from acutance.qt.panels.explanation_section import ExplanationSection
from acutance.qt.panels.ledger_section import LedgerSection
from acutance.qt.panels.provenance_section import ProvenanceSection
from acutance.qt.panels.quality_panel import QualityPanel
from acutance.qt.panels.segmentation_section import SegmentationSection
from acutance.qt.panels.side_column import SideColumn
from acutance.qt.panels.status_line import StatusLine
from acutance.qt.panels.study_browser import StudyBrowser
from acutance.qt.preferences import Preferences
from acutance.qt.presenter import Presenter
from acutance.qt.segmenter import Segmenter
from acutance.qt.settings_feature import SettingsFeature
from acutance.qt.theme import apply_theme
from acutance.qt.viewers.listening import listen
from acutance.qt.window_dialogs import WindowDialogs
from acutance.qt.window_slots import slots_of

if TYPE_CHECKING:
    from PySide6.QtGui import (
        QCloseEvent,
        QDragEnterEvent,
        QDragLeaveEvent,
        QDropEvent,
        QKeyEvent,
        QPaintEvent,
        QShowEvent,
    )

    from acutance.jobs.runner import Runner
    from acutance.qt.settings import Settings
    from acutance.session import Session

SERIES_WIDTH, QUALITY_WIDTH = 200, 280
SERIES_LEAST_WIDTH = 160  # pixels: a name, a size and a verdict beside the thumbnail
SAMPLE = "sample/sample_T1_moved.nii.gz"


class MainWindow(QMainWindow):
    """The window of the program. Closing it stops every job and ends every child process.

    Parameters
    ----------
    session : Session
    runner : Runner
        Belongs to the window from now on.
    settings : Settings

    Signals
    -------
    first_painted
        The window was drawn for the first time.
    """

    first_painted = Signal()

    def __init__(
        self,
        session: Session,
        runner: Runner,
        settings: Settings,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.session = session
        self.runner = runner
        self.settings = settings
        self.preferences = Preferences(settings, self)
        self.heartbeat = Heartbeat(self)
        self.garbage = GarbageCollection(self)
        self.controller = Controller(session, runner, settings, self)
        self.calibrator = Calibrator(session, self.controller.scoring, self)
        self.explainer = Explainer(session, runner, self.controller)
        self.comparer = Comparer(session, runner, self.controller, self)
        self.segmenter = Segmenter(session, runner, self.controller)
        self._was_painted = False
        self._is_closed = False
        self.dialogs = WindowDialogs(self)
        self.deidentifier = Deidentifier(session, runner, self.controller)
        self.setObjectName("main_window")
        self.setWindowTitle("Acutance")
        self.setWindowIcon(application_icon())
        self.setMinimumSize(800, 500)
        self.resize(1440, 900)
        self.setAcceptDrops(True)
        session.set_convention(settings.convention)
        self._build()
        self._connect()
        self._arrange()
        self.presenter = Presenter(self)
        for feature in self.features:
            feature.start()
        self.presenter.refresh_all()

    # Building.

    def _build(self) -> None:
        self.centre = Centre(self.session)
        self.centre.grid.set_layout_mode(self.settings.layout)
        self.setCentralWidget(self.centre)
        self.browser = StudyBrowser(self.session)
        self.series_list = self.browser.tree
        self.quality = QualityPanel()
        self.explanation = ExplanationSection(self.session)
        self.segmentation = SegmentationSection(self.session)
        self.ledger = LedgerSection()
        self.provenance = ProvenanceSection()
        self.side = SideColumn(
            (self.quality, self.explanation, self.segmentation, self.ledger, self.provenance)
        )
        self.series_dock = make_dock("series", tr("Series"), self.browser, self)
        self.quality_dock = make_dock("quality", tr("Quality"), self.side, self)
        self.status_line = StatusLine()
        bar = self.statusBar()
        bar.setSizeGripEnabled(False)
        bar.setContentsMargins(0, 0, 0, 0)
        bar.addWidget(self.status_line, 1)
        self.features = tuple(kind(self) for kind in FEATURES)
        slots = slots_of(self)
        for feature in self.features:
            slots |= feature.slots()
        self.actions_ = Actions(
            slots, self, (*COMMANDS, *(c for f in self.features for c in f.COMMANDS))
        )
        self.menus = build_menus(self, self.actions_)
        self.tool_bar = build_tool_bar(self, self.actions_, self.menus)
        self.cheat_sheet = CheatSheet(
            lambda: self.actions_.sheet((*SHEET, *(i for f in self.features for i in f.SHEET))),
            lambda: self.actions_.sheet(
                (*VIEW_SHEET, *(i for f in self.features for i in f.VIEW_SHEET))
            ),
            self,
        )
        self.drop_overlay = DropOverlay(self)

    def _connect(self) -> None:
        session, controller, start = self.session, self.controller, self.centre.start
        start.open_file_requested.connect(self.dialogs.ask_for_files)
        start.open_folder_requested.connect(self.dialogs.ask_for_folder)
        start.sample_requested.connect(self.open_sample)
        start.recent_requested.connect(self.open_recent)
        problem = self.centre.problem
        problem.open_requested.connect(self.dialogs.ask_for_files)
        problem.retry_requested.connect(self._retry)
        problem.dismissed.connect(controller.dismiss_problem)
        problem.ledger_requested.connect(self._show_ledger)
        self.centre.positions.position_requested.connect(controller.select)
        self.series_list.load_requested.connect(controller.load)
        self.series_list.score_requested.connect(controller.score)
        self.quality.run_requested.connect(lambda: controller.score())
        self.quality.cancel_requested.connect(self._cancel_score)
        self.quality.next_worst_requested.connect(self.go_to_worst)
        self.quality.slice_requested.connect(session.set_slice)
        self.segmentation.segment_requested.connect(self.segmenter.segment)
        self.explanation.explain_requested.connect(self.actions_["explain"].trigger)
        self.centre.grid.plane_changed.connect(self.explanation.set_plane)
        self.status_line.cancel_requested.connect(lambda: controller.cancel())
        self.status_line.convention_clicked.connect(self._swap_convention)
        self.deidentifier.exported.connect(self.dialogs.show_export)
        self.calibrator.told.connect(self.tell)
        self.calibrator.failed.connect(lambda error: self.tell(error_text(error)))
        self.first_painted.connect(self.heartbeat.start)
        self.first_painted.connect(self.garbage.start)
        listen(self.garbage, session.series_removed, self.garbage.tidy)

    def _arrange(self) -> None:
        self.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, self.series_dock)
        self.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, self.quality_dock)
        self.series_dock.setMinimumWidth(SERIES_LEAST_WIDTH)
        self._set_widths()
        self._first_docks = self.saveState()
        if self.settings.geometry:
            self.restoreGeometry(QByteArray(self.settings.geometry))
        if self.settings.docks:
            self.restoreState(QByteArray(self.settings.docks))
        if self.settings.was_damaged:
            self.tell(
                tr("The settings were damaged and start afresh; the old file was kept beside.")
            )

    def _set_widths(self) -> None:
        self.resizeDocks(
            [self.series_dock, self.quality_dock],
            [SERIES_WIDTH, QUALITY_WIDTH],
            Qt.Orientation.Horizontal,
        )

    # Commands.

    def open_paths(self, paths: list[Path]) -> None:
        """Open files and folders."""
        self.controller.open_paths(paths)

    def open_sample(self) -> None:
        """Open the scan that comes with the program."""
        from acutance_resources import path

        try:
            self.open_paths([path(SAMPLE)])
        except FileNotFoundError:
            self.tell(tr("This copy of Acutance carries no sample scan."))

    def note_fault(self, text: str) -> None:
        """Keep what an error that nobody caught says of itself, for a report."""
        for feature in self.features:
            if isinstance(feature, JournalFeature):
                feature.note_fault(text)

    def use_site_file(self, path: Path) -> None:
        """Take thresholds, windows and keys from another site file than that of the computer."""
        self.controller.scoring.site_file = path
        for feature in self.features:
            if isinstance(feature, SettingsFeature):
                feature.read_site()

    def remove_active(self) -> None:
        """Take the active series off the list."""
        if self.session.active is not None:
            self.session.remove(self.session.active.id)

    def close_window(self) -> None:
        """Close the window, and with it the program."""
        self.close()

    def step_series(self, step: int) -> None:
        """Go to the next series of the list, or the one before; stops at the ends."""
        ids = [entry.id for entry in self.session.entries]
        if self.session.active is not None:
            at = ids.index(self.session.active.id) + step
            if 0 <= at < len(ids):
                self.session.activate(ids[at])

    def go_to_worst(self, direction: int = 1) -> None:
        """Go to the next worst slice."""
        score = self.session.next_worst(direction)
        if score is not None and score.ssim_pred is not None:
            self.tell(
                tr(
                    "{plane} {index}: predicted SSIM {ssim_pred:.2f}",
                    plane=tr(score.plane),
                    index=score.index,
                    ssim_pred=score.ssim_pred,
                )
            )

    def toggle_air(self, _on: bool = True) -> None:
        """Show the air around the patient, or what was shown before."""
        self.session.air.toggle()
        self.actions_["air_background"].setChecked(self.session.air.is_on)

    def set_auto_score(self, on: bool) -> None:
        """Choose whether a series is scored as soon as it is looked at."""
        self.settings.auto_score = on

    def set_theme(self, name: str) -> None:
        """Use the dark or the light theme."""
        self.settings.theme = name
        app = QApplication.instance()
        if isinstance(app, QApplication):
            apply_theme(app, self.settings.theme)
        self.actions_.refresh_theme()
        self.status_line.refresh_theme()
        self.presenter.refresh_all()

    def set_full_screen(self, on: bool) -> None:
        """Fill the screen, or return to the window."""
        state = self.windowState()
        full = Qt.WindowState.WindowFullScreen
        self.setWindowState(state | full if on else state & ~full)

    def reset_layout(self) -> None:
        """Put the panels back where they were at first."""
        self.restoreState(self._first_docks)
        self._set_widths()
        self.centre.grid.set_layout_mode("three")

    def cheat_sheet_toggle(self) -> None:
        """Show the keys, or hide them."""
        if self.cheat_sheet.isVisible():
            self.cheat_sheet.close_sheet()
        else:
            self.cheat_sheet.open()

    def tell(self, text: str) -> None:
        """Show a line for five seconds."""
        self.status_line.show_notice(text)

    # What widgets ask.

    def open_recent(self, path: str) -> None:
        """Open what was open before."""
        self.open_paths([Path(path)])

    def forget_recent(self) -> None:
        """Empty the list of what was opened."""
        self.settings.clear_recent()
        self.presenter.fill_recent()

    def _retry(self) -> None:
        if self.session.active is not None:
            self.controller.load(self.session.active.id)

    def _show_ledger(self) -> None:
        self.quality_dock.show()
        self.ledger.set_open(True)

    def _cancel_score(self) -> None:
        if self.session.active is not None:
            self.controller.cancel_score(self.session.active.id)

    def _swap_convention(self) -> None:
        is_radiological = self.session.convention == "radiological"
        self.session.set_convention("neurological" if is_radiological else "radiological")

    # Qt.

    def sizeHint(self) -> QSize:
        """Prefer the reference size."""
        return QSize(1440, 900)

    def showEvent(self, event: QShowEvent) -> None:
        """Give the docks their widths, which count only once the window has its own."""
        super().showEvent(event)
        if not self._was_painted and not self.settings.docks:
            self._set_widths()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Note the first time; what is under it paints in the same turn of the loop."""
        super().paintEvent(event)
        if not self._was_painted:
            self._was_painted = True
            QTimer.singleShot(0, self.first_painted.emit)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Change the series with Left and Right, unless a widget used them."""
        if event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right) and not event.modifiers():
            self.step_series(-1 if event.key() == Qt.Key.Key_Left else 1)
            return
        super().keyPressEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Show that files and folders are welcome."""
        if _local_paths(event):
            event.acceptProposedAction()
            self.drop_overlay.open()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """Take the veil away."""
        self.drop_overlay.hide()

    def dropEvent(self, event: QDropEvent) -> None:
        """Open what was dropped."""
        self.drop_overlay.hide()
        paths = _local_paths(event)
        if paths:
            event.acceptProposedAction()
            self.open_paths(paths)

    def changeEvent(self, event: QEvent) -> None:
        """Keep the full screen command in step with the window manager."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.WindowStateChange:
            self.actions_["full_screen"].setChecked(self.isFullScreen())

    def closeEvent(self, event: QCloseEvent) -> None:
        """Remember the arrangement, stop every job, end every child."""
        if not self._is_closed:
            self._is_closed = True
            self.heartbeat.stop()
            self.garbage.stop()
            self.hide()
            self.settings.set_arrangement(
                bytes(self.saveGeometry().data()), bytes(self.saveState().data())
            )
            self.dialogs.shut_down()
            for feature in self.features:
                feature.shut_down()
            self.controller.close()
        super().closeEvent(event)


def _local_paths(event: QDropEvent) -> list[Path]:
    """Return the files and folders that a drag carries."""
    urls = event.mimeData().urls() if event.mimeData().hasUrls() else []
    return [Path(url.toLocalFile()) for url in urls if url.isLocalFile()]
