"""Train a video network: the flow first, on motion of known answer, then everything.

    python -m acutance_models.negvsr.train --config FILE [--resume]

FILE is TOML with the fields of `TrainingConfig`. The run writes ``checkpoint.pt``, from which
``--resume`` goes on, ``weights.safetensors``, the averaged weights in float16, and
``validation.jsonl``, how it stands on what is held out. A finished run goes on when it is resumed
with a longer schedule.
"""

from __future__ import annotations

import argparse
import logging
import sys
from pathlib import Path
from typing import TYPE_CHECKING

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
from acutance_models.training_run import TrainingRun, begin, go_through

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

    from acutance_models.negvsr.network import VideoNetwork

log = logging.getLogger(__name__)

GRADIENT_NORM = 0.5
BETAS = (0.9, 0.99)


class Trainer(TrainingRun[TrainingConfig, "VideoNetwork"]):
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
        self.task = task
        torch.manual_seed(config.seed)
        network: VideoNetwork = build_vsr(config.layout)
        if config.init:
            fill_network(network, load_file(config.init), source=config.init)
        super().__init__(config, network)
        self.optimizers = [
            torch.optim.Adam(
                task.parameter_groups(self.network),
                lr=config.learning_rate,
                betas=BETAS,
                fused=True,
            )
        ]

    def trial_loss(self, network: VideoNetwork, uses_bfloat16: bool) -> Tensor:
        """Return the loss of the step that is due."""
        with torch.autocast("cpu", torch.bfloat16, enabled=uses_bfloat16):
            return self.task.loss(network, self.step, self.progress)

    def take_step(self) -> float:
        """Update the weights and their average; return the loss."""
        (optimizer,) = self.optimizers
        for group in optimizer.param_groups:
            group["lr"] = self.rate * group["factor"]
        self.network.train()
        loss = self.trial_loss(self.network, self.uses_bfloat16)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(trainable(self.network), GRADIENT_NORM)
        optimizer.step()
        self.finish_step()
        return float(loss.detach())


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
    trainer = Trainer(config, task)
    out = begin(trainer, resume=resume)

    def measure(network: VideoNetwork) -> dict[str, float]:
        return task.validate(network.eval())

    is_measured = config.validation_seconds > 0
    go_through(trainer, out, validate=measure if is_measured else None, stop_after=stop_after)
    return trainer


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
