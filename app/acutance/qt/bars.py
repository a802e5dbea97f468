"""Menus and tool bar."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMainWindow, QMenu, QSizePolicy, QToolBar, QToolButton, QWidget

from acutance.qt.language import mark, tr, translated
from acutance.qt.theme import FONT_NORMAL, ui_font
from acutance.qt.weights_menu import WeightsMenu

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from acutance.core.window import Window
    from acutance.qt.actions import Actions
    from acutance.qt.main_window import MainWindow

HEIGHT = 40
#: The arrow of a menu button stands in its text, where it lines up; all buttons are as high.
_STYLE = """QToolBar { padding: 0px 8px; }
QToolButton { min-height: 18px; }
QToolButton::menu-indicator { image: none; width: 0px; }"""
_SEPARATOR = "-"
_FILE = (
    "open_file",
    "open_folder",
    "open_sample",
    "recent",
    "-",
    "export_deidentified",
    "batch",
    "-",
    "remove",
    "close_all",
    "-",
    "quit",
)
_VIEW = (
    "crosshair",
    "corner_text",
    "fit",
    "-",
    "radiological",
    "neurological",
    "-",
    "docks",
    "reset_layout",
    "-",
    "light",
    "full_screen",
)
_IMAGE = (
    "window_tool",
    "presets",
    "air_background",
    "k_space",
    "labels",
    "outline",
    "more_opaque",
    "less_opaque",
    "reset",
    "-",
    "play",
    "next_frame",
    "previous_frame",
    "-",
    "previous_series",
    "next_series",
)
_ENGINES = (
    "score",
    "score_all",
    "auto_score",
    "weights",
    "-",
    "next_worst",
    "previous_worst",
    "explain",
    "compare_series",
    "-",
    "segment",
    "segment_with",
    "-",
    "mark_usable",
    "mark_unusable",
    "calibrate",
    "-",
    "cancel",
)
_HELP = ("keys",)


@dataclass(frozen=True)
class Menus:
    """The menus whose content changes."""

    recent: QMenu
    presets: QMenu
    weights: QMenu


class ToolBar(QToolBar):
    """One row of 40 px: open, windows, layout, convention, score.

    Signals
    -------
    None of its own; its buttons trigger the window's actions.
    """

    def __init__(self, window: MainWindow, actions: Actions, menus: Menus) -> None:
        super().__init__(tr("Tool bar"), window)
        self.setObjectName("tool_bar")
        self.setMovable(False)
        self.setFloatable(False)
        self.setFixedHeight(HEIGHT)
        self.setIconSize(QSize(16, 16))
        self.setStyleSheet(_STYLE)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        self._add(actions["open_file"], tr("Open"))
        self._add(actions["open_folder"], tr("Folder"))
        self.addSeparator()
        self.presets = self._menu_button(
            tr("W/L"), menus.presets, tr("Window and level presets (0 … 9)")
        )
        layouts = QMenu(self)
        self.layouts = self._menu_button(tr("Layout"), layouts, tr("How the views are laid out"))
        links = QMenu(self)
        self.links = self._menu_button(
            tr("Link"), links, tr("What the view in hand does with the others")
        )
        ways = QMenu(self)
        self.compare = self._menu_button(
            tr("Compare"), ways, tr("Hold another series against this one")
        )
        sides = QMenu(self)
        sides.addActions([actions["radiological"], actions["neurological"]])
        self.convention = self._menu_button(
            tr("RAD"), sides, tr("Which side the patient's right is on")
        )
        self._add(actions["window_tool"], tr("W/L tool"))
        self._add(actions["reset"], "")
        self.addSeparator()
        self._add(actions["score"], tr("Score"))
        self._add(actions["next_worst"], tr("Next worst"))
        space = QWidget()
        space.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.addWidget(space)
        self._keys = actions["keys"]
        self._add(self._keys, "")

    def _add(self, action: QAction, text: str) -> None:
        """Add a button; without a text it is its icon alone, and the tip names it."""
        self.addAction(action)
        self._dress(action, text)

    def add_icon(self, action: QAction) -> None:
        """Add the icon of a command beside that of the keys."""
        self.insertAction(self._keys, action)
        self._dress(action, "")

    def _dress(self, action: QAction, text: str) -> None:
        button = self.widgetForAction(action)
        if isinstance(button, QToolButton):
            # The menu keeps the long name.
            if text:
                action.setIconText(f" {text}" if not action.icon().isNull() else text)
            else:
                button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
            button.setFont(ui_font(FONT_NORMAL))
            button.setAccessibleName(action.text())
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def _menu_button(self, text: str, menu: QMenu, tip: str) -> QToolButton:
        button = QToolButton()
        button.setText(f"{text} ▾")
        button.setMenu(menu)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        button.setToolTip(tip)
        button.setAccessibleName(tip)
        button.setFont(ui_font(FONT_NORMAL))
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.addWidget(button)
        return button


def build_menus(window: MainWindow, actions: Actions) -> Menus:
    """Fill the menu bar."""
    recent = QMenu(tr("Recent"), window)
    presets = QMenu(tr("Window and level"), window)
    weights = WeightsMenu(window.controller.scoring, window)
    for title, ids in (
        (mark("File"), _FILE),
        (mark("Edit"), ()),
        (mark("View"), _VIEW),
        (mark("Image"), _IMAGE),
        (mark("Engines"), _ENGINES),
        (mark("Help"), _HELP),
    ):
        menu = window.menuBar().addMenu(tr(title))
        for id in (*ids, *(id for f in window.features for id in f.MENUS.get(title, ()))):
            if id == _SEPARATOR:
                menu.addSeparator()
            elif id == "recent":
                menu.addMenu(recent)
            elif id == "presets":
                menu.addMenu(presets)
            elif id == "weights":
                menu.addMenu(weights)
            elif id == "docks":
                for dock in (window.series_dock, window.quality_dock):
                    toggle = dock.toggleViewAction()
                    toggle.setText(tr("{title} panel", title=dock.windowTitle()))
                    menu.addAction(toggle)
            else:
                menu.addAction(actions[id])
    _exclusive(window, actions, ("radiological", "neurological"))
    return Menus(recent, presets, weights)


def build_tool_bar(window: MainWindow, actions: Actions, menus: Menus) -> ToolBar:
    """Add the tool bar to the window."""
    bar = ToolBar(window, actions, menus)
    window.addToolBar(bar)
    return bar


def fill_presets(
    menu: QMenu,
    presets: Sequence[tuple[str, str, Window]],
    choose: Callable[[Window], None],
) -> None:
    """Offer the windows of the active series, each with its key."""
    menu.clear()
    for key, name, window in presets:
        action = QAction(_plain_menu_text(translated(name)), menu)
        action.setCheckable(True)
        action.setData(window)
        if key:
            action.setShortcut(key)
        action.triggered.connect(lambda _on=False, window=window: choose(window))
        menu.addAction(action)
    menu.setEnabled(bool(presets))


def fill_recent(
    menu: QMenu,
    paths: Sequence[str],
    choose: Callable[[str], None],
    forget: Callable[[], None],
) -> None:
    """Offer what was opened last."""
    menu.clear()
    for path in paths:
        action = menu.addAction(_plain_menu_text(path))
        action.triggered.connect(lambda _on=False, path=path: choose(path))
    if paths:
        menu.addSeparator()
        menu.addAction(tr("Clear")).triggered.connect(lambda _on=False: forget())
    menu.setEnabled(bool(paths))


def _plain_menu_text(text: str) -> str:
    """Return text in which no letter becomes a mnemonic and no tab a shortcut."""
    return text.replace("&", "&&").replace("\t", " ")[:120]


def _exclusive(window: QMainWindow, actions: Actions, ids: Sequence[str]) -> None:
    group = QActionGroup(window)
    for id in ids:
        group.addAction(actions[id])
