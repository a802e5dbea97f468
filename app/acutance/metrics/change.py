"""What a restoration changed beyond the noise: the noise of the air, and maps of whole volumes."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from scipy.ndimage import binary_dilation

from acutance.core.change import THRESHOLD, map_of_slice
from acutance.core.restoration import NoiseFacts
from acutance.core.slicing import drawn_view, extract_slice, volume_geometry
from acutance.metrics.head import BINS, HIGH_PERCENTILE, head_mask, head_threshold
from acutance.metrics.noise import noise_sigma, rayleigh_bound, rayleigh_sigma

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from acutance.core.affine import Plane
    from acutance.core.volume import Volume

#: Pixels around the head that are not counted as air.
MARGIN_PIXELS = 6
#: Pixels of air, and of the head, that a slice must have to be asked.
SMALLEST_AIR = 400
#: Share of the air that must not be 0: fewer, and somebody masked it.
LEAST_FILLED = 0.5
#: Slices that are asked, evenly spread over the middle half.
ASKED_SLICES = 9


def measure_noise(
    volume: Volume, plane: Plane, on_slice: Callable[[], None] = lambda: None
) -> NoiseFacts:
    """Measure the noise of a volume in its air, or in flat tissue where it has none.

    Air of a magnitude image is Rayleigh distributed; the median over slices counts, so that a
    ghost in some of them does not. How far neighbours share their noise is told by their
    correlation in the air: that of the magnitude is about the square of that of the channels.

    Parameters
    ----------
    volume : Volume
    plane : str
        Slices of this plane are asked.
    on_slice : callable
        Told before each slice; may raise to end the work.

    Returns
    -------
    NoiseFacts
        The width along the normal of the slices is 0.
    """
    geometry = volume_geometry(volume, plane)
    is_magnitude = volume.modality in ("MR", "") and not volume.is_colour
    in_air: list[tuple[float, float, float]] = []
    in_tissue: list[float] = []
    first, last = geometry.count // 4, max(geometry.count // 4, 3 * geometry.count // 4 - 1)
    for number in np.unique(np.linspace(first, last, ASKED_SLICES).round().astype(int)):
        on_slice()
        image = extract_slice(volume, geometry, int(number))
        image = np.where(np.isfinite(image), image, 0.0)
        inside = _head(image)
        if is_magnitude and float(image.min()) >= 0.0:
            found = _air_noise(image, ~binary_dilation(inside, iterations=MARGIN_PIXELS))
            if found is not None:
                in_air.append(found)
        if np.count_nonzero(inside) >= SMALLEST_AIR:
            in_tissue.append(noise_sigma(image, inside))
    if in_air:
        sigma, rows, columns = (float(np.median(part)) for part in zip(*in_air, strict=True))
        widths = [0.0, 0.0, 0.0]
        widths[geometry.row_axis], widths[geometry.column_axis] = rows, columns
        return NoiseFacts(sigma, "air", (widths[0], widths[1], widths[2]))
    sigma = float(np.median(in_tissue)) if in_tissue else 0.0
    return NoiseFacts(sigma, "tissue") if sigma > 0 else NoiseFacts()


def _head(image: NDArray[np.floating]) -> NDArray[np.bool_]:
    high = float(np.percentile(image, HIGH_PERCENTILE))
    if high <= 0:
        return np.zeros(image.shape, bool)
    counts, _ = np.histogram(image, bins=BINS, range=(0.0, high))
    return head_mask(image, head_threshold(counts, high))


def anatomy_mask(image: NDArray[np.floating]) -> NDArray[np.bool_]:
    """Return where a slice shows the head and not the air; all of it where that cannot be told.

    Parameters
    ----------
    image : ndarray, shape (rows, columns), finite
    """
    inside = _head(image)
    return inside if inside.any() else np.ones(image.shape, bool)


def _air_noise(
    image: NDArray[np.floating], air: NDArray[np.bool_]
) -> tuple[float, float, float] | None:
    """Return sigma and the widths along rows and columns; None where there is no air to ask."""
    values = image[air]
    if values.size < SMALLEST_AIR or np.count_nonzero(values) < LEAST_FILLED * values.size:
        return None
    sigma = rayleigh_sigma(float(np.median(values)))
    if sigma <= 0:
        return None
    # Of ghosts and skin the correlation is no noise's.
    plain = air & (image <= rayleigh_bound(sigma))
    return sigma, _width(image, plain, 0), _width(image, plain, 1)


def _width(image: NDArray[np.floating], mask: NDArray[np.bool_], axis: int) -> float:
    """Return how wide white noise was smoothed, from the correlation of neighbours."""
    ahead = np.moveaxis(image, axis, 0)
    inside = np.moveaxis(mask, axis, 0)
    pairs = inside[1:] & inside[:-1]
    one, other = ahead[1:][pairs], ahead[:-1][pairs]
    if one.size < SMALLEST_AIR or one.std() == 0 or other.std() == 0:
        return 0.0
    magnitude = float(np.corrcoef(one, other)[0, 1])
    if magnitude <= 0.01:  # no more than chance
        return 0.0
    correlation = min(0.98, math.sqrt(magnitude))
    # Of noise smoothed with a Gaussian of width b neighbours correlate by exp(-1 / (4 b^2)).
    return math.sqrt(-1.0 / (4.0 * math.log(correlation)))


def change_volume(
    volume: Volume,
    restored: NDArray[np.floating],
    noise: NoiseFacts,
    plane: Plane,
    on_slice: Callable[[], None] = lambda: None,
) -> tuple[NDArray[np.float32], tuple[float | None, ...]]:
    """Return the change map of every slice, and which share of each slice's anatomy is flagged.

    Parameters
    ----------
    volume : Volume
        The source.
    restored : ndarray, shape (I, J, K[, 3])
        Real-world values on the same grid.
    noise : NoiseFacts
        Of the source; its sigma is positive.
    plane : str
        The plane of the slices.
    on_slice : callable
        Told before each slice; may raise to end the work.

    Returns
    -------
    map : ndarray, shape (I, J, K), float32
        In standard deviations of averaged noise.
    shares : tuple of float or None
        By slice; None where it shows nothing.
    """
    geometry = volume_geometry(volume, plane)
    found = np.zeros(volume.shape, np.float32)
    drawn = drawn_view(found, geometry)
    shares: list[float | None] = []
    for number in range(geometry.count):
        on_slice()
        before = extract_slice(volume, geometry, number)
        drawn[number] = map_of_slice(volume, geometry, number, restored, noise)
        if not np.any(before):
            shares.append(None)
            continue
        inside = anatomy_mask(np.nan_to_num(before))
        shares.append(round(float((drawn[number][inside] > THRESHOLD).mean()), 6))
    return found, tuple(shares)
