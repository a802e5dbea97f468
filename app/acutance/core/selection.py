"""Which of the volumes of a series are wanted: a position along its further axes, or all."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from acutance.core.ledger import SeriesItem

#: No more volumes of one series are taken at once.
ALL_LIMIT = 4096


@dataclass(frozen=True)
class Selection:
    """A wish for volumes, to be held against each series.

    Parameters
    ----------
    is_all : bool
        Every position.
    positions : tuple of int
        One along each axis, in the order of the axes; empty where they are named.
    named : tuple of (str, int)
        Name of an axis, or a beginning of it that no other shares, and the position along it;
        the other axes stay at 0.
    """

    is_all: bool = False
    positions: tuple[int, ...] = ()
    named: tuple[tuple[str, int], ...] = ()

    def items(self, item: SeriesItem) -> Iterator[SeriesItem]:
        """Return the series at each position that is wanted of it.

        Raises
        ------
        ValueError
            If it has no such axis or position, or too many of them; the message says what
            there is.
        """
        axes = item.extra_axes
        if self.is_all:
            count = math.prod(axis.size for axis in axes)
            if count > ALL_LIMIT:
                raise ValueError(
                    f"the series holds {count} volumes, more than the {ALL_LIMIT} that are taken "
                    "at once; name positions with --select"
                )
            every = product(*(range(axis.size) for axis in axes))
            return (item.select(position) if axes else item for position in every)
        if not self.named:
            return iter([item.select(self.positions)] if self.positions else [item])
        position = [0] * len(axes)
        for name, place in self.named:
            position[self._axis(item, name)] = place
        return iter([item.select(position)])

    @staticmethod
    def _axis(item: SeriesItem, name: str) -> int:
        names = [axis.name.casefold() for axis in item.extra_axes]
        wanted = name.casefold()
        found = [n for n, known in enumerate(names) if known == wanted] or [
            n for n, known in enumerate(names) if known.startswith(wanted)
        ]
        if len(found) != 1:
            there = ", ".join(f"{axis.name!r} 0 to {axis.size - 1}" for axis in item.extra_axes)
            raise ValueError(f"{name!r} names no single axis of {there or 'a series with none'}")
        return found[0]


def parse_selection(text: str) -> Selection:
    """Read what a user types: `all`, `3`, `3,1`, `time=3` or `time=3,vector=1`.

    Raises
    ------
    ValueError
        If it is none of these.
    """
    if text.strip().casefold() == "all":
        return Selection(is_all=True)
    parts = [part.strip() for part in text.split(",")]
    if all(part.isdecimal() and len(part) < 10 for part in parts):
        return Selection(positions=tuple(map(int, parts)))
    named = []
    for part in parts:
        name, equals, place = (piece.strip() for piece in part.partition("="))
        if not (name and equals and place.isdecimal() and len(place) < 10):
            raise ValueError(f"{text!r} is not all, N[,N...] or AXIS=N[,AXIS=N...], N from 0")
        named.append((name, int(place)))
    if len({name.casefold() for name, _ in named}) != len(named):
        raise ValueError(f"{text!r} names an axis twice")
    return Selection(named=tuple(named))
