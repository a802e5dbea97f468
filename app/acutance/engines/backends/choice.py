"""Which backend computes: what was asked for, what a trial chose, or the reference.

Nothing here is an error of the user's: where a backend cannot be had, the reference computes, and a
note in the provenance says why.
"""

from __future__ import annotations

import platform
import time
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import torch

from acutance.core.backends import (
    AUTO,
    REFERENCE,
    BackendRow,
    BackendTrial,
    runtime_of,
)
from acutance.engines.backends import cache, onnx_network, openvino_network
from acutance.engines.backends.base import (
    ActiveBackend,
    BackendUnavailableError,
    OptionalCompute,
    installed_version,
)
from acutance.engines.backends.tasks import SCORES
from acutance.engines.backends.torch_network import TorchNetwork, load_bfloat16
from acutance.engines.device import to_device

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from acutance.core.backends import TrialRequest
    from acutance.core.quality import ModelFacts
    from acutance.engines.backends.base import Agreement, Compute, Run, Task

#: Passes that are timed.
TIMED_PASSES = 5


class Model(Protocol):
    """A network with the hash of its weights."""

    @property
    def network(self) -> torch.nn.Module:
        """In evaluation mode, float32, on the device, channels last."""

    @property
    def facts(self) -> ModelFacts:
        """Which weights they are."""


class Backends:
    """The backends of one network on one device, each made when it is first used.

    Parameters
    ----------
    model : Model
    device : torch.device
    folder : Path, optional
        In place of the user's cache folder.
    task : Task
        What the network is for.
    """

    def __init__(
        self,
        model: Model,
        device: torch.device,
        folder: Path | None = None,
        task: Task = SCORES,
    ) -> None:
        self.model = model
        self._device = device
        self._folder = folder
        self._task = task
        reference = TorchNetwork((model.network, torch.float32))
        self._ready: dict[str, Compute] = {REFERENCE: lambda batch: task.answer(reference(batch))}
        self._failed: dict[str, str] = {}
        self._trials: dict[str, BackendTrial] = {}

    @property
    def reference(self) -> ActiveBackend:
        """Torch in float32."""
        return ActiveBackend(REFERENCE, self._ready[REFERENCE])

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
        """Return what computes when `asked` is wanted.

        "auto" is what a trial chose, the reference where there was none. A backend that is named
        is measured first where no trial tells how far its answers are off.

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
            compute = self._compute(name)
            row = None if trial is None else trial.row(name)
            if row is None or row.largest is None:
                row = self._measured((name,), on_step).row(name)
            if row is None or row.largest is None:
                raise BackendUnavailableError("it could not be measured")
        except BackendUnavailableError as error:
            return self.fall_back(name, str(error))
        note = "" if row.is_allowed else "its answers are not within the tolerance"
        return ActiveBackend(name, compute, row.band, note)

    def fall_back(self, name: str, why: str) -> ActiveBackend:
        """Return the reference in place of a backend that failed, and use that one no more."""
        self._failed[name] = why
        self._ready.pop(name, None)
        return ActiveBackend(
            REFERENCE, self._ready[REFERENCE], note=f"{name} could not be used: {why}"
        )

    def trial(self, request: TrialRequest, on_step: Callable[[float], None]) -> BackendTrial:
        """Return a trial as it is asked for: measured, kept, or of nothing."""
        kept = None if request.repeats else self.kept()
        if kept is None and request.measures:
            return self.try_all(on_step)
        threads = torch.get_num_threads()
        return kept or BackendTrial((), self.model.facts.sha256, self.machine, 0, threads)

    def try_all(self, on_step: Callable[[float], None]) -> BackendTrial:
        """Time all backends, hold them against the reference, and keep what was found."""
        self._failed.clear()
        trial = self._measured(self._task.backends, on_step)
        self._trials[trial.machine] = trial
        cache.keep_trial(trial, self._folder)
        return trial

    def _measured(self, names: Sequence[str], on_step: Callable[[float], None]) -> BackendTrial:
        task = self._task
        wanted = [REFERENCE, *(name for name in names if name != REFERENCE)]
        slices = task.slices()
        on_step(0.1)
        agreements: dict[str, Agreement] = {}
        reasons: dict[str, str] = {}
        reference: list[Any] = []
        for number, name in enumerate(wanted):
            try:
                answers = self._answers(name, slices)
                reference = reference or answers
                agreements[name] = task.agreement(reference, answers)
            except BackendUnavailableError as error:
                reasons[name] = str(error)
            on_step(0.1 + 0.6 * (number + 1) / len(wanted))
        seconds: dict[str, list[float]] = {name: [] for name in agreements}
        batch = to_device(slices[: task.batch], self._device)
        for turn in range(TIMED_PASSES):
            for name in seconds:  # in turn, so that what else the machine does slows all alike
                seconds[name].append(self._timed(self._compute(name), batch))
            on_step(0.7 + 0.3 * (turn + 1) / TIMED_PASSES)
        rows = tuple(
            self._row(name, seconds[name], agreements[name])
            if name in agreements
            else BackendRow(name, reason=reasons[name])
            for name in task.backends
            if name in wanted
        )
        return BackendTrial(
            rows, self.model.facts.sha256, self.machine, len(slices), torch.get_num_threads()
        )

    def _answers(self, name: str, slices: NDArray[np.float32]) -> list[Any]:
        compute, step = self._compute(name), self._task.batch
        return [
            compute(to_device(slices[first : first + step], self._device))
            for first in range(0, len(slices), step)
        ]

    def _timed(self, compute: Compute, batch: torch.Tensor) -> float:
        started = time.perf_counter()
        compute(batch)
        if self._device.type == "cuda":
            torch.cuda.synchronize(self._device)
        return time.perf_counter() - started

    def _row(self, name: str, seconds: list[float], agreement: Agreement) -> BackendRow:
        differences = agreement.differences
        return BackendRow(
            name,
            round(1000.0 * float(np.median(seconds)) / self._task.batch, 3),
            float(differences.mean(dtype=np.float64)),
            float(np.percentile(differences, 99)),
            float(differences.max()),
            dice=agreement.dice,
        )

    def _compute(self, name: str) -> Compute:
        if name in self._failed:
            raise BackendUnavailableError(self._failed[name])
        if name not in self._ready:
            self._ready[name] = OptionalCompute(lambda: self._load(name), self._task.answer)
        return self._ready[name]

    def _load(self, name: str) -> Run:
        network, sha256, task = self.model.network, self.model.facts.sha256, self._task
        if name not in task.backends:
            raise BackendUnavailableError("it is not offered for this task")
        runtime = runtime_of(name)
        if runtime == "torch":
            return load_bfloat16(task.parts(network), self._device)
        if self._device.type != "cpu":
            raise BackendUnavailableError("it computes on the CPU only")
        if runtime == "openvino":
            return openvino_network.load(network, sha256, name, task, self._folder)
        return onnx_network.load(network, sha256, task, self._folder)


def machine_key(device: torch.device) -> str:
    """Return the hash of processor, threads, device and runtimes."""
    card = torch.cuda.get_device_name(device) if device.type == "cuda" else ""
    return cache.digest(
        processor_name(),
        torch.get_num_threads(),
        str(device),
        card,
        torch.__version__,
        installed_version(openvino_network.PACKAGE),
        installed_version(onnx_network.PACKAGE),
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
