"""Inflate gzip in bounded steps and verify every checksum.

Where `isal` is installed (extra `fast`) it inflates, about twice as fast as zlib; it verifies the
same checksums.
"""

from __future__ import annotations

import zlib
from typing import Any, BinaryIO

_CHUNK = 1 << 18

_inflate_module: Any = zlib
_FAULTS: Any = zlib.error
try:
    from isal import isal_zlib
except ImportError:
    pass
else:
    _inflate_module = isal_zlib
    _FAULTS = (zlib.error, isal_zlib.error)


class GzipStream:
    """A forward reader over a gzip file of one or more members.

    Memory is bounded by what is asked for. The checksum and length of a member are verified when
    its end is reached; bytes after the last member that are no gzip set `has_rubbish`.

    Parameters
    ----------
    file : binary file
        Positioned at the gzip magic.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._inflate = _inflate_module.decompressobj(wbits=31)
        self._pending = b""
        self._is_done = False
        self.has_rubbish = False

    def read(self, count: int) -> bytes:
        """Return up to `count` bytes, `b""` at the verified end.

        Raises
        ------
        EOFError
            If the file ends inside a member.
        zlib.error
            If the stream or a checksum is wrong.
        """
        while not self._is_done:
            if self._inflate.eof:
                self._next_member()
                continue
            fed = self._pending or self._file.read(_CHUNK)
            # Output may still be held back when the input has ended: feed nothing and see.
            try:
                out: bytes = self._inflate.decompress(fed, count)
            except _FAULTS as error:
                raise zlib.error(str(error)) from error
            self._pending = self._inflate.unconsumed_tail or self._inflate.unused_data
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

    def _next_member(self) -> None:
        rest = self._pending or self._file.read(_CHUNK)
        if len(rest) < 2:
            rest += self._file.read(_CHUNK)
        if rest[:2] == b"\x1f\x8b":
            self._inflate = _inflate_module.decompressobj(wbits=31)
            self._pending = rest
            return
        # Zero padding is common on tapes and harmless.
        self.has_rubbish = bool(rest.strip(b"\x00"))
        self._is_done = True
