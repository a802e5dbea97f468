"""A whole volume moved slice by slice."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from acutance_models.simulation.motion import apply_rotation_motion, draw_rotation_motion

if TYPE_CHECKING:
    from numpy.typing import NDArray


def corrupt_volume(
    array: NDArray[np.generic], axis: int, sigma_deg: float, seed: int
) -> NDArray[np.float64]:
    """Apply line-wise rotation motion to every slice along an axis.

    Each slice draws its phase-encoding axis and its directions; the angle is the same for all.
    The draws do not depend on the angle: with one seed, volumes of several angles form a ladder.

    Parameters
    ----------
    array : ndarray, shape (I, J, K), real
        Any unit. Negative values are taken as 0: the result is a magnitude image.
    axis : int
        Axis along which slices are counted, 0 to 2.
    sigma_deg : float
        Angle of a rotated line, degrees; 0 returns the input to rounding.
    seed : int
        The same seed gives the same bytes.

    Returns
    -------
    ndarray, shape (I, J, K), float64
        In the unit of the input: every slice keeps its maximum.

    Raises
    ------
    ValueError
        If the array is not three-dimensional.
    """
    if array.ndim != 3:
        raise ValueError(f"Expected a volume of shape (I, J, K); got shape {array.shape}.")
    rng = np.random.default_rng(seed)
    slices = np.moveaxis(np.clip(array.astype(np.float64), 0.0, None), axis, 0)
    moved = np.zeros(slices.shape)
    for index, image in enumerate(slices):
        phase_axis = int(rng.integers(2))
        draw = draw_rotation_motion(rng, image.shape[phase_axis], (sigma_deg, sigma_deg))
        moved[index] = apply_rotation_motion(image, draw, axis=phase_axis) * image.max()
    return np.ascontiguousarray(np.moveaxis(moved, 0, axis))
