"""Overlapping patches of latent maps, and the way back by a weighted mean."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional


def valid_patches(maps: Tensor, size: int) -> Tensor:
    """Return all patches that lie inside the maps, for statistics.

    Parameters
    ----------
    maps : Tensor, shape (N, C, H, W)
    size : int, odd

    Returns
    -------
    Tensor, shape (N * (H - size + 1) * (W - size + 1), C * size * size)
        Values in the order channel, row, column.
    """
    _check_size(size)
    patches = functional.unfold(maps, size)
    return patches.transpose(1, 2).reshape(-1, patches.shape[1])


def centred_patches(maps: Tensor, size: int) -> Tensor:
    """Return one patch around every site, the border repeated outward.

    Parameters
    ----------
    maps : Tensor, shape (N, C, H, W)
    size : int, odd

    Returns
    -------
    Tensor, shape (N * H * W, C * size * size)
    """
    _check_size(size)
    return valid_patches(functional.pad(maps, (size // 2,) * 4, mode="replicate"), size)


def fold_patches(
    patches: Tensor,
    shape: torch.Size,
    size: int,
    *,
    kernel: int | None = None,
    sigma: float = math.inf,
) -> Tensor:
    """Put patches out of `centred_patches` back: the weighted mean of all that cover a site.

    Parameters
    ----------
    patches : Tensor, shape (N * H * W, C * size * size)
    shape : (N, C, H, W)
    size : int, odd
    kernel : int, odd, at most size, optional
        Side of the middle of each patch that has weight; the whole patch by default.
    sigma : float, > 0
        Of the Gaussian weights, in sites; infinite for equal weights.

    Returns
    -------
    Tensor, shape (N, C, H, W)
    """
    n, channels, height, width = shape
    margin = size // 2
    padded = (height + 2 * margin, width + 2 * margin)
    weights = fold_weights(size, kernel, sigma).to(patches)
    columns = patches.reshape(n, height * width, -1).transpose(1, 2)
    total = functional.fold(columns * weights.repeat(channels)[:, None], padded, size)
    cover = functional.fold(weights[:, None].expand(1, -1, height * width), padded, size)
    inside = (..., slice(margin, margin + height), slice(margin, margin + width))
    return total[inside] / cover[inside]


def fold_weights(size: int, kernel: int | None, sigma: float) -> Tensor:
    """Return the weight of each position in a patch, shape (size * size,), float64.

    Raises
    ------
    ValueError
        If a side is even, the kernel exceeds the patch, or sigma is not positive.
    """
    _check_size(size)
    kernel = size if kernel is None else kernel
    _check_size(kernel)
    if kernel > size or not sigma > 0:
        raise ValueError(f"Expected a kernel up to {size}, sigma > 0; got {kernel}, {sigma}.")
    offset = torch.arange(size, dtype=torch.float64) - size // 2
    line = torch.exp(-(offset**2) / (2 * sigma**2)) * (offset.abs() <= kernel // 2)
    return torch.outer(line, line).flatten()


def _check_size(size: int) -> None:
    if size < 1 or size % 2 == 0:
        raise ValueError(f"Expected an odd side; got {size}.")
