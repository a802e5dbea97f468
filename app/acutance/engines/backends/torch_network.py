"""Networks by torch: the reference in float32, and bfloat16 where the device has the units."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

import torch

from acutance.engines.backends.base import BackendUnavailableError
from acutance.engines.device import has_bfloat16

if TYPE_CHECKING:
    from collections.abc import Sequence

    from acutance.engines.backends.base import Part


class TorchNetwork:
    """Modules of torch one after the other, their channels last.

    Parameters
    ----------
    modules : sequence of (nn.Module, torch.dtype)
        In evaluation mode, on the device, each with the type of its weights and activations.
    """

    def __init__(self, *modules: tuple[torch.nn.Module, torch.dtype]) -> None:
        self._modules = modules

    @torch.inference_mode()
    def __call__(self, batch: torch.Tensor) -> torch.Tensor:
        """Map (N, C, H, W) on the device to what the network gives, float32."""
        for module, dtype in self._modules:
            batch = module(batch.to(dtype=dtype, memory_format=torch.channels_last))
        return batch.float()


def load_bfloat16(parts: Sequence[Part], device: torch.device) -> TorchNetwork:
    """Return a copy of a network in bfloat16, but for the parts that have to be exact.

    Raises
    ------
    BackendUnavailableError
        If the device has no units for it: without them it is several times as slow.
    """
    if not has_bfloat16(device):
        raise BackendUnavailableError("this processor has no units for bfloat16")
    return TorchNetwork(
        *(
            (part.module, torch.float32)
            if part.is_exact
            else (copy.deepcopy(part.module).to(torch.bfloat16), torch.bfloat16)
            for part in parts
        )
    )
