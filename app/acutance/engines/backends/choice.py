"""Which backend scores: what was asked for, what a trial chose, or the reference.

Nothing here is an error of the user's: where a backend cannot be had, the reference scores, and a
note in the provenance says why.
"""

from __future__ import annotations

import platform
import time
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch

from acutance.core.backends import (
    AUTO,
    BACKENDS,
    REFERENCE,
    BackendRow,
    BackendTrial,
    runtime_of,
)
from acutance.engines.backends import cache, onnx_scorer, openvino_scorer
from acutance.engines.backends.base import (
    ActiveBackend,
    BackendUnavailableError,
    OptionalScorer,
    installed_version,
)
from acutance.engines.backends.torch_scorer import TorchScorer, load_bfloat16
from acutance.engines.device import to_device
from acutance_models.iqa_resnet.preprocess import SIZE
from acutance_models.simulation.heads import trial_slices

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from acutance.engines.backends.base import Scorer
    from acutance.engines.scoring_network import ScoringNetwork

#: Slices that a trial compares, slices of a pass, and passes that are timed.
TRIAL_SLICES, BATCH, TIMED_PASSES = 96, 16, 5


class Backends:
    """The backends of one network on one device, each made when it is first used.

    Parameters
    ----------
    model : ScoringNetwork
    device : torch.device
    folder : Path, optional
        In place of the user's cache folder.
    """

    def __init__(
        self, model: ScoringNetwork, device: torch.device, folder: Path | None = None
    ) -> None:
        self.model = model
        self._device = device
        self._folder = folder
        self._scorers: dict[str, Scorer] = {REFERENCE: TorchScorer(model.network)}
        self._failed: dict[str, str] = {}
        self._trials: dict[str, BackendTrial] = {}

    @property
    def reference(self) -> ActiveBackend:
        """Torch in float32."""
        return ActiveBackend(REFERENCE, self._scorers[REFERENCE])

    @property
    def machine(self) -> str:
        """Hash of all that a trial holds for, but the weights."""
        return machine_key(self._device)

    def kept(self) -> BackendTrial | None:
        """Return the trial of these weights on this machine, where one was made."""
        key = self.machine
        trial = cache.load_trial(self.model.facts.sha256, key, self._folder)
        return self._trials.get(key) if trial is None else trial

    def active(self, asked: str, on_step: Callable[[float], None]) -> ActiveBackend:
        """Return what scores when `asked` is wanted.

        "auto" is what a trial chose, the reference where there was none. A backend that is named
        is measured first where no trial tells how far its scores are off.

        Parameters
        ----------
        asked : str
            One of `acutance.core.backends.CHOICES`.
        on_step : callable
            Told how far a measurement is, in [0, 1]; may raise to end it.
        """
        trial = self.kept()
        name = asked
        if asked == AUTO:
            name = REFERENCE if trial is None else trial.chosen
        if name == REFERENCE:
            return self.reference
        try:
            scorer = self._scorer(name)
            row = None if trial is None else trial.row(name)
            if row is None or row.largest is None:
                row = self._measured((name,), on_step).row(name)
            if row is None or row.largest is None:
                raise BackendUnavailableError("it could not be measured")
        except BackendUnavailableError as error:
            return self.fall_back(name, str(error))
        note = "" if row.is_allowed else "its scores are not within the tolerance"
        return ActiveBackend(name, scorer, row.band, note)

    def fall_back(self, name: str, why: str) -> ActiveBackend:
        """Return the reference in place of a backend that failed, and use that one no more."""
        self._failed[name] = why
        self._scorers.pop(name, None)
        return ActiveBackend(
            REFERENCE, self._scorers[REFERENCE], note=f"{name} could not be used: {why}"
        )

    def try_all(self, on_step: Callable[[float], None]) -> BackendTrial:
        """Time all backends, hold them against the reference, and keep what was found."""
        self._failed.clear()
        trial = self._measured(BACKENDS, on_step)
        self._trials[trial.machine] = trial
        cache.keep_trial(trial, self._folder)
        return trial

    def _measured(self, names: Sequence[str], on_step: Callable[[float], None]) -> BackendTrial:
        wanted = [REFERENCE, *(name for name in names if name != REFERENCE)]
        slices = trial_slices(TRIAL_SLICES)
        on_step(0.1)
        scores: dict[str, NDArray[np.float64]] = {}
        reasons: dict[str, str] = {}
        for number, name in enumerate(wanted):
            try:
                scores[name] = _all_scores(self._scorer(name), slices, self._device)
            except BackendUnavailableError as error:
                reasons[name] = str(error)
            on_step(0.1 + 0.6 * (number + 1) / len(wanted))
        seconds: dict[str, list[float]] = {name: [] for name in scores}
        batch = to_device(slices[:BATCH], self._device)
        for turn in range(TIMED_PASSES):
            for name in scores:  # in turn, so that what else the machine does slows all alike
                seconds[name].append(_timed(self._scorer(name), batch))
            on_step(0.7 + 0.3 * (turn + 1) / TIMED_PASSES)
        rows = tuple(_row(name, scores, seconds, reasons) for name in BACKENDS if name in wanted)
        return BackendTrial(
            rows, self.model.facts.sha256, self.machine, len(slices), torch.get_num_threads()
        )

    def _scorer(self, name: str) -> Scorer:
        if name in self._failed:
            raise BackendUnavailableError(self._failed[name])
        if name not in self._scorers:
            self._scorers[name] = OptionalScorer(lambda: self._load(name))
        return self._scorers[name]

    def _load(self, name: str) -> Scorer:
        network, sha256 = self.model.network, self.model.facts.sha256
        runtime = runtime_of(name)
        if runtime == "torch":
            return load_bfloat16(network, self._device)
        if self._device.type != "cpu":
            raise BackendUnavailableError("it computes on the CPU only")
        if runtime == "openvino":
            return openvino_scorer.load(network, sha256, name, SIZE, self._folder)
        return onnx_scorer.load(network, sha256, SIZE, self._folder)


def machine_key(device: torch.device) -> str:
    """Return the hash of processor, threads, device and runtimes."""
    card = torch.cuda.get_device_name(device) if device.type == "cuda" else ""
    return cache.digest(
        processor_name(),
        torch.get_num_threads(),
        str(device),
        card,
        torch.__version__,
        installed_version(openvino_scorer.PACKAGE),
        installed_version(onnx_scorer.PACKAGE),
        cache.RECIPE,
    )


@lru_cache(maxsize=1)
def processor_name() -> str:
    """Return the name of the processor with what it can do, as the system tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").split("\n\n")[0].splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return "\n".join(line for line in lines if line.startswith(("model", "flags", "Features")))


def _all_scores(
    scorer: Scorer, slices: NDArray[np.float32], device: torch.device
) -> NDArray[np.float64]:
    parts = [
        scorer(to_device(slices[first : first + BATCH], device))
        for first in range(0, len(slices), BATCH)
    ]
    scores = np.concatenate(parts)
    if scores.shape != (len(slices),) or not np.isfinite(scores).all():
        raise BackendUnavailableError("its scores are no numbers")
    return scores


def _timed(scorer: Scorer, batch: torch.Tensor) -> float:
    started = time.perf_counter()
    scorer(batch)  # gives numbers on the CPU, so that a device is waited for
    return time.perf_counter() - started


def _row(
    name: str,
    scores: dict[str, NDArray[np.float64]],
    seconds: dict[str, list[float]],
    reasons: dict[str, str],
) -> BackendRow:
    if name not in scores:
        return BackendRow(name, reason=reasons[name])
    difference = np.abs(scores[name] - scores[REFERENCE])
    return BackendRow(
        name,
        round(1000.0 * float(np.median(seconds[name])) / BATCH, 3),
        float(difference.mean()),
        float(np.percentile(difference, 99)),
        float(difference.max()),
    )
