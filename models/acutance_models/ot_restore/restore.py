"""Move restored pictures toward the appearance of sharp ones, by as much as is asked for."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import torch

from acutance_models.ot_restore.patches import centred_patches, fold_patches

if TYPE_CHECKING:
    from torch import Tensor

    from acutance_models.ot_restore.operator import FittedOperator
    from acutance_models.ot_restore.spaces import LatentSpace


def transport_latents(
    latents: Tensor,
    operator: FittedOperator,
    *,
    kernel: int | None = None,
    sigma: float = math.inf,
    seed: int = 0,
) -> Tensor:
    """Transport every patch and fold the patches back, in float64.

    Parameters
    ----------
    latents : Tensor, shape (N, C, H, W)
    operator : FittedOperator
    kernel, sigma
        Weights of folding; see `fold_patches`.
    seed : int
        Of the noise that a degenerate source needs, drawn for each patch by itself.

    Returns
    -------
    Tensor, shape (N, C, H, W), float64

    Raises
    ------
    ValueError
        If the operator was fitted for another number of channels.
    """
    if latents.shape[1] != operator.channels:
        raise ValueError(f"Expected {operator.channels} channels; got {latents.shape[1]}.")
    patches = centred_patches(latents.double(), operator.patch)
    matrix = torch.as_tensor(operator.matrix).to(patches)
    source = torch.as_tensor(operator.mean_source).to(patches)
    target = torch.as_tensor(operator.mean_target).to(patches)
    moved = (patches - source) @ matrix.T + target
    if operator.noise_root is not None:
        generator = torch.Generator().manual_seed(seed)
        noise = torch.randn(patches.shape, generator=generator, dtype=torch.float64).to(patches)
        moved = moved + noise @ torch.as_tensor(operator.noise_root).to(patches).T
    return fold_patches(moved, latents.shape, operator.patch, kernel=kernel, sigma=sigma)


def perceptual_end(
    restored: Tensor,
    space: LatentSpace,
    operator: FittedOperator | None,
    *,
    residual: bool = True,
    kernel: int | None = None,
    sigma: float = math.inf,
    seed: int = 0,
) -> Tensor:
    """Return the perceptual end of the slider, alpha = 0.

    Parameters
    ----------
    restored : Tensor, shape (N, C, H, W), in [0, 1]
        x*, what a restoration made.
    space : LatentSpace
    operator : FittedOperator or None
        None for no transport.
    residual : bool
        x* + [D(T E x*) - D(E x*)], so that no transport returns x* exactly; else D(T E x*), as in
        the published code.
    kernel, sigma, seed
        See `transport_latents`.

    Returns
    -------
    Tensor, shape (N, C, H, W), the type of `restored`, not clipped

    Raises
    ------
    ValueError
        If the operator was fitted in another space.
    """
    if operator is not None and operator.space != space.name:
        raise ValueError(f"The operator was fitted in {operator.space}, not in {space.name}.")
    if operator is None and residual:
        return restored
    latents = space.encode(restored)
    moved = latents
    if operator is not None:
        moved = transport_latents(latents, operator, kernel=kernel, sigma=sigma, seed=seed)
    decoded = space.decode(moved)
    if residual:
        decoded = restored.double() + (decoded.double() - space.decode(latents).double())
    return decoded.to(restored.dtype)


def blend(
    perceptual: Tensor,
    restored: Tensor,
    alpha: float,
    *,
    limits: tuple[float, float] | None = (0.0, 1.0),
) -> Tensor:
    """Return (1 - alpha) x0 + alpha x*, the slider between its two ends.

    Parameters
    ----------
    perceptual, restored : Tensor, one shape
        x0 (alpha = 0) and x* (alpha = 1).
    alpha : float
        Outside [0, 1] extrapolates. At 1, x* itself is returned, bit for bit and unclipped.
    limits : (float, float) or None
        What the result is clipped to.
    """
    if alpha == 1:
        return restored
    mixed = (1 - alpha) * perceptual + alpha * restored
    return mixed if limits is None else mixed.clamp(*limits)
