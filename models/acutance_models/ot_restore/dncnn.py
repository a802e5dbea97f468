"""DnCNN without normalisation, in the layout its authors distribute, for weights from a file.

References
----------
.. [1] Zhang, Zuo, Chen, Meng, Zhang, "Beyond a Gaussian denoiser: residual learning of deep CNN
   for image denoising", IEEE Trans. Image Process. 26(7), 2017, section III.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from torch import nn

from acutance_models.ot_restore.dncnn_layout import parse_dncnn

if TYPE_CHECKING:
    from torch import Tensor

    from acutance_models.ot_restore.dncnn_layout import DncnnLayout


class Dncnn(nn.Module):
    """Take from a picture the noise that a row of convolutions finds in it.

    Parameters
    ----------
    layout : DncnnLayout
    """

    def __init__(self, layout: DncnnLayout) -> None:
        super().__init__()
        self.layout = layout
        widths = (layout.channels, *(layout.width,) * (layout.depth - 1), layout.channels)
        layers: list[nn.Module] = []
        for before, after in pairwise(widths):
            layers += [nn.Conv2d(before, after, 3, padding=1), nn.ReLU(inplace=True)]
        self.model = nn.Sequential(*layers[:-1])  # the last convolution stands alone

    @property
    def channels(self) -> int:
        """Of the pictures, in and out."""
        return self.layout.channels

    def forward(self, pictures: Tensor) -> Tensor:
        """Map (N, C, H, W), float32, [0, 1] to the same shape, not clipped."""
        restored: Tensor = pictures - self.model(pictures)
        return restored


def build_dncnn(layout: str) -> nn.Module:
    """Build the network without weights; see `parse_dncnn`."""
    return Dncnn(parse_dncnn(layout))
