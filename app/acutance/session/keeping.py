"""What the user measured and decided, as plain values for the journal, and back."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from acutance.core.measuring import POINTS, Measurement
from acutance.core.review import Decision, Review

if TYPE_CHECKING:
    from collections.abc import Iterable

    from acutance.core.measuring import Index, Kind
    from acutance.session.entry import SeriesEntry
    from acutance.session.session import Session


@dataclass(frozen=True)
class SeriesWork:
    """What belongs to one series, which is recognised by its first file and its key.

    Parameters
    ----------
    file, key : str
    measurements : tuple of Measurement
    review : Review or None
    """

    file: str
    key: str
    measurements: tuple[Measurement, ...] = ()
    review: Review | None = None

    def is_of(self, entry: SeriesEntry) -> bool:
        """Whether it belongs to a series."""
        return self.file in entry.item.files and self.key == entry.item.key

    def to_plain(self) -> dict[str, Any]:
        """Return it as JSON-ready values."""
        review = self.review
        return {
            "file": self.file,
            "key": self.key,
            "measurements": [
                {"kind": m.kind, "axis": m.axis, "index": m.index, "points": m.points}
                for m in self.measurements
            ],
            "review": None
            if review is None
            else {
                "decision": review.decision.value,
                "reason": review.reason,
                "note": review.note,
                "predicted": review.predicted,
                "predicted_ssim": review.predicted_ssim,
            },
        }

    @classmethod
    def from_plain(cls, plain: dict[str, Any]) -> SeriesWork:
        """Rebuild it; checks everything again.

        Raises
        ------
        ValueError, KeyError, TypeError
            If a value is none of such work.
        """
        review = plain["review"]
        return cls(
            str(plain["file"]),
            str(plain["key"]),
            tuple(map(_measurement, plain["measurements"])),
            None if review is None else _review(review),
        )


def work_of(session: Session) -> tuple[SeriesWork, ...]:
    """Return what belongs to each series; series without any are left out."""
    found = []
    for entry in session.entries:
        measurements, review = session.measurements.of(entry), session.reviews.of(entry)
        if (measurements or review is not None) and entry.item.files:
            found.append(SeriesWork(entry.item.files[0], entry.item.key, measurements, review))
    return tuple(found)


def bring_back(
    session: Session, work: Iterable[SeriesWork], entry: SeriesEntry
) -> tuple[SeriesWork, ...]:
    """Give a loaded series what belongs to it; return what belongs to others.

    What does not lie in its volume is dropped; what it has already stays.
    """
    left = []
    for one in work:
        if entry.loaded is None or not one.is_of(entry):
            left.append(one)
            continue
        volume = entry.volume
        if volume is not None:
            lie = tuple(m for m in one.measurements if 0 <= m.index < volume.shape[m.axis])
            session.measurements.bring_back(entry.id, lie)
        if one.review is not None:
            session.reviews.bring_back(entry.id, one.review)
    return tuple(left)


def _measurement(plain: dict[str, Any]) -> Measurement:
    kind, axis = plain["kind"], int(plain["axis"])
    if kind not in POINTS or axis not in (0, 1, 2):
        raise ValueError("no such measurement")
    points = tuple(_index(point) for point in plain["points"])
    return Measurement(cast("Kind", kind), axis, int(plain["index"]), points)


def _index(point: Any) -> Index:
    i, j, k = map(float, point)
    return i, j, k


def _review(plain: dict[str, Any]) -> Review:
    value = plain["predicted_ssim"]
    if value is not None and not math.isfinite(float(value)):
        raise ValueError("a prediction is finite")
    return Review(
        Decision(plain["decision"]),
        str(plain["reason"]),
        str(plain["note"]),
        str(plain["predicted"]),
        None if value is None else float(value),
    )
