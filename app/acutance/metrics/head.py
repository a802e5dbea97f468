"""A simple mask of the head against the air, slice by slice. Own definition, named in results."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.ndimage import binary_fill_holes, binary_opening, label
from skimage.filters import threshold_otsu

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: The name of this mask in results; another definition gets another name.
HEAD_MASK = "acu_head_otsu"
#: Bins of the histogram between 0 and the 99.9th percentile.
BINS = 256
HIGH_PERCENTILE = 99.9
#: Share of Otsu's threshold that still counts as head: bone, fluid and muscle are dark.
THRESHOLD_SHARE = 0.5
#: Parts smaller than this share of a slice are no head.
SMALLEST_PART = 0.005


def head_threshold(counts: NDArray[np.int64], high: float) -> float:
    """Return the value from which a voxel counts as head.

    Half of Otsu's threshold of the histogram: between the air and the darker tissues.

    Parameters
    ----------
    counts : ndarray, shape (256,), voxels in equal bins over [0, high]
    high : float, > 0, image units

    References
    ----------
    .. [1] Otsu, IEEE Trans. Syst. Man Cybern. 9(1), 1979.
    """
    centres = (np.arange(BINS) + 0.5) * (high / BINS)
    if np.count_nonzero(counts) < 2:
        return high / BINS
    threshold = threshold_otsu(hist=(counts, centres))  # type: ignore[no-untyped-call]
    return THRESHOLD_SHARE * float(threshold)


def head_mask(image: NDArray[np.floating], threshold: float) -> NDArray[np.bool_]:
    """Return the mask of the head in one slice.

    Pixels above the threshold, opened with a 3 x 3 cross against single bright pixels of the air,
    parts of at least 0.5 % of the slice, holes filled.

    Parameters
    ----------
    image : ndarray, shape (rows, columns)
    threshold : float, image units

    Returns
    -------
    ndarray of bool, shape (rows, columns)
    """
    bright = binary_opening(np.asarray(image) > threshold)
    parts, count = label(bright)
    if count:
        sizes = np.bincount(parts.reshape(-1), minlength=count + 1)
        keep = sizes >= SMALLEST_PART * bright.size
        keep[0] = False
        bright = keep[parts]
    filled: NDArray[np.bool_] = binary_fill_holes(bright)
    return filled
