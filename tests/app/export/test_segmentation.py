"""Segmentations as NIfTI, DICOM SEG and CSV, read again by independent readers."""

from __future__ import annotations

import csv
import itertools
import json
from pathlib import Path

import dicom_factory as factory
import highdicom
import nibabel
import numpy as np
import pydicom
import pytest

from acutance.core.label_edit import HandEdits
from acutance.core.label_map import Label
from acutance.core.ledger import Ledger, LoadedSeries, SeriesItem
from acutance.core.quality import ModelFacts
from acutance.core.segmentation import (
    CleaningStep,
    SegmentationResult,
    colour_of,
    label_statistics,
)
from acutance.core.segmentation_export import KINDS, RegionsExport, SegExport
from acutance.core.volume import Volume
from acutance.errors import ExportError
from acutance.export.segmentation import segmentation_record, write_csv, write_nifti
from acutance.jobs.runner import Runner

NAMES = ("background", "CSF", "grey matter", "white matter", "other head tissue")
TABLE = tuple(Label(n, name, colour_of(n)) for n, name in enumerate(NAMES))
MODEL = ModelFacts("r2unet_test", "1", "ab" * 32, "unverified")
STUDY = {
    "FrameOfReferenceUID": "1.2.826.0.1.3680043.8.498.9",
    "StudyDate": "20200101",
    "StudyTime": "120000",
    "StudyID": "1",
    "AccessionNumber": "",
    "ReferringPhysicianName": "",
    "PatientSex": "O",
}


def made_of(volume: Volume, labels: np.ndarray, table=TABLE) -> SegmentationResult:
    array = np.zeros((3, *volume.shape), np.uint8)
    array[0] = array[1] = labels
    array[2] = (labels * 51).astype(np.uint8)
    steps = ()
    if labels.any():
        array[1].reshape(-1)[0] = 1 - min(1, array[0].reshape(-1)[0])
        steps = (CleaningStep("keep the brain in one piece", (1, 2, 3), 4, 0.02, 0, 1, 1),)
    count = volume.shape[2]
    stats = label_statistics(volume, labels, table)
    return SegmentationResult(array, table, "axial", (0.25,) * count, stats, steps, MODEL, "cpu")


def loaded(volume: Volume, path: Path) -> LoadedSeries:
    item = SeriesItem("nifti", str(path), (str(path),))
    return LoadedSeries(item, volume, Ledger(1, 1))


def oblique(order, flips) -> np.ndarray:
    turn = np.deg2rad(20.0)
    rotation = np.array(
        [[np.cos(turn), -np.sin(turn), 0], [np.sin(turn), np.cos(turn), 0], [0, 0, 1]]
    )
    affine = np.eye(4)
    signs = np.diag([-1.0 if f else 1.0 for f in flips])
    affine[:3, :3] = rotation @ np.eye(3)[:, list(order)] @ signs @ np.diag([1.0, 2.0, 3.0])
    affine[:3, 3] = (-7.0, 11.0, 3.0)
    return affine


def test_a_label_map_comes_back_from_nibabel_in_every_orientation(tmp_path: Path) -> None:
    labels = np.random.default_rng(0).integers(0, 5, (5, 6, 4)).astype(np.uint8)
    for n, (order, flips) in enumerate(
        itertools.product(
            itertools.permutations(range(3)), itertools.product((False, True), repeat=3)
        )
    ):
        volume = Volume(labels.astype(np.float32), oblique(order, flips))
        path = tmp_path / f"{n}.nii.gz"
        source = tmp_path / "scan.nii"
        written = write_nifti(loaded(volume, source), made_of(volume, labels), path, (source,))
        image = nibabel.load(path)
        assert np.allclose(image.affine, volume.affine, atol=1e-5)
        assert np.array_equal(np.asarray(image.dataobj), labels)
        assert image.header["intent_code"] == 1002
        sure = nibabel.load(written[2])
        assert np.allclose(sure.get_fdata(), labels * 51 / 255, atol=1e-6)
        assert np.allclose(sure.affine, volume.affine, atol=1e-5)
        assert [p.name for p in written[3:]] == [f"{n}-raw.nii.gz", f"{n}-raw.json"]
    told = json.loads(path.with_name("47.json").read_text())
    assert [entry["name"] for entry in told["labels"]] == list(NAMES)
    assert told["model"]["sha256"] == MODEL.sha256
    assert told["note"] == "Not for diagnosis."


@pytest.mark.parametrize("orientation", [factory.AXIAL, factory.CORONAL, factory.SAGITTAL])
@pytest.mark.parametrize("step", [2.0, -2.0])
def test_every_frame_of_a_seg_lies_on_its_image(tmp_path: Path, orientation, step) -> None:
    pixels = np.random.default_rng(1).integers(0, 400, (7, 5, 4)).astype("<i2")
    folder = tmp_path / "scan"
    folder.mkdir()
    factory.write_series(folder, pixels, orientation=orientation, step=step, **STUDY)
    with Runner(device="cpu", synchronous=True) as runner:
        series = runner.read(runner.index([folder]).value().items[0]).value()
        volume = series.volume
        # The label of a pixel is told by its own value: no geometry of ours takes part.
        labels = (volume.array % 5).astype(np.uint8)
        target = tmp_path / "out" / "seg.dcm"
        files = tuple(map(Path, series.item.files))
        asked = SegExport(files, labels, volume.affine, TABLE, MODEL, target)
        told = runner.export_seg(asked).value()
    seg = highdicom.seg.segread(target)
    sources = [pydicom.dcmread(path) for path in files]
    assert told.images == len(sources) == 4
    assert seg.segmented_property_types
    assert seg.FrameOfReferenceUID == STUDY["FrameOfReferenceUID"]
    assert seg.StudyInstanceUID == sources[0].StudyInstanceUID
    assert seg.SeriesInstanceUID != sources[0].SeriesInstanceUID
    assert seg.PatientID == sources[0].PatientID
    for source in sources:
        found = seg.get_pixels_by_source_instance([source.SOPInstanceUID], combine_segments=True)
        assert np.array_equal(found[0], source.pixel_array % 5)
    known = {source.SOPInstanceUID for source in sources}
    for group in seg.PerFrameFunctionalGroupsSequence:
        (reference,) = group.DerivationImageSequence[0].SourceImageSequence
        assert reference.ReferencedSOPInstanceUID in known
    segment = seg.SegmentSequence[1]
    assert segment.SegmentLabel == "grey matter"
    assert segment.SegmentedPropertyTypeCodeSequence[0].CodeMeaning == "Gray Matter"
    assert segment.SegmentAlgorithmName == "r2unet_test"


def test_an_enhanced_image_is_referenced_frame_by_frame(tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    frames = [rng.integers(0, 400, (5, 7)).astype("<i2") for _ in range(3)]
    groups = [factory.frame_group((0.0, 0.0, 4.0 - 2.0 * n)) for n in range(3)]
    ds = factory.make_enhanced(frames, groups, **STUDY)
    path = factory.write(ds, tmp_path / "enhanced.dcm")
    with Runner(device="cpu", synchronous=True) as runner:
        series = runner.read(runner.index([path]).value().items[0]).value()
        labels = (series.volume.array % 5).astype(np.uint8)
        target = tmp_path / "seg.dcm"
        affine = series.volume.affine
        runner.export_seg(SegExport((path,), labels, affine, TABLE, MODEL, target)).value()
    seg = highdicom.seg.segread(target)
    found = seg.get_pixels_by_source_frame(
        ds.SOPInstanceUID, [1, 2, 3], combine_segments=True, ignore_spatial_locations=True
    )
    assert np.array_equal(found, np.stack(frames) % 5)


def refused(request: SegExport) -> str:
    with Runner(device="cpu", synchronous=True) as runner, pytest.raises(ExportError) as told:
        runner.export_seg(request).value()
    assert told.value.remedy
    assert not request.path.exists()
    return told.value.message


def test_what_no_seg_can_be_made_of_is_named(tmp_path: Path) -> None:
    target = tmp_path / "seg.dcm"
    labels = np.ones((7, 5, 4), np.uint8)
    picture = tmp_path / "scan.nii"
    picture.write_bytes(b"no DICOM")
    affine = np.eye(4)
    assert "is none" in refused(SegExport((picture,), labels, affine, TABLE, MODEL, target))
    folder = tmp_path / "scan"
    folder.mkdir()
    files = tuple(factory.write_series(folder, factory.ramp((7, 5, 4)), **STUDY))
    assert "grid" in refused(SegExport(files, labels, affine * 0.5, TABLE, MODEL, target))
    nothing = np.zeros_like(labels)
    assert "No voxel" in refused(SegExport(files, nothing, affine, TABLE, MODEL, target))
    bare = tmp_path / "bare"
    bare.mkdir()
    unplaced = factory.write(factory.make_slice(np.ones((5, 7), "<i2"), position=None), bare / "a")
    assert "where they lie" in refused(SegExport((unplaced,), labels, affine, TABLE, MODEL, target))


def test_a_seg_of_half_the_images_is_refused(tmp_path: Path) -> None:
    files = factory.write_series(tmp_path, factory.ramp((7, 5, 4)), **STUDY)
    with Runner(device="cpu", synchronous=True) as runner:
        series = runner.read(runner.index([tmp_path]).value().items[0]).value()
    labels = np.ones(series.volume.shape, np.uint8)
    asked = SegExport(
        tuple(files[:2]), labels, series.volume.affine, TABLE, MODEL, tmp_path / "seg.dcm"
    )
    assert "do not cover" in refused(asked)


def test_the_table_of_regions_computes_nothing(tmp_path: Path) -> None:
    table = (Label(0, "background", (0, 0, 0)), Label(1, "=1+1", (1, 2, 3)))
    array = np.arange(24, dtype=np.float32).reshape(2, 3, 4)
    volume = Volume(array, np.diag([10.0, 10.0, 10.0, 1.0]))
    result = made_of(volume, (array >= 12).astype(np.uint8), table)
    path = tmp_path / "out.csv"
    write_csv(result, path, ())
    (row,) = csv.DictReader(path.read_text().splitlines())
    assert row["name"] == "'=1+1"
    assert float(row["volume_ml"]) == 12.0
    assert float(row["mean"]) == pytest.approx(17.5)
    assert float(row["median"]) == pytest.approx(17.5)
    assert float(row["sd"]) == pytest.approx(np.arange(12, 24).std())
    flat = Volume(np.full((2, 2, 2), np.nan, np.float32), np.eye(4), spacing_known=False)
    write_csv(made_of(flat, np.ones((2, 2, 2), np.uint8), table), path, ())
    (row,) = csv.DictReader(path.read_text().splitlines())
    assert (row["voxels"], row["volume_ml"], row["mean"]) == ("8", "", "")


def test_the_record_holds_everything_but_the_arrays(tmp_path: Path) -> None:
    volume = Volume(factory.ramp((5, 4, 3)).astype(np.float32), np.eye(4))
    result = made_of(volume, (volume.array % 5).astype(np.uint8))
    record = segmentation_record(loaded(volume, tmp_path / "scan.nii"), result, seconds=1.0)
    text = json.dumps(record, allow_nan=False)
    assert json.loads(text)["model"]["status"] == "unverified"
    told = record["segmentation"]
    assert [s["name"] for s in told["statistics"]] == list(NAMES[1:])
    assert told["steps"][0]["name"] == "keep the brain in one piece"
    assert told["uncertainty_by_slice"] == [0.25] * 3
    assert told["note"] == "Not for diagnosis."


def test_what_was_read_is_never_replaced(tmp_path: Path) -> None:
    path = tmp_path / "scan.nii.gz"
    path.write_bytes(b"original")
    volume = Volume(np.ones((3, 3, 3), np.float32), np.eye(4))
    with pytest.raises(ExportError, match="replace a file"):
        write_nifti(
            loaded(volume, path), made_of(volume, np.ones((3, 3, 3), np.uint8)), path, (path,)
        )
    assert path.read_bytes() == b"original"


def edited_request(series: LoadedSeries, folder: Path, kinds=KINDS) -> RegionsExport:
    labels = (series.volume.array % 5).astype(np.uint8)
    result = made_of(series.volume, labels)
    mine = labels.copy()
    mine[labels == 3] = 2
    edits = HandEdits(4, int((mine != labels).sum()), ("brush", "fill"))
    return RegionsExport(series, result, folder, kinds, mine, edits)


def test_every_file_of_an_edited_map_says_so(tmp_path: Path) -> None:
    pixels = np.random.default_rng(5).integers(0, 400, (7, 5, 4)).astype("<i2")
    folder = tmp_path / "scan"
    folder.mkdir()
    factory.write_series(folder, pixels, orientation=factory.AXIAL, step=2.0, **STUDY)
    with Runner(device="cpu", synchronous=True) as runner:
        series = runner.read(runner.index([folder]).value().items[0]).value()
        request = edited_request(series, tmp_path / "out")
        written = runner.export_regions(request).value()
    assert written.faults == ()
    assert all("-segmentation-edited" in name for name in written.files)
    names = {
        kind: next(n for n in written.files if n.endswith(kind))
        for kind in ("edited.nii.gz", "edited.json", "raw.nii.gz", ".csv", "record.json", ".dcm")
    }
    out = tmp_path / "out"
    assert np.array_equal(nibabel.load(out / names["edited.nii.gz"]).dataobj, request.labels)
    raw = np.asarray(nibabel.load(out / names["raw.nii.gz"]).dataobj)
    assert np.array_equal(raw, request.result.array[1])
    told = request.edits.to_plain()
    assert json.loads((out / names["edited.json"]).read_text())["edits"] == told
    record = json.loads((out / names["record.json"]).read_text())["segmentation"]
    assert record["edits"] == told
    assert [row["voxels"] for row in record["statistics"]][2] == 0  # white matter became grey
    rows = list(csv.DictReader((out / names[".csv"]).read_text().splitlines()))
    assert {row["origin"] for row in rows} == {"edited by hand"}
    assert int(rows[1]["voxels"]) == int((request.labels == 2).sum())
    seg = highdicom.seg.segread(out / names[".dcm"])
    assert "edited by hand" in seg.SeriesDescription
    assert "dited by hand" in seg.ContentDescription
    for segment in seg.SegmentSequence:
        assert segment.SegmentAlgorithmType == "SEMIAUTOMATIC"
    source = pydicom.dcmread(series.item.files[0])
    found = seg.get_pixels_by_source_instance([source.SOPInstanceUID], combine_segments=False)
    plane = source.pixel_array % 5
    numbers = {s.SegmentLabel: s.SegmentNumber for s in seg.SegmentSequence}
    grey = found[0, ..., numbers["grey matter"] - 1]
    assert np.array_equal(grey.astype(bool), (plane == 2) | (plane == 3))


def test_a_kind_that_cannot_be_written_stops_no_other(tmp_path: Path) -> None:
    volume = Volume(np.arange(60).reshape(5, 4, 3).astype(np.int16), np.eye(4))
    series = loaded(volume, tmp_path / "Doe_John.nii")
    with Runner(device="cpu", synchronous=True) as runner:
        written = runner.export_regions(edited_request(series, tmp_path / "a")).value()
        only = edited_request(series, tmp_path / "b", ("seg",))
        with pytest.raises(ExportError, match="DICOM images"):
            runner.export_regions(only).value()
    assert len(written.faults) == 1
    assert "Export it as NIfTI." in written.faults[0]
    assert not any("Doe" in name for name in written.files)
    assert not (tmp_path / "b").exists()


def test_labels_without_edits_are_those_of_the_network(tmp_path: Path) -> None:
    volume = Volume(np.arange(60).reshape(5, 4, 3).astype(np.int16), np.eye(4))
    series = loaded(volume, tmp_path / "scan.nii")
    result = made_of(volume, (volume.array % 5).astype(np.uint8))
    with Runner(device="cpu", synchronous=True) as runner:
        asked = RegionsExport(series, result, tmp_path, ("csv", "nifti"))
        written = runner.export_regions(asked).value()
    rows = list(csv.DictReader((tmp_path / written.files[0]).read_text().splitlines()))
    assert {row["origin"] for row in rows} == {"network"}
    assert "edited" not in "".join(written.files)
    with pytest.raises(ValueError, match="together"):
        RegionsExport(series, result, tmp_path, labels=result.array[0])
    with pytest.raises(ValueError, match="kinds"):
        RegionsExport(series, result, tmp_path, ("tiff",))
