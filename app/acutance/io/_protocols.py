"""What readers ask of their caller, and what foreign libraries may throw at them."""

from __future__ import annotations

import struct
import unicodedata
import zlib
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from nibabel.spatialimages import HeaderDataError
from pydicom.errors import BytesLengthException, InvalidDicomError

from acutance.core.natural_order import natural_key

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from acutance.core.ledger import Index

#: No volume of more bytes than this is read.
MAX_VOLUME_BYTES = 2 * 1024**3
#: A file cannot hold more than this many times its own bytes; deflate reaches 1032.
MAX_INFLATION = 1100

#: What pydicom, its codecs, nibabel and the operating system raise on damaged files. No bare
#: `Exception`: a fault of our own stays visible at the job boundary.
FOREIGN_ERRORS: tuple[type[Exception], ...] = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    BufferError,
    BytesLengthException,
    EOFError,
    HeaderDataError,
    ImportError,
    InvalidDicomError,
    LookupError,
    MemoryError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
    struct.error,
    zlib.error,
)


class Progress(Protocol):
    """Hears how far a read is."""

    def report(self, fraction: float, message: str) -> None:
        """Take a fraction in [0, 1] and one short line."""


@runtime_checkable
class HearsFinds(Protocol):
    """A progress that also hears what an index pass has found so far."""

    def found(self, index: Index) -> None:
        """Take the finds; they replace what was told before."""


class CancelToken(Protocol):
    """Tells a read that nobody waits for it any more."""

    def raise_if_cancelled(self) -> None:
        """Raise `acutance.errors.JobCancelled` when cancel was asked for."""


class Allocate(Protocol):
    """Gives the array that a reader fills; it may be shared memory of any memory order."""

    def __call__(self, shape: tuple[int, ...], dtype: np.dtype[Any], /) -> NDArray[Any]:
        """Return a writable array of exactly this shape and dtype."""


class Span:
    """A part of a progress bar.

    Parameters
    ----------
    progress : Progress
    start, stop : float
        The part of the whole that 0 to 1 is mapped to.
    """

    def __init__(self, progress: Progress, start: float, stop: float) -> None:
        self._progress = progress
        self._start = start
        self._stop = stop

    def report(self, fraction: float, message: str) -> None:
        """Report the fraction of this part."""
        self._progress.report(self._start + (self._stop - self._start) * fraction, message)


def clean_text(text: str, limit: int = 64) -> str:
    """Return file text as one line of printable characters, without direction marks."""
    printable = "".join(
        " " if unicodedata.category(c) in ("Cc", "Zl", "Zp") else c
        for c in text[: 4 * limit]
        if unicodedata.category(c) not in ("Cf", "Cs", "Co", "Cn")
    )
    return " ".join(printable.split())[:limit].strip()


def plural(count: int, noun: str, nouns: str = "") -> str:
    """Return `"1 slice"` or `"3 slices"`."""
    return f"{count} {noun if count == 1 else nouns or noun + 's'}"


def natural_sorted(paths: Sequence[str]) -> list[str]:
    """Return paths with numbers in counting order."""
    return sorted(paths, key=natural_key)
