"""The open series by patient and study, with a search."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QItemSelectionModel, QModelIndex, QPoint, QSize, Qt, Signal
from PySide6.QtGui import QPalette, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QFrame, QLineEdit, QMenu, QTreeView, QVBoxLayout, QWidget

from acutance.qt.dates import local_dates
from acutance.qt.language import tr, translated
from acutance.qt.panels.labels import plain_tip
from acutance.qt.panels.series_list import ENTRY_ROLE, SeriesDelegate, describe, status_word
from acutance.qt.viewers.listening import listen
from acutance.session import SeriesState

if TYPE_CHECKING:
    from acutance.session import SeriesEntry, Session


class _SeriesItem(QStandardItem):
    """A row that asks the session for what it shows."""

    def __init__(self, session: Session, id: int) -> None:
        super().__init__()
        self._session = session
        self.id = id
        self.setEditable(False)

    def data(self, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return name, tool tip, spoken text or the entry itself."""
        entry = self._session.entry(self.id)
        if entry is None:
            return super().data(role)
        if role == ENTRY_ROLE:
            return entry
        if role == Qt.ItemDataRole.DisplayRole:
            return entry.title
        if role == Qt.ItemDataRole.ToolTipRole:
            lines = (entry.title, describe(entry), status_word(entry), entry.item.path)
            return plain_tip("\n".join(lines))
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{entry.title}, {describe(entry)}, {status_word(entry)}"
        return super().data(role)


class StudyTree(QTreeView):
    """The open series; the selected one is the active one.

    Where all belong to one study they stand without headings, else under their patients and
    studies.

    Parameters
    ----------
    session : Session

    Signals
    -------
    load_requested : int
        Read a series again.
    score_requested : int
        Score a series.
    tags_requested : int
        Show the header of a series.
    """

    load_requested = Signal(int)
    score_requested = Signal(int)
    tags_requested = Signal(int)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._items: dict[int, _SeriesItem] = {}
        self._wanted = ""
        self._is_filling = False
        self._model = QStandardItemModel(self)
        self.setModel(self._model)
        self.setItemDelegate(SeriesDelegate(self))
        self.setAccessibleName(tr("Series"))
        self.setHeaderHidden(True)
        self.setIndentation(0)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setRootIsDecorated(False)
        self.setExpandsOnDoubleClick(False)
        self.setMouseTracking(True)
        self.setVerticalScrollMode(QTreeView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._show_menu)
        self.clicked.connect(self._on_clicked)
        self.setBackgroundRole(QPalette.ColorRole.Window)
        self.selectionModel().currentChanged.connect(self._on_current)
        listen(self, session.listed, self._refill)
        listen(self, session.series_removed, self._refill)
        listen(self, session.studies.changed, self._refill)
        listen(self, session.series_changed, self._on_changed)
        listen(self, session.active_changed, self._on_active)
        self._refill()

    def entry_at(self, row: int) -> SeriesEntry | None:
        """Return the series at a place in the list, headings not counted."""
        shown = list(self._items.values())
        return self._session.entry(shown[row].id) if 0 <= row < len(shown) else None

    def headings(self) -> list[str]:
        """Return the headings, from the top."""
        found = []
        for row in range(self._model.rowCount()):
            top = self._model.item(row)
            if not isinstance(top, _SeriesItem):
                found.append(top.text())
                children = (top.child(n) for n in range(top.rowCount()))
                found += [c.text() for c in children if not isinstance(c, _SeriesItem)]
        return found

    def search(self, text: str) -> int:
        """Show only series with these words in title, modality, state or heading; return how many.

        Every word must be there; case does not matter.
        """
        self._wanted = text
        words = text.casefold().split()
        return self._filter(self._model.invisibleRootItem(), words, "")

    def sizeHint(self) -> QSize:
        """Prefer the width of the panel."""
        return QSize(200, 400)

    def menu_for(self, entry: SeriesEntry) -> QMenu:
        """Return the context menu of a series; the caller shows and deletes it."""
        menu = QMenu(self)
        if entry.state is SeriesState.LOADED:
            menu.addAction(tr("Score")).triggered.connect(
                lambda: self.score_requested.emit(entry.id)
            )
        elif entry.state is not SeriesState.LOADING:
            menu.addAction(tr("Load")).triggered.connect(lambda: self.load_requested.emit(entry.id))
        if entry.item.reader == "dicom":
            menu.addAction(tr("Header…")).triggered.connect(
                lambda: self.tags_requested.emit(entry.id)
            )
        menu.addAction(tr("Remove from list")).triggered.connect(
            lambda: self._session.remove(entry.id)
        )
        return menu

    # What the session tells.

    def _refill(self, *_: object) -> None:
        """Build the rows anew."""
        self._is_filling = True
        self._model.clear()
        self._items = {}
        groups = self._session.studies.groups()
        heads: dict[str, QStandardItem] = {}
        for group in groups:
            parent: QStandardItem | None = None
            if len(groups) > 1:
                if group.patient not in heads:
                    heads[group.patient] = self._heading(None, translated(group.patient))
                parent = heads[group.patient]
                if group.study:
                    parent = self._heading(parent, local_dates(translated(group.study)))
            for id in group.ids:
                self._items[id] = _SeriesItem(self._session, id)
                self._append(parent, self._items[id])
        self.expandAll()
        self._is_filling = False
        self.search(self._wanted)
        active = self._session.active
        self._on_active(None if active is None else active.id)

    def _heading(self, parent: QStandardItem | None, text: str) -> QStandardItem:
        item = QStandardItem(text)
        item.setEditable(False)
        item.setSelectable(False)
        self._append(parent, item)
        return item

    def _append(self, parent: QStandardItem | None, item: QStandardItem) -> None:
        """Add a row so that it is let go with the others: one appended to an item never is."""
        if parent is None:
            self._model.appendRow(item)
        else:
            parent.setChild(parent.rowCount(), item)

    def _filter(self, parent: QStandardItem, words: list[str], above: str) -> int:
        total = 0
        for row in range(parent.rowCount()):
            item = parent.child(row)
            if isinstance(item, _SeriesItem):
                entry = self._session.entry(item.id)
                said = ""
                if entry is not None:
                    said = f"{above} {entry.title} {describe(entry)} {status_word(entry)}"
                found = int(all(word in said.casefold() for word in words))
            else:
                found = self._filter(item, words, f"{above} {item.text()}")
            index = parent.index() if parent.parent() or parent.model() else QModelIndex()
            self.setRowHidden(row, index, not found)
            total += found
        return total

    def _on_changed(self, id: int) -> None:
        item = self._items.get(id)
        if item is not None:
            index = item.index()
            self._model.dataChanged.emit(index, index)

    def _on_active(self, id: int | None) -> None:
        item = self._items.get(id) if id is not None else None
        if item is None:
            self.clearSelection()
        else:
            # Also when it is the current row: a list that was given focus has one unselected.
            self.selectionModel().setCurrentIndex(
                item.index(), QItemSelectionModel.SelectionFlag.ClearAndSelect
            )

    # What the user does.

    def _on_current(self, current: QModelIndex, _previous: QModelIndex) -> None:
        entry = current.data(ENTRY_ROLE) if current.isValid() else None
        if entry is not None and not self._is_filling and entry is not self._session.active:
            self._session.activate(entry.id)

    def _on_clicked(self, index: QModelIndex) -> None:
        if index.data(ENTRY_ROLE) is None:
            self.setExpanded(index, not self.isExpanded(index))

    def _show_menu(self, position: QPoint) -> None:
        entry = self.indexAt(position).data(ENTRY_ROLE)
        if entry is not None:
            menu = self.menu_for(entry)
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            menu.popup(self.viewport().mapToGlobal(position))


class StudyBrowser(QWidget):
    """The tree of series under a search field, which is there once it can be of use.

    Parameters
    ----------
    session : Session

    Signals
    -------
    None of its own; those of `tree` are used directly.
    """

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.field = QLineEdit()
        self.field.setPlaceholderText(tr("Search series"))
        self.field.setAccessibleName(tr("Search series"))
        self.field.setClearButtonEnabled(True)
        self.field.hide()
        self.tree = StudyTree(session)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        row = QVBoxLayout()
        row.setContentsMargins(8, 0, 8, 0)
        row.addWidget(self.field)
        layout.addLayout(row)
        layout.addWidget(self.tree, 1)
        self.setFocusProxy(self.tree)
        self.field.textChanged.connect(self.tree.search)
        listen(self, session.listed, self._on_listed)
        listen(self, session.series_removed, self._on_listed)

    def start_search(self) -> None:
        """Give the keyboard to the search field."""
        self.field.show()
        self.field.setFocus()
        self.field.selectAll()

    def _on_listed(self, _ids: object) -> None:
        self.field.setVisible(len(self._session.entries) > 1 or bool(self.field.text()))
