"""Optical flow by spatial pyramids, and the warp that it is for.

A flow (N, 2, H, W) says for each pixel of the reference where it is found in the supporting
frame: (x, y) in pixels to be added to its own place. Flows are float32 whatever the weights are:
bfloat16 cannot tell places in a wide picture apart.

References
----------
.. [1] Ranjan, Black, "Optical flow estimation using a spatial pyramid network", CVPR 2017.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import nn
from torch.nn import functional

if TYPE_CHECKING:
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
    """Correct the flow of one level of the pyramid.

    Parameters
    ----------
    widths : tuple of int
        Channels after each convolution; the last is 2.
    kernels : tuple of int
        Of each, odd.
    """

    def __init__(self, widths: tuple[int, ...], kernels: tuple[int, ...]) -> None:
        super().__init__()
        inputs = (8, *widths[:-1])
        self.basic_module = nn.ModuleList(
            FlowConv(before, after, kernel)
            for before, after, kernel in zip(inputs, widths, kernels, strict=True)
        )

    def forward(self, x: Tensor) -> Tensor:
        """Map (N, 8, H, W), two frames and a flow, to a correction (N, 2, H, W)."""
        last = len(self.basic_module) - 1
        for index, layer in enumerate(self.basic_module):
            x = layer(x)
            if index < last:
                x = functional.relu(x)
        return x


class PyramidFlow(nn.Module):
    """Estimate flow from coarse to fine.

    Parameters
    ----------
    levels : int
    widths, kernels : tuple of int
        Of every level; see `FlowLevel`.
    finest : int
        How often the frames are halved before the finest level.
    aligns_corners : bool
        Which rule doubles a flow from level to level; the distributed networks align corners.
    """

    mean: Tensor
    std: Tensor

    def __init__(
        self,
        levels: int,
        widths: tuple[int, ...],
        kernels: tuple[int, ...],
        *,
        finest: int,
        aligns_corners: bool,
    ) -> None:
        super().__init__()
        self.basic_module = nn.ModuleList(FlowLevel(widths, kernels) for _ in range(levels))
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
        weight = self.basic_module[0].basic_module[0].conv.weight  # type: ignore[union-attr, index]
        batch, _, height, width = first[0].shape
        flow = first[0].new_zeros((batch, 2, height, width), dtype=torch.float32)
        flows: list[Tensor] = []
        for level, module in enumerate(self.basic_module):
            if level:
                flow = 2.0 * functional.interpolate(
                    flow, scale_factor=2.0, mode="bilinear", align_corners=self.aligns_corners
                )
            seen = torch.cat((first[level], warp(second[level], flow, padding="border"), flow), 1)
            flow = flow + module(seen.to(weight.dtype)).float()
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
        super().__init__(6, (32, 64, 32, 16, 2), (7,) * 5, finest=0, aligns_corners=True)

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
    """A flow network for workstations: four narrow levels, the finest at half the resolution."""

    def __init__(self) -> None:
        super().__init__(4, (24, 24, 24, 2), (7, 3, 3, 3), finest=1, aligns_corners=False)

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
