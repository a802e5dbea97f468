"""Kept labels: whatever was edited, and wherever the file ends, whole edits come back."""

from __future__ import annotations

import numpy as np
import pytest
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
from acutance.session.label_keeping import beginning, edit_record, owner_of, read_kept

ITEM = SeriesItem("nifti", "scan.nii", ("scan.nii",), title="scan", key="k1")
TABLE = tuple(Label(n, name, colour_of(n)) for n, name in enumerate(("none", "one", "two")))
AFFINE = np.array([[0, 0, 2.0, 0], [-1.0, 0, 0, 0], [0, 3.0, 0, 0], [0, 0, 0, 1]])
SHAPE = (9, 7, 8)


def opened() -> tuple[Session, int]:
    """Return a session with one series, read and not segmented."""
    volume = Volume(np.arange(np.prod(SHAPE), dtype=np.int16).reshape(SHAPE), AFFINE)
    session = Session()
    (id,) = session.add_items([ITEM])
    session.set_loaded(id, LoadedSeries(ITEM, volume, Ledger(1, 1)))
    session.activate(id)
    return session, id


def segmented() -> tuple[Session, int]:
    session, id = opened()
    labels = (np.random.default_rng(4).random(SHAPE) < 0.4).astype(np.uint8)
    stats = label_statistics(session.active_volume, labels, TABLE)
    array = np.stack([labels, labels, 9 * labels])
    facts = ModelFacts("net", "1", "ab" * 32)
    result = SegmentationResult(array, TABLE, "axial", (None,) * SHAPE[1], stats, (), facts, "cpu")
    session.segmentations.settle(id, session.entry(id).loaded, result)
    return session, id


def edit(session: Session, kind: str, plane: str, index: int, row: float, column: float) -> None:
    """Do one thing that a user does."""
    if kind in ("undo", "redo"):
        getattr(session.history, kind)()
        return
    geometry = volume_geometry(session.active_volume, plane, convention=session.convention)
    if kind == "fill":
        session.labels.fill(geometry, index, (int(row), int(column)))
    else:
        session.labels.begin(geometry, index, (row, column), erases=kind == "eraser")
        session.labels.go_on((column, row))
        session.labels.end()


EDITS = st.lists(
    st.tuples(
        st.sampled_from(("brush", "eraser", "fill", "undo", "redo")),
        st.sampled_from(PLANES),
        st.integers(0, 6),
        st.floats(0, 6),
        st.floats(0, 6),
    ),
    min_size=1,
    max_size=12,
)


@given(edits=EDITS, torn=st.integers(0, 60))
@settings(max_examples=15, deadline=None)
def test_whole_edits_come_back_wherever_the_file_is_torn(tmp_path_factory, edits, torn) -> None:
    session, id = segmented()
    path = tmp_path_factory.mktemp("kept") / "labels"
    result = session.labels.result
    pieces = [b"".join(beginning("scan.nii", "k1", result))]
    states = [(result.array[0].copy(), {})]

    def note(target, diff, tool, sign) -> None:
        pieces.append(edit_record(diff, tool, sign))
        states.append((target.array.copy(), {t: n for t, n in target.edits.items() if n}))

    session.labels.noted.connect(note)
    for one in edits:
        edit(session, *one)
    whole = b"".join(pieces)
    path.write_bytes(whole[: max(len(pieces[0]), len(whole) - torn)])
    ends = np.cumsum([len(piece) for piece in pieces])
    left = int(np.searchsorted(ends, path.stat().st_size, side="right")) - 1
    assert owner_of(path) == ("scan.nii", "k1")
    kept = read_kept(path)
    labels, counts = states[left]
    assert np.array_equal(kept.labels, labels)
    assert kept.edits == counts
    assert kept.sound == ends[left]
    assert np.array_equal(kept.result.array, result.array)
    assert kept.result.to_plain() == result.to_plain()

    other, other_id = opened()
    edited = other.labels.bring_back(other_id, kept)
    assert edited is not None
    assert np.array_equal(other.labels.label_map.array, labels)
    assert edited.count == sum(counts.values())
    assert edited.voxels.tolist() == np.bincount(labels.ravel(), minlength=256).tolist()
    assert other.labels.bring_back(other_id, kept) is None  # it has labels now
    session.remove(id)


def test_a_stroke_that_was_never_ended_comes_back_so_far(tmp_path) -> None:
    session, _ = segmented()
    geometry = volume_geometry(session.active_volume, "axial")
    path = tmp_path / "labels"
    path.write_bytes(b"".join(beginning("scan.nii", "k1", session.labels.result)))
    session.labels.begin(geometry, 3, (2.0, 2.0), erases=True)
    first = session.labels.stroke_so_far()
    session.labels.go_on((2.0, 6.0))
    target, diff, tool = session.labels.stroke_so_far()
    with path.open("ab") as file:
        for so_far in (first[1], diff):
            file.write(edit_record(so_far, tool, 1, is_open=True))
    kept = read_kept(path)
    assert np.array_equal(kept.labels, target.array)
    assert kept.edits == {"eraser": 1}
    assert kept.stroke is not None
    session.labels.end()
    assert session.labels.stroke_so_far() is None
    with path.open("ab") as file:
        file.write(edit_record(diff, tool, 1))
    assert np.array_equal(read_kept(path).labels, target.array)
    assert read_kept(path).stroke is None


@pytest.mark.parametrize("place", [0, 20, 60, 400])
def test_damaged_labels_are_refused(tmp_path, place) -> None:
    session, _ = segmented()
    data = bytearray(b"".join(beginning("scan.nii", "k1", session.labels.result)))
    data[place] ^= 0xFF
    path = tmp_path / "labels"
    path.write_bytes(data)
    with pytest.raises(ValueError, match=r"torn|no file"):
        read_kept(path)
