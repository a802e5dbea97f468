"""Flicker of a clip: what is left of a frame when the next one is moved back onto it.

References
----------
.. [1] Lai, Huang, Wang, et al., "Learning blind video temporal consistency", ECCV 2018,
   eq. (9) and (10): the warping error.
.. [2] Le Besnerais, Champagnat, "Dense optical flow by iterative local window registration",
   ICIP 2005: the flow.
.. [3] Sundaram, Brox, Keutzer, "Dense point trajectories by GPU-accelerated large displacement
   optical flow", ECCV 2010, eq. (5): where flows there and back do not agree.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.ndimage import map_coordinates
from skimage.registration import optical_flow_ilk

if TYPE_CHECKING:
    from numpy.typing import NDArray

_WINDOW = 9
#: Of eq. (5) of [3].
_RELATIVE, _ABSOLUTE = 0.01, 0.5


def estimate_flow(
    reference: NDArray[np.floating], moving: NDArray[np.floating]
) -> NDArray[np.float32]:
    """Return where each pixel of `reference` lies in `moving`: (rows, columns) to be added.

    Parameters
    ----------
    reference, moving : ndarray, shape (Y, X)

    Returns
    -------
    ndarray, shape (2, Y, X), float32, pixels
    """
    found = optical_flow_ilk(  # type: ignore[no-untyped-call]
        reference.astype(np.float32), moving.astype(np.float32), radius=_WINDOW, dtype=np.float32
    )
    flow: NDArray[np.float32] = np.asarray(found)
    return flow


def warp(image: NDArray[np.floating], flow: NDArray[np.floating]) -> NDArray[np.float64]:
    """Fetch every pixel from where a flow says, bilinearly.

    Parameters
    ----------
    image : ndarray, shape (Y, X)
    flow : ndarray, shape (2, Y, X)

    Returns
    -------
    ndarray, shape (Y, X), float64
        The nearest pixel where the flow leads outside.
    """
    rows, columns = np.indices(image.shape)
    found: NDArray[np.float64] = map_coordinates(
        np.asarray(image, np.float64), [rows + flow[0], columns + flow[1]], order=1, mode="nearest"
    )
    return found


def seen_in_both(there: NDArray[np.floating], back: NDArray[np.floating]) -> NDArray[np.bool_]:
    """Return which pixels are in both frames: the way there and the way back cancel out.

    Parameters
    ----------
    there : ndarray, shape (2, Y, X)
        From the first frame to the second.
    back : ndarray, shape (2, Y, X)
        From the second to the first.
    """
    height, width = there.shape[1:]
    returned = np.stack([warp(part, there) for part in back])
    gap = np.sum((there + returned) ** 2, axis=0)
    size = np.sum(np.asarray(there, np.float64) ** 2, axis=0) + np.sum(returned**2, axis=0)
    rows, columns = np.indices((height, width))
    rows, columns = rows + there[0], columns + there[1]
    inside = (rows >= 0) & (rows <= height - 1) & (columns >= 0) & (columns <= width - 1)
    seen: NDArray[np.bool_] = (gap < _RELATIVE * size + _ABSOLUTE) & inside
    return seen


def warping_error(
    frame: NDArray[np.floating],
    following: NDArray[np.floating],
    there: NDArray[np.floating],
    back: NDArray[np.floating],
) -> float | None:
    """Return the mean squared difference of a frame and the next one moved back onto it.

    Flows are best estimated on a clip without the flicker that is to be measured, such as the
    original of which several results are compared.

    Parameters
    ----------
    frame, following : ndarray, shape (Y, X)
    there, back : ndarray, shape (2, Y, X)
        Flow from the first to the second, and from the second to the first.

    Returns
    -------
    float or None
        In units of the frames, squared; None where no pixel is seen in both.
    """
    mask = seen_in_both(there, back)
    if not mask.any():
        return None
    difference = np.asarray(frame, np.float64) - warp(following, there)
    return float(np.mean(difference[mask] ** 2))
