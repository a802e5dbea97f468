"""Line-wise rotation motion of a single slice.

References
----------
.. [1] Sciarra, Chatterjee et al., "Reference-less SSIM regression for detection and
   quantification of motion artefacts in brain MRIs", arXiv 2206.06725, 2022.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import fft, ndimage

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class RotationMotionDraw:
    """What was drawn for one slice.

    Parameters
    ----------
    directions : tuple of int
        For each phase-encoding line the sense of rotation: -1, 0 or 1.
    sigma_deg : float
        Angle of a rotated line, degrees.
    """

    directions: tuple[int, ...]
    sigma_deg: float


def draw_rotation_motion(
    rng: np.random.Generator, lines: int, sigma_range_deg: tuple[float, float]
) -> RotationMotionDraw:
    """Draw an angle from a uniform range and a direction for each line.

    Parameters
    ----------
    rng : numpy.random.Generator
        Advanced by the call.
    lines : int
        Number of phase-encoding lines.
    sigma_range_deg : tuple of float
        Smallest and largest angle, degrees.

    Returns
    -------
    RotationMotionDraw
    """
    sigma = float(rng.uniform(*sigma_range_deg))
    return RotationMotionDraw(tuple(rng.integers(-1, 2, lines).tolist()), sigma)


def apply_rotation_motion(
    image: NDArray[np.floating], draw: RotationMotionDraw, *, axis: int
) -> NDArray[np.float64]:
    """Corrupt a slice whose k-space lines were measured at different head angles.

    Line n of k-space is that of the image rotated by ``directions[n] * sigma_deg`` about its
    centre (cubic spline, same size, zeros from outside). As only three angles occur, three
    rotations and three transforms give exactly what one rotation per line would.

    Parameters
    ----------
    image : ndarray, shape (H, W), real
        Any unit, not all zero.
    draw : RotationMotionDraw
        As many directions as there are lines along `axis`.
    axis : int
        Phase-encoding axis: 0 takes rows of k-space, 1 columns.

    Returns
    -------
    ndarray, shape (H, W), float64, in [0, 1]
        Magnitude divided by its maximum; an all-zero image stays zero.

    Raises
    ------
    ValueError
        If the image is not 2-D, the axis not 0 or 1, or the directions do not fit.
    """
    values = np.asarray(image, dtype=np.float64)
    if values.ndim != 2 or axis not in (0, 1):
        raise ValueError(f"Expected a 2-D image and axis 0 or 1; got {values.ndim}-D, axis {axis}.")
    directions = np.asarray(draw.directions)
    if directions.shape != (values.shape[axis],) or not np.isin(directions, (-1, 0, 1)).all():
        raise ValueError(f"Expected {values.shape[axis]} directions out of -1, 0, 1.")
    spectrum = np.zeros(values.shape, dtype=np.complex128)
    for direction in (-1, 0, 1):
        lines = directions == direction
        if not lines.any():
            continue
        turned = fft.fft2(rotate(values, direction * draw.sigma_deg))
        if axis == 0:
            spectrum[lines] = turned[lines]
        else:
            spectrum[:, lines] = turned[:, lines]
    moved = np.abs(fft.ifft2(spectrum))
    peak = moved.max()
    return moved / peak if peak > 0 else moved


def rotate(image: NDArray[np.float64], angle_deg: float) -> NDArray[np.float64]:
    """Rotate about the image centre by cubic spline, same size, zeros from outside.

    Parameters
    ----------
    image : ndarray, shape (H, W), float64
    angle_deg : float
        Degrees.

    Returns
    -------
    ndarray, shape (H, W), float64
        The image to rounding for an angle of 0.
    """
    turned: NDArray[np.float64] = ndimage.rotate(
        image, angle_deg, reshape=False, order=3, mode="constant", cval=0.0
    )
    return turned
