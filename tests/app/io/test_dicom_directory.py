"""A DICOMDIR opened by name gives the files it names, and never one outside its folder."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from dicom_factory import ramp, write_series
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian

if TYPE_CHECKING:
    from collections.abc import Callable

    from acutance.core.ledger import Index, LoadedSeries

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")  # of pydicom, on odd file IDs


def _write_directory(path: Path, *ids: list[str] | str) -> Path:
    ds = Dataset()
    ds.FileSetID = "TEST"
    records = []
    for value in ids:
        record = Dataset()
        record.DirectoryRecordType = "IMAGE"
        record.ReferencedFileID = value
        records.append(record)
    patient = Dataset()
    patient.DirectoryRecordType = "PATIENT"
    patient.PatientName = "Secret^Person"
    ds.DirectoryRecordSequence = [patient, *records]
    ds.file_meta = FileMetaDataset()
    ds.file_meta.MediaStorageSOPClassUID = "1.2.840.10008.1.3.10"
    ds.file_meta.MediaStorageSOPInstanceUID = "1.2.3"
    ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    ds.save_as(path, enforce_file_format=True)
    return path


@pytest.fixture
def media(tmp_path: Path) -> Path:
    """A folder of a series below DICOM/A, and a file beside it."""
    folder = tmp_path / "media"
    write_series(folder / "DICOM" / "A", ramp((5, 4, 6)))
    write_series(tmp_path / "other", ramp((5, 4, 1)))
    return folder


def _ids(folder: Path) -> list[list[str]]:
    return [list(p.relative_to(folder).parts) for p in sorted(folder.rglob("*.dcm"))]


def test_the_named_files_are_read(media: Path, load: Callable[..., LoadedSeries]) -> None:
    ids = _ids(media)
    write_series(media / "DICOM" / "B", ramp((5, 4, 2)), series_uid="1.2.9")  # not named
    loaded = load(_write_directory(media / "DICOMDIR", *ids))
    np.testing.assert_array_equal(loaded.volume.array, ramp((5, 4, 6)))
    assert loaded.ledger.found == 7
    (aside,) = loaded.ledger.set_aside
    assert aside.reason == "a DICOMDIR index of 6 files"
    assert loaded.warnings == ()


def test_missing_files_are_warned_of_by_name(
    media: Path, load: Callable[..., LoadedSeries]
) -> None:
    ids = [*_ids(media), ["DICOM", "A", "GONE"]]
    loaded = load(_write_directory(media / "DICOMDIR", *ids))
    (warning,) = loaded.warnings
    assert warning.name == "missing_files"
    assert warning.files == (str(media / "DICOM" / "A" / "GONE"),)
    assert loaded.ledger.used == 6


@pytest.mark.parametrize(
    "bad",
    [
        ["..", "other", "IM001.dcm"],
        ["DICOM", "..", "..", "other", "IM001.dcm"],
        "/etc/passwd",
        ["C:", "x"],
        ["DICOM/../../other/IM001.dcm", "x"],
        [" .. ", "other", "IM001.dcm"],
    ],
)
def test_names_that_climb_out_are_set_aside(
    bad: list[str] | str, media: Path, index: Callable[..., Index]
) -> None:
    found = index(_write_directory(media / "DICOMDIR", *_ids(media), bad))
    (item,) = found.items
    assert len(item.files) == 6
    assert all(Path(file).is_relative_to(media) for file in item.files)
    assert any("outside" in s.reason for s in item.set_aside)


def test_links_out_are_set_aside(media: Path, index: Callable[..., Index]) -> None:
    ids = _ids(media)
    os.symlink(media.parent / "other" / "IM001.dcm", media / "LINK")
    os.symlink(media.parent / "other", media / "FOLDER")
    found = index(_write_directory(media / "DICOMDIR", *ids, "LINK", ["FOLDER", "IM001.dcm"]))
    (item,) = found.items
    assert len(item.files) == 6
    assert sum("link out" in s.reason for s in item.set_aside) == 2


def test_small_letters_on_disk_are_found(media: Path, index: Callable[..., Index]) -> None:
    ids = [[part.upper() for part in parts] for parts in _ids(media)]
    for path in (media / "DICOM" / "A").iterdir():
        path.rename(path.with_name(path.name.lower()))
    (media / "DICOM" / "A").rename(media / "DICOM" / "a")
    (media / "DICOM").rename(media / "dicom")
    (item,) = index(_write_directory(media / "DICOMDIR", *ids)).items
    assert len(item.files) == 6


def test_in_a_dropped_folder_it_is_set_aside(media: Path, index: Callable[..., Index]) -> None:
    _write_directory(media / "DICOMDIR", ["..", "other", "IM001.dcm"])
    (item,) = index(media).items
    assert len(item.files) == 6
    assert [s.reason.partition(";")[0] for s in item.set_aside] == ["a DICOMDIR index"]


@pytest.mark.parametrize("length", [200, 400, -20])
def test_a_cut_directory_opens_nothing_else(
    length: int, media: Path, index: Callable[..., Index]
) -> None:
    path = _write_directory(media / "DICOMDIR", *_ids(media))
    path.write_bytes(path.read_bytes()[:length])
    found = index(path)
    places = [*found.set_aside, *(s for item in found.items for s in item.set_aside)]
    assert [s.file for s in places] == [str(path)]
    assert all(Path(file).is_relative_to(media) for item in found.items for file in item.files)


def test_a_directory_of_nothing_gives_its_reason(
    tmp_path: Path, index: Callable[..., Index]
) -> None:
    found = index(_write_directory(tmp_path / "DICOMDIR", ["A", "B"]))
    (aside,) = found.set_aside
    assert aside.reason == "a DICOMDIR index of 1 file, 1 of which is not there"
