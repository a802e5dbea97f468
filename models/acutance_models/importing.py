"""Build the network that a state dict belongs to and fill it: all of it, or nothing."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any

from torch import Tensor

from acutance_models.errors import WeightsError
from acutance_models.families import WRAPPERS, recognise
from acutance_models.loading import fill_network

if TYPE_CHECKING:
    from torch import nn


def import_state_dict(state_dict: Mapping[str, Any], *, t: int | None = None) -> nn.Module:
    """Build the network a state dict belongs to and fill it.

    The family of the network is recognised from names and shapes alone; see
    `acutance_models.families`. A checkpoint that keeps its weights under ``state_dict`` is
    unwrapped, a ``module.`` prefix removed, and the aliases of the family are read.

    Parameters
    ----------
    state_dict : mapping of str to Tensor
        Or a checkpoint that holds one.
    t : int, optional
        Steps of recurrence, for networks that have some and do not store them. The residual
        networks have none and leave it unread.

    Returns
    -------
    nn.Module
        Float32, in evaluation mode, on the CPU.

    Raises
    ------
    UnknownNetworkError
        If names and shapes are those of no known network.
    WeightsError
        If a known network's entries are missing, unexpected, of another shape or not finite;
        the message reports them all. Nothing is loaded in part.
    """
    tensors, _ = unwrap(state_dict)
    family, architecture, names = recognise({k: tuple(v.shape) for k, v in tensors.items()})
    module, _, function = family.builder.partition(":")
    network: nn.Module = getattr(import_module(module), function)(architecture, t)
    state = {name: tensors[key] for key, name in names.items()}
    if family.prepare is not None:
        state = family.prepare(state)
    fill_network(network, state, source=f"state dict of {architecture}")
    return network.eval()


def unwrap(checkpoint: Mapping[str, Any]) -> tuple[dict[str, Tensor], tuple[str, ...]]:
    """Return the tensors of a checkpoint by name, and the names beside its state dict.

    Raises
    ------
    WeightsError
        If there is no mapping of names to tensors.
    """
    if not isinstance(checkpoint, Mapping):
        raise WeightsError(
            f"Expected a mapping of names to tensors; got {type(checkpoint).__name__}."
        )
    nested: Any = checkpoint
    beside: tuple[str, ...] = ()
    for wrapper in WRAPPERS:
        if wrapper in checkpoint:
            nested = checkpoint[wrapper]
            beside = tuple(str(key) for key in checkpoint if key != wrapper)
            break
    if not isinstance(nested, Mapping):
        raise WeightsError(f"Expected a mapping of names to tensors; got {type(nested).__name__}.")
    tensors: dict[str, Tensor] = {}
    for name, value in nested.items():
        if not isinstance(value, Tensor):
            raise WeightsError(f"Expected a tensor for {name}; got {type(value).__name__}.")
        tensors[str(name)] = value
    return tensors, beside
