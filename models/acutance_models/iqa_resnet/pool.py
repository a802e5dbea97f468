"""Corrupted slices that are kept to be trained on again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from acutance_models.iqa_resnet.training_data import CELLS, Batch

if TYPE_CHECKING:
    import numpy as np
    from torch import Tensor


class SlicePool:
    """The newest corrupted slices, from which batches are drawn that are each like no other.

    A batch as it is made holds several slices of one volume; drawn from a pool, its slices are
    as unlike as those of the whole training, and so are the statistics it is normalised by.

    Parameters
    ----------
    capacity : int
        Slices kept; the oldest give way.
    side : int
        Pixels along each side.
    """

    def __init__(self, capacity: int, side: int) -> None:
        self.images = torch.empty((capacity, 1, side, side), dtype=torch.float16)
        self.labels = torch.empty(capacity)
        self.cells = torch.empty((capacity, CELLS, CELLS), dtype=torch.float16)
        self.added = 0

    def __len__(self) -> int:
        """Return the number of slices held."""
        return min(self.added, len(self.labels))

    def add(self, batch: Batch) -> None:
        """Keep the slices of a batch.

        Parameters
        ----------
        batch : Batch
            Images of the pool's size.
        """
        places = torch.arange(self.added, self.added + len(batch.labels)) % len(self.labels)
        self.images[places] = batch.images.half()
        self.labels[places] = batch.labels
        self.cells[places] = batch.cells.half()
        self.added += len(batch.labels)

    def draw(self, size: int, rng: np.random.Generator) -> Batch:
        """Draw slices, each turned by quarters and flipped on its own; labels stay true.

        Parameters
        ----------
        size : int
        rng : numpy.random.Generator
            Advanced by the call.

        Returns
        -------
        Batch
            float32; the images as near as float16 comes.
        """
        chosen = rng.integers(len(self), size=size)
        turns = [(int(rng.integers(4)), bool(rng.random() < 0.5)) for _ in range(size)]
        images = [_turn(self.images[n], *turn) for n, turn in zip(chosen, turns, strict=True)]
        cells = [_turn(self.cells[n], *turn) for n, turn in zip(chosen, turns, strict=True)]
        return Batch(torch.stack(images).float(), self.labels[chosen], torch.stack(cells).float())


def _turn(maps: Tensor, quarters: int, is_flipped: bool) -> Tensor:
    turned = torch.rot90(maps, quarters, (-2, -1))
    return turned.flip(-1) if is_flipped else turned
