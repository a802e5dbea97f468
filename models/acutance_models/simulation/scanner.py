"""What else happens in a scanner: noise, shading, spikes, wrap, sudden and through-plane motion.

None of these families is trained on; they measure what the score is worth beyond its training.
Each is a pure function of a slice and its draw, and the label stays the structural similarity to
the undisturbed slice.

References
----------
.. [1] Gudbjartsson, Patz, "The Rician distribution of noisy MRI data", Magn. Reson. Med. 34(6),
   1995, eq. (1).
.. [2] Graves, Mitchell, "Body MRI artifacts in clinical practice", J. Magn. Reson. Imaging
   38(2), 2013.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import fft

from acutance_models.simulation.painting import CONTROL_POINTS, smooth_field
from acutance_models.simulation.rigid import RigidMotionDraw

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class NoiseDraw:
    """Rician noise: standard deviation of each channel in units of the maximum, and its seed."""

    sd: float
    seed: int


@dataclass(frozen=True, eq=False)
class BiasDraw:
    """Shading: control points (C, C) of the logarithm of the receive field."""

    control: NDArray[np.float64]


@dataclass(frozen=True)
class SpikeDraw:
    """A spike in k-space.

    Parameters
    ----------
    row, column : float, in [-0.5, 0.5)
        Position relative to the centre of k-space, in units of its width.
    strength : float
        Amplitude of the stripes, in units of the maximum of the slice.
    phase : float, radians
    """

    row: float
    column: float
    strength: float
    phase: float


@dataclass(frozen=True)
class WrapDraw:
    """A field of view too small along the phase-encoding axis: the share of lines it keeps."""

    kept: float
    axis: int


@dataclass(frozen=True)
class ThroughPlaneDraw:
    """Motion along the slice normal.

    Parameters
    ----------
    offsets : tuple of float, slices
        Displacement during each phase-encoding line, centre of k-space in the middle.
    """

    offsets: tuple[float, ...]


def draw_noise(rng: np.random.Generator) -> NoiseDraw:
    """Draw a standard deviation of U(0.01, 0.12) of the maximum."""
    return NoiseDraw(float(rng.uniform(0.01, 0.12)), int(rng.integers(2**63)))


def draw_bias(rng: np.random.Generator) -> BiasDraw:
    """Draw a smooth field whose logarithm has a standard deviation of U(0.1, 0.6)."""
    return BiasDraw(rng.normal(0.0, rng.uniform(0.1, 0.6), (CONTROL_POINTS, CONTROL_POINTS)))


def draw_spike(rng: np.random.Generator) -> SpikeDraw:
    """Draw one spike away from the centre, of a strength of U(0.02, 0.3)."""
    angle, radius = rng.uniform(0.0, 2.0 * np.pi), rng.uniform(0.03, 0.35)
    return SpikeDraw(
        float(radius * np.sin(angle)),
        float(radius * np.cos(angle)),
        float(rng.uniform(0.02, 0.3)),
        float(rng.uniform(0.0, 2.0 * np.pi)),
    )


def draw_wrap(rng: np.random.Generator) -> WrapDraw:
    """Draw a field of view that keeps U(0.55, 0.9) of the lines."""
    return WrapDraw(float(rng.uniform(0.55, 0.9)), int(rng.integers(2)))


def draw_sudden_motion(rng: np.random.Generator) -> RigidMotionDraw:
    """Draw one movement of up to 10 degrees and 10 pixels at some time, and no return.

    Parameters
    ----------
    rng : numpy.random.Generator
        Advanced by the call.

    Returns
    -------
    RigidMotionDraw
        Of two parts, for `acutance_models.simulation.rigid.apply_rigid_motion`.
    """
    degrees, pixels = rng.uniform(0.5, 10.0), rng.uniform(0.5, 10.0)
    pose = (float(rng.uniform(-degrees, degrees)), *rng.uniform(-pixels, pixels, 2).tolist())
    return RigidMotionDraw(
        (pose[0], pose[0]), ((pose[1], pose[2]),) * 2, (float(rng.uniform(0.1, 0.9)),)
    )


def draw_through_plane(rng: np.random.Generator, lines: int) -> ThroughPlaneDraw:
    """Draw a slow sway along the normal with an amplitude of U(0.2, 3) slices.

    Parameters
    ----------
    rng : numpy.random.Generator
        Advanced by the call.
    lines : int

    Returns
    -------
    ThroughPlaneDraw
    """
    amplitude, cycles = rng.uniform(0.2, 3.0), rng.uniform(0.5, 6.0)
    phase = rng.uniform(0.0, 2.0 * np.pi)
    time = np.arange(lines) / lines
    return ThroughPlaneDraw(
        tuple((amplitude * np.sin(2.0 * np.pi * cycles * time + phase)).tolist())
    )


def add_noise(image: NDArray[np.floating], draw: NoiseDraw) -> NDArray[np.float64]:
    """Return the magnitude of a slice with Gaussian noise in both channels.

    Parameters
    ----------
    image : ndarray, shape (H, W), real
    draw : NoiseDraw

    Returns
    -------
    ndarray, shape (H, W), float64, >= 0
    """
    values = np.asarray(image, dtype=np.float64)
    sd = draw.sd * np.abs(values).max()
    real, imaginary = np.random.default_rng(draw.seed).normal(0.0, 1.0, (2, *values.shape)) * sd
    noisy: NDArray[np.float64] = np.hypot(values + real, imaginary)
    return noisy


def shade(image: NDArray[np.floating], draw: BiasDraw) -> NDArray[np.float64]:
    """Multiply a slice by a smooth receive field; the maximum is kept.

    Parameters
    ----------
    image : ndarray, shape (H, W), real, >= 0
    draw : BiasDraw

    Returns
    -------
    ndarray, shape (H, W), float64
    """
    values = np.asarray(image, dtype=np.float64)
    shaded = values * np.exp(smooth_field(draw.control, values.shape))
    peak = shaded.max()
    scaled: NDArray[np.float64] = shaded * (values.max() / peak) if peak > 0 else shaded
    return scaled


def add_spike(image: NDArray[np.floating], draw: SpikeDraw) -> NDArray[np.float64]:
    """Add one spurious point to k-space: stripes all over the slice.

    Parameters
    ----------
    image : ndarray, shape (H, W), real
    draw : SpikeDraw

    Returns
    -------
    ndarray, shape (H, W), float64, >= 0
        Magnitude.
    """
    values = np.asarray(image, dtype=np.float64)
    height, width = values.shape
    spectrum = fft.fft2(values)
    row, column = round(draw.row * height) % height, round(draw.column * width) % width
    strength = draw.strength * np.abs(values).max() * values.size
    spectrum[row, column] += strength * np.exp(1j * draw.phase)
    striped: NDArray[np.float64] = np.abs(fft.ifft2(spectrum))
    return striped


def wrap(image: NDArray[np.floating], draw: WrapDraw) -> NDArray[np.float64]:
    """Fold what lies outside a smaller field of view back into it.

    Parameters
    ----------
    image : ndarray, shape (H, W), real
    draw : WrapDraw

    Returns
    -------
    ndarray, shape (H, W), float64
        0 outside the smaller field of view; the sum of all values is kept.
    """
    values = np.moveaxis(np.asarray(image, dtype=np.float64), draw.axis, 0)
    lines = len(values)
    kept = max(1, round(draw.kept * lines))
    first = (lines - kept) // 2
    target = first + (np.arange(lines) - first) % kept
    folded = np.zeros_like(values)
    np.add.at(folded, target, values)
    return np.ascontiguousarray(np.moveaxis(folded, 0, draw.axis))


def apply_through_plane(
    stack: NDArray[np.floating], position: int, draw: ThroughPlaneDraw, *, axis: int
) -> NDArray[np.float64]:
    """Measure the lines of one slice while the head moves along the slice normal.

    Parameters
    ----------
    stack : ndarray, shape (D, H, W), real
        The slice and its neighbours.
    position : int
        Of the slice in the stack.
    draw : ThroughPlaneDraw
        As many offsets as there are lines along `axis`; beyond the stack its last slice is taken.
    axis : int
        Phase-encoding axis, 0 or 1.

    Returns
    -------
    ndarray, shape (H, W), float64, >= 0
        Magnitude. Displacements are rounded to a quarter of a slice and interpolated linearly.

    Raises
    ------
    ValueError
        If the number of offsets is not that of the lines.
    """
    values = np.asarray(stack, dtype=np.float64)
    lines = values.shape[1 + axis]
    if len(draw.offsets) != lines:
        raise ValueError(f"Expected {lines} offsets; got {len(draw.offsets)}.")
    offsets = fft.ifftshift(np.round(4.0 * np.asarray(draw.offsets)) / 4.0)
    spectrum = np.zeros(values.shape[1:], dtype=np.complex128)
    for offset in np.unique(offsets):
        where = np.clip(position + offset, 0, len(values) - 1)
        below = int(np.floor(where))
        above = min(below + 1, len(values) - 1)
        share = where - below
        measured = fft.fft2((1.0 - share) * values[below] + share * values[above])
        chosen = offsets == offset
        if axis == 0:
            spectrum[chosen] = measured[chosen]
        else:
            spectrum[:, chosen] = measured[:, chosen]
    moved: NDArray[np.float64] = np.abs(fft.ifft2(spectrum))
    return moved
