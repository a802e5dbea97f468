"""U-Nets for segmentation: recurrent residual, plain, and both with attention gates.

Layout and parameter names follow the distributed networks, so that their checkpoints load by
name. A recurrent convolution uses one kernel ``t + 1`` times. In the distributed networks one
batch normalisation serves all those passes, although what they see differs; weights of our own
keep statistics for each pass instead. Both are frozen in evaluation mode, so that a pixel far
from a border does not depend on what else is in the picture.

References
----------
.. [1] Alom et al., "Recurrent residual convolutional neural network based on U-Net (R2U-Net) for
   medical image segmentation", arXiv 1802.06955, 2018.
.. [2] Ronneberger, Fischer, Brox, "U-Net", MICCAI 2015.
.. [3] Oktay et al., "Attention U-Net", arXiv 1804.03999, 2018, figure 2.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, cast

import torch
from torch import nn
from torch.nn import functional
from torch.nn.utils.fusion import fuse_conv_bn_eval

from acutance_models.r2unet.layout import Architecture, parse_architecture

if TYPE_CHECKING:
    from torch import Tensor

LEVELS = 5
MULTIPLE = 2 ** (LEVELS - 1)  # the coarsest level has one pixel for so many
DEFAULT_T = 2


class RecurrentConv(nn.Module):
    """Use one 3x3 convolution ``t + 1`` times, each time on the input plus the last answer.

    Parameters
    ----------
    width : int
    t : int
        Steps of recurrence, >= 0; the parameters are the same for any, unless stepwise.
    is_stepwise : bool
        Give each pass a batch normalisation of its own instead of one for all.
    """

    def __init__(self, width: int, t: int, is_stepwise: bool) -> None:
        super().__init__()
        self.t = t
        layers: list[nn.Module] = [nn.Conv2d(width, width, 3, 1, 1)]
        if not is_stepwise:
            layers += [nn.BatchNorm2d(width), nn.ReLU(inplace=True)]
        self.conv = nn.Sequential(*layers)
        self.norms = nn.ModuleList(nn.BatchNorm2d(width) for _ in range(t + 1) if is_stepwise)
        self.passes: nn.ModuleList | None = None

    def fold(self) -> None:
        """Fold the normalisation of each pass into a convolution of its own, for prediction only.

        The outputs stay, to rounding. In evaluation mode; the keys of the weights change.
        """
        if len(self.norms):
            self.passes = nn.ModuleList(
                fuse_conv_bn_eval(self.conv[0], norm)  # type: ignore[type-var, arg-type]
                for norm in self.norms
            )
            self.conv, self.norms = nn.Sequential(), nn.ModuleList()

    def forward(self, x: Tensor) -> Tensor:
        """Map (N, width, H, W) to the same shape."""
        y = self._pass(x, 0)
        for step in range(1, self.t + 1):
            y = self._pass(x + y, step)
        return y

    def _pass(self, x: Tensor, step: int) -> Tensor:
        if self.passes is not None:
            return functional.relu(self.passes[step](x), inplace=True)
        y: Tensor = self.conv(x)
        return functional.relu(self.norms[step](y), inplace=True) if len(self.norms) else y


class RecurrentResidualBlock(nn.Module):
    """Add two recurrent convolutions to the 1x1 projection they start from.

    Parameters
    ----------
    in_channels, width : int
    t : int
    is_stepwise : bool
    """

    def __init__(self, in_channels: int, width: int, t: int, is_stepwise: bool) -> None:
        super().__init__()
        self.RCNN = nn.Sequential(
            RecurrentConv(width, t, is_stepwise), RecurrentConv(width, t, is_stepwise)
        )
        self.Conv_1x1 = nn.Conv2d(in_channels, width, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Map (N, in_channels, H, W) to (N, width, H, W)."""
        x = self.Conv_1x1(x)
        y: Tensor = x + self.RCNN(x)
        return y


class ConvBlock(nn.Module):
    """Two 3x3 convolutions, each with batch normalisation and ReLU.

    Parameters
    ----------
    in_channels, width : int
    """

    def __init__(self, in_channels: int, width: int) -> None:
        super().__init__()
        self.conv = nn.Sequential(
            nn.Conv2d(in_channels, width, 3, 1, 1),
            nn.BatchNorm2d(width),
            nn.ReLU(inplace=True),
            nn.Conv2d(width, width, 3, 1, 1),
            nn.BatchNorm2d(width),
            nn.ReLU(inplace=True),
        )

    def forward(self, x: Tensor) -> Tensor:
        """Map (N, in_channels, H, W) to (N, width, H, W)."""
        y: Tensor = self.conv(x)
        return y


class UpConv(nn.Module):
    """Double the size by repetition, then a 3x3 convolution with normalisation and ReLU.

    Parameters
    ----------
    in_channels, width : int
    """

    def __init__(self, in_channels: int, width: int) -> None:
        super().__init__()
        self.up = nn.Sequential(
            nn.Upsample(scale_factor=2),
            nn.Conv2d(in_channels, width, 3, 1, 1),
            nn.BatchNorm2d(width),
            nn.ReLU(inplace=True),
        )

    def forward(self, x: Tensor) -> Tensor:
        """Map (N, in_channels, H, W) to (N, width, 2 H, 2 W)."""
        y: Tensor = self.up(x)
        return y


class AttentionGate(nn.Module):
    """Weigh what goes across by what comes from below.

    Parameters
    ----------
    width : int
        Channels of both; half as many inside.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        inside = max(width // 2, 1)
        self.W_g = nn.Sequential(nn.Conv2d(width, inside, 1), nn.BatchNorm2d(inside))
        self.W_x = nn.Sequential(nn.Conv2d(width, inside, 1), nn.BatchNorm2d(inside))
        self.psi = nn.Sequential(nn.Conv2d(inside, 1, 1), nn.BatchNorm2d(1), nn.Sigmoid())

    def forward(self, g: Tensor, x: Tensor) -> Tensor:
        """Weigh `x` by `g`, both (N, width, H, W)."""
        weighed: Tensor = x * self.psi(functional.relu(self.W_g(g) + self.W_x(x)))
        return weighed


class SegmentationNetwork(nn.Module):
    """A U-Net of five levels, of any kind and width.

    Parameters
    ----------
    architecture : Architecture
        Recurrent networks without `t` get 2, the distributed default.
    """

    def __init__(self, architecture: Architecture) -> None:
        super().__init__()
        if architecture.is_recurrent and architecture.t is None:
            architecture = replace(architecture, t=DEFAULT_T)
        self.architecture = architecture
        down, up = ("RRCNN", "Up_RRCNN") if architecture.is_recurrent else ("Conv", "Up_conv")
        widths = [architecture.width * 2**level for level in range(LEVELS)]
        self._encoders = [f"{down}{level + 1}" for level in range(LEVELS)]
        self._decoders = [(f"Up{n}", f"Att{n}", f"{up}{n}") for n in range(LEVELS, 1, -1)]
        for name, before, width in zip(
            self._encoders, [architecture.in_channels, *widths], widths, strict=False
        ):
            self.add_module(name, self._block(before, width))
        for (rise, gate, block), width in zip(self._decoders, widths[-2::-1], strict=True):
            self.add_module(rise, UpConv(2 * width, width))
            if architecture.has_gates:
                self.add_module(gate, AttentionGate(width))
            self.add_module(block, self._block(2 * width, width))
        self.Conv_1x1 = nn.Conv2d(widths[0], architecture.classes, 1)
        for module in self.modules():
            if isinstance(module, nn.Conv2d) and module.kernel_size == (3, 3):
                nn.init.kaiming_normal_(module.weight, mode="fan_in", nonlinearity="relu")

    def forward(self, x: Tensor) -> Tensor:
        """Segment slices.

        Parameters
        ----------
        x : Tensor, shape (N, C, H, W), float, in [0, 1]
            Slices out of `acutance_models.r2unet.preprocess`; imported networks expect what they
            were trained with. Sides that are no multiple of 16 are padded by reflection and the
            answer is cropped.

        Returns
        -------
        Tensor, shape (N, K, H, W)
            Logits, before any softmax or sigmoid.
        """
        height, width = x.shape[-2:]
        logits = self.behind(self.finest(pad_to_multiple(x)))
        return logits[..., :height, :width]

    @property
    def finest(self) -> nn.Module:
        """The block of the encoder at full size, which the input enters."""
        return self._modules_by_name(self._encoders[0])

    def behind(self, x: Tensor) -> Tensor:
        """Map what `finest` gives, (N, width, H, W), to logits (N, K, H, W).

        Sides are multiples of 16.
        """
        across: list[Tensor] = [x]
        for name in self._encoders[1:]:
            x = self._modules_by_name(name)(functional.max_pool2d(x, 2))
            across.append(x)
        across.pop()
        for rise, gate, block in self._decoders:
            x = self._modules_by_name(rise)(x)
            skip = across.pop()
            if self.architecture.has_gates:
                skip = self._modules_by_name(gate)(x, skip)
            x = self._modules_by_name(block)(torch.cat((skip, x), dim=1))
        logits: Tensor = self.Conv_1x1(x)
        return logits

    def _modules_by_name(self, name: str) -> nn.Module:
        return cast("nn.Module", self._modules[name])

    def _block(self, in_channels: int, width: int) -> nn.Module:
        made = self.architecture
        if made.is_recurrent:
            steps = DEFAULT_T if made.t is None else made.t
            return RecurrentResidualBlock(in_channels, width, steps, made.is_stepwise)
        return ConvBlock(in_channels, width)


class BehindFinest(nn.Module):
    """All of a network but the block that the input enters, with the same weights.

    Parameters
    ----------
    network : SegmentationNetwork
    """

    def __init__(self, network: SegmentationNetwork) -> None:
        super().__init__()
        self.network = network

    def forward(self, x: Tensor) -> Tensor:
        """Map (N, width, H, W), sides multiples of 16, to logits (N, K, H, W)."""
        return self.network.behind(x)


class Unpadded(nn.Module):
    """A network for slices whose sides are multiples of 16, with the same weights.

    Parameters
    ----------
    network : SegmentationNetwork
    """

    def __init__(self, network: SegmentationNetwork) -> None:
        super().__init__()
        self.network = network

    def forward(self, x: Tensor) -> Tensor:
        """Map (N, C, H, W) to logits (N, K, H, W)."""
        return self.network.behind(self.network.finest(x))


def pad_to_multiple(x: Tensor, multiple: int = MULTIPLE) -> Tensor:
    """Pad below and to the right until both sides are multiples.

    Parameters
    ----------
    x : Tensor, shape (N, C, H, W)
    multiple : int

    Returns
    -------
    Tensor
        Reflected where the picture is large enough for that, else with its edge repeated; the
        same tensor where nothing was to do.
    """
    below, right = (-x.shape[-2]) % multiple, (-x.shape[-1]) % multiple
    if not below and not right:
        return x
    can_reflect = below < x.shape[-2] and right < x.shape[-1]
    return functional.pad(x, (0, right, 0, below), mode="reflect" if can_reflect else "replicate")


def build(architecture: str) -> SegmentationNetwork:
    """Build a network with fresh random weights.

    Parameters
    ----------
    architecture : str
        E.g. ``"r2unet-w64-i3-o1-t2"`` (39,091,393 parameters at any t) or ``"unet-w64-i3-o1"``
        (34,527,041); see `acutance_models.r2unet.layout.parse_architecture`.

    Returns
    -------
    SegmentationNetwork
        In training mode, float32, on the CPU.

    Raises
    ------
    UnknownNetworkError
        If the architecture cannot be read.
    """
    return SegmentationNetwork(parse_architecture(architecture))
