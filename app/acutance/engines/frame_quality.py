"""Measure neighbouring frames of a clip; formulas only, no network."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from acutance.core.timeline import MEASURES, FrameQuality, FrameQualityRequest
from acutance.core.volume import luma
from acutance.metrics.frame_quality import (
    blockiness,
    change,
    exposure,
    frame_noise,
    frame_sharpness,
)
from acutance.metrics.niqe import natural_image_quality
from acutance.metrics.warping import estimate_flow, warping_error

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from acutance.engines.base import CancelToken, Progress

#: NIQE looks at blocks of so many pixels.
LEAST_SIDE = 96


class FrameQualityEngine:
    """Measure frames one by one, and each against the one before.

    Parameters
    ----------
    device : str
        Taken as every engine does; formulas need none.
    """

    def __init__(self, device: str) -> None:
        del device

    def run(
        self, request: FrameQualityRequest, progress: Progress, token: CancelToken
    ) -> FrameQuality:
        """Return the quality of every frame but one that is only compared with.

        Raises
        ------
        JobCancelled
            If the user cancelled; looked at before each frame.
        """
        columns: dict[str, list[float | None]] = {name: [] for name in MEASURES}
        before: NDArray[np.float32] | None = None
        for place, frame in enumerate(request.frames):
            token.raise_if_cancelled()
            progress.report(place / len(request.frames), "measuring frames")
            levels = _levels(frame, request)
            if place or not request.first:
                measured = _measure(levels, before, request)
                for name, value in measured.items():
                    columns[name].append(None if value is None else float(f"{value:.6g}"))
            before = levels
        values = {name: tuple(column) for name, column in columns.items()}
        return FrameQuality(request.first + (1 if request.first else 0), values)


def _levels(frame: NDArray[Any], request: FrameQualityRequest) -> NDArray[np.float32]:
    """Return the brightness of a frame in [0, 1], shape (Y, X)."""
    stored = luma(frame) if frame.shape[-1] == 3 else frame[..., 0]
    span = request.range.high - request.range.low
    levels = np.clip((stored.astype(np.float32) - request.range.low) / span, 0.0, 1.0)
    shown: NDArray[np.float32] = (1.0 - levels if request.inverted else levels).astype(np.float32)
    return shown


def _measure(
    levels: NDArray[np.float32], before: NDArray[np.float32] | None, request: FrameQualityRequest
) -> dict[str, float | None]:
    mean, dark, bright = exposure(levels)
    error = None
    if request.warps and before is not None:
        there, back = estimate_flow(before, levels), estimate_flow(levels, before)
        error = warping_error(before, levels, there, back)
    return {
        "sharpness": frame_sharpness(levels),
        "noise": frame_noise(levels),
        "blockiness": blockiness(levels),
        "change": None if before is None else change(levels, before),
        "mean": mean,
        "clipped_dark": dark,
        "clipped_bright": bright,
        "niqe": _niqe(levels) if request.rates else None,
        "warping_error": error,
    }


def _niqe(levels: NDArray[np.float32]) -> float | None:
    """Return the NIQE of a frame; None where it is too small or too flat for one."""
    if min(levels.shape) < LEAST_SIDE:
        return None
    try:
        return natural_image_quality(levels, data_range=1.0)
    except ValueError:  # every block is flat
        return None
