"""Restoring in the window: from the key to slider, evidence, source and file."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QColor, QKeyEvent
from PySide6.QtWidgets import QApplication

from acutance.core.label_map import Label
from acutance.core.quality import ModelFacts, Verdict
from acutance.core.restoration import (
    NoiseFacts,
    OperatorFacts,
    RestorationRequest,
    RestorationResult,
)
from acutance.core.restoration_fit import FitResult
from acutance.core.segmentation import SegmentationResult, colour_of, label_statistics
from acutance.core.slicing import extract_slice, volume_geometry
from acutance.errors import UnsupportedInputError
from acutance.jobs.job import Job
from acutance.qt import restorer
from acutance.qt.dialogs.fit_dialog import FitDialog
from acutance.qt.restoration_feature import RestorationFeature
from acutance.qt.theme import DARK

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

#: Share that changed beyond the noise, from the perceptual end (0) to the faithful one (1).
CHANGED = (0.08, 0.06, 0.04, 0.03, 0.02)
LESION = (slice(9, 14), slice(9, 14), slice(8, 12))


def made_of(request, *, operator: bool = True) -> RestorationResult:
    """Return ends that differ by a constant, and from the source by a lesion that was invented."""
    volume = request.volume
    values = volume.to_real(volume.array).copy()
    values[LESION] += 400.0
    ends = np.stack([values, values + 100.0] if operator else [values]).astype(np.float32)
    first, parameters, slices = 0, {"task": request.task}, range(values.shape[2])
    if request.only is not None:
        first, parameters = request.only, {**parameters, "only_slice": request.only}
        ends = ends[..., request.only : request.only + 1]
        slices = range(request.only, request.only + 1)
    facts = OperatorFacts("sharp", "2", "cd" * 32, "pixels") if operator else None
    return RestorationResult(
        ends, "axial", 2, first, (0.0, 1000.0), NoiseFacts(20.0, "air"), 0.1, 0.0009,
        (0.2, 0.4, 0.6, 0.8, 1.0) if operator else (), ModelFacts("mr_denoise", "1", "ab" * 32),
        facts, "cpu", parameters,
        changed=tuple(None if k == 0 else CHANGED[: 5 if operator else 1] for k in slices),
    )  # fmt: skip


@pytest.fixture
def installed(monkeypatch) -> None:
    monkeypatch.setattr(restorer, "_shipped_tasks", lambda: frozenset({"denoise"}))


def feature_of(window) -> RestorationFeature:
    (feature,) = [f for f in window.features if isinstance(f, RestorationFeature)]
    return feature


def restored(kit, open_scan, qtbot: QtBot, **answers):
    runner = kit.ready_runner(**({"restoration": made_of} | answers))
    window = open_scan(runner)
    window.session.toggle_crosshair()
    window.session.set_slice("axial", 10)
    with qtbot.waitSignal(window.controller.job_ended):
        window.actions_["restore"].trigger()
    section = feature_of(window).section
    qtbot.waitUntil(lambda: section.summary in ("restored", "failed"))
    return window, runner, section


def values_in(window, plane: str = "axial"):
    session = window.session
    volume = session.active_volume
    geometry = volume_geometry(volume, plane)
    index = session.slice_index(plane)
    found = session.restorations.drawn_values(session.active, volume, geometry, index)
    return found, extract_slice(volume, geometry, index)


def is_framed(window, plane: str = "axial") -> bool:
    image = window.centre.grid.view(plane).grab().toImage()
    return image.pixelColor(2, image.height() // 3) == QColor(DARK.enhanced)


def test_the_slice_in_view_comes_first_and_the_faithful_end(
    kit, open_scan, qtbot, installed
) -> None:
    window, runner, section = restored(kit, open_scan, qtbot)
    requests = [r for r in runner.requests if isinstance(r, RestorationRequest)]
    assert [r.only for r in requests] == [10, None]
    assert section.slider.value() == 0
    assert window.session.restorations.alpha == 1.0
    found, source = values_in(window)
    lesion = np.count_nonzero(found - source == 400.0)
    assert lesion == 25
    assert np.count_nonzero(found != source) == 25
    assert is_framed(window)
    assert is_framed(window, "sagittal")
    assert "Computed, not acquired. Not for diagnosis." in section.message


def test_the_slider_blends_and_reads_out_what_it_costs(kit, open_scan, qtbot, installed) -> None:
    window, _, section = restored(kit, open_scan, qtbot)
    section.slider.setValue(100)
    assert window.session.restorations.alpha == 0.5
    found, source = values_in(window)
    assert np.allclose(np.median(found - source), 50.0)
    total = np.hypot(0.03, 0.05)
    assert section.reading == (
        f"alpha 0.50 · expected error {total:.1%} of the range · distance to sharp images 60%"
    )
    section.slider.setValue(200)
    assert "alpha 0.00" in section.reading
    assert "20%" in section.reading


def test_a_restored_image_changes_no_verdict_and_the_scorer_only_warns(
    kit, open_scan, qtbot, installed
) -> None:
    answers = iter((0.62, 0.97, 0.97))
    window, _, section = restored(
        kit, open_scan, qtbot,
        quality=lambda request: kit.make_result(request.volume, level=next(answers)),
    )  # fmt: skip
    before = window.session.active.result
    assert before.verdict is Verdict.CHECK
    qtbot.waitUntil(lambda: "predicted SSIM 0.62 before, 0.97 after" in section.message)
    assert window.session.active.result is before
    assert not window.session.active.volume.facts.get("restored")


def test_the_segmenter_warns_where_the_scan_was_segmented(kit, open_scan, qtbot, installed) -> None:
    names = ("background", "grey matter", "white matter")
    table = tuple(Label(n, name, colour_of(n)) for n, name in enumerate(names))
    sizes = iter((10, 12))

    def segment(request) -> SegmentationResult:
        array = np.zeros((3, *request.volume.shape), np.uint8)
        array[:2, 4 : 4 + next(sizes), 4:9, 4:9] = 1
        array[:2, 4:9, 12:17, 4:9] = 2
        stats = label_statistics(request.volume, array[0], table)
        facts = ModelFacts("brain", "1", "ab" * 32)
        return SegmentationResult(array, table, "axial", (), stats, (), facts, "cpu")

    runner = kit.ready_runner(restoration=made_of, segmentation=segment)
    window = open_scan(runner)
    with qtbot.waitSignal(window.controller.job_ended):
        window.actions_["segment"].trigger()
    window.actions_["restore"].trigger()
    section = feature_of(window).section
    qtbot.waitUntil(lambda: "grey matter is +20% in size on the restored image" in section.message)
    assert "white matter is" not in section.message
    segmented = window.session.segmentations.answer
    assert np.count_nonzero(segmented.array[0] == 1) == 250  # that of the scan stays


def test_b_shows_the_source_for_as_long_as_it_is_held(kit, open_scan, qtbot, installed) -> None:
    window, _, _ = restored(kit, open_scan, qtbot)
    view = window.centre.grid.view("axial")
    view.setFocus()
    QApplication.sendEvent(view, key(QEvent.Type.KeyPress))
    assert values_in(window)[0] is None
    assert not is_framed(window)
    QApplication.sendEvent(view, key(QEvent.Type.KeyRelease, is_repeat=True))
    assert window.session.restorations.holds_source
    QApplication.sendEvent(view, key(QEvent.Type.KeyRelease))
    assert values_in(window)[0] is not None
    assert is_framed(window)
    QApplication.sendEvent(view, key(QEvent.Type.KeyPress))
    QApplication.sendEvent(window, QEvent(QEvent.Type.WindowDeactivate))
    assert not window.session.restorations.holds_source


def key(kind: QEvent.Type, *, is_repeat: bool = False) -> QKeyEvent:
    return QKeyEvent(kind, Qt.Key.Key_B, Qt.KeyboardModifier.NoModifier, "b", is_repeat)


def test_evidence_flickers_exactly_where_something_changed(
    kit, open_scan, qtbot, installed
) -> None:
    window, _, section = restored(kit, open_scan, qtbot)
    found = window.session.restorations
    window.actions_["evidence"].trigger()
    assert section.evidence.isChecked()
    volume, geometry = (
        window.session.active_volume,
        volume_geometry(window.session.active_volume, "axial"),
    )
    mask = found.flagged(window.session.active, volume, geometry, 10)
    rows, columns = np.nonzero(mask)
    assert 25 <= mask.sum() < 150  # the lesion of 25 pixels and what lies about it, not the head
    plain, source = values_in(window)
    found.flick()
    flicked, _ = values_in(window)
    assert np.array_equal(flicked[mask], source[mask])
    assert np.array_equal(flicked[~mask], plain[~mask])
    assert (rows.size, columns.size) == (mask.sum(), mask.sum())
    window.actions_["evidence"].trigger()
    assert np.array_equal(values_in(window)[0], plain)


def test_the_strip_of_changes_follows_the_slider_and_goes_there(
    kit, open_scan, qtbot, installed
) -> None:
    window, _, section = restored(kit, open_scan, qtbot)
    strip = window.centre.changes
    count = window.session.active_volume.shape[2]
    assert strip.isVisible()
    assert len(strip.values) == count
    assert strip.slice_text(0) == "slice 0 · shows nothing"
    assert strip.slice_text(9) == "slice 9 · 2.0% changed beyond the noise"
    section.slider.setValue(125)  # alpha 0.375: half-way between two positions
    assert strip.values[9] == pytest.approx(0.05)
    before = strip.grab().toImage()
    section.slider.setValue(0)
    assert strip.grab().toImage() != before
    qtbot.mouseClick(strip, Qt.MouseButton.LeftButton, pos=QPoint(130, strip.height() // 2))
    assert window.session.slice_index("axial") == strip.slice_at(130) != 10
    qtbot.keyClick(strip, Qt.Key.Key_Right)
    assert window.session.slice_index("axial") == strip.slice_at(130) + 1
    section.shown.setChecked(False)
    assert not strip.isVisible()


def test_the_flicker_runs_only_while_there_is_evidence(kit, open_scan, qtbot, installed) -> None:
    window, _, _ = restored(kit, open_scan, qtbot)
    timer = feature_of(window)._timer
    assert not timer.isActive()
    window.actions_["evidence"].trigger()
    assert timer.isActive()
    before = window.session.restorations.state
    qtbot.waitUntil(lambda: window.session.restorations.state > before, timeout=3000)
    window.session.clear()
    assert not timer.isActive()


def test_the_site_bounds_the_slider(kit, open_scan, qtbot, installed, tmp_path) -> None:
    window, _, section = restored(kit, open_scan, qtbot)
    site = tmp_path / "site.toml"
    site.write_text("format = 1\n[restoration]\nleast_alpha = 0.6\n")
    window.controller.scoring.site_file = site
    window.actions_["restore"].trigger()
    qtbot.waitUntil(lambda: window.session.restorations.progress is None)
    section.slider.setValue(200)
    assert window.session.restorations.alpha == pytest.approx(0.6)
    assert section.slider.maximum() == 80
    window.session.restorations.set_alpha(0.1)
    assert window.session.restorations.alpha == pytest.approx(0.6)


def test_without_an_operator_the_slider_rests(kit, open_scan, qtbot, installed) -> None:
    window, _, section = restored(
        kit, open_scan, qtbot, restoration=lambda request: made_of(request, operator=False)
    )
    assert not section.slider.isEnabled()
    assert "No operator is installed" in section.reading
    window.session.restorations.set_alpha(0.3)
    found, source = values_in(window)
    assert np.count_nonzero(found != source) == 25


def test_without_a_network_there_is_no_command_that_must_fail(
    kit, open_scan, qtbot, monkeypatch
) -> None:
    monkeypatch.setattr(restorer, "_shipped_tasks", frozenset)
    window = open_scan(kit.ready_runner(restoration=made_of))
    assert not window.actions_["restore"].isEnabled()
    assert not window.actions_["fit_operator"].isEnabled()
    assert window.actions_["restore_with"].isEnabled()
    assert not window.actions_["evidence"].isEnabled()
    with qtbot.waitSignal(window.controller.job_ended):
        feature_of(window).restorer.restore_with(Path("mine.safetensors"))
    asked = [r for r in window.runner.requests if isinstance(r, RestorationRequest)]
    assert asked[-1].weights.endswith("mine.safetensors")
    assert window.actions_["restore"].isEnabled()


def test_a_failure_is_told_and_the_source_stays(kit, open_scan, qtbot, installed) -> None:
    def fail(_request):
        raise UnsupportedInputError("No such network.", remedy="Choose one.")

    window, _, section = restored(kit, open_scan, qtbot, restoration=fail)
    assert section.summary == "failed"
    assert "Choose one." in section.message
    assert values_in(window)[0] is None
    assert not is_framed(window)


def test_the_restored_series_is_written_at_the_position_of_the_slider(
    kit, open_scan, qtbot, installed, tmp_path
) -> None:
    window, runner, section = restored(kit, open_scan, qtbot)
    asked = []

    def export(writer, request, result, *, title, path):
        asked.append((writer, request, result, path))
        return runner._add(Job("export", title), request)

    runner.export = export
    runner.answers["export"] = lambda request: SimpleNamespace(paths=("a", "b"))
    section.slider.setValue(50)
    with qtbot.waitSignal(window.controller.job_ended):
        feature_of(window).export(tmp_path)
    ((writer, request, result, path),) = asked
    assert (request.alpha, request.folder, path) == (0.75, tmp_path, tmp_path)
    assert request.loaded is window.session.active.loaded
    assert writer.endswith(":write_restored")
    assert result.endswith(":RestoredWritten")


def test_a_fit_suggests_the_sharpest_slices_and_tells_its_condition(
    kit, open_scan, qtbot, installed, tmp_path
) -> None:
    report = {
        "source_effective": 900.0, "target_effective": 950.0, "source_condition": 40.0,
        "target_condition": None, "shrinkage": 0.01, "largest_gain": 2.5, "capped": 0.0,
    }  # fmt: skip

    def fit(request):
        return FitResult(
            str(request.path), "ab" * 32, request.name, request.version, "pixels", True, 12, 12,
            9, "mr_denoise 1", 0.4, report,
        )  # fmt: skip

    window = open_scan(kit.ready_runner(restoration=made_of, restoration_fit=fit))
    feature = feature_of(window)
    dialog = FitDialog(window.session, feature.restorer, "denoise", window, folder=tmp_path)
    dialog.open()
    chosen = dialog.chosen
    assert len(chosen) == 12
    scores = {s.index: s.ssim_pred for s in window.session.active.result.slices}
    worst_chosen = min(scores[number] for _, number in chosen)
    others = [v for k, v in scores.items() if v is not None and (chosen[0][0], k) not in chosen]
    assert worst_chosen >= max(others)
    assert not dialog.use.isVisible()
    dialog.name.setText("a/b")
    assert not dialog.fit.isEnabled()
    dialog.name.setText("ours")
    with qtbot.waitSignal(feature.restorer.fitted):
        dialog.fit.click()
    request = window.runner.requests[-1]
    assert (request.name, request.version, request.folder) == ("ours", "1", tmp_path)
    assert request.degraded == ()
    for text in ("ours version 1", "Effective samples 950 sharp", "infinite sharp", "badly"):
        assert text in dialog.report
    with qtbot.waitSignal(window.controller.job_ended):
        dialog.use.click()
    asked = [r for r in window.runner.requests if isinstance(r, RestorationRequest)]
    assert asked[-1].operator.endswith("ours-v1.safetensors")


def test_a_file_that_was_restored_before_has_the_frame_too(kit, open_scan, qtbot) -> None:
    volume = replace(kit.make_volume(), facts={"restored": True})
    runner = kit.ready_runner(read=lambda item: kit.make_loaded(item, volume=volume))
    window = open_scan(runner)
    assert is_framed(window)
    assert is_framed(window, "coronal")


def test_dragging_is_live(kit, open_scan, qtbot, installed) -> None:
    """A slice of 256 x 256 follows the slider at 15 updates a second and more."""
    shape = (256, 256, 4)
    rng = np.random.default_rng(0)
    volume = replace(kit.make_volume(), array=rng.integers(0, 900, shape).astype(np.int16))
    window, _, section = restored(
        kit, open_scan, qtbot, read=lambda item: kit.make_loaded(item, volume=volume)
    )
    window.centre.grid.set_layout_mode("single", "axial")
    view = window.centre.grid.view("axial")
    view.grab()
    started = time.process_time()
    for value in range(0, 60, 3):
        section.slider.setValue(value)
        view.grab()
    assert (time.process_time() - started) / 20 < 1 / 15


def test_the_tasks_of_the_catalogue_are_those_of_its_package() -> None:
    from acutance_models.catalogue import list_descriptors

    known = {d.id.rpartition("_")[2] for d in list_descriptors() if d.task == "restoration"}
    assert restorer._shipped_tasks() == known
