"""How much memory a job may have, and the segments it was given."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil

from acutance.errors import ReadError
from acutance.jobs import shared

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from acutance.jobs.shared import ArrayReference, Segment

#: Part of the memory that is free now which one job may take.
AVAILABLE_SHARE = 0.6
_CGROUP = Path("/sys/fs/cgroup")


class Allocator:
    """Gives one job its segments, within a budget.

    Parameters
    ----------
    budget_bytes : int or None
        What the job may take at most; in any case no more than 0.6 of the memory that is free.
    """

    def __init__(self, budget_bytes: int | None = None) -> None:
        share = int(AVAILABLE_SHARE * available_bytes())
        self.budget_bytes = share if budget_bytes is None else min(share, budget_bytes)
        self._segments: dict[str, Segment] = {}

    def allocate(self, shape: tuple[int, ...], dtype: np.dtype[Any]) -> Segment:
        """Make a segment for an array.

        Raises
        ------
        ReadError
            If that is over the budget; names need and available.
        """
        # Python integers: a false header must not overflow into something small.
        nbytes = math.prod(map(int, shape)) * dtype.itemsize
        left = self.budget_bytes - sum(map(len, self._segments.values()))
        if nbytes > left:
            raise _too_large(nbytes, left)
        try:
            segment = shared.create(nbytes)
        except MemoryError as error:
            raise _too_large(nbytes, left) from error
        self._segments[segment.path] = segment
        return segment

    def array(self, shape: tuple[int, ...], dtype: np.dtype[Any]) -> NDArray[Any]:
        """Make an array in a segment of its own; raises as `allocate`."""
        return self.allocate(shape, dtype).array(shape, dtype)

    def locate(self, array: NDArray[Any]) -> ArrayReference:
        """Return where an array lies in the segments given; one that does not is copied."""
        for segment in self._segments.values():
            if (reference := segment.reference(array)) is not None:
                return reference
        copy = self.array(array.shape, array.dtype)
        copy[...] = array
        return self.locate(copy)

    def release(self) -> None:
        """Let go of the segments; those that hold an array still in use stay."""
        self._segments.clear()

    def resolve(self, reference: ArrayReference) -> NDArray[Any]:
        """Return the array at a reference, read-only.

        Raises
        ------
        ValueError
            If it lies outside the segments given to this job.
        """
        import numpy as np

        segment = self._segments.get(reference.path)
        if segment is None:
            raise ValueError("an array lies in none of the segments of its job")
        array = segment.array(
            reference.shape,
            np.dtype(reference.dtype),
            offset=reference.offset,
            strides=reference.strides,
        )
        array.flags.writeable = False
        return array


def available_bytes() -> int:
    """Return the memory that is free now, within the limit of the container if there is one."""
    free = int(psutil.virtual_memory().available)
    try:
        limit = (_CGROUP / "memory.max").read_text("ascii").strip()
        used = (_CGROUP / "memory.current").read_text("ascii").strip()
    except OSError:
        return free
    if limit.isdecimal() and used.isdecimal():
        free = min(free, max(0, int(limit) - int(used)))
    return free


def _too_large(need: int, available: int) -> ReadError:
    return ReadError(
        f"The scan needs {_readable(need)} of memory, but {_readable(max(0, available))} "
        "are available.",
        remedy="Close other scans or programs and open it again.",
    )


def _readable(nbytes: int) -> str:
    if nbytes >= 10**9:
        return f"{nbytes / 10**9:.1f} GB"
    return f"{nbytes / 10**6:.1f} MB"
