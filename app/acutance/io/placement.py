"""Hold an affine that a header states against what an affine can be."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from acutance.core.ledger import LoadWarning

if TYPE_CHECKING:
    from acutance.core.affine import Affine

#: A shorter voxel, in any unit of a format, is a damaged number.
SMALLEST_VOXEL = 1e-6
#: Axes further from square than this cosine are called sheared.
_SHEAR_COSINE = 1e-3


def is_invertible(matrix: Affine) -> bool:
    """Whether an affine is finite, of a size that means something, and not flat."""
    if not np.all(np.isfinite(matrix)) or np.abs(matrix).max() > 1e9:
        return False
    lengths = np.linalg.norm(matrix[:3, :3], axis=0)
    if lengths.min() < SMALLEST_VOXEL:
        return False
    return abs(float(np.linalg.det(matrix[:3, :3] / lengths))) > 1e-6


def check_shear(affine: Affine, warnings: list[LoadWarning]) -> None:
    """Add a warning where the voxel axes are not square to each other."""
    unit = affine[:3, :3] / np.linalg.norm(affine[:3, :3], axis=0)
    cosines = np.abs(unit.T @ unit - np.eye(3))
    if float(cosines.max()) > _SHEAR_COSINE:
        degrees = math.degrees(math.asin(min(1.0, float(cosines.max()))))
        warnings.append(
            LoadWarning(
                "sheared_affine",
                f"The voxel axes are {degrees:.2f} degrees from square; shapes on the screen are "
                "drawn as if they were square.",
            )
        )


def no_orientation(words: str) -> LoadWarning:
    """Return the warning that sides are unknown; `words` say why, as a sentence."""
    return LoadWarning("no_orientation", f"{words} Left and right, front and back cannot be told.")
