"""Transfer syntaxes: which are read, and how.

References
----------
.. [1] DICOM PS3.5, section 10 and annex A; PS3.6, table A-1.
"""

from __future__ import annotations

from functools import lru_cache

from acutance.io._protocols import FOREIGN_ERRORS

IMPLICIT = "1.2.840.10008.1.2"
EXPLICIT = "1.2.840.10008.1.2.1"
DEFLATED = "1.2.840.10008.1.2.1.99"
BIG_ENDIAN = "1.2.840.10008.1.2.2"
RLE = "1.2.840.10008.1.2.5"
_NATIVE = frozenset({"", IMPLICIT, EXPLICIT, DEFLATED, BIG_ENDIAN})
_JPEG = "1.2.840.10008.1.2.4."
JPEG_EXTENDED = _JPEG + "51"
#: JPEG baseline and extended, JPEG-LS near-lossless, JPEG 2000 and its part 2, high-throughput:
#: those that may lose values.
_LOSSY = frozenset(_JPEG + end for end in ("50", "51", "81", "91", "93", "203"))


def is_native(syntax: str) -> bool:
    """Whether pixels stand in the file as they are (after inflating, where deflated)."""
    return syntax in _NATIVE


def is_encapsulated(syntax: str) -> bool:
    """Whether pixels stand in the file as compressed fragments."""
    return syntax not in _NATIVE


@lru_cache(maxsize=64)
def is_readable(syntax: str) -> bool:
    """Whether a transfer syntax can be read with the codecs that are installed."""
    if is_native(syntax):
        return True
    if syntax != RLE and not syntax.startswith(_JPEG):
        return False
    from pydicom.pixels.decoders.base import get_decoder

    try:
        return bool(get_decoder(syntax).is_available)
    except FOREIGN_ERRORS:
        return False


def lossy_words(syntax: str, stated: str) -> str:
    """Return `"stated"` or `"by transfer syntax"` where compression has lost values, else `""`."""
    if stated == "01":
        return "stated"
    return "by transfer syntax" if syntax in _LOSSY else ""
