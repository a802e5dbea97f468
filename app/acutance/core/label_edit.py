"""Edits of a label map within one slice: brush strokes, fills, and what it takes to undo them."""

from __future__ import annotations

import zlib
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Fast: strokes are packed while the user waits.
_LEVEL = 1
#: What an edit holds besides its packed places and labels, in bytes.
_OVERHEAD = 256


@dataclass(frozen=True)
class HandEdits:
    """How far a person changed the labels that a network gave.

    Parameters
    ----------
    count : int
        Number of edits in force, >= 1.
    voxels : int
        Number of voxels whose label is another than the network's, after its clean-up.
    tools : tuple of str
        What was used: "brush", "eraser", "fill".
    """

    count: int
    voxels: int
    tools: tuple[str, ...]

    def to_plain(self) -> dict[str, Any]:
        """Return the edits as JSON-ready values."""
        return {"count": self.count, "voxels": self.voxels, "tools": list(self.tools)}

    @classmethod
    def from_plain(cls, plain: dict[str, Any]) -> HandEdits:
        """Rebuild edits."""
        return cls(int(plain["count"]), int(plain["voxels"]), tuple(map(str, plain["tools"])))


@dataclass(frozen=True)
class SliceDiff:
    """What an edit changed in one slice of a label map, packed.

    Parameters
    ----------
    axis, index : int
        The slice: `array` at `index` along `axis`, in file order.
    count : int
        Number of voxels that changed.
    places : bytes
        Packed steps between their places in the flat slice, uint32.
    before, after : bytes
        Their packed labels, uint8.
    """

    axis: int
    index: int
    count: int
    places: bytes
    before: bytes
    after: bytes

    @classmethod
    def between(
        cls, axis: int, index: int, before: NDArray[np.uint8], after: NDArray[np.uint8]
    ) -> SliceDiff:
        """Return what leads from one slice to another.

        Parameters
        ----------
        before, after : ndarray, the same 2-D shape, uint8
        """
        changed = np.flatnonzero(before.reshape(-1) != after.reshape(-1)).astype(np.uint32)
        steps = np.diff(changed, prepend=np.uint32(0))
        return cls(
            axis,
            index,
            int(changed.size),
            zlib.compress(steps.tobytes(), _LEVEL),
            zlib.compress(before.reshape(-1)[changed].tobytes(), _LEVEL),
            zlib.compress(after.reshape(-1)[changed].tobytes(), _LEVEL),
        )

    @property
    def n_bytes(self) -> int:
        """How much memory it takes, about."""
        return _OVERHEAD + len(self.places) + len(self.before) + len(self.after)

    def undo(self, array: NDArray[np.uint8]) -> None:
        """Put back what was there before."""
        self._write(array, self.before)

    def redo(self, array: NDArray[np.uint8]) -> None:
        """Change it again."""
        self._write(array, self.after)

    def gains(self) -> NDArray[np.int64]:
        """Return by how many voxels each label grew, shape (256,)."""
        grown = np.bincount(_labels(self.after), minlength=256)
        return (grown - np.bincount(_labels(self.before), minlength=256)).astype(np.int64)

    def _write(self, array: NDArray[np.uint8], labels: bytes) -> None:
        plane = slice_of(array, self.axis, self.index)
        steps = np.frombuffer(zlib.decompress(self.places), np.uint32)
        rows, columns = np.divmod(np.cumsum(steps, dtype=np.int64), plane.shape[1])
        plane[rows, columns] = _labels(labels)


def _labels(packed: bytes) -> NDArray[np.uint8]:
    return np.frombuffer(zlib.decompress(packed), np.uint8)


def slice_of(array: NDArray[np.uint8], axis: int, index: int) -> NDArray[np.uint8]:
    """Return one slice of an array of shape (I, J, K): a view, in file order."""
    place: list[int | slice] = [slice(None)] * 3
    place[axis] = index
    plane: NDArray[np.uint8] = array[tuple(place)]
    return plane


def paint_line(
    plane: NDArray[np.uint8],
    start: tuple[float, float],
    end: tuple[float, float],
    *,
    radius: float,
    spacing: tuple[float, float],
    value: int,
) -> None:
    """Give every pixel near a line a label: the trace of a round brush.

    Parameters
    ----------
    plane : ndarray, shape (rows, columns), uint8
        Changed in place; may be a view with any strides.
    start, end : (float, float)
        Row and column; pixel centres lie at whole numbers. May lie outside.
    radius : float
        Of the brush, in mm, >= 0. The pixels under both ends are always taken.
    spacing : (float, float)
        Mm per row and per column.
    value : int
        The label, in [0, 255].
    """
    tall, wide = spacing
    low = [min(a, b) - radius / mm for a, b, mm in zip(start, end, spacing, strict=True)]
    high = [max(a, b) + radius / mm for a, b, mm in zip(start, end, spacing, strict=True)]
    first = [max(0, int(np.ceil(v))) for v in low]
    last = [min(n - 1, int(np.floor(v))) for v, n in zip(high, plane.shape, strict=True)]
    if first[0] <= last[0] and first[1] <= last[1]:
        y = (np.arange(first[0], last[0] + 1)[:, None] - start[0]) * tall
        x = (np.arange(first[1], last[1] + 1)[None, :] - start[1]) * wide
        dy, dx = (end[0] - start[0]) * tall, (end[1] - start[1]) * wide
        length = dy * dy + dx * dx
        along = np.clip((y * dy + x * dx) / length, 0.0, 1.0) if length > 0 else 0.0
        near = (y - along * dy) ** 2 + (x - along * dx) ** 2 <= radius * radius
        plane[first[0] : last[0] + 1, first[1] : last[1] + 1][near] = value
    for row, column in (start, end):
        at = int(np.floor(row + 0.5)), int(np.floor(column + 0.5))
        if all(0 <= n < size for n, size in zip(at, plane.shape, strict=True)):
            plane[at] = value


def flood(plane: NDArray[np.uint8], seed: tuple[int, int]) -> NDArray[np.bool_]:
    """Return the pixels of one label that hang together with a seed by their edges.

    Parameters
    ----------
    plane : ndarray, shape (rows, columns), uint8
    seed : (int, int)
        Row and column.

    Returns
    -------
    ndarray, the shape of `plane`, bool

    Raises
    ------
    IndexError
        If the seed lies outside.
    """
    if any(not 0 <= n < size for n, size in zip(seed, plane.shape, strict=True)):
        raise IndexError(f"{seed} lies outside {plane.shape}")
    rows, columns = plane.shape
    same = np.pad(plane == plane[seed], ((0, 0), (1, 1)))
    turns = np.diff(same.astype(np.int8), axis=1)
    # Each run of such pixels in a row, from its first column to the one behind its last.
    row, begins = np.nonzero(turns == 1)
    ends = np.nonzero(turns == -1)[1]
    first = np.searchsorted(row, np.arange(rows + 1)).tolist()
    in_row, begin, end = row.tolist(), begins.tolist(), ends.tolist()
    at = bisect_right(begin, seed[1], first[seed[0]], first[seed[0] + 1]) - 1
    found, waiting = {at}, [at]
    while waiting:
        run = waiting.pop()
        for beside in (in_row[run] - 1, in_row[run] + 1):
            if not 0 <= beside < rows:
                continue
            # Runs of a row are in order and apart: those that overlap stand together.
            near = bisect_right(end, begin[run], first[beside], first[beside + 1])
            far = bisect_left(begin, end[run], first[beside], first[beside + 1])
            new = [other for other in range(near, far) if other not in found]
            found.update(new)
            waiting += new
    taken = np.fromiter(found, np.intp, len(found))
    marks = np.zeros((rows, columns + 1), np.int8)
    marks[row[taken], begins[taken]] = 1
    marks[row[taken], ends[taken]] = -1
    return np.cumsum(marks[:, :columns], axis=1, dtype=np.int8) > 0
