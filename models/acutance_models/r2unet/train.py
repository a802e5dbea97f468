"""Train a segmentation network on painted brains, or on microscopy.

    python -m acutance_models.r2unet.train --task brain --data DIR --out DIR [--resume]

or ``--config FILE``, a TOML file with the fields of `TrainingConfig`. The run writes
``checkpoint.pt``, from which ``--resume`` goes on, ``weights.safetensors``, the averaged weights
in float16, and ``validation.jsonl``, how it stands on what is held out. A finished run goes on
when it is resumed with a longer schedule.
"""

from __future__ import annotations

import argparse
import copy
import logging
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import nn

from acutance_models.r2unet.losses import confusion, dice_of_classes, segmentation_loss
from acutance_models.r2unet.network import build
from acutance_models.r2unet.schedule import TASKS, TrainingConfig, read_config
from acutance_models.r2unet.training_data import (
    Batch,
    BrainSource,
    NucleiSource,
    Source,
    draw_batch,
    read_brain_maps,
    read_nuclei,
)
from acutance_models.training import load_start
from acutance_models.training_run import TrainingRun, begin, go_through

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

    from acutance_models.r2unet.network import SegmentationNetwork

log = logging.getLogger(__name__)

POOL = 40  # batches that are kept to be used again
RECALIBRATION_BATCHES = 24
VALIDATION_BATCHES = 6


class Trainer(TrainingRun[TrainingConfig, "SegmentationNetwork"]):
    """A run that can be stopped and taken up again.

    Parameters
    ----------
    config : TrainingConfig
    source : Source

    Raises
    ------
    ValueError
        If the network has other channels or classes than the source.
    """

    def __init__(self, config: TrainingConfig, source: Source) -> None:
        self.source = source
        torch.manual_seed(config.seed)
        network = build(config.architecture)
        made = network.architecture
        if (made.in_channels, made.classes) != (source.channels, len(source.classes)):
            raise ValueError(
                f"Expected a network of {source.channels} channels and {len(source.classes)} "
                f"classes; got {made}."
            )
        if config.init:
            load_start(network, config.init)
        super().__init__(config, network)
        self.optimizers = [
            torch.optim.AdamW(
                self.network.parameters(),
                lr=config.learning_rate,
                weight_decay=config.weight_decay,
                fused=True,
            )
        ]
        self.is_frozen = False  # whether the statistics of the normalisations are
        self.pool: list[Batch] = []

    @property
    def stage(self) -> tuple[int, int]:
        """Pixels along each side, and images in a batch, of the stage that is due."""
        return [stage[1:] for stage in self.config.stages if stage[0] <= self.progress][-1]

    def trial_loss(self, network: SegmentationNetwork, uses_bfloat16: bool) -> Tensor:
        """Return the loss on the batch of this step, which is not kept."""
        kept, self.pool = self.pool, []
        loss = _loss(network, self.next_batch(), uses_bfloat16)
        self.pool = kept
        return loss

    def next_batch(self) -> Batch:
        """Draw the batch of this step, or turn an older one where batches are reused.

        What is drawn depends on seed, step and the batches that are kept, so that a schedule in
        steps is reproducible when it is run in one piece.
        """
        rng = np.random.default_rng([self.config.seed, self.step])
        side, count = self.stage
        if self.pool and self.pool[0].labels.shape[-1] != side:
            self.pool.clear()
        if self.pool and self.step % self.config.reuse:
            return turn(self.pool[rng.integers(len(self.pool))], rng)
        batch = draw_batch(self.source, count, side, rng)
        self.pool = [*self.pool[-POOL + 1 :], batch]
        return batch

    def take_step(self) -> float:
        """Update the weights and their average; return the loss."""
        (optimizer,) = self.optimizers
        for group in optimizer.param_groups:
            group["lr"] = self.rate
        if not self.is_frozen and self.progress >= self.config.freeze_from:
            self.freeze()
        batch = self.next_batch()
        self.network.train(not self.is_frozen)  # dropout there is none: only statistics differ
        loss = _loss(self.network, batch, self.uses_bfloat16)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self.network.parameters(), 5.0)
        optimizer.step()
        self.finish_step()
        return float(loss.detach())

    def freeze(self) -> None:
        """Fix the statistics of the normalisations, and train on with what inference will use.

        Slices differ so much that those of a small batch tell the network what it looks at.
        Weights that rely on that are worth little with the statistics of all slices.
        """
        recalibrate(self.network, self.sample_images())
        self.averaged.load_state_dict(self.network.state_dict())
        self.is_frozen = True

    def sample_images(self) -> list[Tensor]:
        """Draw fresh images for `recalibrate`."""
        rng = np.random.default_rng([self.config.seed, 2**32])
        side, count = self.stage
        return [
            draw_batch(self.source, count, side, rng).images for _ in range(RECALIBRATION_BATCHES)
        ]

    def finished(self) -> SegmentationNetwork:
        """Return the averaged weights, their statistics those of many slices."""
        finished = copy.deepcopy(self.averaged)
        if not self.is_frozen:
            recalibrate(finished, self.sample_images())
        return finished

    def state(self) -> dict[str, Any]:
        """Add whether the statistics are fixed."""
        return super().state() | {"is_frozen": self.is_frozen}

    def take_up(self, state: dict[str, Any]) -> None:
        """Go on from what `state` returned."""
        super().take_up(state)
        self.is_frozen = state["is_frozen"]


def turn(batch: Batch, rng: np.random.Generator) -> Batch:
    """Turn and flip the slices of a batch and their labels, all alike."""
    quarter_turns, is_flipped = int(rng.integers(4)), bool(rng.random() < 0.5)
    images = torch.rot90(batch.images, quarter_turns, (-2, -1))
    labels = torch.rot90(batch.labels, quarter_turns, (-2, -1))
    if is_flipped:
        images, labels = images.flip(-1), labels.flip(-1)
    return Batch(images, labels)


def recalibrate(network: nn.Module, images: Sequence[Tensor]) -> None:
    """Set the statistics of every batch normalisation to their mean over many images.

    Averaged weights never saw the statistics they hold, and those of shared normalisations lag.

    Parameters
    ----------
    network : nn.Module
        Left in evaluation mode; weights stay as they are.
    images : sequence of Tensor, shape (N, C, H, W)
        Unlabelled, at least one.
    """
    norms = [module for module in network.modules() if isinstance(module, nn.BatchNorm2d)]
    momenta = [norm.momentum for norm in norms]
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None  # a cumulative average
    network.train()
    with torch.no_grad():
        for batch in images:
            network(batch)
    for norm, momentum in zip(norms, momenta, strict=True):
        norm.momentum = momentum
    network.eval()


def validate(network: SegmentationNetwork, batches: Sequence[Batch]) -> list[float]:
    """Return the Dice coefficient of every class over all slices.

    Parameters
    ----------
    network : SegmentationNetwork
    batches : sequence of Batch

    Returns
    -------
    list of float, in [0, 1]
    """
    network.eval()
    classes = network.architecture.classes
    counts = torch.zeros(classes, classes, dtype=torch.int64)
    with torch.inference_mode():
        for batch in batches:
            counts += confusion(network(batch.images), batch.labels)
    return dice_of_classes(counts)


def train(
    config: TrainingConfig,
    source: Source,
    *,
    held: Source | None = None,
    resume: bool = False,
    stop_after: int | None = None,
) -> Trainer:
    """Run a schedule to its end.

    Parameters
    ----------
    config : TrainingConfig
    source : Source
    held : Source, optional
        Never trained on; the averaged weights are validated on it now and then.
    resume : bool
        Go on from the checkpoint in ``config.out`` where there is one.
    stop_after : int, optional
        Stop at this step, as if interrupted.

    Returns
    -------
    Trainer
        After the last step; its files are written.
    """
    trainer = Trainer(config, source)
    out = begin(trainer, resume=resume)
    batches = validation_batches(held) if held and config.validation_seconds else []

    def measure(network: SegmentationNetwork) -> dict[str, Any]:
        dice = validate(network, batches)
        return {"dice": dict(zip(source.classes, dice, strict=True))}

    go_through(trainer, out, validate=measure if batches else None, stop_after=stop_after)
    return trainer


def validation_batches(held: Source) -> list[Batch]:
    """Draw the same slices every time it is called."""
    rng = np.random.default_rng(1)
    return [draw_batch(held, 4, 192, rng) for _ in range(VALIDATION_BATCHES)]


def read_sources(config: TrainingConfig) -> tuple[Source, Source | None]:
    """Read the data of a task; return what to train on, and what is held out."""
    if config.task == "nuclei":
        pictures, held_pictures = read_nuclei(Path(config.data))
        return NucleiSource(pictures), NucleiSource(held_pictures) if held_pictures else None
    labelled = Path(config.labelled) if config.labelled else None
    maps, held_maps = read_brain_maps(Path(config.data), labelled, held_out=config.held_out)
    log.info("%d label maps to train on, %d held out", len(maps), len(held_maps))
    return BrainSource(maps), BrainSource(held_maps) if held_maps else None


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return its exit code."""
    parser = argparse.ArgumentParser(description="Train a segmentation network.")
    parser.add_argument("--config", type=Path, help="TOML file with fields of TrainingConfig")
    parser.add_argument("--task", choices=TASKS)
    parser.add_argument("--data", help="folder of label maps, or of images/ and masks/")
    parser.add_argument("--labelled", help="folder of labelled scans")
    parser.add_argument("--out", help="folder for checkpoints and weights")
    parser.add_argument("--architecture", help="e.g. r2unet-w16-i1-o5-t2-stepwise")
    parser.add_argument("--minutes", type=float, help="length of the schedule")
    parser.add_argument("--steps", type=int, help="length of the schedule in steps instead")
    parser.add_argument("--learning-rate", type=float, help="peak learning rate")
    parser.add_argument("--init", help="weights to begin from")
    parser.add_argument("--seed", type=int)
    parser.add_argument("--resume", action="store_true", help="go on from the checkpoint")
    options = vars(parser.parse_args(arguments))
    config = read_config(options.pop("config")) if options["config"] else TrainingConfig()
    options.pop("config", None)
    resume = bool(options.pop("resume"))
    given: dict[str, Any] = {name: value for name, value in options.items() if value is not None}
    config = replace(config, **given)
    if not config.data or not config.out:
        parser.error("--data and --out, or --config with both, are needed")
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", stream=sys.stdout)
    if config.threads:
        torch.set_num_threads(config.threads)
    source, held = read_sources(config)
    train(config, source, held=held, resume=resume)
    return 0


def _loss(network: SegmentationNetwork, batch: Batch, uses_bfloat16: bool) -> Tensor:
    images = batch.images.contiguous(memory_format=torch.channels_last)
    with torch.autocast("cpu", torch.bfloat16, enabled=uses_bfloat16):
        logits = network(images)
    return segmentation_loss(logits, batch.labels)


if __name__ == "__main__":
    raise SystemExit(main())
