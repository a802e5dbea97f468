from __future__ import annotations

import contextlib
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from acutance.jobs import messages
from acutance.jobs.allocation import Allocator
from acutance.jobs.shared import ArrayReference

PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    # Also what a file name that is no UTF-8 becomes.
    | st.text(st.characters(codec=None), max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=20,
)


@settings(max_examples=40, deadline=None)
@given(st.dictionaries(st.text(max_size=5), PLAIN))
def test_plain_values_cross_unchanged(message: dict[str, Any]) -> None:
    assert messages.decode(messages.encode(message)) == message


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, object(), b"bytes", {1, 2}])
def test_other_values_are_not_written(value: object) -> None:
    with pytest.raises(ValueError, match=r"."):
        messages.encode({"value": [value]})


@pytest.mark.parametrize(
    "data",
    [b"", b"[]", b"1", b'{"a": NaN}', b'{"a": -Infinity}', b"\xff\xfe", b'{"a":', b"[" * 200_000],
)
def test_other_bytes_are_not_read(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        messages.decode(data)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    with contextlib.suppress(ValueError):
        assert isinstance(messages.decode(data), dict)


def test_a_long_message_is_not_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(messages, "MAX_MESSAGE_BYTES", 100)
    with pytest.raises(ValueError, match="more than the 100"):
        messages.encode({"text": "x" * 100})


@pytest.mark.parametrize(
    "shape", [None, [], [0], [-1], [1.0], [True], ["1"], [1] * 8, [1 << 70], (1, 2)]
)
def test_a_false_shape_is_refused(shape: object) -> None:
    with pytest.raises(ValueError, match=r"."):
        messages.parse_allocate({"shape": shape, "dtype": "<i2"})


@pytest.mark.parametrize(
    "dtype", [None, "", "|O", "O", "<U4", "i4,i4", "<M8", "|V8", "float64", "<z9", 3, "<i2 "]
)
def test_a_false_dtype_is_refused(dtype: object) -> None:
    with pytest.raises(ValueError, match=r"."):
        messages.parse_allocate({"shape": [1], "dtype": dtype})


@pytest.mark.parametrize("dtype", ["|b1", "|u1", "<i2", ">i2", "<f4", ">f8", "<c16"])
def test_plain_dtypes_pass(dtype: str) -> None:
    assert messages.parse_allocate({"shape": [2, 3], "dtype": dtype}) == ((2, 3), np.dtype(dtype))


@pytest.mark.parametrize(
    "message", [{}, {"fraction": "1", "message": ""}, {"fraction": 10**400, "message": ""}]
)
def test_false_progress_is_refused(message: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"."):
        messages.parse_progress(message)


@settings(deadline=None)
@given(
    offset=st.integers(-100, 300),
    shape=st.lists(st.integers(0, 30), min_size=1, max_size=3),
    strides=st.lists(st.integers(-200, 200), min_size=1, max_size=3),
)
def test_no_reference_reaches_outside_its_segment(
    offset: int, shape: list[int], strides: list[int]
) -> None:
    allocator = Allocator()
    segment = allocator.allocate((100,), np.dtype("u1"))
    plain = {
        "path": segment.path,
        "size": 100,
        "offset": offset,
        "shape": shape,
        "strides": strides,
        "dtype": "|u1",
    }
    try:
        array = allocator.resolve(messages.reference_from_plain(plain))
    except (ValueError, TypeError):
        return
    assert array.size == 0 or segment.reference(array) is not None
    assert not array.flags.writeable


def test_a_reference_to_a_strange_segment_is_refused() -> None:
    reference = ArrayReference("/etc/passwd", 10, 0, (10,), (1,), "|u1")
    plain = messages.reference_to_plain(reference)
    with pytest.raises(ValueError, match="none of the segments"):
        Allocator().resolve(messages.reference_from_plain(plain))
