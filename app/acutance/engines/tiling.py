"""Class probabilities of slices of any size: whole where they fit, else in overlapping tiles.

A tile counts only where the network saw at least `context` pixels beyond it, but at the border of
the slice; across the seam a raised cosine fades from one tile to the next. Tiles begin at multiples
of 16, so that the poolings of the network fall on the same pixels as in the whole slice.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import torch
from torch.nn import functional

from acutance.errors import DeviceMemoryError, EngineError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from torch import Tensor

#: Sides are padded to multiples of this: four poolings halve them.
MULTIPLE = 16
#: Pixels across which one tile fades into the next.
SEAM = 32
#: The least that a tile adds to the one before; less would cost many times the whole.
SMALLEST_STEP = 64
#: Pixels that go through the network at once; fewer when the device runs out of memory.
PIXELS_AT_ONCE = 1 << 18
_NO_MEMORY = ("not enough memory", "can't allocate memory", "out of memory")


class TiledPredictor:
    """Asks a network for class probabilities; makes do with less where memory ends.

    Parameters
    ----------
    network : callable
        Maps (N, C, H, W), float32, to logits (N, K, H, W).
    device : torch.device
    tile : int
        Longest side that is not cut into tiles; a multiple of 16.
    context : int
        Pixels beside a kept pixel that lie in its tile; a multiple of 16.
    flips : sequence of tuple of int
        Axes of a slice (0 rows, 1 columns) that are mirrored, once each; `()` is the slice itself.
    answer : callable
        Turns what the network gives into what is wanted; by default into class probabilities.
    """

    def __init__(
        self,
        network: Callable[[Tensor], Tensor],
        device: torch.device,
        *,
        tile: int,
        context: int,
        flips: Sequence[tuple[int, ...]] = ((),),
        answer: Callable[[Tensor], Tensor] | None = None,
    ) -> None:
        self._network = network
        self._answer = probabilities if answer is None else answer
        self._device = device
        self.tile = tile
        self.context = context
        self.flips = tuple(flips)
        self.pixels_at_once = PIXELS_AT_ONCE

    @property
    def smallest_tile(self) -> int:
        """The least that a context and a seam on both sides leave something of."""
        return 2 * self.context + SEAM + SMALLEST_STEP

    @torch.inference_mode()
    def predict(self, slices: Tensor, on_tile: Callable[[], None]) -> Tensor:
        """Return probabilities of the classes.

        Parameters
        ----------
        slices : Tensor, shape (N, C, H, W), float32, on the CPU
        on_tile : callable
            Told before each pass; may raise to end the work.

        Returns
        -------
        Tensor, shape (N, K, H, W), float32, on the CPU
            Sums to 1 over K; a network with one output gives two, background first.

        Raises
        ------
        DeviceMemoryError
            If the smallest tile alone is too much.
        EngineError
            If the network gives a value that is not a number.
        """
        height, width = slices.shape[-2:]
        padded = pad_to_multiple(slices)
        while True:
            try:
                total = self._whole_or_tiles(padded, on_tile)
                break
            except (torch.OutOfMemoryError, MemoryError, RuntimeError) as error:
                if not is_out_of_memory(error) or not self._make_do():
                    raise _explained(error) from error
        if not bool(torch.isfinite(total).all()):
            raise EngineError(
                "The network gave a value that is not a number.", remedy="Use other weights."
            )
        return total[..., :height, :width]

    def _make_do(self) -> bool:
        """Take half as much at once from now on; return False where nothing is left to halve."""
        if self._device.type == "cuda":
            torch.cuda.empty_cache()
        if self.pixels_at_once > self.tile**2:
            self.pixels_at_once //= 2
            return True
        smaller = max(self.smallest_tile, self.tile // 2 // MULTIPLE * MULTIPLE)
        if smaller >= self.tile:
            return False
        self.tile = smaller
        return True

    def _whole_or_tiles(self, padded: Tensor, on_tile: Callable[[], None]) -> Tensor:
        height, width = padded.shape[-2:]
        rows = tile_spans(height, self.tile, self.context)
        columns = tile_spans(width, self.tile, self.context)
        if len(rows) == len(columns) == 1:
            return self._in_parts(padded, on_tile)
        total: Tensor | None = None
        weight = torch.zeros(1, 1, height, width)
        for top, bottom in rows:
            down = fade(top, bottom, height, self.context)
            for left, right in columns:
                part = self._in_parts(padded[..., top:bottom, left:right], on_tile)
                across = fade(left, right, width, self.context)
                share = down[:, None] * across[None, :]
                if total is None:
                    total = torch.zeros(*part.shape[:2], height, width)
                total[..., top:bottom, left:right] += part * share
                weight[..., top:bottom, left:right] += share
        assert total is not None
        return total / weight

    def _in_parts(self, slices: Tensor, on_tile: Callable[[], None]) -> Tensor:
        """Send slices of one size through the network, a few at a time."""
        step = max(1, self.pixels_at_once // (slices.shape[-1] * slices.shape[-2]))
        parts = []
        for start in range(0, len(slices), step):
            part = slices[start : start + step].to(self._device)
            part = part.to(memory_format=torch.channels_last)
            total: Tensor | None = None
            for axes in self.flips:
                on_tile()
                mirrored = tuple(axis + 2 for axis in axes)
                logits = self._network(torch.flip(part, mirrored) if axes else part)
                found = self._answer(logits.float())
                found = torch.flip(found, mirrored) if axes else found
                total = found if total is None else total + found
            assert total is not None
            parts.append((total / len(self.flips)).cpu())
        return torch.cat(parts)


def pad_to_multiple(slices: Tensor) -> Tensor:
    """Pad below and to the right to multiples of 16, by reflection as far as a slice reaches."""
    below, right = -slices.shape[-2] % MULTIPLE, -slices.shape[-1] % MULTIPLE
    while below or right:
        # A reflection is at most one pixel shorter than what it reflects.
        now = min(below, slices.shape[-2] - 1), min(right, slices.shape[-1] - 1)
        if now == (0, 0):
            return functional.pad(slices, (0, right, 0, below), mode="replicate")
        slices = functional.pad(slices, (0, now[1], 0, now[0]), mode="reflect")
        below, right = below - now[0], right - now[1]
    return slices


def tile_spans(length: int, tile: int, context: int) -> list[tuple[int, int]]:
    """Return begin and end of the tiles along one side; both are multiples of 16.

    Neighbours share twice the context and the seam, the last two may share more.
    """
    if length <= tile:
        return [(0, length)]
    step = (tile - 2 * context - SEAM) // MULTIPLE * MULTIPLE
    begins = [*range(0, length - tile, step), length - tile]
    return [(begin, begin + tile) for begin in begins]


def fade(begin: int, end: int, length: int, context: int) -> Tensor:
    """Return the weights along one side of a tile, shape (end - begin,), in [0, 1].

    0 over the context, then a raised cosine over the seam, then 1; 1 up to the border of the slice.
    """
    ramp = 0.5 - 0.5 * torch.cos((torch.arange(SEAM) + 0.5) * (math.pi / SEAM))
    weights = torch.ones(end - begin)
    if begin > 0:
        weights[:context] = 0.0
        weights[context : context + SEAM] = ramp
    if end < length:
        weights[-context:] = 0.0
        weights[-context - SEAM : -context] = ramp.flip(0)
    return weights


def probabilities(logits: Tensor) -> Tensor:
    """Return softmax over the classes; one output alone is the foreground's sigmoid."""
    if logits.shape[1] > 1:
        return torch.softmax(logits, dim=1)
    foreground = torch.sigmoid(logits)
    return torch.cat((1.0 - foreground, foreground), dim=1)


def normalised_entropy(probability: Tensor) -> Tensor:
    """Return -sum p ln p / ln K over the classes, shape (N, H, W), in [0, 1].

    References
    ----------
    .. [1] Shannon, Bell Syst. Tech. J. 27(3), 1948.
    """
    entropy: Tensor = torch.special.entr(probability).sum(dim=1)
    return (entropy / math.log(probability.shape[1])).clamp(0.0, 1.0)


def is_out_of_memory(error: BaseException) -> bool:
    """Return whether a device, or this machine, had too little memory."""
    if isinstance(error, torch.OutOfMemoryError | MemoryError):
        return True
    return any(words in str(error).lower() for words in _NO_MEMORY)


def _explained(error: BaseException) -> BaseException:
    if not is_out_of_memory(error):
        return error
    return DeviceMemoryError(
        "The device has too little free memory for one tile.",
        remedy="Close other programs or use --device cpu.",
    )
