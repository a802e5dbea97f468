"""What the window shows of session and controller."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from acutance.core.affine import PLANES
from acutance.qt.actions import preset_keys
from acutance.qt.bars import fill_presets, fill_recent
from acutance.qt.comparer import scored_entries
from acutance.qt.language import tr, translated
from acutance.qt.viewers.listening import listen

if TYPE_CHECKING:
    from acutance.qt.main_window import MainWindow
    from acutance.qt.viewers.gestures import Tool


class Presenter(QObject):
    """Keeps panels, menus and status line in step with session and controller.

    Parameters
    ----------
    window : MainWindow
        Already built; the presenter lives as long.
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._session = window.session
        self._controller = window.controller
        self._actions = window.actions_
        self._shown: tuple[object, ...] = ()
        self._has_presets = False
        session, controller = window.session, window.controller
        for signal, method in (
            (session.listed, self._on_entries),
            (session.series_removed, self._on_entries),
            (session.series_changed, self._on_series),
            (session.active_changed, self._on_active),
            (session.result_changed, self._on_series),
            (session.cursor_changed, self._on_cursor),
            (session.window_changed, self._on_window),
            (session.convention_changed, self._on_convention),
            (session.crosshair_changed, self._on_crosshair),
            (session.segmentations.changed, self._on_segmentations),
            (session.notice, self._on_notice),
            (session.explanations.changed, self._on_explanations),
        ):
            listen(self, signal, method)
        controller.jobs_changed.connect(self._on_jobs)
        controller.problem_changed.connect(self._on_page)
        controller.opened.connect(self._on_opened)
        grid = window.centre.grid
        grid.layout_changed.connect(self._on_layout)
        grid.tool_changed.connect(self._on_tool)
        grid.k_space_changed.connect(self._on_k_space)
        frame = window.centre.video.view
        for changed in (frame.overlay_changed, *(view.overlay_changed for view in grid.views)):
            changed.connect(self._on_overlay)
        frame.tool_changed.connect(self._on_tool)
        listen(self, session.playback.video_changed, self._on_video)
        listen(self, session.playback.shown_changed, self._on_shown)

    def refresh_all(self) -> None:
        """Show everything anew, as after a change of theme."""
        window, actions = self._window, self._actions
        self._shown = ()
        self._on_active()
        self._on_jobs()
        self._on_convention()
        self._on_crosshair()
        self._on_segmentations()
        self._on_layout(window.centre.grid.layout_mode)
        actions["light"].setChecked(window.settings.theme == "light")
        actions["auto_score"].setChecked(window.settings.auto_score)
        actions["corner_text"].setChecked(window.centre.grid.view("axial").overlay_visible)
        self.fill_recent()
        for feature in window.features:
            feature.refresh()

    # What session and controller tell.

    def _on_entries(self, _ids: object = None) -> None:
        self._set_available()

    def _on_active(self, _id: int | None = None) -> None:
        self._on_series()
        self.fill_presets()

    def _on_series(self, id: int | None = None) -> None:
        entry = self._session.active
        if id is not None and (entry is None or entry.id != id):
            return
        is_scoring = entry is not None and self._controller.is_scoring(entry.id)
        self._window.quality.set_entry(entry, is_scoring=is_scoring)
        self._mark_places()
        shown = (entry, entry and (entry.state, entry.loaded, entry.result))
        if shown != self._shown:
            self._shown = shown
            self._window.ledger.set_entry(entry)
            self._window.provenance.set_entry(entry)
            self.fill_presets()
            self._on_page()
            self._set_available()
        self._window.status_line.set_device(self._controller.device)

    def _on_page(self, _problem: object = None) -> None:
        before = self._window.centre.currentWidget()
        self._window.centre.refresh(self._controller.problem)
        centre = self._window.centre
        if centre.shows_images and centre.currentWidget() is not before:
            self._window.centre.focus_image()

    def _on_notice(self, text: str) -> None:
        self._window.tell(translated(text))

    def _on_tool(self, tool: Tool) -> None:
        self._actions["window_tool"].setChecked(tool == "window")
        self._window.centre.set_tool(tool)

    def _on_overlay(self, visible: bool) -> None:
        self._actions["corner_text"].setChecked(visible)
        self._window.centre.set_overlay_visible(visible)

    def _on_video(self) -> None:
        self._has_presets = False

    def _on_shown(self) -> None:
        """Offer windows once the values of a frame are known."""
        if not self._has_presets:
            self._has_presets = True
            self.fill_presets()

    def _on_cursor(self, _point: object) -> None:
        self._mark_places()

    def _on_window(self, _window: object) -> None:
        for action in self._window.menus.presets.actions():
            action.setChecked(action.data() == self._session.window)

        self._actions["air_background"].setChecked(self._session.air.is_on)

    def _on_k_space(self, shown: bool) -> None:
        self._actions["k_space"].setChecked(shown)

    def _on_explanations(self) -> None:
        self._actions["explain"].setChecked(self._session.explanations.is_shown)

    def _on_convention(self, _name: str = "") -> None:
        name = self._session.convention
        self._actions["radiological"].setChecked(name == "radiological")
        self._actions["neurological"].setChecked(name == "neurological")
        self._window.tool_bar.convention.setText(
            (tr("RAD") if name == "radiological" else tr("NEU")) + " ▾"
        )
        self._window.status_line.set_convention(name)
        if self._window.settings.convention != name:
            self._window.settings.convention = name

    def _on_crosshair(self, _visible: bool = True) -> None:
        self._actions["crosshair"].setChecked(self._session.crosshair_visible)

    def _on_segmentations(self) -> None:
        found = self._session.segmentations
        self._actions["labels"].setChecked(found.is_shown)
        self._actions["outline"].setChecked(found.is_outlined)

    def _on_layout(self, mode: str, _plane: str = "") -> None:
        if self._window.settings.layout != mode:
            self._window.settings.layout = mode

    def _on_jobs(self) -> None:
        jobs = self._controller.jobs
        self._window.status_line.set_jobs(self._controller.current_job, max(0, len(jobs) - 1))
        entry = self._session.active
        is_scoring = entry is not None and self._controller.is_scoring(entry.id)
        self._window.quality.set_entry(entry, is_scoring=is_scoring)
        self._mark_places()
        self._set_available()

    def _on_opened(self, _count: int) -> None:
        self.fill_recent()

    def _mark_places(self) -> None:
        self._window.quality.set_place(
            {plane: self._session.slice_index(plane) for plane in PLANES}
        )

    def _set_available(self) -> None:
        entry = self._session.active
        has_image = entry is not None and entry.loaded is not None
        self._actions.set_available(
            {
                "image": has_image,
                "volume": self._session.active_volume is not None,
                "video": self._session.active_video is not None,
                "unscored": entry is not None
                and entry.loaded is not None
                and not self._controller.is_scoring(entry.id),
                "result": entry is not None and entry.result is not None,
                "series": entry is not None,
                "several": len(self._session.entries) > 1,
                "two scored": len(scored_entries(self._session)) > 1,
                "job": bool(self._controller.jobs),
            }
            | {need: met for f in self._window.features for need, met in f.facts().items()}
        )
        self._window.tool_bar.presets.setEnabled(has_image)

    def fill_presets(self) -> None:
        """Offer the windows of the active series."""
        fill_presets(
            self._window.menus.presets, preset_keys(self._session), self._session.set_window
        )
        self._on_window(None)

    def fill_recent(self) -> None:
        """Offer what was opened last."""
        recent = self._window.settings.recent
        self._window.centre.start.set_recent(recent)
        fill_recent(
            self._window.menus.recent, recent, self._window.open_recent, self._window.forget_recent
        )
