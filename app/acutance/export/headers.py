"""DICOM headers as text for the eye; runs in a child, nothing is written."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import pydicom

from acutance.core.headers import (
    HeaderRequest,
    HeaderRow,
    HeaderTable,
    StudyFacts,
    StudyList,
    StudyRequest,
)
from acutance.errors import CorruptFileError
from acutance.export._dicom import FOREIGN_ERRORS
from acutance.export.confidentiality import TIMES, find

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pydicom.dataelem import DataElement
    from pydicom.dataset import Dataset

#: Rows of a table, characters of a value, sequences inside sequences.
MOST_ROWS, MOST_CHARACTERS, DEEPEST = 4000, 240, 8
#: A value longer than this stays in the file.
_LONGEST_VALUE = 65_536
_BINARY = frozenset({"OB", "OD", "OF", "OL", "OV", "OW", "UN"})


def list_header(request: HeaderRequest, progress: Any, token: Any) -> HeaderTable:
    """Return the elements of a file up to its pixels.

    Raises
    ------
    CorruptFileError
        If it is no DICOM file, or damaged.
    """
    token.raise_if_cancelled()
    dataset = _read(request.path)
    rows: list[HeaderRow] = []
    is_cut = False
    try:
        for row in _rows(dataset, 0):
            if len(rows) == MOST_ROWS:
                is_cut = True
                break
            rows.append(row)
    except FOREIGN_ERRORS as fault:
        raise _broken(request.path) from fault
    return HeaderTable(tuple(rows), is_cut)


def list_studies(request: StudyRequest, progress: Any, token: Any) -> StudyList:
    """Return to which patient and study each file belongs; one that is damaged says nothing."""
    found = []
    for path in request.paths:
        token.raise_if_cancelled()
        try:
            found.append(_facts(_read(path)))
        except CorruptFileError:
            found.append(StudyFacts())
        except FOREIGN_ERRORS:
            found.append(StudyFacts())
    return StudyList(tuple(found))


def _read(path: Path) -> Dataset:
    try:
        dataset = pydicom.dcmread(
            path, stop_before_pixels=True, defer_size=_LONGEST_VALUE, force=True
        )
    except FOREIGN_ERRORS as fault:
        raise _broken(path) from fault
    # Anything at all reads as elements; what a standard file must say tells it from the rest.
    if not any(keyword in dataset for keyword in ("SOPClassUID", "StudyInstanceUID", "Modality")):
        raise _broken(path)
    return dataset


def _broken(path: Path) -> CorruptFileError:
    return CorruptFileError(
        "The header cannot be listed: this is no DICOM file, or it is damaged.",
        remedy="Choose another file of the series, or copy it again.",
        path=path,
    )


def _rows(dataset: Dataset, depth: int) -> Iterator[HeaderRow]:
    meta: Dataset | None = getattr(dataset, "file_meta", None) if depth == 0 else None
    for part in (dataset,) if meta is None else (meta, dataset):
        for tag in sorted(part.keys()):
            element = part[tag]
            if element.VR == "SQ":
                count = len(element.value)
                value = f"{count} item{'s' * (count != 1)}"
                yield _row(element, value, depth)
                if depth < DEEPEST:
                    for item in element.value:
                        yield from _rows(item, depth + 1)
            else:
                yield _row(element, _value(element), depth)


def _row(element: DataElement, value: str, depth: int) -> HeaderRow:
    tag = element.tag
    entry = find(int(tag))
    is_private = tag.is_private
    is_personal = element.VR != "SQ" and (
        (entry is not None and bool(entry.actions["basic"]))
        or element.VR in TIMES
        or element.VR == "PN"
        or is_private
    )
    name = str(element.name).strip("[]") or "Unknown"
    return HeaderRow(
        f"({tag.group:04X},{tag.element:04X})", name, str(element.VR), value, depth, is_personal
    )


def _value(element: DataElement) -> str:
    if element.VR in _BINARY:
        size = len(element.value) if isinstance(element.value, (bytes, bytearray)) else 0
        return f"{size} bytes" if size else ""
    value = element.value
    is_list = element.VM > 1 and not isinstance(value, str)
    text = "\\".join(map(str, value)) if is_list else str(value)
    text = "".join(c if c.isprintable() else " " for c in text).strip()
    return text if len(text) <= MOST_CHARACTERS else text[: MOST_CHARACTERS - 1] + "…"


def _facts(dataset: Dataset) -> StudyFacts:
    def text(name: str) -> str:
        value = str(dataset.get(name, "") or "")
        return "".join(c if c.isprintable() else " " for c in value).strip()[:64]

    name, number = text("PatientName").replace("^", " ").strip(), text("PatientID")
    date, description = text("StudyDate"), text("StudyDescription")
    if len(date) == 8 and date.isdigit():
        date = f"{date[:4]}-{date[4:6]}-{date[6:]}"
    return StudyFacts(
        _hash(name, number, text("PatientBirthDate")),
        _hash(text("StudyInstanceUID")),
        f"{name} ({number})" if name and number else name or number,
        "  ".join(filter(None, (date, description))),
        description,
    )


def _hash(*parts: str) -> str:
    if not any(parts):
        return ""
    return hashlib.sha256("\x00".join(parts).encode("utf-8", "replace")).hexdigest()[:16]
