"""Train a regression network on simulated motion.

    python -m acutance_models.iqa_resnet.train --data DIR --out DIR [--minutes N] [--resume]

or ``--config FILE``, a TOML file with the fields of `TrainingConfig`. The run writes
``checkpoint.pt``, from which ``--resume`` goes on, ``weights.safetensors``, the averaged weights
in float16, and ``validation.jsonl``, how it stands on the people and label maps held out.

Beside the score of the slice, two linear maps that are not exported predict the similarity of
its parts from the last two stages: a slice then teaches some hundred numbers instead of one.
"""

from __future__ import annotations

import argparse
import logging
import math
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import distributed, multiprocessing, nn
from torch.nn import functional
from torch.utils.data import DataLoader, Dataset

from acutance_models.iqa_resnet.network import SsimRegressor, build
from acutance_models.iqa_resnet.pool import SlicePool
from acutance_models.iqa_resnet.schedule import TrainingConfig, read_config
from acutance_models.iqa_resnet.training_data import Batch, draw_batch
from acutance_models.iqa_resnet.volumes import find_volumes, read_label_volumes, read_volumes
from acutance_models.training import load_start
from acutance_models.training_run import TrainingRun, begin, go_through

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from torch import Tensor

    from acutance_models.iqa_resnet.volumes import TrainingVolume

log = logging.getLogger(__name__)

SHARE_EVERY = 8  # steps; averaging gradients instead would cost as much as a small step
VALIDATION_SLICES = 48  # of each volume and label map held out


class BatchSource(Dataset[Batch]):
    """Batches by the number of their step: the same number gives the same batch.

    Parameters
    ----------
    config : TrainingConfig
    volumes : sequence of TrainingVolume
    rank : int
        Which of the processes that train together this is.
    """

    def __init__(
        self, config: TrainingConfig, volumes: Sequence[TrainingVolume], rank: int = 0
    ) -> None:
        self.config = config
        self.volumes = volumes
        self.rank = rank
        self.side = config.stages[0][1]

    def __getitem__(self, step: int) -> Batch:
        """Draw the batch of a step."""
        number = step * self.config.processes + self.rank
        rng = np.random.default_rng([self.config.seed, number])
        return draw_batch(
            self.volumes,
            self.config.batch_size,
            rng,
            painted_share=self.config.painted_share,
            side=self.side,
        )


class Trainer(TrainingRun[TrainingConfig, SsimRegressor]):
    """A run that can be stopped and taken up again.

    Parameters
    ----------
    config : TrainingConfig
    volumes : sequence of TrainingVolume
    rank : int
        Which of the processes that train together this is.
    """

    def __init__(
        self, config: TrainingConfig, volumes: Sequence[TrainingVolume], rank: int = 0
    ) -> None:
        self.source = BatchSource(config, volumes, rank)
        torch.manual_seed(config.seed)
        network = build(config.architecture)
        if config.init:
            load_start(network, config.init)
        super().__init__(config, network)
        self.is_writer = rank == 0
        self.local = build_local(self.network)
        self.optimizers = [
            torch.optim.AdamW(
                [*self.network.parameters(), *self.local.parameters()],
                lr=config.learning_rate,
                weight_decay=config.weight_decay,
                fused=True,
            )
        ]
        self.clock = 0.0  # the schedule goes by that of the first process, which all share
        self._batches: Iterator[Batch] | None = None

    @property
    def side(self) -> int:
        """Pixels along each side of the images of the stage that is due."""
        return [side for share, side in self.config.stages if share <= self.progress][-1]

    def trial_loss(self, network: SsimRegressor, uses_bfloat16: bool) -> Tensor:
        """Return the loss on the first batch."""
        return _losses(network, self.local, self.source[0], uses_bfloat16)[0]

    def choose_precision(self) -> None:
        """Leave processes that train together in float32: all of them have to choose alike."""
        if self.config.processes == 1:
            super().choose_precision()

    def next_batch(self) -> Batch:
        """Return the batch of this step."""
        if self._batches is None or self.side != self.source.side:
            self._batches = self.batches()
        return next(self._batches)

    def batches(self) -> Iterator[Batch]:
        """Yield the batches of a stage, drawn from a pool of slices where those are reused."""
        if self.config.reuse == 1:
            yield from self._new_batches()
            return
        rng = np.random.default_rng([self.config.seed, self.source.rank, self.step])
        pool = SlicePool(self.config.pool, self.side)
        for batch in self._new_batches():
            pool.add(batch)
            for _ in range(self.config.reuse):
                yield pool.draw(self.config.batch_size, rng)

    def _new_batches(self) -> Iterator[Batch]:
        self.source.side = self.side
        if not self.config.workers:
            while True:
                yield self.source[self.step]
        steps = range(self.step, self.config.steps or 10**9)
        yield from DataLoader(
            self.source,
            batch_size=None,
            sampler=steps,
            num_workers=self.config.workers,
            prefetch_factor=4,
        )

    def take_step(self) -> float:
        """Update the weights and their average; return the mean squared error of the scores."""
        batch = self.next_batch()
        (optimizer,) = self.optimizers
        rate = self.rate
        for group in optimizer.param_groups:
            group["lr"] = rate
        weight = self.config.local_weight * max(0.2, rate / self.config.learning_rate)
        self.network.train()
        if self.progress >= self.config.freeze_from:
            fix_statistics(self.network)
        loss, local_loss = _losses(self.network, self.local, batch, self.uses_bfloat16)
        optimizer.zero_grad(set_to_none=True)
        (loss + weight * local_loss).backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self.network.parameters(), self.config.clip)
        optimizer.step()
        if self.config.processes > 1 and (self.step + 1) % SHARE_EVERY == 0:
            self._share_weights()
        self.finish_step()
        return float(loss.detach())

    def keep_time(self, seconds: float) -> None:
        """Take note of the time; processes that train together learn it from the first."""
        self.clock = seconds
        if self.config.processes == 1:
            self.elapsed = seconds

    def describe(self, smoothed: float) -> str:
        """Return what is logged of the smoothed loss."""
        return f"smoothed root mean squared error {math.sqrt(smoothed):.4f}"

    def state(self) -> dict[str, Any]:
        """Add the local maps."""
        return super().state() | {"local": self.local.state_dict()}

    def take_up(self, state: dict[str, Any]) -> None:
        """Go on from what `state` returned."""
        super().take_up(state)
        self.local.load_state_dict(state["local"])

    def _share_weights(self) -> None:
        """Average the weights of all processes, and let all go by the clock of the first."""
        tensors = [
            tensor
            for module in (self.network, self.local)
            for tensor in module.state_dict().values()
            if tensor.is_floating_point()
        ]
        clock = torch.tensor([self.clock if self.source.rank == 0 else 0.0])
        flat = torch.cat([*(tensor.reshape(-1) for tensor in tensors), clock])
        distributed.all_reduce(flat)
        self.elapsed = float(flat[-1])
        position = 0
        for tensor in tensors:
            part = flat[position : position + tensor.numel()]
            tensor.copy_(part.view(tensor.shape)).div_(self.config.processes)
            position += tensor.numel()


def train(
    config: TrainingConfig,
    volumes: Sequence[TrainingVolume],
    *,
    held: Sequence[TrainingVolume] = (),
    resume: bool = False,
    stop_after: int | None = None,
    rank: int = 0,
) -> Trainer:
    """Run a schedule to its end.

    Parameters
    ----------
    config : TrainingConfig
    volumes : sequence of TrainingVolume
    held : sequence of TrainingVolume
        Never trained on; the averaged weights are validated on them now and then.
    resume : bool
        Go on from the checkpoint in ``config.out`` where there is one.
    stop_after : int, optional
        Leave after so many steps in all, as an interruption would.
    rank : int
        Which of the processes that train together this is; the first alone writes files.

    Returns
    -------
    Trainer
        After its last step; the checkpoint and the weights are written.
    """
    if config.threads:  # each of several processes
        torch.set_num_threads(config.threads)
    trainer = Trainer(config, volumes, rank)
    out = begin(trainer, resume=resume)

    def measure(network: SsimRegressor) -> dict[str, Any]:
        return {"residuals": validate(network, validation_batches(held))}

    go_through(trainer, out, validate=measure if held else None, stop_after=stop_after)
    return trainer


def validation_batches(held: Sequence[TrainingVolume]) -> dict[str, Batch]:
    """Draw the same corrupted slices of each volume held out every time it is called."""
    return {
        f"{volume.person} {position}": draw_batch(
            [volume], VALIDATION_SLICES, np.random.default_rng([1, position]), augments=False
        )
        for position, volume in enumerate(held)
    }


def validate(network: SsimRegressor, batches: dict[str, Batch]) -> dict[str, tuple[float, float]]:
    """Compute mean and standard deviation of the residuals, true less predicted.

    Parameters
    ----------
    network : SsimRegressor
    batches : dict of str to Batch

    Returns
    -------
    dict of str to (float, float)
        For each batch, and for all of them under ``"all"``.
    """
    network.eval()
    residuals = {}
    with torch.inference_mode():
        for name, batch in batches.items():
            parts = [network(part)[:, 0] for part in torch.split(batch.images, 16)]
            residuals[name] = batch.labels - torch.cat(parts)
    residuals["all"] = torch.cat(list(residuals.values()))
    return {name: (float(r.mean()), float(r.std())) for name, r in residuals.items()}


def fix_statistics(network: nn.Module) -> None:
    """Let a network in training normalise by the statistics it has, as at inference."""
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.eval()


def build_local(network: SsimRegressor) -> nn.ModuleList:
    """Build the two linear maps that predict local similarity from the last two stages."""
    deepest = int(network.fc.state_dict()["0.weight"].shape[1])
    return nn.ModuleList([nn.Conv2d(deepest // 2, 1, 1), nn.Conv2d(deepest, 1, 1)])


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return its exit code."""
    parser = argparse.ArgumentParser(description="Train a quality network on simulated motion.")
    parser.add_argument("--config", type=Path, help="TOML file with fields of TrainingConfig")
    parser.add_argument("--data", help="folder of NIfTI volumes")
    parser.add_argument("--label-maps", help="folder of NIfTI label maps to paint on")
    parser.add_argument("--out", help="folder for checkpoints and weights")
    parser.add_argument("--minutes", type=float, help="length of the schedule")
    parser.add_argument("--steps", type=int, help="length of the schedule in steps instead")
    parser.add_argument("--learning-rate", type=float, help="peak learning rate")
    parser.add_argument("--init", help="weights to begin from")
    parser.add_argument("--seed", type=int)
    parser.add_argument("--resume", action="store_true", help="go on from the checkpoint")
    options = vars(parser.parse_args(arguments))
    config = read_config(options["config"]) if options["config"] else TrainingConfig()
    given: dict[str, Any] = {
        name: options[name]
        for name in (
            "data",
            "label_maps",
            "out",
            "minutes",
            "steps",
            "learning_rate",
            "init",
            "seed",
        )
        if options[name] is not None
    }
    config = replace(config, **given)
    if not config.data or not config.out:
        parser.error("--data and --out, or --config with both, are needed")
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", stream=sys.stdout)
    if config.threads:
        torch.set_num_threads(config.threads)
    paths, held_paths = find_volumes(Path(config.data), held_out=config.held_out)
    volumes, held = read_volumes(paths), read_volumes(held_paths)
    if config.label_maps:
        paths, held_paths = find_volumes(Path(config.label_maps), held_out=config.held_out)
        volumes += read_label_volumes(paths)
        held += read_label_volumes(held_paths)
    log.info("training on %s", ", ".join(sorted({volume.person for volume in volumes})))
    log.info("held out %s", ", ".join(sorted({volume.person for volume in held})))
    if config.processes == 1:
        train(config, volumes, held=held, resume=options["resume"])
        return 0
    with tempfile.TemporaryDirectory() as folder:
        # Forked, so that all share the memory of the volumes.
        multiprocessing.start_processes(  # type: ignore[attr-defined, no-untyped-call]
            _train_together,
            args=(folder, config, volumes, held, options["resume"]),
            nprocs=config.processes,
            start_method="fork",
        )
    return 0


def _train_together(
    rank: int,
    folder: str,
    config: TrainingConfig,
    volumes: Sequence[TrainingVolume],
    held: Sequence[TrainingVolume],
    resume: bool,
) -> None:
    distributed.init_process_group(
        "gloo", init_method=f"file://{folder}/meeting", rank=rank, world_size=config.processes
    )
    train(config, volumes, held=held, resume=resume, rank=rank)
    distributed.destroy_process_group()


def _losses(
    network: SsimRegressor, local: nn.ModuleList, batch: Batch, uses_bfloat16: bool
) -> tuple[Tensor, Tensor]:
    """Return the mean squared errors of the scores and of the local maps."""
    images = batch.images.contiguous(memory_format=torch.channels_last)
    with torch.autocast("cpu", torch.bfloat16, enabled=uses_bfloat16):
        third, fourth = network.stages(images)
        scores = network.score(network.pool(fourth))
        fine, coarse = (
            conv(maps).float().sigmoid()[:, 0]
            for conv, maps in zip(local, (third, fourth), strict=True)
        )
    local_losses = []
    for predicted in (fine, coarse):
        true = functional.adaptive_avg_pool2d(batch.cells[:, None], predicted.shape[1:])[:, 0]
        local_losses.append(functional.mse_loss(predicted, true))
    local_loss = torch.stack(local_losses).mean()
    return functional.mse_loss(scores.float()[:, 0], batch.labels), local_loss


if __name__ == "__main__":
    raise SystemExit(main())
