"""From stored values to values and grey levels: tables, windows, codecs, private b-values."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any

import dicom_factory as factory
import imagecodecs
import numpy as np
import pytest
from pydicom.encaps import encapsulate

from acutance.core.window import Window, apply
from acutance.io import dicom_codec

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray
    from pydicom.dataset import Dataset

    from acutance.core.ledger import LoadedSeries

    Load = Callable[..., LoadedSeries]
    LoadAll = Callable[..., list[LoadedSeries]]


def _lut(
    entries: NDArray[Any], first: int, bits: int = 16, *, signed: bool = False, **elements: Any
) -> Dataset:
    lut = factory.item(LUTDescriptor=[len(entries), first, bits], **elements)
    lut["LUTDescriptor"].VR = "SS" if signed else "US"
    lut.LUTData = entries.tobytes()
    lut["LUTData"].VR = "OW"
    return lut


def test_a_modality_table_gives_the_values(tmp_path: Path, load: Load) -> None:
    stored = factory.ramp((5, 4, 1), "<u2")
    entries = (np.arange(30) ** 2 * 7).astype("<u2")
    lut = _lut(entries, 0, ModalityLUTType="OD")
    factory.write_series(tmp_path, stored, ModalityLUTSequence=[lut])
    loaded = load(tmp_path)
    np.testing.assert_array_equal(loaded.volume.array, entries[stored])
    assert (loaded.volume.slope, loaded.volume.intercept) == (1.0, 0.0)
    assert loaded.volume.unit == "OD"
    assert not loaded.warnings


def test_a_modality_table_holds_at_its_ends_and_may_begin_below_zero(
    tmp_path: Path, load: Load
) -> None:
    stored = (factory.ramp((5, 4, 1), "<i2") - 10).astype("<i2")
    entries = np.array([900, 5, 6, 7], "<u2")
    lut = _lut(entries, -2, signed=True)
    factory.write_series(tmp_path, stored, ModalityLUTSequence=[lut])
    expected = entries[np.clip(stored.astype(int) + 2, 0, 3)]
    np.testing.assert_array_equal(load(tmp_path).volume.array, expected)


def test_a_damaged_modality_table_is_named(tmp_path: Path, load: Load) -> None:
    stored = factory.ramp((5, 4, 2), "<u2")
    lut = _lut(np.zeros(30, "<u2"), 0)
    lut.LUTData = bytes(20)
    factory.write_series(tmp_path, stored, ModalityLUTSequence=[lut])
    loaded = load(tmp_path)
    assert [w.name for w in loaded.warnings] == ["modality_lut"]
    np.testing.assert_array_equal(loaded.volume.array, stored)


def test_slices_with_and_without_a_table_become_values_of_one_kind(
    tmp_path: Path, load: Load
) -> None:
    stored = factory.ramp((5, 4, 2), "<u2")
    entries = np.arange(100, 200, dtype="<u2")
    factory.write_series(tmp_path, stored, RescaleSlope=0.5, RescaleIntercept=1.0)
    ds = factory.make_slice(
        np.ascontiguousarray(stored[:, :, 0].T),
        position=(-10.0, -20.0, 34.0),
        spacing=(1.5, 0.75),
        ModalityLUTSequence=[_lut(entries, 0)],
    )
    factory.write(ds, tmp_path / "third.dcm")
    volume = load(tmp_path).volume
    assert volume.array.dtype == np.float32
    np.testing.assert_allclose(volume.array[:, :, :2], stored * 0.5 + 1)
    np.testing.assert_allclose(volume.array[:, :, 2], entries[stored[:, :, 0]])


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        ("SIGMOID", "sigmoid"),
        ("LINEAR_EXACT", "linear_exact"),
        ("LINEAR", "linear"),
        ("CUBIC", "linear"),
        (None, "linear"),
    ],
)
def test_the_function_of_a_window_is_kept(
    tmp_path: Path, load: Load, function: str | None, expected: str
) -> None:
    elements = {} if function is None else {"VOILUTFunction": function}
    factory.write_series(
        tmp_path, factory.ramp((5, 4, 3)), WindowCenter=40, WindowWidth=400, **elements
    )
    assert [w.function for w in load(tmp_path).volume.windows] == [expected]


def test_a_window_narrower_than_one_is_no_linear_one(tmp_path: Path, load: Load) -> None:
    factory.write_series(tmp_path, factory.ramp(), WindowCenter="0.2", WindowWidth="0.5")
    assert load(tmp_path).volume.windows == (Window(0.2, 0.5, "", "linear_exact"),)


def test_a_table_of_grey_levels_becomes_the_first_window(tmp_path: Path, load: Load) -> None:
    stored = factory.ramp((5, 4, 1), "<u2")
    levels = np.linspace(4095, 0, 12).astype("<u2")
    lut = _lut(levels, 3, bits=12, LUTExplanation="film")
    factory.write_series(tmp_path, stored, VOILUTSequence=[lut], WindowCenter=9, WindowWidth=4)
    volume = load(tmp_path).volume
    table, linear = volume.windows
    assert (table.name, table.function, linear.function) == ("film", "table", "linear")
    shown = apply(volume.to_real(volume.array), table)
    expected = np.rint(levels[np.clip(stored.astype(int) - 3, 0, 11)] / 4095 * 255)
    np.testing.assert_array_equal(shown, expected)


def test_a_table_of_grey_levels_is_looked_up_by_value_not_by_stored_value(
    tmp_path: Path, load: Load
) -> None:
    stored = factory.ramp((5, 4, 1), "<u2")
    levels = np.arange(0, 2550, 10, dtype="<u2")[:20] * 25
    lut = _lut(levels, 0x10000 - 10)  # -10 as US
    factory.write_series(
        tmp_path, stored, VOILUTSequence=[lut], RescaleSlope=1, RescaleIntercept=-10
    )
    volume = load(tmp_path).volume
    shown = apply(volume.to_real(volume.array), volume.windows[0])
    np.testing.assert_array_equal(shown, np.rint(levels[stored] / 65535 * 255))


def _picture(bits: int) -> NDArray[np.uint16]:
    y, x = np.mgrid[:64, :48]
    return ((np.sin(x / 9) + np.cos(y / 7) + 2) / 4 * ((1 << bits) - 1)).astype(np.uint16)


#: Transfer syntax, encoder, largest error.
_CODECS = [
    ("51", lambda a: imagecodecs.jpeg8_encode(a, level=98, bitspersample=12), 12, 40),
    ("53", lambda a: imagecodecs.jpeg8_encode(a, level=98, bitspersample=12), 12, 40),
    ("70", imagecodecs.ljpeg_encode, 12, 0),
    ("80", imagecodecs.jpegls_encode, 12, 0),
    ("90", lambda a: imagecodecs.jpeg2k_encode(a, level=0, codecformat="j2k"), 12, 0),
    ("201", lambda a: imagecodecs.htj2k_encode(a), 12, 0),
]


def _write_coded(path: Path, syntax: str, encode: Callable[..., bytes], bits: int) -> None:
    picture = _picture(bits)
    ds = factory.make_slice(picture, BitsStored=bits, HighBit=bits - 1)
    ds.PixelData = encapsulate([encode(picture)])
    ds["PixelData"].is_undefined_length = True
    ds["PixelData"].VR = "OB"
    factory.write(ds, path, f"1.2.840.10008.1.2.4.{syntax}")


@pytest.mark.parametrize(("syntax", "encode", "bits", "error"), _CODECS)
@pytest.mark.parametrize("has_pydicom", [True, False])
def test_each_codec_is_read_with_and_without_those_of_pydicom(
    tmp_path: Path,
    load: Load,
    monkeypatch: pytest.MonkeyPatch,
    syntax: str,
    encode: Callable[..., bytes],
    bits: int,
    error: int,
    has_pydicom: bool,
) -> None:
    if not has_pydicom:

        def fail(*_: object) -> None:
            raise RuntimeError("no plug-in")

        monkeypatch.setattr(dicom_codec, "_decode_with_pydicom", fail)
    _write_coded(tmp_path / "a.dcm", syntax, encode, bits)
    array = load(tmp_path).volume.array[:, :, 0].T
    difference = np.abs(array.astype(int) - _picture(bits).astype(int))
    assert int(difference.max()) <= error


def test_lossy_jpeg_of_twelve_bits_is_never_taken_for_eight(tmp_path: Path, load: Load) -> None:
    syntax, encode, bits, _ = _CODECS[0]
    _write_coded(tmp_path / "a.dcm", syntax, encode, bits)
    loaded = load(tmp_path)
    assert loaded.volume.array.max() > 4000
    assert any("loss" in note for note in loaded.notes)


@pytest.mark.parametrize(
    ("tag", "creator", "vr", "value"),
    [
        (0x00431039, "GEMS_PARM_01", "IS", [1000001000, 8, 0, 0]),
        (0x0019100C, "SIEMENS MR HEADER", "IS", 1000),
        (0x20011003, "Philips Imaging DD 001", "FL", 1000.0),
        (0x20011003, "Philips Imaging DD 001", "UN", struct.pack("<f", 1000.0)),
    ],
)
def test_private_b_values_name_volumes(
    tmp_path: Path, load_all: LoadAll, tag: int, creator: str, vr: str, value: Any
) -> None:
    volume = factory.ramp((4, 3, 6))
    for n, b in enumerate((bytes(4) if vr == "UN" else 0, value)):
        for k in range(3):
            ds = factory.make_slice(
                np.ascontiguousarray(volume[:, :, 3 * n + k].T),
                position=(0.0, 0.0, 2.0 * k),
                instance=3 * n + k + 1,
            )
            block = ds.private_block(tag >> 16, creator, create=True)
            block.add_new(tag & 0xFF, vr, b)
            factory.write(ds, tmp_path / f"{3 * n + k}.dcm")
    loaded = load_all(tmp_path)
    assert [one.item.title.split(", ")[-1] for one in loaded] == ["b 0)", "b 1000)"]
    np.testing.assert_array_equal(loaded[1].volume.array, volume[:, :, 3:])


def test_a_private_b_value_of_another_creator_is_not_believed(
    tmp_path: Path, load_all: LoadAll
) -> None:
    for n in range(2):
        ds = factory.make_slice(np.full((4, 4), n, "<u2"), instance=n + 1, position=(0.0, 0.0, 0.0))
        ds.private_block(0x43, "SOMEONE ELSE", create=True).add_new(0x39, "IS", 1000 * n)
        factory.write(ds, tmp_path / f"{n}.dcm")
    assert all("b 1000" not in one.item.title for one in load_all(tmp_path))


def test_the_private_scale_of_philips_is_told_of_and_left_alone(tmp_path: Path, load: Load) -> None:
    volume = factory.ramp((4, 3, 3))
    paths = factory.write_series(tmp_path, volume, RescaleSlope=2.0, RescaleIntercept=0.0)
    import pydicom

    for path in paths:
        ds = pydicom.dcmread(path)
        block = ds.private_block(0x2005, "Philips MR Imaging DD 001", create=True)
        block.add_new(0x0E, "FL", 0.004)
        ds.save_as(path)
    loaded = load(tmp_path)
    assert loaded.volume.slope == 2.0
    assert any("Philips" in note for note in loaded.notes)


def test_double_float_pixels_are_read(tmp_path: Path, load: Load) -> None:
    picture = np.linspace(-1, 1, 20).reshape(4, 5)
    ds = factory.make_slice(picture.astype("<u2"))
    ds.DoubleFloatPixelData = picture.astype("<f8").tobytes()
    ds.BitsAllocated = 64
    for name in ("PixelData", "BitsStored", "HighBit", "PixelRepresentation"):
        delattr(ds, name)
    factory.write(ds, tmp_path / "a.dcm")
    np.testing.assert_array_equal(load(tmp_path).volume.array[:, :, 0].T, picture)


def test_32_bit_values_are_read(tmp_path: Path, load: Load) -> None:
    picture = np.array([[1, -(2**30)], [2**30, 7]], "<i4")
    factory.write(factory.make_slice(picture), tmp_path / "a.dcm")
    np.testing.assert_array_equal(load(tmp_path).volume.array[:, :, 0].T, picture)


def _diffusion(path: Path, n: int, **elements: Any) -> None:
    for k in range(3):
        ds = factory.make_slice(
            np.full((4, 4), 10 * n + k, "<u2"),
            position=(0.0, 0.0, 2.0 * k),
            instance=3 * n + k + 1,
            **elements,
        )
        if elements.get("DiffusionBValue") and "DiffusionDirectionality" not in elements:
            block = ds.private_block(0x2001, "Philips Imaging DD 001", create=True)
            block.add_new(0x04, "CS", "I" if n == 2 else "P")
        factory.write(ds, path / f"{9 * n + k}.dcm")


@pytest.mark.parametrize("is_private", [False, True])
def test_an_image_of_no_one_direction_is_called_isotropic(
    tmp_path: Path, load_all: LoadAll, is_private: bool
) -> None:
    for n, kind in enumerate(("NONE", "DIRECTIONAL", "ISOTROPIC")):
        stated = {} if is_private else {"DiffusionDirectionality": kind}
        _diffusion(tmp_path, n, DiffusionBValue=1000.0 * bool(n), **stated)
    titles = [one.item.title for one in load_all(tmp_path)]
    assert titles[0].endswith("b 0)")
    assert titles[2].endswith("b 1000, isotropic)")


def test_scans_told_apart_by_instance_number_alone_need_no_warning(
    tmp_path: Path, load_all: LoadAll
) -> None:
    for n in range(3):
        _diffusion(tmp_path, n)
    loaded = load_all(tmp_path)
    assert [int(one.volume.array[0, 0, 0]) for one in loaded] == [0, 10, 20]
    assert not any(one.warnings for one in loaded)


def test_instance_numbers_without_any_order_are_warned_of(
    tmp_path: Path, load_all: LoadAll
) -> None:
    for k, numbers in enumerate(((1, 6), (2, 3), (4, 5))):
        for number in numbers:
            ds = factory.make_slice(
                np.full((4, 4), number, "<u2"), position=(0.0, 0.0, 2.0 * k), instance=number
            )
            factory.write(ds, tmp_path / f"{number}.dcm")
    for one in load_all(tmp_path):
        assert "same_position" in {w.name for w in (*one.item.warnings, *one.warnings)}


def test_a_table_of_wrong_elements_is_a_damaged_one(tmp_path: Path, load: Load) -> None:
    stored = factory.ramp((5, 4, 1), "<u2")
    lut = _lut(np.arange(30, dtype="<u2"), 0)
    (path,) = factory.write_series(tmp_path, stored, ModalityLUTSequence=[lut])
    whole = path.read_bytes()
    for old, new in (
        (b"\x28\x00\x06\x30OW", b"\x28\x00\x06\x30O\xec"),
        (struct.pack("<3H", 30, 0, 16), struct.pack("<3H", 30, 0, 99)),
        (struct.pack("<3H", 30, 0, 16), struct.pack("<3H", 31, 0, 16)),
    ):
        assert old in whole
        path.write_bytes(whole.replace(old, new))
        loaded = load(tmp_path)
        assert "modality_lut" in {w.name for w in loaded.warnings}
        np.testing.assert_array_equal(loaded.volume.array, stored)


@pytest.mark.parametrize("is_extended", [False, True])
def test_lossless_jpeg_of_signed_values(tmp_path: Path, load: Load, is_extended: bool) -> None:
    values = np.arange(-1024, 1024, dtype="<i2").reshape(32, 64)
    stored = values.view("<u2") & (0xFFFF if is_extended else 0x0FFF)
    ds = factory.make_slice(values, BitsStored=12, HighBit=11)
    ds.PixelData = encapsulate([imagecodecs.ljpeg_encode(stored)])
    ds["PixelData"].is_undefined_length = True
    ds["PixelData"].VR = "OB"
    factory.write(ds, tmp_path / "a.dcm", "1.2.840.10008.1.2.4.70")
    np.testing.assert_array_equal(load(tmp_path).volume.array[:, :, 0].T, values)
