"""The published pipeline, step by step, its faults included.

Everything else in this package is the *recommended* mode. This module restates what the published
code does, so that its numbers can be reproduced and its faults be measured:

- the noise floor is removed before corruption only, not at inference;
- rigid motion and ghosting see a slice as a volume that is one voxel thick along its *first*
  axis. Rotations tilt it and translations push it out of that one voxel, and ghosting along the
  first axis does nothing. The recommended `apply_rigid_motion` and `apply_ghosting` stay in plane.

Rotation motion and contrast are the same in both modes: `apply_rotation_motion` gives to rounding
what one rotation per line gives, and `apply_contrast` holds the published formulas.

References
----------
.. [1] Sciarra, Chatterjee et al., "Reference-less SSIM regression for detection and
   quantification of motion artefacts in brain MRIs", arXiv 2206.06725, 2022.
.. [2] Perez-Garcia, Sparks, Ourselin, "TorchIO", Comput. Methods Programs Biomed. 208, 2021.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import fft, ndimage

from acutance_models.simulation.ghosting import GhostingDraw, apply_ghosting
from acutance_models.simulation.rigid import AMPLITUDE_RANGE, MOVEMENTS, TIME_JITTER

if TYPE_CHECKING:
    from numpy.typing import NDArray

NOISE_FLOOR = 0.025
EPSILON = 1e-16  # in the denominator of the published min-max


@dataclass(frozen=True)
class SpatialMotionDraw:
    """What was drawn for one slice.

    Parameters
    ----------
    angles_deg : tuple of (float, float, float)
        Rotations about the first (normal), second (row) and third (column) axis, one triple for
        each movement; about the normal is in plane.
    shifts : tuple of (float, float, float)
        Translations along the same axes, voxels.
    times : tuple of float
        When each movement happens, ascending, in [0, 1].
    """

    angles_deg: tuple[tuple[float, float, float], ...]
    shifts: tuple[tuple[float, float, float], ...]
    times: tuple[float, ...]


def draw_spatial_motion(rng: np.random.Generator) -> SpatialMotionDraw:
    """Draw 2 to 9 movements of up to 10 degrees and 10 voxels about and along all three axes.

    Parameters
    ----------
    rng : numpy.random.Generator
        Advanced by the call.

    Returns
    -------
    SpatialMotionDraw
    """
    movements = int(rng.integers(MOVEMENTS[0], MOVEMENTS[1] + 1))
    degrees, voxels = rng.uniform(*AMPLITUDE_RANGE), rng.uniform(*AMPLITUDE_RANGE)
    step = 1.0 / (movements + 1)
    times = np.arange(1, movements + 1) * step
    times = np.sort(times + rng.uniform(-TIME_JITTER, TIME_JITTER, movements) * step)
    angles = rng.uniform(-degrees, degrees, (movements, 3))
    shifts = rng.uniform(-voxels, voxels, (movements, 3))
    return SpatialMotionDraw(
        tuple((a, b, c) for a, b, c in angles.tolist()),
        tuple((a, b, c) for a, b, c in shifts.tolist()),
        tuple(times.tolist()),
    )


def floor_noise(image: NDArray[np.floating]) -> NDArray[np.float64]:
    """Set values up to 0.025 to 0 and min-max the slice, as published.

    Parameters
    ----------
    image : ndarray, shape (H, W), real
        In training scaled to [0, 1]; the published inference passes raw intensities, on which
        the floor does nothing.

    Returns
    -------
    ndarray, shape (H, W), float64
    """
    values = np.asarray(image, dtype=np.float64).copy()
    values[values <= NOISE_FLOOR] = 0.0
    scaled: NDArray[np.float64] = (values - values.min()) / (values.max() - values.min() + EPSILON)
    return scaled


def apply_spatial_motion(
    image: NDArray[np.floating], draw: SpatialMotionDraw
) -> NDArray[np.float64]:
    """Move a slice as if it were a volume one voxel thick, as published.

    k-space is cut at the times along the last axis. The first part comes from the unmoved slice,
    each later one from the slice as posed by one movement; then the unmoved slice changes places
    with the one of the first cut beyond the middle.

    Parameters
    ----------
    image : ndarray, shape (H, W), real
    draw : SpatialMotionDraw

    Returns
    -------
    ndarray, shape (H, W), float64
        Real part, not renormalised: it may leave the range of the image.

    Raises
    ------
    ValueError
        If the numbers of angles, shifts and times differ.
    """
    movements = len(draw.times)
    if len(draw.angles_deg) != movements or len(draw.shifts) != movements:
        raise ValueError(f"Expected {movements} angles and shifts for {movements} times.")
    values = np.asarray(image, dtype=np.float64)
    poses = [values]
    poses += [
        _pose_thin(values, angles, shift)
        for angles, shift in zip(draw.angles_deg, draw.shifts, strict=True)
    ]
    times = np.asarray(draw.times)
    late = np.flatnonzero(times > 0.5)
    if late.size:
        poses[0], poses[late[0]] = poses[late[0]], poses[0]
    lines = values.shape[1]
    cuts = [0, *(lines * times).astype(np.int64).tolist(), lines]
    spectrum = np.zeros(values.shape, dtype=np.complex128)
    for pose, first, last in zip(poses, cuts[:-1], cuts[1:], strict=True):
        spectrum[:, first:last] = fft.fftshift(fft.fft2(pose))[:, first:last]
    moved: NDArray[np.float64] = fft.ifft2(fft.ifftshift(spectrum)).real
    return moved


def apply_thin_ghosting(image: NDArray[np.floating], draw: GhostingDraw) -> NDArray[np.float64]:
    """Add ghosts to a slice seen as a volume one voxel thick, as published.

    Parameters
    ----------
    image : ndarray, shape (H, W), real
    draw : GhostingDraw
        Axis 0 is the one-voxel axis, along which nothing happens; axis 1 runs along the rows of
        the image, its axis 0.

    Returns
    -------
    ndarray, shape (H, W), float64
    """
    if draw.axis == 0:
        return np.asarray(image, dtype=np.float64).copy()
    return apply_ghosting(image, GhostingDraw(draw.count, 0, draw.intensity, draw.restore))


def _pose_thin(
    image: NDArray[np.float64],
    angles_deg: tuple[float, float, float],
    shift: tuple[float, float, float],
) -> NDArray[np.float64]:
    """Sample the one-voxel volume at rotated, shifted positions; its minimum from outside."""
    (cn, cr, cc), (sn, sr, sc) = np.cos(np.deg2rad(angles_deg)), np.sin(np.deg2rad(angles_deg))
    about_normal = np.array([[1, 0, 0], [0, cn, -sn], [0, sn, cn]])
    about_row = np.array([[cr, 0, sr], [0, 1, 0], [-sr, 0, cr]])
    about_column = np.array([[cc, -sc, 0], [sc, cc, 0], [0, 0, 1]])
    centre = np.array([1, *image.shape]) / 2.0
    rows, columns = np.indices(image.shape, dtype=np.float64)
    grid = np.stack([np.zeros(image.shape), rows, columns]).reshape(3, -1)
    rotation = about_column @ about_normal @ about_row
    positions = rotation @ (grid - centre[:, None]) + (centre + np.asarray(shift))[:, None]
    lowest = float(image.min())
    posed = ndimage.map_coordinates(image, positions[1:], order=1, mode="nearest")
    # A position counts as inside up to half a voxel beyond the centres of the outermost voxels.
    limits = np.array([1, *image.shape])[:, None] - 0.5
    is_inside = np.all((positions >= -0.5) & (positions < limits), axis=0)
    result: NDArray[np.float64] = np.where(is_inside, posed, lowest).reshape(image.shape)
    return result
