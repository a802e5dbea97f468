"""What the video networks are made of, under the names of the distributed networks.

References
----------
.. [1] Chan et al., "BasicVSR", CVPR 2021.
.. [2] Wang et al., "CARAFE: content-aware reassembly of features", ICCV 2019, equations (1)-(4).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import nn
from torch.nn import functional

if TYPE_CHECKING:
    from torch import Tensor

SLOPE = 0.1  # of every leaky ReLU


class ResidualBlock(nn.Module):
    """Add two 3x3 convolutions with a ReLU between them to what they are given.

    Parameters
    ----------
    width : int
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(width, width, 3, 1, 1)
        self.conv2 = nn.Conv2d(width, width, 3, 1, 1)
        for conv in (self.conv1, self.conv2):  # near identity at first, as published
            nn.init.kaiming_normal_(conv.weight)
            nn.init.zeros_(conv.bias)  # type: ignore[arg-type]
            conv.weight.data.mul_(0.1)

    def forward(self, x: Tensor) -> Tensor:
        """Map (N, width, H, W) to the same shape."""
        y: Tensor = x + self.conv2(functional.relu(self.conv1(x), inplace=True))
        return y


class Trunk(nn.Module):
    """A 3x3 convolution with leaky ReLU, then residual blocks.

    Parameters
    ----------
    in_channels, width, blocks : int
    """

    def __init__(self, in_channels: int, width: int, blocks: int) -> None:
        super().__init__()
        self.main = nn.Sequential(
            nn.Conv2d(in_channels, width, 3, 1, 1),
            nn.LeakyReLU(SLOPE, inplace=True),
            nn.Sequential(*(ResidualBlock(width) for _ in range(blocks))),
        )

    def forward(self, x: Tensor) -> Tensor:
        """Map (N, in_channels, H, W) to (N, width, H, W)."""
        y: Tensor = self.main(x)
        return y


class PixelShuffleUp(nn.Module):
    """Double the size by a 3x3 convolution to four times the channels and a pixel shuffle.

    Parameters
    ----------
    in_channels, out_channels : int
    """

    def __init__(self, in_channels: int, out_channels: int) -> None:
        super().__init__()
        self.upsample_conv = nn.Conv2d(in_channels, 4 * out_channels, 3, 1, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Map (N, in_channels, H, W) to (N, out_channels, 2 H, 2 W)."""
        return functional.pixel_shuffle(self.upsample_conv(x), 2)


class CarafeUp(nn.Module):
    """Double the size by weighted sums over 5x5 neighbourhoods, with weights from the content.

    Parameters
    ----------
    width : int
        Channels in and out.
    compressed : int
        Channels the weights are made from.
    """

    SCALE, SIDE = 2, 5

    def __init__(self, width: int, compressed: int = 64) -> None:
        super().__init__()
        self.channel_compressor = nn.Conv2d(width, compressed, 1)
        self.content_encoder = nn.Conv2d(compressed, (self.SCALE * self.SIDE) ** 2, 3, 1, 1)

    def weights(self, x: Tensor) -> Tensor:
        """Return the weights of every pixel to be, (N, 25, 2 H, 2 W); they add up to 1."""
        encoded = self.content_encoder(self.channel_compressor(x))
        return functional.pixel_shuffle(encoded, self.SCALE).softmax(1)

    def forward(self, x: Tensor) -> Tensor:
        """Map (N, width, H, W) to (N, width, 2 H, 2 W)."""
        return reassemble(x, self.weights(x))


def reassemble(x: Tensor, weights: Tensor) -> Tensor:
    """Sum neighbourhoods of pixels with the weights of CARAFE.

    Parameters
    ----------
    x : Tensor, shape (N, C, H, W)
    weights : Tensor, shape (N, K * K, S H, S W), K odd
        Of each pixel to be: ``K * row + column`` in the K x K pixels around the pixel of `x` that
        it lies in. One set for all channels.

    Returns
    -------
    Tensor, shape (N, C, S H, S W)
        Pixels outside of `x` count as 0.
    """
    batch, channels, height, width = x.shape
    side = round(weights.shape[1] ** 0.5)
    scale = weights.shape[2] // height
    margin = side // 2
    padded = functional.pad(x, (margin,) * 4)[:, :, :, None, :, None]
    shares = weights.view(batch, side * side, 1, height, scale, width, scale)
    total = x.new_zeros((batch, channels, height, scale, width, scale))
    for row in range(side):
        for column in range(side):
            seen = padded[:, :, row : row + height, :, column : column + width]
            total = torch.addcmul(total, seen, shares[:, side * row + column])
    return total.reshape(batch, channels, scale * height, scale * width)
