"""Measure a volume: the metrics that are computed from a formula. Needs no torch."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING

from acutance.core.iqm import DEFINITIONS_VERSION, IqmRequest, IqmResult
from acutance.metrics.against_reference import check_same_grid, reference_iqms
from acutance.metrics.regional import regional_iqms
from acutance.metrics.whole_volume import measure_volume

if TYPE_CHECKING:
    from acutance.engines.base import CancelToken, Progress

#: Passes over the volume that `measure_volume` makes, for the progress bar only.
_PASSES = 24


class IqmEngine:
    """Compute the metrics of a volume; with a reference or tissues, those that need them too.

    Parameters
    ----------
    device : str
        Not looked at: the formulas are computed by numpy and scipy on the CPU.
    """

    def __init__(self, device: str) -> None:
        del device

    def run(self, request: IqmRequest, progress: Progress, token: CancelToken) -> IqmResult:
        """Measure a volume.

        Raises
        ------
        GeometryMismatchError
            If the reference or the tissues lie on another grid.
        JobCancelled
            If the user cancelled; looked at before every slab of every pass.
        """
        started = time.monotonic()
        done = 0

        def on_slab() -> None:
            nonlocal done
            token.raise_if_cancelled()
            done += 1
            progress.report(min(0.99, done / expected), "measuring")

        reference = request.reference
        if reference is not None:
            check_same_grid(request.volume, reference)
        expected = _PASSES * max(1, math.prod(request.volume.shape) >> 21)
        on_slab()
        values, reasons, definitions = measure_volume(request.volume, on_slab)
        if reference is not None:
            more, why, how = reference_iqms(request.volume, reference, on_slab)
            values |= more
            reasons |= why
            definitions |= how
        if request.tissues is not None:
            more, why, how = regional_iqms(request.volume, request.tissues, on_slab)
            for name, value in more.items():
                values[name] = value
                reasons.pop(name, None)
            reasons |= why
            definitions |= how
        progress.report(1.0, "measured")
        return IqmResult(
            values,
            reasons,
            {"version": DEFINITIONS_VERSION, **definitions},
            round(time.monotonic() - started, 3),
        )
