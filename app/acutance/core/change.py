"""The map of what a restoration changed beyond the noise, slice by slice; numpy alone.

A restoration that removes noise and nothing else changes a pixel by as much as the noise is. The
change is therefore averaged over Gaussian neighbourhoods of several sizes and divided by what
averaged noise would be there; what exceeds `THRESHOLD` is more than noise explains. Everything
before the largest over the sizes is linear in the change, so that positions of the slider between
two ends cost a blend.

In a magnitude image noise also lifts what is dark: air of amplitude 0 is 1.25 standard deviations
bright. A restoration may take that away or leave it; both are explained.

References
----------
.. [1] Gudbjartsson, Patz, Magn. Reson. Med. 34(6), 1995, eq. (2) and (3).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from acutance.core.slicing import drawn_view, extract_slice
from acutance.core.volume import luma

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from acutance.core.restoration import NoiseFacts
    from acutance.core.slicing import SliceGeometry
    from acutance.core.volume import Volume

#: A change of so many standard deviations is flagged.
THRESHOLD = 3.5
#: Standard deviations of the neighbourhoods, in mm; in pixels where the spacing is not known.
SCALES_MM = (0.7, 1.4, 2.8)
#: No neighbourhood is narrower than this, in pixels: a single pixel tells noise from nothing; nor
#: wider than this, so that a slice of tiny pixels takes no longer than others.
NARROWEST_PIXELS, WIDEST_PIXELS = 0.5, 8.0
#: Neighbourhoods end so many standard deviations from their middle.
_REACH = 3.0


def standardised_changes(
    difference: NDArray[np.floating],
    sigma: float,
    *,
    spacing: tuple[float, float] = (1.0, 1.0),
    widths: tuple[float, float] = (0.0, 0.0),
) -> NDArray[np.float32]:
    """Return the change of a slice at every scale, in standard deviations of averaged noise.

    Linear in `difference`.

    Parameters
    ----------
    difference : ndarray, shape (rows, columns), restored minus source, real-world units
    sigma : float, > 0
        Standard deviation of the noise, in the same units.
    spacing : (float, float)
        Mm per row and per column; 1 where not known.
    widths : (float, float)
        How wide the noise was smoothed, in pixels.

    Returns
    -------
    ndarray, shape (3, rows, columns), float32

    Raises
    ------
    ValueError
        If sigma is not positive.
    """
    if not sigma > 0:
        raise ValueError("without noise there is nothing to hold a change against")
    values = np.nan_to_num(np.asarray(difference, np.float32))
    found = np.empty((len(SCALES_MM), *values.shape), np.float32)
    for number, scale in enumerate(SCALES_MM):
        lines = [_line(min(WIDEST_PIXELS, max(NARROWEST_PIXELS, scale / mm))) for mm in spacing]
        remains = math.prod(
            _remaining(line, width) for line, width in zip(lines, widths, strict=True)
        )
        found[number] = _averaged(_averaged(values, lines[0]).T, lines[1]).T
        found[number] /= np.float32(sigma * remains)
    return found


def slice_changes(
    source: NDArray[np.floating],
    restored: NDArray[np.floating],
    noise: NoiseFacts,
    geometry: SliceGeometry,
    *,
    is_mm: bool,
) -> NDArray[np.float32]:
    """Return the changes of a slice as drawn, without and with what noise lifts the dark by.

    Parameters
    ----------
    source, restored : ndarray, shape geometry.size, real-world units
    noise : NoiseFacts
        Of the volume; its sigma is positive.
    geometry : SliceGeometry
    is_mm : bool
        Whether the spacing is known; else neighbourhoods are measured in pixels.

    Returns
    -------
    ndarray, shape (2, 3, rows, columns), float32
        `standardised_changes` of restored minus source, and of the same with the lift added.
    """
    # A pixel that is no finite number is not restored, and changes by nothing.
    source, restored = (_finite_values(values) for values in (source, restored))
    difference = restored - source
    lifted = difference
    if noise.source == "air":
        lifted = difference + magnitude_lift(restored, noise.sigma)
    spacing = geometry.pixel_spacing if is_mm else (1.0, 1.0)
    widths = noise.widths[geometry.row_axis], noise.widths[geometry.column_axis]
    parts = [
        standardised_changes(part, noise.sigma, spacing=spacing, widths=widths)
        for part in ((difference,) if lifted is difference else (difference, lifted))
    ]
    return np.stack((parts[0], parts[-1]))


def magnitude_lift(amplitude: NDArray[np.floating], sigma: float) -> NDArray[np.float32]:
    """Return by how much the mean of a magnitude exceeds the amplitude, in the unit of both.

    The mean of a Rician variable is approximated by sqrt(A^2 + k sigma^2) with
    k = 1 + (pi / 2 - 1) exp(-A^2 / (2 sigma^2)), exact at A = 0 and for large A, and elsewhere
    right to 0.02 sigma.

    Parameters
    ----------
    amplitude : ndarray
        Below 0 it counts as 0.
    sigma : float, > 0
    """
    relative = np.maximum(np.nan_to_num(np.asarray(amplitude, np.float32)), 0.0) / np.float32(sigma)
    squared = relative**2
    lifted = np.sqrt(squared + 1.0 + (np.pi / 2 - 1.0) * np.exp(-0.5 * squared)) - relative
    return np.asarray(lifted * sigma, np.float32)


def map_of_slice(
    volume: Volume,
    geometry: SliceGeometry,
    number: int,
    restored: NDArray[np.floating],
    noise: NoiseFacts,
) -> NDArray[np.float32]:
    """Return the change map of a slice of a volume.

    Parameters
    ----------
    volume : Volume
        The source.
    geometry : SliceGeometry
    number : int
    restored : ndarray, shape (I, J, K[, 3])
        Real-world values on the grid of the volume, of colours stored ones.
    noise : NoiseFacts
        Of the source; its sigma is positive.

    Returns
    -------
    ndarray, shape geometry.size, float32
        See `change_map`.
    """
    after = drawn_view(restored, geometry)[number]
    other = luma(after) if volume.is_colour else after
    before = extract_slice(volume, geometry, number)
    return change_map(slice_changes(before, other, noise, geometry, is_mm=volume.spacing_known))


def change_map(changes: NDArray[np.floating]) -> NDArray[np.float32]:
    """Return the largest change over the scales that the noise does not explain.

    Parameters
    ----------
    changes : ndarray, shape (2, scales, rows, columns)
        Out of `slice_changes`, or a blend of such. Between the two, everything is explained.

    Returns
    -------
    ndarray, shape (rows, columns), float32, in standard deviations of averaged noise
    """
    plain, lifted = changes
    smaller = np.minimum(np.abs(plain), np.abs(lifted))
    unexplained = np.where(plain * lifted > 0, smaller, 0.0)
    largest: NDArray[np.float32] = unexplained.max(axis=0).astype(np.float32)
    return largest


def _finite_values(values: NDArray[np.floating]) -> NDArray[np.float32]:
    return np.nan_to_num(np.asarray(values, np.float32), nan=0.0, posinf=0.0, neginf=0.0)


def _line(side: float) -> NDArray[np.float32]:
    """Return the weights of a Gaussian along one axis; they add up to 1."""
    reach = int(_REACH * side + 0.5)
    line = np.exp(-0.5 * (np.arange(-reach, reach + 1) / side) ** 2)
    return np.asarray(line / line.sum(), np.float32)


def _averaged(values: NDArray[np.float32], line: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the weighted mean along the first axis; beyond the border its value goes on."""
    reach = len(line) // 2
    padded = np.pad(values, ((reach, reach), (0, 0)), mode="edge")
    total: NDArray[np.float32] = line[reach] * values
    count = len(values)
    for step in range(1, reach + 1):
        ahead = padded[reach + step : reach + step + count]
        total += line[reach + step] * (ahead + padded[reach - step : reach - step + count])
    return total


def _remaining(line: NDArray[np.float32], width: float) -> float:
    """Return which share of the standard deviation of noise averaging leaves, along one axis."""
    exact = line.astype(np.float64)
    if width == 0:
        return float(np.sqrt((exact**2).sum()))
    lags = np.arange(1 - len(line), len(line))
    correlation = np.exp(-(lags**2) / (4.0 * width**2))
    return float(np.sqrt((np.convolve(exact, exact) * correlation).sum()))
