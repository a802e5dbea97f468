"""Two acquisitions of the same: which one to keep, as far as their intervals tell."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import numpy as np

from acutance.core.affine import plane_axis
from acutance.core.regridding import share_space

if TYPE_CHECKING:
    from acutance.core.iqm import IqmResult
    from acutance.core.quality import QualityResult, SliceScore
    from acutance.core.volume import Volume

#: Normals of slices that differ by more than this angle are not those of one plane, in degrees.
LARGEST_ANGLE = 10.0
BY_POSITION, BY_ORDER = "position in mm", "order in the stack"


class Advice(StrEnum):
    """The answer to "which one shall I keep?"."""

    KEEP_A = "keep_a"
    KEEP_B = "keep_b"
    NO_DIFFERENCE = "no_difference"
    NOT_COMPARABLE = "not_comparable"


@dataclass(frozen=True)
class Scored:
    """One of the two acquisitions.

    Parameters
    ----------
    name : str
        What the user calls it.
    volume : Volume
    result : QualityResult
    """

    name: str
    volume: Volume
    result: QualityResult


@dataclass(frozen=True)
class SlicePair:
    """Two slices that show the same place.

    Parameters
    ----------
    index_a, index_b : int
        0-based, each in its own file order.
    distance_mm : float or None
        How far apart their planes lie; None where they are matched by order.
    ssim_a, ssim_b : float
        Predicted SSIM.
    """

    index_a: int
    index_b: int
    distance_mm: float | None
    ssim_a: float
    ssim_b: float

    @property
    def difference(self) -> float:
        """Predicted SSIM of B less that of A."""
        return self.ssim_b - self.ssim_a


@dataclass(frozen=True)
class Comparison:
    """What the scores of two acquisitions say of each other.

    Parameters
    ----------
    advice : Advice
    sentence : str
        The advice in words, with its numbers.
    plane : str
        The plane that both were scored in; empty where there is none.
    matched_by : str
        `BY_POSITION` or `BY_ORDER`; empty where nothing is matched.
    pairs : tuple of SlicePair
        Along the stack of A.
    difference : float or None
        Predicted SSIM of series B less that of series A.
    difference_lo, difference_hi : float or None
        Ends of the interval of the difference: it holds the true one at least eight times in ten
        where each series' own interval holds nine times in ten, however the two depend on each
        other. None where one of them has no interval.
    notes : tuple of str
        What makes the comparison weaker than it looks.
    """

    advice: Advice
    sentence: str
    plane: str = ""
    matched_by: str = ""
    pairs: tuple[SlicePair, ...] = ()
    difference: float | None = None
    difference_lo: float | None = None
    difference_hi: float | None = None
    notes: tuple[str, ...] = ()

    def to_plain(self) -> dict[str, Any]:
        """Return the comparison as JSON-ready values."""
        interval = [self.difference_lo, self.difference_hi]
        return {
            "advice": self.advice.value,
            "sentence": self.sentence,
            "plane": self.plane or None,
            "matched_by": self.matched_by or None,
            "difference": self.difference,
            "difference_interval": None if None in interval else interval,
            "slices": [
                {
                    "index_a": pair.index_a,
                    "index_b": pair.index_b,
                    "distance_mm": pair.distance_mm,
                    "ssim_pred_a": pair.ssim_a,
                    "ssim_pred_b": pair.ssim_b,
                    "difference": round(pair.difference, 6),
                }
                for pair in self.pairs
            ],
            "notes": list(self.notes),
        }


def compare(a: Scored, b: Scored) -> Comparison:
    """Say which of two acquisitions to keep.

    One is to be kept only where the intervals of both series do not overlap: nothing else is
    assumed of how their errors depend on each other. Slices are matched by their position along
    the normal of the plane where both files place them in the patient, in one frame of reference as
    far as they state one, else by their order.
    """
    objection, plane = _objection(a, b)
    if objection:
        return Comparison(Advice.NOT_COMPARABLE, f"Not compared: {objection}.", plane)
    pairs, matched_by = _match(a, b, plane)
    notes = _notes(a, b, pairs, matched_by)
    assert a.result.ssim_pred is not None
    assert b.result.ssim_pred is not None
    difference = round(b.result.ssim_pred - a.result.ssim_pred, 6)
    ends = (a.result.ssim_lo, a.result.ssim_hi, b.result.ssim_lo, b.result.ssim_hi)
    a_low, a_high, b_low, b_high = ends
    if a_low is None or a_high is None or b_low is None or b_high is None:
        text = f"B is predicted {_signed(difference)} against A, without an interval"
        sentence = f"No advice: {text}, so nothing tells whether that is more than error."
        return Comparison(
            Advice.NOT_COMPARABLE, sentence, plane, matched_by, pairs, difference, notes=notes
        )
    low, high = round(b_low - a_high, 6), round(b_high - a_low, 6)
    span = f"{_signed(difference)} (interval {_signed(low)} to {_signed(high)})"
    if low > 0:
        advice, sentence = Advice.KEEP_B, f"Keep B: its predicted SSIM differs by {span} from A's."
    elif high < 0:
        advice, sentence = Advice.KEEP_A, f"Keep A: the predicted SSIM of B differs by {span}."
    else:
        advice = Advice.NO_DIFFERENCE
        sentence = f"No difference that the interval supports: B against A {span}."
    return Comparison(advice, sentence, plane, matched_by, pairs, difference, low, high, notes)


def iqm_rows(a: IqmResult, b: IqmResult) -> tuple[tuple[str, float | None, float | None], ...]:
    """Return name and both values of every metric that one of them has, sorted by name."""
    names = sorted(set(a.values) | set(b.values))
    rows = ((name, a.values.get(name), b.values.get(name)) for name in names)
    return tuple(row for row in rows if row[1] is not None or row[2] is not None)


def _objection(a: Scored, b: Scored) -> tuple[str, str]:
    """Return why two series cannot be compared, empty where they can, and their plane."""
    for label, one in (("A", a), ("B", b)):
        if not one.result.in_scope:
            return f"{label} is out of scope ({one.result.reason})", ""
        if one.result.ssim_pred is None:
            return f"{label} has no predicted SSIM ({one.result.reason})", ""
    if a.result.model.sha256 != b.result.model.sha256:
        return "they were scored by different weights; score both again", ""
    if a.result.planes != b.result.planes:
        planes = (", ".join(one.result.planes) for one in (a, b))
        return "they were scored in different planes, {} and {}".format(*planes), ""
    plane = a.result.planes[0]
    angle = _angle(a.volume, b.volume, plane)
    if share_space(a.volume, b.volume) and angle > LARGEST_ANGLE:
        return f"their {plane} slices are tilted by {angle:.0f} degrees against each other", plane
    return "", plane


def _match(a: Scored, b: Scored, plane: str) -> tuple[tuple[SlicePair, ...], str]:
    of_a, of_b = _by_index(a, plane), _by_index(b, plane)
    if share_space(a.volume, b.volume):
        pairs = _match_by_position(a, b, plane, of_a, of_b)
        if pairs:
            return pairs, BY_POSITION
    if (
        a.volume.shape[plane_axis(a.volume.affine, plane)]
        != b.volume.shape[plane_axis(b.volume.affine, plane)]
    ):
        return (), ""
    both = sorted(set(of_a) & set(of_b))
    return tuple(SlicePair(k, k, None, of_a[k], of_b[k]) for k in both), BY_ORDER if both else ""


def _match_by_position(
    a: Scored, b: Scored, plane: str, of_a: dict[int, float], of_b: dict[int, float]
) -> tuple[SlicePair, ...]:
    """Return each slice of A with the nearest of B, at most half a slice away."""
    axis_a, axis_b = plane_axis(a.volume.affine, plane), plane_axis(b.volume.affine, plane)
    step = a.volume.affine[:3, axis_a]
    normal = step / np.linalg.norm(step)
    places_b = {k: float(_middle(b.volume, axis_b, k) @ normal) for k in of_b}
    reach = max(a.volume.spacing[axis_a], b.volume.spacing[axis_b]) / 2 + 1e-6
    pairs = []
    for index, score in sorted(of_a.items()):
        place = float(_middle(a.volume, axis_a, index) @ normal)
        nearest = min(places_b, key=lambda k: (abs(places_b[k] - place), k), default=None)
        if nearest is not None and (gap := abs(places_b[nearest] - place)) <= reach:
            pairs.append(SlicePair(index, nearest, round(gap, 3), score, of_b[nearest]))
    return tuple(pairs)


def _middle(volume: Volume, axis: int, index: int) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Return the centre of a slice in mm, RAS+."""
    place = (np.array(volume.shape, np.float64) - 1) / 2
    place[axis] = index
    centre: np.ndarray[Any, np.dtype[np.float64]] = (
        volume.affine[:3, :3] @ place + volume.affine[:3, 3]
    )
    return centre


def _by_index(one: Scored, plane: str) -> dict[int, float]:
    def is_scored(score: SliceScore) -> bool:
        return score.plane == plane and score.ssim_pred is not None

    return {s.index: float(s.ssim_pred or 0.0) for s in one.result.slices if is_scored(s)}


def _angle(one: Volume, other: Volume, plane: str) -> float:
    """Return the angle between the slices of two volumes, in degrees, 0 to 90."""
    normals = []
    for volume in (one, other):
        axis = plane_axis(volume.affine, plane)
        first, second = (volume.affine[:3, n] for n in range(3) if n != axis)
        normal = np.cross(first, second)
        normals.append(normal / np.linalg.norm(normal))
    return float(np.degrees(np.arccos(min(1.0, abs(float(normals[0] @ normals[1]))))))


def _notes(a: Scored, b: Scored, pairs: tuple[SlicePair, ...], matched_by: str) -> tuple[str, ...]:
    notes = []
    if not pairs:
        notes.append("No slices are matched: the two stacks do not lie at the same place.")
    elif matched_by == BY_ORDER:
        notes.append(
            "Slices are matched by their order: the files name no frame of reference they share."
        )
    else:
        notes.append(
            "Slices are matched by their position in mm; where the patient or the table moved in "
            "between, the same position shows another place."
        )
    of_a = _by_index(a, a.result.planes[0])
    if pairs and len(pairs) < len(of_a):
        notes.append(f"{len(pairs)} of the {len(of_a)} scored slices of A have a partner in B.")
    if len(a.result.planes) > 1:
        notes.append(f"Slices are compared in the {a.result.planes[0]} plane only.")
    contrast = ("echo_time_ms", "repetition_time_ms", "inversion_time_ms", "scanning_sequence")
    if any(a.volume.facts.get(key) != b.volume.facts.get(key) for key in contrast):
        notes.append("The two were not acquired with the same settings.")
    return tuple(notes)


def _signed(value: float) -> str:
    return f"{value:+.2f}".replace("-", "\N{MINUS SIGN}")
