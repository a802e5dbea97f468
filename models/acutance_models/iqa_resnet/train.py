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
import copy
import json
import logging
import math
import sys
import tempfile
import time
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from safetensors.torch import load_file
from torch import distributed, multiprocessing, nn
from torch.nn import functional
from torch.utils.data import DataLoader, Dataset

from acutance_models.iqa_resnet.network import SsimRegressor, build
from acutance_models.iqa_resnet.pool import SlicePool
from acutance_models.iqa_resnet.schedule import TrainingConfig, read_config
from acutance_models.iqa_resnet.training_data import (
    Batch,
    draw_batch,
    find_volumes,
    read_label_volumes,
    read_volumes,
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
    from collections.abc import Iterator, Sequence

    from torch import Tensor

    from acutance_models.iqa_resnet.training_data import TrainingVolume

log = logging.getLogger(__name__)

CHECKPOINT = "checkpoint.pt"
WEIGHTS = "weights.safetensors"
VALIDATION = "validation.jsonl"
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


class Trainer:
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
        self.config = config
        self.source = BatchSource(config, volumes, rank)
        torch.manual_seed(config.seed)
        self.network = build(config.architecture)
        if config.init:
            state = {key: value.float() for key, value in load_file(config.init).items()}
            template = self.network.state_dict()
            self.network.load_state_dict(
                {key: value.to(template[key].dtype) for key, value in state.items()}
            )
        self.network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.local = build_local(self.network)
        self.averaged = copy.deepcopy(self.network).requires_grad_(False)
        self.optimizer = torch.optim.AdamW(
            [*self.network.parameters(), *self.local.parameters()],
            lr=config.learning_rate,
            weight_decay=config.weight_decay,
            fused=True,
        )
        self.step = 0
        self.elapsed = self.clock = 0.0  # the schedule goes by the former, which all share
        self.uses_bfloat16 = False

    @property
    def progress(self) -> float:
        """Share of the schedule that is done, in [0, 1]."""
        if self.config.steps:
            return min(1.0, self.step / self.config.steps)
        return min(1.0, self.elapsed / (60.0 * self.config.minutes))

    @property
    def side(self) -> int:
        """Pixels along each side of the images of the stage that is due."""
        return [side for share, side in self.config.stages if share <= self.progress][-1]

    def choose_precision(self) -> None:
        """Time one step in float32 and in bfloat16, and keep the faster."""
        batch = self.source[0]
        seconds = {}
        trial = copy.deepcopy(self.network)
        local = copy.deepcopy(self.local)
        for uses_bfloat16 in (False, True):
            for _ in range(2):  # the first pass includes one-time set-up
                start = time.perf_counter()
                loss, _ = _losses(trial, local, batch, uses_bfloat16)
                loss.backward()  # type: ignore[no-untyped-call]
                seconds[uses_bfloat16] = time.perf_counter() - start
        self.uses_bfloat16 = seconds[True] < seconds[False]
        log.info("one pass: float32 %.2f s, bfloat16 %.2f s", seconds[False], seconds[True])

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

    def take_step(self, batch: Batch) -> float:
        """Update the weights and their average.

        Parameters
        ----------
        batch : Batch

        Returns
        -------
        float
            Mean squared error of the scores.
        """
        rate = learning_rate(self.config.learning_rate, self.config.warmup, self.progress)
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        weight = self.config.local_weight * max(0.2, rate / self.config.learning_rate)
        self.network.train()
        if self.progress >= self.config.freeze_from:
            fix_statistics(self.network)
        loss, local_loss = _losses(self.network, self.local, batch, self.uses_bfloat16)
        self.optimizer.zero_grad(set_to_none=True)
        (loss + weight * local_loss).backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self.network.parameters(), self.config.clip)
        self.optimizer.step()
        self.step += 1
        if self.config.processes > 1 and self.step % SHARE_EVERY == 0:
            self._share_weights()
        if self.source.rank == 0:
            follow(self.averaged, self.network, self.step, self.config.ema_decay)
        return float(loss.detach())

    def save(self, path: Path) -> None:
        """Write the state of the run; the old file stays until the new one is complete."""
        state = {
            "config": asdict(self.config),
            "network": self.network.state_dict(),
            "averaged": self.averaged.state_dict(),
            "local": self.local.state_dict(),
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
        self.local.load_state_dict(state["local"])
        restore_optimizer(self.optimizer, state["optimizer"])
        self.step, self.elapsed = state["step"], state["elapsed"]
        self.uses_bfloat16 = state["uses_bfloat16"]

    def export(self, path: Path) -> None:
        """Write the averaged weights as float16 safetensors."""
        export_weights(self.averaged, path)

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
    if config.threads:
        torch.set_num_threads(config.threads)
    out = Path(config.out)
    out.mkdir(parents=True, exist_ok=True)
    trainer = Trainer(config, volumes, rank)
    if resume and (out / CHECKPOINT).exists():
        trainer.restore(out / CHECKPOINT)
        log.info("resumed at step %d", trainer.step)
    elif not config.steps and config.processes == 1:
        trainer.choose_precision()
    begun = saved = validated = time.perf_counter()
    elapsed_before, smooth = trainer.elapsed, math.nan
    batches = trainer.batches()
    while trainer.progress < 1.0 and (stop_after is None or trainer.step < stop_after):
        if trainer.side != trainer.source.side:
            batches = trainer.batches()
        batch = next(batches)
        trainer.clock = elapsed_before + time.perf_counter() - begun
        if config.processes == 1:
            trainer.elapsed = trainer.clock
        loss = trainer.take_step(batch)
        if rank:
            continue
        now = time.perf_counter()
        smooth = loss if math.isnan(smooth) else 0.97 * smooth + 0.03 * loss
        if trainer.step % 20 == 0:
            log.info(
                "step %d, %.1f %%, %.2f s a step, smoothed root mean squared error %.4f",
                trainer.step,
                100.0 * trainer.progress,
                trainer.elapsed / trainer.step,
                math.sqrt(smooth),
            )
        if now - saved > config.checkpoint_seconds:
            trainer.save(out / CHECKPOINT)
            trainer.export(out / WEIGHTS)
            saved = now
        if held and 0 < config.validation_seconds < now - validated:
            _report(trainer, validation_batches(held), out / VALIDATION)
            validated = time.perf_counter()
    if rank:
        return trainer
    trainer.save(out / CHECKPOINT)
    trainer.export(out / WEIGHTS)
    if held:
        _report(trainer, validation_batches(held), out / VALIDATION)
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


def _report(trainer: Trainer, batches: dict[str, Batch], path: Path) -> None:
    residuals = validate(trainer.averaged, batches)
    log.info("held out: residual mean %.4f, standard deviation %.4f", *residuals["all"])
    line = {"step": trainer.step, "minutes": trainer.elapsed / 60.0, "residuals": residuals}
    with path.open("a", encoding="utf-8") as stream:
        stream.write(json.dumps(line) + "\n")


if __name__ == "__main__":
    raise SystemExit(main())
