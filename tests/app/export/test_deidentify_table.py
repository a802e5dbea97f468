"""Every attribute of the confidentiality table, at the top and nested, against the standard."""

from __future__ import annotations

import csv
from datetime import date, timedelta
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import dicom_factory as factory
import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset
from pydicom.tag import Tag

from acutance.core.deidentification import DeidentificationRequest
from acutance.export.confidentiality import Action, Profile, find, safe_private, table
from acutance.export.deidentify import deidentify_files

if TYPE_CHECKING:
    from pathlib import Path

#: The table read here by other means than the product's.
TABLE = files("acutance.export").joinpath("tables", "confidentiality.csv")
LINES = [ln for ln in TABLE.read_text(encoding="utf-8").splitlines() if not ln.startswith("#")]
ROWS = list(csv.reader(LINES))[1:]
#: Not in data sets: command elements, and what pydicom writes by itself.
UNWRITABLE = ("0000,", "0002,")
Whole = tuple[bytes, Dataset, list[dict[str, bytes]]]
NUMBERS = {"DS": "7", "IS": "7", "US": 7, "SS": 7, "UL": 7, "SL": 7, "FL": 7.0, "FD": 7.0}
BYTES = {"OB", "OW", "UN", "OF", "OD", "OL", "OV"}


class Silent:
    def report(self, fraction: float, message: str) -> None:
        assert -1e-9 <= fraction <= 1 + 1e-9
        assert message

    def raise_if_cancelled(self) -> None:
        return


def tag_of(text: str) -> Tag:
    return Tag(int(text.replace(",", "").replace("50XX,XXXX", "5000,3000").replace("X", "0"), 16))


def example(number: int, vr: str, depth: int) -> tuple[Any, bytes]:
    """Return a value of a kind, and the bytes that must not come through."""
    number = number + 1000 * depth
    if vr == "DA":
        text = (date(1931, 1, 1) + timedelta(days=number)).strftime("%Y%m%d")
    elif vr == "DT":
        text = (date(1941, 1, 1) + timedelta(days=number)).strftime("%Y%m%d") + "111213.5"
    elif vr == "TM":
        text = f"{number % 24:02d}{number // 24 % 60:02d}{number % 60:02d}.{number:06d}"
    elif vr == "UI":
        text = f"1.2.826.0.1.77777.{number}.1"
    elif vr == "AS":
        return "071Y", b""
    elif vr in NUMBERS:
        return NUMBERS[vr], b""
    elif vr == "PN":
        text = f"Canary{number}^Given{number}"
    elif vr in BYTES:
        return f"canary bytes {number:05d} ".encode(), f"canary bytes {number:05d}".encode()
    elif vr == "CS":
        text = f"CANARY{number}"
    else:
        text = f"canary{number}"
    return text, text.encode()


def add_all(dataset: Dataset, depth: int) -> dict[str, bytes]:
    canaries = {}
    for number, (name, _, vr, *_) in enumerate(ROWS):
        if name.startswith(UNWRITABLE):
            continue
        tag = tag_of(name)
        kind = vr or "OW"
        if kind == "SQ":
            item = Dataset()
            item.add_new(0x00080104, "LO", f"meaning{number + 1000 * depth}")
            item.add_new(0x00181020, "LO", f"inside{number + 1000 * depth}")
            dataset.add_new(tag, "SQ", [item])
            canaries[name] = b""
        else:
            value, canary = example(number, kind, depth)
            dataset.add_new(tag, kind, value)
            canaries[name] = canary
    return canaries


@pytest.fixture(scope="module")
def whole(
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[bytes, Dataset, list[dict[str, bytes]]]:
    """Return bytes and data set of an export that held every attribute, and the canaries."""
    folder = tmp_path_factory.mktemp("table")
    source = factory.make_slice(np.arange(12, dtype="<i2").reshape(3, 4))
    canaries = [add_all(source, 0)]
    nested = Dataset()
    canaries.append(add_all(nested, 1))
    source.add_new(0x00082218, "SQ", [nested])  # Anatomic Region Sequence: kept
    file = factory.write(source, folder / "in" / "a.dcm")
    result = export([file], folder / "out")
    assert [e.name for e in result.exported] == ["series-001/IMG-000001.dcm"], result.set_aside
    data = (folder / "out" / result.exported[0].name).read_bytes()
    return data, pydicom.dcmread(folder / "out" / result.exported[0].name), canaries


def export(paths: list[Path], output: Path, *options: str, **settings: Any) -> Any:
    request = DeidentificationRequest(tuple(paths), output, options, **settings)
    return deidentify_files(request, paths, (), Silent(), Silent())


@pytest.mark.parametrize(
    ("name", "vr", "code"), [(r[0], r[2], r[3]) for r in ROWS], ids=[r[0] for r in ROWS]
)
def test_attribute_is_as_the_table_says(whole: Whole, name: str, vr: str, code: str) -> None:
    data, dataset, canaries = whole
    if name.startswith(UNWRITABLE):
        assert Profile().action(int(tag_of(name))) in (Action.REMOVE, Action.UID)
        return
    for depth, place in enumerate((dataset, dataset[0x00082218].value[0])):
        canary = canaries[depth][name]
        assert not canary or canary.lower() not in data.lower()
        check(place, tag_of(name), vr, code)


def check(place: Dataset, tag: Tag, vr: str, code: str) -> None:
    if tag not in place:
        assert "X" in code
        return
    element = place[tag]
    assert code != "X"
    if vr == "SQ":
        assert not element.value or not len(element.value[0]) or "U" in code
    elif code == "Z":
        assert element.is_empty
    elif code == "D":
        assert not element.is_empty
    elif "U" in code:
        assert str(element.value).startswith("2.25.")
    else:
        assert set(code.split("/")) & {"Z", "D"}


def test_the_table_is_whole_and_unambiguous() -> None:
    names = [row[0] for row in ROWS]
    assert len(names) == len(set(names)) == len(table())
    assert len(names) > 600
    codes = {"X", "Z", "D", "U", "X/Z", "X/D", "Z/D", "X/Z/D", "X/Z/U*"}
    assert {row[3] for row in ROWS} == codes
    assert {cell for row in ROWS for cell in row[4:]} == {"", "K", "C"}
    assert len(safe_private()) > 60


@pytest.mark.parametrize(
    ("tag", "code"),
    [
        # Rows looked up in the published table, one of each kind.
        (0x00100010, "Z"),
        (0x00100020, "Z/D"),
        (0x00080018, "U"),
        (0x00080050, "Z"),
        (0x00081030, "X"),
        (0x00081140, "X/Z/U*"),
        (0x00080022, "X/Z"),
        (0x0008002A, "X/Z/D"),
        (0x00080023, "Z/D"),
        (0x00181030, "X/D"),
        (0x60003000, "X"),
        (0x601E4000, "X"),
        (0x50020010, "X"),
        (0x00200052, "U"),
        (0xFFFAFFFA, "X"),
    ],
)
def test_known_rows(tag: int, code: str) -> None:
    entry = find(tag)
    assert entry is not None
    assert entry.actions["basic"] == code


OPTION_CASES = [
    ("uids", 0x00080018, Action.KEEP),
    ("device", 0x00181000, Action.KEEP),
    ("institution", 0x00080080, Action.KEEP),
    ("patient", 0x00100040, Action.KEEP),
    ("patient", 0x00101010, Action.KEEP),
    ("patient", 0x00102110, Action.CLEAN),
    ("dates", 0x00080020, Action.KEEP),
    ("dates", 0x00100030, Action.EMPTY),
    ("modified-dates", 0x00080020, Action.SHIFT),
    ("modified-dates", 0x00080030, Action.KEEP),
    ("descriptors", 0x0008103E, Action.CLEAN),
    ("private", 0x00100010, Action.EMPTY),
]


@pytest.mark.parametrize(("option", "tag", "action"), OPTION_CASES)
def test_an_option_changes_its_own_attributes(option: str, tag: int, action: Action) -> None:
    assert Profile([option]).action(tag) is action


@pytest.mark.parametrize("option", ["uids", "device", "institution", "patient", "dates"])
def test_no_option_keeps_names_and_ids(option: str) -> None:
    profile = Profile([option])
    for tag in (0x00100010, 0x00100020, 0x00101000, 0x00080050, 0x00100030, 0x00101040):
        assert profile.action(tag) is Profile().action(tag)


@pytest.mark.parametrize(
    ("tag", "action"),
    [
        (0x00189087, Action.KEEP),  # Diffusion b-value
        (0x00080060, Action.KEEP),
        (0x00091001, Action.REMOVE),  # private
        (0x0008FFF0, Action.REMOVE),  # in no dictionary
        (0x60000010, Action.REMOVE),  # Overlay Rows
        (0x00080000, Action.REMOVE),  # group length
        (0x0040A075, Action.DUMMY),  # Verifying Observer Name
        (0x00080055, Action.REMOVE),  # Station AE Title
    ],
)
def test_attributes_beside_the_table(tag: int, action: Action) -> None:
    assert Profile().action(tag) is action


def test_a_protocol_name_is_removed_and_not_called_removed() -> None:
    assert Profile().action(0x00181030) is Action.REMOVE
    assert Profile().action(0x00181030, needs_values=True) is Action.REMOVE


def test_enhanced_objects_get_dummy_times_where_a_value_may_be_required() -> None:
    assert Profile().action(0x0008002A, needs_values=True) is Action.DUMMY
    assert Profile().action(0x0008002A) is Action.EMPTY
    assert Profile().action(0x00181000, needs_values=True) is Action.DUMMY
    assert Profile().action(0x00181000) is Action.EMPTY
