"""Explain the predicted SSIM of one slice, where a deletion test supports the explanation."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import torch

from acutance.core.explanation import DeletionNumbers, ExplanationRequest, ExplanationResult
from acutance.core.slicing import volume_geometry
from acutance.engines.device import resolve_device
from acutance.engines.quality import QualityEngine
from acutance.engines.slice_preparation import SQUARE_PIXEL_TOLERANCE, prepare_slice
from acutance.errors import DeviceMemoryError
from acutance_models.iqa_resnet.explanation import (
    LARGEST_P,
    RANDOM_REGIONS,
    SMALLEST_GAIN,
    STEPS,
    attribute,
    run_deletion_test,
)

if TYPE_CHECKING:
    from acutance.core.volume import Volume
    from acutance.engines.base import CancelToken, Progress
    from acutance_models.iqa_resnet.explanation import DeletionTest

#: Turns to hear of, for the progress bar only: passes of the path, batches of the test.
_TURNS = STEPS // 4 + RANDOM_REGIONS // 8 + 1


class ExplanationEngine:
    """Say which part of a slice lowers its predicted SSIM.

    Parameters
    ----------
    device : str
        "auto", "cpu" or "cuda:N".

    Raises
    ------
    UnsupportedInputError
        If this machine has no such device.
    """

    def __init__(self, device: str) -> None:
        self._device = resolve_device(device)
        self._scorer = QualityEngine(device)

    def run(
        self, request: ExplanationRequest, progress: Progress, token: CancelToken
    ) -> ExplanationResult:
        """Make the map of a slice and test it; the same answer each time.

        Raises
        ------
        EngineError
            If the weights cannot be used.
        DeviceMemoryError
            If a few slices at a time are too much for the device.
        JobCancelled
            If the user cancelled; looked at between passes.
        """
        started = time.monotonic()
        progress.report(0.0, "loading network")
        # Only the slice is asked for its gradient, not the weights.
        network = self._scorer.model(request).network.requires_grad_(False)
        token.raise_if_cancelled()
        geometry = volume_geometry(request.volume, request.plane)
        slot = prepare_slice(request.volume, geometry, request.index)
        extent = _extent(request.volume, request.plane)
        if slot.image is None:
            return _answer(request, slot.reason, extent, started)
        done = 0

        def on_step() -> None:
            nonlocal done
            token.raise_if_cancelled()
            progress.report(min(0.99, done / _TURNS), f"explaining {slot.plane} {slot.index}")
            done += 1

        image = torch.from_numpy(slot.image)[None, None].to(self._device)
        try:
            values = attribute(network, image, on_step=on_step)
            test = run_deletion_test(network, image, values, on_step=on_step)
        except torch.OutOfMemoryError as error:
            raise DeviceMemoryError(
                "The device has too little free memory to explain a slice.",
                remedy="Close other programs or use --device cpu.",
            ) from error
        progress.report(1.0, "explained")
        if test is None:
            return _answer(request, "too little signal for a test", extent, started)
        return ExplanationResult(
            request.plane,
            request.index,
            round(test.score, 6),
            _objection(test),
            values.cpu().numpy() if test.is_passed else None,
            extent,
            _numbers(test),
            round(time.monotonic() - started, 3),
        )


def _answer(
    request: ExplanationRequest,
    reason: str,
    extent: tuple[float, float, float, float],
    started: float,
) -> ExplanationResult:
    seconds = round(time.monotonic() - started, 3)
    return ExplanationResult(
        request.plane, request.index, None, reason, None, extent, None, seconds
    )


def _objection(test: DeletionTest) -> str:
    """Return why the test does not support the map; empty where it does."""
    if test.is_passed:
        return ""
    excess = test.gain_top - test.gain_random_mean
    if excess < SMALLEST_GAIN:
        return f"smoothing the highest region raises it by {excess:+.3f} more than random ones"
    if test.p_value > LARGEST_P:
        return "regions drawn at random change it as much"
    return "regions ranked lowest change it as much as random ones"


def _numbers(test: DeletionTest) -> DeletionNumbers:
    return DeletionNumbers(
        round(test.gain_top, 6),
        round(test.gain_low, 6),
        round(test.gain_random_mean, 6),
        round(max(test.gain_random), 6),
        len(test.gain_random),
        test.p_value,
        test.area,
        SMALLEST_GAIN,
        LARGEST_P,
    )


def _extent(volume: Volume, plane: str) -> tuple[float, float, float, float]:
    """Return where the square that the network sees lies, in pixels of the slice as drawn."""
    geometry = volume_geometry(volume, plane)
    row_mm, column_mm = geometry.pixel_spacing
    is_square = max(row_mm, column_mm) < SQUARE_PIXEL_TOLERANCE * min(row_mm, column_mm)
    if is_square or not volume.spacing_known:
        row_mm = column_mm = 1.0
    rows, columns = geometry.size
    half = max(rows * row_mm, columns * column_mm) / 2
    middle_row, middle_column = (rows - 1) / 2, (columns - 1) / 2
    return (
        middle_row - half / row_mm,
        middle_row + half / row_mm,
        middle_column - half / column_mm,
        middle_column + half / column_mm,
    )
