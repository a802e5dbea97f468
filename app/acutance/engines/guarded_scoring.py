"""Score prepared slices by a backend, and by the reference wherever a verdict could depend on it.

A reduced precision moves every score a little. A slice whose verdict could turn within the band
that a trial measured is computed once more in float32; and where the verdict on the whole could
turn, every slice is.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import torch

from acutance.core.backends import is_settled
from acutance.engines.backends.base import BackendUnavailableError
from acutance.engines.device import to_device
from acutance.errors import DeviceMemoryError, EngineError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from acutance.engines.backends.base import ActiveBackend
    from acutance.engines.backends.choice import Backends
    from acutance.engines.base import CancelToken
    from acutance_models.iqa_resnet.calibration import Calibration

#: Slices per forward pass; halved when the device runs out of memory.
BATCH_SIZE = 16


@dataclass(frozen=True)
class Decisions:
    """What hangs on scores.

    Parameters
    ----------
    of_slice : callable
        Gives what hangs on the score of one slice, comparable by `==`.
    of_all : callable
        The same for the mean of all.
    mean : callable
        Returns the mean of all, from the scores by number; None where there is none.
    """

    of_slice: Callable[[float], object]
    of_all: Callable[[float], object]
    mean: Callable[[Mapping[int, float]], float | None]


@dataclass
class Scored:
    """What came of it.

    Parameters
    ----------
    backend : ActiveBackend
        That gave the scores.
    values : dict of int to float
        Scores by the number of the slice, to six digits.
    in_scope : dict of int to bool
        Whether each looks like what the network was made for; empty without a judge.
    recomputed : int
        Slices that the reference scored once more.
    """

    backend: ActiveBackend
    values: dict[int, float] = field(default_factory=dict)
    in_scope: dict[int, bool] = field(default_factory=dict)
    recomputed: int = 0


class GuardedScoring:
    """Scores slices on a device; makes do with smaller batches where memory ends.

    Parameters
    ----------
    backends : Backends
    judge : Calibration or None
        Of the scope.
    device : torch.device
    token : CancelToken
        Looked at before every batch.
    on_batch : callable
        Told how many of how many slices are done.
    """

    def __init__(
        self,
        backends: Backends,
        judge: Calibration | None,
        device: torch.device,
        token: CancelToken,
        on_batch: Callable[[int, int], None],
    ) -> None:
        self._backends = backends
        self._judge = judge
        self._device = device
        self._token = token
        self._on_batch = on_batch
        self._batch_size = BATCH_SIZE

    @torch.inference_mode()
    def score(
        self,
        images: Mapping[int, NDArray[np.float32]],
        active: ActiveBackend,
        decisions: Decisions,
    ) -> Scored:
        """Score slices.

        Parameters
        ----------
        images : mapping of int to ndarray, shape (256, 256), float32
        active : ActiveBackend
            That is tried first; should it fail, the reference scores all.
        decisions : Decisions

        Raises
        ------
        DeviceMemoryError
            If one slice at a time is too much for the device.
        EngineError
            If the network gives a value that is not a number.
        """
        scored = Scored(active)
        try:
            self._pass(images, active, scored, judges=True)
        except BackendUnavailableError as error:
            scored = Scored(self._backends.fall_back(active.name, str(error)))
            self._pass(images, scored.backend, scored, judges=True)
        if not scored.backend.is_reference:
            self._guard(images, scored, decisions)
        return scored

    def _guard(
        self, images: Mapping[int, NDArray[np.float32]], scored: Scored, decisions: Decisions
    ) -> None:
        band = scored.backend.band
        unsettled = {
            n: images[n]
            for n, value in scored.values.items()
            if not is_settled(decisions.of_slice, value, band)
        }
        self._pass(unsettled, self._backends.reference, scored, judges=False)
        scored.recomputed = len(unsettled)
        mean = decisions.mean(scored.values)
        if mean is not None and not is_settled(decisions.of_all, mean, band):
            rest = {n: image for n, image in images.items() if n not in unsettled}
            self._pass(rest, self._backends.reference, scored, judges=False)
            scored.recomputed = len(images)

    def _pass(
        self,
        images: Mapping[int, NDArray[np.float32]],
        active: ActiveBackend,
        scored: Scored,
        *,
        judges: bool,
    ) -> None:
        numbers = list(images)
        position = 0
        while position < len(numbers):
            self._token.raise_if_cancelled()
            chosen = numbers[position : position + self._batch_size]
            try:
                batch = to_device(np.stack([images[n] for n in chosen])[:, None], self._device)
                values = active.compute(batch)
                if judges and self._judge is not None:
                    seen = self._judge.scope(batch) >= self._judge.scope_threshold
                    scored.in_scope |= zip(chosen, seen.cpu().tolist(), strict=True)
            except torch.OutOfMemoryError as error:
                self._take_less(error)
                continue
            if not np.isfinite(values).all():
                if not active.is_reference:
                    raise BackendUnavailableError("it gave a value that is not a number")
                raise EngineError(
                    "The network gave a value that is not a number.", remedy="Reinstall Acutance."
                )
            scored.values |= zip(chosen, (round(float(v), 6) for v in values), strict=True)
            position += len(chosen)
            if judges:
                self._on_batch(position, len(numbers))

    def _take_less(self, error: BaseException) -> None:
        if self._batch_size == 1:
            raise DeviceMemoryError(
                "The device has too little free memory for one slice.",
                remedy="Close other programs or use --device cpu.",
            ) from error
        torch.cuda.empty_cache()
        self._batch_size //= 2
