"""The keys of commands, to be changed; a conflict is shown where it arises."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QHBoxLayout,
    QHeaderView,
    QKeySequenceEdit,
    QLineEdit,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from acutance.qt.dialogs.cheat_sheet import RESERVED
from acutance.qt.language import tr
from acutance.qt.panels.labels import plain_label, tint
from acutance.qt.theme import FONT_SMALL, current_tokens

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from acutance.qt.actions import Command


class ShortcutTable(QWidget):
    """Commands with their keys. Keys that another command has are refused, and by whom is said.

    Parameters
    ----------
    commands : sequence of Command
    keys : mapping of str to str
        Those that differ from the ones of the program.
    """

    def __init__(
        self,
        commands: Sequence[Command],
        keys: Mapping[str, str],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._commands = {command.id: command for command in commands}
        self._keys = {
            command.id: normal(keys.get(command.id, command.keys)) for command in commands
        }
        self.field = QLineEdit()
        self.field.setPlaceholderText(tr("Search a command or a key"))
        self.field.setAccessibleName(tr("Search a command or a key"))
        self.field.textChanged.connect(self._filter)
        self.tree = QTreeWidget()
        self.tree.setAccessibleName(tr("Keys of commands"))
        self.tree.setHeaderLabels([tr("Command"), tr("Keys")])
        self.tree.setRootIsDecorated(False)
        self.tree.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.tree.header().setStretchLastSection(False)
        self.tree.setColumnWidth(1, 160)
        self.tree.currentItemChanged.connect(self._on_current)
        self.edit = QKeySequenceEdit()
        self.edit.setAccessibleName(tr("New keys"))
        self.edit.setMaximumSequenceLength(1)
        self.edit.setClearButtonEnabled(True)
        self.edit.keySequenceChanged.connect(self._on_edited)
        self.reset = QPushButton(tr("As it was"))
        self.reset.setToolTip(tr("Give the command the keys of the program"))
        self.reset.clicked.connect(self._on_reset)
        self.message = plain_label("", size=FONT_SMALL, is_secondary=True)
        self.message.setWordWrap(True)
        row = QHBoxLayout()
        row.addWidget(plain_label(tr("Keys")))
        row.addWidget(self.edit, 1)
        row.addWidget(self.reset)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 8, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self.field)
        layout.addWidget(self.tree, 1)
        layout.addLayout(row)
        layout.addWidget(self.message)
        for command in commands:
            item = QTreeWidgetItem([tr(command.text).rstrip("…"), _shown(self._keys[command.id])])
            item.setData(0, Qt.ItemDataRole.UserRole, command.id)
            self.tree.addTopLevelItem(item)
        if commands:
            self.select(commands[0].id)

    def keys(self) -> dict[str, str]:
        """Return the keys that differ from those of the program."""
        return {
            id: keys for id, keys in self._keys.items() if keys != normal(self._commands[id].keys)
        }

    def select(self, id: str) -> None:
        """Choose the command that is edited."""
        for n in range(self.tree.topLevelItemCount()):
            item = self.tree.topLevelItem(n)
            if item is not None and item.data(0, Qt.ItemDataRole.UserRole) == id:
                self.tree.setCurrentItem(item)

    def conflict(self, id: str, keys: str) -> str:
        """Return why a command cannot have keys; empty where it can."""
        if not keys:
            return ""
        if keys in {normal(reserved) for reserved in RESERVED}:
            return tr("{shown} has a meaning of its own in every view.", shown=_shown(keys))
        other = next((o for o, k in self._keys.items() if k == keys and o != id), None)
        if other is None:
            return ""
        text = tr(self._commands[other].text).rstrip("…")
        return tr(
            "{shown} is taken by “{text}”. Give that other keys first.",
            shown=_shown(keys),
            text=text,
        )

    def _current_id(self) -> str:
        item = self.tree.currentItem()
        return "" if item is None else str(item.data(0, Qt.ItemDataRole.UserRole))

    def _on_current(self, *_: object) -> None:
        id = self._current_id()
        self.edit.blockSignals(True)
        self.edit.setKeySequence(QKeySequence(self._keys.get(id, "")))
        self.edit.blockSignals(False)
        self._tell("", is_conflict=False)

    def _on_edited(self, sequence: QKeySequence) -> None:
        id, keys = self._current_id(), normal(sequence.toString())
        problem = self.conflict(id, keys)
        self._tell(problem, is_conflict=bool(problem))
        if not problem:
            self._take(id, keys)

    def _on_reset(self) -> None:
        id = self._current_id()
        if id:
            self.edit.setKeySequence(QKeySequence(self._commands[id].keys))

    def _take(self, id: str, keys: str) -> None:
        item = self.tree.currentItem()
        if item is not None and id in self._keys:
            self._keys[id] = keys
            item.setText(1, _shown(keys))

    def _tell(self, text: str, *, is_conflict: bool) -> None:
        self.message.setText(text or tr("Type the new keys into the field, or clear it for none."))
        tokens = current_tokens()
        tint(self.message, tokens.repeat if is_conflict else tokens.secondary)

    def _filter(self, text: str) -> None:
        words = text.casefold().split()
        for n in range(self.tree.topLevelItemCount()):
            item = self.tree.topLevelItem(n)
            if item is not None:
                said = f"{item.text(0)} {item.text(1)}".casefold()
                item.setHidden(not all(word in said for word in words))


def normal(keys: str) -> str:
    """Return keys as Qt writes them, whatever the language."""
    return QKeySequence(keys).toString(QKeySequence.SequenceFormat.PortableText)


def _shown(keys: str) -> str:
    return QKeySequence(keys).toString(QKeySequence.SequenceFormat.NativeText)
