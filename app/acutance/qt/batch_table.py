"""The queue of a batch as a table: one line for each series."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QColor

from acutance.core.quality import Verdict
from acutance.qt.language import mark, tr, translated, trn
from acutance.qt.panels.labels import plain_tip
from acutance.qt.theme import current_tokens, verdict_color

if TYPE_CHECKING:
    from pathlib import Path

    from acutance.batch.events import BatchEvent
    from acutance.batch.plan import Entry, Plan

COLUMNS = ("", mark("Series"), mark("Result"))
WAITING, RUNNING, DONE = mark("waiting"), mark("running"), mark("done")
FAILED, DUPLICATE = mark("failed"), mark("set aside")
_SIGNS = {WAITING: "\u00b7", RUNNING: "\u25b8", DONE: "\u2713", FAILED: "\u2715", DUPLICATE: "="}
VERDICT_TEXTS: dict[str, str] = {
    Verdict.USABLE: mark("usable"),
    Verdict.CHECK: mark("check"),
    Verdict.REPEAT: mark("repeat advised"),
    Verdict.NOT_ASSESSED: mark("not assessed"),
}


@dataclass
class _Line:
    name: str
    state: str
    text: str = ""
    verdict: str = ""


class BatchTable(QAbstractTableModel):
    """Series of a plan, in the fixed order, with what became of each."""

    def __init__(self) -> None:
        super().__init__()
        self._lines: list[_Line] = []
        self._rows: dict[int, int] = {}

    def set_plan(self, plan: Plan, source: Path) -> None:
        """Show a plan.

        Parameters
        ----------
        plan : Plan
        source : Path
            The input folder; names are told from there.
        """
        self.beginResetModel()
        self._rows = {entry.position: row for row, entry in enumerate(plan.entries)}
        self._lines = [_line(entry, source, plan.finished) for entry in plan.entries]
        self.endResetModel()

    def take(self, event: BatchEvent) -> int | None:
        """Take an event; return the row it changed."""
        row = None if event.entry is None else self._rows.get(event.entry.position)
        if row is None:
            return None
        line = self._lines[row]
        if event.kind == "begun":
            line.state = RUNNING
        elif event.kind == "failed":
            line.state, line.text = FAILED, translated(event.message)
        elif event.kind == "done" and event.record is not None:
            line.state, line.text = DONE, said(event.record)
            line.verdict = str(event.record.get("verdict", ""))
        self.dataChanged.emit(self.index(row, 0), self.index(row, len(COLUMNS) - 1))
        return row

    def end(self) -> None:
        """Show that nothing is at work any more."""
        for line in self._lines:
            if line.state == RUNNING:
                line.state = WAITING
        if self._lines:
            last = self.index(len(self._lines) - 1, len(COLUMNS) - 1)
            self.dataChanged.emit(self.index(0, 0), last)

    def states(self) -> list[str]:
        """Return the state of each line, from the first."""
        return [line.state for line in self._lines]

    # Qt.

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex | None = None) -> int:
        """Return the number of series."""
        return 0 if parent is not None and parent.isValid() else len(self._lines)

    def columnCount(self, parent: QModelIndex | QPersistentModelIndex | None = None) -> int:
        """Return the number of columns."""
        return 0 if parent is not None and parent.isValid() else len(COLUMNS)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Return the title of a column."""
        is_title = role == Qt.ItemDataRole.DisplayRole
        if orientation == Qt.Orientation.Horizontal and is_title:
            return tr(COLUMNS[section]) if section else ""
        return None

    def data(
        self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Return text, colour or tool tip of a cell."""
        line = self._lines[index.row()]
        column = index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return (_SIGNS[line.state], line.name, line.text or tr(line.state))[column]
        if role == Qt.ItemDataRole.AccessibleTextRole and column == 0:
            return tr(line.state)
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip(line.text or tr(line.state)) if column == 2 else plain_tip(line.name)
        if role == Qt.ItemDataRole.ForegroundRole and column != 1:
            return _color(line)
        return None


def said(record: dict[str, Any]) -> str:
    """Return the gist of a series' object."""
    parts = []
    if "verdict" in record:
        number = record["ssim_pred"]
        parts.append(tr(VERDICT_TEXTS.get(record["verdict"], str(record["verdict"]))))
        if number is not None:
            parts.append(tr("predicted SSIM {number:.2f}", number=number))
    if "iqms" in record:
        count = sum(v is not None for v in record["iqms"].values())
        parts.append(trn("{n} metric", "{n} metrics", count))
    if "segmentation" in record:
        count = len(record["segmentation"].get("statistics", ()))
        parts.append(trn("{n} region", "{n} regions", count))
    for name, words in (
        ("restoration", (tr("restored"), tr("not restored"))),
        ("upscaling", (tr("enlarged"), tr("not enlarged"))),
    ):
        if name in record:
            parts.append(words[0] if record[name]["files"] else words[1])
    return ", ".join(parts)


def _line(entry: Entry, source: Path, finished: frozenset[str]) -> _Line:
    path = os.path.relpath(entry.item.path, source)
    name = entry.item.title if path == "." else path
    if entry.item.part:
        name += f" ({entry.item.part})"
    # Bytes of a name that are no text would stop the view.
    name = name.encode("utf-8", "replace").decode("utf-8")
    if entry.duplicate_of:
        return _Line(name, DUPLICATE, tr("set aside: the same bytes as another file"))
    if entry.key in finished:
        return _Line(name, DONE, tr("finished before"))
    return _Line(name, WAITING)


def _color(line: _Line) -> QColor | None:
    tokens = current_tokens()
    if line.state == FAILED:
        return QColor(tokens.repeat)
    if line.state == RUNNING:
        return QColor(tokens.accent)
    if line.state == DONE and line.verdict:
        return verdict_color(Verdict(line.verdict), tokens)
    return QColor(tokens.secondary)
