"""Fill a volume from numbers that lie in a file one after the other, in any order of axes.

A file may hold more axes than space has: colours, times, directions. Of each of those one position
is read, and what lies between is passed over.
"""

from __future__ import annotations

import math
import zlib
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol

import numpy as np

from acutance.errors import CorruptFileError, ReadError, UnsupportedFormatError
from acutance.io.values import size_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from acutance.io._protocols import Allocate, CancelToken, Progress

REMEDY_COPY = "Copy or download the file again."
#: Bytes read in one go.
_BLOCK_BYTES = 8 * 1024**2
#: A block cannot be split below one plane of the file; a plane of more bytes is refused.
_PLANE_LIMIT = 1024**3
_SKIP_BYTES = 1 << 20


class Stream(Protocol):
    """Bytes one after the other."""

    def readinto(self, view: memoryview, /) -> int | None:
        """Fill the start of a view; return how many bytes, 0 at the end."""


class Tape:
    """Bytes at known places, asked for in rising order.

    Parameters
    ----------
    stream : Stream
        At the byte that is called 0.
    file : binary file, optional
        The same stream where it can be sought in: nothing is then read to pass over it.
    """

    def __init__(self, stream: Stream, file: BinaryIO | None = None) -> None:
        self._stream = stream
        self._file = file
        self._base = 0 if file is None else file.tell()
        self.at = 0

    def move_to(self, at: int) -> None:
        """Go forward to a byte.

        Raises
        ------
        EOFError
            If the stream ends before it.
        """
        if self._file is not None:
            self._file.seek(self._base + at)
            self.at = at
            return
        rest = bytearray(min(_SKIP_BYTES, max(0, at - self.at)))
        while self.at < at:
            view = memoryview(rest)[: at - self.at]
            read = self._stream.readinto(view)
            if not read:
                raise EOFError("it ends before the voxels")
            self.at += read

    def fill(self, view: memoryview) -> None:
        """Fill a view of bytes.

        Raises
        ------
        EOFError
            If the stream ends before its end.
        """
        while view:
            read = self._stream.readinto(view)
            if not read:
                raise EOFError("it ends before its last voxel")
            self.at += read
            view = view[read:]


@dataclass(frozen=True)
class Layout:
    """In which order the numbers of a file lie.

    Parameters
    ----------
    sizes : tuple of int
        Of every axis, the fastest first.
    dtype : dtype
        Of one number, in the byte order of the file.
    space : (int, int, int)
        The axes of `sizes` that are i, j and k, rising; see `make_layout` for planes.
    colour : int or None
        The axis of `sizes` whose first three positions are red, green and blue.
    """

    sizes: tuple[int, ...]
    dtype: np.dtype[Any]
    space: tuple[int, int, int]
    colour: int | None = None

    @property
    def shape(self) -> tuple[int, int, int]:
        """Voxels along i, j, k."""
        i, j, k = (self.sizes[axis] for axis in self.space)
        return i, j, k

    @property
    def extra(self) -> tuple[int, ...]:
        """The axes of `sizes` of which one position is read."""
        return tuple(a for a in range(len(self.sizes)) if a not in self.space and a != self.colour)

    def full_position(self, position: tuple[int, ...]) -> tuple[int, ...]:
        """Return the position along every extra axis, from that along those of several steps."""
        chosen = iter(position)
        return tuple(next(chosen) if self.sizes[axis] > 1 else 0 for axis in self.extra)

    @property
    def file_bytes(self) -> int:
        """Bytes of all numbers in the file."""
        return math.prod(self.sizes) * self.dtype.itemsize

    @property
    def volume_dtype(self) -> np.dtype[Any]:
        """Of the volume: halves become float32, complex numbers their magnitude, float32."""
        if self.dtype.kind == "c" or self.dtype.str[1:] == "f2":
            return np.dtype(np.float32)
        return self.dtype.newbyteorder("=")

    @property
    def volume_bytes(self) -> int:
        """Bytes of the volume."""
        channels = 1 if self.colour is None else 3
        return math.prod(self.shape) * channels * self.volume_dtype.itemsize


def make_layout(
    sizes: Sequence[int], dtype: np.dtype[Any], space: Sequence[int], colour: int | None = None
) -> Layout:
    """Return a layout; where fewer than three axes are of space, axes of one step are added."""
    sizes, space = tuple(sizes), tuple(space)
    while len(space) < 3:
        space = (*space, len(sizes))
        sizes = (*sizes, 1)
    return Layout(sizes, dtype, (space[0], space[1], space[2]), colour)


def allocate_volume(layout: Layout, allocate: Allocate) -> NDArray[Any]:
    """Return an array of shape (I, J, K) or (I, J, K, 3) whose first axis is the fastest."""
    i, j, k = layout.shape
    tail = () if layout.colour is None else (3,)
    return allocate((k, j, i, *tail), layout.volume_dtype).swapaxes(0, 2)


def fill_volume(
    array: NDArray[Any],
    layout: Layout,
    position: tuple[int, ...],
    tape: Tape,
    progress: Progress,
    token: CancelToken,
    path: Path,
) -> None:
    """Read the numbers at one position along the extra axes.

    Parameters
    ----------
    array : ndarray, shape (I, J, K) or (I, J, K, 3)
        As `allocate_volume` gives it; of any memory order.
    position : tuple of int
        Along each axis of `layout.extra`.
    tape : Tape
        Its byte 0 is the first number.

    Raises
    ------
    CorruptFileError
        If the numbers end too early.
    """
    plan = _Plan(layout, position)
    if plan.inner_bytes > _PLANE_LIMIT:
        raise UnsupportedFormatError(
            f"One slice with all that lies between takes {size_words(plan.inner_bytes)}.",
            remedy="Save one volume of it as a file of its own.",
            path=path,
        )
    depth = 1 if plan.is_whole else array.shape[2]
    step = max(1, min(depth, _BLOCK_BYTES // plan.inner_bytes)) if plan.is_dense else 1
    for start in range(0, depth, step):
        token.raise_if_cancelled()
        progress.report(start / depth, "Reading voxels")
        count = min(step, depth - start)
        target = array if plan.is_whole else array[:, :, start : start + count]
        try:
            tape.move_to(plan.offset(start))
            if plan.is_plain and target.T.flags.c_contiguous:
                tape.fill(_bytes_of(target.T))
                continue
            block = np.empty((count, *plan.inner_shape), layout.dtype)
            tape.fill(_bytes_of(block))
        except EOFError as error:
            raise CorruptFileError(
                f"The file is cut: {error}.", remedy=REMEDY_COPY, path=path
            ) from error
        picked = plan.pick(block)
        target[...] = np.abs(picked) if layout.dtype.kind == "c" else picked


class _Plan:
    """Which contiguous blocks of a file hold a volume, and what of each is kept.

    A block is all axes up to the second of space, or all that are needed where colours vary
    slower than slices; `offset` tells where the block of a slice begins.
    """

    def __init__(self, layout: Layout, position: tuple[int, ...]) -> None:
        self._layout = layout
        self._fixed = dict(zip(layout.extra, position, strict=True))
        _, second, third = layout.space
        self._inner = max(second, -1 if layout.colour is None else layout.colour)
        #: Whether one block is the whole volume.
        self.is_whole = self._inner > third
        self._k_axis = None if self.is_whole else third
        self.inner_shape = tuple(reversed(layout.sizes[: self._inner + 1]))
        self.inner_bytes = math.prod(self.inner_shape) * layout.dtype.itemsize
        #: Whether the blocks of slices follow each other without a gap.
        self.is_dense = self._k_axis == self._inner + 1
        #: Whether a block is a slice, number for number.
        self.is_plain = (
            layout.dtype == layout.volume_dtype
            and layout.colour is None
            and not any(axis <= self._inner for axis in self._fixed)
        )

    def offset(self, k: int) -> int:
        """Return the first byte of the block of slice k."""
        at, stride = 0, self._layout.dtype.itemsize
        for axis, size in enumerate(self._layout.sizes):
            if axis > self._inner:
                at += stride * (k if axis == self._k_axis else self._fixed.get(axis, 0))
            stride *= size
        return at

    def pick(self, block: NDArray[Any]) -> NDArray[Any]:
        """Return (I, J, count) or (I, J, count, 3) of blocks, shape (count, *inner_shape)."""
        layout = self._layout
        index: list[int | slice] = [0 if self.is_whole else slice(None)]
        names: list[int | None] = [] if self.is_whole else [self._k_axis]
        for axis in range(self._inner, -1, -1):
            if axis in self._fixed:
                index.append(self._fixed[axis])
                continue
            index.append(slice(0, 3) if axis == layout.colour else slice(None))
            names.append(axis)
        colour = () if layout.colour is None else (layout.colour,)
        wanted = [names.index(axis) for axis in (*layout.space, *colour)]
        return block[tuple(index)].transpose(wanted)


@contextmanager
def file_errors(path: Path) -> Iterator[None]:
    """Say in our words what the system and decompressors say of a file."""
    try:
        yield
    except (zlib.error, EOFError) as error:
        raise CorruptFileError(
            f"The compressed data are damaged or cut ({error}).", remedy=REMEDY_COPY, path=path
        ) from error
    except OSError as error:
        if error.errno is None:  # bz2 speaks so
            raise CorruptFileError(
                "The compressed data are damaged.", remedy=REMEDY_COPY, path=path
            ) from error
        raise ReadError(f"The file cannot be read ({error.strerror}).", path=path) from error


def _bytes_of(array: NDArray[Any]) -> memoryview:
    return array.reshape(-1).view(np.uint8).data
