"""The keys E, G and K in the window: why a slice has its score, its air, its k-space."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QRectF, Qt

from acutance.core.explanation import CAPTION, DeletionNumbers, ExplanationResult
from acutance.core.explanation_colours import map_pixels
from acutance.core.k_space import k_space_grey
from acutance.core.slicing import extract_slice, volume_geometry
from acutance.core.window import AIR
from acutance.errors import EngineError
from acutance.qt.viewers.explanation_map import map_rect


def numbers(gain: float = 0.16) -> DeletionNumbers:
    return DeletionNumbers(gain, -0.08, 0.03, 0.05, 19, 0.05, 0.2, 0.03, 0.05)


def supported(request, *, hot: tuple[int, int] = (8, 6)) -> ExplanationResult:
    """Return a map with one hot spot, in the upper left."""
    values = np.zeros((32, 32), np.float32)
    values[hot[0] - 2 : hot[0] + 3, hot[1] - 2 : hot[1] + 3] = 0.01
    rows, columns = volume_geometry(request.volume, request.plane).size
    half = max(rows, columns) / 2
    middle = ((rows - 1) / 2, (columns - 1) / 2)
    extent = (middle[0] - half, middle[0] + half, middle[1] - half, middle[1] + half)
    return ExplanationResult(request.plane, request.index, 0.6, "", values, extent, numbers(), 1.0)


def unsupported(request) -> ExplanationResult:
    reason = "smoothing the highest region changes it by +0.010 only"
    extent = (-0.5, 27.5, -0.5, 27.5)
    return ExplanationResult(
        request.plane, request.index, 0.96, reason, None, extent, numbers(0.01), 1.0
    )


def explain(window, qtbot):
    with qtbot.waitSignal(window.controller.job_ended):
        qtbot.keyClick(window.centre.grid.view("axial"), Qt.Key.Key_E)


def overlay_column(window, plane: str = "axial") -> float:
    """Return where the colours of a map lie in a view, as a share of its image's width."""
    view = window.centre.grid.view(plane)
    picture = view.grab().toImage()
    rect = view.image_rect()
    found = []
    for y in range(int(rect.top()) + 60, int(rect.bottom()) - 30, 3):
        for x in range(int(rect.left()) + 2, int(rect.right()) - 40, 3):
            colour = picture.pixelColor(x, y)
            if colour.red() > colour.blue() + 60 and colour.red() > 90:
                found.append((x - rect.left()) / rect.width())
    return float(np.mean(found)) if found else float("nan")


def test_e_asks_for_the_slice_in_view_and_draws_its_map(kit, open_scan, qtbot):
    runner = kit.ready_runner(explanation=supported)
    window = open_scan(runner)
    before = overlay_column(window)
    explain(window, qtbot)
    request = runner.requests[-1]
    assert (request.plane, request.index) == ("axial", window.session.slice_index("axial"))
    assert window.actions_["explain"].isChecked()
    assert np.isnan(before)
    assert overlay_column(window) < 0.45
    assert "+0.160" in window.explanation.text
    assert "0.05" in window.explanation.text
    assert window.explanation.is_open
    qtbot.keyClick(window.centre.grid.view("axial"), Qt.Key.Key_E)
    assert not window.actions_["explain"].isChecked()
    assert np.isnan(overlay_column(window))


def test_a_map_is_mirrored_with_its_slice(kit, open_scan, qtbot):
    window = open_scan(kit.ready_runner(explanation=supported))
    explain(window, qtbot)
    radiological = overlay_column(window)
    window.session.set_convention("neurological")
    assert overlay_column(window) == pytest.approx(1 - radiological, abs=0.03)


def test_a_map_stays_with_its_slice(kit, open_scan, qtbot):
    runner = kit.ready_runner(explanation=supported)
    window = open_scan(runner)
    explain(window, qtbot)
    window.session.step("axial", 2)
    assert np.isnan(overlay_column(window))
    assert "not explained yet" in window.explanation.text
    count = len(runner.requests)
    explain(window, qtbot)
    assert runner.requests[count].index == window.session.slice_index("axial")
    window.session.step("axial", -2)
    assert overlay_column(window) < 0.45


def test_without_support_no_map_is_drawn_and_the_numbers_are_told(kit, open_scan, qtbot):
    window = open_scan(kit.ready_runner(explanation=unsupported))
    explain(window, qtbot)
    assert np.isnan(overlay_column(window))
    assert "No region explains this score" in window.explanation.text
    assert "+0.010" in window.explanation.text


def test_a_failure_and_a_cancel_are_told(kit, open_scan, qtbot):
    def fail(_request):
        raise EngineError("The weights are missing.", remedy="Install Acutance again.")

    runner = kit.ready_runner(explanation=fail)
    window = open_scan(runner)
    explain(window, qtbot)
    assert "Install Acutance again." in window.explanation.text
    del runner.answers["explanation"]
    window.session.step("axial", 1)
    qtbot.keyClick(window.centre.grid.view("axial"), Qt.Key.Key_E)
    assert "Explaining axial" in window.explanation.text
    (job,) = runner.running("explanation")
    with qtbot.waitSignal(window.controller.job_ended):
        runner.finish(job, error=kit.JobCancelled())
    assert "not explained yet" in window.explanation.text


def test_an_answer_about_a_closed_series_is_dropped(kit, open_scan, qtbot):
    runner = kit.ready_runner()
    window = open_scan(runner)
    qtbot.keyClick(window.centre.grid.view("axial"), Qt.Key.Key_E)
    (job,) = runner.running("explanation")
    window.session.clear()
    with qtbot.waitSignal(window.controller.job_ended):
        runner.finish(job, supported(runner.requests[-1]))
    assert not window.explanation.isVisible()
    assert not window.actions_["explain"].isEnabled()


def test_other_weights_make_what_was_said_of_these_void(kit, open_scan, qtbot):
    runner = kit.ready_runner(explanation=supported)
    window = open_scan(runner)
    explain(window, qtbot)
    window.controller.scoring.choose_weights(kit.SCAN.with_suffix(".safetensors"))
    assert "not explained yet" in window.explanation.text
    assert np.isnan(overlay_column(window))
    explain(window, qtbot)
    assert runner.requests[-1].weights.endswith(".safetensors")


def test_the_plane_that_has_the_keyboard_is_explained(kit, open_scan, qtbot):
    runner = kit.ready_runner(explanation=supported)
    window = open_scan(runner)
    window.centre.grid.view("coronal").setFocus()
    with qtbot.waitSignal(window.controller.job_ended):
        qtbot.keyClick(window.centre.grid.view("coronal"), Qt.Key.Key_E)
    assert runner.requests[-1].plane == "coronal"


def test_lightness_of_the_map_only_rises():
    pixels = map_pixels(np.linspace(0, 1, 33, dtype=np.float32)[None])[0].astype(float)
    light = pixels[:, :3] @ [0.299, 0.587, 0.114]
    assert (np.diff(light) > 0).all()
    assert not map_pixels(np.full((1, 1), -1.0, np.float32)).any()


def test_a_map_covers_the_square_about_its_slice(kit):
    geometry = volume_geometry(kit.make_volume((20, 30, 10)), "axial")
    target = QRectF(10, 20, 40, 60)
    assert map_rect((-0.5, 29.5, -0.5, 19.5), geometry, target) == target
    square = map_rect((-0.5, 29.5, -5.5, 24.5), geometry, target)
    assert (square.left(), square.width(), square.height()) == (0, 60, 60)


def test_g_stretches_the_air_and_comes_back(open_scan, qtbot):
    window = open_scan()
    before = window.session.window
    view = window.centre.grid.view("axial")
    qtbot.keyClick(view, Qt.Key.Key_G)
    assert window.session.window.name == AIR
    assert window.actions_["air_background"].isChecked()
    qtbot.keyClick(view, Qt.Key.Key_G)
    assert window.session.window == before
    assert not window.actions_["air_background"].isChecked()


def test_k_shows_the_frequencies_of_the_slice_in_view(open_scan, qtbot):
    window = open_scan()
    grid, session = window.centre.grid, window.session
    with qtbot.waitSignal(grid.k_space.computed):
        qtbot.keyClick(grid.view("axial"), Qt.Key.Key_K)
    assert grid.k_space.isVisible()
    assert not grid.corner_widget.isVisible()
    with qtbot.waitSignal(grid.k_space.computed):
        session.step("axial", 2)
    volume = session.active_volume
    geometry = volume_geometry(volume, "axial")
    expected = k_space_grey(extract_slice(volume, geometry, session.slice_index("axial")))
    assert np.array_equal(grid.k_space.grey, expected)
    with qtbot.waitSignal(grid.k_space.computed):
        grid.view("sagittal").setFocus()
    assert grid.k_space.plane == "sagittal"
    qtbot.keyClick(grid.view("sagittal"), Qt.Key.Key_K)
    assert not grid.k_space.isVisible()
    assert grid.corner_widget.isVisible()


def test_k_space_stands_beside_a_single_plane(open_scan, qtbot):
    window = open_scan()
    grid = window.centre.grid
    for plane in ("axial", "sagittal", "coronal"):
        grid.set_layout_mode("single", plane)
        with qtbot.waitSignal(grid.k_space.computed):
            grid.set_k_space_shown(True)
        view = grid.view(plane)
        qtbot.waitUntil(lambda view=view: view.width() < 0.8 * grid.width())
        assert view.height() == grid.height() == grid.k_space.height()
        grid.set_k_space_shown(False)
        qtbot.waitUntil(lambda view=view: view.width() == grid.width())


def test_the_caption_names_what_it_is():
    assert "prediction" in CAPTION
    assert "not for diagnosis" in CAPTION
