"""What the confidentiality profile does with each attribute, under each option.

References
----------
.. [1] DICOM PS3.15, annex E: E.1 (profile), E.3 (options), table E.1-1 (attributes),
   table E.3.10-1 (safe private attributes).
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from pydicom.datadict import dictionary_has_tag, dictionary_VR

from acutance.core.deidentification import OPTIONS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

TIMES = frozenset({"DA", "TM", "DT"})
#: Texts that the profile keeps where its table does not list them; all other kinds of text go.
_KEPT_TEXTS = frozenset({"LO", "SH", "CS", "UC"})
_REMOVED_TEXTS = frozenset({"LT", "ST", "UT", "UR", "AE"})
_OVERLAY, _CURVE = 0x6000, 0x5000
#: Overlay and curve groups: even numbers up to here.
_REPEATS = 0x1E
PATIENT_ID = 0x00100020


class Action(StrEnum):
    """What becomes of an attribute."""

    KEEP = "K"
    REMOVE = "X"
    EMPTY = "Z"
    DUMMY = "D"
    UID = "U"
    CLEAN = "C"
    SHIFT = "S"


@dataclass(frozen=True)
class Entry:
    """A row of the table.

    Parameters
    ----------
    tag : str
        "GGGG,EEEE", with X for any digit.
    name : str
    vr : str
        May be empty, for repeating groups.
    actions : dict of str to str
        Action by column; empty where the column says nothing.
    """

    tag: str
    name: str
    vr: str
    actions: dict[str, str]

    @property
    def is_descriptor(self) -> bool:
        """Whether it describes what was done rather than who: options may clean its words."""
        return bool(self.actions["descriptors"])


@cache
def table() -> dict[str, Entry]:
    """Return the table of attributes by tag."""
    rows = _rows("confidentiality.csv")
    columns = next(rows)[3:]
    return {
        tag: Entry(tag, name, vr, dict(zip(columns, actions, strict=True)))
        for tag, name, vr, *actions in rows
    }


@cache
def safe_private() -> dict[tuple[int, str, int], str]:
    """Return the value representation of safe private attributes: (group, creator, low byte)."""
    rows = _rows("safe_private.csv")
    next(rows)
    return {
        (int(group, 16), creator, int(element[2:], 16)): vr
        for group, element, creator, vr, _ in rows
    }


def _rows(name: str) -> Iterator[list[str]]:
    text = files("acutance.export").joinpath("tables", name).read_text(encoding="utf-8")
    return csv.reader(line for line in text.splitlines() if not line.startswith("#"))


@cache
def find(tag: int) -> Entry | None:
    """Return the row of a tag, None where the table does not list it."""
    group, element = tag >> 16, tag & 0xFFFF
    exact = table().get(f"{group:04X},{element:04X}")
    if exact is not None:
        return exact
    if is_repeating(group, _CURVE):
        return table()["50XX,XXXX"]
    if is_repeating(group, _OVERLAY):
        return table().get(f"60XX,{element:04X}")
    return None


def is_repeating(group: int, base: int = _OVERLAY) -> bool:
    """Whether a group is an overlay (or, with its base, a curve)."""
    return base <= group <= base + _REPEATS and group % 2 == 0


class Profile:
    """The basic profile with the options that are on.

    Parameters
    ----------
    options : collection of str
        Ids of `acutance.core.deidentification.OPTIONS`.
    """

    def __init__(self, options: Collection[str] = ()) -> None:
        self.options = frozenset(options)
        self._columns = [o.column for o in OPTIONS if o.id in self.options and o.column]
        self._known: dict[tuple[int, bool], Action] = {}

    def action(self, tag: int, *, needs_values: bool = False) -> Action:
        """Return what becomes of a standard attribute.

        Attributes that the table does not list are kept, except for those that other rules of
        this program remove: unknown ones, names, times, free texts and titles of machines, curves
        and overlays.

        Parameters
        ----------
        tag : int
        needs_values : bool
            Whether the object is of a kind (enhanced) in which times and devices may not be empty.
        """
        key = (tag, needs_values)
        if key not in self._known:
            self._known[key] = self._decide(tag, needs_values)
        return self._known[key]

    def _decide(self, tag: int, needs_values: bool) -> Action:
        entry = find(tag)
        group = tag >> 16
        if group % 2 or is_repeating(group) or is_repeating(group, _CURVE):
            return Action.REMOVE
        if entry is None:
            return self._unlisted(tag)
        for column in self._columns:
            code = entry.actions[column]
            if code == "K":
                return Action.KEEP
            if code == "C":
                return self._clean(entry, column)
        return _resolve(entry.actions["basic"], entry.vr, tag, needs_values)

    def _clean(self, entry: Entry, column: str) -> Action:
        if column == "modified":
            return Action.KEEP if entry.vr == "TM" else Action.SHIFT
        return Action.REMOVE if entry.vr == "SQ" else Action.CLEAN

    def _unlisted(self, tag: int) -> Action:
        if not dictionary_has_tag(tag) or tag & 0xFFFF == 0 or tag >> 16 <= 2:
            return Action.REMOVE
        vr = dictionary_VR(tag)
        if vr == "PN":
            return Action.EMPTY
        if vr in TIMES:
            if "dates" in self.options:
                return Action.KEEP
            if "modified-dates" in self.options:
                return Action.KEEP if vr == "TM" else Action.SHIFT
            return Action.REMOVE
        if vr == "UI":
            return Action.KEEP if "uids" in self.options else Action.UID
        return Action.REMOVE if vr in _REMOVED_TEXTS else Action.KEEP


def _resolve(code: str, vr: str, tag: int, needs_values: bool) -> Action:
    """Choose among actions such as X/Z/D.

    The standard says: the first that the object allows. Without the type of each attribute in
    each object: a value where one may be required, else empty where that is named, else removed.
    """
    if tag == PATIENT_ID:
        return Action.DUMMY  # a pseudonym, so that patients of one export stay apart
    choices = code.rstrip("*").split("/")
    if len(choices) == 1:
        return Action(choices[0])
    if vr == "SQ":
        order = "UZX" if "U" in choices else ("ZX" if choices == ["X", "Z"] else "XZ")
    elif choices == ["X", "D"] and vr not in TIMES:
        order = "X"  # no image asks for one of these
    else:
        order = "DZX" if needs_values else "ZX"
    return Action(next(choice for choice in order if choice in choices))


def is_kept_text(vr: str) -> bool:
    """Whether a text of this kind may stay, and must be searched for what was removed."""
    return vr in _KEPT_TEXTS
