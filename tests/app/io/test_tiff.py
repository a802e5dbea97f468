"""TIFF: values, axes, spacing, and a name for what is not read. The writer is tifffile."""

from __future__ import annotations

import struct
import tracemalloc
import zlib
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import tifffile

from acutance.core.ledger import ExtraAxis
from acutance.errors import ReadError
from acutance.io.readers import index_paths, read_item

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from acutance.core.ledger import Index, LoadedSeries

    Load = Callable[..., LoadedSeries]
    FindIndex = Callable[..., Index]

STACK = (4, 6, 5)  # slices, rows, columns


def ramp(shape: tuple[int, ...] = STACK, dtype: str = "u2") -> np.ndarray[Any, Any]:
    return (np.arange(np.prod(shape)).reshape(shape) % 251).astype(dtype)


def write(path: Path, array: np.ndarray[Any, Any], **options: Any) -> Path:
    tifffile.imwrite(path, array, **({"photometric": "minisblack"} | options))
    return path


def as_file(volume: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Return (K, J, I[, 3]) of a volume."""
    return volume.swapaxes(0, 2)


@pytest.mark.parametrize("dtype", ["u1", "u2", "i2", "u4", "i4", "f4", "f8", "f2"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_pages_become_slices(tmp_path: Path, load: Load, dtype: str, order: str) -> None:
    path = write(tmp_path / "a.tif", ramp(dtype=dtype), photometric="minisblack")
    loaded = load(path, order=order)
    np.testing.assert_array_equal(as_file(loaded.volume.array), ramp(dtype=dtype))
    wanted = "f4" if dtype == "f2" else dtype
    assert loaded.volume.array.dtype == np.dtype(wanted)
    assert not loaded.volume.orientation_known
    assert not loaded.volume.spacing_known
    assert loaded.warnings == ()


@pytest.mark.parametrize(
    "options",
    [
        {"byteorder": ">"},
        {"bigtiff": True},
        {"bigtiff": True, "byteorder": ">"},
        {"compression": "zlib"},
        {"compression": "zlib", "predictor": True},
        {"compression": "lzw"},
        {"compression": "zstd"},
        {"compression": "lzma"},
        {"tile": (16, 16)},
        {"tile": (16, 16), "compression": "zlib"},
        {"rowsperstrip": 2},
        {"rowsperstrip": 2, "byteorder": ">", "compression": "packbits"},
        {"metadata": None},
    ],
    ids=str,
)
def test_every_way_to_store_gives_the_same(
    tmp_path: Path, load: Load, options: dict[str, Any]
) -> None:
    array = np.random.default_rng(0).integers(0, 65535, (3, 40, 35), np.uint16)
    path = write(tmp_path / "a.tif", array, photometric="minisblack", **options)
    np.testing.assert_array_equal(as_file(load(path).volume.array), array)


@pytest.mark.parametrize("dtype", ["u1", "u2"])
@pytest.mark.parametrize("planar", ["contig", "separate"])
@pytest.mark.parametrize("compression", [None, "zlib"])
@pytest.mark.parametrize("alpha", [False, True])
def test_colours_make_a_colour_volume(
    tmp_path: Path, load: Load, dtype: str, planar: str, compression: str | None, alpha: bool
) -> None:
    samples = 4 if alpha else 3
    array = np.random.default_rng(1).integers(0, 255, (2, 6, 5, samples)).astype(dtype)
    stored = array if planar == "contig" else np.moveaxis(array, -1, 1)
    path = write(
        tmp_path / "a.tif",
        stored,
        photometric="rgb",
        planarconfig=planar,
        compression=compression,
        extrasamples=["unassalpha"] if alpha else None,
    )
    loaded = load(path)
    assert loaded.volume.is_colour
    np.testing.assert_array_equal(as_file(loaded.volume.array), array[..., :3])
    assert ("transparency (alpha) left out" in loaded.notes) is alpha


def test_a_palette_gives_its_colours(tmp_path: Path, load: Load) -> None:
    colours = np.random.default_rng(2).integers(0, 256, (3, 256), np.uint16) * np.uint16(257)
    path = write(tmp_path / "a.tif", ramp(dtype="u1"), photometric="palette", colormap=colours)
    loaded = load(path)
    expected = (colours.T[ramp(dtype="u1")] >> 8).astype("u1")
    np.testing.assert_array_equal(as_file(loaded.volume.array), expected)


def test_white_is_zero_is_told(tmp_path: Path, load: Load) -> None:
    loaded = load(write(tmp_path / "a.tif", ramp(), photometric="miniswhite"))
    np.testing.assert_array_equal(as_file(loaded.volume.array), ramp())
    assert loaded.volume.facts["photometric"] == "MONOCHROME1"
    assert any("inverted" in note for note in loaded.notes)


def test_bits_become_bytes(tmp_path: Path, load: Load) -> None:
    array = np.random.default_rng(3).integers(0, 2, (3, 9, 11)).astype(bool)
    loaded = load(write(tmp_path / "a.tif", array, photometric="minisblack"))
    np.testing.assert_array_equal(as_file(loaded.volume.array), array.astype("u1"))


@pytest.mark.parametrize("compression", [None, "zlib"])
@pytest.mark.parametrize("kind", ["imagej", "ome"])
def test_hyperstacks_offer_time_and_channel(
    tmp_path: Path, silent: Any, kind: str, compression: str | None
) -> None:
    array = ramp((3, 4, 2, 6, 5))
    options: dict[str, Any] = {"imagej": True} if kind == "imagej" else {"ome": True}
    if kind == "imagej" and compression:
        pytest.skip("ImageJ stacks are not compressed")
    path = write(
        tmp_path / ("a.ome.tif" if kind == "ome" else "a.tif"),
        array,
        metadata={"axes": "TZCYX"},
        photometric="minisblack",
        compression=compression,
        **options,
    )
    (item,) = index_paths([path], silent, silent).items
    axes = {axis.name: axis.size for axis in item.extra_axes}
    assert axes == {"channel": 2, "time": 3}
    order = [axis.name for axis in item.extra_axes]
    for c, t in np.ndindex(2, 3):
        place = tuple({"channel": c, "time": t}[name] for name in order)
        loaded = read_item(item.select(place), np.empty, silent, silent)  # type: ignore[arg-type]
        np.testing.assert_array_equal(as_file(loaded.volume.array), array[t, :, c])  # type: ignore[union-attr]


def test_a_channel_of_three_is_no_colour(tmp_path: Path, load: Load) -> None:
    path = write(
        tmp_path / "a.ome.tif", ramp((3, 6, 5), "u1"), metadata={"axes": "CYX"}, ome=True,
        photometric="minisblack",
    )  # fmt: skip
    loaded = load(path)
    assert loaded.item.extra_axes == (ExtraAxis("channel", 3),)
    assert not loaded.volume.is_colour


@pytest.mark.parametrize(
    ("unit", "factor"), [("µm", 1e-3), ("nm", 1e-6), ("mm", 1.0), ("cm", 10.0), ("m", 1000.0)]
)
def test_ome_states_the_spacing(tmp_path: Path, load: Load, unit: str, factor: float) -> None:
    sizes = {"X": 0.25, "Y": 0.5, "Z": 2.0}
    metadata: dict[str, Any] = {"axes": "ZYX"}
    for axis, size in sizes.items():
        metadata |= {f"PhysicalSize{axis}": size, f"PhysicalSize{axis}Unit": unit}
    path = write(tmp_path / "a.ome.tif", ramp(), metadata=metadata, ome=True)
    loaded = load(path)
    np.testing.assert_allclose(loaded.volume.spacing, np.array([0.25, 0.5, 2.0]) * factor)
    assert loaded.volume.spacing_known


@pytest.mark.parametrize("unit", ["pixel", "reference frame"])
def test_a_size_without_length_is_no_spacing(tmp_path: Path, load: Load, unit: str) -> None:
    metadata = {"axes": "ZYX"} | {f"PhysicalSize{a}": 2.0 for a in "XYZ"}
    metadata |= {f"PhysicalSize{a}Unit": unit for a in "XYZ"}
    path = write(tmp_path / "a.ome.tif", ramp(), metadata=metadata, ome=True)
    assert not load(path).volume.spacing_known


def test_imagej_states_the_spacing(tmp_path: Path, load: Load) -> None:
    path = write(
        tmp_path / "a.tif", ramp(), imagej=True, resolution=(4.0, 2.0),
        metadata={"axes": "ZYX", "unit": "um", "spacing": 3.0},
    )  # fmt: skip
    np.testing.assert_allclose(load(path).volume.spacing, (0.25e-3, 0.5e-3, 3e-3))


@pytest.mark.parametrize(
    ("resolution", "unit", "expected"),
    [
        ((40.0, 20.0), "centimeter", (0.25, 0.5)),
        ((127.0, 254.0), "inch", (0.2, 0.1)),
        ((72.0, 72.0), "inch", None),
        ((300.0, 300.0), "inch", None),
        ((10.0, 10.0), "none", None),
    ],
)
def test_resolution_tags_count_unless_they_are_those_of_print(
    tmp_path: Path,
    load: Load,
    resolution: tuple[float, float],
    unit: str,
    expected: tuple[float, float] | None,
) -> None:
    path = write(tmp_path / "a.tif", ramp((6, 5)), resolution=resolution, resolutionunit=unit)
    volume = load(path).volume
    assert volume.spacing_known is (expected is not None)
    if expected is not None:
        np.testing.assert_allclose(volume.spacing[:2], expected, rtol=1e-6)


def test_a_pyramid_is_read_at_full_resolution(tmp_path: Path, load: Load) -> None:
    array = ramp((64, 64))
    with tifffile.TiffWriter(tmp_path / "a.ome.tif", ome=True) as tif:
        tif.write(array, subifds=2, tile=(16, 16), metadata={"axes": "YX"})
        for step in (2, 4):
            tif.write(array[::step, ::step], subfiletype=1, tile=(16, 16))
    loaded = load(tmp_path / "a.ome.tif")
    np.testing.assert_array_equal(loaded.volume.array[..., 0], array.T)
    assert "full resolution of a pyramid of 3 levels" in loaded.notes


def test_images_of_other_sizes_are_series_of_their_own(tmp_path: Path, silent: Any) -> None:
    with tifffile.TiffWriter(tmp_path / "a.tif") as tif:
        tif.write(ramp((6, 5)), metadata=None)
        tif.write(ramp((7, 8)), metadata=None)
    items = index_paths([tmp_path / "a.tif"], silent, silent).items
    shapes = [read_item(i, np.empty, silent, silent).volume.shape for i in items]  # type: ignore
    assert shapes == [(5, 6, 1), (8, 7, 1)]
    assert [item.part for item in items] == ["image 1 of 2", "image 2 of 2"]


def test_an_image_of_the_file_that_cannot_be_read_is_told(tmp_path: Path, load: Load) -> None:
    with tifffile.TiffWriter(tmp_path / "a.tif") as tif:
        tif.write(ramp((32, 32), "u1"), metadata=None, tile=(16, 16), compression="zlib")
        tif.write(ramp((7, 8)), metadata=None)
    loaded = load(_patched(tmp_path / "a.tif", 256, 60_000))
    assert loaded.volume.shape == (8, 7, 1)
    assert [warning.name for warning in loaded.warnings] == ["missing_images"]


def test_no_text_of_the_file_becomes_a_fact(tmp_path: Path, load: Load) -> None:
    path = write(tmp_path / "a.tif", ramp(), description="Mustermann^Max", software="x")
    loaded = load(path)
    assert "Mustermann" not in f"{loaded.volume.facts}{loaded.notes}{loaded.volume.name}"


def test_printing_colours_are_refused_by_name(tmp_path: Path, index: FindIndex) -> None:
    path = write(tmp_path / "a.tif", ramp((6, 5, 4), "u1"), photometric="separated")
    assert "CMYK" in index(path).set_aside[0].reason


def _patched(path: Path, tag: int, value: int) -> Path:
    """Overwrite the value of a LONG or SHORT tag of the first page."""
    with tifffile.TiffFile(path) as tif:
        entry = tif.pages.first.tags[tag]
        where, size = entry.valueoffset, 2 if entry.dtype == 3 else 4
    data = bytearray(path.read_bytes())
    data[where : where + size] = value.to_bytes(size, "little")
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("compression", [None, "zlib"])
def test_false_sizes_are_refused_in_little_memory(
    tmp_path: Path, index: FindIndex, silent: Any, compression: str | None
) -> None:
    path = write(tmp_path / "a.tif", ramp((66, 65)), compression=compression, metadata=None)
    for tag, value in ((256, 65535), (257, 65535)):
        _patched(path, tag, value)
    tracemalloc.start()
    found = index(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert not found.items
    assert "claims" in found.set_aside[0].reason
    assert peak < 16 * 1024**2


def test_a_width_beyond_the_tiles_is_refused_at_once(tmp_path: Path, index: FindIndex) -> None:
    path = write(
        tmp_path / "a.tif", ramp((32, 32), "u1"), compression="zlib", tile=(16, 16), metadata=None
    )
    assert "tiles" in index(_patched(path, 256, 60_000)).set_aside[0].reason


def test_a_bomb_in_a_strip_does_not_inflate(tmp_path: Path, silent: Any) -> None:
    path = write(tmp_path / "a.tif", ramp((66, 65)), compression="zlib", metadata=None)
    with tifffile.TiffFile(path) as tif:
        entry = tif.pages.first.tags
        offset_at, count_at = entry[273].valueoffset, entry[279].valueoffset
    bomb = zlib.compress(bytes(64 << 20), 9)
    data = bytearray(path.read_bytes())
    for at, value in ((offset_at, len(data)), (count_at, len(bomb))):
        data[at : at + 4] = struct.pack("<I", value)
    path.write_bytes(bytes(data) + bomb)
    (item,) = index_paths([path], silent, silent).items
    tracemalloc.start()
    with suppress(ReadError):
        read_item(item, np.empty, silent, silent)  # type: ignore[arg-type]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 16 * 1024**2


def test_pages_in_a_ring_are_refused(tmp_path: Path, index: FindIndex) -> None:
    path = write(tmp_path / "a.tif", ramp((300, 6, 5), "u1"), metadata=None)
    data = bytearray(path.read_bytes())
    with tifffile.TiffFile(path) as tif:
        first, last = tif.pages[0].offset, tif.pages[-1].offset
        (count,) = struct.unpack_from("<H", data, last)
    struct.pack_into("<I", data, last + 2 + 12 * count, first)
    path.write_bytes(data)
    assert "without end" in index(path).set_aside[0].reason


def test_an_ome_text_that_counts_too_far_is_refused(tmp_path: Path, index: FindIndex) -> None:
    text = ome_text(write(tmp_path / "a.ome.tif", ramp(), ome=True, metadata={"axes": "ZYX"}))
    evil = text.replace('SizeT="1"', 'SizeT="999999999"').encode()
    path = write(tmp_path / "b.ome.tif", ramp(), description=evil, metadata=None)
    assert "counts 999999999" in index(path).set_aside[0].reason


def ome_text(path: Path) -> str:
    with tifffile.TiffFile(path) as tif:
        assert tif.ome_metadata is not None
        return tif.ome_metadata


def test_other_files_are_never_opened(tmp_path: Path, load: Load) -> None:
    write(tmp_path / "other.tif", ramp() + np.uint16(1))
    text = ome_text(write(tmp_path / "a.ome.tif", ramp(), ome=True, metadata={"axes": "ZYX"}))
    uuid = '<UUID FileName="../../other.tif">urn:uuid:1</UUID>'
    evil = text.replace("</TiffData>", f"{uuid}</TiffData>").replace(
        'PlaneCount="4"/>', f'PlaneCount="4">{uuid}</TiffData>'
    )
    assert uuid in evil
    path = write(tmp_path / "b.ome.tif", ramp(), description=evil.encode(), metadata=None)
    np.testing.assert_array_equal(as_file(load(path).volume.array), ramp())


@pytest.mark.parametrize("length", [5, 8, 100, 200, -40])
def test_cut_files_are_refused(tmp_path: Path, silent: Any, length: int) -> None:
    path = write(tmp_path / "a.tif", ramp(), metadata=None)
    path.write_bytes(path.read_bytes()[:length])
    with pytest.raises(ReadError):  # noqa: PT012 - the one or the other
        found = index_paths([path], silent, silent)
        if not found.items:
            raise ReadError(found.set_aside[0].reason)
        read_item(found.items[0], np.empty, silent, silent)  # type: ignore[arg-type]


def test_mutated_files_never_raise_anything_else(tmp_path: Path, silent: Any) -> None:
    rng = np.random.default_rng(11)
    sources = [
        write(tmp_path / "a.tif", ramp(), metadata=None).read_bytes(),
        write(tmp_path / "b.tif", ramp(), compression="zlib", tile=(16, 16)).read_bytes(),
        write(tmp_path / "c.ome.tif", ramp(), ome=True).read_bytes(),
    ]
    mutant = tmp_path / "m.tif"
    for number in range(150):
        data = bytearray(sources[number % 3])
        for _ in range(int(rng.integers(1, 6))):
            data[int(rng.integers(4, len(data)))] = int(rng.integers(0, 256))
        mutant.write_bytes(data)
        for item in index_paths([mutant], silent, silent).items:
            with suppress(ReadError):
                read_item(item, np.empty, silent, silent)  # type: ignore[arg-type]
