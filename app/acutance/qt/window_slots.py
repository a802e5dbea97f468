"""What each command of the window does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from acutance.session.segmentations import OPACITY_STEP

if TYPE_CHECKING:
    from collections.abc import Callable

    from acutance.qt.main_window import MainWindow


def slots_of(window: MainWindow) -> dict[str, Callable[..., None]]:
    """Return what each command of `actions.COMMANDS` does; features bring their own."""
    session, controller, centre = window.session, window.controller, window.centre
    dialogs, grid = window.dialogs, centre.grid
    return {
        "open_file": dialogs.ask_for_files,
        "open_folder": dialogs.ask_for_folder,
        "open_sample": window.open_sample,
        "export_deidentified": dialogs.ask_for_export,
        "batch": dialogs.open_batch,
        "remove": window.remove_active,
        "close_all": session.clear,
        "quit": window.close_window,
        "layout_three": lambda _on: grid.set_layout_mode("three"),
        "layout_single": lambda _on: grid.set_layout_mode("single"),
        "fit": centre.fit,
        "reset": centre.reset,
        "crosshair": lambda _on: session.toggle_crosshair(),
        "corner_text": centre.set_overlay_visible,
        "radiological": lambda _on: session.set_convention("radiological"),
        "neurological": lambda _on: session.set_convention("neurological"),
        "reset_layout": window.reset_layout,
        "light": lambda on: window.set_theme("light" if on else "dark"),
        "full_screen": window.set_full_screen,
        "window_tool": lambda on: centre.set_tool("window" if on else "crosshair"),
        "play": centre.video.toggle,
        "next_frame": lambda: session.playback.step(1),
        "previous_frame": lambda: session.playback.step(-1),
        "previous_series": lambda: window.step_series(-1),
        "next_series": lambda: window.step_series(1),
        "score": controller.score,
        "score_all": controller.score_all,
        "next_worst": lambda: window.go_to_worst(1),
        "previous_worst": lambda: window.go_to_worst(-1),
        "air_background": window.toggle_air,
        "k_space": grid.set_k_space_shown,
        "compare_series": window.comparer.open,
        "explain": lambda _on: window.explainer.toggle(grid.current_plane),
        "segment": window.segmenter.segment,
        "segment_with": lambda: window.segmenter.ask_for_weights(window),
        "labels": session.segmentations.set_shown,
        "outline": session.segmentations.set_outlined,
        "more_opaque": lambda: window.segmenter.change_opacity(OPACITY_STEP),
        "less_opaque": lambda: window.segmenter.change_opacity(-OPACITY_STEP),
        "auto_score": window.set_auto_score,
        "mark_usable": lambda: window.calibrator.mark(True),
        "mark_unusable": lambda: window.calibrator.mark(False),
        "calibrate": dialogs.open_calibration,
        "cancel": controller.cancel,
        "keys": window.cheat_sheet_toggle,
        "keys_too": window.cheat_sheet_toggle,
    }
