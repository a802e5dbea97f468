"""Segmenting in the window: from the key to overlay, table and strip."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt

from acutance.core.label_map import Label
from acutance.core.quality import ModelFacts
from acutance.core.segmentation import (
    CleaningStep,
    SegmentationResult,
    colour_of,
    label_statistics,
)
from acutance.errors import DeviceMemoryError

if TYPE_CHECKING:
    from pathlib import Path

    from pytestqt.qtbot import QtBot

NAMES = ("background", "CSF", "grey matter", "white matter", "other head tissue")
TABLE = tuple(Label(n, name, colour_of(n)) for n, name in enumerate(NAMES))


def made_of(volume) -> SegmentationResult:
    array = np.zeros((3, *volume.shape), np.uint8)
    array[:2, 6:18, 6:20, 4:16] = 3
    array[:2, 8:12, 8:12, 8:12] = 2
    stats = label_statistics(volume, array[0], TABLE)
    steps = (CleaningStep("keep the brain in one piece", (1, 2, 3), 4, 0.02, 0, 2, 31),)
    values = tuple(None if n < 4 else 0.1 + n / 100 for n in range(volume.shape[2]))
    facts = ModelFacts("r2unet-test", "unverified", "ab" * 32, "unverified")
    return SegmentationResult(array, TABLE, "axial", values, stats, steps, facts, "cpu")


def segmented(kit, open_scan, qtbot: QtBot, **answers):
    standard = {"segmentation": lambda request: made_of(request.volume)}
    runner = kit.ready_runner(**(standard | answers))
    window = open_scan(runner)
    window.session.toggle_crosshair()  # its lines are as green as white matter
    with qtbot.waitSignal(window.controller.job_ended):
        window.actions_["segment"].trigger()
    return window, runner


def colours_in(window) -> int:
    """Return how many pixels of the axial view are green, as white matter is."""
    view = window.centre.grid.view("axial")
    image, rect = view.grab().toImage(), view.image_rect()
    found = 0
    for y in range(int(rect.top()) + 4, int(rect.bottom()) - 4, 3):
        for x in range(int(rect.left()) + 4, int(rect.right()) - 4, 3):
            colour = image.pixelColor(x, y)
            found += colour.green() > colour.red() + 25
    return found


def test_the_key_asks_and_the_answer_is_drawn_and_told(kit, open_scan, qtbot) -> None:
    window, runner = segmented(kit, open_scan, qtbot)
    request = runner.requests[-1]
    assert (request.model, request.weights) == ("brain", "")
    assert request.volume is window.session.active_volume
    assert colours_in(window) > 200
    section = window.segmentation
    assert section.is_open
    assert section.summary == "2 regions"
    for text in ("r2unet-test", "without a model card", "31 voxels changed", "Not for diagnosis."):
        assert text in section.message
    texts = [label.text() for label in section.findChildren(type(section._message))]
    assert "white matter" in texts
    assert f"{(12 * 14 * 12 - 64) * 8 / 1000:.1f}" in texts


def test_keys_hide_outline_and_fade_the_labels(kit, open_scan, qtbot) -> None:
    window, _ = segmented(kit, open_scan, qtbot)
    found, filled = window.session.segmentations, colours_in(window)
    window.actions_["labels"].trigger()
    assert not found.is_shown
    assert colours_in(window) == 0
    window.actions_["labels"].trigger()
    window.actions_["outline"].trigger()
    assert 0 < colours_in(window) < filled / 3
    assert window.segmentation.outline.isChecked()
    window.segmentation.outline.setChecked(False)
    assert not window.actions_["outline"].isChecked()
    before = found.opacity
    window.actions_["more_opaque"].trigger()
    assert found.opacity == pytest.approx(before + 0.1)
    assert window.segmentation.opacity.value() == round(found.opacity * 100)
    for _ in range(20):
        window.actions_["less_opaque"].trigger()
    assert found.opacity == 0
    assert colours_in(window) == 0


def test_the_strip_shows_every_slice_and_goes_there(kit, open_scan, qtbot) -> None:
    window, _ = segmented(kit, open_scan, qtbot)
    strip = window.centre.uncertainty
    assert strip.isVisible()
    assert len(strip.values) == window.session.active_volume.shape[2]
    assert "nothing labelled" in strip.slice_text(0)
    assert "mean uncertainty 0.19" in strip.slice_text(9)
    bars = window.centre.strip.bars_rect()
    x = round(bars.left() + (12 + 0.5) * bars.width() / len(strip.values))
    assert strip.slice_at(x) == 12
    qtbot.mouseClick(strip, Qt.MouseButton.LeftButton, pos=QPoint(x, strip.height() // 2))
    assert window.session.slice_index("axial") == 12
    qtbot.keyClick(strip, Qt.Key.Key_Left)
    assert window.session.slice_index("axial") == 11


def test_a_failure_is_told_where_the_result_would_be(kit, open_scan, qtbot) -> None:
    def fail(_request):
        raise DeviceMemoryError("Too little memory for one tile.", remedy="Close programs.")

    window, _ = segmented(kit, open_scan, qtbot, segmentation=fail)
    assert window.segmentation.summary == "failed"
    assert "Close programs." in window.segmentation.message
    assert not window.centre.uncertainty.isVisible()
    assert colours_in(window) == 0


def test_progress_is_told_and_cancel_leaves_no_trace(kit, open_scan, qtbot) -> None:
    runner = kit.ready_runner()
    window = open_scan(runner)
    window.actions_["segment"].trigger()
    (job,) = runner.running("segmentation")
    runner.begin(job, 0.4)
    qtbot.waitUntil(lambda: window.segmentation.summary == "40 %")
    window.actions_["segment"].trigger()
    assert len(runner.running("segmentation")) == 1
    with qtbot.waitSignal(window.controller.job_ended):
        runner.finish(job, error=kit.JobCancelled())
    assert window.segmentation.message == "Not segmented yet."


def test_an_answer_of_a_closed_series_is_dropped(kit, open_scan, qtbot) -> None:
    runner = kit.ready_runner()
    window = open_scan(runner)
    volume = window.session.active_volume
    window.actions_["segment"].trigger()
    (job,) = runner.running("segmentation")
    runner.begin(job)
    window.session.clear()
    with qtbot.waitSignal(window.controller.job_ended):
        runner.finish(job, made_of(volume))
    assert window.session.segmentations.answer is None


def test_weights_from_a_file_are_asked_for(kit, open_scan, qtbot, tmp_path: Path) -> None:
    runner = kit.ready_runner(segmentation=lambda request: made_of(request.volume))
    window = open_scan(runner)
    with qtbot.waitSignal(window.controller.job_ended):
        window.segmenter.segment_with(tmp_path / "mine.safetensors")
    assert runner.requests[-1].weights.endswith("mine.safetensors")
