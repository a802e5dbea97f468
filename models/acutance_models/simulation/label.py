"""The label of a corrupted slice: its structural similarity to the undisturbed one.

References
----------
.. [1] Wang, Bovik, Sheikh, Simoncelli, IEEE Trans. Image Process. 13(4), 2004, eq. (13).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from skimage.metrics import structural_similarity

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def similarity_label(clean: NDArray[np.floating], corrupted: NDArray[np.floating]) -> float:
    """Compute the mean structural similarity of two views, background included.

    Uniform 7 x 7 window, K1 = 0.01, K2 = 0.03, sample covariance, border of 3 pixels left out.
    In training both are 256 x 256, and the noise floor is not yet removed from the corrupted.

    Parameters
    ----------
    clean, corrupted : ndarray, shape (H, W), real, of a data range of 1
        At least 7 pixels along both axes.

    Returns
    -------
    float
        In [-1, 1]; 1 only for identical views.

    Raises
    ------
    ValueError
        If the shapes differ or are too small.
    """
    similarity = structural_similarity(clean, corrupted, data_range=1.0)  # type: ignore[no-untyped-call]
    return float(similarity)
