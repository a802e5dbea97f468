"""Video super-resolution by cleaning, bidirectional propagation and up-sampling by 4.

Layout and names follow the distributed RealBasicVSR and NegVSR, so that their checkpoints load
by name; see `acutance_models.negvsr.layout` for what may differ.

References
----------
.. [1] Chan, Zhou, Xu, Loy, "Investigating tradeoffs in real-world video super-resolution",
   CVPR 2022 (RealBasicVSR).
.. [2] Song, Wang, Yang, et al., "NegVSR: augmenting negatives for generalized noise modeling in
   real-world video super-resolution", AAAI 2024, arXiv 2305.14669.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, cast

import torch
from torch import nn
from torch.nn import functional

from acutance_models.negvsr.blocks import SLOPE, CarafeUp, PixelShuffleUp, Trunk
from acutance_models.negvsr.flow import SmallFlow, SpyNet, warp
from acutance_models.negvsr.layout import VsrLayout, parse_layout

if TYPE_CHECKING:
    from torch import Tensor

SCALE = 4
#: Mean absolute correction of a cleaning pass, in grey levels of 255, below which no other follows.
DEFAULT_THETA = 5.0
MAX_PASSES = 3


class Propagation(nn.Module):
    """Carry features along a clip both ways and make large frames of them.

    Parameters
    ----------
    layout : VsrLayout
    """

    def __init__(self, layout: VsrLayout) -> None:
        super().__init__()
        width = layout.width
        self.layout = layout
        self.spynet: SpyNet | SmallFlow = SpyNet() if layout.flow == "spynet" else SmallFlow()
        for direction in ("backward", "forward"):
            name = f"{direction}_resblocks{layout.trunk_suffix}"
            self.add_module(name, Trunk(3 + width, width, layout.blocks))
        self.fusion = nn.Conv2d(2 * width, width, 1)
        if layout.upsampler == "direct":
            self.upsample1: nn.Module = PixelShuffleUp(width, width)
            self.conv_last = nn.Conv2d(width, 3 * 4, 3, 1, 1)
            # Near the bicubic picture at first, and not on it: were these weights 0, nothing before
            # them would be told anything, and the steps of Adam would drive it into its ReLUs.
            for module in self.modules():
                if isinstance(module, Trunk):
                    _fill(module.main[0])
            for conv, gain in (
                (self.fusion, 1.0),
                (self.upsample1.upsample_conv, 1.0),
                (self.conv_last, 0.02),
            ):
                _fill(conv, gain)
            return
        if layout.upsampler == "carafe":
            self.carafe1, self.carafe2 = CarafeUp(width), CarafeUp(width)
        else:
            self.upsample1 = PixelShuffleUp(width, width)
            self.upsample2 = PixelShuffleUp(width, 64)
        full = width if layout.upsampler == "carafe" else 64
        self.conv_hr = nn.Conv2d(full, 64, 3, 1, 1)
        self.conv_last = nn.Conv2d(64, 3, 3, 1, 1)

    def step(self, direction: str, frame: Tensor, feature: Tensor, flow: Tensor | None) -> Tensor:
        """Take the features of one direction from the neighbour to this frame.

        Parameters
        ----------
        direction : str
            ``"backward"``: from the frame after; ``"forward"``: from the frame before.
        frame : Tensor, shape (N, 3, H, W), float32
            Cleaned.
        feature : Tensor, shape (N, width, H, W)
            Of the neighbour; zeros at the end where the clip begins or ends.
        flow : Tensor, shape (N, 2, H, W), float32, optional
            From this frame to the neighbour; None where there is no neighbour.

        Returns
        -------
        Tensor, shape (N, width, H, W), of the type of the weights
        """
        trunk = cast("nn.Module", self._modules[f"{direction}_resblocks{self.layout.trunk_suffix}"])
        if flow is not None:
            feature = warp(feature, flow)
        dtype = self.fusion.weight.dtype
        carried: Tensor = trunk(torch.cat((frame.to(dtype), feature.to(dtype)), dim=1))
        return carried

    def reconstruct(self, frame: Tensor, backward: Tensor, forward: Tensor) -> Tensor:
        """Make a large frame of a cleaned one and its features.

        Parameters
        ----------
        frame : Tensor, shape (N, 3, H, W), float32
        backward, forward : Tensor, shape (N, width, H, W)

        Returns
        -------
        Tensor, shape (N, 3, 4 H, 4 W), float32
            Not clipped.
        """
        x = _leaky(self.fusion(torch.cat((backward, forward), dim=1)))
        if self.layout.upsampler == "direct":
            x = functional.pixel_shuffle(self.conv_last(_leaky(self.upsample1(x))), 2)
        else:
            if self.layout.upsampler == "carafe":
                x = _leaky(self.carafe2(_leaky(self.carafe1(x))))
            else:
                x = _leaky(self.upsample2(_leaky(self.upsample1(x))))
            x = self.conv_last(_leaky(self.conv_hr(x)))
        mode = "bicubic" if self.layout.upsampler == "direct" else "bilinear"
        large = functional.interpolate(
            frame.float(), scale_factor=float(SCALE), mode=mode, align_corners=False
        )
        return x.float() + large

    def flows(self, frames: Tensor) -> tuple[Tensor, Tensor]:
        """Return the flows between neighbours, both ways.

        A clip that is its own mirror image gets mirrored flows, as in the published network,
        because every pair of frames is looked at by itself.

        Parameters
        ----------
        frames : Tensor, shape (N, T, 3, H, W), T >= 2

        Returns
        -------
        backward : Tensor, shape (N, T - 1, 2, H, W), float32
            Of frame i: to frame i + 1; what the backward features come along.
        forward : Tensor
            Of frame i + 1: to frame i.
        """
        batch, count, _, height, width = frames.shape
        earlier = frames[:, :-1].flatten(0, 1)
        later = frames[:, 1:].flatten(0, 1)
        shape = (batch, count - 1, 2, height, width)
        return self.spynet(earlier, later).view(shape), self.spynet(later, earlier).view(shape)

    def forward(self, frames: Tensor) -> Tensor:
        """Map cleaned frames (N, T, 3, H, W) to (N, T, 3, 4 H, 4 W), float32, not clipped."""
        batch, count, _, height, width = frames.shape
        if count > 1:
            backward_flows, forward_flows = self.flows(frames)
        nothing = self.fusion.weight.new_zeros((batch, self.layout.width, height, width))
        feature, backward = nothing, [nothing] * count
        for index in range(count - 1, -1, -1):
            flow = backward_flows[:, index] if index < count - 1 else None
            feature = self.step("backward", frames[:, index], feature, flow)
            backward[index] = feature
        feature, large = nothing, []
        for index in range(count):
            flow = forward_flows[:, index - 1] if index else None
            feature = self.step("forward", frames[:, index], feature, flow)
            large.append(self.reconstruct(frames[:, index], backward[index], feature))
            backward[index] = nothing  # its memory is no longer needed
        return torch.stack(large, dim=1)


class VideoNetwork(nn.Module):
    """Clean a clip, then enlarge it by 4.

    Weights may be float32 or bfloat16; frames and results are float32 either way.

    Parameters
    ----------
    layout : VsrLayout
    """

    def __init__(self, layout: VsrLayout) -> None:
        super().__init__()
        self.layout = layout
        if layout.has_cleaning:
            last = nn.Conv2d(layout.cleaning_width, 3, 3, 1, 1)
            self.image_cleaning = nn.Sequential(
                Trunk(3, layout.cleaning_width, layout.cleaning_blocks), last
            )
            if layout.upsampler == "direct":
                _fill(last, 0.02)
        self.basicvsr = Propagation(layout)

    def cleaning_residue(self, frames: Tensor) -> Tensor:
        """Return what one cleaning pass adds, frame by frame.

        Parameters
        ----------
        frames : Tensor, shape (N, T, 3, H, W), float32

        Returns
        -------
        Tensor
            Of the same shape and type; zeros where the layout has no cleaning.
        """
        if not self.layout.has_cleaning:
            return torch.zeros_like(frames)
        dtype = self.basicvsr.fusion.weight.dtype
        residue: Tensor = self.image_cleaning(frames.flatten(0, 1).to(dtype))
        return residue.view(frames.shape).to(frames.dtype)

    def clean(self, frames: Tensor, theta: float = DEFAULT_THETA) -> tuple[Tensor, int]:
        """Clean a clip until a pass changes little, at most three times.

        Parameters
        ----------
        frames : Tensor, shape (N, T, 3, H, W), float32, in [0, 1]
            Left as they are.
        theta : float
            In grey levels of 255: the pass whose mean absolute correction, over all frames and
            pixels, lies below it is the last.

        Returns
        -------
        cleaned : Tensor
            Of the same shape and type, not clipped.
        passes : int, 0 (a layout without cleaning) to 3
        """
        if not self.layout.has_cleaning:
            return frames, 0
        passes, change = 0, math.inf
        while passes < MAX_PASSES and not change < theta / 255.0:
            residue = self.cleaning_residue(frames)
            frames = frames + residue
            change = float(residue.detach().abs().mean())
            passes += 1
        return frames, passes

    def upscale(self, cleaned: Tensor) -> Tensor:
        """Enlarge cleaned frames by 4.

        Parameters
        ----------
        cleaned : Tensor, shape (N, T, 3, H, W), float32
            Of any size of 16 pixels or more; nothing need be padded.

        Returns
        -------
        Tensor, shape (N, T, 3, 4 H, 4 W), float32
            Not clipped.
        """
        large: Tensor = self.basicvsr(cleaned)
        return large

    def forward(self, frames: Tensor) -> Tensor:
        """Enlarge a clip by 4.

        Parameters
        ----------
        frames : Tensor, shape (N, T, 3, H, W), float32, in [0, 1]
            RGB, H and W of 16 or more, T of 1 or more.

        Returns
        -------
        Tensor, shape (N, T, 3, 4 H, 4 W), float32
            Near [0, 1], not clipped.
        """
        cleaned, _ = self.clean(frames)
        return self.upscale(cleaned)


def build_vsr(layout: VsrLayout | str) -> VideoNetwork:
    """Build a network with fresh random weights.

    Parameters
    ----------
    layout : VsrLayout or str
        ``"realbasicvsr"`` (6,294,834 parameters), ``"negvsr"`` (4,646,010), ``"compact"``, or
        what `acutance_models.negvsr.layout.parse_layout` reads.

    Returns
    -------
    VideoNetwork
        In training mode, float32, on the CPU.

    Raises
    ------
    UnknownNetworkError
        If the layout cannot be read.
    """
    return VideoNetwork(parse_layout(layout) if isinstance(layout, str) else layout)


def _leaky(x: Tensor) -> Tensor:
    return functional.leaky_relu(x, SLOPE, inplace=True)


def _fill(conv: nn.Module, gain: float = 1.0) -> None:
    """Draw the weights of a convolution so that leaky ReLUs after it keep the variance."""
    conv = cast("nn.Conv2d", conv)
    nn.init.kaiming_normal_(conv.weight, SLOPE, nonlinearity="leaky_relu")
    conv.weight.data.mul_(gain)
    nn.init.zeros_(cast("Tensor", conv.bias))
