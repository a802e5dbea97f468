"""Connected parts of a label map, and the removal of small ones."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.ndimage import label

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from acutance.core.segmentation import CleaningStep


def clean(labels: NDArray[np.uint8], step: CleaningStep) -> tuple[NDArray[np.uint8], CleaningStep]:
    """Apply a step.

    Parameters
    ----------
    labels : ndarray, shape (I, J, K), uint8
    step : CleaningStep

    Returns
    -------
    labels : ndarray, shape (I, J, K), uint8
        A copy where something changed.
    step : CleaningStep
        With the parts and voxels that were removed.
    """
    mask = np.isin(labels, step.values)
    parts, count = label(mask)
    if count == 0:
        return labels, replace(step, parts=0, voxels=0)
    sizes = np.bincount(parts.reshape(-1), minlength=count + 1)
    sizes[0] = 0
    bound = max(step.smallest_share * float(sizes.max()), float(step.smallest_voxels))
    is_small = sizes < bound
    is_small[0] = False
    if not is_small.any():
        return labels, replace(step, parts=0, voxels=0)
    gone = is_small[parts]
    cleaned = labels.copy()
    cleaned[gone] = step.becomes
    return cleaned, replace(
        step, parts=int(np.count_nonzero(is_small)), voxels=int(np.count_nonzero(gone))
    )
