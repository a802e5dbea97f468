from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from acutance.core.affine import PLANES, plane_axis, to_index, to_world
from acutance.core.ledger import Ledger, LoadedSeries, SeriesItem
from acutance.core.quality import ModelFacts, QualityResult, SliceScore, Verdict
from acutance.core.volume import Volume
from acutance.core.window import Window
from acutance.errors import CorruptFileError, EngineError
from acutance.session import SeriesState, Session

OBLIQUE = np.array(
    [[-1.1, 0.1, 0.0, 40.0], [0.1, 1.0, -0.4, -35.0], [0.0, 0.3, 2.9, -20.0], [0, 0, 0, 1.0]]
)
ITEM = SeriesItem("nifti", "folder/scan.nii", ("folder/scan.nii",))


def make_loaded(modality: str = "MR", windows: tuple[Window, ...] = ()) -> LoadedSeries:
    array = np.arange(10 * 12 * 8, dtype=np.uint16).reshape(10, 12, 8)
    volume = Volume(array, OBLIQUE, modality=modality, windows=windows, name="scan")
    return LoadedSeries(ITEM, volume, Ledger(1, 1))


def make_result(values: dict[int, float | None], plane: str = "axial") -> QualityResult:
    slices = tuple(SliceScore(plane, k, v, "" if v else "no anatomy") for k, v in values.items())
    model = ModelFacts("net", "1", "0" * 64)
    return QualityResult(
        Verdict.CHECK, "motion", True, 0.7, slices, (plane,), model, "cpu", {}, 0.1
    )


def make_session(loaded: LoadedSeries | None = None) -> Session:
    session = Session()
    (first,) = session.add_items([ITEM])
    session.set_loaded(first, loaded or make_loaded())
    session.activate(first)
    return session


def record(session: Session) -> list[tuple[object, ...]]:
    heard: list[tuple[object, ...]] = []
    for name in (
        "series_added",
        "series_changed",
        "series_removed",
        "active_changed",
        "cursor_changed",
        "window_changed",
        "convention_changed",
        "crosshair_changed",
        "result_changed",
        "notice",
    ):
        getattr(session, name).connect(lambda value, name=name: heard.append((name, value)))
    return heard


def test_a_series_goes_from_listed_to_loaded() -> None:
    session = Session()
    heard = record(session)
    (id,) = session.add_items([ITEM])
    entry = session.entries[0]
    assert (entry.id, entry.state, entry.title) == (id, SeriesState.LISTED, "scan.nii")
    session.mark_loading(id)
    session.set_progress(id, 0.4)
    assert (entry.state, entry.progress) == (SeriesState.LOADING, 0.4)
    session.set_loaded(id, make_loaded())
    assert entry.state is SeriesState.LOADED
    assert entry.progress == 0.0
    assert entry.thumbnail is not None
    assert entry.thumbnail.shape == (48, 48)
    assert session.active is None
    assert heard == [("series_added", id)] + [("series_changed", id)] * 3


def test_a_failed_series_keeps_its_error() -> None:
    session = Session()
    (id,) = session.add_items([ITEM])
    error = CorruptFileError("The file is cut short.", remedy="Copy it again.")
    session.set_failed(id, error)
    assert session.entries[0].state is SeriesState.FAILED
    assert session.entries[0].error is error


def test_activation_goes_to_the_centre_with_the_stored_window() -> None:
    stored = Window(40.0, 80.0, "brain")
    session = make_session(make_loaded(windows=(stored, Window(1.0, 2.0))))
    assert [session.slice_index(p) for p in PLANES] == [4, 6, 5]
    assert session.window == stored


def test_without_a_stored_window_it_is_automatic() -> None:
    session = make_session()
    assert session.window.name == "auto"
    assert session.window.low < session.window.high <= 960


def test_a_load_of_the_active_series_starts_its_view() -> None:
    session = Session()
    (id,) = session.add_items([ITEM])
    session.activate(id)
    assert session.active_volume is None
    heard = record(session)
    session.set_loaded(id, make_loaded())
    assert [name for name, _ in heard] == ["series_changed", "cursor_changed", "window_changed"]
    assert session.slice_index("axial") == 4


def test_stale_answers_are_dropped() -> None:
    session = make_session()
    (id,) = (entry.id for entry in session.entries)
    session.remove(id)
    heard = record(session)
    session.mark_loading(id)
    session.set_progress(id, 0.5)
    session.set_loaded(id, make_loaded())
    session.set_failed(id, CorruptFileError("cut"))
    session.set_result(id, make_result({1: 0.5}))
    session.set_scoring_error(id, EngineError("no"))
    session.activate(id)
    session.remove(id)
    assert heard == []
    assert session.entries == ()
    assert session.active is None


def test_ids_are_never_given_twice() -> None:
    session = Session()
    (first,) = session.add_items([ITEM])
    session.remove(first)
    assert session.add_items([ITEM]) != [first]


def test_removing_the_active_series_activates_its_neighbour() -> None:
    session = Session()
    ids = session.add_items([ITEM] * 3)
    session.activate(ids[1])
    session.remove(ids[1])
    assert session.active is not None
    assert session.active.id == ids[2]
    session.clear()
    assert (session.active, session.entries) == (None, ())


def test_the_cursor_stays_inside_the_volume() -> None:
    session = make_session()
    session.set_cursor((1e6, 1e6, 1e6))
    assert session.active_volume is not None
    index = to_index(session.active_volume.affine, session.cursor)
    assert all(
        -1e-6 <= x <= n - 1 + 1e-6 for x, n in zip(index, session.active_volume.shape, strict=True)
    )
    with pytest.raises(ValueError, match="finite"):
        session.set_cursor((float("nan"), 0.0, 0.0))


@given(
    plane=st.sampled_from(PLANES),
    index=st.integers(-5, 20),
    start=st.tuples(st.floats(0, 9), st.floats(0, 11), st.floats(0, 7)),
)
@settings(max_examples=60, deadline=None)
def test_a_slice_moves_only_along_its_axis(
    plane: str, index: int, start: tuple[float, float, float]
) -> None:
    session = make_session()
    session.set_cursor(to_world(OBLIQUE, start))
    before = to_index(OBLIQUE, session.cursor)
    others = {p: session.slice_index(p) for p in PLANES if p != plane}
    session.set_slice(plane, index)
    axis = plane_axis(OBLIQUE, plane)
    count = (10, 12, 8)[axis]
    assert session.slice_index(plane) == min(max(index, 0), count - 1)
    assert {p: session.slice_index(p) for p in others} == others
    after = to_index(OBLIQUE, session.cursor)
    for a in range(3):
        if a != axis:
            assert after[a] == pytest.approx(before[a], abs=1e-9)


def test_presets_follow_modality_and_file() -> None:
    mr = make_session(make_loaded(windows=(Window(10.0, 20.0),)))
    assert [name for name, _ in mr.window_presets()] == ["auto", "stored 1", "background"]
    ct = make_session(make_loaded("CT"))
    names = [name for name, _ in ct.window_presets()]
    assert names[0] == "auto"
    assert "lung" in names
    assert "background" not in names
    assert Session().window_presets() == ()


def test_next_worst_goes_by_rank_and_round() -> None:
    session = make_session()
    session.set_result(1, make_result({1: 0.9, 2: None, 3: 0.5, 6: 0.7}))
    visited = []
    for direction in (1, 1, 1, 1, -1):
        score = session.next_worst(direction)
        assert score is not None
        assert session.slice_index("axial") == score.index
        visited.append(score.index)
    assert visited == [3, 6, 1, 3, 1]
    assert [s.index for s in session.scores("axial")] == [1, 2, 3, 6]
    assert session.scores("coronal") == []


def test_next_worst_without_scores_says_so() -> None:
    session = make_session()
    heard = record(session)
    assert session.next_worst() is None
    assert heard == [("notice", "No slice is scored yet.")]


def test_a_scoring_error_keeps_the_older_result() -> None:
    session = make_session()
    result = make_result({1: 0.9})
    session.set_result(1, result)
    error = EngineError("The child died.")
    session.set_scoring_error(1, error)
    entry = session.entries[0]
    assert (entry.result, entry.scoring_error) == (result, error)
    session.set_result(1, result)
    assert entry.scoring_error is None


COMMANDS = {
    "set_cursor": ({"cursor"}, lambda s, x: s.set_cursor((x, -x, x / 2))),
    "set_slice": ({"cursor"}, lambda s, x: s.set_slice("coronal", int(x))),
    "step": ({"cursor"}, lambda s, x: s.step("sagittal", int(x))),
    "next_worst": ({"cursor"}, lambda s, x: s.next_worst(1 if x > 0 else -1)),
    "set_window": ({"window"}, lambda s, x: s.set_window(Window(x, abs(x) + 1))),
    "reset_window": ({"window"}, lambda s, _: s.reset_window()),
    "set_convention": (
        {"convention"},
        lambda s, x: s.set_convention("neurological" if x > 0 else "radiological"),
    ),
    "toggle_crosshair": ({"crosshair"}, lambda s, _: s.toggle_crosshair()),
    "set_progress": ({"entries"}, lambda s, x: s.set_progress(1, x / 50)),
    "set_scoring_error": ({"entries"}, lambda s, _: s.set_scoring_error(1, EngineError("no"))),
    "set_result": ({"entries"}, lambda s, x: s.set_result(1, make_result({2: 0.5, 5: 0.7}))),
    "add_items": ({"entries"}, lambda s, _: s.add_items([ITEM])),
    "remove_other": ({"entries"}, lambda s, _: s.remove(2)),
    "activate": ({"active", "cursor", "window"}, lambda s, x: s.activate(2 if x > 0 else 1)),
}


def state(session: Session) -> dict[str, object]:
    return {
        "cursor": session.cursor,
        "window": session.window,
        "convention": session.convention,
        "crosshair": session.crosshair_visible,
        "active": None if session.active is None else session.active.id,
        "entries": [
            (e.id, e.state, id(e.loaded), id(e.result), id(e.scoring_error), e.progress)
            for e in session.entries
        ],
    }


@given(
    st.lists(
        st.tuples(st.sampled_from(sorted(COMMANDS)), st.floats(-60, 60)), min_size=1, max_size=12
    )
)
@settings(max_examples=40, deadline=None)
def test_each_command_changes_only_its_fields(commands: list[tuple[str, float]]) -> None:
    session = make_session()
    session.add_items([ITEM])
    for name, value in commands:
        if name == "remove_other" and session.active is not None and session.active.id == 2:
            continue
        fields, command = COMMANDS[name]
        before = state(session)
        command(session, value)
        after = state(session)
        changed = {field for field in before if before[field] != after[field]}
        assert changed <= fields, name
