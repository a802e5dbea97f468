"""Foreign files and libraries, as everything that opens files sees them."""

from __future__ import annotations

import logging
import struct
import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Loggers of libraries that tell of what they find in a file.
_FOREIGN_LOGS = ("pydicom", "tifffile", "PIL")


def is_dicom(head: bytes) -> bool:
    """Whether the first bytes are DICOM, with the mark at byte 128 or as a bare data set."""
    if head[128:132] == b"DICM":
        return True
    if len(head) < 8:
        return False
    group, element = struct.unpack("<HH", head[:4])
    if group not in (2, 8) or element > 0x1000:
        return False
    if head[4:6].isalpha() and head[4:6].isupper():
        return True
    length = struct.unpack("<L", head[4:8])[0]
    return bool(length <= 256 and length % 2 == 0)


@contextmanager
def quiet() -> Iterator[None]:
    """Keep foreign warnings and log lines off every screen: they may name patients."""
    logs = [logging.getLogger(name) for name in _FOREIGN_LOGS]
    before = [(log.level, log.propagate) for log in logs]
    for log in logs:
        log.setLevel(logging.CRITICAL + 1)
        log.propagate = False
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        for log, (level, propagate) in zip(logs, before, strict=True):
            log.setLevel(level)
            log.propagate = propagate
