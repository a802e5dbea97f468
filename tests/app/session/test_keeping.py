"""What the journal keeps of the user's work comes back as it was, and nothing else does."""

from __future__ import annotations

import json

import numpy as np
import pytest

from acutance.core.ledger import Ledger, LoadedSeries, SeriesItem
from acutance.core.measuring import Measurement
from acutance.core.review import Decision, Review
from acutance.core.volume import Volume
from acutance.session import Session
from acutance.session.keeping import SeriesWork, bring_back, work_of

LINE = Measurement("distance", 2, 3, ((0.0, 1.5, 3.0), (4.0, 1.0, 3.0)))
ANGLE = Measurement("angle", 0, 1, ((1.0, 0.0, 0.0), (1.0, 2.0, 0.0), (1.0, 2.0, 5.0)))
REVIEW = Review(Decision.ACCEPT_WITH_NOTE, "111207", "ghosts", "usable", 0.91)


def opened(*names: str) -> Session:
    session = Session()
    items = [SeriesItem("nifti", name, (name,), key=name[0]) for name in names]
    for id, item in zip(session.add_items(items), items, strict=True):
        volume = Volume(np.zeros((5, 6, 7), np.int16), np.eye(4))
        session.set_loaded(id, LoadedSeries(item, volume, Ledger(1, 1)))
    session.activate(session.entries[0].id)
    return session


def test_work_crosses_a_crash_and_finds_its_series() -> None:
    session = opened("a.nii", "b.nii")
    session.measurements.add(LINE)
    session.measurements.add(ANGLE)
    session.reviews.decide(REVIEW.decision, reason=REVIEW.reason, note=REVIEW.note)
    text = json.dumps([one.to_plain() for one in work_of(session)])
    work = [SeriesWork.from_plain(plain) for plain in json.loads(text)]
    later = opened("b.nii", "a.nii")
    other, mine = later.entries
    left = bring_back(later, work, other)
    assert left == tuple(work)
    assert bring_back(later, left, mine) == ()
    assert later.measurements.of(mine) == (LINE, ANGLE)
    assert later.measurements.of(other) == ()
    assert later.reviews.of(mine).words == REVIEW.words
    assert later.history.names == ()


def test_what_this_session_has_stays() -> None:
    session = opened("a.nii")
    (entry,) = session.entries
    session.measurements.add(ANGLE)
    session.reviews.decide(Decision.REPEAT)
    bring_back(session, [SeriesWork("a.nii", "a", (LINE, ANGLE), REVIEW)], entry)
    assert session.measurements.of(entry) == (LINE, ANGLE)
    assert session.reviews.of(entry).decision is Decision.REPEAT


def test_what_lies_outside_the_volume_is_dropped() -> None:
    session = opened("a.nii")
    outside = Measurement("distance", 2, 70, ((0.0, 1.0, 70.0), (4.0, 1.0, 70.0)))
    bring_back(session, [SeriesWork("a.nii", "a", (outside, LINE))], session.entries[0])
    assert session.measurements.all == (LINE,)


@pytest.mark.parametrize(
    "change",
    [
        {"measurements": [{"kind": "area", "axis": 0, "index": 1, "points": []}]},
        {"measurements": [{"kind": "distance", "axis": 7, "index": 1, "points": []}]},
        {"measurements": [{"kind": "distance", "axis": 0, "index": 1, "points": [[1, 2, 3]]}]},
        {"review": {"decision": "perhaps", "reason": "", "note": ""}},
        {"review": []},
    ],
)
def test_damaged_work_is_refused(change: dict[str, object]) -> None:
    plain = SeriesWork("a.nii", "a", (LINE,), REVIEW).to_plain() | change
    with pytest.raises((ValueError, KeyError, TypeError)):
        SeriesWork.from_plain(plain)
