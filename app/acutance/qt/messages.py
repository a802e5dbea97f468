"""Recognises what the layers below say, which is English, and says it in the window's language.

Below the window texts are made of templates: `f"None of {count} files can be read."`. What is said
is English everywhere, in child processes, logs, files and on the command line. The window knows
the templates (`bench/make_translations.py` finds them in the sources), sees which of them a text
was made of, translates the template, and fills in the same parts.
"""

from __future__ import annotations

import json
import re
from functools import cache, lru_cache
from typing import NamedTuple

from acutance.qt.language import capital, figures, told_message, tr
from acutance_resources import path

_FIELD = re.compile(r"\{(\w+)\}")
_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?%?")
_SENTENCES = re.compile(r"(?<=\.) (?=[A-Z])")
#: What joins parts of a text below, and what joins them in German.
_SEAMS = {"; ": "; ", ": ": ": ", ", ": ", ", " · ": " · ", " or ": " oder "}
#: Deeper than any text below is put together.
_DEPTH = 4


class _Template(NamedTuple):
    source: str
    #: What stands between the parts that are filled in; quick to look for.
    pieces: tuple[str, ...]
    names: tuple[str, ...]


class Catalogue:
    """Every template that has a translation.

    Parameters
    ----------
    sources : iterable of str
        In English, with what is filled in named in braces.
    """

    def __init__(self, sources: list[str]) -> None:
        split = [(source, _FIELD.split(source)) for source in sources]
        self._whole = frozenset(source for source, parts in split if len(parts) == 1)
        templates = [
            _Template(source, tuple(parts[::2]), tuple(parts[1::2]))
            for source, parts in split
            if len(parts) > 1
        ]
        # The one that says the most of itself goes first.
        self._templates = sorted(templates, key=lambda t: -sum(map(len, t.pieces)))
        self.translate = lru_cache(maxsize=2048)(self._translate)

    def _translate(self, text: str, depth: int = 0) -> str:
        """Return a text in the language of the window; as it is where no template made it."""
        if not text.strip() or depth > _DEPTH:
            return text
        if _NUMBER.fullmatch(text):
            return figures(text)
        sentences = _SENTENCES.split(text)
        if len(sentences) > 1:
            told = [self._of_template(sentence, depth) for sentence in sentences]
            if None not in told:
                return " ".join(filter(None, told))
        found = self._of_template(text, depth)
        if found is not None:
            return found
        word = tr(text)
        return word if word != text else self._of_parts(text, depth)

    def _of_template(self, text: str, depth: int) -> str | None:
        if text in self._whole:
            return told_message(text)
        # A reason that was made to begin a line has a capital that its template has not.
        small = text[:1].lower() + text[1:]
        if small in self._whole:
            return capital(told_message(small))
        for template in self._templates:
            parts, is_small = _match(template, text), False
            if parts is None and small != text and template.pieces[0]:
                parts, is_small = _match(template, small), True
            if parts is not None:
                filled = {name: self._part(part, depth) for name, part in parts.items()}
                pieces = _FIELD.split(told_message(template.source))
                found = "".join(filled[piece] if n % 2 else piece for n, piece in enumerate(pieces))
                return capital(found) if is_small else found
        return None

    def _part(self, text: str, depth: int) -> str:
        """Return what was filled in, translated; space around it stays."""
        bare = text.strip()
        if not bare:
            return text
        start = text.index(bare)
        return text[:start] + self._translate(bare, depth + 1) + text[start + len(bare) :]

    def _of_parts(self, text: str, depth: int) -> str:
        """Return a text put together of several, where each of them is known."""
        for seam, joint in _SEAMS.items():
            parts = text.split(seam)
            if len(parts) > 1:
                told = [self._translate(part, depth + 1) for part in parts]
                if all(
                    new != old or not any(map(str.isalpha, old))
                    for new, old in zip(told, parts, strict=True)
                ):
                    return joint.join(told)
        return text


def _match(template: _Template, text: str) -> dict[str, str] | None:
    """Return what fills a template to make a text, each part as short as can be, or None."""
    first, *middle, last = template.pieces
    end = len(text) - len(last)
    if not text.startswith(first) or not text.endswith(last) or end < len(first):
        return None
    found: dict[str, str] = {}
    at = len(first)
    for name, piece in zip(template.names, (*middle, None), strict=True):
        to = end if piece is None else text.find(piece, at, end)
        if to < at or found.setdefault(name, text[at:to]) != text[at:to]:
            return None
        at = to + len(piece or "")
    return found


@cache
def catalogue() -> Catalogue:
    """Return the catalogue of this copy of Acutance."""
    sources = json.loads(path("translations/messages.json").read_text(encoding="utf-8"))
    return Catalogue(sources)
