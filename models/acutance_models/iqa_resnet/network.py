"""Residual networks that regress the structural similarity of one slice.

The layout and every parameter name follow the published regression networks, so that their
checkpoints load by name: a one-channel 7x7 stem and a head of ``Linear`` and ``Sigmoid``.

References
----------
.. [1] He, Zhang, Ren, Sun, "Deep residual learning for image recognition", CVPR 2016, table 1.
.. [2] Sciarra, Chatterjee et al., "Reference-less SSIM regression for detection and
   quantification of motion artefacts in brain MRIs", arXiv 2206.06725, 2022.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from torch import nn

from acutance_models.errors import UnknownNetworkError

if TYPE_CHECKING:
    from torch import Tensor

ARCHITECTURES = ("resnet18", "resnet101")
STAGE_WIDTHS = (64, 128, 256, 512)


class BasicBlock(nn.Module):
    """Add two 3x3 convolutions to a shortcut.

    Parameters
    ----------
    in_channels, width : int
        Channels that come in, and channels inside and out.
    stride : int
        Stride of the first convolution and of the shortcut.
    """

    expansion = 1

    def __init__(self, in_channels: int, width: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, width, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.relu = nn.ReLU(inplace=True)
        self.downsample = _shortcut(in_channels, width * self.expansion, stride)

    def forward(self, x: Tensor) -> Tensor:
        """Map (N, in_channels, H, W) to (N, width, H / stride, W / stride)."""
        shortcut = x if self.downsample is None else self.downsample(x)
        y = self.relu(self.bn1(self.conv1(x)))
        y = self.bn2(self.conv2(y))
        out: Tensor = self.relu(y + shortcut)
        return out


class Bottleneck(nn.Module):
    """Add a 1x1, 3x3, 1x1 convolution chain to a shortcut.

    Parameters
    ----------
    in_channels, width : int
        Channels that come in, and channels of the 3x3 convolution; four times as many go out.
    stride : int
        Stride of the 3x3 convolution and of the shortcut.
    """

    expansion = 4

    def __init__(self, in_channels: int, width: int, stride: int) -> None:
        super().__init__()
        out_channels = width * self.expansion
        self.conv1 = nn.Conv2d(in_channels, width, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, stride, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.conv3 = nn.Conv2d(width, out_channels, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(out_channels)
        self.relu = nn.ReLU(inplace=True)
        self.downsample = _shortcut(in_channels, out_channels, stride)

    def forward(self, x: Tensor) -> Tensor:
        """Map (N, in_channels, H, W) to (N, 4 * width, H / stride, W / stride)."""
        shortcut = x if self.downsample is None else self.downsample(x)
        y = self.relu(self.bn1(self.conv1(x)))
        y = self.relu(self.bn2(self.conv2(y)))
        y = self.bn3(self.conv3(y))
        out: Tensor = self.relu(y + shortcut)
        return out


class SsimRegressor(nn.Module):
    """Predict the structural similarity a slice has with its own undisturbed version.

    Parameters
    ----------
    block : type
        `BasicBlock` or `Bottleneck`.
    depths : tuple of int
        Blocks in each of the four stages.
    """

    def __init__(
        self, block: type[BasicBlock] | type[Bottleneck], depths: tuple[int, int, int, int]
    ) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, STAGE_WIDTHS[0], 7, 2, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(STAGE_WIDTHS[0])
        self.relu = nn.ReLU(inplace=True)
        self.maxpool = nn.MaxPool2d(3, 2, 1)
        stages = []
        channels = STAGE_WIDTHS[0]
        for position, (width, depth) in enumerate(zip(STAGE_WIDTHS, depths, strict=True)):
            blocks: list[nn.Module] = [block(channels, width, 1 if position == 0 else 2)]
            channels = width * block.expansion
            blocks += [block(channels, width, 1) for _ in range(depth - 1)]
            stages.append(nn.Sequential(*blocks))
        self.layer1, self.layer2, self.layer3, self.layer4 = stages
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Sequential(nn.Linear(channels, 1), nn.Sigmoid())
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")

    def forward(self, x: Tensor) -> Tensor:
        """Score slices.

        Parameters
        ----------
        x : Tensor, shape (N, 1, H, W), float, in [0, 1]
            Slices out of `acutance_models.iqa_resnet.preprocess`; 256 x 256 in training.

        Returns
        -------
        Tensor, shape (N, 1), in (0, 1)
            Predicted structural similarity.
        """
        return self.score(self.pool(self.stages(x)[1]))

    def stages(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return the maps of the last two stages.

        Parameters
        ----------
        x : Tensor, shape (N, 1, H, W), float, in [0, 1]

        Returns
        -------
        Tensor, shape (N, 256 or 1024, H / 16, W / 16)
        Tensor, shape (N, 512 or 2048, H / 32, W / 32)
        """
        x = self.maxpool(self.relu(self.bn1(self.conv1(x))))
        third = self.layer3(self.layer2(self.layer1(x)))
        return third, self.layer4(third)

    def pool(self, maps: Tensor) -> Tensor:
        """Average the maps (N, C, H, W) of the last stage to features (N, C)."""
        features: Tensor = self.avgpool(maps).flatten(1)
        return features

    def score(self, features: Tensor) -> Tensor:
        """Turn features (N, C) out of `pool` into scores (N, 1)."""
        score: Tensor = self.fc(features)
        return score


def build(architecture: str) -> SsimRegressor:
    """Build a network with fresh random weights.

    Parameters
    ----------
    architecture : str
        ``"resnet18"`` (11,170,753 parameters) or ``"resnet101"`` (42,495,937).

    Returns
    -------
    SsimRegressor
        In training mode, float32, on the CPU.

    Raises
    ------
    UnknownNetworkError
        If the architecture is neither.
    """
    if architecture == "resnet18":
        return SsimRegressor(BasicBlock, (2, 2, 2, 2))
    if architecture == "resnet101":
        return SsimRegressor(Bottleneck, (3, 4, 23, 3))
    raise UnknownNetworkError(
        f"Expected one of {', '.join(ARCHITECTURES)}; got {architecture!r}.",
        known=ARCHITECTURES,
    )


def _shortcut(in_channels: int, out_channels: int, stride: int) -> nn.Sequential | None:
    """Return the projection a block needs when its shape changes, else None."""
    if stride == 1 and in_channels == out_channels:
        return None
    return nn.Sequential(
        nn.Conv2d(in_channels, out_channels, 1, stride, bias=False),
        nn.BatchNorm2d(out_channels),
    )
