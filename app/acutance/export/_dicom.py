"""What the export asks of pydicom, and what pydicom may throw at it."""

from __future__ import annotations

import struct
import zlib

from pydicom.errors import BytesLengthException, InvalidDicomError

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
