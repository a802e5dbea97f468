from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor

from acutance.core.affine import PLANE_NORMAL, PLANES, to_world
from acutance.core.ledger import Ledger, LoadedSeries, SeriesItem
from acutance.core.measuring import Measurement
from acutance.core.space import is_inside
from acutance.core.volume import Volume
from acutance.core.window import Window
from acutance.qt.viewers.slice_view import SliceView
from acutance.session.tools import DISTANCE

COSINE, SINE = np.cos(np.radians(25)), np.sin(np.radians(25))
#: Turned by 25 degrees about the axis from right to left; voxels of 2 mm.
OBLIQUE = np.array(
    [
        [2.0, 0, 0, -30],
        [0, 2 * COSINE, -2 * SINE, -10],
        [0, 2 * SINE, 2 * COSINE, -25],
        [0, 0, 0, 1],
    ]
)
SHAPE, BRIGHT = (30, 26, 24), (20, 8, 17)


@pytest.fixture
def session(scan):
    array = np.zeros(SHAPE, np.int16)
    array[BRIGHT] = 1000
    array[BRIGHT[0] + 1, BRIGHT[1], BRIGHT[2]] = 1000
    return scan.make_session(Volume(array, OBLIQUE, name="oblique", modality="MR"))


@pytest.fixture
def views(qtbot, session):
    made = {plane: SliceView(session, plane) for plane in PLANES}
    for view in made.values():
        qtbot.addWidget(view)
        view.resize(300, 300)
        view.show()
    session.set_window(Window(250.0, 500.0))
    session.toggle_crosshair()
    return made


def brightest(view) -> QPointF:
    """Return the middle of the bright pixels, without what stands in the corners."""
    view.set_overlay_visible(False)
    picture = view.grab().toImage()
    rect = view.rect().adjusted(40, 40, -40, -40)
    places = [
        (x, y)
        for x in range(rect.left(), rect.right())
        for y in range(rect.top(), rect.bottom())
        if QColor(picture.pixel(x, y)).value() > 120
    ]
    assert places
    return QPointF(*np.mean(places, axis=0))


@pytest.mark.parametrize("plane", PLANES)
@pytest.mark.parametrize("follows", [False, True])
def test_a_point_is_drawn_where_the_crosshair_says_it_is(session, views, plane, follows):
    session.appearance.set_follows_patient(follows)
    point = to_world(OBLIQUE, (BRIGHT[0] + 0.5, *BRIGHT[1:]))
    session.set_cursor(point)
    view = views[plane]
    assert view.is_resampled is follows
    gap = brightest(view) - view.point_to_widget(point)
    # Half a voxel of 2 mm beside, at most, and half a pixel of the screen.
    reach = view.image_rect().width() / (view.geometry_of_slice.size[1])
    assert abs(gap.x()) <= reach
    assert abs(gap.y()) <= reach


def test_sides_are_pure_and_slices_are_named_by_their_place(session, views):
    session.appearance.set_follows_patient(True)
    session.set_cursor(to_world(OBLIQUE, BRIGHT))
    for plane, view in views.items():
        assert [len(letter) for letter in view.geometry_of_slice.edges] == [1] * 4
        assert view.plane == plane
    own = "axial 17 / 24"
    session.appearance.set_follows_patient(False)
    assert session.slice_index("axial") == 17
    from acutance.qt.viewers.captions import look_words, place_text

    view = views["axial"]
    assert place_text(view.pane, view.geometry_of_slice) == own
    session.appearance.set_follows_patient(True)
    z = to_world(view.grid.affine, (0.0, 0.0, float(view.index)))[2]
    assert place_text(view.pane, view.geometry_of_slice) == f"axial at S {z:.1f} mm"
    assert look_words(session, view.pane) == ("patient axes, resampled",)
    assert abs(z - session.cursor[2]) <= 1.0


@pytest.mark.parametrize("plane", PLANES)
def test_every_slice_can_be_reached_and_the_place_stays_among_voxels(session, views, plane):
    session.appearance.set_follows_patient(True)
    view, volume = views[plane], session.active_volume
    normal, count = PLANE_NORMAL[plane], view.geometry_of_slice.count
    view.pane.set_slice(0)
    for index in range(count):
        assert view.index == index
        assert is_inside(volume, session.cursor)
        view.pane.step(1)
    assert view.index == count - 1
    assert session.cursor[normal] == pytest.approx(
        to_world(view.grid.affine, (float(count - 1),) * 3)[normal]
    )


def test_a_click_beyond_the_voxels_stays_in_the_slice(qtbot, session, views):
    session.appearance.set_follows_patient(True)
    view = views["sagittal"]
    index = view.index
    corner = view.image_rect().topLeft().toPoint() + QPoint(2, 2)
    qtbot.mouseMove(view, corner)
    assert not is_inside(session.active_volume, view.widget_to_point(QPointF(corner)))
    assert view.hovered_point() is None
    qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=corner)
    assert view.index == index
    assert is_inside(session.active_volume, session.cursor)


def test_planes_of_one_space_go_to_one_place_along_either_axes(session, views, scan):
    """A straight series beside an oblique one, both in one frame of reference."""
    straight = Volume(
        np.zeros((60, 60, 60), np.int16),
        np.array([[1.0, 0, 0, -30], [0, 1, 0, -30], [0, 0, 1, -30], [0, 0, 0, 1]]),
        facts={"frame_of_reference": "1.2"},
    )
    volume = session.active_volume
    volume.facts["frame_of_reference"] = "1.2"
    item = SeriesItem("nifti", "other.nii", ("other.nii",), title="other")
    (id,) = session.add_items([item])
    session.set_loaded(id, LoadedSeries(item, straight, Ledger(1, 1)))
    pane = session.panes.add("axial", id)
    session.appearance.set_follows_patient(True)
    assert not pane.is_resampled
    pane.set_slice(35)
    assert session.cursor[2] == pytest.approx(5.0)
    assert abs(views["axial"].pane.cursor[2] - 5.0) <= 1.0
    views["axial"].pane.step(2)
    assert pane.cursor == pytest.approx(session.cursor)
    session.panes.remove(pane)


def test_measurements_belong_to_the_slices_of_the_scan(qtbot, session, views):
    view = views["axial"]
    kept = Measurement(DISTANCE, 2, view.index, ((2.0, 2.0, view.index), (9.0, 2.0, view.index)))
    session.measurements.add(kept)
    before = view.grab().toImage()
    session.appearance.set_follows_patient(True)
    told = []
    session.notice.connect(told.append)
    session.tools.take(DISTANCE)
    for place in (QPoint(120, 120), QPoint(180, 120)):
        qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=place)
    assert session.measurements.of(session.active) == (kept,)
    assert told
    session.tools.put_down()
    session.appearance.set_follows_patient(False)
    assert view.grab().toImage() == before


def test_colours_lie_where_values_lie(qtbot, scan, views):
    array = np.zeros((*SHAPE, 3), np.uint8)
    array[...] = 10, 200, 30
    session = scan.make_session(Volume(array, OBLIQUE, name="colour", modality="XC"))
    view = SliceView(session, "sagittal")
    qtbot.addWidget(view)
    view.resize(300, 300)
    session.toggle_crosshair()
    session.appearance.set_follows_patient(True)
    view.set_overlay_visible(False)
    picture = view.grab().toImage()
    middle = QColor(picture.pixel(150, 150))
    assert middle.getRgb()[:3] == (10, 200, 30)
    corner = view.image_rect().topLeft().toPoint() + QPoint(3, 3)
    assert QColor(picture.pixel(corner)).value() == 0
