from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from acutance.core.ledger import Ledger, LoadedSeries, SeriesItem
from acutance.core.volume import Volume
from acutance.core.window import Window
from acutance.session import Session

if TYPE_CHECKING:
    from acutance.session.panes import Pane

GRID = np.diag([1.0, 1.0, 1.0, 1.0])


def make_volume(frame: str = "a", affine: np.ndarray = GRID, unit: str = "") -> Volume:
    array = np.arange(12 * 12 * 10, dtype=np.int16).reshape(12, 12, 10)
    return Volume(array, affine, unit=unit, facts={"frame_of_reference": frame})


def make_session(*volumes: Volume) -> tuple[Session, list[int]]:
    session = Session()
    items = [SeriesItem("nifti", f"{n}.nii", (f"{n}.nii",)) for n in range(len(volumes))]
    ids = session.add_items(items)
    for id, item, volume in zip(ids, items, volumes, strict=True):
        session.set_loaded(id, LoadedSeries(item, volume, Ledger(1, 1)))
    session.activate(ids[0])
    return session, ids


def test_a_pane_that_follows_is_where_the_session_is() -> None:
    session, ids = make_session(make_volume(), make_volume("b"))
    pane = session.panes.add("axial")
    pane.set_slice(3)
    assert (session.slice_index("axial"), pane.index) == (3, 3)
    session.set_window(Window(7.0, 3.0))
    assert pane.window == Window(7.0, 3.0)
    session.activate(ids[1])
    assert pane.volume is session.active_volume


def test_linked_panes_of_one_frame_go_together_and_of_another_stay() -> None:
    session, ids = make_session(make_volume(), make_volume(), make_volume("b"))
    same, strange = session.panes.add("axial", ids[1]), session.panes.add("axial", ids[2])
    session.set_cursor((2.0, 3.0, 8.0))
    assert same.cursor == (2.0, 3.0, 8.0)
    assert strange.index == 5
    same.set_slice(1)
    assert session.cursor == (2.0, 3.0, 1.0)
    assert strange.index == 5


def test_a_pane_reaches_slices_that_the_active_series_lacks() -> None:
    low = GRID.copy()
    low[2, 3] = -5.0
    session, ids = make_session(make_volume(), make_volume(affine=low))
    pane = session.panes.add("axial", ids[1])
    pane.set_slice(0)
    assert pane.index == 0
    assert session.cursor[2] == 0.0  # as near as the active series has it


def test_windows_are_shared_by_choice_and_in_one_unit_only() -> None:
    session, ids = make_session(make_volume(), make_volume(), make_volume(unit="HU"))
    one, other = session.panes.add("axial", ids[1]), session.panes.add("axial", ids[2])
    before = one.window
    session.set_window(Window(5.0, 2.0))
    assert one.window == before
    one.set_linked("window", True)
    other.set_linked("window", True)
    session.set_window(Window(6.0, 2.0))
    assert one.window == Window(6.0, 2.0)
    assert other.window != Window(6.0, 2.0)


def test_another_active_series_leaves_linked_windows_alone() -> None:
    session, ids = make_session(make_volume(), make_volume(), make_volume())
    pane = session.panes.add("axial", ids[1])
    pane.set_linked("window", True)
    session.set_window(Window(6.0, 2.0))
    session.activate(ids[2])
    assert pane.window == Window(6.0, 2.0)


def test_zoom_and_pan_are_linked_apart_and_within_a_plane() -> None:
    session, ids = make_session(make_volume(), make_volume())
    one, same, turned = (
        session.panes.add("axial"),
        session.panes.add("axial", ids[1]),
        session.panes.add("coronal", ids[1]),
    )
    same.set_linked("pan", False)
    one.place(2.0, (0.1, 0.2))
    assert (same.zoom, same.pan) == (2.0, (0.0, 0.0))
    assert (turned.zoom, turned.pan) == (1.0, (0.0, 0.0))


def test_an_unlinked_pane_goes_on_from_where_it_is() -> None:
    session, _ = make_session(make_volume())
    pane = session.panes.add("axial")
    session.set_cursor((1.0, 1.0, 4.0))
    pane.set_linked("scroll", False)
    assert pane.index == 4
    session.step("axial", 2)
    assert pane.index == 4
    pane.step(-1)
    assert (pane.index, session.slice_index("axial")) == (3, 6)


def test_linking_again_joins_the_others() -> None:
    session, ids = make_session(make_volume(), make_volume())
    session.panes.add("axial")
    pane = session.panes.add("axial", ids[1])
    pane.set_linked("scroll", False)
    pane.set_slice(0)
    pane.set_linked("scroll", True)
    assert pane.cursor == session.cursor


def test_a_series_keeps_place_and_window_of_its_space() -> None:
    session, ids = make_session(make_volume(), make_volume(), make_volume("b"))
    session.set_cursor((2.0, 3.0, 8.0))
    session.set_window(Window(5.0, 2.0))
    session.activate(ids[1])
    assert session.cursor == (2.0, 3.0, 8.0)
    assert session.window != Window(5.0, 2.0)
    session.activate(ids[0])
    assert session.window == Window(5.0, 2.0)
    session.activate(ids[2])
    assert session.cursor == (6.0, 6.0, 5.0)


def test_zoom_stays_when_the_next_series_lies_on_the_same_grid() -> None:
    session, ids = make_session(make_volume(), make_volume(), make_volume("b"))
    pane = session.panes.add("axial")
    pane.place(3.0, (0.2, 0.0))
    session.activate(ids[1])
    assert pane.zoom == 3.0
    session.activate(ids[2])
    assert pane.zoom == 1.0


#: What each command of a pane may change: of itself, of its peers, of the session.
COMMANDS: dict[str, tuple[set[str], Any]] = {
    "set_cursor": ({"cursor"}, lambda p, x: p.set_cursor((x, x / 2, 9 - x))),
    "set_slice": ({"cursor"}, lambda p, x: p.set_slice(int(x))),
    "step": ({"cursor"}, lambda p, x: p.step(int(x) - 4)),
    "set_window": ({"window"}, lambda p, x: p.set_window(Window(x, x + 1))),
    "reset_window": ({"window"}, lambda p, _x: p.reset_window()),
    "zoom": ({"zoom"}, lambda p, x: p.place(1 + x, p.pan)),
    "pan": ({"pan"}, lambda p, x: p.place(p.zoom, (x / 20, -x / 30))),
    "unlink": ({"links"}, lambda p, x: p.set_linked(_action(x), False)),
    "link": ({"links", "cursor", "window"}, lambda p, x: p.set_linked(_action(x), True)),
    "plane": ({"plane", "zoom", "pan"}, lambda p, x: p.set_plane(_plane(x))),
}


def _action(x: float) -> str:
    return ("scroll", "zoom", "pan", "window", "time")[int(x) % 5]


def _plane(x: float) -> str:
    return ("axial", "coronal", "sagittal")[int(x) % 3]


def state(pane: Pane) -> dict[str, Any]:
    fields = ("cursor", "window", "zoom", "pan", "links", "plane", "series")
    return {field: getattr(pane, field) for field in fields}


@given(
    st.lists(
        st.tuples(st.sampled_from(sorted(COMMANDS)), st.integers(0, 2), st.floats(0, 9)),
        min_size=1,
        max_size=10,
    )
)
@settings(max_examples=60, deadline=None)
def test_a_command_of_a_view_changes_only_its_declared_fields(
    commands: list[tuple[str, int, float]],
) -> None:
    session, ids = make_session(make_volume(), make_volume())
    panes = [session.panes.add("axial"), session.panes.add("axial", ids[1])]
    panes.append(session.panes.add("coronal"))
    for name, at, value in commands:
        fields, command = COMMANDS[name]
        before = [state(pane) for pane in panes]
        command(panes[at], value)
        for n, (was, pane) in enumerate(zip(before, panes, strict=True)):
            now = state(pane)
            changed = {field for field in was if was[field] != now[field]}
            allowed = fields if n == at else fields - {"links", "plane"}
            if name == "plane" and n != at:
                allowed = set()
            assert changed <= allowed, (name, n)
    assert session.convention == "radiological"
    assert session.active is not None
    assert session.active.id == ids[0]


def test_a_closed_series_leaves_an_empty_pane() -> None:
    session, ids = make_session(make_volume(), make_volume())
    pane = session.panes.add("axial", ids[1])
    told: list[bool] = []
    pane.content_changed.connect(lambda: told.append(True))
    session.remove(ids[1])
    assert pane.volume is None
    assert told
    pane.step(1)
    assert pane.index == 0


def test_a_forgotten_pane_hears_nothing() -> None:
    session, _ = make_session(make_volume())
    pane = session.panes.add("axial")
    told: list[bool] = []
    pane.moved.connect(lambda: told.append(True))
    session.panes.remove(pane)
    session.step("axial", 1)
    assert not told
