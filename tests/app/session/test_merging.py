from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from acutance.core.ledger import (
    PARTIAL_SEARCH,
    Ledger,
    LoadedSeries,
    LoadWarning,
    SeriesItem,
    SetAside,
)
from acutance.core.volume import Volume
from acutance.session import Session
from acutance.session.merging import match_items, settle


def make_item(name: str, *files: str, **values: object) -> SeriesItem:
    return SeriesItem("dicom", name, files, title=name, **values)  # type: ignore[arg-type]


def make_loaded(item: SeriesItem, slices: int = 4) -> LoadedSeries:
    volume = Volume(np.arange(64 * slices).reshape(8, 8, slices), np.eye(4), name=item.title)
    warnings = (*item.warnings, LoadWarning("missing_slices", "A gap."))
    if item.is_partial:
        warnings += (LoadWarning(PARTIAL_SEARCH, "So far."),)
    used, aside = len(item.files), item.set_aside
    return LoadedSeries(item, volume, Ledger(used + len(aside), used, aside), warnings)


def test_items_are_recognised_by_their_files() -> None:
    known = {7: make_item("a", "1", "2"), 8: make_item("b", "3")}
    found = [make_item("c", "9"), make_item("b", "3", "4"), make_item("a", "0", "1", "2")]
    assert match_items(known, found) == {7: 2, 8: 1}


def test_of_two_that_become_one_the_first_is_kept() -> None:
    known = {7: make_item("a", "1"), 8: make_item("b", "2", "3")}
    assert match_items(known, [make_item("ab", "1", "2", "3")]) == {7: 0}


def test_parts_of_one_file_are_told_apart() -> None:
    known = {7: make_item("a", "1", part="x"), 8: make_item("a", "1", part="y")}
    found = [make_item("a", "1", part="y"), make_item("a", "1", part="x")]
    assert match_items(known, found) == {7: 1, 8: 0}


def test_the_account_of_the_end_replaces_that_of_the_way() -> None:
    before = make_item("a", "1", "2", is_partial=True, set_aside=(SetAside("x", "a text"),))
    loaded = make_loaded(before)
    own = (SetAside("x", "a text"), SetAside("2", "cut"))
    loaded = replace(loaded, ledger=Ledger(3, 1, own))
    aside = (SetAside("x", "a text"), SetAside("y", "a picture"))
    after = make_item("a (volume 1 of 2)", "2", "1", set_aside=aside)
    settled = settle(loaded, after)
    assert settled.ledger == Ledger(4, 1, (*aside, SetAside("2", "cut")))
    assert [w.name for w in settled.warnings] == ["missing_slices"]
    assert settled.item is after
    assert isinstance(settled, LoadedSeries)
    assert settled.volume.name == "a (volume 1 of 2)"


@pytest.fixture
def session() -> Session:
    session = Session()
    ids = session.merge_items((), [make_item("a", "1", "2", is_partial=True)])
    session.set_loaded(ids[0], make_loaded(session.entries[0].item))
    session.activate(ids[0])
    return session


def test_a_series_found_complete_keeps_voxels_and_view(session: Session) -> None:
    session.set_cursor((1.0, 2.0, 3.0))
    volume = session.active_volume
    changed: list[int] = []
    session.series_changed.connect(changed.append)
    ids = session.merge_items([1], [make_item("b", "0"), make_item("a", "1", "2")])
    assert ids == [2, 1]
    assert session.active is not None
    assert session.active.id == 1
    assert session.active_volume is volume
    assert session.cursor == (1.0, 2.0, 3.0)
    assert changed == [1]
    loaded = session.active.loaded
    assert loaded is not None
    assert not loaded.item.is_partial
    assert [w.name for w in loaded.warnings] == ["missing_slices"]


def test_a_series_that_grew_keeps_its_view_when_it_is_read_again(session: Session) -> None:
    session.set_cursor((1.0, 2.0, 3.0))
    window = session.window
    grown = make_item("a", "0", "1", "2", "3")
    assert session.merge_items([1], [grown]) == [1]
    before = session.active_volume
    assert before is not None
    assert before.shape[2] == 4
    session.set_loaded(1, make_loaded(grown, slices=6))
    assert session.active_volume is not None
    assert session.active_volume.shape[2] == 6
    assert session.cursor == (1.0, 2.0, 3.0)
    assert session.window == window


def test_what_is_found_no_more_is_closed(session: Session) -> None:
    listed: list[tuple[int, ...]] = []
    session.listed.connect(listed.append)
    assert session.merge_items([1], [make_item("z", "9")]) == [2]
    assert [entry.id for entry in session.entries] == [2]
    assert session.active is not None
    assert session.active.id == 2
    assert listed == [(2,)]


def test_many_series_are_listed_at_once() -> None:
    session = Session()
    listed: list[tuple[int, ...]] = []
    session.listed.connect(listed.append)
    session.merge_items((), [make_item(str(n), str(n)) for n in range(300)])
    assert [len(ids) for ids in listed] == [300]
