"""Requests on their way to a child: pickled, with their arrays beside them in segments.

Only the parent packs and only a child unpacks; nothing that comes from a child is unpickled.
"""

from __future__ import annotations

import io
import pickle
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from acutance.jobs import shared

if TYPE_CHECKING:
    from acutance.jobs.shared import ArrayReference, Segment

#: Arrays up to this size go with the pickle; a segment of their own would cost more.
INLINE_BYTES = 64 << 10
#: A longer pickle goes through a segment, so that sending never waits for the reader.
_MESSAGE_BYTES = 32 << 10


@dataclass(frozen=True)
class Packed:
    """A value ready to be sent.

    Parameters
    ----------
    data : bytes
        What is sent; short.
    segments : tuple of Segment
        What must live until the other side has done its work.
    """

    data: bytes
    segments: tuple[Segment, ...]


def pack(value: Any) -> Packed:
    """Pack a value.

    An array that lies in a segment of this process, or is a view of one, is named and not
    copied; any other large array is copied once.

    Raises
    ------
    MemoryError
        If there is no room for a copy.
    """
    buffer = io.BytesIO()
    packer = _Packer(buffer)
    packer.dump(value)
    data = buffer.getvalue()
    if len(data) <= _MESSAGE_BYTES:
        return Packed(b"I" + data, tuple(packer.segments))
    segment = shared.create(len(data))
    segment[: len(data)] = data
    note = pickle.dumps((segment.path, len(data)))
    return Packed(b"S" + note, (*packer.segments, segment))


def unpack(data: bytes) -> Any:
    """Rebuild a value from `Packed.data`.

    Its arrays are as writable as they were; what is written to them stays in this process.
    """
    body = data[1:]
    if data[:1] == b"S":
        path, size = pickle.loads(body)
        body = shared.attach(path, size, is_private=True)[:size]
    return _Unpacker(io.BytesIO(body)).load()


class _Packer(pickle.Pickler):
    """Takes the large arrays out."""

    def __init__(self, file: io.BytesIO) -> None:
        super().__init__(file, protocol=pickle.HIGHEST_PROTOCOL)
        self.segments: list[Segment] = []
        # Keeps the arrays too: an id is only theirs while they live.
        self._known: dict[int, tuple[Any, tuple[ArrayReference, bool]]] = {}

    def persistent_id(self, obj: Any) -> tuple[ArrayReference, bool] | None:
        """Return where an array lies, or None for what is pickled as usual."""
        if type(obj) is not np.ndarray or obj.dtype.kind not in shared.PLAIN_KINDS:
            return None
        if id(obj) in self._known:
            return self._known[id(obj)][1]
        reference = shared.find(obj)
        if reference is None:
            if obj.nbytes <= INLINE_BYTES:
                return None
            reference = self._copy(obj)
        known = (reference, bool(obj.flags.writeable))
        self._known[id(obj)] = (obj, known)
        return known

    def _copy(self, array: np.ndarray[Any, Any]) -> ArrayReference:
        """Copy an array to a segment of its own, in the memory order it has."""
        segment = shared.create(array.nbytes)
        if array.flags.f_contiguous and not array.flags.c_contiguous:
            copy = segment.array(array.shape[::-1], array.dtype).T
        else:
            copy = segment.array(array.shape, array.dtype)
        np.copyto(copy, array)
        self.segments.append(segment)
        reference = segment.reference(copy)
        assert reference is not None
        return reference


class _Unpacker(pickle.Unpickler):
    """Puts the large arrays back in."""

    def __init__(self, file: io.BytesIO) -> None:
        super().__init__(file)
        self._segments: dict[str, Segment] = {}

    def persistent_load(self, pid: Any) -> Any:
        """Return the array that lies at a reference."""
        reference: ArrayReference
        reference, is_writable = pid
        segment = self._segments.get(reference.path)
        if segment is None:
            segment = shared.attach(reference.path, reference.size, is_private=True)
            self._segments[reference.path] = segment
        array = segment.array(
            reference.shape,
            np.dtype(reference.dtype),
            offset=reference.offset,
            strides=reference.strides,
        )
        array.flags.writeable = is_writable
        return array
