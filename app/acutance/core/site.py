"""The thresholds of a site, by protocol: the text of a site file and what it means for a series.

A site file is TOML that an administrator writes and the program only reads. Its first rule that
matches a series gives the thresholds of the verdict.
"""

from __future__ import annotations

import difflib
import hashlib
import tomllib
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from acutance.core.backends import BACKENDS
from acutance.core.quality import Thresholds, ThresholdSource
from acutance.core.window import Window
from acutance.errors import SiteFileError

if TYPE_CHECKING:
    from pathlib import Path

    from acutance.core.video import VideoSource
    from acutance.core.volume import Volume

FORMAT = 1
#: A site file is a few kilobytes; anything larger is not one.
SIZE_LIMIT_BYTES = 1 << 20
RULE_LIMIT = 200
_TEXT_LIMIT = 200
#: What a rule may look at, and what of a series that is.
PATTERN_KEYS = ("modality", "series", "sequence", "body_part")
LANGUAGES = ("auto", "en", "de")
_TOP_KEYS = (
    "format", "language", "thresholds", "restoration", "protocol", "preset", "shortcuts", "scoring",
)  # fmt: skip
_PRESET_KEYS = ("name", "centre", "width", "modality")
_RESTORATION_KEYS = ("least_alpha",)
_THRESHOLD_KEYS = ("usable", "repeat")
_RULE_KEYS = ("name", *PATTERN_KEYS, *_THRESHOLD_KEYS)
EXAMPLE = """\
# Acutance site file: from which predicted SSIM a series is usable, by protocol.
# Acutance only reads it. Check it with: acutance site check FILE
format = 1

# Language of the window: "en", "de", or "auto" for that of the system. Left out: auto.
language = "auto"

# Where no protocol below matches. Left out: 0.85 and 0.60.
[thresholds]
usable = 0.85   # from here on a series is usable
repeat = 0.60   # below this a repeat is advised; between the two: check

# How far a restored image may leave the faithful end of the slider, 1. Left out: to the end, 0.
[restoration]
least_alpha = 0.5

# The first protocol whose patterns all match is taken. A pattern is a word, or one of a list of
# words; * stands for any letters, ? for one; capitals do not matter.
[[protocol]]
name = "T1 volume of the head"
modality = "MR"
body_part = ["HEAD", "BRAIN"]
series = ["*mprage*", "*t1*3d*", "*bravo*"]
usable = 0.90
repeat = 0.70

[[protocol]]
name = "Fast scout"
modality = "MR"
series = "*haste*"
sequence = "SE"      # Scanning Sequence (0018,0020)
usable = 0.75
repeat = 0.45

# Windows offered on the keys from 2 on, after those that a file stores.
[[preset]]
name = "Stroke"
centre = 40
width = 40
modality = "CT"      # left out: for every series

# How scores are computed, on every machine that has this file. Left out: the fastest way that a
# trial found within the tolerance; `acutance backends` lists them.
# [scoring]
# backend = "torch-float32"

# Keys of commands; `acutance gui`, Settings, Shortcuts lists the commands.
[shortcuts]
score = "Ctrl+Return"
"""


@dataclass(frozen=True)
class ProtocolRule:
    """Thresholds for the series of one protocol.

    Parameters
    ----------
    name : str
        What provenance calls it.
    thresholds : Thresholds
    patterns : tuple of (str, tuple of str)
        A key of `PATTERN_KEYS` and its patterns in lower case; one of them has to match.
    """

    name: str
    thresholds: Thresholds
    patterns: tuple[tuple[str, tuple[str, ...]], ...]

    def matches(self, content: Volume | VideoSource) -> bool:
        """Return whether every pattern fits a series; what a file does not state fits only *."""
        return all(
            any(fnmatchcase(_stated(content, key), pattern) for pattern in patterns)
            for key, patterns in self.patterns
        )


@dataclass(frozen=True)
class Preset:
    """A window that is offered by name.

    Parameters
    ----------
    window : Window
        Named.
    modality : str
        DICOM code of the series it is for; empty for all.
    """

    window: Window
    modality: str = ""


@dataclass(frozen=True)
class SiteRules:
    """What a site file says; without one, nothing.

    Parameters
    ----------
    default : Thresholds or None
        Where no rule matches; None where the file leaves that to the program.
    rules : tuple of ProtocolRule
        In the order of the file.
    sha256 : str
        Of the file; empty where there is none.
    least_alpha : float, in [0, 1]
        The position of the restoration slider that nobody goes below.
    presets : tuple of Preset
    shortcuts : tuple of (str, str)
        Id of a command of the window, and its keys.
    default_kind : str
        What provenance calls the source of `default`.
    language : str
        One of `LANGUAGES`: what the window speaks where the user chose nothing.
    backend : str
        One of `acutance.core.backends.BACKENDS`; empty where the file leaves it open.
    """

    default: Thresholds | None = None
    rules: tuple[ProtocolRule, ...] = ()
    sha256: str = ""
    least_alpha: float = 0.0
    presets: tuple[Preset, ...] = ()
    shortcuts: tuple[tuple[str, str], ...] = ()
    default_kind: str = "site default"
    language: str = "auto"
    backend: str = ""

    def choose(self, content: Volume | VideoSource) -> tuple[Thresholds, ThresholdSource]:
        """Return the thresholds of a series, and where they come from."""
        for rule in self.rules:
            if rule.matches(content):
                return rule.thresholds, ThresholdSource("site protocol", rule.name, self.sha256)
        if self.default is not None:
            return self.default, ThresholdSource(self.default_kind, "", self.sha256)
        return Thresholds(), ThresholdSource("built-in", "", self.sha256)


def parse_site(data: bytes, path: Path) -> SiteRules:
    """Read the bytes of a site file.

    Parameters
    ----------
    data : bytes
    path : Path
        What messages name.

    Raises
    ------
    SiteFileError
        If anything in it is not understood; the message names the file, the key and the remedy.
        Nothing of such a file is used.
    """
    try:
        table = tomllib.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise SiteFileError(
            "The site file is not text in UTF-8.", remedy="Save it as UTF-8.", path=path
        ) from error
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise SiteFileError(
            f"The site file is no TOML: {error}.",
            remedy="Correct that line; `acutance site example` shows the form.",
            path=path,
        ) from error
    _check_keys(table, _TOP_KEYS, "at the top", path)
    if table.get("format") != FORMAT or isinstance(table.get("format"), bool):
        raise _fault(
            "format", f"expected {FORMAT}, got {_shown(table.get('format'))}",
            f"Write format = {FORMAT} as the first line.", path,
        )  # fmt: skip
    language = table.get("language", "auto")
    if language not in LANGUAGES:
        raise _fault(
            "language", f"expected one of {', '.join(LANGUAGES)}, got {_shown(language)}",
            'Write for example language = "de".', path,
        )  # fmt: skip
    default = None
    if "thresholds" in table:
        given = _table(table["thresholds"], "thresholds", path)
        _check_keys(given, _THRESHOLD_KEYS, "[thresholds]", path)
        default = _thresholds(given, "[thresholds]", path)
    least_alpha = 0.0
    if "restoration" in table:
        given = _table(table["restoration"], "restoration", path)
        _check_keys(given, _RESTORATION_KEYS, "[restoration]", path)
        least_alpha = _share(given, "[restoration]", "least_alpha", 0.5, path)
    protocols = table.get("protocol", [])
    if not isinstance(protocols, list) or len(protocols) > RULE_LIMIT:
        raise _fault(
            "protocol", f"expected at most {RULE_LIMIT} tables [[protocol]]",
            "Write each protocol as [[protocol]], in double brackets.", path,
        )  # fmt: skip
    rules: list[ProtocolRule] = []
    for number, given in enumerate(protocols, start=1):
        rule = _rule(_table(given, f"protocol {number}", path), number, path)
        if rule.name in {other.name for other in rules}:
            raise _fault(
                "name", f"{rule.name!r} names two protocols", "Give each a name of its own.", path
            )
        rules.append(rule)
    return SiteRules(
        default,
        tuple(rules),
        hashlib.sha256(data).hexdigest(),
        least_alpha,
        _presets(table.get("preset", []), path),
        _shortcuts(table.get("shortcuts", {}), path),
        language=language,
        backend=_backend(table.get("scoring", {}), path),
    )


def _backend(given: object, path: Path) -> str:
    table = _table(given, "scoring", path)
    _check_keys(table, ("backend",), "[scoring]", path)
    backend = table.get("backend", "")
    if backend not in ("", *BACKENDS):
        raise _fault(
            "[scoring], backend", f"expected one of {', '.join(BACKENDS)}, got {_shown(backend)}",
            'Write for example backend = "torch-float32".', path,
        )  # fmt: skip
    return str(backend)


def _presets(given: object, path: Path) -> tuple[Preset, ...]:
    if not isinstance(given, list) or len(given) > RULE_LIMIT:
        raise _fault(
            "preset", f"expected at most {RULE_LIMIT} tables [[preset]]",
            "Write each window as [[preset]], in double brackets.", path,
        )  # fmt: skip
    presets = []
    for number, entry in enumerate(given, start=1):
        table = _table(entry, f"preset {number}", path)
        _check_keys(table, _PRESET_KEYS, f"preset {number}", path)
        name, modality = table.get("name"), table.get("modality", "")
        if not isinstance(name, str) or not name.strip() or not _is_short(name):
            raise _fault(
                f"preset {number}, name", f"expected a short text, got {_shown(name)}",
                'Write for example name = "Stroke".', path,
            )  # fmt: skip
        if not isinstance(modality, str) or not _is_short(modality):
            raise _fault(
                f"preset {number}, modality", f"expected a word, got {_shown(modality)}",
                'Write for example modality = "CT".', path,
            )  # fmt: skip
        try:
            window = Window(float(table["centre"]), float(table["width"]), name.strip())
        except (KeyError, TypeError, ValueError) as error:
            raise _fault(
                f"preset {number}", "expected a centre and a positive width, in the unit of images",
                "Write for example centre = 40 and width = 80.", path,
            ) from error  # fmt: skip
        presets.append(Preset(window, modality.strip().upper()))
    return tuple(presets)


def _shortcuts(given: object, path: Path) -> tuple[tuple[str, str], ...]:
    table = _table(given, "shortcuts", path)
    for id, keys in table.items():
        if not isinstance(keys, str) or not _is_short(keys):
            raise _fault(
                f"shortcuts, {id[:60]}", f"expected keys, got {_shown(keys)}",
                'Write for example score = "Ctrl+Return", or "" for none.', path,
            )  # fmt: skip
    return tuple(table.items())


def _rule(given: dict[str, Any], number: int, path: Path) -> ProtocolRule:
    where = f"protocol {number}"
    _check_keys(given, _RULE_KEYS, where, path)
    name = given.get("name")
    if not isinstance(name, str) or not name.strip() or not _is_short(name):
        raise _fault(
            f"{where}, name", f"expected a short text, got {_shown(name)}",
            'Write for example name = "T1 of the head".', path,
        )  # fmt: skip
    where = f"protocol {number} ({name.strip()})"
    patterns = tuple(
        (key, _patterns(given[key], f"{where}, {key}", path))
        for key in PATTERN_KEYS
        if key in given
    )
    if not patterns:
        raise _fault(
            where, f"expected at least one of {', '.join(PATTERN_KEYS)}",
            "Say which series it is for; what holds for all stands in [thresholds].", path,
        )  # fmt: skip
    return ProtocolRule(name.strip(), _thresholds(given, where, path), patterns)


def _thresholds(given: dict[str, Any], where: str, path: Path) -> Thresholds:
    usable, repeat = (
        _share(given, where, key, example, path)
        for key, example in zip(_THRESHOLD_KEYS, (0.85, 0.60), strict=True)
    )
    if not repeat < usable:
        raise _fault(
            f"{where}, repeat", f"expected less than usable ({usable:g}), got {repeat:g}",
            "Below repeat a repeat is advised, from usable on a series is usable.", path,
        )  # fmt: skip
    return Thresholds(usable, repeat)


def _share(given: dict[str, Any], where: str, key: str, example: float, path: Path) -> float:
    value = given.get(key)
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not 0.0 <= float(value or 0) <= 1.0:
        raise _fault(
            f"{where}, {key}", f"expected a number from 0 to 1, got {_shown(value)}",
            f"Write for example {key} = {example:.2f}.", path,
        )  # fmt: skip
    return float(value or 0)


def _patterns(value: object, where: str, path: Path) -> tuple[str, ...]:
    listed = value if isinstance(value, list) else [value]
    if not listed or not all(isinstance(p, str) and p.strip() and _is_short(p) for p in listed):
        raise _fault(
            where, f"expected a word or a list of words, got {_shown(value)}",
            'Write for example "*t1*" or ["HEAD", "BRAIN"].', path,
        )  # fmt: skip
    return tuple(_folded(str(pattern)) for pattern in listed)


def _stated(content: Volume | VideoSource, key: str) -> str:
    """Return what a series states under a key of a rule, folded for matching."""
    if key == "modality":
        return _folded(content.modality)
    if key == "series":
        return _folded(content.name)
    facts = content.facts
    if key == "body_part":
        return _folded(str(facts.get("body_part", "")))
    return _folded(str(facts.get("scanning_sequence", "")))


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())


def _table(value: object, where: str, path: Path) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _fault(
            where, f"expected a table, got {_shown(value)}",
            "`acutance site example` shows the form.", path,
        )  # fmt: skip
    return value


def _check_keys(table: dict[str, Any], known: tuple[str, ...], where: str, path: Path) -> None:
    for key in table:
        if key not in known:
            near = difflib.get_close_matches(key, known, n=1)
            remedy = f"Did you mean {near[0]}?" if near else f"There are {', '.join(known)}."
            raise _fault(f"{where}, {key[:60]}", "no such key", remedy, path)


def _fault(key: str, cause: str, remedy: str, path: Path) -> SiteFileError:
    return SiteFileError(f"Key {key}: {cause}.", remedy=remedy, path=path)


def _shown(value: object) -> str:
    return "nothing" if value is None else repr(value)[:80]


def _is_short(text: str) -> bool:
    return len(text) <= _TEXT_LIMIT and text.isprintable()
