"""Train a video network: the flow first, on motion of known answer, then everything.

    python -m acutance_models.negvsr.train --config FILE [--resume]

FILE is TOML with the fields of `TrainingConfig`. The run writes ``checkpoint.pt``, from which
``--resume`` goes on, ``weights.safetensors``, the averaged weights in float16, and
``validation.jsonl``, how it stands on what is held out. A finished run goes on when it is resumed
with a longer schedule.
"""

from __future__ import annotations

import argparse
import copy
import json
import logging
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from safetensors.torch import load_file
from torch import nn

from acutance_models.loading import fill_network
from acutance_models.negvsr.negatives import collect_noise
from acutance_models.negvsr.network import build_vsr
from acutance_models.negvsr.schedule import TrainingConfig, read_config
from acutance_models.negvsr.tasks import FlowTask, Task, VideoTask, trainable
from acutance_models.negvsr.training_data import (
    ClipSource,
    LeavesSource,
    MixedSource,
    Source,
    StillSource,
    read_clips,
    read_stills,
)
from acutance_models.training import (
    export_weights,
    follow,
    learning_rate,
    load_checkpoint,
    restore_optimizer,
    save_checkpoint,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

    from acutance_models.negvsr.network import VideoNetwork

log = logging.getLogger(__name__)

CHECKPOINT = "checkpoint.pt"
WEIGHTS = "weights.safetensors"
VALIDATION = "validation.jsonl"
GRADIENT_NORM = 0.5
BETAS = (0.9, 0.99)
_LOG_EVERY = 50


class Trainer:
    """A run that can be stopped and taken up again.

    Parameters
    ----------
    config : TrainingConfig
    task : Task

    Raises
    ------
    WeightsError
        If the weights to begin from do not fit.
    """

    def __init__(self, config: TrainingConfig, task: Task) -> None:
        self.config = config
        self.task = task
        torch.manual_seed(config.seed)
        self.network: VideoNetwork = build_vsr(config.layout)
        if config.init:
            fill_network(self.network, load_file(config.init), source=config.init)
        self.network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.averaged = copy.deepcopy(self.network).requires_grad_(False)
        self.optimizer = torch.optim.Adam(
            task.parameter_groups(self.network),
            lr=config.learning_rate,
            betas=BETAS,
            fused=True,
        )
        self.step = 0
        self.elapsed = 0.0
        self.uses_bfloat16 = False

    @property
    def progress(self) -> float:
        """Share of the schedule that is done, in [0, 1]."""
        if self.config.steps:
            return min(1.0, self.step / self.config.steps)
        return min(1.0, self.elapsed / (60.0 * self.config.minutes))

    def loss(self, network: VideoNetwork) -> Tensor:
        """Return the loss of the step that is due."""
        with torch.autocast("cpu", torch.bfloat16, enabled=self.uses_bfloat16):
            return self.task.loss(network, self.step, self.progress)

    def choose_precision(self) -> None:
        """Time one step in float32 and in bfloat16, and keep the faster."""
        seconds = {}
        trial = copy.deepcopy(self.network)
        self.task.loss(trial, self.step, self.progress)  # so that data are drawn before
        for self.uses_bfloat16 in (False, True):
            for _ in range(2):  # the first pass includes one-time set-up
                start = time.process_time()
                self.loss(trial).backward()  # type: ignore[no-untyped-call]
                seconds[self.uses_bfloat16] = time.process_time() - start
        self.uses_bfloat16 = seconds[True] < seconds[False]
        log.info("one pass: float32 %.2f s, bfloat16 %.2f s", seconds[False], seconds[True])

    def take_step(self) -> float:
        """Update the weights and their average; return the loss."""
        rate = learning_rate(self.config.learning_rate, self.config.warmup, self.progress)
        for group in self.optimizer.param_groups:
            group["lr"] = rate * group["factor"]
        self.network.train()
        loss = self.loss(self.network)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(trainable(self.network), GRADIENT_NORM)
        self.optimizer.step()
        self.step += 1
        follow(self.averaged, self.network, self.step, self.config.ema_decay)
        return float(loss.detach())

    def save(self, path: Path) -> None:
        """Write the state of the run; the old file stays until the new one is complete."""
        state = {
            "config": asdict(self.config),
            "network": self.network.state_dict(),
            "averaged": self.averaged.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "step": self.step,
            "elapsed": self.elapsed,
            "uses_bfloat16": self.uses_bfloat16,
        }
        save_checkpoint(state, path)

    def restore(self, path: Path) -> None:
        """Take up a run where `save` left it."""
        state = load_checkpoint(path)
        self.network.load_state_dict(state["network"])
        self.averaged.load_state_dict(state["averaged"])
        restore_optimizer(self.optimizer, state["optimizer"])
        self.step, self.elapsed = state["step"], state["elapsed"]
        self.uses_bfloat16 = state["uses_bfloat16"]


def train(
    config: TrainingConfig, task: Task, *, resume: bool = False, stop_after: int | None = None
) -> Trainer:
    """Run a schedule to its end.

    Parameters
    ----------
    config : TrainingConfig
    task : Task
    resume : bool
        Go on from the checkpoint in ``config.out`` where there is one.
    stop_after : int, optional
        Stop at this step, as if interrupted.

    Returns
    -------
    Trainer
        After the last step; its files are written.
    """
    out = Path(config.out)
    out.mkdir(parents=True, exist_ok=True)
    trainer = Trainer(config, task)
    if resume and (out / CHECKPOINT).exists():
        trainer.restore(out / CHECKPOINT)
        log.info("resumed at step %d", trainer.step)
    elif not config.steps:
        trainer.choose_precision()
    begun = saved = validated = time.perf_counter()
    elapsed_before, smooth = trainer.elapsed, float("nan")
    while trainer.progress < 1.0 and (stop_after is None or trainer.step < stop_after):
        loss = trainer.take_step()
        now = time.perf_counter()
        trainer.elapsed = elapsed_before + now - begun
        smooth = loss if np.isnan(smooth) else 0.98 * smooth + 0.02 * loss
        if trainer.step % _LOG_EVERY == 0:
            log.info(
                "step %d, %.1f %%, %.2f s a step, smoothed loss %.5f",
                trainer.step,
                100.0 * trainer.progress,
                trainer.elapsed / trainer.step,
                smooth,
            )
        if now - saved > config.checkpoint_seconds:
            trainer.save(out / CHECKPOINT)
            export_weights(trainer.averaged, out / WEIGHTS)
            saved = now
        if config.validation_seconds and now - validated > config.validation_seconds:
            report(trainer, out / VALIDATION)
            validated = time.perf_counter()
    trainer.save(out / CHECKPOINT)
    export_weights(trainer.averaged, out / WEIGHTS)
    if config.validation_seconds:
        report(trainer, out / VALIDATION)
    return trainer


def report(trainer: Trainer, path: Path) -> None:
    """Append a line of JSON on how the averaged weights stand."""
    measured = trainer.task.validate(trainer.averaged.eval())
    log.info("held out: %s", ", ".join(f"{name} {value:.3f}" for name, value in measured.items()))
    line = {"step": trainer.step, "minutes": trainer.elapsed / 60.0, **measured}
    with path.open("a", encoding="utf-8") as stream:
        stream.write(json.dumps(line) + "\n")


def read_task(config: TrainingConfig) -> Task:
    """Read the data of a run.

    Raises
    ------
    ValueError
        If there are no clips, or negatives are wanted and the clips hold no noise.
    """
    folder = Path(config.data)
    if not config.clips:
        raise ValueError("Expected the names of clips to train on; there are none.")
    clips = list(read_clips(folder, config.clips, is_halved=True).values())
    held = list(read_clips(folder, config.held_out, is_halved=True).values())
    sources: list[Source] = [ClipSource(clips), LeavesSource()]
    shares = [config.shares[0], config.shares[2]]
    if config.stills:
        sources.append(StillSource(read_stills(Path(config.stills))))
        shares.append(config.shares[1])
    source = MixedSource(sources, shares)
    if config.task == "flow":
        return FlowTask(config, source, ClipSource(held) if held else None)
    noise = collect_noise(
        clip
        for name in config.clips
        for clip in read_clips(folder, [name], is_halved=False).values()
    )
    log.info("%d clips, %d held out, %d sequences of noise", len(clips), len(held), len(noise))
    return VideoTask(config, source, held, noise)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return its exit code."""
    parser = argparse.ArgumentParser(description="Train a video network.")
    parser.add_argument(
        "--config", type=Path, required=True, help="TOML file with fields of TrainingConfig"
    )
    parser.add_argument("--resume", action="store_true", help="go on from the checkpoint")
    options = parser.parse_args(arguments)
    config = read_config(options.config)
    if not config.data or not config.out:
        parser.error("the file must say data and out")
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", stream=sys.stdout)
    if config.threads:
        torch.set_num_threads(config.threads)
    train(config, read_task(config), resume=options.resume)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
