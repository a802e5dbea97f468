"""The metrics of a volume against a reference on the same grid."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from acutance.errors import GeometryMismatchError
from acutance.metrics.ms_ssim import SMALLEST_SIDE, multi_scale_structural_similarity
from acutance.metrics.similarity import (
    SSIM_WINDOW,
    psnr_from_error,
    structural_similarity_map,
)
from acutance.metrics.slabs import Slabs, slice_plane
from acutance.metrics.slice_similarity import slice_wise_similarity

if TYPE_CHECKING:
    from collections.abc import Callable

    from acutance.core.volume import Volume

#: Two grids agree where no corner of the volume lies further apart than this, in voxels.
GRID_TOLERANCE = 0.01
#: Every name in the answer of `reference_iqms`.
NAMES = ("ssim", "acu_ssim_2d", "ms_ssim", "psnr", "nrmse")


def check_same_grid(volume: Volume, reference: Volume) -> None:
    """Check that every voxel of two volumes stands for the same place.

    Raises
    ------
    GeometryMismatchError
        If shapes differ, or a corner lies more than 0.01 voxel from its counterpart.
    """
    remedy = "Resample one of the two onto the grid of the other."
    if volume.shape != reference.shape:
        raise GeometryMismatchError(
            f"The reference has {_by(reference.shape)} voxels, this series {_by(volume.shape)}.",
            remedy=remedy,
        )
    i, j, k = (n - 1 for n in volume.shape)
    corners = np.array(
        [(a, b, c, 1) for a in (0, i) for b in (0, j) for c in (0, k)], dtype=np.float64
    ).T
    step = min(float(np.linalg.norm(volume.affine[:3, n])) for n in range(3))
    apart = np.abs((volume.affine - reference.affine) @ corners)[:3].max()
    if apart > GRID_TOLERANCE * step:
        raise GeometryMismatchError(
            f"The reference lies elsewhere: corners of the two grids are {apart:.3g} mm apart.",
            remedy=remedy,
        )


def reference_iqms(
    volume: Volume, reference: Volume, on_slab: Callable[[], None] = lambda: None
) -> tuple[dict[str, float | None], dict[str, str], dict[str, Any]]:
    """Compare a volume with a reference.

    The data range is the largest minus the smallest value of the reference. `ssim` is that of
    scikit-image over three dimensions, `acu_ssim_2d` and `ms_ssim` are means over the slices.

    Parameters
    ----------
    volume, reference : Volume
        On the same grid.
    on_slab : callable
        Told before each slab; may raise to end the work.

    Returns
    -------
    values, reasons, definitions : dict
        Every name of `NAMES`.

    Raises
    ------
    GeometryMismatchError
        If the grids differ.
    """
    check_same_grid(volume, reference)
    plane = slice_plane(reference)
    first, second = Slabs(reference, plane, on_slab), Slabs(volume, plane, on_slab)
    low, high, bad, error, power, count = math.inf, -math.inf, 0, 0.0, 0.0, 0
    for start, stop in first.bounds():
        one, other = first.take(start, stop), second.take(start, stop)
        bad += one.bad + other.bad
        low, high = min(low, float(one.values.min())), max(high, float(one.values.max()))
        x, y = np.asarray(one.values, np.float64), np.asarray(other.values, np.float64)
        error, power = error + float(np.sum((x - y) ** 2)), power + float(np.sum(x**2))
        count += x.size
    definitions = {
        "data_range": high - low,
        "similarity_plane": plane,
        "ssim": "7 x 7 x 7 uniform window, K1 0.01, K2 0.03, sample covariance",
        "acu_ssim_2d": "mean over the slices, 7 x 7 uniform window",
        "ms_ssim": "mean over the slices, Wang 2003, five scales",
        "nrmse": "root mean squared error over root mean square of the reference",
    }
    values: dict[str, float | None] = dict.fromkeys(NAMES)
    if bad:
        return values, dict.fromkeys(NAMES, f"{bad} voxels are not finite numbers"), definitions
    if high == low:
        return values, dict.fromkeys(NAMES, "the reference is constant"), definitions
    reasons: dict[str, str] = {}
    values["nrmse"] = math.sqrt(error / power)
    psnr = psnr_from_error(error / count, high - low)
    if math.isfinite(psnr):
        values["psnr"] = psnr
    else:
        reasons["psnr"] = "infinite: the two are equal"
    _similarities(first, second, high - low, values, reasons)
    return values, reasons, definitions


def _similarities(
    first: Slabs,
    second: Slabs,
    data_range: float,
    values: dict[str, float | None],
    reasons: dict[str, str],
) -> None:
    slices, rows, columns = first.shape
    margin = SSIM_WINDOW // 2
    solid = 0.0
    flat: list[float] = []
    scales: list[float] = []
    has_solid = min(first.shape) >= SSIM_WINDOW
    has_flat = min(rows, columns) >= SSIM_WINDOW
    has_scales = min(rows, columns) >= SMALLEST_SIDE
    for start, stop in first.bounds():
        # Windows whose middle lies in this slab reach three slices beyond it.
        begin, end = max(0, start - margin), min(slices, stop + margin)
        x = np.asarray(first.take(begin, end).values, np.float64)
        y = np.asarray(second.take(begin, end).values, np.float64)
        if has_solid and end - begin >= SSIM_WINDOW:
            inner = structural_similarity_map(x, y, data_range=data_range)
            # Middles start + margin .. of this piece; those before `start` were counted before.
            first_middle = begin + margin
            chosen = inner[max(start, first_middle) - first_middle : stop - first_middle]
            solid += float(chosen.sum())
        own = slice(start - begin, stop - begin)
        if has_flat:
            flat.extend(slice_wise_similarity(x[own], y[own], data_range=data_range))
        if has_scales:
            pairs = zip(x[own], y[own], strict=True)
            scales += [multi_scale_structural_similarity(*p, data_range=data_range) for p in pairs]
    short = "every side must have at least {} voxels"
    if has_solid:
        windows = math.prod(n - 2 * margin for n in first.shape)
        values["ssim"] = solid / windows
    else:
        reasons["ssim"] = short.format(SSIM_WINDOW)
    if has_flat:
        values["acu_ssim_2d"] = float(np.mean(flat))
    else:
        reasons["acu_ssim_2d"] = short.format(SSIM_WINDOW)
    if has_scales:
        values["ms_ssim"] = float(np.mean(scales))
    else:
        reasons["ms_ssim"] = short.format(SMALLEST_SIDE)


def _by(shape: tuple[int, int, int]) -> str:
    return " x ".join(map(str, shape))
