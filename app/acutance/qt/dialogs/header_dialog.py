"""The elements of a DICOM header, with a search."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QDialog,
    QHeaderView,
    QLineEdit,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from acutance.qt.language import mark, tr
from acutance.qt.panels.labels import plain_label
from acutance.qt.theme import FONT_SMALL
from acutance.qt.viewers.listening import listen

if TYPE_CHECKING:
    from acutance.core.headers import HeaderRow, HeaderTable
    from acutance.session import Session

MASK = "•••"
_HINT = mark(
    "{masked} values are masked: what names a person, a place or a time, and private ones. "
    "Shift+X shows them."
)


class HeaderDialog(QDialog):
    """Shows the elements of one file of a series; what is personal is masked as names are.

    Parameters
    ----------
    title : str
        Of the series.
    session : Session
        Says whether names are shown.
    """

    def __init__(self, title: str, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._table: HeaderTable | None = None
        self.setWindowTitle(tr("Header of {title}", title=title))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(820, 620)
        self.field = QLineEdit()
        self.field.setPlaceholderText(tr("Search tag, name or value"))
        self.field.setAccessibleName(tr("Search the header"))
        self.field.setClearButtonEnabled(True)
        self.field.textChanged.connect(self._filter)
        self.tree = QTreeWidget()
        self.tree.setAccessibleName(tr("Header"))
        self.tree.setColumnCount(4)
        self.tree.setHeaderLabels([tr("Tag"), tr("Name"), "VR", tr("Value")])
        self.tree.setUniformRowHeights(True)
        self.tree.setTextElideMode(Qt.TextElideMode.ElideRight)
        header = self.tree.header()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        header.setStretchLastSection(True)
        for column, width in enumerate((150, 260, 44)):
            self.tree.setColumnWidth(column, width)
        self.summary = plain_label(tr("Reading the header…"), size=FONT_SMALL, is_secondary=True)
        self.summary.setWordWrap(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(8)
        layout.addWidget(self.field)
        layout.addWidget(self.tree, 1)
        layout.addWidget(self.summary)
        find = QShortcut(QKeySequence.StandardKey.Find, self)
        find.activated.connect(self.field.setFocus)
        listen(self, session.studies.changed, self._fill)

    def set_table(self, table: HeaderTable) -> None:
        """Show what a header holds."""
        self._table = table
        self._fill()

    def set_problem(self, text: str) -> None:
        """Say why there is nothing to show."""
        self.summary.setText(text)

    def shown(self) -> list[tuple[str, str]]:
        """Return name and value of each row that the search leaves, from the top."""
        found = []
        stack = [self.tree.topLevelItem(n) for n in reversed(range(self.tree.topLevelItemCount()))]
        while stack:
            item = stack.pop()
            if item is None or item.isHidden():
                continue
            found.append((item.text(1), item.text(3)))
            stack += [item.child(n) for n in reversed(range(item.childCount()))]
        return found

    def _fill(self) -> None:
        table = self._table
        if table is None:
            return
        self.tree.clear()
        parents: list[QTreeWidgetItem] = []
        masks = not self._session.studies.shows_names
        masked = 0
        for row in table.rows:
            item = QTreeWidgetItem([row.tag, row.name, row.vr, _shown(row, masks=masks)])
            if not (row.is_personal and masks):
                item.setToolTip(3, row.value)
            masked += row.is_personal and masks and bool(row.value)
            del parents[row.depth :]
            if parents:
                parents[-1].addChild(item)
            else:
                self.tree.addTopLevelItem(item)
            parents.append(item)
        self.tree.expandAll()
        cut = " " + tr("The header is longer than what is listed.") if table.is_cut else ""
        hint = " " + tr(_HINT, masked=masked) if masked else ""
        self.summary.setText(
            tr("{count} elements.{hint}{cut}", count=len(table.rows), hint=hint, cut=cut)
        )
        self._filter(self.field.text())

    def _filter(self, text: str) -> None:
        words = text.casefold().split()
        for n in range(self.tree.topLevelItemCount()):
            item = self.tree.topLevelItem(n)
            if item is not None:
                _hide_unlike(item, words)


def _shown(row: HeaderRow, *, masks: bool) -> str:
    return MASK if row.is_personal and masks and row.value else row.value


def _hide_unlike(item: QTreeWidgetItem | None, words: list[str]) -> bool:
    """Hide an item unless it or one of those under it has the words; return whether it has."""
    if item is None:
        return False
    said = " ".join(item.text(column) for column in range(4)).casefold()
    is_like = all(word in said for word in words)
    children = [_hide_unlike(item.child(n), words) for n in range(item.childCount())]
    item.setHidden(not (is_like or any(children)))
    return is_like or any(children)
