"""`acutance.session.playback`: frames at their own times, nothing lost without being counted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from acutance.core.ledger import Ledger, LoadedVideo, SeriesItem
from acutance.core.video import VideoSource
from acutance.core.window import Window
from acutance.session import Session
from acutance.session.frame_cache import FrameCache

if TYPE_CHECKING:
    from acutance.session.playback import Playback

ITEM = SeriesItem("video", "/a.mp4", ("/a.mp4",), title="clip", kind="video")
SHAPE = (300, 400, 3)  # 17 frames a part


def source(count: int = 60, times: Any = None, **values: Any) -> VideoSource:
    times = np.arange(count) / 20.0 if times is None else np.asarray(times, float)
    height, width, channels = values.pop("shape", SHAPE)
    dtype = np.dtype(values.pop("dtype", np.uint8))
    return VideoSource(times, height, width, channels, dtype, **values)


def open_session(video: VideoSource) -> tuple[Session, Playback]:
    session = Session()
    (id,) = session.add_items([ITEM])
    session.set_loaded(id, LoadedVideo(ITEM, video, Ledger(1, 1)))
    session.activate(id)
    return session, session.playback


def feed(playback: Playback, parts: int = 1000) -> list[tuple[int, int]]:
    """Bring what is wanted; the value of each pixel is the number of its frame."""
    asked = []
    while parts and (wanted := playback.wanted()) is not None:
        start, count = wanted
        asked.append(wanted)
        loaded = playback.loaded
        assert loaded is not None
        frames = np.empty((count, *loaded.video.shape[1:]), loaded.video.dtype)
        frames[:] = np.arange(start, start + count).reshape(-1, 1, 1, 1)
        playback.put(loaded, start, frames)
        parts -= 1
    return asked


def test_the_first_frame_is_wanted_first_then_its_neighbours() -> None:
    _, playback = open_session(source())
    assert feed(playback) == [(0, 17), (17, 17)]
    assert playback.shown is not None
    assert playback.shown[0] == 0
    playback.set_frame(40)
    assert feed(playback) == [(34, 17), (51, 9)]
    assert playback.shown is not None
    assert (playback.shown[0], int(playback.shown[1][0, 0, 0])) == (40, 40)


def test_frames_are_clamped_and_told() -> None:
    _, playback = open_session(source())
    told: list[int] = []
    playback.frame_changed.connect(told.append)
    for number in (-5, 3, 3, 99):
        playback.set_frame(number)
    playback.step(-2)
    assert told == [3, 59, 57]
    assert playback.seconds == pytest.approx(57 / 20)


def test_the_last_shown_frame_stays_until_the_next_is_read() -> None:
    _, playback = open_session(source())
    feed(playback, 1)
    playback.set_frame(50)
    assert playback.shown is not None
    assert playback.shown[0] == 0
    feed(playback, 1)
    assert playback.shown[0] == 50


def test_playing_keeps_the_times_of_the_file() -> None:
    times = [0, 0.1, 0.15, 0.5, 0.6]
    _, playback = open_session(source(times=times))
    feed(playback)
    playback.play(100.0)
    seen = []
    for now in (100.05, 100.099, 100.101, 100.151, 100.49, 100.51, 100.61):
        playback.tick(now)
        seen.append(playback.frame)
    assert seen == [0, 0, 1, 2, 2, 3, 4]
    assert (playback.dropped, playback.waited) == (0, 0)


def test_the_time_to_the_next_frame_follows_the_file() -> None:
    _, playback = open_session(source(times=[0, 0.1, 0.5]))
    feed(playback)
    playback.play(10.0)
    assert playback.seconds_to_next(10.04) == pytest.approx(0.06)
    playback.tick(10.1)
    assert playback.seconds_to_next(10.1) == pytest.approx(0.4)
    assert playback.seconds_to_next(11.0) == 0.0


def test_frames_that_came_too_late_are_counted_as_dropped() -> None:
    _, playback = open_session(source())
    feed(playback)
    playback.play(0.0)
    feed(playback)
    playback.tick(0.05)
    playback.tick(0.20)  # frame 4 is due, 2 and 3 were never drawn
    assert (playback.frame, playback.dropped) == (4, 2)
    playback.pause()
    playback.play(7.0)
    assert playback.dropped == 0


def test_the_clock_waits_for_frames_that_are_not_read_and_counts_it() -> None:
    _, playback = open_session(source())
    feed(playback, 1)  # frames 0 to 16
    playback.play(0.0)
    now = 0.0
    while now < 1.5:
        now += 0.05
        playback.tick(now)
    assert playback.frame == 16
    assert playback.dropped == 0
    assert playback.waited == pytest.approx(0.65, abs=0.06)
    feed(playback)
    playback.tick(now + 0.01)
    assert playback.frame == 17  # not where it would be without the wait
    playback.tick(now + 0.06)
    assert playback.frame == 18


def test_it_begins_anew_at_its_end() -> None:
    _, playback = open_session(source(10))
    feed(playback)
    playback.play(0.0)
    seen = []
    for n in range(1, 24):
        playback.tick(n * 0.05 + 0.001)
        seen.append(playback.frame)
    assert seen == [n % 10 for n in range(1, 24)]
    assert playback.dropped == 0
    playback.pause()
    playback.set_frame(9)
    playback.play(50.0)
    assert playback.frame == 0


def test_after_a_sleep_of_the_machine_it_goes_on() -> None:
    _, playback = open_session(source(10))
    feed(playback)
    playback.play(0.0)
    playback.tick(3600.07)
    assert playback.frame == 1
    playback.tick(3600.11)
    assert playback.frame == 2


def test_frames_ahead_are_wanted_while_it_plays_around_the_end_too() -> None:
    _, playback = open_session(source(60))
    playback.set_frame(45)
    playback.play(0.0)
    asked = feed(playback)
    assert asked == [(34, 17), (51, 9), (0, 17), (17, 17)]


def test_touching_the_place_stops_playing_and_a_lone_frame_never_plays() -> None:
    _, playback = open_session(source())
    told: list[bool] = []
    playback.playing_changed.connect(told.append)
    playback.play(0.0)
    playback.step(1)
    playback.toggle(1.0)
    playback.toggle(2.0)
    assert told == [True, False, True, False]
    _, single = open_session(source(1))
    single.play(0.0)
    assert not single.is_playing


def test_lost_parts_are_not_asked_for_again_nor_waited_for() -> None:
    _, playback = open_session(source())
    feed(playback, 1)
    loaded = playback.loaded
    assert loaded is not None
    playback.give_up(loaded, 17)
    assert playback.wanted() is None
    playback.play(0.0)
    assert playback.wanted() == (34, 17)
    playback.tick(0.9)
    assert playback.frame == 18
    assert playback.is_lost
    assert playback.waited == 0


def test_another_series_starts_afresh_and_stale_frames_are_dropped() -> None:
    session, playback = open_session(source())
    feed(playback)
    old = playback.loaded
    assert old is not None
    playback.play(0.0)
    (other,) = session.add_items([ITEM])
    session.set_loaded(other, LoadedVideo(ITEM, source(5), Ledger(1, 1)))
    session.activate(other)
    assert (playback.is_playing, playback.frame, playback.shown) == (False, 0, None)
    playback.put(old, 0, np.zeros((17, *SHAPE), np.uint8))
    assert playback.shown is None
    session.clear()
    assert playback.loaded is None
    assert (playback.count, playback.wanted()) == (0, None)
    playback.set_frame(3)
    assert playback.frame == 0


def test_frames_of_another_shape_are_refused() -> None:
    _, playback = open_session(source())
    loaded = playback.loaded
    assert loaded is not None
    for frames in (
        np.zeros((17, 10, 10, 3), np.uint8),
        np.zeros((16, *SHAPE), np.uint8),
        np.zeros((17, *SHAPE), np.uint16),
    ):
        with pytest.raises(ValueError, match="frames"):
            playback.put(loaded, 0, frames)


def test_the_window_comes_from_the_file_or_from_the_first_frame_that_shows_something() -> None:
    session, playback = open_session(source(shape=(8, 8, 1), dtype="u2", count=3))
    loaded = playback.loaded
    assert loaded is not None
    frames = np.zeros((3, 8, 8, 1), np.uint16)
    frames[1] = np.arange(64).reshape(8, 8, 1) * 10 + 1000
    playback.put(loaded, 0, frames)
    playback.step(1)
    assert 900 < session.window.low < session.window.high < 1700
    chosen = Window(5.0, 2.0)
    session.set_window(chosen)
    playback.step(-1)
    playback.step(1)
    assert session.window is chosen
    assert [name for name, _ in session.window_presets()] == ["auto"]
    session.reset_window()
    assert session.window != chosen
    stored = Window(40.0, 80.0, "file")
    session, playback = open_session(source(shape=(8, 8, 1), dtype="u2", windows=(stored,)))
    feed(playback)
    assert session.window is stored
    assert ("file", stored) in session.window_presets()


def test_the_cache_keeps_what_was_used_last() -> None:
    cache = FrameCache(source(), limit_bytes=1)
    assert (cache.part_frames, cache.part_count, cache.capacity) == (17, 4, 3)
    for part in range(3):
        start, count = cache.range_of(part)
        cache.put(start, np.zeros((count, *SHAPE), np.uint8))
    assert cache.frame(0) is not None
    cache.put(51, np.zeros((9, *SHAPE), np.uint8))
    assert cache.frame(16) is not None
    assert cache.frame(17) is None
    assert cache.first_missing([0, 2, 1]) == 1


def test_a_picture_for_the_list_is_made_of_a_frame() -> None:
    session, playback = open_session(source())
    (entry,) = session.entries
    assert entry.thumbnail is None
    frame = np.zeros(SHAPE, np.uint8)
    frame[..., 1] = 200
    session.set_frame_thumbnail(entry.id, frame)
    assert entry.thumbnail is not None
    assert entry.thumbnail.shape == (48, 48)
    assert entry.thumbnail.max() == round(0.587 * 200)
    rows = np.flatnonzero(entry.thumbnail.max(axis=1))
    assert (rows[0], rows[-1]) == (6, 41)  # 300 of 400, letterboxed
    assert playback.loaded is not None


def play(playback: Playback, seconds: float, start: float = 0.0, step: float = 0.05) -> list[int]:
    """Play by the clock; return the frames that were drawn."""
    drawn = []
    playback.play(start)
    now = start
    while now < start + seconds - 1e-9 and playback.is_playing:
        now += step
        playback.tick(now)
        drawn.append(playback.frame)
    return drawn


def test_speed_is_that_of_the_clip_and_may_change_while_it_plays() -> None:
    _, playback = open_session(source(15))
    feed(playback)
    playback.set_speed(0.5, 0.0)
    assert play(playback, 0.4) == [0, 1, 1, 2, 2, 3, 3, 4]
    assert playback.seconds_to_next(0.4) == pytest.approx(0.1)
    playback.set_speed(2.0, 0.4)
    playback.tick(0.45)
    assert playback.frame == 6
    assert playback.dropped == 1
    with pytest.raises(ValueError, match="speed"):
        playback.set_speed(0.0, 0.0)


def test_without_loop_it_stops_at_the_end() -> None:
    _, playback = open_session(source(10))
    feed(playback)
    playback.set_loops(False)
    drawn = play(playback, 2.0)
    assert drawn[-1] == 9
    assert not playback.is_playing
    assert playback.dropped == 0


def test_a_range_is_played_over_and_over_and_ends_with_the_video() -> None:
    session, playback = open_session(source(15))
    feed(playback)
    playback.set_range((4, 7))
    assert play(playback, 0.5)[:7] == [5, 6, 4, 5, 6, 4, 5]
    playback.set_range(None)
    assert not playback.is_playing
    with pytest.raises(ValueError, match="no frames"):
        playback.set_range((7, 99))
    playback.set_range((1, 2))
    (other,) = session.add_items([SeriesItem("video", "/b.mp4", ("/b.mp4",), kind="video")])
    session.activate(other)
    assert playback.range is None
