"""What determines a training run of the video networks. No torch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from acutance_models.run_files import read_fields

if TYPE_CHECKING:
    from pathlib import Path

TASKS = ("flow", "video")
LOSSES = ("charbonnier", "l1", "psnr")


@dataclass(frozen=True)
class Stage:
    """Sizes from some point of the schedule on.

    Parameters
    ----------
    start : float
        Share of the schedule.
    side : int
        Pixels along each side of the small frames: a multiple of 16.
    frames, batch : int
        Frames of a clip, clips of a batch.
    """

    start: float
    side: int
    frames: int
    batch: int


@dataclass(frozen=True)
class TrainingConfig:
    """Everything that determines a run.

    Parameters
    ----------
    task : str
        ``"flow"``: the flow network alone, on motion of known answer; ``"video"``: everything.
    layout : str
        See `acutance_models.negvsr.layout.parse_layout`.
    data, stills, out : str
        Folder of clips; folder of pictures, or empty; folder for checkpoints.
    clips, held_out : tuple of str
        File names in `data`, without their endings: trained on, and never trained on.
    shares : tuple of (float, float, float)
        How often clips, stills that move and painted leaves that move are drawn.
    minutes : float
        Length of the schedule in wall time, where `steps` is 0. The learning rate then follows
        the clock and reaches 0 however fast the machine is.
    steps : int
        Length of the schedule in steps; such a run is reproducible.
    learning_rate : float
        Peak, reached after `warmup` of the schedule, then a straight line down to 0.
    warmup : float
        Share of the schedule.
    flow_rate : float
        What the learning rate of the flow network is multiplied by where the task is "video".
    ema_decay : float
        Of the averaged weights, which are the ones exported.
    seed : int
    init : str
        Weights to begin from (safetensors), or empty for random ones.
    stages : tuple of Stage
    loss : str
        Of the pixels; see `acutance_models.negvsr.losses.pixel_loss`.
    is_sharpened : bool
        Whether targets are sharpened, as those of RealBasicVSR are.
    is_mirrored : bool
        Whether clips run forth and back, which doubles their frames.
    cleaning_weight, negative_weight : float
        Of the two other losses.
    negatives_from : float
        From which share of the schedule on negatives are looked at.
    theta : float
        See `VideoNetwork.clean`; 255 is one pass, as published.
    reuse : int
        How often each batch is used, turned and flipped anew, on average.
    checkpoint_seconds, validation_seconds : float
        Time between two; validation is left out where it is 0.
    threads : int
        Threads of torch; 0 leaves its default.
    """

    task: str = "video"
    layout: str = "compact"
    data: str = ""
    stills: str = ""
    out: str = ""
    clips: tuple[str, ...] = ()
    held_out: tuple[str, ...] = ()
    shares: tuple[float, float, float] = (0.6, 0.2, 0.2)
    minutes: float = 60.0
    steps: int = 0
    learning_rate: float = 5e-4
    warmup: float = 0.02
    flow_rate: float = 0.1
    ema_decay: float = 0.999
    seed: int = 0
    init: str = ""
    stages: tuple[Stage, ...] = (Stage(0.0, 32, 5, 4),)
    loss: str = "charbonnier"
    is_sharpened: bool = False
    is_mirrored: bool = False
    cleaning_weight: float = 1.0
    negative_weight: float = 0.5
    negatives_from: float = 0.0
    theta: float = 5.0
    reuse: int = 2
    checkpoint_seconds: float = 120.0
    validation_seconds: float = 300.0
    threads: int = 0

    def __post_init__(self) -> None:
        if self.task not in TASKS or self.loss not in LOSSES:
            raise ValueError(
                f"Expected a task of {', '.join(TASKS)} and a loss of {', '.join(LOSSES)}; "
                f"got {self.task!r} and {self.loss!r}."
            )
        if not self.stages or self.stages[0].start != 0.0:
            raise ValueError(f"Expected stages from 0 on; got {self.stages}.")
        if any(stage.side % 16 for stage in self.stages):
            raise ValueError(f"Expected sides that are multiples of 16; got {self.stages}.")
        both = set(self.clips) & set(self.held_out)
        if both:
            raise ValueError(
                f"Expected clips that are not held out; got {', '.join(sorted(both))}."
            )


def read_config(path: Path) -> TrainingConfig:
    """Read a TOML file of `TrainingConfig` fields.

    Raises
    ------
    ValueError
        If a field is unknown.
    """
    table = read_fields(path, TrainingConfig)
    if "stages" in table:
        table["stages"] = tuple(Stage(float(a), *map(int, rest)) for a, *rest in table["stages"])
    return TrainingConfig(**table)
