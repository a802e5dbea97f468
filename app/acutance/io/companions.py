"""Give files that belong to no series a place beside the series they came with."""

from __future__ import annotations

import os
import re
from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from acutance.core.ledger import LoadWarning
from acutance.io._protocols import plural

if TYPE_CHECKING:
    from collections.abc import Sequence

    from acutance.core.ledger import SeriesItem, SetAside


def settle(items: Sequence[SeriesItem], aside: Sequence[SetAside]) -> tuple[SeriesItem, ...]:
    """Return the items with every file set aside accounted to one of them.

    A file that lies beside the slices of a series and is named like them, up to its numbers, goes
    to that series; if it may be a slice that was lost, the series is warned of. The others go to
    the first item.

    Parameters
    ----------
    items : sequence of SeriesItem, at least one
    aside : sequence of SetAside
        In display order.
    """
    homes: dict[tuple[str, str], int] = {}
    for number, item in enumerate(items):
        if len(item.files) > 1:
            for file in item.files:
                homes.setdefault(_pattern(file), number)
    given: dict[int, list[SetAside]] = defaultdict(list)
    lost: dict[int, list[str]] = defaultdict(list)
    for entry in aside:
        home = homes.get(_pattern(entry.file))
        given[home or 0].append(entry)
        if home is not None and entry.may_be_lost:
            lost[home].append(entry.file)
    return tuple(
        replace(
            item,
            set_aside=(*item.set_aside, *given[number]),
            warnings=(*item.warnings, *_warnings(lost[number])),
        )
        for number, item in enumerate(items)
    )


def _pattern(file: str) -> tuple[str, str]:
    """Return folder and name less its numbers: `IM003.dcm` and `IM014.dcm` are alike."""
    folder, name = os.path.split(file)
    return folder, re.sub(r"\d+", "#", name)


def _warnings(files: Sequence[str]) -> tuple[LoadWarning, ...]:
    if not files:
        return ()
    return (
        LoadWarning(
            "unreadable_slices",
            f"{plural(len(files), 'file')} beside the slices and named like them cannot be read; "
            "slices may be missing.",
            tuple(files[:16]),
        ),
    )
