from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from acutance.core.affine import to_world
from acutance.core.window import Window
from acutance.qt.viewers.captions import (
    corner_text,
    format_point,
    format_value,
    position_lines,
    window_text,
)

if TYPE_CHECKING:
    from types import SimpleNamespace


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (178.0, "178"),
        (1234.567, "1235"),
        (0.012345, "0.0123"),
        (-99.96, "-100"),
        (2.5e7, "2.5e+07"),
        (float("nan"), "no value"),
    ],
)
def test_numbers_have_the_digits_they_deserve(value: float, text: str) -> None:
    assert format_value(value) == text


def test_a_point_is_told_by_sides(scan: SimpleNamespace) -> None:
    assert format_point(scan.make_volume(), (-12.0, 3.46, -0.01)) == "L 12.0 A 3.5 S 0.0 mm"


def test_the_value_is_that_of_the_voxel(scan: SimpleNamespace) -> None:
    lines = position_lines(scan.make_volume(), to_world(scan.affine, scan.bright))
    assert lines == ("voxel 6, 11, 31", "R 11.0 A 18.0 S 18.0 mm", "value 1000")


def test_corners_name_plane_slice_convention_and_window(
    qtbot: object, scan: SimpleNamespace
) -> None:
    from acutance.qt.viewers import SliceView

    session = scan.make_session()
    view = SliceView(session, "coronal")
    qtbot.addWidget(view)  # type: ignore[attr-defined]
    assert view.geometry_of_slice is not None
    text = corner_text(session, view.pane, view.geometry_of_slice, None, zoom=2.0)
    assert text.top_left == ("scan", "coronal 15 / 30")
    assert text.top_right == ("RAD",)
    assert text.bottom_left[1] == "zoom 2.00×"
    session.set_convention("neurological")
    text = corner_text(session, view.pane, view.geometry_of_slice, None, zoom=2.0, is_narrow=True)
    assert (text.top_right, text.bottom_right) == (("NEU",), ())


def test_a_colour_voxel_has_three_values_and_no_window(
    qtbot: object, scan: SimpleNamespace
) -> None:
    from acutance.qt.viewers import SliceView

    volume = scan.make_colour(10, 200, 30)
    assert position_lines(volume, (0.0, 0.0, 0.0))[-1] == "value R 10 G 200 B 30"
    session = scan.make_session(volume)
    assert session.window_presets() == ()
    view = SliceView(session, "axial")
    qtbot.addWidget(view)  # type: ignore[attr-defined]
    assert view.geometry_of_slice is not None
    text = corner_text(session, view.pane, view.geometry_of_slice, None, zoom=2.0)
    assert text.bottom_left[0] == "colour"


def test_a_window_of_another_function_says_so() -> None:
    assert window_text(Window(40, 400, "", "linear")) == "W 400  L 40"
    assert window_text(Window(40, 400, "", "sigmoid")) == "W 400  L 40  sigmoid"


def test_what_is_linked_is_written_unless_it_is_everything_of_the_active_series(
    scan: SimpleNamespace,
) -> None:
    from acutance.qt.viewers.captions import link_text

    session = scan.make_session()
    pane = session.panes.add("axial")
    assert link_text(pane) == ""
    pane.set_linked("window", False)
    assert link_text(pane) == "linked, not W/L"
    pane.set_linked("pan", False)
    assert link_text(pane) == "linked: scroll, zoom, time"
    for action in ("scroll", "zoom", "time"):
        pane.set_linked(action, False)
    assert link_text(pane) == "not linked"
