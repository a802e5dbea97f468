"""What every training run does alike: its learning rate, its averaged weights, its export."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import torch
from safetensors.torch import load_file, save_file

if TYPE_CHECKING:
    from pathlib import Path

    from torch import nn


def learning_rate(peak: float, warmup: float, progress: float) -> float:
    """Return the learning rate: linear warm-up, then linear decay to 0.

    Parameters
    ----------
    peak : float
        Reached after the warm-up.
    warmup : float, in [0, 1)
        Share of the schedule.
    progress : float, in [0, 1]
        Share of the schedule that is done.

    Returns
    -------
    float
    """
    if progress < warmup:
        return peak * (0.02 + 0.98 * progress / warmup)
    return peak * max(0.0, 1.0 - (progress - warmup) / (1.0 - warmup))


def follow(averaged: nn.Module, network: nn.Module, step: int, decay: float) -> None:
    """Move the exponential moving average of the weights one step on, in place.

    Parameters
    ----------
    averaged, network : Module
        Of the same layout; the first is changed. Whole numbers, such as counts, are copied.
    step : int
        Steps taken so far. Early on the average follows closely, so that it forgets the random
        start.
    decay : float, in [0, 1)
        What remains of the average at each step, later on.
    """
    decay = min(decay, (1.0 + step) / (10.0 + step))
    with torch.no_grad():
        pairs = zip(averaged.state_dict().values(), network.state_dict().values(), strict=True)
        for average, current in pairs:
            if average.is_floating_point():
                average.lerp_(current, 1.0 - decay)
            else:
                average.copy_(current)


def save_checkpoint(state: dict[str, Any], path: Path) -> None:
    """Write the state of a run; the old file stays until the new one is complete.

    Parameters
    ----------
    state : dict of str to tensors and plain values
    path : Path
        Overwritten when complete.
    """
    temporary = path.with_suffix(".part")
    torch.save(state, temporary)
    os.replace(temporary, path)


def load_checkpoint(path: Path) -> dict[str, Any]:
    """Read what `save_checkpoint` wrote; nothing but tensors and plain values is accepted."""
    state: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    return state


def restore_optimizer(optimizer: torch.optim.Optimizer, state: dict[str, Any]) -> None:
    """Take up an optimizer where it was saved; its fused steps stay fused."""
    optimizer.load_state_dict(state)
    for group in optimizer.param_groups:
        group["fused"], group["foreach"] = True, False


def load_start(network: nn.Module, path: str) -> None:
    """Fill a network with weights of the same layout, in whatever precision they are kept.

    Parameters
    ----------
    network : Module
    path : str
        Of safetensors.
    """
    template = network.state_dict()
    network.load_state_dict(
        {key: value.to(template[key].dtype) for key, value in load_file(path).items()}
    )


def export_weights(network: nn.Module, path: Path) -> None:
    """Write a network as safetensors, floating-point tensors in float16.

    Parameters
    ----------
    network : Module
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
