"""DICOM frames in and out: derived objects whose places, times and values are true."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import dicom_factory as factory
import numpy as np
import pydicom
import pytest
from pydicom.sequence import Sequence

from acutance.core.ledger import LoadedVideo
from acutance.core.upscaling import UpscaleSettings
from acutance.errors import ExportError
from acutance.upscaling import run as running
from acutance.upscaling.plan import make_plan
from acutance.upscaling.run import Upscale
from acutance.upscaling.source import FrameFeed, open_clip, value_ends

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray
    from pydicom.dataset import Dataset

    from acutance.jobs.runner import Runner

US = "1.2.840.10008.5.1.4.1.1.3.1"
XA = "1.2.840.10008.5.1.4.1.1.12.1"


def cine(pixels: NDArray[Any], **elements: Any) -> Dataset:
    ds = factory.make_slice(
        None, position=None, orientation=None, spacing=None, SOPClassUID=US, Modality="US"
    )
    if pixels.ndim == 4:
        ds.SamplesPerPixel, ds.PhotometricInterpretation, ds.PlanarConfiguration = 3, "RGB", 0
    ds.NumberOfFrames, ds.Rows, ds.Columns = pixels.shape[:3]
    ds.BitsAllocated = ds.BitsStored = 8 * pixels.dtype.itemsize
    ds.HighBit = ds.BitsStored - 1
    ds.PixelRepresentation = int(pixels.dtype.kind == "i")
    ds.PixelData = pixels.tobytes()
    ds["PixelData"].VR = "OW"
    ds.FrameTime = 40
    for name, value in elements.items():
        setattr(ds, name, value)
    return ds


def enlarge(runner: Runner, source: Path, target: Path, scale: int = 4, **plan: Any) -> Dataset:
    clip = open_clip(runner, source)
    settings = UpscaleSettings(strength=0.0, scale=scale)
    made = make_plan(clip, target, settings, value_ends(runner, clip), **plan)
    Upscale(runner, made).run()
    return pydicom.dcmread(target)


def doppler(count: int = 5, rows: int = 40, columns: int = 60) -> NDArray[np.uint8]:
    """Grey tissue with a red and a blue flow."""
    frames = np.repeat(np.random.default_rng(2).integers(30, 90, (count, rows, columns, 1)), 3, 3)
    frames[:, 8:20, 8:20] = (220, 30, 10)
    frames[:, 8:20, 24:36] = (10, 40, 230)
    return frames.astype(np.uint8)


def test_a_derived_object_names_its_source_and_has_new_uids(runner: Runner, tmp_path: Path) -> None:
    source = factory.write(cine(doppler(), SeriesNumber=7), tmp_path / "a.dcm")
    before = pydicom.dcmread(source)
    made = enlarge(runner, source, tmp_path / "b.dcm")
    assert list(made.ImageType[:2]) == ["DERIVED", "SECONDARY"]
    assert made.StudyInstanceUID == before.StudyInstanceUID
    assert made.PatientID == before.PatientID
    assert made.SOPClassUID == before.SOPClassUID == made.file_meta.MediaStorageSOPClassUID
    for name in ("SeriesInstanceUID", "SOPInstanceUID"):
        assert made[name].value != before[name].value
        assert pydicom.uid.UID(made[name].value).is_valid
    assert made.SeriesNumber == 9007
    assert made.SeriesDescription.startswith("AI-SR x4")
    assert "Not for diagnosis" in made.DerivationDescription
    reference = made.SourceImageSequence[0]
    assert reference.ReferencedSOPInstanceUID == before.SOPInstanceUID
    again = enlarge(runner, source, tmp_path / "c.dcm")
    assert again.SOPInstanceUID != made.SOPInstanceUID


def test_colour_flow_keeps_its_colours_and_every_frame_is_marked(
    runner: Runner, tmp_path: Path
) -> None:
    source = factory.write(cine(doppler()), tmp_path / "a.dcm")
    made = enlarge(runner, source, tmp_path / "b.dcm", chunk=2)
    pixels = made.pixel_array
    assert pixels.shape == (5, 160, 240, 3)
    np.testing.assert_array_equal(pixels[2, 56, 56], (220, 30, 10))
    np.testing.assert_array_equal(pixels[2, 56, 120], (10, 40, 230))
    plain = enlarge_without_mark(runner, source)
    changed = np.any(pixels != plain, axis=3)
    assert all(frame[-30:, -120:].mean() > 0.05 for frame in changed)
    rows = np.nonzero(changed.any(axis=(0, 2)))[0]
    assert np.ptp(rows) >= 0.03 * 160
    assert not changed[:, :100].any()


def enlarge_without_mark(runner: Runner, source: Path) -> NDArray[np.uint8]:
    import torch
    from torch.nn import functional

    frames = FrameFeed(runner, open_clip(runner, source)).get(0, 5)
    levels = torch.from_numpy(frames.astype(np.float32)).permute(0, 3, 1, 2)
    larger = functional.interpolate(levels, scale_factor=4.0, mode="bicubic").clamp(0, 255)
    return larger.round().permute(0, 2, 3, 1).numpy().astype(np.uint8)


@pytest.mark.parametrize(("dtype", "bits"), [("<u2", 12), ("<i2", 12), ("<u2", 16), ("|u1", 8)])
def test_grey_of_any_depth_comes_back_in_its_own_values(
    dtype: str, bits: int, runner: Runner, tmp_path: Path
) -> None:
    top = 2 ** (bits - (dtype[1] == "i")) - 1
    smooth = np.linspace(0.05 * top, top, 40)[:, None] * np.ones((3, 1, 40))
    ds = cine(
        smooth.astype(dtype), BitsStored=bits, HighBit=bits - 1, SOPClassUID=XA, Modality="XA",
        ImagerPixelSpacing=[0.4, 0.2], WindowCenter=top / 3, WindowWidth=top / 3,
    )  # fmt: skip
    source = factory.write(ds, tmp_path / "a.dcm")
    made = enlarge(runner, source, tmp_path / "b.dcm", scale=2)
    assert (made.BitsStored, made.HighBit) == (bits, bits - 1)
    assert [float(mm) for mm in made.ImagerPixelSpacing] == [0.2, 0.1]
    assert (float(made.WindowCenter), made.Rows, made.Columns) == (float(ds.WindowCenter), 80, 80)
    pixels = made.pixel_array[:, :60].astype(float)
    assert pixels.max() <= top
    reduced = pixels.reshape(3, 30, 2, 40, 2).mean(axis=(2, 4))
    np.testing.assert_allclose(reduced, ds.pixel_array[:, :30], atol=max(2, 0.005 * top))
    with_reader = runner.read(open_clip(runner, tmp_path / "b.dcm").item).value()
    assert isinstance(with_reader, LoadedVideo)
    assert with_reader.video.pixel_spacing == (0.2, 0.1)
    assert not with_reader.warnings


def test_ultrasound_regions_lie_where_they_lay(runner: Runner, tmp_path: Path) -> None:
    region = factory.item(
        RegionLocationMinX0=10, RegionLocationMinY0=4, RegionLocationMaxX1=49,
        RegionLocationMaxY1=35, PhysicalUnitsXDirection=3, PhysicalUnitsYDirection=3,
        PhysicalDeltaX=0.02, PhysicalDeltaY=0.04, ReferencePixelX0=5, ReferencePixelY0=0,
        ReferencePixelPhysicalValueX=1.0, ReferencePixelPhysicalValueY=0.0,
    )  # fmt: skip
    ds = cine(doppler(), SequenceOfUltrasoundRegions=Sequence([region]))
    made = enlarge(runner, factory.write(ds, tmp_path / "a.dcm"), tmp_path / "b.dcm")
    after = made.SequenceOfUltrasoundRegions[0]
    assert (after.RegionLocationMinX0, after.RegionLocationMaxX1) == (40, 199)
    assert (after.RegionLocationMinY0, after.RegionLocationMaxY1) == (16, 143)
    assert after.PhysicalDeltaX == pytest.approx(0.005)
    # The middle of the old reference pixel lies 1.5 small pixels beyond that of the new one.
    place = after.ReferencePixelPhysicalValueX + 1.5 * after.PhysicalDeltaX
    assert (after.ReferencePixelX0, place) == (20, pytest.approx(1.0))
    assert open_clip(runner, tmp_path / "b.dcm").video.pixel_spacing == pytest.approx((0.1, 0.05))


def test_times_of_a_vector_and_of_a_part_are_kept(runner: Runner, tmp_path: Path) -> None:
    ds = cine(doppler(), FrameTimeVector=[0.0, 30.0, 50.0, 30.0, 60.0])
    ds.FrameIncrementPointer = 0x00181065
    del ds.FrameTime
    source = factory.write(ds, tmp_path / "a.dcm")
    enlarge(runner, source, tmp_path / "b.dcm", scale=2)
    whole = open_clip(runner, tmp_path / "b.dcm").video
    np.testing.assert_allclose(whole.times, open_clip(runner, source).video.times)
    enlarge(runner, source, tmp_path / "c.dcm", scale=2, start=1, stop=4)
    part = open_clip(runner, tmp_path / "c.dcm").video
    np.testing.assert_allclose(part.times, [0.0, 0.05, 0.08])


def test_more_than_one_object_can_hold_is_refused_before_any_work(
    runner: Runner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = factory.write(cine(doppler()), tmp_path / "a.dcm")
    monkeypatch.setattr(running, "MAX_PIXEL_BYTES", 1000)
    with pytest.raises(ExportError, match="one DICOM object"):
        enlarge(runner, source, tmp_path / "b.dcm")
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.dcm"]


def test_inverted_grey_is_written_inverted_and_shown_upright(
    runner: Runner, tmp_path: Path
) -> None:
    pixels = np.full((2, 32, 32), 40, np.uint8)
    ds = cine(pixels, PhotometricInterpretation="MONOCHROME1", SOPClassUID=XA, Modality="XA")
    source = factory.write(ds, tmp_path / "a.dcm")
    made = enlarge(runner, source, tmp_path / "b.dcm", scale=2)
    assert made.PhotometricInterpretation == "MONOCHROME1"
    assert made.pixel_array[0, 0, 0] == 40
    clip = open_clip(runner, source)
    plan = make_plan(clip, tmp_path / "c.mp4", UpscaleSettings(strength=0.0), (40, 40))
    Upscale(runner, plan).run()
    shown = FrameFeed(runner, open_clip(runner, tmp_path / "c.mp4")).get(0, 1)
    assert abs(int(shown[0, 0, 0, 0]) - 215) < 8
