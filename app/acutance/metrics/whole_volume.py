"""The metrics of a volume that need neither a reference nor a tissue segmentation.

`efc` and `fber` follow MRIQC's formulas on the volume as it is: MRIQC first corrects the bias
field, and takes its own head mask. Everything else has a name of its own, beginning `acu_`.
Everything is worked slab by slab; what is held whole is one mask of a byte per voxel.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from acutance.core.affine import spacing, world_axes
from acutance.metrics import anatomical, head, noise, sharpness
from acutance.metrics.order import order_statistics, percentiles
from acutance.metrics.slabs import SMALLEST_SIDE, Slabs, slice_plane

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from acutance.core.volume import Volume

#: Below this share of negative voxels they are set to 0, as MRIQC does; above, the image is signed.
NEGATIVE_SHARE = 0.01
#: Head pixels a slice must hold to be asked for noise and sharpness.
SMALLEST_SLICE = 500
_STATISTICS = ("mean", "stdv", "median", "mad", "p05", "p95", "k", "n")
_SUMMARIES = tuple(f"acu_summary_{part}_{name}" for part in ("fg", "bg") for name in _STATISTICS)
_AIR = ("acu_noise_air", "acu_snr_air", "acu_air_outlier_frac")
_BRIGHT_AIR = "acu_air_p95"
_SLICEWISE = ("acu_noise_sigma", "acu_snr", "acu_tenengrad")
_WIDTHS = ("acu_fwhm_x", "acu_fwhm_y", "acu_fwhm_z", "acu_fwhm_avg")
#: Every name in the answer of `volume_iqms`.
NAMES = ("efc", "fber", _BRIGHT_AIR, *_AIR, *_SLICEWISE, *_WIDTHS, *_SUMMARIES)
_NORMAL_QUARTILE = 0.6744897501960817


def volume_iqms(volume: Volume) -> dict[str, float | None]:
    """Compute the metrics of a volume that need no reference and no tissue segmentation.

    Parameters
    ----------
    volume : Volume

    Returns
    -------
    dict of str to float or None
        Every name of `NAMES`; None where a metric is not defined for this volume. Directions,
        units and formulas: docs/iqms.md.
    """
    return measure_volume(volume)[0]


def measure_volume(
    volume: Volume, on_slab: Callable[[], None] = lambda: None
) -> tuple[dict[str, float | None], dict[str, str], dict[str, Any]]:
    """Compute `volume_iqms`, and say why a value is missing and what the numbers depend on.

    Parameters
    ----------
    volume : Volume
    on_slab : callable
        Told before each slab of each pass; may raise to end the work.

    Returns
    -------
    values, reasons, definitions : dict
    """
    slabs = Slabs(volume, slice_plane(volume), on_slab)
    answer = _Answer()
    definitions: dict[str, Any] = {
        "head_mask": head.HEAD_MASK,
        "plane": slabs.plane,
        "mriqc_names": "formulas of mriqc 24.0.2, without its bias correction and masks",
    }
    totals = _Totals(slabs)
    definitions["nonfinite_voxels"] = totals.bad
    if totals.bad == totals.count:
        answer.refuse(NAMES, "no voxel is a finite number")
        return answer.values, answer.reasons, definitions
    if totals.low == totals.high:
        answer.refuse(NAMES, "every voxel has the same value")
        return answer.values, answer.reasons, definitions
    signed = totals.negative > NEGATIVE_SHARE * totals.count
    if signed:
        answer.refuse(
            NAMES, "values are signed, as in CT or phase; these metrics are for magnitude images"
        )
        return answer.values, answer.reasons, definitions
    answer.put("efc", _efc(slabs, totals))
    if min(slabs.shape[1:]) < SMALLEST_SIDE:
        answer.refuse(NAMES, f"slices are smaller than {SMALLEST_SIDE} pixels")
        return answer.values, answer.reasons, definitions
    threshold = _threshold(slabs, totals)
    definitions["head_threshold"] = float(f"{threshold:.6g}")
    mask, details = _look_at_slices(slabs, threshold)
    inside = int(np.count_nonzero(mask))
    if inside == 0:
        answer.refuse(NAMES, "no object stands out from the background")
        return answer.values, answer.reasons, definitions
    foreground = _summary(slabs, mask, inside)
    answer.put_all({f"acu_summary_fg_{name}": foreground[name] for name in _STATISTICS})
    _put_details(answer, slabs, mask, foreground, details)
    outside = mask.size - inside
    if outside == 0:
        answer.refuse(NAMES, "there is no air around the object")
        return answer.values, answer.reasons, definitions
    background = _summary(slabs, ~mask, outside)
    answer.put_all({f"acu_summary_bg_{name}": background[name] for name in _STATISTICS})
    _put_air(answer, slabs, mask, foreground, background)
    answer.refuse(NAMES, "not defined for this volume")
    return answer.values, answer.reasons, definitions


class _Answer:
    """Values so far, and why those without one have none."""

    def __init__(self) -> None:
        self.values: dict[str, float | None] = {}
        self.reasons: dict[str, str] = {}

    def put(self, name: str, value: float | None, reason: str = "") -> None:
        if value is not None and math.isfinite(value):
            self.values[name] = float(value)
        else:
            self.values[name] = None
            self.reasons[name] = reason or "not defined for this volume"

    def put_all(self, values: dict[str, float]) -> None:
        for name, value in values.items():
            self.put(name, value)

    def refuse(self, names: tuple[str, ...], reason: str) -> None:
        """Give every name that has no value yet None and a reason."""
        for name in names:
            if name not in self.values:
                self.put(name, None, reason)


class _Totals:
    """Extremes, energy and counts of all voxels; negative values count as 0 in the energy."""

    def __init__(self, slabs: Slabs) -> None:
        self.count = self.bad = self.negative = 0
        self.low, self.high, self.energy = math.inf, -math.inf, 0.0
        for slab in slabs:
            values = slab.values
            self.count += values.size
            self.bad += slab.bad
            self.negative += int(np.count_nonzero(values < 0))
            self.low = min(self.low, float(values.min()))
            self.high = max(self.high, float(values.max()))
            self.energy += float(np.sum(_clipped(values) ** 2))


def _clipped(values: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return values as float64, negative ones as 0: what MRIQC does before it measures."""
    return np.maximum(np.asarray(values, dtype=np.float64), 0.0)


def _efc(slabs: Slabs, totals: _Totals) -> float | None:
    if totals.energy <= 0:
        return None
    scale = math.sqrt(totals.energy)
    entropy = sum(anatomical.efc_terms(_clipped(slab.values), scale) for slab in slabs)
    return anatomical.rounded(anatomical.efc_from_sums(entropy, totals.count), 4)


def _threshold(slabs: Slabs, totals: _Totals) -> float:
    (high,) = percentiles(
        lambda: (slab.values for slab in slabs), totals.count, (head.HIGH_PERCENTILE,)
    )
    high = high if high > 0 else totals.high
    counts = np.zeros(head.BINS, dtype=np.int64)
    for slab in slabs:
        counts += np.histogram(_clipped(slab.values), bins=head.BINS, range=(0.0, high))[0]
    return head.head_threshold(counts, high)


class _Details:
    """What one look at each slice gives: noise, edges, differences of neighbours."""

    def __init__(self) -> None:
        self.sigmas: list[float] = []
        self.energy, self.pixels = 0.0, 0
        #: Per array axis after moving the slice axis to the front: count, sum, sum of squares.
        self.differences = np.zeros((3, 3))

    def add_differences(self, axis: int, values: NDArray[np.float64]) -> None:
        self.differences[axis] += (values.size, values.sum(), np.sum(values**2))

    def difference_variance(self, axis: int) -> float | None:
        count, total, squares = self.differences[axis]
        return None if count < 2 else max(0.0, squares / count - (total / count) ** 2)


def _look_at_slices(slabs: Slabs, threshold: float) -> tuple[NDArray[np.bool_], _Details]:
    """Return the head mask, shape as `slabs.shape`, and what the slices tell."""
    mask = np.zeros(slabs.shape, dtype=np.bool_)
    details = _Details()
    before: NDArray[np.float64] | None = None
    for slab in slabs:
        for offset, stored in enumerate(slab.values):
            position = slab.start + offset
            image = np.asarray(stored, dtype=np.float64)
            here = mask[position]
            here[...] = head.head_mask(image, threshold)
            if before is not None:
                pairs = here & mask[position - 1]
                details.add_differences(0, (image - before)[pairs])
            before = image
            details.add_differences(1, (image[1:] - image[:-1])[here[1:] & here[:-1]])
            details.add_differences(2, (image[:, 1:] - image[:, :-1])[here[:, 1:] & here[:, :-1]])
            if np.count_nonzero(here) >= SMALLEST_SLICE:
                details.sigmas.append(noise.noise_sigma(image, here))
                energy, pixels = sharpness.gradient_energy(image, here)
                details.energy, details.pixels = details.energy + energy, details.pixels + pixels
    return mask, details


def _parts(
    slabs: Slabs, mask: NDArray[np.bool_], centre: float | None = None
) -> Iterator[NDArray[np.float32]]:
    """Give the masked voxels, or their distances from a centre."""
    for slab in slabs:
        values = slab.values[mask[slab.start : slab.stop]]
        yield values if centre is None else np.abs(values - np.float32(centre))


def _summary(slabs: Slabs, mask: NDArray[np.bool_], count: int) -> dict[str, float]:
    """Describe the masked voxels: unweighted, exact, deviations with divisor n."""
    total = sum(float(part.sum(dtype=np.float64)) for part in _parts(slabs, mask))
    mean = total / count
    second = fourth = 0.0
    for part in _parts(slabs, mask):
        squares = (np.asarray(part, dtype=np.float64) - mean) ** 2
        second += float(squares.sum())
        fourth += float(np.sum(squares**2))
    variance = second / count
    p05, median, p95 = percentiles(lambda: _parts(slabs, mask), count, (5.0, 50.0, 95.0))
    (spread,) = percentiles(lambda: _parts(slabs, mask, median), count, (50.0,))
    return {
        "mean": mean,
        "stdv": math.sqrt(variance),
        "median": median,
        "mad": spread / _NORMAL_QUARTILE,
        "p05": p05,
        "p95": p95,
        "k": fourth / count / variance**2 - 3.0 if variance > 0 else math.nan,
        "n": float(count),
    }


def _put_details(
    answer: _Answer,
    slabs: Slabs,
    mask: NDArray[np.bool_],
    foreground: dict[str, float],
    details: _Details,
) -> None:
    variance = foreground["stdv"] ** 2
    if not details.sigmas:
        answer.refuse(_SLICEWISE, f"no slice holds {SMALLEST_SLICE} pixels of the object")
    else:
        sigma = float(np.median(details.sigmas))
        quiet = "neighbouring voxels hold no noise"
        answer.put("acu_noise_sigma", sigma)
        answer.put("acu_snr", foreground["median"] / sigma if sigma > 0 else None, quiet)
        edges = details.energy / details.pixels / variance if variance > 0 else None
        answer.put("acu_tenengrad", edges, "every voxel of the object has the same value")
    if not slabs.volume.spacing_known:
        answer.refuse(_WIDTHS, "the voxel spacing is not known")
        return
    axes = [slabs.axis] + [axis for axis in range(3) if axis != slabs.axis]
    mm, world = spacing(slabs.volume.affine), world_axes(slabs.volume.affine)
    widths: dict[str, float] = {}
    for moved, axis in enumerate(axes):
        difference = details.difference_variance(moved)
        if difference is not None:
            width = sharpness.fwhm_from_variances(variance, difference, mm[axis])
            if width is not None:
                widths[f"acu_fwhm_{'xyz'[world[axis]]}"] = width
    answer.put_all(widths)
    if len(widths) == 3:
        answer.put("acu_fwhm_avg", sum(widths.values()) / 3)
    answer.refuse(_WIDTHS, "needs neighbouring voxels that are correlated, along every axis")


def _put_air(
    answer: _Answer,
    slabs: Slabs,
    mask: NDArray[np.bool_],
    foreground: dict[str, float],
    background: dict[str, float],
) -> None:
    empty = "the background is empty, as after removing the skull or the face"
    share = background["p95"] / foreground["median"] if foreground["median"] > 0 else None
    answer.put(_BRIGHT_AIR, share, "half of the object is 0")
    # MRIQC asks for an energy of 1e-3 after it scaled tissue to 1000.
    scale = 1000.0 / foreground["median"] if foreground["median"] > 0 else 0.0
    inside, outside = _median_energy(slabs, mask), _median_energy(slabs, ~mask)
    defined = outside * scale**2 >= anatomical.SMALLEST_ENERGY
    ratio = anatomical.rounded(inside / outside, 4) if defined else None
    answer.put("fber", ratio, empty)
    if background["median"] <= 0:
        answer.refuse(_AIR, empty)
        return
    sigma = noise.rayleigh_sigma(_grouped_median(slabs, ~mask, background))
    bound = np.float32(noise.rayleigh_bound(sigma))
    above = sum(int(np.count_nonzero(part > bound)) for part in _parts(slabs, ~mask))
    answer.put("acu_noise_air", sigma)
    answer.put("acu_snr_air", foreground["median"] / sigma)
    answer.put("acu_air_outlier_frac", above / background["n"])


def _grouped_median(slabs: Slabs, mask: NDArray[np.bool_], background: dict[str, float]) -> float:
    """Return the median of the air as if whole numbers had not been rounded.

    The noise of the air is often a step or two high, and a median of whole steps says little of
    it: the voxels that share the median are spread evenly over their step.
    """
    median = background["median"]
    if not np.issubdtype(slabs.volume.array.dtype, np.integer):
        return median
    step = abs(float(slabs.volume.slope))
    below = equal = 0
    for part in _parts(slabs, mask):
        below += int(np.count_nonzero(part < median))
        equal += int(np.count_nonzero(part == np.float32(median)))
    if not equal:
        return median
    return median - step / 2 + step * (background["n"] / 2 - below) / equal


def _median_energy(slabs: Slabs, mask: NDArray[np.bool_]) -> float:
    """Return the median of |x|^2 of the masked voxels."""
    count = int(np.count_nonzero(mask))

    def energies() -> Iterator[NDArray[np.float32]]:
        for part in _parts(slabs, mask):
            yield np.abs(np.maximum(part, np.float32(0)))

    low, high = order_statistics(energies, ((count - 1) // 2, count // 2))
    return (low**2 + high**2) / 2
