"""The colours of the map of an explanation, the same in the window and in reports."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Red, green, blue and opacity from nothing to the highest value; lightness only rises, so that
#: the order is seen without colours, too.
STOPS = np.array(
    [
        [60, 10, 110, 0],
        [150, 30, 130, 110],
        [225, 75, 85, 170],
        [250, 160, 50, 200],
        [250, 235, 110, 225],
    ],
    np.float32,
)


def map_pixels(share: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Return premultiplied red, green, blue and opacity of shares of the highest value.

    Parameters
    ----------
    share : ndarray, shape (R, C)
        What is 0 or less is not drawn; above 1 counts as 1.

    Returns
    -------
    ndarray, shape (R, C, 4), uint8
    """
    place = np.clip(share, 0.0, 1.0) * (len(STOPS) - 1)
    colours = np.stack(
        [np.interp(place, np.arange(len(STOPS)), STOPS[:, c]) for c in range(4)], axis=-1
    )
    colours[..., :3] *= colours[..., 3:] / 255.0
    return np.ascontiguousarray(np.rint(colours), dtype=np.uint8)
