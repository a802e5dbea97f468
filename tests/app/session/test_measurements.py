"""Measurements of a session: kept by series, undone step by step."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from acutance.core.ledger import Ledger, LoadedSeries, SeriesItem
from acutance.core.measuring import Measurement
from acutance.core.turning import Turn
from acutance.core.volume import Volume
from acutance.session import Session


def opened(count: int = 1) -> Session:
    session = Session()
    items = [SeriesItem("nifti", f"{n}.nii", (f"{n}.nii",)) for n in range(count)]
    ids = session.add_items(items)
    for id, item in zip(ids, items, strict=True):
        volume = Volume(np.zeros((5, 6, 7), np.int16), np.eye(4))
        session.set_loaded(id, LoadedSeries(item, volume, Ledger(1, 1)))
    session.activate(ids[0])
    return session


def line(n: float, index: int = 2) -> Measurement:
    return Measurement("distance", 2, index, ((0.0, n, index), (1.0, n, index)))


@given(steps=st.lists(st.tuples(st.sampled_from("+-~ur"), st.integers(0, 9)), max_size=30))
@settings(max_examples=40, deadline=None)
def test_any_sequence_undone_leaves_nothing_and_redone_everything(steps) -> None:
    session = opened()
    kept, history = session.measurements, session.history
    for number, (kind, at) in enumerate(steps):
        if kind == "u":
            history.undo()
        elif kind == "r":
            history.redo()
        elif kind == "+" or not kept.all:
            kept.add(line(number))
        elif kind == "-":
            kept.remove(kept.all[at % len(kept.all)])
        else:
            kept.replace(kept.all[at % len(kept.all)], line(number + 0.5))
    last, count = kept.all, len(history.names)
    while history.undo():
        pass
    assert kept.all == ()
    for _ in range(count):
        history.redo()
    assert kept.all == last


def test_each_series_keeps_its_own_and_undo_goes_to_the_slice() -> None:
    session = opened(2)
    first, second = (entry.id for entry in session.entries)
    session.measurements.add(line(1.0, index=5))
    session.activate(second)
    assert session.measurements.all == ()
    assert session.measurements.chosen is None
    session.history.undo().reveal()
    assert session.active.id == first
    assert session.slice_index("axial") == 5
    session.history.redo()
    session.remove(first)
    assert session.history.names == ()


def test_a_reading_is_that_of_the_volume_it_is_asked_for() -> None:
    session = opened()
    assert session.measurements.read(session.active_volume, line(1.0)) == 1.0
    other = Volume(np.zeros((5, 6, 7), np.int16), np.diag([4.0, 1, 1, 1]))
    assert session.measurements.read(other, line(1.0)) == 4.0


def test_an_appearance_is_told_once_and_reset() -> None:
    session, told = opened(), []
    look = session.appearance
    look.changed.connect(lambda: told.append(1))
    look.set_inverted(True)
    look.set_inverted(True)
    look.set_turn("axial", Turn(quarters=1))
    assert len(told) == 2
    assert look.turn("coronal") == Turn()
    look.reset()
    assert (look.is_inverted, look.turn("axial")) == (False, Turn())
    with pytest.raises(ValueError, match="colour map"):
        look.set_colour_map("jet")
    with pytest.raises(ValueError, match="slab"):
        look.set_slab(-1.0)
