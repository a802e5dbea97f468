"""Restored volumes as NIfTI, DICOM and PNG, read again by independent readers."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import dicom_factory as factory
import nibabel
import numpy as np
import pydicom
import pytest
from PIL import Image

import phantoms
from acutance.core.ledger import Ledger, LoadedSeries, SeriesItem
from acutance.core.quality import ModelFacts
from acutance.core.restoration import NoiseFacts, OperatorFacts, RestorationResult
from acutance.core.restoration_export import RestoredExport
from acutance.core.volume import Volume
from acutance.engines import quality
from acutance.errors import ExportError
from acutance.export import dicom_derived
from acutance.export.mark import burn_in, mark_masks
from acutance.export.picture import plane_picture
from acutance.export.restoration import (
    dicom_request,
    restoration_record,
    write_nifti,
    write_pictures,
    write_restored,
)
from acutance.jobs.runner import Runner


class Quiet:
    """Progress and cancel token that nobody hears."""

    def report(self, fraction: float, message: str) -> None:
        assert message

    def raise_if_cancelled(self) -> None:
        pass


MODEL = ModelFacts("mr_denoise", "1", "ab" * 32)
OPERATOR = OperatorFacts("sharp", "2", "cd" * 32, "pixels")


def made_of(volume: Volume, shift: float = 7.0) -> RestorationResult:
    """Return a result whose ends are the volume plus, and minus, a known value."""
    values = volume.array if volume.is_colour else volume.to_real(volume.array)
    ends = np.stack([values + np.float32(shift), values - np.float32(shift)]).astype(np.float32)
    return RestorationResult(
        ends, "axial", 2, 0, (0.0, 1000.0), NoiseFacts(5.0, "air"), 0.014, 0.0001,
        (0.1, 0.3, 0.5, 0.8, 1.0), MODEL, OPERATOR, "cpu", {"task": "denoise"},
    )  # fmt: skip


def loaded(volume: Volume, path: Path) -> LoadedSeries:
    return LoadedSeries(SeriesItem("nifti", str(path), (str(path),)), volume, Ledger(1, 1))


def test_nifti_stays_measurable_and_tells(tmp_path: Path) -> None:
    affine = np.array([[-2.0, 0, 0, 9], [0, 0, 3, 5], [0, 2.5, 0, 1], [0, 0, 0, 1]])
    volume = Volume(np.arange(210, dtype=np.int16).reshape(5, 6, 7), affine, slope=2.0)
    series, result = loaded(volume, tmp_path / "scan.nii"), made_of(volume)
    record = restoration_record(series, result, 0.25, seconds=1.0)
    path = tmp_path / "out" / "scan_desc-restored.nii.gz"
    written = write_nifti(series, result, 0.25, record, path, (tmp_path / "scan.nii",))
    image = nibabel.load(path)
    assert np.allclose(image.affine, affine)
    # Not a voxel is marked: every one of them is what the blend is.
    assert np.allclose(image.get_fdata(), volume.array * 2.0 - 3.5, atol=1e-4)
    assert b"restored alpha=0.250, not for diagnosis" in bytes(image.header["descrip"])
    told = json.loads(written[1].read_text())
    assert written[1].name == "scan_desc-restored.json"
    assert told["model"]["sha256"] == MODEL.sha256
    assert told["restoration"]["operator"]["sha256"] == OPERATOR.sha256
    assert told["restoration"]["alpha"] == 0.25
    assert told["restoration"]["perceptual_index"] == pytest.approx(0.3)
    total = np.hypot(0.01, 0.75 * 0.014)
    assert told["restoration"]["expected_rms_error"] == pytest.approx(total)
    assert "not acquired" in told["restoration"]["note"]
    with pytest.raises(ExportError, match="replace a file"):
        write_nifti(series, result, 1.0, record, path, (path,))


def test_what_the_window_writes_has_its_change_map(tmp_path: Path) -> None:
    values = phantoms.head((40, 40, 6), noise_sigma=5.0)
    volume = Volume(values, np.diag([2.0, 2.0, 5.0, 1.0]), modality="MR", facts={})
    changed = values.copy()
    changed[18:22, 18:22, 3] += 200.0
    result = RestorationResult(
        changed[None], "axial", 2, 0, (0.0, 1000.0), NoiseFacts(5.0, "air"), 0.0, None, (),
        MODEL, None, "cpu", {"task": "denoise"},
        changed=(None, *(((0.04,) if k == 3 else (0.0,)) for k in range(1, 6))),
    )  # fmt: skip
    request = RestoredExport(loaded(volume, tmp_path / "scan.nii"), result, 1.0, tmp_path / "out")
    written = [Path(path) for path in write_restored(request, Quiet(), Quiet()).paths]
    assert [p.name.partition("_desc-restored")[2] for p in written] == [
        ".nii.gz", ".json", "-change.nii.gz",
    ]  # fmt: skip
    told = json.loads(written[1].read_text())["restoration"]
    assert told["change"]["changed_share_by_slice"] == [None, 0.0, 0.0, 0.04, 0.0, 0.0]
    assert told["change"]["changed_share"] == pytest.approx(0.008)
    flagged = nibabel.load(written[2]).get_fdata() > told["change"]["threshold_sd"]
    assert flagged[18:22, 18:22, 3].all()
    assert not flagged[:, :, [0, 1, 2, 4, 5]].any()


def test_what_was_restored_is_known_again_and_never_judged(tmp_path: Path) -> None:
    volume = Volume(np.ones((40, 40, 6), np.float32), np.eye(4))
    series, result = loaded(volume, tmp_path / "scan.nii"), made_of(volume)
    path = tmp_path / "x.nii"
    write_nifti(series, result, 1.0, {}, path, ())
    with Runner(device="cpu", synchronous=True) as runner:
        again = runner.read(runner.index([path]).value().items[0]).value().volume
        assert again.facts["restored"] is True
    # What speaks against a judgement makes it "not assessed".
    assert "restored image" in quality._scope(again, ())
    assert not quality._scope(volume, ())


def read(runner: Runner, folder: Path) -> LoadedSeries:
    series = runner.read(runner.index([folder]).value().items[0]).value()
    assert isinstance(series, LoadedSeries)
    return series


@pytest.mark.parametrize("orientation", [factory.AXIAL, factory.CORONAL, factory.SAGITTAL])
@pytest.mark.parametrize("step", [2.0, -2.0])
def test_dicom_keeps_place_and_study_and_marks_every_image(tmp_path, orientation, step) -> None:
    rng = np.random.default_rng(1)
    pixels = rng.integers(50, 400, (70, 64, 4)).astype("<i2")
    folder = tmp_path / "scan"
    folder.mkdir()
    factory.write_series(
        folder, pixels, orientation=orientation, step=step,
        RescaleSlope=2.0, RescaleIntercept=-10.0, ImageType=["ORIGINAL", "PRIMARY", "M"],
        FrameOfReferenceUID="1.2.3.4", SmallestImagePixelValue=0,
    )  # fmt: skip
    with Runner(device="cpu", synchronous=True) as runner:
        series = read(runner, folder)
        asked = dicom_request(series, made_of(series.volume, 8.0), 0.75, tmp_path / "out")
        told = runner.export_derived(asked).value()
        again = read(runner, tmp_path / "out")
    assert told.frames == len(told.paths) == 4
    assert np.allclose(again.volume.affine, series.volume.affine, atol=1e-4)
    assert again.volume.facts["restored"] is True
    before, after = (v.volume.to_real(v.volume.array) for v in (series, again))
    changed = ~np.isclose(after, before + 4.0, atol=1.01)
    assert 0 < changed.mean() < 0.12  # the mark alone
    sources = {}
    for file in series.item.files:
        source = pydicom.dcmread(file)
        sources[source.SOPInstanceUID] = source
    seen = set()
    for path in told.paths:
        image = pydicom.dcmread(path)
        (reference,) = image.SourceImageSequence
        source = sources[reference.ReferencedSOPInstanceUID]
        seen.add(reference.ReferencedSOPInstanceUID)
        assert reference.PurposeOfReferenceCodeSequence[0].CodeValue == "121322"
        assert list(image.ImageType) == ["DERIVED", "SECONDARY", "M", "ENHANCED_AI"]
        assert image.SOPInstanceUID not in sources
        assert image.SeriesInstanceUID == told.series_uid != source.SeriesInstanceUID
        for name in ("StudyInstanceUID", "FrameOfReferenceUID", "PatientID", "SOPClassUID"):
            assert image[name].value == source[name].value
        assert image.ImagePositionPatient == source.ImagePositionPatient
        assert image.SeriesNumber == 9003
        assert image.SeriesDescription == "AI-RESTORED T1 test"
        for part in ("mr_denoise", "abababab", "alpha 0.750", "sharp", "Not for diagnosis"):
            assert part in image.DerivationDescription
        assert image.SyntheticData == "YES"
        assert image.ContributingEquipmentSequence[-1].Manufacturer == "Acutance"
        assert "SmallestImagePixelValue" not in image
        found = image.pixel_array * 2.0 - 10.0
        wanted = source.pixel_array * 2.0 - 10.0 + 4.0
        letters, outline = mark_masks(found.shape, "RESTORED")
        assert letters.sum() > 40
        assert np.allclose(found[~(letters | outline)], wanted[~(letters | outline)], atol=1.01)
        assert (found[letters] == found.max()).all()
        assert (found[outline] == found.min()).all()
    assert seen == set(sources)


def test_the_faithful_end_is_not_called_synthetic(tmp_path: Path) -> None:
    folder = tmp_path / "scan"
    folder.mkdir()
    factory.write_series(folder, factory.ramp((30, 32, 1)))
    with Runner(device="cpu", synchronous=True) as runner:
        series = read(runner, folder)
        target = tmp_path / "one.dcm"
        runner.export_derived(dicom_request(series, made_of(series.volume), 1.0, target)).value()
    image = pydicom.dcmread(target)
    assert "SyntheticData" not in image
    assert "sharp" not in image.DerivationDescription  # no operator took part


def test_an_enhanced_image_is_written_in_its_own_form(tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    frames = [rng.integers(0, 400, (30, 40)).astype("<i2") for _ in range(3)]
    groups = [factory.frame_group((0.0, 0.0, 2.0 * n)) for n in range(3)]
    enhanced = factory.make_enhanced(frames, groups)
    enhanced.ImageType = ["ORIGINAL", "PRIMARY", "M", "NONE"]
    (tmp_path / "scan").mkdir()
    factory.write(enhanced, tmp_path / "scan" / "enhanced.dcm")
    with Runner(device="cpu", synchronous=True) as runner:
        series = read(runner, tmp_path / "scan")
        asked = dicom_request(series, made_of(series.volume), 1.0, tmp_path / "out")
        told = runner.export_derived(asked).value()
        again = read(runner, tmp_path / "out")
    assert (told.frames, len(told.paths)) == (3, 1)
    image = pydicom.dcmread(told.paths[0])
    assert list(image.ImageType) == ["DERIVED", "PRIMARY", "M", "FILTERED"]
    assert again.volume.shape == series.volume.shape
    assert again.volume.facts["restored"] is True
    assert np.allclose(again.volume.affine, series.volume.affine, atol=1e-4)


def test_a_file_of_two_volumes_is_refused_and_nothing_is_left(tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    frames = [rng.integers(0, 400, (30, 40)).astype("<i2") for _ in range(3)]
    groups = [factory.frame_group((0.0, 0.0, 2.0 * n)) for n in range(3)]
    folder = tmp_path / "scan"
    folder.mkdir()
    for name in ("one", "two"):
        factory.write(factory.make_enhanced(frames, groups), folder / f"{name}.dcm")
    with Runner(device="cpu", synchronous=True) as runner:
        series = read(runner, folder)
        asked = dicom_request(series, made_of(series.volume), 1.0, tmp_path / "out")
        twice = replace(asked, files=tuple(sorted(folder.iterdir())))
        with pytest.raises(ExportError, match="more images than the volume has slices"):
            runner.export_derived(twice).value()
    assert list((tmp_path / "out").iterdir()) == []


def test_what_has_no_dicom_says_what_can_be_written(tmp_path: Path) -> None:
    volume = Volume(np.zeros((4, 4, 2), np.float32), np.eye(4))
    with pytest.raises(ExportError, match="this series has none") as told:
        dicom_request(loaded(volume, tmp_path / "a.nii"), made_of(volume), 1.0, tmp_path / "o")
    assert "NIfTI or PNG" in told.value.remedy


def test_a_file_name_takes_one_image_and_a_failure_leaves_none(tmp_path, monkeypatch) -> None:
    folder = tmp_path / "scan"
    folder.mkdir()
    factory.write_series(folder, factory.ramp((20, 20, 3)))
    with Runner(device="cpu", synchronous=True) as runner:
        series = read(runner, folder)
        result = made_of(series.volume)
        with pytest.raises(ExportError, match="has 3 files, and one was named"):
            runner.export_derived(dicom_request(series, result, 1.0, tmp_path / "x.dcm")).value()
        calls = []

        def fail(path, meant, source):
            calls.append(path)
            if len(calls) == 3:
                raise ExportError("The disk is full.")

        monkeypatch.setattr(dicom_derived, "_check", fail)
        with pytest.raises(ExportError, match="disk is full"):
            runner.export_derived(dicom_request(series, result, 1.0, tmp_path / "out")).value()
    assert len(calls) == 3
    assert list((tmp_path / "out").iterdir()) == []


def test_pictures_carry_mark_and_provenance(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    grey = Volume(rng.integers(20, 200, (64, 48, 1)).astype(np.uint8), np.diag([-1, -1, 1, 1.0]))
    colour = Volume(rng.integers(20, 200, (64, 48, 1, 3)).astype(np.uint8), grey.affine)
    for name, volume in (("grey", grey), ("colour", colour)):
        series, path = loaded(volume, tmp_path / "a.png"), tmp_path / f"{name}.png"
        result = made_of(volume)
        record = restoration_record(series, result, 1.0, seconds=0.1)
        written = write_pictures(series, result, 1.0, record, path, ())
        assert [p.name for p in written] == [f"{name}.png", f"{name}.json"]
        with Image.open(path) as image:
            assert "mr_denoise" in image.text["Description"]
            found = np.asarray(image)
        wanted = np.swapaxes(volume.array[:, :, 0], 0, 1).astype(int) + 7
        letters, outline = mark_masks(found.shape[:2], "RESTORED")
        plain = ~(letters | outline)
        assert np.array_equal(found[plain], wanted[plain])
        assert (found[letters] == 255).all()
        assert (found[outline] == 0).all()
    thick = Volume(rng.uniform(0, 900, (30, 32, 3)).astype(np.float32), np.eye(4))
    series = loaded(thick, tmp_path / "a.nii")
    written = write_pictures(series, made_of(thick), 1.0, {}, tmp_path / "s.png", ())
    assert [p.name for p in written] == ["s-0000.png", "s-0001.png", "s-0002.png", "s.json"]


def test_pictures_in_reports_carry_the_mark_of_a_restored_file() -> None:
    plain = Volume(np.full((40, 40, 20), 100.0, np.float32), np.eye(4))
    marked = replace(plain, facts={"restored": True})
    letters, _ = mark_masks((320, 320), "RESTORED")
    one, other = (np.asarray(plane_picture(v, "axial", 10)) for v in (plain, marked))
    assert (other[letters] == 255).all()
    assert not (one[letters] == 255).all()


@pytest.mark.parametrize("size", [(24, 30), (64, 64), (512, 400), (90, 2000)])
def test_the_mark_lies_inside_and_is_legible(size) -> None:
    letters, outline = mark_masks(size, "RESTORED")
    rows = np.flatnonzero(letters.any(axis=1))
    columns = np.flatnonzero(letters.any(axis=0))
    assert rows[-1] < size[0] - 1
    assert columns[-1] < size[1] - 1
    assert rows[-1] - rows[0] + 1 >= min(5, 0.03 * size[0])
    assert len(rows) >= 0.03 * size[0] or size[0] < 100
    assert not (letters & outline).any()
    image = np.full(size, 7.0)
    marked = burn_in(image, "RESTORED", dark=0.0, bright=9.0)
    assert set(np.unique(marked)) == {0.0, 7.0, 9.0}
    assert (image == 7.0).all()
