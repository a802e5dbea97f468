"""Spaces the transport works in: pixels, components of small blocks, latent maps of a network."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import torch
from torch.nn import functional

from acutance_models.ot_restore.moments import Moments

if TYPE_CHECKING:
    from collections.abc import Iterable

    from torch import Tensor, nn


class LatentSpace(Protocol):
    """Maps pictures (N, C, H, W) in [0, 1] to latent maps, and back; deterministic."""

    name: str

    def encode(self, pictures: Tensor) -> Tensor:
        """Return latent maps (N, K, H / stride, W / stride)."""
        ...

    def decode(self, latents: Tensor) -> Tensor:
        """Return pictures (N, C, H, W)."""
        ...


class PixelSpace:
    """The pictures themselves."""

    name = "pixels"

    def encode(self, pictures: Tensor) -> Tensor:
        """Return the pictures."""
        return pictures

    def decode(self, latents: Tensor) -> Tensor:
        """Return the latents."""
        return latents


class BlockPcaSpace:
    """Principal components of blocks of pixels side by side; the fallback without a VAE.

    Parameters
    ----------
    basis : Tensor, shape (K, C, stride, stride), float64
        Orthonormal rows.
    mean : Tensor, shape (C, stride, stride), float64
    """

    def __init__(self, basis: Tensor, mean: Tensor) -> None:
        self.basis, self.mean = basis.double(), mean.double()
        self.stride = int(basis.shape[-1])
        self.name = f"block-pca-{self.stride}-{basis.shape[0]}"

    @classmethod
    def fit(cls, pictures: Iterable[Tensor], *, stride: int, components: int) -> BlockPcaSpace:
        """Take the leading components of pictures, each (N, C, H, W).

        Raises
        ------
        ValueError
            If there are no pictures, fewer than two blocks, or more components than a block has
            values.
        """
        moments: Moments | None = None
        channels = 0
        for picture in pictures:
            channels = picture.shape[1]
            blocks = functional.unfold(picture.double(), stride, stride=stride).transpose(1, 2)
            part = Moments.of(blocks.reshape(-1, blocks.shape[-1]).numpy())
            moments = part if moments is None else moments.merge(part)
        if moments is None:
            raise ValueError("Expected pictures; got none.")
        if not 1 <= components <= moments.mean.size:
            raise ValueError(f"Expected 1 to {moments.mean.size} components; got {components}.")
        _, vectors = torch.linalg.eigh(torch.from_numpy(moments.covariance))
        shape = (channels, stride, stride)
        basis = vectors.flip(1)[:, :components].T.reshape(components, *shape)
        return cls(basis, torch.from_numpy(moments.mean).reshape(shape))

    def encode(self, pictures: Tensor) -> Tensor:
        """Return components (N, K, H / stride, W / stride), float64.

        Raises
        ------
        ValueError
            If a side is no multiple of the stride.
        """
        if pictures.shape[-1] % self.stride or pictures.shape[-2] % self.stride:
            raise ValueError(f"Expected sides that are multiples of {self.stride}.")
        shift = (self.basis * self.mean).sum((1, 2, 3))
        return functional.conv2d(pictures.double(), self.basis, -shift, stride=self.stride)

    def decode(self, latents: Tensor) -> Tensor:
        """Return pictures (N, C, H, W), float64."""
        pictures = functional.conv_transpose2d(latents.double(), self.basis, stride=self.stride)
        rows, columns = latents.shape[-2:]
        return pictures + self.mean.repeat(1, rows, columns)


class AutoencoderSpace:
    """Latent maps of an autoencoder: the mode of its posterior.

    Parameters
    ----------
    network : nn.Module
        Out of `acutance_models.ot_restore.autoencoder.build_autoencoder`, in evaluation mode.
    name : str
        Tells this very network from others, e.g. its id and version: an operator fitted in one
        space is of no use in another.
    channels : int
        Of the pictures.

    Raises
    ------
    ValueError
        If pictures of so many channels cannot go through the network.

    Notes
    -----
    A network of one channel takes each plane of a colour picture by itself, so that there are
    C latent maps for each picture. One of three channels gets a grey picture three times, and its
    three answers are averaged.
    """

    def __init__(self, network: nn.Module, *, name: str, channels: int = 1) -> None:
        self.network, self.name = network, name
        self.stride = int(network.stride)  # type: ignore[arg-type]
        self.channels = channels
        self._network_channels = int(network.channels)  # type: ignore[arg-type]
        if channels != self._network_channels and 1 not in (channels, self._network_channels):
            raise ValueError(
                f"Expected pictures of {self._network_channels} or 1 channels; got {channels}."
            )

    def encode(self, pictures: Tensor) -> Tensor:
        """Return latent maps (N, K, H / stride, W / stride), or (N C, K, ...) of N C planes.

        Raises
        ------
        ValueError
            If a side is no multiple of the stride.
        """
        height, width = pictures.shape[-2:]
        if self._network_channels == 1:
            pictures = pictures.reshape(-1, 1, height, width)
        elif self.channels == 1:
            pictures = pictures.expand(-1, self._network_channels, -1, -1)
        with torch.inference_mode():
            latents: Tensor = self.network.encode(pictures.float())  # type: ignore[operator]
        return latents

    def decode(self, latents: Tensor) -> Tensor:
        """Return pictures (N, C, H, W), float32, not clipped."""
        with torch.inference_mode():
            pictures: Tensor = self.network.decode(latents.float())  # type: ignore[operator]
        if self._network_channels == 1:
            return pictures.reshape(-1, self.channels, *pictures.shape[-2:])
        return pictures.mean(1, keepdim=True) if self.channels == 1 else pictures
