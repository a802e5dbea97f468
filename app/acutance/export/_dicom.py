"""What the export asks of pydicom, and what pydicom may throw at it."""

from __future__ import annotations

import logging
import struct
import warnings
import zlib
from contextlib import contextmanager
from typing import TYPE_CHECKING

from pydicom.errors import BytesLengthException, InvalidDicomError

if TYPE_CHECKING:
    from collections.abc import Iterator

#: What pydicom, nibabel and the operating system raise on damaged files. No bare `Exception`: a
#: fault of our own stays visible at the job boundary.
FOREIGN_ERRORS: tuple[type[Exception], ...] = (
    ArithmeticError,
    AttributeError,
    BufferError,
    BytesLengthException,
    EOFError,
    ImportError,
    InvalidDicomError,
    LookupError,
    MemoryError,
    NotImplementedError,
    OSError,
    RecursionError,
    RuntimeError,
    TypeError,
    ValueError,
    struct.error,
    zlib.error,
)


class RefusedError(Exception):
    """A file is not exported; the argument says why, in words that hold nothing of the file."""


@contextmanager
def quiet() -> Iterator[None]:
    """Keep foreign warnings and log lines, which may name patients, off every screen."""
    log = logging.getLogger("pydicom")
    level, propagate = log.level, log.propagate
    log.setLevel(logging.CRITICAL + 1)
    log.propagate = False
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        log.setLevel(level)
        log.propagate = propagate
