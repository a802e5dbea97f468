"""Train a regression network on simulated motion.

    python -m acutance_models.iqa_resnet.train --data DIR --out DIR [--minutes N] [--resume]

or ``--config FILE``, a TOML file with the fields of `TrainingConfig`. The run writes
``checkpoint.pt``, from which ``--resume`` goes on, and ``weights.safetensors``, the averaged
weights in float16.
"""

from __future__ import annotations

import argparse
import copy
import logging
import math
import os
import sys
import time
import tomllib
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch.nn import functional

from acutance_models.iqa_resnet.network import SsimRegressor, build
from acutance_models.iqa_resnet.training_data import draw_batch, find_volumes, read_volumes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

    from acutance_models.iqa_resnet.training_data import TrainingVolume

log = logging.getLogger(__name__)

CHECKPOINT = "checkpoint.pt"
WEIGHTS = "weights.safetensors"


@dataclass(frozen=True)
class TrainingConfig:
    """Everything that determines a run.

    Parameters
    ----------
    data, out : str
        Folder of NIfTI volumes, folder for checkpoints.
    architecture : str
        ``"resnet18"`` or ``"resnet101"``.
    minutes : float
        Length of the schedule in wall time, where `steps` is 0. The learning rate then
        follows the clock and reaches its end however fast the machine is.
    steps : int
        Length of the schedule in steps; such a run is reproducible.
    batch_size : int
    learning_rate : float
        Peak, reached after `warmup` of the schedule, then a cosine down to 0.
    warmup : float
        Share of the schedule.
    weight_decay : float
    ema_decay : float
        Of the averaged weights, which are the ones exported.
    seed : int
    init : str
        Weights to begin from (safetensors), or empty for random ones.
    held_out : tuple of str
        Beginnings of the names of persons that are never trained on.
    checkpoint_seconds : float
    threads : int
        Threads of torch; 0 leaves its default.
    """

    data: str = ""
    out: str = ""
    architecture: str = "resnet18"
    minutes: float = 30.0
    steps: int = 0
    batch_size: int = 32
    learning_rate: float = 1e-3
    warmup: float = 0.03
    weight_decay: float = 1e-4
    ema_decay: float = 0.99
    seed: int = 0
    init: str = ""
    held_out: tuple[str, ...] = ("stroke", "adult_xa30", "ms_patient19")
    checkpoint_seconds: float = 120.0
    threads: int = 0


class Trainer:
    """A run that can be stopped and taken up again.

    Parameters
    ----------
    config : TrainingConfig
    volumes : sequence of TrainingVolume
    """

    def __init__(self, config: TrainingConfig, volumes: Sequence[TrainingVolume]) -> None:
        self.config = config
        self.volumes = volumes
        torch.manual_seed(config.seed)
        self.rng = np.random.default_rng(config.seed)
        self.network = build(config.architecture)
        if config.init:
            state = {key: value.float() for key, value in load_file(config.init).items()}
            template = self.network.state_dict()
            self.network.load_state_dict(
                {key: value.to(template[key].dtype) for key, value in state.items()}
            )
        self.averaged = copy.deepcopy(self.network).requires_grad_(False)
        self.optimizer = torch.optim.AdamW(
            self.network.parameters(), lr=config.learning_rate, weight_decay=config.weight_decay
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

    def choose_precision(self) -> None:
        """Time one step in float32 and in bfloat16, and keep the faster."""
        images, labels = draw_batch(self.volumes, self.config.batch_size, np.random.default_rng(0))
        seconds = {}
        trial = copy.deepcopy(self.network)
        for uses_bfloat16 in (False, True):
            for _ in range(2):  # the first pass includes one-time set-up
                start = time.perf_counter()
                _loss(trial, images, labels, uses_bfloat16).backward()  # type: ignore[no-untyped-call]
                seconds[uses_bfloat16] = time.perf_counter() - start
        self.uses_bfloat16 = seconds[True] < seconds[False]
        log.info("one pass: float32 %.2f s, bfloat16 %.2f s", seconds[False], seconds[True])

    def take_step(self) -> float:
        """Draw a batch, update the weights and their average.

        Returns
        -------
        float
            Mean squared error of the batch.
        """
        start = time.perf_counter()
        for group in self.optimizer.param_groups:
            group["lr"] = learning_rate(self.config, self.progress)
        images, labels = draw_batch(self.volumes, self.config.batch_size, self.rng)
        self.network.train()
        loss = _loss(self.network, images, labels, self.uses_bfloat16)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        self.optimizer.step()
        self.step += 1
        self._average()
        self.elapsed += time.perf_counter() - start
        return float(loss.detach())

    def save(self, path: Path) -> None:
        """Write the state of the run; the old file stays until the new one is complete."""
        state = {
            "config": asdict(self.config),
            "network": self.network.state_dict(),
            "averaged": self.averaged.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "rng": self.rng.bit_generator.state,
            "step": self.step,
            "elapsed": self.elapsed,
            "uses_bfloat16": self.uses_bfloat16,
        }
        temporary = path.with_suffix(".part")
        torch.save(state, temporary)
        os.replace(temporary, path)

    def restore(self, path: Path) -> None:
        """Take up a run where `save` left it."""
        state = torch.load(path, map_location="cpu", weights_only=True)
        self.network.load_state_dict(state["network"])
        self.averaged.load_state_dict(state["averaged"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.rng.bit_generator.state = state["rng"]
        self.step, self.elapsed = state["step"], state["elapsed"]
        self.uses_bfloat16 = state["uses_bfloat16"]

    def export(self, path: Path) -> None:
        """Write the averaged weights as float16 safetensors."""
        export_weights(self.averaged, path)

    def _average(self) -> None:
        # Early on the average follows closely, so that it forgets the random start.
        decay = min(self.config.ema_decay, (1.0 + self.step) / (10.0 + self.step))
        with torch.no_grad():
            pairs = zip(
                self.averaged.state_dict().values(), self.network.state_dict().values(), strict=True
            )
            for average, current in pairs:
                if average.is_floating_point():
                    average.lerp_(current, 1.0 - decay)
                else:
                    average.copy_(current)


def learning_rate(config: TrainingConfig, progress: float) -> float:
    """Return the learning rate: linear warm-up, then a cosine to 0.

    Parameters
    ----------
    config : TrainingConfig
    progress : float, in [0, 1]

    Returns
    -------
    float
    """
    if progress < config.warmup:
        return config.learning_rate * (0.02 + 0.98 * progress / config.warmup)
    rest = (progress - config.warmup) / (1.0 - config.warmup)
    return config.learning_rate * 0.5 * (1.0 + math.cos(math.pi * min(1.0, rest)))


def export_weights(network: SsimRegressor, path: Path) -> None:
    """Write a network as safetensors, floating-point tensors in float16.

    Parameters
    ----------
    network : SsimRegressor
    path : Path
        Overwritten when complete.
    """
    state = {
        key: (value.half() if value.is_floating_point() else value).contiguous()
        for key, value in network.state_dict().items()
    }
    temporary = path.with_suffix(".part")
    save_file(state, str(temporary))
    os.replace(temporary, path)


def train(
    config: TrainingConfig,
    volumes: Sequence[TrainingVolume],
    *,
    resume: bool = False,
    stop_after: int | None = None,
) -> Trainer:
    """Run a schedule to its end.

    Parameters
    ----------
    config : TrainingConfig
    volumes : sequence of TrainingVolume
    resume : bool
        Go on from the checkpoint in ``config.out`` where there is one.
    stop_after : int, optional
        Leave after so many steps in all, as an interruption would.

    Returns
    -------
    Trainer
        After its last step; the checkpoint and the weights are written.
    """
    if config.threads:
        torch.set_num_threads(config.threads)
    out = Path(config.out)
    out.mkdir(parents=True, exist_ok=True)
    trainer = Trainer(config, volumes)
    if resume and (out / CHECKPOINT).exists():
        trainer.restore(out / CHECKPOINT)
        log.info("resumed at step %d", trainer.step)
    elif not config.steps:
        trainer.choose_precision()
    saved, smooth = time.perf_counter(), math.nan
    while trainer.progress < 1.0 and (stop_after is None or trainer.step < stop_after):
        loss = trainer.take_step()
        smooth = loss if math.isnan(smooth) else 0.95 * smooth + 0.05 * loss
        if trainer.step % 20 == 0:
            log.info(
                "step %d, %.1f %%, smoothed root mean squared error %.4f",
                trainer.step,
                100.0 * trainer.progress,
                math.sqrt(smooth),
            )
        if time.perf_counter() - saved > config.checkpoint_seconds:
            trainer.save(out / CHECKPOINT)
            trainer.export(out / WEIGHTS)
            saved = time.perf_counter()
    trainer.save(out / CHECKPOINT)
    trainer.export(out / WEIGHTS)
    return trainer


def read_config(path: Path) -> TrainingConfig:
    """Read a TOML file of `TrainingConfig` fields.

    Raises
    ------
    ValueError
        If a field is unknown.
    """
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    unknown = set(table) - {item.name for item in fields(TrainingConfig)}
    if unknown:
        raise ValueError(f"Expected fields of TrainingConfig; got {', '.join(sorted(unknown))}.")
    if "held_out" in table:
        table["held_out"] = tuple(table["held_out"])
    return TrainingConfig(**table)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return its exit code."""
    parser = argparse.ArgumentParser(description="Train a quality network on simulated motion.")
    parser.add_argument("--config", type=Path, help="TOML file with fields of TrainingConfig")
    parser.add_argument("--data", help="folder of NIfTI volumes")
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
        for name in ("data", "out", "minutes", "steps", "learning_rate", "init", "seed")
        if options[name] is not None
    }
    config = replace(config, **given)
    if not config.data or not config.out:
        parser.error("--data and --out, or --config with both, are needed")
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", stream=sys.stdout)
    paths, held = find_volumes(Path(config.data), held_out=config.held_out)
    log.info("%d volumes to train on, %d held out", len(paths), len(held))
    train(config, read_volumes(paths), resume=options["resume"])
    return 0


def _loss(network: SsimRegressor, images: Tensor, labels: Tensor, uses_bfloat16: bool) -> Tensor:
    images = images.contiguous(memory_format=torch.channels_last)
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    with torch.autocast("cpu", torch.bfloat16, enabled=uses_bfloat16):
        scores = network(images)
    return functional.mse_loss(scores.float()[:, 0], labels)


if __name__ == "__main__":
    raise SystemExit(main())
