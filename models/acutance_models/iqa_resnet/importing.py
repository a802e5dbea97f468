"""Recognise a state dict of the published regression networks and load it whole."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from torch import Tensor

from acutance_models.errors import UnknownNetworkError, WeightsError
from acutance_models.iqa_resnet.network import ARCHITECTURES, build
from acutance_models.loading import fill_network

if TYPE_CHECKING:
    from torch import nn

# Checkpoints of several data-parallel processes carry this prefix.
PARALLEL_PREFIX = "module."
HEAD_ALIASES = {"fc.weight": "fc.0.weight", "fc.bias": "fc.0.bias"}
STEM, BLOCK, BOTTLENECK = "conv1.weight", "layer1.0.conv2.weight", "layer1.0.conv3.weight"


def import_state_dict(state_dict: Mapping[str, Any], *, t: int | None = None) -> nn.Module:
    """Build the network a state dict belongs to and fill it.

    The network is recognised from names and shapes. A checkpoint that keeps its weights under
    ``state_dict`` is unwrapped, a ``module.`` prefix removed, and ``fc.weight`` and ``fc.bias``
    are read as the head.

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
        If a known network's entries are missing, unexpected, of another shape or not finite.
        Nothing is loaded in part.
    """
    del t
    nested = state_dict.get("state_dict", state_dict)
    if not isinstance(nested, Mapping):
        raise WeightsError(f"Expected a mapping of names to tensors; got {type(nested).__name__}.")
    state: dict[str, Tensor] = {}
    for name, value in nested.items():
        key = str(name).removeprefix(PARALLEL_PREFIX)
        key = HEAD_ALIASES.get(key, key)
        if not isinstance(value, Tensor):
            raise WeightsError(f"Expected a tensor for {name}; got {type(value).__name__}.")
        if key in state:
            raise WeightsError(f"{key} is given twice, under two names.", keys=(key,))
        state[key] = value
    architecture = recognise(state)
    network = build(architecture)
    fill_network(network, state, source=f"state dict of {architecture}")
    return network.eval()


def recognise(state: Mapping[str, Tensor]) -> str:
    """Return the architecture whose names and stem a state dict has.

    Parameters
    ----------
    state : mapping of str to Tensor

    Returns
    -------
    str
        ``"resnet18"`` or ``"resnet101"``.

    Raises
    ------
    UnknownNetworkError
        If it is neither.
    """
    has_stem = STEM in state and tuple(state[STEM].shape) == (64, 1, 7, 7)
    if has_stem and BOTTLENECK in state:
        return "resnet101"
    if has_stem and BLOCK in state:
        return "resnet18"
    found = ", ".join(sorted(state)[:3]) or "nothing"
    raise UnknownNetworkError(
        f"Expected the weights of one of {', '.join(ARCHITECTURES)} with a one-channel 7x7 stem; "
        f"got entries such as {found}.",
        known=ARCHITECTURES,
    )
