"""NIfTI and Analyze beyond one grey volume in one file: axes, colours, complex, pairs."""

from __future__ import annotations

import gzip
import os
import shutil
import struct
from typing import TYPE_CHECKING, Any

import nibabel as nib
import numpy as np
import pytest
from nibabel.spm2analyze import Spm2AnalyzeImage

from acutance.core.ledger import ExtraAxis
from acutance.errors import CorruptFileError
from acutance.io.readers import index_paths, read_item

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from acutance.core.ledger import Index, LoadedSeries

    Load = Callable[..., LoadedSeries]
    FindIndex = Callable[..., Index]

AFFINE = np.array([[-2.0, 0, 0, 10], [0, 1.5, 0, -20], [0, 0, 3.0, 5], [0, 0, 0, 1]])
RGB = np.dtype([("R", "u1"), ("G", "u1"), ("B", "u1")])
RGBA = np.dtype([("R", "u1"), ("G", "u1"), ("B", "u1"), ("A", "u1")])


def names(loaded: LoadedSeries) -> list[str]:
    return [warning.name for warning in loaded.warnings]


def ramp(shape: tuple[int, ...], dtype: str = "<i2") -> np.ndarray[Any, Any]:
    return np.arange(np.prod(shape)).reshape(shape).astype(dtype)


def save(path: Path, array: np.ndarray[Any, Any], unit: str | None = "sec", **fields: Any) -> Path:
    image = nib.Nifti1Image(array, AFFINE)
    image.header.set_xyzt_units("mm", unit)
    for name, value in fields.items():
        image.header[name] = value
    nib.save(image, path)
    return path


def read_at(path: Path, position: tuple[int, ...], silent: Any) -> LoadedSeries:
    (item,) = index_paths([path], silent, silent).items
    loaded = read_item(item.select(position), np.empty, silent, silent)  # type: ignore[arg-type]
    assert loaded.item.position == position
    return loaded  # type: ignore[return-value]


@pytest.mark.parametrize("suffix", ["nii", "nii.gz"])
def test_every_position_of_five_dimensions_can_be_chosen(
    tmp_path: Path, silent: Any, suffix: str
) -> None:
    array = ramp((5, 4, 3, 4, 2))
    path = save(tmp_path / f"a.{suffix}", array)
    for position in np.ndindex(4, 2):
        loaded = read_at(path, position, silent)
        np.testing.assert_array_equal(loaded.volume.array, array[(..., *position)])
        assert names(loaded) == []


def test_of_several_volumes_the_first_is_read_and_a_note_says_which(
    tmp_path: Path, load: Load
) -> None:
    loaded = load(save(tmp_path / "a.nii", ramp((5, 4, 3, 6))))
    np.testing.assert_array_equal(loaded.volume.array, ramp((5, 4, 3, 6))[..., 0])
    assert loaded.notes[0].startswith("read at time 0 of 0 to 5; choose with --select")


@pytest.mark.parametrize(
    ("shape", "unit", "intent", "expected"),
    [
        ((2, 3, 4, 5), "sec", 0, [("time", 5)]),
        ((2, 3, 4, 5), "msec", 0, [("time", 5)]),
        ((2, 3, 4, 5), None, 0, [("dimension 4", 5)]),
        ((2, 3, 4, 5), "ppm", 0, [("chemical shift", 5)]),
        ((2, 3, 4, 1, 3), None, 1007, [("vector component", 3)]),
        ((2, 3, 4, 1, 3), None, 0, [("dimension 5", 3)]),
        ((2, 3, 4, 2, 3), "sec", 1006, [("time", 2), ("vector component", 3)]),
        ((2, 3, 4, 1, 1, 2, 2), None, 0, [("dimension 6", 2), ("dimension 7", 2)]),
        ((2, 3, 1, 4), None, 0, [("dimension 4", 4)]),
        ((2, 3), None, 0, []),
    ],
)
def test_axes_are_called_what_the_header_says(
    tmp_path: Path,
    index: FindIndex,
    shape: tuple[int, ...],
    unit: str | None,
    intent: int,
    expected: list[tuple[str, int]],
) -> None:
    (item,) = index(save(tmp_path / "a.nii", ramp(shape), unit, intent_code=intent)).items
    assert item.extra_axes == tuple(ExtraAxis(*axis) for axis in expected)


def test_a_unit_without_a_step_names_no_time(tmp_path: Path, index: FindIndex) -> None:
    path = save(tmp_path / "a.nii", ramp((2, 3, 4, 5)))
    data = bytearray(path.read_bytes())
    data[76 + 16 : 76 + 20] = struct.pack("<f", 0.0)
    path.write_bytes(data)
    assert index(path).items[0].extra_axes == (ExtraAxis("dimension 4", 5),)


def test_one_dimension_is_refused_by_name(tmp_path: Path, index: FindIndex) -> None:
    found = index(save(tmp_path / "a.nii", ramp((7,))))
    assert "one row of 7 numbers" in found.set_aside[0].reason


def test_a_file_that_changed_since_it_was_indexed_is_refused(tmp_path: Path, silent: Any) -> None:
    path = save(tmp_path / "a.nii", ramp((5, 4, 3, 6)))
    (item,) = index_paths([path], silent, silent).items
    save(path, ramp((5, 4, 3, 2)))
    with pytest.raises(CorruptFileError, match="changed"):
        read_item(item.select((5,)), np.empty, silent, silent)  # type: ignore[arg-type]


@pytest.mark.parametrize("suffix", ["nii", "nii.gz"])
@pytest.mark.parametrize("dtype", [RGB, RGBA], ids=["rgb", "rgba"])
def test_colours_make_a_colour_volume(
    tmp_path: Path, load: Load, dtype: np.dtype[Any], suffix: str
) -> None:
    rng = np.random.default_rng(3)
    channels = len(dtype.names or ())
    raw = rng.integers(0, 256, (5, 4, 3, channels), np.uint8)
    path = save(tmp_path / f"a.{suffix}", raw.view(dtype)[..., 0])
    volume = load(path).volume
    assert volume.is_colour
    np.testing.assert_array_equal(volume.array, raw[..., :3])
    assert ("transparency (alpha) left out" in load(path).notes) is (channels == 4)


@pytest.mark.parametrize("dtype", [np.complex64, np.complex128])
def test_complex_values_give_their_magnitude(tmp_path: Path, load: Load, dtype: Any) -> None:
    array = (ramp((5, 4, 3), "f4") * (0.6 + 0.8j)).astype(dtype)
    loaded = load(save(tmp_path / "a.nii", array))
    assert loaded.volume.array.dtype == np.float32
    np.testing.assert_allclose(loaded.volume.array, ramp((5, 4, 3)), rtol=1e-6)
    assert "complex values; their magnitude is shown" in loaded.notes


@pytest.mark.parametrize(
    ("code", "bits", "words"), [(1, 1, "1-bit"), (1536, 128, "float128"), (2048, 256, "complex")]
)
def test_other_numbers_are_refused_by_name(
    tmp_path: Path, index: FindIndex, code: int, bits: int, words: str
) -> None:
    path = save(tmp_path / "a.nii", ramp((5, 4, 3)))
    data = bytearray(path.read_bytes())
    data[70:74] = struct.pack("<hh", code, bits)
    path.write_bytes(data)
    assert words in index(path).set_aside[0].reason


def test_extensions_are_facts_by_code_only(tmp_path: Path, load: Load) -> None:
    image = nib.Nifti1Image(ramp((5, 4, 3)), AFFINE)
    for code in (6, 4):
        image.header.extensions.append(nib.nifti1.Nifti1Extension(code, b"Mustermann" * 5))
    for name in ("a.nii", "a.nii.gz"):
        nib.save(image, tmp_path / name)
        loaded = load(tmp_path / name)
        assert loaded.volume.facts["extension_codes"] == [6, 4]
        assert "Mustermann" not in str(loaded.volume.facts)
        assert names(loaded) == []


def pair(
    folder: Path, kind: Any, array: np.ndarray[Any, Any], name: str = "a.img", **fields: Any
) -> Path:
    image = kind(array, AFFINE)
    for key, value in fields.items():
        image.header[key] = value
    folder.mkdir(exist_ok=True)
    nib.save(image, folder / name)
    return folder


@pytest.mark.parametrize("kind", [nib.Nifti1Pair, nib.Nifti2Pair])
@pytest.mark.parametrize("opened", ["a.hdr", "a.img", "."])
def test_a_pair_is_one_series_whichever_half_is_opened(
    tmp_path: Path, load: Load, kind: Any, opened: str
) -> None:
    pair(tmp_path / "p", kind, ramp((5, 4, 3)))
    loaded = load(tmp_path / "p" / opened)
    np.testing.assert_array_equal(loaded.volume.array, ramp((5, 4, 3)))
    np.testing.assert_allclose(loaded.volume.affine, AFFINE)
    assert (loaded.ledger.found, loaded.ledger.used) == (2, 2)
    assert names(loaded) == []


def test_a_pair_of_a_header_and_gzipped_voxels_is_read(tmp_path: Path, load: Load) -> None:
    folder = pair(tmp_path / "p", nib.Nifti1Pair, ramp((5, 4, 3, 2)))
    (folder / "a.img.gz").write_bytes(gzip.compress((folder / "a.img").read_bytes()))
    (folder / "a.img").unlink()
    loaded = load(folder)
    np.testing.assert_array_equal(loaded.volume.array, ramp((5, 4, 3, 2))[..., 0])
    assert loaded.ledger.used == 2


@pytest.mark.parametrize("kind", [nib.Nifti1Pair, Spm2AnalyzeImage])
def test_a_header_without_its_voxels_names_them(
    tmp_path: Path, index: FindIndex, kind: Any
) -> None:
    folder = pair(tmp_path / "p", kind, ramp((5, 4, 3)))
    (folder / "a.img").unlink()
    (entry,) = (s for s in index(folder).set_aside if s.file.endswith(".hdr"))
    assert ".img" in entry.reason


def test_voxels_whose_header_is_false_are_set_aside_with_it(
    tmp_path: Path, index: FindIndex
) -> None:
    folder = pair(tmp_path / "p", nib.Nifti1Pair, ramp((5, 4, 3)))
    (folder / "a.img").write_bytes((folder / "a.img").read_bytes()[:50])
    found = index(folder)
    assert not found.items
    assert {s.file.rsplit("/", 1)[-1]: s.reason for s in found.set_aside}["a.img"] == (
        "the header beside it cannot be read"
    )


def test_voxels_alone_are_no_series(tmp_path: Path, index: FindIndex) -> None:
    folder = pair(tmp_path / "p", nib.Nifti1Pair, ramp((5, 4, 3)))
    (folder / "a.hdr").unlink()
    assert not index(folder).items


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("origin", [(0, 0, 0), (2, 3, 1)])
def test_analyze_is_read_as_nibabel_reads_it_with_sides_unknown(
    tmp_path: Path, load: Load, order: str, origin: tuple[int, int, int]
) -> None:
    header = Spm2AnalyzeImage.header_class(endianness=order)
    header.set_data_dtype(order + "i2")
    image = Spm2AnalyzeImage(ramp((5, 4, 3), order + "i2"), None, header)
    image.header["pixdim"][1:4] = (2, 1.5, 3)
    image.header["origin"][:3] = origin
    (tmp_path / "p").mkdir()
    nib.save(image, tmp_path / "p" / "a.img")
    (tmp_path / "p" / "a.mat").unlink(missing_ok=True)
    data = bytearray((tmp_path / "p" / "a.hdr").read_bytes())
    data[253:259] = struct.pack(f"{order}3h", *origin)
    data[112:116] = struct.pack(f"{order}f", 0.5)
    (tmp_path / "p" / "a.hdr").write_bytes(data)
    judge = nib.load(tmp_path / "p" / "a.img")
    loaded = load(tmp_path / "p" / "a.hdr")
    np.testing.assert_allclose(loaded.volume.affine, judge.affine, atol=1e-5)
    np.testing.assert_allclose(
        loaded.volume.to_real(loaded.volume.array), judge.get_fdata(), rtol=1e-6
    )
    assert names(loaded) == ["no_orientation"]
    assert not loaded.volume.orientation_known
    assert ("placed by the origin that SPM wrote" in loaded.notes) is any(origin)


def test_a_neighbour_that_is_a_pipe_is_not_opened(tmp_path: Path, index: FindIndex) -> None:
    folder = pair(tmp_path / "p", nib.Nifti1Pair, ramp((5, 4, 3)))
    shutil.move(folder / "a.img", tmp_path / "elsewhere.img")
    os.mkfifo(folder / "a.img")
    found = index(folder / "a.hdr")
    assert "not beside it" in found.set_aside[0].reason
