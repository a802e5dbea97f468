"""The object that stands for one series in JSON, the same from every front end."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from acutance import __version__

if TYPE_CHECKING:
    from acutance.core.ledger import LoadedSeries
    from acutance.core.quality import QualityResult
    from acutance.core.volume import Volume


def series_record(
    loaded: LoadedSeries, result: QualityResult | None, *, seconds: float
) -> dict[str, Any]:
    """Return the JSON object of a series; without a result, the same less the scores.

    Parameters
    ----------
    loaded : LoadedSeries
    result : QualityResult or None
    seconds : float
        Time from the start of reading to the end, in seconds.

    Returns
    -------
    dict
        JSON-ready. `slices[].index` is the 0-based voxel index along the array axis nearest to
        the plane's normal, in the file's own axis order. Only `created_utc` and `seconds` differ
        between two runs on the same input, device and version.
    """
    volume = loaded.volume
    record: dict[str, Any] = {
        "path": str(loaded.path),
        "series": volume.name or loaded.item.title,
        "modality": volume.modality,
        "shape": list(volume.shape),
        "spacing_mm": [round(s, 6) for s in volume.spacing] if volume.spacing_known else None,
    }
    if result is not None:
        plain = result.to_plain()
        record |= {name: plain[name] for name in ("verdict", "reason", "in_scope", "ssim_pred")}
        record["slices"] = [
            {name: s[name] for name in ("plane", "index", "ssim_pred", "reason")}
            for s in plain["slices"]
        ]
        record |= {"model": plain["model"], "device": plain["device"]}
    record["software"] = {"name": "acutance", "version": __version__}
    record["parameters"] = {} if result is None else dict(result.parameters)
    record["created_utc"] = datetime.now(UTC).isoformat(timespec="seconds")
    record["seconds"] = round(seconds, 3)
    record["ledger"] = loaded.ledger.to_plain()
    record["warnings"] = [w.to_plain() for w in loaded.warnings]
    record["notes"] = list(loaded.notes)
    return record


def volume_statistics(volume: Volume) -> dict[str, float | None]:
    """Return min, max, mean and sum of the finite real-world values, summed in float64.

    All four are None where no value is finite. Worked slab by slab: no copy of the volume.
    """
    low, high, total, count = math.inf, -math.inf, 0.0, 0
    for slab in np.moveaxis(volume.array, 2, 0):
        values = np.asarray(slab, dtype=np.float64) * volume.slope + volume.intercept
        if not np.issubdtype(volume.array.dtype, np.integer):
            values = values[np.isfinite(values)]
        if values.size:
            low, high = min(low, float(values.min())), max(high, float(values.max()))
            total, count = total + float(values.sum()), count + values.size
    if count == 0 or not math.isfinite(total):
        return {"min": None, "max": None, "mean": None, "sum": None}
    return {"min": low, "max": high, "mean": total / count, "sum": total}
