"""Paint images from label maps, with contrasts no scanner was asked for.

A network that has seen every contrast memorises none. Each label gets a random mean and spread,
the anatomy is deformed, and the image is blurred, shaded, resampled and made noisy. The deformed
label map comes back with the image, so that segmentation can be trained on the pair.

References
----------
.. [1] Billot et al., "SynthSeg: Segmentation of brain MRI scans of any contrast and resolution
   without retraining", Medical Image Analysis 86, 102789, 2023, section 3.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np
from scipy import ndimage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

Contrast: TypeAlias = Literal["random", "T1", "T1gd", "T2", "FLAIR"]

CONTRASTS: tuple[Contrast, ...] = ("random", "T1", "T1gd", "T2", "FLAIR")
FIRST_EXTRACEREBRAL = 500  # codes from here on lie outside the brain and its fluid
EXTRACEREBRAL_CSF = 24
CONTROL_POINTS = 7  # of the smooth fields, along each axis

# FreeSurfer codes by tissue. What is not named here has no typical intensity.
TISSUES: dict[str, tuple[int, ...]] = {
    "white": (2, 7, 16, 28, 41, 46, 60, 85, 136, 137, 163, 164),
    "grey": (3, 8, 42, 47),
    "deep": (10, 11, 12, 13, 17, 18, 26, 49, 50, 51, 52, 53, 54, 58),
    "fluid": (4, 5, 14, 15, 24, 43, 44, 72),
    "vessel": (30, 62),
}
# Codes of the right half of the brain and their partners on the left.
LEFT_OF_RIGHT = {
    41: 2, 42: 3, 43: 4, 44: 5, 46: 7, 47: 8, 49: 10, 50: 11, 51: 12, 52: 13, 53: 17,
    54: 18, 57: 25, 58: 26, 60: 28, 62: 30, 137: 136, 164: 163,
}  # fmt: skip
# Typical relative intensities, brain tissue between 0 and 1.
TYPICAL: dict[str, dict[str, float]] = {
    "T1": {"white": 0.80, "grey": 0.55, "deep": 0.65, "fluid": 0.15, "vessel": 0.30},
    "T1gd": {"white": 0.70, "grey": 0.50, "deep": 0.58, "fluid": 0.15, "vessel": 1.00},
    "T2": {"white": 0.35, "grey": 0.50, "deep": 0.40, "fluid": 0.95, "vessel": 0.10},
    "FLAIR": {"white": 0.50, "grey": 0.65, "deep": 0.60, "fluid": 0.08, "vessel": 0.20},
}


@dataclass(frozen=True, eq=False)
class PaintingDraw:
    """What was drawn for one image of any number of axes.

    Parameters
    ----------
    means, spreads : ndarray, shape (L,), float32
        Intensity of the voxels of label n: normal with ``means[n]`` and ``spreads[n]``.
        A label whose mean is NaN is removed: it becomes background, in the label map too.
    matrix : ndarray, shape (axes, axes), float64
        Linear part of the deformation, about the centre.
    displacement : ndarray, shape (axes, C, ..., C), float64, voxels
        Control points of a smooth displacement.
    blur : float, voxels
        Standard deviation of the point spread.
    grain : float, voxels
        Correlation length of the texture within a label.
    bias : ndarray, shape (C, ..., C), float64
        Control points of the logarithm of the receive field.
    thickness : tuple of float, voxels
        Sampling distance along each axis, >= 1; the grid stays.
    gamma : float
        Exponent of the last intensity mapping.
    noise : float
        Standard deviation of the Rician noise, of the intensity range.
    noise_seed : int
        Of texture and noise.
    """

    means: NDArray[np.float32]
    spreads: NDArray[np.float32]
    matrix: NDArray[np.float64]
    displacement: NDArray[np.float64]
    blur: float
    grain: float
    bias: NDArray[np.float64]
    thickness: tuple[float, ...]
    gamma: float
    noise: float
    noise_seed: int


def draw_painting(
    rng: np.random.Generator,
    labels: Sequence[int],
    axes: int,
    *,
    contrast: Contrast = "random",
    is_extracted: bool = False,
    largest_thickness: float = 1.0,
) -> PaintingDraw:
    """Draw intensities, deformation and acquisition of one image.

    Parameters
    ----------
    rng : numpy.random.Generator
        Advanced by the call.
    labels : sequence of int
        Codes that occur, >= 0; 0 is background.
    axes : int
        2 for slices, 3 for volumes.
    contrast : str
        ``"random"``, or the contrast that brain tissue shall resemble.
    is_extracted : bool
        Whether everything outside the brain is removed.
    largest_thickness : float, voxels
        One axis in two is sampled at up to this distance.

    Returns
    -------
    PaintingDraw
    """
    size = max(max(labels, default=0), EXTRACEREBRAL_CSF) + 1
    means = rng.uniform(0.0, 1.0, size).astype(np.float32)
    spreads = rng.uniform(0.0, 0.1, size).astype(np.float32)
    for right, left in LEFT_OF_RIGHT.items():
        if right < size:
            means[right], spreads[right] = means[left], spreads[left]
    if contrast != "random":
        for tissue, typical in TYPICAL[contrast].items():
            shared = typical + rng.normal(0.0, 0.07)
            for code in (code for code in TISSUES[tissue] if code < size):
                means[code] = np.clip(shared + rng.normal(0.0, 0.03), 0.02, 1.2)
                spreads[code] = rng.uniform(0.01, 0.06)
    means[0], spreads[0] = 0.0, 0.0
    if is_extracted:
        means[FIRST_EXTRACEREBRAL:] = np.nan
        if rng.random() < 0.2:
            means[EXTRACEREBRAL_CSF] = np.nan
    grid = (CONTROL_POINTS,) * axes
    matrix = np.eye(axes) + rng.uniform(-0.1, 0.1, (axes, axes))
    matrix += np.diag(rng.uniform(-0.1, 0.1, axes))
    thickness = [1.0] * axes
    if largest_thickness > 1.0 and rng.random() < 0.5:
        thickness[int(rng.integers(axes))] = float(rng.uniform(1.0, largest_thickness))
    return PaintingDraw(
        means=means,
        spreads=spreads,
        matrix=matrix,
        displacement=rng.normal(0.0, rng.uniform(0.0, 5.0), (axes, *grid)),
        blur=float(rng.uniform(0.3, 1.0)),
        grain=float(rng.uniform(0.0, 1.2)),
        bias=rng.normal(0.0, rng.uniform(0.0, 0.35), grid),
        thickness=tuple(thickness),
        gamma=float(np.exp(rng.normal(0.0, 0.25))),
        noise=float(rng.uniform(0.0, 0.03)),
        noise_seed=int(rng.integers(2**63)),
    )


def paint(
    labels: NDArray[np.integer], draw: PaintingDraw
) -> tuple[NDArray[np.float32], NDArray[np.integer]]:
    """Paint an image, and deform its label map alike.

    Parameters
    ----------
    labels : ndarray, shape (I, J) or (I, J, K), integer
        Codes below the length of ``draw.means``.
    draw : PaintingDraw
        For as many axes.

    Returns
    -------
    image : ndarray, float32, in [0, 1]
    deformed : ndarray, same dtype as `labels`
        The label map on which the image was painted; both have the shape of `labels`.

    Raises
    ------
    ValueError
        If the draw is for another number of axes or knows too few labels.
    """
    if draw.matrix.shape != (labels.ndim, labels.ndim) or len(draw.thickness) != labels.ndim:
        raise ValueError(f"Expected a draw for {labels.ndim} axes; got one for {len(draw.matrix)}.")
    if labels.size and (labels.min() < 0 or labels.max() >= len(draw.means)):
        raise ValueError(
            f"Expected labels 0 to {len(draw.means) - 1}; got {labels.min()} to {labels.max()}."
        )
    deformed = deform_labels(labels, draw)
    is_removed = np.isnan(draw.means)
    if is_removed.any():
        deformed = np.where(is_removed[deformed], 0, deformed).astype(labels.dtype, copy=False)
    rng = np.random.default_rng(draw.noise_seed)
    texture = rng.standard_normal(labels.shape, dtype=np.float32)
    if draw.grain > 0.05:
        texture = ndimage.gaussian_filter(texture, draw.grain)
        texture /= max(float(texture.std()), 1e-6)
    image = np.nan_to_num(draw.means)[deformed] + draw.spreads[deformed] * texture
    image = ndimage.gaussian_filter(np.maximum(image, 0.0), draw.blur)
    for axis, distance in enumerate(draw.thickness):
        image = sample_coarsely(image, axis, distance)
    image *= np.exp(smooth_field(draw.bias, labels.shape)).astype(np.float32)
    image = (image / max(float(image.max()), 1e-6)) ** draw.gamma
    real = image + draw.noise * rng.standard_normal(labels.shape, dtype=np.float32)
    imaginary = draw.noise * rng.standard_normal(labels.shape, dtype=np.float32)
    image = np.hypot(real, imaginary)
    painted: NDArray[np.float32] = (image / max(float(image.max()), 1e-6)).astype(np.float32)
    return painted, deformed


def deform_labels(labels: NDArray[np.integer], draw: PaintingDraw) -> NDArray[np.integer]:
    """Sample a label map at smoothly displaced positions, nearest neighbour, 0 from outside.

    Parameters
    ----------
    labels : ndarray, shape (I, J) or (I, J, K), integer
    draw : PaintingDraw

    Returns
    -------
    ndarray, same shape and dtype; no code occurs that was not there
    """
    shape = labels.shape
    centre = (np.array(shape) - 1) / 2.0
    axes = np.meshgrid(*(np.arange(n, dtype=np.float32) for n in shape), indexing="ij", sparse=True)
    positions = np.empty((labels.ndim, *shape), np.float32)
    for row in range(labels.ndim):
        positions[row] = smooth_field(draw.displacement[row], shape) + np.float32(centre[row])
        for column in range(labels.ndim):
            positions[row] += np.float32(draw.matrix[row, column]) * (
                axes[column] - np.float32(centre[column])
            )
    deformed: NDArray[np.integer] = ndimage.map_coordinates(
        labels, positions, order=0, mode="constant", cval=0, prefilter=False
    )
    return deformed


def smooth_field(control: NDArray[np.float64], shape: tuple[int, ...]) -> NDArray[np.float32]:
    """Interpolate control points by uniform cubic B-splines.

    Parameters
    ----------
    control : ndarray, shape (C, ..., C), C >= 4
    shape : tuple of int
        Of the result.

    Returns
    -------
    ndarray, shape `shape`, float32
        Constant where all control points are equal; never outside their range.
    """
    field = control.astype(np.float32)
    for count in shape:  # the first axis is interpolated and moved to the end, as often as needed
        field = np.tensordot(field, _spline_basis(field.shape[0], count), axes=([0], [1]))
    return np.ascontiguousarray(field)


def sample_coarsely(image: NDArray[np.float32], axis: int, distance: float) -> NDArray[np.float32]:
    """Imitate thick slices: average along an axis, sample, interpolate back to the same grid.

    Parameters
    ----------
    image : ndarray, any shape, float32
    axis : int
    distance : float, voxels
        Up to 1 the image is returned as it is.

    Returns
    -------
    ndarray, same shape, float32
    """
    if distance <= 1.0:
        return image
    # A Gaussian whose full width at half maximum is the slice thickness.
    blurred = ndimage.gaussian_filter1d(image, distance / 2.355, axis=axis)
    count = image.shape[axis]
    coarse = np.arange(0.0, count - 1 + distance, distance)
    sampled = _linear(blurred, axis, np.minimum(coarse, count - 1))
    return _linear(sampled, axis, np.arange(count) / distance)


def _linear(
    image: NDArray[np.float32], axis: int, positions: NDArray[np.floating]
) -> NDArray[np.float32]:
    lower = np.clip(np.floor(positions).astype(np.int64), 0, image.shape[axis] - 1)
    upper = np.minimum(lower + 1, image.shape[axis] - 1)
    shape = [1] * image.ndim
    shape[axis] = len(positions)
    share = (positions - lower).astype(np.float32).reshape(shape)
    below, above = np.take(image, lower, axis), np.take(image, upper, axis)
    interpolated: NDArray[np.float32] = below + share * (above - below)
    return interpolated


def _spline_basis(controls: int, count: int) -> NDArray[np.float32]:
    """Return the weights (count, controls) of uniform cubic B-splines."""
    positions = 1.0 + (controls - 3.0) * np.arange(count) / max(count - 1, 1)
    distance = np.abs(positions[:, None] - np.arange(controls)[None])
    near = 2.0 / 3.0 - distance**2 + distance**3 / 2.0
    far = np.clip(2.0 - distance, 0.0, None) ** 3 / 6.0
    return np.where(distance < 1.0, near, far).astype(np.float32)
