"""The two things a run can train: the flow network alone, and the whole network."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import torch
from torch.nn import functional

from acutance_models.negvsr.losses import (
    cleaning_loss,
    flow_loss,
    negative_guidance,
    pixel_loss,
)
from acutance_models.negvsr.motion import make_pair
from acutance_models.negvsr.negatives import make_negatives
from acutance_models.negvsr.training_data import Batch, ClipSource, Source, draw_batch, turn_batch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from torch import Tensor, nn

    from acutance_models.negvsr.flow import SmallFlow, SpyNet
    from acutance_models.negvsr.network import VideoNetwork
    from acutance_models.negvsr.schedule import Stage, TrainingConfig

POOL = 60  # batches, or pictures, that are kept to be used again
VALIDATION_SIDE, VALIDATION_FRAMES, VALIDATION_WINDOWS = 40, 7, 3
_NEGATIVE_STREAM = 1


class Task(Protocol):
    """What the loop of a run asks for."""

    def parameter_groups(self, network: VideoNetwork) -> list[dict[str, Any]]:
        """Return groups for the optimiser, each with the ``factor`` of its learning rate."""
        ...

    def loss(self, network: VideoNetwork, step: int, progress: float) -> Tensor:
        """Return the loss of a step; what is drawn depends on seed, step and what is kept."""
        ...

    def validate(self, network: VideoNetwork) -> dict[str, float]:
        """Measure on what is held out."""
        ...


class FlowTask:
    """Motion of known answer, over pictures that a source gives.

    Parameters
    ----------
    config : TrainingConfig
    source : Source
    held : Source, optional
    """

    def __init__(self, config: TrainingConfig, source: Source, held: Source | None = None) -> None:
        self.config = config
        self.source = source
        self.held = held
        self.pool: list[Tensor] = []

    def parameter_groups(self, network: VideoNetwork) -> list[dict[str, Any]]:
        """Train the flow network only."""
        network.requires_grad_(False)
        network.basicvsr.spynet.requires_grad_(True)
        return [{"params": list(network.basicvsr.spynet.parameters()), "factor": 1.0}]

    def loss(self, network: VideoNetwork, step: int, progress: float) -> Tensor:
        """Return the end-point errors of a batch of pairs."""
        rng = np.random.default_rng([self.config.seed, step])
        stage = stage_of(self.config.stages, progress)
        if self.pool and self.pool[0].shape[-1] != stage.side:
            self.pool.clear()
        if step % self.config.reuse == 0 or len(self.pool) < stage.batch:
            drawn = [draw_picture(self.source, stage.side, rng) for _ in range(stage.batch)]
            self.pool = [*self.pool, *drawn][-POOL * stage.batch :]
        chosen = rng.choice(len(self.pool), stage.batch, replace=False)
        return self._error(network.basicvsr.spynet, [self.pool[index] for index in chosen], rng)

    def validate(self, network: VideoNetwork) -> dict[str, float]:
        """Return the mean end-point error of the finest level, and of seeing no motion."""
        rng = np.random.default_rng(1)
        spynet = network.basicvsr.spynet
        pictures = [draw_picture(self.held or self.source, 96, rng) for _ in range(32)]
        reference, supporting, truth = (
            torch.cat(parts) for parts in zip(*(make_pair(p, rng) for p in pictures), strict=True)
        )
        with torch.inference_mode():
            found = spynet(reference, supporting)
        return {
            "end_point_error": float((found - truth).norm(dim=1).mean()),
            "end_point_error_of_none": float(truth.norm(dim=1).mean()),
        }

    def _error(
        self, spynet: SpyNet | SmallFlow, pictures: Sequence[Tensor], rng: np.random.Generator
    ) -> Tensor:
        pairs = [make_pair(picture, rng) for picture in pictures]
        reference, supporting, truth = (torch.cat(parts) for parts in zip(*pairs, strict=True))
        return flow_loss(spynet.pyramid(reference, supporting), truth)


class VideoTask:
    """Recordings of pristine clips, and their negatives.

    Parameters
    ----------
    config : TrainingConfig
    source : Source
    held : sequence of ndarray, shape (T, H, W, 3), uint8
        Clips that are never trained on.
    noise : ndarray, shape (S, 30, 64, 64, 3), uint8
        See `acutance_models.negvsr.negatives.collect_noise`.

    Raises
    ------
    ValueError
        If negatives are wanted and there is no noise.
    """

    def __init__(
        self,
        config: TrainingConfig,
        source: Source,
        held: Sequence[NDArray[np.uint8]],
        noise: NDArray[np.uint8],
    ) -> None:
        if config.negative_weight and not len(noise):
            raise ValueError("Expected clips with windows of noise; there are none. Add a clip.")
        self.config = config
        self.source = source
        self.noise = noise
        self.stage = config.stages[0]
        self.pool: list[Batch] = []
        self.held = [
            draw_batch(ClipSource([clip]), 1, VALIDATION_FRAMES, VALIDATION_SIDE, rng)
            for rng in [np.random.default_rng(1)]
            for clip in held
            for _ in range(VALIDATION_WINDOWS)
        ]

    def parameter_groups(self, network: VideoNetwork) -> list[dict[str, Any]]:
        """Train everything, the flow network more slowly."""
        flow = list(network.basicvsr.spynet.parameters())
        rest = [p for name, p in network.named_parameters() if ".spynet." not in name]
        if not self.config.flow_rate:
            network.basicvsr.spynet.requires_grad_(False)
            return [{"params": rest, "factor": 1.0}]
        return [
            {"params": rest, "factor": 1.0},
            {"params": flow, "factor": self.config.flow_rate},
        ]

    def next_batch(self, step: int, progress: float) -> Batch:
        """Draw the batch of a step, or turn an older one where batches are reused."""
        rng = np.random.default_rng([self.config.seed, step])
        stage = stage_of(self.config.stages, progress)
        if stage != self.stage:
            self.stage = stage
            self.pool.clear()
        if self.pool and step % self.config.reuse:
            return turn_batch(self.pool[rng.integers(len(self.pool))], rng)
        batch = draw_batch(
            self.source,
            stage.batch,
            stage.frames,
            stage.side,
            rng,
            is_sharpened=self.config.is_sharpened,
            is_mirrored=self.config.is_mirrored,
        )
        self.pool = [*self.pool[-POOL + 1 :], batch]
        return batch

    def loss(self, network: VideoNetwork, step: int, progress: float) -> Tensor:
        """Return the loss of the recordings and, when it is due, of their negatives."""
        batch = self.next_batch(step, progress)
        rng = np.random.default_rng([self.config.seed, step, _NEGATIVE_STREAM])
        is_due = progress >= self.config.negatives_from
        return video_loss(network, batch, self.config, self.noise if is_due else None, rng)

    def validate(self, network: VideoNetwork) -> dict[str, float]:
        """Return the mean PSNR in dB over the windows held out, and that of interpolating.

        Nothing is returned where nothing is held out.
        """
        if not self.held:
            return {}
        errors = []
        with torch.inference_mode():
            for batch in self.held:
                large = network(batch.small).clamp(0.0, 1.0)
                plain = enlarge(batch.small)
                errors.append([float(((x - batch.large) ** 2).mean()) for x in (large, plain)])
        decibels = (-10.0 * np.log10(np.array(errors))).mean(0)
        return {"psnr": float(decibels[0]), "psnr_of_bicubic": float(decibels[1])}


def video_loss(
    network: VideoNetwork,
    batch: Batch,
    config: TrainingConfig,
    noise: NDArray[np.uint8] | None,
    rng: np.random.Generator,
) -> Tensor:
    """Return the loss of one step.

    Parameters
    ----------
    network : VideoNetwork
    batch : Batch
    config : TrainingConfig
        Weights of the parts; with a `negative_weight` of 0 the step is that of RealBasicVSR.
    noise : ndarray, shape (S, 30, 64, 64, 3), uint8, optional
        None leaves the negatives out.
    rng : Generator
        Decides the negatives and nothing else.

    Returns
    -------
    Tensor, scalar
        Pixels, plus cleaning, plus `negative_weight` times the negative guidance.
    """
    # Each by itself, as in use: a mean over all would let few be cleaned more than once.
    cleaned = torch.cat([network.clean(clip, config.theta)[0] for clip in batch.small[:, None]])
    answer = network.upscale(cleaned)
    loss = pixel_loss(answer, batch.large, config.loss)
    if network.layout.has_cleaning and config.cleaning_weight:
        loss = loss + config.cleaning_weight * cleaning_loss(cleaned, batch.large)
    if noise is None or not config.negative_weight:
        return loss
    # As in the published code: what is mixed and turned are the cleaned frames, not cleaned again.
    negatives = make_negatives(cleaned, noise, rng)
    guidance = negative_guidance(network.upscale(negatives), answer)
    return loss + config.negative_weight * guidance


def stage_of(stages: Sequence[Stage], progress: float) -> Stage:
    """Return the stage that is due."""
    return [stage for stage in stages if stage.start <= progress][-1]


def draw_picture(source: Source, side: int, rng: np.random.Generator) -> Tensor:
    """Draw a picture (1, 3, side, side) as sharp as a small frame is."""
    picture = torch.from_numpy(source.draw(1, 2 * side, rng)).movedim(-1, 1)
    return functional.avg_pool2d(picture, 2)


def enlarge(frames: Tensor) -> Tensor:
    """Enlarge frames (N, T, 3, H, W) by 4, bicubically, clipped to [0, 1]."""
    large = functional.interpolate(
        frames.flatten(0, 1), scale_factor=4.0, mode="bicubic", align_corners=False
    )
    return large.clamp(0.0, 1.0).view(*frames.shape[:2], *large.shape[1:])


def trainable(network: nn.Module) -> list[nn.Parameter]:
    """Return the parameters that are trained."""
    return [parameter for parameter in network.parameters() if parameter.requires_grad]
