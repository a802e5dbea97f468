"""What determines a training run. No torch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from acutance_models.run_files import read_fields

if TYPE_CHECKING:
    from pathlib import Path

TASKS = ("brain", "nuclei")
HELD_OUT = ("labelmap_03", "labelmap_13")


@dataclass(frozen=True)
class TrainingConfig:
    """Everything that determines a run.

    Parameters
    ----------
    task : str
        ``"brain"`` or ``"nuclei"``.
    data, labelled, out : str
        Folder of label maps, or of pictures and masks; folder of labelled scans or empty; folder
        for checkpoints.
    architecture : str
        See `acutance_models.r2unet.layout.parse_architecture`.
    minutes : float
        Length of the schedule in wall time, where `steps` is 0. The learning rate then follows
        the clock and reaches its end however fast the machine is.
    steps : int
        Length of the schedule in steps; such a run is reproducible.
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
    stages : tuple of (float, int, int)
        From which share of the schedule on the images have so many pixels along each side, and
        a batch so many images.
    freeze_from : float
        From which share of the schedule on the statistics of the normalisations are fixed, as at
        inference; 1 and more never.
    held_out : tuple of str
        Beginnings of the names of label maps that are never trained on.
    reuse : int
        How often each batch is used, turned and flipped anew, on average.
    checkpoint_seconds, validation_seconds : float
        Time between two; validation is left out where it is 0.
    threads : int
        Threads of torch; 0 leaves its default.
    """

    task: str = "brain"
    data: str = ""
    labelled: str = ""
    out: str = ""
    architecture: str = "r2unet-w16-i1-o5-t2-stepwise"
    minutes: float = 30.0
    steps: int = 0
    learning_rate: float = 2e-3
    warmup: float = 0.03
    weight_decay: float = 1e-4
    ema_decay: float = 0.995
    seed: int = 0
    init: str = ""
    stages: tuple[tuple[float, int, int], ...] = ((0.0, 128, 4), (0.5, 192, 4))
    freeze_from: float = 0.5
    held_out: tuple[str, ...] = HELD_OUT
    reuse: int = 3
    checkpoint_seconds: float = 120.0
    validation_seconds: float = 300.0
    threads: int = 0

    def __post_init__(self) -> None:
        if self.task not in TASKS:
            raise ValueError(f"Expected one of {', '.join(TASKS)}; got {self.task!r}.")
        if not self.stages or self.stages[0][0] != 0.0:
            raise ValueError(f"Expected stages from 0 on; got {self.stages}.")


def read_config(path: Path) -> TrainingConfig:
    """Read a TOML file of `TrainingConfig` fields.

    Raises
    ------
    ValueError
        If a field is unknown.
    """
    table = read_fields(path, TrainingConfig)
    if "stages" in table:
        table["stages"] = tuple((float(a), int(b), int(c)) for a, b, c in table["stages"])
    return TrainingConfig(**table)
