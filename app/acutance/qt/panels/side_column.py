"""The column of sections at the side of the window."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

if TYPE_CHECKING:
    from collections.abc import Iterable


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
        self.setMinimumWidth(240)

    def insert_after(self, section: QWidget, other: QWidget) -> None:
        """Put a section right under another one."""
        self._layout.insertWidget(self._layout.indexOf(other) + 1, section)

    def add_section(self, section: QWidget) -> None:
        """Put a section under those that are there."""
        self._layout.insertWidget(self._layout.count() - 1, section)
