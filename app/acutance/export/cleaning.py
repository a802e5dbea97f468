"""Apply the confidentiality profile to a DICOM data set, in place, element by element.

Values are handled as they are stored: what is kept is not decoded, so that neither an unknown
character set nor a long text changes a byte of it, and what is removed is remembered in bytes.

References
----------
.. [1] DICOM PS3.15, E.1.1 (De-identifier), E.3 (options); PS3.5, 6.2 (value representations).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from pydicom.charset import python_encoding
from pydicom.datadict import dictionary_description, dictionary_has_tag, dictionary_VR
from pydicom.dataelem import DataElement, RawDataElement
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.tag import BaseTag

from acutance.export._dicom import FOREIGN_ERRORS, RefusedError
from acutance.export.confidentiality import (
    PATIENT_ID,
    TIMES,
    Action,
    Profile,
    find,
    is_kept_text,
    safe_private,
)
from acutance.export.pseudonyms import shift_date, shift_date_time
from acutance.export.traces import Kind, Traces, is_readable, python_encodings
from acutance.export.words import clean_words

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from acutance.export.pseudonyms import Pseudonyms

PIXELS = frozenset({0x7FE00008, 0x7FE00009, 0x7FE00010})
CHARACTER_SET = 0x00080005
PATIENT_AGE = 0x00101010
DUMMY_TEXT = b"REMOVED"
#: Code sequence macro (PS3.3, 8.8): what a code means is no free text.
CODES = frozenset(
    {0x00080100, 0x00080102, 0x00080103, 0x00080104, 0x00080105, 0x00080119, 0x00080120}
)
#: Codes without which an image is none; never emptied, and no trace of anybody.
STRUCTURAL = frozenset({CHARACTER_SET, 0x00080008, 0x00080060, 0x00185100})
#: Numbers that are stored as text.
NUMBERS = frozenset({"DS", "IS"})
_MAX_DEPTH = 32
#: A whole number from so many digits on that equals a removed value is taken for it.
_MIN_ID_BYTES = 6
_NUMERIC = re.compile(rb"[0-9+\-eE. \\\0]*")
#: What an option keeps may be repeated elsewhere, so it must be what it says: no words, no bytes.
_SHAPES = {
    "UI": re.compile(rb"[0-9.\\]*[\0 ]*"),
    "DA": re.compile(rb"[0-9.\\]*[\0 ]*"),
    "TM": re.compile(rb"[0-9.:\\]*[\0 ]*"),
    "DT": re.compile(rb"[0-9.+\-\\]*[\0 ]*"),
}
_AGE = re.compile(rb"(\d{1,3})([DWMY])")
_BINARY = frozenset({"US", "SS", "UL", "SL", "UV", "SV", "OB", "OW", "UN", "FL", "FD", "OF", "OD"})
_DUMMIES: dict[str, bytes] = {
    "AS": b"000D",
    "DA": b"19000101",
    "TM": b"000000",
    "DT": b"19000101000000",
    "DS": b"0",
    "IS": b"0",
    "UR": b"urn:removed",
    **dict.fromkeys(("US", "SS", "OB", "OW", "UN"), bytes(2)),
    **dict.fromkeys(("UL", "SL", "FL", "AT", "OL", "OF"), bytes(4)),
    **dict.fromkeys(("UV", "SV", "FD", "OD", "OV"), bytes(8)),
}


class Cleaner:
    """Cleans data sets; one for each file, since it remembers what it removed.

    Parameters
    ----------
    profile : Profile
    pseudonyms : Pseudonyms
    needs_values : bool
        Whether times and devices may not be empty in objects of this kind.

    Attributes
    ----------
    traces : Traces
        What was removed.
    warnings : list of str
        What the user must know; fixed words and names of the standard only.
    """

    def __init__(
        self, profile: Profile, pseudonyms: Pseudonyms, *, needs_values: bool = False
    ) -> None:
        self._profile = profile
        self._pseudonyms = pseudonyms
        self._needs_values = needs_values
        self._basic = Profile()
        self._days = 0
        self._written: set[bytes] = set()
        self._cleaned: set[bytes] = set()
        self._texts: dict[bytes, bool] = {}
        self.traces = Traces()
        self.warnings: list[str] = []

    def clean(self, dataset: Dataset) -> None:
        """Apply the profile, then empty what repeats a removed value.

        Raises
        ------
        RefusedError
            If the data set cannot be cleaned with certainty.
        """
        stated = raw_value(dataset, CHARACTER_SET)
        self.traces.encodings = python_encodings(stated) or ("latin-1",)
        if any(
            name.strip(b"\0 ").decode("ascii", "replace") not in python_encoding
            for name in stated.split(b"\\")
        ):
            del dataset[BaseTag(CHARACTER_SET)]
            self._warn("it names no known character set; letters beyond ASCII may show wrongly")
        patient = raw_value(dataset, PATIENT_ID).decode("latin-1")
        self._days = self._pseudonyms.days(patient)
        self._visit(dataset, 0)
        self.traces.forget(self._written)
        stay = {value.lower() for value in _values(dataset, TIMES | {"UI"})}
        for kind in (Kind.IDENTITY, Kind.PRIVATE):
            self.traces.discard(stay, kind)  # what an option keeps, another attribute may repeat
        numbers: set[bytes] = set()
        coded: set[bytes] = set()
        free: set[bytes] = set()
        for tag, vr, value in kept_texts(dataset):
            target = numbers if vr in NUMBERS else coded if is_code(tag, vr) else free
            target.add(value.lower())
        self.traces.discard(numbers | coded | free, Kind.PRIVATE)
        self.traces.discard(self._cleaned, Kind.DESCRIPTION)
        self._scrub(dataset)
        self.traces.discard(numbers | coded, Kind.DESCRIPTION)
        numbers = {value.lower() for value in _values(dataset, NUMBERS)}
        self.traces.discard(numbers, Kind.IDENTITY, digits_only=True)

    # First pass: the profile.

    def _visit(self, dataset: Dataset, depth: int) -> None:
        if depth > _MAX_DEPTH:
            raise RefusedError(f"sequences are nested deeper than {_MAX_DEPTH}")
        for tag in tags_of(dataset):
            number = int(tag)
            if tag.group % 2:
                if not self._is_safe_private(dataset, tag):
                    self._remember(dataset, tag, Kind.PRIVATE)
                    del dataset[tag]
                continue
            self._apply(dataset, tag, self._action(number), depth)

    def _action(self, tag: int) -> Action:
        return self._profile.action(tag, needs_values=self._needs_values)

    def _apply(self, dataset: Dataset, tag: BaseTag, action: Action, depth: int) -> None:
        vr = _vr_of(tag)
        if action is Action.CLEAN:
            words = clean_words(self._decode(raw_value(dataset, tag)))
            action = Action.CLEAN if words else self._basic.action(int(tag))
            if words:
                self._remember(dataset, tag)
                self._cleaned.add(words.lower().encode("ascii"))
                put(dataset, tag, vr, words.encode("ascii"))
                return
        if vr == "SQ" and action in (Action.KEEP, Action.UID):
            for item in items_of(dataset, tag):
                self._visit(item, depth + 1)
        elif action is Action.KEEP:
            self._keep(dataset, tag, vr)
        elif action is Action.REMOVE:
            self._remember(dataset, tag)
            del dataset[tag]
        elif action is Action.EMPTY:
            self._replace(dataset, tag, vr, b"")
        elif action is Action.UID:
            self._map(dataset, tag, vr, lambda text: self._pseudonyms.uid(text))
        elif action is Action.SHIFT:
            shift = shift_date if vr == "DA" else shift_date_time
            self._map(dataset, tag, vr, lambda text: shift(text, self._days))
        else:
            self._dummy(dataset, tag, vr)

    def _dummy(self, dataset: Dataset, tag: BaseTag, vr: str) -> None:
        if not raw_value(dataset, tag) and vr != "SQ":
            self._replace(dataset, tag, vr, b"")
        elif vr == "UI":
            self._map(dataset, tag, vr, lambda text: self._pseudonyms.uid(text))
        elif int(tag) == PATIENT_ID:
            new = self._pseudonyms.patient_id(raw_value(dataset, tag).decode("latin-1"))
            self._replace(dataset, tag, vr, new.encode("ascii"))
        else:
            self._replace(dataset, tag, vr, _DUMMIES.get(vr, DUMMY_TEXT))

    def _map(self, dataset: Dataset, tag: BaseTag, vr: str, change: Any) -> None:
        """Replace each component of a value."""
        parts = raw_value(dataset, tag).decode("latin-1").split("\\")
        new = "\\".join(change(part) for part in parts)
        self._replace(dataset, tag, vr, new.encode("latin-1"))

    def _keep(self, dataset: Dataset, tag: BaseTag, vr: str) -> None:
        """Keep an element that is what the standard says; else it is removed."""
        if int(tag) in PIXELS:
            return
        value = raw_value(dataset, tag)
        stated = _stated_vr(dataset.get_item(tag))
        fault = ""
        if not _fits(stated, int(tag)):
            fault = "is of another kind than the standard says"
        elif vr in ("DS", "IS") and not _NUMERIC.fullmatch(value):
            fault = "holds no number"
        elif vr in _SHAPES and not _SHAPES[vr].fullmatch(value):
            fault = "holds no UID" if vr == "UI" else "holds no time"
        elif vr == "AS" and value.strip(b"\0 ") and not _AGE.fullmatch(value.strip(b"\0 ")):
            fault = "holds no age"
        elif vr in ("OB", "UN") and len(value) >= 4 and is_readable(value):
            fault = "holds text where there should be none"
        if fault:
            if tag.group == 0x0028:
                raise RefusedError(f"{name_of(int(tag))} {fault}")
            self._remember(dataset, tag, Kind.IDENTITY)
            del dataset[tag]
            self._warn(f"{name_of(int(tag))} {fault}; it was removed")
        elif int(tag) == PATIENT_AGE:
            self._cap_age(dataset, tag, value)

    def _cap_age(self, dataset: Dataset, tag: BaseTag, value: bytes) -> None:
        """Ages of 90 years and more are one group: they are rare enough to point at a person."""
        match = _AGE.fullmatch(value.strip(b"\0 "))
        if match and match[2] == b"Y" and int(match[1]) > 90:
            put(dataset, tag, "AS", b"090Y")

    def _is_safe_private(self, dataset: Dataset, tag: BaseTag) -> bool:
        """Whether a private element is on the list of safe ones, or reserves a block for one."""
        if "private" not in self._profile.options:
            return False
        block = tag.element if tag.element < 0x100 else tag.element >> 8
        creator_tag = BaseTag(tag.group << 16 | block)
        if block < 0x10 or creator_tag not in dataset:
            return False
        creator = raw_value(dataset, creator_tag).strip(b"\0 ").decode("latin-1")
        if tag.element < 0x100:
            return any(group == tag.group and name == creator for group, name, _ in safe_private())
        vr = safe_private().get((tag.group, creator, tag.element & 0xFF))
        if vr is None or _stated_vr(dataset.get_item(tag)) not in (vr, "UN", ""):
            return False
        value = raw_value(dataset, tag)
        if vr in ("DS", "IS"):
            return _NUMERIC.fullmatch(value) is not None
        return not is_readable(value) if vr in _BINARY and len(value) >= 16 else len(value) <= 256

    # What was removed.

    def _replace(self, dataset: Dataset, tag: BaseTag, vr: str, value: bytes) -> None:
        self._remember(dataset, tag)
        self._written.update(part.lower() for part in value.split(b"\\"))
        if vr == "SQ":
            items = [Dataset()] if value else []
            dataset[tag] = DataElement(tag, "SQ", Sequence(items))
        else:
            put(dataset, tag, vr, value)

    def _remember(self, dataset: Dataset, tag: BaseTag, kind: Kind | None = None) -> None:
        """Note the value that an element has now, and those inside it."""
        if kind is None:
            kind = _kind_of(int(tag), Kind.IDENTITY)
        self._collect(dataset, tag, kind, 0)

    def _collect(self, dataset: Dataset, tag: BaseTag, kind: Kind, depth: int) -> None:
        item = dataset.get_item(tag)
        vr = _stated_vr(item) or (_vr_of(tag) if tag.group % 2 == 0 else "UN")
        if vr == "UN" and tag.group % 2 == 0 and dictionary_has_tag(tag):
            vr = _vr_of(tag)
        if vr != "SQ":
            is_creator = tag.group % 2 and tag.element < 0x100
            if not is_creator:
                self.traces.add(raw_value(dataset, tag), vr, kind)
            return
        if depth > _MAX_DEPTH:
            raise RefusedError(f"sequences are nested deeper than {_MAX_DEPTH}")
        for inner in items_of(dataset, tag):
            for inner_tag in tags_of(inner):
                self._collect(inner, inner_tag, _kind_of(int(inner_tag), kind), depth + 1)

    # Second pass: what is kept must not repeat what was removed.

    def _scrub(self, dataset: Dataset) -> None:
        for tag in tags_of(dataset):
            vr = _stated_vr(dataset.get_item(tag)) or _vr_of(tag)
            if vr == "SQ":
                for item in items_of(dataset, tag):
                    self._scrub(item)
                continue
            value = b"" if is_structural(int(tag)) else raw_value(dataset, tag)
            if value and (
                self._repeats(value, is_code(int(tag), vr))
                if is_kept_text(vr)
                else vr == "IS" and self._is_an_id(value)
            ):
                put(dataset, tag, vr, b"")
                self._warn(f"{name_of(int(tag))} repeated a removed value; it was emptied")

    def _is_an_id(self, value: bytes) -> bool:
        """Whether a whole number is a removed id or date: shorter ones are counts."""
        identity = self.traces.by_kind[Kind.IDENTITY]
        parts = (part.strip(b"\0 ") for part in value.split(b"\\"))
        return any(len(part) >= _MIN_ID_BYTES and part in identity for part in parts)

    def _repeats(self, value: bytes, is_coded: bool) -> bool:
        if value.strip(b"\0 ").lower() in self._written:
            return False
        kinds = (Kind.IDENTITY,) if is_coded else (Kind.IDENTITY, Kind.DESCRIPTION)
        key = value + (b"1" if is_coded else b"0")
        if key not in self._texts:
            self._texts[key] = self.traces.find(value.lower(), kinds)
        return self._texts[key]

    def _decode(self, value: bytes) -> str:
        for encoding in self.traces.encodings:
            try:
                return value.decode(encoding)
            except (UnicodeError, LookupError):
                continue
        return value.decode("latin-1")

    def _warn(self, text: str) -> None:
        if text not in self.warnings:
            self.warnings.append(text)


def tags_of(dataset: Dataset) -> list[BaseTag]:
    """Return the tags of a data set, which may then be changed; nothing is decoded."""
    return list(dataset.keys())


def raw_value(dataset: Dataset, tag: int) -> bytes:
    """Return the value of an element as it is stored, `b""` where it has none or is a sequence."""
    if tag not in dataset:
        return b""
    item = dataset.get_item(BaseTag(tag))
    value: Any = item.value
    if isinstance(value, bytes):
        return value
    if value is None or isinstance(value, Sequence):
        return b""
    # Decoded already, as pydicom does with what it needs itself, such as the character set.
    values = value if isinstance(value, list | tuple) or hasattr(value, "append") else [value]
    return "\\".join(map(str, values)).encode("utf-8", "surrogateescape")


def items_of(dataset: Dataset, tag: BaseTag) -> list[Dataset]:
    """Return the items of a sequence.

    Raises
    ------
    RefusedError
        If they cannot be read.
    """
    try:
        value = dataset[tag].value
    except FOREIGN_ERRORS as error:
        raise RefusedError("a sequence in it is damaged") from error
    if isinstance(value, Sequence):
        return list(value)
    if value:
        raise RefusedError("a sequence in it is of another kind than the standard says")
    return []


def put(dataset: Dataset, tag: int, vr: str, value: bytes) -> None:
    """Set an element to a value as it is stored, padded to an even length."""
    if len(value) % 2:
        value += b"\0" if vr in ("UI", "OB", "UN") else b" "
    number = BaseTag(tag)
    is_implicit, is_little = dataset.original_encoding
    element = RawDataElement(
        number, vr, len(value), value, 0, bool(is_implicit), is_little is not False
    )
    dataset[number] = element


def kept_texts(dataset: Dataset) -> list[tuple[int, str, bytes]]:
    """Return tag, kind and value of every text and number in a data set and its sequences."""
    return [found for found in _walk(dataset) if is_kept_text(found[1]) or found[1] in NUMBERS]


def _values(dataset: Dataset, kinds: Collection[str]) -> list[bytes]:
    """Return the values of some kinds in a data set and its sequences."""
    return [value for _, vr, value in _walk(dataset) if vr in kinds]


def _walk(dataset: Dataset) -> Iterator[tuple[int, str, bytes]]:
    """Yield tag, kind and value of every element that has one, at every depth."""
    for tag in tags_of(dataset):
        vr = _stated_vr(dataset.get_item(tag)) or _vr_of(tag)
        if vr == "SQ":
            for item in items_of(dataset, tag):
                yield from _walk(item)
        elif value := raw_value(dataset, tag):
            yield int(tag), vr, value


def is_code(tag: int, vr: str) -> bool:
    """Whether a text is a code or a code's meaning."""
    return vr == "CS" or tag in CODES


def is_structural(tag: int) -> bool:
    """Whether an element says how pixels are stored; such codes are words of the standard."""
    return tag in STRUCTURAL or tag >> 16 == 0x0028


def name_of(tag: int) -> str:
    """Return the standard's name of an attribute."""
    return dictionary_description(tag) if dictionary_has_tag(tag) else "An unknown attribute"


def _vr_of(tag: BaseTag) -> str:
    """Return the kind that the standard gives an attribute, the first where it gives several."""
    if dictionary_has_tag(tag):
        return str(dictionary_VR(tag)).split(" or ")[0]
    entry = find(int(tag))
    return (entry.vr if entry else "") or "UN"


def _stated_vr(item: Any) -> str:
    """Return the kind that the file states, empty where it states none."""
    return str(item.VR or "")


def _fits(stated: str, tag: int) -> bool:
    """Whether a stated kind goes with the one of the standard."""
    if stated in ("", "UN"):
        return True
    allowed = str(dictionary_VR(tag)).split(" or ")
    if stated in allowed or " or " in stated:
        return True
    if stated in _BINARY:
        return any(vr in _BINARY for vr in allowed)
    return is_kept_text(stated) and any(is_kept_text(vr) for vr in allowed)


def _kind_of(tag: int, inherited: Kind) -> Kind:
    """Say what a find of a removed value would mean."""
    if inherited is Kind.PRIVATE or (tag >> 16) % 2:
        return Kind.PRIVATE
    if tag in CODES:
        return Kind.DESCRIPTION
    entry = find(tag)
    if entry is None:
        return inherited
    return Kind.DESCRIPTION if entry.is_descriptor else Kind.IDENTITY
