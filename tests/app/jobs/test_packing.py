from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from acutance.jobs import shared
from acutance.jobs.packing import pack, unpack


@dataclass(frozen=True)
class Request:
    array: Any
    name: str


def _wide(order: str = "C") -> np.ndarray:
    return np.asarray(np.arange(60_000, dtype="<i4").reshape(30, 40, 50), order=order)


def test_small_values_go_inline() -> None:
    packed = pack({"a": np.arange(5), "b": "text"})
    assert packed.segments == ()
    assert unpack(packed.data)["a"].tolist() == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("order", ["C", "F"])
def test_a_large_array_is_copied_once_in_its_own_order(order: str) -> None:
    array = _wide(order)
    packed = pack((array, array))
    assert len(packed.segments) == 1
    assert len(packed.data) < 1000
    first, second = unpack(packed.data)
    np.testing.assert_array_equal(first, array)
    np.testing.assert_array_equal(second, array)
    assert first.strides == array.strides
    assert first.dtype == array.dtype


def test_a_strided_view_of_a_stranger_arrives_whole() -> None:
    array = _wide().repeat(9, axis=0)[::-2, ::3, 1::2]
    packed = pack(array)
    assert len(packed.segments) == 1
    np.testing.assert_array_equal(unpack(packed.data), array)


@pytest.mark.parametrize("cut", [slice(None), slice(None, None, -1), slice(3, 9)])
def test_an_array_in_a_segment_is_named_not_copied(cut: slice) -> None:
    segment = shared.create(240_000)
    array = segment.array((30, 40, 50), np.dtype("<i4"))
    array[...] = _wide()
    part = array[cut].T
    packed = pack(part)
    assert packed.segments == ()
    again = unpack(packed.data)
    np.testing.assert_array_equal(again, part)
    assert again.strides == part.strides


def test_writability_crosses_and_writing_stays_on_the_other_side() -> None:
    array = _wide()
    array.flags.writeable = False
    packed = pack(array)
    assert not unpack(packed.data).flags.writeable
    free = _wide()
    packed = pack(free)
    again = unpack(packed.data)
    again[...] = 0
    np.testing.assert_array_equal(free, _wide())


def test_a_long_pickle_goes_through_a_segment() -> None:
    paths = [f"/folder/file{i:06d}.dcm" for i in range(20_000)]
    packed = pack(paths)
    assert len(packed.data) < 1000
    assert unpack(packed.data) == paths


def test_arrays_of_objects_and_records_are_pickled_as_usual() -> None:
    records = np.zeros(20_000, dtype=[("a", "<i4"), ("b", "<f8")])
    objects = np.array([{"x": 1}, None], dtype=object)
    packed = pack((records, objects))
    again = unpack(packed.data)
    assert again[0].dtype == records.dtype
    assert again[1][0] == {"x": 1}
