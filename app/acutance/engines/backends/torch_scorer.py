"""Scoring by torch: the reference in float32, and bfloat16 where the device has the units."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

import torch

from acutance.engines.backends.base import BackendUnavailableError
from acutance.engines.device import has_bfloat16

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class TorchScorer:
    """A network of torch, its channels last.

    Parameters
    ----------
    network : nn.Module
        In evaluation mode, on the device.
    dtype : torch.dtype
        Of weights and activations.
    """

    def __init__(self, network: torch.nn.Module, dtype: torch.dtype = torch.float32) -> None:
        self._network = network
        self._dtype = dtype

    @torch.inference_mode()
    def __call__(self, batch: torch.Tensor) -> NDArray[np.float64]:
        """Score slices (N, 1, 256, 256) on the device; return (N,)."""
        given = batch.to(dtype=self._dtype, memory_format=torch.channels_last)
        scores: NDArray[np.float64] = self._network(given).reshape(-1).double().cpu().numpy()
        return scores


def load_bfloat16(network: torch.nn.Module, device: torch.device) -> TorchScorer:
    """Return a copy of a network in bfloat16.

    Raises
    ------
    BackendUnavailableError
        If the device has no units for it: without them it is several times as slow.
    """
    if not has_bfloat16(device):
        raise BackendUnavailableError("this processor has no units for bfloat16")
    return TorchScorer(copy.deepcopy(network).to(torch.bfloat16), torch.bfloat16)
