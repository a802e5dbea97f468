from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor

from acutance.core.quality import Thresholds
from acutance.errors import EngineError
from acutance.qt.viewers import ScoreStrip
from acutance.session import Session

if TYPE_CHECKING:
    from types import SimpleNamespace

    from pytestqt.qtbot import QtBot


def make_strip(qtbot: QtBot, session: Session, *, width: int = 700) -> ScoreStrip:
    strip = ScoreStrip(session)
    qtbot.addWidget(strip)
    strip.resize(width, 64)
    strip.show()
    return strip


def bar_top(strip: ScoreStrip, index: int) -> int | None:
    """Return the highest row of a bar that has the colour of a verdict."""
    image = strip.grab().toImage()
    bars = strip.bars_rect()
    x = round(bars.left() + (index + 0.3) * bars.width() / strip.count)
    for y in range(round(bars.top()), round(bars.bottom())):
        if QColor(image.pixel(x, y)).saturation() > 110:
            return y
    return None


def test_before_any_score_it_says_so(qtbot: QtBot, scan: SimpleNamespace) -> None:
    session = scan.make_session()
    strip = make_strip(qtbot, session)
    assert strip.status_text() == "Not scored yet"
    session.set_progress(1, 0.62)
    assert strip.status_text() == "Scoring… 62 %"
    session.set_scoring_error(1, EngineError("The child died."))
    assert strip.status_text() == "Could not be scored: The child died."
    strip.grab()
    session.set_result(1, scan.make_result(16))
    assert strip.status_text() == ""


def test_bars_are_as_high_as_the_prediction(qtbot: QtBot, scan: SimpleNamespace) -> None:
    session = scan.make_session()
    session.set_result(1, scan.make_result(16))
    session.set_slice("axial", 15)
    strip = make_strip(qtbot, session)
    bars = strip.bars_rect()
    for index, value in ((3, 0.95), (6, 0.7), (5, 0.4)):
        top = bar_top(strip, index)
        assert top is not None
        assert bars.bottom() - top == pytest.approx(value * bars.height(), abs=2.5)
    assert bar_top(strip, 0) is None


def test_slices_are_told_in_words(qtbot: QtBot, scan: SimpleNamespace) -> None:
    session = scan.make_session()
    session.set_result(1, scan.make_result(12))
    strip = make_strip(qtbot, session)
    assert strip.slice_text(5) == "slice 5 · predicted SSIM 0.40"
    assert strip.slice_text(0) == "slice 0 · no anatomy"
    assert strip.slice_text(14) == "slice 14 · not scored"


def test_click_and_drag_scrub(qtbot: QtBot, scan: SimpleNamespace) -> None:
    session = scan.make_session()
    session.set_result(1, scan.make_result(16))
    strip = make_strip(qtbot, session)
    bars = strip.bars_rect()

    def at(index: int) -> QPoint:
        return QPoint(round(bars.left() + (index + 0.5) * bars.width() / 16), 32)

    qtbot.mousePress(strip, Qt.MouseButton.LeftButton, pos=at(3))
    assert session.slice_index("axial") == 3
    qtbot.mouseMove(strip, at(12))
    assert session.slice_index("axial") == 12
    qtbot.mouseRelease(strip, Qt.MouseButton.LeftButton, pos=at(12))
    qtbot.mouseMove(strip, at(7))
    assert session.slice_index("axial") == 12


def test_keys_step(qtbot: QtBot, scan: SimpleNamespace) -> None:
    session = scan.make_session()
    strip = make_strip(qtbot, session)
    qtbot.keyClick(strip, Qt.Key.Key_Right)
    assert session.slice_index("axial") == 9
    qtbot.keyClick(strip, Qt.Key.Key_Left)
    qtbot.keyClick(strip, Qt.Key.Key_Left)
    assert session.slice_index("axial") == 7
    qtbot.keyClick(strip, Qt.Key.Key_End)
    assert session.slice_index("axial") == 15


def test_several_planes_can_be_chosen(qtbot: QtBot, scan: SimpleNamespace) -> None:
    session = scan.make_session()
    session.set_result(1, scan.make_result(16, ("axial", "coronal", "sagittal")))
    strip = make_strip(qtbot, session)
    assert (strip.plane, strip.count) == ("axial", 16)
    with qtbot.waitSignal(strip.plane_changed) as told:
        qtbot.keyClick(strip, Qt.Key.Key_Down)
    assert told.args == ["coronal"]
    assert strip.count == 30
    qtbot.mouseClick(strip, Qt.MouseButton.LeftButton, pos=QPoint(30, 52))
    assert strip.plane == "sagittal"
    strip.set_plane("axial")
    with pytest.raises(ValueError, match="plane"):
        strip.set_plane("oblique")
    # The worst slices of all planes come first: the strip follows to the other plane.
    session.next_worst()
    score = session.next_worst()
    assert score is not None
    assert strip.plane == score.plane == "coronal"


def test_the_plane_scored_is_shown(qtbot: QtBot, scan: SimpleNamespace) -> None:
    session = scan.make_session()
    strip = make_strip(qtbot, session)
    session.set_result(1, scan.make_result(16, ("sagittal",)))
    assert strip.plane == "sagittal"
    assert strip.accessibleDescription() == "sagittal slice 20 · not scored"


def test_thresholds_colour_the_bars(qtbot: QtBot, scan: SimpleNamespace) -> None:
    session = scan.make_session()
    session.set_result(1, scan.make_result(16))
    session.set_slice("axial", 15)
    strip = make_strip(qtbot, session)
    before = strip.grab().toImage()
    strip.set_thresholds(Thresholds(usable=0.5, repeat=0.2))
    assert strip.grab().toImage() != before


def test_more_slices_than_pixels_are_drawn(qtbot: QtBot, scan: SimpleNamespace) -> None:
    session = scan.make_session()
    session.set_result(1, scan.make_result(40, ("sagittal",)))
    strip = make_strip(qtbot, session, width=262)
    assert not strip.grab().isNull()
    assert strip.slice_at(-100) == 0
    assert strip.slice_at(1000) == 39


def test_without_a_series_it_is_empty(qtbot: QtBot) -> None:
    strip = make_strip(qtbot, Session())
    assert strip.count == 0
    assert strip.slice_at(200) is None
    qtbot.keyClick(strip, Qt.Key.Key_Right)
    assert not strip.grab().isNull()
