"""The list of engines, as import strings, so that listing them imports no torch."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import Any


@dataclass(frozen=True)
class EngineEntry:
    """One engine: its id, its title, and where its parts live.

    Parameters
    ----------
    id : str
    title : str
        What the user reads in the queue.
    engine : str
        "module:Class", imported in the engine child only.
    result : str
        "module:Class" with `from_plain`, torch-free, imported in the parent.
    """

    id: str
    title: str
    engine: str
    result: str


ENGINES: tuple[EngineEntry, ...] = (
    EngineEntry(
        "quality",
        "Score",
        "acutance.engines.quality:QualityEngine",
        "acutance.core.quality:QualityResult",
    ),
    EngineEntry(
        "iqm",
        "Measure",
        "acutance.engines.iqm:IqmEngine",
        "acutance.core.iqm:IqmResult",
    ),
    EngineEntry(
        "segmentation",
        "Segment",
        "acutance.engines.segmentation:SegmentationEngine",
        "acutance.core.segmentation:SegmentationResult",
    ),
    EngineEntry(
    ),
    EngineEntry(
        "restoration",
        "Restore",
        "acutance.engines.restoration:RestorationEngine",
        "acutance.core.restoration:RestorationResult",
