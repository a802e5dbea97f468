"""Comparing two series, with one key for each way, as commands of the window."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QActionGroup, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QMenu

from acutance.qt.actions import Command
from acutance.qt.feature import Feature
from acutance.qt.language import mark, tr
from acutance.qt.viewers.compare_layer import CompareLayer
from acutance.qt.viewers.listening import listen
from acutance.qt.viewers.slice_view import SliceView
from acutance.session import SeriesState

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from acutance.qt.main_window import MainWindow
    from acutance.qt.viewers.layouts import LayoutMode
    from acutance.session import SeriesEntry
    from acutance.session.comparing import CompareMode

#: How long the flicker shows each of the two, in ms: two changes a second trouble nobody.
FLICKER_MS = 500
#: Pixels around the edge of the swipe in which it can be grabbed.
_GRIP = 6
_WAYS: dict[str, CompareMode] = {
    "compare_swipe": "swipe",
    "compare_flicker": "flicker",
    "compare_difference": "difference",
    "compare_checker": "checker",
}
_NO_PARTNER = mark("There is nothing to compare with: open another series of the same place.")


class CompareFeature(Feature):
    """Side by side, swipe, flicker, difference, checkerboard; B held shows the other series."""

    COMMANDS: ClassVar = (
        Command("compare_side", "Compare side by side", "F5", needs="partner", is_checkable=True),
        Command(
            "compare_swipe",
            "Swipe between two series",
            "F6",
            needs="partner",
            is_checkable=True,
            tip="Left of the handle the series, right of it the other; drag the handle",
        ),
        Command("compare_flicker", "Flicker", "F7", needs="partner", is_checkable=True),
        Command(
            "compare_difference",
            "Difference",
            "F8",
            needs="partner",
            is_checkable=True,
            tip="The series minus the other one, with a scale in its own unit",
        ),
        Command("compare_checker", "Checkerboard", "F9", needs="partner", is_checkable=True),
    )
    MENUS: ClassVar = {"View": ("-", *(command.id for command in COMMANDS))}
    SHEET: ClassVar = tuple(command.id for command in COMMANDS)

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._session = window.session
        self._is_dragging = False
        self._before: LayoutMode = "three"
        self.partners = QMenu(tr("Compare with"), window)
        self._timer = QTimer(self)
        self._timer.setInterval(FLICKER_MS)
        self._timer.timeout.connect(self._session.comparing.flick)

    def slots(self) -> Mapping[str, Callable[..., None]]:
        """Return what its commands do."""
        found: dict[str, Callable[..., None]] = {
            id: lambda _on, way=way: self.toggle(way) for id, way in _WAYS.items()
        }
        return found | {"compare_side": lambda _on: self.toggle_side()}

    def facts(self) -> Mapping[str, bool]:
        """Tell whether there is something to compare with."""
        return {"partner": self._partner() is not None}

    def start(self) -> None:
        """Draw in every view, and listen to the key for "before"."""
        window, grid = self.window, self.window.centre.grid
        for view in grid.views:
            self._attach(view)
        grid.view_added.connect(self._attach)
        grid.layout_changed.connect(self._on_layout)
        listen(self, self._session.comparing.changed, self._on_changed)
        listen(self, self._session.active_changed, self._on_active)
        window.installEventFilter(self)
        self.partners.aboutToShow.connect(self._fill)
        menu = window.tool_bar.compare.menu()
        menu.addActions([window.actions_[command.id] for command in self.COMMANDS])
        menu.addSeparator()
        menu.addMenu(self.partners)

    def toggle(self, way: CompareMode) -> None:
        """Compare in a way, or leave it where that is how it is."""
        comparing = self._session.comparing
        if comparing.mode != way and self._partner() is None:
            self.window.tell(tr(_NO_PARTNER))
            way = ""
        comparing.set_mode("" if comparing.mode == way else way)
        self._on_changed()

    def toggle_side(self) -> None:
        """Show the two series beside each other, or the layout that was there before."""
        grid, active, partner = self.window.centre.grid, self._session.active, self._partner()
        if grid.layout_mode == "pair":
            grid.set_layout_mode(self._before)
        elif partner is None or active is None:
            self.window.tell(tr(_NO_PARTNER))
        else:
            self._session.comparing.set_mode("")
            self._before = grid.layout_mode
            plane = grid.current_plane
            grid.set_layout_mode("pair")
            for view, entry in zip(grid.free.views[:2], (active, partner), strict=True):
                grid.free.show_series(view, entry.id)
                view.pane.set_plane(plane)
        self._on_layout()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take B while it is held, and drags of the edge of a swipe."""
        if isinstance(watched, SliceView):
            return self._filter_mouse(watched, event)
        kinds = (QEvent.Type.KeyPress, QEvent.Type.KeyRelease)
        if watched is self.window and event.type() in kinds and isinstance(event, QKeyEvent):
            if event.key() == Qt.Key.Key_B and not event.modifiers():
                if not event.isAutoRepeat():
                    self._hold(event.type() == QEvent.Type.KeyPress)
                return True
        elif event.type() == QEvent.Type.WindowDeactivate:
            self._session.comparing.hold(False)
        return False

    def _hold(self, held: bool) -> None:
        if held and self._partner() is None:
            self.window.tell(tr(_NO_PARTNER))
        else:
            self._session.comparing.hold(held)

    def _partner(self) -> SeriesEntry | None:
        return self._session.comparing.partner_of(self._session.active)

    def _attach(self, view: SliceView) -> None:
        layer = CompareLayer(self._session)
        view.layers.append(layer)
        view.installEventFilter(self)

    def _filter_mouse(self, view: SliceView, event: QEvent) -> bool:
        comparing = self._session.comparing
        if comparing.mode != "swipe" or not isinstance(event, QMouseEvent):
            return False
        if comparing.partner_of(view.pane.entry) is None:
            return False
        target, x = view.image_rect(), event.position().x()
        is_near = abs(x - target.left() - comparing.swipe * target.width()) <= _GRIP
        is_press = event.type() == QEvent.Type.MouseButtonPress
        if is_press and is_near and event.button() == Qt.MouseButton.LeftButton:
            self._is_dragging = True
            return True
        if event.type() == QEvent.Type.MouseButtonRelease and self._is_dragging:
            self._is_dragging = False
            return True
        if event.type() == QEvent.Type.MouseMove and self._is_dragging:
            comparing.set_swipe((x - target.left()) / max(1.0, target.width()))
            return True
        return False

    def _on_changed(self) -> None:
        mode = self._session.comparing.mode
        for id, way in _WAYS.items():
            self.window.actions_[id].setChecked(mode == way)
        self._timer.start() if mode == "flicker" else self._timer.stop()
        for view in self.window.centre.grid.shown_views:
            view.update()

    def _on_active(self, _id: int | None) -> None:
        if self._session.comparing.mode and self._session.active is None:
            self._session.comparing.set_mode("")

    def _on_layout(self, _mode: str = "", _plane: str = "") -> None:
        mode = self.window.centre.grid.layout_mode
        self.window.actions_["compare_side"].setChecked(mode == "pair")

    def _fill(self) -> None:
        """Offer what the active series can be compared with."""
        comparing, active = self._session.comparing, self._session.active
        self.partners.clear()
        group = QActionGroup(self.partners)
        partner = comparing.partner_of(active)
        for entry in self._session.entries:
            if entry is active or entry.item.kind != "volume":
                continue
            action = self.partners.addAction(entry.title.replace("&", "&&")[:80])
            action.setCheckable(True)
            action.setChecked(entry is partner)
            action.triggered.connect(lambda _on=False, id=entry.id: self._choose(id))
            group.addAction(action)

    def _choose(self, id: int) -> None:
        entry = self._session.entry(id)
        if entry is not None and entry.state is SeriesState.LISTED:
            self.window.controller.load(id)
        self._session.comparing.choose(id)
