"""What the header of a DICOM file says, for the eye: elements, and which study it belongs to."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class HeaderRow:
    """One element.

    Parameters
    ----------
    tag : str
        "(GGGG,EEEE)".
    name : str
        As the dictionary of DICOM calls it, or what is known of it.
    vr : str
        Value representation.
    value : str
        As text, shortened.
    depth : int
        How many sequences it lies in.
    is_personal : bool
        Whether the standard counts it among what identifies a person, a place or a time.
    """

    tag: str
    name: str
    vr: str
    value: str
    depth: int = 0
    is_personal: bool = False


@dataclass(frozen=True)
class HeaderRequest:
    """The wish to see the header of a file.

    Parameters
    ----------
    path : Path
    """

    path: Path


@dataclass(frozen=True)
class HeaderTable:
    """The elements of a file, in the order of the file.

    Parameters
    ----------
    rows : tuple of HeaderRow
    is_cut : bool
        Whether there are more than are listed.
    """

    rows: tuple[HeaderRow, ...]
    is_cut: bool = False

    def to_plain(self) -> dict[str, Any]:
        """Return the table as JSON-ready values."""
        return {"rows": [list(asdict(row).values()) for row in self.rows], "is_cut": self.is_cut}

    @classmethod
    def from_plain(cls, plain: dict[str, Any]) -> HeaderTable:
        """Rebuild a table."""
        rows = tuple(
            HeaderRow(str(tag), str(name), str(vr), str(value), int(depth), bool(personal))
            for tag, name, vr, value, depth, personal in plain["rows"]
        )
        return cls(rows, bool(plain["is_cut"]))


@dataclass(frozen=True)
class StudyFacts:
    """To whom and what a series belongs.

    Parameters
    ----------
    patient, study : str
        Hashes that tell patients and studies apart; empty where the file names none.
    patient_label : str
        Name and number of the patient. Personal.
    study_label : str
        Date and description of the study. Personal.
    description : str
        Description of the study alone.
    """

    patient: str = ""
    study: str = ""
    patient_label: str = ""
    study_label: str = ""
    description: str = ""


@dataclass(frozen=True)
class StudyRequest:
    """The wish to know the studies of files, one file for each series.

    Parameters
    ----------
    paths : tuple of Path
    """

    paths: tuple[Path, ...]


@dataclass(frozen=True)
class StudyList:
    """What each file of a request says of its study.

    Parameters
    ----------
    facts : tuple of StudyFacts
        One for each file, in order; empty ones where a file cannot be read.
    """

    facts: tuple[StudyFacts, ...]

    def to_plain(self) -> dict[str, Any]:
        """Return the list as JSON-ready values."""
        return {"facts": [list(asdict(fact).values()) for fact in self.facts]}

    @classmethod
    def from_plain(cls, plain: dict[str, Any]) -> StudyList:
        """Rebuild a list."""
        return cls(tuple(StudyFacts(*map(str, values)) for values in plain["facts"]))
