"""Undo and redo, the tools that edit labels, and the export of a segmentation."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, ClassVar

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox

from acutance.qt.actions import Command, keys_text
from acutance.qt.feature import Feature
from acutance.qt.label_statistician import LabelStatistician
from acutance.qt.language import mark, tr, translated
from acutance.qt.panels.label_tools import LabelTools
from acutance.qt.regions_exporter import RegionsExporter
from acutance.qt.viewers.listening import listen
from acutance.session.tools import BRUSH, ERASER, FILL, LABEL_TOOLS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from acutance.qt.main_window import MainWindow

_NUDGES = {"left": (0, -1), "right": (0, 1), "up": (-1, 0), "down": (1, 0)}
_NUDGE_TEXTS = {
    "up": mark("Crosshair one pixel up"),
    "down": mark("Crosshair one pixel down"),
    "left": mark("Crosshair one pixel to the left"),
    "right": mark("Crosshair one pixel to the right"),
}


class EditingFeature(Feature):
    """Edits labels in the views; everything can be undone by name.

    Parameters
    ----------
    window : MainWindow
    """

    COMMANDS = (
        Command("undo", "Undo", "Ctrl+Z", "undo"),
        Command("redo", "Redo", "Ctrl+Shift+Z", "redo"),
        Command("redo_too", "Redo, by its other key", "Ctrl+Y"),
        Command(
            BRUSH,
            "Brush",
            "P",
            "brush",
            is_checkable=True,
            tip="Paint the chosen label; Ctrl erases, Alt and a click takes a label",
        ),
        Command(ERASER, "Eraser", "Shift+P", "eraser", is_checkable=True, tip="Take labels away"),
        Command(
            FILL,
            "Fill",
            "U",
            "fill",
            is_checkable=True,
            tip="Give the chosen label to what hangs together in a slice",
        ),
        Command("next_label", "Next label", "Alt+Shift+Down"),
        Command("previous_label", "Previous label", "Alt+Shift+Up"),
        Command("smaller_brush", "Smaller brush", "<"),
        Command("larger_brush", "Larger brush", ">"),
        Command("use_tool", "Use the tool at the crosshair", "Alt+Return", needs="volume"),
        *(
            Command(
                f"nudge_{way}",
                _NUDGE_TEXTS[way],
                f"Alt+{way.capitalize()}",
                needs="volume",
            )
            for way in _NUDGES
        ),
        Command(
            "export_segmentation",
            "Export segmentation…",
            "Ctrl+Shift+G",
            "export",
            tip="Write the labels with their edits as NIfTI, DICOM SEG, CSV and JSON",
        ),
    )
    MENUS: ClassVar = {
        "File": ("-", "export_segmentation"),
        "Edit": (
            "undo",
            "redo",
            "-",
            *LABEL_TOOLS,
            "next_label",
            "previous_label",
            "smaller_brush",
            "larger_brush",
            "-",
            "use_tool",
            *(f"nudge_{way}" for way in _NUDGES),
        ),
    }
    SHEET = ("undo", "redo", "export_segmentation")
    VIEW_SHEET = (*LABEL_TOOLS, "smaller_brush", "larger_brush", "next_label", "use_tool")

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._session = window.session
        self.exporter = RegionsExporter(window)
        self._statistician = LabelStatistician(window.session, self)

    def slots(self) -> Mapping[str, Callable[..., None]]:
        """Return what each command does."""
        labels = self._session.labels
        return {
            "undo": lambda: self.step(back=True),
            "redo": lambda: self.step(back=False),
            "redo_too": lambda: self.step(back=False),
            **{tool: partial(self.take, tool) for tool in LABEL_TOOLS},
            "next_label": lambda: labels.step_label(1),
            "previous_label": lambda: labels.step_label(-1),
            "smaller_brush": lambda: labels.step_radius(-1),
            "larger_brush": lambda: labels.step_radius(1),
            "use_tool": self.use_tool,
            **{f"nudge_{way}": partial(self.nudge, *by) for way, by in _NUDGES.items()},
            "export_segmentation": self.exporter.ask,
        }

    def start(self) -> None:
        """Put the tools under the table of regions, and follow what can be done."""
        actions = self.window.actions_
        buttons = [actions[id] for id in (*LABEL_TOOLS, "undo", "redo")]
        tools = LabelTools(self._session, buttons, actions["export_segmentation"])
        self.window.segmentation.add_tools(tools)
        self.window.segmenter.overwrite_asked.connect(self.ask_to_overwrite)
        session = self._session
        for signal in (
            session.history.changed,
            session.tools.changed,
            session.segmentations.changed,
            session.active_changed,
            session.series_changed,
        ):
            listen(self, signal, self._show)
        self._show()

    def step(self, *, back: bool) -> None:
        """Undo or redo one change, go to where it was done, and say which it was."""
        history = self._session.history
        change = history.undo() if back else history.redo()
        if change is not None:
            change.reveal()
            word = tr("Undone") if back else tr("Done again")
            self.window.tell(f"{word}: {translated(change.name)}")

    def take(self, tool: str, on: bool = True) -> None:
        """Take a tool in hand, or put it down."""
        self._session.tools.take(tool if on else "")
        self._show()

    def use_tool(self) -> None:
        """Use the tool in hand at the crosshair of the view in use."""
        if not self.window.centre.grid.current_view.tools.apply():
            self.window.tell(tr("Take a tool first, for example the brush (P)."))

    def nudge(self, rows: int, columns: int) -> None:
        """Move the crosshair by pixels of the view in use."""
        self.window.centre.grid.current_view.nudge(rows, columns)

    def ask_to_overwrite(self) -> None:
        """Ask before a new segmentation takes the place of labels that were edited."""
        count = self._session.labels.edited.count if self._session.labels.edited else 0
        box = QMessageBox(self.window)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setIcon(QMessageBox.Icon.Warning)
        box.setWindowTitle(tr("Segment again"))
        box.setText(tr("The labels were edited by hand ({count}).", count=count))
        box.setInformativeText(tr("A new segmentation takes their place; this cannot be undone."))
        again = box.addButton(tr("Segment again"), QMessageBox.ButtonRole.DestructiveRole)
        keep = box.addButton(tr("Keep the edits"), QMessageBox.ButtonRole.RejectRole)
        box.setDefaultButton(keep)
        again.clicked.connect(lambda: self.window.segmenter.segment(overwrites=True))
        box.open()

    def _show(self, *_: object) -> None:
        session, actions = self._session, self.window.actions_
        history, current = session.history, session.tools.current
        for id, word, name in (
            ("undo", tr("Undo"), history.undo_name),
            ("redo", tr("Redo"), history.redo_name),
        ):
            text = f"{word}: {translated(name)}" if name else word
            actions[id].setEnabled(bool(name))
            actions[id].setText(text)
            actions[id].setToolTip(f"{text} ({keys_text(actions[id].shortcut())})")
        has_labels = session.labels.result is not None
        for tool in LABEL_TOOLS:
            actions[tool].setEnabled(has_labels)
            actions[tool].setChecked(current == tool)
        for id in ("next_label", "previous_label", "export_segmentation"):
            actions[id].setEnabled(has_labels)
        for id in ("smaller_brush", "larger_brush"):
            actions[id].setEnabled(has_labels and current in (BRUSH, ERASER))
        if current in LABEL_TOOLS and not has_labels:
            session.tools.put_down()
