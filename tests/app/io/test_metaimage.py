"""MetaImage: values, axes, geometry, files beside the header; written here by the format's text."""

from __future__ import annotations

import tracemalloc
import zlib
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from acutance.core.ledger import ExtraAxis
from acutance.errors import CorruptFileError, ReadError
from acutance.io.readers import index_paths, read_item

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from acutance.core.ledger import Index, LoadedSeries

    Load = Callable[..., LoadedSeries]
    FindIndex = Callable[..., Index]

TYPES = {"u1": "MET_UCHAR", "i1": "MET_CHAR", "i2": "MET_SHORT", "u2": "MET_USHORT",
         "i4": "MET_INT", "u4": "MET_UINT", "i8": "MET_LONG_LONG", "f4": "MET_FLOAT",
         "f8": "MET_DOUBLE"}  # fmt: skip


def names(loaded: LoadedSeries) -> list[str]:
    return [warning.name for warning in loaded.warnings]


def ramp(shape: tuple[int, ...] = (5, 4, 3), dtype: str = "i2") -> np.ndarray[Any, Any]:
    return np.arange(np.prod(shape)).reshape(shape, order="F").astype(dtype)


def header(array: np.ndarray[Any, Any], data_file: str = "LOCAL", **more: str) -> bytes:
    """Return the text of a header, its keys in the order that MetaIO writes them."""
    shape = array.shape
    count = len(shape)
    keys = {
        "ObjectType": "Image",
        "NDims": str(count),
        "BinaryData": "True",
        "BinaryDataByteOrderMSB": "False",
        "CompressedData": "False",
        "TransformMatrix": " ".join(f"{v:g}" for v in np.eye(count).ravel()),
        "Offset": " ".join(f"{v:g}" for v in (10, -20, 5, 0)[:count]),
        "ElementSpacing": " ".join(f"{v:g}" for v in (2, 1.5, 3, 1)[:count]),
        "DimSize": " ".join(map(str, shape)),
        "ElementType": TYPES[array.dtype.str[1:]],
    } | more
    lines = [f"{key} = {value}" for key, value in keys.items() if value]
    return "\n".join([*lines, f"ElementDataFile = {data_file}", ""]).encode()


def save(path: Path, array: np.ndarray[Any, Any], **more: str) -> Path:
    data = array.tobytes(order="F")
    if more.get("CompressedData") == "True":
        data = zlib.compress(data)
    path.write_bytes(header(array, **more) + data)
    return path


def read_at(path: Path, position: tuple[int, ...], silent: Any) -> np.ndarray[Any, Any]:
    (item,) = index_paths([path], silent, silent).items
    loaded = read_item(item.select(position), np.empty, silent, silent)  # type: ignore[arg-type]
    return loaded.volume.array  # type: ignore[union-attr, no-any-return]


@pytest.mark.parametrize("dtype", list(TYPES))
@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("compressed", ["True", "False"])
def test_values_and_affine_come_back(
    tmp_path: Path, load: Load, dtype: str, order: str, compressed: str
) -> None:
    path = save(tmp_path / "a.dat", ramp(dtype=dtype), CompressedData=compressed)
    loaded = load(path, order=order)
    np.testing.assert_array_equal(loaded.volume.array, ramp(dtype=dtype))
    expected = np.diag([-2.0, -1.5, 3.0, 1.0])
    expected[:3, 3] = (-10, 20, 5)
    np.testing.assert_allclose(loaded.volume.affine, expected, atol=1e-9)
    assert names(loaded) == []
    assert loaded.notes == ()


def test_big_endian_and_text_are_read(tmp_path: Path, load: Load) -> None:
    big = ramp().astype(">i2")
    path = tmp_path / "a.mha"
    path.write_bytes(header(ramp(), BinaryDataByteOrderMSB="True") + big.tobytes(order="F"))
    np.testing.assert_array_equal(load(path).volume.array, ramp())
    text = " ".join(map(str, ramp().ravel(order="F")))
    path.write_bytes(header(ramp(), BinaryData="False") + text.encode())
    np.testing.assert_array_equal(load(path).volume.array, ramp())


def test_a_fourth_dimension_is_chosen(tmp_path: Path, silent: Any) -> None:
    array = ramp((5, 4, 3, 6))
    for compressed in ("True", "False"):
        path = save(tmp_path / "a.mha", array, CompressedData=compressed)
        (item,) = index_paths([path], silent, silent).items
        assert item.extra_axes == (ExtraAxis("dimension 4", 6),)
        for t in (0, 5):
            np.testing.assert_array_equal(read_at(path, (t,), silent), array[..., t])


@pytest.mark.parametrize("channels", [2, 3, 4, 6])
def test_channels_are_colours_or_chosen(tmp_path: Path, silent: Any, channels: int) -> None:
    array = np.random.default_rng(8).integers(0, 256, (channels, 5, 4, 3)).astype("u1")
    path = tmp_path / "a.mha"
    more = {"ElementNumberOfChannels": str(channels)}
    path.write_bytes(header(ramp(dtype="u1"), **more) + array.tobytes(order="F"))
    if channels in (3, 4):
        expected = np.moveaxis(array[:3], 0, 3)
        np.testing.assert_array_equal(read_at(path, (), silent), expected)
    else:
        np.testing.assert_array_equal(read_at(path, (1,), silent), array[1])


@pytest.mark.parametrize("form", ["one", "list", "pattern", "header"])
def test_voxels_beside_the_header_are_read(tmp_path: Path, load: Load, form: str) -> None:
    slices = [ramp()[:, :, k].tobytes(order="F") for k in range(3)]
    more = {}
    if form in ("one", "header"):
        data_file = "a.raw"
        (tmp_path / "a.raw").write_bytes(
            (b"x" * 99 if form == "header" else b"") + b"".join(slices)
        )
        more = {"HeaderSize": "-1"} if form == "header" else {}
    else:
        for k, data in enumerate(slices):
            (tmp_path / f"s{k + 1:03}.raw").write_bytes(data)
        data_file = "s%03d.raw 1 3 1"
        if form == "list":
            data_file = "LIST\n" + "\n".join(f"s{k:03}.raw" for k in (1, 2, 3))
    (tmp_path / "a.mhd").write_bytes(header(ramp(), data_file, **more))
    loaded = load(tmp_path)
    np.testing.assert_array_equal(loaded.volume.array, ramp())
    assert loaded.ledger.found == loaded.ledger.used == (2 if form in ("one", "header") else 4)


@pytest.mark.parametrize("name", ["../out.raw", "/etc/passwd", "..\\out.raw"])
def test_files_outside_the_folder_are_never_opened(
    tmp_path: Path, index: FindIndex, name: str
) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "out.raw").write_bytes(ramp().tobytes(order="F"))
    (tmp_path / "in" / "a.mhd").write_bytes(header(ramp(), name))
    assert "outside its folder" in index(tmp_path / "in").set_aside[0].reason


def test_without_a_matrix_sides_are_unknown(tmp_path: Path, load: Load) -> None:
    loaded = load(save(tmp_path / "a.mha", ramp(), TransformMatrix=""))
    assert names(loaded) == ["no_orientation"]
    assert not loaded.volume.orientation_known
    assert loaded.volume.spacing == pytest.approx((2, 1.5, 3))
    loaded = load(save(tmp_path / "b.mha", ramp((5, 4))))
    assert names(loaded) == ["no_orientation"]
    assert loaded.volume.shape == (5, 4, 1)


def test_units_and_scale_of_the_header_count(tmp_path: Path, load: Load) -> None:
    volume = load(save(tmp_path / "a.mha", ramp(), DistanceUnits="um")).volume
    np.testing.assert_allclose(volume.spacing, (2e-3, 1.5e-3, 3e-3))
    more = {"ElementToIntensityFunctionSlope": "2", "ElementToIntensityFunctionOffset": "-5"}
    volume = load(save(tmp_path / "b.mha", ramp(), **more)).volume
    assert (volume.slope, volume.intercept) == (2.0, -5.0)
    assert load(save(tmp_path / "c.mha", ramp(), Modality="MET_MOD_CT")).volume.modality == "CT"


@pytest.mark.parametrize("matrix", ["0 0 0 0 1 0 0 0 1", "1 0 0 1 0 0 0 0 1"])
def test_a_matrix_that_spans_no_space_is_left_out(tmp_path: Path, load: Load, matrix: str) -> None:
    loaded = load(save(tmp_path / "a.mha", ramp(), TransformMatrix=matrix))
    assert "bad_transform_matrix" in names(loaded)
    assert not loaded.volume.orientation_known


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"DimSize": "5 4"}, "DimSize"),
        ({"DimSize": "5 4 x"}, "DimSize"),
        ({"DimSize": "5 4 0"}, "at least 1"),
        ({"DimSize": "30000 30000 30000"}, "claims"),
        ({"DimSize": "1e300 4 3"}, "DimSize"),
        ({"DimSize": "nan 4 3"}, "DimSize"),
        ({"NDims": "0"}, "1 to 10"),
        ({"NDims": "99"}, "1 to 10"),
        ({"NDims": "1"}, "one row"),
        ({"ElementType": "MET_STRING"}, "MET_STRING"),
        ({"ElementNumberOfChannels": "0"}, "0 channels"),
        ({"ElementNumberOfChannels": "99999999999"}, "channels"),
        ({"TransformMatrix": "1 0 0"}, "TransformMatrix"),
        ({"HeaderSize": "-7"}, "skips"),
    ],
)
def test_false_headers_are_refused_in_little_memory(
    tmp_path: Path, index: FindIndex, change: dict[str, str], words: str
) -> None:
    path = save(tmp_path / "a.mha", ramp(), **change)
    tracemalloc.start()
    found = index(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert words in found.set_aside[0].reason
    assert peak < 16 * 1024**2


@pytest.mark.parametrize("damage", ["cut", "checksum", "flip"])
def test_damaged_compression_is_refused(tmp_path: Path, silent: Any, damage: str) -> None:
    values = np.random.default_rng(6).integers(0, 4000, (20, 20, 20)).astype("i2")
    data = bytearray(zlib.compress(values.tobytes(order="F")))
    if damage == "cut":
        data = data[: len(data) // 2]
    elif damage == "checksum":
        data[-1] ^= 0xFF
    else:
        data[len(data) // 2] ^= 0x10
    path = tmp_path / "a.mha"
    path.write_bytes(header(values, CompressedData="True") + data)
    (item,) = index_paths([path], silent, silent).items
    with pytest.raises(CorruptFileError):
        read_item(item, np.empty, silent, silent)  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ["1 2 three", "1 2", "99999 " * 60])
def test_text_that_is_no_such_numbers_is_refused(tmp_path: Path, silent: Any, text: str) -> None:
    path = tmp_path / "a.mha"
    path.write_bytes(header(ramp(), BinaryData="False") + text.encode().ljust(400))
    (item,) = index_paths([path], silent, silent).items
    with pytest.raises(CorruptFileError, match="text"):
        read_item(item, np.empty, silent, silent)  # type: ignore[arg-type]


def test_comments_go_nowhere(tmp_path: Path, load: Load) -> None:
    loaded = load(save(tmp_path / "a.mha", ramp(), Comment="Mustermann", Name="Mustermann"))
    assert "Mustermann" not in f"{loaded.volume.facts}{loaded.notes}{loaded.item}"


def test_a_settings_text_is_no_header(tmp_path: Path, index: FindIndex) -> None:
    (tmp_path / "a.ini").write_text("colour = blue\nNDims = 3\n")
    assert "text" in index(tmp_path / "a.ini").set_aside[0].reason


def test_mutated_files_never_raise_anything_else(tmp_path: Path, silent: Any) -> None:
    rng = np.random.default_rng(19)
    sources = [
        save(tmp_path / "a.mha", ramp(), CompressedData=flag).read_bytes()
        for flag in ("True", "False")
    ]
    mutant = tmp_path / "m.mha"
    for number in range(150):
        data = bytearray(sources[number % 2])
        for _ in range(int(rng.integers(1, 6))):
            data[int(rng.integers(0, len(data)))] = int(rng.integers(0, 256))
        mutant.write_bytes(data)
        for item in index_paths([mutant], silent, silent).items:
            with suppress(ReadError):
                read_item(item, np.empty, silent, silent)  # type: ignore[arg-type]
