"""Periodic ghosts along the phase-encoding axis.

References
----------
.. [1] Perez-Garcia, Sparks, Ourselin, "TorchIO", Comput. Methods Programs Biomed. 208, 2021.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import fft

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class GhostingDraw:
    """What was drawn for one slice.

    Parameters
    ----------
    count : int
        Number of ghosts, >= 0; 0 leaves the slice.
    axis : int
        Phase-encoding axis, 0 or 1.
    intensity : float
        How much the lines are weakened, in [0, 1].
    restore : float
        Share of lines about the centre of k-space that are kept, in [0, 1].
    """

    count: int
    axis: int
    intensity: float
    restore: float


def draw_ghosting(rng: np.random.Generator) -> GhostingDraw:
    """Draw up to four ghosts of an intensity up to 0.75.

    Parameters
    ----------
    rng : numpy.random.Generator
        Advanced by the call.

    Returns
    -------
    GhostingDraw
    """
    most = int(rng.integers(3, 5))
    strongest = float(rng.uniform(0.05, 0.75))
    return GhostingDraw(
        int(rng.integers(0, most + 1)),
        int(rng.integers(2)),
        float(rng.uniform(0.0, strongest)),
        float(rng.uniform(0.01, 0.02)),
    )


def apply_ghosting(image: NDArray[np.floating], draw: GhostingDraw) -> NDArray[np.float64]:
    """Weaken every count-th line of k-space, but for those about the centre.

    Parameters
    ----------
    image : ndarray, shape (H, W), real
    draw : GhostingDraw

    Returns
    -------
    ndarray, shape (H, W), float64
        Real part, not renormalised: it may leave the range of the image.
    """
    values = np.asarray(image, dtype=np.float64)
    if draw.count == 0:
        return values.copy()
    lines = values.shape[draw.axis]
    weights = np.ones(lines)
    weights[:: draw.count] = 1.0 - draw.intensity
    half = round(lines * draw.restore / 2)
    weights[lines // 2 - half : lines // 2 + half + 1] = 1.0
    spectrum = fft.fftshift(fft.fft2(values))
    spectrum *= weights[:, None] if draw.axis == 0 else weights[None, :]
    ghosted: NDArray[np.float64] = fft.ifft2(fft.ifftshift(spectrum)).real
    return ghosted
