"""Classic DICOM series: values, geometry, and a name for everything that is wrong."""

from __future__ import annotations

import math
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import dicom_factory as factory
import numpy as np
import pytest
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEGLSLossless,
)

from acutance.errors import ReadError
from acutance.io.readers import index_paths, read_item

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from acutance.core.ledger import Index, LoadedSeries

    Load = Callable[..., LoadedSeries]
    LoadAll = Callable[..., list[LoadedSeries]]
    FindIndex = Callable[..., Index]


def names(loaded: LoadedSeries) -> list[str]:
    return [warning.name for warning in loaded.warnings]


@pytest.mark.parametrize("order", ["C", "F"])
def test_slices_are_sorted_by_position_and_values_kept(
    tmp_path: Path, load: Load, order: str
) -> None:
    volume = factory.ramp((5, 4, 40))
    factory.write_series(tmp_path, volume)
    loaded = load(tmp_path, order=order)
    np.testing.assert_array_equal(loaded.volume.array, volume)
    assert loaded.volume.array.dtype == np.int16
    assert loaded.ledger.used == loaded.ledger.found == 40
    assert loaded.warnings == ()
    assert loaded.volume.acquisition_axis == 2


@pytest.mark.parametrize("orientation", [factory.AXIAL, factory.CORONAL, factory.SAGITTAL])
def test_affine_is_the_equation_of_the_standard(
    tmp_path: Path, load: Load, orientation: tuple[float, ...]
) -> None:
    factory.write_series(
        tmp_path, factory.ramp(), orientation=orientation, spacing=(1.5, 0.75), step=2.0
    )
    affine = load(tmp_path).volume.affine
    # PS3.3 C.7.6.2.1-1 by hand: P = S + X * dc * column + Y * dr * row, then LPS to RAS.
    row, column = np.array(orientation[:3]), np.array(orientation[3:])
    normal = np.cross(row, column)
    for i, j, k in [(0, 0, 0), (4, 0, 0), (0, 3, 0), (0, 0, 2), (2, 1, 1)]:
        lps = np.array([-10.0, -20.0, 30.0]) + row * 0.75 * i + column * 1.5 * j + normal * 2.0 * k
        expected = lps * [-1, -1, 1]
        np.testing.assert_allclose((affine @ [i, j, k, 1])[:3], expected, atol=1e-9)


@pytest.mark.parametrize(
    "syntax", [ImplicitVRLittleEndian, ExplicitVRBigEndian, DeflatedExplicitVRLittleEndian]
)
def test_native_syntaxes_give_the_same_values(tmp_path: Path, load: Load, syntax: str) -> None:
    pixels = factory.ramp((5, 4, 1))[:, :, 0].T.copy()
    factory.write(factory.make_slice(pixels), tmp_path / "a.dcm", syntax)
    loaded = load(tmp_path)
    np.testing.assert_array_equal(loaded.volume.array[:, :, 0], pixels.T)
    assert "single slice" in loaded.notes


def test_compressed_slices_give_the_same_values(tmp_path: Path, load: Load) -> None:
    for k in range(3):
        ds = factory.make_slice(
            np.full((8, 9), 100 * k + 7, "<u2"), position=(0, 0, 3.0 * k), instance=k
        )
        factory.write_rle(ds, tmp_path / f"{k}.dcm")
    loaded = load(tmp_path)
    assert [int(v) for v in loaded.volume.array[0, 0]] == [7, 107, 207]


def test_bare_data_set_without_preamble_is_read(tmp_path: Path, load: Load) -> None:
    pixels = np.arange(12, dtype="<u2").reshape(3, 4)
    factory.write(factory.make_slice(pixels), tmp_path / "x", preamble=False)
    np.testing.assert_array_equal(load(tmp_path).volume.array[:, :, 0], pixels.T)


def test_twelve_signed_bits_with_dirty_high_bits(tmp_path: Path, load: Load) -> None:
    values = np.array([[-1000, -1], [0, 500]], np.int16)
    dirty = ((values.astype(np.uint16) & 0x0FFF) | 0xA000).astype("<u2")
    ds = factory.make_slice(dirty, BitsStored=12, HighBit=11, PixelRepresentation=1)
    factory.write(ds, tmp_path / "a.dcm")
    np.testing.assert_array_equal(load(tmp_path).volume.array[:, :, 0], values.T)


def test_uniform_rescale_is_kept_as_slope_and_intercept(tmp_path: Path, load: Load) -> None:
    factory.write_series(
        tmp_path,
        factory.ramp(),
        Modality="CT",
        RescaleSlope=2.0,
        RescaleIntercept=-1024.0,
        RescaleType="HU",
    )
    volume = load(tmp_path).volume
    assert (volume.slope, volume.intercept, volume.unit) == (2.0, -1024.0, "HU")
    assert volume.array.dtype == np.int16
    assert volume.value_at((0, 0, 0)) == -1024.0


def test_rescale_per_slice_gives_real_values(tmp_path: Path, load: Load) -> None:
    for k, slope in enumerate([0.5, 2.0, 3.0]):
        ds = factory.make_slice(
            np.full((2, 2), 10, "<u2"),
            position=(0, 0, 2.0 * k),
            RescaleSlope=slope,
            RescaleIntercept=1.0,
        )
        factory.write(ds, tmp_path / f"{k}.dcm")
    loaded = load(tmp_path)
    assert loaded.volume.array.dtype == np.float32
    assert [float(v) for v in loaded.volume.array[0, 0]] == [6.0, 21.0, 31.0]
    assert (loaded.volume.slope, loaded.volume.intercept) == (1.0, 0.0)


@pytest.mark.parametrize(
    "slope", [b"0 ", b"NaN ", b"inf ", b"", b"1,5 ", b"1e-30 ", b"1e38"], ids=lambda b: str(b)
)
def test_bad_rescale_is_named_and_values_stay(tmp_path: Path, load: Load, slope: bytes) -> None:
    ds = factory.make_slice(np.full((2, 2), 10, "<u2"), RescaleSlope=2.0, RescaleIntercept=0.0)
    path = factory.write(ds, tmp_path / "a.dcm")
    replace_value(path, b"\x28\x00\x53\x10DS", slope)
    loaded = load(tmp_path)
    assert "bad_rescale" in names(loaded)
    assert loaded.volume.value_at((0, 0, 0)) == 10.0


def replace_value(path: Path, mark: bytes, value: bytes) -> None:
    """Put other bytes into a short explicit element."""
    data = path.read_bytes()
    at = data.index(mark) + len(mark)
    length = int.from_bytes(data[at : at + 2], "little")
    path.write_bytes(data[:at] + len(value).to_bytes(2, "little") + value + data[at + 2 + length :])


@pytest.mark.parametrize("spacing", [b"0\\0 ", b"-1\\-1 ", b"1 ", b"NaN\\NaN ", b"abc "])
def test_bad_pixel_spacing_is_named(tmp_path: Path, load: Load, spacing: bytes) -> None:
    path = factory.write(factory.make_slice(np.eye(3, dtype="<u2")), tmp_path / "a.dcm")
    replace_value(path, b"\x28\x00\x30\x00DS", spacing)
    loaded = load(tmp_path)
    assert "bad_pixel_spacing" in names(loaded)
    assert not loaded.volume.spacing_known


@pytest.mark.parametrize(
    "orientation",
    [b"0\\0\\0\\0\\0\\0 ", b"1\\0\\0\\0\\1 ", b"1\\0\\0\\1\\0\\0 ", b"NaN\\0\\0\\0\\1\\0 "],
)
def test_bad_orientation_is_named(tmp_path: Path, load: Load, orientation: bytes) -> None:
    path = factory.write(factory.make_slice(np.eye(3, dtype="<u2")), tmp_path / "a.dcm")
    replace_value(path, b"\x20\x00\x37\x00DS", orientation)
    loaded = load(tmp_path)
    assert "bad_orientation" in names(loaded)
    assert not loaded.volume.orientation_known


def stack(folder: Path, positions: list[tuple[float, ...] | None], **elements: Any) -> list[Path]:
    return [
        factory.write(
            factory.make_slice(
                np.arange(k, k + 6, dtype="<u2").reshape(2, 3),
                position=position,
                instance=k + 1,
                **elements,
            ),
            folder / f"{k}.dcm",
        )
        for k, position in enumerate(positions)
    ]


@pytest.mark.parametrize(
    ("positions", "name"),
    [
        ([(0, 0, z) for z in (0, 2, 4, 8, 10)], "missing_slices"),
        ([(0, 0, z) for z in (0, 2, 4, 7, 9)], "uneven_spacing"),
        ([(0, z * math.tan(0.2), z) for z in (0, 2, 4, 6)], "gantry_tilt"),
        ([(0, 0, 0), (0, 0, 2), (5, 0, 4), (0, 0, 6)], "shifted_slices"),
        ([None, None, None], "no_position"),
        ([(0, 0, 0), (0, 0, 2), (0, 0, 4), None], "no_position"),
        ([(0, 0, 0), (0, 0, 2), (0, 0, 2), (0, 0, 4)], "same_position"),
    ],
)
def test_irregular_stacks_are_named(
    tmp_path: Path, load: Load, positions: list[tuple[float, ...] | None], name: str
) -> None:
    stack(tmp_path, positions)
    loaded = load(tmp_path)
    assert name in names(loaded)


def test_tilt_stands_in_the_affine(tmp_path: Path, load: Load) -> None:
    stack(tmp_path, [(0, 1.0 * k, 2.0 * k) for k in range(4)])
    np.testing.assert_allclose(load(tmp_path).volume.affine[:3, 2], [0, -1, 2], atol=1e-9)


def test_duplicates_are_used_once(tmp_path: Path, load: Load) -> None:
    paths = stack(tmp_path, [(0, 0, 2.0 * k) for k in range(4)])
    (tmp_path / "copy.dcm").write_bytes(paths[1].read_bytes())
    loaded = load(tmp_path)
    assert names(loaded) == ["duplicate_slices"]
    assert (loaded.ledger.found, loaded.ledger.used) == (5, 4)
    assert loaded.volume.spacing[2] == pytest.approx(2.0)


def test_same_identity_with_other_pixels_has_its_own_name(tmp_path: Path, load: Load) -> None:
    for number, value in enumerate((1, 2)):
        ds = factory.make_slice(np.full((2, 2), value, "<u2"), sop_uid="1.2.3.4")
        factory.write(ds, tmp_path / f"{number}.dcm")
    assert "conflicting_duplicates" in names(load(tmp_path))


@pytest.mark.parametrize("keep", [0.3, 0.99])
def test_a_cut_slice_is_set_aside_and_the_rest_loads(
    tmp_path: Path, load: Load, keep: float
) -> None:
    paths = stack(tmp_path, [(0, 0, 2.0 * k) for k in range(5)])
    data = paths[4].read_bytes()
    paths[4].write_bytes(data[: int(len(data) * keep)])
    loaded = load(tmp_path)
    assert loaded.ledger.used == 4
    assert [s.file for s in loaded.ledger.set_aside] == [str(paths[4])]


@pytest.mark.parametrize("length", [1, 64, 130, 134, 150, 300, 500, -40, -1])
def test_a_cut_file_alone_is_refused(tmp_path: Path, index: FindIndex, length: int) -> None:
    path = factory.write(factory.make_slice(np.ones((9, 9), "<u2")), tmp_path / "a.dcm")
    data = path.read_bytes()
    path.write_bytes(data[:length])
    found = index(path)
    assert not found.items
    assert [s.file for s in found.set_aside] == [str(path)]


def test_a_slice_of_other_size_is_set_aside(tmp_path: Path, load: Load) -> None:
    factory.write_series(tmp_path, factory.ramp((5, 4, 12)))
    ds = factory.make_slice(np.ones((9, 9), "<u2"), position=(0, 0, 400), spacing=(1.5, 0.75))
    factory.write(ds, tmp_path / "stray.dcm")
    loaded = load(tmp_path)
    assert "mixed_sizes" in names(loaded)
    assert loaded.ledger.used == 12


def test_two_patients_and_two_series_are_split(tmp_path: Path, index: FindIndex) -> None:
    factory.write_series(tmp_path / "a", factory.ramp())
    factory.write_series(tmp_path / "b", factory.ramp(), PatientID="OTHER")
    factory.write_series(tmp_path / "c", factory.ramp(), series_uid="1.2.3.9")
    found = index(tmp_path)
    assert [len(item.files) for item in found.items] == [3, 3, 3]
    assert len({item.key for item in found.items}) == 3


def test_localiser_is_split_by_orientation(tmp_path: Path, load_all: LoadAll) -> None:
    for number, orientation in enumerate((factory.AXIAL, factory.CORONAL, factory.SAGITTAL)):
        factory.write_series(tmp_path / str(number), factory.ramp(), orientation=orientation)
    loaded = load_all(tmp_path)
    assert [one.volume.shape for one in loaded] == [(5, 4, 3)] * 3
    assert [one.item.title for one in loaded] == [f"T1 test (volume {n} of 3)" for n in (1, 2, 3)]


@pytest.mark.parametrize("tag", ["EchoTime", "DiffusionBValue", "TemporalPositionIdentifier", ""])
def test_repeated_positions_become_volumes(tmp_path: Path, load_all: LoadAll, tag: str) -> None:
    number = 0
    for phase in range(3):
        for k in range(4):
            ds = factory.make_slice(
                np.full((2, 2), 10 * phase + k, "<u2"), position=(0, 0, 2.0 * k), instance=number
            )
            if tag:
                setattr(ds, tag, 5 + phase)
            factory.write(ds, tmp_path / f"{number}.dcm")
            number += 1
    loaded = load_all(tmp_path)
    got = [one.volume.array[0, 0].tolist() for one in loaded]
    assert got == [[0, 1, 2, 3], [10, 11, 12, 13], [20, 21, 22, 23]]
    assert all("volume " in one.item.title for one in loaded)
    assert sum(one.ledger.found for one in loaded) == 12


@pytest.mark.parametrize(
    ("elements", "words"),
    [
        ({"NumberOfFrames": 4}, "multi-frame"),
        ({"ImageType": ["ORIGINAL", "PRIMARY", "M", "MOSAIC"]}, "mosaic"),
        ({"SamplesPerPixel": 4, "PhotometricInterpretation": "CMYK"}, "colour"),
        ({"SamplesPerPixel": 3}, "3 samples per pixel"),
        ({"PhotometricInterpretation": "RGB"}, "1 samples per pixel"),
        ({"PhotometricInterpretation": "PALETTE COLOR"}, "palette"),
        ({"PixelData": None}, "pixels"),
        ({"PixelData": b""}, "empty"),
        ({"Rows": 65535, "Columns": 65535}, "bytes of pixels"),
        ({"NumberOfFrames": 0}, "frames"),
        ({"BitsAllocated": 24}, "24 bits"),
        ({"BitsStored": 20}, "stored bits"),
    ],
)
def test_what_is_not_a_slice_is_set_aside_by_name(
    tmp_path: Path, index: FindIndex, elements: dict[str, Any], words: str
) -> None:
    ds = factory.make_slice(np.ones((4, 4), "<u2"), **elements)
    factory.write(ds, tmp_path / "a.dcm")
    found = index(tmp_path)
    assert not found.items
    assert words in found.set_aside[0].reason


def test_foreign_transfer_syntax_is_named(tmp_path: Path, index: FindIndex) -> None:
    path = factory.write(factory.make_slice(np.ones((4, 4), "<u2")), tmp_path / "a.dcm")
    data = path.read_bytes().replace(b"1.2.840.10008.1.2.1\x00", b"1.2.840.99999.1.2.1\x00")
    path.write_bytes(data)
    assert "1.2.840.99999.1.2.1" in index(path).set_aside[0].reason


def test_deflate_bomb_is_refused(tmp_path: Path, index: FindIndex) -> None:
    import zlib

    path = factory.write(
        factory.make_slice(np.ones((4, 4), "<u2")),
        tmp_path / "a.dcm",
        DeflatedExplicitVRLittleEndian,
    )
    head = path.read_bytes()[: 132 + 12 + int.from_bytes(path.read_bytes()[140:144], "little")]
    deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
    chunk = bytes(1 << 20)
    body = b"".join(deflate.compress(chunk) for _ in range(300)) + deflate.flush()
    path.write_bytes(head + body)
    found = index(path)
    assert "far larger" in found.set_aside[0].reason


def test_deep_sequences_and_many_private_elements_are_borne(
    tmp_path: Path, index: FindIndex
) -> None:
    path = factory.write(factory.make_slice(np.ones((4, 4), "<u2")), tmp_path / "a.dcm")
    data = path.read_bytes()
    at = data.index(b"\x08\x00\x16\x00UI")
    # (0008,1140) as sequences of undefined length, one inside the other.
    opening = b"\x08\x00\x40\x11SQ\x00\x00\xff\xff\xff\xff\xfe\xff\x00\xe0\xff\xff\xff\xff"
    path.write_bytes(data[:at] + opening * 3000 + data[at:])
    found = index(path)
    assert len(found.items) + len(found.set_aside) == 1
    private = b"".join(
        b"\x09\x00" + n.to_bytes(2, "little") + b"LO\x04\x00abcd" for n in range(0x1000, 0xFA00)
    )
    at = data.index(b"\x10\x00\x10\x00PN")
    path.write_bytes(data[:at] + private + data[at:])
    assert len(index(path).items) == 1


def test_a_frame_of_reference_is_told_apart_and_not_told(tmp_path: Path, load: Load) -> None:
    found = []
    for name, uid in (("a", "1.2.3.4.99"), ("b", "1.2.3.4.99"), ("c", "1.2.3.4.98")):
        (tmp_path / name).mkdir()
        factory.write_series(tmp_path / name, factory.ramp(), FrameOfReferenceUID=uid)
        found.append(load(tmp_path / name).volume.facts["frame_of_reference"])
    assert found[0] == found[1] != found[2]
    assert "1.2.3" not in repr(found)


def test_no_identity_in_titles_keys_or_facts(tmp_path: Path, load: Load) -> None:
    factory.write_series(tmp_path, factory.ramp(), SeriesDescription="head of PERSON")
    loaded = load(tmp_path)
    assert loaded.item.title == "MR series 3"
    words = repr((loaded.item.key, loaded.item.title, loaded.volume.facts, loaded.volume.name))
    for secret in ("secret", "person", "SECRET77", "19700101"):
        assert secret.casefold() not in words.casefold()


def test_windows_of_the_file_are_listed_and_bad_ones_dropped(tmp_path: Path, load: Load) -> None:
    factory.write_series(
        tmp_path,
        factory.ramp(),
        WindowCenter=[40, 50, 60],
        WindowWidth=[80, 0, -5],
        WindowCenterWidthExplanation=["BRAIN", "x", "y"],
    )
    windows = load(tmp_path).volume.windows
    assert [(w.centre, w.width, w.name) for w in windows] == [(40.0, 80.0, "BRAIN")]


def test_monochrome1_keeps_its_values_and_says_so(tmp_path: Path, load: Load) -> None:
    factory.write_series(tmp_path, factory.ramp(), PhotometricInterpretation="MONOCHROME1")
    loaded = load(tmp_path)
    np.testing.assert_array_equal(loaded.volume.array, factory.ramp())
    assert loaded.volume.facts["photometric"] == "MONOCHROME1"


def test_one_slice_given_reads_that_slice_only(tmp_path: Path, load: Load) -> None:
    paths = factory.write_series(tmp_path, factory.ramp())
    loaded = load(paths[0])
    assert loaded.ledger.found == 1
    assert loaded.volume.shape == (5, 4, 1)
    assert loaded.item.path == str(paths[0])


def test_files_that_vanish_between_index_and_read_are_an_error(
    tmp_path: Path, index: FindIndex, silent: Any
) -> None:
    path = factory.write(factory.make_slice(np.ones((4, 4), "<u2")), tmp_path / "a.dcm")
    item = index(path).items[0]
    path.unlink()
    with pytest.raises(ReadError):
        read_item(item, np.empty, silent, silent)  # type: ignore[arg-type]


def test_damaged_rle_of_one_slice_costs_a_warning(tmp_path: Path, load: Load) -> None:
    for k in range(3):
        ds = factory.make_slice(np.full((8, 9), k + 1, "<u2"), position=(0, 0, 3.0 * k))
        path = factory.write_rle(ds, tmp_path / f"{k}.dcm")
    data = path.read_bytes()
    at = data.rindex(b"\x02\x00\x00\x00\x40\x00\x00\x00")  # two segments, the first at byte 64
    path.write_bytes(data[: at + 8] + b"\xff\xff\xff\x7f" + data[at + 12 :])
    loaded = load(tmp_path)
    assert "unreadable_slices" in names(loaded)
    assert loaded.ledger.used == 2


def test_text_in_rows_is_borne(tmp_path: Path, index: FindIndex) -> None:
    path = factory.write(
        factory.make_slice(np.ones((4, 4), "<u2")), tmp_path / "a.dcm", ExplicitVRLittleEndian
    )
    data = path.read_bytes()
    at = data.index(b"\x28\x00\x10\x00US") + 4
    path.write_bytes(data[:at] + b"IS\x02\x004 " + data[at + 6 :])
    assert len(index(path).items) == 1


def test_a_false_size_inside_the_compressed_image_is_refused(
    tmp_path: Path, index: FindIndex
) -> None:
    ds = factory.make_slice(np.ones((8, 8), "u1"))
    path = factory.write_compressed(ds, tmp_path / "a.dcm", JPEGLSLossless)
    assert len(index(path).items) == 1
    data = path.read_bytes()
    at = data.index(b"\xff\xf7") + 5
    path.write_bytes(data[:at] + b"\xff\xff\xff\xff" + data[at + 4 :])
    assert "another size" in index(path).set_aside[0].reason


def test_mutated_files_never_raise_anything_else(tmp_path: Path, silent: Any) -> None:
    path = factory.write(factory.make_slice(np.ones((6, 7), "<u2")), tmp_path / "a.dcm")
    packed = factory.write_rle(factory.make_slice(np.ones((6, 7), "<u2")), tmp_path / "b.dcm")
    rng = np.random.default_rng(5)
    for number in range(250):
        source = (path, packed)[number % 2]
        data = bytearray(source.read_bytes())
        for _ in range(int(rng.integers(1, 6))):
            data[int(rng.integers(120, len(data)))] = int(rng.integers(0, 256))
        if number % 5 == 0:
            del data[int(rng.integers(1, len(data))) :]
        mutant = tmp_path / "m" / "x.dcm"
        mutant.parent.mkdir(exist_ok=True)
        mutant.write_bytes(data)
        for item in index_paths([mutant], silent, silent).items:
            with suppress(ReadError):
                read_item(item, np.empty, silent, silent)  # type: ignore[arg-type]


def test_spacing_rounded_to_other_digits_is_the_same_spacing(tmp_path: Path, load: Load) -> None:
    for k, mm in enumerate((0.48828125, 0.488281, 0.4883)):
        ds = factory.make_slice(
            np.full((4, 5), k, "<i2"), position=(0.0, 0.0, 2.0 * k), spacing=(mm, mm)
        )
        factory.write(ds, tmp_path / f"{k}.dcm")
    loaded = load(tmp_path)
    assert loaded.volume.shape == (5, 4, 3)
    assert not loaded.warnings


def test_slices_of_the_other_sense_of_grey_are_no_part_of_the_volume(
    tmp_path: Path, load: Load
) -> None:
    factory.write_series(tmp_path, factory.ramp((5, 4, 12)))
    ds = factory.make_slice(
        np.zeros((4, 5), "<i2"),
        position=(-10.0, -20.0, 54.0),
        spacing=(1.5, 0.75),
        PhotometricInterpretation="MONOCHROME1",
    )
    factory.write(ds, tmp_path / "other.dcm")
    loaded = load(tmp_path)
    assert loaded.volume.shape == (5, 4, 12)
    assert "mixed_sizes" in {w.name for w in loaded.warnings}
