"""The object that stands for one series in JSON, the same from every front end."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from acutance import __version__
from acutance.core.ledger import LoadedVideo
from acutance.core.video import VideoSource

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from acutance.core.iqm import IqmResult
    from acutance.core.ledger import Loaded, LoadedSeries
    from acutance.core.quality import QualityResult
    from acutance.core.volume import Volume


_RESULT_FIELDS = ("verdict", "verdict_code", "reason", "in_scope", "ssim_pred", "ssim_interval")
#: What a history is kept by: the machine and what it was told, nothing of the patient.
ACQUISITION_FIELDS = (
    "manufacturer",
    "scanner",
    "station",
    "coil",
    "protocol",
    "scanning_sequence",
    "body_part",
    "field_strength_t",
)
_SLICE_FIELDS = ("plane", "index", "ssim_pred", "ssim_interval", "in_scope", "reason")


def series_record(
    loaded: Loaded, result: QualityResult | None, *, seconds: float
) -> dict[str, Any]:
    """Return the JSON object of a series; without a result, the same less the scores.

    Parameters
    ----------
    loaded : LoadedSeries or LoadedVideo
    result : QualityResult or None
    seconds : float
        Time from the start of reading to the end, in seconds.

    Returns
    -------
    dict
        JSON-ready. `slices[].index` is the 0-based voxel index along the array axis nearest to
        the plane's normal, in the file's own axis order. The shape of a video is frames, rows,
        columns, channels. Only `created_utc` and `seconds` differ between two runs on the same
        input, device and version.
    """
    content = loaded.video if isinstance(loaded, LoadedVideo) else loaded.volume
    record: dict[str, Any] = {
        "path": str(loaded.path),
        "series": content.name or loaded.item.title,
        "modality": content.modality,
        "shape": list(content.shape),
    }
    record |= _video_fields(content) if isinstance(content, VideoSource) else _grid_fields(content)
    record["acquisition"] = {
        name: content.facts[name] for name in ACQUISITION_FIELDS if name in content.facts
    }
    if loaded.item.extra_axes:
        record["selection"] = [
            {"axis": axis.name, "size": axis.size, "position": position}
            for axis, position in zip(loaded.item.extra_axes, loaded.item.position, strict=True)
        ]
    if result is not None:
        plain = result.to_plain()
        record |= {name: plain[name] for name in _RESULT_FIELDS}
        record["slices"] = [{name: s[name] for name in _SLICE_FIELDS} for s in plain["slices"]]
        record |= {"model": plain["model"], "device": plain["device"]}
    record["software"] = {"name": "acutance", "version": __version__}
    record["parameters"] = {} if result is None else dict(result.parameters)
    record["created_utc"] = datetime.now(UTC).isoformat(timespec="seconds")
    record["seconds"] = round(seconds, 3)
    record["ledger"] = loaded.ledger.to_plain()
    record["warnings"] = [w.to_plain() for w in loaded.warnings]
    record["notes"] = list(loaded.notes)
    return record


def iqm_record(
    loaded: LoadedSeries, result: IqmResult, *, reference: str | None, seconds: float
) -> dict[str, Any]:
    """Return the JSON object of a series with its metrics.

    Parameters
    ----------
    loaded : LoadedSeries
    result : IqmResult
    reference : str or None
        The path it was compared with.
    seconds : float
        Time from the start of reading to the end, in seconds.

    Returns
    -------
    dict
        The fields of `series_record` without scores, and `iqms` (a number or None by name,
        sorted), `reasons` (why a metric is None), `definitions` and `reference`.
    """
    record = series_record(loaded, None, seconds=seconds)
    plain = result.to_plain()
    record["iqms"] = plain["values"]
    record["reasons"] = plain["reasons"]
    record["definitions"] = plain["definitions"]
    record["reference"] = reference
    return record


def _grid_fields(volume: Volume) -> dict[str, Any]:
    spacing = [round(s, 6) for s in volume.spacing] if volume.spacing_known else None
    return {"kind": "volume", "spacing_mm": spacing} | (
        {"colour": True} if volume.is_colour else {}
    )


def _video_fields(video: VideoSource) -> dict[str, Any]:
    spacing = video.pixel_spacing
    return {
        "kind": "video",
        "spacing_mm": None if spacing is None else [round(s, 6) for s in spacing],
        "frames": video.count,
        "frame_rate": round(video.frame_rate, 6),
        "duration_s": round(video.duration, 6),
        "frame_time_source": video.frame_time_source,
    }


Statistics = dict[str, float | None]


def volume_statistics(volume: Volume) -> Statistics:
    """Return min, max, mean and sum of the finite real-world values, summed in float64.

    All four are None where no value is finite. Worked slab by slab: no copy of the volume. Of
    colours each of the three values counts.
    """
    slabs = np.moveaxis(volume.array, 2, 0)
    return values_statistics(slabs, slope=volume.slope, intercept=volume.intercept)


def values_statistics(
    slabs: Iterable[NDArray[Any]], *, slope: float = 1.0, intercept: float = 0.0
) -> Statistics:
    """Return min, max, mean and sum of the finite values of arrays, as if they were one.

    Parameters
    ----------
    slabs : iterable of ndarray
        Stored values, any shape.
    slope, intercept : float
        Rescale to real-world values.
    """
    low, high, total, count = math.inf, -math.inf, 0.0, 0
    for slab in slabs:
        values = np.asarray(slab, dtype=np.float64) * slope + intercept
        if not np.issubdtype(slab.dtype, np.integer):
            values = values[np.isfinite(values)]
        if values.size:
            low, high = min(low, float(values.min())), max(high, float(values.max()))
            total, count = total + float(values.sum()), count + values.size
    if count == 0 or not math.isfinite(total):
        return {"min": None, "max": None, "mean": None, "sum": None}
    return {"min": low, "max": high, "mean": total / count, "sum": total}
