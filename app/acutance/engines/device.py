"""Where an engine computes."""

from __future__ import annotations

import torch

from acutance.errors import UnsupportedInputError


def resolve_device(name: str) -> torch.device:
    """Return the torch device for "auto", "cpu" or "cuda:N".

    `auto` is the first CUDA device where there is one, else the CPU.

    Raises
    ------
    UnsupportedInputError
        If the name is of no known form or this machine has no such device.
    """
    if name == "auto":
        return torch.device("cuda:0" if torch.cuda.is_available() else "cpu")
    if name == "cpu":
        return torch.device("cpu")
    kind, _, number = name.partition(":")
    if kind != "cuda" or not number.isdecimal():
        raise UnsupportedInputError(
            f"Device {name!r} is not known.", remedy="Use auto, cpu or cuda:N."
        )
    count = torch.cuda.device_count() if torch.cuda.is_available() else 0
    if int(number) >= count:
        raise UnsupportedInputError(
            f"Device {name} was asked for, but this machine offers {count} CUDA device(s).",
            remedy="Use --device auto or --device cpu.",
        )
    return torch.device(name)
