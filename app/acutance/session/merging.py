"""What a search has found so far becomes what it finds next, without losing what is looked at."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from acutance.core.ledger import PARTIAL_SEARCH, Ledger, LoadedSeries

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from acutance.core.ledger import Loaded, SeriesItem


def match_items(known: Mapping[int, SeriesItem], found: Sequence[SeriesItem]) -> dict[int, int]:
    """Return which known item is which of those found now: most files in common.

    Parameters
    ----------
    known : mapping of id to SeriesItem
        Those to be kept first come first.
    found : sequence of SeriesItem

    Returns
    -------
    dict of int to int
        Place among `found`, by id; each place at most once.
    """
    places = {(file, item.part): n for n, item in enumerate(found) for file in item.files}
    taken: set[int] = set()
    matches: dict[int, int] = {}
    for id, item in known.items():
        votes = Counter(places.get((file, item.part), -1) for file in item.files)
        for place, _ in votes.most_common():
            if place >= 0 and place not in taken:
                taken.add(place)
                matches[id] = place
                break
    return matches


def is_same_series(loaded: Loaded, item: SeriesItem) -> bool:
    """Whether what was loaded is all of an item: its files, at its position."""
    before = loaded.item
    return before.position == item.position and set(before.files) == set(item.files)


def settle(loaded: Loaded, item: SeriesItem) -> Loaded:
    """Return what was loaded with the account of the item that the search found in the end.

    Parameters
    ----------
    loaded : LoadedSeries or LoadedVideo
        Of the same files.
    item : SeriesItem
    """
    before = loaded.item
    own = [entry for entry in loaded.ledger.set_aside if entry not in before.set_aside]
    aside = (*item.set_aside, *own)
    found = len(item.files) + len(item.set_aside)
    inherited = set(before.warnings)
    warnings = (
        *item.warnings,
        *(
            warning
            for warning in loaded.warnings
            if warning not in inherited and (item.is_partial or warning.name != PARTIAL_SEARCH)
        ),
    )
    ledger = Ledger(found, found - len(aside), aside)
    settled = replace(loaded, item=item, ledger=ledger, warnings=warnings)
    if isinstance(settled, LoadedSeries) and settled.volume.name == before.title != item.title:
        settled = replace(settled, volume=replace(settled.volume, name=item.title))
    return settled
