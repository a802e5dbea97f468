"""Colour DICOM stills: whatever way they are stored, red, green and blue come out."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any

import dicom_factory as factory
import numpy as np
import pydicom
import pytest
from pydicom.pixels.processing import _expand_segmented_lut, convert_color_space
from pydicom.uid import (
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGLSLossless,
    RLELossless,
)

from acutance.io.dicom_lut import expand_segments

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray
    from pydicom.dataset import Dataset

    from acutance.core.ledger import Index, LoadedSeries

    Load = Callable[..., LoadedSeries]
    FindIndex = Callable[..., Index]

ROWS, COLUMNS = 40, 48


def _rgb() -> NDArray[np.uint8]:
    return np.random.default_rng(3).integers(0, 256, (ROWS, COLUMNS, 3), dtype=np.uint8)


def _still(
    data: bytes, photometric: str, samples: int = 3, bits: int = 8, **elements: Any
) -> Dataset:
    ds = factory.make_slice(
        np.zeros((ROWS, COLUMNS), f"<u{bits // 8}"),
        position=None,
        orientation=None,
        spacing=None,
        Modality="XC",
        SamplesPerPixel=samples,
        PhotometricInterpretation=photometric,
    )
    if samples == 3:
        ds.PlanarConfiguration = 0
    ds.PixelData = data
    ds["PixelData"].VR = "OB" if bits == 8 else "OW"
    for name, value in elements.items():
        setattr(ds, name, value)
    return ds


def _shown(loaded: LoadedSeries) -> NDArray[Any]:
    """Return the picture as rows and columns."""
    assert loaded.volume.is_colour
    assert loaded.volume.array.dtype == np.uint8
    return loaded.volume.array[:, :, 0].swapaxes(0, 1)


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("planar", [0, 1])
@pytest.mark.parametrize(
    "syntax", [ExplicitVRLittleEndian, ImplicitVRLittleEndian, ExplicitVRBigEndian]
)
def test_planes_and_pixels_give_the_same(
    tmp_path: Path, load: Load, syntax: str, planar: int, order: str
) -> None:
    rgb = _rgb()
    stored = rgb if planar == 0 else rgb.transpose(2, 0, 1)
    ds = _still(stored.tobytes(), "RGB", PlanarConfiguration=planar)
    factory.write(ds, tmp_path / "a.dcm", syntax)
    loaded = load(tmp_path, order=order)
    np.testing.assert_array_equal(_shown(loaded), rgb)
    assert not loaded.warnings
    assert not loaded.volume.orientation_known
    assert not loaded.volume.spacing_known
    assert loaded.volume.shape == (COLUMNS, ROWS, 1)


def test_luminance_and_chroma_become_colours_by_the_equation_of_the_standard(
    tmp_path: Path, load: Load
) -> None:
    ybr = _rgb()
    factory.write(_still(ybr.tobytes(), "YBR_FULL"), tmp_path / "a.dcm")
    shown = _shown(load(tmp_path))
    np.testing.assert_array_equal(shown, convert_color_space(ybr.copy(), "YBR_FULL", "RGB"))
    # PS3.3 C.7.6.3.1.2, solved for red, green and blue.
    y, b, r = (ybr[..., n].astype(float) for n in range(3))
    expected = np.stack(
        [
            y + 1.402 * (r - 128),
            y - 0.344136 * (b - 128) - 0.714136 * (r - 128),
            y + 1.772 * (b - 128),
        ],
        axis=-1,
    )
    np.testing.assert_allclose(shown, np.clip(expected, 0, 255), atol=1.0)


def test_two_pixels_share_their_chroma(tmp_path: Path, load: Load) -> None:
    y = _rgb()[..., 0].reshape(-1, 2)
    chroma = _rgb()[:, ::2, 1:].reshape(-1, 2)
    stored = np.concatenate([y, chroma], axis=1)
    factory.write(_still(stored.tobytes(), "YBR_FULL_422"), tmp_path / "a.dcm")
    ybr = np.empty((ROWS, COLUMNS, 3), np.uint8)
    ybr[..., 0] = y.reshape(ROWS, COLUMNS)
    ybr[..., 1:] = np.repeat(chroma.reshape(ROWS, COLUMNS // 2, 2), 2, axis=1)
    expected = convert_color_space(ybr, "YBR_FULL", "RGB")
    np.testing.assert_array_equal(_shown(load(tmp_path)), expected)


@pytest.mark.parametrize(
    ("syntax", "photometric"),
    [(RLELossless, "RGB"), (JPEGLSLossless, "RGB"), (JPEG2000Lossless, "YBR_RCT")],
)
def test_compressed_colour_gives_the_same(
    tmp_path: Path, load: Load, syntax: str, photometric: str
) -> None:
    rgb = _rgb()
    ds = _still(rgb.tobytes(), "RGB")
    if photometric != "RGB":
        ds.PhotometricInterpretation = photometric
    factory.write_compressed(ds, tmp_path / "a.dcm", syntax)
    np.testing.assert_array_equal(_shown(load(tmp_path)), rgb)


def test_colours_of_sixteen_bits_keep_their_upper_eight(tmp_path: Path, load: Load) -> None:
    rgb = _rgb().astype("<u2") << 4 | 7
    ds = _still(rgb.tobytes(), "RGB", bits=16, BitsStored=12, HighBit=11)
    factory.write(ds, tmp_path / "a.dcm")
    loaded = load(tmp_path)
    np.testing.assert_array_equal(_shown(loaded), _rgb())
    assert any("upper 8" in note for note in loaded.notes)


def test_coloured_slices_with_a_place_are_a_volume(tmp_path: Path, load: Load) -> None:
    rgb = _rgb()
    for k in (2, 0, 1):
        ds = _still(
            (rgb + np.uint8(k)).tobytes(),
            "RGB",
            ImagePositionPatient=[0.0, 0.0, 2.0 * k],
            ImageOrientationPatient=list(factory.AXIAL),
            PixelSpacing=[1.0, 1.0],
        )
        ds.Modality = "MR"
        factory.write(ds, tmp_path / f"{9 - k}.dcm")
    loaded = load(tmp_path)
    assert not loaded.warnings
    assert loaded.volume.array.shape == (COLUMNS, ROWS, 3, 3)
    for k in range(3):
        np.testing.assert_array_equal(
            loaded.volume.array[:, :, k].swapaxes(0, 1), rgb + np.uint8(k)
        )


def _with_palette(
    ds: Dataset, table: NDArray[Any], first: int = 0, bits: int = 16, *, signed: bool = False
) -> Dataset:
    for n, name in enumerate(("Red", "Green", "Blue")):
        setattr(ds, f"{name}PaletteColorLookupTableDescriptor", [len(table) % 65536, first, bits])
        ds[f"{name}PaletteColorLookupTableDescriptor"].VR = "SS" if signed else "US"
        setattr(ds, f"{name}PaletteColorLookupTableData", table[:, n].tobytes())
    return ds


def _indices(dtype: str = "<u1") -> NDArray[Any]:
    return np.random.default_rng(4).integers(0, 200, (ROWS, COLUMNS)).astype(dtype)


def _table(count: int = 200) -> NDArray[np.uint8]:
    return np.random.default_rng(5).integers(0, 256, (count, 3), dtype=np.uint8)


@pytest.mark.parametrize(
    "form", ["high byte", "low byte", "packed", "RLE", "grey", "16-bit indices"]
)
def test_a_palette_gives_the_colours_of_its_entries(tmp_path: Path, load: Load, form: str) -> None:
    indices, table = _indices("<u2" if form == "16-bit indices" else "<u1"), _table()
    if form == "grey":
        table[:] = table[:, :1]
    stored: NDArray[Any] = table.astype("<u2")
    if form == "packed":
        stored = table
    elif form != "low byte":
        stored = stored << 8 | stored
    bits = 8 * indices.dtype.itemsize
    ds = _still(indices.tobytes(), "PALETTE COLOR", 1, bits)
    _with_palette(ds, stored, bits=8 if form in ("packed", "low byte") else 16)
    if form == "RLE":
        factory.write_rle(ds, tmp_path / "a.dcm")
    else:
        factory.write(ds, tmp_path / "a.dcm")
    np.testing.assert_array_equal(_shown(load(tmp_path)), table[indices])


def test_a_palette_holds_at_its_ends_and_may_begin_below_zero(tmp_path: Path, load: Load) -> None:
    indices = (_indices("<i2") - 100).astype("<i2")
    table = _table(50)
    ds = _still(indices.tobytes(), "PALETTE COLOR", 1, 16, PixelRepresentation=1)
    factory.write(_with_palette(ds, table.astype("<u2") << 8, -20, signed=True), tmp_path / "a.dcm")
    expected = table[np.clip(indices.astype(int) + 20, 0, 49)]
    np.testing.assert_array_equal(_shown(load(tmp_path)), expected)


SEGMENTS = [
    *(0, 3, 10, 2000, 40000),  # three values
    *(1, 5, 60000),  # five up to 60000
    *(1, 4, 60000),  # four the same
    *(1, 7, 3),  # seven down to 3
]


def test_a_segmented_palette_is_expanded_as_pydicom_does() -> None:
    expected = _expand_segmented_lut(tuple(SEGMENTS), f"<{len(SEGMENTS)}H")
    raw = struct.pack(f"<{len(SEGMENTS)}H", *SEGMENTS)
    ours = expand_segments(raw, len(expected), 16, is_big=False)
    assert ours is not None
    # Half-way values may be rounded up or down.
    np.testing.assert_allclose(ours.astype(int), expected, atol=1)


@pytest.mark.parametrize("is_big", [False, True])
def test_segments_may_be_used_again(is_big: bool) -> None:
    offset = [0, 10] if is_big else [10, 0]
    words = [*SEGMENTS, 2, 2, *offset]  # the two segments from byte 10 once more
    raw = struct.pack(f"{'>' if is_big else '<'}{len(words)}H", *words)
    ours = expand_segments(raw, 28, 16, is_big=is_big)
    assert ours is not None
    assert ours[-10:].tolist() == [3, 12002, 24002, 36001, 48001, *[60000] * 5]


def test_a_segmented_palette_gives_colours(tmp_path: Path, load: Load) -> None:
    indices = _indices() % 19
    ds = _still(indices.astype("<u1").tobytes(), "PALETTE COLOR", 1)
    for name in ("Red", "Green", "Blue"):
        setattr(ds, f"{name}PaletteColorLookupTableDescriptor", [19, 0, 16])
        ds[f"{name}PaletteColorLookupTableDescriptor"].VR = "US"
        raw = struct.pack(f"<{len(SEGMENTS)}H", *SEGMENTS)
        setattr(ds, f"Segmented{name}PaletteColorLookupTableData", raw)
    factory.write(ds, tmp_path / "a.dcm")
    expected = np.array(_expand_segmented_lut(tuple(SEGMENTS), "<14H")) >> 8
    np.testing.assert_allclose(
        _shown(load(tmp_path))[..., 1].astype(int), expected[indices], atol=1
    )


@pytest.mark.parametrize(
    "words",
    [
        [1, 5, 60000],  # a line from nowhere
        [0, 60000, 1, 2, 3],  # more than there is
        [0, 1, 5, *([1, 65535, 9] * 200)],  # thirteen million entries
        [0, 1, 5, 2, 9, 0, 0],  # a reference to itself
        [7, 7, 7, 7],
    ],
)
def test_segments_that_make_no_sense_are_refused_without_being_made(words: list[int]) -> None:
    raw = struct.pack(f"<{len(words)}H", *words)
    assert expand_segments(raw, 256, 16, is_big=False) is None


@pytest.mark.parametrize(
    ("photometric", "samples", "bits", "words"),
    [
        ("PALETTE COLOR", 1, 8, "without its palette"),
        ("RGB", 1, 8, "1 samples"),
        ("MONOCHROME2", 3, 8, "3 samples"),
        ("HSV", 3, 8, "HSV"),
        ("RGB", 3, 32, "32 bits"),
        ("YBR_FULL", 3, 16, "16 bits"),
    ],
)
def test_colours_that_are_not_read_are_named(
    tmp_path: Path, index: FindIndex, photometric: str, samples: int, bits: int, words: str
) -> None:
    data = bytes(ROWS * COLUMNS * samples * bits // 8)
    factory.write(_still(data, photometric, samples, bits), tmp_path / "a.dcm")
    found = index(tmp_path)
    assert not found.items
    assert words in found.set_aside[0].reason


def test_a_damaged_palette_is_an_error_and_no_guess(tmp_path: Path, load: Load) -> None:
    from acutance.errors import CorruptFileError

    ds = _with_palette(_still(_indices().tobytes(), "PALETTE COLOR", 1), _table().astype("<u2"))
    ds.GreenPaletteColorLookupTableData = b"\0" * 10
    factory.write(ds, tmp_path / "a.dcm")
    with pytest.raises(CorruptFileError, match="cannot be decoded"):
        load(tmp_path)


def test_a_cut_colour_image_is_refused(tmp_path: Path, index: FindIndex) -> None:
    path = factory.write(_still(_rgb().tobytes(), "RGB"), tmp_path / "a.dcm")
    path.write_bytes(path.read_bytes()[:-1])
    assert "cut inside its pixels" in index(tmp_path).set_aside[0].reason
    assert pydicom.dcmread(path, stop_before_pixels=True).Rows == ROWS


def test_frames_in_time_have_the_colours_of_a_segmented_palette(
    tmp_path: Path, index: FindIndex, silent: Any
) -> None:
    from acutance.io.readers import read_frames

    indices = np.stack([_indices() % 19, (_indices() + 5) % 19]).astype("<u1")
    ds = _still(indices.tobytes(), "PALETTE COLOR", 1, NumberOfFrames=2, FrameTime=40)
    ds.SOPClassUID = "1.2.840.10008.5.1.4.1.1.3.1"
    for name in ("Red", "Green", "Blue"):
        setattr(ds, f"{name}PaletteColorLookupTableDescriptor", [19, 0, 16])
        ds[f"{name}PaletteColorLookupTableDescriptor"].VR = "US"
        raw = struct.pack(f"<{len(SEGMENTS)}H", *SEGMENTS)
        setattr(ds, f"Segmented{name}PaletteColorLookupTableData", raw)
    factory.write(ds, tmp_path / "a.dcm")
    (item,) = index(tmp_path).items
    frames = read_frames(item, 0, 2, lambda s, d: np.empty(s, d), silent, silent).array
    expected = np.array(_expand_segmented_lut(tuple(SEGMENTS), "<14H")) >> 8
    np.testing.assert_allclose(frames[..., 2].astype(int), expected[indices], atol=1)
