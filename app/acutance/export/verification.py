"""Read a de-identified file again and hold it against the profile; trust nothing that wrote it.

References
----------
.. [1] DICOM PS3.15, annex E, table E.1-1.
"""

from __future__ import annotations

import hashlib
from io import BytesIO
from typing import TYPE_CHECKING

import pydicom
from pydicom.datadict import dictionary_VR

from acutance.core.deidentification import METHOD_TEXT, PROFILE
from acutance.core.foreign import quiet
from acutance.export._dicom import FOREIGN_ERRORS, RefusedError
from acutance.export.cleaning import (
    DUMMY_TEXT,
    PIXELS,
    is_code,
    is_structural,
    items_of,
    name_of,
    raw_value,
    tags_of,
)
from acutance.export.confidentiality import (
    PATIENT_ID,
    TIMES,
    Action,
    Profile,
    find,
    is_repeating,
    safe_private,
)
from acutance.export.pseudonyms import PSEUDONYM, is_registered
from acutance.export.traces import MAX_BYTES, Kind, LongTraces

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from pydicom.dataset import Dataset
    from pydicom.tag import BaseTag

    from acutance.export.deidentify_dicom import Written
    from acutance.export.traces import Traces

_META = frozenset(
    {0x00020000, 0x00020001, 0x00020002, 0x00020003, 0x00020010, 0x00020012, 0x00020013}
)
_CHUNK = 4 * 1024**2
_METHOD = 0x00120063
_NUMERIC = frozenset(
    {"DS", "IS", "AS", "AT", "FL", "FD", "SL", "SS", "SV", "UL", "US", "UV", "OD", "OF", "OL", "OV"}
)


def verify_dicom(
    path: Path, written: Written, profile: Profile, check: Callable[[float], None]
) -> None:
    """Raise where a file is not what the profile asks for.

    Held against: the file's bytes as they lie on the disk; the table, attribute by attribute, at
    every depth; the pixels of the source; everything that was removed.

    Parameters
    ----------
    path : Path
        What was written.
    written : Written
    profile : Profile
    check : callable
        Hears the fraction that is done; may raise to stop.

    Raises
    ------
    RefusedError
        If something does not hold; the words name attributes, never values.
    """
    data = path.read_bytes()
    if any(data[:128]) or data[128:132] != b"DICM":
        raise RefusedError("verification failed: the preamble is not zero")
    try:
        with quiet():
            dataset = pydicom.dcmread(BytesIO(data))
            _check_meta(dataset)
            _check_statement(dataset, profile)
            _check_table(dataset, profile)
            digest = hashlib.sha256()
            for tag in sorted(PIXELS):
                digest.update(raw_value(dataset, tag))
            if digest.hexdigest() != written.pixel_sha256:
                raise RefusedError("verification failed: the pixels changed")
            _check_texts(dataset, written.traces)
    except FOREIGN_ERRORS as error:
        raise RefusedError("verification failed: the file cannot be read again") from error
    long = LongTraces(trace for traces in written.traces.by_kind.values() for trace in traces)
    for start in range(0, len(data), _CHUNK):
        check(start / len(data))
        if long.find(data[max(0, start - MAX_BYTES) : start + _CHUNK].lower()):
            raise RefusedError("verification failed: a removed value occurs in the file's bytes")


def _check_meta(dataset: Dataset) -> None:
    extra = [int(tag) for tag in tags_of(dataset.file_meta) if int(tag) not in _META]
    if extra:
        raise RefusedError(f"verification failed: {name_of(extra[0])} in the file's head")


def _check_statement(dataset: Dataset, profile: Profile) -> None:
    codes = [item.CodeValue for item in dataset.DeidentificationMethodCodeSequence]
    stated = raw_value(dataset, _METHOD).decode("latin-1").strip("\0 ")
    if (
        dataset.PatientIdentityRemoved != "YES"
        or codes[:1] != [PROFILE.code]
        or stated != "\\".join(METHOD_TEXT)
    ):
        raise RefusedError("verification failed: the method is not stated")
    if len(codes) != 1 + len(profile.options):
        raise RefusedError("verification failed: an option is not stated")


def _check_table(dataset: Dataset, profile: Profile) -> None:
    """Hold every element, at every depth, against the table."""
    for tag in tags_of(dataset):
        number = int(tag)
        if number in PIXELS:
            continue
        if tag.group % 2:
            if "private" not in profile.options or not _is_safe(dataset, tag):
                raise RefusedError("verification failed: a private attribute is left")
            continue
        if is_repeating(tag.group) or is_repeating(tag.group, 0x5000):
            raise RefusedError("verification failed: an overlay or a curve is left")
        action = profile.action(number)
        if str(dataset.get_item(tag).VR or dictionary_VR(number)) != "SQ":
            if not _holds(action, number, raw_value(dataset, number)):
                raise RefusedError(
                    f"verification failed: {name_of(number)} is not as the table says"
                )
        else:
            for item in items_of(dataset, tag):
                if action in (Action.REMOVE, Action.EMPTY) or (
                    action is Action.DUMMY and len(item)
                ):
                    raise RefusedError(f"verification failed: {name_of(number)} has content")
                _check_table(item, profile)


def _is_safe(dataset: Dataset, tag: BaseTag) -> bool:
    """Whether a private element is on the list of safe ones, or reserves a block for one."""
    low = tag.element & 0xFF
    block = low if tag.element < 0x100 else tag.element >> 8
    creator = raw_value(dataset, tag.group << 16 | block).decode("latin-1").strip("\0 ")
    if tag.element < 0x100:
        return any(key[:2] == (tag.group, creator) for key in safe_private())
    return (tag.group, creator, low) in safe_private()


def _holds(action: Action, tag: int, value: bytes) -> bool:
    """Whether a value that is there agrees with the action; what is absent always does."""
    entry = find(tag)
    text = value.decode("latin-1").strip("\0 ")
    may_differ = entry is not None and "/" in entry.actions["basic"]
    if action is Action.REMOVE:
        # Enhanced objects have a dummy time where the table allows one.
        return may_differ and entry is not None and entry.vr in TIMES and _is_dummy(tag, text)
    if action is Action.EMPTY:
        return not text or (may_differ and _is_dummy(tag, text))
    if action is Action.DUMMY:
        return not text or _is_dummy(tag, text)
    if action is Action.UID and text:
        return all(
            part.startswith("2.25.") or is_registered(part) or not part for part in text.split("\\")
        )
    if action is Action.CLEAN and text:
        from acutance.export.words import clean_words

        return clean_words(text) == text or _is_dummy(tag, text)
    return True


def _is_dummy(tag: int, text: str) -> bool:
    """Whether a text is one that this program puts in place of another."""
    if tag == PATIENT_ID:
        return PSEUDONYM.fullmatch(text) is not None
    dummies = (DUMMY_TEXT.decode("ascii"), "19000101", "000000", "19000101000000", "0", "000D")
    return text in (*dummies, "urn:removed") or text.startswith("2.25.") or not text.strip("\0")


def _check_texts(dataset: Dataset, traces: Traces) -> None:
    """Search every text for what was removed."""
    for tag, vr, value in _texts(dataset):
        kinds = [Kind.IDENTITY]
        if is_structural(tag) or tag == _METHOD:
            continue
        if _is_dummy(tag, value.decode("latin-1").strip("\0 ")):
            continue  # ours: "MOVE" would be found in "REMOVED"
        if not is_code(tag, vr):
            kinds += [Kind.DESCRIPTION, Kind.PRIVATE]
        if traces.find(value.lower(), kinds):
            raise RefusedError(f"verification failed: a removed value occurs in {name_of(tag)}")


def _texts(dataset: Dataset) -> Iterator[tuple[int, str, bytes]]:
    """Yield every value in which words can stand."""
    for tag in tags_of(dataset):
        vr = str(dataset.get_item(tag).VR or "UN")
        if vr == "SQ":
            for item in items_of(dataset, tag):
                yield from _texts(item)
        elif vr not in _NUMERIC and int(tag) not in PIXELS:
            value = raw_value(dataset, int(tag))
            if value:
                yield int(tag), vr, value
