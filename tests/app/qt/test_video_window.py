"""A video in the window: read in parts, in place of the planes, with a picture in the list."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from acutance.core.ledger import Ledger, LoadedVideo, SeriesItem
from acutance.core.quality import Verdict
from acutance.core.video import Video, VideoSource
from acutance.errors import CorruptFileError
from acutance.qt.errand import Errand
from acutance.qt.panels.series_list import describe

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from types import SimpleNamespace

    from pytestqt.qtbot import QtBot

    from acutance.qt.main_window import MainWindow

CLIP = SeriesItem("video", "/clip.mp4", ("/clip.mp4",), title="clip", kind="video")
COUNT = 150
_SHAPE = (300, 400, 3)


def loaded_clip(item: SeriesItem) -> LoadedVideo:
    video = VideoSource(np.arange(COUNT) / 25.0, *_SHAPE, np.dtype(np.uint8), name="clip")
    return LoadedVideo(item, video, Ledger(1, 1), (), ("1 sound track not read",))


def give_frames(wanted: tuple[SeriesItem, int, int]) -> Video:
    _, start, count = wanted
    count = min(count, COUNT - start)
    array = np.zeros((count, *_SHAPE), np.uint8)
    array[:] = (np.arange(start, start + count) + 50).reshape(-1, 1, 1, 1)
    array[:, :10] = 0
    return Video(array, np.arange(start, start + count) / 25.0)


def clip_runner(kit: SimpleNamespace, *items: SeriesItem, **answers: Any) -> Any:
    def read(item: SeriesItem) -> Any:
        return loaded_clip(item) if item.kind == "video" else kit.make_loaded(item)

    def score(request: Any) -> Any:
        if isinstance(request.volume, VideoSource):
            return kit.make_result(verdict=Verdict.NOT_ASSESSED, reason="a video")
        return kit.make_result(request.volume)

    standard = {"read": read, "frames": give_frames, "quality": score}
    return kit.ready_runner(*(items or (CLIP,)), **(standard | answers))


def wait_for_frames(window: MainWindow, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: not window.controller.frames.is_reading and not window.controller.jobs)


def test_a_video_stands_in_place_of_the_planes(
    kit: SimpleNamespace, open_scan: Callable[..., MainWindow], qtbot: QtBot
) -> None:
    volume = kit.make_item()
    window = open_scan(clip_runner(kit, CLIP, volume))
    wait_for_frames(window, qtbot)
    session = window.session
    assert window.centre.shows_video
    assert window.centre.video.isVisible()
    assert not window.centre.grid.isVisible()
    assert session.playback.shown is not None
    (clip, _) = session.entries
    assert clip.thumbnail is not None
    assert describe(clip) == "150 frames, 6 s"
    assert window.actions_["play"].isEnabled()
    session.activate(session.entries[1].id)
    wait_for_frames(window, qtbot)
    assert not window.centre.shows_video
    assert window.centre.grid.isVisible()
    assert not window.actions_["play"].isEnabled()
    session.activate(clip.id)
    assert window.centre.shows_video
    assert window.centre.video.view.hasFocus() or not window.isActiveWindow()


def test_frames_are_read_one_part_at_a_time_and_only_where_they_are_needed(
    kit: SimpleNamespace, open_scan: Callable[..., MainWindow], qtbot: QtBot
) -> None:
    runner = clip_runner(kit)
    window = open_scan(runner)
    wait_for_frames(window, qtbot)

    def asked() -> list[tuple[int, int]]:
        return [
            request[1:]
            for job, request in zip(runner.jobs, runner.requests, strict=True)
            if job.task == "frames"
        ]

    first = asked()
    assert first[:2] == [(0, 17), (17, 17)]
    assert first[2] == (COUNT // 2, 1)  # the picture for the list
    assert len(first) == 3
    window.session.playback.set_frame(100)
    wait_for_frames(window, qtbot)
    assert asked()[3:] == [(85, 17), (102, 17), (68, 17)]
    window.session.playback.set_frame(101)
    wait_for_frames(window, qtbot)
    assert len(asked()) == 6


def test_while_a_part_is_read_the_window_answers_and_the_newest_wish_is_next(
    kit: SimpleNamespace, open_scan: Callable[..., MainWindow], qtbot: QtBot
) -> None:
    runner = clip_runner(kit)
    del runner.answers["frames"]
    window = open_scan(runner)
    qtbot.waitUntil(lambda: bool(runner.running("frames")))
    playback = window.session.playback
    for frame in (30, 60, 90, 120):
        playback.set_frame(frame)
    assert len(runner.running("frames")) == 1
    (job,) = runner.running("frames")
    runner.finish(job, give_frames((CLIP, 0, 17)))
    qtbot.waitUntil(lambda: len(runner.running("frames")) == 1)
    assert runner.requests[-1][1:] == (119, 17)


def test_frames_that_cannot_be_read_are_told_once(
    kit: SimpleNamespace, open_scan: Callable[..., MainWindow], qtbot: QtBot
) -> None:
    def fail(wanted: tuple[SeriesItem, int, int]) -> Video:
        raise CorruptFileError("These frames cannot be decoded.", path="/clip.mp4")

    runner = clip_runner(kit, frames=fail)
    window = open_scan(runner)
    wait_for_frames(window, qtbot)
    assert window.session.playback.is_lost
    assert window.session.entries[0].thumbnail is None
    assert len(runner.jobs) < 20
    window.grab()


def test_a_file_that_changed_meanwhile_is_told(
    kit: SimpleNamespace, open_scan: Callable[..., MainWindow], qtbot: QtBot
) -> None:
    def other(wanted: tuple[SeriesItem, int, int]) -> Video:
        return Video(np.zeros((wanted[2], 8, 8, 3), np.uint8), np.arange(float(wanted[2])))

    told: list[str] = []
    window = open_scan(clip_runner(kit, frames=other))
    window.session.notice.connect(told.append)
    wait_for_frames(window, qtbot)
    window.session.playback.set_frame(100)
    wait_for_frames(window, qtbot)
    assert any("changed on the disk" in text for text in told)


def test_commands_act_on_the_frame(
    kit: SimpleNamespace, open_scan: Callable[..., MainWindow], qtbot: QtBot
) -> None:
    window = open_scan(clip_runner(kit))
    wait_for_frames(window, qtbot)
    actions, playback, view = window.actions_, window.session.playback, window.centre.video.view
    actions["next_frame"].trigger()
    actions["next_frame"].trigger()
    actions["previous_frame"].trigger()
    assert playback.frame == 1
    actions["window_tool"].trigger()
    assert view.tool == "window"
    view.tool = "crosshair"
    assert not actions["window_tool"].isChecked()
    actions["corner_text"].trigger()
    assert not view.overlay_visible
    view.set_overlay_visible(True)
    assert actions["corner_text"].isChecked()
    assert window.centre.grid.view("axial").overlay_visible
    view.zoom_by(2)
    actions["fit"].trigger()
    assert view.zoom == 1
    actions["play"].trigger()
    assert playback.is_playing
    window.session.remove(window.session.entries[0].id)
    assert not playback.is_playing


def test_a_video_that_is_not_assessed_shows_no_number(
    kit: SimpleNamespace, open_scan: Callable[..., MainWindow], qtbot: QtBot
) -> None:
    window = open_scan(clip_runner(kit))
    wait_for_frames(window, qtbot)
    qtbot.waitUntil(lambda: window.session.entries[0].result is not None)
    assert window.quality.word == "Not assessed"
    assert window.quality.reason == "A video"
    assert window.quality.number == ""
    assert not window.quality._counts.isVisibleTo(window.quality)
    window.provenance.set_open(True)
    window.grab()


def test_a_picture_waits_for_the_first_frame(
    kit: SimpleNamespace, open_window: Callable[..., MainWindow], qtbot: QtBot, tmp_path: Path
) -> None:
    runner = clip_runner(kit)
    del runner.answers["frames"]
    window = open_window(runner)
    picture = tmp_path / "clip.png"
    Errand(window, [kit.SCAN], screenshot=picture).start()
    qtbot.waitUntil(lambda: bool(runner.running("frames")))
    qtbot.wait(300)  # longer than an errand takes once it has what it waits for
    assert not picture.exists()
    (job,) = runner.running("frames")
    runner.finish(job, give_frames(runner.requests[runner.jobs.index(job)]))
    qtbot.waitUntil(picture.exists)
