"""A training run: a schedule that can be stopped and taken up again, whatever is learnt."""

from __future__ import annotations

import copy
import json
import logging
import math
import time
from abc import ABC, abstractmethod
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar, cast

import torch

from acutance_models.training import (
    export_weights,
    follow,
    learning_rate,
    load_checkpoint,
    restore_optimizer,
    save_checkpoint,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from torch import Tensor

log = logging.getLogger(__name__)

CHECKPOINT = "checkpoint.pt"
WEIGHTS = "weights.safetensors"
VALIDATION = "validation.jsonl"
LOG_EVERY = 20  # steps
SMOOTHING = 0.97  # of the loss that is logged


class Schedule(Protocol):
    """What a run asks of its configuration, a frozen dataclass."""

    @property
    def out(self) -> str:
        """Folder for checkpoints and weights."""

    @property
    def minutes(self) -> float:
        """Length in wall time, where `steps` is 0."""

    @property
    def steps(self) -> int:
        """Length in steps; such a run is reproducible."""

    @property
    def learning_rate(self) -> float:
        """Peak."""

    @property
    def warmup(self) -> float:
        """Share of the schedule."""

    @property
    def ema_decay(self) -> float:
        """Of the averaged weights."""

    @property
    def checkpoint_seconds(self) -> float:
        """Time between two checkpoints."""

    @property
    def validation_seconds(self) -> float:
        """Time between two validations on the way."""


ScheduleT = TypeVar("ScheduleT", bound=Schedule)
NetworkT = TypeVar("NetworkT", bound=torch.nn.Module)


class TrainingRun(ABC, Generic[ScheduleT, NetworkT]):
    """A network, its averaged weights and its optimizers on their way through a schedule.

    Subclasses say what a step is. The averaged weights are those that are validated and exported.

    Parameters
    ----------
    config : Schedule
    network : Module
        Is laid out channels last, which is what the convolutions of CPUs prefer.
    """

    def __init__(self, config: ScheduleT, network: NetworkT) -> None:
        self.config = config
        self.network = network
        self.network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.averaged: NetworkT = copy.deepcopy(self.network).requires_grad_(False)
        self.optimizers: list[torch.optim.Optimizer] = []
        self.step = 0
        self.elapsed = 0.0
        self.uses_bfloat16 = False
        #: Of processes that train together one alone writes and validates.
        self.is_writer = True

    @property
    def progress(self) -> float:
        """Share of the schedule that is done, in [0, 1]."""
        if self.config.steps:
            return min(1.0, self.step / self.config.steps)
        return min(1.0, self.elapsed / (60.0 * self.config.minutes))

    @property
    def rate(self) -> float:
        """Learning rate that is due."""
        return learning_rate(self.config.learning_rate, self.config.warmup, self.progress)

    @abstractmethod
    def take_step(self) -> float:
        """Update the weights and their average; return the loss."""

    @abstractmethod
    def trial_loss(self, network: NetworkT, uses_bfloat16: bool) -> Tensor:
        """Return the loss of a network on one and the same batch, for `choose_precision`."""

    def choose_precision(self) -> None:
        """Time one pass in float32 and in bfloat16, and keep the faster."""
        seconds = {}
        trial = copy.deepcopy(self.network)
        self.trial_loss(trial, False)  # so that data are drawn before
        for uses_bfloat16 in (False, True):
            for _ in range(2):  # the first pass includes one-time set-up
                start = time.process_time()
                self.trial_loss(trial, uses_bfloat16).backward()  # type: ignore[no-untyped-call]
                seconds[uses_bfloat16] = time.process_time() - start
        self.uses_bfloat16 = seconds[True] < seconds[False]
        log.info("one pass: float32 %.2f s, bfloat16 %.2f s", seconds[False], seconds[True])

    def finish_step(self) -> None:
        """Count a step, and let the average follow."""
        self.step += 1
        follow(self.averaged, self.network, self.step, self.config.ema_decay)

    def keep_time(self, seconds: float) -> None:
        """Take note of the time that the run has taken in all."""
        self.elapsed = seconds

    def describe(self, smoothed: float) -> str:
        """Return what is logged of the smoothed loss."""
        return f"smoothed loss {smoothed:.5f}"

    def finished(self) -> NetworkT:
        """Return the network that is exported at the end."""
        return self.averaged

    def state(self) -> dict[str, Any]:
        """Return tensors and plain values from which `take_up` goes on."""
        return {
            "config": asdict(cast("Any", self.config)),
            "network": self.network.state_dict(),
            "averaged": self.averaged.state_dict(),
            "optimizers": [optimizer.state_dict() for optimizer in self.optimizers],
            "step": self.step,
            "elapsed": self.elapsed,
            "uses_bfloat16": self.uses_bfloat16,
        }

    def take_up(self, state: dict[str, Any]) -> None:
        """Go on from what `state` returned."""
        self.network.load_state_dict(state["network"])
        self.averaged.load_state_dict(state["averaged"])
        for optimizer, saved in zip(self.optimizers, state["optimizers"], strict=True):
            restore_optimizer(optimizer, saved)
        self.step, self.elapsed = state["step"], state["elapsed"]
        self.uses_bfloat16 = state["uses_bfloat16"]

    def save(self, path: Path) -> None:
        """Write the state of the run; the old file stays until the new one is complete."""
        save_checkpoint(self.state(), path)

    def restore(self, path: Path) -> None:
        """Take up a run where `save` left it."""
        self.take_up(load_checkpoint(path))


def begin(run: TrainingRun[Any, Any], *, resume: bool) -> Path:
    """Make the folder of a run and take up what lies there, or choose the precision.

    Parameters
    ----------
    run : TrainingRun
    resume : bool
        Go on from the checkpoint where there is one.

    Returns
    -------
    Path
        The folder.
    """
    out = Path(run.config.out)
    out.mkdir(parents=True, exist_ok=True)
    if resume and (out / CHECKPOINT).exists():
        run.restore(out / CHECKPOINT)
        log.info("resumed at step %d", run.step)
    elif not run.config.steps:
        run.choose_precision()
    return out


def go_through(
    run: TrainingRun[Any, NetworkT],
    out: Path,
    *,
    validate: Callable[[NetworkT], Mapping[str, Any]] | None = None,
    stop_after: int | None = None,
) -> None:
    """Take the steps of a schedule to its end.

    Parameters
    ----------
    run : TrainingRun
    out : Path
        Where checkpoint, weights and validation are written, now and then and at the end.
    validate : callable, optional
        Measures a network on what is held out; JSON-ready values.
    stop_after : int, optional
        Stop at this step, as if interrupted.
    """
    config = run.config
    begun = saved = validated = time.perf_counter()
    before, smoothed = run.elapsed, math.nan
    while run.progress < 1.0 and (stop_after is None or run.step < stop_after):
        loss = run.take_step()
        now = time.perf_counter()
        run.keep_time(before + now - begun)
        if not run.is_writer:
            continue
        smoothed = loss if math.isnan(smoothed) else SMOOTHING * smoothed + (1 - SMOOTHING) * loss
        if run.step % LOG_EVERY == 0:
            pace = run.elapsed / run.step
            done = 100.0 * run.progress
            told = run.describe(smoothed)
            log.info("step %d, %.1f %%, %.2f s a step, %s", run.step, done, pace, told)
        if now - saved > config.checkpoint_seconds:
            run.save(out / CHECKPOINT)
            export_weights(run.averaged, out / WEIGHTS)
            saved = now
        if validate is not None and 0.0 < config.validation_seconds < now - validated:
            _note(run, validate(run.averaged), out)
            validated = time.perf_counter()
    if not run.is_writer:
        return
    run.save(out / CHECKPOINT)
    finished = run.finished()
    export_weights(finished, out / WEIGHTS)
    if validate is not None:
        _note(run, validate(finished), out)


def _note(run: TrainingRun[Any, Any], figures: Mapping[str, Any], out: Path) -> None:
    """Append a line of JSON on how the weights stand."""
    log.info("held out: %s", json.dumps(figures))
    at = {"step": run.step, "minutes": run.elapsed / 60.0, "progress": round(run.progress, 4)}
    with (out / VALIDATION).open("a", encoding="utf-8") as stream:
        stream.write(json.dumps(at | dict(figures)) + "\n")
