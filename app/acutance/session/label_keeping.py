"""Labels and their edits as a file that grows with every edit, and back."""

from __future__ import annotations

import io
import json
import math
import struct
import zlib
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any

import numpy as np

from acutance.core.label_edit import SliceDiff
from acutance.core.segmentation import SegmentationResult
from acutance.session.tools import LABEL_TOOLS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

MAGIC = b"acutance labels 1\n"
#: Labels of more voxels are not kept: writing them down would take longer than what it saves.
MOST_VOXELS = 1 << 29
_HEAD = struct.Struct("<II")
_SIZE = struct.Struct("<I")
_MOST_BYTES = 1 << 31
#: Fast: a person goes on painting meanwhile.
_LEVEL = 1


@dataclass(frozen=True, eq=False)
class KeptLabels:
    """Labels as a session left them.

    Parameters
    ----------
    file, key : str
        First file and key of the series.
    result : SegmentationResult
        What the network gave.
    labels : ndarray, shape (I, J, K), uint8
        With the edits.
    voxels : ndarray, shape (256,), int64
        Voxels of each label.
    edits : dict of str to int
        How many are in force, by tool.
    sound : int
        Bytes of the file that hold whole edits; what follows is a torn end or an unfinished stroke.
    stroke : (SliceDiff, str) or None
        A stroke that was being drawn, with its tool; among the edits already.
    """

    file: str
    key: str
    result: SegmentationResult
    labels: NDArray[np.uint8]
    voxels: NDArray[np.int64]
    edits: dict[str, int]
    sound: int
    stroke: tuple[SliceDiff, str] | None = None


def beginning(file: str, key: str, result: SegmentationResult) -> Iterator[bytes]:
    """Give, piece by piece, what a file of edits begins with: the labels before any edit."""
    _, *shape = result.array.shape
    yield MAGIC + _framed(
        {"file": file, "key": key, "shape": shape, "result": result.to_plain()}, b""
    )
    for part in result.array:
        yield _framed({}, zlib.compress(np.ascontiguousarray(part).data, _LEVEL))


def edit_record(diff: SliceDiff, tool: str, sign: int, *, is_open: bool = False) -> bytes:
    """Return what an edit adds to the file.

    Parameters
    ----------
    diff : SliceDiff
    tool : str
    sign : int
        1 for an edit that came into force, -1 for one that was undone.
    is_open : bool
        Whether it is a stroke that still goes on; the next record takes its place.
    """
    plain = {
        "axis": diff.axis,
        "index": diff.index,
        "count": diff.count,
        "tool": tool,
        "sign": sign,
        "open": is_open,
        "sizes": [len(diff.places), len(diff.before)],
    }
    return _framed(plain, diff.places + diff.before + diff.after)


def owner_of(path: Path) -> tuple[str, str]:
    """Return first file and key of the series that a file of edits belongs to.

    Raises
    ------
    ValueError, KeyError, OSError
        If it is damaged, or cannot be read.
    """
    with path.open("rb") as file:
        plain, _ = _first(file)
    return str(plain["file"]), str(plain["key"])


def read_kept(path: Path) -> KeptLabels:
    """Return labels with every edit that was written whole.

    Raises
    ------
    ValueError, KeyError, TypeError, OSError
        If the labels before the edits are damaged, or the file cannot be read.
    """
    with path.open("rb") as file:
        plain, _ = _first(file)
        shape = tuple(map(int, plain["shape"]))
        if len(shape) != 3 or min(shape) < 1 or math.prod(shape) > MOST_VOXELS:
            raise ValueError("labels have three sides of a sensible length")
        parts = [_labels(_next(file), shape) for _ in range(3)]
        result = SegmentationResult.from_plain(plain["result"], np.stack(parts))
        labels, edits, sound, stroke = _replayed(file, result.array[0].copy())
    voxels = np.bincount(labels.reshape(-1), minlength=256).astype(np.int64)
    if voxels[len(result.labels) :].any():
        raise ValueError("an edit gave a label that is not in the table")
    return KeptLabels(
        str(plain["file"]), str(plain["key"]), result, labels, voxels, edits, sound, stroke
    )


def _replayed(
    file: IO[bytes], labels: NDArray[np.uint8]
) -> tuple[NDArray[np.uint8], dict[str, int], int, tuple[SliceDiff, str] | None]:
    """Do every edit again up to the end, or to the first that is torn."""
    edits: dict[str, int] = {}
    sound, stroke = file.tell(), None
    while (record := _next(file, is_last=True)) is not None:
        try:
            diff, tool, sign, is_open = _edit_of(*record)
            if is_open:
                stroke = diff, tool
                continue
            stroke = None
            (diff.redo if sign > 0 else diff.undo)(labels)
        except (ValueError, KeyError, TypeError, IndexError, zlib.error):
            break
        edits[tool] = edits.get(tool, 0) + sign
        sound = file.tell()
    if stroke is not None:
        stroke[0].redo(labels)
        edits[stroke[1]] = edits.get(stroke[1], 0) + 1
    return labels, {tool: n for tool, n in edits.items() if n > 0}, sound, stroke


def _edit_of(plain: dict[str, Any], blob: bytes) -> tuple[SliceDiff, str, int, bool]:
    places, before = map(int, plain["sizes"])
    axis, index, tool, sign = (
        int(plain["axis"]), int(plain["index"]), plain["tool"], plain["sign"],
    )  # fmt: skip
    if axis not in (0, 1, 2) or index < 0 or tool not in LABEL_TOOLS or sign not in (1, -1):
        raise ValueError("no such edit")
    parts = blob[:places], blob[places : places + before], blob[places + before :]
    return SliceDiff(axis, index, int(plain["count"]), *parts), tool, sign, bool(plain["open"])


def _framed(plain: dict[str, Any], blob: bytes) -> bytes:
    text = json.dumps(plain).encode()
    body = _SIZE.pack(len(text)) + text + blob
    return _HEAD.pack(len(body), zlib.crc32(body)) + body


def _first(file: IO[bytes]) -> tuple[dict[str, Any], bytes]:
    if file.read(len(MAGIC)) != MAGIC:
        raise ValueError("this is no file of labels")
    found = _next(file)
    if found is None or not isinstance(found[0], dict):
        raise ValueError("the beginning is torn")
    return found


def _next(file: IO[bytes], *, is_last: bool = False) -> tuple[dict[str, Any], bytes] | None:
    """Return the next record; where the file ends or is torn, None if that may be."""
    head = file.read(_HEAD.size)
    if len(head) == _HEAD.size:
        size, checksum = _HEAD.unpack(head)
        body = file.read(size) if size <= _MOST_BYTES else b""
        if len(body) == size >= _SIZE.size and zlib.crc32(body) == checksum:
            (length,) = _SIZE.unpack_from(body)
            stream = io.BytesIO(body)
            stream.seek(_SIZE.size)
            return json.loads(stream.read(length)), stream.read()
    if is_last:
        return None
    raise ValueError("the labels are torn")


def _labels(
    record: tuple[dict[str, Any], bytes] | None, shape: tuple[int, ...]
) -> NDArray[np.uint8]:
    if record is None:
        raise ValueError("the labels are torn")
    size = math.prod(shape)
    # No more than was claimed, whatever the bytes say.
    unpacked = zlib.decompressobj().decompress(record[1], size + 1)
    if len(unpacked) != size:
        raise ValueError("the labels are of another size")
    return np.frombuffer(unpacked, np.uint8).reshape(shape)
