"""Corrupted slices to measure a network on, made without torch's batch simulation.

Training makes its slices in float32 by bicubic convolution; these are made in float64 by cubic
splines, one at a time, with the pure functions of `acutance_models.simulation`. A network that is
as good on them has not learnt the quirks of its training.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch

from acutance_models.iqa_resnet.corruption import SIGMA_RANGE_DEG, to_square_signed
from acutance_models.iqa_resnet.preprocess import normalise, to_square
from acutance_models.simulation import scanner
from acutance_models.simulation.contrast import IdentityDraw, apply_contrast, draw_contrast, stretch
from acutance_models.simulation.ghosting import apply_ghosting, draw_ghosting
from acutance_models.simulation.label import similarity_label
from acutance_models.simulation.motion import apply_rotation_motion, draw_rotation_motion
from acutance_models.simulation.reference import (
    apply_spatial_motion,
    apply_thin_ghosting,
    draw_spatial_motion,
    floor_noise,
)
from acutance_models.simulation.rigid import apply_rigid_motion, draw_rigid_motion

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: The two families a network is trained on, equally likely.
TRAINED_FAMILIES = ("rotation", "rigid")
#: Families it has never seen. "thin" is the published rigid motion and ghosting, out of plane.
OTHER_FAMILIES = (
    "thin",
    "sudden",
    "through_plane",
    "noise",
    "bias",
    "spike",
    "wrap",
)
NEIGHBOURS = 3  # slices on either side that through-plane motion may reach


@dataclass(frozen=True)
class CorruptedSlice:
    """One slice as the network sees it, and what it should say.

    Parameters
    ----------
    image : ndarray, shape (256, 256), float32, in [0, 1]
    label : float
        Structural similarity to the undisturbed view.
    """

    image: NDArray[np.float32]
    label: float


def corrupt_slice(
    stack: NDArray[np.floating],
    position: int,
    family: str,
    rng: np.random.Generator,
    *,
    is_native: bool,
    sigma_range_deg: tuple[float, float] = SIGMA_RANGE_DEG,
    varies_contrast: bool = True,
) -> CorruptedSlice:
    """Vary the contrast of a slice, corrupt it by one family, and label it.

    Parameters
    ----------
    stack : ndarray, shape (D, H, W), real
        A clean slice and its neighbours, square pixels.
    position : int
        Of the slice.
    family : str
        Of `TRAINED_FAMILIES` or `OTHER_FAMILIES`.
    rng : numpy.random.Generator
        Advanced by the call.
    is_native : bool
        Whether it is corrupted on its own grid, or on the one of 256 x 256 pixels.
    sigma_range_deg : tuple of float
        Of the rotation motion.
    varies_contrast : bool
        Whether the contrast is varied before.

    Returns
    -------
    CorruptedSlice

    Raises
    ------
    ValueError
        If the family is unknown or the slice is constant.
    """
    first = max(0, position - NEIGHBOURS)
    near = stack[first : position + NEIGHBOURS + 1] if family == "through_plane" else None
    slices = stack[position : position + 1] if near is None else near
    position = 0 if near is None else position - first
    quarter_turns, draw = int(rng.integers(4)), draw_contrast(rng)
    draw = draw if varies_contrast else IdentityDraw()
    views = [_clean_view(np.rot90(image, quarter_turns), is_native=is_native) for image in slices]
    views = [apply_contrast(view, draw) for view in views]
    clean = views[position]
    if not clean.any():
        raise ValueError("Expected a slice that shows something; it is constant.")
    axis = int(rng.integers(2))
    if family == "through_plane":
        sway = scanner.draw_through_plane(rng, clean.shape[axis])
        corrupted = scanner.apply_through_plane(np.stack(views), position, sway, axis=axis)
    else:
        corrupted = _corrupt(clean, family, axis, rng, sigma_range_deg)
    seen = normalise(corrupted)
    if seen is None:
        raise ValueError("Expected a slice that shows something; it is constant once corrupted.")
    image = to_square(torch.from_numpy(seen)[None])[0].numpy()
    label = similarity_label(_on_grid(clean), _on_grid(corrupted))
    return CorruptedSlice(image, label)


def _corrupt(
    clean: NDArray[np.float64],
    family: str,
    axis: int,
    rng: np.random.Generator,
    sigma_range_deg: tuple[float, float],
) -> NDArray[np.float64]:
    match family:
        case "rotation":
            lines = clean.shape[axis]
            return apply_rotation_motion(
                clean, draw_rotation_motion(rng, lines, sigma_range_deg), axis=axis
            )
        case "rigid":
            moved = apply_rigid_motion(clean, draw_rigid_motion(rng), axis=axis)
            return apply_ghosting(moved, draw_ghosting(rng))
        case "thin":
            return apply_thin_ghosting(
                apply_spatial_motion(clean, draw_spatial_motion(rng)), draw_ghosting(rng)
            )
        case "sudden":
            return np.abs(apply_rigid_motion(clean, scanner.draw_sudden_motion(rng), axis=axis))
        case "noise":
            return scanner.add_noise(clean, scanner.draw_noise(rng))
        case "bias":
            return scanner.shade(clean, scanner.draw_bias(rng))
        case "spike":
            return scanner.add_spike(clean, scanner.draw_spike(rng))
        case "wrap":
            return scanner.wrap(clean, scanner.draw_wrap(rng))
    known = ", ".join((*TRAINED_FAMILIES, *OTHER_FAMILIES))
    raise ValueError(f"Expected one of {known}; got {family!r}.")


def _clean_view(image: NDArray[np.floating], *, is_native: bool) -> NDArray[np.float64]:
    view = floor_noise(stretch(np.asarray(image, dtype=np.float64)))
    return view if is_native else stretch(_on_grid(view))


def _on_grid(image: NDArray[np.float64]) -> NDArray[np.float64]:
    gridded: NDArray[np.float64] = to_square_signed(
        torch.from_numpy(np.ascontiguousarray(image))[None]
    )[0].numpy()
    return gridded
