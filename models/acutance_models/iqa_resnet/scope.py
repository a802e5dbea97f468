"""Tell whether a slice shows a brain in an MR image at all.

A regression network answers anything it is shown. This small network looks at the layout of a
slice, at a quarter of its resolution, where motion leaves a head a head: strong motion stays in
scope, while phantoms, other anatomy, CT, photographs and noise do not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import nn
from torch.nn import functional

if TYPE_CHECKING:
    from torch import Tensor

WIDTHS = (16, 32, 64, 96)
SHRINK = 4


class ScopeNetwork(nn.Module):
    """Four strided convolutions and a linear head."""

    def __init__(self) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        channels = 1
        for width in WIDTHS:
            layers += [
                nn.Conv2d(channels, width, 3, 2, 1, bias=False),
                nn.BatchNorm2d(width),
                nn.ReLU(inplace=True),
            ]
            channels = width
        self.layers = nn.Sequential(*layers)
        self.head = nn.Linear(channels * 16, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Judge slices.

        Parameters
        ----------
        x : Tensor, shape (N, 1, 256, 256), float32, in [0, 1]
            Slices out of `acutance_models.iqa_resnet.preprocess`.

        Returns
        -------
        Tensor, shape (N,), in (0, 1)
            How much each looks like an MR slice of a brain.
        """
        return self.judge(functional.avg_pool2d(x, SHRINK))

    def judge(self, small: Tensor) -> Tensor:
        """Judge slices (N, 1, 64, 64) that were shrunk already."""
        return self.logits(small).sigmoid()

    def logits(self, small: Tensor) -> Tensor:
        """Return the logits (N,) of slices (N, 1, 64, 64); used in training."""
        features = self.layers(rank(small)).flatten(1)
        logits: Tensor = self.head(features)[:, 0]
        return logits


def rank(images: Tensor) -> Tensor:
    """Replace the values of each image by their rank among those above 0.

    A brain darkened by bright fat looks like any other brain then.

    Parameters
    ----------
    images : Tensor, shape (N, 1, H, W), float, >= 0

    Returns
    -------
    Tensor, same shape and dtype, in [0, 1]
        0 stays 0; equal values stay equal.
    """
    flat = images.flatten(1).contiguous()
    ordered = flat.sort(1).values
    empty = (flat <= 0.0).sum(1, keepdim=True)
    shown = (flat.shape[1] - empty).clamp_min(1)
    ranks = (torch.searchsorted(ordered, flat, right=True) - empty).to(images.dtype) / shown
    return torch.where(flat > 0.0, ranks, 0.0).reshape(images.shape)
