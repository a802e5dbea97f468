"""NIfTI out: geometry held against nibabel for every axis order, values bit for bit, no traces."""

from __future__ import annotations

import dataclasses
import gzip
import json
import os
from itertools import permutations, product
from typing import TYPE_CHECKING, Any

import nibabel
import numpy as np
import pytest

from acutance.core.label_map import Label, LabelMap
from acutance.core.volume import Volume
from acutance.core.window import Window
from acutance.errors import ExportError, GeometryMismatchError
from acutance.export.nifti import write_label_map, write_volume
from acutance.io.readers import index_paths, read_item

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from acutance.core.ledger import LoadedSeries

ORDERS = [
    (order, signs) for order in permutations(range(3)) for signs in product((1, -1), repeat=3)
]
SPACING = (2.0, 1.5, 3.0)
SHAPE = (6, 7, 5)


class Silent:
    def report(self, fraction: float, message: str) -> None:
        return

    def raise_if_cancelled(self) -> None:
        return


def load(path: Path) -> LoadedSeries:
    (item,) = index_paths([path], Silent(), Silent()).items

    def allocate(shape: tuple[int, ...], dtype: np.dtype[Any]) -> NDArray[Any]:
        return np.empty(shape, dtype)

    return read_item(item, allocate, Silent(), Silent())


def turn(angle_deg: float) -> NDArray[np.float64]:
    """Turn about an axis that is none of the patient's, so that every entry is concerned."""
    axis = np.array([1.0, 2.0, 0.5]) / np.linalg.norm([1.0, 2.0, 0.5])
    a = np.deg2rad(angle_deg)
    k = np.array([[0, -axis[2], axis[1]], [axis[2], 0, -axis[0]], [-axis[1], axis[0], 0]])
    return np.eye(3) + np.sin(a) * k + (1 - np.cos(a)) * (k @ k)


def affine_of(
    order: tuple[int, ...], signs: tuple[int, ...], angle_deg: float
) -> NDArray[np.float64]:
    matrix = np.zeros((3, 3))
    for axis, (world, sign) in enumerate(zip(order, signs, strict=True)):
        matrix[world, axis] = sign
    affine = np.eye(4)
    affine[:3, :3] = turn(angle_deg) @ matrix * SPACING
    affine[:3, 3] = (-11.0, 23.0, 5.0)
    return affine


def values() -> NDArray[np.int16]:
    return (np.arange(np.prod(SHAPE)).reshape(SHAPE) - 40).astype(np.int16)


def volume_of(affine: NDArray[np.float64], **changes: Any) -> Volume:
    return dataclasses.replace(Volume(values(), affine, slope=0.5, intercept=-7.0), **changes)


@pytest.mark.parametrize("angle_deg", [0, 20, 45])
@pytest.mark.parametrize(("order", "signs"), ORDERS)
def test_every_axis_order_goes_in_and_out(
    tmp_path: Path, order: tuple[int, ...], signs: tuple[int, ...], angle_deg: int
) -> None:
    truth = affine_of(order, signs, angle_deg)
    source = tmp_path / "in.nii"
    nibabel.save(nibabel.Nifti1Image(values(), truth), source)
    read = load(source).volume
    target = tmp_path / "out.nii"
    write_volume(read, target, sources=[source])
    out = nibabel.load(target)
    np.testing.assert_array_equal(np.asarray(out.dataobj), values())
    np.testing.assert_allclose(out.affine, truth, atol=1e-4)
    assert out.get_sform(coded=True)[1] == 1
    qform, code = out.get_qform(coded=True)
    assert code == 1
    np.testing.assert_allclose(qform, truth, atol=1e-4)
    assert nibabel.aff2axcodes(out.affine) == nibabel.aff2axcodes(truth)
    again = load(target)
    assert not again.warnings
    np.testing.assert_allclose(again.volume.affine, truth, atol=1e-4)
    labels = (values() % 3).astype(np.uint8)
    map_path = tmp_path / "labels.nii.gz"
    write_label_map(LabelMap(labels), read, map_path)
    mapped = nibabel.load(map_path)
    np.testing.assert_array_equal(np.asarray(mapped.dataobj), labels)
    np.testing.assert_array_equal(mapped.affine, out.affine)
    assert mapped.header.get_intent()[0] == "label"


@pytest.mark.parametrize(
    "dtype", ["<u1", "<i1", "<i2", ">i2", "<u2", "<i4", "<u4", "<i8", "<u8", "<f4", ">f4", "<f8"]
)
def test_stored_kind_slope_and_intercept_are_kept(tmp_path: Path, dtype: str) -> None:
    array = (np.arange(60).reshape(3, 4, 5)).astype(dtype)
    volume = Volume(array, np.diag([1.0, 2.0, 3.0, 1.0]), slope=0.25, intercept=-1024.0)
    write_volume(volume, tmp_path / "a.nii")
    out = nibabel.load(tmp_path / "a.nii")
    assert out.header.get_data_dtype() == np.dtype(dtype).newbyteorder("<")
    assert (out.dataobj.slope, out.dataobj.inter) == (0.25, -1024.0)
    np.testing.assert_array_equal(out.dataobj.get_unscaled(), array)
    back = load(tmp_path / "a.nii").volume
    assert (back.slope, back.intercept) == (0.25, -1024.0)


@pytest.mark.parametrize(("dtype", "written"), [("?", "u1"), ("<f2", "<f4")])
def test_kinds_that_nifti_lacks_are_widened(tmp_path: Path, dtype: str, written: str) -> None:
    array = np.ones((2, 3, 4)).astype(dtype)
    write_volume(Volume(array, np.eye(4)), tmp_path / "a.nii")
    out = nibabel.load(tmp_path / "a.nii")
    assert out.header.get_data_dtype() == np.dtype(written)
    np.testing.assert_array_equal(np.asarray(out.dataobj), array)


def test_kinds_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="complex64"):
        write_volume(Volume(np.ones((2, 2, 2), np.complex64), np.eye(4)), tmp_path / "a.nii")
    with pytest.raises(ExportError, match="do not fit"):
        write_volume(Volume(np.ones((2, 2, 2)), np.eye(4), slope=1e-60), tmp_path / "a.nii")
    assert list(tmp_path.iterdir()) == []


def test_colour_of_8_bits_is_kept_and_deeper_colour_refused(tmp_path: Path) -> None:
    array = np.arange(np.prod(SHAPE) * 3).reshape(*SHAPE, 3).astype(np.uint8)
    write_volume(Volume(array, np.eye(4)), tmp_path / "a.nii")
    out = np.asarray(nibabel.load(tmp_path / "a.nii").dataobj)
    np.testing.assert_array_equal(np.stack([out[c] for c in "RGB"], axis=-1), array)
    with pytest.raises(ExportError, match="uint16 in colour"):
        write_volume(Volume(array.astype(np.uint16), np.eye(4)), tmp_path / "b.nii")


def test_any_memory_order_gives_the_same_bytes(tmp_path: Path) -> None:
    array = values()
    for name, layout in {
        "c.nii": np.ascontiguousarray(array),
        "f.nii": np.asfortranarray(array),
        "v.nii": np.pad(array, 1)[1:-1, 1:-1, 1:-1],
    }.items():
        write_volume(Volume(layout, np.eye(4)), tmp_path / name)
    assert len({file.read_bytes() for file in tmp_path.iterdir()}) == 1


def test_a_sheared_affine_has_an_sform_only(tmp_path: Path) -> None:
    affine = affine_of((0, 1, 2), (1, 1, 1), 20)
    affine[:3, 2] += 0.2 * affine[:3, 1]  # gantry tilt
    write_volume(volume_of(affine), tmp_path / "a.nii")
    out = nibabel.load(tmp_path / "a.nii")
    assert (out.get_sform(coded=True)[1], out.header["qform_code"]) == (1, 0)
    np.testing.assert_allclose(out.affine, affine, atol=1e-4)
    np.testing.assert_allclose(out.header.get_zooms(), np.linalg.norm(affine[:3, :3], axis=0))
    names = {warning.name for warning in load(tmp_path / "a.nii").warnings}
    assert "sform_qform_conflict" not in names


def test_a_quaternion_too_coarse_for_the_volume_is_left_out(tmp_path: Path) -> None:
    """Near half a turn float32 loses up to 3e-4 rad, a seventh of a voxel over 512."""
    worst = 0
    array = np.zeros((512, 512, 2), np.uint8)
    for thousandth in range(1, 40, 3):
        affine = np.eye(4)
        affine[:3, :3] = turn(180 - thousandth / 50) @ np.diag([0.5, 0.5, 2.0])
        path = tmp_path / "a.nii"
        write_volume(Volume(array, affine), path)
        worst += int(nibabel.load(path).header["qform_code"]) == 0
        assert "sform_qform_conflict" not in {w.name for w in load(path).warnings}
    assert worst > 0, "the case this test is for did not come up"


def test_unknown_sides_stay_unknown(tmp_path: Path) -> None:
    affine = np.diag([2.0, 2.0, 2.0, 1.0])
    write_volume(volume_of(affine, orientation_known=False), tmp_path / "a.nii")
    out = nibabel.load(tmp_path / "a.nii")
    assert (int(out.header["sform_code"]), int(out.header["qform_code"])) == (0, 0)
    assert not load(tmp_path / "a.nii").volume.orientation_known


def test_window_slice_axis_and_unit_go_along(tmp_path: Path) -> None:
    window = Window(40.0, 80.0, "brain")
    volume = volume_of(np.eye(4), windows=(window,), acquisition_axis=1)
    write_volume(volume, tmp_path / "a.nii")
    header = nibabel.load(tmp_path / "a.nii").header
    assert (float(header["cal_min"]), float(header["cal_max"])) == (0.0, 80.0)
    assert header.get_dim_info() == (None, None, 1)
    assert header.get_xyzt_units()[0] == "mm"
    back = load(tmp_path / "a.nii").volume
    assert back.acquisition_axis == 1
    assert (back.windows[0].centre, back.windows[0].width) == (40.0, 80.0)


def test_more_voxels_than_nifti1_counts_make_a_nifti2(tmp_path: Path) -> None:
    array = np.arange(33000, dtype=np.uint16).reshape(33000, 1, 1)
    write_volume(Volume(array, np.eye(4)), tmp_path / "a.nii.gz")
    out = nibabel.load(tmp_path / "a.nii.gz")
    assert isinstance(out, nibabel.Nifti2Image)
    np.testing.assert_array_equal(np.asarray(out.dataobj), array)
    np.testing.assert_array_equal(load(tmp_path / "a.nii.gz").volume.array, array)


def test_no_text_of_the_volume_reaches_the_file(tmp_path: Path) -> None:
    canary = "CANARYCANARY"
    volume = volume_of(
        np.eye(4), name=canary, unit=canary, facts={canary: canary}, windows=(Window(1, 2, canary),)
    )
    write_volume(volume, tmp_path / "a.nii.gz")
    packed = (tmp_path / "a.nii.gz").read_bytes()
    assert packed[3] == 0, "no name in the gzip header"
    assert packed[4:8] == b"\0\0\0\0", "no time in the gzip header"
    assert canary.encode() not in gzip.decompress(packed)


def test_sources_are_never_replaced(tmp_path: Path) -> None:
    source = tmp_path / "scan.nii"
    nibabel.save(nibabel.Nifti1Image(values(), np.eye(4)), source)
    before = source.read_bytes()
    os.link(source, tmp_path / "hard.nii")
    (tmp_path / "soft.nii").symlink_to(source)
    (tmp_path / "up").mkdir()
    for name in ("scan.nii", "hard.nii", "soft.nii", "up/../scan.nii"):
        with pytest.raises(ExportError, match="never changed"):
            write_volume(volume_of(np.eye(4)), tmp_path / name, sources=[source])
    assert source.read_bytes() == before
    assert sorted(p.name for p in tmp_path.iterdir()) == ["hard.nii", "scan.nii", "soft.nii", "up"]


def test_a_failed_write_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "a.nii"
    target.write_bytes(b"old")

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ExportError, match="No space left"):
        write_volume(volume_of(np.eye(4)), target)
    assert [p.name for p in tmp_path.iterdir()] == ["a.nii"]
    assert target.read_bytes() == b"old"


@pytest.mark.parametrize("name", ["a.img", "a", ".nii", "a.nii.zip"])
def test_other_suffixes_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ExportError, match=r"\.nii"):
        write_volume(volume_of(np.eye(4)), tmp_path / name)


def test_label_table_stands_beside_the_map(tmp_path: Path) -> None:
    array = np.zeros(SHAPE, np.int32)
    array[2] = 70000
    labels = (Label(0, "background", (0, 0, 0)), Label(70000, "lésion", (255, 16, 1)))
    table = write_label_map(LabelMap(array, labels), volume_of(np.eye(4)), tmp_path / "m.nii.gz")
    assert table == tmp_path / "m.json"
    assert json.loads(table.read_text(encoding="utf-8"))["labels"] == [
        {"index": 0, "name": "background", "color": "#000000"},
        {"index": 70000, "name": "lésion", "color": "#ff1001"},
    ]
    out = nibabel.load(tmp_path / "m.nii.gz")
    assert out.header.get_data_dtype() == np.int32
    np.testing.assert_array_equal(np.asarray(out.dataobj), array)


def test_a_label_map_needs_integers_a_shape_and_a_table_without_doubles() -> None:
    with pytest.raises(ValueError, match="integers"):
        LabelMap(np.zeros(SHAPE))
    with pytest.raises(ValueError, match="3-D"):
        LabelMap(np.zeros((2, 2), int))
    with pytest.raises(ValueError, match="twice"):
        LabelMap(np.zeros(SHAPE, int), (Label(1, "a", (0, 0, 0)), Label(1, "b", (0, 0, 0))))
    with pytest.raises(ValueError, match="0 to 255"):
        Label(1, "a", (0, 0, 256))


def test_a_label_map_of_another_shape_is_refused(tmp_path: Path) -> None:
    with pytest.raises(GeometryMismatchError, match="voxels"):
        write_label_map(
            LabelMap(np.zeros((2, 2, 2), int)), volume_of(np.eye(4)), tmp_path / "m.nii"
        )
