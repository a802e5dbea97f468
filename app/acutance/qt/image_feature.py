"""How images are drawn: colours, inversion, turns, slabs; and pictures of views."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, ClassVar

from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu

from acutance.qt.actions import Command
from acutance.qt.feature import Feature
from acutance.qt.language import tr
from acutance.qt.view_picture import ViewPictures
from acutance.qt.viewers.listening import listen
from acutance.session.appearance import COLOUR_MAPS, FIRST_SLAB_MM, SLABS_MM

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from acutance.core.turning import Turn
    from acutance.qt.main_window import MainWindow


class ImageFeature(Feature):
    """Draws images otherwise, never changes them; turned planes say so until they are reset.

    Parameters
    ----------
    window : MainWindow
    """

    COMMANDS = (
        Command("invert", "Invert", "I", needs="volume", is_checkable=True),
        Command("flip_horizontally", "Flip left and right", "Shift+H", needs="volume"),
        Command("flip_vertically", "Flip up and down", "Shift+V", needs="volume"),
        Command("turn_left", "Turn to the left", "Shift+L", needs="volume"),
        Command("turn_right", "Turn to the right", "Shift+R", needs="volume"),
        Command("straight", "Undo flips and turns", needs="volume"),
        Command("next_colours", "Next colour map", "Y", needs="volume"),
        Command(
            "slab",
            "Maximum of a slab",
            "Shift+M",
            needs="volume",
            is_checkable=True,
            tip="Show the largest value along the way through several slices",
        ),
        Command("copy_view", "Copy view", "Ctrl+C", needs="volume"),
        Command("save_view", "Save view…", "Ctrl+S", needs="volume"),
        Command(
            "picture_names",
            "Series name in pictures",
            is_checkable=True,
            tip="Whether copied and saved views bear the name of their series",
        ),
    )
    MENUS: ClassVar = {
        "File": ("save_view",),
        "Edit": ("-", "copy_view", "picture_names"),
        "Image": (
            "-",
            "invert",
            "next_colours",
            "slab",
            "-",
            "flip_horizontally",
            "flip_vertically",
            "turn_left",
            "turn_right",
            "straight",
        ),
    }
    SHEET = ("copy_view", "save_view")
    VIEW_SHEET = (
        "invert",
        "next_colours",
        "slab",
        "flip_horizontally",
        "flip_vertically",
        "turn_left",
        "turn_right",
    )

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._look = window.session.appearance
        self.pictures = ViewPictures(window)
        self._choices: dict[object, QAction] = {}

    def slots(self) -> Mapping[str, Callable[..., None]]:
        """Return what each command does."""
        return {
            "invert": self._look.set_inverted,
            "flip_horizontally": partial(self._turn, lambda turn: turn.flipped_horizontally()),
            "flip_vertically": partial(self._turn, lambda turn: turn.flipped_vertically()),
            "turn_left": partial(self._turn, lambda turn: turn.rotated(-1)),
            "turn_right": partial(self._turn, lambda turn: turn.rotated(1)),
            "straight": partial(self._turn, lambda turn: type(turn)()),
            "next_colours": self.next_colours,
            "slab": lambda on: self._look.set_slab(FIRST_SLAB_MM if on else 0.0),
            "copy_view": self.pictures.copy,
            "save_view": self.pictures.ask,
            "picture_names": self._set_names,
        }

    def start(self) -> None:
        """Add the menus of colours and slabs, and follow what is chosen."""
        bar = self.window.menuBar()
        image = next(m for m in bar.findChildren(QMenu) if m.title() == tr("Image"))
        before = self.window.actions_["next_colours"]
        colours, slabs = (
            QMenu(tr("Colours"), self.window),
            QMenu(tr("Thickness of the slab"), self.window),
        )
        image.insertMenu(before, colours)
        image.insertMenu(before, slabs)
        for name in COLOUR_MAPS:
            self._offer(colours, name, name.capitalize(), self._look.set_colour_map)
        for thickness in (0.0, *SLABS_MM):
            text = tr("{thickness:g} mm", thickness=thickness) if thickness else tr("Single slices")
            self._offer(slabs, thickness, text, self._look.set_slab)
        for menu in (colours, slabs):
            group = QActionGroup(menu)
            for action in menu.actions():
                group.addAction(action)
        listen(self, self._look.changed, self._show)
        self._show()

    def next_colours(self) -> None:
        """Take the colour map that follows."""
        place = COLOUR_MAPS.index(self._look.colour_map) + 1
        self._look.set_colour_map(COLOUR_MAPS[place % len(COLOUR_MAPS)])
        self.window.tell(tr("Colours: {colour_map}", colour_map=self._look.colour_map))

    def _offer(self, menu: QMenu, value: object, text: str, choose: Callable[..., None]) -> None:
        action = QAction(text, menu)
        action.setCheckable(True)
        action.triggered.connect(lambda _on=False: choose(value))
        menu.addAction(action)
        self._choices[value] = action

    def _turn(self, change: Callable[[Turn], Turn]) -> None:
        plane = self.window.centre.grid.current_view.plane
        self._look.set_turn(plane, change(self._look.turn(plane)))

    def _set_names(self, on: bool) -> None:
        self.pictures.shows_name = on

    def _show(self) -> None:
        look, actions = self._look, self.window.actions_
        actions["invert"].setChecked(look.is_inverted)
        actions["slab"].setChecked(look.slab_mm > 0)
        for value, action in self._choices.items():
            action.setChecked(value in (look.colour_map, look.slab_mm))
