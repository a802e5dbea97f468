"""What a load found, used and set aside, and what may make its numbers wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QAbstractItemView, QTreeWidget, QTreeWidgetItem, QVBoxLayout, QWidget

from acutance.qt.language import tr, translated, trn
from acutance.qt.panels.labels import breakable, plain_label, plain_tip, tint
from acutance.qt.panels.section import Section
from acutance.qt.theme import FONT_SMALL, current_tokens

if TYPE_CHECKING:
    from PySide6.QtWidgets import QLabel

    from acutance.core.ledger import SetAside
    from acutance.session import SeriesEntry

#: Rows of the table before the rest is only counted.
ROW_LIMIT = 500
_ROWS_VISIBLE = 8
_NAME_WIDTH = 110


class LedgerSection(Section):
    """The account of a load in one line; open, the files set aside with reasons.

    Signals
    -------
    None of its own.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        body = QWidget()
        super().__init__(tr("Ledger"), body, parent)
        self._messages = QWidget()
        self._message_layout = QVBoxLayout(self._messages)
        self._message_layout.setContentsMargins(16, 0, 16, 8)
        self._message_layout.setSpacing(8)
        self._warnings: list[QLabel] = []
        self._notes: list[QLabel] = []
        self._table = QTreeWidget()
        self._table.setColumnCount(2)
        self._table.setHeaderLabels([tr("File set aside"), tr("Reason")])
        self._table.setRootIsDecorated(False)
        self._table.setUniformRowHeights(True)
        self._table.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self._table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self._table.setAccessibleName(tr("Files set aside"))
        self._summary_line = plain_label("", size=FONT_SMALL, is_secondary=True, wraps=True)
        layout = QVBoxLayout(body)
        layout.setContentsMargins(0, 4, 0, 12)
        layout.setSpacing(8)
        inset = QVBoxLayout()
        inset.setContentsMargins(16, 0, 16, 0)
        inset.addWidget(self._summary_line)
        layout.addLayout(inset)
        layout.addWidget(self._messages)
        below = QVBoxLayout()
        below.setContentsMargins(10, 0, 10, 0)
        below.addWidget(self._table)
        layout.addLayout(below)
        self.set_entry(None)

    @property
    def table(self) -> QTreeWidget:
        """The table of files set aside."""
        return self._table

    @property
    def warning_texts(self) -> tuple[str, ...]:
        """Warnings as shown."""
        return tuple(label.text() for label in self._warnings)

    def set_entry(self, entry: SeriesEntry | None) -> None:
        """Show the ledger of a series."""
        loaded = entry.loaded if entry is not None else None
        aside: tuple[SetAside, ...] = ()
        warnings: tuple[str, ...] = ()
        notes: tuple[str, ...] = ()
        if entry is None:
            text = ""
        elif loaded is None:
            aside = entry.item.set_aside
            count = len(entry.item.files)
            text = trn("{n} file found", "{n} files found", count)
        else:
            ledger = loaded.ledger
            aside = ledger.set_aside
            text = trn(
                "{used} of {n} file used",
                "{used} of {n} files used",
                ledger.found,
                used=ledger.used,
            )
            warnings = tuple(translated(w.message) for w in loaded.warnings)
            notes = tuple(map(translated, loaded.notes))
        extra = trn(", {n} warning", ", {n} warnings", len(warnings)) if warnings else ""
        self.set_summary(text + extra, is_warning=bool(warnings))
        self.setVisible(entry is not None)
        self._summary_line.setText(
            tr("{text}, {count} set aside", text=text, count=len(aside)) if aside else f"{text}."
        )
        self._fill_messages(warnings, notes)
        self._fill_table(aside)

    def changeEvent(self, event: QEvent) -> None:
        """Take the colours of another theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange and hasattr(self, "_warnings"):
            self._apply_colors()

    def _fill_messages(self, warnings: tuple[str, ...], notes: tuple[str, ...]) -> None:
        for label in (*self._warnings, *self._notes):
            self._message_layout.removeWidget(label)
            label.hide()
            label.deleteLater()
        self._warnings = [plain_label(f"▲ {text}", wraps=True) for text in warnings]
        self._notes = [plain_label(text, is_secondary=True, wraps=True) for text in notes]
        for label in (*self._warnings, *self._notes):
            self._message_layout.addWidget(label)
        self._messages.setVisible(bool(warnings or notes))
        self._apply_colors()

    def _fill_table(self, aside: tuple[SetAside, ...]) -> None:
        self._table.clear()
        for item in aside[:ROW_LIMIT]:
            name = item.file.replace("\\", "/").rstrip("/").split("/")[-1]
            row = QTreeWidgetItem([name, translated(item.reason)])
            row.setToolTip(0, plain_tip(breakable(item.file)))
            row.setToolTip(1, plain_tip(translated(item.reason)))
            self._table.addTopLevelItem(row)
        if len(aside) > ROW_LIMIT:
            self._table.addTopLevelItem(
                QTreeWidgetItem([tr("and {count} more", count=len(aside) - ROW_LIMIT), ""])
            )
        rows = min(self._table.topLevelItemCount(), _ROWS_VISIBLE)
        self._table.setFixedHeight(30 + 23 * rows)
        self._table.resizeColumnToContents(0)
        self._table.setColumnWidth(0, min(self._table.columnWidth(0), _NAME_WIDTH))
        self._table.setVisible(bool(aside))

    def _apply_colors(self) -> None:
        for label in self._warnings:
            tint(label, current_tokens().check)
