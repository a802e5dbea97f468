"""Names and shapes by which a checkpoint of the regression networks is known. No torch."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

#: Checkpoints of several data-parallel processes put this before every name.
PARALLEL_PREFIX = "module."
#: Other names of the head.
ALIASES = {"fc.weight": "fc.0.weight", "fc.bias": "fc.0.bias"}
STEM, BLOCK, BOTTLENECK = "conv1.weight", "layer1.0.conv2.weight", "layer1.0.conv3.weight"
STEM_SHAPE = (64, 1, 7, 7)


def resnet_names(keys: Iterable[str]) -> dict[str, str]:
    """Return for each name of a checkpoint what the network calls the entry."""
    plain = {key: key.removeprefix(PARALLEL_PREFIX) for key in keys}
    return {key: ALIASES.get(name, name) for key, name in plain.items()}


def resnet_architecture(shapes: Mapping[str, tuple[int, ...]]) -> str | None:
    """Return the architecture whose names and stem a state dict has.

    Parameters
    ----------
    shapes : mapping of str to tuple of int

    Returns
    -------
    str or None
        ``"resnet18"`` or ``"resnet101"``; None where it is neither.
    """
    if shapes.get(STEM) != STEM_SHAPE or BLOCK not in shapes:
        return None
    return "resnet101" if BOTTLENECK in shapes else "resnet18"
