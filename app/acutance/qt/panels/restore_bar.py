"""The offer to bring back what was open before a crash."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QToolBar, QWidget

from acutance.qt.language import tr
from acutance.qt.panels.labels import plain_label

if TYPE_CHECKING:
    from PySide6.QtWidgets import QMainWindow


class RestoreBar(QToolBar):
    """One line under the tool bar that asks, and waits without being in the way.

    Parameters
    ----------
    text : str
    can_restore, has_report : bool
        Whether there is something to open, and something to read.

    Signals
    -------
    restore_requested, report_requested, dismissed
    """

    restore_requested = Signal()
    report_requested = Signal()
    dismissed = Signal()

    def __init__(
        self, text: str, window: QMainWindow, *, can_restore: bool, has_report: bool
    ) -> None:
        super().__init__(tr("Restore"), window)
        self.setObjectName("restore_bar")
        self.setMovable(False)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        line = QWidget()
        row = QHBoxLayout(line)
        row.setContentsMargins(8, 2, 8, 2)
        row.setSpacing(8)
        self.label = plain_label(text)
        row.addWidget(self.label)
        row.addStretch(1)
        self.restore = QPushButton(tr("Restore"))
        self.restore.setDefault(True)
        self.restore.clicked.connect(self.restore_requested)
        self.report = QPushButton(tr("Report…"))
        self.report.clicked.connect(self.report_requested)
        self.dismiss = QPushButton(tr("Dismiss"))
        self.dismiss.clicked.connect(self.dismissed)
        for button in (self.restore, self.report, self.dismiss):
            row.addWidget(button)
        self.restore.setVisible(can_restore)
        self.report.setVisible(has_report)
        self.addWidget(line)
