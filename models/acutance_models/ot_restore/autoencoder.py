"""The compact autoencoder in whose latent maps pictures are transported.

References
----------
.. [1] Kingma, Welling, "Auto-encoding variational Bayes", ICLR 2014, appendix B.
.. [2] Rombach, Blattmann, Lorenz, Esser, Ommer, "High-resolution image synthesis with latent
   diffusion models", CVPR 2022, section 3.1 (a small weight of the divergence).
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, NamedTuple

import torch
from torch import nn
from torch.nn import functional

from acutance_models.ot_restore.blocks import double, halve, residual_stage
from acutance_models.ot_restore.layout import AutoencoderLayout, parse_autoencoder

if TYPE_CHECKING:
    from torch import Tensor

LOG_VARIANCE_LIMITS = (-30.0, 20.0)


class Posterior(NamedTuple):
    """What the encoder says of the latent map: independent normal variables.

    Parameters
    ----------
    mean, log_variance : Tensor, shape (N, latent channels, h, w)
    """

    mean: Tensor
    log_variance: Tensor

    def sample(self, generator: torch.Generator | None = None) -> Tensor:
        """Draw one latent map; a seeded generator makes it reproducible."""
        noise = torch.randn(self.mean.shape, generator=generator, dtype=self.mean.dtype)
        return self.mean + torch.exp(0.5 * self.log_variance) * noise.to(self.mean.device)

    def divergence(self) -> Tensor:
        """Return the divergence from the standard normal in nats, mean over all variables."""
        variance = torch.exp(self.log_variance)
        return 0.5 * (self.mean**2 + variance - 1.0 - self.log_variance).mean()


def split_posterior(moments: Tensor) -> Posterior:
    """Return mean and logarithm of the variance out of (N, 2 K, h, w), the latter limited."""
    mean, log_variance = moments.chunk(2, 1)
    return Posterior(mean, log_variance.clamp(*LOG_VARIANCE_LIMITS))


class CompactAutoencoder(nn.Module):
    """Encode pictures to small latent maps, and decode those.

    Parameters
    ----------
    layout : AutoencoderLayout
    """

    def __init__(self, layout: AutoencoderLayout) -> None:
        super().__init__()
        self.layout = layout
        widths, blocks, latent = layout.widths, layout.blocks, layout.latent_channels
        pairs = list(itertools.pairwise(widths))
        self.stem = nn.Conv2d(4 * layout.channels, widths[0], 3, padding=1)
        self.encoder = nn.ModuleList(residual_stage(width, blocks) for width in widths)
        self.down = nn.ModuleList(halve(fine, coarse) for fine, coarse in pairs)
        self.to_latent = nn.Conv2d(widths[-1], 2 * latent, 3, padding=1)
        self.from_latent = nn.Conv2d(latent, widths[-1], 3, padding=1)
        self.up = nn.ModuleList(double(coarse, fine) for fine, coarse in pairs)
        self.decoder = nn.ModuleList(residual_stage(width, blocks) for width in widths)
        self.head = nn.Conv2d(widths[0], 4 * layout.channels, 3, padding=1)

    @property
    def channels(self) -> int:
        """Of the pictures, in and out."""
        return self.layout.channels

    @property
    def latent_channels(self) -> int:
        """Of the latent maps."""
        return self.layout.latent_channels

    @property
    def stride(self) -> int:
        """Pixels along each side of what one site of the latent map stands for."""
        return self.layout.stride

    def posterior(self, pictures: Tensor) -> Posterior:
        """Return the distribution of the latent map.

        Parameters
        ----------
        pictures : Tensor, shape (N, C, H, W), float32, in [0, 1]
            Sides are multiples of `stride`.

        Raises
        ------
        ValueError
            If they are not.
        """
        check_sides(pictures, self.stride)
        x = self.stem(functional.pixel_unshuffle(2.0 * pictures - 1.0, 2))
        for level, stage in enumerate(self.encoder):
            x = stage(x)
            if level < len(self.down):
                x = self.down[level](x)
        return split_posterior(self.to_latent(x))

    def encode(self, pictures: Tensor) -> Tensor:
        """Return the mode of the posterior, (N, latent channels, H / stride, W / stride)."""
        return self.posterior(pictures).mean

    def decode(self, latents: Tensor) -> Tensor:
        """Return pictures (N, C, H, W), about [0, 1], not clipped."""
        x = self.decoder[-1](self.from_latent(latents))
        for level in reversed(range(len(self.up))):
            x = self.decoder[level](self.up[level](x))
        pictures: Tensor = 0.5 * (functional.pixel_shuffle(self.head(x), 2) + 1.0)
        return pictures

    def forward(self, pictures: Tensor) -> Tensor:
        """Return what is left of pictures (N, C, H, W) after encoding and decoding."""
        return self.decode(self.encode(pictures))


def check_sides(pictures: Tensor, stride: int) -> None:
    """Raise ValueError unless both sides of the pictures are multiples of the stride."""
    if pictures.shape[-1] % stride or pictures.shape[-2] % stride:
        raise ValueError(
            f"Expected sides that are multiples of {stride}; got {tuple(pictures.shape[-2:])}."
        )


def build_autoencoder(layout: str) -> nn.Module:
    """Build an autoencoder without trained weights.

    Parameters
    ----------
    layout : str
        Compact, e.g. ``"kl-i1-z8-w48.96-n2"``: channels of the picture and of the latent map,
        widths of the levels, residual blocks of each. Or as published, e.g.
        ``"autoencoderkl-i3-z4-w128.256.512.512-n2"``; see
        `acutance_models.ot_restore.published_layout`.

    Returns
    -------
    nn.Module
        With ``encode(pictures)``, the mode of the posterior, ``decode(latents)``, ``posterior``,
        ``stride``, ``channels`` and ``latent_channels``.

    Raises
    ------
    UnknownNetworkError
        If the layout is written otherwise.
    """
    if layout.startswith("autoencoderkl"):
        from acutance_models.ot_restore.published_autoencoder import build_published

        return build_published(layout)
    return CompactAutoencoder(parse_autoencoder(layout))
