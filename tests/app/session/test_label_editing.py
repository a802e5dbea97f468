"""Labels changed by hand: every sequence of edits leads back to the network's bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from acutance.core.affine import PLANES
from acutance.core.label_map import Label
from acutance.core.ledger import Ledger, LoadedSeries, SeriesItem
from acutance.core.quality import ModelFacts
from acutance.core.segmentation import SegmentationResult, colour_of, label_statistics
from acutance.core.slicing import volume_geometry
from acutance.core.volume import Volume
from acutance.session import Session

if TYPE_CHECKING:
    from pathlib import Path

ITEM = SeriesItem("nifti", "scan.nii", ("scan.nii",), title="scan")
TABLE = tuple(Label(n, name, colour_of(n)) for n, name in enumerate(("none", "one", "two")))
AFFINE = np.array([[0, 0, 2.0, 0], [-1.0, 0, 0, 0], [0, 3.0, 0, 0], [0, 0, 0, 1]])
SHAPE = (9, 7, 8)


def segmented() -> tuple[Session, int]:
    rng = np.random.default_rng(4)
    volume = Volume(rng.integers(0, 90, SHAPE).astype(np.int16), AFFINE)
    labels = (rng.random(SHAPE) < 0.4).astype(np.uint8)
    array = np.stack([labels, labels, labels])
    stats = label_statistics(volume, labels, TABLE)
    facts = ModelFacts("net", "1", "ab" * 32)
    result = SegmentationResult(array, TABLE, "axial", (None,) * SHAPE[1], stats, (), facts, "cpu")
    session = Session()
    (id,) = session.add_items([ITEM])
    session.set_loaded(id, LoadedSeries(ITEM, volume, Ledger(1, 1)))
    session.activate(id)
    entry = session.entry(id)
    session.segmentations.settle(id, entry.loaded, result)
    return session, id


def geometry_of(session: Session, plane: str):
    return volume_geometry(session.active_volume, plane, convention=session.convention)


EDITS = st.lists(
    st.tuples(
        st.sampled_from(("brush", "eraser", "fill", "undo", "redo")),
        st.sampled_from(PLANES),
        st.integers(0, 6),
        st.floats(-2, 10),
        st.floats(-2, 10),
        st.integers(1, 2),
    ),
    max_size=25,
)


@given(edits=EDITS)
@settings(max_examples=20, deadline=None)
def test_any_sequence_of_edits_undone_gives_the_original_bytes(edits) -> None:
    session, _ = segmented()
    labels, history = session.labels, session.history
    original = labels.result.array.tobytes()
    for kind, plane, index, row, column, label in edits:
        labels.choose_label(label)
        geometry = geometry_of(session, plane)
        if kind in ("undo", "redo"):
            getattr(history, kind)()
        elif kind == "fill":
            labels.fill(geometry, index, (int(row), int(column)))
        else:
            labels.begin(geometry, index, (row, column), erases=kind == "eraser")
            labels.go_on((column, row))
            labels.end()
        if labels.edited is not None:
            now = np.bincount(labels.edited.array.reshape(-1), minlength=256)
            assert np.array_equal(labels.edited.voxels, now)
            assert labels.edited.count == len(history.names)
    last = labels.label_map.array.tobytes()
    redone = len(history.names)
    while history.undo():
        pass
    assert labels.label_map.array.tobytes() == labels.result.array[0].tobytes()
    assert not labels.is_edited
    assert labels.result.array.tobytes() == original
    for _ in range(redone):
        history.redo()
    assert labels.label_map.array.tobytes() == last


def test_a_stroke_is_one_step_with_the_name_of_tool_and_label() -> None:
    session, _ = segmented()
    geometry = geometry_of(session, "axial")
    assert session.labels.begin(geometry, 3, (2.0, 2.0), erases=False)
    session.labels.go_on((5.0, 6.0))
    session.labels.go_on((7.0, 1.0))
    assert session.history.names == ()
    session.labels.end()
    assert session.history.names == ("brush, one",)
    session.labels.choose_label(2)
    session.labels.fill(geometry, 3, (2, 2))
    assert session.history.undo_name == "fill, two"


def test_undo_in_the_middle_of_a_stroke_ends_and_undoes_it() -> None:
    session, _ = segmented()
    session.labels.begin(geometry_of(session, "axial"), 3, (2.0, 2.0), erases=False)
    session.history.undo()
    assert session.labels.label_map.array.tobytes() == session.labels.result.array[0].tobytes()
    session.labels.go_on((6.0, 6.0))
    assert not session.labels.is_edited


def test_volumes_follow_at_once() -> None:
    session, _ = segmented()
    session.labels.set_radius(40)
    before = session.labels.result.statistics[1].voxels
    session.labels.choose_label(2)
    session.labels.begin(geometry_of(session, "coronal"), 0, (3.0, 3.0), erases=False)
    session.labels.end()
    edited = session.labels.edited
    painted = SHAPE[1] * SHAPE[2]
    assert before == 0
    assert edited.volume_ml(2) == painted * 6.0 / 1000


def test_undo_leads_to_the_place_of_the_edit() -> None:
    session, _ = segmented()
    session.labels.begin(geometry_of(session, "axial"), 5, (2.0, 2.0), erases=False)
    session.labels.end()
    session.set_slice("axial", 1)
    session.history.undo().reveal()
    assert session.slice_index("axial") == 5


def test_another_segmentation_takes_the_place_of_edits_and_their_history() -> None:
    session, id = segmented()
    session.labels.begin(geometry_of(session, "axial"), 5, (2.0, 2.0), erases=False)
    session.labels.end()
    old = session.labels.result
    session.segmentations.settle(
        id, session.entry(id).loaded, SegmentationResult.from_plain(old.to_plain(), old.array)
    )
    assert session.labels.edited is None
    assert session.history.names == ()


def test_a_closed_series_leaves_no_edits() -> None:
    session, id = segmented()
    session.labels.begin(geometry_of(session, "axial"), 5, (2.0, 2.0), erases=False)
    session.remove(id)
    session.labels.go_on((1.0, 1.0))
    session.labels.end()
    assert session.labels.label_map is None
    assert session.history.names == ()


def test_labels_are_chosen_round_and_round_and_under_the_pointer() -> None:
    session, _ = segmented()
    session.labels.step_label(1)
    assert session.labels.label == 2
    session.labels.step_label(1)
    assert session.labels.label == 1
    session.labels.choose_label(0)
    assert session.labels.label == 1
    geometry = geometry_of(session, "axial")
    session.labels.choose_label(2)
    session.labels.begin(geometry, 2, (3.0, 3.0), erases=False)
    session.labels.end()
    session.labels.choose_label(1)
    session.labels.pick(geometry, 2, (3, 3))
    assert session.labels.label == 2


def test_what_is_exported_tells_of_the_edits(tmp_path: Path) -> None:
    session, _ = segmented()
    assert session.labels.snapshot() is None
    session.labels.begin(geometry_of(session, "axial"), 5, (2.0, 2.0), erases=True)
    edited, copy, _ = session.labels.snapshot()
    edits = edited.hand_edits(copy)
    assert (edits.count, edits.tools) == (1, ("eraser",))
    assert edits.voxels == int((copy != session.labels.result.array[0]).sum()) > 0
    session.labels.begin(geometry_of(session, "axial"), 6, (2.0, 2.0), erases=True)
    session.labels.end()
    assert not np.array_equal(copy, session.labels.label_map.array)
    result = session.labels.result.edited(copy, edits, ())
    again = SegmentationResult.from_plain(result.to_plain(), result.array)
    assert again.edits == edits
