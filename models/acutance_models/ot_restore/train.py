"""Train a restorer or an autoencoder.

    python -m acutance_models.ot_restore.train --config FILE [--resume]

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
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import nn

from acutance_models.importing import import_state_dict
from acutance_models.ot_restore.autoencoder import build_autoencoder
from acutance_models.ot_restore.losses import (
    PatchDiscriminator,
    discriminator_loss,
    multiscale_similarity,
    root_error,
)
from acutance_models.ot_restore.restorer import build_restorer
from acutance_models.ot_restore.schedule import TrainingConfig, read_config
from acutance_models.ot_restore.training_data import Batch, Source, draw_batch, read_sources
from acutance_models.training_run import TrainingRun, begin, go_through

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

log = logging.getLogger(__name__)

POOL = 40  # batches that are kept to be used again
VALIDATION_BATCHES, VALIDATION_CROPS, VALIDATION_SIDE = 6, 4, 128


class Trainer(TrainingRun[TrainingConfig, "nn.Module"]):
    """A run that can be stopped and taken up again.

    Parameters
    ----------
    config : TrainingConfig
    source : Source

    Raises
    ------
    ValueError
        If the network takes other channels than the task gives.
    """

    def __init__(self, config: TrainingConfig, source: Source) -> None:
        self.source = source
        torch.manual_seed(config.seed)
        build = build_autoencoder if config.task == "vae" else build_restorer
        network = build(config.layout)
        channels = 3 if config.task == "artifacts" else 1
        if network.channels != channels:
            raise ValueError(f"Expected a network of {channels} channels; got {config.layout}.")
        if config.init:
            from safetensors.torch import load_file

            network.load_state_dict(import_state_dict(load_file(config.init)).state_dict())
        super().__init__(config, network)
        self.discriminator = PatchDiscriminator(channels) if config.adversarial else None
        self.optimizers = [
            torch.optim.AdamW(
                module.parameters(),
                lr=config.learning_rate,
                weight_decay=config.weight_decay,
                betas=betas,
                fused=True,
            )
            for module, betas in ((self.network, (0.9, 0.99)), (self.discriminator, (0.5, 0.99)))
            if module is not None
        ]
        self.pool: list[Batch] = []

    @property
    def stage(self) -> tuple[int, int]:
        """Pixels along each side, and crops in a batch, of the stage that is due."""
        return [stage[1:] for stage in self.config.stages if stage[0] <= self.progress][-1]

    @property
    def is_adversarial(self) -> bool:
        """Whether the discriminator has its say by now."""
        return self.discriminator is not None and self.progress >= self.config.adversarial_from

    def trial_loss(self, network: nn.Module, uses_bfloat16: bool) -> Tensor:
        """Return the loss on the batch of this step, which is not kept."""
        kept, self.pool = self.pool, []
        loss, _ = self.objective(network, self.next_batch(), uses_bfloat16)
        self.pool = kept
        return loss

    def next_batch(self) -> Batch:
        """Draw the batch of this step, or turn an older one where batches are reused.

        What is drawn depends on seed, step and the batches that are kept, so that a schedule in
        steps is reproducible when it is run in one piece.
        """
        rng = np.random.default_rng([self.config.seed, self.step])
        side, count = self.stage
        if self.pool and tuple(self.pool[0].inputs.shape[::3]) != (count, side):
            self.pool.clear()
        if self.pool and self.step % self.config.reuse:
            return turn(self.pool[rng.integers(len(self.pool))], rng)
        batch = draw_batch(self.source, self.config, count, side, rng)
        self.pool = [*self.pool[-POOL + 1 :], batch]
        return batch

    def objective(
        self, network: nn.Module, batch: Batch, uses_bfloat16: bool
    ) -> tuple[Tensor, Tensor]:
        """Return the loss of a network, without what the discriminator says, and its output."""
        config = self.config
        inputs = batch.inputs.contiguous(memory_format=torch.channels_last)
        loss = torch.zeros(())
        with torch.autocast("cpu", torch.bfloat16, enabled=uses_bfloat16):
            if config.task == "vae":
                posterior = network.posterior(inputs)  # type: ignore[operator]
                posterior = type(posterior)(*(part.float() for part in posterior))
                loss = loss + config.divergence * posterior.divergence()
                output: Tensor = network.decode(posterior.sample())  # type: ignore[operator]
            else:
                output = network(inputs)
        output = output.float()
        loss = loss + root_error(output, batch.targets)
        if config.structure:
            similarity = multiscale_similarity(output, batch.targets)
            loss = loss + config.structure * (1.0 - similarity)
        return loss, output

    def take_step(self) -> float:
        """Update the weights and their average; return the loss without the discriminator's."""
        for optimizer in self.optimizers:
            for group in optimizer.param_groups:
                group["lr"] = self.rate
        batch = self.next_batch()
        if self.config.task == "vae":  # what is sampled depends on the step, not on the past
            torch.manual_seed(self.config.seed * 1_000_003 + self.step)
        loss, output = self.objective(self.network, batch, self.uses_bfloat16)
        total = loss
        if self.is_adversarial:
            total = total - self.config.adversarial * self.judge(output).mean()
        self.optimizers[0].zero_grad(set_to_none=True)
        total.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        self.optimizers[0].step()
        if self.is_adversarial:
            self.optimizers[1].zero_grad(set_to_none=True)
            verdicts = self.judge(batch.targets), self.judge(output.detach())
            discriminator_loss(*verdicts).backward()  # type: ignore[no-untyped-call]
            self.optimizers[1].step()
        self.finish_step()
        return float(loss.detach())

    def judge(self, pictures: Tensor) -> Tensor:
        """Return what the discriminator says of pictures, float32."""
        if self.discriminator is None:
            raise ValueError("Expected a run with an adversarial weight.")
        with torch.autocast("cpu", torch.bfloat16, enabled=self.uses_bfloat16):
            verdict: Tensor = self.discriminator(pictures)
        return verdict.float()

    def state(self) -> dict[str, Any]:
        """Add the discriminator."""
        judge = {} if self.discriminator is None else self.discriminator.state_dict()
        return super().state() | {"discriminator": judge}

    def take_up(self, state: dict[str, Any]) -> None:
        """Go on from what `state` returned."""
        super().take_up(state)
        if self.discriminator is not None:
            self.discriminator.load_state_dict(state["discriminator"])


def turn(batch: Batch, rng: np.random.Generator) -> Batch:
    """Turn and flip the crops of a batch, damaged and clean alike."""
    quarter_turns, is_flipped = int(rng.integers(4)), bool(rng.random() < 0.5)
    images = [torch.rot90(image, quarter_turns, (-2, -1)) for image in batch]
    return Batch(*(image.flip(-1) if is_flipped else image for image in images))


def validate(network: nn.Module, batches: Sequence[Batch]) -> dict[str, float]:
    """Return mean peak signal-to-noise ratios over all crops, dB, data range 1.

    Parameters
    ----------
    network : nn.Module
    batches : sequence of Batch

    Returns
    -------
    dict of str to float
        ``"input"``, infinite where nothing was damaged, and ``"output"``.
    """
    ratios: dict[str, list[Tensor]] = {"input": [], "output": []}
    network.eval()
    with torch.inference_mode():
        for batch in batches:
            for name, images in (("input", batch.inputs), ("output", network(batch.inputs))):
                squared = ((images - batch.targets) ** 2).mean((1, 2, 3))
                ratios[name].append(-10.0 * torch.log10(squared))
    return {name: float(torch.cat(values).mean()) for name, values in ratios.items()}


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
    is_validated = held is not None and not held.is_empty and config.validation_seconds > 0
    batches = validation_batches(held, config) if held is not None and is_validated else []

    def measure(network: nn.Module) -> dict[str, float]:
        figures = validate(network, batches)
        return {name: round(value, 4) for name, value in figures.items() if np.isfinite(value)}

    go_through(trainer, out, validate=measure if batches else None, stop_after=stop_after)
    return trainer


def validation_batches(held: Source, config: TrainingConfig) -> list[Batch]:
    """Draw the same crops every time it is called."""
    rng = np.random.default_rng(1)
    return [
        draw_batch(held, config, VALIDATION_CROPS, VALIDATION_SIDE, rng)
        for _ in range(VALIDATION_BATCHES)
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return its exit code."""
    parser = argparse.ArgumentParser(description="Train a restorer or an autoencoder.")
    parser.add_argument(
        "--config", type=Path, required=True, help="TOML file with fields of TrainingConfig"
    )
    parser.add_argument("--resume", action="store_true", help="go on from the checkpoint")
    options = parser.parse_args(arguments)
    config = read_config(options.config)
    if not config.out:
        parser.error("the configuration names no folder to write to (out)")
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", stream=sys.stdout)
    if config.threads:
        torch.set_num_threads(config.threads)
    source, held = read_sources(config)
    log.info(
        "%d scans, %d label maps, %d pictures to train on",
        len(source.scans),
        len(source.label_maps),
        len(source.pictures),
    )
    train(config, source, held=held, resume=options.resume)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
