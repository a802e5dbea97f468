"""The affine as a value: voxel index to patient millimetres, RAS+ inside, LPS at the DICOM edge."""

from __future__ import annotations

from itertools import permutations

import numpy as np
from numpy.typing import NDArray

Affine = NDArray[np.float64]
Plane = str
PLANES: tuple[Plane, Plane, Plane] = ("axial", "coronal", "sagittal")
#: World axis (RAS+) that is the normal of each plane.
PLANE_NORMAL: dict[Plane, int] = {"sagittal": 0, "coronal": 1, "axial": 2}
#: A second letter is shown from this direction cosine on (sin 10 degrees).
COMPOUND_LETTER_COSINE = 0.1736
_POSITIVE, _NEGATIVE = "RAS", "LPI"


def flip_lps_ras(affine: Affine) -> Affine:
    """Convert an affine between LPS (DICOM) and RAS+; the operation is its own inverse.

    References
    ----------
    .. [1] DICOM PS3.3 C.7.6.2.1.1 (patient-based coordinate system is LPS).
    """
    return np.diag([-1.0, -1.0, 1.0, 1.0]) @ affine


def spacing(affine: Affine) -> tuple[float, float, float]:
    """Return the voxel spacing in mm along array axes i, j, k."""
    i, j, k = np.linalg.norm(affine[:3, :3], axis=0)
    return float(i), float(j), float(k)


def direction(affine: Affine) -> Affine:
    """Return the (3, 3) unit vectors of the array axes in world space, one per column."""
    lengths = np.linalg.norm(affine[:3, :3], axis=0)
    return affine[:3, :3] / np.where(lengths > 0, lengths, 1.0)


def world_axes(affine: Affine) -> tuple[int, int, int]:
    """Return for each array axis the world axis (0 R-L, 1 A-P, 2 S-I) it follows best.

    The three answers are always a permutation, also at 45 degrees: the assignment with the largest
    sum of absolute direction cosines is taken, the first in lexical order on a tie.
    """
    cosines = np.abs(direction(affine))
    best = max(
        permutations(range(3)),
        key=lambda order: round(float(sum(cosines[order[a], a] for a in range(3))), 9),
    )
    return best[0], best[1], best[2]


def plane_axis(affine: Affine, plane: Plane) -> int:
    """Return the array axis nearest to the normal of a plane.

    Raises
    ------
    ValueError
        If `plane` is none of axial, coronal, sagittal.
    """
    if plane not in PLANE_NORMAL:
        raise ValueError(f"plane must be one of {PLANES}, not {plane!r}")
    return world_axes(affine).index(PLANE_NORMAL[plane])


def axis_plane(affine: Affine, axis: int) -> Plane:
    """Return the plane whose normal is nearest to an array axis."""
    world = world_axes(affine)[axis]
    return next(plane for plane, normal in PLANE_NORMAL.items() if normal == world)


def letters(vector: NDArray[np.float64]) -> str:
    """Name the patient direction a world vector points to: `"R"`, or `"RA"` when oblique.

    The first letter is the largest component; another follows for each component of at least
    `COMPOUND_LETTER_COSINE` of the vector's length. A zero or non-finite vector gives `"?"`.
    """
    length = float(np.linalg.norm(vector))
    if not np.isfinite(length) or length == 0.0:
        return "?"
    unit = np.asarray(vector, dtype=np.float64) / length
    order = sorted(range(3), key=lambda a: (-round(abs(float(unit[a])), 9), a))
    kept = [a for n, a in enumerate(order) if n == 0 or abs(unit[a]) >= COMPOUND_LETTER_COSINE]
    return "".join(_POSITIVE[a] if unit[a] > 0 else _NEGATIVE[a] for a in kept)


def axis_codes(affine: Affine) -> str:
    """Return the three codes of the array axes, such as `"RAS"` or `"LPI"`."""
    unit = direction(affine)
    return "".join(
        _POSITIVE[world] if unit[world, axis] >= 0 else _NEGATIVE[world]
        for axis, world in enumerate(world_axes(affine))
    )


def to_world(affine: Affine, index: tuple[float, float, float]) -> tuple[float, float, float]:
    """Map a (fractional) voxel index to a point in mm, RAS+."""
    x, y, z = affine[:3, :3] @ np.asarray(index, dtype=np.float64) + affine[:3, 3]
    return float(x), float(y), float(z)


def to_index(affine: Affine, point: tuple[float, float, float]) -> tuple[float, float, float]:
    """Map a point in mm, RAS+, to a fractional voxel index.

    Raises
    ------
    ValueError
        If the affine cannot be inverted.
    """
    try:
        inverse = np.linalg.inv(affine)
    except np.linalg.LinAlgError as error:
        raise ValueError("the affine is singular") from error
    i, j, k = inverse[:3, :3] @ np.asarray(point, dtype=np.float64) + inverse[:3, 3]
    return float(i), float(j), float(k)
