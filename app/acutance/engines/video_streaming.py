"""Frames through a recurrent network with memory that does not grow with the clip.

A chunk of frames is propagated with some frames of context on both sides, of which nothing is
kept. Large frames are propagated in tiles with context; motion is estimated on whole frames, so
that a tile moves as its frame does. The last, feed-forward part runs in strips of rows that reach
far enough beyond what is kept to change nothing.

References
----------
.. [1] Chan, Zhou, Xu, Loy, "Investigating tradeoffs in real-world video super-resolution",
   CVPR 2022, arXiv:2111.12704: cleaning, then bidirectional propagation.
"""

from __future__ import annotations

import itertools
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, Protocol

import torch

from acutance.core.upscaling import JUDGED_FRAMES, MIN_TILE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from torch import Tensor

#: Times a frame is cleaned at most.
MOST_PASSES = 3
#: Pixels beside a kept one that lie in its tile: while cleaning, exact; while propagating.
CLEANING_CONTEXT, TILE_CONTEXT = 48, 32
#: What the backward features of a chunk may take where tiles are chosen.
FEATURE_BYTES = 256 << 20
#: What the largest feature map of the last part may take.
STRIP_BYTES = 96 << 20
#: Rows of the input beside a strip that its last rows depend on: 3 x 3 and 5 x 5 neighbourhoods
#: at once, twice and four times the size.
STRIP_CONTEXT = 6


class Steps(Protocol):
    """The parts of a network, each on tensors of one frame; see `video_network.Steps`."""

    channels: int
    has_cleaning: bool
    half: torch.dtype

    def residue(self, frame: Tensor) -> Tensor:
        """Return the change of one cleaning, shape of `frame`: (1, 3, H, W)."""

    def flow(self, reference: Tensor, other: Tensor) -> Tensor:
        """Return where each pixel of `reference` lies in `other`, (1, 2, H, W), float32."""

    def backward(self, frame: Tensor, state: Tensor | None, flow: Tensor | None) -> Tensor:
        """Return the state of a frame from that of the next one, (1, channels, H, W)."""

    def forward(self, frame: Tensor, state: Tensor | None, flow: Tensor | None) -> Tensor:
        """Return the state of a frame from that of the one before, (1, channels, H, W)."""

    def reconstruct(self, backward: Tensor, forward: Tensor, frame: Tensor) -> Tensor:
        """Return the frame at four times the size, (1, 3, 4 H, 4 W), float32."""


class Span(NamedTuple):
    """A piece of a side: what is looked at, and what of it is kept."""

    begin: int
    end: int
    keep_begin: int
    keep_end: int


def spans(length: int, largest: int, context: int) -> list[Span]:
    """Cut a side into pieces of at most `largest`, each with context but at the ends.

    The kept parts are of nearly one size and cover the side without overlap.
    """
    if length <= largest:
        return [Span(0, length, 0, length)]
    step = max(1, largest - 2 * context)
    count = -(-length // step)
    cuts = [round(n * length / count) for n in range(count + 1)]
    return [
        Span(max(0, begin - context), min(length, end + context), begin, end)
        for begin, end in itertools.pairwise(cuts)
    ]


@dataclass
class Watch:
    """Seconds spent in each stage."""

    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def on(self, stage: str) -> Iterator[None]:
        """Count the time of a block."""
        start = time.monotonic()
        try:
            yield
        finally:
            self.seconds[stage] = self.seconds.get(stage, 0.0) + time.monotonic() - start


@dataclass
class Memory:
    """What was found for frames of a clip and may be used again, by number of the frame.

    Using it again changes no value: each entry depends on the clip and its number alone.
    """

    cleaned: dict[int, Tensor] = field(default_factory=dict)
    passes: dict[int, int] = field(default_factory=dict)
    flows: dict[tuple[int, int], Tensor] = field(default_factory=dict)

    def keep(self, first: int, stop: int) -> None:
        """Let go of everything outside a range of frames."""
        there = range(first, stop)
        self.cleaned = {n: v for n, v in self.cleaned.items() if n in there}
        self.passes = {n: v for n, v in self.passes.items() if n in there}
        self.flows = {(a, b): v for (a, b), v in self.flows.items() if a in there and b in there}


class Chunk:
    """Some neighbouring frames of a clip on their way to more pixels.

    Parameters
    ----------
    frames : sequence of Tensor, shape (1, 3, H, W), float32, in [0, 1]
        On the device.
    first : int
        Number of the first of them in the clip.
    steps : Steps
    theta : float
        In levels of 8 bits.
    tile : int
        Longest side propagated at once; 0 to choose.
    whole : bool
        Whether this is the whole clip: cleaning is then judged over all of it, and features stay
        in float32, as the network does it by itself.
    memory : Memory
        Of this clip.
    check : callable
        Called before each step; may raise to end the work.
    """

    def __init__(
        self,
        frames: Sequence[Tensor],
        first: int,
        steps: Steps,
        *,
        theta: float,
        tile: int = 0,
        whole: bool = False,
        memory: Memory | None = None,
        check: Callable[[], None] = lambda: None,
    ) -> None:
        self._frames = frames
        self._first = first
        self._steps = steps
        self._theta = theta
        self._whole = whole
        self._memory = memory if memory is not None else Memory()
        self._check = check
        self.watch = Watch()
        self.height, self.width = frames[0].shape[-2:]
        self.tile = tile or choose_tile(self.height, self.width, len(frames), steps.channels)

    def clean(self) -> list[int]:
        """Clean all frames; return how often each was."""
        count = len(self._frames)
        length = count if self._whole else JUDGED_FRAMES
        begin = 0
        while begin < count:
            number = self._first + begin
            end = (
                count if self._whole else min(count, (number // length + 1) * length - self._first)
            )
            self._clean_block(begin, end)
            begin = end
        return [self._memory.passes[self._first + n] for n in range(count)]

    def upscale(
        self, start: int, stop: int, take: Callable[[int, Span, Span, Tensor], None]
    ) -> None:
        """Give every wanted frame, tile by tile, to `take`.

        Parameters
        ----------
        start, stop : int
            Wanted frames, counted from the first of the chunk.
        take : callable
            Hears the frame counted likewise, the rows and columns of the tile, and what is kept of
            it at four times the size, (1, 3, 4 h, 4 w), float32.
        """
        self.clean()
        for rows in spans(self.height, self.tile, TILE_CONTEXT):
            for columns in spans(self.width, self.tile, TILE_CONTEXT):
                self._propagate(rows, columns, start, stop, take)

    def _clean_block(self, begin: int, end: int) -> None:
        numbers = [self._first + n for n in range(begin, end)]
        memory = self._memory
        if all(number in memory.cleaned for number in numbers):
            return
        frames = [self._frames[n] for n in range(begin, end)]
        done, most = 0, MOST_PASSES if self._steps.has_cleaning else 0
        while done < most:
            total = 0.0
            for place, frame in enumerate(frames):
                self._check()
                with self.watch.on("cleaning"):
                    residue = self._residue(frame)
                    total += float(residue.abs().mean(dtype=torch.float64))
                    frames[place] = frame + residue
            done += 1
            if total / len(frames) < self._theta / 255.0:
                break
        for number, frame in zip(numbers, frames, strict=True):
            memory.cleaned[number], memory.passes[number] = frame, done

    def _residue(self, frame: Tensor) -> Tensor:
        rows = spans(self.height, self.tile, CLEANING_CONTEXT)
        columns = spans(self.width, self.tile, CLEANING_CONTEXT)
        if len(rows) == len(columns) == 1:
            return self._steps.residue(frame)
        found = torch.empty_like(frame)
        for down in rows:
            for across in columns:
                part = self._steps.residue(_cut(frame, down, across))
                found[..., down.keep_begin : down.keep_end, across.keep_begin : across.keep_end] = (
                    _kept(part, down, across)
                )
        return found

    def _flow(self, reference: int, other: int) -> Tensor:
        """Return the flow between two cleaned frames, counted from the first of the chunk."""
        pair = self._first + reference, self._first + other
        found = self._memory.flows.get(pair)
        if found is None:
            with self.watch.on("flow"):
                cleaned = self._memory.cleaned
                found = self._steps.flow(cleaned[pair[0]], cleaned[pair[1]])
            self._memory.flows[pair] = found
        return found

    def _propagate(
        self,
        rows: Span,
        columns: Span,
        start: int,
        stop: int,
        take: Callable[[int, Span, Span, Tensor], None],
    ) -> None:
        steps, count = self._steps, len(self._frames)
        kept: dict[int, Tensor] = {}
        state: Tensor | None = None
        for place in reversed(range(start, count)):
            self._check()
            flow = None if state is None else _cut(self._flow(place, place + 1), rows, columns)
            with self.watch.on("propagation"):
                state = steps.backward(self._cleaned(place, rows, columns), state, flow)
                if place < stop:
                    kept[place] = state if self._whole else state.to(steps.half)
        state = None
        for place in range(stop):
            self._check()
            flow = None if state is None else _cut(self._flow(place, place - 1), rows, columns)
            frame = self._cleaned(place, rows, columns)
            with self.watch.on("propagation"):
                state = steps.forward(frame, state, flow)
            if place >= start:
                with self.watch.on("reconstruction"):
                    result = self._reconstruct(kept.pop(place), state, frame)
                take(place, rows, columns, _kept(result, rows, columns, 4))

    def _cleaned(self, place: int, rows: Span, columns: Span) -> Tensor:
        return _cut(self._memory.cleaned[self._first + place], rows, columns)

    def _reconstruct(self, backward: Tensor, forward: Tensor, frame: Tensor) -> Tensor:
        height, width = frame.shape[-2:]
        row_bytes = 16 * width * self._steps.channels * 4
        largest = max(4 * STRIP_CONTEXT, STRIP_BYTES // row_bytes)
        strips = spans(height, largest, STRIP_CONTEXT)
        if len(strips) == 1:
            return self._steps.reconstruct(backward, forward, frame)
        across = Span(0, width, 0, width)
        parts = []
        for strip in strips:
            self._check()
            made = self._steps.reconstruct(
                *(_cut(tensor, strip, across) for tensor in (backward, forward, frame))
            )
            parts.append(_kept(made, strip, across, 4))
        return torch.cat(parts, dim=-2)


def choose_tile(height: int, width: int, frames: int, channels: int) -> int:
    """Return the longest side for which the features of a chunk fit their share of memory."""
    pixels = FEATURE_BYTES // (2 * channels * max(1, frames))
    if height * width <= pixels:
        return max(height, width)
    return max(MIN_TILE, int(pixels**0.5))


def _cut(tensor: Tensor, rows: Span, columns: Span) -> Tensor:
    return tensor[..., rows.begin : rows.end, columns.begin : columns.end]


def _kept(tensor: Tensor, rows: Span, columns: Span, scale: int = 1) -> Tensor:
    """Return the part of a tile's result that is kept."""
    top, bottom = (scale * (n - rows.begin) for n in (rows.keep_begin, rows.keep_end))
    left, right = (scale * (n - columns.begin) for n in (columns.keep_begin, columns.keep_end))
    return tensor[..., top:bottom, left:right]
