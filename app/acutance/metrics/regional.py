"""The metrics that need the tissues of a brain: MRIQC's formulas with masks of a segmentation.

MRIQC weighs voxels by the tissue maps of its own template segmentation on an image whose bias was
corrected; here a voxel belongs to one tissue or to none, and the image is as it is. Like MRIQC's,
the image is first scaled so that the median of the tissues is 1000.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from acutance.core.segmentation import CSF, GREY_MATTER, WHITE_MATTER
from acutance.core.volume import luma
from acutance.errors import GeometryMismatchError
from acutance.metrics import anatomical

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from acutance.core.label_map import LabelMap
    from acutance.core.volume import Volume

TISSUES = {"csf": CSF, "gm": GREY_MATTER, "wm": WHITE_MATTER}
_SUMMARY = ("mean", "stdv", "median", "mad", "p05", "p95", "k", "n")
#: Every name in the answer, `fber` beside them where there is air.
NAMES: tuple[str, ...] = (
    "cjv",
    "cnr",
    "wm2max",
    *(f"{kind}_{part}" for kind in ("snr", "snrd") for part in (*TISSUES, "total")),
    *(f"icvs_{tissue}" for tissue in TISSUES),
    *(f"summary_{part}_{name}" for part in (*TISSUES, "bg") for name in _SUMMARY),
)
#: What the median of the tissues is scaled to before anything is measured.
SCALED_MEDIAN = 1000.0
#: Fewer voxels say nothing of a tissue.
SMALLEST_TISSUE = 100


def regional_iqms(
    volume: Volume, label_map: LabelMap, on_region: Callable[[], None] = lambda: None
) -> tuple[dict[str, float | None], dict[str, str], dict[str, Any]]:
    """Compute the metrics that need tissues.

    Parameters
    ----------
    volume : Volume
    label_map : LabelMap, shape of the volume
        Its table names "CSF", "grey matter" and "white matter"; 0 is the air, or what was cut away.
    on_region : callable
        Told before each region; may raise to end the work.

    Returns
    -------
    values, reasons, definitions : dict
        `values` has every name of `NAMES`, None with a reason where it is not defined, and `fber`,
        which then rests on the segmentation's mask of the head, where the air holds noise.
        `summary_*` are in the unit of the image, but `k` and `n`.

    Raises
    ------
    GeometryMismatchError
        If volume and label map do not have the same shape.
    """
    if label_map.array.shape != volume.shape:
        raise GeometryMismatchError(
            f"The label map has {label_map.array.shape} voxels, the volume {volume.shape}.",
            remedy="Segment this volume.",
        )
    definitions: dict[str, Any] = {"tissue_masks": "segmentation", "scaled_median": SCALED_MEDIAN}
    by_name = {label.name: label.value for label in label_map.labels}
    missing = [name for name in TISSUES.values() if name not in by_name]
    if missing:
        return _refused(f"the segmentation has no {' and no '.join(missing)}", definitions)
    regions = {}
    for part, name in TISSUES.items():
        on_region()
        regions[part] = _values(volume, label_map.array == by_name[name])
        if regions[part].size < SMALLEST_TISSUE:
            return _refused(f"fewer than {SMALLEST_TISSUE} voxels are {name}", definitions)
    tissue_median = float(np.median(np.concatenate(list(regions.values()))))
    if not tissue_median > 0:
        return _refused("the median of the tissues is not positive", definitions)
    scale = SCALED_MEDIAN / tissue_median
    on_region()
    is_head = label_map.array != 0
    head, air = _values(volume, is_head) * scale, _values(volume, ~is_head) * scale
    stats = {}
    for part, region in regions.items():
        on_region()
        stats[part] = _summary(region * scale)
    on_region()
    has_noise = bool(air.size) and float(air.max()) > float(air.min())
    if has_noise:
        stats["bg"] = _summary(air)
    values = _in_image_units(stats, scale)
    sizes = {part: float(region.size) for part, region in regions.items()}
    values |= {f"icvs_{part}": size / sum(sizes.values()) for part, size in sizes.items()}
    values |= _ratios(stats)
    values["wm2max"] = _wm2max(head, air, stats["wm"]["median"])
    if has_noise and (ratio := _fber(head, air)) is not None:
        values["fber"] = ratio
        definitions["head_mask"] = "segmentation"
    empty = "there is no noise around the head, as after removing the skull or the face"
    return _told(values, empty, definitions)


def _values(volume: Volume, mask: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return the finite real-world values of a region, negative ones as 0, as MRIQC has them."""
    stored = volume.array[mask]
    values = volume.to_real(luma(stored) if volume.is_colour else stored)
    return np.maximum(values[np.isfinite(values)].astype(np.float64), 0.0)


def _summary(values: NDArray[np.float64]) -> dict[str, float]:
    """Describe a region; a mask is a map that is 1 everywhere in it."""
    if float(values.max()) == float(values.min()):
        even = float(values[0])
        told = dict.fromkeys(("mean", "median", "p05", "p95"), even)
        return told | {"stdv": 0.0, "mad": 0.0, "k": math.nan, "n": float(values.size)}
    ones = np.ones(values.size, np.float32)
    return anatomical.summary_stats(values, {"region": ones}, data_decimals=6)["region"]


def _in_image_units(stats: dict[str, dict[str, float]], scale: float) -> dict[str, float | None]:
    return {
        f"summary_{part}_{name}": value if name in ("k", "n") else value / scale
        for part, told in stats.items()
        for name, value in told.items()
    }


def _ratios(stats: dict[str, dict[str, float]]) -> dict[str, float | None]:
    """Return SNR, CNR and CJV of described regions, as MRIQC puts them together."""
    values: dict[str, float | None] = {}
    for part in TISSUES:
        told = stats[part]
        has_spread = told["stdv"] > 0
        values[f"snr_{part}"] = (
            anatomical.snr(told["median"], told["stdv"], round(told["n"])) if has_spread else None
        )
    white, grey, air = stats["wm"], stats["gm"], stats.get("bg")
    if white["median"] != grey["median"]:
        values["cjv"] = anatomical.cjv(white["median"], grey["median"], white["mad"], grey["mad"])
    if air is not None:
        values["cnr"] = anatomical.cnr(
            white["median"], grey["median"], air["stdv"], white["stdv"], grey["stdv"]
        )
        for part in TISSUES:
            ratio = anatomical.snr_dietrich(stats[part]["median"], air["mad"], air["stdv"])
            values[f"snrd_{part}"] = None if ratio == anatomical.UNDEFINED else ratio
    for kind in ("snr", "snrd"):
        parts = [values.get(f"{kind}_{part}") for part in TISSUES]
        known = [value for value in parts if value is not None]
        values[f"{kind}_total"] = sum(known) / len(known) if len(known) == len(parts) else None
    return values


def _wm2max(head: NDArray[np.float64], air: NDArray[np.float64], white: float) -> float | None:
    try:
        return anatomical.wm2max(np.concatenate([head, air]), white)
    except ValueError:
        return None


def _fber(head: NDArray[np.float64], air: NDArray[np.float64]) -> float | None:
    background = float(np.median(air**2))
    if background < anatomical.SMALLEST_ENERGY:
        return None
    return anatomical.rounded(float(np.median(head**2)) / background, 4)


def _told(
    values: dict[str, float | None], reason: str, definitions: dict[str, Any]
) -> tuple[dict[str, float | None], dict[str, str], dict[str, Any]]:
    """Give every name a value or a reason."""
    kept: dict[str, float | None] = {}
    reasons = {}
    for name in dict.fromkeys((*NAMES, *values)):
        value = values.get(name)
        if value is not None and math.isfinite(value):
            kept[name] = float(value)
        else:
            kept[name] = None
            needs_air = "bg" in name or name.startswith("snrd") or name == "cnr"
            reasons[name] = reason if needs_air else "every voxel of a tissue has the same value"
    return kept, reasons, definitions


def _refused(
    reason: str, definitions: dict[str, Any]
) -> tuple[dict[str, float | None], dict[str, str], dict[str, Any]]:
    return dict.fromkeys(NAMES), dict.fromkeys(NAMES, reason), definitions
