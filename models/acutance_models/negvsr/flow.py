"""Optical flow by spatial pyramids, and the warp that it is for.

A flow (N, 2, H, W) says for each pixel of the reference where it is found in the supporting
frame: (x, y) in pixels to be added to its own place. Flows are float32 whatever the weights are:
bfloat16 cannot tell places in a wide picture apart.

References
----------
.. [1] Ranjan, Black, "Optical flow estimation using a spatial pyramid network", CVPR 2017.
.. [2] Sun, Yang, Liu, Kautz, "PWC-Net", CVPR 2018: matching costs within the levels.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, cast

import torch
from torch import nn
from torch.nn import functional

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from torch import Tensor

IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)


def warp(x: Tensor, flow: Tensor, *, padding: str = "zeros") -> Tensor:
    """Fetch every pixel from where the flow says, bilinearly.

    Parameters
    ----------
    x : Tensor, shape (N, C, H, W), float
    flow : Tensor, shape (N, 2, H, W), float32
        (x, y) in pixels.
    padding : str
        ``"zeros"`` or ``"border"``: what lies outside.

    Returns
    -------
    Tensor
        Of the shape and type of `x`.
    """
    height, width = x.shape[-2:]
    rows = torch.arange(height, device=flow.device, dtype=torch.float32)
    columns = torch.arange(width, device=flow.device, dtype=torch.float32)
    flow = flow.float()
    grid = torch.stack(
        (
            (columns + flow[:, 0]) * (2.0 / max(width - 1, 1)) - 1.0,
            (rows[:, None] + flow[:, 1]) * (2.0 / max(height - 1, 1)) - 1.0,
        ),
        dim=-1,
    )
    found = functional.grid_sample(
        x.float(), grid, mode="bilinear", padding_mode=padding, align_corners=True
    )
    return found.to(x.dtype)


class FlowConv(nn.Module):
    """A convolution under the name the distributed flow networks give it.

    Parameters
    ----------
    in_channels, out_channels, kernel : int
    """

    def __init__(self, in_channels: int, out_channels: int, kernel: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(in_channels, out_channels, kernel, 1, kernel // 2)

    def forward(self, x: Tensor) -> Tensor:
        """Map (N, in_channels, H, W) to (N, out_channels, H, W)."""
        y: Tensor = self.conv(x)
        return y


class FlowLevel(nn.Module):
    """Correct the flow of one level of the pyramid, by convolutions alone."""

    def __init__(self) -> None:
        super().__init__()
        widths = (8, 32, 64, 32, 16, 2)
        self.basic_module = nn.ModuleList(FlowConv(a, b, 7) for a, b in pairwise(widths))

    def forward(self, reference: Tensor, warped: Tensor, flow: Tensor) -> Tensor:
        """Map two frames (N, 3, H, W) and a flow to a correction (N, 2, H, W)."""
        return _convolved(self.basic_module, torch.cat((reference, warped, flow), dim=1))


class MatchLevel(nn.Module):
    """Correct the flow of one level by matching, and by convolutions that weigh the matches.

    Every pixel of the reference is held against the 5 x 5 pixels around where the flow leads. The
    correction is their mean offset, weighed by how well they match in a neighbourhood and by
    what convolutions add to that; so it is of use before anything is learned.
    """

    RADIUS = 2
    _NEIGHBOURHOOD = 5
    _WIDTH = 24

    offsets: Tensor

    def __init__(self) -> None:
        super().__init__()
        side = 2 * self.RADIUS + 1
        widths = (side * side + 5, self._WIDTH, self._WIDTH, side * side)
        self.basic_module = nn.ModuleList(FlowConv(a, b, 3) for a, b in pairwise(widths))
        self.sharpness = nn.Parameter(torch.tensor(30.0))
        places = torch.arange(-self.RADIUS, self.RADIUS + 1.0)
        rows, columns = torch.meshgrid(places, places, indexing="ij")
        offsets = torch.stack((columns.flatten(), rows.flatten()))
        self.register_buffer("offsets", offsets, persistent=False)
        last = cast("FlowConv", self.basic_module[-1]).conv
        nn.init.zeros_(last.weight)
        cast("Tensor", last.bias).data.copy_(-(offsets**2).sum(0))  # rather no motion than any

    def forward(self, reference: Tensor, warped: Tensor, flow: Tensor) -> Tensor:
        """Map two frames (N, 3, H, W) and a flow to a correction (N, 2, H, W), at most 2 pixels."""
        height, width = reference.shape[-2:]
        around = functional.pad(warped, (self.RADIUS,) * 4, mode="replicate")
        side = 2 * self.RADIUS + 1
        costs = torch.stack(
            [
                (around[..., row : row + height, column : column + width] - reference).abs().mean(1)
                for row in range(side)
                for column in range(side)
            ],
            dim=1,
        )
        summed = neighbourhood_mean(costs, self._NEIGHBOURHOOD)
        weighed = _convolved(self.basic_module, torch.cat((costs, reference, flow), dim=1))
        shares = (weighed - self.sharpness.float() * summed).softmax(1)
        return torch.einsum("nkhw,ck->nchw", shares, self.offsets.float())


class PyramidFlow(nn.Module):
    """Estimate flow from coarse to fine.

    Parameters
    ----------
    levels : sequence of Module
        The coarsest first. Each maps reference, warped supporting frame and flow, all float32,
        to a correction of the flow.
    finest : int
        How often the frames are halved before the finest level.
    aligns_corners : bool
        Which rule doubles a flow from level to level; the distributed networks align corners.
    """

    mean: Tensor
    std: Tensor

    def __init__(self, levels: Sequence[nn.Module], *, finest: int, aligns_corners: bool) -> None:
        super().__init__()
        self.basic_module = nn.ModuleList(levels)
        self.register_buffer("mean", torch.tensor(IMAGENET_MEAN).view(1, 3, 1, 1))
        self.register_buffer("std", torch.tensor(IMAGENET_STD).view(1, 3, 1, 1))
        self.finest = finest
        self.aligns_corners = aligns_corners

    @property
    def multiple(self) -> int:
        """What sides must be multiples of for `pyramid`."""
        return 1 << (len(self.basic_module) - 1 + self.finest)

    def pyramid(self, reference: Tensor, supporting: Tensor) -> list[Tensor]:
        """Return the flow of every level, the coarsest first.

        Parameters
        ----------
        reference, supporting : Tensor, shape (N, 3, H, W), in [0, 1]
            Sides are multiples of `multiple`.

        Returns
        -------
        list of Tensor, float32
            In pixels of the level.
        """
        first, second = self._halved(reference), self._halved(supporting)
        batch, _, height, width = first[0].shape
        flow = first[0].new_zeros((batch, 2, height, width))
        flows: list[Tensor] = []
        for level, module in enumerate(self.basic_module):
            if level:
                flow = 2.0 * functional.interpolate(
                    flow, scale_factor=2.0, mode="bilinear", align_corners=self.aligns_corners
                )
            warped = warp(second[level], flow, padding="border")
            flow = flow + module(first[level], warped, flow)
            flows.append(flow)
        return flows

    def _halved(self, frames: Tensor) -> list[Tensor]:
        frames = (frames.float() - self.mean.float()) / self.std.float()
        levels = [frames]
        for _ in range(len(self.basic_module) - 1 + self.finest):
            levels.append(functional.avg_pool2d(levels[-1], 2))
        return levels[self.finest :][::-1]


class SpyNet(PyramidFlow):
    """The flow network of the published models: six levels of five 7x7 convolutions."""

    def __init__(self) -> None:
        super().__init__([FlowLevel() for _ in range(6)], finest=0, aligns_corners=True)

    def forward(self, reference: Tensor, supporting: Tensor) -> Tensor:
        """Return the flow from reference to supporting frames.

        Parameters
        ----------
        reference, supporting : Tensor, shape (N, 3, H, W), in [0, 1]
            Of any size: they are stretched to multiples of 32, as in the published network.

        Returns
        -------
        Tensor, shape (N, 2, H, W), float32
        """
        height, width = reference.shape[-2:]
        size = tuple(-(-side // self.multiple) * self.multiple for side in (height, width))
        if size != (height, width):
            reference, supporting = (
                functional.interpolate(x.float(), size=size, mode="bilinear", align_corners=False)
                for x in (reference, supporting)
            )
        flow = self.pyramid(reference, supporting)[-1]
        if size == (height, width):
            return flow
        flow = functional.interpolate(
            flow, size=(height, width), mode="bilinear", align_corners=False
        )
        scale = flow.new_tensor((width / size[1], height / size[0]))
        return flow * scale.view(1, 2, 1, 1)


class SmallFlow(PyramidFlow):
    """A flow network for workstations: four levels that match, the finest at half resolution."""

    def __init__(self) -> None:
        super().__init__([MatchLevel() for _ in range(4)], finest=1, aligns_corners=False)

    def forward(self, reference: Tensor, supporting: Tensor) -> Tensor:
        """Return the flow from reference to supporting frames.

        Parameters
        ----------
        reference, supporting : Tensor, shape (N, 3, H, W), in [0, 1]
            Of any size: their edges are repeated up to multiples of 16.

        Returns
        -------
        Tensor, shape (N, 2, H, W), float32
        """
        height, width = reference.shape[-2:]
        below, right = (-height) % self.multiple, (-width) % self.multiple
        if below or right:
            reference, supporting = (
                functional.pad(x.float(), (0, right, 0, below), mode="replicate")
                for x in (reference, supporting)
            )
        flow = self.pyramid(reference, supporting)[-1]
        flow = 2.0 * functional.interpolate(
            flow, scale_factor=2.0, mode="bilinear", align_corners=False
        )
        return flow[..., :height, :width]


def neighbourhood_mean(x: Tensor, side: int) -> Tensor:
    """Average each pixel's neighbourhood, as far as it lies in the picture.

    Parameters
    ----------
    x : Tensor, shape (N, C, H, W)
    side : int, odd
    """
    if x.device.type != "cpu":
        return functional.avg_pool2d(x, side, 1, side // 2, count_include_pad=False)
    # On a CPU, pooling takes eight times as long as these sums along one axis after the other.
    for axis in (2, 3):
        length, reach = x.shape[axis], side // 2
        margins = (0, 0, reach, reach) if axis == 2 else (reach, reach)
        padded = functional.pad(x, margins)
        total = padded.narrow(axis, 0, length)
        for offset in range(1, side):
            total = total + padded.narrow(axis, offset, length)
        places = torch.arange(length)
        counts = 1 + places.clamp(max=reach) + (length - 1 - places).clamp(max=reach)
        x = total / counts.to(x.dtype).view((-1, 1) if axis == 2 else (-1,))
    return x


def _convolved(layers: Iterable[nn.Module], x: Tensor) -> Tensor:
    """Apply convolutions with ReLU between them, in the type of their weights; float32 again."""
    layers = list(layers)
    x = x.to(layers[0].conv.weight.dtype)  # type: ignore[union-attr, arg-type]
    for layer in layers[:-1]:
        x = functional.relu(layer(x))
    last: Tensor = layers[-1](x)
    return last.float()
