"""One NIfTI file without the texts of its header, its voxels bit for bit as they were.

References
----------
.. [1] NIfTI-1 header, nifti1.h, https://nifti.nimh.nih.gov/pub/dist/src/niftilib/nifti1.h
.. [2] NIfTI-2 header, nifti2.h, https://nifti.nimh.nih.gov/pub/dist/doc/nifti2.h
"""

from __future__ import annotations

import gzip
import hashlib
import math
import zlib
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, BinaryIO

from nibabel.nifti1 import Nifti1Header
from nibabel.nifti2 import Nifti2Header

from acutance.core.foreign import quiet
from acutance.export._dicom import FOREIGN_ERRORS, RefusedError
from acutance.export.traces import MIN_BYTES, LongTraces, is_readable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

_KINDS: dict[int, tuple[Any, bytes]] = {
    348: (Nifti1Header, b"n+1\0"),
    540: (Nifti2Header, b"n+2\0"),
}
#: Texts of the header, each of which may hold a name; and numbers that no program needs.
TEXTS = ("descrip", "aux_file", "intent_name", "db_name", "data_type", "unused_str")
_LEFTOVERS = ("extents", "session_error", "regular", "glmax", "glmin")
_GZIP = b"\x1f\x8b"
_CHUNK = 1 << 20
_GZIP_LEVEL = 4
#: Header extensions larger than this are no header extensions.
_MAX_EXTENSION_BYTES = 64 * 1024**2
_MAX_WORDS = 4096
#: Longer texts are searched for by their beginning.
_MAX_TRACE_BYTES = 256


def is_nifti(head: bytes) -> bool:
    """Whether the first bytes, inflated where they are gzip, begin a NIfTI or Analyze header."""
    return _order(_inflate(head)) is not None


def is_gzip(head: bytes) -> bool:
    """Whether the first bytes are those of a gzip stream."""
    return head[:2] == _GZIP


def write_deidentified(source: Path, target: Path, check: Callable[[float], None]) -> set[bytes]:
    """Write the de-identified copy of one file; gzip stays gzip.

    Parameters
    ----------
    source, target : Path
    check : callable
        Hears the fraction that is done; may raise to stop.

    Returns
    -------
    set of bytes
        Words of the texts that were emptied, in lower case, to be searched for.

    Raises
    ------
    RefusedError
        If the file is no single-file NIfTI or is damaged.
    OSError
        If a file cannot be read or written.
    """
    with source.open("rb") as raw, ExitStack() as stack:
        head = raw.read(2)
        raw.seek(0)
        packed = head == _GZIP
        stream: Any = stack.enter_context(gzip.GzipFile(fileobj=raw, mode="rb")) if packed else raw
        header, removed = _read_header(stream)
        size = math.prod(header.get_data_shape()) * header.get_data_dtype().itemsize
        out: Any = stack.enter_context(target.open("wb"))
        if packed:
            out = stack.enter_context(
                gzip.GzipFile("", "wb", compresslevel=_GZIP_LEVEL, fileobj=out, mtime=0)
            )
        out.write(header.binaryblock + bytes(4))
        for chunk in _chunks(stream, size, check):
            out.write(chunk)
    return removed


def verify(source: Path, target: Path, removed: set[bytes], check: Callable[[float], None]) -> None:
    """Raise where a written file holds a removed text or other voxels than its source.

    Raises
    ------
    RefusedError
        If something does not hold.
    """
    before, _ = _voxels(source, set(), check)
    after, has_trace = _voxels(target, removed, check)
    if before != after:
        raise RefusedError("verification failed: the voxels changed")
    if has_trace:
        raise RefusedError("verification failed: a removed value occurs in the file's bytes")
    with target.open("rb") as raw, ExitStack() as stack:
        packed = raw.read(10)
        raw.seek(0)
        stream: Any = raw
        if packed[:2] == _GZIP:
            if packed[3] or any(packed[4:8]):
                raise RefusedError("verification failed: the archive holds a name or a time")
            stream = stack.enter_context(gzip.GzipFile(fileobj=raw, mode="rb"))
        block = stream.read(544)
    if any(trace in block.lower() for trace in removed):
        raise RefusedError("verification failed: a removed value occurs in the header")
    kind, _, order = _order(block) or (Nifti1Header, b"", "<")
    header = kind(block[: kind.sizeof_hdr], order, check=False)
    texts = [name for name in TEXTS if name in set(header.keys())]
    if any(header[name].item() for name in texts):
        raise RefusedError("verification failed: a text is left in the header")
    if int(header["vox_offset"]) != kind.sizeof_hdr + 4:
        raise RefusedError("verification failed: there is room for an extension")


def _order(head: bytes) -> tuple[Any, bytes, str] | None:
    """Return header class, magic and byte order by the first four bytes."""
    for order, name in (("<", "little"), (">", "big")):
        size = int.from_bytes(head[:4], name)  # type: ignore[arg-type]
        if size in _KINDS:
            kind, magic = _KINDS[size]
            return kind, magic, order
    return None


def _inflate(head: bytes) -> bytes:
    if head[:2] != _GZIP:
        return head
    try:
        return zlib.decompressobj(wbits=31).decompress(head, 4096)
    except zlib.error:
        return b""


def _read_header(stream: BinaryIO) -> tuple[Any, set[bytes]]:
    """Return the cleaned header, the stream standing at the first voxel, and what was removed."""
    start = _read(stream, 540)
    found = _order(start)
    if found is None:
        raise RefusedError("it is no NIfTI file")
    kind, magic, order = found
    block = start[: kind.sizeof_hdr]
    if len(block) < kind.sizeof_hdr:
        raise RefusedError("it is cut or damaged")
    try:
        with quiet():
            header = kind(block, order, check=False)
            stored = bytes(header["magic"].tobytes())[:4]
            shape, dtype = header.get_data_shape(), header.get_data_dtype()
            offset = float(header["vox_offset"])
    except FOREIGN_ERRORS as error:
        raise RefusedError("its header is damaged") from error
    if stored != magic:
        raise RefusedError("it is a pair of files or an Analyze image; convert it to .nii first")
    if not shape or min(shape) < 1 or not dtype.itemsize:
        raise RefusedError("its header is damaged")
    if not (math.isfinite(offset) and offset == int(offset) and offset >= kind.sizeof_hdr):
        raise RefusedError("its header does not say where the voxels begin")
    rest = start[kind.sizeof_hdr :]
    gap = int(offset) - kind.sizeof_hdr
    if gap > _MAX_EXTENSION_BYTES:
        raise RefusedError("its header extensions are larger than 64 MiB")
    if len(rest) > gap:
        # NIfTI-1 without extensions: voxels were read already.
        stream.seek(int(offset))  # gzip bears a step back, too
        rest = rest[:gap]
    else:
        rest += _read(stream, gap - len(rest))
    removed = _words(rest)
    for name in TEXTS:
        if name in set(header.keys()):
            removed |= _words(header[name].item())
            header[name] = b""
    for name in _LEFTOVERS:
        if name in set(header.keys()):
            header[name] = 0 if header[name].dtype.kind != "S" else b""
    header["vox_offset"] = kind.sizeof_hdr + 4
    return header, removed


def _words(data: bytes) -> set[bytes]:
    """Return what reads as text in bytes: the whole, and its runs of printable characters."""
    runs: set[bytes] = set()
    for part in data.replace(b"\r", b"\0").replace(b"\n", b"\0").split(b"\0"):
        text = part.strip()
        if len(text) >= MIN_BYTES and is_readable(text) and len(runs) < _MAX_WORDS:
            runs.add(text[:_MAX_TRACE_BYTES].lower())
    return runs


def _read(stream: BinaryIO, count: int) -> bytes:
    """Read from a source whose faults are its own."""
    try:
        return stream.read(count)
    except (OSError, EOFError, zlib.error) as error:
        raise RefusedError("it cannot be read, or is cut or damaged") from error


def _chunks(stream: BinaryIO, size: int, check: Callable[[float], None]) -> Iterator[bytes]:
    """Yield the next bytes of a stream, piece by piece, and see that all of them are there."""
    left = size
    while left:
        check(1 - left / size)
        chunk = _read(stream, min(_CHUNK, left))
        if not chunk:
            raise RefusedError("it ends before its last voxel")
        yield chunk
        left -= len(chunk)


def _voxels(path: Path, traces: set[bytes], check: Callable[[float], None]) -> tuple[str, bool]:
    """Return the hash of the voxels of a file, and whether a longer trace occurs in them."""
    long = LongTraces(traces)
    digest = hashlib.sha256()
    has_trace = False
    with path.open("rb") as raw, ExitStack() as stack:
        head = raw.read(2)
        raw.seek(0)
        stream: Any = raw
        if head == _GZIP:
            stream = stack.enter_context(gzip.GzipFile(fileobj=raw, mode="rb"))
        header, _ = _read_header(stream)
        size = math.prod(header.get_data_shape()) * header.get_data_dtype().itemsize
        tail = b""
        for chunk in _chunks(stream, size, check):
            digest.update(chunk)
            has_trace = has_trace or long.find((tail + chunk).lower())
            tail = chunk[-_MAX_TRACE_BYTES:]
    return digest.hexdigest(), has_trace
