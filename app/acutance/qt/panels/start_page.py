"""What the window shows while nothing is open."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from acutance.qt.icons import pixmap
from acutance.qt.language import no_diagnosis, tr
from acutance.qt.panels.labels import plain_label, plain_tip
from acutance.qt.theme import FONT_NORMAL, FONT_SMALL, FONT_TITLE, RADIUS, current_tokens, ui_font

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Recent items offered here; the menu has all.
RECENT_SHOWN = 5
_ICON_SIZE = 48


class DropTarget(QWidget):
    """A dashed frame that says what can be dropped."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMinimumSize(320, 180)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(tr("Drop a scan, a folder or a video"))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw frame, sign and words."""
        painter = QPainter(self)
        try:
            paint_drop_target(painter, QRectF(self.rect()), is_active=False)
        finally:
            painter.end()


def paint_drop_target(painter: QPainter, rect: QRectF, *, is_active: bool) -> None:
    """Draw the frame that takes a drop; in the accent colour while something hovers."""
    tokens = current_tokens()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    pen = QPen(QColor(tokens.accent if is_active else tokens.line), 1.5)
    pen.setDashPattern([5, 4])
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(rect.adjusted(1, 1, -1, -1), RADIUS * 2, RADIUS * 2)
    ratio = painter.device().devicePixelRatioF()
    color = tokens.accent if is_active else tokens.secondary
    sign = pixmap("open-folder", color, _ICON_SIZE, ratio)
    top = rect.center().y() - 62
    painter.drawPixmap(round(rect.center().x() - _ICON_SIZE / 2), round(top), sign)
    centred = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignVCenter
    painter.setFont(ui_font(FONT_TITLE, bold=True))
    painter.setPen(QColor(tokens.text))
    line = QRectF(rect.left(), top + _ICON_SIZE + 16, rect.width(), 28)
    painter.drawText(line, centred, tr("Drop a scan, a folder or a video"))
    painter.setFont(ui_font(FONT_NORMAL))
    painter.setPen(QColor(tokens.secondary))
    painter.drawText(
        line.translated(0, 30),
        centred,
        tr("DICOM, NIfTI, NRRD, MetaImage, TIFF, pictures, zip, MP4 and more"),
    )


class _RecentButton(QPushButton):
    """A path that was opened before."""

    def __init__(self, path: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.path = path
        self.setFlat(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setToolTip(plain_tip(path))
        self.setAccessibleName(tr("Open {path}", path=path))
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setMinimumHeight(28)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw name and folder on one line."""
        tokens = current_tokens()
        painter = QPainter(self)
        try:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            if self.underMouse() or self.hasFocus():
                painter.setPen(QColor(tokens.accent if self.hasFocus() else tokens.raised))
                painter.setBrush(QColor(tokens.raised))
                box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
                painter.drawRoundedRect(box, RADIUS, RADIUS)
            path = Path(self.path)
            inner = QRectF(self.rect()).adjusted(8, 0, -8, 0)
            painter.setFont(ui_font(FONT_NORMAL))
            painter.setPen(QColor(tokens.accent))
            middle = Qt.TextElideMode.ElideMiddle
            metrics = painter.fontMetrics()
            name = metrics.elidedText(path.name, middle, int(inner.width() * 0.55))
            painter.drawText(inner, Qt.AlignmentFlag.AlignVCenter, name)
            rest = inner.adjusted(metrics.horizontalAdvance(name) + 12, 0, 0, 0)
            painter.setFont(ui_font(FONT_SMALL))
            painter.setPen(QColor(tokens.secondary))
            folder = painter.fontMetrics().elidedText(
                str(path.parent), middle, int(max(0.0, rest.width()))
            )
            right = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
            painter.drawText(rest, right, folder)
        finally:
            painter.end()


class StartPage(QWidget):
    """A drop target, three buttons, and what was opened last.

    Signals
    -------
    open_file_requested, open_folder_requested, sample_requested
        A button was pressed.
    recent_requested : str
        A recent path was chosen.
    """

    open_file_requested = Signal()
    open_folder_requested = Signal()
    sample_requested = Signal()
    recent_requested = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._recent_buttons: list[_RecentButton] = []
        column = QWidget(self)
        column.setMaximumWidth(560)
        inner = QVBoxLayout(column)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(16)
        target = DropTarget()
        target.setMaximumHeight(240)
        inner.addWidget(target, 1)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        self.open_file = QPushButton(tr("Open file…"))
        self.open_file.setDefault(True)
        self.open_folder = QPushButton(tr("Open folder…"))
        self.sample = QPushButton(tr("Sample scan"))
        self.sample.setToolTip(tr("Open the scan that comes with Acutance"))
        for button, signal in (
            (self.open_file, self.open_file_requested),
            (self.open_folder, self.open_folder_requested),
            (self.sample, self.sample_requested),
        ):
            button.setMinimumHeight(32)
            button.clicked.connect(signal)
            buttons.addWidget(button, 1)
        inner.addLayout(buttons)
        self._recent_heading = plain_label(tr("Recent"), size=FONT_SMALL, is_secondary=True)
        self._recent_heading.setContentsMargins(8, 8, 0, 0)
        self._recent = QVBoxLayout()
        self._recent.setSpacing(0)
        inner.addWidget(self._recent_heading)
        inner.addLayout(self._recent)
        notice = plain_label(
            tr(
                "{notice}. Files stay on this computer and are never changed.",
                notice=no_diagnosis(),
            ),
            size=FONT_SMALL,
            is_secondary=True,
        )
        notice.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(24, 24, 24, 24)
        outer.addStretch(2)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(column, 8)
        row.addStretch(1)
        outer.addLayout(row, 6)
        outer.addStretch(3)
        outer.addWidget(notice)

    @property
    def recent_paths(self) -> tuple[str, ...]:
        """The recent paths that are offered."""
        return tuple(button.path for button in self._recent_buttons)

    def set_recent(self, paths: Sequence[str]) -> None:
        """Offer recent paths."""
        for button in self._recent_buttons:
            self._recent.removeWidget(button)
            button.hide()
            button.deleteLater()
        self._recent_buttons = []
        for path in paths[:RECENT_SHOWN]:
            button = _RecentButton(path, self)
            button.clicked.connect(self._on_recent)
            self._recent.addWidget(button)
            self._recent_buttons.append(button)
        self._recent_heading.setVisible(bool(self._recent_buttons))

    def _on_recent(self) -> None:
        button = self.sender()
        if isinstance(button, _RecentButton):
            self.recent_requested.emit(button.path)
