"""The line at the foot of the window: device, running job, convention."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QToolButton, QWidget

from acutance.qt.icons import icon
from acutance.qt.language import capital, numeral, tr
from acutance.qt.panels.labels import plain_label, tint
from acutance.qt.panels.progress import ProgressBar
from acutance.qt.theme import FONT_SMALL, current_tokens

if TYPE_CHECKING:
    from acutance.jobs.job import Job

#: How long a notice stays, in ms.
NOTICE_MS = 5000
_TITLE_WIDTH = 320


class StatusLine(QWidget):
    """Device, the job that runs with its progress, how many wait, and the convention.

    Signals
    -------
    cancel_requested
        Stop the job that is shown.
    convention_clicked
        Change the side on which the patient's right is.
    """

    cancel_requested = Signal()
    convention_clicked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("Status"))
        self._device = plain_label("", size=FONT_SMALL, is_secondary=True)
        self._device.setAccessibleName(tr("Device"))
        self._job = plain_label("", size=FONT_SMALL)
        self._bar = ProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setRange(0, 1000)
        self._bar.setFixedWidth(120)
        self._bar.setAccessibleName(tr("Progress of the job"))
        self._percent = plain_label("", size=FONT_SMALL, is_secondary=True)
        self._cancel = QToolButton()
        self._cancel.setAutoRaise(True)
        self._cancel.setIconSize(QSize(16, 16))
        self._cancel.setStyleSheet("QToolButton { padding: 1px; }")
        self._cancel.setAccessibleName(tr("Cancel the job"))
        self._cancel.setToolTip(tr("Cancel"))
        self._cancel.clicked.connect(self.cancel_requested)
        self._queued = plain_label("", size=FONT_SMALL, is_secondary=True)
        self._notice = plain_label("", size=FONT_SMALL, is_secondary=True)
        self._notice.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._convention = QToolButton()
        self._convention.setAutoRaise(True)
        self._convention.setFont(self._job.font())
        self._convention.setStyleSheet("QToolButton { padding: 1px 6px; }")
        self._convention.clicked.connect(self.convention_clicked)
        self._disclaimer = plain_label(tr("not for diagnosis"), size=FONT_SMALL)
        self._job_widgets = (self._job, self._bar, self._percent, self._cancel)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 0, 12, 0)
        layout.setSpacing(8)
        layout.addWidget(self._device)
        layout.addSpacing(8)
        for widget in self._job_widgets:
            layout.addWidget(widget)
        layout.addWidget(self._queued)
        layout.addWidget(self._notice, 1)
        layout.addWidget(self._convention)
        layout.addSpacing(8)
        layout.addWidget(self._disclaimer)
        self.setFixedHeight(24)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(NOTICE_MS)
        self._timer.timeout.connect(self._notice.clear)
        self.set_device("")
        self.set_jobs(None, 0)
        self.refresh_theme()

    @property
    def notice(self) -> str:
        """The passing message that is shown."""
        return self._notice.text()

    @property
    def job_text(self) -> str:
        """Title, percent and queue as shown; empty where nothing runs."""
        shown = (self._job, self._percent, self._queued)
        return " ".join(label.text() for label in shown if label.text())

    def set_device(self, name: str) -> None:
        """Say where engines compute; before the first answer that is not known."""
        self._device.setText(name or tr("device: auto"))

    def set_convention(self, convention: str) -> None:
        """Show RAD or NEU."""
        is_radiological = convention == "radiological"
        self._convention.setText(tr("RAD") if is_radiological else tr("NEU"))
        side = "left" if is_radiological else "right"
        self._convention.setToolTip(
            tr(
                "{convention}: the patient's right is on the {side}. Click to change.",
                convention=capital(tr(convention)),
                side=tr(side),
            )
        )
        self._convention.setAccessibleName(
            tr("Convention: {convention}", convention=tr(convention))
        )

    def set_jobs(self, job: Job[Any] | None, waiting: int) -> None:
        """Show the running job and how many wait."""
        for widget in self._job_widgets:
            widget.setVisible(job is not None)
        self._queued.setText(tr("+{waiting} queued", waiting=waiting) if waiting else "")
        self._queued.setVisible(bool(waiting))
        if job is None:
            self._job.clear()
            self._percent.clear()
            return
        text = job.title if job.attempts <= 1 else tr("{title} (second attempt)", title=job.title)
        metrics = self._job.fontMetrics()
        middle = Qt.TextElideMode.ElideMiddle
        self._job.setText(metrics.elidedText(text, middle, _TITLE_WIDTH))
        self._bar.setValue(round(1000 * job.fraction))
        is_running = job.state == "running"
        self._percent.setText(numeral(job.fraction, ".0%") if is_running else tr("waiting"))

    def show_notice(self, text: str) -> None:
        """Show a message for five seconds."""
        self._notice.setText(text)
        self._notice.setAccessibleName(text)
        self._timer.start()

    def refresh_theme(self) -> None:
        """Take the colours of another theme."""
        self._cancel.setIcon(icon("cancel"))
        tint(self._disclaimer, current_tokens().check)
