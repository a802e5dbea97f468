"""To which patient and study the open series belong, and whether names may be read."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING

from psygnal import Signal

if TYPE_CHECKING:
    from acutance.core.headers import StudyFacts
    from acutance.session.entry import SeriesEntry
    from acutance.session.session import Session


@dataclass(frozen=True)
class Group:
    """The series of one study.

    Parameters
    ----------
    patient, study : str
        What stands over them.
    ids : tuple of int
        In the order in which they were opened.
    """

    patient: str
    study: str
    ids: tuple[int, ...]


class Studies:
    """Sorts the series of a session by patient and study; names are masked until asked for.

    Parameters
    ----------
    session : Session

    Signals
    -------
    changed
        A study became known, or names are shown or masked.
    """

    changed = Signal()

    def __init__(self, session: Session) -> None:
        self._session = session
        self._facts: dict[int, StudyFacts] = {}
        self._shows_names = False

    @property
    def shows_names(self) -> bool:
        """Whether names, numbers and dates of patients are shown."""
        return self._shows_names

    def set_names_shown(self, shown: bool) -> None:
        """Show names, numbers and dates of patients, or mask them."""
        if shown != self._shows_names:
            self._shows_names = shown
            self.changed.emit()

    def settle(self, found: dict[int, StudyFacts]) -> None:
        """Take what became known of series."""
        self._facts |= {id: facts for id, facts in found.items() if self._session.entry(id)}
        self.changed.emit()

    def unknown(self) -> list[SeriesEntry]:
        """Return the DICOM series whose study was not asked for yet."""
        return [
            entry
            for entry in self._session.entries
            if entry.item.reader == "dicom" and entry.id not in self._facts
        ]

    def groups(self) -> list[Group]:
        """Return the series by study, those of one patient together, as they were opened."""
        patients: dict[str, dict[str, list[int]]] = {}
        for entry in self._session.entries:
            patient, study = self._keys(entry)
            patients.setdefault(patient, {}).setdefault(study, []).append(entry.id)
        groups = []
        persons = 0
        for studies in patients.values():
            is_person = any(self._is_person(ids[0]) for ids in studies.values())
            persons += is_person
            for number, ids in enumerate(studies.values(), start=1):
                groups.append(self._group(ids, persons, number, is_person=is_person))
        return groups

    def forget(self, id: int) -> None:
        """Let go of a series that was closed."""
        self._facts.pop(id, None)

    def _is_person(self, id: int) -> bool:
        facts = self._facts.get(id)
        return facts is not None and bool(facts.patient or facts.study)

    def _keys(self, entry: SeriesEntry) -> tuple[str, str]:
        facts = self._facts.get(entry.id)
        if facts is not None and (facts.patient or facts.study):
            return f"patient {facts.patient}", facts.study
        folder = str(PurePath(entry.item.files[0] if entry.item.files else entry.item.path).parent)
        return f"folder {folder}", ""

    def _group(self, ids: list[int], person: int, number: int, *, is_person: bool) -> Group:
        facts = self._facts.get(ids[0])
        if not is_person or facts is None:
            entry = self._session.entry(ids[0])
            files = entry.item.files if entry is not None else ()
            name = PurePath(files[0]).parent.name if files else ""
            return Group(name or "Files", "", tuple(ids))
        if self._shows_names:
            patient = facts.patient_label or f"Patient {person}"
            return Group(patient, facts.study_label or f"Study {number}", tuple(ids))
        study = "  ".join(filter(None, (f"Study {number}", facts.description)))
        return Group(f"Patient {person}", study, tuple(ids))
