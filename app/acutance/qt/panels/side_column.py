"""The column of sections at the side of the window."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

if TYPE_CHECKING:
    from collections.abc import Iterable

    from PySide6.QtGui import QShowEvent

_LEAST_WIDTH, _MOST_WIDTH = 240, 400


class SideColumn(QScrollArea):
    """Sections one under another; scrolls where they need more room than there is.

    Parameters
    ----------
    sections : iterable of QWidget
        From the top.
    """

    def __init__(self, sections: Iterable[QWidget], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = QWidget()
        self._layout = QVBoxLayout(column)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(0)
        self._layout.addStretch(1)
        for section in sections:
            self.add_section(section)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWidget(column)
        self.setMinimumWidth(_LEAST_WIDTH)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Be as wide as the widest section has to be: words of one language are longer."""
        if watched is self.widget() and event.type() == QEvent.Type.LayoutRequest:
            self._widen()
        return super().eventFilter(watched, event)

    def showEvent(self, event: QShowEvent) -> None:
        """Be as wide as that from the first."""
        self._widen()
        super().showEvent(event)

    def _widen(self) -> None:
        column = self.widget()
        if column is None:
            return
        needed = column.minimumSizeHint().width() + self.verticalScrollBar().sizeHint().width()
        wanted = min(max(_LEAST_WIDTH, needed), _MOST_WIDTH)
        if wanted != self.minimumWidth():
            self.setMinimumWidth(wanted)

    def insert_after(self, section: QWidget, other: QWidget) -> None:
        """Put a section right under another one."""
        self._layout.insertWidget(self._layout.indexOf(other) + 1, section)

    def add_section(self, section: QWidget) -> None:
        """Put a section under those that are there."""
        self._layout.insertWidget(self._layout.count() - 1, section)
