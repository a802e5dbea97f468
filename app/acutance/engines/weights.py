"""Weights that an engine loads, whichever network they are of."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from acutance.core.quality import UNVERIFIED, ModelFacts
from acutance.errors import EngineError
from acutance_models.errors import AcutanceModelsError
from acutance_models.loading import load_unverified

if TYPE_CHECKING:
    from pathlib import Path


def load_without_card(
    path: Path, recurrence: int | None, device: torch.device
) -> tuple[torch.nn.Module, ModelFacts]:
    """Load weights that have no model card.

    Parameters
    ----------
    path : Path
        A safetensors file.
    recurrence : int or None
        Steps of recurrence, where the network has some.
    device : torch.device

    Returns
    -------
    network : Module
    facts : ModelFacts
        Named after the architecture, and marked unverified.

    Raises
    ------
    EngineError
        If the file is damaged or of a network that is not known.
    """
    try:
        network, architecture, sha256 = load_unverified(path, t=recurrence, device=str(device))
    except AcutanceModelsError as error:
        raise EngineError(f"These weights cannot be used: {error}") from error
    return network, ModelFacts(architecture, UNVERIFIED, sha256, UNVERIFIED)


def channels_last(network: torch.nn.Module) -> torch.nn.Module:
    """Return the network with its weights channels last: 1.3 to 1.5 times as fast on a CPU."""
    return network.to(memory_format=torch.channels_last)  # type: ignore[call-overload,no-any-return]
