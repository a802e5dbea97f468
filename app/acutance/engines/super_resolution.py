"""Frames of a clip at four, or two, times their size, by a recurrent network.

References
----------
.. [1] Song, Wang, Yang, et al., "NegVSR: augmenting negatives for generalized noise modeling in
   real-world video super-resolution", AAAI 2024, arXiv:2305.14669.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from acutance import __version__
from acutance.core.quality import ModelFacts
from acutance.core.upscaling import MIN_TILE, NETWORK_SCALE, UpscaleResult
from acutance.engines.device import resolve_device
from acutance.engines.tiling import is_out_of_memory
from acutance.engines.video_network import VideoNetwork, load_video_network
from acutance.engines.video_pixels import Levels, bicubic, departure, reduced, to_levels, to_stored
from acutance.engines.video_streaming import Chunk, Memory, Span
from acutance.errors import DeviceMemoryError, UnsupportedInputError

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from torch import Tensor

    from acutance.core.upscaling import UpscaleRequest
    from acutance.engines.base import CancelToken, Progress

#: Frames of fewer pixels along a side leave no motion to be found.
MIN_SIDE = 16
#: What a result without any share of a network names in its place.
BICUBIC = ModelFacts("bicubic interpolation", "", "")


class SuperResolutionEngine:
    """Give the frames of a clip more pixels, a chunk at a time.

    The same request gives the same frames on the same device, whatever was asked for before.

    Parameters
    ----------
    device : str
        "auto", "cpu" or "cuda:N".

    Raises
    ------
    UnsupportedInputError
        If this machine has no such device.
    """

    def __init__(self, device: str) -> None:
        self._device = resolve_device(device)
        self._networks: dict[tuple[object, ...], VideoNetwork] = {}
        self._memory = Memory()
        self._clip: tuple[object, ...] = ()
        if self._device.type == "cuda":
            torch.backends.cudnn.benchmark = False
            torch.backends.cudnn.deterministic = True

    def run(self, request: UpscaleRequest, progress: Progress, token: CancelToken) -> UpscaleResult:
        """Return the wanted frames at more pixels.

        Raises
        ------
        UnsupportedInputError
            If there is no such network, or frames are smaller than 16 pixels.
        EngineError
            If the weights cannot be used.
        DeviceMemoryError
            If the smallest tile is too much for the device.
        JobCancelled
            If the user cancelled; looked at before every recurrent step.
        """
        started = time.monotonic()
        settings = request.settings
        height, width = request.frames.shape[1:3]
        if min(height, width) < MIN_SIDE:
            raise UnsupportedInputError(
                f"Frames of {width} x {height} pixels are too small; {MIN_SIDE} are needed."
            )
        with torch.inference_mode():
            if settings.strength == 0.0:
                return _Enlarged(request, self._device).result(started)
            progress.report(0.0, "loading network")
            network = load_video_network(settings, self._device, self._networks)
            tile = settings.tile
            while True:
                try:
                    return self._run(request, network, tile, progress, token, started)
                except (torch.OutOfMemoryError, MemoryError, RuntimeError) as error:
                    if not is_out_of_memory(error):
                        raise
                    self._memory = Memory()
                    tile = self._smaller(tile, request)
                    if not tile:
                        raise DeviceMemoryError(
                            "The device has too little free memory for the smallest tile.",
                            remedy="Use a smaller --chunk, close other programs or use "
                            "--device cpu.",
                        ) from error

    def _smaller(self, tile: int, request: UpscaleRequest) -> int:
        """Return the next smaller tile; 0 where there is none."""
        if self._device.type == "cuda":
            torch.cuda.empty_cache()
        now = tile or max(request.frames.shape[1:3])
        return 0 if now <= MIN_TILE else max(MIN_TILE, now // 2)

    def _run(
        self,
        request: UpscaleRequest,
        network: VideoNetwork,
        tile: int,
        progress: Progress,
        token: CancelToken,
        started: float,
    ) -> UpscaleResult:
        work = _Enlarged(request, self._device)
        chunk = Chunk(
            [levels.frame for levels in work.levels],
            request.first,
            network.steps,
            theta=request.settings.theta,
            tile=tile,
            whole=request.whole,
            memory=self._memory_of(request, network, tile),
            check=token.raise_if_cancelled,
        )
        start, stop = request.start - request.first, request.stop - request.first
        passes = chunk.clean()
        progress.report(0.2, "cleaned")
        tiles = 0

        def take(place: int, rows: Span, columns: Span, made: Tensor) -> None:
            nonlocal tiles
            tiles += (rows.keep_end - rows.keep_begin) * (columns.keep_end - columns.keep_begin)
            with chunk.watch.on("output"):
                work.take(place, rows, columns, made)
            share = tiles / (chunk.height * chunk.width)
            progress.report(0.2 + 0.8 * min(1.0, share / (stop - start)), f"{share:.0f} frames")

        chunk.upscale(start, stop, take)
        self._memory.keep(request.start, request.first + len(request.frames))
        with chunk.watch.on("output"):
            work.guard()
        return work.result(
            started,
            passes=passes[start:stop],
            model=network.facts,
            stages=chunk.watch.seconds,
            tile=chunk.tile,
            precision=network.precision,
        )

    def _memory_of(self, request: UpscaleRequest, network: VideoNetwork, tile: int) -> Memory:
        """Return what is known of the frames of this clip under these settings."""
        settings = request.settings
        clip = (
            request.clip, network.facts.sha256, settings.theta, tile, network.precision,
            request.frames.shape[1:], request.range, request.whole,
        )  # fmt: skip
        if not request.clip or clip != self._clip:
            self._memory, self._clip = Memory(), clip
        self._memory.keep(request.first, request.first + len(request.frames))
        return self._memory


class _Enlarged:
    """The frames that are made, as they grow."""

    def __init__(self, request: UpscaleRequest, device: torch.device) -> None:
        self._request = request
        self._device = device
        self._scale = request.settings.scale
        frames = request.frames
        self.levels: list[Levels] = [to_levels(f, request.range, device) for f in frames]
        _, height, width, channels = frames.shape
        count = request.stop - request.start
        self.array: NDArray[Any] = np.empty(
            (count, self._scale * height, self._scale * width, channels), frames.dtype
        )
        self._departures = [0.0] * count
        self._fallbacks: list[int] = []
        self._broken: set[int] = set()

    @property
    def _offset(self) -> int:
        return self._request.start - self._request.first

    def take(self, place: int, rows: Span, columns: Span, made: Tensor) -> None:
        """Put a tile of a frame, counted from the first of the request, in its place."""
        levels = reduced(made, self._scale)
        strength = self._request.settings.strength
        part = (rows.keep_begin, rows.keep_end), (columns.keep_begin, columns.keep_end)
        if strength < 1.0:
            plain = bicubic(self.levels[place].frame, *part, self._scale)
            levels = strength * levels.clamp(0.0, 1.0) + (1.0 - strength) * plain.clamp(0.0, 1.0)
        if not bool(torch.isfinite(levels).all()):
            self._broken.add(place - self._offset)
            levels = torch.nan_to_num(levels)
        self._put(place, part, levels)

    def guard(self) -> None:
        """Put bicubic frames in the place of those that depart from their input, or hold NaN."""
        for place, made in enumerate(self.array):
            frame = self._request.frames[self._offset + place]
            found = departure(made, frame, self._request.range)
            self._departures[place] = round(found.mean, 6)
            if found.is_too_far or place in self._broken:
                self._interpolate(place)
                self._fallbacks.append(self._request.start + place)

    def result(
        self,
        started: float,
        *,
        passes: list[int] | None = None,
        model: ModelFacts | None = None,
        stages: dict[str, float] | None = None,
        tile: int = 0,
        precision: str = "float32",
    ) -> UpscaleResult:
        """Return all frames; those that no network made are interpolated here."""
        if model is None:
            for place in range(len(self.array)):
                self._interpolate(place)
        settings = self._request.settings
        return UpscaleResult(
            self.array,
            self._request.start,
            tuple(passes) if passes is not None else (0,) * len(self.array),
            tuple(self._departures),
            tuple(self._fallbacks),
            model if model is not None else BICUBIC,
            str(self._device),
            {
                "scale": settings.scale,
                "network_scale": NETWORK_SCALE,
                "strength": settings.strength,
                "theta": settings.theta,
                "tile": tile,
                "precision": precision,
                "range": [self._request.range.low, self._request.range.high],
                "torch": torch.__version__,
                "acutance": __version__,
            },
            {name: round(seconds, 4) for name, seconds in (stages or {}).items()},
            round(time.monotonic() - started, 3),
        )

    def _interpolate(self, place: int) -> None:
        """Make a wanted frame, counted from the first wanted one, by interpolation alone."""
        _, height, width, _ = self._request.frames.shape
        part = (0, height), (0, width)
        frame = self.levels[self._offset + place].frame
        self._put(self._offset + place, part, bicubic(frame, *part, self._scale))

    def _put(
        self, place: int, part: tuple[tuple[int, int], tuple[int, int]], levels: Tensor
    ) -> None:
        """Store levels as part of a frame, counted from the first of the request."""
        (top, bottom), (left, right) = part
        scale, frames = self._scale, self._request.frames
        excess = self.levels[place].excess
        if excess is not None:
            excess = bicubic(excess, *part, scale)
        stored = to_stored(levels, excess, self._request.range, frames.shape[3], frames.dtype)
        self.array[
            place - self._offset, scale * top : scale * bottom, scale * left : scale * right
        ] = stored
