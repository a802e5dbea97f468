"""What determines a run of training. No torch."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from acutance_models.run_files import read_fields

if TYPE_CHECKING:
    from pathlib import Path

HELD_OUT = (
    "stroke",
    "adult_xa30",
    "ms_patient19",
    "skullstripped",
    "labelmap_03",
    "labelmap_13",
)


@dataclass(frozen=True)
class TrainingConfig:
    """Everything that determines a run.

    Parameters
    ----------
    data, label_maps, out : str
        Folder of NIfTI volumes, folder of label maps to paint on or empty, folder for checkpoints.
    architecture : str
        ``"resnet18"`` or ``"resnet101"``.
    minutes : float
        Length of the schedule in wall time, where `steps` is 0. The learning rate then
        follows the clock and reaches its end however fast the machine is.
    steps : int
        Length of the schedule in steps; such a run is reproducible.
    batch_size : int
    learning_rate : float
        Peak, reached after `warmup` of the schedule, then a straight line down to 0.
    warmup : float
        Share of the schedule.
    weight_decay : float
    ema_decay : float
        Of the averaged weights, which are the ones exported.
    seed : int
    init : str
        Weights to begin from (safetensors), or empty for random ones.
    painted_share : float
        Of the slices, where there are label maps.
    local_weight : float
        Of the loss of the local maps at the start; it falls with the learning rate to 0.2 of that.
    stages : tuple of (float, int)
        From which share of the schedule on the images have so many pixels along each side.
    held_out : tuple of str
        Beginnings of the names of persons and label maps that are never trained on.
    checkpoint_seconds, validation_seconds : float
        Time between two; validation is left out where it is 0.
    processes : int
        Training together: each takes steps of its own, and every 8 steps their weights are
        averaged.
    workers : int
        Processes that make batches beside each one that trains.
    reuse : int
        How many steps are taken for each batch that is made: each then draws its slices from the
        newest `pool`, turned and flipped anew. 1 uses each batch once, as it was made.
    pool : int
        Slices kept for that, 131 kB each.
    freeze_from : float
        From which share of the schedule on the statistics of the normalisations are fixed, as at
        inference; 1 and more never.
    clip : float
        Largest norm of a gradient; infinite leaves it.
    threads : int
        Threads of torch; 0 leaves its default. On a shared machine several processes of one
        thread are much faster than one process of several.
    """

    data: str = ""
    label_maps: str = ""
    out: str = ""
    architecture: str = "resnet18"
    minutes: float = 30.0
    steps: int = 0
    batch_size: int = 32
    learning_rate: float = 1e-3
    warmup: float = 0.03
    weight_decay: float = 1e-2
    ema_decay: float = 0.995
    seed: int = 0
    init: str = ""
    painted_share: float = 0.4
    local_weight: float = 0.25
    stages: tuple[tuple[float, int], ...] = ((0.0, 256),)
    held_out: tuple[str, ...] = HELD_OUT
    checkpoint_seconds: float = 120.0
    validation_seconds: float = 600.0
    processes: int = 1
    workers: int = 0
    reuse: int = 1
    pool: int = 4096
    freeze_from: float = 1.0
    clip: float = math.inf
    threads: int = 0


def read_config(path: Path) -> TrainingConfig:
    """Read a TOML file of `TrainingConfig` fields.

    Raises
    ------
    ValueError
        If a field is unknown.
    """
    table = read_fields(path, TrainingConfig)
    if "stages" in table:
        table["stages"] = tuple((float(share), int(side)) for share, side in table["stages"])
    return TrainingConfig(**table)
