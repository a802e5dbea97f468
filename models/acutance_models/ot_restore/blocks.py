"""Parts that restorers and autoencoders share: residual blocks, levels, padding.

There is no normalisation: a pixel far from a border does not depend on what else is in the
picture, tiles give what the whole would, and a batch of one is like any other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from torch import nn
from torch.nn import functional

if TYPE_CHECKING:
    from torch import Tensor


class ResidualBlock(nn.Module):
    """Add to the input what two 3x3 convolutions make of it.

    The second convolution starts at 0, so that a new network of any depth is the identity.

    Parameters
    ----------
    width : int
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(width, width, 3, padding=1)
        self.second = nn.Conv2d(width, width, 3, padding=1)
        nn.init.kaiming_normal_(self.first.weight, nonlinearity="relu")
        for parameter in (self.first.bias, self.second.weight, self.second.bias):
            if parameter is not None:
                nn.init.zeros_(parameter)

    def forward(self, x: Tensor) -> Tensor:
        """Map (N, width, H, W) to the same shape."""
        changed: Tensor = x + self.second(functional.relu(self.first(x)))
        return changed


def residual_stage(width: int, blocks: int) -> nn.Sequential:
    """Return the residual blocks of one level."""
    return nn.Sequential(*(ResidualBlock(width) for _ in range(blocks)))


def halve(width: int, next_width: int) -> nn.Conv2d:
    """Return the step to the next coarser level."""
    return nn.Conv2d(width, next_width, 2, stride=2)


def double(width: int, next_width: int) -> nn.ConvTranspose2d:
    """Return the step to the next finer level."""
    return nn.ConvTranspose2d(width, next_width, 2, stride=2)


def pad_to_multiple(pictures: Tensor, multiple: int) -> Tensor:
    """Extend pictures to the right and below until their sides are multiples.

    Parameters
    ----------
    pictures : Tensor, shape (N, C, H, W)
    multiple : int

    Returns
    -------
    Tensor
        The very tensor where nothing was to do. Mirrored, or, where a side is too short for
        that, its last line repeated. ``result[..., :H, :W]`` is what was given.
    """
    height, width = pictures.shape[-2:]
    below, right = -height % multiple, -width % multiple
    if not below and not right:
        return pictures
    is_mirrored = below < height and right < width
    return functional.pad(
        pictures, (0, right, 0, below), mode="reflect" if is_mirrored else "replicate"
    )
