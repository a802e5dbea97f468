"""What a checkpoint file says it is, checked before anything of it is loaded. No torch."""

from __future__ import annotations

import json
import math
import struct
import tarfile
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO

from acutance_models.conversion import pickle_scan
from acutance_models.errors import WeightsError

if TYPE_CHECKING:
    from pathlib import Path

ZIP_MAGIC = b"PK\x03\x04"
#: Text of a safetensors header that is still read; those of known networks are below 1 MiB.
HEADER_LIMIT_BYTES = 16 << 20
#: Entries of an archive: one per tensor and a handful beside.
ENTRY_LIMIT = 20_000
ITEM_BYTES = {
    "F64": 8, "F32": 4, "F16": 2, "BF16": 2, "I64": 8, "I32": 4, "I16": 2, "I8": 1, "U8": 1,
    "BOOL": 1,
}  # fmt: skip
_CHUNK_BYTES = 8 << 20
#: What zipfile raises about archives that are wrong in one way or another.
_ARCHIVE_FAULTS = (
    zipfile.BadZipFile,
    NotImplementedError,
    RuntimeError,
    ValueError,
    OSError,
    EOFError,
    KeyError,
    struct.error,
)


@dataclass(frozen=True)
class TensorEntry:
    """One tensor of a safetensors file.

    Parameters
    ----------
    dtype : str
        A key of `ITEM_BYTES`.
    shape : tuple of int
    begin, end : int
        Its bytes, from the beginning of the data.
    """

    dtype: str
    shape: tuple[int, ...]
    begin: int
    end: int


def check_file(path: Path, *, name: str) -> str:
    """Say what kind of checkpoint a file is, once it is known to hold nothing but tensors.

    Parameters
    ----------
    path : Path
    name : str
        What messages call it; its suffix says what it claims to be.

    Returns
    -------
    str
        "safetensors" or "pickle".

    Raises
    ------
    UnsafeCheckpointError
        If opening it would run code.
    WeightsError
        If it is damaged, of no known kind, or not what its name says.
    """
    claims_safetensors = name.lower().endswith(".safetensors")
    with path.open("rb") as file:
        head = file.read(tarfile.BLOCKSIZE)
        file.seek(0)
        if _is_tar(head):
            raise WeightsError(f"{name}: a tar archive, as torch wrote before 2017. Not opened.")
        is_zip = head.startswith(ZIP_MAGIC)
        is_pickle = not is_zip and not _is_header_like(head)
        if claims_safetensors and (is_zip or is_pickle):
            _refuse_false_name(head, name)
        if is_zip:
            _check_archive(file, name=name)
            return "pickle"
        if is_pickle:
            pickle_scan.scan_legacy(file, name=name)
            return "pickle"
    check_tensors_finite(path, read_header(path, name=name), name=name)
    return "safetensors"


def read_header(path: Path, *, name: str) -> dict[str, TensorEntry]:
    """Read and check the header of a safetensors file.

    Every number is held against the size of the file before anything is allocated: the tensors
    must fill the data one after the other, without gap or overlap.

    Raises
    ------
    WeightsError
        If anything does not hold together; the message names it.

    References
    ----------
    .. [1] The safetensors format, https://github.com/huggingface/safetensors#format
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        if size < 8 or length > size - 8:
            raise _damaged(name, f"its header claims {length} bytes, the file has {size}")
        if length > HEADER_LIMIT_BYTES:
            raise _damaged(name, f"its header claims {length} bytes")
        text = file.read(length)
    try:
        header = json.loads(text, object_pairs_hook=_unique)
    except (ValueError, RecursionError) as error:
        raise _damaged(name, f"its header is no valid JSON ({type(error).__name__})") from error
    if not isinstance(header, dict):
        raise _damaged(name, "its header is no table")
    header.pop("__metadata__", None)
    entries = {str(key): _entry(str(key), value, name) for key, value in header.items()}
    position = 0
    for key, entry in sorted(entries.items(), key=lambda item: (item[1].begin, item[1].end)):
        if entry.begin != position:
            what = "overlaps another" if entry.begin < position else "leaves a gap before it"
            raise _damaged(name, f"{key[:80]!r} {what}")
        position = entry.end
    if position != size - 8 - length:
        raise _damaged(name, f"its tensors fill {position} of {size - 8 - length} bytes")
    return entries


def check_tensors_finite(path: Path, entries: dict[str, TensorEntry], *, name: str) -> None:
    """Check that a safetensors file holds no NaN and no infinity, part by part.

    Raises
    ------
    WeightsError
        If a tensor does; the message names it.
    """
    with path.open("rb") as file:
        start = 8 + int.from_bytes(file.read(8), "little")
        for key, entry in entries.items():
            if entry.dtype not in ("F64", "F32", "F16", "BF16"):
                continue
            file.seek(start + entry.begin)
            left = entry.end - entry.begin
            while left:
                data = file.read(min(left, _CHUNK_BYTES))
                if not data:
                    raise _damaged(name, "it ended while it was read")
                left -= len(data)
                if not _is_finite(data, entry.dtype):
                    raise WeightsError(
                        f"{name}: {key[:80]} holds values that are not finite. Use another "
                        "checkpoint.",
                        keys=(key,),
                    )


def _is_finite(data: bytes, dtype: str) -> bool:
    import numpy as np  # only once a header has passed: most refusals need none of it

    if dtype == "BF16":
        exponent = np.uint16(0x7F80)
        return not bool(np.any((np.frombuffer(data, "<u2") & exponent) == exponent))
    kind = {"F64": "<f8", "F32": "<f4", "F16": "<f2"}[dtype]
    return bool(np.isfinite(np.frombuffer(data, kind)).all())


def _entry(key: str, value: Any, name: str) -> TensorEntry:
    try:
        dtype, shape = value["dtype"], value["shape"]
        begin, end = value["data_offsets"]
    except (KeyError, TypeError, ValueError) as error:
        raise _damaged(name, f"{key[:80]!r} is not described") from error
    numbers = [begin, end, *(shape if isinstance(shape, list) else [None])]
    if any(isinstance(n, bool) or not isinstance(n, int) or n < 0 for n in numbers):
        raise _damaged(name, f"{key[:80]!r} has sizes that are no whole numbers")
    if dtype not in ITEM_BYTES:
        raise _damaged(name, f"{key[:80]!r} is of the unknown type {str(dtype)[:20]!r}")
    # Python's integers do not overflow, whatever a shape claims.
    claimed = math.prod(shape) * ITEM_BYTES[dtype]
    if claimed != end - begin:
        raise _damaged(name, f"{key[:80]!r} claims {claimed} bytes and is given {end - begin}")
    return TensorEntry(dtype, tuple(shape), begin, end)


def _check_archive(file: BinaryIO, *, name: str) -> None:
    """Check a file of torch's newer format: stored entries, one harmless pickle."""
    try:
        with zipfile.ZipFile(file) as archive:
            entries = archive.infolist()
            if len(entries) > ENTRY_LIMIT:
                raise _damaged(name, f"it is an archive of {len(entries)} entries")
            if any(entry.compress_type != zipfile.ZIP_STORED for entry in entries):
                raise _damaged(name, "its entries are compressed, which torch.save never does")
            names = [entry.filename for entry in entries]
            if len(set(names)) != len(names):
                raise _damaged(name, "two entries bear the same name")
            pickles = [e for e in entries if e.filename.endswith(".pkl")]
            if [e.filename.rpartition("/")[2] for e in pickles] != ["data.pkl"]:
                raise _damaged(name, "it is an archive, but not one that torch.save wrote")
            if pickles[0].file_size > pickle_scan.PICKLE_LIMIT_BYTES:
                raise _damaged(name, f"its pickle claims {pickles[0].file_size} bytes")
            data = archive.read(pickles[0])
    except _ARCHIVE_FAULTS as error:
        raise _damaged(name, f"its archive cannot be read ({type(error).__name__})") from error
    pickle_scan.scan_bytes(data, name=name)


def _is_header_like(head: bytes) -> bool:
    """Return whether a file begins like safetensors: a length, then an opening brace."""
    return head[8:9] == b"{"


def _is_tar(head: bytes) -> bool:
    """Return whether the first block is one that torch would hand to its oldest reader."""
    try:
        tarfile.TarInfo.frombuf(head, "utf-8", "surrogateescape")
    except tarfile.HeaderError:
        return False
    return True


def _refuse_false_name(head: bytes, name: str) -> None:
    """Raise the error for a file that is named .safetensors and is something else."""
    length = int.from_bytes(head[:8], "little")
    if head.startswith(ZIP_MAGIC):
        raise WeightsError(f"{name}: named .safetensors, but an archive as torch.save writes it.")
    if head[:1] == b"\x80" or head[:1] in (b"(", b"c", b"]", b"}", b"."):
        raise WeightsError(f"{name}: named .safetensors, but a pickle. It was not opened.")
    raise _damaged(name, f"its header claims {length} bytes and is not one")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    answer = dict(pairs)
    if len(answer) != len(pairs):
        raise ValueError("a name stands twice")
    return answer


def _damaged(name: str, what: str) -> WeightsError:
    return WeightsError(f"{name}: {what}. Nothing of it was loaded; get the file again.")
