from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import ExplicitVRLittleEndian, MRImageStorage, generate_uid

from acutance.core.headers import HeaderRequest, HeaderTable, StudyList, StudyRequest
from acutance.errors import CorruptFileError
from acutance.export.headers import MOST_CHARACTERS, list_header, list_studies
from acutance.jobs.runner import Runner
from acutance.jobs.tasks import Token

if TYPE_CHECKING:
    from pathlib import Path

TOKEN = Token(lambda: False)


def write(path: Path, *, name: str = "DOE^JANE", study: str = "1.2.3") -> Path:
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.file_meta.MediaStorageSOPClassUID = MRImageStorage
    dataset.file_meta.MediaStorageSOPInstanceUID = generate_uid()
    dataset.PatientName, dataset.PatientID = name, "17"
    dataset.StudyInstanceUID, dataset.StudyDate = study, "20240229"
    dataset.StudyDescription = "Brain"
    dataset.EchoTime = 3.4
    dataset.ImageType = ["ORIGINAL", "PRIMARY"]
    dataset.ImageComments = "x" * 1000
    inner = Dataset()
    inner.ReferencedSOPInstanceUID = "1.2.9"
    dataset.ReferencedImageSequence = Sequence([inner])
    dataset.add_new(0x00091001, "LO", "private")
    dataset.SOPClassUID, dataset.BitsAllocated = MRImageStorage, 16
    dataset.PixelData = b"\0" * 64
    dataset.save_as(path, enforce_file_format=True)
    return path


def test_elements_are_listed_to_the_pixels_with_what_is_personal_marked(tmp_path: Path) -> None:
    table = list_header(HeaderRequest(write(tmp_path / "a.dcm")), None, TOKEN)
    rows = {row.name: row for row in table.rows}
    assert rows["Patient's Name"].value == "DOE^JANE"
    assert rows["Echo Time"].value == "3.4"
    assert rows["Image Type"].value == "ORIGINAL\\PRIMARY"
    personal = {name for name, row in rows.items() if row.is_personal}
    assert {"Patient's Name", "Patient ID", "Study Date", "Image Comments"} <= personal
    assert any(row.value == "private" and row.is_personal for row in table.rows)
    assert {"Echo Time", "Image Type", "Transfer Syntax UID"}.isdisjoint(personal)
    assert "Pixel Data" not in rows
    assert (rows["Referenced SOP Instance UID"].depth, rows["Echo Time"].depth) == (1, 0)
    assert len(rows["Image Comments"].value) == MOST_CHARACTERS
    assert HeaderTable.from_plain(table.to_plain()) == table


def test_studies_are_told_apart_by_hashes(tmp_path: Path) -> None:
    files = [
        write(tmp_path / "a.dcm"),
        write(tmp_path / "b.dcm", study="1.2.4"),
        write(tmp_path / "c.dcm", name="ROE^RICHARD", study="1.2.5"),
        tmp_path / "gone.dcm",
    ]
    found = list_studies(StudyRequest(tuple(files)), None, TOKEN)
    one, other, stranger, gone = found.facts
    assert one.patient == other.patient != stranger.patient
    assert len({one.study, other.study, stranger.study}) == 3
    assert "1.2.3" not in one.study
    assert (one.patient_label, one.study_label) == ("DOE JANE (17)", "2024-02-29  Brain")
    assert (one.description, gone.patient, gone.study) == ("Brain", "", "")
    assert StudyList.from_plain(found.to_plain()) == found


@pytest.mark.parametrize("content", [b"", b"not dicom at all" * 40, b"\0" * 128 + b"DICM\x02\0\0"])
def test_what_is_no_header_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "broken.dcm"
    path.write_bytes(content)
    with pytest.raises(CorruptFileError, match="no DICOM file") as told:
        list_header(HeaderRequest(path), None, TOKEN)
    assert told.value.remedy


def test_the_runner_lists_headers_and_studies(tmp_path: Path) -> None:
    path = write(tmp_path / "a.dcm")
    with Runner(synchronous=True) as runner:
        assert runner.header(path).value().rows
        assert runner.studies([path]).value().facts[0].description == "Brain"
