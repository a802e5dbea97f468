"""Streams that inflate in bounded steps, and the look at what follows the voxels."""

from __future__ import annotations

import bz2
import zlib
from typing import TYPE_CHECKING, BinaryIO, Literal

from acutance.core.ledger import LoadWarning
from acutance.errors import CorruptFileError
from acutance.io.gzip_stream import GzipStream
from acutance.io.voxels import REMEDY_COPY

if TYPE_CHECKING:
    from pathlib import Path

    from acutance.io._protocols import CancelToken

Encoding = Literal["raw", "gzip", "zlib", "bzip2"]
#: How many times its own bytes a file can hold at best; bzip2 packs 900 kB of zeros into 40 bytes.
MAX_INFLATION = {"raw": 1, "gzip": 1100, "zlib": 1100, "bzip2": 25_000}
_CHUNK = 1 << 18
_TAIL_BYTES = 64 * 1024**2


class ZlibStream:
    """A forward reader over one zlib stream.

    Memory is bounded by what is asked for; the checksum is verified when the end is reached.

    Parameters
    ----------
    file : binary file
        Positioned at the stream.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._inflate = zlib.decompressobj()

    @property
    def has_rubbish(self) -> bool:
        """Whether foreign bytes follow the stream."""
        return bool(self._inflate.unused_data.strip(b"\x00"))

    def read(self, count: int) -> bytes:
        """Return up to `count` bytes, `b""` at the verified end.

        Raises
        ------
        EOFError
            If the file ends inside the stream.
        zlib.error
            If the stream or its checksum is wrong.
        """
        while not self._inflate.eof:
            fed = self._inflate.unconsumed_tail or self._file.read(_CHUNK)
            out = self._inflate.decompress(fed, count)
            if out:
                return out
            if not fed and not self._inflate.eof:
                raise EOFError("it ends too early")
        return b""

    def readinto(self, view: memoryview) -> int:
        """Fill the start of a byte view; return how many bytes, 0 at the verified end."""
        data = self.read(min(len(view), 1 << 20))
        view[: len(data)] = data
        return len(data)


Inflating = GzipStream | ZlibStream | bz2.BZ2File


def inflating(file: BinaryIO, encoding: Encoding) -> Inflating:
    """Return a stream over what a file holds in compressed form from where it is.

    Raises
    ------
    ValueError
        If it is not compressed.
    """
    if encoding == "gzip":
        return GzipStream(file)
    if encoding == "zlib":
        return ZlibStream(file)
    if encoding == "bzip2":
        return bz2.BZ2File(file)
    raise ValueError(f"{encoding!r} is no compression")


def verify_tail(stream: Inflating, rest: int, token: CancelToken, path: Path) -> list[LoadWarning]:
    """Read a compressed file to its end so that its checksum is verified, within a bound.

    Parameters
    ----------
    rest : int
        Bytes that must still follow.

    Raises
    ------
    CorruptFileError
        If they do not.
    """
    read = 0
    while chunk := stream.read(1 << 20):
        token.raise_if_cancelled()
        read += len(chunk)
        if read > rest + _TAIL_BYTES:
            return [
                LoadWarning(
                    "trailing_data",
                    "The archive holds much more than its header says; the rest was not read and "
                    "its checksum not verified.",
                    (str(path),),
                )
            ]
    if read < rest:
        raise CorruptFileError(
            "The header claims more volumes than the file holds.", remedy=REMEDY_COPY, path=path
        )
    if getattr(stream, "has_rubbish", False):
        return [
            LoadWarning(
                "trailing_data", "Foreign bytes follow the end of the archive.", (str(path),)
            )
        ]
    return []
