"""Clean a description: keep the words that speak of anatomy and technique, drop all others.

References
----------
.. [1] DICOM PS3.15, E.3.6 (Clean Descriptors Option).
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

#: "3mm", "12", "b1000", "te30", "x2", "64ch": numbers of up to three digits with a unit or a word
#: of technique; longer ones may be ids.
_NUMBER = re.compile(r"(?:\d{1,3}(?:mm|cm|ms|s|t|d|ch|deg|x|m|min)?|b\d{1,4}|te\d{1,3}|tr\d{1,4}|"
                     r"ti\d{1,4}|x\d)", re.IGNORECASE)  # fmt: skip
_SEPARATORS = re.compile(r"([^0-9A-Za-z]+)")


def clean_words(text: str) -> str:
    """Return the words of a description that are known to identify nobody, in their order."""
    kept = [
        word
        for word in _SEPARATORS.split(text)
        if word.lower() in vocabulary() or _NUMBER.fullmatch(word)
    ]
    # Numbers alone say nothing and may be an id in pieces.
    return " ".join(kept) if any(word.lower() in vocabulary() for word in kept) else ""


@cache
def vocabulary() -> frozenset[str]:
    """Return the words that stay, in lower case."""
    text = files("acutance.export").joinpath("tables", "words.txt").read_text(encoding="utf-8")
    lines = (line for line in text.splitlines() if not line.startswith("#"))
    return frozenset(word for line in lines for word in line.split())
