"""What a person decided about a series, beside what was predicted and never in its place."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, NamedTuple

#: Longest note, in characters.
NOTE_LIMIT = 500


class Decision(StrEnum):
    """What becomes of a series."""

    ACCEPT = "accept"
    ACCEPT_WITH_NOTE = "accept with note"
    REPEAT = "repeat"

    @property
    def code(self) -> str:
        """The code of DICOM CID 6044 that says the same.

        References
        ----------
        .. [1] DICOM PS3.16, CID 6044 "Quality Control Standard".
        """
        return _CODES[self.value]


_CODES = {"accept": "111237", "accept with note": "111236", "repeat": "111235"}


class Reason(NamedTuple):
    """Why, as DICOM codes it in the scheme DCM."""

    code: str
    meaning: str


#: Reasons on offer. The first two are those of CID 10034 for repeating an acquisition, the others
#: reasons of CID 7011 that are not bound to radiography.
REASONS: tuple[Reason, ...] = (
    Reason("128553", "Patient motion"),
    Reason("128554", "Suboptimal contrast timing"),
    Reason("111209", "Positioning"),
    Reason("111207", "Image artifact(s)"),
    Reason("111219", "Inappropriate image processing"),
    Reason("111216", "Mechanical failure"),
    Reason("111217", "Electrical failure"),
    Reason("111218", "Software failure"),
    Reason("111213", "No image"),
    Reason("111220", "Other failure"),
    Reason("111221", "Unknown failure"),
)


@dataclass(frozen=True)
class Review:
    """The decision of a person about a series.

    Parameters
    ----------
    decision : Decision
    reason : str
        Code of one of `REASONS`; empty where none was given.
    note : str
        In the person's own words, one line; may be empty.
    predicted : str
        The predicted verdict when it was decided, such as "check"; empty where there was none.
    predicted_ssim : float or None
        The predicted SSIM then.

    Raises
    ------
    ValueError
        If the reason is unknown, or the note is too long or has more than one line.
    """

    decision: Decision
    reason: str = ""
    note: str = ""
    predicted: str = ""
    predicted_ssim: float | None = None

    def __post_init__(self) -> None:
        """Check reason and note."""
        if self.reason and self.reason not in {reason.code for reason in REASONS}:
            raise ValueError(f"no reason {self.reason!r}")
        if len(self.note) > NOTE_LIMIT or not all(c.isprintable() for c in self.note):
            raise ValueError(f"a note is one line of at most {NOTE_LIMIT} characters")

    @property
    def reason_meaning(self) -> str:
        """The reason in words; empty where none was given."""
        return next((r.meaning for r in REASONS if r.code == self.reason), "")

    @property
    def words(self) -> str:
        """The decision with reason and note, in one line."""
        parts = (self.decision.value, self.reason_meaning, self.note)
        text = ": ".join(part for part in parts if part)
        return text[:1].upper() + text[1:]

    @property
    def words_without_note(self) -> str:
        """The decision with its coded reason: nothing that a person wrote."""
        return replace(self, note="").words

    @property
    def agrees(self) -> bool | None:
        """Whether the prediction said the same; None where nothing was predicted."""
        same = {"usable": "accept", "check": "accept with note", "repeat": "repeat"}
        predicted = same.get(self.predicted)
        return None if predicted is None else predicted == self.decision.value

    def to_plain(self) -> dict[str, Any]:
        """Return the review as JSON-ready values, each code with its meaning."""
        return {
            "decision": self.decision.value,
            "decision_code": self.decision.code,
            "reason_code": self.reason or None,
            "reason": self.reason_meaning or None,
            "note": self.note,
            "made_by": "a person",
            "predicted_verdict": self.predicted or None,
            "predicted_ssim": self.predicted_ssim,
        }
