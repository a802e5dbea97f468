"""A loaded series as plain values, checked when it comes out of the reader's child."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from acutance.core.ledger import Ledger, LoadedSeries, LoadWarning, SeriesItem
from acutance.core.volume import Volume
from acutance.core.window import Window
from acutance.errors import ReadError

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Longest text and largest number of facts a reader may hand over.
TEXT_LIMIT = 4096
FACTS_LIMIT = 256
_DEPTH = 4


def series_to_plain(loaded: LoadedSeries) -> dict[str, Any]:
    """Return everything of a series but its voxels, JSON-ready."""
    volume = loaded.volume
    return {
        "item": loaded.item.to_plain(),
        "affine": volume.affine.tolist(),
        "slope": float(volume.slope),
        "intercept": float(volume.intercept),
        "unit": volume.unit,
        "modality": volume.modality,
        "name": volume.name,
        "orientation_known": volume.orientation_known,
        "spacing_known": volume.spacing_known,
        "acquisition_axis": volume.acquisition_axis,
        "windows": [[w.centre, w.width, w.name] for w in volume.windows],
        "facts": _bounded(volume.facts),
        "ledger": loaded.ledger.to_plain(),
        "warnings": [w.to_plain() for w in loaded.warnings],
        "notes": [str(note)[:TEXT_LIMIT] for note in loaded.notes],
    }


def series_from_plain(plain: dict[str, Any], array: NDArray[Any]) -> LoadedSeries:
    """Rebuild a series around voxels in the parent's memory.

    Raises
    ------
    ReadError
        If a value is missing or of the wrong kind: the child is not believed.
    """
    try:
        slope, intercept = float(plain["slope"]), float(plain["intercept"])
        if not (math.isfinite(slope) and math.isfinite(intercept)):
            raise ValueError("slope and intercept must be finite")
        axis = plain["acquisition_axis"]
        if axis is not None and axis not in range(3):
            raise ValueError("the acquisition axis must be 0, 1 or 2")
        volume = Volume(
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
            windows=tuple(Window(float(c), float(w), _text(n)) for c, w, n in plain["windows"]),
            facts=_bounded(plain["facts"]),
        )
        return LoadedSeries(
            SeriesItem.from_plain(plain["item"]),
            volume,
            Ledger.from_plain(plain["ledger"]),
            tuple(LoadWarning.from_plain(w) for w in plain["warnings"]),
            tuple(_text(note) for note in plain["notes"]),
        )
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise ReadError(
            f"The reader gave an answer that does not hold together ({error}).",
            remedy="Please report this file's kind.",
        ) from error


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
