"""De-identified export: canaries of every kind, pixels untouched, refusals, verification."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import time
import zlib
from io import BytesIO
from pathlib import Path
from typing import Any

import dicom_factory as factory
import nibabel
import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset
from pydicom.uid import (
    CTImageStorage,
    EncapsulatedPDFStorage,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    SecondaryCaptureImageStorage,
    SegmentationStorage,
    UltrasoundImageStorage,
    VLPhotographicImageStorage,
)

from acutance.core.deidentification import (
    DeidentificationRequest,
    DeidentificationResult,
    check_options,
)
from acutance.core.ledger import LoadedSeries, SetAside
from acutance.errors import ExportError, JobCancelled
from acutance.export import cleaning, deidentify, deidentify_dicom
from acutance.export.deidentify import deidentify_files
from acutance.io.readers import index_paths, read_item

PIXELS = np.arange(20, dtype="<i2").reshape(4, 5)
KEY = b"0123456789abcdef0123456789abcdef"


class Silent:
    def report(self, fraction: float, message: str) -> None:
        assert -1e-9 <= fraction <= 1 + 1e-9
        assert message

    def raise_if_cancelled(self) -> None:
        return


def export(
    tmp_path: Path, *files: Path, options: tuple[str, ...] = (), name: str = "out", **settings: Any
) -> DeidentificationResult:
    settings.setdefault("key", KEY)
    request = DeidentificationRequest(tuple(files), tmp_path / name, options, **settings)
    result = deidentify_files(request, list(files), (), Silent(), Silent())
    assert result.found == len(files)
    assert result.options == request.options
    return result


def export_one(tmp_path: Path, source: Dataset, *options: str, **settings: Any) -> Dataset:
    """Export a data set and return what came out."""
    path, _ = export_bytes(tmp_path, source, *options, **settings)
    return pydicom.dcmread(path)


def export_bytes(
    tmp_path: Path, source: Dataset, *options: str, **settings: Any
) -> tuple[Path, bytes]:
    file = factory.write(source, tmp_path / "in" / "Doe_John.dcm")
    result = export(tmp_path, file, options=options, **settings)
    assert len(result.exported) == 1, result.set_aside
    path = tmp_path / "out" / result.exported[0].name
    return path, path.read_bytes()


def refusal(tmp_path: Path, source: Dataset | Path, **settings: Any) -> str:
    file = source if isinstance(source, Path) else factory.write(source, tmp_path / "in" / "a.dcm")
    result = export(tmp_path, file, **settings)
    assert not result.exported
    assert not (tmp_path / "out").exists(), "an export of nothing leaves no folder"
    return result.set_aside[0].reason


# Canaries.

PRIVATE_VRS = {
    "LO": "CanaryPrivateLO",
    "SH": "CanaryPrivSH",
    "LT": "CanaryPrivateLT",
    "ST": "CanaryPrivateST",
    "UT": "CanaryPrivateUT",
    "UC": "CanaryPrivateUC",
    "PN": "CanaryPrivate^PN",
    "AE": "CanaryPrivAE",
    "CS": "CANARYPRIVCS",
    "UI": "1.2.3.4.5.6.7.8.9.10",
    "DA": "19770707",
    "DT": "19780808070809",
    "TM": "070809.123456",
    "OB": b"CanaryPrivateOB ",
    "OW": b"CanaryPrivateOW ",
    "UN": b"CanaryPrivateUN ",
}


def with_private(dataset: Dataset) -> None:
    block = dataset.private_block(0x0029, "CANARY CREATOR", create=True)
    for number, (vr, value) in enumerate(PRIVATE_VRS.items()):
        block.add_new(number, vr, value)
    item = Dataset()
    item.PatientName = "Canary^InPrivateSequence"
    block.add_new(0x40, "SQ", [item])


@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, ImplicitVRLittleEndian])
def test_canaries_of_every_kind_are_gone(tmp_path: Path, syntax: str) -> None:
    source = factory.make_slice(PIXELS, PatientComments="canary comment " * 30)
    with_private(source)
    inner = Dataset()
    inner.PatientID = "CanaryNested1"
    with_private(inner)
    middle = Dataset()
    middle.AnatomicRegionModifierSequence = [inner]
    source.AnatomicRegionSequence = [middle]
    file = factory.write(source, tmp_path / "in" / "a.dcm", syntax)
    with file.open("r+b") as raw:
        raw.write(b"MZ canary preamble" + bytes(110))
    result = export(tmp_path, file)
    assert len(result.exported) == 1, result.set_aside
    data = (tmp_path / "out" / result.exported[0].name).read_bytes()
    lowered = data.lower()
    assert b"canary" not in lowered
    assert b"secret" not in lowered
    for value in (*PRIVATE_VRS.values(), "19700101", source.SOPInstanceUID):
        text = value.encode() if isinstance(value, str) else value
        assert text.strip().lower() not in lowered
    assert data[:128] == bytes(128)
    out = pydicom.dcmread(BytesIO(data))
    assert out.file_meta.TransferSyntaxUID == syntax
    assert not [e.tag for e in out.iterall() if e.tag.is_private]


@pytest.mark.parametrize(
    "syntax", [ExplicitVRLittleEndian, ImplicitVRLittleEndian, ExplicitVRBigEndian]
)
def test_pixels_and_geometry_stay_bit_for_bit(tmp_path: Path, syntax: str) -> None:
    source = factory.make_slice(
        PIXELS, position=(1.5, -2.25, 3.125), RescaleSlope="2", WindowCenter="40"
    )
    file = factory.write(source, tmp_path / "in" / "a.dcm", syntax)
    before = pydicom.dcmread(file)
    fingerprint = hashlib.sha256(file.read_bytes()).hexdigest(), file.stat().st_mtime_ns
    result = export(tmp_path, file)
    after = pydicom.dcmread(tmp_path / "out" / result.exported[0].name)
    assert after.PixelData == before.PixelData
    np.testing.assert_array_equal(after.pixel_array, PIXELS)
    for name in (
        "ImagePositionPatient", "ImageOrientationPatient", "PixelSpacing", "Rows", "RescaleSlope",
        "Modality", "SOPClassUID", "InstanceNumber", "SeriesNumber", "SliceThickness",
    ):  # fmt: skip
        assert after[name].value == before[name].value, name
    assert (hashlib.sha256(file.read_bytes()).hexdigest(), file.stat().st_mtime_ns) == fingerprint


def test_compressed_pixels_stay_as_fragments(tmp_path: Path) -> None:
    file = factory.write_rle(factory.make_slice(PIXELS), tmp_path / "in" / "a.dcm")
    before = pydicom.dcmread(file)
    out = pydicom.dcmread(tmp_path / "out" / export(tmp_path, file).exported[0].name)
    assert out.PixelData == before.PixelData
    assert out.file_meta.TransferSyntaxUID == before.file_meta.TransferSyntaxUID
    np.testing.assert_array_equal(out.pixel_array, PIXELS)


def deflated(path: Path, body: bytes) -> Path:
    whole = factory.write(factory.make_slice(PIXELS), path)
    meta = pydicom.dcmread(whole).file_meta
    meta.TransferSyntaxUID = "1.2.840.10008.1.2.1.99"
    head = BytesIO()
    pydicom.filewriter.write_file_meta_info(head, meta)
    pack = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    path.write_bytes(bytes(128) + b"DICM" + head.getvalue() + pack.compress(body) + pack.flush())
    return path


def test_deflated_files_come_out_plain(tmp_path: Path) -> None:
    source = factory.make_slice(PIXELS)
    body = BytesIO()
    pydicom.dcmwrite(body, source, implicit_vr=False, little_endian=True)
    file = deflated(tmp_path / "a.dcm", body.getvalue())
    result = export(tmp_path, file)
    out = pydicom.dcmread(tmp_path / "out" / result.exported[0].name)
    assert out.file_meta.TransferSyntaxUID == ExplicitVRLittleEndian
    np.testing.assert_array_equal(out.pixel_array, PIXELS)


def test_a_deflate_bomb_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deidentify_dicom, "MAX_INFLATED_BYTES", 1 << 20)
    file = deflated(tmp_path / "a.dcm", bytes(8 << 20))
    assert "far larger" in refusal(tmp_path, file)


# What is said.


def test_the_method_and_every_option_are_stated(tmp_path: Path) -> None:
    options = ("device", "institution", "patient", "modified-dates", "descriptors", "private")
    out = export_one(tmp_path, factory.make_slice(PIXELS), *options)
    assert out.PatientIdentityRemoved == "YES"
    assert out.LongitudinalTemporalInformationModified == "MODIFIED"
    items = out.DeidentificationMethodCodeSequence
    assert [item.CodeValue for item in items] == [
        "113100", "113109", "113112", "113108", "113107", "113105", "113111",
    ]  # fmt: skip
    assert {item.CodingSchemeDesignator for item in items} == {"DCM"}
    assert items[0].CodeMeaning == "Basic Application Confidentiality Profile"
    assert "PS3.15" in out.DeidentificationMethod[1]


def test_the_strict_profile_is_the_default(tmp_path: Path) -> None:
    out = export_one(tmp_path, factory.make_slice(PIXELS, StudyDate="20240229", PatientAge="045Y"))
    assert [i.CodeValue for i in out.DeidentificationMethodCodeSequence] == ["113100"]
    assert out.LongitudinalTemporalInformationModified == "REMOVED"
    assert out.StudyDate == ""
    assert "PatientAge" not in out
    assert out.PatientName == ""
    assert re.fullmatch(r"ANON-[0-9A-F]{12}", out.PatientID)


def test_file_meta_names_this_program_only(tmp_path: Path) -> None:
    source = factory.make_slice(PIXELS)
    file = factory.write(source, tmp_path / "in" / "a.dcm")
    dataset = pydicom.dcmread(file)
    dataset.file_meta.SourceApplicationEntityTitle = "CANARYAE"
    dataset.file_meta.PrivateInformationCreatorUID = "1.2.3.4"
    dataset.file_meta.PrivateInformation = b"canary bytes"
    dataset.save_as(file)
    result = export(tmp_path, file)
    data = (tmp_path / "out" / result.exported[0].name).read_bytes()
    assert b"canary" not in data.lower()
    meta = pydicom.dcmread(BytesIO(data)).file_meta
    assert str(meta.ImplementationVersionName).startswith("ACUTANCE")
    assert {e.keyword for e in meta} == {
        "FileMetaInformationGroupLength", "FileMetaInformationVersion",
        "MediaStorageSOPClassUID", "MediaStorageSOPInstanceUID", "TransferSyntaxUID",
        "ImplementationClassUID", "ImplementationVersionName",
    }  # fmt: skip


# UIDs, dates, words.


def series(tmp_path: Path) -> list[Path]:
    return factory.write_series(tmp_path / "in", factory.ramp((4, 3, 3)))


def test_uids_and_references_are_replaced_together(tmp_path: Path) -> None:
    first = factory.make_slice(PIXELS, sop_uid="1.2.3.4.1", FrameOfReferenceUID="1.2.3.4.99")
    second = factory.make_slice(PIXELS, sop_uid="1.2.3.4.2", FrameOfReferenceUID="1.2.3.4.99")
    reference = Dataset()
    reference.ReferencedSOPClassUID = first.SOPClassUID
    reference.ReferencedSOPInstanceUID = "1.2.3.4.1"
    second.ReferencedImageSequence = [reference]
    files = [
        factory.write(d, tmp_path / f"{n}.dcm") for n, d in enumerate((first, second), start=1)
    ]
    result = export(tmp_path, *files)
    one, two = (pydicom.dcmread(tmp_path / "out" / e.name) for e in result.exported)
    assert one.SOPInstanceUID == two.ReferencedImageSequence[0].ReferencedSOPInstanceUID
    assert one.file_meta.MediaStorageSOPInstanceUID == one.SOPInstanceUID
    assert one.SOPInstanceUID != two.SOPInstanceUID
    assert one.SeriesInstanceUID == two.SeriesInstanceUID
    assert one.FrameOfReferenceUID == two.FrameOfReferenceUID
    assert two.ReferencedImageSequence[0].ReferencedSOPClassUID == first.SOPClassUID
    for uid in (one.SOPInstanceUID, one.SeriesInstanceUID, one.StudyInstanceUID):
        assert re.fullmatch(r"2\.25\.[1-9][0-9]{1,38}", uid)
        assert len(uid) <= 64


def test_another_key_gives_other_uids_and_the_same_key_the_same(tmp_path: Path) -> None:
    file = factory.write(factory.make_slice(PIXELS), tmp_path / "a.dcm")
    uids = [
        pydicom.dcmread(
            tmp_path / name / export(tmp_path, file, name=name, key=key).exported[0].name
        ).SOPInstanceUID
        for name, key in (("x", KEY), ("y", KEY), ("z", KEY[::-1]))
    ]
    assert uids[0] == uids[1] != uids[2]
    drawn = {DeidentificationRequest((file,), tmp_path / "q").key for _ in range(3)}
    assert len(drawn) == 3, "a key of its own for every export"


def test_kept_uids(tmp_path: Path) -> None:
    source = factory.make_slice(PIXELS)
    out = export_one(tmp_path, source, "uids")
    assert out.SOPInstanceUID == source.SOPInstanceUID
    assert b"secret" not in (tmp_path / "out/series-001/IMG-000001.dcm").read_bytes().lower()


def test_patients_of_one_export_stay_apart(tmp_path: Path) -> None:
    files = [
        factory.write(factory.make_slice(PIXELS, PatientID=id), tmp_path / f"{n}.dcm")
        for n, id in enumerate(("P1", "P2", "P1 "))
    ]
    ids = [
        pydicom.dcmread(tmp_path / "out" / e.name).PatientID
        for e in export(tmp_path, *files).exported
    ]
    assert ids[0] == ids[2] != ids[1]


@pytest.mark.filterwarnings("ignore:Invalid value for VR DA")
def test_modified_dates_keep_intervals(tmp_path: Path) -> None:
    source = factory.make_slice(
        PIXELS,
        StudyDate="20240228",
        SeriesDate="20240301",
        AcquisitionDateTime="20240301101112.5+0100",
        StudyTime="101112",
        ContentDate="no date",
    )
    out = export_one(tmp_path, source, "modified-dates")
    days = [np.datetime64(f"{d[:4]}-{d[4:6]}-{d[6:8]}") for d in (out.StudyDate, out.SeriesDate)]
    assert days[1] - days[0] == np.timedelta64(2, "D")  # 2024 is a leap year
    moved = np.datetime64("2024-02-28") - days[0]
    assert np.timedelta64(366, "D") <= moved <= np.timedelta64(3650, "D")
    assert out.AcquisitionDateTime == out.SeriesDate + "101112.5+0100"
    assert out.StudyTime == "101112"
    assert out.ContentDate == ""
    assert out.PatientBirthDate == ""


def test_full_dates_are_kept_but_the_birth_date_is_not(tmp_path: Path) -> None:
    source = factory.make_slice(PIXELS, StudyDate="20240228", StudyTime="101112")
    with_private(source)
    out = export_one(tmp_path, source, "dates")
    assert (out.StudyDate, out.StudyTime) == ("20240228", "101112")
    assert out.PatientBirthDate == ""
    assert out.LongitudinalTemporalInformationModified == "UNMODIFIED"


def test_patient_characteristics(tmp_path: Path) -> None:
    source = factory.make_slice(
        PIXELS, PatientSex="F", PatientAge="093Y", PatientWeight="71.5", Allergies="Miller's"
    )
    out = export_one(tmp_path, source, "patient")
    assert (out.PatientSex, out.PatientAge, float(out.PatientWeight)) == ("F", "090Y", 71.5)
    assert "Allergies" not in out
    assert out.PatientName == ""


def test_descriptions_keep_words_of_technique_only(tmp_path: Path) -> None:
    source = factory.make_slice(
        PIXELS, SeriesDescription="t1_mprage SAG 3mm J. Miller 4711-22", StudyDescription="Miller"
    )
    out = export_one(tmp_path, source, "descriptors")
    assert out.SeriesDescription == "t1 mprage SAG 3mm 22"
    assert "StudyDescription" not in out


def test_a_name_that_is_a_word_of_technique_does_not_survive(tmp_path: Path) -> None:
    source = factory.make_slice(PIXELS, PatientName="Flair^Rose", SeriesDescription="Flair axial")
    _, data = export_bytes(tmp_path, source, "descriptors")
    assert b"flair" not in data.lower()


def test_a_private_attribute_off_the_list_fails_the_verification(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant(monkeypatch, _private)
    file = factory.write(factory.make_slice(PIXELS), tmp_path / "a.dcm")
    result = export(tmp_path, file, options=("private",))
    assert result.set_aside[0].reason == "verification failed: a private attribute is left"


def test_safe_private_attributes_are_kept_and_no_others(tmp_path: Path) -> None:
    source = factory.make_slice(PIXELS)
    block = source.private_block(0x0019, "SIEMENS MR HEADER", create=True)
    block.add_new(0x0C, "IS", "1000")
    block.add_new(0x0E, "FD", [0.0, 0.6, 0.8])
    block.add_new(0x10, "LO", "CanaryUnlisted")
    with_private(source)
    bad = source.private_block(0x0043, "GEMS_PARM_01", create=True)
    bad.add_new(0x39, "LO", "CanaryInSafeTag")
    path, data = export_bytes(tmp_path, source, "private")
    kept = pydicom.dcmread(path).private_block(0x0019, "SIEMENS MR HEADER")
    assert kept[0x0C].value == 1000
    assert kept[0x0E].value == [0.0, 0.6, 0.8]
    assert 0x10 not in kept
    assert b"canary" not in data.lower()
    out = export_one(tmp_path / "strict", source)
    assert not [e.tag for e in out if e.tag.is_private]


# Hostile and odd values.


@pytest.mark.parametrize(
    "elements",
    [
        {"PatientComments": "x" * 70_000},
        {"PatientName": "Müller^Jörg=山田^太郎"},
        {"PatientName": "^".join("ABCDE" * 60)},
        {"PatientName": "<b>bold</b>\x1b[31m"},
        {"SpecificCharacterSet": "ISO_IR 192", "PatientName": "Дмитрий^Ёлкин"},
        {"PatientBirthDate": "not a date"},
        {"PatientID": ""},
    ],
)
@pytest.mark.filterwarnings("ignore")
def test_odd_texts_survive(tmp_path: Path, elements: dict[str, str]) -> None:
    elements.setdefault("SpecificCharacterSet", "ISO_IR 192")
    source = factory.make_slice(PIXELS, **elements)
    path, data = export_bytes(tmp_path, source)
    for value in elements.values():
        if len(value) > 12:
            assert value.encode() not in data
    np.testing.assert_array_equal(pydicom.dcmread(path).pixel_array, PIXELS)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("charset", ["ISO 2022 IR 999", "CANARYCHARSET", "\\ISO 2022 IR 87"])
def test_unknown_character_sets_survive(tmp_path: Path, charset: str) -> None:
    file = factory.write(factory.make_slice(PIXELS), tmp_path / "a.dcm")
    dataset = pydicom.dcmread(file)
    cleaning.put(dataset, 0x00080005, "CS", charset.encode())
    cleaning.put(dataset, 0x00100010, "PN", b"\x1b$B\xc3\xa4\xff^Secret")
    dataset.save_as(file)
    result = export(tmp_path, file)
    assert len(result.exported) == 1, result.set_aside
    data = (tmp_path / "out" / result.exported[0].name).read_bytes()
    assert b"secret" not in data.lower()
    assert b"CANARY" not in data


def test_a_kept_text_that_repeats_a_name_is_emptied_and_said(tmp_path: Path) -> None:
    source = factory.make_slice(
        PIXELS, SequenceName="of J Smithson", PatientName="Smithson^Jo", ScanOptions="SMITHSON"
    )
    file = factory.write(source, tmp_path / "in" / "a.dcm")
    result = export(tmp_path, file)
    data = (tmp_path / "out" / result.exported[0].name).read_bytes()
    assert b"smithson" not in data.lower()
    warnings = " ".join(result.exported[0].warnings)
    assert "Sequence Name repeated a removed value" in warnings
    assert "Smithson" not in warnings


@pytest.mark.parametrize(
    "text", ["of Li Bo", "BO LI", "Bo, Li", "libo", "born 1970-01-01", "01.01.1970", "19700101"]
)
def test_short_names_and_other_spellings_of_dates_are_found(tmp_path: Path, text: str) -> None:
    source = factory.make_slice(PIXELS, PatientName="Li^Bo", SequenceName=text)
    out = export_one(tmp_path, source)
    assert out.SequenceName == ""


@pytest.mark.filterwarnings("ignore")
def test_text_where_a_number_belongs_is_removed(tmp_path: Path) -> None:
    file = factory.write(factory.make_slice(PIXELS), tmp_path / "a.dcm")
    dataset = pydicom.dcmread(file)
    cleaning.put(dataset, 0x00180081, "DS", b"Canary, John")  # Echo Time
    cleaning.put(dataset, 0x00180087, "LT", b"Canary, Jane")  # Magnetic Field Strength
    dataset.save_as(file)
    result = export(tmp_path, file)
    data = (tmp_path / "out" / result.exported[0].name).read_bytes()
    assert b"canary" not in data.lower()
    assert len(result.exported[0].warnings) == 2


@pytest.mark.parametrize(
    ("vr", "value"), [(b"OB", b"canary bytes"), (b"UN", b"canary bytes"), (b"LT", b"canary text ")]
)
def test_a_sequence_that_is_none_is_not_passed_on(tmp_path: Path, vr: bytes, value: bytes) -> None:
    marker = b"\x08\x00\x18\x22" + b"OB\0\0"
    source = factory.make_slice(PIXELS)
    source.add_new(0x00082218, "OB", value)  # Anatomic Region Sequence
    file = factory.write(source, tmp_path / "in" / "a.dcm")
    data = file.read_bytes()
    at = data.index(marker)
    if vr == b"LT":
        field = vr + len(value).to_bytes(2, "little")
        data = data[: at + 4] + field + data[at + 12 :]
    else:
        data = data[: at + 4] + vr + data[at + 6 :]
    file.write_bytes(data)
    result = export(tmp_path, file)
    assert bool(result.exported) == (vr == b"UN"), "of an unknown kind: read as an empty sequence"
    for exported in result.exported:
        assert b"canary" not in (tmp_path / "out" / exported.name).read_bytes()


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    ("tag", "vr"), [(0x0020000D, "UI"), (0x00080020, "DA"), (0x00080030, "TM"), (0x0008002A, "DT")]
)
def test_what_an_option_keeps_must_be_what_it_says(tmp_path: Path, tag: int, vr: str) -> None:
    file = factory.write(factory.make_slice(PIXELS), tmp_path / "a.dcm")
    dataset = pydicom.dcmread(file)
    cleaning.put(dataset, tag, vr, b"1\x08\0\0\0SECRET77 1970")
    dataset.save_as(file)
    result = export(tmp_path, file, options=("uids", "dates"))
    data = (tmp_path / "out" / result.exported[0].name).read_bytes()
    assert b"secret77" not in data.lower()
    assert "it was removed" in " ".join(result.exported[0].warnings)


@pytest.mark.filterwarnings("ignore")
def test_items_where_a_text_belongs_are_removed(tmp_path: Path) -> None:
    source = factory.make_slice(PIXELS)
    item = Dataset()
    item.SequenceName = "canary inside"
    source.add_new(0x00180024, "SQ", [item])  # Sequence Name
    path, data = export_bytes(tmp_path, source)
    assert b"canary" not in data
    assert "SequenceName" not in pydicom.dcmread(path)


def test_an_id_in_a_number_is_emptied_and_short_counts_stay(tmp_path: Path) -> None:
    source = factory.make_slice(
        PIXELS, PatientID="87654321", AccessionNumber="3", AcquisitionNumber=87654321
    )
    path, data = export_bytes(tmp_path, source)
    assert b"87654321" not in data
    out = pydicom.dcmread(path)
    assert out.AcquisitionNumber is None
    assert out.SeriesNumber == 3


def test_thousands_of_private_elements_take_a_second(tmp_path: Path) -> None:
    source = factory.make_slice(PIXELS)
    for group in range(0x0009, 0x0009 + 2 * 40, 2):
        for block in (0x10, 0x11):
            source.add_new(group << 16 | block, "LO", f"CREATOR {block}")
            for low in range(150):
                source.add_new(group << 16 | block << 8 | low, "LO", f"value {group} {block} {low}")
    started = time.monotonic()
    _, data = export_bytes(tmp_path, source)
    assert time.monotonic() - started < 20  # one, on an idle machine
    assert b"value 9 16" not in data


def test_overlays_and_curves_are_removed_whole(tmp_path: Path) -> None:
    source = factory.make_slice(PIXELS)
    source.add_new(0x60000010, "US", 4)
    source.add_new(0x60000022, "LO", "canary overlay")
    source.add_new(0x60003000, "OW", b"\x01\x02\x03\x04")
    source.add_new(0x601E4000, "LT", "canary comment")
    source.add_new(0x50003000, "OW", b"canary curve")
    path, data = export_bytes(tmp_path, source)
    assert b"canary" not in data
    assert not [e.tag for e in pydicom.dcmread(path) if e.tag.group >> 8 in (0x50, 0x60)]


def test_deep_nesting_is_refused(tmp_path: Path) -> None:
    inner = Dataset()
    inner.CodeMeaning = "end"
    for _ in range(60):
        outer = Dataset()
        outer.AnatomicRegionSequence = [inner]
        inner = outer
    source = factory.make_slice(PIXELS)
    source.AnatomicRegionSequence = [inner]
    assert "nested" in refusal(tmp_path, source)


# Refusals.


def of_class(sop_class: str, **elements: Any) -> Dataset:
    return factory.make_slice(PIXELS.astype("<u2"), SOPClassUID=sop_class, **elements)


@pytest.mark.parametrize(
    ("sop_class", "words"),
    [
        ("1.2.840.10008.5.1.4.1.1.88.11", "Basic Text SR"),
        (EncapsulatedPDFStorage, "Encapsulated PDF"),
        (SegmentationStorage, "Segmentation Storage"),
        ("1.2.840.10008.1.3.10", "Media Storage Directory"),
        ("1.3.12.2.1107.5.9.1", "1.3.12.2.1107.5.9.1"),
        (ExplicitVRLittleEndian, "not in the standard's registry"),
    ],
)
def test_what_is_no_plain_image_is_refused_by_name(
    tmp_path: Path, sop_class: str, words: str
) -> None:
    assert words in refusal(tmp_path, of_class(sop_class))


@pytest.mark.parametrize(
    ("elements", "words"),
    [
        ({"BurnedInAnnotation": "YES"}, "Burned In Annotation is YES"),
        ({"RecognizableVisualFeatures": "YES"}, "who it is"),
        ({"Modality": "US"}, "not NO"),
        ({"Modality": "OT"}, "not NO"),
        ({"SOPClassUID": UltrasoundImageStorage}, "not NO"),
        ({"SOPClassUID": SecondaryCaptureImageStorage}, "not NO"),
        ({"SOPClassUID": SecondaryCaptureImageStorage, "BurnedInAnnotation": "YES"}, "is YES"),
        ({"ConversionType": "DF"}, "not NO"),
        ({"ImageType": ["DERIVED", "SECONDARY", "SCREEN SAVE"]}, "not NO"),
        ({"SOPClassUID": VLPhotographicImageStorage, "BurnedInAnnotation": "NO"}, "photograph"),
        ({"Modality": "XC"}, "photograph"),
    ],
)
def test_pixels_that_may_tell_are_refused_unless_the_user_insists(
    tmp_path: Path, elements: dict[str, Any], words: str
) -> None:
    sop_class = elements.pop("SOPClassUID", CTImageStorage)
    source = of_class(sop_class, **elements)
    assert words in refusal(tmp_path, source)
    file = tmp_path / "in" / "a.dcm"
    result = export(tmp_path, file, allows_burned_in=True)
    assert len(result.exported) == 1
    assert result.allowed_burned_in
    assert words in result.exported[0].warnings[0]
    assert "allowed" in result.exported[0].warnings[0]


@pytest.mark.parametrize("sop_class", [UltrasoundImageStorage, SecondaryCaptureImageStorage])
def test_pixels_that_are_said_to_be_clean_are_exported(tmp_path: Path, sop_class: str) -> None:
    source = of_class(sop_class, BurnedInAnnotation="NO")
    assert export_one(tmp_path, source).BurnedInAnnotation == "NO"


def test_a_mosaic_is_exported_with_a_remark(tmp_path: Path) -> None:
    source = factory.make_slice(PIXELS, ImageType=["ORIGINAL", "PRIMARY", "M", "MOSAIC"])
    file = factory.write(source, tmp_path / "a.dcm")
    assert "mosaic" in export(tmp_path, file).exported[0].warnings[0]


def test_an_overlay_inside_the_pixels_is_refused(tmp_path: Path) -> None:
    source = factory.make_slice(PIXELS)
    source.add_new(0x60000100, "US", 16)
    source.add_new(0x60000102, "US", 12)
    assert "overlay" in refusal(tmp_path, source)


@pytest.mark.parametrize("keep", [0.3, 0.97])
def test_cut_files_are_refused(tmp_path: Path, keep: float) -> None:
    file = factory.write(factory.make_slice(PIXELS), tmp_path / "a.dcm")
    data = file.read_bytes()
    file.write_bytes(data[: int(len(data) * keep)])
    assert refusal(tmp_path, file)


@pytest.mark.parametrize("content", [b"text", bytes(2000), b"\x08\x00\x05\x00CS" + b"\xff" * 600])
def test_other_files_are_set_aside(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "x"
    file.write_bytes(content)
    assert refusal(tmp_path, file)


@pytest.mark.parametrize(
    "content", [b"PK\x03\x04 zip", b"Rar!\x1a", gzip.compress(b"a tar archive")]
)
def test_archives_may_hold_scans_and_count_as_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "x"
    file.write_bytes(content)
    result = export(tmp_path, file)
    assert result.refused == 1
    assert "unpack" in result.set_aside[0].reason


def mutated(whole: bytes, random: np.random.Generator) -> bytes:
    """Return a file with bytes, a length or a part changed, or cut."""
    data = bytearray(whole)
    kind = random.integers(4)
    at = int(random.integers(132, len(data) - 48))
    if kind == 0:
        for _ in range(int(random.integers(1, 6))):
            data[int(random.integers(132, len(data) - 48))] = int(random.integers(256))
    elif kind == 1:
        data[at : at + 4] = random.choice([b"\xff" * 4, bytes(4), b"\x08\0\0\0", b"\0\1\0\0"])
    elif kind == 2:
        start = int(random.integers(132, len(data) - 48))
        data[at:at] = data[start : start + int(random.integers(1, 300))]
    else:
        del data[at : at + int(random.integers(1, 40))]
    return bytes(data)


@pytest.mark.parametrize(
    "options", [(), ("uids", "dates", "private"), ("device", "modified-dates", "descriptors")]
)
def test_mutated_files_never_crash_and_never_tell(tmp_path: Path, options: tuple[str, ...]) -> None:
    source = factory.make_slice(
        PIXELS, PatientName="Zanzibar^Quentin", PatientID="QZX998877", PatientBirthDate="19310203"
    )
    with_private(source)
    whole = factory.write(source, tmp_path / "a.dcm").read_bytes()
    random = np.random.default_rng(len(options))
    (tmp_path / "in").mkdir()
    files = []
    for number in range(150):
        files.append(tmp_path / "in" / f"{number}.dcm")
        files[-1].write_bytes(mutated(whole, random))
    result = export(tmp_path, *files, options=options)
    assert len(result.exported) > 20
    for exported in result.exported:
        data = (tmp_path / "out" / exported.name).read_bytes().lower()
        for canary in (b"zanzibar", b"quentin", b"qzx998877", b"19310203"):
            assert canary not in data, f"{exported.source}: {canary!r}"


def test_an_exported_series_reads_as_the_same_volume(tmp_path: Path) -> None:
    files = factory.write_series(
        tmp_path / "in", factory.ramp((6, 5, 4)), RescaleSlope=2, RescaleIntercept=-3
    )
    export(tmp_path, *files)
    volumes = [load(tmp_path / name).volume for name in ("in", "out")]
    np.testing.assert_array_equal(volumes[0].array, volumes[1].array)
    np.testing.assert_array_equal(volumes[0].affine, volumes[1].affine)
    assert volumes[0].slope == volumes[1].slope == 2


def load(path: Path) -> LoadedSeries:
    (item,) = index_paths([path], Silent(), Silent()).items
    loaded = read_item(item, lambda shape, dtype: np.empty(shape, dtype), Silent(), Silent())
    assert isinstance(loaded, LoadedSeries)
    return loaded


# Verification.


def plant(monkeypatch: pytest.MonkeyPatch, change: Any) -> None:
    """Let something go wrong between cleaning and writing."""
    original = deidentify_dicom._encode

    def encode(dataset: Dataset) -> BytesIO:
        return BytesIO(change(dataset, original))

    monkeypatch.setattr(deidentify_dicom, "_encode", encode)


def _named(dataset: Dataset, encode: Any) -> bytes:
    dataset.SequenceName = "of Secret"
    return bytes(encode(dataset).getvalue())


def _nested(dataset: Dataset, encode: Any) -> bytes:
    item = Dataset()
    item.CodeMeaning = "Person"
    dataset.AnatomicRegionSequence = [item]
    return bytes(encode(dataset).getvalue())


def _birth(dataset: Dataset, encode: Any) -> bytes:
    dataset.PatientBirthDate = "19991231"
    return bytes(encode(dataset).getvalue())


def _private(dataset: Dataset, encode: Any) -> bytes:
    dataset.private_block(0x0009, "X", create=True).add_new(1, "LO", "harmless")
    return bytes(encode(dataset).getvalue())


def _overlay(dataset: Dataset, encode: Any) -> bytes:
    dataset.add_new(0x60003000, "OW", b"\0\0")
    return bytes(encode(dataset).getvalue())


def _pixel(dataset: Dataset, encode: Any) -> bytes:
    dataset.PixelData = dataset.PixelData[:-1] + b"\x77"
    return bytes(encode(dataset).getvalue())


def _unstated(dataset: Dataset, encode: Any) -> bytes:
    dataset.PatientIdentityRemoved = "NO"
    return bytes(encode(dataset).getvalue())


def _preamble(dataset: Dataset, encode: Any) -> bytes:
    data = encode(dataset).getvalue()
    return b"x" + bytes(data[1:])


def _trailing(dataset: Dataset, encode: Any) -> bytes:
    return bytes(encode(dataset).getvalue()) + b"\xfc\xff\xfc\xffOB\0\0\x08\0\0\0SECRET77"


def _uid(dataset: Dataset, encode: Any) -> bytes:
    dataset.StudyInstanceUID = "1.2.3"
    return bytes(encode(dataset).getvalue())


def _garbage(dataset: Dataset, encode: Any) -> bytes:
    return bytes(encode(dataset).getvalue())[:300]


@pytest.mark.parametrize(
    "change",
    [
        _named, _nested, _birth, _private, _overlay, _pixel, _unstated, _preamble, _trailing, _uid,
        _garbage,
    ],
)  # fmt: skip
def test_verification_fails_and_deletes_the_output(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: Any
) -> None:
    plant(monkeypatch, change)
    reason = refusal(tmp_path, factory.make_slice(PIXELS))
    assert reason.startswith("verification failed")
    for word in ("Secret", "Person", "1999", "SECRET77"):
        assert word not in reason


# NIfTI.


def nifti(path: Path, *, pair: type = nibabel.Nifti1Image, big: bool = False) -> Path:
    image = pair(factory.ramp((5, 4, 3)), np.diag([2.0, 3.0, 4.0, 1.0]))
    header = image.header
    header["descrip"] = b"canary descrip"
    header["aux_file"] = b"canary aux"
    header["intent_name"] = b"canary intent"
    header.set_slope_inter(1.0, 0.0)
    if pair is nibabel.Nifti1Image:
        header["db_name"] = b"canary db"
    header.extensions.append(nibabel.nifti1.Nifti1Extension(6, b"canary extension: Doe, John"))
    if big:
        image = pair(factory.ramp((5, 4, 3)), image.affine, header.as_byteswapped(">"))
    nibabel.save(image, path)
    return path


@pytest.mark.parametrize("suffix", [".nii", ".nii.gz"])
@pytest.mark.parametrize("kind", ["one", "two", "big"])
def test_nifti_texts_and_extensions_are_gone_and_voxels_stay(
    tmp_path: Path, suffix: str, kind: str
) -> None:
    pair = nibabel.Nifti2Image if kind == "two" else nibabel.Nifti1Image
    file = nifti(tmp_path / f"Doe_John{suffix}", pair=pair, big=kind == "big")
    before = nibabel.load(file)
    result = export(tmp_path, file)
    assert [e.name for e in result.exported] == [f"series-001/VOL-000001{suffix}"]
    path = tmp_path / "out" / result.exported[0].name
    data = path.read_bytes()
    plain = gzip.decompress(data) if suffix.endswith("gz") else data
    assert b"canary" not in plain
    assert b"Doe" not in data + plain
    after = nibabel.load(path)
    assert not after.header.extensions
    assert after.header["descrip"] == b""
    np.testing.assert_array_equal(np.asarray(after.dataobj), np.asarray(before.dataobj))
    np.testing.assert_array_equal(after.affine, before.affine)
    assert after.header.endianness == before.header.endianness
    assert after.get_data_dtype() == before.get_data_dtype()
    same = ("dim", "pixdim", "xyzt_units", "sform_code", "qform_code", "scl_slope")
    assert all(np.array_equal(after.header[n], before.header[n], equal_nan=True) for n in same)


@pytest.mark.parametrize("cut", [100, 360, -3])
@pytest.mark.parametrize("suffix", [".nii", ".nii.gz"])
def test_cut_nifti_is_refused(tmp_path: Path, cut: int, suffix: str) -> None:
    file = nifti(tmp_path / f"a{suffix}")
    file.write_bytes(file.read_bytes()[: min(cut, 150) if suffix.endswith("gz") else cut])
    assert refusal(tmp_path, file)


def test_pairs_and_analyze_are_refused(tmp_path: Path) -> None:
    nibabel.save(nibabel.Nifti1Pair(factory.ramp(), np.eye(4)), tmp_path / "a.img")
    assert "pair" in refusal(tmp_path, tmp_path / "a.hdr")


def test_a_text_in_the_voxels_fails_the_verification(tmp_path: Path) -> None:
    text = b"canary descrip"
    array = np.frombuffer(text + bytes(64 - len(text)), np.uint8).reshape((4, 4, 4), order="F")
    image = nibabel.Nifti1Image(array, np.eye(4))
    image.header["descrip"] = text
    nibabel.save(image, tmp_path / "a.nii")
    assert "verification failed" in refusal(tmp_path, tmp_path / "a.nii")


# The export as a whole.


def test_names_are_neutral_and_series_stay_together(tmp_path: Path) -> None:
    files = series(tmp_path)
    other = factory.make_slice(PIXELS, series_uid="1.2.3.9")
    files.append(factory.write(other, tmp_path / "in" / "other.dcm"))
    files.append(nifti(tmp_path / "in" / "Secret.nii"))
    result = export(tmp_path, *files)
    names = sorted(
        str(p.relative_to(tmp_path / "out")) for p in (tmp_path / "out").rglob("*") if p.is_file()
    )
    assert names == [
        "series-001/IMG-000001.dcm", "series-001/IMG-000002.dcm", "series-001/IMG-000003.dcm",
        "series-002/IMG-000001.dcm", "series-003/VOL-000001.nii",
    ]  # fmt: skip
    assert sorted(e.name for e in result.exported) == names
    assert {e.source for e in result.exported} == {str(f) for f in files}


def test_the_account_adds_up_and_its_report_tells_nothing(tmp_path: Path) -> None:
    files = [*series(tmp_path), tmp_path / "in" / "SECRET notes.txt"]
    files[-1].write_text("Secret Person")
    request = DeidentificationRequest(tuple(files), tmp_path / "out", key=KEY)
    beside = [SetAside(str(tmp_path / "SECRET pipe"), "a named pipe, not a file")]
    result = deidentify_files(request, files, beside, Silent(), Silent())
    assert (result.found, len(result.exported), len(result.set_aside)) == (5, 3, 2)
    assert DeidentificationResult.from_plain(json.loads(json.dumps(result.to_plain()))) == result
    report = json.dumps(result.report("1.0"))
    assert not re.search("secret|person|IM0|" + re.escape(str(tmp_path)), report, re.IGNORECASE)
    assert KEY.hex() not in report
    ledger = json.loads(report)["ledger"]
    assert ledger["found"] == ledger["exported"] + len(ledger["set_aside"])
    assert repr(KEY) not in repr(request)


@pytest.mark.parametrize("place", ["file", "full", "inputs"])
def test_an_output_that_is_not_new_or_empty_is_refused(tmp_path: Path, place: str) -> None:
    files = series(tmp_path)
    output = {"file": tmp_path / "f", "full": tmp_path / "full", "inputs": tmp_path / "in"}[place]
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "x").write_text("x")
    (tmp_path / "f").write_text("x")
    before = {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()}
    with pytest.raises(ExportError, match=r"empty folder"):
        export(tmp_path, *files, name=output.name)
    assert {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()} == before


def test_cancel_leaves_nothing(tmp_path: Path) -> None:
    files = series(tmp_path)

    class Cancelled(Silent):
        calls = 0

        def raise_if_cancelled(self) -> None:
            self.calls += 1
            if self.calls > 4:
                raise JobCancelled

    (tmp_path / "out").mkdir()
    request = DeidentificationRequest(tuple(files), tmp_path / "out")
    with pytest.raises(JobCancelled):
        deidentify_files(request, files, (), Silent(), Cancelled())
    assert list((tmp_path / "out").iterdir()) == []


def test_a_second_attempt_clears_what_the_first_left(tmp_path: Path) -> None:
    files = series(tmp_path)
    request = DeidentificationRequest(tuple(files), tmp_path / "out")
    (request.staging / "series-001").mkdir(parents=True)
    (request.staging / "series-001" / "IMG-000009.dcm").write_bytes(b"half")
    result = deidentify_files(request, files, (), Silent(), Silent())
    assert len(result.exported) == 3
    assert [p.name for p in (tmp_path / "out").iterdir()] == ["series-001"]


def test_a_full_disk_is_said_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = series(tmp_path)

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(deidentify.os, "fsync", full)
    with pytest.raises(ExportError, match="No space left"):
        export(tmp_path, *files)
    assert not (tmp_path / "out").exists()


def test_options_are_checked() -> None:
    assert check_options(["dates", "uids", "dates"]) == ("uids", "dates")
    with pytest.raises(ValueError, match="no option 'faces'"):
        check_options(["faces"])
    with pytest.raises(ValueError, match="not both"):
        check_options(["dates", "modified-dates"])
    with pytest.raises(ValueError, match="16 bytes"):
        DeidentificationRequest((), Path("x"), key=b"short")
