"""The KL autoencoder of latent diffusion models, for weights from a local file.

References
----------
.. [1] Rombach, Blattmann, Lorenz, Esser, Ommer, "High-resolution image synthesis with latent
   diffusion models", CVPR 2022.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from torch import nn
from torch.nn import functional

from acutance_models.ot_restore.autoencoder import check_sides, split_posterior
from acutance_models.ot_restore.published_layout import GROUPS, PublishedLayout, parse_published

if TYPE_CHECKING:
    from torch import Tensor

    from acutance_models.ot_restore.autoencoder import Posterior

EPSILON = 1e-6


class _Residual(nn.Module):
    """Two normalised convolutions beside a shortcut."""

    def __init__(self, in_channels: int, width: int) -> None:
        super().__init__()
        self.norm1 = nn.GroupNorm(GROUPS, in_channels, EPSILON)
        self.conv1 = nn.Conv2d(in_channels, width, 3, padding=1)
        self.norm2 = nn.GroupNorm(GROUPS, width, EPSILON)
        self.conv2 = nn.Conv2d(width, width, 3, padding=1)
        self.conv_shortcut = (
            nn.Conv2d(in_channels, width, 1) if in_channels != width else nn.Identity()
        )

    def forward(self, x: Tensor) -> Tensor:
        y = self.conv1(functional.silu(self.norm1(x)))
        y = self.conv2(functional.silu(self.norm2(y)))
        changed: Tensor = self.conv_shortcut(x) + y
        return changed


class _Attention(nn.Module):
    """Self-attention of one head over all sites."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.group_norm = nn.GroupNorm(GROUPS, width, EPSILON)
        self.to_q = nn.Linear(width, width)
        self.to_k = nn.Linear(width, width)
        self.to_v = nn.Linear(width, width)
        self.to_out = nn.ModuleList([nn.Linear(width, width)])

    def forward(self, x: Tensor) -> Tensor:
        sites = self.group_norm(x).flatten(2).transpose(1, 2)
        mixed = functional.scaled_dot_product_attention(
            self.to_q(sites), self.to_k(sites), self.to_v(sites)
        )
        changed: Tensor = x + self.to_out[0](mixed).transpose(1, 2).reshape(x.shape)
        return changed


class _Middle(nn.Module):
    def __init__(self, width: int, has_attention: bool) -> None:
        super().__init__()
        self.resnets = nn.ModuleList([_Residual(width, width), _Residual(width, width)])
        self.attentions = nn.ModuleList([_Attention(width)] if has_attention else [])

    def forward(self, x: Tensor) -> Tensor:
        x = self.resnets[0](x)
        for attention in self.attentions:
            x = attention(x)
        y: Tensor = self.resnets[1](x)
        return y


class _Sampler(nn.Module):
    """Half the size by a strided convolution, or twice the size by repetition."""

    def __init__(self, width: int, is_finer: bool) -> None:
        super().__init__()
        self.is_finer = is_finer
        self.conv = nn.Conv2d(
            width, width, 3, stride=1 if is_finer else 2, padding=1 if is_finer else 0
        )

    def forward(self, x: Tensor) -> Tensor:
        if self.is_finer:
            x = functional.interpolate(x, scale_factor=2.0, mode="nearest")
        else:
            x = functional.pad(x, (0, 1, 0, 1))  # to the right and below only, as published
        y: Tensor = self.conv(x)
        return y


class _Level(nn.Module):
    def __init__(self, in_channels: int, width: int, blocks: int) -> None:
        super().__init__()
        self.resnets = nn.ModuleList(
            _Residual(in_channels if not block else width, width) for block in range(blocks)
        )

    def forward(self, x: Tensor) -> Tensor:
        for block in self.resnets:
            x = block(x)
        return x


class _Down(_Level):
    def __init__(self, in_channels: int, width: int, blocks: int, is_last: bool) -> None:
        super().__init__(in_channels, width, blocks)
        self.downsamplers = nn.ModuleList([] if is_last else [_Sampler(width, is_finer=False)])

    def forward(self, x: Tensor) -> Tensor:
        x = super().forward(x)
        for sampler in self.downsamplers:
            x = sampler(x)
        return x


class _Up(_Level):
    def __init__(self, in_channels: int, width: int, blocks: int, is_last: bool) -> None:
        super().__init__(in_channels, width, blocks)
        self.upsamplers = nn.ModuleList([] if is_last else [_Sampler(width, is_finer=True)])

    def forward(self, x: Tensor) -> Tensor:
        x = super().forward(x)
        for sampler in self.upsamplers:
            x = sampler(x)
        return x


class _Half(nn.Module):
    """What encoder and decoder end with."""

    def __init__(self, width: int, out_channels: int, *, has_attention: bool, middle: int) -> None:
        super().__init__()
        self.mid_block = _Middle(middle, has_attention)
        self.conv_norm_out = nn.GroupNorm(GROUPS, width, EPSILON)
        self.conv_out = nn.Conv2d(width, out_channels, 3, padding=1)

    def finish(self, x: Tensor) -> Tensor:
        y: Tensor = self.conv_out(functional.silu(self.conv_norm_out(x)))
        return y


class _Encoder(_Half):
    def __init__(self, layout: PublishedLayout) -> None:
        widths = layout.widths
        super().__init__(
            widths[-1],
            2 * layout.latent_channels,
            has_attention=layout.has_attention,
            middle=widths[-1],
        )
        self.conv_in = nn.Conv2d(layout.channels, widths[0], 3, padding=1)
        self.down_blocks = nn.ModuleList(
            _Down(before, width, layout.blocks, level == len(widths) - 1)
            for level, (before, width) in enumerate(
                zip((widths[0], *widths[:-1]), widths, strict=True)
            )
        )

    def forward(self, pictures: Tensor) -> Tensor:
        x = self.conv_in(pictures)
        for block in self.down_blocks:
            x = block(x)
        return self.finish(self.mid_block(x))


class _Decoder(_Half):
    def __init__(self, layout: PublishedLayout) -> None:
        widths = layout.widths[::-1]
        super().__init__(
            widths[-1], layout.channels, has_attention=layout.has_attention, middle=widths[0]
        )
        self.conv_in = nn.Conv2d(layout.latent_channels, widths[0], 3, padding=1)
        self.up_blocks = nn.ModuleList(
            _Up(before, width, layout.blocks + 1, level == len(widths) - 1)
            for level, (before, width) in enumerate(
                zip((widths[0], *widths[:-1]), widths, strict=True)
            )
        )

    def forward(self, latents: Tensor) -> Tensor:
        x = self.mid_block(self.conv_in(latents))
        for block in self.up_blocks:
            x = block(x)
        return self.finish(x)


class PublishedAutoencoder(nn.Module):
    """Encode pictures to latent maps, and decode those; parameter names as in diffusers.

    Parameters
    ----------
    layout : PublishedLayout

    Notes
    -----
    Latent maps are not scaled: the factor diffusion models apply is none of the autoencoder.
    Normalisation and attention look at the whole picture, so tiles differ from the whole.
    """

    def __init__(self, layout: PublishedLayout) -> None:
        super().__init__()
        self.layout = layout
        latent = layout.latent_channels
        self.encoder = _Encoder(layout)
        self.decoder = _Decoder(layout)
        self.quant_conv = nn.Conv2d(2 * latent, 2 * latent, 1) if layout.has_quant else None
        self.post_quant_conv = nn.Conv2d(latent, latent, 1) if layout.has_quant else None

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
        """Return the distribution of the latent map; see `CompactAutoencoder.posterior`."""
        check_sides(pictures, self.stride)
        moments = self.encoder(2.0 * pictures - 1.0)
        if self.quant_conv is not None:
            moments = self.quant_conv(moments)
        return split_posterior(moments)

    def encode(self, pictures: Tensor) -> Tensor:
        """Return the mode of the posterior, (N, latent channels, H / stride, W / stride)."""
        return self.posterior(pictures).mean

    def decode(self, latents: Tensor) -> Tensor:
        """Return pictures (N, C, H, W), about [0, 1], not clipped."""
        if self.post_quant_conv is not None:
            latents = self.post_quant_conv(latents)
        pictures: Tensor = 0.5 * (self.decoder(latents) + 1.0)
        return pictures

    def forward(self, pictures: Tensor) -> Tensor:
        """Return what is left of pictures (N, C, H, W) after encoding and decoding."""
        return self.decode(self.encode(pictures))


def build_published(layout: str) -> nn.Module:
    """Build a published autoencoder without weights; see `parse_published`."""
    return PublishedAutoencoder(parse_published(layout))
