"""What crosses between parent and child, and the checks on what a child says.

Parent to child: one byte that names the kind, then the body. Child to parent: one JSON object.
A child works on files from anywhere, so the parent believes nothing that it has not checked.
"""

from __future__ import annotations

import json
import math
from typing import Any, cast

import numpy as np

from acutance.core.ledger import Index
from acutance.jobs import shared
from acutance.jobs.shared import ArrayReference

#: The longest message a child may send.
MAX_MESSAGE_BYTES = 64 << 20
MAX_PROGRESS_CHARACTERS = 200
_MAX_TEXT_CHARACTERS = 4096
_MAX_DIMENSIONS = 7

# Kinds of message to a child.
RUN, WARM, CANCEL, REPLY, STOP = b"R", b"W", b"C", b"A", b"S"
PAUSE, RESUME = b"P", b"G"


def encode(message: dict[str, Any]) -> bytes:
    """Write a message of a child.

    Raises
    ------
    ValueError
        If it holds NaN or infinity, something other than plain values, or is too long.
    """
    try:
        data = json.dumps(message, allow_nan=False, separators=(",", ":")).encode("ascii")
    except (TypeError, RecursionError) as error:
        raise ValueError(f"not plain values: {error}") from error
    if len(data) > MAX_MESSAGE_BYTES:
        raise ValueError(f"{len(data)} bytes are more than the {MAX_MESSAGE_BYTES} that may cross")
    return data


def decode(data: bytes) -> dict[str, Any]:
    """Read a message of a child.

    Raises
    ------
    ValueError
        If it is not one JSON object without NaN or infinity.
    """
    try:
        message = json.loads(data, parse_constant=_refuse_constant)
    except RecursionError as error:
        raise ValueError("too deeply nested") from error
    if not isinstance(message, dict):
        raise ValueError(f"expected an object, not {type(message).__name__}")
    return cast("dict[str, Any]", message)


def parse_progress(message: dict[str, Any]) -> tuple[float, str]:
    """Return fraction and text of a progress message.

    Raises
    ------
    ValueError
        If they are of another kind.
    """
    return finite(message.get("fraction")), _text(message.get("message"))[:MAX_PROGRESS_CHARACTERS]


def parse_found(message: dict[str, Any]) -> Index:
    """Return the finds of an index pass that goes on.

    Raises
    ------
    ValueError
        If they are of another kind.
    """
    plain = message.get("index")
    if not isinstance(plain, dict):
        raise ValueError("expected an index")
    try:
        return Index.from_plain(plain)
    except (KeyError, TypeError) as error:
        raise ValueError(f"no index: {type(error).__name__}") from error


def parse_allocate(message: dict[str, Any]) -> tuple[tuple[int, ...], np.dtype[Any]]:
    """Return shape and dtype of the array that a child asks room for.

    Raises
    ------
    ValueError
        If that is no shape or no dtype of plain numbers.
    """
    return _sizes(message.get("shape"), minimum=1), _dtype(message.get("dtype"))


def reference_to_plain(reference: ArrayReference) -> dict[str, Any]:
    """Return an array reference as JSON-ready values."""
    return {
        "path": reference.path,
        "size": reference.size,
        "offset": reference.offset,
        "shape": list(reference.shape),
        "strides": list(reference.strides),
        "dtype": reference.dtype,
    }


def reference_from_plain(plain: dict[str, Any]) -> ArrayReference:
    """Rebuild an array reference; whether it lies inside its segment is not known yet.

    Raises
    ------
    ValueError
        If it is no reference.
    """
    shape = _sizes(plain.get("shape"), minimum=0)
    strides = _sizes(plain.get("strides"), minimum=None)
    offset, size = _sizes([plain.get("offset"), plain.get("size")], minimum=0)
    if len(shape) != len(strides):
        raise ValueError("as many strides as sizes are needed")
    dtype = _dtype(plain.get("dtype"))
    return ArrayReference(_text(plain.get("path")), size, offset, shape, strides, dtype.str)


def finite(value: object) -> float:
    """Return a finite number as a float.

    Raises
    ------
    ValueError
        If it is anything else.
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"expected a number, not {type(value).__name__}")
    try:
        number = float(value)
    except OverflowError as error:
        raise ValueError("a number is too large") from error
    if not math.isfinite(number):
        raise ValueError(f"expected a finite number, not {number}")
    return number


def _refuse_constant(name: str) -> object:
    raise ValueError(f"{name} is no number that may cross")


def _text(value: object) -> str:
    if not isinstance(value, str) or len(value) > _MAX_TEXT_CHARACTERS:
        raise ValueError("expected a text of moderate length")
    return value


def _sizes(values: object, *, minimum: int | None) -> tuple[int, ...]:
    if not isinstance(values, list) or not 1 <= len(values) <= _MAX_DIMENSIONS:
        raise ValueError(f"expected 1 to {_MAX_DIMENSIONS} whole numbers")
    for value in values:
        if type(value) is not int or (minimum is not None and value < minimum):
            raise ValueError(f"{str(value)[:60]} is no whole number of at least {minimum}")
        if abs(value) >= 1 << 62:
            raise ValueError("a number is too large")
    return tuple(values)


def _dtype(value: object) -> np.dtype[Any]:
    # The array-protocol form only: other strings may name structures, objects, or anything.
    if not isinstance(value, str) or not 3 <= len(value) <= 4 or value[0] not in "<>|=":
        raise ValueError(f"{str(value)[:60]!r} is no dtype of plain numbers")
    try:
        dtype = np.dtype(value)
    except TypeError as error:
        raise ValueError(f"{value!r} is no dtype") from error
    if dtype.kind not in shared.PLAIN_KINDS:
        raise ValueError(f"{value!r} is no dtype of plain numbers")
    return dtype
