"""A few rigid in-plane movements during the acquisition of one slice.

References
----------
.. [1] Shaw, Sudre, Ourselin, Cardoso, "MRI k-space motion artefact augmentation", MIDL 2019.
.. [2] Perez-Garcia, Sparks, Ourselin, "TorchIO", Comput. Methods Programs Biomed. 208, 2021.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import fft, ndimage

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOVEMENTS = (2, 9)
AMPLITUDE_RANGE = (0.01, 10.0)  # degrees of rotation, and pixels of translation
TIME_JITTER = 0.3  # of the distance between two movements


@dataclass(frozen=True)
class RigidMotionDraw:
    """What was drawn for one slice.

    Parameters
    ----------
    angles_deg : tuple of float
        One rotation for each part of the acquisition, degrees.
    shifts : tuple of (float, float)
        One translation for each part, pixels along columns and rows.
    times : tuple of float
        Where the acquisition is cut, ascending, in [0, 1]; one fewer than there are parts.
    """

    angles_deg: tuple[float, ...]
    shifts: tuple[tuple[float, float], ...]
    times: tuple[float, ...]


def draw_rigid_motion(rng: np.random.Generator) -> RigidMotionDraw:
    """Draw 2 to 9 movements of up to 10 degrees and 10 pixels.

    Parameters
    ----------
    rng : numpy.random.Generator
        Advanced by the call.

    Returns
    -------
    RigidMotionDraw
    """
    movements = int(rng.integers(MOVEMENTS[0], MOVEMENTS[1] + 1))
    degrees, pixels = rng.uniform(*AMPLITUDE_RANGE), rng.uniform(*AMPLITUDE_RANGE)
    step = 1.0 / (movements + 1)
    jitter = rng.uniform(-TIME_JITTER, TIME_JITTER, movements)
    times = np.sort((np.arange(1, movements + 1) + jitter) * step)
    shifts = rng.uniform(-pixels, pixels, (movements + 1, 2))
    return RigidMotionDraw(
        tuple(rng.uniform(-degrees, degrees, movements + 1).tolist()),
        tuple((float(across), float(down)) for across, down in shifts),
        tuple(times.tolist()),
    )


def apply_rigid_motion(
    image: NDArray[np.floating], draw: RigidMotionDraw, *, axis: int
) -> NDArray[np.float64]:
    """Assemble k-space from differently posed copies of a slice.

    k-space, centre in the middle, is cut into parts along the phase-encoding axis, each taken
    from its own copy. The part that holds the centre line is taken from the unmoved slice.

    Parameters
    ----------
    image : ndarray, shape (H, W), real
    draw : RigidMotionDraw
    axis : int
        Phase-encoding axis, 0 or 1.

    Returns
    -------
    ndarray, shape (H, W), float64
        Real part, not renormalised: it may leave the range of the image.

    Raises
    ------
    ValueError
        If the numbers of angles, shifts and times do not fit together.
    """
    values = np.asarray(image, dtype=np.float64)
    parts = len(draw.angles_deg)
    if len(draw.shifts) != parts or len(draw.times) != parts - 1:
        raise ValueError(f"Expected {parts} shifts and {parts - 1} times for {parts} angles.")
    lines = values.shape[axis]
    cuts = (np.asarray(draw.times) * lines).astype(np.int64)
    part_of_line = np.searchsorted(cuts, np.arange(lines), side="right")
    still = part_of_line[lines // 2]
    spectrum = np.zeros(values.shape, dtype=np.complex128)
    for part in np.unique(part_of_line):
        posed = values
        if part != still:
            posed = _pose(values, draw.angles_deg[part], draw.shifts[part])
        posed_spectrum = fft.fftshift(fft.fft2(posed))
        chosen = part_of_line == part
        if axis == 0:
            spectrum[chosen] = posed_spectrum[chosen]
        else:
            spectrum[:, chosen] = posed_spectrum[:, chosen]
    corrupted: NDArray[np.float64] = fft.ifft2(fft.ifftshift(spectrum)).real
    return corrupted


def _pose(
    image: NDArray[np.float64], angle_deg: float, shift: tuple[float, float]
) -> NDArray[np.float64]:
    """Sample the image at its coordinates rotated about the centre, then shifted."""
    radians = np.deg2rad(angle_deg)
    cosine, sine = np.cos(radians), np.sin(radians)
    matrix = np.array([[cosine, sine], [-sine, cosine]])  # acts on (row, column)
    centre = (np.array(image.shape) - 1) / 2.0
    offset = centre - matrix @ centre + np.array([shift[1], shift[0]])
    posed: NDArray[np.float64] = ndimage.affine_transform(
        image, matrix, offset, order=1, mode="constant", cval=0.0
    )
    return posed
