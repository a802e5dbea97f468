"""The list of grey windows, to be changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QHBoxLayout,
    QHeaderView,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from acutance.core.site import Preset
from acutance.core.window import Window
from acutance.qt.language import mark, numeral, parsed, tr
from acutance.qt.panels.labels import plain_label, tint
from acutance.qt.theme import FONT_SMALL, current_tokens

if TYPE_CHECKING:
    from collections.abc import Sequence

_HEADINGS = (mark("Name"), mark("Level"), mark("Width"), mark("Modality"))
_HINT = mark(
    "Offered on the keys from 2 on, after the windows of the file. Level and "
    "width in the unit of the series; without a modality a window is for every "
    "series."
)


class PresetTable(QWidget):
    """Windows in the order of their keys. A row that is none is named until it is corrected.

    Parameters
    ----------
    presets : sequence of Preset
    """

    def __init__(self, presets: Sequence[Preset], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.table = QTableWidget(0, len(_HEADINGS))
        self.table.setAccessibleName(tr("Windows"))
        self.table.setHorizontalHeaderLabels([tr(head) for head in _HEADINGS])
        self.table.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.table.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft)
        self.table.verticalHeader().hide()
        self.table.setShowGrid(False)
        self.table.setSelectionBehavior(QTableWidget.SelectionBehavior.SelectRows)
        self.message = plain_label(tr(_HINT), size=FONT_SMALL, is_secondary=True)
        self.message.setWordWrap(True)
        self.add = QPushButton(tr("Add"))
        self.add.clicked.connect(
            lambda: self.add_row(Preset(Window(40.0, 400.0, tr("New window"))))
        )
        self.remove = QPushButton(tr("Remove"))
        self.remove.clicked.connect(self._on_remove)
        row = QHBoxLayout()
        row.addWidget(self.add)
        row.addWidget(self.remove)
        row.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 8, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self.table, 1)
        layout.addLayout(row)
        layout.addWidget(self.message)
        for preset in presets:
            self.add_row(preset)
        self.table.itemChanged.connect(lambda _item: self.presets())

    def add_row(self, preset: Preset) -> None:
        """Put a window at the end."""
        row = self.table.rowCount()
        self.table.insertRow(row)
        window = preset.window
        for column, text in enumerate(
            (window.name, numeral(window.centre, "g"), numeral(window.width, "g"), preset.modality)
        ):
            self.table.setItem(row, column, QTableWidgetItem(text))

    def presets(self) -> tuple[Preset, ...] | None:
        """Return the windows; None where a row is none, and say which."""
        found = []
        for row in range(self.table.rowCount()):
            name, centre, width, modality = (self._text(row, n) for n in range(len(_HEADINGS)))
            try:
                if not name:
                    raise ValueError("it has no name")
                found.append(Preset(Window(parsed(centre), parsed(width), name), modality.upper()))
            except ValueError:
                self._tell(
                    tr(
                        "Row {row} is no window: it needs a name, a level, and a width above 0.",
                        row=row + 1,
                    ),
                    is_problem=True,
                )
                return None
        self._tell(tr(_HINT), is_problem=False)
        return tuple(found)

    def _text(self, row: int, column: int) -> str:
        item = self.table.item(row, column)
        return "" if item is None else item.text().strip().replace(",", ".")[:40]

    def _on_remove(self) -> None:
        for row in sorted({index.row() for index in self.table.selectedIndexes()}, reverse=True):
            self.table.removeRow(row)
        self.presets()

    def _tell(self, text: str, *, is_problem: bool) -> None:
        self.message.setText(text)
        tokens = current_tokens()
        tint(self.message, tokens.repeat if is_problem else tokens.secondary)
