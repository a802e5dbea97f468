from __future__ import annotations

import itertools
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QWidget

from acutance.core.affine import PLANES, plane_axis, to_world
from acutance.core.window import Window
from acutance.errors import CorruptFileError
from acutance.qt.theme import DARK
from acutance.qt.viewers import SliceView
from acutance.qt.viewers.histogram_view import HistogramView
from acutance.session import Session

if TYPE_CHECKING:
    from types import SimpleNamespace

    from pytestqt.qtbot import QtBot

Button, Modifier = Qt.MouseButton, Qt.KeyboardModifier


def make_view(qtbot: QtBot, session: Session, plane: str, size: int = 320) -> SliceView:
    view = SliceView(session, plane)
    qtbot.addWidget(view)
    view.resize(size, size)
    view.show()
    return view


def grey(view: SliceView) -> np.ndarray:
    image = view.grab().toImage()
    return np.array(
        [
            [QColor(image.pixel(x, y)).lightness() for x in range(image.width())]
            for y in range(image.height())
        ]
    )


def mouse(
    view: QWidget,
    kind: QEvent.Type,
    place: QPointF,
    button: Button = Button.NoButton,
    modifiers: Modifier = Modifier.NoModifier,
) -> None:
    held = button if kind != QEvent.Type.MouseButtonRelease else Button.NoButton
    press = Button.NoButton if kind == QEvent.Type.MouseMove else button
    glob = QPointF(view.mapToGlobal(place.toPoint()))
    QApplication.sendEvent(view, QMouseEvent(kind, place, glob, press, held, modifiers))


def drag(
    view: QWidget,
    start: QPointF,
    end: QPointF,
    button: Button = Button.LeftButton,
    modifiers: Modifier = Modifier.NoModifier,
) -> None:
    mouse(view, QEvent.Type.MouseButtonPress, start, button, modifiers)
    mouse(view, QEvent.Type.MouseMove, end, button, modifiers)
    mouse(view, QEvent.Type.MouseButtonRelease, end, button, modifiers)


def wheel(
    view: SliceView, notches: float, place: QPointF, modifiers: Modifier = Modifier.NoModifier
) -> None:
    event = QWheelEvent(
        place,
        QPointF(view.mapToGlobal(place.toPoint())),
        QPoint(),
        QPoint(0, round(120 * notches)),
        Button.NoButton,
        modifiers,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(view, event)


# Where the bright voxel stands, as fractions of the image, from the anatomy alone. In mm it is
# R 11 of -20..19, P 18 (A 18) of A 30..-28, S 18 of -15..30.
RIGHT, ANTERIOR, SUPERIOR = (11 + 20.5) / 40, (18 + 29) / 60, (18 + 16.5) / 48
EXPECTED = {
    ("axial", "radiological"): (1 - RIGHT, 1 - ANTERIOR),
    ("axial", "neurological"): (RIGHT, 1 - ANTERIOR),
    ("coronal", "radiological"): (1 - RIGHT, 1 - SUPERIOR),
    ("coronal", "neurological"): (RIGHT, 1 - SUPERIOR),
    ("sagittal", "radiological"): (1 - ANTERIOR, 1 - SUPERIOR),
    ("sagittal", "neurological"): (1 - ANTERIOR, 1 - SUPERIOR),
}
#: Width and height in mm.
EXTENT = {"axial": (40, 60), "coronal": (40, 48), "sagittal": (60, 48)}


@pytest.mark.parametrize(("plane", "convention"), list(EXPECTED))
def test_a_voxel_is_drawn_where_anatomy_says(
    qtbot: QtBot, scan: SimpleNamespace, plane: str, convention: str
) -> None:
    session = scan.make_session()
    session.set_convention(convention)
    session.set_cursor(to_world(scan.affine, scan.bright))
    session.toggle_crosshair()
    view = make_view(qtbot, session, plane)
    view.set_overlay_visible(False)
    pixels = grey(view)
    # The letters at the edges are bright as well.
    pixels[:, :36] = pixels[:, -36:] = pixels[:36] = pixels[-36:] = 0
    rows, columns = np.nonzero(pixels > 100)
    width, height = EXTENT[plane]
    scale = 320 / max(width, height)
    u, v = EXPECTED[plane, convention]
    assert columns.mean() + 0.5 == pytest.approx(160 + (u - 0.5) * width * scale, abs=1.0)
    assert rows.mean() + 0.5 == pytest.approx(160 + (v - 0.5) * height * scale, abs=1.0)


@pytest.mark.parametrize("plane", PLANES)
def test_a_click_on_the_voxel_names_its_point(
    qtbot: QtBot, scan: SimpleNamespace, plane: str
) -> None:
    session = scan.make_session()
    views = {p: make_view(qtbot, session, p) for p in PLANES}
    target = to_world(scan.affine, scan.bright)
    session.set_slice(plane, scan.bright[plane_axis(scan.affine, plane)])
    place = views[plane].point_to_widget(target)
    assert place is not None
    mouse(views[plane], QEvent.Type.MouseButtonPress, place, Button.LeftButton)
    assert session.cursor == pytest.approx(target, abs=1e-6)
    for view in views.values():
        centre = view.point_to_widget(session.cursor)
        assert centre is not None
        assert view.widget_to_point(centre) == pytest.approx(target, abs=1e-6)
        assert view.index == scan.bright[plane_axis(scan.affine, view.plane)]


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
@pytest.mark.parametrize("signs", list(itertools.product((1, -1), repeat=3)))
@pytest.mark.parametrize("angle_deg", [0.0, 20.0])
def test_all_views_name_the_same_point_in_any_orientation(
    qtbot: QtBot,
    scan: SimpleNamespace,
    order: tuple[int, int, int],
    signs: tuple[int, int, int],
    angle_deg: float,
) -> None:
    affine = np.eye(4)
    affine[:3, :3] = (np.eye(3) * np.multiply(signs, (1.0, 1.5, 2.0)))[:, order]
    angle = np.deg2rad(angle_deg)
    turn = np.array(
        [[np.cos(angle), -np.sin(angle), 0], [np.sin(angle), np.cos(angle), 0], [0, 0, 1]]
    )
    affine[:3, :3] = turn @ affine[:3, :3]
    session = scan.make_session(scan.make_volume(affine))
    session.set_cursor(to_world(affine, scan.bright))
    for plane in PLANES:
        view = SliceView(session, plane)
        qtbot.addWidget(view)
        view.resize(300, 220)
        assert view.index == scan.bright[plane_axis(affine, plane)]
        centre = view.point_to_widget(session.cursor)
        assert centre is not None
        assert view.image_rect().contains(centre)
        assert view.widget_to_point(centre) == pytest.approx(session.cursor, abs=1e-6)
        edges = view.geometry_of_slice.edges if view.geometry_of_slice else ()
        expected = {"axial": "RLAP", "coronal": "RLSI", "sagittal": "APSI"}[plane]
        assert [letters[0] for letters in edges] == list(expected)


def test_monochrome1_is_drawn_inverted(qtbot: QtBot, scan: SimpleNamespace) -> None:
    session = scan.make_session(scan.make_volume(photometric="MONOCHROME1"))
    session.toggle_crosshair()
    view = make_view(qtbot, session, "axial", 160)
    assert QColor(view.grab().toImage().pixel(80, 60)).lightness() > 250


def test_the_wheel_changes_only_the_slice(qtbot: QtBot, scan: SimpleNamespace) -> None:
    session = scan.make_session()
    view = make_view(qtbot, session, "axial")
    before = (view.zoom, session.window, view.image_rect())
    others = [session.slice_index(p) for p in ("coronal", "sagittal")]
    wheel(view, -2, QPointF(100, 100))
    assert view.index == 8 + 2
    wheel(view, 0.5, QPointF(100, 100))
    assert view.index == 10
    wheel(view, 0.5, QPointF(100, 100))
    assert view.index == 9
    assert (view.zoom, session.window, view.image_rect()) == before
    assert [session.slice_index(p) for p in ("coronal", "sagittal")] == others


def test_control_and_wheel_zoom_about_the_pointer(qtbot: QtBot, scan: SimpleNamespace) -> None:
    session = scan.make_session()
    view = make_view(qtbot, session, "coronal")
    place = QPointF(90, 200)
    before = view.widget_to_point(place)
    index = view.index
    wheel(view, 3, place, Modifier.ControlModifier)
    assert view.zoom == pytest.approx(1.25**3)
    assert view.index == index
    assert view.widget_to_point(place) == pytest.approx(before, abs=1e-6)
    view.fit()
    assert view.zoom == 1.0


@pytest.mark.parametrize(
    ("button", "modifiers"),
    [(Button.MiddleButton, Modifier.NoModifier), (Button.LeftButton, Modifier.ShiftModifier)],
)
def test_pan_moves_only_the_image(
    qtbot: QtBot, scan: SimpleNamespace, button: Button, modifiers: Modifier
) -> None:
    session = scan.make_session()
    view = make_view(qtbot, session, "axial")
    rect, cursor = view.image_rect(), session.cursor
    drag(view, QPointF(100, 100), QPointF(130, 80), button, modifiers)
    moved = view.image_rect().topLeft() - rect.topLeft()
    assert (moved.x(), moved.y()) == pytest.approx((30, -20))
    assert session.cursor == cursor
    drag(view, QPointF(0, 0), QPointF(9000, 0), button, modifiers)
    assert view.image_rect().left() < view.width()


def test_a_window_drag_is_exponential_and_symmetric(qtbot: QtBot, scan: SimpleNamespace) -> None:
    session = scan.make_session()
    view = make_view(qtbot, session, "axial")
    start, cursor = session.window, session.cursor
    both = Modifier.ControlModifier | Modifier.ShiftModifier
    drag(view, QPointF(100, 100), QPointF(200, 100), Button.LeftButton, both)
    assert session.window.width == pytest.approx(start.width * np.exp(100 / 250))
    assert session.window.centre == start.centre
    drag(view, QPointF(200, 100), QPointF(100, 100), Button.LeftButton, both)
    assert session.window.width == pytest.approx(start.width)
    view.tool = "window"
    drag(view, QPointF(100, 100), QPointF(100, 150))
    assert session.window.centre == pytest.approx(start.centre + start.width * 50 / 250)
    assert session.cursor == cursor
    view.reset()
    assert session.window == start


def test_a_right_drag_zooms_and_a_right_click_asks_for_the_menu(
    qtbot: QtBot, scan: SimpleNamespace
) -> None:
    view = make_view(qtbot, scan.make_session(), "axial")
    place = QPointF(50, 60)
    with qtbot.waitSignal(view.customContextMenuRequested) as asked:
        drag(view, place, place, Button.RightButton)
    assert asked.args == [place.toPoint()]
    with qtbot.assertNotEmitted(view.customContextMenuRequested):
        drag(view, place, QPointF(50, 20), Button.RightButton)
    assert view.zoom > 1.0


def test_keys_step_through_slices(qtbot: QtBot, scan: SimpleNamespace) -> None:
    view = make_view(qtbot, scan.make_session(), "sagittal")
    indices = []
    for key, modifier in (
        (Qt.Key.Key_Down, Modifier.NoModifier),
        (Qt.Key.Key_Up, Modifier.NoModifier),
        (Qt.Key.Key_Down, Modifier.ShiftModifier),
        (Qt.Key.Key_Home, Modifier.NoModifier),
        (Qt.Key.Key_End, Modifier.NoModifier),
    ):
        qtbot.keyClick(view, key, modifier)
        indices.append(view.index)
    assert indices == [21, 20, 30, 0, 39]


def test_a_double_click_asks_to_be_maximised(qtbot: QtBot, scan: SimpleNamespace) -> None:
    view = make_view(qtbot, scan.make_session(), "axial")
    with qtbot.waitSignal(view.maximise_requested) as asked:
        qtbot.mouseDClick(view, Button.LeftButton)
    assert asked.args == ["axial"]


def test_the_pointer_is_told_in_mm(qtbot: QtBot, scan: SimpleNamespace) -> None:
    session = scan.make_session()
    view = make_view(qtbot, session, "axial")
    cursor = session.cursor
    with qtbot.waitSignal(view.hovered) as told:
        mouse(view, QEvent.Type.MouseMove, QPointF(160, 160))
    assert told.args[0] == pytest.approx((-0.5, 1.0, 9.0), abs=1e-6)
    assert session.cursor == cursor
    mouse(view, QEvent.Type.MouseMove, QPointF(200, 160), modifiers=Modifier.ShiftModifier)
    assert session.cursor != cursor
    with qtbot.waitSignal(view.hovered) as told:
        QApplication.sendEvent(view, QEvent(QEvent.Type.Leave))
    assert told.args == [None]


def test_without_a_volume_it_is_black_and_steers_nothing(qtbot: QtBot) -> None:
    session = Session()
    view = make_view(qtbot, session, "axial", 120)
    drag(view, QPointF(10, 10), QPointF(60, 60))
    drag(view, QPointF(10, 10), QPointF(60, 60), Button.MiddleButton)
    wheel(view, 1, QPointF(10, 10))
    qtbot.keyClick(view, Qt.Key.Key_End)
    assert session.cursor == (0.0, 0.0, 0.0)
    view.clearFocus()
    assert grey(view).max() == 0


def test_loading_and_errors_are_told_in_place_of_the_image(
    qtbot: QtBot, scan: SimpleNamespace
) -> None:
    session = Session()
    (id,) = session.add_items([scan.item])
    session.activate(id)
    session.mark_loading(id)
    session.set_progress(id, 0.5)
    view = make_view(qtbot, session, "axial", 240)
    pixels = grey(view)
    assert pixels[-2, 10] > 100 > pixels[-2, 200] > 0
    session.set_failed(id, CorruptFileError("The file is cut short.", remedy="Copy it again."))
    assert grey(view).max() > 200
    view.set_shows_messages(False)
    assert grey(view).max() == 0


def test_a_deleted_view_no_longer_listens(qtbot: QtBot, scan: SimpleNamespace) -> None:
    session = scan.make_session()
    count = len(session.convention_changed)
    view = SliceView(session, "axial")
    assert len(session.convention_changed) == count + 1
    assert len(list(session.panes)) == 1
    view.deleteLater()
    QApplication.sendPostedEvents(view, QEvent.Type.DeferredDelete.value)
    session.step("axial", 1)
    session.set_convention("neurological")
    assert len(session.convention_changed) == count
    assert list(session.panes) == []


def test_an_unknown_plane_or_tool_is_refused(qtbot: QtBot) -> None:
    with pytest.raises(ValueError, match="plane"):
        SliceView(Session(), "oblique")
    view = make_view(qtbot, Session(), "axial", 100)
    with pytest.raises(ValueError, match="tool"):
        view.tool = "lasso"  # type: ignore[assignment]


def test_colour_is_drawn_as_it_is_whatever_the_window(qtbot: QtBot, scan: SimpleNamespace) -> None:
    session = scan.make_session(scan.make_colour(10, 200, 30))
    session.toggle_crosshair()
    view = make_view(qtbot, session, "axial")
    for window in (session.window, Window(1000, 3)):
        session.set_window(window)
        colour = QColor(view.grab().toImage().pixel(160, 160))
        assert (colour.red(), colour.green(), colour.blue()) == (10, 200, 30)


@pytest.mark.parametrize(
    ("function", "level"), [("sigmoid", 255 / (1 + np.exp(-2))), ("table", 90)]
)
def test_values_are_drawn_through_the_function_of_the_window(
    qtbot: QtBot, scan: SimpleNamespace, function: Any, level: float
) -> None:
    volume = scan.make_volume()
    session = scan.make_session(replace(volume, array=np.full_like(volume.array, 150)))
    session.toggle_crosshair()
    view = make_view(qtbot, session, "axial")
    table = bytes([10, 90]) if function == "table" else b""
    session.set_window(Window(100, 100, function=function, table=table))
    assert QColor(view.grab().toImage().pixel(160, 160)).red() == round(level)


def test_the_histogram_of_colour_is_its_luma_and_has_no_window(
    qtbot: QtBot, scan: SimpleNamespace
) -> None:
    volume = scan.make_colour(10, 200, 30)
    volume.array[:15] = 90
    session = scan.make_session(volume)
    view = HistogramView(session)
    qtbot.addWidget(view)
    view.resize(300, 200)
    view.show()
    before = session.window
    for x in range(20, 280, 20):
        drag(view, QPointF(x, 100), QPointF(x + 30, 100))
    assert session.window == before
    image = view.grab().toImage()
    assert image.size() == view.size()
    accent = QColor(DARK.accent).rgb()
    pixels = [image.pixel(x, y) for x in range(0, 300) for y in range(0, 200, 5)]
    assert accent not in pixels
