"""Pictures and stacks of pictures. The writers are Pillow and imagecodecs."""

from __future__ import annotations

import struct
import tracemalloc
import zlib
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import imagecodecs
import numpy as np
import pytest
from PIL import Image, ImageOps

from acutance.errors import ReadError
from acutance.io.raster import can_read
from acutance.io.readers import index_paths, read_item

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from acutance.core.ledger import Index, LoadedSeries

    Load = Callable[..., LoadedSeries]
    FindIndex = Callable[..., Index]

RNG = np.random.default_rng(5)
GREY = RNG.integers(0, 256, (6, 9), np.uint8)
COLOUR = RNG.integers(0, 256, (6, 9, 3), np.uint8)
DEEP = RNG.integers(0, 65536, (6, 9), np.uint16)
DEEP_COLOUR = RNG.integers(0, 65536, (6, 9, 3), np.uint16)


def names(loaded: LoadedSeries) -> list[str]:
    return [warning.name for warning in loaded.warnings]


def picture_of(loaded: LoadedSeries, k: int = 0) -> np.ndarray[Any, Any]:
    """Return rows and columns of a slice."""
    return loaded.volume.array[:, :, k].swapaxes(0, 1)


def save(path: Path, pixels: np.ndarray[Any, Any], **options: Any) -> Path:
    Image.fromarray(pixels).save(path, **options)
    return path


@pytest.mark.parametrize("kind", ["png", "bmp", "gif", "jp2"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_a_grey_picture_is_one_slice(tmp_path: Path, load: Load, kind: str, order: str) -> None:
    path = save(tmp_path / f"a.{kind}", GREY)
    loaded = load(path.rename(tmp_path / "picture.dat"), order=order)
    np.testing.assert_array_equal(picture_of(loaded), GREY)
    assert loaded.volume.array.dtype == np.uint8
    assert names(loaded) == []
    assert "single slice" in loaded.notes
    assert any(note.startswith("pixel size not stated") for note in loaded.notes)
    assert not loaded.volume.orientation_known
    assert not loaded.volume.spacing_known


@pytest.mark.parametrize("kind", ["png", "bmp", "jp2"])
def test_colours_come_back(tmp_path: Path, load: Load, kind: str) -> None:
    loaded = load(save(tmp_path / f"a.{kind}", COLOUR))
    assert loaded.volume.is_colour
    np.testing.assert_array_equal(picture_of(loaded), COLOUR)


def test_a_jpeg_is_read_as_pillow_reads_it(tmp_path: Path, load: Load) -> None:
    for pixels in (GREY, COLOUR):
        path = save(tmp_path / "a.jpg", pixels, quality=95)
        np.testing.assert_array_equal(picture_of(load(path)), np.asarray(Image.open(path)))


@pytest.mark.parametrize("pixels", [DEEP, DEEP_COLOUR], ids=["grey", "colour"])
@pytest.mark.parametrize("kind", ["png", "jp2"])
def test_sixteen_bits_are_kept(
    tmp_path: Path, load: Load, kind: str, pixels: np.ndarray[Any, Any]
) -> None:
    encode = imagecodecs.png_encode if kind == "png" else imagecodecs.jpeg2k_encode
    options = {} if kind == "png" else {"level": 0, "reversible": True, "codecformat": "jp2"}
    (tmp_path / "a").write_bytes(encode(pixels, **options))
    loaded = load(tmp_path / "a")
    assert loaded.volume.array.dtype == np.uint16
    np.testing.assert_array_equal(picture_of(loaded), pixels)


def test_transparency_is_left_out_and_told(tmp_path: Path, load: Load) -> None:
    alpha = RNG.integers(0, 256, (6, 9, 1), np.uint8)
    loaded = load(save(tmp_path / "a.png", np.concatenate([COLOUR, alpha], axis=2)))
    np.testing.assert_array_equal(picture_of(loaded), COLOUR)
    assert "transparency (alpha) left out" in loaded.notes
    loaded = load(save(tmp_path / "b.png", np.stack([GREY, GREY], axis=2)))
    np.testing.assert_array_equal(picture_of(loaded), GREY)
    assert "transparency (alpha) left out" in loaded.notes


def test_a_palette_gives_its_colours_or_greys(tmp_path: Path, load: Load) -> None:
    image = Image.fromarray(COLOUR).quantize(16)
    image.save(tmp_path / "a.png")
    loaded = load(tmp_path / "a.png")
    np.testing.assert_array_equal(picture_of(loaded), np.asarray(image.convert("RGB")))
    grey = Image.fromarray(GREY).quantize(16)
    grey.save(tmp_path / "b.png")
    loaded = load(tmp_path / "b.png")
    assert not loaded.volume.is_colour
    np.testing.assert_array_equal(picture_of(loaded), np.asarray(grey.convert("L")))


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_applied_as_pillow_applies_it(
    tmp_path: Path, load: Load, orientation: int
) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = save(tmp_path / "a.png", COLOUR, exif=exif)
    loaded = load(path)
    expected = np.asarray(ImageOps.exif_transpose(Image.open(path)))
    np.testing.assert_array_equal(picture_of(loaded), expected)
    assert any("upright" in note for note in loaded.notes) is (orientation != 1)


def test_place_and_camera_of_a_picture_go_nowhere(tmp_path: Path, load: Load) -> None:
    exif = Image.Exif()
    exif[0x010F] = "CameraMaker"
    exif[0x9286] = "Mustermann"
    exif.get_ifd(0x8825)[1] = "N"
    path = save(tmp_path / "a.jpg", COLOUR, exif=exif, comment=b"Mustermann")
    loaded = load(path)
    told = f"{loaded.volume.facts}{loaded.notes}{loaded.item}"
    assert "Mustermann" not in told
    assert "CameraMaker" not in told


def test_printing_colours_are_refused_by_name(tmp_path: Path, index: FindIndex) -> None:
    Image.fromarray(COLOUR).convert("CMYK").save(tmp_path / "a.jpg")
    assert "CMYK" in index(tmp_path / "a.jpg").set_aside[0].reason


@pytest.mark.parametrize("kind", ["gif", "png"])
def test_animations_are_refused_by_name(tmp_path: Path, index: FindIndex, kind: str) -> None:
    frames = [Image.fromarray(GREY), Image.fromarray(255 - GREY)]
    frames[0].save(tmp_path / f"a.{kind}", save_all=True, append_images=frames[1:])
    assert "2 frames, an animation" in index(tmp_path / f"a.{kind}").set_aside[0].reason


def test_numbered_pictures_are_a_stack_in_counting_order(tmp_path: Path, load: Load) -> None:
    for number in range(8, 12):
        save(tmp_path / f"slice_{number}.png", GREY + np.uint8(number))
    loaded = load(tmp_path)
    assert loaded.volume.shape == (9, 6, 4)
    for k, number in enumerate(range(8, 12)):
        np.testing.assert_array_equal(picture_of(loaded, k), GREY + np.uint8(number))
    assert loaded.item.title == "slice"
    assert loaded.ledger.used == 4
    assert "4 pictures in the order of their numbers" in loaded.notes
    assert names(loaded) == []


def test_pictures_that_differ_in_more_than_a_number_are_series_of_their_own(
    tmp_path: Path, load_all: Callable[..., list[LoadedSeries]]
) -> None:
    save(tmp_path / "a1.png", GREY)
    save(tmp_path / "a2.png", GREY[:5])
    save(tmp_path / "a3.png", COLOUR)
    save(tmp_path / "a4.png", DEEP)
    save(tmp_path / "b.png", GREY)
    save(tmp_path / "c.png", GREY)
    save(tmp_path / "a5.png", GREY)
    shapes = {one.item.title: one.volume.array.shape for one in load_all(tmp_path)}
    assert shapes == {
        "a": (9, 6, 2),
        "a2": (9, 5, 1),
        "a3": (9, 6, 1, 3),
        "a4": (9, 6, 1),
        "b": (9, 6, 1),
        "c": (9, 6, 1),
    }


@pytest.mark.parametrize(
    ("numbers", "warns"), [((1, 2, 4, 5), True), ((2, 4, 6), False), ((1, 9), False)]
)
def test_a_number_that_is_left_out_is_told(
    tmp_path: Path, load: Load, numbers: tuple[int, ...], warns: bool
) -> None:
    for number in numbers:
        save(tmp_path / f"{number:03}.png", GREY)
    assert (names(load(tmp_path)) == ["missing_slices"]) is warns


def test_a_damaged_picture_of_a_stack_is_left_out_and_told(tmp_path: Path, load: Load) -> None:
    for number in range(3):
        save(tmp_path / f"{number}.png", RNG.integers(0, 256, (60, 90), np.uint8))
    middle = tmp_path / "1.png"
    middle.write_bytes(middle.read_bytes()[:2000])
    loaded = load(tmp_path)
    assert loaded.volume.shape == (90, 60, 2)
    assert names(loaded) == ["missing_slices"]
    assert (loaded.ledger.found, loaded.ledger.used) == (3, 2)
    assert loaded.ledger.set_aside[0].file.endswith("1.png")


@pytest.mark.parametrize("kind", ["png", "jpg", "bmp", "jp2"])
def test_cut_pictures_are_refused(tmp_path: Path, silent: Any, kind: str) -> None:
    path = save(tmp_path / f"a.{kind}", RNG.integers(0, 256, (60, 90), np.uint8))
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    found = index_paths([path], silent, silent)
    if found.items:
        with pytest.raises(ReadError):
            read_item(found.items[0], np.empty, silent, silent)  # type: ignore[arg-type]


def test_a_picture_that_claims_too_much_is_refused_in_little_memory(
    tmp_path: Path, index: FindIndex
) -> None:
    for size in (12000, 2**31 - 1):
        header = struct.pack(">IIBBBBB", size, size, 8, 2, 0, 0, 0)
        chunk = b"IHDR" + header
        whole = struct.pack(">I", 13) + chunk + struct.pack(">I", zlib.crc32(chunk))
        body = b"IDAT" + zlib.compress(bytes(1000))
        whole += struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
        (tmp_path / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n" + whole)
        tracemalloc.start()
        found = index(tmp_path / "a.png")
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert "claims" in found.set_aside[0].reason
        assert peak < 8 * 1024**2


def test_a_picture_that_is_called_dicom_is_set_aside(tmp_path: Path, index: FindIndex) -> None:
    path = save(tmp_path / "a.png", GREY).rename(tmp_path / "a.dcm")
    assert "A PNG picture, though its name says DICOM" in index(path).set_aside[0].reason


def test_a_text_that_begins_like_a_bitmap_is_none(tmp_path: Path) -> None:
    assert not can_read(tmp_path / "a.txt", b"BM is the name of a museum in London, no picture.")
    save(tmp_path / "a.bmp", GREY)
    assert can_read(tmp_path / "a.bmp", (tmp_path / "a.bmp").read_bytes())


@pytest.mark.parametrize("kind", ["png", "jpg", "bmp", "gif", "jp2"])
def test_mutated_pictures_never_raise_anything_else(tmp_path: Path, silent: Any, kind: str) -> None:
    rng = np.random.default_rng(13)
    source = save(tmp_path / f"a.{kind}", COLOUR if kind != "gif" else GREY).read_bytes()
    mutant = tmp_path / "m"
    for _ in range(60):
        data = bytearray(source)
        for _ in range(int(rng.integers(1, 6))):
            data[int(rng.integers(4, len(data)))] = int(rng.integers(0, 256))
        mutant.write_bytes(data)
        for item in index_paths([mutant], silent, silent).items:
            with suppress(ReadError):
                read_item(item, np.empty, silent, silent)  # type: ignore[arg-type]
