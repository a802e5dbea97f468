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
        "super_resolution",
        "Upscale",
        "acutance.engines.super_resolution:SuperResolutionEngine",
        "acutance.core.upscaling:UpscaleResult",
    ),
    EngineEntry(
        "restoration",
        "Restore",
        "acutance.engines.restoration:RestorationEngine",
        "acutance.core.restoration:RestorationResult",
    ),
    EngineEntry(
        "restoration_fit",
        "Fit operator",
        "acutance.engines.restoration_fit:RestorationFitEngine",
        "acutance.core.restoration_fit:FitResult",
    ),
    EngineEntry(
        "frame_quality",
        "Measure frames",
        "acutance.engines.frame_quality:FrameQualityEngine",
        "acutance.core.timeline:FrameQuality",
    ),
    EngineEntry(
        "backend_trial",
        "Measure backends",
        "acutance.engines.backend_trial:BackendTrialEngine",
        "acutance.core.backends:BackendTrial",
    ),
    EngineEntry(
        "explanation",
        "Explain",
        "acutance.engines.explanation:ExplanationEngine",
        "acutance.core.explanation:ExplanationResult",
    ),
)


def get_entry(engine_id: str) -> EngineEntry:
    """Return an entry.

    Raises
    ------
    ValueError
        If there is no such engine, or the list holds an id twice.
    """
    ids = [entry.id for entry in ENGINES]
    if len(set(ids)) != len(ids):
        raise ValueError(f"an engine id stands twice in the catalogue: {ids}")
    for entry in ENGINES:
        if entry.id == engine_id:
            return entry
    raise ValueError(f"no engine {engine_id!r}; there are {ids}")


def resolve(import_string: str) -> Any:
    """Import `"module:name"` and return the object."""
    module, _, name = import_string.partition(":")
    return getattr(import_module(module), name)
