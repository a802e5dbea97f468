"""Enhancing a video in the window: a preview over and beside the original, and the whole clip."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication

from acutance.core.clip_export import CODECS
from acutance.core.ledger import Index, Ledger, LoadedVideo, SeriesItem
from acutance.core.quality import ModelFacts, Verdict
from acutance.core.timeline import MEASURES, FrameQuality, FrameQualityRequest
from acutance.core.upscaling import UpscaleRequest, UpscaleResult
from acutance.core.video import Video, VideoSource
from acutance.errors import JobCancelled, UnsupportedInputError
from acutance.qt import enhance_feature
from acutance.qt.enhance_feature import EnhanceFeature, target_kinds
from acutance.qt.enhancer import PREVIEW_PIXELS, visible_region
from acutance.qt.panels.enhance_bar import progress_text
from acutance.qt.viewers import thumbnail_strip
from acutance.upscaling.run import UpscaleEvent, UpscaleOutcome

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import SimpleNamespace

    from pytestqt.qtbot import QtBot

    from acutance.qt.main_window import MainWindow

CLIP = SeriesItem("video", "/clip.mp4", ("/clip.mp4",), title="clip", kind="video")
COUNT, HEIGHT, WIDTH = 60, 90, 120


def loaded_clip(item: SeriesItem) -> LoadedVideo:
    video = VideoSource(np.arange(COUNT) / 25.0, HEIGHT, WIDTH, 3, np.dtype(np.uint8), name="clip")
    return LoadedVideo(item, video, Ledger(1, 1), (), ())


def give_frames(wanted: tuple[SeriesItem, int, int]) -> Video:
    _, start, count = wanted
    count = min(count, COUNT - start)
    array = np.full((count, HEIGHT, WIDTH, 3), 60, np.uint8)
    return Video(array, np.arange(start, start + count) / 25.0)


def enlarge(request: UpscaleRequest) -> UpscaleResult:
    """Answer as the engine does, in a colour that no original has."""
    count, scale = request.stop - request.start, request.settings.scale
    height, width = request.frames.shape[1:3]
    array = np.full((count, scale * height, scale * width, 3), 200, np.uint8)
    model = ModelFacts("small_vsr", "1", "0" * 64)
    return UpscaleResult(
        array, request.start, (1,) * count, (0.0,) * count, (request.start,), model, "cpu"
    )


def clip_runner(kit: SimpleNamespace, **answers: Any) -> Any:
    standard = {
        "read": loaded_clip,
        "frames": give_frames,
        "quality": lambda _: kit.make_result(verdict=Verdict.NOT_ASSESSED, reason="a video"),
        "super_resolution": enlarge,
    }
    return kit.ready_runner(CLIP, **(standard | answers))


def feature_of(window: MainWindow) -> EnhanceFeature:
    return next(f for f in window.features if isinstance(f, EnhanceFeature))


@pytest.fixture
def open_clip(
    kit: SimpleNamespace, open_scan: Callable[..., MainWindow], qtbot: QtBot
) -> Callable[..., MainWindow]:
    def open_one(**answers: Any) -> MainWindow:
        window = open_scan(clip_runner(kit, **answers))
        qtbot.waitUntil(
            lambda: not window.controller.frames.is_reading and not window.controller.jobs
        )
        return window

    return open_one


def preview(window: MainWindow, qtbot: QtBot) -> EnhanceFeature:
    feature = feature_of(window)
    feature.preview()
    qtbot.waitUntil(lambda: feature.enhancer.enhancement.preview is not None)
    return feature


def color(window: MainWindow, x: float, y: float) -> int:
    view = window.centre.video.view
    return view.grab().toImage().pixelColor(round(x), round(y)).red()


def test_a_preview_lies_to_the_right_of_a_line_that_can_be_moved(
    open_clip: Callable[..., MainWindow], qtbot: QtBot
) -> None:
    window = open_clip()
    window.session.playback.set_frame(10)
    feature = preview(window, qtbot)
    found = feature.enhancer.enhancement.preview
    assert found is not None
    assert (found.first, found.stop, found.scale) == (10, 35, 4)
    assert found.frames.shape[1:3] == tuple(4 * n for n in found.region.size)
    assert window.session.playback.range == (10, 35)
    view = window.centre.video.view
    middle = view.image_rect().center()
    y = middle.y() - 40
    assert (color(window, middle.x() - 40, y), color(window, middle.x() + 40, y)) == (60, 200)
    line = QPointF(feature.layer.line, y)
    away = QPointF(middle.x() - 80, y)
    for kind, at, held in (
        (QEvent.Type.MouseButtonPress, line, Qt.MouseButton.LeftButton),
        (QEvent.Type.MouseMove, away, Qt.MouseButton.LeftButton),
        (QEvent.Type.MouseButtonRelease, away, Qt.MouseButton.NoButton),
    ):
        button = Qt.MouseButton.LeftButton
        event = QMouseEvent(
            kind, at, view.mapToGlobal(at), button, held, Qt.KeyboardModifier.NoModifier
        )
        QApplication.sendEvent(view, event)
    assert color(window, middle.x() - 40, y) == 200
    assert view.zoom == 1.0


def test_side_by_side_both_halves_zoom_and_pan_together(
    open_clip: Callable[..., MainWindow], qtbot: QtBot
) -> None:
    window = open_clip()
    feature = preview(window, qtbot)
    feature.bar.modes.button(2).click()
    assert feature.enhancer.enhancement.mode == "side"
    view = window.centre.video.view
    rect, half = view.image_rect(), view.width() / 2
    assert rect.right() <= half + 1
    centre = rect.center()
    assert color(window, centre.x(), centre.y() + 20) == 60
    assert color(window, centre.x() + half, centre.y() + 20) == 200
    assert view.pixel_at(centre) == view.pixel_at(QPointF(centre.x() + half, centre.y()))
    view.zoom_by(2.0, QPointF(centre.x() + half, centre.y()))
    assert view.image_rect().center().x() == pytest.approx(centre.x(), abs=1)


def test_the_original_shows_while_b_is_held_and_outside_the_preview(
    open_clip: Callable[..., MainWindow], qtbot: QtBot
) -> None:
    window = open_clip()
    preview(window, qtbot)
    view = window.centre.video.view
    middle = view.image_rect().center()
    place = middle.x() + 40, middle.y() - 40
    assert color(window, *place) == 200
    qtbot.keyPress(view, Qt.Key.Key_B)
    assert color(window, *place) == 60
    qtbot.keyRelease(view, Qt.Key.Key_B)
    assert color(window, *place) == 200
    window.session.playback.set_frame(50)
    qtbot.waitUntil(lambda: window.session.playback.shown[0] == 50)
    assert color(window, *place) == 60


def test_a_zoomed_view_previews_what_is_seen() -> None:
    whole = visible_region((0.0, 0.0, 800.0, 600.0), (800.0, 600.0), (150, 200))
    assert whole.size == (150, 200)
    part = visible_region((-400.0, -300.0, 1600.0, 1200.0), (800.0, 600.0), (150, 200))
    assert (part.top, part.left, part.bottom, part.right) == (37, 50, 113, 150)
    huge = visible_region((0.0, 0.0, 800.0, 600.0), (800.0, 600.0), (3000, 4000))
    rows, columns = huge.size
    assert rows * columns <= PREVIEW_PIXELS
    tiny = visible_region((-79600.0, -59700.0, 160000.0, 120000.0), (80.0, 60.0), (150, 200))
    assert min(tiny.size) >= 16


def test_why_there_is_no_preview_is_told_with_the_remedy(
    open_clip: Callable[..., MainWindow], qtbot: QtBot
) -> None:
    def refuse(_: UpscaleRequest) -> UpscaleResult:
        raise UnsupportedInputError("No network is installed.", remedy="Choose weights.")

    window = open_clip(super_resolution=refuse)
    feature = feature_of(window)
    feature.bar.preview.click()
    qtbot.waitUntil(lambda: feature.bar.message.isVisible())
    assert feature.bar.message.text() == "No network is installed. Choose weights."
    assert not feature.enhancer.is_previewing


def test_strength_and_scale_of_the_bar_reach_the_engine(
    open_clip: Callable[..., MainWindow], qtbot: QtBot
) -> None:
    window = open_clip()
    feature = feature_of(window)
    feature.bar.scale.setCurrentIndex(1)
    feature.bar.strength.setValue(40)
    feature.use_weights("/w.safetensors")
    found = preview(window, qtbot).enhancer.enhancement.preview
    assert found is not None
    request = window.runner.requests[-1]
    settings = request.settings
    assert (settings.scale, settings.strength) == (2, 0.4)
    assert settings.weights == "/w.safetensors"
    assert found.frames.shape[1] == 2 * found.region.size[0]


class FakeUpscale:
    """A run that waits to be told how it ends."""

    made: list[FakeUpscale]

    def __init__(self, runner: Any, plan: Any, *, listener: Any, resumes: bool) -> None:
        import threading

        self.plan, self.listener, self.resumes = plan, listener, resumes
        self.said: list[str] = []
        self.gate = threading.Event()
        FakeUpscale.made.append(self)

    def run(self) -> UpscaleOutcome:
        self.listener(UpscaleEvent(15, 60, 2.0, 22.0, "enlarging"))
        self.gate.wait(20)
        if "cancel" in self.said:
            raise JobCancelled
        record = {"fallbacks": [3]}
        return UpscaleOutcome(self.plan.target, 60, 0, record, 30.0)

    def pause(self) -> None:
        self.said.append("pause")

    def go_on(self) -> None:
        self.said.append("go on")

    def cancel(self) -> None:
        self.said.append("cancel")
        self.gate.set()


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> list[FakeUpscale]:
    FakeUpscale.made = []
    # Imported by the window when a run begins.
    monkeypatch.setattr("acutance.upscaling.run.Upscale", FakeUpscale)
    monkeypatch.setattr("acutance.upscaling.plan.has_work", lambda _: True)
    monkeypatch.setattr("acutance.upscaling.source.value_ends", lambda *_: (0, 255))
    return FakeUpscale.made


@pytest.mark.parametrize(
    ("ends", "codec", "taken"),
    [("done", "av1", "av1"), ("cancelled", "ffv1", "vp9")],  # FFV1 does not go into MP4
)
def test_a_whole_clip_tells_its_pace_pauses_and_ends(
    ends: str, codec: str, taken: str, open_clip: Callable[..., MainWindow],
    runs: list[FakeUpscale], qtbot: QtBot, tmp_path: Path,
) -> None:  # fmt: skip
    window = open_clip()
    feature, bar = feature_of(window), feature_of(window).bar
    feature.enhance(tmp_path / "out.mp4", codec)
    qtbot.waitUntil(lambda: bar.told.text() == "15 of 60 frames, 2.00 frames/s, 0:00:22 left")
    assert bar.pages.currentIndex() == 1
    assert bar.bar.value() == 250
    (run,) = runs
    assert run.resumes
    assert run.plan.target == tmp_path / "out.mp4"
    assert run.plan.codec.id == taken
    bar.pause.click()
    assert bar.pause.text() == "Go on"
    bar.pause.click()
    assert run.said == ["pause", "go on"]
    if ends == "cancelled":
        bar.cancel.click()
    else:
        run.gate.set()
    qtbot.waitUntil(lambda: not feature.enhancer.is_running)
    assert bar.pages.currentIndex() == 0
    told = bar.message.text()
    assert told == "" if ends == "cancelled" else "1 departed from their input" in told


def test_every_codec_is_offered_with_its_licence_a_free_one_first() -> None:
    kinds = target_kinds()
    assert set(kinds.values()) == {"", *(codec.id for codec in CODECS)}
    for codec in CODECS:
        (words,) = (text for text, chosen in kinds.items() if chosen == codec.id)
        assert codec.licence in words
    first = next(iter(kinds))
    assert "GPL" not in first
    assert "*.mp4" in first


def test_closing_the_window_ends_a_run(
    open_clip: Callable[..., MainWindow], runs: list[FakeUpscale], qtbot: QtBot, tmp_path: Path
) -> None:
    window = open_clip()
    feature_of(window).enhance(tmp_path / "out.mp4")
    qtbot.waitUntil(lambda: bool(runs))
    window.close()
    assert runs[0].said == ["cancel"]


def test_pictures_along_the_time_come_when_nothing_else_is_read(
    open_clip: Callable[..., MainWindow], qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(thumbnail_strip, "PATIENCE_MS", 1)
    window = open_clip()
    strip = feature_of(window).strip
    qtbot.waitUntil(lambda: strip.count == thumbnail_strip.COUNT)
    qtbot.mouseClick(strip, Qt.MouseButton.LeftButton, pos=strip.rect().center())
    assert abs(window.session.playback.frame - COUNT // 2) <= 1
    image = strip.grab().toImage()
    assert image.pixelColor(4, strip.height() // 2).red() == 60


def test_speed_and_loop_of_the_page_are_those_of_the_playback(
    open_clip: Callable[..., MainWindow],
) -> None:
    window = open_clip()
    page, playback = window.centre.video, window.session.playback
    page.speed.setCurrentText("0.5×")
    assert playback.speed == 0.5
    page.loop.click()
    assert not playback.loops
    assert not page.whole.isVisible()
    playback.set_range((5, 20))
    assert page.whole.isVisible()
    page.whole.click()
    assert playback.range is None


def test_a_paused_run_says_so() -> None:
    assert progress_text(UpscaleEvent(8, 60, 0.0, None, "paused")) == "paused at 8 of 60 frames"


def enhanced_clip(item: SeriesItem, *, count: int = COUNT) -> LoadedVideo:
    video = VideoSource(
        np.arange(count) / 25.0, 2 * HEIGHT, 2 * WIDTH, 3, np.dtype(np.uint8), name="clip-x2"
    )
    return LoadedVideo(item, video, Ledger(1, 1), (), ())


LARGE = SeriesItem("video", "/clip-x2.mp4", ("/clip-x2.mp4",), title="clip-x2", kind="video")


def show_beside(window: MainWindow, count: int = COUNT) -> EnhanceFeature:
    """Let the runner find an enhanced clip, and show it beside the one in view."""
    runner, answers = window.runner, dict(window.runner.answers)
    frames = answers["frames"]

    def give(wanted: tuple[SeriesItem, int, int]) -> Video:
        if wanted[0] is not LARGE:
            return frames(wanted)
        _, start, many = wanted
        many = min(many, COUNT - start)
        array = np.full((many, 2 * HEIGHT, 2 * WIDTH, 3), 180, np.uint8)
        return Video(array, np.arange(start, start + many) / 25.0)

    runner.answers |= {
        "index": lambda _: Index((LARGE,)),
        "read": lambda item: enhanced_clip(item, count=count),
        "frames": give,
    }
    feature = feature_of(window)
    feature.companion.open(Path("/clip-x2.mp4"))
    return feature


def test_an_enhanced_clip_is_shown_frame_by_frame_beside_its_original(
    open_clip: Callable[..., MainWindow], qtbot: QtBot
) -> None:
    window = open_clip()
    feature = show_beside(window)
    qtbot.waitUntil(
        lambda: (
            feature.enhancer.enhancement.preview is not None and not feature.companion.is_reading
        )
    )
    view = window.centre.video.view
    middle = view.image_rect().center()
    assert color(window, middle.x() - 40, middle.y() - 40) == 60
    assert color(window, middle.x() + 40, middle.y() - 40) == 180
    window.session.playback.set_frame(55)
    qtbot.waitUntil(
        lambda: feature.enhancer.enhancement.frame(window.session.playback.loaded, 55) is not None
    )
    feature.bar.modes.button(2).click()
    centre = view.image_rect().center()
    assert color(window, centre.x() + view.width() / 2, centre.y() + 20) == 180


def test_a_clip_that_was_not_made_of_this_one_is_refused(
    open_clip: Callable[..., MainWindow], qtbot: QtBot
) -> None:
    window = open_clip()
    feature = show_beside(window, count=COUNT - 1)
    qtbot.waitUntil(lambda: feature.bar.message.isVisible())
    assert "another number of frames" in feature.bar.message.text()
    assert feature.enhancer.enhancement.preview is None


def quality_of(request: FrameQualityRequest) -> FrameQuality:
    """Answer as the engine does: frames 20 to 39 are sharp."""
    first = request.first + (1 if request.first else 0)
    numbers = range(first, request.first + len(request.frames))
    values: dict[str, tuple[float | None, ...]] = {name: (0.0,) * len(numbers) for name in MEASURES}
    values["sharpness"] = tuple(1.0 if 20 <= n < 40 else 0.2 for n in numbers)
    values["change"] = (0.1,) * len(numbers)
    values["blockiness"] = (1.0,) * len(numbers)
    return FrameQuality(first, values)


def test_the_best_seconds_are_found_drawn_and_played(
    open_clip: Callable[..., MainWindow], qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(enhance_feature, "BEST_SECONDS", 0.6)
    window = open_clip(frame_quality=quality_of)
    feature = feature_of(window)
    feature.find_best()
    qtbot.waitUntil(lambda: feature.strip.has_trace)
    playback = window.session.playback
    assert playback.range is not None
    start, stop = playback.range
    assert start >= 20
    assert stop <= 40
    assert playback.frame == start
    assert "Best 0.6 s" in feature.bar.message.text()
    strip = feature.strip
    image = strip.grab().toImage()
    middle = strip.width() // 2
    line = [y for y in range(3, 45) if image.pixelColor(middle, y).green() > 120]
    assert line
    assert max(line) < 14, "the line is high where frames are good"
    assert not feature.meter.is_measuring
