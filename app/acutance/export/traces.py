"""What was removed, as byte strings to search for in what was written.

Three kinds, by what a find means:

- *identity*: names, ids, dates, UIDs and whatever is not known to be harmless. May occur nowhere.
- *description*: words on what was done ("knee left"). May occur in no free text; the same words
  as a code's meaning stay, for codes identify nobody.
- *private*: from private attributes. The same words in an attribute that the profile keeps
  ("tfl3d1") are no trace of the private one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np
from pydicom.charset import python_encoding

from acutance.export.pseudonyms import is_registered

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

#: Shorter values are too common to be searched for.
MIN_BYTES = 4
#: Searched for in voxels too: shorter ones occur there by chance.
MIN_BYTES_ANYWHERE = 8
#: Of a long text the first so many bytes are searched for, beside its lines.
_PREFIX_BYTES = 64
_MAX_LINES = 64
_DAY = re.compile(rb"(\d{4})\.?(\d{2})\.?(\d{2})")
_TEXTS = frozenset({"LT", "ST", "UT"})
#: Kinds whose values name nobody by themselves: numbers, ages.
_NUMBERS = frozenset(
    {"DS", "IS", "AS", "AT", "FL", "FD", "SL", "SS", "SV", "UL", "US", "UV", "OD", "OF", "OL", "OV"}
)
_OPAQUE = frozenset({"OB", "OW", "UN"})
#: No trace is longer.
MAX_BYTES = 1024
#: What stands for "nothing" in many systems.
_EMPTY_WORDS = frozenset(
    {b"none", b"null", b"unknown", b"anonymous", b"anonymized", b"removed", b"default", b"empty"}
)


class Kind(StrEnum):
    """What a find means."""

    IDENTITY = "identity"
    DESCRIPTION = "description"
    PRIVATE = "private"


@dataclass
class Traces:
    """Byte strings of values that were removed, in lower case.

    Parameters
    ----------
    encodings : tuple of str
        Python's names of the character sets that the data set states.
    """

    encodings: tuple[str, ...] = ()
    by_kind: dict[Kind, set[bytes]] = field(default_factory=lambda: {kind: set() for kind in Kind})

    def add(self, value: bytes, vr: str, kind: Kind) -> None:
        """Take a value as it was stored."""
        if vr in _NUMBERS or not value:
            return
        target = self.by_kind[Kind.PRIVATE if vr == "CS" else kind]
        for piece in _pieces(value, vr):
            for form in self._forms(piece):
                if len(form) >= MIN_BYTES and form not in _EMPTY_WORDS:
                    target.add(form)

    def _forms(self, piece: bytes) -> Iterator[bytes]:
        """Yield a piece as stored, and as another program may write it."""
        yield piece.lower()
        if piece.isascii():
            return
        for encoding in self.encodings:
            try:
                yield piece.decode(encoding).encode("utf-8").lower()
            except (UnicodeError, LookupError):
                continue

    def discard(self, kept: Collection[bytes], kind: Kind, *, digits_only: bool = False) -> None:
        """Forget traces that occur in values that stay, which are given in lower case.

        Parameters
        ----------
        digits_only : bool
            Forget those made of digits and points only: in a number they say nothing.
        """
        joined = b"\0".join(kept)
        self.by_kind[kind] = {
            trace
            for trace in self.by_kind[kind]
            if trace not in joined or (digits_only and trace.strip(b"0123456789."))
        }

    def forget(self, values: Iterable[bytes]) -> None:
        """Forget what was written on purpose: a shifted date may be another's true one."""
        written = set(values)
        for kind in Kind:
            self.by_kind[kind] -= written

    def find(self, data: bytes, kinds: Collection[Kind]) -> bool:
        """Whether any trace occurs in a text that is in lower case already."""
        return any(trace in data for kind in kinds for trace in self.by_kind[kind])


class LongTraces:
    """The traces that are searched for in whole files, voxels included, all at once.

    Parameters
    ----------
    traces : iterable of bytes
        In lower case; shorter ones than `MIN_BYTES_ANYWHERE` are left out.
    """

    def __init__(self, traces: Iterable[bytes]) -> None:
        self._by_start: dict[int, list[bytes]] = {}
        for trace in traces:
            if len(trace) >= MIN_BYTES_ANYWHERE:
                start = int.from_bytes(trace[:MIN_BYTES_ANYWHERE], "little")
                self._by_start.setdefault(start, []).append(trace)
        self._starts = np.array(sorted(self._by_start), np.uint64)
        # Most places are ruled out by their first two bytes.
        self._begins = np.zeros(1 << 16, np.bool_)
        self._begins[(self._starts & np.uint64(0xFFFF)).astype(np.intp)] = True

    def find(self, data: bytes) -> bool:
        """Whether any trace occurs in data that is in lower case already."""
        view = np.frombuffer(data, np.uint8)
        if not self._by_start or view.size < MIN_BYTES_ANYWHERE:
            return False
        last = view.size - MIN_BYTES_ANYWHERE + 1
        pairs = view[:last].astype(np.uint16) | view[1 : last + 1].astype(np.uint16) << 8
        places = np.flatnonzero(self._begins[pairs])
        starts = np.zeros(places.size, np.uint64)
        for byte in range(MIN_BYTES_ANYWHERE):
            starts |= view[places + byte].astype(np.uint64) << np.uint64(8 * byte)
        is_known = np.isin(starts, self._starts)
        return any(
            data.startswith(trace, int(place))
            for place, start in zip(places[is_known], starts[is_known], strict=True)
            for trace in self._by_start[int(start)]
        )


def _pieces(value: bytes, vr: str) -> Iterator[bytes]:
    """Yield what a value is made of: components, parts of names, lines."""
    value = value.strip(b"\0 ")
    if vr in _OPAQUE:
        if len(value) <= MAX_BYTES and is_readable(value):
            yield value
        return
    if vr in _TEXTS:
        yield value[:_PREFIX_BYTES].strip()
        yield from (line.strip() for line in value.splitlines()[:_MAX_LINES])
        return
    for component in value.split(b"\\"):
        component = component.strip(b"\0 ")
        if vr == "UI":
            if not is_registered(component.decode("ascii", "replace")):
                yield component
        elif vr == "PN":
            yield component
            for group in component.split(b"="):
                yield from _names(group)
        elif vr in ("DA", "DT"):
            yield component
            yield from _dates(component)
        else:
            yield component if len(component) <= MAX_BYTES else component[:_PREFIX_BYTES]


def _names(group: bytes) -> Iterator[bytes]:
    """Yield the parts of a name, and the whole as texts may spell it."""
    parts = [part for part in re.split(rb"[\^\s,]+", group) if part]
    yield from parts
    for order in (parts[:2], parts[1::-1]):
        yield from (mark.join(order) for mark in (b" ", b", ", b"_", b""))


def _dates(component: bytes) -> Iterator[bytes]:
    """Yield the day of a date or time, as it may stand in a text."""
    match = _DAY.match(component)
    if match:
        year, month, day = match.groups()
        yield year + month + day
        for mark in (b"-", b"/", b"."):
            yield mark.join((year, month, day))
            yield mark.join((day, month, year))
            yield mark.join((month, day, year))


def is_readable(value: bytes) -> bool:
    """Whether bytes are printable ASCII throughout."""
    return bool(value) and all(32 <= byte < 127 or byte in (9, 10, 13) for byte in value)


def python_encodings(stated: bytes) -> tuple[str, ...]:
    """Return Python's names for the value of Specific Character Set; unknown ones left out."""
    names = [part.strip(b"\0 ").decode("ascii", "replace") for part in stated.split(b"\\")]
    return tuple(dict.fromkeys(python_encoding[name] for name in names if name in python_encoding))
