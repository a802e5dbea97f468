"""Voxels that lie in files of their own, one or many, behind a header that names them.

The names come from the header and are not believed: only regular files in the folder of the
header, or below it, are opened.
"""

from __future__ import annotations

import io
import re
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO, Literal

import numpy as np

from acutance.core.foreign import quiet
from acutance.errors import CorruptFileError, UnsupportedFormatError
from acutance.io._protocols import MAX_VOLUME_BYTES
from acutance.io.assembling import check_size, safe_neighbour
from acutance.io.compressed import MAX_INFLATION, Encoding, Inflating, inflating, verify_tail
from acutance.io.voxels import (
    REMEDY_COPY,
    Layout,
    Tape,
    allocate_volume,
    file_errors,
    fill_volume,
)

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from acutance.core.ledger import LoadWarning
    from acutance.io._protocols import Allocate, CancelToken, Progress

_PIECE_LIMIT = 100_000
_SKIPPED_LINES_BYTES = 16 * 1024**2
_TEXT_BYTES = 256 * 1024**2
#: One printf number, perhaps padded with zeros, and nothing else that printf knows.
_NUMBER = re.compile(r"%(0?\d?)d")


@dataclass(frozen=True)
class Pieces:
    """Where the numbers of a layout are.

    Parameters
    ----------
    files : tuple of Path
        Each holds the same share of the numbers, in order.
    encoding : str
        "raw", "gzip", "zlib", "bzip2" or "text".
    skip : int
        Bytes in front of the numbers in each file, after inflation; -1 where they end the file.
    skip_lines : int
        Lines in front of that, before inflation.
    start : int
        Byte of the file where all this begins: the end of a header in the same file.
    """

    files: tuple[Path, ...]
    encoding: Encoding | Literal["text"] = "raw"
    skip: int = 0
    skip_lines: int = 0
    start: int = 0

    def check(self, layout: Layout, header: Path) -> None:
        """Hold the claim of a header against the files, before any array is made.

        Raises
        ------
        CorruptFileError
            If they cannot hold that much.
        """
        if not self.files or layout.file_bytes % len(self.files):
            raise CorruptFileError(
                f"The voxels cannot be shared among {len(self.files)} files.", path=header
            )
        share = layout.file_bytes // len(self.files)
        for path in self.files:
            with file_errors(path):
                size = path.stat().st_size - self.start
            if self.encoding == "text":  # a digit and a space per number
                available = (size + 1) // 2 * layout.dtype.itemsize
            else:
                available = size * MAX_INFLATION[self.encoding]
            check_size(
                max(0, self.skip) + share, available, layout.volume_bytes, MAX_VOLUME_BYTES, path
            )
            if self.encoding == "text" and size > _TEXT_BYTES:
                raise UnsupportedFormatError(
                    "The voxels are written as text of more than 256 MiB, which is not read.",
                    remedy="Save them in binary form.",
                    path=path,
                )


class PieceTape(Tape):
    """The bytes of all pieces one after the other.

    Parameters
    ----------
    pieces : Pieces
        Checked against `layout`.
    layout : Layout
    """

    def __init__(self, pieces: Pieces, layout: Layout, token: CancelToken) -> None:
        super().__init__(io.BytesIO())
        self._pieces = pieces
        self._dtype = layout.dtype
        self._share = layout.file_bytes // len(pieces.files)
        self._token = token
        self._stack = ExitStack()
        self._number = -1
        self._tape = Tape(io.BytesIO())
        self._inflating: Inflating | None = None
        self.warnings: list[LoadWarning] = []

    def __enter__(self) -> PieceTape:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close what is open."""
        self._stack.close()

    def move_to(self, at: int) -> None:
        """Go forward to a byte; files that lie between are not opened."""
        number = min(at // self._share, len(self._pieces.files) - 1)
        if number != self._number:
            self._open(number)
        with file_errors(self._pieces.files[number]):
            self._tape.move_to(at - number * self._share)
        self.at = at

    def fill(self, view: memoryview) -> None:
        """Fill a view of bytes, across files where need be."""
        while view:
            if self._number < 0 or self.at >= (self._number + 1) * self._share:
                self._finish()
                self._open(self._number + 1)
            count = min(len(view), (self._number + 1) * self._share - self.at)
            self._tape.fill(view[:count])
            self.at += count
            view = view[count:]

    def finish(self) -> list[LoadWarning]:
        """Verify the checksum of the file that is open; return what is to be told."""
        self._finish()
        return self.warnings

    def _finish(self) -> None:
        if self._inflating is not None:
            path = self._pieces.files[self._number]
            rest = (self._number + 1) * self._share - self.at
            self.warnings += verify_tail(self._inflating, rest, self._token, path)
            self._inflating = None

    def _open(self, number: int) -> None:
        pieces = self._pieces
        if number >= len(pieces.files):
            raise EOFError("it ends before its last voxel")
        path = pieces.files[number]
        self._stack.close()
        self._inflating = None
        with file_errors(path):
            file = self._stack.enter_context(path.open("rb"))
            file.seek(pieces.start)
            _skip_lines(file, pieces.skip_lines, path)
            if pieces.encoding == "text":
                self._tape = Tape(_numbers(file, self._dtype, self._share, path))
            elif pieces.encoding == "raw":
                if pieces.skip == -1:
                    file.seek(path.stat().st_size - self._share)
                else:
                    file.seek(pieces.skip, 1)
                self._tape = Tape(file, file)
            else:
                self._inflating = inflating(file, pieces.encoding)
                _pass_over(self._inflating, pieces.skip, path)
                self._tape = Tape(self._inflating)
        self._number = number


def _skip_lines(file: BinaryIO, count: int, path: Path) -> None:
    left = _SKIPPED_LINES_BYTES
    while count > 0:
        line = file.readline(left)
        left -= len(line)
        if not line.endswith(b"\n"):
            raise CorruptFileError(
                "The header skips more lines than the file has.", remedy=REMEDY_COPY, path=path
            )
        count -= 1


def _pass_over(stream: Inflating, count: int, path: Path) -> None:
    if count < 0:
        raise UnsupportedFormatError(
            "The voxels end a compressed file of unknown length, which is not read.",
            remedy="Save the file uncompressed.",
            path=path,
        )
    while count > 0:
        read = len(stream.read(min(count, 1 << 20)))
        if not read:
            raise EOFError("it ends before the voxels")
        count -= read


def _numbers(file: BinaryIO, dtype: np.dtype[Any], nbytes: int, path: Path) -> io.BytesIO:
    """Return the bytes of numbers that are written as text."""
    text = file.read(_TEXT_BYTES).replace(b",", b" ")
    kind = np.dtype(np.float64) if dtype.kind in "fc" else np.dtype(np.int64)
    count = nbytes // dtype.itemsize
    try:
        with quiet():
            values = np.fromstring(text.decode("ascii", "replace"), kind, sep=" ")[:count]
    except ValueError as error:
        raise CorruptFileError(
            "The voxels are written as text, which holds something else than numbers.",
            remedy=REMEDY_COPY,
            path=path,
        ) from error
    if values.size < count:
        raise CorruptFileError(
            f"The text holds {values.size} numbers, {count} were expected.",
            remedy=REMEDY_COPY,
            path=path,
        )
    with np.errstate(all="ignore"):
        stored = values.astype(dtype)
    if dtype.kind in "iu" and not np.array_equal(stored, values):
        raise CorruptFileError(
            f"The text holds numbers that are no {dtype.name}.", remedy=REMEDY_COPY, path=path
        )
    return io.BytesIO(stored.tobytes())


def named_files(header: Path, names: list[str]) -> tuple[Path, ...]:
    """Return the files that a header names, each in its folder or below.

    Raises
    ------
    CorruptFileError
        If there are too many, or one is elsewhere or missing.
    """
    if not 1 <= len(names) <= _PIECE_LIMIT:
        raise CorruptFileError(
            f"The header names {len(names)} files; 1 to {_PIECE_LIMIT} were expected.", path=header
        )
    return tuple(safe_neighbour(header, name) for name in names)


def numbered_names(header: Path, pattern: str, first: int, last: int, step: int) -> list[str]:
    """Return the names that a pattern such as `slice%03d.raw` stands for.

    Raises
    ------
    CorruptFileError
        If the pattern holds anything but one number, or stands for too many names.
    """
    parts = _NUMBER.split(pattern)
    count = (last - first) // step + 1 if step else 0
    if len(parts) != 3 or "%" in parts[0] + parts[2] or not 1 <= count <= _PIECE_LIMIT:
        raise CorruptFileError(
            "The header names its files by a pattern that is not understood.", path=header
        )
    before, width, after = parts
    fill = "0" if width.startswith("0") else " "
    return [
        f"{before}{str(first + n * step).rjust(int(width or 0), fill)}{after}" for n in range(count)
    ]


def read_pieces(
    layout: Layout,
    pieces: Pieces,
    position: tuple[int, ...],
    allocate: Allocate,
    progress: Progress,
    token: CancelToken,
) -> tuple[NDArray[Any], list[LoadWarning]]:
    """Read one volume; return it and what is to be told of the ends of the files.

    Parameters
    ----------
    position : tuple of int
        Along each axis of `layout.extra`.

    Raises
    ------
    CorruptFileError
        If a file is cut or damaged.
    """
    array = allocate_volume(layout, allocate)
    progress.report(0.0, "Reading voxels")
    with PieceTape(pieces, layout, token) as tape, file_errors(pieces.files[0]):
        fill_volume(array, layout, position, tape, progress, token, pieces.files[0])
        return array, tape.finish()
