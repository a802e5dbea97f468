"""The tools that edit labels, with the size of the brush, and the export of what came of it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSlider, QToolButton, QVBoxLayout, QWidget

from acutance.qt.language import tr
from acutance.qt.panels.labels import plain_label
from acutance.qt.theme import FONT_SMALL
from acutance.qt.viewers.label_hands import mm_text
from acutance.qt.viewers.listening import listen
from acutance.session.label_editing import LARGEST_RADIUS, SMALLEST_RADIUS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QAction

    from acutance.session import Session

_STYLE = """QToolButton { padding: 3px; }
QToolButton:checked { border-color: palette(highlight); }"""
_STEPS = 100
_SPAN = math.log(LARGEST_RADIUS / SMALLEST_RADIUS)


class LabelTools(QWidget):
    """A row of tools, and under it the size of the brush.

    Parameters
    ----------
    session : Session
    tools : sequence of QAction
        Brush, eraser, fill, undo, redo.
    export : QAction

    Signals
    -------
    None of its own; the actions do what is to be done.
    """

    def __init__(
        self,
        session: Session,
        tools: Sequence[QAction],
        export: QAction,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._session = session
        row = QHBoxLayout()
        row.setSpacing(2)
        for action in tools:
            row.addWidget(_button(action))
        row.addStretch(1)
        self.export = QPushButton(tr("Export…"))
        self.export.setToolTip(export.toolTip())
        self.export.setAccessibleName(export.text())
        self.export.clicked.connect(export.trigger)
        row.addWidget(self.export)
        self.brush_size = QSlider(Qt.Orientation.Horizontal)
        self.brush_size.setRange(0, _STEPS)
        self.brush_size.setAccessibleName(tr("Size of the brush"))
        self.brush_size.setToolTip(
            tr("Diameter of brush and eraser (< and >, or Shift and the wheel)")
        )
        self.brush_size.valueChanged.connect(self._on_slider)
        self._words = plain_label("", size=FONT_SMALL)
        self._words.setMinimumWidth(52)
        self._words.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        below = QHBoxLayout()
        below.setSpacing(8)
        below.addWidget(plain_label(tr("Brush"), size=FONT_SMALL, is_secondary=True))
        below.addWidget(self.brush_size, 1)
        below.addWidget(self._words)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addLayout(row)
        layout.addLayout(below)
        listen(self, session.labels.changed, self._refresh)
        self._refresh()

    def _on_slider(self, value: int) -> None:
        # A slider that only follows must not round what the keys chose.
        if value != slider_of(self._session.labels.radius):
            self._session.labels.set_radius(SMALLEST_RADIUS * math.exp(_SPAN * value / _STEPS))

    def _refresh(self) -> None:
        radius = self._session.labels.radius
        self.brush_size.setValue(slider_of(radius))
        self._words.setText(mm_text(radius))


def slider_of(radius: float) -> int:
    """Return where the slider stands for a radius: equal steps are equal factors."""
    return round(_STEPS * math.log(radius / SMALLEST_RADIUS) / _SPAN)


def _button(action: QAction) -> QToolButton:
    button = QToolButton()
    button.setDefaultAction(action)
    button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
    button.setIconSize(QSize(20, 20))
    button.setStyleSheet(_STYLE)
    button.setAccessibleName(action.text())
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return button
