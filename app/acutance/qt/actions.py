"""The commands of the window: name, key, icon, and when each can be used."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QKeySequence

from acutance.qt.icons import icon
from acutance.qt.language import tr

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from PySide6.QtWidgets import QWidget

    from acutance.core.window import Window
    from acutance.session import Session


@dataclass(frozen=True)
class Command:
    """One command.

    Parameters
    ----------
    id : str
    text : str
        As it stands in a menu.
    keys : str
        Its shortcut; empty for none.
    icon : str
        File name of an icon, without suffix.
    needs : str
        What must be there: "image" (a volume or a video), "volume", "video", "unscored" (nothing
        is being scored), "result", "series", "several", "two scored", "job", or nothing.
    is_checkable : bool
    tip : str
        What the tool tip says; by default the text.
    """

    id: str
    text: str
    keys: str = ""
    icon: str = ""
    needs: str = ""
    is_checkable: bool = False
    tip: str = ""


COMMANDS: tuple[Command, ...] = (
    Command("open_file", "Open file…", "Ctrl+O", "open-file"),
    Command("open_folder", "Open folder…", "Ctrl+Shift+O", "open-folder"),
    Command("open_sample", "Sample scan"),
    Command(
        "export_deidentified",
        "Export de-identified…",
        needs="series",
        tip="Write the active series without the identity of the patient",
    ),
    Command(
        "batch",
        "Batch…",
        "Ctrl+B",
        tip="Work on every series of a folder in the background",
    ),
    Command("remove", "Remove series from list", "Ctrl+W", needs="series"),
    Command("close_all", "Close all", "Ctrl+Shift+W", needs="series"),
    Command("quit", "Quit", "Ctrl+Q"),
    Command("layout_three", "Three planes", "Alt+1", is_checkable=True),
    Command("layout_single", "One plane", "Alt+2", is_checkable=True),
    Command("fit", "Fit to view", "F", needs="image"),
    Command("reset", "Reset view and window", "R", "reset-view", needs="image"),
    Command("crosshair", "Crosshair", "H", is_checkable=True),
    Command("corner_text", "Corner text", "X", is_checkable=True),
    Command(
        "radiological",
        "Radiological: patient's right on the left",
        is_checkable=True,
    ),
    Command(
        "neurological",
        "Neurological: patient's right on the right",
        is_checkable=True,
    ),
    Command("reset_layout", "Reset panels"),
    Command("light", "Light theme", is_checkable=True),
    Command("full_screen", "Full screen", "F11", is_checkable=True),
    Command("window_tool", "Window/level tool", "W", needs="image", is_checkable=True),
    Command(
        "air_background",
        "Air background",
        "G",
        needs="volume",
        is_checkable=True,
        tip="Stretch the air around the patient, where ghosts and streaks show first",
    ),
    Command(
        "k_space",
        "k-space of the slice",
        "K",
        needs="volume",
        is_checkable=True,
        tip="Show the spatial frequencies of the slice in view",
    ),
    Command("play", "Play or stop", "C", "play", needs="video"),
    Command("next_frame", "Next frame", ".", "frame-on", needs="video"),
    Command("previous_frame", "Previous frame", ",", "frame-back", needs="video"),
    Command("previous_series", "Previous series", "PgUp", needs="several"),
    Command("next_series", "Next series", "PgDown", needs="several"),
    Command("score", "Score", "Ctrl+Return", "score", needs="unscored"),
    Command("score_all", "Score all loaded series", "Ctrl+Shift+Return", needs="image"),
    Command("next_worst", "Next worst slice", "N", "next-worst", needs="result"),
    Command("previous_worst", "Previous worst slice", "Shift+N", needs="result"),
    Command(
        "compare_series",
        "Repeat or keep…",
        "Ctrl+Shift+K",
        needs="two scored",
        tip="Hold two scored series against each other: which one to keep",
    ),
    Command(
        "explain",
        "Explain the slice",
        "E",
        needs="volume",
        is_checkable=True,
        tip="Show what lowers the predicted SSIM of the slice in view, where a test supports it",
    ),
    Command("segment", "Segment", "Ctrl+G", needs="volume", tip="Find the tissues of a brain"),
    Command(
        "segment_with",
        "Segment with weights…",
        needs="volume",
        tip="Segment with a network from a safetensors file",
    ),
    Command("labels", "Segmentation", "S", needs="volume", is_checkable=True),
    Command("outline", "Outline of the segmentation", "O", needs="volume", is_checkable=True),
    Command("more_opaque", "More opaque labels", "Alt+PgUp", needs="volume"),
    Command("less_opaque", "Less opaque labels", "Alt+PgDown", needs="volume"),
    Command("auto_score", "Score what is opened", is_checkable=True),
    Command("mark_usable", "Mark as usable here", "Ctrl+U", needs="result"),
    Command("mark_unusable", "Mark as not usable here", "Ctrl+Shift+U", needs="result"),
    Command("calibrate", "Site calibration…"),
    Command("cancel", "Cancel the running job", "Ctrl+.", "cancel", needs="job"),
    Command("keys", "Keys", "F1", "info"),
    Command("keys_too", "Keys, by their other key", "?"),
)
#: What F1 shows, in order, beside the keys of the views.
SHEET: tuple[str, ...] = (
    "open_file",
    "open_folder",
    "score",
    "score_all",
    "next_worst",
    "previous_worst",
    "explain",
    "compare_series",
    "segment",
    "cancel",
    "previous_series",
    "next_series",
    "remove",
    "full_screen",
    "quit",
)
VIEW_SHEET: tuple[str, ...] = (
    "window_tool",
    "air_background",
    "k_space",
    "labels",
    "outline",
    "more_opaque",
    "less_opaque",
    "crosshair",
    "corner_text",
    "fit",
    "reset",
)


class Actions(QObject):
    """Every command of the window as a Qt action.

    Single letters leave text fields alone: those take printable keys before shortcuts do.

    Parameters
    ----------
    slots : mapping of str to callable
        What each command does; checkable ones are given their new state.
    commands : sequence of Command

    Raises
    ------
    ValueError
        If a command has no slot, a slot no command, or two commands one id or one key.
    """

    def __init__(
        self,
        slots: Mapping[str, Callable[..., None]],
        parent: QWidget,
        commands: Sequence[Command] = COMMANDS,
    ) -> None:
        super().__init__(parent)
        self.commands = tuple(commands)
        unmatched = {command.id for command in commands} ^ set(slots)
        if unmatched:
            raise ValueError(f"commands and slots differ in {sorted(unmatched)}")
        _require_unlike(commands)
        self._actions: dict[str, QAction] = {}
        for command in commands:
            action = QAction(tr(command.text), parent)
            action.setObjectName(command.id)
            action.setShortcut(QKeySequence(command.keys))
            action.setCheckable(command.is_checkable)
            action.setToolTip(_tip(command, keys_text(command.keys)))
            slot = slots[command.id]
            if command.is_checkable:
                action.triggered.connect(slot)
            else:
                action.triggered.connect(lambda _checked=False, slot=slot: slot())
            parent.addAction(action)
            self._actions[command.id] = action
        self.refresh_theme()

    def __getitem__(self, id: str) -> QAction:
        return self._actions[id]

    def set_keys(self, keys: Mapping[str, str]) -> None:
        """Give commands other keys; those that are not named have their first ones.

        Ids that are no command, and keys that another command has, are passed over.
        """
        taken: dict[str, str] = {}
        chosen = {command.id: keys.get(command.id, command.keys) for command in self.commands}
        # What was chosen goes before what comes with the program.
        for command in sorted(self.commands, key=lambda command: command.id not in keys):
            wanted = QKeySequence(chosen[command.id]).toString()
            if wanted and wanted in taken:
                wanted = ""
            elif wanted:
                taken[wanted] = command.id
            action = self._actions[command.id]
            action.setShortcut(QKeySequence(wanted))
            action.setToolTip(_tip(command, keys_text(wanted)))

    def set_available(self, facts: Mapping[str, bool]) -> None:
        """Enable the commands whose needs are met."""
        for command in self.commands:
            if command.needs:
                self._actions[command.id].setEnabled(facts[command.needs])

    def refresh_theme(self) -> None:
        """Take the icons of another theme."""
        for command in self.commands:
            if command.icon:
                self._actions[command.id].setIcon(icon(command.icon))

    def sheet(self, ids: Sequence[str]) -> tuple[tuple[str, str], ...]:
        """Return key and meaning of commands, for the cheat sheet."""
        return tuple(
            (keys_text(self._actions[id].shortcut()), self._actions[id].text().rstrip("…"))
            for id in ids
            if not self._actions[id].shortcut().isEmpty()
        )


def keys_text(keys: str | QKeySequence) -> str:
    """Return keys as the system and the language write them."""
    return QKeySequence(keys).toString(QKeySequence.SequenceFormat.NativeText)


def _tip(command: Command, keys: str) -> str:
    return (tr(command.tip) or tr(command.text).rstrip("…")) + (f" ({keys})" if keys else "")


def _require_unlike(commands: Sequence[Command]) -> None:
    keys = [QKeySequence(command.keys).toString() for command in commands if command.keys]
    for names in ([command.id for command in commands], keys):
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"two commands share {', '.join(twice)}")


def preset_keys(session: Session) -> tuple[tuple[str, str, Window], ...]:
    """Return key, name and window of every preset: 0 automatic, 1 as stored, 2 to 9 the others.

    A preset beyond the ninth, and a second stored window, have the keys that are left.
    """
    presets = session.window_presets()
    content = session.active_volume or session.active_video
    if not presets or content is None:
        return ()
    has_stored = bool(content.windows)
    keys = ["0", *(["1"] if has_stored else []), *"23456789"]
    keys += [""] * (len(presets) - len(keys))
    return tuple((key, name, window) for key, (name, window) in zip(keys, presets, strict=False))
