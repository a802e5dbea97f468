"""What determines a training run. No torch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from acutance_models.run_files import read_fields

if TYPE_CHECKING:
    from pathlib import Path

TASKS = ("denoise", "motion", "artifacts", "vae")
HELD_OUT = (
    "stroke", "adult_xa30", "ms_patient19", "skullstripped", "labelmap_03", "labelmap_13",
    "cars", "mdn_pig", "rotated90",
)  # fmt: skip


@dataclass(frozen=True)
class TrainingConfig:
    """Everything that determines a run.

    Parameters
    ----------
    task : str
        ``"denoise"``, ``"motion"`` (MR), ``"artifacts"`` (colour) or ``"vae"``. A perceptual
        denoiser is a denoiser with an adversarial weight.
    scans, labels, pictures, out : str
        Folders: of scans, of label maps to paint on, of colour pictures (PNG), each of which may
        be empty, and for checkpoints. The person, or clip, is what a file name begins with.
    layout : str
        See `acutance_models.ot_restore.layout`.
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
        From which share of the schedule on the crops have so many pixels along each side, and a
        batch so many crops.
    painted_share, picture_share : float
        Share of the crops painted on label maps, and of those out of pictures, where there are
        any beside scans.
    reuse : int
        How often each batch is used, turned and flipped anew, on average.
    structure : float
        Weight of 1 less the multi-scale structural similarity.
    divergence : float
        Weight of the divergence from the standard normal; autoencoders only.
    adversarial : float
        Weight of what a discriminator of patches says; 0 for none.
    adversarial_from : float
        From which share of the schedule on.
    held_out : tuple of str
        Beginnings of the names of persons and clips that are never trained on.
    checkpoint_seconds, validation_seconds : float
        Time between two; validation is left out where it is 0.
    threads : int
        Threads of torch; 0 leaves its default.
    """

    task: str = "denoise"
    scans: str = ""
    labels: str = ""
    pictures: str = ""
    out: str = ""
    layout: str = "resunet-i1-w32.64.128-n2"
    minutes: float = 30.0
    steps: int = 0
    learning_rate: float = 1e-3
    warmup: float = 0.03
    weight_decay: float = 0.0
    ema_decay: float = 0.999
    seed: int = 0
    init: str = ""
    stages: tuple[tuple[float, int, int], ...] = ((0.0, 96, 8),)
    painted_share: float = 0.25
    picture_share: float = 0.0
    reuse: int = 2
    structure: float = 0.0
    divergence: float = 1e-5
    adversarial: float = 0.0
    adversarial_from: float = 0.0
    held_out: tuple[str, ...] = HELD_OUT
    checkpoint_seconds: float = 120.0
    validation_seconds: float = 300.0
    threads: int = 0

    def __post_init__(self) -> None:
        if self.task not in TASKS:
            raise ValueError(f"Expected one of {', '.join(TASKS)}; got {self.task!r}.")
        if not self.stages or self.stages[0][0] != 0.0:
            raise ValueError(f"Expected stages from 0 on; got {self.stages}.")
        if not 0.0 <= self.painted_share + self.picture_share <= 1.0:
            raise ValueError("Expected shares of painted slices and pictures of 1 at most.")


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
