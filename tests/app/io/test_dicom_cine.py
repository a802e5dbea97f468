"""DICOM frames in time: values, times in their order of trust, scale, and false numbers."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import dicom_factory as factory
import numpy as np
import pydicom
import pytest
from pydicom.encaps import encapsulate
from pydicom.uid import (
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGLSLossless,
    RLELossless,
)

from acutance.core.ledger import LoadedSeries, LoadedVideo
from acutance.errors import CorruptFileError, JobCancelled
from acutance.io import dicom_cine
from acutance.io.readers import index_paths, read_frames, read_item

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray
    from pydicom.dataset import Dataset

    from acutance.core.ledger import Index

    Open = Callable[[Path], LoadedVideo]
    Frames = Callable[..., NDArray[Any]]

US = "1.2.840.10008.5.1.4.1.1.3.1"
XA = "1.2.840.10008.5.1.4.1.1.12.1"
H264 = "1.2.840.10008.1.2.4.102"
MPEG2 = "1.2.840.10008.1.2.4.100"
_DEFAULT = Path(__file__).resolve().parents[3].parent / "shared" / "data"
DATA = Path(os.environ.get("ACUTANCE_TEST_DATA", _DEFAULT))


@pytest.fixture(autouse=True)
def _closed_files() -> Iterator[None]:
    yield
    dicom_cine.open_cines.close()


@pytest.fixture
def open_cine(index: Callable[..., Index], silent: Any) -> Open:
    def run(path: Path) -> LoadedVideo:
        found = index(path)
        assert len(found.items) == 1, found.set_aside
        assert found.items[0].kind == "video"
        loaded = read_item(found.items[0], lambda s, d: np.empty(s, d), silent, silent)
        assert isinstance(loaded, LoadedVideo)
        assert (loaded.ledger.found, loaded.ledger.used) == (1, 1)
        return loaded

    return run


@pytest.fixture
def frames(silent: Any) -> Frames:
    def run(loaded: LoadedVideo, start: int = 0, count: int | None = None) -> NDArray[Any]:
        wanted = loaded.video.count - start if count is None else count
        part = read_frames(loaded.item, start, wanted, lambda s, d: np.empty(s, d), silent, silent)
        np.testing.assert_allclose(part.times, loaded.video.times[start : start + wanted])
        assert part.array.dtype == loaded.video.dtype
        assert part.array.shape[1:] == loaded.video.shape[1:]
        return part.array

    return run


def grey(count: int = 6, dtype: str = "<u2", bits: int = 12) -> NDArray[Any]:
    rng = np.random.default_rng(3)
    low = -(2 ** (bits - 1)) if dtype[1] == "i" else 0
    return rng.integers(low, low + 2**bits, (count, 10, 12)).astype(dtype)


def colour(count: int = 6, rows: int = 16, columns: int = 24) -> NDArray[np.uint8]:
    """Return smooth colours, which survive JPEG."""
    t, y, x = np.mgrid[:count, :rows, :columns]
    return np.stack([10 * t + 4 * y, 255 - 8 * x, 100 + 3 * y], axis=3).astype(np.uint8)


def cine(pixels: NDArray[Any], **elements: Any) -> Dataset:
    """Return a multi-frame data set; grey (T, Y, X) or colour (T, Y, X, 3)."""
    ds = factory.make_slice(
        None, position=None, orientation=None, spacing=None, SOPClassUID=US, Modality="US"
    )
    if pixels.ndim == 4:
        ds.SamplesPerPixel, ds.PhotometricInterpretation, ds.PlanarConfiguration = 3, "RGB", 0
    ds.NumberOfFrames = len(pixels)
    ds.Rows, ds.Columns = pixels.shape[1:3]
    ds.BitsAllocated = ds.BitsStored = 8 * pixels.dtype.itemsize
    ds.HighBit = ds.BitsStored - 1
    ds.PixelRepresentation = int(pixels.dtype.kind == "i")
    data = pixels.tobytes()
    ds.PixelData = data + b"\x00" * (len(data) % 2)
    ds["PixelData"].VR = "OW"
    ds.FrameTime = 40
    for name, value in elements.items():
        if value is None:
            delattr(ds, name)
        else:
            setattr(ds, name, value)
    return ds


def write_encapsulated(ds: Dataset, path: Path, syntax: str, data: bytes) -> Path:
    ds.PixelData = data
    ds["PixelData"].VR = "OB"
    ds["PixelData"].is_undefined_length = True
    return factory.write(ds, path, syntax)


def names(loaded: LoadedVideo) -> list[str]:
    return [w.name for w in loaded.warnings]


@pytest.mark.parametrize("dtype", ["<u2", "<i2"])
@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, ExplicitVRBigEndian])
def test_grey_values_and_rescale(
    dtype: str, syntax: str, tmp_path: Path, open_cine: Open, frames: Frames
) -> None:
    pixels = grey(dtype=dtype)
    ds = cine(
        pixels, BitsStored=12, HighBit=11, RescaleSlope=2, RescaleIntercept=-5,
        WindowCenter=100, WindowWidth=50, SOPClassUID=XA, Modality="XA",
    )  # fmt: skip
    loaded = open_cine(factory.write(ds, tmp_path / "a.dcm", syntax))
    assert names(loaded) == []
    assert loaded.video.modality == "XA"
    assert (loaded.video.slope, loaded.video.intercept) == (2, -5)
    assert [(w.centre, w.width) for w in loaded.video.windows] == [(100, 50)]
    np.testing.assert_array_equal(frames(loaded)[..., 0], pixels)
    np.testing.assert_array_equal(frames(loaded, 4, 1)[..., 0], pixels[4:5])


def test_rubbish_in_unused_bits_is_cleared(tmp_path: Path, open_cine: Open, frames: Frames) -> None:
    pixels = grey()
    ds = cine(pixels | 0x8000, BitsStored=12, HighBit=11)
    loaded = open_cine(factory.write(ds, tmp_path / "a.dcm"))
    np.testing.assert_array_equal(frames(loaded)[..., 0], pixels)


@pytest.mark.parametrize("planar", [0, 1])
def test_colours_interleaved_and_planar(
    planar: int, tmp_path: Path, open_cine: Open, frames: Frames
) -> None:
    pixels = colour()
    stored = pixels if not planar else np.ascontiguousarray(pixels.transpose(0, 3, 1, 2))
    ds = cine(pixels, PlanarConfiguration=planar, PixelData=stored.tobytes())
    loaded = open_cine(factory.write(ds, tmp_path / "a.dcm"))
    assert loaded.video.channels == 3
    np.testing.assert_array_equal(frames(loaded), pixels)


@pytest.mark.parametrize("photometric", ["YBR_FULL", "YBR_FULL_422"])
def test_luma_and_chroma_become_colours_as_pydicom_makes_them(
    photometric: str, tmp_path: Path, open_cine: Open, frames: Frames
) -> None:
    pixels = colour()
    data = pixels.tobytes()
    if photometric == "YBR_FULL_422":
        pairs = pixels.reshape(-1, 2, 3)
        data = np.stack(
            [pairs[:, 0, 0], pairs[:, 1, 0], pairs[:, 0, 1], pairs[:, 0, 2]], axis=1
        ).tobytes()
    ds = cine(pixels, PhotometricInterpretation=photometric, PixelData=data)
    path = factory.write(ds, tmp_path / "a.dcm")
    expected = pydicom.pixels.pixel_array(path, raw=False)
    np.testing.assert_array_equal(frames(open_cine(path)), expected)


@pytest.mark.parametrize("high", [1, 257])
def test_palette_becomes_colours(
    high: int, tmp_path: Path, open_cine: Open, frames: Frames
) -> None:
    indices = np.arange(4 * 16 * 16).reshape(4, 16, 16).astype(np.uint8)
    table = np.stack([np.arange(256), 255 - np.arange(256), np.full(256, 7)])
    ds = cine(indices, PhotometricInterpretation="PALETTE COLOR")
    for name, entries in zip(("Red", "Green", "Blue"), table, strict=True):
        setattr(ds, f"{name}PaletteColorLookupTableDescriptor", [256, 0, 16])
        data = (entries * high).astype("<u2").tobytes()
        setattr(ds, f"{name}PaletteColorLookupTableData", data)
    loaded = open_cine(factory.write(ds, tmp_path / "a.dcm"))
    assert (loaded.video.channels, loaded.video.dtype) == (3, np.uint8)
    np.testing.assert_array_equal(frames(loaded), table.T[indices])


@pytest.mark.parametrize("syntax", [RLELossless, JPEGLSLossless, JPEG2000Lossless])
def test_lossless_codecs_give_the_stored_values(
    syntax: str, tmp_path: Path, open_cine: Open, frames: Frames
) -> None:
    # JPEG 2000 wants pictures of some size.
    for pixels in (np.tile(grey(bits=16), (1, 4, 4)), np.tile(colour(), (1, 4, 4, 1))):
        ds = cine(pixels)
        path = factory.write_compressed(ds, tmp_path / f"{pixels.ndim}.dcm", syntax)
        loaded = open_cine(path)
        assert names(loaded) == []
        out = frames(loaded)
        np.testing.assert_array_equal(out if pixels.ndim == 4 else out[..., 0], pixels)
        np.testing.assert_array_equal(frames(loaded, 5, 9), out[5:])


def _jpeg(pixels: NDArray[Any]) -> bytes:
    imagecodecs = pytest.importorskip("imagecodecs")
    return bytes(imagecodecs.jpeg8_encode(np.ascontiguousarray(pixels), level=95))


@pytest.mark.parametrize("per_frame", [1, 3])
@pytest.mark.parametrize("has_table", [True, False])
def test_jpeg_frames_of_one_and_of_several_fragments(
    per_frame: int, has_table: bool, tmp_path: Path, open_cine: Open, frames: Frames
) -> None:
    pixels = colour()
    ds = cine(pixels, PhotometricInterpretation="YBR_FULL_422")
    data = encapsulate([_jpeg(p) for p in pixels], fragments_per_frame=per_frame, has_bot=has_table)
    loaded = open_cine(write_encapsulated(ds, tmp_path / "a.dcm", JPEGBaseline8Bit, data))
    assert names(loaded) == []
    assert np.abs(frames(loaded).astype(int) - pixels).max() < 24
    assert np.abs(frames(loaded, 3, 1).astype(int) - pixels[3:4]).max() < 24


_TIMES: list[tuple[dict[str, Any], str, list[float], list[str]]] = [
    (
        {"FrameTimeVector": [0, 10, 30, 10, 10, 50], "CineRate": 10},
        "frame time vector",
        [0, 0.01, 0.04, 0.05, 0.06, 0.11],
        [],
    ),
    ({"FrameTimeVector": [7, 10, 10, 10, 10, 10]}, "frame time vector", [0, 0.01, 0.02], []),
    ({"FrameTimeVector": [0, 10, 10]}, "frame time", [0, 0.04, 0.08], ["bad_frame_times"]),
    ({"FrameTimeVector": [0, 10, 0, 1, 1, 1]}, "frame time", [0, 0.04], ["bad_frame_times"]),
    ({"FrameTimeVector": [0, 10, -5, 1, 1, 1]}, "frame time", [0, 0.04], ["bad_frame_times"]),
    ({"RecommendedDisplayFrameRate": 10}, "frame time", [0, 0.04], []),
    (
        {"FrameTime": 0, "RecommendedDisplayFrameRate": 10, "CineRate": 50},
        "recommended display frame rate",
        [0, 0.1],
        ["bad_frame_times"],
    ),
    ({"FrameTime": None, "CineRate": 50}, "cine rate", [0, 0.02], []),
    ({"FrameTime": None}, "assumed", [0, 0.04], []),
    ({"FrameTime": -3, "CineRate": 0}, "assumed", [0, 0.04], ["bad_frame_times"]),
]


@pytest.mark.parametrize(("elements", "source", "times", "warned"), _TIMES)
def test_times_come_from_the_first_that_can_be_used(
    elements: dict[str, Any],
    source: str,
    times: list[float],
    warned: list[str],
    tmp_path: Path,
    open_cine: Open,
    frames: Frames,
) -> None:
    loaded = open_cine(factory.write(cine(colour(), **elements), tmp_path / "a.dcm"))
    assert loaded.video.frame_time_source == source
    np.testing.assert_allclose(loaded.video.times[: len(times)], times, atol=1e-9)
    assert names(loaded) == warned
    assert any("assumed" in note for note in loaded.notes) == (source == "assumed")
    frames(loaded, 2, 2)


def _region(**values: Any) -> Dataset:
    region = pydicom.Dataset()
    region.PhysicalUnitsXDirection = region.PhysicalUnitsYDirection = 3
    region.PhysicalDeltaX, region.PhysicalDeltaY = 0.02, 0.03
    for name, value in values.items():
        setattr(region, name, value)
    return region


_SCALES: list[tuple[dict[str, Any], tuple[float, float] | None, str]] = [
    ({"PixelSpacing": [0.5, 0.25]}, (0.5, 0.25), ""),
    ({"ImagerPixelSpacing": [0.2, 0.2]}, (0.2, 0.2), "at the detector"),
    ({"PixelSpacing": [0.4, 0.4], "ImagerPixelSpacing": [0.2, 0.2]}, (0.4, 0.4), ""),
    ({"SequenceOfUltrasoundRegions": [_region()]}, (0.3, 0.2), ""),
    (
        {"SequenceOfUltrasoundRegions": [_region(), _region(PhysicalDeltaY=-0.03)]},
        (0.3, 0.2),
        "",
    ),
    (
        {"SequenceOfUltrasoundRegions": [_region(), _region(PhysicalDeltaX=0.05)]},
        None,
        "different scales",
    ),
    (
        {"SequenceOfUltrasoundRegions": [_region(), _region(PhysicalUnitsXDirection=4)]},
        None,
        "different scales",
    ),
    ({"SequenceOfUltrasoundRegions": [_region(PhysicalUnitsYDirection=7)]}, None, ""),
    ({"PixelSpacing": [0, 0]}, None, ""),
    ({}, None, ""),
]


@pytest.mark.parametrize(("elements", "spacing", "note"), _SCALES)
def test_pixel_spacing_only_where_there_is_one(
    elements: dict[str, Any],
    spacing: tuple[float, float] | None,
    note: str,
    tmp_path: Path,
    open_cine: Open,
) -> None:
    loaded = open_cine(factory.write(cine(colour(), **elements), tmp_path / "a.dcm"))
    assert loaded.video.pixel_spacing == (None if spacing is None else pytest.approx(spacing))
    assert any(note in n for n in loaded.notes if note) == bool(note)


@pytest.mark.parametrize("stated", [4, 9])
@pytest.mark.parametrize("form", ["native", "rle", "jpeg"])
def test_a_false_number_of_frames_is_named(
    stated: int, form: str, tmp_path: Path, open_cine: Open, frames: Frames
) -> None:
    pixels = colour()
    ds = cine(pixels)
    if form == "native":
        ds.NumberOfFrames = stated
        path = factory.write(ds, tmp_path / "a.dcm")
    elif form == "rle":
        path = factory.write_compressed(ds, tmp_path / "a.dcm", RLELossless)
        ds = pydicom.dcmread(path)
        ds.NumberOfFrames = stated
        ds.save_as(path)
    else:
        ds.NumberOfFrames, ds.PhotometricInterpretation = stated, "YBR_FULL_422"
        data = encapsulate([_jpeg(p) for p in pixels])
        path = write_encapsulated(ds, tmp_path / "a.dcm", JPEGBaseline8Bit, data)
    loaded = open_cine(path)
    assert names(loaded) == ["frame_count_mismatch"]
    there = 4 if form == "native" and stated == 4 else 6
    assert loaded.video.count == there
    assert f"says {stated} frames, {there} can be shown" in loaded.warnings[0].message
    if form != "jpeg":
        np.testing.assert_array_equal(frames(loaded), pixels[:there])


def test_a_cut_file_gives_the_frames_that_are_whole(
    tmp_path: Path, open_cine: Open, frames: Frames
) -> None:
    pixels = colour()
    path = factory.write(cine(pixels), tmp_path / "a.dcm")
    path.write_bytes(path.read_bytes()[:-1500])
    loaded = open_cine(path)
    assert names(loaded) == ["frame_count_mismatch"]
    assert "cut" in loaded.warnings[0].message
    np.testing.assert_array_equal(frames(loaded), pixels[:4])
    packed = factory.write_compressed(cine(pixels), tmp_path / "b.dcm", RLELossless)
    packed.write_bytes(packed.read_bytes()[:-400])
    loaded = open_cine(packed)
    assert names(loaded) == ["frame_count_mismatch"]
    np.testing.assert_array_equal(frames(loaded), pixels[: loaded.video.count])


def test_damaged_frames_are_counted_and_stood_in_for(
    tmp_path: Path, open_cine: Open, silent: Any
) -> None:
    pixels = colour()
    coded = [_jpeg(p) for p in pixels]
    coded[2] = coded[2][:40]
    ds = cine(pixels, PhotometricInterpretation="YBR_FULL_422")
    path = write_encapsulated(ds, tmp_path / "a.dcm", JPEGBaseline8Bit, encapsulate(coded))
    loaded = open_cine(path)
    assert names(loaded) == ["damaged_frames"]
    assert "1 of 6" in loaded.warnings[0].message
    part = read_frames(loaded.item, 1, 3, lambda s, d: np.empty(s, d), silent, silent)
    np.testing.assert_array_equal(part.array[1], part.array[0])
    assert part.facts["damaged_frames"] == 1
    alone = read_frames(loaded.item, 2, 1, lambda s, d: np.empty(s, d), silent, silent)
    np.testing.assert_array_equal(alone.array[0], part.array[0])


def test_damaged_jpeg_ends_no_process(tmp_path: Path, silent: Any) -> None:
    """Codecs that throw through C++ would take this very test run with them."""
    rng = np.random.default_rng(11)
    pixels = colour(60, 64, 96)
    coded = []
    for one in pixels:
        data = bytearray(_jpeg(one))
        for place in rng.integers(0, 700, 4):
            data[place % len(data)] = rng.integers(0, 256)
        coded.append(bytes(data))
    ds = cine(pixels, PhotometricInterpretation="YBR_FULL_422")
    path = write_encapsulated(ds, tmp_path / "a.dcm", JPEGBaseline8Bit, encapsulate(coded))
    item = index_paths([path], silent, silent).items[0]
    loaded = read_item(item, lambda s, d: np.empty(s, d), silent, silent)
    assert isinstance(loaded, LoadedVideo)
    assert names(loaded) == ["damaged_frames"]
    part = read_frames(item, 0, 60, lambda s, d: np.empty(s, d), silent, silent)
    assert 0 < part.facts["damaged_frames"] < 60


@pytest.mark.parametrize(
    ("elements", "cause"),
    [
        ({"Rows": 60000, "Columns": 60000}, "60000 x 60000"),
        ({"Rows": 6000, "Columns": 6000}, "claims frames of"),
        ({"PixelData": b""}, "pixel"),
        ({"BitsAllocated": 24}, "24 bits"),
        ({"BitsStored": 40}, "40 stored bits"),
        ({"SamplesPerPixel": 4}, "4 samples"),
        ({"PhotometricInterpretation": "CMYK"}, "CMYK"),
        ({"NumberOfFrames": 2_000_000_000}, "2000000000"),
        ({"NumberOfFrames": -3}, "no count"),
    ],
)
def test_false_claims_are_refused_by_name(
    elements: dict[str, Any], cause: str, tmp_path: Path, silent: Any
) -> None:
    path = factory.write(cine(colour(), **elements), tmp_path / "a.dcm")
    found = index_paths([path], silent, silent)
    if found.items:
        with pytest.raises(CorruptFileError, match=cause):
            read_item(found.items[0], lambda s, d: np.empty(s, d), silent, silent)
    else:
        assert cause in found.set_aside[0].reason


def test_a_single_ultrasound_frame_is_no_video(tmp_path: Path, silent: Any) -> None:
    ds = cine(grey(1, "|u1", 8), NumberOfFrames=1)
    found = index_paths([factory.write(ds, tmp_path / "a.dcm")], silent, silent)
    assert [item.kind for item in found.items] == ["volume"]
    loaded = read_item(found.items[0], lambda s, d: np.empty(s, d), silent, silent)
    assert isinstance(loaded, LoadedSeries)


def test_clips_of_one_series_have_names_of_their_own(
    tmp_path: Path, index: Callable[..., Index]
) -> None:
    for number in (1, 2):
        ds = cine(colour(), InstanceNumber=number, SOPInstanceUID=f"1.2.3.{number}")
        factory.write(ds, tmp_path / f"{number}.dcm")
    found = index(tmp_path)
    assert [item.title for item in found.items] == ["T1 test, clip 1", "T1 test, clip 2"]
    assert len({item.key for item in found.items}) == 2


def test_nothing_personal_crosses_and_burned_in_text_is_told(
    tmp_path: Path, open_cine: Open
) -> None:
    ds = cine(colour(), InstitutionName="SECRET77", BurnedInAnnotation="YES")
    loaded = open_cine(factory.write(ds, tmp_path / "a.dcm"))
    assert loaded.video.facts["burned_in_annotation"] == "YES"
    assert any("burned" in note for note in loaded.notes)
    for word in ("SECRET", "Secret", "1970"):
        assert word not in repr(loaded)


def test_cancel_ends_opening_and_reading(tmp_path: Path, silent: Any) -> None:
    class Cancelled:
        def raise_if_cancelled(self) -> None:
            raise JobCancelled

    path = factory.write_compressed(cine(colour()), tmp_path / "a.dcm", RLELossless)
    item = index_paths([path], silent, silent).items[0]
    with pytest.raises(JobCancelled):
        dicom_cine.read_cine(item, lambda s, d: np.empty(s, d), silent, Cancelled())
    dicom_cine.read_cine(item, lambda s, d: np.empty(s, d), silent, silent)
    with pytest.raises(JobCancelled):
        dicom_cine.read_cine_frames(item, 0, 1, lambda s, d: np.empty(s, d), silent, Cancelled())


@pytest.mark.parametrize("container", ["mp4", "bare"])
@pytest.mark.parametrize("fragments", [1, 4])
@pytest.mark.parametrize("syntax", [H264, MPEG2])
def test_video_streams_inside(
    container: str, fragments: int, syntax: str, tmp_path: Path, open_cine: Open, frames: Frames
) -> None:
    clips = pytest.importorskip("video_factory")
    codec, bare = ("libx264", "h264") if syntax == H264 else ("mpeg2video", "mpeg2video")
    pixels = clips.moving(12)
    if container == "mp4" and codec == "mpeg2video":
        name, form = "a.mpg", None
    else:
        name, form = ("a.mp4", None) if container == "mp4" else ("a.bin", bare)
    path = clips.encode(tmp_path / name, pixels, codec=codec, b_frames=2, container_format=form)
    expected = np.stack(clips.sequential(path))
    data = path.read_bytes()
    ds = cine(
        pixels, PhotometricInterpretation="YBR_PARTIAL_420", NumberOfFrames=12, FrameTime=None
    )
    packed = encapsulate([data], fragments_per_frame=fragments, has_bot=False)
    written = write_encapsulated(ds, tmp_path / "a.dcm", syntax, packed)
    loaded = open_cine(written)
    assert names(loaded) == []
    assert loaded.video.frame_time_source == "container"
    assert loaded.video.frame_rate == pytest.approx(25)
    assert loaded.video.facts["lossy_compression"] == "by transfer syntax"
    np.testing.assert_array_equal(frames(loaded), expected)
    np.testing.assert_array_equal(frames(loaded, 7, 2), expected[7:9])
    np.testing.assert_array_equal(frames(loaded, 2, 2), expected[2:4])


def test_header_times_go_before_those_of_the_stream_and_its_count_is_checked(
    tmp_path: Path, open_cine: Open
) -> None:
    clips = pytest.importorskip("video_factory")
    path = clips.encode(tmp_path / "a.mpg", clips.moving(12), codec="mpeg2video")
    ds = cine(colour(), PhotometricInterpretation="YBR_PARTIAL_420", NumberOfFrames=15)
    data = encapsulate([path.read_bytes()], has_bot=False)
    loaded = open_cine(write_encapsulated(ds, tmp_path / "a.dcm", MPEG2, data))
    assert loaded.video.frame_time_source == "frame time"
    assert loaded.video.frame_rate == pytest.approx(25)
    assert names(loaded) == ["frame_count_mismatch"]


def test_a_damaged_stream_is_refused_by_name(tmp_path: Path, silent: Any) -> None:
    pytest.importorskip("video_factory")
    ds = cine(colour(), PhotometricInterpretation="YBR_PARTIAL_420")
    data = encapsulate([np.random.default_rng(0).bytes(3000)], has_bot=False)
    path = write_encapsulated(ds, tmp_path / "a.dcm", H264, data)
    item = index_paths([path], silent, silent).items[0]
    with pytest.raises(CorruptFileError, match=r"a\.dcm"):
        read_item(item, lambda s, d: np.empty(s, d), silent, silent)


_REAL = {
    "us_10f_US-PAL-8-10x-echo.dcm": ((10, 430, 600, 3), 1000 / 76, "frame time", None),
    "us_30f_sonosite.dcm": ((30, 240, 320, 3), 1000 / 33.333, "frame time", (0.5105, 0.5105)),
    "us_65f_DIRW0007.dcm": ((65, 456, 576, 3), 26.2476, "frame time vector", None),
    "xa_96f_HasFragmentSequence.dcm": ((96, 512, 512, 1), 1000 / 33, "frame time", None),
}


@pytest.mark.parametrize("name", _REAL)
def test_published_cines_agree_with_pydicom(name: str, open_cine: Open, frames: Frames) -> None:
    path = DATA / "dicom" / "cine" / name
    if not path.is_file():
        pytest.skip("no test data; set ACUTANCE_TEST_DATA")
    loaded = open_cine(path)
    shape, rate, source, spacing = _REAL[name]
    assert loaded.video.shape == shape
    assert loaded.video.frame_rate == pytest.approx(rate, rel=1e-4)
    assert loaded.video.frame_time_source == source
    assert loaded.video.pixel_spacing == (
        None if spacing is None else pytest.approx(spacing, rel=1e-3)
    )
    assert names(loaded) == []
    last = shape[0] - 1
    # Codecs of lossy JPEG differ by a few grey levels; ours is Pillow's.
    plugin = "" if "PAL" in name else "pillow"
    expected = pydicom.pixels.pixel_array(path, index=last, decoding_plugin=plugin)
    if "PAL" in name:
        ds = pydicom.dcmread(path)
        expected = pydicom.pixels.apply_color_lut(expected, ds) >> 8
    np.testing.assert_array_equal(frames(loaded, last, 1)[0].squeeze(), expected)
