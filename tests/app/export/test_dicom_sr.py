"""The verdict as DICOM SR: what it says, what it refers to, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import dicom_factory as factory
import highdicom as hd
import numpy as np
import pydicom
import pytest
from pydicom.sr.codedict import codes

from acutance.core.ledger import LoadedSeries
from acutance.core.quality import ModelFacts, QualityResult, SliceScore, Verdict
from acutance.core.structured_report import SR_SLICES, SrRequest
from acutance.errors import ExportError
from acutance.export.dicom_sr import SERIES_NUMBER_OFFSET
from acutance.jobs.runner import Runner

OBLIQUE = (0.8, 0.6, 0.0, 0.0, 0.0, -1.0)


@pytest.fixture
def runner():
    with Runner(device="cpu", synchronous=True) as made:
        yield made


def load(runner: Runner, folder: Path) -> LoadedSeries:
    index = runner.index([folder]).value()
    loaded = runner.read(index.items[0]).value()
    assert isinstance(loaded, LoadedSeries)
    return loaded


def scored(plane: str, count: int, verdict: Verdict = Verdict.REPEAT) -> QualityResult:
    slices = tuple(SliceScore(plane, n, round(0.2 + 0.05 * n, 2)) for n in range(count))
    parameters = {"threshold_usable": 0.85, "threshold_repeat": 0.6}
    return QualityResult(
        verdict, "motion artefact likely ≥ 1", True, 0.45, slices, (plane,),
        ModelFacts("iqa_resnet18", "2", "ab" * 32), "cpu", parameters, 0.5, 0.31, 0.6,
    )  # fmt: skip


def request(loaded: LoadedSeries, result: QualityResult, output: Path) -> SrRequest:
    affine = tuple(tuple(row) for row in loaded.volume.affine.tolist())
    unused = tuple(entry.file for entry in loaded.ledger.set_aside)
    return SrRequest(loaded.item, unused, affine, loaded.volume.shape, result, "2026", output)


def read(path: Path) -> Any:
    return hd.sr.srread(str(path))


@pytest.mark.parametrize(
    ("orientation", "plane"),
    [(factory.AXIAL, "axial"), (factory.CORONAL, "coronal"), (factory.SAGITTAL, "sagittal"),
     (OBLIQUE, "coronal")],
)  # fmt: skip
def test_report_belongs_to_the_study_and_points_at_the_slices(
    tmp_path, runner, orientation, plane
) -> None:
    voxels = factory.ramp((5, 4, 11))
    files = factory.write_series(tmp_path / "in", voxels, orientation=orientation)
    before = [file.read_bytes() for file in files]
    loaded = load(runner, tmp_path / "in")
    axis = 2 if loaded.volume.shape == (5, 4, 11) else loaded.volume.shape.index(11)
    output = tmp_path / "out" / "verdict.dcm"
    answer = runner.structured_report(request(loaded, scored(plane, 11), output)).value()
    assert (answer.images, answer.slices) == (11, SR_SLICES)
    report = read(output)
    source = pydicom.dcmread(files[0])
    for name in ("StudyInstanceUID", "PatientID", "PatientName", "PatientBirthDate"):
        assert report[name].value == source[name].value
    assert report.SeriesInstanceUID != source.SeriesInstanceUID
    assert report.SeriesNumber == SERIES_NUMBER_OFFSET + 3
    assert report.file_meta.MediaStorageSOPInstanceUID == report.SOPInstanceUID
    assert report.VerificationFlag == "UNVERIFIED"
    whole, *slices = report.content.get_image_measurement_groups()
    verdict = whole.get_qualitative_evaluations(codes.DCM.ImagingSeriesQuality)[0]
    assert (verdict.value.value, verdict.value.scheme_designator) == ("111235", "DCM")
    numbers = [float(m.value) for m in whole.get_measurements()]
    assert numbers == [0.45, 0.31, 0.6]
    comment = [c for c in whole[0].ContentSequence if c.name == codes.DCM.Comment]
    assert "Not for diagnosis" in comment[0].TextValue
    # The n-th worst slice is slice n: what the image shows is that slice of the volume.
    by_uid = {str(ds.SOPInstanceUID): ds for ds in map(pydicom.dcmread, files)}
    for n, group in enumerate(slices):
        (image,) = group.source_images
        shown = by_uid[str(image.referenced_sop_instance_uid)].pixel_array
        expected = np.take(loaded.volume.array, n, axis=axis)
        assert sorted(shown.ravel()) == sorted(expected.ravel())
        assert float(group.get_measurements()[0].value) == pytest.approx(0.2 + 0.05 * n)
    assert [file.read_bytes() for file in files] == before


def test_frames_of_one_file_are_referred_to_by_number(tmp_path, runner) -> None:
    voxels = factory.ramp((5, 4, 6))
    order = (3, 0, 5, 1, 4, 2)
    pictures = [np.ascontiguousarray(voxels[:, :, k].T) for k in order]
    groups = [factory.frame_group((0.0, 0.0, 2.0 * k)) for k in order]
    file = factory.write(factory.make_enhanced(pictures, groups), tmp_path / "in" / "one.dcm")
    loaded = load(runner, tmp_path / "in")
    output = tmp_path / "sr.dcm"
    runner.structured_report(request(loaded, scored("axial", 6), output)).value()
    _, *slices = read(output).content.get_image_measurement_groups()
    frames = pydicom.dcmread(file).pixel_array
    assert len(slices) == 6
    for n, group in enumerate(slices):
        (image,) = group.source_images
        (number,) = image.referenced_frame_numbers
        assert sorted(frames[number - 1].ravel()) == sorted(loaded.volume.array[:, :, n].ravel())


def test_slices_across_the_images_are_left_out(tmp_path, runner) -> None:
    factory.write_series(tmp_path / "in", factory.ramp((5, 4, 6)))
    loaded = load(runner, tmp_path / "in")
    output = tmp_path / "sr.dcm"
    answer = runner.structured_report(request(loaded, scored("coronal", 4), output)).value()
    assert (answer.images, answer.slices) == (6, 0)
    (whole,) = read(output).content.get_image_measurement_groups()
    assert len(whole.source_images) == 6


def test_the_same_run_has_the_same_uid_and_another_run_another(tmp_path, runner) -> None:
    factory.write_series(tmp_path / "in", factory.ramp((5, 4, 3)))
    loaded = load(runner, tmp_path / "in")
    uids = []
    for name, created in (("a", "1"), ("b", "1"), ("c", "2")):
        wanted = request(loaded, scored("axial", 3), tmp_path / name)
        runner.structured_report(replace(wanted, created_utc=created)).value()
        uids.append(read(tmp_path / name).SOPInstanceUID)
    assert uids[0] == uids[1] != uids[2]


def test_what_no_report_can_be_made_of_is_refused(tmp_path, runner) -> None:
    factory.write_series(tmp_path / "in", factory.ramp((5, 4, 3)))
    loaded = load(runner, tmp_path / "in")
    output = tmp_path / "sr.dcm"
    grey = request(loaded, scored("axial", 3, Verdict.NOT_ASSESSED), output)
    with pytest.raises(ExportError, match="not assessed"):
        runner.structured_report(grey).value()
    wanted = request(loaded, scored("axial", 3), output)
    with pytest.raises(ExportError, match="replace a file that was read"):
        runner.structured_report(replace(wanted, output=Path(loaded.item.files[0]))).value()
    header = pydicom.dcmread(loaded.item.files[0])
    header.StudyInstanceUID = "1.2.3"
    header.save_as(loaded.item.files[0])
    with pytest.raises(ExportError, match="differ in StudyInstanceUID"):
        runner.structured_report(wanted).value()
    del header.SOPInstanceUID
    pydicom.dcmwrite(loaded.item.files[0], header, enforce_file_format=False)
    with pytest.raises(ExportError, match="lacks its SOPInstanceUID"):
        runner.structured_report(wanted).value()
    Path(loaded.item.files[0]).unlink()
    with pytest.raises(ExportError, match="cannot be read again"):
        runner.structured_report(wanted).value()
    assert not output.exists()
    assert not list(tmp_path.glob(".*"))
