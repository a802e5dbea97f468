"""What was loaded, as plain values, checked when it comes out of the reader's child."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from acutance.core.ledger import (
    Ledger,
    Loaded,
    LoadedSeries,
    LoadedVideo,
    LoadWarning,
    SeriesItem,
)
from acutance.core.video import Video, VideoSource
from acutance.core.volume import Volume
from acutance.core.window import Window
from acutance.errors import ReadError

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Longest text and largest number of facts a reader may hand over.
TEXT_LIMIT = 4096
FACTS_LIMIT = 256
_DEPTH = 4


def loaded_to_plain(loaded: Loaded) -> dict[str, Any]:
    """Return everything of a series or video but its array, JSON-ready."""
    plain = {
        "item": loaded.item.to_plain(),
        "ledger": loaded.ledger.to_plain(),
        "warnings": [w.to_plain() for w in loaded.warnings],
        "notes": [str(note)[:TEXT_LIMIT] for note in loaded.notes],
    }
    if isinstance(loaded, LoadedVideo):
        return plain | {"video": _video_to_plain(loaded.video)}
    return plain | {"volume": _volume_to_plain(loaded.volume)}


def array_of(loaded: Loaded) -> NDArray[Any]:
    """Return the array that crosses beside the plain values: voxels, or the times of frames."""
    return loaded.video.times if isinstance(loaded, LoadedVideo) else loaded.volume.array


def _volume_to_plain(volume: Volume) -> dict[str, Any]:
    return {
        "affine": volume.affine.tolist(),
        "slope": float(volume.slope),
        "intercept": float(volume.intercept),
        "unit": volume.unit,
        "modality": volume.modality,
        "name": volume.name,
        "orientation_known": volume.orientation_known,
        "spacing_known": volume.spacing_known,
        "acquisition_axis": volume.acquisition_axis,
        "windows": [w.to_plain() for w in volume.windows],
        "facts": _bounded(volume.facts),
    }


def _video_to_plain(video: VideoSource) -> dict[str, Any]:
    return {
        "height": video.height,
        "width": video.width,
        "channels": video.channels,
        "dtype": np.dtype(video.dtype).str,
        "frame_time_source": video.frame_time_source,
        "pixel_spacing": None if video.pixel_spacing is None else list(video.pixel_spacing),
        "slope": float(video.slope),
        "intercept": float(video.intercept),
        "unit": video.unit,
        "modality": video.modality,
        "name": video.name,
        "windows": [w.to_plain() for w in video.windows],
        "facts": _bounded(video.facts),
    }


def loaded_from_plain(plain: dict[str, Any], array: NDArray[Any]) -> Loaded:
    """Rebuild a series around voxels in the parent's memory, or a video around its times.

    Raises
    ------
    ReadError
        If a value is missing or of the wrong kind: the child is not believed.
    """
    try:
        item = SeriesItem.from_plain(plain["item"])
        ledger = Ledger.from_plain(plain["ledger"])
        warnings = tuple(LoadWarning.from_plain(w) for w in plain["warnings"])
        notes = tuple(_text(note) for note in plain["notes"])
        if "video" in plain:
            video = _video_from_plain(plain["video"], array)
            return LoadedVideo(item, video, ledger, warnings, notes)
        volume = _volume_from_plain(plain["volume"], array)
        return LoadedSeries(item, volume, ledger, warnings, notes)
    except (KeyError, TypeError, ValueError, IndexError, OverflowError) as error:
        raise ReadError(
            f"The reader gave an answer that does not hold together ({error}).",
            remedy="Please report this file's kind.",
        ) from error


def frames_to_plain(frames: Video) -> dict[str, Any]:
    """Return everything of some frames but their pixels, JSON-ready."""
    return {
        "times": [float(t) for t in frames.times],
        "name": frames.name,
        "facts": _bounded(frames.facts),
    }


def frames_from_plain(plain: dict[str, Any], array: NDArray[Any]) -> Video:
    """Rebuild frames around pixels in the parent's memory.

    Raises
    ------
    ReadError
        If a value is missing or of the wrong kind.
    """
    try:
        times = np.array(plain["times"], dtype=np.float64)
        return Video(array, times, _text(plain["name"]), _bounded(plain["facts"]))
    except (KeyError, TypeError, ValueError) as error:
        raise ReadError(
            f"The reader gave frames that do not hold together ({error}).",
            remedy="Please report this file's kind.",
        ) from error


def _volume_from_plain(plain: dict[str, Any], array: NDArray[Any]) -> Volume:
    axis = plain["acquisition_axis"]
    if axis is not None and axis not in range(3):
        raise ValueError("the acquisition axis must be 0, 1 or 2")
    slope, intercept = _rescale(plain)
    return Volume(
        array,
        np.array(plain["affine"], dtype=np.float64),
        slope=slope,
        intercept=intercept,
        unit=_text(plain["unit"]),
        modality=_text(plain["modality"]),
        name=_text(plain["name"]),
        orientation_known=bool(plain["orientation_known"]),
        spacing_known=bool(plain["spacing_known"]),
        acquisition_axis=None if axis is None else int(axis),
        windows=_windows(plain),
        facts=_bounded(plain["facts"]),
    )


def _video_from_plain(plain: dict[str, Any], times: NDArray[Any]) -> VideoSource:
    dtype = np.dtype(_text(plain["dtype"])[:4])
    spacing = plain["pixel_spacing"]
    if spacing is not None:
        spacing = (float(spacing[0]), float(spacing[1]))
        if not all(math.isfinite(mm) and mm > 0 for mm in spacing):
            raise ValueError("pixel spacing must be positive")
    slope, intercept = _rescale(plain)
    return VideoSource(
        # A copy: times are few, and a segment of shared memory is let go.
        np.array(times, dtype=np.float64),
        int(plain["height"]),
        int(plain["width"]),
        int(plain["channels"]),
        dtype,
        frame_time_source=_text(plain["frame_time_source"]),
        pixel_spacing=spacing,
        slope=slope,
        intercept=intercept,
        unit=_text(plain["unit"]),
        modality=_text(plain["modality"]),
        name=_text(plain["name"]),
        windows=_windows(plain),
        facts=_bounded(plain["facts"]),
    )


def _rescale(plain: dict[str, Any]) -> tuple[float, float]:
    slope, intercept = float(plain["slope"]), float(plain["intercept"])
    if not (math.isfinite(slope) and math.isfinite(intercept)):
        raise ValueError("slope and intercept must be finite")
    return slope, intercept


def _windows(plain: dict[str, Any]) -> tuple[Window, ...]:
    return tuple(Window.from_plain(w) for w in plain["windows"])


def _text(value: object) -> str:
    return str(value)[:TEXT_LIMIT]


def _bounded(value: Any, depth: int = _DEPTH) -> Any:
    """Return a copy of plain values, cut to bounded size; other types become text."""
    if isinstance(value, dict):
        if depth == 0:
            return {}
        pairs = list(value.items())[:FACTS_LIMIT]
        return {_text(k): _bounded(v, depth - 1) for k, v in pairs}
    if isinstance(value, list | tuple):
        return [] if depth == 0 else [_bounded(v, depth - 1) for v in value[:FACTS_LIMIT]]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if value is None or isinstance(value, bool | int | float):
        return value
    return _text(value)
