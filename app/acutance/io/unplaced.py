"""Images that do not say where they are in the patient: pictures, microscope stacks, arrays."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from acutance.core.volume import Volume

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from acutance.core.affine import Affine

#: A pixel of a scan or a microscope is no larger (mm) and no smaller than this.
_SPACING_RANGE = (1e-9, 1e4)
NO_SIDES = "the file does not say how the image lies in the patient; sides are unknown"
NO_SPACING = "pixel size not stated; no lengths are shown"
NO_SLICE_DISTANCE = "slice distance not stated; no lengths are shown"


@dataclass(frozen=True)
class Spacing:
    """Millimetres per step along columns, rows and slices, as far as a file states them.

    Parameters
    ----------
    i, j, k : float or None
    source : str
        Where they were found, for the user; empty where nowhere.
    """

    i: float | None = None
    j: float | None = None
    k: float | None = None
    source: str = ""


def is_length(mm: float | None) -> bool:
    """Whether a number can be the size of a pixel in mm."""
    return mm is not None and math.isfinite(mm) and _SPACING_RANGE[0] <= mm <= _SPACING_RANGE[1]


def unplaced_volume(
    array: NDArray[Any], spacing: Spacing, *, name: str, facts: dict[str, Any], unit: str = ""
) -> tuple[Volume, list[str]]:
    """Return a volume whose sides are unknown, and what is to be noted of it.

    The first axis is drawn to the right and the second downward, as a picture is looked at; what
    is not known of the spacing takes the size of what is, else 1.
    """
    known = (spacing.i, spacing.j, spacing.k)
    i, j, k = (value if is_length(value) else None for value in known)
    depth = array.shape[2]
    notes = [NO_SIDES]
    if i is None or j is None:
        notes.append(NO_SPACING)
    elif k is None and depth > 1:
        notes.append(NO_SLICE_DISTANCE)
    elif spacing.source:
        notes.append(f"pixel size from {spacing.source}")
    is_known = i is not None and j is not None and (k is not None or depth == 1)
    i = i or j or 1.0
    j = j or i
    volume = Volume(
        array=array,
        affine=picture_affine(i, j, k or (i + j) / 2),
        name=name,
        unit=unit,
        orientation_known=False,
        spacing_known=is_known,
        acquisition_axis=2 if depth > 1 else None,
        facts=facts,
    )
    return volume, notes


def picture_affine(i: float, j: float, k: float) -> Affine:
    """Return the affine under which an axial view draws i to the right and j downward."""
    return np.diag([-i, -j, k, 1.0])
