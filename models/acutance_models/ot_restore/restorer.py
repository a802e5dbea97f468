"""The residual U-Net that restores pictures: denoising, motion, compression.

References
----------
.. [1] Zhang, Li, Zuo, Zhang, Van Gool, Timofte, "Plug-and-play image restoration with deep
   denoiser prior", IEEE Trans. Pattern Anal. Mach. Intell. 44(10), 2022 (U-Net of residual blocks
   without normalisation).
.. [2] Zhang, Zuo, Zhang, "FFDNet", IEEE Trans. Image Process. 27(9), 2018 (work on pixels taken
   apart two by two).
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from torch import nn
from torch.nn import functional

from acutance_models.ot_restore.blocks import double, halve, pad_to_multiple, residual_stage
from acutance_models.ot_restore.layout import RestorerLayout, parse_restorer

if TYPE_CHECKING:
    from torch import Tensor


class ResidualUNet(nn.Module):
    """Add to a picture what a U-Net of residual blocks finds wrong with it.

    Parameters
    ----------
    layout : RestorerLayout

    Notes
    -----
    A new network returns its input: its last convolution starts at 0. The sum over the blocks of
    a level is carried across to the level of the same size on the way up.
    """

    def __init__(self, layout: RestorerLayout) -> None:
        super().__init__()
        self.layout = layout
        widths, blocks = layout.widths, layout.blocks
        self.stem = nn.Conv2d(4 * layout.channels, widths[0], 3, padding=1)
        self.encoder = nn.ModuleList(residual_stage(width, blocks) for width in widths)
        pairs = list(itertools.pairwise(widths))
        self.down = nn.ModuleList(halve(fine, coarse) for fine, coarse in pairs)
        self.up = nn.ModuleList(double(coarse, fine) for fine, coarse in pairs)
        self.decoder = nn.ModuleList(residual_stage(width, blocks) for width in widths)
        self.head = nn.Conv2d(widths[0], 4 * layout.channels, 3, padding=1)
        nn.init.zeros_(self.head.weight)
        if self.head.bias is not None:
            nn.init.zeros_(self.head.bias)

    @property
    def channels(self) -> int:
        """Of the pictures, in and out."""
        return self.layout.channels

    @property
    def multiple(self) -> int:
        """Sides are extended to multiples of this, and cut again."""
        return 1 << len(self.layout.widths)

    def forward(self, pictures: Tensor) -> Tensor:
        """Restore pictures.

        Parameters
        ----------
        pictures : Tensor, shape (N, C, H, W), float32, in [0, 1]
            Any size.

        Returns
        -------
        Tensor, shape (N, C, H, W), float32
            Not clipped.
        """
        height, width = pictures.shape[-2:]
        padded = pad_to_multiple(pictures, self.multiple)
        x = self.stem(functional.pixel_unshuffle(padded, 2))
        across: list[Tensor] = []
        for level, stage in enumerate(self.encoder):
            x = stage(x)
            if level < len(self.down):
                across.append(x)
                x = self.down[level](x)
        x = self.decoder[-1](x)
        for level in reversed(range(len(self.up))):
            x = self.decoder[level](across[level] + self.up[level](x))
        change = functional.pixel_shuffle(self.head(x), 2)
        restored: Tensor = (padded + change)[..., :height, :width]
        return restored


def build_restorer(layout: str) -> nn.Module:
    """Build a restorer without trained weights.

    Parameters
    ----------
    layout : str
        E.g. ``"resunet-i1-w32.64.128-n2"``: channels of the picture, widths of the levels,
        residual blocks of each. Or ``"dncnn-i1-w64-d20"``: channels, width, convolutions.

    Returns
    -------
    nn.Module
        Maps (N, C, H, W), float32, [0, 1] to the same shape, not clipped.

    Raises
    ------
    UnknownNetworkError
        If the layout is written otherwise.
    """
    if layout.startswith("dncnn"):
        from acutance_models.ot_restore.dncnn import build_dncnn

        return build_dncnn(layout)
    return ResidualUNet(parse_restorer(layout))
