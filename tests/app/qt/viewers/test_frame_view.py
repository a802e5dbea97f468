"""The frame view and its page: drawn, stepped, played, steered."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication

from acutance.core.ledger import Ledger, LoadedVideo, SeriesItem
from acutance.core.video import VideoSource
from acutance.qt.viewers.frame_captions import clock_text, frame_text
from acutance.qt.viewers.frame_view import FrameView
from acutance.qt.viewers.video_page import VideoPage
from acutance.session import Session

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

ITEM = SeriesItem("dicom", "/a.dcm", ("/a.dcm",), title="cine", modality="US", kind="video")


def open_session(
    count: int = 12, channels: int = 1, rate: float = 25.0, fill: bool = True, **values: Any
) -> Session:
    """Return a session on a video whose frame n has the value 10 n."""
    video = VideoSource(
        np.arange(count) / rate, 30, 40, channels, np.dtype(np.uint8), name="cine", **values
    )
    session = Session()
    (id,) = session.add_items([ITEM])
    loaded = LoadedVideo(ITEM, video, Ledger(1, 1))
    session.set_loaded(id, loaded)
    session.activate(id)
    if fill:
        frames = np.empty(video.shape, np.uint8)
        frames[:] = 10 * np.arange(count).reshape(-1, 1, 1, 1)
        session.playback.put(loaded, 0, frames)
    return session


@pytest.fixture
def view(qtbot: QtBot) -> FrameView:
    view = FrameView(open_session())
    qtbot.addWidget(view)
    view.resize(400, 300)
    view.show()
    return view


def middle(view: FrameView) -> int:
    return view.grab().toImage().pixelColor(view.width() // 2, view.height() // 2).red()


def wheel(view: FrameView, steps: int, modifier: Qt.KeyboardModifier) -> None:
    place = QPointF(view.rect().center())
    event = QWheelEvent(
        place, view.mapToGlobal(place), QPoint(), QPoint(0, 120 * steps),
        Qt.MouseButton.NoButton, modifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(view, event)


def drag(view: FrameView, button: Qt.MouseButton, way: QPoint) -> None:
    start, none = QPointF(view.rect().center()), Qt.KeyboardModifier.NoModifier
    for kind, place, buttons in (
        (QEvent.Type.MouseButtonPress, start, button),
        (QEvent.Type.MouseMove, start + way, button),
        (QEvent.Type.MouseButtonRelease, start + way, Qt.MouseButton.NoButton),
    ):
        event = QMouseEvent(kind, place, view.mapToGlobal(place), button, buttons, none)
        QApplication.sendEvent(view, event)


def test_keys_and_wheel_step_through_frames(view: FrameView, qtbot: QtBot) -> None:
    playback = view._session.playback
    keys = Qt.Key
    for key, frame in (
        (keys.Key_Period, 1), (keys.Key_Down, 2), (keys.Key_Comma, 1), (keys.Key_Up, 0),
        (keys.Key_End, 11), (keys.Key_Home, 0),
    ):  # fmt: skip
        qtbot.keyClick(view, key)
        assert playback.frame == frame
    qtbot.keyClick(view, keys.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    assert playback.frame == 10
    wheel(view, 3, Qt.KeyboardModifier.NoModifier)
    assert playback.frame == 7
    assert middle(view) == 70


def test_zoom_and_pan_as_in_the_slice_views(view: FrameView) -> None:
    assert view.image_rect().getRect() == (0, 0, 400, 300)
    wheel(view, 2, Qt.KeyboardModifier.ControlModifier)
    assert view.zoom == pytest.approx(1.25**2)
    before = view.image_rect()
    drag(view, Qt.MouseButton.LeftButton, QPoint(-30, 20))
    assert view.image_rect().left() == pytest.approx(before.left() - 30)
    assert view.image_rect().top() == pytest.approx(before.top() + 20)
    drag(view, Qt.MouseButton.RightButton, QPoint(0, -80))
    assert view.zoom > 1.25**2
    view.fit()
    assert view.zoom == 1


def test_the_window_tool_changes_grey_and_leaves_colour(view: FrameView, qtbot: QtBot) -> None:
    session = view._session
    session.playback.set_frame(5)
    assert middle(view) == 50
    view.tool = "window"
    first = session.window
    drag(view, Qt.MouseButton.LeftButton, QPoint(-100, 0))
    assert session.window.width < first.width
    assert middle(view) < 50
    view.reset()
    assert session.window == first
    colour = FrameView(open_session(channels=3))
    qtbot.addWidget(colour)
    colour.resize(400, 300)
    colour.tool = "window"
    before = colour._session.window
    drag(colour, Qt.MouseButton.LeftButton, QPoint(-100, 0))
    assert colour._session.window == before
    with pytest.raises(ValueError, match="tool"):
        colour.tool = "knife"  # type: ignore[assignment]


@pytest.mark.parametrize(
    ("values", "size"),
    [({}, (400, 300)), ({"pixel_spacing": (0.2, 0.1)}, (200, 300)),
     ({"facts": {"pixel_aspect": 0.5}}, (200, 300))],
)  # fmt: skip
def test_proportions_are_true(values: dict[str, Any], size: tuple[int, int], qtbot: QtBot) -> None:
    view = FrameView(open_session(**values))
    qtbot.addWidget(view)
    view.resize(400, 300)
    assert view.image_rect().size().toTuple() == pytest.approx(size)
    assert view.pixel_at(view.image_rect().center()) == (15, 20)
    assert view.pixel_at(QPointF(-1, 5)) is None


def test_corners_tell_frame_time_rate_and_where_that_comes_from() -> None:
    session = open_session(frame_time_source="assumed", unit="")
    session.playback.set_frame(3)
    video = session.active_video
    assert video is not None
    text = frame_text(session, video, "", zoom=1.5)
    assert text.top_left == ("cine", "frame 4 / 12")
    assert text.top_right == ("0.12 s", "25 fps (assumed)")
    assert text.bottom_left == ("W 255  L 128", "zoom 1.50×")
    assert text.warning == "frame rate assumed"
    empty = open_session(count=200, fill=False)
    empty.playback.set_frame(150)
    video = empty.active_video
    assert video is not None
    assert frame_text(empty, video, "", zoom=1).top_left[1] == "frame 151 / 200"


def test_a_lagging_frame_is_told() -> None:
    session = open_session(count=200, fill=False)
    loaded = session.playback.loaded
    assert loaded is not None
    start, count = session.playback.wanted() or (0, 0)
    session.playback.put(loaded, start, np.zeros((count, 30, 40, 1), np.uint8))
    session.playback.set_frame(150)
    text = frame_text(session, loaded.video, "", zoom=1)
    assert text.top_left[1:] == ("frame 1 / 200", "reading frame 151…")


def test_the_pixel_under_the_pointer_is_told(view: FrameView, qtbot: QtBot) -> None:
    view._session.playback.set_frame(7)
    qtbot.mouseMove(view, QPoint(205, 155))
    view._pointer = QPointF(205, 155)
    video = view._session.active_video
    assert video is not None
    assert view._pixel_line(video) == "pixel 20, 15  value 70"


def test_damaged_frames_and_none_yet_are_drawn_without_a_fault(qtbot: QtBot) -> None:
    session = open_session(count=200, fill=False)
    view = FrameView(session)
    qtbot.addWidget(view)
    view.resize(400, 300)
    view.grab()
    loaded = session.playback.loaded
    assert loaded is not None
    session.playback.give_up(loaded, 0)
    assert view.grab().toImage().pixelColor(2, 2).red() == 0
    session.clear()
    view.grab()


def test_times_read_as_clocks() -> None:
    assert clock_text(4.371) == "4.37 s"
    assert clock_text(64.371) == "1:04.37"


def test_the_page_plays_in_real_time_and_stops(qtbot: QtBot) -> None:
    session = open_session(rate=50.0)
    page = VideoPage(session)
    qtbot.addWidget(page)
    page.resize(500, 400)
    page.show()
    seen: list[tuple[float, int]] = []
    session.playback.frame_changed.connect(lambda n: seen.append((time.monotonic(), n)))
    started = time.monotonic()
    qtbot.keyClick(page.view, Qt.Key.Key_Space)
    assert session.playback.is_playing
    qtbot.waitUntil(lambda: len(seen) > 5, timeout=20_000)
    for at, frame in seen[:6]:
        # Whatever was dropped, no frame is shown before its time.
        turns = (at - started + 0.02) // 0.24
        assert frame / 50.0 + 0.24 * turns <= at - started + 0.25
    qtbot.keyClick(page.view, Qt.Key.Key_Space)
    assert not session.playback.is_playing
    stopped = session.playback.frame
    page.toggle()
    page._on_time()
    assert session.playback.is_playing
    page.toggle()
    assert session.playback.frame in (stopped, (stopped + 1) % 12)


def test_the_slider_goes_to_frames_and_follows_them(qtbot: QtBot) -> None:
    session = open_session()
    page = VideoPage(session)
    qtbot.addWidget(page)
    page.resize(500, 400)
    page.show()
    slider = page.slider
    assert (slider.minimum(), slider.maximum()) == (0, 11)
    session.playback.set_frame(4)
    assert slider.value() == 4
    assert page.time.text() == "0.16 s of 0.48 s"
    qtbot.mouseClick(slider, Qt.MouseButton.LeftButton, pos=QPoint(slider.width() - 3, 8))
    assert session.playback.frame == 11
    qtbot.mouseClick(slider, Qt.MouseButton.LeftButton, pos=QPoint(2, 8))
    assert session.playback.frame == 0
    page.on.click()
    assert session.playback.frame == 1
    page.back.click()
    assert session.playback.frame == 0


def test_dropped_frames_and_waits_are_shown(qtbot: QtBot) -> None:
    session = open_session()
    page = VideoPage(session)
    qtbot.addWidget(page)
    session.playback.play(0.0)
    session.playback.tick(0.2)
    assert session.playback.dropped == 4
    assert page.pace.text() == "4 dropped"
    session.playback.pause()


def test_a_lone_frame_has_no_controls(qtbot: QtBot) -> None:
    page = VideoPage(open_session(count=1))
    qtbot.addWidget(page)
    assert not page.controls.isVisibleTo(page)
