"""Slices go straight to their place, whatever the memory order; a fault in one ends the read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from dicom_factory import make_slice, ramp, write, write_series
from pydicom.uid import ExplicitVRBigEndian

from acutance.errors import CorruptFileError, JobCancelled
from acutance.io import dicom
from acutance.io.readers import index_paths, read_item

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from acutance.core.ledger import LoadedSeries

SHAPE = (7, 6, 37)  # more slices than one task takes, and no multiple of it


@pytest.mark.parametrize("elements", [{}, {"BitsStored": 12, "HighBit": 11}])
@pytest.mark.parametrize("dtype", ["<i2", "<u2", "u1"])
def test_memory_order_changes_nothing(
    dtype: str, elements: dict[str, int], tmp_path: Path, load: Callable[..., LoadedSeries]
) -> None:
    if dtype == "u1" and elements:
        elements = {"BitsStored": 7, "HighBit": 6}
    volume = ramp(SHAPE, dtype)
    write_series(tmp_path, volume, **elements)
    first, second = load(tmp_path, order="C"), load(tmp_path, order="F")
    np.testing.assert_array_equal(first.volume.array, second.volume.array)
    assert first.warnings == second.warnings
    if not elements:
        np.testing.assert_array_equal(second.volume.array, volume)


def test_middle_slices_come_first() -> None:
    order = dicom._middle_first(9)
    assert order[0] == 4
    assert sorted(order) == list(range(9))
    assert [abs(n - 4) for n in order] == sorted(abs(n - 4) for n in range(9))
    assert dicom._middle_first(1) == [0]


def test_a_file_cut_after_its_header_was_kept_is_an_error(tmp_path: Path, silent: Any) -> None:
    paths = write_series(tmp_path, ramp(SHAPE))
    (item,) = index_paths([tmp_path], silent, silent).items

    def cut_then_allocate(shape: tuple[int, ...], dtype: np.dtype[Any]) -> Any:
        paths[3].write_bytes(paths[3].read_bytes()[:-4])
        return np.empty(shape, dtype)

    with pytest.raises(CorruptFileError) as caught:
        read_item(item, cut_then_allocate, silent, silent)
    assert caught.value.path == paths[3]


def test_cancel_ends_a_read_in_threads(tmp_path: Path, silent: Any) -> None:
    write_series(tmp_path, ramp(SHAPE))
    (item,) = index_paths([tmp_path], silent, silent).items

    class Cancelled:
        is_filling = False

        def raise_if_cancelled(self) -> None:
            if self.is_filling:
                raise JobCancelled

    token = Cancelled()

    def give(shape: tuple[int, ...], dtype: np.dtype[Any]) -> Any:
        token.is_filling = True
        return np.empty(shape, dtype)

    with pytest.raises(JobCancelled):
        read_item(item, give, silent, token)


def test_headers_are_parsed_once(
    tmp_path: Path, silent: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_series(tmp_path, ramp(SHAPE))
    (item,) = index_paths([tmp_path], silent, silent).items
    monkeypatch.setattr(dicom, "read_header", lambda file: pytest.fail("it is parsed again"))
    loaded = read_item(item, lambda s, d: np.empty(s, d), silent, silent)
    assert loaded.ledger.used == SHAPE[2]


def test_a_header_is_kept_until_its_file_changes(tmp_path: Path) -> None:
    path = write(make_slice(ramp()[:, :, 0].T.copy(), sop_uid="1.2.1"), tmp_path / "a")
    (first,) = dicom.read_slices(path)
    assert dicom.read_slices(path)[0] is first
    write(make_slice(ramp()[:, :, 0].T.copy(), sop_uid="1.2.22"), path)
    assert dicom.read_slices(path)[0].sop_uid == "1.2.22"


def test_what_is_kept_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dicom._kept, "limit", 3)
    for path in write_series(tmp_path, ramp(SHAPE)):
        dicom.read_slices(path)
    assert dicom._kept._count <= 3


def test_big_endian_slices_take_the_way_through_a_copy(
    tmp_path: Path, load: Callable[..., LoadedSeries]
) -> None:
    volume = ramp(SHAPE)
    for k in range(SHAPE[2]):
        ds = make_slice(np.ascontiguousarray(volume[:, :, k].T), position=(0.0, 0.0, float(k)))
        write(ds, tmp_path / f"{k}.dcm", ExplicitVRBigEndian)
    np.testing.assert_array_equal(load(tmp_path).volume.array, volume)
