"""Replacements that are the same for the same original within one export, and tell nothing of it.

References
----------
.. [1] DICOM PS3.5, B.2 (UUID derived UID): "2.25." and the UUID as a decimal number.
.. [2] RFC 9562, section 5.8 (UUID version 8: the content is the application's own).
"""

from __future__ import annotations

import hashlib
import hmac
import re
import uuid
from datetime import date, timedelta
from functools import lru_cache

from pydicom._uid_dict import UID_dictionary

#: Dates move by at least a year and at most ten, into the past.
_SHIFT_DAYS = (366, 3650)
#: What ids of patients are replaced with.
PSEUDONYM = re.compile(r"ANON-[0-9A-F]{12}")
_DATE = re.compile(r"(\d{4})\.?(\d{2})\.?(\d{2})")
_DATE_TIME = re.compile(r"(\d{8})(\d{0,6}(?:\.\d{1,6})?(?:[+-]\d{4})?)")


class Pseudonyms:
    """Makes replacements from a key by HMAC-SHA256; without the key nobody can tell them apart.

    Parameters
    ----------
    key : bytes
        Secret.
    """

    def __init__(self, key: bytes) -> None:
        self._key = key
        self.uid = lru_cache(maxsize=1 << 16)(self._uid)

    def _uid(self, original: str) -> str:
        """Return the new UID of an original; registered ones (SOP classes, ...) stay."""
        original = original.strip("\0 ")
        if not original or is_registered(original):
            return original
        digest = self._digest("uid", original)
        return f"2.25.{uuid.UUID(bytes=_version_8(digest[:16])).int}"

    def patient_id(self, original: str) -> str:
        """Return the new id of a patient, "ANON-" and twelve hexadecimal digits."""
        return f"ANON-{self._digest('patient', original.strip(chr(0) + ' ')).hex()[:12].upper()}"

    def days(self, patient_id: str) -> int:
        """Return by how many days all dates of a patient move; negative."""
        low, high = _SHIFT_DAYS
        digest = self._digest("days", patient_id.strip("\0 "))
        return -(low + int.from_bytes(digest[:8], "big") % (high - low + 1))

    def _digest(self, kind: str, text: str) -> bytes:
        message = f"{kind}\0{text}".encode("utf-8", "surrogateescape")
        return hmac.new(self._key, message, hashlib.sha256).digest()


def _version_8(data: bytes) -> bytes:
    """Set version and variant of a UUID."""
    return bytes((*data[:6], data[6] & 0x0F | 0x80, data[7], data[8] & 0x3F | 0x80, *data[9:]))


def is_registered(uid: str) -> bool:
    """Whether a UID stands in the standard's own registry, and so identifies nobody."""
    return uid in UID_dictionary


def shift_date(text: str, days: int) -> str:
    """Return a DICOM date (DA) moved by days; empty where it is none."""
    match = _DATE.fullmatch(text.strip("\0 "))
    if match is None:
        return ""
    try:
        moved = date(int(match[1]), int(match[2]), int(match[3])) + timedelta(days=days)
    except (ValueError, OverflowError):
        return ""
    return f"{moved.year:04d}{moved.month:02d}{moved.day:02d}"


def shift_date_time(text: str, days: int) -> str:
    """Return a DICOM date and time (DT) moved by days, its time of day kept; empty where none."""
    match = _DATE_TIME.fullmatch(text.strip("\0 "))
    moved = shift_date(match[1], days) if match else ""
    return moved + match[2] if match and moved else ""
