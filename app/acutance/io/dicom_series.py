"""Which files of an item are used as slices, and why the others are not."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from acutance.core.ledger import LoadWarning, SetAside
from acutance.errors import CorruptFileError
from acutance.io._protocols import plural
from acutance.io.dicom_geometry import SAME_POSITION_MM, position_along, valid_orientation
from acutance.io.dicom_pixels import read_pixels

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from acutance.io.dicom_slice import SliceHeader


@dataclass(frozen=True)
class Selection:
    """The slices of a volume and the account of the others.

    Parameters
    ----------
    slices : tuple of SliceHeader
        Of one size, none twice, none at the position of another.
    set_aside : tuple of SetAside
    warnings : tuple of LoadWarning
    """

    slices: tuple[SliceHeader, ...]
    set_aside: tuple[SetAside, ...]
    warnings: tuple[LoadWarning, ...]

    def without(self, reasons: Mapping[tuple[str, int], str]) -> Selection:
        """Return the selection less the slices, by key, that could not be read after all."""
        if not reasons:
            return self
        lost = [SetAside(path, why) for (path, _), why in reasons.items()]
        return replace(
            self,
            slices=tuple(s for s in self.slices if s.key not in reasons),
            set_aside=(*self.set_aside, *lost),
            warnings=(*self.warnings, _unreadable_warning([path for path, _ in reasons])),
        )

    def file_account(self, files: Sequence[str]) -> tuple[int, tuple[SetAside, ...]]:
        """Return how many of the files are used, and the others with the reason.

        A file of several slices is used where one of them is; the warnings tell of the others.
        """
        used = {s.path for s in self.slices}
        reasons: dict[str, str] = {}
        for entry in self.set_aside:
            reasons.setdefault(entry.file, entry.reason)
        missing = [file for file in dict.fromkeys(files) if file not in used]
        aside = tuple(SetAside(f, reasons.get(f, "holds no slice of this volume")) for f in missing)
        return len(used), aside


def select_slices(headers: Sequence[SliceHeader], unreadable: Sequence[SetAside]) -> Selection:
    """Choose the slices of a volume among the files of an item.

    Parameters
    ----------
    headers : sequence of SliceHeader
        In natural order of their names.
    unreadable : sequence of SetAside
        Files of the item whose header could not even be read.
    """
    aside = list(unreadable)
    warnings: list[LoadWarning] = []
    kept = [h for h in headers if not h.defect]
    broken = [h for h in headers if h.defect]
    aside.extend(SetAside(h.path, h.defect) for h in broken)
    if (broken or unreadable) and kept:
        names = (*(h.path for h in broken), *(s.file for s in unreadable))
        warnings.append(_unreadable_warning(names))
    kept = _of_one_size(kept, aside, warnings)
    kept = _without_duplicates(kept, aside, warnings)
    kept = _with_positions(kept, aside, warnings)
    return Selection(tuple(kept), tuple(aside), tuple(warnings))


def files_of(slices: Iterable[SliceHeader]) -> tuple[str, ...]:
    """Return the files of slices for a warning, each once, not too many."""
    return tuple(dict.fromkeys(s.path for s in slices))[:16]


def _unreadable_warning(files: Sequence[str]) -> LoadWarning:
    return LoadWarning(
        "unreadable_slices",
        f"{plural(len(files), 'slice')} of the series cannot be read and "
        f"{'is' if len(files) == 1 else 'are'} left out.",
        tuple(dict.fromkeys(files))[:16],
    )


def _of_one_size(
    slices: list[SliceHeader], aside: list[SetAside], warnings: list[LoadWarning]
) -> list[SliceHeader]:
    sizes = Counter(s.format for s in slices)
    if len(sizes) < 2:
        return slices
    usual = sizes.most_common(1)[0][0]
    kept: list[SliceHeader] = []
    strays: list[SliceHeader] = []
    for one in slices:
        (kept if one.format == usual else strays).append(one)
    for one in strays:
        aside.append(
            SetAside(
                one.path,
                f"of another size or pixel spacing ({one.columns} x {one.rows}) than the series "
                f"({usual[1]} x {usual[0]})",
            )
        )
    warnings.append(
        LoadWarning(
            "mixed_sizes",
            f"{plural(len(strays), 'image')} of another size or pixel spacing left out.",
            files_of(strays),
        )
    )
    return kept


def _without_duplicates(
    slices: list[SliceHeader], aside: list[SetAside], warnings: list[LoadWarning]
) -> list[SliceHeader]:
    kept: dict[str, SliceHeader] = {}
    unnamed, same, other = [], [], []
    for one in slices:
        if not one.sop_uid:
            unnamed.append(one)
        elif one.sop_uid not in kept:
            kept[one.sop_uid] = one
        elif _same_pixels(one, kept[one.sop_uid]):
            same.append(one)
        else:
            other.append(one)
    aside.extend(SetAside(s.path, "a duplicate of an image of the series") for s in same)
    aside.extend(
        SetAside(s.path, "claims to be an image of the series, but has other pixels") for s in other
    )
    if same:
        warnings.append(
            LoadWarning(
                "duplicate_slices",
                f"{plural(len(same), 'image')} stored twice; each was used once.",
                files_of(same),
            )
        )
    if other:
        warnings.append(
            LoadWarning(
                "conflicting_duplicates",
                f"{plural(len(other), 'image')} with the identity of another but other pixels; "
                "the first by name was used.",
                files_of(other),
            )
        )
    return [*kept.values(), *unnamed]


def _same_pixels(one: SliceHeader, other: SliceHeader) -> bool:
    """Whether two slices hold the same values, however they are packed."""
    try:
        return bool(np.array_equal(read_pixels(one), read_pixels(other)))
    except CorruptFileError:
        return False


def _with_positions(
    slices: list[SliceHeader], aside: list[SetAside], warnings: list[LoadWarning]
) -> list[SliceHeader]:
    """Leave out slices at a position that is taken, and those without one among others."""
    frame = valid_orientation(slices[0]) if slices else None
    normal = None if frame is None else frame[2]
    along = {s.key: position_along(s, normal) for s in slices}
    placed = [s for s in slices if along[s.key] is not None]
    if not placed:
        return slices
    lost = [s for s in slices if along[s.key] is None]
    if lost:
        aside.extend(SetAside(s.path, "does not say where it lies in the patient") for s in lost)
        warnings.append(
            LoadWarning(
                "no_position",
                f"{plural(len(lost), 'slice')} without a position left out.",
                files_of(lost),
            )
        )
    kept: list[SliceHeader] = []
    twice: list[SliceHeader] = []
    last: float | None = None
    for one in sorted(placed, key=lambda s: (along[s.key] or 0.0, s.instance or 0)):
        position = along[one.key] or 0.0
        if last is not None and position - last <= SAME_POSITION_MM:
            twice.append(one)
        else:
            kept.append(one)
            last = position
    if twice:
        aside.extend(SetAside(s.path, "at the same position as another slice") for s in twice)
        warnings.append(
            LoadWarning(
                "same_position",
                f"{plural(len(twice), 'slice')} at the position of another; the one with the "
                "lower instance number was used.",
                files_of(twice),
            )
        )
    return kept
