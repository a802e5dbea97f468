"""What a de-identified export is asked for, and what it gives account of."""

from __future__ import annotations

import secrets
import shutil
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from acutance import __version__
from acutance.core.ledger import SetAside

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

#: The standard's edition whose table of attributes is followed.
EDITION = "PS3.15 2026c"
#: The value of De-identification Method in exported files.
METHOD_TEXT = (f"Acutance {__version__}", f"{EDITION} table E.1-1")
#: Bytes of the key from which new UIDs and pseudonyms are made.
KEY_BYTES = 32
MIN_KEY_BYTES = 16


@dataclass(frozen=True)
class Method:
    """A profile or option of the standard, with its code in DICOM's own scheme "DCM".

    Parameters
    ----------
    id : str
        What the command line calls it; empty for the profile.
    code : str
        Code value in CID 7050.
    meaning : str
        Code meaning.
    column : str
        Its column in the table of attributes; empty where it has none.

    References
    ----------
    .. [1] DICOM PS3.16, CID 7050 (De-identification Method).
    """

    id: str
    code: str
    meaning: str
    column: str = ""


PROFILE = Method("", "113100", "Basic Application Confidentiality Profile", "basic")
#: What the user may switch on, in the order in which options take precedence.
OPTIONS: tuple[Method, ...] = (
    Method("uids", "113110", "Retain UIDs Option", "uids"),
    Method("device", "113109", "Retain Device Identity Option", "device"),
    Method("institution", "113112", "Retain Institution Identity Option", "institution"),
    Method("patient", "113108", "Retain Patient Characteristics Option", "patient"),
    Method(
        "dates",
        "113106",
        "Retain Longitudinal Temporal Information Full Dates Option",
        "dates",
    ),
    Method(
        "modified-dates",
        "113107",
        "Retain Longitudinal Temporal Information Modified Dates Option",
        "modified",
    ),
    Method("descriptors", "113105", "Clean Descriptors Option", "descriptors"),
    Method("private", "113111", "Retain Safe Private Option"),
)
_OPTION_IDS = tuple(option.id for option in OPTIONS)


def check_options(options: Iterable[str]) -> tuple[str, ...]:
    """Return option ids in their fixed order, each once.

    Raises
    ------
    ValueError
        If there is no such option, or two of them contradict each other.
    """
    wanted = set(options)
    unknown = sorted(wanted - set(_OPTION_IDS))
    if unknown:
        raise ValueError(f"there is no option {unknown[0]!r}; there are {', '.join(_OPTION_IDS)}")
    if {"dates", "modified-dates"} <= wanted:
        raise ValueError("dates are kept or shifted, not both: name one of dates, modified-dates")
    return tuple(id for id in _OPTION_IDS if id in wanted)


def new_key() -> bytes:
    """Return a random key, for one export."""
    return secrets.token_bytes(KEY_BYTES)


@dataclass(frozen=True)
class DeidentificationRequest:
    """An export without the identity of patients.

    Parameters
    ----------
    paths : tuple of Path
        Files and folders to export; never changed.
    output : Path
        A folder that is not there yet, or is empty.
    options : tuple of str
        Ids of `OPTIONS`; none is the strict basic profile.
    allows_burned_in : bool
        Whether images whose pixels may show a name or a face are exported all the same.
    key : bytes
        Secret from which new UIDs, pseudonyms and date shifts are made; the same key gives the
        same answers. Random by default, and then known to nobody.
    id : str
        Names the folder of unfinished work, so that a second attempt finds and clears it.

    Raises
    ------
    ValueError
        If the options do not go together or the key is short.
    """

    paths: tuple[Path, ...]
    output: Path
    options: tuple[str, ...] = ()
    allows_burned_in: bool = False
    key: bytes = field(default_factory=new_key, repr=False)
    id: str = field(default_factory=lambda: secrets.token_hex(8))

    def __post_init__(self) -> None:
        """Check options and key."""
        object.__setattr__(self, "options", check_options(self.options))
        if len(self.key) < MIN_KEY_BYTES:
            raise ValueError(f"a key needs at least {MIN_KEY_BYTES} bytes")

    @property
    def staging(self) -> Path:
        """The folder inside `output` in which files lie until the export is complete."""
        return self.output / f".export-{self.id}"

    def clear(self) -> None:
        """Remove what an export that did not come to its end left behind."""
        shutil.rmtree(self.staging, ignore_errors=True)


@dataclass(frozen=True)
class ExportedFile:
    """A file that was written and verified.

    Parameters
    ----------
    source : str
        What it was made from.
    name : str
        Where it lies, relative to the output folder, with forward slashes.
    warnings : tuple of str
        What the user must know about this one; fixed words, no values.
    """

    source: str
    name: str
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class DeidentificationResult:
    """The account of an export: found = exported + set aside, always.

    Parameters
    ----------
    output : str
        The folder.
    exported : tuple of ExportedFile
    set_aside : tuple of SetAside
        Files that were not exported, each with the reason.
    refused : int
        How many of them are scans; the others are files of other kinds.
    options : tuple of str
    allowed_burned_in : bool
    seconds : float
    """

    output: str
    exported: tuple[ExportedFile, ...]
    set_aside: tuple[SetAside, ...]
    refused: int = 0
    options: tuple[str, ...] = ()
    allowed_burned_in: bool = False
    seconds: float = 0.0

    @property
    def found(self) -> int:
        """Number of files looked at."""
        return len(self.exported) + len(self.set_aside)

    @property
    def methods(self) -> tuple[Method, ...]:
        """The profile and the options that were used."""
        return (PROFILE, *(option for option in OPTIONS if option.id in self.options))

    def to_plain(self) -> dict[str, Any]:
        """Return the result as JSON-ready values; holds the paths of the sources."""
        return {
            "output": self.output,
            "exported": [[e.source, e.name, list(e.warnings)] for e in self.exported],
            "set_aside": [[s.file, s.reason] for s in self.set_aside],
            "refused": self.refused,
            "options": list(self.options),
            "allowed_burned_in": self.allowed_burned_in,
            "seconds": self.seconds,
        }

    @classmethod
    def from_plain(cls, plain: dict[str, Any]) -> DeidentificationResult:
        """Rebuild a result."""
        return cls(
            str(plain["output"]),
            tuple(
                ExportedFile(str(source), str(name), tuple(map(str, warnings)))
                for source, name, warnings in plain["exported"]
            ),
            tuple(SetAside(str(file), str(reason)) for file, reason in plain["set_aside"]),
            int(plain["refused"]),
            check_options(map(str, plain["options"])),
            bool(plain["allowed_burned_in"]),
            float(plain["seconds"]),
        )

    def report(self, version: str) -> dict[str, Any]:
        """Return the account without any name, path or date: sources are numbers.

        Parameters
        ----------
        version : str
            Of this program.
        """
        sources = sorted({e.source for e in self.exported} | {s.file for s in self.set_aside})
        numbers = {source: number for number, source in enumerate(sources, start=1)}
        return {
            "profile": {
                "edition": EDITION,
                "methods": [{"code": m.code, "meaning": m.meaning} for m in self.methods],
            },
            "burned_in_allowed": self.allowed_burned_in,
            "software": {"name": "acutance", "version": version},
            "ledger": {
                "found": self.found,
                "exported": len(self.exported),
                "set_aside": [
                    {"input": numbers[s.file], "reason": s.reason} for s in self.set_aside
                ],
            },
            "exported": [
                {"input": numbers[e.source], "file": e.name, "warnings": list(e.warnings)}
                for e in self.exported
            ],
        }
