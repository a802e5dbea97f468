"""NIfTI: values, geometry, and a name for everything that is wrong."""

from __future__ import annotations

import gzip
import struct
import tracemalloc
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import nibabel as nib
import numpy as np
import pytest

from acutance.errors import CorruptFileError, ReadError
from acutance.io.readers import index_paths, read_item

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from acutance.core.ledger import Index, LoadedSeries

    Load = Callable[..., LoadedSeries]
    FindIndex = Callable[..., Index]

AFFINE = np.array([[-2.0, 0, 0, 10], [0, 1.5, 0, -20], [0, 0, 3.0, 5], [0, 0, 0, 1]])
DIM, DATATYPE, BITPIX, PIXDIM, VOX_OFFSET = 40, 70, 72, 76, 108
SLOPE, INTER, UNITS, QCODE, SCODE, SROW = 112, 116, 123, 252, 254, 280


def names(loaded: LoadedSeries) -> list[str]:
    return [warning.name for warning in loaded.warnings]


def ramp(shape: tuple[int, ...] = (5, 4, 3), dtype: str = "<i2") -> np.ndarray[Any, Any]:
    return np.arange(np.prod(shape)).reshape(shape).astype(dtype)


def save(path: Path, array: np.ndarray[Any, Any], affine: Any = AFFINE, **fields: Any) -> Path:
    image = nib.Nifti1Image(array, affine)
    image.header.set_xyzt_units("mm")
    for name, value in fields.items():
        image.header[name] = value
    nib.save(image, path)
    return path


def patch(path: Path, at: int, data: bytes) -> Path:
    whole = bytearray(path.read_bytes())
    whole[at : at + len(data)] = data
    path.write_bytes(whole)
    return path


@pytest.mark.parametrize("suffix", ["nii", "nii.gz", "dat"])
@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("kind", ["<u1", "<i2", "<i4", "<f4", "<f8", "<u2", "<i8"])
def test_values_and_affine_come_back(
    tmp_path: Path, load: Load, suffix: str, order: str, kind: str
) -> None:
    image = nib.Nifti1Image(ramp(dtype=kind), AFFINE, dtype=np.dtype(kind))
    data = image.to_bytes()
    path = tmp_path / f"a.{suffix}"
    path.write_bytes(gzip.compress(data) if suffix == "nii.gz" else data)
    loaded = load(path, order=order)
    np.testing.assert_array_equal(loaded.volume.array, ramp(dtype=kind))
    assert loaded.volume.array.dtype == np.dtype(kind)
    np.testing.assert_allclose(loaded.volume.affine, AFFINE, atol=1e-5)
    assert loaded.warnings == ()
    assert loaded.volume.modality == ""


def test_nifti2_and_big_endian_are_read(tmp_path: Path, load: Load) -> None:
    (tmp_path / "two.nii").write_bytes(nib.Nifti2Image(ramp(), AFFINE).to_bytes())
    np.testing.assert_array_equal(load(tmp_path / "two.nii").volume.array, ramp())
    header = nib.Nifti1Header(endianness=">")
    image = nib.Nifti1Image(ramp(), AFFINE, header)
    (tmp_path / "big.nii").write_bytes(image.to_bytes())
    assert (tmp_path / "big.nii").read_bytes()[:4] == b"\x00\x00\x01\x5c"
    np.testing.assert_array_equal(load(tmp_path / "big.nii").volume.array, ramp())


@pytest.mark.parametrize(
    ("slope", "inter", "expected", "warns"),
    [
        (2.0, 1.0, (2.0, 1.0), False),
        (-1.0, 0.0, (-1.0, 0.0), False),
        (0.0, 5.0, (1.0, 0.0), False),
        (np.nan, 0.0, (1.0, 0.0), False),
        (np.inf, 0.0, (1.0, 0.0), True),
        (1.0, np.nan, (1.0, 0.0), True),
    ],
)
def test_slope_and_intercept(
    tmp_path: Path,
    load: Load,
    slope: float,
    inter: float,
    expected: tuple[float, float],
    warns: bool,
) -> None:
    path = save(tmp_path / "a.nii", ramp())
    patch(path, SLOPE, struct.pack("<ff", slope, inter))
    loaded = load(path)
    assert (loaded.volume.slope, loaded.volume.intercept) == expected
    assert ("bad_rescale" in names(loaded)) is warns


def test_neither_form_leaves_orientation_unknown(tmp_path: Path, load: Load) -> None:
    path = save(tmp_path / "a.nii", ramp())
    patch(path, QCODE, struct.pack("<hh", 0, 0))
    loaded = load(path)
    assert not loaded.volume.orientation_known
    assert "no_orientation" in names(loaded)
    assert loaded.volume.spacing == pytest.approx((2.0, 1.5, 3.0))


def test_qform_alone_places_the_volume_as_nibabel_does(tmp_path: Path, load: Load) -> None:
    angle = np.deg2rad(25)
    turn = np.array(
        [[np.cos(angle), -np.sin(angle), 0], [np.sin(angle), np.cos(angle), 0], [0, 0, 1]]
    )
    affine = np.eye(4)
    affine[:3, :3] = turn @ np.diag([-2.0, 1.5, 3.0])
    affine[:3, 3] = [7, 8, 9]
    image = nib.Nifti1Image(ramp(), affine)
    image.set_qform(affine, 1)
    image.set_sform(None, 0)
    nib.save(image, tmp_path / "a.nii")
    loaded = load(tmp_path / "a.nii")
    np.testing.assert_allclose(loaded.volume.affine, affine, atol=1e-5)
    assert loaded.volume.orientation_known


def test_conflicting_forms_are_named(tmp_path: Path, load: Load) -> None:
    image = nib.Nifti1Image(ramp(), AFFINE)
    image.set_sform(AFFINE, 1)
    other = AFFINE.copy()
    other[0, 3] += 4
    image.set_qform(other, 1)
    nib.save(image, tmp_path / "a.nii")
    loaded = load(tmp_path / "a.nii")
    assert names(loaded) == ["sform_qform_conflict"]
    np.testing.assert_allclose(loaded.volume.affine, AFFINE, atol=1e-6)


@pytest.mark.parametrize("bad", [[0.0] * 12, [np.nan] * 12])
def test_bad_sform_falls_back_to_the_qform(tmp_path: Path, load: Load, bad: list[float]) -> None:
    image = nib.Nifti1Image(ramp(), AFFINE)
    image.set_qform(AFFINE, 1)
    nib.save(image, tmp_path / "a.nii")
    path = patch(tmp_path / "a.nii", SROW, struct.pack("<12f", *bad))
    loaded = load(path)
    assert "bad_sform" in names(loaded)
    np.testing.assert_allclose(loaded.volume.affine, AFFINE, atol=1e-5)


def test_shear_is_named(tmp_path: Path, load: Load) -> None:
    affine = AFFINE.copy()
    affine[0, 1] = 0.5
    assert "sheared_affine" in names(load(save(tmp_path / "a.nii", ramp(), affine)))


@pytest.mark.parametrize("value", [0.0, -2.0, np.nan, np.inf])
def test_bad_voxel_size_is_named(tmp_path: Path, load: Load, value: float) -> None:
    path = save(tmp_path / "a.nii", ramp())
    patch(path, QCODE, struct.pack("<hh", 1, 0))
    patch(path, PIXDIM + 4, struct.pack("<f", value))
    loaded = load(path)
    assert "bad_pixel_spacing" in names(loaded)
    assert not loaded.volume.spacing_known


@pytest.mark.parametrize("qfac", [0.0, 7.0])
def test_bad_qfac_leaves_left_and_right_unknown(tmp_path: Path, load: Load, qfac: float) -> None:
    path = save(tmp_path / "a.nii", ramp())
    patch(path, QCODE, struct.pack("<hh", 1, 0))
    patch(path, PIXDIM, struct.pack("<f", qfac))
    loaded = load(path)
    assert "bad_qfac" in names(loaded)
    assert not loaded.volume.orientation_known


@pytest.mark.parametrize(("code", "factor"), [(1, 1000.0), (3, 0.001), (0, 1.0)])
def test_units_become_mm(tmp_path: Path, load: Load, code: int, factor: float) -> None:
    path = patch(save(tmp_path / "a.nii", ramp()), UNITS, bytes([code]))
    loaded = load(path)
    np.testing.assert_allclose(loaded.volume.spacing, np.array([2, 1.5, 3]) * factor, rtol=1e-6)
    assert ("spatial unit not stated, millimetres assumed" in loaded.notes) is (code == 0)


def test_a_plane_is_one_slice(tmp_path: Path, load: Load) -> None:
    loaded = load(save(tmp_path / "a.nii", ramp((5, 4))))
    assert loaded.volume.shape == (5, 4, 1)
    assert "single slice" in loaded.notes


@pytest.mark.parametrize(
    ("at", "data"),
    [
        (DIM, struct.pack("<4h", 3, 30000, 30000, 30000)),
        (DIM, struct.pack("<5h", 4, 32767, 32767, 32767, 32767)),
        (DIM, struct.pack("<4h", 3, 0, 4, 3)),
        (DIM, struct.pack("<4h", 3, -5, 4, 3)),
        (DIM, struct.pack("<h", 0)),
        (DIM, struct.pack("<h", 9)),
        (DIM, struct.pack("<h", -3)),
        (DATATYPE, struct.pack("<h", 9999)),
        (DATATYPE, struct.pack("<h", 0)),
        (DATATYPE, struct.pack("<h", 1)),
        (VOX_OFFSET, struct.pack("<f", 1e30)),
        (VOX_OFFSET, struct.pack("<f", np.nan)),
        (VOX_OFFSET, struct.pack("<f", -16)),
        (VOX_OFFSET, struct.pack("<f", 1e6)),
        (344, b"xxx\x00"),
        (344, b"ni1\x00"),
    ],
)
@pytest.mark.parametrize("zipped", [False, True])
def test_false_headers_are_refused_in_little_memory(
    tmp_path: Path, index: FindIndex, at: int, data: bytes, zipped: bool
) -> None:
    path = patch(save(tmp_path / "a.nii", ramp()), at, data)
    if zipped:
        path.write_bytes(gzip.compress(path.read_bytes()))
    tracemalloc.start()
    found = index(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert not found.items
    assert found.set_aside[0].reason
    assert peak < 16 * 1024**2


@pytest.mark.parametrize("length", [4, 100, 347, 348, 352, -1])
def test_cut_files_are_refused(tmp_path: Path, index: FindIndex, length: int) -> None:
    path = save(tmp_path / "a.nii", ramp())
    path.write_bytes(path.read_bytes()[:length])
    found = index(path)
    assert not found.items
    assert len(found.set_aside) == 1


@pytest.mark.parametrize("damage", ["cut", "no_trailer", "crc", "length", "flip"])
def test_damaged_gzip_is_refused(
    tmp_path: Path, index: FindIndex, silent: Any, damage: str
) -> None:
    rng = np.random.default_rng(1)
    path = save(tmp_path / "a.nii.gz", rng.integers(0, 4000, (20, 20, 20)).astype("<i2"))
    data = bytearray(path.read_bytes())
    if damage == "cut":
        data = data[: len(data) // 2]
    elif damage == "no_trailer":
        data = data[:-8]
    elif damage == "crc":
        data[-8] ^= 0xFF
    elif damage == "length":
        data[-1] ^= 0xFF
    else:
        data[len(data) // 2] ^= 0x10
    path.write_bytes(data)
    found = index(path)
    with pytest.raises(CorruptFileError):
        read_item(found.items[0], np.empty, silent, silent)  # type: ignore[arg-type]


def test_rubbish_after_the_archive_is_named(tmp_path: Path, load: Load) -> None:
    path = save(tmp_path / "a.nii.gz", ramp())
    path.write_bytes(path.read_bytes() + b"rubbish")
    assert "trailing_data" in names(load(path))


def test_several_gzip_members_are_one_stream(tmp_path: Path, load: Load) -> None:
    data = save(tmp_path / "a.nii", ramp()).read_bytes()
    path = tmp_path / "b.nii.gz"
    path.write_bytes(gzip.compress(data[:400]) + gzip.compress(data[400:]))
    np.testing.assert_array_equal(load(path).volume.array, ramp())


def test_a_bomb_in_the_tail_stays_small(tmp_path: Path, load: Load) -> None:
    data = save(tmp_path / "a.nii", ramp()).read_bytes()
    path = tmp_path / "b.nii.gz"
    with gzip.open(path, "wb", compresslevel=1) as stream:
        stream.write(data)
        for _ in range(100):
            stream.write(bytes(1 << 20))
    tracemalloc.start()
    loaded = load(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert "trailing_data" in names(loaded)
    assert peak < 32 * 1024**2


def test_the_file_asked_for_is_read_and_not_its_neighbour(tmp_path: Path, load: Load) -> None:
    save(tmp_path / "a.nii", ramp() + 1)
    save(tmp_path / "a.nii.gz", ramp() + 2)
    assert load(tmp_path / "a.nii").volume.value_at((0, 0, 0)) == 1
    assert load(tmp_path / "a.nii.gz").volume.value_at((0, 0, 0)) == 2


def test_values_that_are_no_numbers_are_counted(tmp_path: Path, load: Load) -> None:
    array = ramp(dtype="<f4")
    array[0, 0, 0], array[1, 1, 1] = np.nan, np.inf
    loaded = load(save(tmp_path / "a.nii", array))
    assert names(loaded) == ["non_finite_values"]
    assert "2 voxels" in loaded.warnings[0].message


@pytest.mark.parametrize(
    ("array", "name"),
    [
        (np.full((3, 3, 3), np.nan, "<f4"), "non_finite_values"),
        (np.zeros((3, 3, 3), "<i2"), "constant_image"),
        (np.array([[[0.0, 1e300]]]), "huge_values"),
    ],
)
def test_odd_values_are_named(
    tmp_path: Path, load: Load, array: np.ndarray[Any, Any], name: str
) -> None:
    assert name in names(load(save(tmp_path / "a.nii", array)))


def test_slice_direction_is_the_acquisition_axis(tmp_path: Path, load: Load) -> None:
    image = nib.Nifti1Image(ramp(), AFFINE)
    image.header.set_dim_info(slice=1)
    nib.save(image, tmp_path / "a.nii")
    assert load(tmp_path / "a.nii").volume.acquisition_axis == 1


def test_endless_extensions_do_not_matter(tmp_path: Path, load: Load) -> None:
    image = nib.Nifti1Image(ramp(), AFFINE)
    image.header.extensions.append(nib.nifti1.Nifti1Extension(6, b"x" * 24))
    path = tmp_path / "a.nii"
    nib.save(image, path)
    for size in (0, -16, 2**31 - 1, 7):
        patch(path, 352, struct.pack("<i", size))
        loaded = load(path)
        np.testing.assert_array_equal(loaded.volume.array, ramp())
        assert names(loaded) == ["bad_extension"]


def test_mutated_files_never_raise_anything_else(tmp_path: Path, silent: Any) -> None:
    plain = save(tmp_path / "a.nii", ramp()).read_bytes()
    rng = np.random.default_rng(7)
    mutant = tmp_path / "m.nii"
    for number in range(250):
        data = bytearray(gzip.compress(plain) if number % 3 == 0 else plain)
        for _ in range(int(rng.integers(1, 6))):
            data[int(rng.integers(4, min(len(data), 360)))] = int(rng.integers(0, 256))
        mutant.write_bytes(data)
        for item in index_paths([mutant], silent, silent).items:
            with suppress(ReadError):
                read_item(item, np.empty, silent, silent)  # type: ignore[arg-type]
