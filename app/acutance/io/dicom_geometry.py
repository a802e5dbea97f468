"""Order slices by position and place them in the patient.

The pixel matrix of a slice becomes ``array[i, j]`` with i the column index (along a row of the
picture) and j the row index; k counts slices along their normal, rows x columns. So the affine in
LPS has the columns

    i: row direction * column spacing, j: column direction * row spacing, k: step between slices,

and the origin is the position of the first pixel of the first slice.

References
----------
.. [1] DICOM PS3.3, C.7.6.2.1.1, equation C.7.6.2.1-1; C.10.7.1.3 (order of Pixel Spacing).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from acutance.core.affine import Affine, flip_lps_ras
from acutance.core.ledger import LoadWarning
from acutance.io._protocols import plural

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from acutance.io.dicom_slice import SliceHeader

#: Unit length and right angle of the two direction cosines; files round to 4 or more digits.
_COSINE_TOLERANCE = 0.01
#: Two slices nearer than this are at the same position.
SAME_POSITION_MM = 0.005
#: A step may differ from the usual one by this share, or by this much, before it is uneven.
_STEP_SHARE, _STEP_MM = 0.02, 0.01
#: Angle between the line of positions and the normal, from which a stack counts as tilted.
_TILT_DEGREES = 0.5


@dataclass(frozen=True)
class StackGeometry:
    """How slices form a volume.

    Parameters
    ----------
    order : tuple of int
        Indices into the slices given, in array order k = 0, 1, 2, ...
    affine : ndarray, shape (4, 4), float64, mm, RAS+
    orientation_known, spacing_known : bool
    warnings : tuple of LoadWarning
    notes : tuple of str
    """

    order: tuple[int, ...]
    affine: Affine
    orientation_known: bool
    spacing_known: bool
    warnings: tuple[LoadWarning, ...]
    notes: tuple[str, ...]


def valid_orientation(header: SliceHeader) -> NDArray[np.float64] | None:
    """Return row, column and normal as the rows of a matrix (LPS), None where invalid."""
    return None if header.orientation is None else _unit_frame(header.orientation)


@lru_cache(maxsize=4096)
def _unit_frame(orientation: tuple[float, ...]) -> NDArray[np.float64] | None:
    row, column = np.array(orientation[:3]), np.array(orientation[3:])
    lengths = np.linalg.norm(row), np.linalg.norm(column)
    if any(abs(length - 1.0) > _COSINE_TOLERANCE for length in lengths):
        return None
    row, column = row / lengths[0], column / lengths[1]
    if abs(float(row @ column)) > _COSINE_TOLERANCE:
        return None
    normal = np.cross(row, column)
    frame = np.stack([row, column, normal / np.linalg.norm(normal)])
    frame.flags.writeable = False
    return frame


def position_along(header: SliceHeader, normal: NDArray[np.float64] | None) -> float | None:
    """Return the position along the slice normal in mm, None where the file states none."""
    if header.position is None or normal is None:
        return None
    return float(np.array(header.position) @ normal)


def place_slices(slices: Sequence[SliceHeader]) -> StackGeometry:
    """Return order, affine and doubts of slices of one orientation and size.

    Slices are sorted by their position along the normal; name and instance number count only
    where there is no position. No two slices may be at the same position.
    """
    if _is_picture(slices):
        return _PICTURE
    warnings: list[LoadWarning] = []
    notes: list[str] = []
    first = slices[0]
    frame = valid_orientation(first)
    orientation_known = frame is not None
    if frame is None:
        words = "is not stated" if first.orientation is None else "is no valid pair of directions"
        warnings.append(
            LoadWarning(
                "bad_orientation",
                f"The orientation of the images {words}: left and right cannot be told.",
            )
        )
        frame = np.eye(3)
    spacings = first.pixel_spacing
    spacing_known = spacings is not None
    if spacings is None:
        warnings.append(
            LoadWarning(
                "bad_pixel_spacing",
                "The pixel spacing is not stated or no length; do not measure in mm.",
            )
        )
        spacings = (1.0, 1.0)
    along = [position_along(s, frame[2]) for s in slices]
    has_positions = all(p is not None for p in along)
    if has_positions:
        keys = [float(p) for p in along if p is not None]
        order = sorted(range(len(slices)), key=lambda n: (keys[n], slices[n].key))
    else:
        order = _order_without_positions(slices)
        orientation_known = orientation_known and len(slices) == 1
        warnings.append(
            LoadWarning(
                "no_position",
                "The images do not say where they lie in the patient; their order is that of "
                "slice location or instance number.",
            )
        )
    if has_positions and len(slices) > 1:
        ordered = [slices[n] for n in order]
        step = _check_steps(ordered, [keys[n] for n in order], frame, warnings)
    else:
        step = frame[2] * _stated_step(slices, order, spacings, warnings, notes)
    origin = slices[order[0]].position or (0.0, 0.0, 0.0)
    affine = np.eye(4)
    affine[:3, 0] = frame[0] * spacings[1]
    affine[:3, 1] = frame[1] * spacings[0]
    affine[:3, 2] = step
    affine[:3, 3] = origin
    if len(slices) == 1:
        notes.append("single slice")
    return StackGeometry(
        tuple(order),
        flip_lps_ras(affine),
        orientation_known,
        spacing_known,
        tuple(warnings),
        tuple(notes),
    )


#: A photograph or a drawing: nothing about it is in mm, and nobody would think so.
_PICTURE = StackGeometry(
    order=(0,),
    affine=flip_lps_ras(np.eye(4)),
    orientation_known=False,
    spacing_known=False,
    warnings=(),
    notes=("a picture that states no size in mm and no place in the patient",),
)


def _is_picture(slices: Sequence[SliceHeader]) -> bool:
    one = slices[0]
    stated = (one.position, one.orientation, one.pixel_spacing)
    return len(slices) == 1 and one.is_colour and stated == (None, None, None)


def _order_without_positions(slices: Sequence[SliceHeader]) -> list[int]:
    locations = [s.slice_location for s in slices]
    if all(v is not None for v in locations) and len(set(locations)) == len(slices):
        return sorted(range(len(slices)), key=lambda n: float(locations[n] or 0.0))
    return sorted(range(len(slices)), key=lambda n: (slices[n].instance or 0, slices[n].key))


def _stated_step(
    slices: Sequence[SliceHeader],
    order: Sequence[int],
    spacings: tuple[float, ...],
    warnings: list[LoadWarning],
    notes: list[str],
) -> float:
    """Return the slice step from the header where positions do not give it."""
    first = slices[order[0]]
    for value, words in (
        (first.spacing_between, ""),
        (first.thickness, "slice step taken from the slice thickness"),
    ):
        if value is not None and 0 < abs(value) < 1e4:
            if words and len(slices) > 1:
                notes.append(words)
            return abs(value)
    if len(slices) > 1:
        warnings.append(
            LoadWarning(
                "bad_slice_spacing",
                "The distance between slices is not stated; the pixel spacing was taken.",
            )
        )
        return spacings[0]
    notes.append("slice thickness not stated, 1 mm assumed")
    return 1.0


def _check_steps(
    ordered: Sequence[SliceHeader],
    along: Sequence[float],
    frame: NDArray[np.float64],
    warnings: list[LoadWarning],
) -> NDArray[np.float64]:
    """Return the vector from slice to slice (LPS) and say what is irregular about it."""
    positions = np.array([s.position for s in ordered], dtype=np.float64)
    steps = np.diff(np.asarray(along))
    usual = _usual_step(steps)
    tolerance = max(_STEP_SHARE * usual, _STEP_MM)
    multiples = np.rint(steps / usual)
    is_gap = (multiples >= 2) & (np.abs(steps - multiples * usual) <= tolerance * multiples)
    is_uneven = (np.abs(steps - usual) > tolerance) & ~is_gap
    if is_gap.any():
        missing = int((multiples[is_gap] - 1).sum())
        warnings.append(
            LoadWarning(
                "missing_slices",
                f"{plural(missing, 'slice')} missing in {plural(int(is_gap.sum()), 'place')}; "
                "the slices behind a gap are shown too near, lengths across slices are wrong.",
                tuple(ordered[int(n) + 1].path for n in np.flatnonzero(is_gap)[:16]),
            )
        )
    if is_uneven.any():
        warnings.append(
            LoadWarning(
                "uneven_spacing",
                f"The distance between slices varies from {steps.min():.3f} to "
                f"{steps.max():.3f} mm; lengths across slices are wrong.",
                tuple(ordered[int(n) + 1].path for n in np.flatnonzero(is_uneven)[:16]),
            )
        )
    normal = frame[2]
    regular = ~(is_gap | is_uneven)
    vectors = np.diff(positions, axis=0)
    if is_gap.any() or is_uneven.any():
        pick = vectors[regular] if regular.any() else vectors / np.maximum(multiples, 1)[:, None]
        step = np.asarray(np.median(pick, axis=0))
        if float(step @ normal) <= SAME_POSITION_MM:
            step = normal * usual
    else:
        step = (positions[-1] - positions[0]) / (len(ordered) - 1)
    lateral = step - (step @ normal) * normal
    degrees = math.degrees(math.atan2(float(np.linalg.norm(lateral)), float(step @ normal)))
    if degrees > _TILT_DEGREES:
        warnings.append(
            LoadWarning(
                "gantry_tilt",
                f"The stack is tilted by {degrees:.1f} degrees against its slices; planes across "
                "the slices are drawn sheared.",
            )
        )
    _check_line(positions, step, normal, warnings)
    return step


def _usual_step(steps: NDArray[np.float64]) -> float:
    """Return the step that most steps agree with; the smaller one on a tie."""
    counts = [
        int(np.count_nonzero(np.abs(steps - s) <= max(_STEP_SHARE * s, _STEP_MM))) for s in steps
    ]
    best = max(range(len(steps)), key=lambda n: (counts[n], -steps[n]))
    agreeing = np.abs(steps - steps[best]) <= max(_STEP_SHARE * steps[best], _STEP_MM)
    return float(np.median(steps[agreeing]))


def _check_line(
    positions: NDArray[np.float64],
    step: NDArray[np.float64],
    normal: NDArray[np.float64],
    warnings: list[LoadWarning],
) -> None:
    """Warn when slices lie beside the straight line of the stack."""
    along = (positions - positions[0]) @ normal
    line = positions[0] + np.outer(along / float(step @ normal), step)
    aside = np.linalg.norm(positions - line, axis=1)
    if float(aside.max()) > 0.5:
        warnings.append(
            LoadWarning(
                "shifted_slices",
                f"Slices are shifted sideways by up to {aside.max():.1f} mm against the line of "
                "the stack; planes across the slices are drawn without this shift.",
            )
        )
