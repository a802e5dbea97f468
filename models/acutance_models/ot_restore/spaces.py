"""Spaces the transport works in: pixels, and principal components of small blocks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import torch
from torch.nn import functional

from acutance_models.ot_restore.moments import Moments

if TYPE_CHECKING:
    from collections.abc import Iterable

    from torch import Tensor


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
